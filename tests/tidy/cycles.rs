//! No import cycles between the files of one crate.
//!
//! A file needs another when it uses an item that the other defines. What a module only passes on with `pub use` counts
//! for the file that defines it, so that a parent may offer the items of its children and they may use each other's.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{files::File, imports::Imports};

/// One module of a crate that is a file: where it stands in the tree, and what it imports.
struct Module<'f> {
    file: &'f File,
    parent: usize,
    children: BTreeMap<String, usize>,
    imports: Imports,
}

/// The modules of one crate. The first is its root.
struct Tree<'f>(Vec<Module<'f>>);

/// Which files each file needs, and one name that it takes from each.
type Needs = BTreeMap<String, BTreeMap<String, String>>;

/// One line for each cycle.
pub(crate) fn cycles(files: &[File]) -> Vec<String> {
    let rust: BTreeMap<&str, &File> = files
        .iter()
        .filter(|file| file.is_rust())
        .map(|file| (file.path.as_str(), file))
        .collect();
    let trees: Vec<Tree<'_>> = roots(&rust).map(|root| Tree::of(root, &rust)).collect();
    let lines: BTreeSet<String> = trees.iter().flat_map(|tree| describe(&tree.needs())).collect();
    lines.into_iter().collect()
}

/// The files that no other file declares as its module. A crate's test modules, which only `#[cfg(test)]` declares, are
/// no roots.
fn roots<'f>(rust: &BTreeMap<&str, &'f File>) -> impl Iterator<Item = &'f File> {
    let declared: BTreeSet<String> = rust
        .values()
        .flat_map(|file| {
            let modules = Imports::of(&file.text).modules;
            modules.into_iter().filter_map(|module| file_of(file, &module, rust))
        })
        .map(|file| file.path.clone())
        .collect();
    let is_root = move |file: &&File| {
        let is_named_so = ["/lib.rs", "/main.rs"].iter().any(|name| file.path.ends_with(name));
        let may_be = is_named_so || !file.path.contains("/src/") || file.path.contains("/src/bin/");
        may_be && !declared.contains(&file.path)
    };
    rust.values().copied().filter(is_root).collect::<Vec<_>>().into_iter()
}

/// The file of a module that `parent` declares.
fn file_of<'f>(
    parent: &File,
    (name, path): &(String, Option<String>),
    rust: &BTreeMap<&str, &'f File>,
) -> Option<&'f File> {
    let (folder, stem) = parent.path.rsplit_once('/').unwrap_or(("", &parent.path));
    let stem = stem.trim_end_matches(".rs");
    let mut places = vec![format!("{folder}/{name}.rs"), format!("{folder}/{name}/mod.rs")];
    if let Some(path) = path {
        places = vec![format!("{folder}/{path}")];
    } else if !matches!(stem, "lib" | "main" | "mod") {
        places.insert(0, format!("{folder}/{stem}/{name}.rs"));
        places.insert(1, format!("{folder}/{stem}/{name}/mod.rs"));
    }
    places.iter().find_map(|place| rust.get(place.as_str())).copied()
}

impl<'f> Tree<'f> {
    fn of(root: &'f File, rust: &BTreeMap<&str, &'f File>) -> Self {
        let mut tree = Self(Vec::new());
        tree.add(root, 0, rust);
        tree
    }

    fn add(&mut self, file: &'f File, parent: usize, rust: &BTreeMap<&str, &'f File>) -> usize {
        let (at, imports) = (self.0.len(), Imports::of(&file.text));
        let declared = imports.modules.clone();
        self.0.push(Module { file, parent, children: BTreeMap::new(), imports });
        for module in declared {
            if let Some(child) = file_of(file, &module, rust) {
                let child = self.add(child, at, rust);
                self.0[at].children.insert(module.0, child);
            }
        }
        at
    }

