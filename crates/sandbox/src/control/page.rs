//! The page for a person who wants to see what arrived.

use std::fmt::Write as _;

use crate::log::Answer;
use crate::sandbox::Shared;
use crate::vendors::sendgrid::escape;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}\
    table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.2rem .6rem;border-bottom:1px solid #ddd}\
    h2{margin-top:2rem}code{font-size:.9em}";

/// The newest rows of each table.
const ROWS: usize = 50;

/// The whole page.
pub(super) fn index(shared: &Shared) -> String {
    let mut page = String::new();
    let _infallible = write!(
        page,
        "<!doctype html><html lang=en><meta charset=utf-8><title>anyvendor sandbox</title><style>{STYLE}</style>\
         <h1>anyvendor sandbox</h1><p>Stripe <code>{}</code> · SendGrid <code>{}</code> · S3 <code>{}</code> · PayPal <code>{}</code> · Twilio <code>{}</code> · seed {}\
         <p><a href=/_sandbox>addresses and keys</a> · <a href=/_sandbox/requests>requests</a> · \
         <a href=/_sandbox/webhooks>webhooks</a> · \
         <a href=/_sandbox/stripe/payment_intents>payments</a> · <a href=/_sandbox/stripe/charges>charges</a> · \
         <a href=/_sandbox/stripe/customers>customers</a> · <a href=/_sandbox/stripe/refunds>refunds</a> · \
         <a href=/_sandbox/sendgrid/messages>mails</a> · <a href=/_sandbox/s3/objects>objects</a> · \
         <a href=/_sandbox/paypal/orders>PayPal orders</a> · \
         <a href=/_sandbox/twilio/messages>text messages</a> · <a href=/_sandbox/twilio/verifications>codes</a>",
        shared.places.stripe,
        shared.places.sendgrid,
        shared.places.s3,
        shared.places.paypal,
        shared.places.twilio,
        shared.core.seed
    );
    mails(&mut page, shared);
    texts(&mut page, shared);
    codes(&mut page, shared);
    charges(&mut page, shared);
    orders(&mut page, shared);
    objects(&mut page, shared);
    requests(&mut page, shared);
    page
}

fn table(page: &mut String, title: &str, count: usize, heads: &[&str], rows: Vec<Vec<String>>) {
    let _infallible = write!(page, "<h2>{title} ({count})</h2><table><tr>");
    for head in heads {
        let _infallible = write!(page, "<th>{head}");
    }
    for row in rows {
        page.push_str("<tr>");
        for cell in row {
            let _infallible = write!(page, "<td>{cell}");
        }
    }
    page.push_str("</table>");
}

fn mails(page: &mut String, shared: &Shared) {
    let messages = shared.core.sendgrid.books().messages();
    let rows = messages
        .iter()
        .enumerate()
        .rev()
        .take(ROWS)
        .map(|(at, m)| {
            let subject = escape(m.subject.as_deref().unwrap_or("(no subject)"));
            let subject = match m.html {
                Some(_) => {
                    let number = at + 1;
                    format!("<a href=/_sandbox/sendgrid/messages/{number}/html>{subject}</a>")
                }
                None => subject,
            };
            vec![
                (at + 1).to_string(),
                escape(&m.to.email),
                subject,
                m.attachments.len().to_string(),
                m.status.as_str().to_owned(),
            ]
        })
        .collect();
    let heads = ["#", "to", "subject", "files", "status"];
    table(page, "Mails", messages.len(), &heads, rows);
}

fn texts(page: &mut String, shared: &Shared) {
    let messages = shared.core.twilio.books().messages();
    let rows = messages
        .iter()
        .rev()
        .take(ROWS)
        .map(|m| {
            vec![
                escape(m.from.as_deref().unwrap_or("-")),
                escape(&m.to),
                escape(&m.body),
                m.media_urls.len().to_string(),
                m.status.as_str().to_owned(),
            ]
        })
        .collect();
    let heads = ["from", "to", "text", "media", "status"];
    table(page, "Text messages", messages.len(), &heads, rows);
}

fn codes(page: &mut String, shared: &Shared) {
    let all = shared.core.twilio.books().verifications();
    let rows = all
        .iter()
        .rev()
        .take(ROWS)
        .map(|v| {
            vec![
                escape(&v.to),
                escape(v.channel()),
                format!("<code>{}</code>", escape(&v.code)),
                v.status.as_str().to_owned(),
            ]
        })
        .collect();
    let heads = ["to", "channel", "code", "status"];
    table(page, "Verification codes", all.len(), &heads, rows);
}

fn charges(page: &mut String, shared: &Shared) {
    let charges = shared.core.stripe.books().charges();
    let rows = charges
        .iter()
        .rev()
        .take(ROWS)
        .map(|c| {
            let outcome = match (&c.failure_code, c.captured) {
                (Some(code), _) => escape(code),
                (None, true) => "captured".to_owned(),
                (None, false) => "authorized".to_owned(),
            };
            vec![
                format!("<code>{}</code>", escape(&c.payment_intent)),
                format!("{} {}", c.amount, escape(&c.currency)),
                outcome,
                c.amount_refunded.to_string(),
            ]
        })
        .collect();
    let heads = ["payment", "amount (minor units)", "outcome", "refunded"];
    table(page, "Charges", charges.len(), &heads, rows);
}

fn orders(page: &mut String, shared: &Shared) {
    let orders = shared.core.paypal.books().orders();
    let rows = orders
        .iter()
        .rev()
        .take(ROWS)
        .map(|o| {
            let id = escape(&o.id);
            vec![
                format!(
                    "<a href={}/checkoutnow?token={id}><code>{id}</code></a>",
                    shared.places.paypal
                ),
                format!("{} {}", o.amount, escape(&o.currency)),
                o.status.to_owned(),
            ]
        })
        .collect();
    let heads = ["order (payer's page)", "amount (minor units)", "status"];
    table(page, "PayPal orders", orders.len(), &heads, rows);
}

fn objects(page: &mut String, shared: &Shared) {
    let objects = shared.core.s3.objects();
    let rows = objects
        .iter()
        .rev()
        .take(ROWS)
        .map(|o| {
            vec![
                format!("<code>{}/{}</code>", escape(&o.bucket), escape(&o.key)),
                o.size.to_string(),
                escape(&o.content_type),
            ]
        })
        .collect();
    table(
        page,
        "Objects",
        objects.len(),
        &["key", "bytes", "type"],
        rows,
    );
}

fn requests(page: &mut String, shared: &Shared) {
    let log = shared.core.log.all();
    let rows = log
        .iter()
        .rev()
        .take(ROWS)
        .map(|r| {
            let answer = match &r.answer {
                Answer::Pending => "-".to_owned(),
                Answer::Status(status) => status.to_string(),
                Answer::Fault { name, status } => {
                    let shown = status.map_or(String::new(), |s| format!(" {s}"));
                    format!("<b>{name}</b>{shown}")
                }
            };
            vec![
                r.sequence.to_string(),
                r.vendor.name().to_owned(),
                format!("{} <code>{}</code>", escape(&r.method), escape(&r.path)),
                answer,
            ]
        })
        .collect();
    let heads = ["#", "vendor", "request", "answer"];
    table(page, "Requests", log.len(), &heads, rows);
}
