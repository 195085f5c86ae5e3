//! The settings and the options of each adapter, and what it is connected to.

use std::fmt::Debug;

use anyvendor::{
    Error,
    paypal::{
        self, PayPal, PayPalCaptureOptions, PayPalConfig, PayPalOptions, PayPalRefundOptions,
        PayPalWebhook, PayPalWebhookConfig,
    },
    s3::{CredentialsConfig, S3, S3Config},
    sendgrid::{
        GoogleAnalytics, SendGrid, SendGridConfig, SendGridOptions, SendGridWebhook,
        SendGridWebhookConfig,
    },
    stripe::{Stripe, StripeConfig, StripeOptions, StripeWebhook, StripeWebhookConfig},
    twilio::{Twilio, TwilioConfig, TwilioOptions, TwilioWebhook, TwilioWebhookConfig},
    values::Secret,
};

use super::canary::{Canary, Prints};

const ACCOUNT: &str = "AC00000000000000000000000000000001";

/// Prints a connection, or the error that there is none.
fn connected<T: Debug>(prints: &mut Prints, name: &'static str, connection: Result<T, Error>) {
    match connection {
        Ok(connection) => prints.add(name, &connection),
        Err(error) => prints.add_text("Error", format!("{error} {error:?} {error:#?}")),
    }
}

pub(crate) fn add(canary: &Canary, prints: &mut Prints) {
    stripe(canary, prints);
    paypal(canary, prints);
    sendgrid(canary, prints);
    twilio(canary, prints);
    s3(canary, prints);
}

fn stripe(canary: &Canary, prints: &mut Prints) {
    let key = || Secret::new(["sk_test_", &canary.word].concat());
    for address in [None, Some(canary.url_text()), Some(canary.text())] {
        let mut config = StripeConfig::new(key());
        config.base_url = address;
        prints.add("StripeConfig", &config);
        connected(prints, "Stripe", Stripe::new(config));
    }
    connected(
        prints,
        "Stripe",
        Stripe::new(StripeConfig::new(canary.secret())),
    );
    let options = StripeOptions::new()
        .with_statement_descriptor_suffix(canary.text())
        .with_transfer_group(canary.text());
    prints.add("StripeOptions", &options);
    for secret in [canary.text(), format!("whsec_{}", canary.word)] {
        let config = StripeWebhookConfig::new([Secret::new(secret)]);
        prints.add("StripeWebhookConfig", &config);
        connected(prints, "StripeWebhook", StripeWebhook::new(&config));
    }
}

fn paypal(canary: &Canary, prints: &mut Prints) {
    let environment = paypal::Environment::Sandbox;
    for address in [None, Some(canary.url_text()), Some(canary.text())] {
        let mut config = PayPalConfig::new(canary.secret(), canary.secret(), environment);
        config.brand_name = Some(canary.text());
        config.base_url.clone_from(&address);
        prints.add("PayPalConfig", &config);
        connected(prints, "PayPal", PayPal::new(config));
        let mut config = PayPalWebhookConfig::new(["1JE4291016473214C"]);
        config.base_url.clone_from(&address);
        config.root_certificates = Some(canary.text());
        prints.add("PayPalWebhookConfig", &config);
        connected(prints, "PayPalWebhook", PayPalWebhook::new(&config));
        let mut config = PayPalWebhookConfig::new(["1JE4291016473214C"]).with_online_verification(
            canary.secret(),
            canary.secret(),
            environment,
        );
        config.base_url = address;
        prints.add("PayPalWebhookConfig", &config);
        connected(prints, "PayPalWebhook", PayPalWebhook::new(&config));
    }
    let options = PayPalOptions::new()
        .with_locale(canary.text())
        .with_partner_attribution_id(canary.text())
        .with_client_metadata_id(canary.text())
        .with_mock_issue(canary.text());
    prints.add("PayPalOptions", &options);
    let capture = PayPalCaptureOptions::new()
        .with_invoice_id(canary.text())
        .with_note_to_payer(canary.text())
        .with_soft_descriptor(canary.text());
    prints.add("PayPalCaptureOptions", &capture);
    let refund = PayPalRefundOptions::new()
        .with_invoice_id(canary.text())
        .with_note_to_payer(canary.text());
    prints.add("PayPalRefundOptions", &refund);
}

fn sendgrid(canary: &Canary, prints: &mut Prints) {
    for address in [None, Some(canary.url_text()), Some(canary.text())] {
        let key = format!("SG.{0}.{0}", canary.word);
        let mut config = SendGridConfig::new(Secret::new(key));
        config.base_url = address;
        prints.add("SendGridConfig", &config);
        connected(prints, "SendGrid", SendGrid::new(config));
    }
    let marks = GoogleAnalytics {
        source: Some(canary.text()),
        medium: Some(canary.text()),
        term: Some(canary.text()),
        content: Some(canary.text()),
        campaign: Some(canary.text()),
    };
    prints.add("GoogleAnalytics", &marks);
    let options = SendGridOptions::default()
        .with_ip_pool_name(canary.text())
        .with_google_analytics(marks)
        .with_substitution_marks(canary.text(), canary.text());
    prints.add("SendGridOptions", &options);
    let mut config = SendGridWebhookConfig::new([canary.text()]);
    config.basic_auth = vec![canary.secret().into()];
    prints.add("SendGridWebhookConfig", &config);
    connected(prints, "SendGridWebhook", SendGridWebhook::new(&config));
}

fn twilio(canary: &Canary, prints: &mut Prints) {
    for address in [None, Some(canary.url_text()), Some(canary.text())] {
        let mut config = TwilioConfig::new(ACCOUNT, canary.secret())
            .with_from(canary.text())
            .with_messaging_service_sid(canary.text())
            .with_whats_app_from(format!("+1555{}", canary.digits))
            .with_status_callback(canary.url_text())
            .with_verify_service_sid(canary.text());
        config.base_url.clone_from(&address);
        config.verify_base_url = address;
        prints.add("TwilioConfig", &config);
        connected(prints, "Twilio", Twilio::new(config));
    }
    let callback = TwilioConfig::new(ACCOUNT, canary.secret())
        .with_from(format!("+1555{}", canary.digits))
        .with_status_callback(format!("https://shop.example/{0}?token={0}", canary.word));
    connected(prints, "Twilio", Twilio::new(callback));
    let mut options = TwilioOptions::default();
    options.fallback_from = Some(canary.phone());
    prints.add("TwilioOptions", &options);
    let config = TwilioWebhookConfig::new([canary.secret()]).with_public_url(canary.url_text());
    prints.add("TwilioWebhookConfig", &config);
    connected(prints, "TwilioWebhook", TwilioWebhook::new(&config));
    let config = TwilioWebhookConfig::new([canary.secret()]);
    connected(prints, "TwilioWebhook", TwilioWebhook::new(&config));
}

fn s3(canary: &Canary, prints: &mut Prints) {
    let fixed = CredentialsConfig::Static {
        access_key_id: canary.secret().into(),
        secret_access_key: canary.secret().into(),
        session_token: Some(canary.secret().into()),
    };
    prints.add("CredentialsConfig", &fixed);
    for address in [None, Some(canary.url_text()), Some(canary.text())] {
        let mut config = S3Config::new("receipts", "eu-central-1", fixed.clone());
        config.endpoint = address;
        prints.add("S3Config", &config);
        connected(prints, "S3", S3::new(config));
    }
}
