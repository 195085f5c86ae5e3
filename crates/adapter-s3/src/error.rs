//! Maps S3's errors to kinds; see "Error responses" in the Amazon S3 API reference.

use anyvendor_core::{
    Kind,
    error::ProtocolReason,
    resilience::{Classifier, Failure, Hint, ResponseView, scrub},
};
use http::HeaderMap;

use crate::wire::ErrorBody;

/// Operations whose 200 may contain an error: the store sends 200 to keep the connection open, then continues to work.
const LATE: [&str; 3] = [
    "storage.multipart.complete",
    "storage.copy",
    "storage.copy.part",
];

#[derive(Debug)]
pub(crate) struct S3Classifier;

impl Classifier for S3Classifier {
    fn classify(&self, response: ResponseView<'_>) -> Option<Failure> {
        if response.status.is_success() {
            return if LATE.contains(&response.operation) {
                late(response)
            } else {
                None
            };
        }
        let default = Failure::from_status(response.status)?;
        let Some(error) = ErrorBody::read(response.body) else {
            return Some(default);
        };
        Some(of_code(response.headers, &error, default).authentic())
    }

    fn request_id(&self, headers: &HeaderMap) -> Option<String> {
        Some(headers.get("x-amz-request-id")?.to_str().ok()?.to_owned())
    }
}

/// The failure of a 200 whose body is an error or is empty.
fn late(response: ResponseView<'_>) -> Option<Failure> {
    if let Some(error) = ErrorBody::read(response.body) {
        let default = Failure::new(
            Kind::Unavailable,
            "the store failed after its response had begun",
        );
        return Some(of_code(response.headers, &error, default).authentic());
    }
    if response.body.trim_ascii().is_empty() {
        return Some(Failure::new(
            Kind::Unavailable,
            "the store's response ended before its result",
        ));
    }
    None
}

fn of_code(headers: &HeaderMap, error: &ErrorBody, default: Failure) -> Failure {
    let (kind, hint) = match error.code.as_str() {
        "NoSuchKey" | "NoSuchUpload" | "NoSuchVersion" => (Kind::NotFound, Hint::NONE),
        "NoSuchBucket" | "InvalidBucketName" => (Kind::Config, Hint::NONE),
        "AccessDenied" | "AllAccessDisabled" | "AccountProblem" => {
            (Kind::PermissionDenied, Hint::NONE)
        }
        // A wrong region. Redirects are never followed, because the other store may belong to someone else.
        "PermanentRedirect"
        | "TemporaryRedirect"
        | "AuthorizationHeaderMalformed"
        | "IllegalLocationConstraintException" => (Kind::Config, Hint::NONE),
        "InvalidAccessKeyId" | "SignatureDoesNotMatch" => (Kind::Unauthenticated, Hint::NONE),
        "ExpiredToken" | "TokenRefreshRequired" | "InvalidToken" | "RequestTimeTooSkewed" => {
            (Kind::Unauthenticated, Hint::REAUTHORIZE)
        }
        "PreconditionFailed" => (Kind::Conflict, Hint::NONE),
        "ConditionalRequestConflict" | "OperationAborted" => (Kind::Conflict, Hint::RETRY),
        // The bytes arrived wrong; sending them again helps.
        "BadDigest" | "XAmzContentSHA256Mismatch" | "IncompleteBody" => {
            (Kind::Protocol(ProtocolReason::Mismatch), Hint::RETRY)
        }
        "SlowDown"
        | "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestLimitExceeded"
        | "BandwidthLimitExceeded"
        | "RequestThrottled"
        | "TooManyRequests" => (Kind::throttled(), Hint::BEFORE_WORK),
        "InternalError"
        | "ServiceUnavailable"
        | "RequestTimeout"
        | "RequestTimeoutException"
        | "PriorRequestNotComplete" => (Kind::Unavailable, Hint::NONE),
        // By name, because inside a 200 the status says nothing.
        "InvalidPart" | "InvalidPartOrder" | "EntityTooSmall" | "EntityTooLarge"
        | "InvalidArgument" | "InvalidRequest" | "MalformedXML" => {
            (Kind::InvalidRequest, Hint::NONE)
        }
        "NotImplemented" | "MethodNotAllowed" => (Kind::Unsupported, Hint::NONE),
        _ => (default.kind.clone(), Hint::NONE),
    };
    let region = headers
        .get("x-amz-bucket-region")
        .and_then(|region| region.to_str().ok())
        .or(error.region.as_deref());
    let message = match (&kind, region) {
        (Kind::Config, Some(region)) => {
            ["the bucket is in the region ", region, "; set region to it"].concat()
        }
        _ => scrub(&error.message, 200),
    };
    let field = match error.code.as_str() {
        "NoSuchBucket" | "InvalidBucketName" => Some("bucket"),
        _ if kind == Kind::Config => Some("region"),
        "InvalidRange" => Some("range"),
        "KeyTooLongError" => Some("key"),
        "MetadataTooLarge" => Some("metadata"),
        _ => None,
    };
    let message = if message.is_empty() {
        default.message
    } else {
        message
    };
    let failure = Failure::new(kind, message)
        .with_hint(hint)
        .with_vendor_code(error.code.clone());
    match field {
        Some(field) => failure.with_field(field),
        None => failure,
    }
}

