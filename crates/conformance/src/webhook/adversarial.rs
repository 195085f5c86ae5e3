//! Properties of a verifier that hold for any bytes: oracles for a fuzzer, with tests that need none.

mod input;

use std::sync::Arc;

use anyvendor_core::webhook::{Event, Prefetched, Verified, WebhookEvent, WebhookVerifier};
use bytes::Bytes;
use jiff::Timestamp;

use super::{
    harness::SignedDelivery,
    receive::{NOW, at},
};
use crate::report::{Case, CaseFailure, ensure};

/// Takes the place of personal data in genuine deliveries: it must never be printed.
const CANARY: &str = "canary";

/// A vendor's webhooks, with an independent reading of them to compare with.
#[derive(Debug, Clone)]
pub struct Adversarial {
    /// Knows the secret or key of the genuine deliveries.
    pub verifier: Arc<dyn WebhookVerifier>,
    /// What the verifier would fetch.
    pub prefetched: Prefetched,
    /// Deliveries that the vendor signed at the [`time`](Self::now) of the oracles.
    pub genuine: Vec<SignedDelivery>,
    /// What a signature is over, without its parts that a verifier may overlook.
    pub signed: fn(&SignedDelivery) -> Vec<u8>,
    /// The payload of each event of a delivery; of one that cannot be read, the whole.
    pub payloads: fn(&SignedDelivery) -> Vec<Bytes>,
}

impl Adversarial {
    /// When the genuine deliveries are signed.
    #[must_use]
    pub fn now() -> Timestamp {
        at(NOW)
    }

    /// A delivery is taken only if what is signed in it is what the vendor signed, and refused in the documented ways.
    ///
    /// The bytes are a request as text, `POST /webhooks/acme 1760000000` with headers and a body below, whose number is the
    /// time; or a digit, which names a genuine delivery, and edits of it.
    ///
    /// # Errors
    /// The property that does not hold.
    pub fn verify(&self, bytes: &[u8]) -> Result<(), CaseFailure> {
        let (delivery, now) = input::read(bytes, &self.genuine, Self::now());
        let request = delivery.request();
        let first = self.verifier.verify(request, &self.prefetched, now);
        let again = self.verifier.verify(request, &self.prefetched, now);
        ensure!(
            first.as_ref().err().map(ToString::to_string) == again.err().map(|e| e.to_string()),
            "the same delivery had two results"
        );
        match first {
            Ok(verified) => {
                let said = (self.signed)(&delivery);
                let is = |genuine| (self.signed)(genuine) == said;
                ensure!(
                    self.genuine.iter().any(is),
                    "taken, and not signed: {delivery:?}"
                );
                self.check_events(&verified, &delivery)
            }
            Err(error) => {
                let status = error.status().as_u16();
                ensure!(
                    [400, 405, 413, 415, 503].contains(&status),
                    "the status is {status}"
                );
                let shown = format!("{error} {error:?}");
                ensure!(
                    !shown.contains(CANARY),
                    "the error repeats what was sent: {shown}"
                );
                Ok(())
            }
        }
    }

    /// Everything that the vendor signed is reported, each event once, and no personal data is printed. The bytes are as for
    /// [`verify`](Self::verify), or a body alone.
    ///
    /// # Errors
    /// The property that does not hold.
    pub fn events(&self, bytes: &[u8]) -> Result<(), CaseFailure> {
        let (delivery, now) = input::read(bytes, &self.genuine, Self::now());
        let verified = Verified::new_unchecked(self.verifier.vendor(), delivery.request(), now);
        self.check_events(&verified, &delivery)
    }

    fn check_events(&self, verified: &Verified<'_>, delivery: &SignedDelivery) -> Case {
        let events = self.verifier.events(verified);
        let payloads: Vec<_> = events.iter().map(|event| event.raw.0.clone()).collect();
        ensure!(
            payloads == (self.payloads)(delivery),
            "{} events do not tell the payload",
            events.len()
        );
        ensure!(
            events == self.verifier.events(verified),
            "read again, the delivery says something else"
        );
        for event in &events {
            let key = event.dedupe_key.as_str();
            ensure!(
                (1..=128).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()),
                "no dedupe key: {key:?}"
            );
            ensure!(
                !event.name.is_empty() || event.event == Event::Other,
                "without a name, but reported as {:?}",
                event.event
            );
            let shown = format!("{event:?}");
            ensure!(
                !shown.contains(CANARY) || printed_by_right(event).contains(CANARY),
                "personal data is printed: {shown}"
            );
        }
        Ok(())
    }
}

