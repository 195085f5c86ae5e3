//! Where credentials come from. Files and variables are read when they are needed, so that a rotation is noticed.

mod files;
mod remote;

use std::{fmt, path::PathBuf, sync::Arc};

use anyvendor_core::{
    Error,
    resilience::{Clock, Token, TokenSource},
    transport::TransportConfig,
    values::Secret,
};
use async_trait::async_trait;

use self::remote::Remote;
use super::sigv4::Credentials;
use crate::config::CredentialsConfig;

/// A place that credentials are fetched from.
pub(crate) enum Source {
    Fixed(Credentials),
    Environment,
    Profile {
        name: Option<String>,
        file: Option<PathBuf>,
    },
    Remote(Remote),
}

impl Source {
    pub(crate) fn new(
        config: &CredentialsConfig,
        region: &str,
        transport: TransportConfig,
        clock: Arc<dyn Clock>,
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
            CredentialsConfig::Environment => Self::Environment,
            CredentialsConfig::Profile { name, file } => Self::Profile {
                name: name.clone(),
                file: file.clone(),
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
            )?),
            CredentialsConfig::Container => Self::Remote(Remote::container(clock)?),
            CredentialsConfig::Instance => Self::Remote(Remote::instance(clock)?),
        })
    }
}

#[async_trait]
impl TokenSource for Source {
    type Value = Credentials;

    async fn fetch(&self) -> Result<Token<Credentials>, Error> {
        let value = match self {
            Self::Fixed(credentials) => credentials.clone(),
            Self::Environment => from_environment(variable)?,
            Self::Profile { name, file } => {
                files::profile(name.as_deref(), file.as_deref()).await?
            }
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
            Self::Environment => "Environment",
            Self::Profile { .. } => "Profile",
            Self::Remote(_) => "Remote",
        })
    }
}

/// A variable that is set to something.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Result<Credentials, Error> {
    let needed = |name: &'static str| {
        variable(name).ok_or_else(|| {
            Error::config(
                "credentials",
                format_args!("the variable {name} is not set"),
            )
        })
    };
    Ok(Credentials {
        access_key_id: needed("AWS_ACCESS_KEY_ID")?,
        secret_access_key: Secret::new(needed("AWS_SECRET_ACCESS_KEY")?),
        session_token: variable("AWS_SESSION_TOKEN").map(Secret::new),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_variable_is_named() {
        let error = from_environment(|name| (name == "AWS_ACCESS_KEY_ID").then(|| "id".to_owned()))
            .err()
            .unwrap();
        assert!(
            error.to_string().contains("AWS_SECRET_ACCESS_KEY"),
            "{error}"
        );
    }

    #[test]
    fn a_source_prints_nothing_secret() {
        let credentials = from_environment(|_| Some("canary".to_owned())).unwrap();
        assert_eq!(format!("{:?}", Source::Fixed(credentials)), "Fixed");
    }
}
