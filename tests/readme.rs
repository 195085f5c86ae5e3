//! The capability table in the README is generated from the capability structs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use std::{fmt::Write as _, fs, path::Path, time::Duration};

use anyvendor::{
    Config, Vendors,
    email::EmailCapabilities,
    messaging::{MessagingCapabilities, ScheduleWindow},
    payment::{FindCapability, PaymentCapabilities},
    storage::StorageCapabilities,
};
use anyvendor_sandbox::{Sandbox, secrets_in_files};

const BEGIN: &str = "<!-- capabilities:begin -->\n";
const END: &str = "<!-- capabilities:end -->";

/// A capability in words, and its value for one vendor.
type Row = (&'static str, String);

fn yes(can: bool) -> String {
    if can { "yes" } else { "no" }.to_owned()
}

fn number(number: Option<impl Into<u32>>, unit: &str) -> String {
    match number {
        Some(number) => format!("{} {unit}", number.into()).trim_end().to_owned(),
        None => "no".to_owned(),
    }
}

fn no() -> String {
    "no".to_owned()
}

/// When a payment is found by its reference.
fn found_after(find: FindCapability) -> String {
    let hours = find.lag.as_secs() / 3600;
    if find.lag_from_start.is_zero() {
        format!("after {hours} h, at once from a given time on")
    } else {
        format!("after {hours} h")
    }
}

/// Without a time from which to search.
fn found_back(find: FindCapability) -> String {
    let days = |reach: Duration| {
        format!(
            "{} days, farther from a given time on",
            reach.as_secs() / 86_400
        )
    };
    find.reach.map_or("no limit".to_owned(), days)
}

fn payment(can: &PaymentCapabilities) -> Vec<Row> {
    vec![
        ("capture later", yes(can.capture.manual)),
        ("capture a part", yes(can.capture.partial)),
        ("capture several times", yes(can.capture.multiple)),
        ("refund", yes(can.refund.full)),
        ("refund a part", yes(can.refund.partial)),
        ("list the refunds of a payment", yes(can.refund.list)),
        ("customers", yes(can.source.customers)),
        ("save a source", yes(can.source.save)),
        (
            "save a source while paying",
            yes(can.source.save_with_payment),
        ),
        ("list and remove sources", yes(can.source.list)),
        ("charge while the payer is absent", yes(can.off_session)),
        (
            "the payer chooses on the vendor's page",
            yes(can.source.on_vendor_page),
        ),
        ("list payments", yes(can.list)),
        (
            "find payments by reference",
            can.find_by_reference.map_or_else(no, found_after),
        ),
        (
            "how far back they are found",
            can.find_by_reference.map_or_else(no, found_back),
        ),
        ("characters of a reference", number(can.reference_chars, "")),
        (
            "characters of a unique reference",
            number(can.unique_reference_chars, ""),
        ),
        ("metadata", yes(can.metadata)),
        (
            "currencies",
            can.currencies
                .map_or("those of the account".to_owned(), |all| {
                    all.len().to_string()
                }),
        ),
        (
            "keeps an idempotency key",
            number(can.idempotency_hours, "hours"),
        ),
    ]
}

fn email(can: &EmailCapabilities) -> Vec<Row> {
    vec![
        ("templates", yes(can.templates)),
        ("attachments", yes(can.attachments)),
        ("send later", number(can.schedule_hours, "hours ahead")),
        ("cancel a scheduled message", yes(can.cancel_scheduled)),
        ("open and click tracking", yes(can.tracking)),
        ("unsubscribe groups", yes(can.unsubscribe_groups)),
        ("tags per message", number(can.max_tags, "")),
        (
            "recipients per request",
            number(can.recipients_per_request, ""),
        ),
        ("idempotency key", yes(can.idempotent_send)),
    ]
}

fn messaging(can: &MessagingCapabilities) -> Vec<Row> {
    let ahead = |window: ScheduleWindow| {
        let days = window.max.as_secs() / 86_400;
        format!("{} seconds to {days} days ahead", window.min.as_secs())
    };
    vec![
        ("SMS", yes(can.sms)),
        ("files per message", number(can.max_media, "")),
        ("WhatsApp", yes(can.whats_app)),
        ("templates", yes(can.templates)),
        ("characters per text", number(can.max_text, "")),
        ("send later", can.schedule.map_or_else(no, ahead)),
        ("cancel a scheduled message", yes(can.cancel_scheduled)),
        (
            "time limit for delivery",
            can.max_validity
                .map_or_else(no, |limit| format!("{} seconds", limit.as_secs())),
        ),
        ("status callback", yes(can.status_callback)),
        ("list by recipient and time", yes(can.list)),
        ("list by reference", yes(can.list_by_reference)),
        ("idempotency key", yes(can.idempotent_send)),
    ]
}

fn storage(can: &StorageCapabilities) -> Vec<Row> {
    vec![
        ("write if absent", yes(can.condition.write_if_absent)),
        ("write if unchanged", yes(can.condition.write_if_match)),
        ("delete if unchanged", yes(can.condition.delete_if_match)),
        ("read conditions", yes(can.condition.read)),
        ("links to download", yes(can.presign.get)),
        ("links to upload", yes(can.presign.put)),
        (
            "lifetime of a link",
            number(can.presign.max_seconds, "seconds"),
        ),
        ("ranges", yes(can.ranges)),
        ("metadata", yes(can.metadata)),
        ("copy", yes(can.copy)),
        ("delimiter", yes(can.delimiter)),
        ("keys per delete request", number(can.delete_batch, "")),
    ]
}

/// A table with one column per vendor.
fn table(name: &str, vendors: &[(&str, Vec<Row>)]) -> String {
    let mut text = format!("| {name} |");
    vendors
        .iter()
        .for_each(|(vendor, _)| write!(text, " {vendor} |").unwrap());
    text += "\n|---|";
    vendors.iter().for_each(|_| text += "---|");
    text.push('\n');
    for (at, (capability, _)) in vendors[0].1.iter().enumerate() {
        write!(text, "| {capability} |").unwrap();
        for (_, rows) in vendors {
            assert_eq!(rows[at].0, *capability);
            write!(text, " {} |", rows[at].1).unwrap();
        }
        text.push('\n');
    }
    text
}

/// The number of values in a struct's Debug output, which must be the number of rows.
fn leaves(debug: &str) -> usize {
    let values = debug.matches(": true").count() + debug.matches(": false").count();
    values + debug.matches(": Some(").count() + debug.matches(": None").count()
}

async fn render() -> String {
    let sandbox = Sandbox::start().await.unwrap();
    // The secrets are in files, so that the environment of this process does not change.
    let folder = std::env::temp_dir().join(format!("anyvendor-readme-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let config = secrets_in_files(&sandbox.config_toml(), sandbox.variables(), &folder).unwrap();
    let with = |vendor: &str| {
        let chosen = ("ANYVENDOR_PAYMENT__VENDOR".to_owned(), vendor.to_owned());
        Vendors::connect(&Config::from_toml_and(&config, [chosen]).unwrap()).unwrap()
    };
    let (vendors, other) = (with("stripe"), with("paypal"));
    fs::remove_dir_all(folder).unwrap();
    let whole = |rows: Vec<Row>, debug: String| {
        assert_eq!(
            rows.len(),
            leaves(&debug),
            "a row for each capability: {debug}"
        );
        rows
    };
    let mut payments = Vec::new();
    for pay in [vendors.payment().unwrap(), other.payment().unwrap()] {
        let can = pay.capabilities();
        payments.push((pay.vendor(), whole(payment(&can), format!("{can:?}"))));
    }
    let (mailer, texts) = (vendors.email().unwrap(), vendors.messaging().unwrap());
    let store = vendors.storage().unwrap();
    let can = mailer.capabilities();
    let emails = whole(email(&can), format!("{can:?}"));
    let can = texts.capabilities();
    let messages = whole(messaging(&can), format!("{can:?}"));
    let can = store.capabilities();
    let objects = whole(storage(&can), format!("{can:?}"));
    let text = [
        table("payment", &payments),
        table("email", &[(mailer.vendor(), emails)]),
        table("messaging", &[(texts.vendor(), messages)]),
        table("storage", &[(store.vendor(), objects)]),
    ]
    .join("\n");
    sandbox.shutdown().await;
    text
}

/// The README with this table between the markers.
fn with_table(readme: &str, table: &str) -> Option<String> {
    let (before, rest) = readme.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}{table}{END}{after}"))
}

#[tokio::test]
async fn the_readme_has_the_capabilities() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let wanted =
        with_table(&readme, &render().await).expect("README.md lacks the capability markers");
    if std::env::var_os("ANYVENDOR_WRITE").is_some() {
        fs::write(path, wanted).unwrap();
        return;
    }
    assert!(
        readme == wanted,
        "the capability table in README.md differs from the code; update it with\n  \
         ANYVENDOR_WRITE=1 cargo test -p anyvendor-tests --test readme"
    );
}

#[test]
fn an_old_table_is_noticed() {
    let readme = format!("a\n{BEGIN}| old |\n{END}\nb\n");
    let new = with_table(&readme, "| new |\n").unwrap();
    assert_eq!(new, format!("a\n{BEGIN}| new |\n{END}\nb\n"));
    assert_ne!(readme, new);
    assert_eq!(with_table("no marks", "| new |\n"), None);
}

#[test]
fn every_field_counts_as_a_row() {
    assert_eq!(leaves(&format!("{:?}", EmailCapabilities::default())), 9);
}

/// The TOML blocks of a document that have a table; others show a single setting.
fn configurations(document: &str) -> Vec<String> {
    let blocks = document.split("```toml\n").skip(1);
    blocks
        .filter_map(|block| block.split("```").next())
        .filter(|block| block.contains("\n[") || block.starts_with('['))
        .map(|block| {
            if block.lines().any(|line| line.starts_with("mode = ")) {
                block.to_owned()
            } else {
                format!("mode = \"sandbox\"\n{block}")
            }
        })
        .collect()
}

#[test]
fn documented_configurations_match_the_schema() {
    let validator = jsonschema::validator_for(&Config::json_schema()).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (document, count) in [
        ("README.md", 1),
        ("crates/anyvendor/README.md", 1),
        ("docs/routing.md", 1),
        ("docs/webhooks.md", 4),
    ] {
        let text = fs::read_to_string(root.join(document)).unwrap();
        let configurations = configurations(&text);
        assert_eq!(configurations.len(), count, "{document}");
        for configuration in configurations {
            Config::from_toml(&configuration.replace("retired = [\"acme\"]", "")).unwrap();
            let value = toml::from_str::<serde_json::Value>(&configuration).unwrap();
            let errors: Vec<_> = validator
                .iter_errors(&value)
                .map(|error| error.to_string())
                .collect();
            assert!(errors.is_empty(), "{document}: {errors:#?}");
        }
    }
}
