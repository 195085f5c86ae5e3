//! The route of a table: which vendors it has in addition to its first one, and when they are used.

use std::collections::BTreeMap;

use anyvendor_core::Error;
use serde::Deserialize;
use toml::{Table, Value};

use super::{environment::Origins, problem::Place, read::read};

/// What decides the share of a request, so that the same work always goes to the same vendor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sticky {
    /// The idempotency key, or the message's reference.
    #[default]
    Key,
    /// The application's own id of the customer if the request names it, otherwise the key.
    Customer,
}

/// The other vendors of a table, and when they are used. The default is none.
///
/// ```
/// use anyvendor::{Config, Sticky};
///
/// let config = Config::from_toml(
///     r#"
///     mode = "live"
///
///     [payment]
///     vendor = "stripe"
///     failover = ["paypal"]       # tried if Stripe certainly did nothing
///     split = { paypal = 12.5 }   # percent of new payments
///     sticky = "customer"
///     routes = "memory"           # which vendor got which key; see "What is remembered" in docs/routing.md
///
///     [payment.vendors.stripe]
///     api_key = "env:STRIPE_SECRET_KEY"
///
///     [payment.vendors.paypal]
///     client_id = "env:PAYPAL_CLIENT_ID"
///     client_secret = "env:PAYPAL_CLIENT_SECRET"
///     "#,
/// )?;
/// let route = config.payment.expect("the file has [payment]").route;
/// assert_eq!(route.failover, ["paypal"]);
/// assert_eq!(route.split["paypal"], 1250);
/// assert_eq!(route.sticky, Sticky::Customer);
/// # Ok::<(), anyvendor::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Route {
    /// The vendors to try in this order, each one after the vendor before it certainly did nothing.
    pub failover: Vec<String>,
    /// The shares of new work, in hundredths of a percent; the rest goes to the table's vendor.
    pub split: BTreeMap<String, u32>,
    /// What decides the share of a request.
    pub sticky: Sticky,
    /// Where it is recorded which vendor got which key, unless the application gives a store of its own.
    pub routes: Option<RoutesIn>,
    /// The vendors that take no new work, only follow-ups of what they did before: captures, refunds and look-ups by id.
    pub retired: Vec<String>,
}

/// Where a router records which vendor got which key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RoutesIn {
    /// In the memory of this process, which forgets at its end and knows nothing of other processes. For payments this must be
    /// chosen explicitly: a key that is used again after a restart, in another process or after a share was raised can be
    /// charged at a second vendor.
    Memory,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default)]
    failover: Vec<String>,
    #[serde(default)]
    split: BTreeMap<String, Value>,
    #[serde(default)]
    sticky: Sticky,
    #[serde(default)]
    routes: Option<RoutesIn>,
    #[serde(default)]
    retired: Vec<String>,
}

const FIELDS: [&str; 5] = ["failover", "split", "sticky", "routes", "retired"];

/// The whole, in hundredths of a percent.
const WHOLE: u32 = 10_000;

impl Route {
    /// Takes the settings of the route out of a table.
    pub(super) fn take(
        table: &'static str,
        vendor: &str,
        settings: &mut Table,
        origins: &Origins,
    ) -> Result<Self, Error> {
        let own = FIELDS
            .iter()
            .filter_map(|field| settings.remove_entry(*field))
            .collect();
        let place = Place {
            table,
            vendor: Some(vendor),
        };
        let raw: Raw = read(&place, own, origins)?;
        let reject =
            |field, remedy: String| Err(Error::config(field, format!("in [{table}]: {remedy}")));
        let mut split = BTreeMap::new();
        for (name, share) in raw.split {
            match hundredths(&share) {
                Some(share) => split.insert(name, share),
                None => {
                    let remedy = format!("the share of {name} must be a percentage from 0 to 100");
                    return reject("split", remedy);
                }
            };
        }
        if split.values().sum::<u32>() > WHOLE {
            return reject(
                "split",
                "the shares add up to more than 100 percent".to_owned(),
            );
        }
        let route = Self {
            failover: raw.failover,
            split,
            sticky: raw.sticky,
            routes: raw.routes,
            retired: raw.retired,
        };
        let named = |names: &[String], name: &String| names.contains(name) || name == vendor;
        for (at, name) in route.failover.iter().enumerate() {
            if named(route.failover.get(..at).unwrap_or_default(), name) {
                return reject("failover", format!("{name} is named twice"));
            }
        }
        if route.split.contains_key(vendor) {
            let remedy = format!("{vendor} gets the rest; name only the other vendors");
            return reject("split", remedy);
        }
        for name in &route.retired {
            if named(&route.failover, name) || route.split.contains_key(name) {
                return reject(
                    "retired",
                    format!("{name} cannot take new work and be retired"),
                );
            }
        }
        Ok(route)
    }

