//! The control address: what arrived, as JSON for programs and as a page for people; faults and reset.

use std::{collections::BTreeMap, sync::Arc};

use http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::body::{self, BoxError, ResponseBody, answer};
use crate::config_text;
use crate::faults::{Fault, FaultPlan, Profile};
use crate::log::RecordedRequest;
use crate::sandbox::{BUCKET, REGION, Shared};
use crate::server::{Answers, Cut};
use crate::vendors::Vendor;
use crate::vendors::twilio::{Message, NUMBER, Verification};
use crate::webhooks::WebhookPlan;

mod page;

/// No list of faults is larger.
const MAX_BODY: usize = 1024 * 1024;

/// Answers on the control address.
#[derive(Clone)]
pub(crate) struct Control(pub(crate) Arc<Shared>);

/// `POST /_sandbox/faults`: a profile, or scripted faults.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Ask {
    Name(Profile),
    Plan {
        profile: Profile,
        #[serde(default)]
        hang_milliseconds: Option<u64>,
    },
    Scripted(Vec<Fault>),
}

impl Answers for Control {
    async fn answer(&self, request: Request<Incoming>) -> Result<Response<ResponseBody>, Cut> {
        let (parts, incoming) = request.into_parts();
        let incoming = incoming.map_err(BoxError::from).boxed_unsync();
        let body = body::collect(incoming, MAX_BODY).await.map_err(|_| Cut)?;
        let query = parts.uri.query().unwrap_or_default();
        let steps: Vec<&str> = parts
            .uri
            .path()
            .trim_start_matches('/')
            .split('/')
            .collect();
        let core = &self.0.core;
        Ok(match (parts.method.as_str(), steps.as_slice()) {
            ("GET", [""]) => html(page::index(&self.0)),
            ("GET", ["_sandbox"]) => show(&self.about()),
            ("GET", ["_sandbox", "requests"]) => show(&self.requests(query)),
            ("GET", ["_sandbox", "stripe", kind]) => match core.stripe.books().json(kind) {
                Some(list) => show(&Value::Array(list)),
                None => not_found(),
            },
            ("GET", ["_sandbox", "sendgrid", "messages"]) => show(&self.messages()),
            ("GET", ["_sandbox", "sendgrid", "messages", number, "html"]) => self.mail(number),
            ("GET", ["_sandbox", "s3", "objects"]) => show(&json!(core.s3.objects())),
            ("GET", ["_sandbox", "paypal", kind]) => match core.paypal.books().json(kind) {
                Some(list) => show(&Value::Array(list)),
                None => not_found(),
            },
            ("POST", ["_sandbox", "paypal", "expire", id]) => {
                match core.paypal.books().expire(id) {
                    true => show(&json!({"expired": id})),
                    false => not_found(),
                }
            }
            ("GET", ["_sandbox", "twilio", kind]) => match self.twilio(kind) {
                Some(list) => show(&list),
                None => not_found(),
            },
            ("POST", ["_sandbox", "twilio", "inbound"]) => match core.twilio.receive(&body) {
                Ok(message) => show(&message),
                Err(error) => bad(&error),
            },
            ("GET", ["_sandbox", "webhooks"]) => show(&json!(core.webhooks.deliveries())),
            ("POST", ["_sandbox", "webhooks"]) => self.webhooks(&body),
            ("GET", ["_sandbox", "faults"]) => show(&json!(core.faults.waiting())),
            ("POST", ["_sandbox", "faults"]) => self.faults(&body),
            ("POST", ["_sandbox", "reset"]) => {
                core.reset();
                show(&json!({"reset": true}))
            }
            _ => not_found(),
        })
    }
}

impl Control {
    fn about(&self) -> Value {
        let (keys, places) = (&self.0.keys, &self.0.places);
        json!({
            "seed": self.0.core.seed,
            "stripe": {"url": places.stripe, "api_key": keys.stripe, "webhook_secret": keys.stripe_webhook},
            "sendgrid": {"url": places.sendgrid, "api_key": keys.sendgrid, "webhook_key": keys.sendgrid_webhook},
            "s3": {"url": places.s3, "access_key": keys.s3_access, "secret_key": keys.s3_secret,
                "region": REGION, "bucket": BUCKET},
            "paypal": {"url": places.paypal, "client_id": keys.paypal_id, "client_secret": keys.paypal_secret,
                "webhook_id": keys.paypal_webhook, "root_certificate": keys.paypal_root},
            "twilio": {"url": places.twilio, "account_sid": keys.twilio.sid, "auth_token": keys.twilio.auth_token,
                "api_key": keys.twilio.api_key, "api_secret": keys.twilio.api_secret,
                "messaging_service": keys.twilio.messaging_service, "verify_service": keys.twilio.verify_service,
                "number": NUMBER},
            "config_toml": self.0.config_toml(),
            "variables": config_text::variables(keys).into_iter().collect::<BTreeMap<_, _>>(),
        })
    }

