//! The one table of vendors. Registry, schema, error messages and re-exports are made from it.

/// Calls a macro with the whole table. A vendor is one row, `"feature" name crate { table: Type, .. }`:
/// - the feature is the vendor's name in a configuration file;
/// - `name` is the facade's re-export of the adapter's crate;
/// - each `Type` of the crate serves a table of the configuration: it implements the table's trait and
///   [`Connect`](anyvendor_http::Connect).
macro_rules! for_each_vendor {
    ($callback:ident) => {
        $callback! {
            "paypal" paypal anyvendor_adapter_paypal { payment: PayPal, webhooks: PayPalWebhook }
            "s3" s3 anyvendor_adapter_s3 { storage: S3 }
            "sendgrid" sendgrid anyvendor_adapter_sendgrid { email: SendGrid, webhooks: SendGridWebhook }
            "stripe" stripe anyvendor_adapter_stripe { payment: Stripe, webhooks: StripeWebhook }
            "twilio" twilio anyvendor_adapter_twilio { messaging: Twilio, verification: Twilio, webhooks: TwilioWebhook }
        }
    };
}
pub(crate) use for_each_vendor;
