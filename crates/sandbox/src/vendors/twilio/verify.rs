//! Verify: a code can be sent at most five times and tried at most five times, within ten minutes:
//! <https://www.twilio.com/docs/verify/api>.

use http::{Response, StatusCode};
use serde_json::Value;

use super::address::is_e164;
use super::emulator::TwilioEmulator;
use super::error::ApiError;
use super::form::Form;

use super::verification::{CodeSent, Verification, VerificationStatus};
use crate::body::ResponseBody;
use crate::clock;
use crate::reply::json;

/// The greatest number of times that a code is sent.
const MAX_SENDS: usize = 5;
/// The greatest number of wrong codes.
const MAX_WRONG: u32 = 5;

/// The error for an invalid parameter.
fn invalid(field: &str) -> ApiError {
    ApiError::bad_request(60200, format!("Invalid parameter: {field}"))
}

/// The error for too many attempts.
fn too_many(code: u32, message: &str) -> ApiError {
    ApiError::new(StatusCode::TOO_MANY_REQUESTS, code, message)
}

impl TwilioEmulator {
    /// Handles `POST Verifications`. While a verification is pending, the same code is sent again.
    pub(super) fn verify(&self, form: &Form) -> Result<Response<ResponseBody>, ApiError> {
        let to = form.get("To").ok_or_else(|| invalid("To"))?;
        let channel = form.get("Channel").ok_or_else(|| invalid("Channel"))?;
        let valid = match channel {
            "sms" | "call" | "whatsapp" => is_e164(to),
            "email" => to
                .split_once('@')
                .is_some_and(|(l, d)| !l.is_empty() && !d.is_empty()),
            _ => return Err(invalid("Channel")),
        };
        if !valid {
            return Err(invalid("To"));
        }
        let mut state = self.state();
        let now = clock::unix_seconds();
        let ids = &self.0.ids;
        let account = &self.0.access.account;
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
        if one.sends.len() >= MAX_SENDS {
            return Err(too_many(60203, "Max send attempts reached"));
        }
        one.updated_at = now;
        one.sends.push(CodeSent {
            sid: format!("VL{}", ids.hex(32)),
            channel: channel.to_owned(),
            at: now,
        });
        Ok(json(StatusCode::CREATED, &one.to_json()))
    }

    /// Handles `GET Verifications/{sid}`, where `sid` may also be the address. Only a pending verification is found.
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

    /// Handles `POST Verifications/{sid}`, with `Status=canceled` or `Status=approved`.
    pub(super) fn set_verification_status(
        &self,
        sid: &str,
        form: &Form,
    ) -> Option<Result<Response<ResponseBody>, ApiError>> {
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
        Some(Ok(json(StatusCode::OK, &one.to_json())))
    }

    /// Handles `POST VerificationCheck`. A wrong code is a normal response, and an error only after five wrong codes.
    pub(super) fn verification_check(
        &self,
        form: &Form,
        path: &str,
    ) -> Result<Response<ResponseBody>, ApiError> {
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
            .ok_or_else(|| ApiError::not_found(path))?;
        if one.wrong_codes >= MAX_WRONG {
            return Err(too_many(60202, "Max check attempts reached"));
        }
        if one.code == code {
            one.status = VerificationStatus::Approved
        } else {
            one.wrong_codes = one.wrong_codes.saturating_add(1)
        }
        one.updated_at = now;
        Ok(json(StatusCode::CREATED, &one.check_json()))
    }
}
