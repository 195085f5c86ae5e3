//! SendGrid's bodies under SendGrid's names.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, value::RawValue};

/// The body of `POST /v3/mail/send`.
#[derive(Debug, Serialize)]
pub(crate) struct MailSend<'a> {
    /// Each is already serialized, so that its size is known before the recipients are split into requests.
    pub(crate) personalizations: &'a [&'a RawValue],
    #[serde(flatten)]
    pub(crate) shared: &'a Shared<'a>,
}

/// The part that all personalizations of a request share.
#[derive(Debug, Serialize)]
pub(crate) struct Shared<'a> {
    pub(crate) from: Mailbox<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reply_to: Option<Mailbox<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) reply_to_list: Vec<Mailbox<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) content: Vec<Content<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) attachments: Vec<Attachment<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) template_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(crate) headers: Map<String, Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) categories: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) send_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) batch_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) asm: Option<Asm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ip_pool_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mail_settings: Option<MailSettings>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tracking_settings: Option<TrackingSettings<'a>>,
}

/// One message and its recipients.
#[derive(Debug, Serialize)]
pub(crate) struct Personalization<'a> {
    pub(crate) to: Vec<Mailbox<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) cc: Vec<Mailbox<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) bcc: Vec<Mailbox<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<&'a str>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(crate) substitutions: Map<String, Value>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(crate) dynamic_template_data: Map<String, Value>,
    pub(crate) custom_args: Map<String, Value>,
}

/// An address and its name.
#[derive(Debug, Serialize)]
pub(crate) struct Mailbox<'a> {
    pub(crate) email: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<std::borrow::Cow<'a, str>>,
}

/// The content in one format; `text/plain` comes first.
#[derive(Debug, Serialize)]
pub(crate) struct Content<'a> {
    #[serde(rename = "type")]
    pub(crate) media_type: &'static str,
    pub(crate) value: &'a str,
}

/// A file, encoded as base64.
#[derive(Serialize)]
pub(crate) struct Attachment<'a> {
    pub(crate) content: String,
    #[serde(rename = "type")]
    pub(crate) media_type: &'a str,
    pub(crate) filename: &'a str,
    pub(crate) disposition: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_id: Option<&'a str>,
}

impl std::fmt::Debug for Attachment<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attachment")
            .field("type", &self.media_type)
            .finish_non_exhaustive()
    }
}

/// The unsubscribe group.
#[derive(Debug, Serialize)]
pub(crate) struct Asm {
    pub(crate) group_id: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) groups_to_display: Vec<u64>,
}

/// A setting that is on or off.
#[derive(Debug, Serialize)]
pub(crate) struct Enable {
    pub(crate) enable: bool,
}

/// Settings of how an email is handled.
#[derive(Debug, Default, Serialize)]
pub(crate) struct MailSettings {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bypass_list_management: Option<Enable>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sandbox_mode: Option<Enable>,
}

/// Settings of what is tracked.
#[derive(Debug, Default, Serialize)]
pub(crate) struct TrackingSettings<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) click_tracking: Option<Enable>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) open_tracking: Option<Enable>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ganalytics: Option<GoogleAnalytics<'a>>,
}

/// Parameters that are added to links.
#[derive(Debug, Serialize)]
pub(crate) struct GoogleAnalytics<'a> {
    pub(crate) enable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) utm_source: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) utm_medium: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) utm_term: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) utm_content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) utm_campaign: Option<&'a str>,
}

/// The response of `POST /v3/mail/batch`.
#[derive(Debug, Deserialize)]
pub(crate) struct Batch {
    pub(crate) batch_id: String,
}

/// The body of `POST /v3/user/scheduled_sends`.
#[derive(Debug, Serialize)]
pub(crate) struct ScheduledSend<'a> {
    pub(crate) batch_id: &'a str,
    pub(crate) status: &'static str,
}

/// The body of `PATCH /v3/user/scheduled_sends/{batch_id}`.
#[derive(Debug, Serialize)]
pub(crate) struct ScheduledSendUpdate {
    pub(crate) status: &'static str,
}

/// One entry of `GET /v3/user/scheduled_sends/{batch_id}`.
#[derive(Debug, Deserialize)]
pub(crate) struct ScheduledSendStatus {
    pub(crate) batch_id: String,
    pub(crate) status: SendStatus,
}

/// The status of a scheduled send that was cancelled or paused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SendStatus {
    Cancel,
    Pause,
    Other(String),
}

impl<'de> Deserialize<'de> for SendStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match String::deserialize(deserializer)?.as_str() {
            "cancel" => Self::Cancel,
            "pause" => Self::Pause,
            other => Self::Other(other.to_owned()),
        })
    }
}

/// The part that we read of the response of `GET /v3/user/credits`.
#[derive(Debug, Deserialize)]
pub(crate) struct Credits {
    pub(crate) next_reset: Option<String>,
}

/// The body of every error.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ErrorBodies {
    #[serde(default)]
    pub(crate) errors: Vec<ErrorBody>,
}

/// One error of a response.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ErrorBody {
    #[serde(default)]
    pub(crate) message: Option<String>,
    #[serde(default)]
    field: Option<String>,
}

impl ErrorBody {
    /// The path of the invalid field, such as `personalizations.0.to.0.email`. Null, absent and the text `null` are the same.
    pub(crate) fn field(&self) -> Option<&str> {
        self.field
            .as_deref()
            .filter(|field| !field.is_empty() && *field != "null")
    }
}
