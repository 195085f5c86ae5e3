//! References to secrets: how they are read, refused and printed.

use proptest::prelude::*;

use super::*;
use crate::error::Kind;

fn resolve(source: &str, value: Option<&str>) -> Result<Secret, Error> {
    SecretSource::parse(source).unwrap().resolve_with(|name| {
        assert_eq!(name, "ACME_KEY");
        value.map(OsString::from)
    })
}

proptest! {
    #[test]
    fn literal_is_refused_without_repeating_it(text in "(env: |env:1|file:\0|ENV:|)canary[ -~]{0,40}[ \r\n-]") {
        let json = serde_json::to_string(&text).unwrap();
        for error in [
            SecretSource::parse(&text).unwrap_err().to_string(),
            serde_json::from_str::<SecretSource>(&json).unwrap_err().to_string(),
        ] {
            prop_assert!(!error.contains("canary"), "{}", error);
            prop_assert!(error.contains("write env:NAME or file:PATH"), "{}", error);
        }
    }

    #[test]
    fn number_is_refused_without_repeating_it(number in 100_000..i64::MAX) {
        let error = serde_json::from_value::<SecretSource>(number.into()).unwrap_err().to_string();
        prop_assert!(!error.contains(&number.to_string()), "{}", error);
    }

    #[test]
    fn debug_never_shows_a_value(text in "canary[ -~]{0,40}") {
        let source = SecretSource::from(Secret::new(text.as_str()));
        prop_assert_eq!(format!("{source:?}"), "REDACTED");
        let secret = source.resolve().unwrap();
        prop_assert_eq!(secret.expose(), text);
    }

    #[test]
    fn bad_text_behind_a_reference_is_not_repeated(text in " canary[!-~]{0,40}[\r\n]?") {
        let error = resolve("env:ACME_KEY", Some(&text)).unwrap_err();
        let shown = format!("{error} {error:?}");
        prop_assert!(!shown.contains("canary"), "{}", shown);
        prop_assert!(shown.contains("environment variable ACME_KEY"), "{}", shown);
    }
}

#[test]
fn references_are_read_and_shown() {
    for text in [
        "env:ACME_KEY",
        "env:_a1",
        "file:/run/secrets/acme",
        "file:acme.key",
    ] {
        assert_eq!(format!("{:?}", text.parse::<SecretSource>().unwrap()), text);
        let json = serde_json::to_string(text).unwrap();
        assert_eq!(
            format!("{:?}", serde_json::from_str::<SecretSource>(&json).unwrap()),
            text
        );
    }
}

#[test]
fn variable_is_fetched() {
    assert_eq!(resolve("env:ACME_KEY", Some("k1")).unwrap().expose(), "k1");
    let package = SecretSource::parse("env:CARGO_PKG_NAME")
        .unwrap()
        .resolve()
        .unwrap();
    assert_eq!(package.expose(), "anyvendor-core");
}

#[test]
fn missing_variable_is_named() {
    let error = resolve("env:ACME_KEY", None).unwrap_err();
    assert_eq!(error.kind(), &Kind::Config);
    assert_eq!(
        error.message(),
        "secret: environment variable ACME_KEY is not set; set it"
    );
    assert!(
        resolve("env:ACME_KEY", Some(""))
            .unwrap_err()
            .message()
            .contains("is empty")
    );
}

#[test]
fn file_is_read_without_its_last_line_break() {
    let path = std::env::temp_dir().join(format!("anyvendor-secret-{}", uuid::Uuid::new_v4()));
    let source = SecretSource::File(path.clone());
    let write = |bytes: &[u8]| std::fs::write(&path, bytes).unwrap();

    for text in ["k1", "k1\n", "k1\r\n"] {
        write(text.as_bytes());
        assert_eq!(source.resolve().unwrap().expose(), "k1", "{text:?}");
        assert_eq!(source.resolve_document().unwrap().expose(), text);
    }
    for text in ["", "\n", "k1\n\n", "k1\nk2"] {
        write(text.as_bytes());
        let error = source.resolve().unwrap_err();
        assert!(
            error.message().contains(&path.display().to_string()),
            "{error}"
        );
    }
    write(b"canary\xff");
    let error = format!("{:?}", source.resolve().unwrap_err());
    assert!(
        error.contains("invalid data") && !error.contains("canary"),
        "{error}"
    );
    write(" ".repeat(1024 * 1024 + 1).as_bytes());
    assert!(
        source
            .resolve_document()
            .unwrap_err()
            .message()
            .contains("too large")
    );

    std::fs::remove_file(&path).unwrap();
    let error = source.resolve().unwrap_err();
    assert_eq!(error.kind(), &Kind::Config);
    assert!(error.message().contains("not found"), "{error}");
}

#[cfg(unix)]
#[test]
fn sf14_a_file_that_others_can_read_gives_a_warning() {
    use std::os::unix::fs::PermissionsExt as _;

    let path = std::env::temp_dir().join(format!("anyvendor-open-{}", uuid::Uuid::new_v4()));
    std::fs::write(&path, "canary").unwrap();
    let source = SecretSource::File(path.clone());
    for (mode, warns) in [(0o600, false), (0o440, false), (0o644, true), (0o602, true)] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let log = Log::default();
        let subscriber = tracing_subscriber::fmt().with_writer(log.clone());
        let secret = tracing::subscriber::with_default(subscriber.finish(), || source.resolve());
        assert_eq!(secret.unwrap().expose(), "canary");
        let log = log.text();
        assert_eq!(
            log.contains("can read a secret file"),
            warns,
            "{mode:o}: {log}"
        );
        assert_eq!(log.contains(&path.display().to_string()), warns, "{log}");
        assert!(!log.contains("canary"), "{log}");
    }
    std::fs::remove_file(&path).unwrap();
}

/// What is logged.
#[derive(Clone, Default)]
struct Log(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> tracing_subscriber::fmt::MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[test]
fn schema_shows_editors_the_form() {
    let schema = schemars::schema_for!(SecretSource);
    assert_eq!(schema.get("pattern").unwrap(), "^(env|file):.+");
}
