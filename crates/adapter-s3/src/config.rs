//! The settings of a connection to one bucket.

use std::{num::NonZeroU32, path::PathBuf};

use anyvendor_core::{
    Error,
    address::{api_address, leads_elsewhere},
    resilience::Policy,
    values::{Secret, SecretSource},
};
use anyvendor_http::Mode;
use schemars::JsonSchema;
use serde::Deserialize;
use url::{Host, Url};

/// The vendor's name in errors and spans.
pub const VENDOR: &str = "s3";

/// The smallest part of a multipart upload, except for the last; see "Amazon S3 multipart upload limits".
pub(crate) const MIN_PART: u64 = 5 * 1024 * 1024;

/// Settings of a connection to one bucket.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct S3Config {
    /// The name of the bucket.
    pub bucket: String,
    /// The region that requests are signed for; compatible stores accept any, often `auto` or `us-east-1`.
    pub region: String,
    /// The URL of a compatible store. Default: the AWS endpoint of the region.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// Whether the bucket is in the host name or in the path of the URL.
    #[serde(default)]
    pub addressing: Addressing,
    /// Where the credentials come from.
    pub credentials: CredentialsConfig,
    /// The size of a part, in bytes, from 5 MiB; larger ones are used where an object would need over 10,000. Default
    /// 8 MiB, as in AWS's command line. Memory of an upload is about this times `part_concurrency` and one.
    #[serde(default = "default_part_size")]
    pub part_size: u64,
    /// How many parts are in flight at the same time. Default 3 (no vendor source).
    #[serde(default = "default_part_concurrency")]
    pub part_concurrency: NonZeroU32,
    /// Whether the bucket may be one at AWS also if the application's mode is sandbox. Default: `false`.
    #[serde(default)]
    pub real_vendor: bool,
    /// Whether private addresses and plain HTTP are allowed, for a store on this machine.
    #[serde(default)]
    pub allow_private_addresses: bool,
    /// Retries, timeouts and the circuit breaker.
    #[serde(default)]
    pub resilience: Policy,
    /// The largest object that is copied in one request; tests lower it.
    #[serde(skip, default = "max_copy")]
    pub(crate) copy_limit: u64,
}

anyvendor_core::debug_only!(S3Config {
    bucket,
    region,
    addressing,
    credentials,
    real_vendor,
    allow_private_addresses
});

/// 5 GiB; see "CopyObject" in the API reference.
fn max_copy() -> u64 {
    5 * 1024 * 1024 * 1024
}

fn default_part_size() -> u64 {
    8 * 1024 * 1024
}

fn default_part_concurrency() -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(2)
}

/// Whether the bucket is in the host name or in the path of the URL.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Addressing {
    /// In the host where possible: if the bucket is a valid DNS name and the endpoint is not an IP address.
    #[default]
    Auto,
    /// In the path.
    Path,
    /// In the host.
    Virtual,
}

