//! What no file may hold.

use super::files::{File, has_word};

/// Longer than they should be today. A line goes when its file is split; none is added.
const TO_SPLIT: [&str; 3] = [
    "crates/conformance/src/storage/write.rs",
    "crates/core/src/resilience/call_tests.rs",
    "crates/sandbox/src/faults.rs",
];

/// Vendors by the names that could slip into core.
const VENDORS: [&str; 12] = [
    "amazon", "aws", "gcs", "hubspot", "mailgun", "minio", "mixpanel", "paypal", "s3", "sendgrid",
    "stripe", "twilio",
];

/// Where an amount of money is held or computed.
const MONEY: [&str; 4] = [
    "crates/core/src/values/money.rs",
    "crates/core/src/payment/",
    "crates/adapter-stripe/src/amount.rs",
    "crates/adapter-stripe/src/payment",
];

/// Every Rust file opens with a line that says its purpose.
pub(crate) fn first_lines(files: &[File]) -> Vec<String> {
    let rust = files.iter().filter(|file| file.is_rust());
    rust.filter(|file| !file.text.starts_with("//! "))
        .map(|file| {
            format!(
                "{}: open it with one `//!` line that says its purpose",
                file.path
            )
        })
        .collect()
}

/// No file over 400 lines.
pub(crate) fn lengths(files: &[File]) -> Vec<String> {
    let rust = files.iter().filter(|file| file.is_rust());
    rust.filter_map(|file| {
        let lines = file.text.lines().count();
        let excuse = |line: &str| line.starts_with("// tidy: long because ");
        let excused = file.text.lines().any(excuse);
        let listed = TO_SPLIT.contains(&file.path.as_str());
        match (lines > 400, excused || listed) {
            (true, false) => Some(format!(
                "{}: {lines} lines; split it by idea, or say `// tidy: long because ..` in it",
                file.path
            )),
            (false, true) => Some(format!(
                "{}: fits again; remove its excuse, in it or in TO_SPLIT",
                file.path
            )),
            _ => None,
        }
    })
    .collect()
}

/// Core knows no vendor. Its documents may name one as an example.
pub(crate) fn vendors_in_core(files: &[File]) -> Vec<String> {
    let core = files
        .iter()
        .filter(|file| file.path.starts_with("crates/core/src/"));
    let found = |file: &File| -> Vec<String> {
        let code = file.code().filter_map(|(at, line)| {
            let name = VENDORS.iter().find(|name| has_word(line, name))?;
            Some(format!(
                "{}:{at}: core names {name}; move it to the adapter, or use a made-up vendor",
                file.path
            ))
        });
        code.collect()
    };
    core.flat_map(found).collect()
}

/// One HTTP client and one TLS choice; benchmarks measure others beside it.
pub(crate) fn clients(files: &[File]) -> Vec<String> {
    let excused =
        |path: &str| path.starts_with("crates/core/src/http") || path.starts_with("benches/");
    let sources = files
        .iter()
        .filter(|file| file.is_source() && !excused(&file.path));
    sources
        .flat_map(|file| {
            let code = file
                .code()
                .filter(|(_, line)| has_word(line, "reqwest") || has_word(line, "rustls"));
            code.map(|(at, _)| {
                format!(
                    "{}:{at}: an HTTP client; send through core's Transport instead",
                    file.path
                )
            })
            .collect::<Vec<_>>()
        })
        .collect()
}

/// Money is integers.
pub(crate) fn floats(files: &[File]) -> Vec<String> {
    let money = files
        .iter()
        .filter(|file| MONEY.iter().any(|place| file.path.starts_with(place)));
    money
        .flat_map(|file| {
            let code = file
                .code()
                .filter(|(_, line)| has_word(line, "f32") || has_word(line, "f64"));
            code.map(|(at, _)| {
                format!(
                    "{}:{at}: a float near money; count minor units in integers",
                    file.path
                )
            })
            .collect::<Vec<_>>()
        })
        .collect()
}

/// A test that does not run says what it needs.
pub(crate) fn ignored(files: &[File]) -> Vec<String> {
    let bare = format!("#[{}]", "ignore");
    let rust = files.iter().filter(|file| file.is_rust());
    rust.filter(|file| file.text.contains(&bare))
        .map(|file| {
            format!(
                "{}: say what it needs: {}",
                file.path,
                bare.replace(']', " = \"needs ..\"]")
            )
        })
        .collect()
}

