//! Every behaviour that a trait promises has a case in the suite, and every case has such a promise.

use std::collections::BTreeSet;

use super::files::File;

/// Bullets without a case, and cases without a bullet. A case for a missing capability, `.._unsupported`, is promised
/// under `# Errors` instead.
pub(crate) fn promises(files: &[File]) -> Vec<String> {
    let mut wrong = Vec::new();
    for domain in [domains(files), vec!["webhook".to_owned()]].concat() {
        let text_of = |is: &dyn Fn(&str) -> bool| -> String {
            let texts = files.iter().filter(|file| is(&file.path));
            texts.map(|file| file.text.as_str()).collect()
        };
        let contracts =
            ["provider", "verifier"].map(|name| format!("crates/core/src/{domain}/{name}.rs"));
        let provider = text_of(&|path| contracts.iter().any(|contract| contract == path));
        let suite = format!("crates/conformance/src/{domain}");
        let suite = text_of(&|path| {
            path == format!("{suite}.rs") || path.starts_with(&format!("{suite}/"))
        });
        let (promised, cases) = (bullets(&provider), cases(&suite));
        let without_case = promised.difference(&cases);
        wrong.extend(without_case.map(|name| {
            format!("{domain}: `{name}` is promised and never tested; add a case to the conformance suite")
        }));
        let without_bullet = cases
            .difference(&promised)
            .filter(|name| !name.ends_with("unsupported"));
        wrong.extend(without_bullet.map(|name| {
            format!(
                "{domain}: the case `{name}` is promised nowhere; add a bullet under `# Behavior`"
            )
        }));
    }
    wrong
}

/// The domains: the modules of core that hold the trait of a provider.
pub(crate) fn domains(files: &[File]) -> Vec<String> {
    let of = |file: &File| {
        let domain = file
            .path
            .strip_prefix("crates/core/src/")?
            .strip_suffix("/provider.rs")?;
        Some(domain.to_owned())
    };
    files.iter().filter_map(of).collect()
}

fn bullets(text: &str) -> BTreeSet<String> {
    let lines = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("/// - `"));
    lines
        .filter_map(|line| Some(line.split_once("`:")?.0.to_owned()))
        .collect()
}

fn cases(text: &str) -> BTreeSet<String> {
    let calls = text.split(".run(").skip(1);
    let names = calls.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next());
    names.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_domains_are_those_of_core() {
        let paths = [
            "crates/core/src/email/provider.rs",
            "crates/core/src/values.rs",
            "crates/a/src/b/provider.rs",
        ];
        assert_eq!(domains(&paths.map(|path| File::new(path, ""))), ["email"]);
    }

    #[test]
    fn differences_are_noticed_both_ways() {
        let provider = |name: &str| {
            File::new(
                "crates/core/src/email/provider.rs",
                &format!("    /// - `{name}`: so it is.\n"),
            )
        };
        let suite = File::new(
            "crates/conformance/src/email.rs",
            "report\n .run(\n \"send\", x).await; r.run(\"a_is_unsupported\", y)",
        );
        assert_eq!(
            promises(&[provider("send"), suite.clone()]),
            Vec::<String>::new()
        );
        assert_eq!(promises(&[provider("sent"), suite]).len(), 2);
    }
}
