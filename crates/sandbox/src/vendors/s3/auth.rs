//! The credentials that `s3s` verifies signatures with, and the checks of AWS that `s3s` leaves out:
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html>.

use http::{HeaderMap, StatusCode, request};
use s3s::auth::{S3Auth, SecretKey};
use s3s::host::{S3Host, VirtualHost};
use s3s::{S3Error, S3ErrorCode, S3Result};

use super::error::{custom_error, invalid_argument, invalid_request, s3_error};

/// The longest validity of a presigned URL: one week, in seconds.
const MAX_EXPIRES: u64 = 7 * 24 * 60 * 60;

/// The only key pair that is accepted.
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
        Err(s3_error(
            S3ErrorCode::InvalidAccessKeyId,
            message,
            &[("AWSAccessKeyId", access_key)],
        ))
    }
}

/// Virtual-host addressing below one base domain, on any port; on every other host path style is used.
pub(super) struct Hosts {
    /// The base domain in lower case, without a port.
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

/// The parts of a signature that are checked here.
struct SignatureInfo {
    region: String,
    signed_headers: String,
    presigned: bool,
}

/// Rejects what AWS rejects before it verifies the signature itself.
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
    let info = match (authorization, parameter("X-Amz-Signature")) {
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
    // `s3s` rejects a signature that cannot be read.
    let Some(info) = info else { return Ok(()) };
    check_region(&info, region)?;
    check_signed(&info, &parts.headers)
}

fn from_header(value: &str) -> Option<SignatureInfo> {
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
) -> Option<SignatureInfo> {
    // The form is <access key>/<date>/<region>/s3/aws4_request. It is read from the end, since an access key may contain a
    // slash.
    let region = credential?.rsplit('/').nth(2)?.to_owned();
    Some(SignatureInfo {
        region,
        signed_headers: signed_headers?,
        presigned,
    })
}

fn check_expires(expires: Option<&str>) -> S3Result<()> {
    let rejected = |message: &str| {
        Err(custom_error(
            "AuthorizationQueryParametersError",
            StatusCode::BAD_REQUEST,
            message,
            &[],
        ))
    };
    match expires.map(str::parse::<u64>) {
        None => Ok(()),
        Some(Err(_)) => rejected("X-Amz-Expires should be a number"),
        Some(Ok(seconds)) if seconds > MAX_EXPIRES => rejected(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds",
        ),
        Some(Ok(_)) => Ok(()),
    }
}

fn check_region(info: &SignatureInfo, region: &str) -> S3Result<()> {
    if info.region == region {
        return Ok(());
    }
    let details = [("Region", region)];
    if info.presigned {
        let message = format!(
            "Error parsing the X-Amz-Credential parameter; the region '{}' is wrong; expecting '{region}'",
            info.region
        );
        return Err(custom_error(
            "AuthorizationQueryParametersError",
            StatusCode::BAD_REQUEST,
            message,
            &details,
        ));
    }
    let message = format!(
        "The authorization header is malformed; the region '{}' is wrong; expecting '{region}'",
        info.region
    );
    Err(s3_error(
        S3ErrorCode::AuthorizationHeaderMalformed,
        message,
        &details,
    ))
}

/// Checks that every `x-amz-*` header is signed; otherwise somebody else could have added it.
fn check_signed(info: &SignatureInfo, headers: &HeaderMap) -> S3Result<()> {
    let signed = |name: &str| {
        info.signed_headers
            .split(';')
            .any(|s| s.eq_ignore_ascii_case(name))
    };
    let exempt = |name: &str| info.presigned && name == "x-amz-content-sha256";
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
    s3_error(
        S3ErrorCode::AccessDenied,
        "There were headers present in the request which were not signed",
        &[("HeadersNotSigned", names)],
    )
}
