//! S3's emulator: it verifies SigV4, keeps objects in memory and returns AWS's errors. Versioning is not modelled.

use std::sync::Arc;

use async_trait::async_trait;
use http::request::Parts;
use http::{Method, Request, Response};
use serde_json::Value;

use crate::body::{RequestBody, ResponseBody};
use crate::emulator::{ControlRequest, Emulator, LogicalRequest, Setup};
use crate::error::SandboxError;
use crate::faults::{FaultError, FaultPlan, Mix};
use crate::html::{Link, Table};
use access::{Access, BUCKET, REGION};
use server::{S3Options, S3Server};

pub use handle::S3Handle;
pub use store::ObjectRecord;

pub(crate) use emulator::S3Emulator;

mod access;
mod auth;
mod blob;
mod buckets;
mod checksum;
mod condition;
mod control;
mod copy;
mod emulator;
mod error;
mod faults;
mod handle;
mod headers;
mod list;
mod multipart;
mod objects;
mod payload;
mod response;
mod server;
mod service;
mod store;
#[cfg(test)]
mod tests;
mod uploads;

/// How much of a request's body the log keeps: bodies are streamed and may be large.
const LOGGED_BODY: usize = 4 * 1024;

/// The options that only this emulator has.
pub(crate) type Options = ();

impl S3Emulator {
    pub(crate) fn create(setup: &Setup, _: Options) -> Result<Self, SandboxError> {
        let access = Access::new(setup);
        let server = S3Server::new(S3Options {
            access_key: access.access_key.clone(),
            secret_key: access.secret_key.clone(),
            region: REGION.to_owned(),
            buckets: vec![BUCKET.to_owned()],
            base_domain: Some("localhost".to_owned()),
            seed: setup.seed,
        })
        .map_err(|error| SandboxError::Options(error.to_string()))?;
        Ok(Self {
            server,
            access: Arc::new(access),
        })
    }
}

#[async_trait]
impl Emulator for S3Emulator {
    async fn handle(&self, request: Request<RequestBody>) -> Response<ResponseBody> {
        self.server.handle(request).await
    }

    /// The sequence of ids continues.
    fn reset(&self) {
        self.server.reset();
    }

    fn logged_body(&self) -> usize {
        LOGGED_BODY
    }

    fn logical_request(&self, head: &Parts) -> LogicalRequest {
        LogicalRequest::header_or_query(head, "idempotency-key")
    }

    fn fault_error(&self, error: FaultError) -> Response<ResponseBody> {
        faults::error(error)
    }

    fn fault_mix(&self, plan: &FaultPlan, _method: &Method, _path: &str) -> Mix {
        faults::mix(plan)
    }

    fn config_toml(&self, _endpoint: Option<&str>) -> String {
        self.access.config_toml()
    }

    fn variables(&self) -> Vec<(&'static str, String)> {
        self.access.variables()
    }

    fn about(&self) -> Value {
        self.access.about()
    }

    fn control(&self, request: &ControlRequest<'_>) -> Option<Response<ResponseBody>> {
        control::respond(&self.server.objects(), request)
    }

    fn links(&self) -> &'static [Link] {
        control::LINKS
    }

    fn tables(&self) -> Vec<Table> {
        control::tables(&self.server.objects())
    }
}
