//! Saving a payment method without paying: by a SetupIntent, whose method the request or the browser names, or on Stripe's
//! page; see <https://docs.stripe.com/api/setup_intents>.

use anyvendor_core::{
    Error,
    form::Form,
    payment::{FutureUse, NextAction, PaymentSource, SaveSource, SaveSourceOutcome, SensitiveText},
    resilience::{MalformedResponse, Operation, OperationClass, Response},
    values::{Secret, VendorId},
};
use http::Method;

use super::{
    acting::Acting,
    checkout::{SESSION, hosted_page},
    current::current,
    decline::decline,
    fields,
    intent::{MAX_KEY, future_use, next_action},
};
use crate::{
    client::{Get, Post, Stripe},
    config::VENDOR,
    error::wrong_state,
    wire::{CheckoutSession, ErrorBody, Expandable, SetupIntent},
};

const SAVE: Operation = Operation::new(
    "payment.source.save",
    &Method::POST,
    "/v1/setup_intents",
    OperationClass::Keyed,
);
const SAVE_ON_PAGE: Operation = Operation::new(
    "payment.source.save",
    &Method::POST,
    "/v1/checkout/sessions",
    OperationClass::Keyed,
);
const GET: Operation = Operation::new(
    "payment.source.get_setup",
    &Method::GET,
    "/v1/setup_intents/{id}",
    OperationClass::Safe,
);
const GET_PAGE: Operation = Operation::new(
    "payment.source.get_setup",
    &Method::GET,
    "/v1/checkout/sessions/{id}",
    OperationClass::Safe,
);

/// The prefix of a setup intent's id, which identifies the source while the payer has to act.
const SETUP: &str = "seti_";

impl Stripe {
    pub(super) async fn save(&self, request: SaveSource) -> Result<SaveSourceOutcome, Error> {
        let mut at = Acting::writing(self, SAVE.name, &request.extensions, &[], &request.options)?;
        let customer = at.id(&request.customer, "customer")?;
        fields::of_save(&request)?;
        if request.source == Some(PaymentSource::VendorPage) {
            let form = page_form(customer, &request)?;
            return self.save_on_page(&at, form, &request).await;
        }
        let source = at.source(request.source.as_ref())?;
        match source {
            Some(id) if id.starts_with(SETUP) => self.set_up(&at, id).await,
            Some(id) if id.starts_with(SESSION) => self.set_up_page(&at, id).await,
            _ => {
                let form = setup_form(customer, source, &request);
                self.save_by_setup(&at, form, &request).await
            }
        }
    }

    /// Sends the request that saves a source, under a key of its own.
    async fn send_save(
        &self,
        at: &Acting<'_>,
        operation: &Operation,
        segments: &[&str],
        form: Form,
        request: &SaveSource,
    ) -> Result<Response, Error> {
        let key = request.idempotency_key.for_step("save", MAX_KEY);
        self.post(
            at.sender(),
            Post {
                operation,
                segments,
                form,
                key,
            },
        )
        .await
    }

    async fn save_by_setup(
        &self,
        at: &Acting<'_>,
        form: Form,
        request: &SaveSource,
    ) -> Result<SaveSourceOutcome, Error> {
        let segments = &["v1", "setup_intents"];
        let response = self.send_save(at, &SAVE, segments, form, request).await?;
        let (id, told) = if response.head.status.is_success() {
            let intent: SetupIntent = response.json()?;
            let id = intent.id.clone();
            (id, self.saved_by(at, &response, intent).await?)
        } else {
            let ErrorBody { error } = response.json()?;
            let outcome = SaveSourceOutcome::Declined(decline(&error));
            match error.setup_intent {
                Some(intent) => (intent.id().to_owned(), outcome),
                None => return Ok(outcome),
            }
        };
        current(&response.head, told, || self.set_up(at, &id)).await
    }

    async fn save_on_page(
        &self,
        at: &Acting<'_>,
        form: Form,
        request: &SaveSource,
    ) -> Result<SaveSourceOutcome, Error> {
        let segments = &["v1", "checkout", "sessions"];
        let response = self
            .send_save(at, &SAVE_ON_PAGE, segments, form, request)
            .await?;
        let session: CheckoutSession = response.json()?;
        let id = session.id.clone();
        let told = self.saved_on(at, &response, session).await?;
        let look_up = || self.set_up_page(at, &id);
        current(&response.head, told, look_up).await
    }

    /// The state of a source whose payer had to act.
    async fn set_up(&self, at: &Acting<'_>, id: &str) -> Result<SaveSourceOutcome, Error> {
        let response = self
            .get(
                at.sender(),
                Get {
                    operation: &GET,
                    segments: &["v1", "setup_intents", id],
                    query: Form::default().add("expand[0]", "payment_method"),
                },
            )
            .await?;
        self.saved_by(at, &response, response.json()?).await
    }

