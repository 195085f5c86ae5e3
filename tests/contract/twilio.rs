//! The requests of the Twilio adapter: its conformance suite, and every optional field.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyvendor_adapter_twilio::{AddressRetention, ContentRetention, Twilio, TwilioOptions};
use anyvendor_conformance::messaging;
use anyvendor_core::{
    messaging::{
        Channel, CheckVerification, ListMessages, MessageContent, MessagingProvider, Sender,
        StartVerification, TextMessage, VerificationChannel, VerificationProvider,
    },
    resilience::Clock,
    values::{PageRequest, Secret, VendorId},
};
use anyvendor_http::SystemClock;
use anyvendor_sandbox::Sandbox;
use jiff::SignedDuration;

use super::record::{Recorded, Recorder};

#[path = "../../crates/adapter-twilio/tests/harness/mod.rs"]
mod harness;

use harness::{TEMPLATE, config, phone};

fn provider(sandbox: &Sandbox, recorder: &Arc<Recorder>) -> Twilio {
    Twilio::builder(config(sandbox))
        .transport(recorder.clone())
        .build()
        .unwrap()
}

/// The requests of the suite.
pub(crate) async fn suite() -> Vec<Recorded> {
    let sandbox = harness::sandbox().await;
    let recorder = Recorder::over_network();
    let provider = Arc::new(provider(&sandbox, &recorder));
    messaging::run(&harness::harness(provider))
        .await
        .assert_passed(18);
    sandbox.shutdown().await;
    recorder.seen()
}

/// The requests with every optional field set, and those of paths that the suite does not take.
pub(crate) async fn everything() -> Vec<Recorded> {
    let sandbox = harness::sandbox().await;
    let recorder = Recorder::over_network();
    let twilio = provider(&sandbox, &recorder);
    let page = "https://shop.example/a.png?x=1&y=2".parse().unwrap();
    let content = MessageContent::media("Zwölf Äpfel & mehr!", vec![page]);
    let service = VendorId::new("twilio", sandbox.twilio().messaging_service()).unwrap();
    let options = TwilioOptions::default()
        .with_smart_encoded(true)
        .shortening_urls()
        .as_mms()
        .providing_feedback()
        .with_risk_check(true)
        .with_content_retention(ContentRetention::Retain)
        .with_address_retention(AddressRetention::Obfuscate);
    let whole = TextMessage::new(phone("+15550109999"), content)
        .with_from(Sender::Service(service))
        .with_send_at(SystemClock.wall() + SignedDuration::from_hours(1))
        .with_valid_for(Duration::from_secs(3600))
        .with_status_callback("https://shop.example/cb?a=1".parse().unwrap())
        .with_extension(options);
    twilio.send(whole).await.unwrap();
    let variables = BTreeMap::from([("1".to_owned(), "7 \"x\"".to_owned())]);
    let content = MessageContent::template(TEMPLATE, variables);
    let template = TextMessage::new(phone("+15550109999"), content);
    twilio
        .send(template.with_channel(Channel::WhatsApp))
        .await
        .unwrap();
    let list = ListMessages::new()
        .with_to(phone("+15550109999"))
        .with_created_from("2020-01-01T00:00:00Z".parse().unwrap())
        .with_created_before("2100-01-01T00:00:00Z".parse().unwrap())
        .with_page(PageRequest::first().with_limit(1.try_into().unwrap()));
    let page = twilio.list(list.clone()).await.unwrap();
    if let Some(next) = page.next {
        let mut after = list;
        after.page.after = Some(next);
        twilio.list(after).await.unwrap();
    }
    let start = StartVerification::new(phone("+15550109998"))
        .with_channel(VerificationChannel::Call)
        .with_locale("pt-BR");
    let started = twilio.start(start).await.unwrap();
    let check = CheckVerification::new(started.id, Secret::new("000000"));
    twilio.check(check).await.unwrap();
    sandbox.shutdown().await;
    recorder.seen()
}