/// Where the credentials come from.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum CredentialsConfig {
    /// Fixed credentials, given here.
    Static {
        /// The id of the key; a reference like a secret, because it comes from the same place.
        access_key_id: SecretSource,
        /// The secret access key.
        secret_access_key: SecretSource,
        /// The token of temporary credentials.
        #[serde(default)]
        session_token: Option<SecretSource>,
    },
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`.
    Environment,
    /// A profile of the shared credentials file.
    Profile {
        /// The name of the profile; default `AWS_PROFILE`, or else `default`.
        #[serde(default)]
        name: Option<String>,
        /// The file; default `AWS_SHARED_CREDENTIALS_FILE`, or else `~/.aws/credentials`.
        #[serde(default)]
        file: Option<PathBuf>,
    },
    /// A role assumed with a token in a file, as Kubernetes mounts it.
    WebIdentity {
        /// The ARN of the role; default `AWS_ROLE_ARN`.
        #[serde(default)]
        role_arn: Option<String>,
        /// The file with the token; default `AWS_WEB_IDENTITY_TOKEN_FILE`.
        #[serde(default)]
        token_file: Option<PathBuf>,
    },
    /// The endpoint of a container on ECS or EKS, named by `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` or `..._FULL_URI`.
    Container,
    /// The metadata service of an EC2 instance, version 2.
    Instance,
}

impl S3Config {
    /// The usual settings for a bucket.
    #[must_use]
    pub fn new(
        bucket: impl Into<String>,
        region: impl Into<String>,
        credentials: CredentialsConfig,
    ) -> Self {
        Self {
            bucket: bucket.into(),
            region: region.into(),
            endpoint: None,
            addressing: Addressing::Auto,
            credentials,
            part_size: default_part_size(),
            part_concurrency: default_part_concurrency(),
            real_vendor: false,
            allow_private_addresses: false,
            resilience: Policy::default(),
            copy_limit: max_copy(),
        }
    }

    /// Connects to a store on this machine.
    #[must_use]
    pub fn with_local_endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = Some(endpoint.into());
        self.allow_private_addresses = true;
        self
    }

    /// Sets retries, timeouts and the circuit breaker.
    #[must_use]
    pub fn with_resilience(mut self, resilience: Policy) -> Self {
        self.resilience = resilience;
        self
    }

    /// Sets the size of a part, in bytes.
    #[must_use]
    pub fn with_part_size(mut self, part_size: u64) -> Self {
        self.part_size = part_size;
        self
    }

    /// Checks what can be checked without reading secrets or files.
    ///
    /// # Errors
    /// `Config`, naming the setting.
    pub fn check(&self) -> Result<(), Error> {
        let bucket_characters =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        if self.bucket.len() < 3
            || self.bucket.len() > 255
            || !self.bucket.bytes().all(bucket_characters)
        {
            return Err(Error::config(
                "bucket",
                "must have 3 to 255 letters, digits, dots, dashes or underscores",
            ));
        }
        // Not a region but the SDKs' name for the oldest endpoint, which serves every region more slowly than its own endpoint.
        if self.region.is_empty()
            || self.region == "aws-global"
            || !self
                .region
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        {
            return Err(Error::config(
                "region",
                "must be a region such as us-east-1; compatible stores often accept auto",
            ));
        }
        if self.part_size < MIN_PART {
            return Err(Error::config(
                "part_size",
                "must be at least 5242880 bytes (5 MiB)",
            ));
        }
        self.bucket_url().map(|_| ())
    }

    /// In sandbox mode the store must be another than AWS, unless the settings say otherwise: credentials do not show whether
    /// the bucket is a test's.
    pub(crate) fn apply_mode(&self, mode: Mode) -> Result<(), Error> {
        let own = ["amazonaws.com", "amazonaws.com.cn", "api.aws"];
        let is_real = !leads_elsewhere(self.endpoint.as_deref(), &own);
        if mode == Mode::Sandbox && is_real && !self.real_vendor {
            let remedy = "mode is sandbox, and this would be a bucket at AWS; set it to the address of an emulator, or set \
                          real_vendor = true";
            return Err(Error::config("endpoint", remedy));
        }
        Ok(())
    }

    /// The URL of the bucket; the keys are below it.
    pub(crate) fn bucket_url(&self) -> Result<Url, Error> {
        let wrong = || {
            Error::config(
                "endpoint",
                "must be a URL without a path, such as https://storage.example.com",
            )
        };
        let mut url = match &self.endpoint {
            Some(endpoint) => api_address("endpoint", endpoint, self.allow_private_addresses)?,
            None => Url::parse(&["https://s3.", &self.region, ".", self.suffix()].concat())
                .map_err(|_| wrong())?,
        };
        if url.path() != "/" {
            return Err(wrong());
        }
        if self.in_host(&url) {
            let host = [&self.bucket, ".", url.host_str().unwrap_or_default()].concat();
            url.set_host(Some(&host)).map_err(|_| wrong())?;
        } else {
            url.set_path(&[&self.bucket, "/"].concat());
        }
        Ok(url)
    }

    fn suffix(&self) -> &'static str {
        if self.region.starts_with("cn-") {
            "amazonaws.com.cn"
        } else {
            "amazonaws.com"
        }
    }

    fn in_host(&self, endpoint: &Url) -> bool {
        match self.addressing {
            Addressing::Path => false,
            Addressing::Virtual => true,
            Addressing::Auto => {
                let named =
                    matches!(endpoint.host(), Some(Host::Domain(host)) if host != "localhost");
                let lower =
                    |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
                // A certificate for *.host does not cover a name with a dot.
                let dotted = endpoint.scheme() == "http" && self.bucket.contains('.');
                named
                    && self.bucket.len() <= 63
                    && (self.bucket.bytes().all(lower)
                        || (dotted && self.bucket.bytes().all(|byte| lower(byte) || byte == b'.')))
            }
        }
    }

    pub(crate) fn is_aws(&self) -> bool {
        self.endpoint.is_none()
    }
}

impl CredentialsConfig {
    /// Credentials given in code.
    pub fn fixed(access_key_id: impl Into<String>, secret_access_key: impl Into<String>) -> Self {
        Self::Static {
            access_key_id: Secret::new(access_key_id).into(),
            secret_access_key: Secret::new(secret_access_key).into(),
            session_token: None,
        }
    }
}

#[cfg(test)]
mod tests;
