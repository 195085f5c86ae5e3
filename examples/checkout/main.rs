//! The main example: charges a file of orders, stores receipts and sends emails, on the sandbox or with real vendors.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program's output is for the person who started it"
)]

mod options;
mod place;
mod show;

use std::{error::Error, io::Write, process::ExitCode, sync::Arc, time::Duration};

use anyvendor::{Mode, Vendors};
use clap::Parser;
use shop::{EventBook, EventReport, Report, Shop, TestCards, read_orders};

use self::{options::Options, place::Place};

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Options::parse()).await {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(error) => {
            eprintln!("checkout: {error}");
            ExitCode::from(2)
        }
    }
}

/// Settles all orders, and returns how many need attention.
async fn run(options: &Options) -> Result<usize, Box<dyn Error>> {
    let orders = read_orders(&options.orders)?;
    let cards = match &options.cards {
        Some(path) => std::fs::read_to_string(path)?,
        None => include_str!("../data/test-cards.toml").to_owned(),
    };
    let cards = TestCards::from_toml(&cards)?;
    let mut place = Place::find(options).await?;
    let book = EventBook::default();
    let vendors = Vendors::builder()
        .observer(Arc::new(book.clone()))
        .connect(&place.config)?;
    if vendors.mode() == Mode::Live && !options.live {
        return Err("the configuration moves real money; add --live to confirm".into());
    }
    let mut shop = Shop::new(&vendors, cards, options.from.clone(), options.site.clone())?;
    if options.hosted {
        shop = shop.on_vendor_page();
    }
    if let Some(payer) = &place.payer {
        shop = shop.with_payer(Arc::clone(payer));
    }

    // Receiving starts before the first order: an event may arrive before the call that caused it has ended.
    let receiving = place
        .listener
        .take()
        .map(|listener| book.serve(&vendors, listener));

    // The run waits only for events about what it does itself.
    let before = if receiving.is_some() {
        shop.before(&orders, options.jobs.get()).await?
    } else {
        Vec::new()
    };
    let progress = show::progress(orders.len());
    let outcomes = shop
        .settle_all(&orders, options.jobs.get(), |order, outcome| {
            progress.set_message(format!("{} {}", order.number, outcome.word()));
            progress.inc(1);
        })
        .await;
    progress.finish_and_clear();

    let mut report = Report::new(&orders, &outcomes)?;
    if let Some(receiving) = receiving {
        let ended = orders.iter().zip(&outcomes).zip(before);
        let (orders, outcomes): (Vec<_>, Vec<_>) = ended
            .filter(|((_, outcome), before)| before.leaves_events(outcome))
            .map(|((order, outcome), _)| (order.clone(), outcome.clone()))
            .unzip();
        let progress = show::progress(orders.len());
        progress.set_message("confirmed by events");
        let limit = Duration::from_secs(options.events_within);
        let confirmed = |count: usize| progress.set_position(count as u64);
        let moves = book
            .confirmed(&shop, &orders, &outcomes, limit, confirmed)
            .await;
        progress.finish_and_clear();
        report.events = Some(EventReport::new(&orders, &outcomes, (&book, moves))?);
        receiving.abort();
    }
    if let Some(path) = &options.report {
        std::fs::write(path, serde_json::to_vec_pretty(&report)?)?;
    }
    let (orders, totals) = (show::orders(&report), show::totals(&report));
    // `writeln!` instead of `println!`: the reader of a pipe may be gone.
    writeln!(std::io::stdout(), "{orders}\n\n{totals}")?;
    if let Some(events) = &report.events {
        let (table, counts) = (show::moves(events), show::counts(events));
        writeln!(std::io::stdout(), "\n{table}\n\n{counts}")?;
    }
    place.close(options.keep).await?;
    if report.unsettled > 0 {
        eprintln!(
            "{} orders are unsettled; run the same file again",
            report.unsettled
        );
    }
    let unconfirmed = report.unconfirmed();
    if unconfirmed > 0 {
        eprintln!("{unconfirmed} orders or currencies do not match the events");
    }
    Ok(report.unsettled + unconfirmed)
}