    /// The state of a source that the payer chooses on Stripe's page.
    async fn set_up_page(&self, at: &Acting<'_>, id: &str) -> Result<SaveSourceOutcome, Error> {
        let response = self
            .get(
                at.sender(),
                Get {
                    operation: &GET_PAGE,
                    segments: &["v1", "checkout", "sessions", id],
                    query: Form::default().add("expand[0]", "setup_intent.payment_method"),
                },
            )
            .await?;
        self.saved_on(at, &response, response.json()?).await
    }

    async fn saved_on(
        &self,
        at: &Acting<'_>,
        response: &Response,
        session: CheckoutSession,
    ) -> Result<SaveSourceOutcome, Error> {
        let malformed = |malformed: MalformedResponse| malformed.into_error(&response.head);
        self.check_mode(session.livemode).map_err(malformed)?;
        let id = at.name(&session.id).map_err(malformed)?;
        match (session.status.as_deref(), session.setup_intent) {
            (Some("open"), _) => {
                let page = hosted_page(session.url.as_deref()).map_err(malformed)?;
                Ok(SaveSourceOutcome::RequiresAction(id, page))
            }
            (Some("expired"), _) => Err(wrong_state(
                &response.head,
                None,
                "the vendor's page has closed; save the source under a new key",
            )),
            (_, Some(Expandable::Object(intent))) => self.saved_by(at, response, *intent).await,
            (_, Some(Expandable::Id(intent))) => {
                // Without its setup the response does not say what was chosen.
                Box::pin(self.set_up(at, &intent)).await
            }
            (_, None) => Ok(SaveSourceOutcome::Processing(id)),
        }
    }

    async fn saved_by(
        &self,
        at: &Acting<'_>,
        response: &Response,
        intent: SetupIntent,
    ) -> Result<SaveSourceOutcome, Error> {
        let malformed = |malformed: MalformedResponse| malformed.into_error(&response.head);
        self.check_mode(intent.livemode).map_err(malformed)?;
        let id = at.name(&intent.id).map_err(malformed)?;
        let secret = intent.client_secret.as_deref();
        match (intent.status.as_str(), intent.payment_method) {
            ("succeeded", Some(Expandable::Object(method))) => Ok(SaveSourceOutcome::Saved(
                self.saved(at, *method).map_err(malformed)?,
            )),
            ("succeeded", Some(Expandable::Id(method))) => {
                Ok(SaveSourceOutcome::Saved(self.source(at, &method).await?))
            }
            ("requires_action", _) => {
                let action = next_action(intent.next_action.as_ref(), secret);
                Ok(SaveSourceOutcome::RequiresAction(id, action))
            }
            ("requires_payment_method" | "requires_confirmation", _) => {
                Ok(match &intent.last_setup_error {
                    Some(error) => SaveSourceOutcome::Declined(decline(error)),
                    None => waiting(id, secret),
                })
            }
            ("canceled", _) => Err(wrong_state(
                &response.head,
                None,
                "saving the source was cancelled; begin again under a new key",
            )),
            _ => Ok(SaveSourceOutcome::Processing(id)),
        }
    }
}

/// A setup that the vendor's code in the browser completes.
fn waiting(id: VendorId, secret: Option<&str>) -> SaveSourceOutcome {
    let action = match secret {
        Some(secret) => NextAction::ClientSecret(SensitiveText(Secret::new(secret))),
        None => NextAction::Confirm,
    };
    SaveSourceOutcome::Incomplete(id, action)
}

/// A setup that is confirmed with its source, or waits for one from the browser.
fn setup_form(customer: &str, source: Option<&str>, request: &SaveSource) -> Form {
    let form = Form::default()
        .add("customer", customer)
        .add_some("payment_method", source)
        .add("usage", future_use(request.future_use))
        .add_if("confirm", true, source.is_some())
        .add("automatic_payment_methods[enabled]", true);
    let form = match (&request.return_url, source) {
        (Some(url), Some(_)) => form.add("return_url", url),
        (None, Some(_)) => form.add("automatic_payment_methods[allow_redirects]", "never"),
        // The vendor's code in the browser sets the return URL itself.
        (_, None) => form,
    };
    form.add("expand[0]", "payment_method")
}

fn page_form(customer: &str, request: &SaveSource) -> Result<Form, Error> {
    if request.future_use != FutureUse::OffSession {
        let what = "any other future use than off session on its page";
        return Err(Error::unsupported(VENDOR, what).with_field("future_use"));
    }
    let Some(currency) = request.currency else {
        return Err(Error::invalid(
            "currency",
            "is needed; the vendor's page offers the sources for one currency",
        ));
    };
    let Some(back) = &request.return_url else {
        return Err(Error::invalid(
            "return_url",
            "is needed; the payer returns to it from the vendor's page",
        ));
    };
    Ok(Form::default()
        .add("mode", "setup")
        .add("currency", currency.code().to_ascii_lowercase())
        .add("customer", customer)
        .add("success_url", back)
        .add_some("cancel_url", request.cancel_url.as_ref())
        .add("expand[0]", "setup_intent.payment_method"))
}
