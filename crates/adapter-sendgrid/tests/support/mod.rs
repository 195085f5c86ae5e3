//! A scripted SendGrid, a connection to it, and messages.
#![allow(dead_code, reason = "each test file uses a part")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use std::sync::Arc;

use anyvendor_adapter_sendgrid::{SendGrid, SendGridConfig};
use anyvendor_core::{
    email::{EmailContent, EmailMessage, MessageReference},
    values::{EmailAddress, Secret},
};
use anyvendor_http::ManualClock;
pub(crate) use anyvendor_testkit::{Seen, Step};
use anyvendor_testkit::{Server, manual_clock};

/// The recipients of a request, one per personalization.
pub(crate) fn recipients(seen: &Seen) -> Vec<String> {
    let body = seen.json();
    let all = body["personalizations"].as_array().unwrap();
    all.iter()
        .map(|one| one["to"][0]["email"].as_str().unwrap().to_owned())
        .collect()
}

/// The successful response of `mail/send`.
pub(crate) fn accepted(id: &str) -> Step {
    Step::response(202, "").with_header("x-message-id", id)
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

    /// Responds in order, and accepts every request after that.
    pub(crate) async fn scripted(steps: impl IntoIterator<Item = Step>) -> Self {
        Self::of(Server::start_then(steps, accepted("more")).await)
    }

    fn of(server: Server) -> Self {
        let clock = manual_clock();
        Self { server, clock }
    }

    pub(crate) fn config(&self) -> SendGridConfig {
        SendGridConfig::new(Secret::new("SG.test.key")).with_local_base_url(self.server.url())
    }

    pub(crate) fn provider(&self) -> SendGrid {
        self.build(self.config())
    }

    pub(crate) fn build(&self, config: SendGridConfig) -> SendGrid {
        SendGrid::builder(config)
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

pub(crate) fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

pub(crate) fn message(content: EmailContent) -> EmailMessage {
    EmailMessage::new(
        address("Shop <shop@example.com>"),
        address("ann@example.com"),
        content,
    )
    .with_reference(MessageReference::new("ref-1").unwrap())
}

pub(crate) fn text() -> EmailMessage {
    message(EmailContent::text("Hello", "Hi Ann"))
}
