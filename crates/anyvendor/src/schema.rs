//! The JSON schema of the configuration, for editors that complete and check while a user types.

use std::collections::BTreeMap;

use anyvendor_http::{Connect, Mode};
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::{
    config::{Config, RoutesIn, Sticky},
    vendors::for_each_vendor,
};

impl Config {
    /// The schema of a configuration file, with the settings of the adapters compiled in. Tables of outside adapters are
    /// accepted unchecked.
    ///
    /// ```
    /// let schema = anyvendor::Config::json_schema();
    /// assert_eq!(schema["title"], "anyvendor");
    /// assert_eq!(schema["required"][0], "mode");
    /// std::fs::write(std::env::temp_dir().join("anyvendor.schema.json"), schema.to_string())?;
    /// # std::io::Result::Ok(())
    /// ```
    #[must_use]
    pub fn json_schema() -> Value {
        let mut generator = SchemaSettings::draft2020_12().into_generator();
        let mode = generator.subschema_for::<Mode>().to_value();
        let tables = tables(&mut generator);
        let vendors_of = |name: &str| tables.get(name).cloned().unwrap_or_default();
        let sticky = generator.subschema_for::<Sticky>().to_value();
        let routes = generator.subschema_for::<RoutesIn>().to_value();
        let definitions: Map<String, Value> = generator.take_definitions(true);
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "anyvendor",
            "type": "object",
            "required": ["mode"],
            "additionalProperties": false,
            "properties": {
                "mode": mode,
                "payment": table(vendors_of("payment"), &sticky, &routes),
                "email": table(vendors_of("email"), &sticky, &routes),
                "messaging": table(vendors_of("messaging"), &sticky, &routes),
                "verification": table(vendors_of("verification"), &sticky, &routes),
                "storage": table(vendors_of("storage"), &sticky, &routes),
                "webhooks": endpoints(vendors_of("webhooks")),
            },
            "$defs": definitions,
        })
    }
}

/// A vendor's name and the schema of its settings.
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
            // Without any vendor's feature they are unused.
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

/// The schema of a table. Its `vendor` decides which settings it may have; an unknown vendor may have any. The settings may be
/// in the table itself or in `vendors.<vendor>`; the settings of the route are in the table in addition.
fn table(vendors: Vec<Settings>, sticky: &Value, routes: &Value) -> Value {
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
        "routes": routes,
        "vendors": {"type": "object", "properties": known, "additionalProperties": {"type": "object"}},
    });
    let choices: Vec<Value> = vendors
        .into_iter()
        .map(|(vendor, settings)| {
            json!({
                "if": {"properties": {"vendor": {"const": vendor}}},
                "then": with_route(settings, &route),
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

/// The schema of the endpoints by name. If an endpoint names no vendor, its name is the vendor's.
fn endpoints(vendors: Vec<Settings>) -> Value {
    let named: Map<String, Value> = vendors
        .iter()
        .map(|(vendor, settings)| {
            let of_that_vendor = json!({"properties": {"vendor": {"const": vendor}}});
            let endpoint = json!({"if": of_that_vendor, "then": of_endpoint(settings.clone())});
            ((*vendor).to_owned(), endpoint)
        })
        .collect();
    let choices: Vec<Value> = vendors
        .into_iter()
        .map(|(vendor, settings)| {
            json!({
                "if": {"required": ["vendor"], "properties": {"vendor": {"const": vendor}}},
                "then": of_endpoint(settings),
            })
        })
        .collect();
    let mut any = json!({"type": "object", "properties": {"vendor": {"type": "string"}}});
    if !choices.is_empty()
        && let Some(any) = any.as_object_mut()
    {
        any.insert("allOf".to_owned(), Value::Array(choices));
    }
    json!({"type": "object", "properties": named, "additionalProperties": any})
}

/// Adds what every endpoint has to the settings: the vendor's name, and whether it receives events of both modes.
fn of_endpoint(mut settings: Value) -> Value {
    if let Some(own) = settings
        .get_mut("properties")
        .and_then(Value::as_object_mut)
    {
        own.insert("vendor".to_owned(), json!({"type": "string"}));
        own.insert("any_mode".to_owned(), json!({"type": "boolean"}));
    }
    settings
}

/// Adds the settings of the route. The vendor's required settings are required only in a table without `vendors`.
fn with_route(mut settings: Value, route: &Value) -> Value {
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
