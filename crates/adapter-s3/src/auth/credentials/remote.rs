//! Temporary credentials from a service: for the role of a web identity, a container or an instance.

mod address;
mod wire;

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyvendor_core::{
    Error, Kind,
    address::address_below,
    error::ProtocolReason,
    resilience::{
        CallOptions, Classifier, Clock, Failure, NoCredentials, Operation, OperationClass,
        Pipeline, Request, Response, ResponseView, Token,
    },
    transport::Transport,
    values::Secret,
};
use anyvendor_http::{HttpTransport, TransportConfig};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header::AUTHORIZATION};
use jiff::Timestamp;
use url::Url;

use self::{
    address::{container_url, url},
    wire::{AssumeRoleResponse, JsonCredentials},
};
use super::environment::Environment;
use crate::{auth::sigv4::Credentials, config::VENDOR, encode::query};

/// The address of the instance's metadata service.
const IMDS: &str = "http://169.254.169.254";

const ASSUME: Operation = Operation::new(
    "storage.credentials",
    &Method::POST,
    "/",
    OperationClass::Safe,
);
const FETCH: Operation = Operation::new(
    "storage.credentials",
    &Method::GET,
    "/{path}",
    OperationClass::Safe,
);
const SESSION: Operation = Operation::new(
    "storage.credentials",
    &Method::PUT,
    "/latest/api/token",
    OperationClass::Safe,
);

/// A service that issues credentials.
pub(crate) struct Remote {
    pipeline: Pipeline,
    clock: Arc<dyn Clock>,
    environment: Environment,
    service: Service,
}

enum Service {
    WebIdentity {
        role_arn: Option<String>,
        token_file: Option<PathBuf>,
        endpoint: String,
    },
    Container,
    Instance,
}

impl Remote {
    pub(super) fn web_identity(
        role_arn: Option<String>,
        token_file: Option<PathBuf>,
        region: &str,
        transport: TransportConfig,
        clock: Arc<dyn Clock>,
        environment: Environment,
    ) -> Result<Self, Error> {
        let suffix = if region.starts_with("cn-") {
            "amazonaws.com.cn"
        } else {
            "amazonaws.com"
        };
        let endpoint = ["https://sts.", region, ".", suffix].concat();
        let service = Service::WebIdentity {
            role_arn,
            token_file,
            endpoint,
        };
        Self::new(
            service,
            Arc::new(HttpTransport::new(transport)?),
            clock,
            environment,
        )
    }

    pub(super) fn container(
        clock: Arc<dyn Clock>,
        environment: Environment,
    ) -> Result<Self, Error> {
        Self::new(
            Service::Container,
            Arc::new(HttpTransport::new(link_local())?),
            clock,
            environment,
        )
    }

    pub(super) fn instance(clock: Arc<dyn Clock>, environment: Environment) -> Result<Self, Error> {
        Self::new(
            Service::Instance,
            Arc::new(HttpTransport::new(link_local())?),
            clock,
            environment,
        )
    }

    fn new(
        service: Service,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        environment: Environment,
    ) -> Result<Self, Error> {
        let pipeline = Pipeline::builder(
            VENDOR,
            transport,
            Arc::new(NoCredentials),
            Arc::new(CredentialsClassifier),
            Arc::clone(&clock),
        );
        Ok(Self {
            pipeline: pipeline.build()?,
            clock,
            environment,
            service,
        })
    }

