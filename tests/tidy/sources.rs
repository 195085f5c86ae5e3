//! The rules about lines, each with samples of what it notices.

use super::{
    files::{File, has_word},
    rules::{Lines, Rule},
    vendors::names_vendor,
};

/// Every rule. The name is what an excuse gives: `// tidy: <name>: <why>`.
pub(crate) const RULES: [Rule; 11] = [
    Rule {
        name: "vendor-in-core",
        applies: |file| {
            ["core", "http", "ledger", "tracker", "shared", "jobs"]
                .iter()
                .any(|name| file.path.starts_with(&format!("crates/{name}/src/")))
        },
        lines: Lines::All,
        is_broken: names_vendor,
        remedy: "names a vendor; move it to the adapter, or use a made-up vendor",
        samples: &[
            (
                "crates/core/src/x.rs",
                "let a = \"Stripe\";",
                "/// As stripe does.\nlet a = 1;",
            ),
            (
                "crates/core/src/x.rs",
                "let a = \"https://stripe.com\";",
                "let a = 1; // stripe",
            ),
            ("crates/core/src/x.rs", "mod s3;", "let strip = s30;"),
            ("crates/http/src/x.rs", "struct PayPalAuth;", "struct Auth;"),
        ],
    },
    Rule {
        name: "vendor-in-facade",
        applies: |file| {
            file.path.starts_with("crates/anyvendor/src/")
                && file.path != "crates/anyvendor/src/vendors.rs"
        },
        lines: Lines::NotOfTests,
        is_broken: names_vendor,
        remedy: "names a vendor; its row in crates/anyvendor/src/vendors.rs is the only place in the facade, and what is \
                 special about it is the adapter's to answer, through `Connect`",
        samples: &[
            (
                "crates/anyvendor/src/x.rs",
                "#[cfg(feature = \"stripe\")]",
                "/// Stripe, for one.",
            ),
            (
                "crates/anyvendor/src/x.rs",
                "use a::StripeConfig;",
                "#[cfg(test)]\nuse a::StripeConfig;",
            ),
        ],
    },
    Rule {
        name: "client",
        applies: |file| {
            let path = &file.path;
            let may = [
                "crates/http/",
                "crates/sandbox/",
                "crates/testkit/",
                "benches/",
                "tests/",
            ];
            file.is_source() && !may.iter().any(|place| path.starts_with(place))
        },
        lines: Lines::NotOfTests,
        is_broken: |line| {
            let clients = ["reqwest", "hyper", "hyper_util", "rustls", "webpki"];
            let is_ring = line.trim_start().starts_with("use ring") || has_path_of(line, "ring");
            is_ring || clients.iter().any(|name| has_word(line, name))
        },
        remedy: "an HTTP client or a TLS library; crates/http is its only place, send through core's `Transport` instead",
        samples: &[
            (
                "crates/a/src/x.rs",
                "use reqwest::Client;",
                "// not reqwest\nuse a::B;",
            ),
            (
                "crates/core/src/x.rs",
                "use ring::hmac;",
                "use string::hmac;",
            ),
            (
                "crates/core/src/x.rs",
                "hyper::body();",
                "#[cfg(test)]\nuse hyper::body;",
            ),
        ],
    },
    Rule {
        name: "runtime",
        applies: |file| file.path.starts_with("crates/core/src/"),
        lines: Lines::NotOfTests,
        is_broken: |line| {
            let uses = line.split("tokio::").skip(1);
            uses.into_iter().any(|rest| !rest.starts_with("sync"))
        },
        remedy: "core needs no runtime: of tokio only `tokio::sync`, and time goes through `Clock`",
        samples: &[
            (
                "crates/core/src/x.rs",
                "tokio::time::sleep(wait).await;",
                "use tokio::sync::Mutex;",
            ),
            (
                "crates/core/src/x.rs",
                "use tokio::{sync, time};",
                "#[cfg(test)]\nuse tokio::time;",
            ),
        ],
    },
    Rule {
        name: "leaf",
        applies: |file| {
            let path = file
                .path
                .strip_prefix("crates/adapter-")
                .and_then(|path| path.split_once('/'));
            path.is_some_and(|(_, path)| matches!(path, "src/config.rs" | "src/wire.rs"))
        },
        lines: Lines::NotOfTests,
        is_broken: |line| line.contains("crate::") || line.contains("super::"),
        remedy: "`config` and `wire` import no other module of their adapter; move the name down into them",
        samples: &[
            (
                "crates/adapter-a/src/config.rs",
                "use crate::auth::B;",
                "use serde::Deserialize;",
            ),
            (
                "crates/adapter-a/src/wire.rs",
                "type A = super::B;",
                "#[cfg(test)]\nuse super::B;",
            ),
        ],
    },
    Rule {
        name: "float",
        applies: holds_money,
        lines: Lines::All,
        is_broken: |line| has_word(line, "f32") || has_word(line, "f64"),
        remedy: "a float near money; count minor units in integers",
        samples: &[
            (
                "crates/core/src/values/money.rs",
                "let a: f64 = 1.0;",
                "let a: i64 = 1; // no f64",
            ),
            (
                "crates/adapter-a/src/amount.rs",
                "1_f32 as f32;",
                "let f32s = 1;",
            ),
            (
                "crates/adapter-a/src/payment/b.rs",
                "a as f64;",
                "a as i64;",
            ),
        ],
    },
    Rule {
        name: "mac",
        applies: File::is_source,
        lines: Lines::All,
        is_broken: compares_signature,
        remedy: "`==` on a signature; use the MAC's own verify, which takes constant time",
        samples: &[
            (
                "crates/a/src/x.rs",
                "if given == self.signature {",
                "mac.verify_slice(&given)?;",
            ),
            (
                "crates/a/src/x.rs",
                "if expected_mac.mac != given {",
                "let signature = a == b;",
            ),
            (
                "crates/a/src/x.rs",
                "signature == other;",
                "path == \"/verify-signature\";",
            ),
        ],
    },
    Rule {
        name: "glob",
        applies: |_| true,
        lines: Lines::NotOfTests,
        is_broken: is_glob,
        remedy: "a glob import; import the names one by one",
        samples: &[
            ("crates/a/src/x.rs", "use b::*;", "use b::{C, D};"),
            (
                "crates/a/src/x.rs",
                "pub use b::{c, d::*};",
                "let a = b::C * d;",
            ),
            (
                "crates/a/src/x.rs",
                "use super::*;",
                "#[cfg(test)]\nmod tests {\n    use b::*;\n}",
            ),
        ],
    },
    Rule {
        name: "glob-in-test",
        applies: |_| true,
        lines: Lines::OfTests,
        is_broken: |line| {
            // proptest's prelude is made for tests and holds mostly macros and traits.
            is_glob(line) && !line.contains("use super::") && !line.contains("use proptest::")
        },
        remedy: "a glob import; a test may import `super::*`, and other names one by one",
        samples: &[
            ("crates/a/tests/x.rs", "use b::*;", "use super::*;"),
            (
                "crates/a/tests/x.rs",
                "use b::*;",
                "use proptest::{prelude::*, sample::select};",
            ),
        ],
    },
    Rule {
        name: "sleep",
        applies: |_| true,
        lines: Lines::OfTests,
        is_broken: |line| {
            let calls = line.split("sleep(").collect::<Vec<_>>();
            let before = calls
                .split_last()
                .map(|(_, before)| before)
                .unwrap_or_default();
            before
                .iter()
                .any(|before| !before.ends_with("fn ") && !before.ends_with('.'))
        },
        remedy: "a test that sleeps; step its clock, or wait for what it waits for",
        samples: &[
            (
                "crates/a/tests/x.rs",
                "tokio::time::sleep(pause).await;",
                "fn sleep(&self, pause: Duration) {}",
            ),
            (
                "crates/a/tests/x.rs",
                "thread::sleep(pause);",
                "clock.sleep(pause).await;",
            ),
        ],
    },
    Rule {
        name: "feature",
        applies: |file| {
            file.path.starts_with("crates/") && !file.path.starts_with("crates/anyvendor/")
        },
        lines: Lines::All,
        is_broken: |line| {
            let is_conditional = line.contains("cfg") && line.contains("feature = ");
            is_conditional && !line.contains("feature = \"mock\"")
        },
        remedy: "a feature below the facade; make it a crate, which the facade's feature switches on",
        samples: &[(
            "crates/a/src/x.rs",
            "#[cfg(feature = \"b\")]",
            "#[cfg(any(test, feature = \"mock\"))]",
        )],
    },
];

