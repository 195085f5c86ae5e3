//! SetupIntents: save a card without a payment: <https://docs.stripe.com/api/setup_intents>.

use serde_json::Value;

use super::cards::Behaviour;
use super::collection::ListRequest;
use super::confirm::next_action;
use super::context::Context;
use super::declines::{Decline, GENERIC};
use super::error::ApiError;
use super::intents::{USAGE, automatic, check_url};
use super::objects::{IntentStatus, SetupIntent};
use super::params::{MetadataChange, Params};
use super::render::Show;

/// The values of `cancellation_reason`.
const REASONS: &[&str] = &["abandoned", "duplicate", "requested_by_customer"];
/// The parameters that Stripe accepts and that have no effect here.
const IGNORED: &[&str] = &[
    "attach_to_self",
    "flow_directions",
    "mandate_data",
    "on_behalf_of",
    "payment_method_configuration",
    "payment_method_options",
    "single_use",
    "use_stripe_sdk",
];

impl Context<'_> {
    /// Handles `POST /v1/setup_intents`.
    pub(super) fn create_setup(&mut self, mut params: Params) -> Result<Value, ApiError> {
        let confirm = params.boolean("confirm")?.unwrap_or(false);
        let mut setup = self.new_setup(params.text("customer")?);
        setup.usage = params.one_of("usage", USAGE)?.unwrap_or("off_session");
        let automatic = automatic(&mut params)?;
        if let Some(types) = params.list("payment_method_types")? {
            setup.types = types;
            setup.automatic = None;
        } else if let Some(automatic) = automatic {
            setup.automatic = automatic;
        }
        self.change_setup(&mut setup, &mut params)?;
        params.finish()?;
        if let Some(customer) = &setup.customer {
            self.existing_customer(customer, "customer")?;
        }
        self.account.setups.put(setup.clone());
        self.event("setup_intent.created", &setup);
        if confirm {
            self.confirm_setup_intent(setup)
        } else {
            Ok(setup.show())
        }
    }

    /// A setup of which only the customer is known.
    pub(super) fn new_setup(&self, customer: Option<String>) -> SetupIntent {
        let id = self.ids.object("seti");
        SetupIntent {
            client_secret: format!("{id}_secret_{}", self.ids.letters(31)),
            id,
            customer,
            payment_method: None,
            status: IntentStatus::RequiresPaymentMethod,
            usage: "off_session",
            return_url: None,
            automatic: Some("always"),
            types: vec!["card".to_owned()],
            last_setup_error: None,
            next_action: None,
            cancellation_reason: None,
            metadata: Default::default(),
            description: None,
            created: self.now,
        }
    }

    /// Handles `POST /v1/setup_intents/{id}/confirm`.
    pub(super) fn confirm_setup(
        &mut self,
        id: &str,
        mut params: Params,
    ) -> Result<Value, ApiError> {
        let mut setup = self.account.setups.find(id, "intent")?;
        params.ignore(&["client_secret"]);
        self.change_setup(&mut setup, &mut params)?;
        params.finish()?;
        if matches!(
            setup.status,
            IntentStatus::Succeeded | IntentStatus::Canceled
        ) {
            return Err(setup_state("confirm", &setup));
        }
        self.confirm_setup_intent(setup)
    }

    /// Handles `POST /v1/setup_intents/{id}/cancel`.
    pub(super) fn cancel_setup(&mut self, id: &str, mut params: Params) -> Result<Value, ApiError> {
        let mut setup = self.account.setups.find(id, "intent")?;
        let reason = params.one_of("cancellation_reason", REASONS)?;
        params.finish()?;
        if matches!(
            setup.status,
            IntentStatus::Succeeded | IntentStatus::Canceled
        ) {
            return Err(setup_state("cancel", &setup));
        }
        setup.status = IntentStatus::Canceled;
        setup.cancellation_reason = reason.map(str::to_owned);
        setup.next_action = None;
        self.account.setups.put(setup.clone());
        self.event("setup_intent.canceled", &setup);
        Ok(setup.show())
    }

    /// Handles `GET /v1/setup_intents/{id}`.
    pub(super) fn get_setup(&mut self, id: &str, mut params: Params) -> Result<Value, ApiError> {
        params.ignore(&["client_secret"]);
        params.finish()?;
        Ok(self.account.setups.find(id, "intent")?.show())
    }

    /// Handles `GET /v1/setup_intents`.
    pub(super) fn list_setups(&mut self, mut params: Params) -> Result<Value, ApiError> {
        let request = ListRequest::read(&mut params)?;
        let customer = params.text("customer")?;
        let method = params.text("payment_method")?;
        params.finish()?;
        let matches = |s: &SetupIntent| {
            (customer.is_none() || s.customer == customer)
                && (method.is_none() || s.payment_method == method)
        };
        self.account
            .setups
            .page(&request, "/v1/setup_intents", matches, Show::show)
    }

    /// Continues after the payer was on the authentication page.
    pub(super) fn authenticate_setup(&mut self, id: &str, agreed: bool) -> Option<SetupIntent> {
        let setup = self.account.setups.get(id)?.clone();
        if setup.status != IntentStatus::RequiresAction {
            return Some(setup);
        }
        if agreed {
            let _shown = self.succeed(setup);
        } else {
            let error = ApiError::card("The provided PaymentMethod has failed authentication.")
                .code("setup_intent_authentication_failure");
            self.fail(setup, error);
        }
        self.account.setups.get(id).cloned()
    }

    fn change_setup(
        &mut self,
        setup: &mut SetupIntent,
        params: &mut Params,
    ) -> Result<(), ApiError> {
        if let Some(url) = params.text("return_url")? {
            setup.return_url = Some(check_url(url)?);
        }
        if let Some(description) = params.short("description", 1000)? {
            setup.description = description;
        }
        setup.metadata = MetadataChange::apply(params.metadata()?, &setup.metadata)?;
        params.ignore(IGNORED);
        if let Some(mut data) = params.object("payment_method_data")? {
            let method = self.read_method(&mut data)?;
            data.finish()?;
            setup.payment_method = Some(method.id.clone());
            self.account.methods.put(method);
        }
        if let Some(id) = params.text("payment_method")? {
            setup.payment_method = Some(self.method_by_id(&id)?.id);
        }
        if setup.status == IntentStatus::RequiresPaymentMethod && setup.payment_method.is_some() {
            setup.status = IntentStatus::RequiresConfirmation;
        }
        Ok(())
    }

    fn confirm_setup_intent(&mut self, mut setup: SetupIntent) -> Result<Value, ApiError> {
        if setup.automatic == Some("always") && setup.return_url.is_none() {
            let message = "This SetupIntent is configured to accept payment methods that might redirect: provide a \
                           `return_url`, or set `automatic_payment_methods[allow_redirects]` to `never`.";
            return Err(ApiError::invalid(message).param("return_url"));
        }
        let method = setup
            .payment_method
            .as_deref()
            .and_then(|id| self.account.methods.get(id));
        let Some(method) = method else {
            return Err(ApiError::state(
                "You cannot confirm this SetupIntent because it's missing a payment method.",
            )
            .code("setup_intent_unexpected_state")
            .with("setup_intent", setup.show()));
        };
        match method.card.behaviour {
            Behaviour::Declines(decline) => Err(self.decline_setup(setup, decline)),
            Behaviour::AuthenticatesUnlessSetUp
            | Behaviour::AuthenticatesAlways
            | Behaviour::AuthenticatesThen(_) => {
                setup.status = IntentStatus::RequiresAction;
                setup.next_action = Some(next_action(
                    self.base,
                    &setup.id,
                    setup.return_url.as_deref(),
                ));
                self.account.setups.put(setup.clone());
                self.event("setup_intent.requires_action", &setup);
                Ok(setup.show())
            }
            Behaviour::FailsAfterAttach if setup.customer.is_none() => {
                Err(self.decline_setup(setup, GENERIC))
            }
            _ => self.succeed(setup),
        }
    }

    /// Sets a card up whose owner has authenticated already.
    pub(super) fn finish_setup(&mut self, setup: SetupIntent) -> Result<Value, ApiError> {
        let id = setup.payment_method.as_deref().unwrap_or_default();
        let method = self.account.methods.find(id, "payment_method")?;
        match method.card.behaviour {
            Behaviour::Declines(decline) => Err(self.decline_setup(setup, decline)),
            _ => self.succeed(setup),
        }
    }

    fn succeed(&mut self, mut setup: SetupIntent) -> Result<Value, ApiError> {
        let id = setup.payment_method.clone().unwrap_or_default();
        let mut method = self.account.methods.find(&id, "payment_method")?;
        if let Some(customer) = &setup.customer {
            method = self.attach(method, customer)?;
        }
        method.set_up |= setup.usage == "off_session";
        self.account.methods.put(method);
        setup.status = IntentStatus::Succeeded;
        setup.next_action = None;
        setup.last_setup_error = None;
        self.account.setups.put(setup.clone());
        self.event("setup_intent.succeeded", &setup);
        Ok(setup.show())
    }

    fn decline_setup(&mut self, setup: SetupIntent, decline: Decline) -> ApiError {
        let error = decline.to_error();
        let setup = self.fail(setup, error.clone());
        error.with("setup_intent", setup.show())
    }

    fn fail(&mut self, mut setup: SetupIntent, error: ApiError) -> SetupIntent {
        setup.status = IntentStatus::RequiresPaymentMethod;
        setup.payment_method = None;
        setup.next_action = None;
        setup.last_setup_error = Some(error.to_json());
        self.account.setups.put(setup.clone());
        self.event("setup_intent.setup_failed", &setup);
        setup
    }
}

/// The error for a setup whose status forbids the call.
fn setup_state(verb: &str, setup: &SetupIntent) -> ApiError {
    ApiError::state(format!(
        "You cannot {verb} this SetupIntent because it has a status of {}.",
        setup.status.as_str()
    ))
    .code("setup_intent_unexpected_state")
    .with("setup_intent", setup.show())
}
