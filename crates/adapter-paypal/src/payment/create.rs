//! Creating an order: paid immediately with a saved source, approved by the payer on PayPal's page, or only prepared.

use anyvendor_core::{
    Error, Kind,
    error::ProtocolReason,
    extension,
    payment::{
        CaptureMode, CreateField, CreatePayment, NextAction, PayerPresence, Payment,
        PaymentOutcome, PaymentProvider, PaymentStatus,
    },
    resilience::{Operation, OperationClass, Response, response_id},
    values::SensitiveUrl,
};
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::{
    options::{MAX_DESCRIPTOR, MAX_ID, PayPalOptions, check_chars},
    order::page,
    pay_with::{Payer, refuse_verification, saved_source},
};
use crate::{
    amount::to_wire,
    client::{PayPal, Post},
    config::VENDOR,
    wire::{Order, put},
};

const CREATE: Operation = Operation::new(
    "payment.create",
    &Method::POST,
    "/v2/checkout/orders",
    OperationClass::Keyed,
);

impl PayPal {
    pub(super) async fn create_order(
        &self,
        request: CreatePayment,
    ) -> Result<PaymentOutcome, Error> {
        self.check(&request)?;
        let extra = extension::only::<PayPalOptions>(VENDOR, &request.extensions)?;
        let payer = Payer {
            presence: request.presence,
            return_url: request.return_url.as_ref(),
            cancel_url: request.cancel_url.as_ref(),
            options: extra,
        };
        let headers = extra.map(|extra| extra.headers(self.environment()));
        let body = self.order_body(&request, payer)?;
        let scope = self.pipeline.writing(&request.options);
        let segments = ["v2", "checkout", "orders"];
        let response = self
            .post(
                &scope,
                Post {
                    operation: &CREATE,
                    segments: &segments,
                    body: Some(&body),
                    key: &request.idempotency_key,
                    step: None,
                    headers: headers.transpose()?.unwrap_or_default(),
                },
            )
            .await?;
        if !response.head.status.is_success() {
            return self.not_created(&response, &request);
        }
        let (payment, page) = response.decode(|order: Order| {
            let payment = self.payment(&order)?;
            Ok((payment, page(&order.links)))
        })?;
        if payment.amount != request.amount {
            return Err(other_amount(&response, &payment, &request));
        }
        // A prepared order can be approved on PayPal's page too, from where the payer can return.
        let returns = request.return_url.is_some();
        match page.filter(|_| returns && payment.status == PaymentStatus::RequiresSource) {
            Some(page) => {
                let action = NextAction::HostedPage(SensitiveUrl::new(page));
                Ok(PaymentOutcome::Incomplete(payment, action))
            }
            None => Ok(payment.into()),
        }
    }

    /// Decides about every field of the request: each is sent, or rejected before anything is sent.
    fn check(&self, request: &CreatePayment) -> Result<(), Error> {
        self.capabilities().check(VENDOR, request)?;
        for field in request.fields() {
            match field {
                // Part of the order, of its headers or of the call.
                CreateField::Amount
                | CreateField::IdempotencyKey
                | CreateField::Capture
                | CreateField::Reference
                | CreateField::UniqueReference
                | CreateField::Options => {}
                // Part of the source, which rejects what it cannot express.
                CreateField::Confirm
                | CreateField::Source
                | CreateField::SaveSource
                | CreateField::Presence
                | CreateField::ReturnUrl
                | CreateField::CancelUrl
                | CreateField::Extensions => {}
                // A saved source belongs to its customer already, so PayPal takes them only with one that is being saved.
                CreateField::Customer | CreateField::CustomerReference => {}
                CreateField::Description => check_text(field, &request.description, MAX_ID)?,
                CreateField::StatementDescriptor => {
                    check_text(field, &request.statement_descriptor, MAX_DESCRIPTOR)?;
                }
                CreateField::ReceiptEmail | CreateField::Metadata => {
                    return Err(Error::unsupported(VENDOR, "this field").with_field(field.name()));
                }
            }
        }
        let away = request.presence == PayerPresence::OffSession;
        let has_source = saved_source(request.source.as_ref())?.is_some();
        if away && !(has_source && request.confirm) {
            return Err(Error::invalid(
                "presence",
                "can be off session only for a payment with a source that is confirmed immediately",
            ));
        }
        if request.save_source.is_some() && (has_source || !request.confirm) {
            let remedy = if has_source {
                "is for a source that is not saved yet"
            } else {
                "is sent with the payment; confirm it immediately, or save the source separately"
            };
            return Err(Error::invalid("save_source", remedy));
        }
        Ok(())
    }