    pub(super) async fn fetch(&self) -> Result<Token<Credentials>, Error> {
        let variable = |name: &str| self.environment.get(name);
        match &self.service {
            Service::WebIdentity {
                role_arn,
                token_file,
                endpoint,
            } => {
                let role = role_arn.clone().or_else(|| variable("AWS_ROLE_ARN"));
                let unset = || Error::config("role_arn", "is not set, nor is AWS_ROLE_ARN");
                let role = role.ok_or_else(unset)?;
                let file = token_file
                    .clone()
                    .or_else(|| variable("AWS_WEB_IDENTITY_TOKEN_FILE").map(PathBuf::from));
                let file = file.ok_or_else(|| {
                    Error::config(
                        "token_file",
                        "is not set, nor is AWS_WEB_IDENTITY_TOKEN_FILE",
                    )
                })?;
                let token = read_token(&file).await?;
                // "Service-specific endpoints" in the AWS SDK reference guide.
                let endpoint = variable("AWS_ENDPOINT_URL_STS").unwrap_or_else(|| endpoint.clone());
                self.assume_role(&endpoint, &role, &token).await
            }
            Service::Container => {
                let token = match variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
                    Some(file) => Some(read_token(&PathBuf::from(file)).await?),
                    None => variable("AWS_CONTAINER_AUTHORIZATION_TOKEN"),
                };
                self.read_container(container_url(variable)?, token.as_deref())
                    .await
            }
            Service::Instance => {
                // "IMDS credential provider" in the AWS SDK reference guide.
                let address = variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
                self.read_instance(address.as_deref().unwrap_or(IMDS)).await
            }
        }
    }

    /// See "AssumeRoleWithWebIdentity" in the STS API reference.
    async fn assume_role(
        &self,
        endpoint: &str,
        role: &str,
        token: &str,
    ) -> Result<Token<Credentials>, Error> {
        let form = query(&[
            ("Action", "AssumeRoleWithWebIdentity"),
            ("Version", "2011-06-15"),
            ("RoleArn", role),
            ("RoleSessionName", "anyvendor"),
            ("WebIdentityToken", token),
        ]);
        let request = Request::new(url(endpoint)?).with_form(form);
        let options = CallOptions::default();
        let response = self.pipeline.call(&ASSUME, request, &options).await?;
        let text = String::from_utf8_lossy(&response.body);
        let read: AssumeRoleResponse =
            quick_xml::de::from_str(&text).map_err(|_| malformed(&response))?;
        let credentials = read.result.credentials;
        self.token(
            &response,
            credentials.access_key_id,
            credentials.secret_access_key,
            Some(credentials.session_token),
            Some(&credentials.expiration),
        )
    }

    /// See "Container credential provider" in the AWS SDK reference guide.
    async fn read_container(
        &self,
        url: Url,
        token: Option<&str>,
    ) -> Result<Token<Credentials>, Error> {
        let mut request = Request::new(url);
        if let Some(token) = token {
            let mut value = HeaderValue::from_str(token).map_err(|_| {
                Error::config(
                    "credentials",
                    "the container's token is not a valid header value",
                )
            })?;
            value.set_sensitive(true);
            request = request.with_header(AUTHORIZATION, value);
        }
        let response = self
            .pipeline
            .call(&FETCH, request, &CallOptions::default())
            .await?;
        self.read_json(&response)
    }

    /// See "Use the Instance Metadata Service", version 2, in the EC2 user guide.
    async fn read_instance(&self, service: &str) -> Result<Token<Credentials>, Error> {
        let life = HeaderName::from_static("x-aws-ec2-metadata-token-ttl-seconds");
        let mut address = url(service)?;
        address.set_path("latest/api/token");
        let request =
            Request::new(address.clone()).with_header(life, HeaderValue::from_static("21600"));
        let session = self
            .pipeline
            .call(&SESSION, request, &CallOptions::default())
            .await?;
        let mut token = HeaderValue::from_bytes(&session.body).map_err(|_| malformed(&session))?;
        token.set_sensitive(true);
        let get = |address: Url| {
            let name = HeaderName::from_static("x-aws-ec2-metadata-token");
            Request::new(address).with_header(name, token.clone())
        };
        address.set_path("latest/meta-data/iam/security-credentials/");
        let roles = self
            .pipeline
            .call(&FETCH, get(address.clone()), &CallOptions::default())
            .await?;
        let text = String::from_utf8_lossy(&roles.body);
        let role = text
            .lines()
            .next()
            .map(str::trim)
            .filter(|role| !role.is_empty())
            .ok_or_else(|| malformed(&roles))?;
        let address = address_below(&address, &[role], "role").map_err(|_| malformed(&roles))?;
        let response = self
            .pipeline
            .call(&FETCH, get(address), &CallOptions::default())
            .await?;
        self.read_json(&response)
    }

    fn read_json(&self, response: &Response) -> Result<Token<Credentials>, Error> {
        let read: JsonCredentials =
            serde_json::from_slice(&response.body).map_err(|_| malformed(response))?;
        self.token(
            response,
            read.access_key_id,
            read.secret_access_key,
            read.token,
            read.expiration.as_deref(),
        )
    }

    fn token(
        &self,
        response: &Response,
        id: String,
        key: String,
        token: Option<String>,
        expiration: Option<&str>,
    ) -> Result<Token<Credentials>, Error> {
        let expires_in = match expiration {
            Some(text) => {
                let end: Timestamp = text.parse().map_err(|_| malformed(response))?;
                let left = end.duration_since(self.clock.wall());
                Some(Duration::try_from(left).unwrap_or(Duration::ZERO))
            }
            None => None,
        };
        let value = Credentials {
            access_key_id: id,
            secret_access_key: Secret::new(key),
            session_token: token.map(Secret::new),
        };
        Ok(Token { value, expires_in })
    }
}

fn link_local() -> TransportConfig {
    // These services have no other addresses; only the machine itself responds there.
    let mut config = TransportConfig::default();
    config.allow_private_addresses = true;
    config.connect_timeout = Duration::from_secs(1);
    config
}

async fn read_token(file: &std::path::Path) -> Result<String, Error> {
    let text = tokio::fs::read_to_string(file).await.map_err(|error| {
        Error::config(
            "token_file",
            format_args!("cannot read {}: {}", file.display(), error.kind()),
        )
    })?;
    Ok(text.trim().to_owned())
}

fn malformed(response: &Response) -> Error {
    response.head.malformed(
        ProtocolReason::BadBody,
        "the response of the credentials service cannot be read",
    )
}

/// Classifies the services' responses by status. A rejection means that the role gets no credentials.
#[derive(Debug)]
struct CredentialsClassifier;

impl Classifier for CredentialsClassifier {
    fn classify(&self, response: ResponseView<'_>) -> Option<Failure> {
        let failure = Failure::from_status(response.status)?;
        Some(match failure.kind {
            Kind::InvalidRequest | Kind::PermissionDenied | Kind::NotFound => Failure::new(
                Kind::Unauthenticated,
                "the service issues no credentials for this role",
            ),
            _ => failure,
        })
    }

    fn request_id(&self, _: &HeaderMap) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests;
