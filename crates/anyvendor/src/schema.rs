//! The JSON schema of the configuration, for editors that complete and check as one types.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::config::{Config, Mode, Sticky};

impl Config {
    /// The schema of a configuration file that uses the adapters compiled in. Tables of outside adapters are let
    /// through unchecked.
    #[must_use]
    pub fn json_schema() -> Value {
        let mut generator = SchemaSettings::draft2020_12().into_generator();
        let mode = generator.subschema_for::<Mode>().to_value();
        let payment: Vec<Settings> = vec![
            #[cfg(feature = "paypal")]
            settings::<anyvendor_adapter_paypal::PayPalConfig>(&mut generator, "paypal"),
            #[cfg(feature = "stripe")]
            settings::<anyvendor_adapter_stripe::StripeConfig>(&mut generator, "stripe"),
        ];
        let email: Vec<Settings> = vec![
            #[cfg(feature = "sendgrid")]
            settings::<anyvendor_adapter_sendgrid::SendGridConfig>(&mut generator, "sendgrid"),
        ];
        let messaging: Vec<Settings> = vec![
            #[cfg(feature = "twilio")]
            settings::<anyvendor_adapter_twilio::TwilioConfig>(&mut generator, "twilio"),
        ];
        let storage: Vec<Settings> = vec![
            #[cfg(feature = "s3")]
            settings::<anyvendor_adapter_s3::S3Config>(&mut generator, "s3"),
        ];
        let webhooks: Vec<Settings> = vec![
            #[cfg(feature = "paypal")]
            settings::<anyvendor_adapter_paypal::PayPalWebhookConfig>(&mut generator, "paypal"),
            #[cfg(feature = "sendgrid")]
            settings::<anyvendor_adapter_sendgrid::SendGridWebhookConfig>(
                &mut generator,
                "sendgrid",
            ),
            #[cfg(feature = "stripe")]
            settings::<anyvendor_adapter_stripe::StripeWebhookConfig>(&mut generator, "stripe"),
            #[cfg(feature = "twilio")]
            settings::<anyvendor_adapter_twilio::TwilioWebhookConfig>(&mut generator, "twilio"),
        ];
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
                "payment": table(payment, &sticky),
                "email": table(email, &sticky),
                "verification": table(messaging.clone(), &sticky),
                "messaging": table(messaging, &sticky),
                "storage": table(storage, &sticky),
                "webhooks": endpoints(webhooks),
            },
            "$defs": definitions,
        })
    }
}

/// A vendor's name and its settings.
type Settings = (&'static str, Value);

#[cfg(any(
    feature = "paypal",
    feature = "s3",
    feature = "sendgrid",
    feature = "stripe",
    feature = "twilio"
))]
fn settings<T: schemars::JsonSchema>(
    generator: &mut schemars::SchemaGenerator,
    vendor: &'static str,
) -> Settings {
    (vendor, T::json_schema(generator).to_value())
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
