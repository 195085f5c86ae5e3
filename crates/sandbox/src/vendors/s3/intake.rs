//! Takes a payload in: segments, digests, and every check S3 makes on the way.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt as _;
use http::{HeaderMap, StatusCode};
use s3s::crypto::{Checksum as _, Md5};
use s3s::dto::StreamingBlob;
use s3s::{S3Error, S3ErrorCode, S3Result, StdError, TrailingHeaders};

use super::blob::Blob;
use super::checksum::{Algorithm, Declared, Sum};
use super::refusal::{invalid_request, refuse, refuse_custom};

/// The largest single PUT or part.
pub(super) const MAX_PUT: u64 = 5 * 1024 * 1024 * 1024;

/// A payload that passed its checks.
#[derive(Debug)]
pub(super) struct Intake {
    pub(super) blob: Blob,
    pub(super) md5: [u8; 16],
    /// The value to keep.
    pub(super) sum: Sum,
    /// The value to answer with: in the client's algorithm, if it named one.
    pub(super) echo: Sum,
}

/// Which checksum algorithm a payload may declare.
#[derive(Clone, Copy, Debug)]
pub(super) enum Expected {
    Any,
    /// The one its upload was created with. Without one, a part may still declare any: botocore's default does.
    Created(Option<Algorithm>),
}

/// Reads `body` to its end, then judges it.
pub(super) async fn receive(
    body: Option<StreamingBlob>,
    headers: &HeaderMap,
    trailers: Option<TrailingHeaders>,
    expected: Expected,
) -> S3Result<Intake> {
    let declared = Declared::read(headers)?;
    let kept = match expected {
        Expected::Any => declared.algorithm(),
        Expected::Created(wanted) => {
            check_created(wanted, declared.algorithm())?;
            wanted
        }
    };
    let content_md5 = content_md5(headers)?;
    let kept = kept.unwrap_or(Algorithm::Crc64Nvme);
    let echoed = declared.algorithm().unwrap_or(kept);

    let mut blob = Blob::default();
    let mut md5 = Md5::new();
    let mut hasher = kept.hasher();
    if echoed != kept {
        echoed.enable(&mut hasher);
    }
    if let Some(mut body) = body {
        while let Some(frame) = body.next().await {
            let frame = frame.map_err(|error| broken(&error))?;
            md5.update(&frame);
            hasher.update(&frame);
            blob.push(frame);
            if blob.len() > MAX_PUT {
                let message = "Your proposed upload exceeds the maximum allowed size";
                return Err(refuse(S3ErrorCode::EntityTooLarge, message, &[]));
            }
        }
    }
    if announced(headers).is_some_and(|len| len != blob.len()) {
        return Err(incomplete());
    }
    let md5 = md5.finalize();
    verify_md5(content_md5, md5)?;
    let values = hasher.finalize();
    let (sum, echo) = (Sum::among(kept, &values), Sum::among(echoed, &values));
    let trailers = trailers.and_then(|t| t.take());
    declared.verify(&echo, trailers.as_ref())?;
    Ok(Intake {
        blob,
        md5,
        sum,
        echo,
    })
}

/// Checks a small body that is already here, such as the XML of a delete request.
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

fn check_created(wanted: Option<Algorithm>, given: Option<Algorithm>) -> S3Result<()> {
    match (wanted, given) {
        (Some(wanted), Some(given)) if wanted != given => Err(invalid_request(format!(
            "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
            wanted.name().to_lowercase(),
            given.name().to_lowercase()
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
        refuse(
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
            Err(refuse(
                S3ErrorCode::BadDigest,
                message,
                &details.each_ref().map(|(n, v)| (*n, v.as_str())),
            ))
        }
        _ => Ok(()),
    }
}

/// The payload's length as announced. A form's length says nothing about the file in it.
fn announced(headers: &HeaderMap) -> Option<u64> {
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
    refuse(S3ErrorCode::IncompleteBody, message, &[])
}

pub(super) fn sha256_mismatch() -> S3Error {
    let message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
    refuse_custom(
        "XAmzContentSHA256Mismatch",
        StatusCode::BAD_REQUEST,
        message,
        &[],
    )
}

/// A body stream that failed. `s3s` keeps its stream errors private, so their names are all there is.
fn broken(error: &StdError) -> S3Error {
    let text = error.to_string();
    if text.contains("Sha256Mismatch") {
        sha256_mismatch()
    } else if text.contains("SignatureMismatch") {
        let message = "The request signature we calculated does not match the signature you provided. Check your key and signing method.";
        refuse(S3ErrorCode::SignatureDoesNotMatch, message, &[])
    } else if text.contains("AwsChunkedStreamError: FormatError") {
        invalid_request("The aws-chunked body is not well formed")
    } else {
        incomplete()
    }
}
