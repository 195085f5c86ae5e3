//! A rejection of PayPal that is an outcome: a decline, a page that the payer has to open, or an object that has expired.

use anyvendor_core::{
    Error, Kind,
    payment::{Decline, NextAction, Payment, PaymentOutcome, PaymentStatus},
    resilience::Response,
};
use url::Url;

use super::{
    decline::decline_of_issue,
    order::{action, page},
};
use crate::{
    client::PayPal,
    error::gravest,
    issue::Group,
    wire::{ErrorBody, Link},
};

/// What a rejection means for the payment.
pub(super) struct Refusal {
    pub(super) group: Group,
    pub(super) decline: Decline,
    /// The status that the payment has now.
    pub(super) status: PaymentStatus,
    /// The order that the payer's page is about.
    pub(super) order: Option<String>,
    /// Whether there is a page for the payer.
    has_page: bool,
}

impl PayPal {
    pub(super) fn refusal(response: &Response) -> Result<Refusal, Error> {
        let body: ErrorBody = response.json()?;
        let Some((group, issue)) = gravest(&body) else {
            let message = "the vendor rejected the request for an unknown reason";
            return Err(response.head.refused(Kind::InvalidRequest, message));
        };
        let decline = decline_of_issue(issue);
        let page = page(&body.links);
        let status = match group {
            // Other objects than the order or the authorization expire too.
            Group::Expired if matches!(issue, "ORDER_EXPIRED" | "AUTHORIZATION_EXPIRED") => {
                PaymentStatus::Expired
            }
            Group::PayerAction => PaymentStatus::RequiresAction(action(&body.links)),
            // The order continues: the payer can choose another source on the page.
            Group::Declined if is_redirect(&body.links) => {
                PaymentStatus::RequiresAction(action(&body.links))
            }
            _ => PaymentStatus::Declined(decline.clone()),
        };
        Ok(Refusal {
            group,
            decline,
            status,
            order: page.as_ref().and_then(order_of),
            has_page: page.is_some(),
        })
    }
}

impl Refusal {
    /// The outcome for a payment that was known before.
    pub(super) fn of(self, mut payment: Payment) -> PaymentOutcome {
        // A rejection without a link does not change the page that the payer should open.
        let had_page = matches!(payment.status, PaymentStatus::RequiresAction(_));
        if !(self.group == Group::PayerAction && !self.has_page && had_page) {
            payment.status = self.status;
        }
        payment.into()
    }

    /// The page that the payer has to open, if the order continues there.
    pub(super) fn next_action(&self) -> Option<&NextAction> {
        match &self.status {
            PaymentStatus::RequiresAction(action) if self.has_page => Some(action),
            _ => None,
        }
    }
}

fn is_redirect(links: &[Link]) -> bool {
    links.iter().any(|link| link.rel == "redirect")
}

/// The order that a page of PayPal's is about: `token` of its checkout, `cart_id` of 3-D Secure.
fn order_of(page: &Url) -> Option<String> {
    let mut pairs = page.query_pairs();
    let (_, id) = pairs.find(|(name, _)| matches!(&**name, "token" | "cart_id"))?;
    let fits = (1..=36).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    fits.then(|| id.into_owned())
}
