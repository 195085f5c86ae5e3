//! Certificates are kept once they are known to be PayPal's, and what strangers invent costs neither them nor PayPal.

use std::{sync::Mutex, time::Duration};

use anyvendor_core::resilience::Policy;
use anyvendor_http::ManualClock;
use anyvendor_testkit::{Server, Step};

use super::*;

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

/// A genuine delivery that names this certificate.
fn naming(name: &str) -> SignedDelivery {
    let url = ["https://api.sandbox.paypal.com", CERTIFICATES, name].concat();
    sign("{}", now()).with_header("paypal-cert-url", url)
}

/// A verifier whose transport gives this response to each request for a certificate, and its clock.
fn answering(
    answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static,
) -> (PayPalWebhook, Arc<RecordingTransport>, Arc<ManualClock>) {
    let served = RecordingTransport::responding(move |sent| answer(sent.url.path()));
    let clock = Arc::new(ManualClock::at(now()));
    let builder = PayPalWebhook::builder(PayPalWebhookConfig::new([LISTENER]))
        .transport(served.clone())
        .clock(clock.clone());
    let mut webhook = builder.build().unwrap();
    certificates(&mut webhook).trust = CertificateTrust::roots(ROOT).unwrap();
    (webhook, served, clock)
}

async fn receive(webhook: &PayPalWebhook, delivery: &SignedDelivery) -> Result<(), WebhookError> {
    let prefetched = webhook.prefetch(&delivery.request(), now()).await?;
    webhook
        .verify(delivery.request(), &prefetched, now())
        .map(drop)
}

#[tokio::test]
async fn sf06_what_is_no_certificate_is_not_kept() {
    let answers = Mutex::new(vec![
        LEAF.to_owned(),
        OTHER_NAME.to_owned(),
        EXPIRED.to_owned(),
        String::new(),
        "<html>maintenance</html>".to_owned(),
    ]);
    let (webhook, served, _) = answering(move |_| {
        let mut answers = answers.lock().unwrap();
        let last = answers.len() == 1;
        (
            200,
            if last {
                answers[0].clone()
            } else {
                answers.pop().unwrap()
            },
        )
    });
    for number in 1..=4 {
        let told = receive(&webhook, &naming("CERT-1")).await;
        assert!(
            matches!(told, Err(WebhookError::Unavailable(_))),
            "{number}: PayPal sends it again: {told:?}"
        );
        assert_eq!(served.sent().len(), number);
    }
    for _ in 0..3 {
        receive(&webhook, &naming("CERT-1")).await.unwrap();
    }
    assert_eq!(served.sent().len(), 5, "and the certificate is kept");
}

#[tokio::test]
async fn sf06_a_name_that_paypal_does_not_know_is_remembered_for_a_minute() {
    let (webhook, served, clock) = answering(|path| {
        if path.ends_with("CERT-1") {
            (200, LEAF.to_owned())
        } else {
            (404, String::new())
        }
    });
    for _ in 0..5 {
        let told = receive(&webhook, &naming("CERT-x")).await;
        assert!(
            matches!(told, Err(WebhookError::Unavailable(_))),
            "{told:?}"
        );
    }
    assert_eq!(served.sent().len(), 1);
    receive(&webhook, &naming("CERT-1")).await.unwrap();
    clock.advance(Duration::from_secs(60));
    receive(&webhook, &naming("CERT-x")).await.unwrap_err();
    assert_eq!(served.sent().len(), 3);
    // However many are invented, few are remembered.
    for number in 0..1_000 {
        receive(&webhook, &naming(&format!("CERT-{number}x")))
            .await
            .unwrap_err();
    }
    receive(&webhook, &naming("CERT-1")).await.unwrap();
    assert_eq!(served.sent().len(), 1_003, "the known one is not asked for");
}

#[tokio::test]
async fn sf06_no_other_certificate_takes_the_place_of_a_proven_one() {
    // Old certificates of PayPal's may be valid under many names.
    let (webhook, served, _) = answering(|_| (200, LEAF.to_owned()));
    receive(&webhook, &naming("CERT-1")).await.unwrap();
    for number in 2..100 {
        let forged = naming(&format!("CERT-{number}")).with_header("paypal-transmission-id", "1");
        let told = receive(&webhook, &forged).await;
        assert!(matches!(told, Err(WebhookError::BadSignature)), "{told:?}");
    }
    let before = served.sent().len();
    receive(&webhook, &naming("CERT-1")).await.unwrap();
    assert_eq!(served.sent().len(), before);
}

#[tokio::test]
async fn sf06_a_certificate_that_expired_is_asked_for_again() {
    let (webhook, served, _) = answering(|_| (200, LEAF.to_owned()));
    let delivery = naming("CERT-1");
    receive(&webhook, &delivery).await.unwrap();
    let later = now() + Duration::from_hours(24 * 365 * 200);
    let prefetched = webhook.prefetch(&delivery.request(), now()).await.unwrap();
    let told = webhook.verify(delivery.request(), &prefetched, later);
    assert!(matches!(told, Err(WebhookError::Malformed(_))), "{told:?}");
    assert_eq!(served.sent().len(), 1);
    receive(&webhook, &delivery).await.unwrap();
    assert_eq!(served.sent().len(), 2);
}

