//! Reads a payload into segments, computes its digests, and makes every check that S3 makes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::StreamExt as _;
use http::{HeaderMap, StatusCode};
use s3s::crypto::{Checksum as _, Md5};
use s3s::dto::StreamingBlob;
use s3s::{S3Error, S3ErrorCode, S3Result, StdError, TrailingHeaders};

use super::blob::Blob;
use super::checksum::{Algorithm, Declared, Sum};
use super::error::{custom_error, invalid_request, s3_error};

/// The largest object of one PUT, and the largest part: 5 GiB, by
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>.
pub(super) const MAX_PUT: u64 = 5 * 1024 * 1024 * 1024;

/// A small request body, stored in the request's extensions for the checks that `s3s` leaves out.
#[derive(Clone)]
pub(super) struct RawBody(pub(super) Bytes);

/// A payload that passed its checks.
#[derive(Debug)]
pub(super) struct Payload {
    pub(super) blob: Blob,
    pub(super) md5: [u8; 16],
    /// The checksum that is stored with the object.
    pub(super) sum: Sum,
    /// The checksum that the response shows: in the client's algorithm, if it named one.
    pub(super) echo: Sum,
}

/// The checksum algorithm that a payload may declare.
#[derive(Clone, Copy, Debug)]
pub(super) enum Expected {
    Any,
    /// The algorithm of the part's upload. If the upload has none, a part may declare any, as botocore does by default.
    Created(Option<Algorithm>),
}

/// Reads `body` to its end, then checks it.
pub(super) async fn receive(
    body: Option<StreamingBlob>,
    headers: &HeaderMap,
    trailers: Option<TrailingHeaders>,
    expected: Expected,
) -> S3Result<Payload> {
    let declared = Declared::read(headers)?;
    let stored = match expected {
        Expected::Any => declared.algorithm(),
        Expected::Created(algorithm) => {
            check_created(algorithm, declared.algorithm())?;
            algorithm
        }
    };
    let content_md5 = content_md5(headers)?;
    let stored = stored.unwrap_or(Algorithm::Crc64Nvme);
    let shown = declared.algorithm().unwrap_or(stored);

    let mut blob = Blob::default();
    let mut md5 = Md5::new();
    let mut hasher = stored.hasher();
    if shown != stored {
        shown.enable(&mut hasher);
    }
    if let Some(mut body) = body {
        while let Some(frame) = body.next().await {
            let frame = frame.map_err(|error| broken(&error))?;
            md5.update(&frame);
            hasher.update(&frame);
            blob.push(frame);
            if blob.len() > MAX_PUT {
                let message = "Your proposed upload exceeds the maximum allowed size";
                return Err(s3_error(S3ErrorCode::EntityTooLarge, message, &[]));
            }
        }
    }
    if declared_length(headers).is_some_and(|len| len != blob.len()) {
        return Err(incomplete());
    }
    let md5 = md5.finalize();
    verify_md5(content_md5, md5)?;
    let values = hasher.finalize();
    let (sum, echo) = (
        Sum::from_values(stored, &values),
        Sum::from_values(shown, &values),
    );
    let trailers = trailers.and_then(|t| t.take());
    declared.verify(&echo, trailers.as_ref())?;
    Ok(Payload {
        blob,
        md5,
        sum,
        echo,
    })
}

/// Checks a small body that was already read, such as the XML of a delete request.
pub(super) fn check_whole(body: &[u8], headers: &HeaderMap) -> S3Result<()> {
    let declared = Declared::read(headers)?;
    let content_md5 = content_md5(headers)?;
    if content_md5.is_none() && declared == Declared::Nothing {
        return Err(invalid_request(
            "Missing required header for this request: Content-MD5 OR x-amz-checksum-*",
        ));
    }
    verify_md5(content_md5, Md5::checksum(body))?;
    if let Some(algorithm) = declared.algorithm() {
        let mut hasher = algorithm.hasher();
        hasher.update(body);
        declared.verify(&Sum::of(algorithm, hasher), None)?;
    }
    Ok(())
}

/// Checks that a part declares the algorithm of its upload.
fn check_created(created: Option<Algorithm>, declared: Option<Algorithm>) -> S3Result<()> {
    match (created, declared) {
        (Some(created), Some(declared)) if created != declared => Err(invalid_request(format!(
            "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
            created.name().to_lowercase(),
            declared.name().to_lowercase()
        ))),
        _ => Ok(()),
    }
}

fn content_md5(headers: &HeaderMap) -> S3Result<Option<[u8; 16]>> {
    let Some(value) = headers.get("content-md5") else {
        return Ok(None);
    };
    let raw = STANDARD
        .decode(value.as_bytes())
        .ok()
        .and_then(|raw| <[u8; 16]>::try_from(raw).ok());
    raw.map(Some).ok_or_else(|| {
        s3_error(
            S3ErrorCode::InvalidDigest,
            "The Content-MD5 you specified was invalid.",
            &[],
        )
    })
}

fn verify_md5(expected: Option<[u8; 16]>, computed: [u8; 16]) -> S3Result<()> {
    match expected {
        Some(expected) if expected != computed => {
            let message = "The Content-MD5 you specified did not match what we received.";
            let details = [
                ("ExpectedDigest", STANDARD.encode(expected)),
                ("CalculatedDigest", STANDARD.encode(computed)),
            ];
            Err(s3_error(
                S3ErrorCode::BadDigest,
                message,
                &details.each_ref().map(|(n, v)| (*n, v.as_str())),
            ))
        }
        _ => Ok(()),
    }
}

/// The length of the payload by the headers. The length of a form is not the length of the file in it.
fn declared_length(headers: &HeaderMap) -> Option<u64> {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    if text("content-type").is_some_and(|t| t.starts_with("multipart/form-data")) {
        return None;
    }
    text("x-amz-decoded-content-length")
        .or_else(|| text("content-length"))?
        .parse()
        .ok()
}

fn incomplete() -> S3Error {
    let message =
        "You did not provide the number of bytes specified by the Content-Length HTTP header";
    s3_error(S3ErrorCode::IncompleteBody, message, &[])
}

pub(super) fn sha256_mismatch() -> S3Error {
    let message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
    custom_error(
        "XAmzContentSHA256Mismatch",
        StatusCode::BAD_REQUEST,
        message,
        &[],
    )
}

/// The error for a body stream that failed. The error types of `s3s` are private, so only their text can be matched.
fn broken(error: &StdError) -> S3Error {
    let text = error.to_string();
    if text.contains("Sha256Mismatch") {
        sha256_mismatch()
    } else if text.contains("SignatureMismatch") {
        let message = "The request signature we calculated does not match the signature you provided. Check your key and signing method.";
        s3_error(S3ErrorCode::SignatureDoesNotMatch, message, &[])
    } else if text.contains("AwsChunkedStreamError: FormatError") {
        invalid_request("The aws-chunked body is not well formed")
    } else {
        incomplete()
    }
}
