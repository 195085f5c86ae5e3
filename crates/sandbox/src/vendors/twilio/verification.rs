//! A verification of an address, and its JSON: <https://www.twilio.com/docs/verify/api>.

use serde_json::{Value, json};

use crate::clock;
use crate::mask::HIDDEN;

/// How long a verification can be found, in seconds.
const LIFETIME: i64 = 600;

/// The status of a verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerificationStatus {
    /// The verification waits for its code.
    Pending,
    /// The correct code was entered.
    Approved,
    /// The verification was canceled.
    Canceled,
}

impl VerificationStatus {
    /// The name of the status in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Canceled => "canceled",
        }
    }
}

/// One attempt to send the code of a verification.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CodeSent {
    /// The id of the attempt: `VL` and 32 hexadecimal digits.
    pub sid: String,
    /// The channel: `sms`, `call`, `email` or `whatsapp`.
    pub channel: String,
    /// When the code was sent, in Unix seconds.
    pub at: i64,
}

/// One verification of an address.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Verification {
    /// The id of the verification: `VE` and 32 hexadecimal digits.
    pub sid: String,
    /// The id of the account.
    pub account_sid: String,
    /// The id of the service.
    pub service_sid: String,
    /// The number or email address that is verified.
    pub to: String,
    /// The code that approves it.
    pub code: String,
    /// The status. An expired verification stays pending here, but the API does not find it.
    pub status: VerificationStatus,
    /// All attempts to send the code.
    pub sends: Vec<CodeSent>,
    /// The number of wrong codes that were tried.
    pub wrong_codes: u32,
    /// When the verification was created, in Unix seconds.
    pub created_at: i64,
    /// When the verification was last changed, in Unix seconds.
    pub updated_at: i64,
}

impl Verification {
    /// The channel that the code was last sent on.
    #[must_use]
    pub fn channel(&self) -> &str {
        self.sends.last().map_or("sms", |sent| &sent.channel)
    }

    /// The JSON that the control address shows in its list, without the code.
    pub(crate) fn summary(&self) -> Value {
        self.shown(HIDDEN)
    }

    /// The JSON that the control address shows of this one, with the code.
    pub(crate) fn with_code(&self) -> Value {
        self.shown(&self.code)
    }

    fn shown(&self, code: &str) -> Value {
        json!({"sid": self.sid, "service_sid": self.service_sid, "to": self.to, "channel": self.channel(),
            "code": code, "status": self.status.as_str(), "sends": self.sends.len(),
            "wrong_codes": self.wrong_codes, "created_at": self.created_at})
    }
}

impl Verification {
    /// Whether the verification is pending and not expired.
    pub(super) fn is_open(&self, now: i64) -> bool {
        self.status == VerificationStatus::Pending && now.saturating_sub(self.created_at) < LIFETIME
    }

    /// The fields of both JSON forms.
    fn shared(&self) -> Value {
        json!({"sid": self.sid, "service_sid": self.service_sid, "account_sid": self.account_sid, "to": self.to,
            "channel": self.channel(), "status": self.status.as_str(),
            "valid": self.status == VerificationStatus::Approved, "amount": null, "payee": null,
            "date_created": clock::rfc3339(self.created_at), "date_updated": clock::rfc3339(self.updated_at)})
    }

    /// The JSON of the resource, which does not include the code.
    pub(super) fn to_json(&self) -> Value {
        let sends: Vec<Value> = self
            .sends
            .iter()
            .map(|s| json!({"time": clock::rfc3339(s.at), "channel": s.channel, "attempt_sid": s.sid}))
            .collect();
        let url = format!(
            "https://verify.twilio.com/v2/Services/{}/Verifications/{}",
            self.service_sid, self.sid
        );
        let mut value = self.shared();
        if let Some(fields) = value.as_object_mut() {
            fields.insert("lookup".to_owned(), json!({}));
            fields.insert("send_code_attempts".to_owned(), sends.into());
            fields.insert("sna".to_owned(), Value::Null);
            fields.insert("url".to_owned(), url.into());
        }
        value
    }

    /// The JSON of a check of the code.
    pub(super) fn check_json(&self) -> Value {
        let mut value = self.shared();
        if let Some(fields) = value.as_object_mut() {
            fields.insert("sna_attempts_error_codes".to_owned(), json!([]));
        }
        value
    }
}
