//! Verify: a code is sent at most five times and tried at most five times, within ten minutes.

use http::{Response, StatusCode};
use serde_json::{Value, json};

use super::address::is_e164;
use super::books::{CodeSent, Verification, VerificationStatus};
use super::form::Form;
use super::refusal::Refusal;
use super::{TwilioDouble, show};
use crate::body::ResponseBody;
use crate::clock;

const MOST_SENDS: usize = 5;
const MOST_WRONG: u32 = 5;
/// Seconds that a verification can be found.
const LIFE: i64 = 600;

fn invalid(field: &str) -> Refusal {
    Refusal::bad(60200, format!("Invalid parameter: {field}"))
}

fn too_many(code: u32, message: &str) -> Refusal {
    Refusal::new(StatusCode::TOO_MANY_REQUESTS, code, message)
}

impl Verification {
    fn is_open(&self, now: i64) -> bool {
        self.status == VerificationStatus::Pending && now.saturating_sub(self.created_at) < LIFE
    }

    fn shared(&self) -> Value {
        json!({"sid": self.sid, "service_sid": self.service_sid, "account_sid": self.account_sid, "to": self.to,
            "channel": self.channel(), "status": self.status.as_str(),
            "valid": self.status == VerificationStatus::Approved, "amount": null, "payee": null,
            "date_created": clock::rfc3339(self.created_at), "date_updated": clock::rfc3339(self.updated_at)})
    }

    /// The resource; the code is not in it.
    fn to_json(&self) -> Value {
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

    fn check_json(&self) -> Value {
        let mut value = self.shared();
        if let Some(fields) = value.as_object_mut() {
            fields.insert("sna_attempts_error_codes".to_owned(), json!([]));
        }
        value
    }
}

impl TwilioDouble {
    /// `POST Verifications`: while one is pending the same code goes out again.
    pub(super) fn verify(&self, form: &Form) -> Result<Response<ResponseBody>, Refusal> {
        let to = form.get("To").ok_or_else(|| invalid("To"))?;
        let channel = form.get("Channel").ok_or_else(|| invalid("Channel"))?;
        let fits = match channel {
            "sms" | "call" | "whatsapp" => is_e164(to),
            "email" => to
                .split_once('@')
                .is_some_and(|(l, d)| !l.is_empty() && !d.is_empty()),
            _ => return Err(invalid("Channel")),
        };
        if !fits {
            return Err(invalid("To"));
        }
        let mut state = self.state();
        let now = clock::unix_seconds();
        let ids = &self.0.ids;
        let account = &self.0.account;
        let open = |v: &Verification| v.to == to && v.is_open(now);
        let at = match state.verifications.iter().rposition(open) {
            Some(at) => at,
            None => {
                state.verifications.push(Verification {
                    sid: format!("VE{}", ids.hex(32)),
                    account_sid: account.sid.clone(),
                    service_sid: account.verify_service.clone(),
                    to: to.to_owned(),
                    code: ids.digits(6),
                    status: VerificationStatus::Pending,
                    sends: Vec::new(),
                    wrong_codes: 0,
                    created_at: now,
                    updated_at: now,
                });
                state.verifications.len().saturating_sub(1)
            }
        };
        let Some(one) = state.verifications.get_mut(at) else {
            return Err(invalid("To"));
        };
        if one.sends.len() >= MOST_SENDS {
            return Err(too_many(60203, "Max send attempts reached"));
        }
        one.updated_at = now;
        one.sends.push(CodeSent {
            sid: format!("VL{}", ids.hex(32)),
            channel: channel.to_owned(),
            at: now,
        });
        Ok(show(StatusCode::CREATED, &one.to_json()))
    }

    /// `GET Verifications/{sid}`, also by address: only while it is pending.
    pub(super) fn verification(&self, sid: &str) -> Option<Value> {
        let state = self.state();
        let now = clock::unix_seconds();
        let found = state
            .verifications
            .iter()
            .rev()
            .find(|v| (v.sid == sid || v.to == sid) && v.is_open(now));
        found.map(Verification::to_json)
    }

    /// `POST Verifications/{sid}`: `Status=canceled` or `approved`.
    pub(super) fn settle(
        &self,
        sid: &str,
        form: &Form,
    ) -> Option<Result<Response<ResponseBody>, Refusal>> {
        let mut state = self.state();
        let now = clock::unix_seconds();
        let mut list = state.verifications.iter_mut().rev();
        let one = list.find(|v| (v.sid == sid || v.to == sid) && v.is_open(now))?;
        one.status = match form.get("Status") {
            Some("canceled") => VerificationStatus::Canceled,
            Some("approved") => VerificationStatus::Approved,
            _ => return Some(Err(invalid("Status"))),
        };
        one.updated_at = now;
        Some(Ok(show(StatusCode::OK, &one.to_json())))
    }

    /// `POST VerificationCheck`: a wrong code is an answer, not an error, until five were tried.
    pub(super) fn verification_check(
        &self,
        form: &Form,
        path: &str,
    ) -> Result<Response<ResponseBody>, Refusal> {
        let code = form.get("Code").ok_or_else(|| invalid("Code"))?;
        let (to, sid) = (form.get("To"), form.get("VerificationSid"));
        if to.is_none() && sid.is_none() {
            return Err(invalid("To"));
        }
        let mut state = self.state();
        let now = clock::unix_seconds();
        let mut list = state.verifications.iter_mut().rev();
        let one = list
            .find(|v| {
                to.is_none_or(|to| v.to == to)
                    && sid.is_none_or(|sid| v.sid == sid)
                    && v.is_open(now)
            })
            .ok_or_else(|| Refusal::not_found(path))?;
        if one.wrong_codes >= MOST_WRONG {
            return Err(too_many(60202, "Max check attempts reached"));
        }
        match one.code == code {
            true => one.status = VerificationStatus::Approved,
            false => one.wrong_codes = one.wrong_codes.saturating_add(1),
        }
        one.updated_at = now;
        Ok(show(StatusCode::CREATED, &one.check_json()))
    }
}
