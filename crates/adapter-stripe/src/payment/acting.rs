//! The account that a request acts for. A connected account that a request chose is a part of every id that comes from it
//! (`acct_1/pi_1`), so that calls that follow reach it; an id without one belongs to the connection's account.

use anyvendor_core::{
    Error,
    payment::PaymentSource,
    resilience::{CallOptions, CallScope, MalformedResponse, response_id},
    values::VendorId,
};
use http::Extensions;

use super::options::StripeOptions;
use crate::{
    client::{Sender, Stripe},
    config::VENDOR,
};

/// The prefix of a connected account's id.
const ACCOUNT: &str = "acct_";

/// One call of the application: its scope, the account that it acts for, and its options.
#[derive(Clone)]
pub(super) struct Acting<'a> {
    /// The name of the call, for errors of all its requests.
    call: &'static str,
    pub(super) scope: CallScope,
    /// The account of the connection, if it has one.
    own: Option<&'a str>,
    /// The account that the request's options or ids name.
    chosen: Option<&'a str>,
    pub(super) options: Option<&'a StripeOptions>,
}

impl<'a> Acting<'a> {
    /// Begins a call that only reads.
    pub(super) fn reading(
        stripe: &'a Stripe,
        call: &'static str,
        extensions: &'a Extensions,
        options: &CallOptions,
    ) -> Result<Self, Error> {
        let scope = stripe.reading(options);
        Self::new(stripe, (call, scope), extensions, &[])
    }

    /// Begins a call that writes, for whose options only these fields can be expressed.
    pub(super) fn writing(
        stripe: &'a Stripe,
        call: &'static str,
        extensions: &'a Extensions,
        expressible: &[&[&str]],
        options: &CallOptions,
    ) -> Result<Self, Error> {
        let scope = stripe.writing(options);
        Self::new(stripe, (call, scope), extensions, expressible)
    }

    fn new(
        stripe: &'a Stripe,
        (call, scope): (&'static str, CallScope),
        extensions: &'a Extensions,
        expressible: &[&[&str]],
    ) -> Result<Self, Error> {
        let options = StripeOptions::of(extensions, expressible)?;
        Ok(Self {
            call,
            scope,
            own: stripe.account.as_deref(),
            chosen: options.and_then(|options| options.account.as_deref()),
            options,
        })
    }

    /// Stripe's part of an id of the request. An id that names an account chooses it for the whole request.
    pub(super) fn id(&mut self, id: &'a VendorId, field: &'static str) -> Result<&'a str, Error> {
        self.read(id.expect_vendor(VENDOR, field)?, field)
    }

    /// The same for an id that the request may lack.
    pub(super) fn some_id(
        &mut self,
        id: Option<&'a VendorId>,
        field: &'static str,
    ) -> Result<Option<&'a str>, Error> {
        id.map(|id| self.id(id, field)).transpose()
    }

    /// Stripe's part of the id of a source.
    pub(super) fn source(
        &mut self,
        source: Option<&'a PaymentSource>,
    ) -> Result<Option<&'a str>, Error> {
        match source {
            Some(source) => {
                let text = source.expect_vendor(VENDOR, "source")?;
                text.map(|text| self.read(text, "source")).transpose()
            }
            None => Ok(None),
        }
    }

    /// Stripe's part of an id, which may begin with an account.
    pub(super) fn read(&mut self, text: &'a str, field: &'static str) -> Result<&'a str, Error> {
        let (account, id) = match text.split_once('/') {
            Some((account, id)) if account.starts_with(ACCOUNT) => (account, id),
            _ => return Ok(text),
        };
        match self.chosen {
            Some(other) if other != account => Err(Error::invalid(
                field,
                "is on another connected account than the rest of the request",
            )),
            _ => {
                self.chosen = Some(account);
                Ok(id)
            }
        }
    }

    /// The connected account, if there is one.
    pub(super) fn account(&self) -> Option<&'a str> {
        self.chosen.or(self.own)
    }

    /// What a request of this call is sent with.
    pub(super) fn sender(&self) -> Sender<'_> {
        Sender {
            call: self.call,
            scope: &self.scope,
            account: self.account(),
        }
    }

    /// The id of an object in a response.
    pub(super) fn name(&self, id: &str) -> Result<VendorId, MalformedResponse> {
        response_id(VENDOR, self.chosen, id)
    }

    /// The id by which events name an object whose id contains an account: they give the account apart.
    pub(super) fn name_in_events(&self, id: &str) -> Result<Option<VendorId>, MalformedResponse> {
        let plain = self.chosen.map(|_| response_id(VENDOR, None, id));
        plain.transpose()
    }
}
