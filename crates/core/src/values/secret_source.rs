//! How a configuration refers to a secret without containing it.

use std::{
    ffi::OsString,
    fmt,
    fs::{File, Metadata},
    io::{self, Read},
    path::{Path, PathBuf},
    str::FromStr,
};

use serde::{Deserialize, Deserializer};
use zeroize::{Zeroize, Zeroizing};

use super::{
    Secret, ValueError,
    text::{self, Text, schema_as_text},
};
use crate::error::Error;

const FIELD: &str = "secret";
/// Our default (no vendor source): more than any key or certificate chain. `file:` may point to an endless file by
/// mistake.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// How a configuration refers to a secret: `env:NAME` or `file:PATH`, or, from code only, the secret itself.
///
/// When it is read from a string, a literal secret is rejected with an error that does not repeat it. `Debug` prints
/// `env:NAME`, `file:PATH` or `REDACTED`.
///
/// # Examples
/// ```
/// use anyvendor_core::values::SecretSource;
///
/// let source = SecretSource::parse("env:ACME_KEY")?;
/// let key = source.resolve_with(|name| (name == "ACME_KEY").then(|| "k1".into()))?;
/// assert_eq!(key.expose(), "k1");
/// // A literal secret is not accepted in a configuration.
/// assert!(SecretSource::parse("sk_live_1").is_err());
/// # Ok::<(), anyvendor_core::Error>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub enum SecretSource {
    /// The environment variable of this name.
    Env(String),
    /// The file at this path; a relative path starts at the working directory.
    File(PathBuf),
    /// The secret itself.
    Value(Secret),
}

impl SecretSource {
    /// Parses `env:NAME` or `file:PATH`.
    ///
    /// # Errors
    /// Any other text, including a literal secret. A name must be ASCII letters, digits and `_`, and must not start
    /// with a digit.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        const REMEDY: &str = "write env:NAME or file:PATH";
        if let Some(name) = text.strip_prefix("env:") {
            let valid = !name.is_empty()
                && !name.starts_with(|c: char| c.is_ascii_digit())
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            return if valid {
                Ok(Self::Env(name.to_owned()))
            } else {
                Err(ValueError::new(
                    FIELD,
                    "has no valid variable name after env:",
                    REMEDY,
                ))
            };
        }
        match text.strip_prefix("file:") {
            Some(path) if path.is_empty() || path.contains('\0') => Err(ValueError::new(
                FIELD,
                "has no valid path after file:",
                REMEDY,
            )),
            Some(path) => Ok(Self::File(path.into())),
            None => Err(ValueError::new(
                FIELD,
                "is not a reference to a secret",
                REMEDY,
            )),
        }
    }

    /// Reads a secret of one line, such as an API key; one line break at the end of a file is removed.
    ///
    /// Reads the environment or the disk, and blocks meanwhile.
    ///
    /// # Errors
    /// `Config` that names the variable or the file: it is missing, unreadable, not UTF-8, over 1 MiB, or its text is
    /// not accepted by [`Secret::parse`]. Never shows the text. A file that every user can read is only a warning in the
    /// log, as some platforms mount secrets so.
    pub fn resolve(&self) -> Result<Secret, Error> {
        self.resolve_with(|name| std::env::var_os(name))
    }

    /// Like [`resolve`](Self::resolve), with the environment given as a function.
    ///
    /// # Errors
    /// The errors of [`resolve`](Self::resolve).
    pub fn resolve_with(&self, env: impl Fn(&str) -> Option<OsString>) -> Result<Secret, Error> {
        let text = match self {
            Self::Value(secret) => return Ok(secret.clone()),
            Self::Env(_) | Self::File(_) => self.fetch(env)?,
        };
        let line = match self {
            Self::File(_) => text.strip_suffix('\n').map_or(text.as_str(), |line| {
                line.strip_suffix('\r').unwrap_or(line)
            }),
            _ => text.as_str(),
        };
        Secret::parse(line).map_err(|error| self.refuse(error.problem(), error.remedy()))
    }

    /// Reads a secret of several lines unchanged, such as a private key in PEM form or a key file in JSON.
    ///
    /// Reads the environment or the disk, and blocks meanwhile.
    ///
    /// # Errors
    /// `Config` that names the variable or the file: it is missing, unreadable, not UTF-8, over 1 MiB, or blank.
    pub fn resolve_document(&self) -> Result<Secret, Error> {
        let text = match self {
            Self::Value(secret) => return Ok(secret.clone()),
            Self::Env(_) | Self::File(_) => self.fetch(|name| std::env::var_os(name))?,
        };
        if text.trim().is_empty() {
            return Err(self.refuse("is empty", "set its value"));
        }
        Ok(Secret::new(text.as_str()))
    }

    /// Like [`resolve`](Self::resolve), but errors name the setting `field`.
    ///
    /// # Errors
    /// The errors of [`resolve`](Self::resolve).
    pub fn resolve_setting(&self, field: &'static str) -> Result<Secret, Error> {
        self.resolve().map_err(|error| {
            let problem = error.message();
            let problem = problem
                .strip_prefix(FIELD)
                .and_then(|problem| problem.strip_prefix(": "))
                .unwrap_or(problem);
            Error::config(field, problem)
        })
    }

    fn fetch(&self, env: impl Fn(&str) -> Option<OsString>) -> Result<Zeroizing<String>, Error> {
        match self {
            Self::Env(name) => {
                let value = env(name).ok_or_else(|| self.refuse("is not set", "set it"))?;
                value.into_string().map(Zeroizing::new).map_err(|value| {
                    value.into_encoded_bytes().zeroize();
                    self.refuse("is not UTF-8", "set it to text")
                })
            }
            Self::File(path) => read(path).map_err(|error| {
                let problem = format!("cannot be read ({})", error.kind());
                self.refuse(
                    &problem,
                    "check the path, the permissions and the text in it",
                )
                .with_source(error)
            }),
            Self::Value(secret) => Ok(Zeroizing::new(secret.expose().to_owned())),
        }
    }

    fn refuse(&self, problem: &str, remedy: &str) -> Error {
        Error::config(
            FIELD,
            format_args!("{} {problem}; {remedy}", SourceName(self)),
        )
    }
}

