//! The control address: what arrived, as JSON for programs and as a page for people; faults and reset.

use std::{collections::BTreeMap, sync::Arc};

use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Incoming;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::body::ResponseBody;
use crate::emulator::ControlRequest;
use crate::faults::{Fault, FaultPlan, Profile};
use crate::log::RecordedRequest;
use crate::mask;
use crate::reply::{bad_request, html, not_found, pretty, problem, revealed, typed};
use crate::server::{Cut, Service};
use crate::state::State;
use crate::vendors::name::Vendor;
use crate::webhooks::WebhookPlan;

mod page;

/// The largest body that the control address accepts.
const MAX_BODY: usize = 1024 * 1024;
const MAX_QUERY: usize = 2 * 1024;

/// The service at the control address.
#[derive(Clone)]
pub(crate) struct Control(pub(crate) Arc<State>);

/// `POST /_sandbox/faults`: a profile, or scripted faults.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum FaultsRequest {
    Name(Profile),
    Plan {
        profile: Profile,
        #[serde(default)]
        hang_milliseconds: Option<u64>,
    },
    Scripted(Vec<Fault>),
}

/// `POST /_sandbox/webhooks`: where events go, and what goes wrong on the way.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WebhooksRequest {
    /// Each vendor's events go to `<all>/webhooks/<vendor>`.
    #[serde(default)]
    all: Option<String>,
    /// The address of each vendor; null removes it.
    #[serde(default)]
    endpoints: BTreeMap<Vendor, Option<String>>,
    #[serde(default)]
    plan: Option<PlanRequest>,
}

/// A profile's name, or a plan.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum PlanRequest {
    Name(Profile),
    Plan(WebhookPlan),
}

impl Service for Control {
    async fn respond(&self, request: Request<Incoming>) -> Result<Response<ResponseBody>, Cut> {
        let (parts, incoming) = request.into_parts();
        let query = parts.uri.query().unwrap_or_default();
        if query.len() > MAX_QUERY {
            let error = "the query is over 2 KiB";
            return Ok(problem(StatusCode::URI_TOO_LONG, error));
        }
        let body = match Limited::new(incoming, MAX_BODY).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => {
                let error = "the body is over 1 MiB";
                return Ok(problem(StatusCode::PAYLOAD_TOO_LARGE, error));
            }
            Err(_) => return Err(Cut),
        };
        let path = parts.uri.path().trim_start_matches('/');
        let steps: Vec<&str> = path.split('/').collect();
        let state = &self.0;
        Ok(match (parts.method.as_str(), steps.as_slice()) {
            ("GET", [""]) => html(page::index(state)),
            ("GET", ["style.css"]) => typed(StatusCode::OK, "text/css", page::STYLE),
            ("GET", ["_sandbox"]) => revealed(&self.about()),
            ("GET", ["_sandbox", "requests"]) => pretty(self.requests(query)),
            ("GET", ["_sandbox", "webhooks"]) => pretty(self.deliveries()),
            ("POST", ["_sandbox", "webhooks"]) => self.webhooks(&body),
            ("GET", ["_sandbox", "faults"]) => pretty(json!(state.faults.waiting())),
            ("POST", ["_sandbox", "faults"]) => self.faults(&body),
            ("POST", ["_sandbox", "reset"]) => {
                state.reset();
                pretty(json!({"reset": true}))
            }
            (method, ["_sandbox", vendor, steps @ ..]) => {
                let request = ControlRequest {
                    method,
                    steps,
                    body: &body,
                };
                let emulator = state.emulator(vendor);
                let response = emulator.and_then(|emulator| emulator.control(&request));
                response.unwrap_or_else(not_found)
            }
            _ => not_found(),
        })
    }
}

impl Control {
    fn about(&self) -> Value {
        let mut about = Map::new();
        about.insert("seed".to_owned(), self.0.seed.into());
        for (vendor, emulator) in &self.0.emulators {
            about.insert(vendor.name().to_owned(), emulator.about());
        }
        let variables: BTreeMap<_, _> = self.0.variables().into_iter().collect();
        about.insert("config_toml".to_owned(), self.0.config_toml().into());
        about.insert("variables".to_owned(), json!(variables));
        Value::Object(about)
    }

