//! No import cycles between the files of one crate.
//!
//! A file needs another when it uses an item that the other defines. Within a module, what the module only re-exports with
//! `pub use` counts for the file that defines it, so that a parent may offer the items of its children and they may use
//! each other's. From outside the module it counts for the module, too.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{files::File, imports::Imports};

/// The Rust files by their paths, and what each imports.
type Sources = BTreeMap<String, Imports>;

/// One module of a crate that is a file: where it is in the tree, and what it imports.
struct Module<'s> {
    path: &'s str,
    imports: &'s Imports,
    parent: usize,
    children: BTreeMap<&'s str, usize>,
}

/// The modules of one crate. The first is its root.
struct Tree<'s>(Vec<Module<'s>>);

/// Which files each file needs, and one name that it takes from each.
type Needs = BTreeMap<String, BTreeMap<String, String>>;

/// One line for each cycle.
pub(crate) fn cycles(files: &[File]) -> Vec<String> {
    let rust = files.iter().filter(|file| file.is_rust());
    let sources: Sources = rust
        .map(|file| (file.path.clone(), Imports::of(&file.text)))
        .collect();
    let trees = roots(&sources)
        .into_iter()
        .map(|root| Tree::of(root, &sources));
    let lines: BTreeSet<String> = trees.flat_map(|tree| describe(&tree.needs())).collect();
    lines.into_iter().collect()
}

/// The files that no other file declares as its module. A crate's test modules, which only `#[cfg(test)]` declares, are
/// not roots.
fn roots(sources: &Sources) -> Vec<&str> {
    let declared: BTreeSet<&str> = sources
        .iter()
        .flat_map(|(path, imports)| {
            imports
                .modules
                .iter()
                .filter_map(|module| file_of(path, module, sources))
        })
        .collect();
    let is_root = |path: &&str| {
        let is_named_so = path.ends_with("/lib.rs") || path.ends_with("/main.rs");
        let may_be = is_named_so || !path.contains("/src/") || path.contains("/src/bin/");
        may_be && !declared.contains(path)
    };
    sources.keys().map(String::as_str).filter(is_root).collect()
}

/// The file of a module that the file `parent` declares.
fn file_of<'s>(
    parent: &str,
    (name, path): &(String, Option<String>),
    sources: &'s Sources,
) -> Option<&'s str> {
    let (folder, stem) = parent.rsplit_once('/').unwrap_or(("", parent));
    let stem = stem.trim_end_matches(".rs");
    let mut places = vec![
        format!("{folder}/{name}.rs"),
        format!("{folder}/{name}/mod.rs"),
    ];
    if let Some(path) = path {
        places = vec![format!("{folder}/{path}")];
    } else if !matches!(stem, "lib" | "main" | "mod") {
        places.insert(0, format!("{folder}/{stem}/{name}.rs"));
        places.insert(1, format!("{folder}/{stem}/{name}/mod.rs"));
    }
    let found = places.iter().find_map(|place| sources.get_key_value(place));
    found.map(|(path, _)| path.as_str())
}

impl<'s> Tree<'s> {
    fn of(root: &'s str, sources: &'s Sources) -> Self {
        let mut tree = Self(Vec::new());
        tree.add(root, 0, sources);
        tree
    }

    fn add(&mut self, path: &'s str, parent: usize, sources: &'s Sources) -> usize {
        let (at, imports, children) = (self.0.len(), &sources[path], BTreeMap::new());
        self.0.push(Module {
            path,
            imports,
            parent,
            children,
        });
        for module in &imports.modules {
            if let Some(child) = file_of(path, module, sources) {
                let child = self.add(child, at, sources);
                self.0[at].children.insert(&module.0, child);
            }
        }
        at
    }

    fn needs(&self) -> Needs {
        let mut needs = Needs::new();
        for (at, module) in self.0.iter().enumerate() {
            let imports = module.imports;
            let is_reexport =
                |name: &String| imports.uses[name].is_public && !imports.names.contains(name);
            let uses = imports.uses.iter().filter(|(name, _)| !is_reexport(name));
            let paths = uses.map(|(_, used)| &used.path).chain(&imports.paths);
            let globs = imports.globs.iter();
            let found = paths
                .flat_map(|path| {
                    let mut found = self.definers(at, path, 0);
                    let definer = found.pop();
                    found.retain(|module| !self.is_within(at, *module));
                    found
                        .into_iter()
                        .chain(definer)
                        .map(move |other| (other, path))
                })
                .chain(globs.filter_map(|path| Some((self.module(at, path)?, path))));
            for (other, path) in found.filter(|(other, _)| *other != at) {
                let needed = needs.entry(module.path.to_owned()).or_default();
                let name = path.last().cloned().unwrap_or_default();
                needed.entry(self.0[other].path.to_owned()).or_insert(name);
            }
        }
        needs
    }

    /// The modules that re-export what `path` names, seen from the module `at`, and last the module whose file defines it.
    /// The list is empty if the path names a module, or an item of another crate.
    fn definers(&self, at: usize, path: &[String], depth: usize) -> Vec<usize> {
        let Some((first, rest)) = path.split_first().filter(|_| depth < 20) else {
            return Vec::new();
        };
        let module = &self.0[at];
        match first.as_str() {
            "crate" => return self.definers_within(0, rest, depth),
            "self" => return self.definers_within(at, rest, depth),
            "super" if rest.first().is_some_and(|next| next == "super") => {
                return self.definers(module.parent, rest, depth);
            }
            "super" => return self.definers_within(module.parent, rest, depth),
            _ => {}
        }
        let is_known = module.children.contains_key(first.as_str())
            || module.imports.items.contains(first)
            || module.imports.uses.contains_key(first);
        if is_known {
            self.definers_within(at, path, depth)
        } else {
            Vec::new()
        }
    }

