//! Profiles of the shared credentials file; see "Shared config and credentials files" in the AWS SDK reference guide.

use std::path::{Path, PathBuf};

use anyvendor_core::{Error, values::Secret};

use super::environment::Environment;
use crate::auth::sigv4::Credentials;

pub(super) async fn profile(
    name: Option<&str>,
    file: Option<&Path>,
    environment: &Environment,
) -> Result<Credentials, Error> {
    let name = name
        .map(str::to_owned)
        .or_else(|| environment.get("AWS_PROFILE"))
        .unwrap_or_else(|| "default".to_owned());
    let file = match file {
        Some(file) => file.to_owned(),
        None => default_file(environment)?,
    };
    let text = tokio::fs::read_to_string(&file).await.map_err(|error| {
        Error::config(
            "credentials",
            format_args!("cannot read {}: {}", file.display(), error.kind()),
        )
    })?;
    read(&text, &name).ok_or_else(|| {
        Error::config(
            "credentials",
            format_args!(
                "{} has no profile {name} with aws_access_key_id and aws_secret_access_key",
                file.display()
            ),
        )
    })
}

fn default_file(environment: &Environment) -> Result<PathBuf, Error> {
    if let Some(file) = environment.get("AWS_SHARED_CREDENTIALS_FILE") {
        return Ok(file.into());
    }
    let home = environment
        .get("HOME")
        .or_else(|| environment.get("USERPROFILE"));
    let home = home.ok_or_else(|| {
        Error::config(
            "credentials",
            "neither a file nor a home directory is known",
        )
    })?;
    Ok(PathBuf::from(home).join(".aws").join("credentials"))
}

/// The keys of one profile. The config file writes `[profile name]`, the credentials file `[name]`; both are read.
fn read(text: &str, profile: &str) -> Option<Credentials> {
    let mut here = false;
    let (mut id, mut key, mut token) = (None, None, None);
    for line in text.lines().map(str::trim) {
        if let Some(section) = line
            .strip_prefix('[')
            .and_then(|line| line.strip_suffix(']'))
        {
            let section = section.trim();
            here = section.strip_prefix("profile ").unwrap_or(section).trim() == profile;
            continue;
        }
        let Some((name, value)) = line
            .split_once('=')
            .filter(|_| here && !line.starts_with(['#', ';']))
        else {
            continue;
        };
        let value = Some(value.trim().to_owned()).filter(|value| !value.is_empty());
        match name.trim() {
            "aws_access_key_id" => id = value,
            "aws_secret_access_key" => key = value,
            "aws_session_token" => token = value,
            _ => {}
        }
    }
    Some(Credentials {
        access_key_id: id?,
        secret_access_key: Secret::new(key?),
        session_token: token.map(Secret::new),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# a comment\n[default]\naws_access_key_id = A1\naws_secret_access_key=S1\n\n[profile other]\n\
        ; another\naws_access_key_id=A2\n  aws_secret_access_key = S=2\naws_session_token = T2\nregion = x\n[empty]\n";

    #[test]
    fn profiles_are_distinguished() {
        let default = read(FILE, "default").unwrap();
        assert_eq!(
            (
                default.access_key_id.as_str(),
                default.secret_access_key.expose()
            ),
            ("A1", "S1")
        );
        assert!(default.session_token.is_none());
        let other = read(FILE, "other").unwrap();
        assert_eq!(
            (
                other.access_key_id.as_str(),
                other.secret_access_key.expose()
            ),
            ("A2", "S=2")
        );
        assert_eq!(other.session_token.unwrap().expose(), "T2");
        assert!(read(FILE, "empty").is_none());
        assert!(read(FILE, "missing").is_none());
    }

    #[tokio::test]
    async fn a_missing_file_is_named() {
        let error = profile(
            None,
            Some(Path::new("/nowhere/credentials")),
            &Environment::new(|_| None),
        )
        .await
        .err()
        .unwrap();
        assert!(
            error.to_string().contains("/nowhere/credentials"),
            "{error}"
        );
    }
}
