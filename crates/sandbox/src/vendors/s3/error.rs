//! S3's errors: code, message and the extra elements of the error body:
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::{S3Error, S3ErrorCode};

/// The internal header that carries the extra elements from an error to its response; it is never sent.
pub(super) const DETAIL: HeaderName = HeaderName::from_static("x-anyvendor-error-detail");

/// An error with extra XML elements, such as `<BucketName>`.
pub(super) fn s3_error(
    code: S3ErrorCode,
    message: impl Into<String>,
    details: &[(&str, &str)],
) -> S3Error {
    let mut headers = HeaderMap::new();
    for (name, value) in details {
        let text = format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC));
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.append(DETAIL, value);
        }
    }
    let mut error = S3Error::with_message(code, message.into());
    error.set_headers(headers);
    error
}

/// An error whose code `s3s` does not list.
pub(super) fn custom_error(
    code: &str,
    status: StatusCode,
    message: impl Into<String>,
    details: &[(&str, &str)],
) -> S3Error {
    // The conversion cannot fail: an unknown code becomes a custom one.
    let code = code.parse().unwrap_or(S3ErrorCode::InvalidRequest);
    let mut error = s3_error(code, message, details);
    error.set_status_code(status);
    error
}

pub(super) fn no_such_bucket(bucket: &str) -> S3Error {
    s3_error(
        S3ErrorCode::NoSuchBucket,
        "The specified bucket does not exist",
        &[("BucketName", bucket)],
    )
}

pub(super) fn no_such_key(key: &str) -> S3Error {
    s3_error(
        S3ErrorCode::NoSuchKey,
        "The specified key does not exist.",
        &[("Key", key)],
    )
}

pub(super) fn no_such_upload(upload: &str) -> S3Error {
    let message = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.";
    s3_error(S3ErrorCode::NoSuchUpload, message, &[("UploadId", upload)])
}

pub(super) fn precondition_failed(condition: &str) -> S3Error {
    let message = "At least one of the pre-conditions you specified did not hold";
    s3_error(
        S3ErrorCode::PreconditionFailed,
        message,
        &[("Condition", condition)],
    )
}

pub(super) fn invalid_request(message: impl Into<String>) -> S3Error {
    s3_error(S3ErrorCode::InvalidRequest, message, &[])
}

pub(super) fn invalid_argument(message: impl Into<String>, name: &str, value: &str) -> S3Error {
    s3_error(
        S3ErrorCode::InvalidArgument,
        message,
        &[("ArgumentName", name), ("ArgumentValue", value)],
    )
}

pub(super) fn malformed_xml() -> S3Error {
    let message =
        "The XML you provided was not well-formed or did not validate against our published schema";
    s3_error(S3ErrorCode::MalformedXML, message, &[])
}
