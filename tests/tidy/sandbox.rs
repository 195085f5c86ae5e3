//! The sandbox's shell names no vendor: all of a vendor is in its folder, and in the one list of `vendors.rs`.

use std::collections::BTreeSet;

use super::files::File;

const SHELL: &str = "crates/sandbox/src/";
const FOLDERS: &str = "crates/sandbox/src/vendors/";
const LIST: &str = "crates/sandbox/src/vendors.rs";

/// Neither the code nor the documents of the shell name a vendor, except the crate's own document.
pub(crate) fn vendors_in_shell(files: &[File]) -> Vec<String> {
    let names = vendors(files);
    let shell = files.iter().filter(|file| {
        file.path.starts_with(SHELL) && !file.path.starts_with(FOLDERS) && file.path != LIST
    });
    let found = |file: &File| -> Vec<String> {
        let is_crate_doc =
            |line: &str| file.path.ends_with("/src/lib.rs") && line.starts_with("//!");
        let lines = (1..).zip(file.text.lines());
        let named = lines.filter(|(_, line)| !is_crate_doc(line));
        named
            .filter_map(|(at, line)| {
                let name = names.iter().find(|name| is_named(line, name))?;
                Some(format!(
                    "{}:{at}: the sandbox's shell names {name}; ask the vendor through `Emulator`, or move it to vendors/{name}",
                    file.path
                ))
            })
            .collect()
    };
    shell.flat_map(found).collect()
}

/// The vendors are the folders below `vendors/`.
fn vendors(files: &[File]) -> BTreeSet<&str> {
    let below = files
        .iter()
        .filter_map(|file| file.path.strip_prefix(FOLDERS));
    below
        .filter_map(|path| path.split_once('/'))
        .map(|(name, _)| name)
        .collect()
}

/// Whether a word of the line begins with the name, in any case, such as `stripe_url` and `StripeEmulator`.
fn is_named(line: &str, name: &str) -> bool {
    line.to_ascii_lowercase()
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .any(|word| word.starts_with(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vendors_in_the_shell_are_noticed() {
        let check = |path: &str, text: &str| {
            let vendor = File::new(
                "crates/sandbox/src/vendors/acme/state.rs",
                "struct AcmeState;",
            );
            vendors_in_shell(&[vendor, File::new(path, text)]).len()
        };
        for bad in [
            "let a = AcmeEmulator::new();",
            "fn acme_url() {}",
            "let a = \"at Acme\";",
            "/// Acme: a lock.",
        ] {
            assert_eq!(check("crates/sandbox/src/server.rs", bad), 1, "{bad}");
            assert_eq!(check("crates/sandbox/src/vendors.rs", bad), 0, "{bad}");
            assert_eq!(check("crates/sandbox/tests/acme.rs", bad), 0, "{bad}");
        }
        assert_eq!(check("crates/sandbox/src/server.rs", "let pacme = 1;"), 0);
        assert_eq!(check("crates/sandbox/src/lib.rs", "//! As Acme."), 0);
    }
}
