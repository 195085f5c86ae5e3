//! The JSON schema of the configuration, for editors that complete and check as one types.

use std::collections::BTreeMap;

use anyvendor_http::{Connect, Mode};
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::{
    config::{Config, Sticky},
    vendors::for_each_vendor,
};

impl Config {
    /// The schema of a configuration file that uses the adapters compiled in. Tables of outside adapters are let
    /// through unchecked.
    #[must_use]
    pub fn json_schema() -> Value {
        let mut generator = SchemaSettings::draft2020_12().into_generator();
        let mode = generator.subschema_for::<Mode>().to_value();
        let tables = tables(&mut generator);
        let of = |name: &str| tables.get(name).cloned().unwrap_or_default();
        let sticky = generator.subschema_for::<Sticky>().to_value();
        let definitions: Map<String, Value> = generator.take_definitions(true);
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "anyvendor",
            "type": "object",
            "required": ["mode"],
            "additionalProperties": false,
            "properties": {
                "mode": mode,
                "payment": table(of("payment"), &sticky),
                "email": table(of("email"), &sticky),
                "messaging": table(of("messaging"), &sticky),
                "verification": table(of("verification"), &sticky),
                "storage": table(of("storage"), &sticky),
                "webhooks": endpoints(of("webhooks")),
            },
            "$defs": definitions,
        })
    }
}

/// A vendor's name and its settings.
type Settings = (&'static str, Value);

/// The adapters compiled in, by the table of the configuration that they serve.
type Tables = BTreeMap<&'static str, Vec<Settings>>;

macro_rules! schemas {
    ($($feature:literal $name:ident $adapter:ident { $($table:ident: $provider:ident),+ })+) => {
        fn tables(generator: &mut SchemaGenerator) -> Tables {
            let mut tables = Tables::new();
            $(
                #[cfg(feature = $feature)]
                {
                    $(add::<$adapter::$provider>(generator, &mut tables, stringify!($table), $feature);)+
                }
            )+
            // Without any vendor's feature both stay as they are.
            let _ = (&generator, &mut tables);
            tables
        }
    };
}

for_each_vendor!(schemas);

#[allow(
    dead_code,
    reason = "without any vendor's feature nothing is compiled in"
)]
fn add<C: Connect>(
    generator: &mut SchemaGenerator,
    tables: &mut Tables,
    table: &'static str,
    vendor: &'static str,
) where
    C::Config: JsonSchema,
{
    let settings = C::Config::json_schema(generator).to_value();
    tables.entry(table).or_default().push((vendor, settings));
}

/// A table whose `vendor` decides which settings it may have; a vendor that we do not know decides nothing. Settings may
/// stand in the table itself or in `vendors.<vendor>`; who else answers, and when, stands beside them.
fn table(vendors: Vec<Settings>, sticky: &Value) -> Value {
    let names = json!({"type": "array", "items": {"type": "string"}});
    let share = json!({"type": ["number", "string"], "minimum": 0, "maximum": 100});
    let known: Map<String, Value> = vendors
        .iter()
        .map(|(vendor, settings)| ((*vendor).to_owned(), settings.clone()))
        .collect();
    let route = json!({
        "vendor": {"type": "string"},
        "failover": names,
        "retired": names,
        "split": {"type": "object", "additionalProperties": share},
        "sticky": sticky,
        "vendors": {"type": "object", "properties": known, "additionalProperties": {"type": "object"}},
    });
    let choices: Vec<Value> = vendors
        .into_iter()
        .map(|(vendor, settings)| {
            json!({
                "if": {"properties": {"vendor": {"const": vendor}}},
                "then": beside_a_route(settings, &route),
            })
        })
        .collect();
    json!({
        "type": "object",
        "required": ["vendor"],
        "properties": route,
        "allOf": choices,
    })
}

/// Endpoints by name: one that names no vendor is of the vendor that it is called after.
fn endpoints(vendors: Vec<Settings>) -> Value {
    let named: Map<String, Value> = vendors
        .iter()
        .map(|(vendor, settings)| {
            let of_that_vendor = json!({"properties": {"vendor": {"const": vendor}}});
            let endpoint = json!({"if": of_that_vendor, "then": with_vendor(settings.clone())});
            ((*vendor).to_owned(), endpoint)
        })
        .collect();
    let choices: Vec<Value> = vendors
        .into_iter()
        .map(|(vendor, settings)| {
            json!({
                "if": {"required": ["vendor"], "properties": {"vendor": {"const": vendor}}},
                "then": with_vendor(settings),
            })
        })
        .collect();
    let mut any = json!({"type": "object", "properties": {"vendor": {"type": "string"}}});
    if let (false, Some(any)) = (choices.is_empty(), any.as_object_mut()) {
        any.insert("allOf".to_owned(), Value::Array(choices));
    }
    json!({"type": "object", "properties": named, "additionalProperties": any})
}

/// The settings, and the vendor's name beside them.
fn with_vendor(mut settings: Value) -> Value {
    if let Some(own) = settings
        .get_mut("properties")
        .and_then(Value::as_object_mut)
    {
        own.insert("vendor".to_owned(), json!({"type": "string"}));
    }
    settings
}

/// Settings that stand in the table itself, which need be whole only where no other place is given.
fn beside_a_route(mut settings: Value, route: &Value) -> Value {
    let Some(schema) = settings.as_object_mut() else {
        return settings;
    };
    let required = schema.remove("required").unwrap_or_else(|| json!([]));
    if let (Some(Value::Object(own)), Value::Object(route)) = (schema.get_mut("properties"), route)
    {
        for (name, property) in route {
            own.entry(name.clone()).or_insert(property.clone());
        }
    }
    schema.insert("if".to_owned(), json!({"not": {"required": ["vendors"]}}));
    schema.insert("then".to_owned(), json!({ "required": required }));
    settings
}
