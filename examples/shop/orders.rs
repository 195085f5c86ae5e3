//! Reads orders from CSV or JSON. Errors name the line and the column.

use std::{collections::BTreeMap, path::Path};

use anyvendor::values::{Currency, Money};
use serde::Deserialize;
use serde_json::value::RawValue;

const COLUMNS: [&str; 9] = [
    "order", "customer", "name", "email", "currency", "amount", "card", "items", PHONE,
];
/// The one column that may be missing.
const PHONE: &str = "phone";

/// One order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The number: 1 to 60 letters, digits, `-` and `_`. Keys and file names contain it.
    pub number: String,
    /// Our id of the customer.
    pub customer: String,
    /// The customer's name.
    pub name: String,
    /// The customer's address as typed. It is checked when an email is sent: a wrong address does not stop a payment.
    pub email: String,
    /// The amount to pay.
    pub amount: Money,
    /// The source of the payment, or the name of a test card.
    pub card: String,
    /// The items, separated by semicolons.
    pub items: String,
    /// The customer's phone number as typed, if there is one. It is checked when a text is sent.
    pub phone: Option<String>,
    /// Where the file has the same order before this one, if it does.
    pub repeats: Option<String>,
}

/// Why orders cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum OrdersError {
    /// The file cannot be opened or read.
    #[error("{path}: {source}")]
    Io {
        /// The name of the file.
        path: String,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// The content is wrong.
    #[error("{path}: {place}: {problem}")]
    Content {
        /// The name of the file.
        path: String,
        /// The line and the column.
        place: String,
        /// The problem and its remedy.
        problem: String,
    },
}

/// Reads a file of orders: JSON if its name ends in `.json`, CSV otherwise. Blocks while it reads, so call it at the start.
///
/// # Errors
/// The first problem, with its line and column. The same order number twice with different content is an error; with the same
/// content it sets [`Order::repeats`].
pub fn read_orders(path: &Path) -> Result<Vec<Order>, OrdersError> {
    let name = path.display().to_string();
    let text = std::fs::read(path).map_err(|source| OrdersError::Io {
        path: name.clone(),
        source,
    })?;
    let is_json = path
        .extension()
        .is_some_and(|extension| extension == "json");
    let read = if is_json { from_json } else { from_csv };
    read(&text)
        .and_then(note_repeats)
        .map_err(|(place, problem)| OrdersError::Content {
            path: name,
            place,
            problem,
        })
}

/// The place of a problem, and the problem.
type Wrong = (String, String);

/// The place of an order in the file, and the order.
type Placed = (String, Order);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    order: String,
    customer: String,
    name: String,
    email: String,
    currency: String,
    amount: String,
    card: String,
    items: String,
    #[serde(default)]
    phone: String,
}

impl Raw {
    /// Returns the order, or the wrong column and the reason.
    fn check(self) -> Result<Order, (&'static str, String)> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if !(1..=60).contains(&self.order.len()) || !self.order.chars().all(plain) {
            let remedy = "use 1 to 60 letters, digits, `-` and `_`";
            return Err(("order", remedy.to_owned()));
        }
        if self.customer.trim().is_empty() {
            return Err((
                "customer",
                "is empty; give our id of the customer".to_owned(),
            ));
        }
        let currency =
            Currency::from_code(&self.currency).map_err(|error| ("currency", error.to_string()))?;
        let amount = Money::parse_decimal(&self.amount, currency)
            .map_err(|error| ("amount", error.to_string()))?;
        if self.card.is_empty() {
            return Err(("card", "is empty; name a test card or a source".to_owned()));
        }
        Ok(Order {
            number: self.order,
            customer: self.customer,
            name: self.name,
            email: self.email,
            amount,
            card: self.card,
            items: self.items,
            phone: Some(self.phone).filter(|phone| !phone.is_empty()),
            repeats: None,
        })
    }
}

fn from_csv(text: &[u8]) -> Result<Vec<Placed>, Wrong> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text);
    let header = reader.headers().map_err(|error| csv_problem(&error))?;
    let positions = positions(header)?;
    let mut orders = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| csv_problem(&error))?;
        let line = record.position().map_or(0, csv::Position::line);
        let field = |name: &str| {
            let at = positions.get(name);
            let text = at.and_then(|at| record.get(*at));
            text.unwrap_or_default().to_owned()
        };
        let raw = Raw {
            order: field("order"),
            customer: field("customer"),
            name: field("name"),
            email: field("email"),
            currency: field("currency"),
            amount: field("amount"),
            card: field("card"),
            items: field("items"),
            phone: field(PHONE),
        };
        let order = raw.check().map_err(|(column, problem)| {
            let at = positions.get(column).map_or(0, |at| at + 1);
            (format!("line {line}, column {at} ({column})"), problem)
        })?;
        orders.push((format!("line {line}"), order));
    }
    Ok(orders)
}