    fn requests(&self, query: &str) -> Value {
        let vendor = url::form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| name == "vendor")
            .map(|(_, value)| value.into_owned());
        let log = self.0.core.log.all();
        log.iter()
            .filter(|r| vendor.as_deref().is_none_or(|v| v == r.vendor.name()))
            .map(recorded)
            .collect()
    }

    fn messages(&self) -> Value {
        let messages = self.0.core.sendgrid.books().messages();
        messages
            .iter()
            .enumerate()
            .map(|(at, message)| message.to_json(at + 1))
            .collect()
    }

    /// Twilio's messages as it shows them, or the verifications with their codes.
    fn twilio(&self, kind: &str) -> Option<Value> {
        let books = self.0.core.twilio.books();
        match kind {
            "messages" => Some(books.messages().iter().map(Message::to_json).collect()),
            "verifications" => {
                let all = books.verifications();
                Some(all.iter().map(Verification::with_code).collect())
            }
            _ => None,
        }
    }

    /// The mail as the recipient sees it; its scripts do not run.
    fn mail(&self, number: &str) -> Response<ResponseBody> {
        let messages = self.0.core.sendgrid.books().messages();
        let at = number.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
        let message = at.and_then(|at| messages.get(at));
        match message.and_then(|m| m.html.as_deref()) {
            Some(text) => {
                let mut response = html(text.to_owned());
                let policy = http::HeaderValue::from_static("sandbox; script-src 'none'");
                response
                    .headers_mut()
                    .insert(http::header::CONTENT_SECURITY_POLICY, policy);
                response
            }
            None => not_found(),
        }
    }

    fn webhooks(&self, body: &[u8]) -> Response<ResponseBody> {
        let office = &self.0.core.webhooks;
        let usage = "send {\"all\": \"http://127.0.0.1:8080\"}, {\"endpoints\": {\"stripe\": \"http://..\"}}, or \
                     {\"plan\": ..} with \"none\", \"rough\", \"hostile\" or such as {\"duplicates\": 2, \"reorder\": true, \
                     \"delay_milliseconds\": 100, \"forge\": true, \"tamper\": true, \"speed\": 3600}";
        let done = serde_json::from_slice::<Post>(body)
            .map_err(|error| format!("{error}: {usage}"))
            .and_then(|ask| {
                if let Some(base) = &ask.all {
                    office.send_all(base)?;
                }
                for (vendor, url) in ask.endpoints {
                    office.send_to(vendor, url)?;
                }
                match ask.plan {
                    Some(PlanAsk::Name(profile)) => office.set_plan(profile.into()),
                    Some(PlanAsk::Plan(plan)) => office.set_plan(plan),
                    None => {}
                }
                Ok(())
            });
        match done {
            Ok(()) => show(&json!({"endpoints": office.endpoints(), "plan": office.plan()})),
            Err(error) => bad(&error),
        }
    }

    fn faults(&self, body: &[u8]) -> Response<ResponseBody> {
        let faults = &self.0.core.faults;
        match serde_json::from_slice::<Ask>(body) {
            Ok(Ask::Name(profile)) => faults.plan(profile.into()),
            Ok(Ask::Plan {
                profile,
                hang_milliseconds,
            }) => {
                let mut plan = FaultPlan::from(profile);
                plan.hang = hang_milliseconds.map(std::time::Duration::from_millis);
                faults.plan(plan);
            }
            Ok(Ask::Scripted(list)) => list.into_iter().for_each(|fault| faults.inject(fault)),
            Err(_) => {
                let message = "send \"none\", \"rough\" or \"hostile\", {\"profile\": .., \"hang_milliseconds\": ..}, or a \
                               list of faults such as [{\"vendor\": \"stripe\", \"method\": \"POST\", \"times\": 2, \
                               \"fault\": {\"kind\": \"act_then_cut\"}}]";
                return bad(message);
            }
        }
        show(&json!({"waiting": faults.waiting()}))
    }
}

/// `POST /_sandbox/webhooks`: where events go, and what goes wrong on the way.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Post {
    /// Each vendor's events go to `<all>/webhooks/<vendor>`.
    #[serde(default)]
    all: Option<String>,
    /// Addresses by vendor; null for none.
    #[serde(default)]
    endpoints: BTreeMap<Vendor, Option<String>>,
    #[serde(default)]
    plan: Option<PlanAsk>,
}

/// A profile's name, or a plan.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum PlanAsk {
    Name(Profile),
    Plan(WebhookPlan),
}

/// Headers that hold a secret are shown without it.
fn recorded(request: &RecordedRequest) -> Value {
    let headers: Vec<Value> = request
        .headers
        .iter()
        .map(|(name, value)| match name.as_str() {
            "authorization" => json!([name, "(hidden)"]),
            _ => json!([name, value]),
        })
        .collect();
    json!({
        "sequence": request.sequence, "vendor": request.vendor, "method": request.method, "path": request.path,
        "query": request.query, "headers": headers, "body": String::from_utf8_lossy(&request.body),
        "body_cut": request.body_cut, "answer": request.answer,
    })
}

fn show(value: &Value) -> Response<ResponseBody> {
    answer(StatusCode::OK, "application/json", format!("{value:#}"))
}

fn html(text: String) -> Response<ResponseBody> {
    answer(StatusCode::OK, "text/html; charset=utf-8", text)
}

fn bad(error: &str) -> Response<ResponseBody> {
    let body = json!({ "error": error }).to_string();
    answer(StatusCode::BAD_REQUEST, "application/json", body)
}

fn not_found() -> Response<ResponseBody> {
    let body = json!({"error": "no such page: see / or /_sandbox"}).to_string();
    answer(StatusCode::NOT_FOUND, "application/json", body)
}