    /// Whether new work can go to more than one vendor.
    pub(crate) fn has_choice(&self) -> bool {
        !self.failover.is_empty() || !self.split.is_empty()
    }

    /// All vendors other than the table's vendor, each once; those for new work come first.
    pub(crate) fn others(&self) -> Vec<&str> {
        let mut all = Vec::new();
        let named = self.failover.iter().chain(self.split.keys());
        for name in named.chain(&self.retired).map(String::as_str) {
            if !all.contains(&name) {
                all.push(name);
            }
        }
        all
    }
}

/// Converts a percentage to hundredths of a percent, exactly; 0.01 is the smallest share.
fn hundredths(share: &Value) -> Option<u32> {
    let percent = match share {
        Value::Integer(percent) => percent.to_string(),
        // Read as text, so that 0.29 becomes exactly 29.
        Value::Float(percent) => percent.to_string(),
        Value::String(percent) => percent.trim_end_matches(['%', ' ']).to_owned(),
        _ => return None,
    };
    let (whole, part) = percent.split_once('.').unwrap_or((&percent, ""));
    if part.len() > 2 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let whole: u32 = whole.parse().ok()?;
    let part: u32 = format!("{part:0<2}").parse().ok()?;
    let share = whole.checked_mul(100)?.checked_add(part)?;
    (share <= WHOLE).then_some(share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn route(settings: &str) -> Result<Route, Error> {
        let text = format!(
            "mode = \"sandbox\"\n[payment]\nvendor = \"a\"\n{settings}\n[payment.vendors.b]\n[payment.vendors.c]\n"
        );
        Ok(Config::from_toml(&text)?.payment.unwrap().route)
    }

    #[test]
    fn shares_are_exact() {
        let route =
            route("split = { b = 0.29, c = 10 }\nfailover = [\"c\"]\nsticky = \"customer\"")
                .unwrap();
        assert_eq!(
            route.split,
            [("b".to_owned(), 29), ("c".to_owned(), 1000)].into()
        );
        assert_eq!(
            (route.others(), route.sticky),
            (vec!["c", "b"], Sticky::Customer)
        );
        for (text, share) in [
            ("\"12.5 %\"", 1250),
            ("100", 10_000),
            ("0", 0),
            ("33.33", 3333),
        ] {
            let route = self::route(&format!("split = {{ b = {text} }}")).unwrap();
            assert_eq!(route.split.get("b"), Some(&share), "{text}");
        }
    }

    #[test]
    fn invalid_routes_are_rejected_by_name() {
        for (settings, words) in [
            ("failover = [\"b\", \"b\"]", "b is named twice"),
            ("failover = [\"a\"]", "a is named twice"),
            ("split = { a = 10 }", "a gets the rest"),
            ("split = { b = 60, c = 50 }", "more than 100 percent"),
            (
                "split = { b = 0.001 }",
                "the share of b must be a percentage",
            ),
            ("split = { b = -1 }", "the share of b must be a percentage"),
            (
                "split = { b = true }",
                "the share of b must be a percentage",
            ),
            (
                "retired = [\"b\"]\nfailover = [\"b\"]",
                "b cannot take new work",
            ),
            ("retired = [\"a\"]", "a cannot take new work"),
            (
                "failover = [\"d\"]",
                "d has no table; add [payment.vendors.d]",
            ),
            ("sticky = \"payer\"", "unknown variant"),
            ("failover = 1", "[payment] failover"),
        ] {
            let error = route(settings).unwrap_err();
            assert!(error.to_string().contains(words), "{settings}: {error}");
        }
    }
}
