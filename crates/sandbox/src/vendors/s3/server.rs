//! The server: checks a request's signature and hands it to the operations.

use std::sync::Arc;

use http::{HeaderMap, Method, Request, Response, StatusCode, request};
use s3s::crypto::{Checksum as _, Sha256};
use s3s::path::check_bucket_name;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, HttpResponse, S3Error, S3ErrorCode, S3Result};

use super::auth::{self, Hosts, Keys};
use super::payload::{self, RawBody};
use super::response::ResponseContext;
use super::service::Operations;
use super::store::{Clock, ObjectRecord, Store, hex};
use crate::body::{RequestBody, ResponseBody};
use crate::clock;

/// The largest XML body that is accepted; a list of 10,000 parts with their checksums is much smaller.
const MAX_XML: usize = 20 * 1024 * 1024;

/// The settings of the server.
#[derive(Clone)]
pub(super) struct S3Options {
    pub(super) access_key: String,
    pub(super) secret_key: String,
    /// The only region accepted in a signature.
    pub(super) region: String,
    /// The buckets that exist at the start and after a reset.
    pub(super) buckets: Vec<String>,
    /// If it is set, `<bucket>.<base_domain>` addresses a bucket, on any port. Path style always works.
    pub(super) base_domain: Option<String>,
    /// The seed from which request ids and upload ids are derived.
    pub(super) seed: u64,
}

/// The settings are invalid.
#[derive(Debug, thiserror::Error)]
pub(super) enum S3OptionsError {
    #[error("S3 sandbox: `{0}` is empty")]
    Empty(&'static str),
    #[error("S3 sandbox: {0:?} is not a bucket name: use 3 to 63 of a-z, 0-9, `-` and `.`")]
    Bucket(String),
    #[error(
        "S3 sandbox: {0:?} is not a base domain: give a host name without scheme and port, such as `localhost`"
    )]
    BaseDomain(String),
}

/// A server that responds like S3 and keeps its objects in memory.
#[derive(Clone)]
pub(super) struct S3Server {
    service: S3Service,
    store: Arc<Store>,
}

impl S3Server {
    /// A server with its initial buckets, which are empty.
    pub(super) fn new(options: S3Options) -> Result<Self, S3OptionsError> {
        Self::with_clock(options, Arc::new(clock::now))
    }

    /// As `new`, with another clock for the times of objects. Signatures are always checked against the machine's time.
    pub(super) fn with_clock(options: S3Options, clock: Clock) -> Result<Self, S3OptionsError> {
        let S3Options {
            access_key,
            secret_key,
            region,
            buckets,
            base_domain,
            seed,
        } = options;
        for (name, value) in [
            ("access_key", &access_key),
            ("secret_key", &secret_key),
            ("region", &region),
        ] {
            if value.is_empty() {
                return Err(S3OptionsError::Empty(name));
            }
        }
        if let Some(wrong) = buckets.iter().find(|name| !check_bucket_name(name)) {
            return Err(S3OptionsError::Bucket(wrong.clone()));
        }
        let store = Arc::new(Store::new(region, buckets, seed, clock));
        let mut builder = S3ServiceBuilder::new(Operations(Arc::clone(&store)));
        builder.set_auth(Keys {
            access_key,
            secret_key: secret_key.into(),
        });
        if let Some(domain) = base_domain {
            let label = |l: &str| {
                !l.is_empty() && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            };
            if !domain.split('.').all(label) {
                return Err(S3OptionsError::BaseDomain(domain));
            }
            builder.set_host(Hosts {
                base_domain: domain.to_ascii_lowercase(),
            });
        }
        Ok(Self {
            service: builder.build(),
            store,
        })
    }

    /// Handles one request. The path must be encoded as the client sent it, and the `Host` header must be present.
    pub(super) async fn handle(&self, request: Request<RequestBody>) -> Response<ResponseBody> {
        let context = ResponseContext::new(&self.store, request.method(), request.uri().path());
        let response = match self.respond(request).await {
            Ok(response) => response,
            Err(error) => error_response(error),
        };
        context.finish(response).await
    }

    async fn respond(&self, request: Request<RequestBody>) -> S3Result<HttpResponse> {
        let (mut parts, body) = request.into_parts();
        auth::check(&parts, &self.store.region)?;
        let mut forged = false;
        let mut body = streamed(body);
        if is_xml_post(&parts) {
            let Ok(whole) = body.store_all_limited(MAX_XML).await else {
                return Err(S3ErrorCode::IncompleteBody.into());
            };
            forged = !sha256_holds(&parts.headers, &whole);
            parts.extensions.insert(RawBody(whole));
        }
        let response = match self.service.call(Request::from_parts(parts, body)).await {
            Ok(response) => response,
            Err(_) => return Err(S3ErrorCode::InternalError.into()),
        };
        // `s3s` has no error of its own for an XML body that differs from the signed one.
        if forged && response.status() == StatusCode::INTERNAL_SERVER_ERROR {
            return Err(payload::sha256_mismatch());
        }
        Ok(response)
    }

    /// All objects, sorted by bucket and key.
    pub(super) fn objects(&self) -> Vec<ObjectRecord> {
        self.store.records()
    }

    /// The number of multipart uploads that are neither completed nor aborted.
    pub(super) fn uploads(&self) -> usize {
        self.store.uploads()
    }

    /// Restores the state after `new`, except that the sequence of ids continues.
    pub(super) fn reset(&self) {
        self.store.reset();
    }
}

impl std::fmt::Debug for S3Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3Server")
            .field("region", &self.store.region)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for S3Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = f.debug_struct("S3Options");
        out.field("access_key", &self.access_key)
            .field("region", &self.region)
            .field("buckets", &self.buckets);
        out.field("base_domain", &self.base_domain)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

/// A separate function, because inside `respond` the conversion of boxed errors would make its future not `Send`.
fn streamed(body: RequestBody) -> Body {
    Body::http_body_unsync(body)
}

fn error_response(error: S3Error) -> HttpResponse {
    error.to_http_response().unwrap_or_else(|_| {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

/// Whether the request is a delete-many or a complete-upload: a POST whose body is XML, and neither a form nor chunked.
fn is_xml_post(parts: &request::Parts) -> bool {
    let text = |name: &str| {
        parts
            .headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
    };
    parts.method == Method::POST
        && !text("content-type").starts_with("multipart/form-data")
        && !text("x-amz-content-sha256").starts_with("STREAMING-")
}

/// Whether the body has the signed hash, if a hash was signed.
fn sha256_holds(headers: &HeaderMap, body: &[u8]) -> bool {
    match headers.get("x-amz-content-sha256").map(|v| v.as_bytes()) {
        Some(signed) if signed.len() == 64 => hex(&Sha256::checksum(body)).as_bytes() == signed,
        _ => true,
    }
}
