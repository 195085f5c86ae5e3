//! Which crate may import which, and which modules every adapter has.

use toml::{Table, Value};

use super::{behavior::domains, files::File, vendors::VENDORS};

/// Imports between crates point down only. The sandbox imports no other crate of the workspace, an adapter no adapter.
pub(crate) fn arrows(files: &[File]) -> Vec<String> {
    let manifests = files.iter().filter_map(|file| {
        let package = file
            .path
            .strip_prefix("crates/")?
            .strip_suffix("/Cargo.toml")?;
        Some((package, file))
    });
    manifests
        .flat_map(|(package, file)| {
            let manifest: Table = toml::from_str(&file.text).unwrap();
            let sections = ["dependencies", "build-dependencies", "dev-dependencies"];
            let known = sections.map(|section| {
                let table = manifest.get(section).and_then(|table| table.as_table());
                let names = table.into_iter().flat_map(|table| table.keys());
                names.map(move |name| (section, name.clone())).collect::<Vec<_>>()
            });
            let wrong = known.into_iter().flatten().filter(|(section, name)| {
                name.starts_with("anyvendor") && !may_know(package, section, name)
            });
            wrong
                .map(|(section, name)| {
                    format!("{}: {name} in [{section}] points up or aside; see the arrows in ARCHITECTURE.md", file.path)
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

fn may_know(package: &str, section: &str, name: &str) -> bool {
    let name = name.trim_start_matches("anyvendor-");
    let is_adapter = |name: &str| name.starts_with("adapter-");
    let is_test = section == "dev-dependencies";
    match (package, name) {
        ("sandbox", _) | ("testkit", "testkit") => false,
        (_, "testkit") => is_test,
        // Core's own tests switch its mocks on in this way.
        ("core", "core") => is_test,
        ("core", _) => false,
        (_, "core") => true,
        ("http" | "conformance", _) => false,
        ("testkit", _) => matches!(name, "http" | "conformance"),
        ("anyvendor", "http") => true,
        ("anyvendor", "sandbox" | "conformance") => is_test,
        ("anyvendor", _) => is_adapter(name),
        (adapter, "http") => is_adapter(adapter),
        (adapter, "sandbox" | "conformance") => is_test && is_adapter(adapter),
        _ => false,
    }
}

/// What core compiles: no HTTP client, no TLS, and of tokio only `sync`. Its tests may use more.
pub(crate) fn core_dependencies(files: &[File]) -> Vec<String> {
    let find = |path: &str| -> Option<Table> {
        let file = files.iter().find(|file| file.path == path)?;
        Some(toml::from_str(&file.text).unwrap())
    };
    let (Some(core), Some(root)) = (find("crates/core/Cargo.toml"), find("Cargo.toml")) else {
        return vec!["crates/core/Cargo.toml or Cargo.toml is missing".to_owned()];
    };
    let banned = ["reqwest", "hyper", "rustls", "ring", "webpki"];
    let shared = root
        .get("workspace")
        .and_then(|workspace| workspace.get("dependencies"));
    let own = core.get("dependencies").and_then(Value::as_table);
    let wrong = own.into_iter().flatten().filter_map(|(name, given)| {
        let is_inherited = given.get("workspace").is_some();
        let inherited = shared.and_then(|shared| shared.get(name)).filter(|_| is_inherited);
        if banned.iter().any(|banned| name == banned || name.starts_with(&format!("{banned}-"))) {
            Some(format!("{name}; move what needs it to crates/http"))
        } else if name == "tokio" {
            let features = [Some(given), inherited].into_iter().flatten().flat_map(features);
            let others: Vec<String> = features.filter(|feature| feature != "sync").collect();
            let and = "core needs no runtime, only `sync` (a feature of the workspace's entry counts too)";
            (!others.is_empty()).then(|| format!("tokio with {}; {and}", others.join(", ")))
        } else {
            None
        }
    });
    wrong
        .map(|what| format!("crates/core/Cargo.toml depends on {what}"))
        .collect()
}

fn features(dependency: &Value) -> Vec<String> {
    let features = dependency.get("features").and_then(Value::as_array);
    let names = features.into_iter().flatten().filter_map(Value::as_str);
    names.map(str::to_owned).collect()
}

/// The module layout: every adapter has these modules, one module for its domain, and a README with the same heads.
pub(crate) fn layout(files: &[File]) -> Vec<String> {
    const MODULES: [&str; 6] = ["auth", "client", "config", "error", "lib", "wire"];
    const HEADS: [&str; 5] = [
        "What it does",
        "Capabilities",
        "Configuration",
        "Limits and quirks",
        "Vendor documents",
    ];
    let domains = domains(files);
    let manifests = files
        .iter()
        .filter_map(|file| file.path.strip_suffix("/Cargo.toml"));
    let mut wrong = Vec::new();
    for adapter in manifests.filter(|path| path.starts_with("crates/adapter-")) {
        let find = |name: &str| {
            files
                .iter()
                .find(|file| file.path == format!("{adapter}/{name}"))
        };
        let has = |module: &str| find(&format!("src/{module}.rs")).is_some();
        for module in MODULES.iter().filter(|module| !has(module)) {
            wrong.push(format!(
                "{adapter}: has no src/{module}.rs; keep the module layout of docs/adding-a-vendor.md"
            ));
        }
        if domains.iter().filter(|domain| has(domain)).count() != 1 {
            wrong.push(format!(
                "{adapter}: needs one module for its domain, one of {}",
                domains.join(", ")
            ));
        }
        let vendor = adapter.trim_start_matches("crates/adapter-");
        // An ordinary word in other places, so the rules about vendors cannot look for it.
        if !VENDORS.contains(&vendor) && vendor != "segment" {
            wrong.push(format!(
                "{adapter}: add `{vendor}` to VENDORS in tests/tidy/vendors.rs"
            ));
        }
        let readme = find("README.md").map_or("", |file| &file.text);
        for head in HEADS
            .iter()
            .filter(|head| !readme.contains(&format!("## {head}\n")))
        {
            wrong.push(format!("{adapter}: README.md has no head `## {head}`"));
        }
        if !find("src/lib.rs")
            .is_some_and(|file| file.text.contains("include_str!(\"../README.md\")"))
        {
            wrong.push(format!(
                "{adapter}: src/lib.rs does not take README.md as its document"
            ));
        }
    }
    let nameless = files.iter().filter(|file| {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        matches!(
            name,
            "utils.rs" | "util.rs" | "common.rs" | "misc.rs" | "helpers.rs"
        )
    });
    wrong.extend(nameless.map(|file| format!("{}: name it after its idea", file.path)));
    let outside = files.iter().filter_map(|file| {
        let module = file.path.strip_suffix("_tests.rs")?;
        let is_unit = file.path.contains("/src/") || file.path.starts_with("examples/");
        is_unit.then(|| format!("{}: unit tests go to {module}/tests.rs", file.path))
    });
    wrong.extend(outside);
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_up_are_noticed() {
        let of = |package: &str, section: &str, name: &str| {
            let text = format!("[{section}]\n{name}.workspace = true\nserde = \"1\"\n");
            arrows(&[File::new(&format!("crates/{package}/Cargo.toml"), &text)]).len()
        };
        for (package, section, name) in [
            ("sandbox", "dev-dependencies", "anyvendor-core"),
            ("core", "dev-dependencies", "anyvendor-sandbox"),
            ("adapter-a", "dependencies", "anyvendor-adapter-b"),
            ("adapter-a", "dev-dependencies", "anyvendor-adapter-b"),
            ("adapter-a", "dependencies", "anyvendor-sandbox"),
            ("adapter-a", "dev-dependencies", "anyvendor"),
            ("conformance", "dependencies", "anyvendor-sandbox"),
            ("anyvendor", "dependencies", "anyvendor-sandbox"),
            ("core", "dependencies", "anyvendor-http"),
            ("http", "dependencies", "anyvendor-adapter-a"),
            ("conformance", "dependencies", "anyvendor-http"),
            ("sandbox", "dev-dependencies", "anyvendor-testkit"),
            ("adapter-a", "dependencies", "anyvendor-testkit"),
        ] {
            assert_eq!(of(package, section, name), 1, "{package} {section} {name}");
        }
        for (package, section, name) in [
            ("adapter-a", "dependencies", "anyvendor-core"),
            ("adapter-a", "dev-dependencies", "anyvendor-sandbox"),
            ("conformance", "dependencies", "anyvendor-core"),
            ("anyvendor", "dependencies", "anyvendor-adapter-a"),
            ("anyvendor", "dependencies", "anyvendor-http"),
            ("http", "dependencies", "anyvendor-core"),
            ("adapter-a", "dependencies", "anyvendor-http"),
            ("adapter-a", "dev-dependencies", "anyvendor-testkit"),
            ("testkit", "dependencies", "anyvendor-core"),
        ] {
            assert_eq!(of(package, section, name), 0, "{package} {section} {name}");
        }
    }

    #[test]
    fn missing_modules_are_noticed() {
        let bare = [File::new("crates/adapter-a/Cargo.toml", "")];
        assert_eq!(layout(&bare).len(), 6 + 1 + 1 + 5 + 1);
        assert_eq!(layout(&[File::new("crates/a/src/utils.rs", "")]).len(), 1);
        assert_eq!(layout(&[File::new("crates/a/src/x_tests.rs", "")]).len(), 1);
        assert!(layout(&[File::new("crates/a/src/x/tests.rs", "")]).is_empty());
    }

    #[test]
    fn what_core_must_not_compile_is_noticed() {
        let of = |core: &str| {
            let root = "[workspace.dependencies]\ntokio = { version = \"1\", features = [\"net\", \"sync\"] }\n";
            let core = format!("[dependencies]\n{core}\n[dev-dependencies]\nreqwest = \"1\"\n");
            core_dependencies(&[
                File::new("Cargo.toml", root),
                File::new("crates/core/Cargo.toml", &core),
            ])
            .len()
        };
        for bad in [
            "reqwest.workspace = true",
            "rustls-webpki = \"1\"",
            "tokio.workspace = true",
            "tokio = { version = \"1\", features = [\"time\"] }",
        ] {
            assert_eq!(of(bad), 1, "{bad}");
        }
        for good in [
            "http = \"1\"",
            "tokio = { version = \"1\", features = [\"sync\"] }",
            "string.workspace = true",
        ] {
            assert_eq!(of(good), 0, "{good}");
        }
    }
}
