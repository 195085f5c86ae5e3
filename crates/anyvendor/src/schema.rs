//! The JSON schema of the configuration, for editors that complete and check as one types.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::config::{Config, Mode};

impl Config {
    /// The schema of a configuration file that uses the adapters compiled in. Tables of outside adapters are let
    /// through unchecked.
    #[must_use]
    pub fn json_schema() -> Value {
        let mut generator = SchemaSettings::draft2020_12().into_generator();
        let mode = generator.subschema_for::<Mode>().to_value();
        let payment: Vec<Value> = vec![
            #[cfg(feature = "stripe")]
            section::<anyvendor_adapter_stripe::StripeConfig>(&mut generator, "stripe"),
        ];
        let email: Vec<Value> = vec![
            #[cfg(feature = "sendgrid")]
            section::<anyvendor_adapter_sendgrid::SendGridConfig>(&mut generator, "sendgrid"),
        ];
        let storage: Vec<Value> = vec![
            #[cfg(feature = "s3")]
            section::<anyvendor_adapter_s3::S3Config>(&mut generator, "s3"),
        ];
        let definitions: Map<String, Value> = generator.take_definitions(true);
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "anyvendor",
            "type": "object",
            "required": ["mode"],
            "additionalProperties": false,
            "properties": {
                "mode": mode,
                "payment": table(payment),
                "email": table(email),
                "storage": table(storage),
            },
            "$defs": definitions,
        })
    }
}

/// One vendor's table: its settings, and the name that selects it.
#[cfg(any(
    feature = "paypal",
    feature = "s3",
    feature = "sendgrid",
    feature = "stripe",
    feature = "twilio"
))]
fn section<T: schemars::JsonSchema>(
    generator: &mut schemars::SchemaGenerator,
    vendor: &str,
) -> Value {
    let mut schema = T::json_schema(generator).to_value();
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert("vendor".to_owned(), json!({ "const": vendor }));
    }
    schema
}

/// A table whose `vendor` decides which settings it may have; a vendor that we do not know decides nothing.
fn table(vendors: Vec<Value>) -> Value {
    let choices: Vec<Value> = vendors
        .into_iter()
        .map(|schema| {
            let vendor = schema
                .pointer("/properties/vendor")
                .cloned()
                .unwrap_or_default();
            json!({ "if": { "properties": { "vendor": vendor } }, "then": schema })
        })
        .collect();
    json!({
        "type": "object",
        "required": ["vendor"],
        "properties": { "vendor": { "type": "string" } },
        "allOf": choices,
    })
}
