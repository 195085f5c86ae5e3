//! The vendors' libraries in other languages: one program per language runs in parallel and measures on request.

use std::{
    cell::RefCell,
    env,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    rc::Rc,
};

use crate::table::{Subject, Table};

/// Adds the libraries of each language to the tables, and returns which languages are missing.
pub(crate) fn add(tables: &mut [Table<'_>], cases: &Path) -> Vec<String> {
    let command = |name: &str, usual: &str| env::var(name).unwrap_or_else(|_| usual.to_owned());
    let mut lacking = Vec::new();
    for (command, program) in [
        (command("PYTHON", "python3"), "verify.py"),
        (command("NODE", "node"), "verify.js"),
    ] {
        let (peer, libraries) = match Peer::start(&command, program, cases) {
            Ok(started) => started,
            Err(why) => {
                lacking.push(why);
                continue;
            }
        };
        let peer = Rc::new(RefCell::new(peer));
        for (vendor, library) in libraries {
            let table = tables.iter_mut().find(|table| table.vendor == vendor);
            let table = table.expect("a vendor of the tables");
            let peer = Rc::clone(&peer);
            table.subjects.push(match library {
                Ok(name) => {
                    let measure =
                        move |milliseconds| peer.borrow_mut().measure(&vendor, milliseconds);
                    Subject::measured(name, Some(Box::new(measure)))
                }
                Err(why) => Subject::measured(why, None),
            });
        }
    }
    lacking
}

/// The libraries of a language: for each vendor the name and version, or why there is none.
type Libraries = Vec<(String, Result<String, String>)>;

/// A program that measures the libraries of one language.
struct Peer {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Peer {
    /// Starts the program and reads which libraries it has.
    fn start(command: &str, program: &str, cases: &Path) -> Result<(Self, Libraries), String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers");
        let mut child = Command::new(command)
            .arg(folder.join(program))
            .arg(cases)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{command} does not start ({error})"))?;
        let (Some(to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(format!("{command} has no pipes"));
        };
        let from = BufReader::new(from);
        let mut peer = Self { child, to, from };
        let mut libraries = Vec::new();
        loop {
            let line = peer.line();
            let mut words = line.splitn(3, '\t');
            match (words.next(), words.next(), words.next()) {
                (Some("ready"), ..) => return Ok((peer, libraries)),
                (Some(vendor), Some("has"), Some(library)) => {
                    libraries.push((vendor.to_owned(), Ok(library.to_owned())));
                }
                (Some(vendor), Some("lacks"), Some(why)) => {
                    libraries.push((vendor.to_owned(), Err(why.to_owned())));
                }
                _ => return Err(format!("{command} says {line:?}")),
            }
        }
    }

    /// Microseconds per delivery, measured for this long.
    fn measure(&mut self, vendor: &str, milliseconds: u128) -> f64 {
        writeln!(self.to, "{vendor}\t{milliseconds}").expect("the program reads");
        let line = self.line();
        let nanoseconds: f64 = line.trim().parse().expect("a number of nanoseconds");
        nanoseconds / 1e3
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.from.read_line(&mut line).expect("the program writes");
        line.trim_end().to_owned()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