/// Signatures are compared in constant time.
pub(crate) fn macs(files: &[File]) -> Vec<String> {
    let sources = files.iter().filter(|file| file.is_source());
    sources
        .flat_map(|file| {
            let compared = |line: &str| {
                let words = ["mac", "hmac", "signature", "signatures"];
                let holds = |side: &str| words.iter().any(|word| has_word(side, word));
                ["==", "!="].iter().any(|sign| {
                    line.split_once(sign).is_some_and(|(before, after)| {
                        // What stands next to the sign, not elsewhere on the line.
                        let last = before.rsplit([' ', '(']).find(|part| !part.is_empty());
                        let first = after.split([' ', ')', ';']).find(|part| !part.is_empty());
                        last.is_some_and(holds) || first.is_some_and(holds)
                    })
                })
            };
            let code = file.code().filter(|(_, line)| compared(line));
            code.map(|(at, _)| {
                format!("{}:{at}: `==` on a signature; use the MAC's own verify, which takes constant time", file.path)
            })
            .collect::<Vec<_>>()
        })
        .collect()
}

/// Nothing of one machine: folders, or where its packages come from.
pub(crate) fn machines(files: &[File]) -> Vec<String> {
    let places = [
        ["/wo", "rk/"],
        ["/ro", "ot/"],
        ["/ho", "me/"],
        ["/Us", "ers/"],
        ["index.", "crates.io"],
        ["static.", "crates.io"],
        ["regi", "stry.npmjs"],
        ["artifact", "ory"],
    ]
    .map(|halves| halves.concat());
    let named = files.iter().flat_map(|file| {
        let found = places
            .iter()
            .filter(|place| file.text.contains(place.as_str()));
        found.map(|place| {
            format!(
                "{}: names {place}; say it without the machine's places",
                file.path
            )
        })
    });
    let foreign = files
        .iter()
        .filter(|file| file.path == "Cargo.lock")
        .flat_map(|file| {
            let sources = file
                .text
                .lines()
                .filter(|line| line.starts_with("source = "));
            sources
                .filter(|line| {
                    *line != "source = \"registry+https://github.com/rust-lang/crates.io-index\""
                })
                .map(|line| format!("{}: {line}; lock packages of crates.io alone", file.path))
        });
    named.chain(foreign).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> Vec<File> {
        vec![File::new(path, text)]
    }

    fn notices(check: fn(&[File]) -> Vec<String>, path: &str, bad: &str, good: &str) {
        assert_eq!(check(&file(path, bad)).len(), 1, "{bad}");
        assert_eq!(check(&file(path, good)), Vec::<String>::new(), "{good}");
    }

    #[test]
    fn first_lines_are_noticed() {
        notices(
            first_lines,
            "a/src/x.rs",
            "use a;\n",
            "//! Does x.\nuse a;\n",
        );
    }

    #[test]
    fn lengths_are_noticed() {
        let long = "x\n".repeat(401);
        let excused = format!("// tidy: long because one table\n{long}");
        notices(lengths, "a/src/x.rs", &long, &excused);
        assert_eq!(
            lengths(&file("a/src/x.rs", "// tidy: long because x\n")).len(),
            1
        );
        assert_eq!(lengths(&file(TO_SPLIT[0], "x\n")).len(), 1);
    }

    #[test]
    fn vendors_in_core_are_noticed() {
        let path = "crates/core/src/x.rs";
        notices(
            vendors_in_core,
            path,
            "let a = \"Stripe\";",
            "/// As stripe does.\nlet a = 1;",
        );
        notices(
            vendors_in_core,
            path,
            "let a = \"https://stripe.com\";",
            "let a = 1; // stripe",
        );
        notices(vendors_in_core, path, "mod s3;", "let strip = s30;");
    }

    #[test]
    fn clients_are_noticed() {
        notices(
            clients,
            "crates/a/src/x.rs",
            "use reqwest::Client;",
            "// not reqwest\nuse a::B;",
        );
        assert!(clients(&file("crates/core/src/http/x.rs", "use reqwest::Client;")).is_empty());
    }

    #[test]
    fn floats_are_noticed() {
        notices(
            floats,
            MONEY[0],
            "let a: f64 = 1.0;",
            "let a: i64 = 1; // no f64",
        );
    }

    #[test]
    fn ignored_tests_are_noticed() {
        let bare = format!("#[{}]\nfn x() {{}}", "ignore");
        notices(
            ignored,
            "a/tests/x.rs",
            &bare,
            &bare.replace(']', " = \"needs a server\"]"),
        );
    }

    #[test]
    fn compared_macs_are_noticed() {
        let path = "crates/a/src/x.rs";
        notices(
            macs,
            path,
            "if given == self.signature {",
            "mac.verify_slice(&given)?;",
        );
        notices(
            macs,
            path,
            "if expected_mac.mac != given {",
            "let signature = a == b;",
        );
    }

    #[test]
    fn machines_are_noticed() {
        let path = format!("see {}{}", "/ho", "me/ann/x");
        notices(machines, "docs/x.md", &path, "see docs/x");
        let good = "source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
        notices(
            machines,
            "Cargo.lock",
            "source = \"git+https://example.com/x\"\n",
            good,
        );
    }
}
