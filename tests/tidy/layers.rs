//! Which crate may know which, and which rooms every adapter has.

use toml::Table;

use super::files::File;

/// Arrows point down only. The sandbox knows nobody, and an adapter no other.
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
    let is_adapter = name.starts_with("anyvendor-adapter-");
    let is_test = section == "dev-dependencies";
    match (package, name) {
        // Its own tests switch its mocks on so.
        ("core", "anyvendor-core") => is_test,
        ("sandbox" | "core", _) => false,
        (_, "anyvendor-core") => true,
        ("conformance", _) => false,
        ("anyvendor", "anyvendor-sandbox" | "anyvendor-conformance") => is_test,
        ("anyvendor", _) => is_adapter,
        (adapter, "anyvendor-sandbox" | "anyvendor-conformance") => {
            is_test && adapter.starts_with("adapter-")
        }
        _ => false,
    }
}

/// The floor plan: every adapter has these rooms, one room for its domain, and a README with the same heads.
pub(crate) fn rooms(files: &[File]) -> Vec<String> {
    const ROOMS: [&str; 6] = ["auth", "client", "config", "error", "lib", "wire"];
    const HEADS: [&str; 5] = [
        "What it does",
        "Capabilities",
        "Configuration",
        "Limits and quirks",
        "Vendor documents",
    ];
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
        let has = |room: &&str| find(&format!("src/{room}.rs")).is_some();
        for room in ROOMS.iter().filter(|room| !has(room)) {
            wrong.push(format!(
                "{adapter}: has no src/{room}.rs; keep the floor plan of docs/adding-a-vendor.md"
            ));
        }
        if ["payment", "email", "storage", "messaging"]
            .iter()
            .filter(|room| has(room))
            .count()
            != 1
        {
            wrong.push(format!(
                "{adapter}: needs one domain room: payment.rs, email.rs, storage.rs or messaging.rs"
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
        ] {
            assert_eq!(of(package, section, name), 1, "{package} {section} {name}");
        }
        for (package, section, name) in [
            ("adapter-a", "dependencies", "anyvendor-core"),
            ("adapter-a", "dev-dependencies", "anyvendor-sandbox"),
            ("conformance", "dependencies", "anyvendor-core"),
            ("anyvendor", "dependencies", "anyvendor-adapter-a"),
        ] {
            assert_eq!(of(package, section, name), 0, "{package} {section} {name}");
        }
    }

    #[test]
    fn missing_rooms_are_noticed() {
        let bare = [File::new("crates/adapter-a/Cargo.toml", "")];
        assert_eq!(rooms(&bare).len(), 6 + 1 + 5 + 1);
        assert_eq!(rooms(&[File::new("crates/a/src/utils.rs", "")]).len(), 1);
    }
}
