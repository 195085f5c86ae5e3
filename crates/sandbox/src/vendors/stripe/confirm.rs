//! Confirms a payment: authentication, charge or decline: <https://docs.stripe.com/payments/paymentintents/lifecycle>.

use serde_json::{Value, json};

use super::cards::Behaviour;
use super::context::Context;
use super::declines::{AUTHENTICATION, Decline, GENERIC};
use super::error::ApiError;
use super::objects::{Charge, IntentStatus, PaymentIntent, PaymentMethod};
use super::params::Params;
use super::render::Show;

/// Whether and how the payer takes part in a confirmation.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Session {
    /// The payer is not present (`off_session`).
    off: bool,
    /// The confirmation fails if it needs the payer (`error_on_requires_action`).
    no_action: bool,
    /// The payer has just authenticated.
    authenticated: bool,
    /// The request has a `return_url`.
    has_return_url: bool,
}

/// The result of an attempt to charge a card.
enum Verdict {
    Charge,
    Decline(Decline),
    Authenticate,
}

impl Session {
    pub(super) fn read(params: &mut Params) -> Result<Self, ApiError> {
        let off = match params.text("off_session")?.as_deref() {
            None | Some("false") => false,
            Some("true" | "one_off" | "recurring") => true,
            Some(other) => {
                let message = format!("Invalid off_session: {other}");
                return Err(ApiError::invalid(message).param("off_session"));
            }
        };
        Ok(Self {
            off,
            no_action: params.boolean("error_on_requires_action")?.unwrap_or(false),
            authenticated: false,
            has_return_url: params.has("return_url"),
        })
    }

    /// The payer has just authenticated.
    pub(super) fn authenticated() -> Self {
        Self {
            authenticated: true,
            ..Self::default()
        }
    }

    /// Rejects the parameters that are valid only together with `confirm=true`.
    pub(super) fn needs_confirm(&self) -> Result<(), ApiError> {
        for (sent, name) in [
            (self.off, "off_session"),
            (self.no_action, "error_on_requires_action"),
            (self.has_return_url, "return_url"),
        ] {
            if sent {
                let message = format!(
                    "The parameter `{name}` cannot be passed when creating a PaymentIntent unless `confirm` is set to true."
                );
                return Err(ApiError::invalid(message).param(name));
            }
        }
        Ok(())
    }

    /// Checks that a payment which might redirect the payer has a URL to return to.
    pub(super) fn check_redirects(&self, intent: &PaymentIntent) -> Result<(), ApiError> {
        if intent.automatic == Some("always") && intent.return_url.is_none() {
            return Err(ApiError::invalid(
                "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of \
                 these payment methods might redirect your customer off of your page, you must provide a `return_url`. \
                 If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` \
                 to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and \
                 Payment Intents.",
            )
            .param("return_url"));
        }
        Ok(())
    }
}

/// The result of an attempt with this method.
fn verdict(method: &PaymentMethod, session: Session) -> Verdict {
    let authenticated = session.authenticated;
    let set_up = session.off && method.set_up;
    match method.card.behaviour {
        Behaviour::Declines(decline) => Verdict::Decline(decline),
        Behaviour::FailsAfterAttach => Verdict::Decline(GENERIC),
        Behaviour::AuthenticatesThen(decline) if authenticated || set_up => {
            Verdict::Decline(decline)
        }
        Behaviour::AuthenticatesThen(_) => Verdict::Authenticate,
        Behaviour::AuthenticatesUnlessSetUp if !authenticated && !set_up => Verdict::Authenticate,
        Behaviour::AuthenticatesAlways if !authenticated => Verdict::Authenticate,
        Behaviour::SetUpAlready if !authenticated && !session.off => Verdict::Authenticate,
        _ => Verdict::Charge,
    }
}

