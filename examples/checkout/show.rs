//! The output in the terminal.

use comfy_table::{CellAlignment, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use shop::{EventReport, Report};

/// A progress bar; nothing if the output is not a terminal.
pub(crate) fn progress(orders: usize) -> ProgressBar {
    let bar = ProgressBar::new(orders as u64);
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} {msg}");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// The table of all orders.
pub(crate) fn orders(report: &Report) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_header([
        "order",
        "amount",
        "outcome",
        "message id",
        "receipt",
    ]);
    for line in &report.orders {
        let outcome = match &line.detail {
            Some(detail) if line.email.is_some() => format!("{}, no email: {detail}", line.outcome),
            Some(detail) => format!("{}: {detail}", line.outcome),
            None => line.outcome.to_owned(),
        };
        table.add_row([
            line.order.clone(),
            line.amount.clone(),
            outcome,
            line.message_id.clone().unwrap_or_default(),
            line.receipt.clone().unwrap_or_default(),
        ]);
    }
    align_right(&mut table, &[1]);
    table
}

/// The table of all currencies.
pub(crate) fn totals(report: &Report) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_header([
        "currency",
        "orders",
        "charged",
        "declined",
        "awaiting payer",
        "unsettled",
    ]);
    for (currency, sums) in &report.totals {
        table.add_row([
            currency.clone(),
            sums.orders.to_string(),
            sums.charged.clone(),
            sums.declined.clone(),
            sums.awaiting_payer.clone(),
            sums.unsettled.clone(),
        ]);
    }
    align_right(&mut table, &[1, 2, 3, 4, 5]);
    table
}

/// The table of state changes, by order.
pub(crate) fn moves(events: &EventReport) -> Table {
    let mut table = Table::new();
    let heads = ["order", "payment", "email", "text", "not confirmed"];
    table.load_style(presets::ASCII_MARKDOWN).set_header(heads);
    for (order, moves) in &events.orders {
        table.add_row([
            order.clone(),
            moves.payment.join(" > "),
            moves.email.join(" > "),
            moves.text.join(" > "),
            moves.missing.join(", "),
        ]);
    }
    table
}

/// The events counted by their effect, and the sums that they report.
pub(crate) fn counts(events: &EventReport) -> String {
    let counts = &events.counts;
    let mut text = format!(
        "events: {} changed a state, {} were stale, {} were about other things; {} copies, {} deferred, {} deliveries rejected",
        counts.applied,
        counts.stale,
        counts.other,
        counts.duplicates,
        counts.put_off,
        counts.refused,
    );
    for (currency, (charged, by_events)) in &events.totals {
        let verdict = if charged == by_events {
            "as charged"
        } else {
            "NOT as charged"
        };
        text.push_str(&format!(
            "\n{currency} {by_events} captured by events, {verdict}"
        ));
    }
    text
}

fn align_right(table: &mut Table, columns: &[usize]) {
    for column in columns {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}
