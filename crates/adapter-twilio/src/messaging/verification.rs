//! Twilio as a verification provider, by version 2 of the Verify API.

use anyvendor_core::{
    Error,
    form::Form,
    messaging::{
        CheckVerification, StartVerification, Verification, VerificationChannel,
        VerificationProvider, VerificationStatus,
    },
    resilience::{Operation, OperationClass},
};
use async_trait::async_trait;
use http::{Method, StatusCode};

use super::read;
use crate::{
    client::Twilio,
    config::{VENDOR, is_sid},
    error, wire,
};

const START: Operation = Operation::new(
    error::START,
    &Method::POST,
    "/v2/Services/{service}/Verifications",
    OperationClass::Unkeyed,
);

/// Each check counts towards the vendor's limit of five, so one that may have been done is not repeated.
const CHECK: Operation = Operation::new(
    error::CHECK,
    &Method::POST,
    "/v2/Services/{service}/VerificationCheck",
    OperationClass::Unkeyed,
);

#[async_trait]
impl VerificationProvider for Twilio {
    fn vendor(&self) -> &'static str {
        VENDOR
    }

    async fn start(&self, request: StartVerification) -> Result<Verification, Error> {
        let url = self.verify("Verifications")?;
        let channel = match request.channel {
            VerificationChannel::Sms => "sms",
            VerificationChannel::WhatsApp => "whatsapp",
            VerificationChannel::Call => "call",
            _ => return Err(Error::unsupported(VENDOR, "this channel").with_field("channel")),
        };
        let form = Form::default()
            .add("To", request.to.as_str())
            .add("Channel", channel)
            .add_some("Locale", request.locale.as_deref());
        let response = self.post(&START, url, form, &request.options).await?;
        response.decode(|started: wire::Verification| {
            let id = read::sid(&started.sid, &["VE"])?;
            Ok(Verification::new(id, status(started.status.as_deref())))
        })
    }

    async fn check(&self, request: CheckVerification) -> Result<VerificationStatus, Error> {
        let url = self.verify("VerificationCheck")?;
        let sid = request.verification.expect_vendor(VENDOR, "verification")?;
        if !is_sid(sid, &["VE"]) {
            let remedy = "must be VE and 32 hexadecimal digits";
            return Err(Error::invalid("verification", remedy));
        }
        let form = Form::default()
            .add("VerificationSid", sid)
            .add("Code", request.code.expose());
        let response = self.post(&CHECK, url, form, &request.options).await?;
        if response.head.status == StatusCode::NOT_FOUND {
            return Ok(VerificationStatus::Gone);
        }
        if !response.head.status.is_success() {
            return Ok(VerificationStatus::TooManyAttempts);
        }
        let checked: wire::Verification = response.json()?;
        Ok(status(checked.status.as_deref()))
    }
}

fn status(text: Option<&str>) -> VerificationStatus {
    match text.unwrap_or_default() {
        "approved" => VerificationStatus::Approved,
        "pending" => VerificationStatus::Pending,
        "max_attempts_reached" => VerificationStatus::TooManyAttempts,
        "canceled" | "expired" | "deleted" => VerificationStatus::Gone,
        other => VerificationStatus::Other(other.to_owned()),
    }
}
