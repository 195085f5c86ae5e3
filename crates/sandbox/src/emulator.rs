//! What the shell asks of an emulated vendor.

use async_trait::async_trait;
use http::{Method, Request, Response, request::Parts};
use serde_json::Value;

use crate::body::{RequestBody, ResponseBody};
use crate::faults::{FaultError, FaultPlan, Mix};
use crate::html::{Link, Table};
use crate::ids;
use crate::vendors::name::Vendor;
use crate::webhooks::{Dispatcher, Outbox, Sender};

/// How much of a request's body the log keeps, unless the vendor says otherwise.
const LOGGED_BODY: usize = 1024 * 1024;

/// A vendor's emulator, as the shell sees it. Whatever differs between vendors is here; the shell names none of them.
#[async_trait]
pub(crate) trait Emulator: Send + Sync + 'static {
    /// Responds to one request. The path is as the client sent it, still encoded.
    async fn handle(&self, request: Request<RequestBody>) -> Response<ResponseBody>;

    /// Forgets everything that requests have changed.
    fn reset(&self);

    // Requests and faults.

    /// How much of a request's body the log keeps.
    fn logged_body(&self) -> usize {
        LOGGED_BODY
    }

    /// What makes two requests with the same method and path the same logical request.
    fn logical_request(&self, head: &Parts) -> LogicalRequest;

    /// The error response that a fault asks for, with the vendor's own body and headers.
    fn fault_error(&self, error: FaultError) -> Response<ResponseBody>;

    /// The faults that a profile injects into such a request.
    fn fault_mix(&self, plan: &FaultPlan, method: &Method, path: &str) -> Mix;

    /// Whether `handle` itself takes as long as `Injected::delay` says, for instance while an idempotency key is in use.
    fn delays_itself(&self) -> bool {
        false
    }

    // What an application and a person need to know.

    /// The vendor's part of the configuration file. `endpoint` is the address that the vendor's webhooks go to, if any.
    fn config_toml(&self, endpoint: Option<&str>) -> String;

    /// The environment variables that `config_toml` refers to.
    fn variables(&self) -> Vec<(&'static str, String)>;

    /// The address, the secrets and other values that a client needs.
    fn about(&self) -> Value;

    /// Responds to a request at `/_sandbox/<vendor>/<steps>`; `None` if there is no such page.
    fn control(&self, request: &ControlRequest<'_>) -> Option<Response<ResponseBody>>;

    /// Links of the HTML page to the lists of `control`.
    fn links(&self) -> &'static [Link];

    /// The vendor's tables on the HTML page.
    fn tables(&self) -> Vec<Table>;
}

/// A request at the control address below `/_sandbox/<vendor>/`.
pub(crate) struct ControlRequest<'a> {
    pub(crate) method: &'a str,
    /// The steps of the path after the vendor's name.
    pub(crate) steps: &'a [&'a str],
    pub(crate) body: &'a [u8],
}

/// What identifies a logical request, next to its vendor, method and path.
pub(crate) enum LogicalRequest {
    /// The key that all tries of the request share.
    Key(Vec<u8>),
    /// The body, because the request has no key.
    Body,
}

impl LogicalRequest {
    /// The value of this header, or the query of a request without it.
    pub(crate) fn header_or_query(head: &Parts, name: &str) -> Self {
        let key = match head.headers.get(name) {
            Some(key) => key.as_bytes(),
            None => head.uri.query().unwrap_or_default().as_bytes(),
        };
        Self::Key(key.to_vec())
    }
}

/// What an emulator is created from.
pub(crate) struct Setup {
    /// Ids and keys follow from the seed.
    pub(crate) seed: u64,
    /// The emulator's own address.
    pub(crate) url: String,
    vendor: Vendor,
    dispatcher: Dispatcher,
}

impl Setup {
    pub(crate) fn new(vendor: Vendor, seed: u64, url: String, dispatcher: Dispatcher) -> Self {
        Self {
            seed,
            url,
            vendor,
            dispatcher,
        }
    }

    /// A number for the secret of this name, the same for the same seed.
    pub(crate) fn secret(&self, name: &str) -> u64 {
        ids::hash(self.seed, &[b"key", name.as_bytes()])
    }

    /// Where the emulator posts its webhooks, which `sender` signs.
    pub(crate) fn outbox(&self, sender: Sender) -> Outbox {
        self.dispatcher.register(self.vendor, sender)
    }
}