    fn order_body(&self, request: &CreatePayment, payer: Payer<'_>) -> Result<Value, Error> {
        let mut unit = Map::new();
        let mut set = |name: &str, value: Value| unit.insert(name.to_owned(), value);
        set("amount", json!(to_wire(request.amount, "amount")?));
        // An account accepts it for one payment only. Without one of the application's, the key also prevents a second
        // payment after PayPal has forgotten it as a request id.
        let key = request.idempotency_key.within(MAX_ID);
        let invoice_id = request.unique_reference.as_deref();
        set("invoice_id", json!(invoice_id.unwrap_or(key.as_str())));
        for (name, text) in [
            ("custom_id", &request.reference),
            ("description", &request.description),
            ("soft_descriptor", &request.statement_descriptor),
        ] {
            if let Some(text) = text {
                set(name, json!(text));
            }
        }
        let intent = match request.capture {
            CaptureMode::Automatic => "CAPTURE",
            CaptureMode::Manual => "AUTHORIZE",
        };
        let mut body = json!({"intent": intent, "purchase_units": [unit]});
        if !request.confirm {
            let remedy = "is sent with the source; pass it to the confirmation";
            refuse_verification(payer, remedy)?;
            // PayPal's older place for the settings of its page, for orders without a source.
            if let Some(context) = self.page(payer)? {
                put(&mut body, "application_context", context);
            }
            return Ok(body);
        }
        let source = match saved_source(request.source.as_ref())? {
            Some(source) => self.saved(source, payer)?,
            None => {
                let reference = request.customer_reference.as_deref();
                let save = request.save_source;
                let save = save.map(|future_use| (future_use, &request.customer, reference));
                self.chosen_on_page(payer, save)?
            }
        };
        put(&mut body, "payment_source", source);
        Ok(body)
    }

    /// The outcome of a rejected order. If the payer can continue it on a page, the page names the order.
    fn not_created(
        &self,
        response: &Response,
        request: &CreatePayment,
    ) -> Result<PaymentOutcome, Error> {
        let refusal = Self::refusal(response)?;
        let (Some(id), Some(action)) = (&refusal.order, refusal.next_action()) else {
            return Ok(PaymentOutcome::Declined(refusal.decline, None));
        };
        let action = match request.presence {
            PayerPresence::OnSession => action.clone(),
            PayerPresence::OffSession => NextAction::ReturnToSession,
        };
        let id = response_id(VENDOR, None, id);
        let id = id.map_err(|malformed| malformed.into_error(&response.head))?;
        let status = PaymentStatus::RequiresAction(action);
        let mut payment = Payment::new(id, status, request.amount);
        payment.reference.clone_from(&request.reference);
        payment.live = self.environment().is_live();
        Ok(payment.into())
    }

    pub(super) fn read_order(&self, response: &Response) -> Result<Payment, Error> {
        response.decode(|order: Order| self.payment(&order))
    }
}

fn check_text(field: CreateField, text: &Option<String>, most: usize) -> Result<(), Error> {
    match text {
        Some(text) => check_chars(field.name(), text, most),
        None => Ok(()),
    }
}

/// The error for a response with another amount. A request id that was used before returns the order that it created then,
/// regardless of the request.
fn other_amount(response: &Response, payment: &Payment, request: &CreatePayment) -> Error {
    let (asked, made) = (request.amount, payment.amount);
    match response.head.status {
        StatusCode::OK => {
            let message =
                format!("the key was used before for {made}, and {asked} is requested now");
            response.head.refused(Kind::IdempotencyMismatch, message)
        }
        _ => {
            let message = format!(
                "{asked} was sent and {made} was received; look the payment up before anything else"
            );
            response.head.malformed(ProtocolReason::Mismatch, message)
        }
    }
}
