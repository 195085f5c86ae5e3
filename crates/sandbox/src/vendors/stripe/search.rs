//! Searches payments and customers: terms joined by AND, each with a quoted text or a number:
//! <https://docs.stripe.com/search#search-query-language>.

use serde_json::{Value, json};

use super::collection::{ApiObject, Collection};
use super::context::Context;
use super::error::ApiError;
use super::objects::{Customer, PaymentIntent};
use super::params::{Metadata, Params};
use super::render::Show;

/// One term of a query: what the field must be, or how it must compare.
#[derive(Debug, PartialEq, Eq)]
struct Term {
    field: String,
    compare: char,
    value: String,
}

impl Context<'_> {
    /// Handles `GET /v1/payment_intents/search`.
    pub(super) fn search_intents(&mut self, params: Params) -> Result<Value, ApiError> {
        let field = |intent: &PaymentIntent, name: &str| match name {
            "status" => Some(intent.status.as_str().to_owned()),
            "customer" => intent.customer.clone(),
            "currency" => Some(intent.currency.clone()),
            "amount" => Some(intent.amount.to_string()),
            "created" => Some(intent.created.to_string()),
            _ => in_metadata(&intent.metadata, name),
        };
        let url = "/v1/payment_intents/search";
        search(&self.account.intents, params, url, field)
    }

    /// Handles `GET /v1/customers/search`; a deleted customer is not found.
    pub(super) fn search_customers(&mut self, params: Params) -> Result<Value, ApiError> {
        let field = |customer: &Customer, name: &str| match name {
            _ if customer.deleted => None,
            "email" => customer.email.clone(),
            "name" => customer.name.clone(),
            "created" => Some(customer.created.to_string()),
            _ => in_metadata(&customer.metadata, name),
        };
        let url = "/v1/customers/search";
        search(&self.account.customers, params, url, field)
    }
}

/// One page of the objects that match a query, the newest first.
fn search<T: ApiObject + Clone + Show>(
    objects: &Collection<T>,
    mut params: Params,
    url: &str,
    field: impl Fn(&T, &str) -> Option<String>,
) -> Result<Value, ApiError> {
    let query = params.required("query")?;
    let limit = params.positive("limit")?.unwrap_or(10).min(100);
    let page = params.integer("page")?.unwrap_or(0);
    params.finish()?;
    let terms = terms(&query).ok_or_else(|| {
        let message = format!("We were unable to parse your search query: {query}");
        ApiError::invalid(message).param("query")
    })?;
    let matches = |object: &&T| {
        let mut terms = terms.iter();
        terms.all(|term| field(object, &term.field).is_some_and(|value| term.holds(&value)))
    };
    let (skip, take) = (
        usize::try_from(page).unwrap_or(0),
        usize::try_from(limit).unwrap_or(10),
    );
    let mut rest = objects.iter().rev().filter(matches).skip(skip);
    let data: Vec<Value> = rest.by_ref().take(take).map(Show::show).collect();
    let more = rest.next().is_some();
    let next = more.then(|| (skip + take).to_string());
    Ok(
        json!({"object": "search_result", "data": data, "has_more": more, "next_page": next, "url": url}),
    )
}

fn in_metadata(metadata: &Metadata, name: &str) -> Option<String> {
    metadata.get(name.strip_prefix("metadata.")?).cloned()
}

impl Term {
    fn holds(&self, value: &str) -> bool {
        match self.compare {
            ':' => value == self.value,
            compare => match (value.parse::<i64>(), self.value.parse::<i64>()) {
                (Ok(have), Ok(want)) if compare == '<' => have < want,
                (Ok(have), Ok(want)) => have > want,
                _ => false,
            },
        }
    }
}

/// Reads a query; `None` if it is not one.
fn terms(query: &str) -> Option<Vec<Term>> {
    let mut terms = Vec::new();
    let mut rest = query.trim();
    loop {
        let at = rest.find([':', '<', '>'])?;
        let (field, after) = rest.split_at(at);
        let mut after = after.chars();
        let compare = after.next()?;
        let (value, after) = value(after.as_str())?;
        let field = match field.strip_prefix("metadata[") {
            Some(key) => format!(
                "metadata.{}",
                key.strip_suffix(']')?.trim_matches(['\'', '"'])
            ),
            None => field.to_owned(),
        };
        terms.push(Term {
            field,
            compare,
            value,
        });
        if after.is_empty() {
            return Some(terms);
        }
        rest = after.strip_prefix(" AND ")?.trim_start();
    }
}

/// Reads a quoted text, in which a backslash escapes, or a number; and what follows it.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quote) = text.chars().next().filter(|c| matches!(c, '\'' | '"')) else {
        let end = text.find(' ').unwrap_or(text.len());
        let (number, rest) = text.split_at(end);
        return number
            .parse::<i64>()
            .ok()
            .map(|_| (number.to_owned(), rest));
    };
    let mut value = String::new();
    let mut characters = text.get(1..)?.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => value.push(characters.next()?),
            end if end == quote => return Some((value, characters.as_str())),
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_escaped_by_a_backslash() {
        let query = r#"metadata['key']:'it\'s \\ AND ' AND created<17"#;
        let term = |field: &str, compare, value: &str| Term {
            field: field.to_owned(),
            compare,
            value: value.to_owned(),
        };
        let expected = vec![
            term("metadata.key", ':', r"it's \ AND "),
            term("created", '<', "17"),
        ];
        assert_eq!(terms(query), Some(expected));
        for wrong in [
            "",
            "status",
            "status:",
            "status:'x",
            "status:x",
            "status:'x' OR a:'b'",
        ] {
            assert_eq!(terms(wrong), None, "{wrong}");
        }
    }
}
