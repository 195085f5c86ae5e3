//! Rules about single lines of code, and the comment that excuses a line from one of them.
//!
//! `// tidy: <rule>: <why>` excuses the line that it ends, or the next line of code below it.

use super::files::{File, Line};

/// A rule about what a line of code must not contain.
pub(crate) struct Rule {
    /// The name that an excuse gives.
    pub(crate) name: &'static str,
    /// Whether the rule looks at this file.
    pub(crate) applies: fn(&File) -> bool,
    pub(crate) lines: Lines,
    /// Whether this line breaks the rule.
    pub(crate) is_broken: fn(&str) -> bool,
    pub(crate) remedy: &'static str,
    /// What the rule notices, and what it does not: a path, a bad line and a good line.
    pub(crate) samples: &'static [(&'static str, &'static str, &'static str)],
}

/// The lines of a file that a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lines {
    All,
    OfTests,
    NotOfTests,
}

impl Rule {
    fn is_broken_by(&self, file: &File, line: &Line<'_>) -> bool {
        let counts = match self.lines {
            Lines::All => true,
            Lines::OfTests => line.is_test,
            Lines::NotOfTests => !line.is_test,
        };
        counts && (self.applies)(file) && (self.is_broken)(line.text)
    }

    /// The lines that break the rule without an excuse.
    pub(crate) fn broken(&self, files: &[File]) -> Vec<String> {
        let is_sample = |file: &File| file.path.starts_with("tests/tidy/");
        let rust = files
            .iter()
            .filter(|file| file.is_rust() && !is_sample(file));
        let applies = rust.filter(|file| (self.applies)(file));
        applies
            .flat_map(|file| {
                let excuses = excuses(file);
                let excused = move |line: &Line<'_>| {
                    let of_line = excuses.iter().filter(|excuse| excuse.line == line.number);
                    of_line.filter(|excuse| excuse.rule == self.name).count() > 0
                };
                let lines = file.code().filter(|line| self.is_broken_by(file, line));
                lines
                    .filter(move |line| !excused(line))
                    .map(|line| format!("{}:{}: {}", file.path, line.number, line.text.trim()))
            })
            .collect()
    }
}

/// One `// tidy: <rule>: <why>`, and the line that it excuses.
struct Excuse<'f> {
    line: usize,
    rule: &'f str,
    why: &'f str,
}

fn excuses(file: &File) -> Vec<Excuse<'_>> {
    let mut found = Vec::new();
    let mut above: Vec<(&str, &str)> = Vec::new();
    for (at, line) in file.text.lines().enumerate() {
        let excuse = line.split_once("// tidy: ").map(|(before, text)| {
            let (rule, why) = text.split_once(": ").unwrap_or((text, ""));
            (before.trim().is_empty(), (rule, why))
        });
        if let Some((true, excuse)) = excuse {
            above.push(excuse);
        } else if !line.trim_start().starts_with("//") {
            let of_line = excuse.map(|(_, excuse)| excuse);
            let all = above.drain(..).chain(of_line);
            found.extend(all.map(|(rule, why)| Excuse {
                line: at + 1,
                rule,
                why,
            }));
        }
    }
    found
}

/// Excuses that excuse no line, name no rule or give no reason. `// tidy: long: <why>` is about its whole file.
pub(crate) fn idle_excuses(files: &[File], rules: &[Rule]) -> Vec<String> {
    let others = files
        .iter()
        .filter(|file| file.is_rust() && !file.path.starts_with("tests/tidy"));
    others
        .flat_map(|file| {
            let excuses = excuses(file)
                .into_iter()
                .filter(|excuse| excuse.rule != "long");
            excuses.filter_map(|excuse| {
                let place = format!("{}:{}: `tidy: {}`", file.path, excuse.line, excuse.rule);
                let Some(rule) = rules.iter().find(|rule| rule.name == excuse.rule) else {
                    return Some(format!("{place} names no rule; see tests/tidy/sources.rs"));
                };
                let broken =
                    |line: Line<'_>| line.number == excuse.line && rule.is_broken_by(file, &line);
                if excuse.why.trim().is_empty() {
                    Some(format!(
                        "{place} says no reason; write `// tidy: {}: <why>`",
                        rule.name
                    ))
                } else if file.code().any(broken) {
                    None
                } else {
                    Some(format!("{place} excuses nothing; remove it"))
                }
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_X: Rule = Rule {
        name: "no-x",
        applies: |_| true,
        lines: Lines::NotOfTests,
        is_broken: |line| line.contains('x'),
        remedy: "write y",
        samples: &[],
    };

    fn file(text: &str) -> [File; 1] {
        [File::new("crates/a/src/b.rs", text)]
    }

    #[test]
    fn an_excuse_at_the_place_is_accepted() {
        for (text, count) in [
            ("x();", 1),
            ("// x();", 0),
            ("x(); // tidy: no-x: y is taken", 0),
            ("// tidy: no-x: y is taken\n// and z too\nx();", 0),
            ("// tidy: no-x: y is taken\na();\nx();", 1),
            ("x(); // tidy: no-z: y is taken", 1),
            ("#[cfg(test)]\nmod tests {\n    x();\n}", 0),
        ] {
            assert_eq!(NO_X.broken(&file(text)).len(), count, "{text}");
        }
    }

    #[test]
    fn an_idle_excuse_is_noticed() {
        for (text, count) in [
            ("x(); // tidy: no-x: y is taken", 0),
            ("y(); // tidy: no-x: y is taken", 1),
            ("x(); // tidy: no-x", 1),
            ("x(); // tidy: no-z: y is taken", 1),
            ("// tidy: long: one table\ny();", 0),
        ] {
            assert_eq!(idle_excuses(&file(text), &[NO_X]).len(), count, "{text}");
        }
    }
}
