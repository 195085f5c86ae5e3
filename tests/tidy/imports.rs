//! What one Rust file declares, imports and mentions.

use std::collections::{BTreeMap, BTreeSet};

use super::tokens::{is_test_only, item_length, tokens};

/// The parts of a file that decide which other files it needs. Code for tests only is left out.
#[derive(Debug, Default)]
pub(crate) struct Imports {
    /// The modules that are files of their own, with the path of `#[path = ".."]` where there is one.
    pub(crate) modules: Vec<(String, Option<String>)>,
    /// The names that are defined here.
    pub(crate) items: BTreeSet<String>,
    /// The names that `use` brings in, with their paths; `pub use` may only pass them on.
    pub(crate) uses: BTreeMap<String, Use>,
    /// The modules whose names are all imported, by `use a::*`.
    pub(crate) globs: Vec<Vec<String>>,
    /// Paths of two and more names, such as `child::function`, outside of `use`.
    pub(crate) paths: BTreeSet<Vec<String>>,
    /// All names that occur outside of `use`.
    pub(crate) names: BTreeSet<String>,
}

/// One imported name.
#[derive(Debug)]
pub(crate) struct Use {
    pub(crate) path: Vec<String>,
    pub(crate) is_public: bool,
}

impl Imports {
    pub(crate) fn of(text: &str) -> Self {
        let tokens = tokens(text);
        let mut imports = Self::default();
        // The depths of the inline modules that are open, and the depth of the current token.
        let (mut inline, mut depth) = (Vec::new(), 0_usize);
        let (mut at, mut path_of_module) = (0, None);
        while let Some(rest) = tokens.get(at..).filter(|rest| !rest.is_empty()) {
            let is_item = depth == inline.len();
            let before = |back: usize| at.checked_sub(back).and_then(|at| tokens.get(at)).copied();
            let mut step = 1;
            match rest {
                ["#", "!", ..] => step = 2,
                ["#", ..] if is_test_only(rest) => step = item_length(rest),
                ["#", "[", "path", "=", file, ..] => {
                    path_of_module = Some(file.trim_matches('"').to_owned());
                }
                ["mod", name, ";", ..] => {
                    imports
                        .modules
                        .push(((*name).to_owned(), path_of_module.take()));
                }
                ["mod", name, "{", ..] => {
                    imports.items.insert((*name).to_owned());
                    inline.push(depth);
                    (step, depth) = (3, depth + 1);
                }
                ["use", next, ..] if *next != "<" => {
                    step = item_length(rest);
                    let is_public = matches!(before(1), Some("pub" | ")"));
                    let tree = rest.get(1..step.saturating_sub(1)).unwrap_or_default();
                    imports.add_tree(inline.len(), Vec::new(), tree, is_public);
                }
                ["{", ..] => depth += 1,
                ["}", ..] => {
                    depth = depth.saturating_sub(1);
                    inline.pop_if(|opened| *opened == depth);
                }
                [
                    "struct" | "enum" | "union" | "trait" | "fn" | "type" | "const" | "static",
                    name,
                    ..,
                ] if is_item && !matches!(*name, "fn" | "unsafe" | "_" | "{") => {
                    imports.items.insert((*name).to_owned());
                }
                ["macro_rules", "!", name, ..] => {
                    imports.items.insert((*name).to_owned());
                }
                [first, ..] if is_name(first) => {
                    let mut path = vec![*first];
                    while let Some(["::", name]) = rest.get(step..step + 2)
                        && is_name(name)
                    {
                        path.push(name);
                        step += 2;
                    }
                    imports.names.insert((*first).to_owned());
                    let is_visibility = before(1) == Some("in");
                    if path.len() > 1 && before(1) != Some("::") && !is_visibility {
                        imports.paths.insert(from_file(inline.len(), &path));
                    }
                }
                _ => {}
            }
            at += step;
        }
        imports
    }

