//! The adapter: the imaginary vendor behind `EmailProvider`.

use anyvendor::{
    Error,
    email::{
        BulkEmail, BulkOutcome, CancelScheduled, EmailCapabilities, EmailContent, EmailMessage,
        EmailProvider, RecipientOutcome, RecipientStatus, RejectReason, SendOutcome,
    },
    network::{Auth, Client, ClientConfig},
    resilience::{Classifier, Failure, OperationClass, ResponseView},
    values::{EmailAddress, IdempotencyKey, SecretSource, VendorId},
};
use async_trait::async_trait;
use http::{HeaderMap, HeaderName};
use serde::{Deserialize, Serialize};

pub(crate) const VENDOR: &str = "acme";

/// The vendor's table in a configuration.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AcmeConfig {
    api_key: SecretSource,
    base_url: String,
}

/// The adapter: our words in, the vendor's words out.
#[derive(Debug)]
pub(crate) struct Acme(Client);

#[derive(Serialize)]
struct NewMessage<'a> {
    from: &'a str,
    to: Vec<&'a str>,
    subject: &'a str,
    text: Option<&'a str>,
    html: Option<&'a str>,
}

#[derive(Deserialize)]
struct Created {
    id: String,
}

impl Acme {
    pub(crate) fn new(config: &AcmeConfig) -> Result<Self, Error> {
        let key = config.api_key.resolve_setting("api_key")?;
        let client = ClientConfig::new(VENDOR, &config.base_url)
            .with_auth(Auth::bearer(key))
            .with_classifier(AcmeErrors)
            .with_private_addresses();
        Ok(Self(Client::new(client)?))
    }
}

#[async_trait]
impl EmailProvider for Acme {
    fn vendor(&self) -> &'static str {
        VENDOR
    }

    fn capabilities(&self) -> EmailCapabilities {
        let mut capabilities = EmailCapabilities::default();
        capabilities.idempotent_send = true;
        capabilities
    }

    async fn send(&self, message: EmailMessage) -> Result<SendOutcome, Error> {
        message.check()?;
        self.capabilities().check(VENDOR, &message)?;
        let EmailContent::Written {
            subject,
            text,
            html,
        } = &message.content
        else {
            return Err(Error::unsupported(VENDOR, "templates").with_field("content"));
        };
        // The vendor keeps keys for a day: a lost answer is asked for again, and nobody is written to twice.
        let key = IdempotencyKey::new(message.reference.as_str())?;
        let sent: Result<Created, Error> = self
            .0
            .post("email.send", "/messages", OperationClass::Keyed)
            .key(HeaderName::from_static("idempotency-key"), key)
            .json(&NewMessage {
                from: message.from.address(),
                to: message.recipients().map(EmailAddress::address).collect(),
                subject,
                text: text.as_deref(),
                html: html.as_deref(),
            })
            .options(message.options.clone())
            .read()
            .await;
        let (id, status) = match sent {
            Ok(created) => (
                Some(VendorId::new(VENDOR, created.id)?),
                RecipientStatus::Accepted,
            ),
            Err(error) if error.vendor_code() == Some("bad_address") => (
                None,
                RecipientStatus::Rejected(RejectReason::InvalidAddress),
            ),
            Err(error) => return Err(error),
        };
        let outcome = |to: &EmailAddress| {
            RecipientOutcome::new(message.reference.clone(), to.clone(), status.clone())
        };
        let recipients = message.recipients().map(outcome).collect();
        Ok(SendOutcome::new(id, None, recipients))
    }

    async fn send_bulk(&self, bulk: BulkEmail) -> Result<BulkOutcome, Error> {
        self.capabilities().check(VENDOR, &bulk.shared)?;
        let mut recipients = Vec::new();
        for recipient in bulk.recipients {
            let message = bulk
                .shared
                .clone()
                .with_to(vec![recipient.to.clone()])
                .with_reference(recipient.reference.clone());
            let status = match self.send(message).await {
                Ok(sent) => sent.recipients.into_iter().next().map(|to| to.status),
                Err(error) if error.is_unknown() => Some(RecipientStatus::Unknown(error)),
                Err(error) => Some(RecipientStatus::NotSent(error)),
            };
            let status = status.unwrap_or(RecipientStatus::Accepted);
            recipients.push(RecipientOutcome::new(
                recipient.reference,
                recipient.to,
                status,
            ));
        }
        Ok(BulkOutcome::new(recipients, Vec::new()))
    }

    async fn cancel_scheduled(&self, _: CancelScheduled) -> Result<(), Error> {
        Err(Error::unsupported(VENDOR, "cancelling"))
    }
}

/// The vendor's errors: `{"code": "..."}`.
#[derive(Debug)]
struct AcmeErrors;

impl Classifier for AcmeErrors {
    fn classify(&self, answer: ResponseView<'_>) -> Option<Failure> {
        #[derive(Deserialize)]
        struct Body {
            code: String,
        }
        let failure = Failure::from_status(answer.status)?;
        Some(match serde_json::from_slice::<Body>(answer.body) {
            Ok(body) => failure.with_vendor_code(body.code),
            Err(_) => failure,
        })
    }

    fn request_id(&self, headers: &HeaderMap) -> Option<String> {
        Some(headers.get("x-acme-request")?.to_str().ok()?.to_owned())
    }
}
