//! Customers and saved sources; see <https://developer.paypal.com/docs/api/payment-tokens/v3/>.
//!
//! PayPal has no call that creates a customer: it creates one when the first source is saved. Until then a customer is
//! identified by our own id.

use anyvendor_core::{
    Error,
    payment::{
        Customer, CustomerRequest, ListSources, PaymentSource, RemoveSource, SaveSource,
        SaveSourceOutcome, SavedSource, SourceDetails,
    },
    resilience::{MalformedResponse, Operation, OperationClass, response_id},
    values::{Cursor, Page, VendorId, VendorIds},
};
use http::{HeaderMap, Method};
use serde_json::{Value, json};

use super::{
    create::{check_customer_reference, customer_of},
    id::{self, REFERENCE, SETUP},
    order::action,
};
use crate::{
    client::{PayPal, Post},
    config::VENDOR,
    wire::{CardDetails, PaymentToken, PaymentTokens, SetupToken, put},
};

const SETUP_TOKEN: Operation = Operation::new(
    "payment.source.save",
    &Method::POST,
    "/v3/vault/setup-tokens",
    OperationClass::Keyed,
);
const GET_SETUP: Operation = Operation::new(
    "payment.source.get_setup",
    &Method::GET,
    "/v3/vault/setup-tokens/{id}",
    OperationClass::Safe,
);
const KEEP: Operation = Operation::new(
    "payment.source.keep",
    &Method::POST,
    "/v3/vault/payment-tokens",
    OperationClass::Keyed,
);
const LIST: Operation = Operation::new(
    "payment.source.list",
    &Method::GET,
    "/v3/vault/payment-tokens",
    OperationClass::Safe,
);
const DELETE: Operation = Operation::new(
    "payment.source.remove",
    &Method::DELETE,
    "/v3/vault/payment-tokens/{id}",
    OperationClass::Idempotent,
);
/// The most items of a page that PayPal returns.
const MAX_PAGE: u32 = 5;

/// A customer for whom PayPal has no id yet. Sends nothing.
pub(super) fn customer(request: &CustomerRequest) -> Result<Customer, Error> {
    check_customer_reference(&request.reference)?;
    if !request.metadata.is_empty() {
        return Err(Error::unsupported(VENDOR, "metadata").with_field("metadata"));
    }
    let id = VendorId::new(VENDOR, [REFERENCE, "/", &request.reference].concat())?;
    Ok(Customer::new(id, &request.reference).pending())
}

impl PayPal {
    /// Lets the payer choose a source on PayPal's page, or saves the source that they chose there.
    pub(super) async fn save(&self, request: SaveSource) -> Result<SaveSourceOutcome, Error> {
        let source = request.source.as_ref();
        let source = match source {
            None | Some(PaymentSource::VendorPage) => None,
            Some(source) => source.expect_vendor(VENDOR, "source")?,
        };
        match source.map(|id| id.split_once('/')) {
            None => self.begin(&request).await,
            Some(Some((SETUP, id))) => self.keep(&request, id).await,
            Some(_) => Err(Error::invalid(
                "source",
                "must be the id that an earlier call returned while the payer had to act, or be left out",
            )),
        }
    }

    async fn begin(&self, request: &SaveSource) -> Result<SaveSourceOutcome, Error> {
        let urls = (request.return_url.as_ref(), request.cancel_url.as_ref());
        let mut context = self.experience(urls, None)?;
        if let Some(context) = context.as_object_mut() {
            // There is nothing to pay.
            context.remove("user_action");
        }
        let wallet = json!({"usage_type": "MERCHANT", "experience_context": context});
        let mut body = json!({"payment_source": {"paypal": wallet}});
        let customer = VendorIds::from(request.customer.clone());
        if let Some(customer) = customer_of(&customer, None)? {
            put(&mut body, "customer", customer);
        }
        let segments = ["v3", "vault", "setup-tokens"];
        let headers = HeaderMap::new();
        let response = self
            .post(Post {
                operation: &SETUP_TOKEN,
                segments: &segments,
                body: Some(&body),
                key: &request.idempotency_key,
                step: "setup",
                headers,
                options: &request.options,
            })
            .await?;
        response.decode(|token: SetupToken| waiting(&token))
    }

