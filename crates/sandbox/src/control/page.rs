//! The page for a person who wants to see what arrived.

use std::fmt::Write as _;

use crate::html::{Table, escape};
use crate::log::RecordedResponse;
use crate::state::State;

/// The style sheet of the page, at `/style.css`.
pub(super) const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}\
    table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.2rem .6rem;border-bottom:1px solid #ddd}\
    h2{margin-top:2rem}code{font-size:.9em}";

/// The whole page.
pub(super) fn index(state: &State) -> String {
    let mut page = String::from(
        "<!doctype html><html lang=en><meta charset=utf-8><title>anyvendor sandbox</title>\
         <link rel=stylesheet href=/style.css><h1>anyvendor sandbox</h1><p>",
    );
    for (vendor, emulator) in &state.emulators {
        let about = emulator.about();
        let url = about.get("url").and_then(|url| url.as_str());
        let url = url.unwrap_or_default();
        let _infallible = write!(page, "{} <code>{url}</code> · ", vendor.title());
    }
    let _infallible = write!(
        page,
        "seed {}<p><a href=/_sandbox>addresses and keys</a> · <a href=/_sandbox/requests>requests</a> · \
         <a href=/_sandbox/webhooks>webhooks</a>",
        state.seed
    );
    for (vendor, emulator) in &state.emulators {
        for link in emulator.links() {
            let (vendor, list, label) = (vendor.name(), link.list, link.label);
            let _infallible = write!(page, " · <a href=/_sandbox/{vendor}/{list}>{label}</a>");
        }
    }
    for (_, emulator) in &state.emulators {
        for table in emulator.tables() {
            add(&mut page, table);
        }
    }
    add(&mut page, requests(state));
    page
}

fn add(page: &mut String, table: Table) {
    let (title, count) = (table.title, table.count);
    let _infallible = write!(page, "<h2>{title} ({count})</h2><table><tr>");
    for head in table.heads {
        let _infallible = write!(page, "<th>{head}");
    }
    for row in table.rows {
        page.push_str("<tr>");
        for cell in row {
            let _infallible = write!(page, "<td>{cell}");
        }
    }
    page.push_str("</table>");
}

fn requests(state: &State) -> Table {
    let heads = &["#", "vendor", "request", "response"];
    Table::newest("Requests", heads, &state.log.all(), |_, request| {
        let response = match &request.response {
            RecordedResponse::Pending => "-".to_owned(),
            RecordedResponse::Status(status) => status.to_string(),
            RecordedResponse::Fault { name, status } => {
                let shown = status.map_or(String::new(), |s| format!(" {s}"));
                format!("<b>{name}</b>{shown}")
            }
        };
        let (method, path) = (escape(&request.method), escape(&request.path));
        vec![
            request.sequence.to_string(),
            request.vendor.name().to_owned(),
            format!("{method} <code>{path}</code>"),
            response,
        ]
    })
}