    /// The same for a path whose first name the module `at` itself has.
    fn definers_within(&self, at: usize, path: &[String], depth: usize) -> Vec<usize> {
        let Some((first, rest)) = path.split_first() else {
            return Vec::new();
        };
        let module = &self.0[at];
        if let Some(child) = module.children.get(first.as_str()) {
            return self.definers_within(*child, rest, depth);
        }
        let mut globs = module
            .imports
            .globs
            .iter()
            .filter_map(|glob| self.module(at, glob));
        let defines = |other: &usize| self.0[*other].imports.items.contains(first);
        if module.imports.items.contains(first) {
            vec![at]
        } else if let Some(used) = module.imports.uses.get(first) {
            let whole: Vec<String> = used.path.iter().chain(rest).cloned().collect();
            let mut found = vec![at];
            found.extend(self.definers(at, &whole, depth + 1));
            found
        } else {
            // A name without a definition here comes from a macro of this file.
            vec![globs.find(defines).unwrap_or(at)]
        }
    }

    fn is_within(&self, at: usize, module: usize) -> bool {
        at == module || (at != 0 && self.is_within(self.0[at].parent, module))
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
        if seen.contains(start) {
            continue;
        }
        let Some(way) = way_around(needs, start) else {
            continue;
        };
        let leads_back = |file: &&String| reached(needs, file).contains(start);
        let from_start = reached(needs, start);
        let group: Vec<String> = from_start.iter().filter(leads_back).cloned().collect();
        let steps: Vec<String> = way
            .windows(2)
            .map(|pair| {
                format!(
                    "{} uses `{}` of {}",
                    pair[0], needs[&pair[0]][&pair[1]], pair[1]
                )
            })
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

    /// The number of cycles in a crate whose `lib.rs` declares `a` and `b`. A line is a file: its path in `src` and its text.
    fn found(files: &[&str]) -> usize {
        let file = |line: &&str| {
            let (path, text) = line.split_once(": ").unwrap();
            File::new(&format!("crates/a/src/{path}.rs"), text)
        };
        let lib = "lib: mod a; mod b;";
        cycles(&files.iter().chain([&lib]).map(file).collect::<Vec<_>>()).len()
    }

    #[test]
    fn two_files_that_import_each_other_are_noticed() {
        let a = "a: use crate::b::B; struct A;";
        assert_eq!(found(&[a, "b: use super::a::A; struct B;"]), 1);
        assert_eq!(found(&[a, "b: struct B; fn g() { crate::a::f() }"]), 1);
        assert_eq!(found(&[a, "b: struct B; fn g() { use crate::a::A; }"]), 1);
        assert_eq!(found(&[a, "b: struct B;"]), 0);
    }

    #[test]
    fn a_child_that_imports_its_parents_own_item_is_noticed() {
        let child = "a/c: use super::A; pub struct C;";
        assert_eq!(found(&["a: mod c; struct A(c::C);", child]), 1);
        let imports = "a: mod c; use self::c::C; struct A(C);";
        assert_eq!(found(&[imports, child]), 1);
        let only_reexports = "a: mod c; pub use c::C; struct A;";
        assert_eq!(found(&[only_reexports, child]), 0);
    }

    #[test]
    fn children_may_use_each_others_items_through_their_parent() {
        let parent = "a: mod c; mod d; pub(crate) use c::C; use d::D; fn f(_: D) {}";
        let (c, d) = ("a/c: pub struct C;", "a/d: use super::C; pub struct D(C);");
        assert_eq!(found(&[parent, c, d]), 0);
        let back = "a/c: use crate::a::d::D; pub struct C;";
        assert_eq!(found(&[parent, back, d]), 1);
    }

    #[test]
    fn a_module_is_needed_by_who_uses_its_reexports_from_outside() {
        let files = ["a/c: pub struct C;", "b: use crate::a::C; pub struct B(C);"];
        let of = |a: &str| found(&[&[a], &files[..]].concat());
        assert_eq!(
            of("a: mod c; pub use c::C; use crate::b::B; fn f(_: B) {}"),
            1
        );
        assert_eq!(of("a: mod c; pub use c::C;"), 0);
    }

    #[test]
    fn an_imported_module_is_followed_to_the_item() {
        let a = "a: use crate::b; fn f() { b::g() } fn h() {}";
        assert_eq!(found(&[a, "b: fn g() { crate::a::h() }"]), 1);
        assert_eq!(found(&[a, "b: use crate::a; fn g() {}"]), 0);
    }

    #[test]
    fn tests_and_other_crates_are_not_counted() {
        let a = "a: use crate::b::B; struct A;";
        let with_test = "b: struct B; #[cfg(test)] mod tests { use crate::a::A; }";
        assert_eq!(found(&[a, with_test]), 0);
        assert_eq!(found(&[a, "b: use other::a::A; struct B;"]), 0);
    }

    #[test]
    fn a_module_with_a_path_is_found() {
        let a = "a: #[path = \"x/y.rs\"] mod c; struct A(c::C);";
        assert_eq!(found(&[a, "x/y: use crate::a::A; pub struct C;"]), 1);
    }

    #[test]
    fn a_cycle_is_reported_with_its_files_and_items() {
        let files = [
            File::new("crates/a/src/lib.rs", "mod a; mod b;"),
            File::new("crates/a/src/a.rs", "use crate::b::B; struct A;"),
            File::new("crates/a/src/b.rs", "use crate::a::A; struct B;"),
        ];
        let line = cycles(&files).concat();
        let (a, b) = ("crates/a/src/a.rs", "crates/a/src/b.rs");
        assert!(
            line.contains(&format!("{a} uses `B` of {b}; {b} uses `A` of {a}")),
            "{line}"
        );
    }
}