    /// What was posted, with the bodies as the application got them but for their secrets.
    fn deliveries(&self) -> Value {
        let deliveries = self.0.webhooks.deliveries();
        let shown = deliveries.iter().map(|delivery| {
            let mut shown = json!(delivery);
            if let Some(body) = shown.get_mut("body") {
                *body = mask::body(&delivery.body, false, mask::is_secret).into();
            }
            shown
        });
        shown.collect()
    }

    fn requests(&self, query: &str) -> Value {
        let vendor = url::form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| name == "vendor")
            .map(|(_, value)| value.into_owned());
        let log = self.0.log.all();
        log.iter()
            .filter(|r| vendor.as_deref().is_none_or(|v| v == r.vendor.name()))
            .map(recorded)
            .collect()
    }

    fn webhooks(&self, body: &[u8]) -> Response<ResponseBody> {
        let dispatcher = &self.0.webhooks;
        let usage = "send {\"all\": \"http://127.0.0.1:8080\"}, {\"endpoints\": {\"<vendor>\": \"http://..\"}}, or \
                     {\"plan\": ..} with \"none\", \"flaky\", \"adversarial\" or such as {\"duplicates\": 2, \"reorder\": true, \
                     \"delay_milliseconds\": 100, \"forge\": true, \"tamper\": true, \"speed\": 3600}";
        let done = serde_json::from_slice::<WebhooksRequest>(body)
            .map_err(|error| format!("{error}: {usage}"))
            .and_then(|request| {
                if let Some(base) = &request.all {
                    dispatcher.send_all(base)?;
                }
                for (vendor, url) in request.endpoints {
                    dispatcher.send_to(vendor, url)?;
                }
                match request.plan {
                    Some(PlanRequest::Name(profile)) => dispatcher.set_plan(profile.into()),
                    Some(PlanRequest::Plan(plan)) => dispatcher.set_plan(plan),
                    None => {}
                }
                Ok(())
            });
        match done {
            Ok(()) => {
                pretty(json!({"endpoints": dispatcher.endpoints(), "plan": dispatcher.plan()}))
            }
            Err(error) => bad_request(&error),
        }
    }

    fn faults(&self, body: &[u8]) -> Response<ResponseBody> {
        let faults = &self.0.faults;
        match serde_json::from_slice::<FaultsRequest>(body) {
            Ok(FaultsRequest::Name(profile)) => faults.plan(profile.into()),
            Ok(FaultsRequest::Plan {
                profile,
                hang_milliseconds,
            }) => {
                let mut plan = FaultPlan::from(profile);
                plan.hang = hang_milliseconds.map(std::time::Duration::from_millis);
                faults.plan(plan);
            }
            Ok(FaultsRequest::Scripted(list)) => {
                list.into_iter().for_each(|fault| faults.inject(fault))
            }
            Err(_) => {
                let message = "send \"none\", \"flaky\" or \"adversarial\", {\"profile\": .., \"hang_milliseconds\": ..}, or a \
                               list of faults such as [{\"method\": \"POST\", \"times\": 2, \
                               \"fault\": {\"kind\": \"act_then_cut\"}}]";
                return bad_request(message);
            }
        }
        pretty(json!({"waiting": faults.waiting()}))
    }
}

/// A recorded request as JSON, without the secrets in its headers, its query and its body.
fn recorded(request: &RecordedRequest) -> Value {
    let headers: Vec<Value> = request
        .headers
        .iter()
        .map(|(name, value)| {
            if mask::is_sent_secret(name) {
                json!([name, mask::HIDDEN])
            } else {
                json!([name, value])
            }
        })
        .collect();
    let hides = mask::is_sent_secret;
    let query = request
        .query
        .as_deref()
        .map(|query| mask::pairs(query, hides));
    let body = mask::body(&request.body, request.body_cut, hides);
    json!({
        "sequence": request.sequence, "vendor": request.vendor, "method": request.method, "path": request.path,
        "query": query, "headers": headers, "body": body, "body_cut": request.body_cut, "response": request.response,
    })
}
