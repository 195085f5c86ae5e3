//! The sources of credentials. Files and variables are read when they are needed, so that a rotation takes effect.

mod environment;
mod files;
mod remote;

use std::{fmt, path::PathBuf, sync::Arc};

use anyvendor_core::{
    Error,
    resilience::{Clock, Token, TokenSource},
    values::Secret,
};
use anyvendor_http::TransportConfig;
use async_trait::async_trait;

pub(crate) use self::environment::Environment;
use self::remote::Remote;
use super::sigv4::Credentials;
use crate::config::CredentialsConfig;

/// Where credentials are fetched from.
pub(crate) enum Source {
    Fixed(Credentials),
    Environment(Environment),
    Profile {
        name: Option<String>,
        file: Option<PathBuf>,
        environment: Environment,
    },
    Remote(Remote),
}

impl Source {
    pub(crate) fn new(
        config: &CredentialsConfig,
        region: &str,
        transport: TransportConfig,
        clock: Arc<dyn Clock>,
        environment: Environment,
    ) -> Result<Self, Error> {
        Ok(match config {
            CredentialsConfig::Static {
                access_key_id,
                secret_access_key,
                session_token,
            } => {
                let id = access_key_id.resolve_setting("access_key_id")?;
                let key = secret_access_key.resolve_setting("secret_access_key")?;
                let token = session_token
                    .as_ref()
                    .map(|token| token.resolve_setting("session_token"))
                    .transpose()?;
                Self::Fixed(Credentials {
                    access_key_id: id.expose().to_owned(),
                    secret_access_key: key,
                    session_token: token,
                })
            }
            CredentialsConfig::Environment => Self::Environment(environment),
            CredentialsConfig::Profile { name, file } => Self::Profile {
                name: name.clone(),
                file: file.clone(),
                environment,
            },
            CredentialsConfig::WebIdentity {
                role_arn,
                token_file,
            } => Self::Remote(Remote::web_identity(
                role_arn.clone(),
                token_file.clone(),
                region,
                transport,
                clock,
                environment,
            )?),
            CredentialsConfig::Container => Self::Remote(Remote::container(clock, environment)?),
            CredentialsConfig::Instance => Self::Remote(Remote::instance(clock, environment)?),
        })
    }
}

#[async_trait]
impl TokenSource for Source {
    type Value = Credentials;

    async fn fetch(&self) -> Result<Token<Credentials>, Error> {
        let value = match self {
            Self::Fixed(credentials) => credentials.clone(),
            Self::Environment(environment) => from_environment(environment)?,
            Self::Profile {
                name,
                file,
                environment,
            } => files::profile(name.as_deref(), file.as_deref(), environment).await?,
            Self::Remote(remote) => return remote.fetch().await,
        };
        Ok(Token {
            value,
            expires_in: None,
        })
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fixed(_) => "Fixed",
            Self::Environment(_) => "Environment",
            Self::Profile { .. } => "Profile",
            Self::Remote(_) => "Remote",
        })
    }
}

fn from_environment(environment: &Environment) -> Result<Credentials, Error> {
    let needed = |name: &'static str| {
        environment.get(name).ok_or_else(|| {
            Error::config(
                "credentials",
                format_args!("the variable {name} is not set"),
            )
        })
    };
    Ok(Credentials {
        access_key_id: needed("AWS_ACCESS_KEY_ID")?,
        secret_access_key: Secret::new(needed("AWS_SECRET_ACCESS_KEY")?),
        session_token: environment.get("AWS_SESSION_TOKEN").map(Secret::new),
    })
}

#[cfg(test)]
mod tests;