/// The files that hold or compute an amount of money.
fn holds_money(file: &File) -> bool {
    let in_core = |path: &str| {
        path.starts_with("crates/core/src/payment") || path == "crates/core/src/values/money.rs"
    };
    let in_adapter = file
        .path
        .strip_prefix("crates/adapter-")
        .and_then(|path| path.split_once("/src/"));
    let holds = |path: &str| {
        let module = path.split(['/', '.']).next();
        matches!(module, Some("amount" | "payment"))
    };
    in_core(&file.path) || in_adapter.is_some_and(|(_, path)| holds(path))
}

/// Whether `==` or `!=` compares a signature. What is next to the sign counts, not what else is on the line.
fn compares_signature(line: &str) -> bool {
    let words = ["mac", "hmac", "signature", "signatures"];
    let is_text = |side: &str| side.starts_with('"');
    let holds = |side: &str| !is_text(side) && words.iter().any(|word| has_word(side, word));
    ["==", "!="].iter().any(|sign| {
        line.split_once(sign).is_some_and(|(before, after)| {
            let last = before.rsplit([' ', '(']).find(|part| !part.is_empty());
            let first = after.split([' ', ')', ';']).find(|part| !part.is_empty());
            last.is_some_and(holds) || first.is_some_and(holds)
        })
    })
}

