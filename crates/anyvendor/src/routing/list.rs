//! Lists over several vendors: the pages of one vendor after those of another.

use std::future::Future;

use anyvendor_core::{
    Error,
    values::{Cursor, Page, PageRequest},
};

use super::router::{Member, Router, Trail};

/// Separates the vendor's name from the vendor's own cursor; no vendor's name contains it.
const MARK: char = '|';

impl<P: ?Sized> Router<P> {
    /// Fetches the next page from the vendor that it belongs to, among those that can list. A cursor is the vendor's name
    /// and the vendor's own cursor. The page names the vendors that cannot list.
    pub(super) async fn list_in_turn<'a, T, F>(
        &'a self,
        page: PageRequest,
        can: impl Fn(&Member<P>) -> Result<(), Error>,
        call: impl FnOnce(&'a P, PageRequest) -> F,
    ) -> Result<Page<T>, Error>
    where
        F: Future<Output = Result<Page<T>, Error>>,
    {
        let position = page.after.as_ref().map(|cursor| {
            let position = cursor.as_str();
            position.split_once(MARK).unwrap_or((position, ""))
        });
        let mut unfit = None;
        let mut left_out = Vec::new();
        let mut able = Vec::new();
        for member in &self.members {
            match can(member) {
                Ok(()) => able.push(member),
                Err(why) => {
                    left_out.push(member.vendor);
                    unfit.get_or_insert(why);
                }
            }
        }
        let mut able = able.into_iter();
        let member = match position {
            None => able.next(),
            Some((vendor, _)) => able.find(|member| member.vendor == vendor),
        };
        let next = able.next();
        let Some(member) = member else {
            return Err(match position {
                None => unfit.unwrap_or_else(|| self.no_vendor(Trail::default())),
                Some(_) => {
                    let remedy =
                        "belongs to another list; use the cursor that came with the last page";
                    Error::invalid("cursor", remedy)
                }
            });
        };
        let own = position.map(|(_, own)| own).filter(|own| !own.is_empty());
        let mut request = PageRequest::first();
        request.limit = page.limit;
        request.after = own.map(Cursor::new).transpose()?;
        let page = call(&member.provider, request).await?;
        let next = match (&page.next, next) {
            (Some(own), _) => Some([member.vendor, own.as_str()].join("|")),
            (None, Some(next)) => Some(format!("{}{MARK}", next.vendor)),
            (None, None) => None,
        };
        let next = next.map(Cursor::new).transpose()?;
        let skipped = page.skipped;
        Ok(Page::new(page.items, next)
            .with_skipped(skipped)
            .with_left_out(left_out))
    }
}
