//! Configuration files for programs that cannot set their own environment variables.

use std::{fs, io, path::Path};

/// A sandbox's configuration with each secret in a file of `folder`, for a program that cannot set its own variables.
/// Writes the files immediately; call it before the program reads the configuration.
///
/// # Errors
/// If a file cannot be written.
pub fn secrets_in_files<N: AsRef<str>, V: AsRef<str>>(
    config_toml: &str,
    variables: impl IntoIterator<Item = (N, V)>,
    folder: &Path,
) -> io::Result<String> {
    let mut text = config_toml.to_owned();
    for (name, value) in variables {
        let file = folder.join(name.as_ref());
        fs::write(&file, value.as_ref())?;
        let variable = ["env:", name.as_ref()].concat();
        text = text.replace(&variable, &format!("file:{}", file.display()));
    }
    Ok(text)
}
