//! The cost of verifying and reading a delivery, compared with the vendors' own libraries in Rust, Python and Node.

mod deliveries;
mod peers;
mod table;

use std::{env, fs, hint::black_box};

use anyvendor_adapter_paypal::{PayPalWebhook, PayPalWebhookConfig};
use anyvendor_adapter_sendgrid::{SendGridWebhook, SendGridWebhookConfig};
use anyvendor_adapter_stripe::{StripeWebhook, StripeWebhookConfig};
use anyvendor_adapter_twilio::{TwilioWebhook, TwilioWebhookConfig};
use anyvendor_bench_support::{machine, stats::setting, versions};
use anyvendor_core::{
    values::Secret,
    webhook::{Event, Prefetched, WebhookVerifier},
};
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::json;

use crate::{
    deliveries::{
        Delivery, PAYPAL_LEAF, PAYPAL_LISTENER, PAYPAL_ROOT, STRIPE_SECRET, TWILIO_PUBLIC,
        TWILIO_TOKEN,
    },
    table::{Subject, Table, run},
};

fn table<'a>(
    vendor: &'static str,
    target: &'static str,
    delivery: &'a Delivery,
    verifier: &'a dyn WebhookVerifier,
    prefetched: &'a Prefetched,
    now: Timestamp,
) -> Table<'a> {
    let verify = move || {
        let request = black_box(delivery).request();
        verifier.verify(request, prefetched, now)
    };
    let all = verifier.events(&verify().expect("a genuine delivery"));
    let known = all.iter().filter(|event| event.event != Event::Other);
    assert_eq!(
        known.count(),
        all.len(),
        "{vendor}: events that the neutral model does not have"
    );
    let both = move || {
        let verified = verify().expect("a genuine delivery");
        black_box(verifier.events(&verified));
    };
    let alone = move || {
        black_box(verify().is_ok());
    };
    Table {
        vendor,
        target,
        bytes: delivery.body.len(),
        subjects: vec![
            Subject::new("anyvendor, verified and read", both),
            Subject::new("anyvendor, verified alone", alone),
        ],
    }
}

fn main() {
    let rounds = setting("ROUNDS", 50);
    let milliseconds = setting("MILLISECONDS", 20) as u128;
    let now = Timestamp::now();
    let stripe = deliveries::stripe(now);
    let (twilio, with_port) = (deliveries::twilio(""), deliveries::twilio(":443"));
    let (sendgrid, sendgrid_key) = deliveries::sendgrid(now);
    let paypal = deliveries::paypal(now);

    let none = Prefetched::none();
    let certificate = Prefetched::of(Bytes::from_static(PAYPAL_LEAF.as_bytes()));
    let stripes = StripeWebhook::new(&StripeWebhookConfig::new([Secret::new(STRIPE_SECRET)]));
    let stripes = stripes.expect("good settings");
    let twilios = TwilioWebhookConfig::new([Secret::new(TWILIO_TOKEN)]);
    let twilios = TwilioWebhook::new(&twilios.with_public_url(TWILIO_PUBLIC));
    let twilios = twilios.expect("good settings");
    let sendgrids = SendGridWebhook::new(&SendGridWebhookConfig::new([sendgrid_key]));
    let sendgrids = sendgrids.expect("good settings");
    // Custom root certificates need a host that is named.
    let paypals = PayPalWebhookConfig::new([PAYPAL_LISTENER])
        .with_base_url("https://api.paypal.com")
        .with_root_certificates(PAYPAL_ROOT);
    let paypals = PayPalWebhook::new(&paypals);
    let paypals = paypals.expect("good settings");

    let mut tables = [
        table("stripe", "8 us", &stripe, &stripes, &none, now),
        table("twilio", "6 us", &with_port, &twilios, &none, now),
        table(
            "sendgrid",
            "5243 us, which is 150 MB/s",
            &sendgrid,
            &sendgrids,
            &none,
            now,
        ),
        table("paypal", "150 us", &paypal, &paypals, &certificate, now),
    ];
    let in_rust = |delivery: &Delivery| {
        let text = |name: &str| delivery.case[name].as_str().unwrap_or_default().to_owned();
        let (payload, header) = (text("payload"), text("header"));
        Subject::new(
            format!("Rust {}", versions(&["async-stripe-webhook"])),
            move || {
                let event =
                    stripe_webhook::Webhook::construct_event(&payload, &header, STRIPE_SECRET);
                black_box(event.expect("a genuine delivery"));
            },
        )
    };
    tables[0].subjects.push(in_rust(&stripe));
    let again = table("twilio", "", &twilio, &twilios, &none, now);
    tables[1]
        .subjects
        .extend(again.subjects.into_iter().take(1).map(|mut subject| {
            subject.name.push_str(", signed without the port");
            subject
        }));

    let cases = env::temp_dir().join(format!(
        "anyvendor-bench-webhook-{}.json",
        std::process::id()
    ));
    let all_cases = json!({
        "stripe": stripe.case,
        "twilio": with_port.case,
        "sendgrid": sendgrid.case,
        "paypal": paypal.case,
    });
    fs::write(&cases, all_cases.to_string()).expect("a writable temporary folder");
    let lacking = peers::add(&mut tables, &cases);
    fs::remove_file(&cases).expect("the file of cases");

    println!("{}\n", machine());
    for why in lacking {
        println!("{why}\n");
    }
    // All vendors, or the one that the argument names.
    let named = env::args().nth(1);
    let wanted = |table: &&mut Table<'_>| named.as_ref().is_none_or(|name| name == table.vendor);
    for table in tables.iter_mut().filter(wanted) {
        run(table, rounds, milliseconds);
    }
}