/// The position of each column.
fn positions(header: &csv::StringRecord) -> Result<BTreeMap<&'static str, usize>, Wrong> {
    let mut positions = BTreeMap::new();
    for (at, name) in header.iter().enumerate() {
        let place = || format!("line 1, column {}", at + 1);
        let Some(known) = COLUMNS.iter().find(|known| **known == name) else {
            let near = COLUMNS
                .iter()
                .min_by_key(|known| strsim::damerau_levenshtein(known, name))
                .filter(|known| strsim::damerau_levenshtein(known, name) < 3);
            let hint = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known are {}", COLUMNS.join(", ")),
            };
            return Err((place(), format!("unknown column `{name}`; {hint}")));
        };
        if positions.insert(*known, at).is_some() {
            return Err((place(), format!("column `{name}` appears twice")));
        }
    }
    let needed = COLUMNS.iter().filter(|name| **name != PHONE);
    let mut missing = needed.filter(|name| !positions.contains_key(*name));
    match missing.next() {
        Some(missing) => Err((
            "line 1".to_owned(),
            format!("column `{missing}` is missing"),
        )),
        None => Ok(positions),
    }
}

fn csv_problem(error: &csv::Error) -> Wrong {
    let place = error
        .position()
        .map_or_else(|| "line 1".to_owned(), |at| format!("line {}", at.line()));
    match error.kind() {
        csv::ErrorKind::Utf8 { err, .. } => (
            format!("{place}, column {}", err.field() + 1),
            "is not UTF-8".to_owned(),
        ),
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => (
            format!("{place}, column {}", expected_len.min(len) + 1),
            format!("has {len} columns where the first line has {expected_len}"),
        ),
        _ => (place, error.to_string()),
    }
}

fn from_json(text: &[u8]) -> Result<Vec<Placed>, Wrong> {
    let text = std::str::from_utf8(text).map_err(|error| {
        let before = text.get(..error.valid_up_to()).unwrap_or_default();
        let (line, column) = place(&String::from_utf8_lossy(before));
        (position_text(line, column), "is not UTF-8".to_owned())
    })?;
    let entries: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        (position_text(line, column), without_place(&error))
    })?;
    let mut orders = Vec::with_capacity(entries.len());
    for entry in entries {
        // The entry borrows from the text, so the difference of the addresses is its position.
        let begins = (entry.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        let (line, column) = place(text.get(..begins).unwrap_or_default());
        let raw: Raw = serde_json::from_str(entry.get()).map_err(|error| {
            let column = match error.line() {
                0 | 1 => column + error.column().saturating_sub(1),
                _ => error.column(),
            };
            let line = line + error.line().saturating_sub(1);
            (position_text(line, column), without_place(&error))
        })?;
        let order = raw.check().map_err(|(field, problem)| {
            (
                format!("{} ({field})", position_text(line, column)),
                problem,
            )
        })?;
        orders.push((format!("line {line}"), order));
    }
    Ok(orders)
}

/// The line and column that follow this text, from 1.
fn place(before: &str) -> (usize, usize) {
    let line = before.matches('\n').count() + 1;
    let last = before.rsplit('\n').next().unwrap_or_default();
    (line, last.chars().count() + 1)
}

fn position_text(line: usize, column: usize) -> String {
    format!("line {line}, column {column}")
}

/// The message without the place, which serde_json repeats at its end.
fn without_place(error: &serde_json::Error) -> String {
    let problem = error.to_string();
    problem
        .split(" at line ")
        .next()
        .unwrap_or_default()
        .to_owned()
}

fn note_repeats(orders: Vec<Placed>) -> Result<Vec<Order>, Wrong> {
    let mut seen: BTreeMap<String, Placed> = BTreeMap::new();
    let mut all = Vec::with_capacity(orders.len());
    for (place, mut order) in orders {
        match seen.get(&order.number) {
            Some((first, same)) if *same == order => order.repeats = Some(first.clone()),
            Some((first, _)) => {
                let problem = format!(
                    "order {} is at {first} with different content; give it another number",
                    order.number
                );
                return Err((place, problem));
            }
            None => {
                seen.insert(order.number.clone(), (place, order.clone()));
            }
        }
        all.push(order);
    }
    Ok(all)
}

#[cfg(test)]
mod tests;
