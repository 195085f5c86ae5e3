//! Thousands of deliveries that were altered on the way.

use bytes::Bytes;
use http::{HeaderValue, header::CONTENT_TYPE};

use super::{
    harness::{SignedDelivery, WebhookHarness, WebhookSigner},
    receive::{NOW, at, receive, refused},
};
use crate::report::{Case, ensure};

/// The draws of one run: the same numbers each time, so that a failure can be repeated.
struct Draws(fastrand::Rng);

impl Draws {
    fn below(&mut self, limit: usize) -> usize {
        self.0.usize(..limit.max(1))
    }
}

pub(super) async fn altered_is_refused(harness: &WebhookHarness) -> Case {
    let genuine = harness.signer.deliveries(at(NOW));
    let mut draws = Draws(fastrand::Rng::with_seed(7));
    let mut tried = 0;
    while tried < harness.alterations {
        let Some(delivery) = genuine.get(draws.below(genuine.len())) else {
            break;
        };
        let Some((how, altered)) = alter(harness.signer.as_ref(), delivery, &genuine, &mut draws)
        else {
            continue;
        };
        tried += 1;
        let error = refused(
            receive(&harness.verifier, &altered, NOW).await,
            &format!("number {tried}, {how}: {altered:?}"),
        )?;
        // The response has no body; our own log must not repeat what was sent either.
        ensure!(!error.to_string().contains("canary"), "{how}: {error}");
    }
    ensure!(tried == harness.alterations, "only {tried} were tried");
    Ok(())
}

/// One alteration, and what it is; `None` if it changed nothing that is signed.
fn alter(
    signer: &dyn WebhookSigner,
    genuine: &SignedDelivery,
    all: &[SignedDelivery],
    draws: &mut Draws,
) -> Option<(&'static str, SignedDelivery)> {
    let mut altered = genuine.clone();
    let body = |body: Vec<u8>, how| {
        let mut altered = genuine.clone();
        altered.body = Bytes::from(body);
        (!signer.says_the_same(genuine, &altered)).then_some((how, altered))
    };
    let names = signer.headers();
    let name = *names.get(draws.below(names.len()))?;
    let mut bytes = genuine.body.to_vec();
    match draws.below(14) {
        0 => {
            let place = draws.below(bytes.len());
            *bytes.get_mut(place)? ^= 1 << draws.below(8);
            body(bytes, "a bit of the body flipped")
        }
        1 => {
            bytes.truncate(draws.below(bytes.len()));
            body(bytes, "the body cut")
        }
        2 => {
            bytes.extend_from_slice(b"&canary=1");
            body(bytes, "something added to the body")
        }
        3 => {
            let place = draws.below(bytes.len());
            bytes.insert(place, 0xff);
            body(bytes, "a byte that is not valid UTF-8")
        }
        4 => body(Vec::new(), "an empty body"),
        5 => {
            let depth = 1 + draws.below(20_000);
            body(vec![b'['; depth], "deep JSON")
        }
        6 => body(
            all.get(draws.below(all.len()))?.body.to_vec(),
            "another's body",
        ),
        7 => {
            altered.headers.remove(CONTENT_TYPE)?;
            let other = *["text/plain", "application/xml", "canary", ""].get(draws.below(4))?;
            altered
                .headers
                .insert(CONTENT_TYPE, HeaderValue::from_static(other));
            Some(("another content type", altered))
        }
        8 => {
            altered.headers.remove(name)?;
            Some(("a header missing", altered))
        }
        9 => {
            let value = altered.headers.get(name)?.clone();
            altered.headers.append(name, value);
            Some(("a header twice", altered))
        }
        10 => {
            let mut value = altered.headers.get(name)?.as_bytes().to_vec();
            let place = draws.below(value.len());
            let byte = value.get_mut(place)?;
            *byte = byte.wrapping_add(1 + u8::try_from(draws.below(93)).ok()?);
            *byte = 33 + *byte % 94;
            let value = HeaderValue::from_bytes(&value).ok()?;
            let changed = altered.headers.get(name) != Some(&value);
            altered.headers.insert(name, value);
            changed.then_some(("a character of a header changed", altered))
        }
        11 => {
            let value = vec![b'a'; 1 + draws.below(20_000)];
            altered
                .headers
                .insert(name, HeaderValue::from_bytes(&value).ok()?);
            Some(("a huge header", altered))
        }
        12 => {
            let value = [&b"canary"[..], &[0xe9; 3]].concat();
            altered
                .headers
                .insert(name, HeaderValue::from_bytes(&value).ok()?);
            Some(("a header of other bytes", altered))
        }
        _ if signer.signs_url() => {
            altered
                .url
                .push_str(["&canary=1", "/", "%20", "?"].get(draws.below(4))?);
            Some(("another URL", altered))
        }
        _ => None,
    }
}