    async fn keep(&self, request: &SaveSource, id: &str) -> Result<SaveSourceOutcome, Error> {
        let options = &request.options;
        let segments = ["v3", "vault", "setup-tokens", id];
        let response = self.get(&GET_SETUP, &segments, &[], options).await?;
        let token: SetupToken = response.json()?;
        if matches!(token.status.as_str(), "CREATED" | "PAYER_ACTION_REQUIRED") {
            return waiting(&token).map_err(|malformed| malformed.into_error(&response.head));
        }
        // One key per setup token: a repeated call returns the source that was saved.
        let key = request.idempotency_key.derive(id);
        let body = json!({"payment_source": {"token": {"id": id, "type": "SETUP_TOKEN"}}});
        let segments = ["v3", "vault", "payment-tokens"];
        let response = self
            .post(Post {
                operation: &KEEP,
                segments: &segments,
                body: Some(&body),
                key: &key,
                step: "keep",
                headers: HeaderMap::new(),
                options,
            })
            .await?;
        let saved = response.decode(|token: PaymentToken| saved(token, None))?;
        Ok(SaveSourceOutcome::Saved(saved))
    }

    pub(super) async fn sources(&self, request: ListSources) -> Result<Page<SavedSource>, Error> {
        let customer = request.customer.expect_vendor(VENDOR, "customer")?;
        if customer.starts_with(REFERENCE) {
            return Err(Error::invalid(
                "customer",
                "is not known to the vendor before a source is saved; use the customer of the saved source",
            ));
        }
        let page = request.page.after.as_ref().map_or("1", Cursor::as_str);
        let Ok(number) = page.parse::<u32>() else {
            let remedy = "must be the cursor of the last page";
            return Err(Error::invalid("cursor", remedy));
        };
        let limit = request
            .page
            .limit
            .map_or(MAX_PAGE, |limit| limit.get().min(MAX_PAGE));
        let limit = limit.to_string();
        let query = [
            ("customer_id", customer),
            ("page_size", limit.as_str()),
            ("page", page),
            ("total_required", "true"),
        ];
        let segments = ["v3", "vault", "payment-tokens"];
        let response = self.get(&LIST, &segments, &query, &request.options).await?;
        let list: PaymentTokens = response.json()?;
        let more = list.total_pages.is_some_and(|pages| number < pages);
        let next = more.then(|| Cursor::new(number.saturating_add(1).to_string()));
        let of = list.customer.and_then(|customer| customer.id);
        let items = list.payment_tokens.into_iter();
        let items = items
            .map(|token| saved(token, of.as_deref()))
            .collect::<Result<_, _>>();
        let items = items.map_err(|malformed| malformed.into_error(&response.head))?;
        Ok(Page::new(items, next.transpose()?))
    }

    pub(super) async fn remove(&self, request: RemoveSource) -> Result<(), Error> {
        let source = request.source.expect_vendor(VENDOR, "source")?;
        let (_, token) = id::source(source)?;
        let segments = ["v3", "vault", "payment-tokens", token];
        self.delete(&DELETE, &segments, &request.options)
            .await
            .map(drop)
    }
}

fn waiting(token: &SetupToken) -> Result<SaveSourceOutcome, MalformedResponse> {
    let id = response_id(VENDOR, Some(SETUP), &token.id)?;
    Ok(SaveSourceOutcome::RequiresAction(id, action(&token.links)))
}

fn saved(token: PaymentToken, customer: Option<&str>) -> Result<SavedSource, MalformedResponse> {
    let Some((kind, source)) = token.payment_source.into_iter().next() else {
        return Err(MalformedResponse::bad_body(
            "the response does not contain the saved source",
        ));
    };
    let own = token.customer.and_then(|customer| customer.id);
    let customer = own.as_deref().or(customer);
    let customer = customer
        .map(|id| response_id(VENDOR, None, id))
        .transpose()?;
    let details = match kind.as_str() {
        "card" => card(source),
        _ => SourceDetails::Other(kind.clone()),
    };
    Ok(SavedSource::new(
        response_id(VENDOR, Some(&kind), &token.id)?,
        customer,
        details,
    ))
}

/// The details of a card, as far as PayPal gives them.
fn card(source: Value) -> SourceDetails {
    let read = |source| {
        let card: CardDetails = serde_json::from_value(source).ok()?;
        let (year, month) = card.expiry.as_deref()?.split_once('-')?;
        Some(SourceDetails::Card {
            brand: card.brand?.to_ascii_lowercase(),
            last4: card.last_digits?,
            expiry_month: month.parse().ok()?,
            expiry_year: year.parse().ok()?,
        })
    };
    read(source).unwrap_or_else(|| SourceDetails::Other("card".to_owned()))
}
