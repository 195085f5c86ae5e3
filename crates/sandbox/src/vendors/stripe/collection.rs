//! Objects of one kind in the order in which they were created, and Stripe's cursor pagination over them:
//! <https://docs.stripe.com/api/pagination>.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::error::ApiError;
use super::params::Params;

/// An object of the API.
pub(super) trait ApiObject {
    /// The name of its kind in the API.
    const OBJECT: &'static str;

    fn id(&self) -> &str;

    fn created(&self) -> i64;
}

/// All objects of one kind.
#[derive(Debug)]
pub(super) struct Collection<T> {
    items: Vec<T>,
    /// The position in `items` of each id.
    positions: HashMap<String, usize>,
}

impl<T> Default for Collection<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            positions: HashMap::new(),
        }
    }
}

impl<T: ApiObject + Clone> Collection<T> {
    /// Adds the object, or replaces its older version.
    pub(super) fn put(&mut self, item: T) {
        match self.positions.get(item.id()) {
            Some(at) => {
                if let Some(stored) = self.items.get_mut(*at) {
                    *stored = item;
                }
            }
            None => {
                self.positions
                    .insert(item.id().to_owned(), self.items.len());
                self.items.push(item);
            }
        }
    }

    pub(super) fn get(&self, id: &str) -> Option<&T> {
        self.items.get(*self.positions.get(id)?)
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.items.get_mut(*self.positions.get(id)?)
    }

    /// A copy of the object that a path names, or the 404 error for it.
    pub(super) fn find(&self, id: &str, param: &str) -> Result<T, ApiError> {
        self.get(id)
            .cloned()
            .ok_or_else(|| ApiError::not_found(T::OBJECT, id, param))
    }

    /// The objects, the oldest first.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.items.iter()
    }

    /// One page of the objects that `matches` accepts, the newest first.
    pub(super) fn page(
        &self,
        request: &ListRequest,
        url: &str,
        matches: impl Fn(&T) -> bool,
        show: impl Fn(&T) -> Value,
    ) -> Result<Value, ApiError> {
        let position = |cursor: &Option<String>, param| match cursor {
            None => Ok(None),
            Some(id) => match self.positions.get(id) {
                Some(at) => Ok(Some(*at)),
                None => Err(ApiError::missing(T::OBJECT, id, param)),
            },
        };
        let after = position(&request.starting_after, "starting_after")?;
        let before = position(&request.ending_before, "ending_before")?;
        let in_list = |item: &&T| matches(item) && request.created.contains(item.created());
        let (mut page, more): (Vec<&T>, bool) = match before {
            // The page that ends just before the cursor: collect upwards from the cursor, then reverse.
            Some(at) => {
                let mut rest = self.items.iter().skip(at + 1).filter(in_list);
                let mut page: Vec<&T> = rest.by_ref().take(request.limit).collect();
                page.reverse();
                (page, rest.next().is_some())
            }
            None => {
                let end = after.unwrap_or(self.items.len());
                let mut rest = self.items.iter().take(end).rev().filter(in_list);
                (
                    rest.by_ref().take(request.limit).collect(),
                    rest.next().is_some(),
                )
            }
        };
        let data: Vec<Value> = page.drain(..).map(show).collect();
        Ok(json!({"object": "list", "data": data, "has_more": more, "url": url}))
    }
}

/// The parameters of a list request.
#[derive(Debug)]
pub(super) struct ListRequest {
    limit: usize,
    starting_after: Option<String>,
    ending_before: Option<String>,
    created: Range,
}

impl ListRequest {
    pub(super) fn read(params: &mut Params) -> Result<Self, ApiError> {
        let limit = params.integer("limit")?.unwrap_or(10);
        let limit = usize::try_from(limit)
            .ok()
            .filter(|limit| (1..=100).contains(limit))
            .ok_or_else(|| {
                let message = match limit {
                    ..1 => "This value must be greater than or equal to 1.",
                    _ => "This value must be less than or equal to 100.",
                };
                ApiError::invalid(message)
                    .code("parameter_invalid_integer")
                    .param("limit")
            })?;
        let starting_after = params.text("starting_after")?;
        let ending_before = params.text("ending_before")?;
        if starting_after.is_some() && ending_before.is_some() {
            let message = "You may only provide one of ending_before or starting_after.";
            return Err(ApiError::invalid(message));
        }
        Ok(Self {
            limit,
            starting_after,
            ending_before,
            created: Range::read(params)?,
        })
    }
}

/// The `created` filter, as an inclusive range.
#[derive(Debug, Default)]
struct Range {
    least: Option<i64>,
    most: Option<i64>,
}

impl Range {
    fn read(params: &mut Params) -> Result<Self, ApiError> {
        if !params.has("created") {
            return Ok(Self::default());
        }
        match params.object("created") {
            Ok(Some(mut parts)) => {
                let gt = parts.integer("gt")?.map(|at| at.saturating_add(1));
                let lt = parts.integer("lt")?.map(|at| at.saturating_sub(1));
                let least = parts.integer("gte")?.max(gt);
                let most = match (parts.integer("lte")?, lt) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (a, b) => a.or(b),
                };
                parts.finish()?;
                Ok(Self { least, most })
            }
            Ok(None) => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    fn contains(&self, created: i64) -> bool {
        self.least.is_none_or(|at| created >= at) && self.most.is_none_or(|at| created <= at)
    }
}
