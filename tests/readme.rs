//! The capability table in the README is made from the capability structs, never typed.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::{fmt::Write as _, fs, path::Path};

use anyvendor::{
    Config, Vendors, email::EmailCapabilities, payment::PaymentCapabilities,
    storage::StorageCapabilities,
};
use anyvendor_sandbox::Sandbox;

const BEGIN: &str = "<!-- capabilities:begin -->\n";
const END: &str = "<!-- capabilities:end -->";

/// A capability in words, and what the vendor says.
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

fn payment(can: &PaymentCapabilities) -> Vec<Row> {
    vec![
        ("capture later", yes(can.capture.manual)),
        ("capture a part", yes(can.capture.partial)),
        ("capture several times", yes(can.capture.multiple)),
        ("refund", yes(can.refund.full)),
        ("refund a part", yes(can.refund.partial)),
        ("customers", yes(can.source.customers)),
        ("save a source", yes(can.source.save)),
        (
            "save a source while paying",
            yes(can.source.save_with_payment),
        ),
        ("list and remove sources", yes(can.source.list)),
        ("charge while the payer is away", yes(can.off_session)),
        ("list payments", yes(can.list)),
        (
            "remembers an idempotency key",
            number(can.idempotency_hours, "hours"),
        ),
    ]
}

fn email(can: &EmailCapabilities) -> Vec<Row> {
    vec![
        ("templates", yes(can.templates)),
        ("attachments", yes(can.attachments)),
        ("send later", number(can.schedule_hours, "hours ahead")),
        ("cancel what is scheduled", yes(can.cancel_scheduled)),
        ("open and click tracking", yes(can.tracking)),
        ("unsubscribe groups", yes(can.unsubscribe_groups)),
        ("tags of a message", number(can.max_tags, "")),
        (
            "recipients of a request",
            number(can.recipients_per_request, ""),
        ),
        ("idempotency key", yes(can.idempotent_send)),
    ]
}

fn storage(can: &StorageCapabilities) -> Vec<Row> {
    vec![
        ("write if absent", yes(can.condition.write_if_absent)),
        ("write if unchanged", yes(can.condition.write_if_match)),
        ("delete if unchanged", yes(can.condition.delete_if_match)),
        ("conditions on reading", yes(can.condition.read)),
        ("links to read", yes(can.presign.get)),
        ("links to write", yes(can.presign.put)),
        ("life of a link", number(can.presign.max_seconds, "seconds")),
        ("ranges", yes(can.ranges)),
        ("metadata", yes(can.metadata)),
        ("copy", yes(can.copy)),
        ("delimiter", yes(can.delimiter)),
        ("keys of a delete request", number(can.delete_batch, "")),
    ]
}

fn table(name: &str, vendor: &str, rows: &[Row]) -> String {
    let mut text = format!("| {name} | {vendor} |\n|---|---|\n");
    for (capability, value) in rows {
        writeln!(text, "| {capability} | {value} |").unwrap();
    }
    text
}

/// The words of a struct's Debug output that end in `: true`, `: false` or a number are its fields: as many as rows.
fn leaves(debug: &str) -> usize {
    let values = debug.matches(": true").count() + debug.matches(": false").count();
    values + debug.matches(": Some(").count() + debug.matches(": None").count()
}

async fn render() -> String {
    let sandbox = Sandbox::start().await.unwrap();
    // The keys stand in files, so that the environment of this process stays as it is.
    let folder = std::env::temp_dir().join(format!("anyvendor-readme-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let mut text = sandbox.config_toml();
    for (name, value) in sandbox.variables() {
        let file = folder.join(name);
        fs::write(&file, value).unwrap();
        text = text.replace(&format!("env:{name}"), &format!("file:{}", file.display()));
    }
    let vendors = Vendors::connect(&Config::from_toml(&text).unwrap()).unwrap();
    fs::remove_dir_all(folder).unwrap();
    let pay = vendors.payment().unwrap();
    let mail = vendors.email().unwrap();
    let store = vendors.storage().unwrap();
    let rows = payment(&pay.capabilities());
    assert_eq!(
        rows.len(),
        leaves(&format!("{:?}", pay.capabilities())),
        "a row for each capability"
    );
    let mut text = table("payment", pay.vendor(), &rows);
    let rows = email(&mail.capabilities());
    assert_eq!(
        rows.len(),
        leaves(&format!("{:?}", mail.capabilities())),
        "a row for each capability"
    );
    text += "\n";
    text += &table("email", mail.vendor(), &rows);
    let rows = storage(&store.capabilities());
    assert_eq!(
        rows.len(),
        leaves(&format!("{:?}", store.capabilities())),
        "a row for each capability"
    );
    text += "\n";
    text += &table("storage", store.vendor(), &rows);
    sandbox.shutdown().await;
    text
}

/// The README with this table between the marks.
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
        with_table(&readme, &render().await).expect("README.md lacks the capability marks");
    if std::env::var_os("ANYVENDOR_WRITE").is_some() {
        fs::write(path, wanted).unwrap();
        return;
    }
    assert!(
        readme == wanted,
        "the capability table in README.md is not that of the code; write it with\n  \
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