#[tokio::test]
async fn sf06_the_window_is_judged_before_anything_is_fetched() {
    let (webhook, served, _) = answering(|_| (200, LEAF.to_owned()));
    let window = PayPalWebhookConfig::new([LISTENER]).window;
    let second = Duration::from_secs(1);
    for (at, status) in [
        (now() - window.past - second, 400),
        (now() + window.future + second, 503),
    ] {
        let told = receive(&webhook, &sign("{}", at)).await.unwrap_err();
        assert_eq!(told.status(), status, "{told}");
    }
    assert!(served.sent().is_empty());
    receive(&webhook, &sign("{}", now() - window.past))
        .await
        .unwrap();
    assert_eq!(served.sent().len(), 1);
}

#[tokio::test]
async fn sf06_few_unknown_names_are_under_way_at_once() {
    let asked = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&asked);
    let server = Server::answering(move |seen| {
        if seen.path().ends_with("/CERT-1") {
            return Step::response(200, LEAF);
        }
        counted.fetch_add(1, Ordering::SeqCst);
        Step::Silence
    })
    .await;
    let mut short = Policy::default().with_attempts(1);
    short.attempt_timeout = Duration::from_millis(300);
    let address = server.url();
    let config = PayPalWebhookConfig::new([LISTENER])
        .with_local_base_url(&address)
        .with_root_certificates(ROOT)
        .with_resilience(short);
    let webhook = PayPalWebhook::new(&config).unwrap();
    let naming = |name: &str| {
        let url = [address.trim_end_matches('/'), CERTIFICATES, name].concat();
        sign("{}", now()).with_header("paypal-cert-url", url)
    };
    let genuine = naming("CERT-1");
    receive(&webhook, &genuine).await.unwrap();
    let forged: Vec<_> = (0..200)
        .map(|number| naming(&format!("CERT-x{number}")))
        .collect();
    let all = forged.iter().map(|forged| receive(&webhook, forged));
    let all = futures_util::future::join_all(all);
    let meanwhile = async {
        // tidy: sleep: until the strangers' requests are under way
        tokio::time::sleep(Duration::from_millis(100)).await;
        receive(&webhook, &genuine).await
    };
    let (all, meanwhile) = futures_util::future::join(all, meanwhile).await;
    meanwhile.unwrap();
    for told in all {
        assert_eq!(told.unwrap_err().status(), StatusCode::SERVICE_UNAVAILABLE);
    }
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    // Their places are free again.
    receive(&webhook, &naming("CERT-y")).await.unwrap_err();
    assert_eq!(asked.load(Ordering::SeqCst), 3);
}

/// Whoever hangs up leaves nothing behind that would count.
#[tokio::test]
async fn sf06_a_fetch_ends_with_the_last_who_waits() {
    let (webhook, served) = serving(LEAF, &[LISTENER]);
    for number in 0..10 {
        let delivery = naming(&format!("CERT-x{number}"));
        let request = delivery.request();
        drop(webhook.prefetch(&request, now()));
    }
    receive(&webhook, &sign("{}", now())).await.unwrap();
    assert_eq!(served.sent().len(), 1);
}

#[tokio::test]
async fn sf14_one_transmission_is_one_body() {
    let (webhook, _) = serving(LEAF, &[LISTENER]);
    let genuine = sign("{\"id\":\"WH-1\",\"event_type\":\"NOVEL\"}", now());
    let signed = async |delivery: &SignedDelivery| {
        let prefetched = webhook.prefetch(&delivery.request(), now()).await.unwrap();
        let verified = webhook
            .verify(delivery.request(), &prefetched, now())
            .unwrap();
        webhook.signed_content(&verified).unwrap()
    };
    let first = signed(&genuine).await;
    assert_eq!(signed(&genuine).await, first);
    let forged = forged(&genuine);
    assert!(forged.len() > 3);
    for other in forged {
        // CRC-32 does not tell them apart.
        let other = signed(&other).await;
        assert_eq!(other.signature, first.signature);
        assert_ne!(other.content, first.content);
    }
}

#[tokio::test]
async fn sf03_the_host_of_the_certificate_tells_the_mode() {
    for (host, live) in [(LIVE, Some(true)), (SANDBOX, Some(false))] {
        let (webhook, ..) = answering(|_| (200, LEAF.to_owned()));
        let url = [host, CERTIFICATES, "CERT-1"].concat();
        let delivery = sign("{\"id\":\"WH-1\",\"event_type\":\"NOVEL\"}", now())
            .with_header("paypal-cert-url", url);
        let prefetched = webhook.prefetch(&delivery.request(), now()).await.unwrap();
        let verified = webhook
            .verify(delivery.request(), &prefetched, now())
            .unwrap();
        assert_eq!(webhook.events(&verified)[0].live, live);
    }
}
