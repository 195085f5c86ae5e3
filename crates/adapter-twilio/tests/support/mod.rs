//! A scripted Twilio, a connection to it, and messages.
#![allow(dead_code, reason = "each test file uses a part")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use std::sync::Arc;

use anyvendor_adapter_twilio::{Twilio, TwilioConfig};
use anyvendor_core::{
    messaging::{MessageContent, MessageReference, TextMessage},
    values::{PhoneNumber, Secret, VendorId},
};
use anyvendor_http::ManualClock;
pub(crate) use anyvendor_testkit::{Seen, Step};
use anyvendor_testkit::{Server, manual_clock};

pub(crate) const ACCOUNT: &str = "AC00000000000000000000000000000001";
pub(crate) const SERVICE: &str = "MG00000000000000000000000000000002";
pub(crate) const VERIFY_SERVICE: &str = "VA00000000000000000000000000000003";
pub(crate) const SID: &str = "SM00000000000000000000000000000004";
pub(crate) const VERIFICATION: &str = "VE00000000000000000000000000000005";

/// The successful response to a message.
pub(crate) fn queued() -> Step {
    fixture("201_queued")
}

/// An error in the vendor's format.
pub(crate) fn rejection(status: u16, code: u32) -> Step {
    let body = format!(
        r#"{{"code":{code},"message":"refused","more_info":"https://www.twilio.com/docs/errors/{code}","status":{status}}}"#
    );
    Step::response(status, body)
}

/// A documented body, whose status is in its name.
pub(crate) fn fixture(name: &str) -> Step {
    Step::fixture(env!("CARGO_MANIFEST_DIR"), name)
}

/// A scripted vendor, and the clock of the connections to it.
pub(crate) struct Vendor {
    server: Server,
    pub(crate) clock: Arc<ManualClock>,
}

impl Vendor {
    /// Responds by a rule.
    pub(crate) async fn start(rule: impl FnMut(&Seen) -> Step + Send + 'static) -> Self {
        Self::of(Server::answering(rule).await)
    }

    /// Responds in order, and accepts every message after that.
    pub(crate) async fn scripted(steps: impl IntoIterator<Item = Step>) -> Self {
        Self::of(Server::start_then(steps, queued()).await)
    }

    fn of(server: Server) -> Self {
        let clock = manual_clock();
        Self { server, clock }
    }

    pub(crate) fn config(&self) -> TwilioConfig {
        TwilioConfig::new(ACCOUNT, Secret::new("token"))
            .with_from("+15550100001")
            .with_verify_service_sid(VERIFY_SERVICE)
            .with_local_base_url(self.server.url())
    }

    pub(crate) fn provider(&self) -> Twilio {
        self.build(self.config())
    }

    pub(crate) fn build(&self, config: TwilioConfig) -> Twilio {
        Twilio::builder(config)
            .clock(self.clock.clone())
            .build()
            .unwrap()
    }

    /// The requests that arrived.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.server.seen()
    }

    /// The only request that arrived.
    pub(crate) fn only(&self) -> Seen {
        self.server.only()
    }
}

pub(crate) fn phone(number: &str) -> PhoneNumber {
    number.parse().unwrap()
}

pub(crate) fn message(content: MessageContent) -> TextMessage {
    TextMessage::new(phone("+15550109999"), content)
        .with_reference(MessageReference::new("ref-1").unwrap())
}

pub(crate) fn text() -> TextMessage {
    message(MessageContent::text("Hi Ann"))
}

/// The id of the message in the fixtures.
pub(crate) fn id() -> VendorId {
    VendorId::new("twilio", SID).unwrap()
}