    /// Adds the names of one `use`, whose braces may be nested.
    fn add_tree(&mut self, inline: usize, mut path: Vec<String>, tree: &[&str], is_public: bool) {
        let mut at = 0;
        while let Some([name, "::"]) = tree.get(at..at + 2) {
            path.push((*name).to_owned());
            at += 2;
        }
        let names = |path: &[String]| -> Vec<String> {
            from_file(inline, &path.iter().map(String::as_str).collect::<Vec<_>>())
        };
        match tree.get(at..).unwrap_or_default() {
            ["{", inner @ .., "}"] => {
                for branch in branches(inner) {
                    self.add_tree(inline, path.clone(), branch, is_public);
                }
            }
            ["*"] => self.globs.push(names(&path)),
            [last, renamed @ ..] => {
                if *last != "self" || path.is_empty() {
                    path.push((*last).to_owned());
                }
                let alias = match renamed {
                    ["as", alias] => (*alias).to_owned(),
                    _ => path.last().cloned().unwrap_or_default(),
                };
                let path = names(&path);
                self.uses.insert(alias, Use { path, is_public });
            }
            [] => {}
        }
    }
}

fn is_name(token: &str) -> bool {
    token.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
        && token.ends_with(|letter: char| letter.is_alphanumeric() || letter == '_')
}

/// The path as the file's own module would write it: an inline module's `super` is the file itself.
fn from_file(inline: usize, path: &[&str]) -> Vec<String> {
    let ups = path
        .iter()
        .take(inline)
        .take_while(|name| **name == "super")
        .count();
    let own = (ups > 0 && path.get(ups).is_some_and(|name| *name != "super")).then_some("self");
    let rest = path.get(ups..).unwrap_or_default();
    own.into_iter()
        .chain(rest.iter().copied())
        .map(str::to_owned)
        .collect()
}

/// The parts between the commas that are not within braces.
fn branches<'t>(tree: &'t [&'t str]) -> Vec<&'t [&'t str]> {
    let mut depth = 0_i32;
    let parts = tree.split(|token| {
        depth += i32::from(*token == "{") - i32::from(*token == "}");
        depth == 0 && *token == ","
    });
    parts.filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uses(text: &str) -> Vec<String> {
        let uses = Imports::of(text).uses;
        uses.iter()
            .map(|(alias, used)| format!("{alias}={}", used.path.join("::")))
            .collect()
    }

    #[test]
    fn a_use_is_read_with_its_braces() {
        let text = "pub(crate) use a::{b::{self, C as D}, e}; fn f() { use super::g; }";
        assert_eq!(uses(text), ["D=a::b::C", "b=a::b", "e=a::e", "g=super::g"]);
        assert_eq!(Imports::of("use super::*;").globs, [["super"]]);
    }

    #[test]
    fn paths_in_code_are_read_and_tests_are_not() {
        let text =
            "fn f() { child::call::<a::B>(); x.y(); } #[cfg(test)] mod tests { fn t() { c::d() } }";
        let paths: Vec<String> = Imports::of(text)
            .paths
            .iter()
            .map(|path| path.join("::"))
            .collect();
        assert_eq!(paths, ["a::B", "child::call"]);
    }

    #[test]
    fn what_is_defined_and_declared_is_read() {
        let text = "#[path = \"x/y.rs\"] mod z; pub mod w; mod in_line { fn g() {} } pub(crate) const fn f() {}
            struct S; impl S { const INNER: u8 = 1; }";
        let imports = Imports::of(text);
        let modules = [
            ("z".to_owned(), Some("x/y.rs".to_owned())),
            ("w".to_owned(), None),
        ];
        assert_eq!(imports.modules, modules);
        let items: Vec<&str> = imports.items.iter().map(String::as_str).collect();
        assert_eq!(items, ["S", "f", "g", "in_line"]);
    }

    #[test]
    fn an_inline_module_looks_up_from_inside() {
        assert_eq!(
            uses("mod a { use super::B; use super::super::C; }"),
            ["B=self::B", "C=super::C"]
        );
    }
}