/// What an event may print: the vendor's names and ids, and our own references. A fuzzer also moves the canary there.
fn printed_by_right(event: &WebhookEvent) -> String {
    let inner = match &event.event {
        Event::Email(mail) => format!("{:?} {:?} {:?}", mail.change, mail.reference, mail.message),
        Event::InboundEmail(_) | Event::Other => String::new(),
        Event::Message(message) => format!(
            "{:?} {:?} {:?} {:?}",
            message.status, message.message, message.reference, message.vendor_code
        ),
        Event::InboundMessage(message) => format!("{:?}", message.message),
        // Of personal data these contain only the vendor's ids.
        other => format!("{other:?}"),
    };
    format!(
        "{:?} {} {} {:?} {:?} {inner}",
        event.id, event.dedupe_key, event.name, event.account, event.api_version
    )
}

#[cfg(test)]
mod tests {
    use anyvendor_core::webhook::{DedupeKey, WebhookError, WebhookRequest};
    use async_trait::async_trait;

    use super::*;

    /// A verifier that accepts bodies that begin with `word`, and has one flaw.
    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Flawed {
        Not,
        TakesAll,
        Echoes,
        Loses,
        Nameless,
    }

    #[async_trait]
    impl WebhookVerifier for Flawed {
        fn vendor(&self) -> &'static str {
            "acme"
        }

        fn verify<'a>(
            &self,
            request: WebhookRequest<'a>,
            _: &Prefetched,
            now: Timestamp,
        ) -> Result<Verified<'a>, WebhookError> {
            if request.body().starts_with(b"word") || *self == Self::TakesAll {
                Ok(Verified::new_unchecked("acme", request, now))
            } else if *self == Self::Echoes {
                Err(WebhookError::Malformed("no word: canary"))
            } else {
                Err(WebhookError::BadSignature)
            }
        }

        fn events(&self, verified: &Verified<'_>) -> Vec<WebhookEvent> {
            let key = DedupeKey::digest([verified.body().as_ref()]);
            let raw = verified.body().clone();
            let name = match self {
                Self::Loses => return Vec::new(),
                Self::Nameless => "",
                _ => "novel",
            };
            let inner = match self {
                Self::Nameless => Event::InboundEmail(Box::default()),
                _ => Event::Other,
            };
            vec![WebhookEvent::new(verified, name, key, inner, raw)]
        }
    }

    #[test]
    fn each_flaw_is_noticed() {
        let adversarial = |flaw| Adversarial {
            verifier: Arc::new(flaw),
            prefetched: Prefetched::none(),
            genuine: vec![SignedDelivery::post("/", "text/plain", "word canary")],
            signed: |delivery| delivery.body.to_vec(),
            payloads: |delivery| vec![delivery.body.clone()],
        };
        // An edit of the body that leaves the word, and a body without it.
        let (edited, other) = (b"0\x00\x01\x06\x00\x01X", b"POST / 1\n\nother");
        let sound = adversarial(Flawed::Not);
        sound.verify(b"0").unwrap();
        sound.verify(other).unwrap();
        assert!(sound.verify(edited).is_err(), "it signs a word alone");
        assert!(adversarial(Flawed::TakesAll).verify(other).is_err());
        assert!(adversarial(Flawed::Echoes).verify(other).is_err());
        for flaw in [Flawed::Loses, Flawed::Nameless] {
            assert!(adversarial(flaw).verify(b"0").is_err(), "{flaw:?}");
            assert!(adversarial(flaw).events(b"canary").is_err(), "{flaw:?}");
        }
        sound.events(b"canary").unwrap();
    }
}
