//! The call pipeline: retries, budget, breaker, limits, deadlines and redaction around every request.
//!
//! Each attempt passes these steps, in this order: the circuit breaker (failing fast costs nothing), the rate limiter
//! (it waits only if the wait fits the deadline), the permit to be in flight, a new authorization, sending and reading
//! under one deadline, classification, and the decision on retrying. Nothing but the permits is held across an await,
//! and no permit is held during a delay.

mod attempt;
mod authorize;
mod backoff;
mod breaker;
mod budget;
mod call;
mod classify;
mod clock;
mod deadline;
mod decode;
pub(crate) mod duration_text;
mod observe;
mod operation;
mod options;
mod pipeline;
mod policy;
mod quota;
mod rate_limit;
mod redact;
mod request;
mod retry;
mod scope;
mod shared;
mod timer;
mod token;

pub use self::{
    authorize::{AuthRejection, Authorizer, NoCredentials, UnsignedRequest},
    backoff::{FullJitter, Jitter, NoJitter},
    breaker::{BreakerConfig, BreakerState},
    budget::BudgetConfig,
    classify::{ByStatus, Classifier, Failure, Hint, ResponseView, RetryDirective},
    clock::{Clock, Instant, Sleep},
    decode::{MalformedResponse, response_id},
    observe::{AttemptReport, CallReport, Health, Observer, RouteReport, RouteStep, WebhookReport},
    operation::{Operation, OperationClass},
    options::{CallOptions, Duplicates, Retries},
    pipeline::{Pipeline, PipelineBuilder},
    policy::{Policy, VendorProfile},
    quota::{QuotaHeaders, QuotaWindow, ResetUnit, retry_after},
    rate_limit::RateWindow,
    redact::scrub,
    request::{Request, RequestBody, Response, ResponseHead, StreamingResponse},
    scope::CallScope,
    token::{Token, TokenCell, TokenSource},
};