    fn needs(&self) -> Needs {
        let mut needs = Needs::new();
        for (at, module) in self.0.iter().enumerate() {
            let imports = &module.imports;
            let only_passed_on = |name: &String| imports.uses[name].is_public && !imports.names.contains(name);
            let uses = imports.uses.iter().filter(|(name, _)| !only_passed_on(name));
            let paths = uses.map(|(_, used)| &used.path).chain(&imports.paths);
            let globs = imports.globs.iter();
            let found = paths
                .filter_map(|path| Some((self.definer(at, path, 0)?, path)))
                .chain(globs.filter_map(|path| Some((self.module(at, path)?, path))));
            for (other, path) in found.filter(|(other, _)| *other != at) {
                let needed = needs.entry(module.file.path.clone()).or_default();
                let name = path.last().cloned().unwrap_or_default();
                needed.entry(self.0[other].file.path.clone()).or_insert(name);
            }
        }
        needs
    }

    /// The module whose file defines what `path` names, seen from the module `at`; nothing for a module, or for what is
    /// another crate's.
    fn definer(&self, at: usize, path: &[String], depth: usize) -> Option<usize> {
        let (first, rest) = path.split_first().filter(|_| depth < 20)?;
        let module = &self.0[at];
        match first.as_str() {
            "crate" => return self.definer_within(0, rest, depth),
            "self" => return self.definer_within(at, rest, depth),
            "super" if rest.first().is_some_and(|next| next == "super") => {
                return self.definer(module.parent, rest, depth);
            }
            "super" => return self.definer_within(module.parent, rest, depth),
            _ => {}
        }
        let is_known = module.children.contains_key(first)
            || module.imports.items.contains(first)
            || module.imports.uses.contains_key(first);
        if is_known { self.definer_within(at, path, depth) } else { None }
    }

    /// The same for a path whose first name the module `at` itself has.
    fn definer_within(&self, at: usize, path: &[String], depth: usize) -> Option<usize> {
        let (first, rest) = path.split_first()?;
        let module = &self.0[at];
        if let Some(child) = module.children.get(first) {
            return self.definer_within(*child, rest, depth);
        }
        if module.imports.items.contains(first) {
            return Some(at);
        }
        if let Some(used) = module.imports.uses.get(first) {
            let whole: Vec<String> = used.path.iter().chain(rest).cloned().collect();
            return self.definer(at, &whole, depth + 1);
        }
        let mut globs = module.imports.globs.iter().filter_map(|glob| self.module(at, glob));
        let defines = |other: &usize| self.0[*other].imports.items.contains(first);
        // A name that is not seen here is made by a macro of this file.
        Some(globs.find(defines).unwrap_or(at))
    }

    /// The module that `path` names, if it is one of this crate.
    fn module(&self, at: usize, path: &[String]) -> Option<usize> {
        path.iter().try_fold(at, |at, name| match name.as_str() {
            "crate" => Some(0),
            "self" => Some(at),
            "super" => Some(self.0[at].parent),
            name => self.0[at].children.get(name).copied(),
        })
    }
}

/// One line for each group of files that need each other, with the shortest way around.
fn describe(needs: &Needs) -> Vec<String> {
    let (mut lines, mut seen) = (Vec::new(), BTreeSet::new());
    for start in needs.keys() {
        let Some(way) = way_around(needs, start).filter(|_| !seen.contains(start)) else {
            continue;
        };
        let leads_back = |file: &&String| reached(needs, file).contains(start);
        let from_start = reached(needs, start);
        let group: Vec<String> = from_start.iter().filter(leads_back).cloned().collect();
        let steps: Vec<String> = way
            .windows(2)
            .map(|pair| format!("{} uses `{}` of {}", pair[0], needs[&pair[0]][&pair[1]], pair[1]))
            .collect();
        lines.push(format!(
            "import cycle among {} files: {}. Move one of these items down, into the file that it belongs to or into a \
             module of its own that both import",
            group.len(),
            steps.join("; ")
        ));
        seen.extend(group);
    }
    lines
}

fn reached(needs: &Needs, start: &str) -> BTreeSet<String> {
    let (mut found, mut open) = (BTreeSet::new(), vec![start.to_owned()]);
    while let Some(file) = open.pop() {
        let next = needs.get(&file).into_iter().flat_map(BTreeMap::keys);
        open.extend(next.filter(|file| found.insert((*file).clone())).cloned());
    }
    found
}

