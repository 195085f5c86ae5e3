//! The call pipeline: retries, budget, breaker, limits, deadlines and redaction around every request.

mod authorize;
mod classify;
mod operation;
mod options;
mod request;

pub use self::{
    authorize::{Authorizer, Refusal, Unsigned},
    classify::{AnswerView, Classifier, Failure, Hint, RetryWord},
    operation::{Operation, OperationClass},
    options::{CallOptions, Duplicates, Retries},
    request::{Answer, AnswerHead, Request, RequestBody, StreamingAnswer},
};
