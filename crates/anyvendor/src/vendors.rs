//! The one table of vendors: feature, crate, and the type that serves each table of the configuration.

/// Calls a macro with the whole table. A vendor is one row:
/// `"feature" name crate { table: Type, .. }`, where `name` is the facade's re-export of the adapter's crate. A type
/// implements [`Connect`](anyvendor_http::Connect) and the trait of each table that it serves.
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