fn read(path: &Path) -> io::Result<Zeroizing<String>> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if is_open_to_others(&metadata) {
        tracing::warn!(
            file = %path.display(),
            "every user of this machine can read a secret file; restrict it, such as by chmod 600"
        );
    }
    // Allocated at its full size first, so that growing leaves no copies behind.
    let expected = usize::try_from(metadata.len().min(MAX_FILE_BYTES)).unwrap_or(0);
    let mut bytes = Zeroizing::new(Vec::with_capacity(expected + 1));
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|len| len > MAX_FILE_BYTES) {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let text =
        std::str::from_utf8(&bytes).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// Whether users other than the file's owner and group can read or change it.
#[cfg(unix)]
fn is_open_to_others(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o006 != 0
}

#[cfg(not(unix))]
fn is_open_to_others(_: &Metadata) -> bool {
    false
}

/// The name of the source of a secret, for messages.
struct SourceName<'a>(&'a SecretSource);

impl fmt::Display for SourceName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            SecretSource::Env(name) => write!(f, "environment variable {name}"),
            SecretSource::File(path) => write!(f, "file {}", path.display()),
            SecretSource::Value(_) => f.write_str("value"),
        }
    }
}

impl fmt::Debug for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Value(_) => f.write_str("REDACTED"),
        }
    }
}

impl From<Secret> for SecretSource {
    fn from(secret: Secret) -> Self {
        Self::Value(secret)
    }
}

impl FromStr for SecretSource {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        Self::parse(text)
    }
}

impl Text for SecretSource {
    const EXPECTED: &'static str = "env:NAME or file:PATH";
}

impl<'de> Deserialize<'de> for SecretSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::deserialize(deserializer)
    }
}

schema_as_text!(SecretSource, "^(env|file):.+");

#[cfg(test)]
mod tests;
