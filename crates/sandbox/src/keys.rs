//! The secrets that clients present and events are signed with.

use crate::ids;
use crate::vendors::paypal;
use crate::vendors::twilio::Account;

/// All of them; worth nothing outside.
pub(crate) struct Keys {
    pub(crate) stripe: String,
    pub(crate) stripe_webhook: String,
    pub(crate) sendgrid: String,
    /// The public half of the key that events are signed with.
    pub(crate) sendgrid_webhook: String,
    pub(crate) s3_access: String,
    pub(crate) s3_secret: String,
    pub(crate) paypal_id: String,
    pub(crate) paypal_secret: String,
    /// The id of the listener that events are signed for.
    pub(crate) paypal_webhook: String,
    /// What the certificate of their signatures goes back to, as PEM.
    pub(crate) paypal_root: &'static str,
    pub(crate) twilio: Account,
}

impl Keys {
    pub(crate) fn new(seed: u64, sendgrid_webhook: String) -> Self {
        let state = |name: &str| ids::hash(seed, &[b"key", name.as_bytes()]);
        Self {
            stripe: format!("sk_test_{}", ids::letters(state("stripe"), 24)),
            stripe_webhook: format!("whsec_{}", ids::letters(state("stripe webhook"), 32)),
            sendgrid_webhook,
            sendgrid: format!(
                "SG.{}.{}",
                ids::letters(state("sendgrid id"), 22),
                ids::letters(state("sendgrid secret"), 43)
            ),
            s3_access: format!("AKIA{}", ids::capitals(state("s3 id"), 16)),
            s3_secret: ids::letters(state("s3 secret"), 40),
            paypal_id: format!("A{}", ids::letters(state("paypal id"), 79)),
            paypal_secret: format!("E{}", ids::letters(state("paypal secret"), 79)),
            paypal_webhook: ids::capitals(state("paypal webhook"), 17),
            paypal_root: paypal::ROOT,
            twilio: Account::new(seed),
        }
    }
}
