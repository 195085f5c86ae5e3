//! Saved sources; see <https://developer.paypal.com/docs/api/payment-tokens/v3/>.

use anyvendor_core::{
    Error, extension,
    payment::{
        ListSources, NextAction, PayerPresence, PaymentSource, RemoveSource, SaveField, SaveSource,
        SaveSourceOutcome, SavedSource, SourceDetails,
    },
    resilience::{MalformedResponse, Operation, OperationClass, response_id},
    values::{Cursor, Page, SensitiveUrl, VendorIds},
};
use http::{HeaderMap, Method};
use serde_json::{Value, json};

use super::{
    customer::customer_of,
    id::{self, REFERENCE, SETUP},
    list::item,
    order::page,
    pay_with::Payer,
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

impl PayPal {
    /// Lets the payer choose a source on PayPal's page, or saves the source that they chose there.
    pub(super) async fn save(&self, request: SaveSource) -> Result<SaveSourceOutcome, Error> {
        check(&request)?;
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
        if request.return_url.is_none() {
            let remedy = "is needed: the payer chooses on the vendor's page and has to return";
            return Err(Error::invalid("return_url", remedy));
        }
        let payer = Payer {
            presence: PayerPresence::OnSession,
            return_url: request.return_url.as_ref(),
            cancel_url: request.cancel_url.as_ref(),
            options: None,
        };
        let mut context = self.page(payer)?.unwrap_or_default();
        // There is nothing to pay.
        context.remove("user_action");
        let wallet = json!({"usage_type": "MERCHANT", "experience_context": context});
        let mut body = json!({"payment_source": {"paypal": wallet}});
        let customer = VendorIds::from(request.customer.clone());
        if let Some(customer) = customer_of(&customer, None)? {
            put(&mut body, "customer", customer);
        }
        let scope = self.pipeline.writing(&request.options);
        let segments = ["v3", "vault", "setup-tokens"];
        let headers = HeaderMap::new();
        let response = self
            .post(
                &scope,
                Post {
                    operation: &SETUP_TOKEN,
                    segments: &segments,
                    body: Some(&body),
                    key: &request.idempotency_key,
                    step: Some("setup"),
                    headers,
                },
            )
            .await?;
        response.decode(|token: SetupToken| waiting(&token))
    }

    async fn keep(&self, request: &SaveSource, id: &str) -> Result<SaveSourceOutcome, Error> {
        let scope = self.pipeline.writing(&request.options);
        let segments = ["v3", "vault", "setup-tokens", id];
        let response = self.get(&scope, &GET_SETUP, &segments, &[]).await?;
        let token: SetupToken = response.json()?;
        if matches!(token.status.as_str(), "CREATED" | "PAYER_ACTION_REQUIRED") {
            return waiting(&token).map_err(|malformed| malformed.into_error(&response.head));
        }
        // One key per setup token: a repeated call returns the source that was saved.
        let key = request.idempotency_key.derive(id);
        let body = json!({"payment_source": {"token": {"id": id, "type": "SETUP_TOKEN"}}});
        let segments = ["v3", "vault", "payment-tokens"];
        let response = self
            .post(
                &scope,
                Post {
                    operation: &KEEP,
                    segments: &segments,
                    body: Some(&body),
                    key: &key,
                    step: Some("keep"),
                    headers: HeaderMap::new(),
                },
            )
            .await?;
        let saved = response.decode(|token: PaymentToken| saved(token, None))?;
        Ok(SaveSourceOutcome::Saved(saved))
    }

    pub(super) async fn sources(&self, request: ListSources) -> Result<Page<SavedSource>, Error> {
        extension::none(VENDOR, &request.extensions)?;
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
        let scope = self.pipeline.reading(&request.options);
        let response = self.get(&scope, &LIST, &segments, &query).await?;
        let list: PaymentTokens = response.json()?;
        let more = list.total_pages.is_some_and(|pages| number < pages);
        let next = more.then(|| Cursor::new(number.saturating_add(1).to_string()));
        let of = list.customer.and_then(|customer| customer.id);
        let items = list.payment_tokens.into_iter();
        let items = items.filter_map(|value| {
            item(&response.head, value, |token: PaymentToken| {
                saved(token, of.as_deref())
            })
        });
        Ok(Page::new(items.collect(), next.transpose()?))
    }

    pub(super) async fn remove(&self, request: RemoveSource) -> Result<(), Error> {
        extension::none(VENDOR, &request.extensions)?;
        let source = request.source.expect_vendor(VENDOR, "source")?;
        let (_, token) = id::source(source)?;
        let segments = ["v3", "vault", "payment-tokens", token];
        self.delete(&DELETE, &segments, &request.options)
            .await
            .map(drop)
    }
}

/// Decides about every field of the request.
fn check(request: &SaveSource) -> Result<(), Error> {
    for field in request.fields() {
        match field {
            SaveField::Customer
            | SaveField::IdempotencyKey
            | SaveField::Source
            | SaveField::ReturnUrl
            | SaveField::CancelUrl
            | SaveField::Options => {}
            // PayPal does not ask what a saved source is for: it can be charged with or without its payer.
            SaveField::FutureUse => {}
            // PayPal's page offers the same sources for every currency.
            SaveField::Currency => {}
            SaveField::Extensions => extension::none(VENDOR, &request.extensions)?,
        }
    }
    Ok(())
}

fn waiting(token: &SetupToken) -> Result<SaveSourceOutcome, MalformedResponse> {
    let id = response_id(VENDOR, Some(SETUP), &token.id)?;
    let action = match page(&token.links) {
        Some(page) => NextAction::HostedPage(SensitiveUrl::new(page)),
        None => NextAction::Other("payer_action_required".to_owned()),
    };
    Ok(SaveSourceOutcome::RequiresAction(id, action))
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
