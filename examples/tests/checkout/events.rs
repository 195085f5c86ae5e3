//! Events confirm what was charged, emailed and texted, however badly they are delivered.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyvendor::values::Money;
use anyvendor_sandbox::{
    FaultPlan, Sandbox, WebhookKind, WebhookPlan, WebhookResponse, WebhookState,
};
use shop::{Before, EventBook, EventReport, NoticeState, Order, Outcome, Report};

use crate::{captured, connect, emails, flaky, reported, run, shipped_orders, shop_of, texts};

/// Longer than any test waits.
const LIMIT: Duration = Duration::from_secs(60);

/// A run that waits for its events.
struct Run {
    sandbox: Sandbox,
    book: EventBook,
    orders: Vec<Order>,
    outcomes: Vec<Outcome>,
    report: Report,
}

async fn run_with_events(vendor: &str, faults: FaultPlan, plan: WebhookPlan) -> Run {
    // An hour passes in a tenth of a second.
    let sandbox = Sandbox::builder()
        .faults(faults)
        .webhooks(plan.speed(36_000));
    let sandbox = sandbox.start().await.unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    sandbox.send_all_webhooks(&base).unwrap();
    let book = EventBook::default();
    let vendors = connect(&sandbox, vendor, Some(Arc::new(book.clone())));
    let receiving = book.serve(&vendors, listener);
    let mut orders = shipped_orders();
    if vendor == "paypal" {
        orders.retain(|order| !matches!(order.amount.currency().code(), "KRW" | "KWD"));
    }
    let shop = shop_of(&vendors);
    let (outcomes, mut report) = run(&shop, &orders).await;
    let moves = book
        .confirmed(&shop, &orders, &outcomes, LIMIT, |_| {})
        .await;
    assert!(
        moves
            .iter()
            .all(|moves| !moves.payment.contains(&"looked up"))
    );
    report.events = Some(EventReport::new(&orders, &outcomes, (&book, moves)).unwrap());
    // Late deliveries still reach this server.
    sandbox.webhooks_settled().await;
    receiving.abort();
    Run {
        sandbox,
        book,
        orders,
        outcomes,
        report,
    }
}

impl Run {
    /// Everything is confirmed, and the sums are those of the emulator's state.
    fn assert_confirmed(&self, how: &str) {
        assert_eq!(self.report.unsettled, 0, "{how}: {:#?}", self.report.orders);
        assert_eq!(
            self.report.unconfirmed(),
            0,
            "{how}: {:#?}",
            self.report.events
        );
        assert_eq!(
            captured(&self.sandbox),
            reported(&self.orders, &self.outcomes),
            "{how}"
        );
        let mut sums: BTreeMap<String, i64> = BTreeMap::new();
        for (minor, currency) in captured(&self.sandbox).into_values() {
            *sums.entry(currency).or_default() += minor;
        }
        let by_events = self.book.captured().unwrap();
        let by_events = by_events
            .into_iter()
            .map(|(code, sum): (_, Money)| (code, sum.minor()));
        assert_eq!(by_events.collect::<BTreeMap<_, _>>(), sums, "{how}");
        // One of the copies is accepted; others may have been deferred until the vendor gave up.
        let mut taken: BTreeMap<_, bool> = BTreeMap::new();
        for delivery in self.sandbox.webhooks() {
            match delivery.kind {
                WebhookKind::Genuine | WebhookKind::Duplicate => {
                    let copies = taken.entry((delivery.vendor, delivery.id)).or_default();
                    *copies |= delivery.state == WebhookState::Taken;
                }
                _ => assert_eq!(
                    delivery.responses,
                    [WebhookResponse::Status(400)],
                    "{how}: {}",
                    delivery.event
                ),
            }
        }
        assert!(
            !taken.is_empty() && taken.values().all(|taken| *taken),
            "{how}: {taken:?}"
        );
    }
}

/// Each way in which deliveries go wrong, and one plan with all of them.
fn plans() -> [(&'static str, WebhookPlan); 5] {
    [
        ("in order", WebhookPlan::none()),
        ("three times", WebhookPlan::none().duplicates(2)),
        ("backwards", WebhookPlan::none().reorder(true)),
        (
            "late",
            WebhookPlan::none().delay(Duration::from_millis(300)),
        ),
        ("all of it, and forged", WebhookPlan::adversarial()),
    ]
}

async fn ends_the_same(vendor: &str) {
    let mut totals = None;
    for (how, plan) in plans() {
        let run = run_with_events(vendor, FaultPlan::none(), plan.clone()).await;
        run.assert_confirmed(how);
        let counts = run.book.counts();
        assert!(counts.applied > 150, "{how}: {counts:?}");
        let copied = counts.duplicates + counts.put_off > 0;
        assert_eq!(copied, plan.duplicates > 0, "{how}: {counts:?}");
        assert_eq!(counts.refused > 0, plan.forge, "{how}: {counts:?}");
        // The first run has no faults, and all others must end the same.
        let (expected, sent, texted) = totals.get_or_insert_with(|| {
            (
                run.report.totals.clone(),
                emails(&run.sandbox),
                texts(&run.sandbox),
            )
        });
        assert_eq!(run.report.totals, *expected, "{how}");
        assert_eq!(
            (&emails(&run.sandbox), &texts(&run.sandbox)),
            (&*sent, &*texted),
            "{how}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn however_events_come_the_totals_are_the_same() {
    ends_the_same("stripe").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn however_events_come_the_totals_are_the_same_with_another_vendor() {
    ends_the_same("paypal").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_calls_and_of_events_together_change_no_total() {
    let calm = run_with_events("stripe", FaultPlan::none(), WebhookPlan::none()).await;
    let both = run_with_events("stripe", flaky(), WebhookPlan::adversarial()).await;
    both.assert_confirmed("both");
    assert_eq!(both.report.totals, calm.report.totals);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_event_confirms_is_looked_up_or_told() {
    let sandbox = Sandbox::start().await.unwrap();
    let book = EventBook::default();
    let mut orders = shipped_orders();
    orders.truncate(2);
    // No event is posted.
    let vendors = connect(&sandbox, "stripe", Some(Arc::new(book.clone())));
    let shop = shop_of(&vendors);
    assert_eq!(shop.before(&orders, 8).await.unwrap(), [Before::Nothing; 2]);
    let (outcomes, mut report) = run(&shop, &orders).await;
    let moves = book
        .confirmed(&shop, &orders, &outcomes, Duration::ZERO, |_| {})
        .await;
    for moves in &moves {
        assert_eq!(moves.payment, ["looked up"]);
        assert_eq!(moves.missing, ["email"], "an email cannot be looked up");
    }
    let events = EventReport::new(&orders, &outcomes, (&book, moves)).unwrap();
    assert!(events.totals.values().all(|(reported, by)| reported == by));
    report.events = Some(events);
    assert_eq!(report.unconfirmed(), 2);
    // Completed orders cause no further events.
    let before = shop.before(&orders, 8).await.unwrap();
    assert_eq!(before, [Before::Paid; 2]);
    let mut known = outcomes.iter().zip(before);
    assert!(known.all(|(outcome, before)| !before.leaves_events(outcome)));
    let asked = Outcome::AwaitingPayer(NoticeState::Sent(None));
    assert!(!Before::Asked.leaves_events(&asked) && Before::Asked.leaves_events(&outcomes[0]));
}