/// Whether the line holds a path that begins with this crate.
fn has_path_of(line: &str, name: &str) -> bool {
    let path = format!("{name}::");
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut places = line.match_indices(&path);
    places.any(|(at, _)| !line.split_at(at).0.ends_with(is_name))
}

fn is_glob(line: &str) -> bool {
    let line = line.trim_start();
    let is_use = line.starts_with("use ") || (line.starts_with("pub") && line.contains(" use "));
    is_use && (line.contains("::*") || line.contains(", *}") || line.contains("{*"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_notices_its_bad_samples_only() {
        for rule in &RULES {
            assert!(!rule.samples.is_empty(), "{} has no sample", rule.name);
            for (path, bad, good) in rule.samples {
                let broken = |text: &str| rule.broken(&[File::new(path, text)]);
                assert_eq!(broken(bad).len(), 1, "{}: {bad}", rule.name);
                assert_eq!(broken(good), Vec::<String>::new(), "{}: {good}", rule.name);
            }
        }
    }

    #[test]
    fn the_places_that_may_are_left_alone() {
        for (path, line) in [
            ("crates/http/src/x.rs", "use reqwest::Client;"),
            ("benches/a/src/x.rs", "use reqwest::Client;"),
            ("crates/anyvendor/src/vendors.rs", "use a::Stripe;"),
            ("crates/anyvendor/src/x.rs", "#[cfg(feature = \"axum\")]"),
        ] {
            let file = [File::new(path, line)];
            let broken: Vec<String> = RULES.iter().flat_map(|rule| rule.broken(&file)).collect();
            assert_eq!(broken, Vec::<String>::new(), "{path}");
        }
    }
}
