//! What AWS refuses about a signature that `s3s` would let pass, and the keys `s3s` checks with.

use http::{HeaderMap, StatusCode, request};
use s3s::auth::{S3Auth, SecretKey};
use s3s::host::{S3Host, VirtualHost};
use s3s::{S3Error, S3ErrorCode, S3Result};

use super::refusal::{invalid_argument, invalid_request, refuse, refuse_custom};

/// A presigned URL lives at most a week.
const MAX_EXPIRES: u64 = 7 * 24 * 60 * 60;

/// The one key pair of the double.
pub(super) struct Keys {
    pub(super) access_key: String,
    pub(super) secret_key: SecretKey,
}

#[async_trait::async_trait]
impl S3Auth for Keys {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        if access_key == self.access_key {
            return Ok(self.secret_key.clone());
        }
        let message = "The AWS Access Key Id you provided does not exist in our records.";
        Err(refuse(
            S3ErrorCode::InvalidAccessKeyId,
            message,
            &[("AWSAccessKeyId", access_key)],
        ))
    }
}

/// Virtual-host addressing under one base domain, on any port; every other host is path style.
pub(super) struct Hosts {
    /// Lower case, without port.
    pub(super) base_domain: String,
}

impl S3Host for Hosts {
    fn parse_host_header<'a>(&'a self, host: &'a str) -> S3Result<VirtualHost<'a>> {
        let name = host.split(':').next().unwrap_or(host).to_ascii_lowercase();
        let bucket = name
            .strip_suffix(&self.base_domain)
            .and_then(|rest| rest.strip_suffix('.'));
        match bucket.filter(|bucket| !bucket.is_empty()) {
            Some(bucket) => Ok(VirtualHost::new(host).with_bucket(bucket.to_owned())),
            None => Ok(VirtualHost::new(host)),
        }
    }
}

/// Where a signature stands and what it says about itself.
struct Claim {
    region: String,
    signed_headers: String,
    presigned: bool,
}

/// Refuses what AWS refuses before it looks at the signature itself.
pub(super) fn check(parts: &request::Parts, region: &str) -> S3Result<()> {
    let query = parts.uri.query().unwrap_or_default();
    let parameter = |name: &str| {
        url::form_urlencoded::parse(query.as_bytes())
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.into_owned())
    };
    let authorization = parts
        .headers
        .get(http::header::AUTHORIZATION)
        .map(|v| v.to_str().unwrap_or_default());

    if authorization.is_some_and(|a| a.starts_with("AWS ")) || parameter("AWSAccessKeyId").is_some()
    {
        return Err(invalid_request(
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
        ));
    }
    let claim = match (authorization, parameter("X-Amz-Signature")) {
        (Some(value), Some(_)) => {
            let message = "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified";
            return Err(invalid_argument(
                message,
                "Authorization",
                value.split(' ').next().unwrap_or_default(),
            ));
        }
        (Some(value), None) => from_header(value),
        (None, Some(_)) => {
            check_expires(parameter("X-Amz-Expires").as_deref())?;
            from_credential(
                parameter("X-Amz-Credential"),
                parameter("X-Amz-SignedHeaders"),
                true,
            )
        }
        (None, None) => None,
    };
    // What cannot be read is left to `s3s`, which refuses it.
    let Some(claim) = claim else { return Ok(()) };
    check_region(&claim, region)?;
    check_signed(&claim, &parts.headers)
}

fn from_header(value: &str) -> Option<Claim> {
    let fields = value.strip_prefix("AWS4-HMAC-SHA256")?;
    let field = |name: &str| {
        let find = |part: &str| {
            Some(
                part.trim()
                    .strip_prefix(name)?
                    .strip_prefix('=')?
                    .to_owned(),
            )
        };
        fields.split(',').find_map(find)
    };
    from_credential(field("Credential"), field("SignedHeaders"), false)
}

fn from_credential(
    credential: Option<String>,
    signed_headers: Option<String>,
    presigned: bool,
) -> Option<Claim> {
    // <access key>/<date>/<region>/s3/aws4_request, read from the end: an access key may hold a slash.
    let region = credential?.rsplit('/').nth(2)?.to_owned();
    Some(Claim {
        region,
        signed_headers: signed_headers?,
        presigned,
    })
}

fn check_expires(expires: Option<&str>) -> S3Result<()> {
    let refuse = |message: &str| {
        Err(refuse_custom(
            "AuthorizationQueryParametersError",
            StatusCode::BAD_REQUEST,
            message,
            &[],
        ))
    };
    match expires.map(str::parse::<u64>) {
        None => Ok(()),
        Some(Err(_)) => refuse("X-Amz-Expires should be a number"),
        Some(Ok(seconds)) if seconds > MAX_EXPIRES => refuse(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds",
        ),
        Some(Ok(_)) => Ok(()),
    }
}

fn check_region(claim: &Claim, region: &str) -> S3Result<()> {
    if claim.region == region {
        return Ok(());
    }
    let details = [("Region", region)];
    if claim.presigned {
        let message = format!(
            "Error parsing the X-Amz-Credential parameter; the region '{}' is wrong; expecting '{region}'",
            claim.region
        );
        return Err(refuse_custom(
            "AuthorizationQueryParametersError",
            StatusCode::BAD_REQUEST,
            message,
            &details,
        ));
    }
    let message = format!(
        "The authorization header is malformed; the region '{}' is wrong; expecting '{region}'",
        claim.region
    );
    Err(refuse(
        S3ErrorCode::AuthorizationHeaderMalformed,
        message,
        &details,
    ))
}

/// Every `x-amz-*` header that is sent must be signed; otherwise it could be added by someone else.
fn check_signed(claim: &Claim, headers: &HeaderMap) -> S3Result<()> {
    let signed = |name: &str| {
        claim
            .signed_headers
            .split(';')
            .any(|s| s.eq_ignore_ascii_case(name))
    };
    let exempt = |name: &str| claim.presigned && name == "x-amz-content-sha256";
    let missing: Vec<&str> = headers
        .keys()
        .map(|n| n.as_str())
        .filter(|n| n.starts_with("x-amz-") && !signed(n) && !exempt(n))
        .collect();
    if missing.is_empty() && signed("host") {
        return Ok(());
    }
    Err(unsigned(&if missing.is_empty() {
        "host".to_owned()
    } else {
        missing.join(", ")
    }))
}

fn unsigned(names: &str) -> S3Error {
    refuse(
        S3ErrorCode::AccessDenied,
        "There were headers present in the request which were not signed",
        &[("HeadersNotSigned", names)],
    )
}