/// The shortest way from a file back to itself.
fn way_around(needs: &Needs, start: &str) -> Option<Vec<String>> {
    let (mut open, mut seen) = (VecDeque::from([vec![start.to_owned()]]), BTreeSet::new());
    while let Some(way) = open.pop_front() {
        for next in needs.get(way.last()?).into_iter().flat_map(BTreeMap::keys) {
            let longer: Vec<String> = way.iter().chain([next]).cloned().collect();
            if next == start {
                return Some(longer);
            }
            if seen.insert(next.clone()) {
                open.push_back(longer);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cycles of a crate with these files, in `src`.
    fn found(files: &[(&str, &str)]) -> usize {
        let file = |(path, text): &(&str, &str)| File::new(&format!("crates/a/src/{path}"), text);
        cycles(&files.iter().map(file).collect::<Vec<_>>()).len()
    }

    #[test]
    fn two_files_that_import_each_other_are_noticed() {
        let lib = ("lib.rs", "mod a; mod b;");
        assert_eq!(found(&[lib, ("a.rs", "use crate::b::B; struct A;"), ("b.rs", "use super::a::A; struct B;")]), 1);
        assert_eq!(found(&[lib, ("a.rs", "fn f() { crate::b::g() }"), ("b.rs", "fn g() { use crate::a::f; }")]), 1);
        assert_eq!(found(&[lib, ("a.rs", "use crate::b::B; struct A;"), ("b.rs", "struct B;")]), 0);
    }

    #[test]
    fn a_child_that_imports_its_parents_own_item_is_noticed() {
        let child = ("a/b.rs", "use super::A; pub struct B;");
        assert_eq!(found(&[("lib.rs", "mod a;"), ("a.rs", "mod b; struct A(b::B);"), child]), 1);
        let uses = "mod b; use self::b::B; struct A(B);";
        assert_eq!(found(&[("lib.rs", "mod a;"), ("a.rs", uses), child]), 1);
        // The parent only offers the child's item.
        assert_eq!(found(&[("lib.rs", "mod a;"), ("a.rs", "mod b; pub use b::B; struct A;"), child]), 0);
    }

    #[test]
    fn a_parent_that_passes_items_on_is_no_cycle() {
        let parent = ("a.rs", "mod b; mod c; pub(crate) use b::B; use c::C; fn f(_: C) {}");
        let (b, c) = (("a/b.rs", "pub struct B;"), ("a/c.rs", "use super::B; pub struct C(B);"));
        assert_eq!(found(&[("lib.rs", "mod a;"), parent, b, c]), 0);
        let back = ("a/b.rs", "use crate::a::c::C; pub struct B;");
        assert_eq!(found(&[("lib.rs", "mod a;"), parent, back, c]), 1);
    }

    #[test]
    fn an_imported_module_is_followed_to_the_item() {
        let lib = ("lib.rs", "mod a; mod b;");
        let a = ("a.rs", "use crate::b; fn f() { b::g() } fn h() {}");
        assert_eq!(found(&[lib, a, ("b.rs", "fn g() { crate::a::h() }")]), 1);
        assert_eq!(found(&[lib, a, ("b.rs", "use crate::a; fn g() {}")]), 0);
    }

    #[test]
    fn tests_and_other_crates_are_not_counted() {
        let lib = ("lib.rs", "mod a; mod b;");
        let a = ("a.rs", "use crate::b::B; struct A;");
        assert_eq!(found(&[lib, a, ("b.rs", "struct B; #[cfg(test)] mod tests { use crate::a::A; }")]), 0);
        assert_eq!(found(&[lib, a, ("b.rs", "use other::a::A; struct B;")]), 0);
    }

    #[test]
    fn a_module_with_a_path_is_found() {
        let main = ("main.rs", "#[path = \"x/a.rs\"] mod a; mod b;");
        assert_eq!(found(&[main, ("x/a.rs", "use crate::b::B; struct A;"), ("b.rs", "use crate::a::A; struct B;")]), 1);
    }
}