#[cfg(test)]
mod tests {
    use anyvendor_core::error::RateLimitScope;
    use bytes::Bytes;
    use http::StatusCode;

    use super::*;

    fn classify(operation: &'static str, status: u16, body: &str) -> Option<Failure> {
        let body = Bytes::from(body.to_owned());
        let status = StatusCode::from_u16(status).unwrap();
        S3Classifier.classify(ResponseView {
            operation,
            status,
            headers: &HeaderMap::new(),
            body: &body,
        })
    }

    #[test]
    fn the_documented_codes() {
        let limited = Kind::RateLimited {
            scope: RateLimitScope::Vendor,
            retry_after: None,
        };
        let cases = [
            (404, "NoSuchKey", Kind::NotFound),
            (404, "NoSuchBucket", Kind::Config),
            (404, "NoSuchUpload", Kind::NotFound),
            (403, "AccessDenied", Kind::PermissionDenied),
            (403, "SignatureDoesNotMatch", Kind::Unauthenticated),
            (400, "ExpiredToken", Kind::Unauthenticated),
            (403, "RequestTimeTooSkewed", Kind::Unauthenticated),
            (301, "PermanentRedirect", Kind::Config),
            (400, "AuthorizationHeaderMalformed", Kind::Config),
            (412, "PreconditionFailed", Kind::Conflict),
            (409, "ConditionalRequestConflict", Kind::Conflict),
            (416, "InvalidRange", Kind::InvalidRequest),
            (200, "InvalidPart", Kind::InvalidRequest),
            (400, "EntityTooSmall", Kind::InvalidRequest),
            (400, "BadDigest", Kind::Protocol(ProtocolReason::Mismatch)),
            (503, "SlowDown", limited),
            (500, "InternalError", Kind::Unavailable),
            (400, "RequestTimeout", Kind::Unavailable),
            (501, "NotImplemented", Kind::Unsupported),
        ];
        for (status, code, kind) in cases {
            let body = format!("<Error><Code>{code}</Code><Message>m</Message></Error>");
            let failure = classify("storage.copy", status, &body).unwrap();
            assert_eq!(
                (&failure.kind, failure.vendor_code.as_deref()),
                (&kind, Some(code))
            );
        }
        assert_eq!(
            classify("storage.head", 404, "").unwrap().kind,
            Kind::NotFound,
            "HEAD has no body"
        );
        assert!(classify("storage.get", 304, "").is_none());
    }

    #[test]
    fn t29_error_inside_200_is_an_error() {
        let xml = "\n \n<?xml version=\"1.0\"?>\n<Error><Code>InternalError</Code><Message>m</Message></Error>";
        assert_eq!(
            classify("storage.multipart.complete", 200, xml)
                .unwrap()
                .kind,
            Kind::Unavailable
        );
        assert_eq!(
            classify("storage.copy", 200, "  \n").unwrap().kind,
            Kind::Unavailable
        );
        let slow = "<Error><Code>SlowDown</Code></Error>";
        assert!(matches!(
            classify("storage.copy", 200, slow).unwrap().kind,
            Kind::RateLimited { .. }
        ));
        let good =
            "<CompleteMultipartUploadResult><ETag>\"x-1\"</ETag></CompleteMultipartUploadResult>";
        assert!(classify("storage.multipart.complete", 200, good).is_none());
        assert!(
            classify("storage.get", 200, xml).is_none(),
            "an object may look like an error"
        );
    }
}