impl Context<'_> {
    /// Handles `POST /v1/payment_intents/{id}/confirm`.
    pub(super) fn confirm_intent(
        &mut self,
        id: &str,
        mut params: Params,
    ) -> Result<Value, ApiError> {
        let mut intent = self.account.intents.find(id, "intent")?;
        let session = Session::read(&mut params)?;
        params.ignore(&["client_secret"]);
        self.apply_changes(&mut intent, &mut params)?;
        params.finish()?;
        self.check_customer(&mut intent)?;
        match intent.status {
            IntentStatus::Succeeded | IntentStatus::RequiresCapture => {
                let message = "You cannot confirm this PaymentIntent because it has already succeeded after being \
                               previously confirmed.";
                return Err(ApiError::intent_state(message, intent.show()));
            }
            IntentStatus::Canceled => {
                let message = "You cannot confirm this PaymentIntent because it has a status of canceled. Only a \
                               PaymentIntent with one of the following statuses may be confirmed: \
                               requires_confirmation, requires_action.";
                return Err(ApiError::intent_state(message, intent.show()));
            }
            _ => {}
        }
        session.check_redirects(&intent)?;
        self.account.intents.put(intent.clone());
        self.confirm(intent, &session)
    }

    /// Attempts the payment with its payment method.
    pub(super) fn confirm(
        &mut self,
        mut intent: PaymentIntent,
        session: &Session,
    ) -> Result<Value, ApiError> {
        let method = intent
            .payment_method
            .as_deref()
            .and_then(|id| self.account.methods.get(id))
            .cloned();
        let Some(method) = method else {
            let message = "You cannot confirm this PaymentIntent because it's missing a payment method. You can either \
                           update the PaymentIntent with a payment method and then confirm it again, or confirm it \
                           again directly with a payment method or ConfirmationToken.";
            return Err(ApiError::intent_state(message, intent.show()));
        };
        match verdict(&method, *session) {
            Verdict::Charge => {
                self.charge(&mut intent, method);
                Ok(intent.show())
            }
            Verdict::Decline(decline) => Err(self.decline(intent, &method, decline)),
            Verdict::Authenticate if session.off => {
                Err(self.decline(intent, &method, AUTHENTICATION))
            }
            Verdict::Authenticate if session.no_action => {
                intent.status = IntentStatus::RequiresPaymentMethod;
                intent.payment_method = None;
                self.account.intents.put(intent);
                Err(ApiError::card(
                    "This payment required an authentication action to complete, but `error_on_requires_action` was set.",
                ))
            }
            Verdict::Authenticate => {
                intent.status = IntentStatus::RequiresAction;
                intent.next_action = Some(next_action(
                    self.base,
                    &intent.id,
                    intent.return_url.as_deref(),
                ));
                self.account.intents.put(intent.clone());
                self.event("payment_intent.requires_action", &intent);
                Ok(intent.show())
            }
        }
    }

    /// Continues after the payer was on the authentication page.
    pub(super) fn authenticate(&mut self, id: &str, agreed: bool) -> Option<PaymentIntent> {
        let mut intent = self.account.intents.get(id)?.clone();
        if intent.status != IntentStatus::RequiresAction {
            return Some(intent);
        }
        intent.next_action = None;
        let method = self
            .account
            .methods
            .get(intent.payment_method.as_deref()?)?
            .clone();
        if !agreed {
            let error = ApiError::card(
                "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new \
                 PaymentMethod to attempt to fulfill this PaymentIntent again.",
            )
            .code("payment_intent_authentication_failure")
            .with("payment_method", method.show());
            intent.status = IntentStatus::RequiresPaymentMethod;
            intent.payment_method = None;
            intent.last_payment_error = Some(error.to_json());
            self.account.intents.put(intent.clone());
            self.event("payment_intent.payment_failed", &intent);
            return Some(intent);
        }
        if intent.confirmation_method == "manual" {
            intent.status = IntentStatus::RequiresConfirmation;
            self.account.intents.put(intent.clone());
            return Some(intent);
        }
        let session = Session::authenticated();
        // A decline needs no handling here: the intent shows it as its last error.
        let _shown = self.confirm(intent, &session);
        self.account.intents.get(id).cloned()
    }

    /// Charges the card successfully.
    fn charge(&mut self, intent: &mut PaymentIntent, mut method: PaymentMethod) {
        let mut charge = self.new_charge(intent, &method);
        intent.latest_charge = Some(charge.id.clone());
        intent.last_payment_error = None;
        intent.next_action = None;
        let manual = intent.capture_method == "manual";
        if manual {
            intent.status = IntentStatus::RequiresCapture;
            intent.amount_capturable = intent.amount;
        } else {
            intent.status = IntentStatus::Succeeded;
            intent.amount_received = intent.amount;
            charge.captured = true;
            charge.amount_captured = charge.amount;
        }
        if intent.setup_future_usage == Some("off_session") {
            method.set_up = true;
        }
        match (&intent.customer, intent.setup_future_usage) {
            _ if method.customer.is_some() => {}
            (Some(customer), Some(_)) => {
                method.customer = Some(customer.clone());
                self.event("payment_method.attached", &method);
            }
            _ => method.consumed = true,
        }
        self.account.methods.put(method);
        self.account.charges.put(charge.clone());
        self.account.intents.put(intent.clone());
        self.event("charge.succeeded", &charge);
        self.event(
            if manual {
                "payment_intent.amount_capturable_updated"
            } else {
                "payment_intent.succeeded"
            },
            intent,
        );
    }

    /// Declines the charge: the failed charge is stored, and the payment requires another method.
    fn decline(
        &mut self,
        mut intent: PaymentIntent,
        method: &PaymentMethod,
        decline: Decline,
    ) -> ApiError {
        let mut charge = self.new_charge(&intent, method);
        charge.paid = false;
        charge.failure_code = Some(decline.code.to_owned());
        charge.failure_message = Some(decline.message.to_owned());
        charge.decline_code = decline.decline_code.map(str::to_owned);
        charge.advice_code = decline.advice.map(str::to_owned);
        let error = decline
            .to_error()
            .with("charge", charge.id.clone())
            .with("payment_method", method.show());
        intent.latest_charge = Some(charge.id.clone());
        intent.status = IntentStatus::RequiresPaymentMethod;
        intent.payment_method = None;
        intent.next_action = None;
        intent.last_payment_error = Some(error.to_json());
        self.account.charges.put(charge.clone());
        self.account.intents.put(intent.clone());
        self.event("charge.failed", &charge);
        self.event("payment_intent.payment_failed", &intent);
        error.with("payment_intent", intent.show())
    }

    fn new_charge(&self, intent: &PaymentIntent, method: &PaymentMethod) -> Charge {
        let copied = [
            "application_fee_amount",
            "description",
            "on_behalf_of",
            "receipt_email",
            "shipping",
            "statement_descriptor_suffix",
            "transfer_data",
            "transfer_group",
        ];
        Charge {
            id: self.ids.object("ch"),
            account: self.account_id.to_owned(),
            payment_intent: intent.id.clone(),
            amount: intent.amount,
            amount_captured: 0,
            amount_refunded: 0,
            amount_released: 0,
            currency: intent.currency.clone(),
            captured: false,
            paid: true,
            failure_code: None,
            customer: intent.customer.clone(),
            payment_method: method.id.clone(),
            metadata: intent.metadata.clone(),
            created: self.now,
            failure_message: None,
            decline_code: None,
            advice_code: None,
            expires: (method.exp_month, method.exp_year),
            card: method.card,
            echo: intent
                .echo
                .iter()
                .filter(|(name, _)| copied.contains(&name.as_str()))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        }
    }
}

/// The next action: a redirect to a page of this emulator if there is a URL to return to, otherwise an action for the SDK.
pub(super) fn next_action(base: &str, id: &str, return_url: Option<&str>) -> Value {
    let page = format!("{base}/_sandbox/authenticate/{id}");
    match return_url {
        Some(return_url) => json!({"type": "redirect_to_url",
            "redirect_to_url": {"return_url": return_url, "url": page}}),
        None => json!({"type": "use_stripe_sdk",
            "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": page}}),
    }
}
