//! What a standard demands, rule by rule, and which test shows that it is done: `docs/conformance-NAME.md` is written
//! from the tables here. A table of another standard is one more file beside `imap.rs` and one more line in [`TABLES`].
//!
//! `INSTA_UPDATE=always cargo test conformance` writes the documents anew.

mod imap;
mod pop3;
mod smtp;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use Level::{May, Must, MustNot, Should, ShouldNot};

/// All tables, each with a document of its own.
const TABLES: &[&Table] = &[&imap::TABLE, &smtp::TABLE, &pop3::TABLE];

/// The rules of one standard.
struct Table {
    /// The document is `docs/conformance-NAME.md`.
    name: &'static str,
    /// Its heading.
    title: &'static str,
    /// What the table covers, and what it does not.
    about: &'static str,
    /// In the order of the standard.
    rules: &'static [Rule],
}

/// How strongly a standard speaks (RFC 2119).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(dead_code, reason = "a table need not have rules of every level")]
enum Level {
    Must,
    MustNot,
    Should,
    ShouldNot,
    May,
}

impl Level {
    fn words(self) -> &'static str {
        match self {
            Must => "MUST",
            MustNot => "MUST NOT",
            Should => "SHOULD",
            ShouldNot => "SHOULD NOT",
            May => "MAY",
        }
    }
}

/// One rule.
struct Rule {
    /// Of the standard; a number in it alone may be that of another RFC, which is then named: `RFC 2177`.
    section: &'static str,
    level: Level,
    /// Who has to keep it, and what it says, in few words.
    says: &'static str,
    shown: Shown,
}

/// How it is known that a rule is kept.
enum Shown {
    /// By tests, each by the path with which it is run.
    By(&'static [&'static str]),
    /// It is not kept, or nothing shows it; why.
    Not(&'static str),
}

const fn rule(section: &'static str, level: Level, says: &'static str, tests: &'static [&'static str]) -> Rule {
    Rule { section, level, says, shown: Shown::By(tests) }
}

const fn not(section: &'static str, level: Level, says: &'static str, why: &'static str) -> Rule {
    Rule { section, level, says, shown: Shown::Not(why) }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

impl Table {
    fn document(&self) -> String {
        let shown = self.rules.iter().filter(|r| matches!(r.shown, Shown::By(_))).count();
        let mut text = format!("# {}\n\n", self.title);
        text += "<!-- Written by the tests (tests/it/conformance). -->\n\n";
        let _ = writeln!(text, "{}\n", self.about);
        let _ = writeln!(text, "{} rules, {shown} of them shown by tests.\n", self.rules.len());
        text += "| section | level | rule | shown by |\n|---|---|---|---|\n";
        for rule in self.rules {
            let shown = match rule.shown {
                Shown::By(tests) => tests.iter().map(|t| format!("`{t}`")).collect::<Vec<_>>().join("<br>"),
                Shown::Not(why) => format!("not done: {why}"),
            };
            let _ = writeln!(
                text,
                "| {} | {} | {} | {shown} |",
                rule.section,
                rule.level.words(),
                rule.says.replace('|', "\\|")
            );
        }
        text
    }
}

#[test]
fn the_documents_are_fresh() {
    for table in TABLES {
        let path = root().join(format!("docs/conformance-{}.md", table.name));
        let document = table.document();
        if std::env::var("INSTA_UPDATE").is_ok_and(|v| v == "always") {
            fs::write(&path, &document).expect("the document can be written");
        }
        let written = fs::read_to_string(&path).unwrap_or_default();
        assert!(written == document, "{} is out of date: run with INSTA_UPDATE=always", path.display());
    }
}

#[test]
fn every_test_that_is_named_exists() {
    let known = tests();
    for table in TABLES {
        for rule in table.rules {
            let Shown::By(named) = rule.shown else { continue };
            assert!(!named.is_empty(), "{} {}: no test is named", table.name, rule.section);
            for name in named {
                let last = name.rsplit("::").next().unwrap_or_default();
                let near: Vec<&String> = known.iter().filter(|k| k.ends_with(&format!("::{last}"))).collect();
                assert!(known.contains(*name), "{} {}: there is no test {name}; {near:?}", table.name, rule.section);
            }
        }
    }
}

#[test]
fn no_rule_is_listed_twice_and_their_order_is_that_of_the_standard() {
    for table in TABLES {
        let said: BTreeSet<(&str, &str)> = table.rules.iter().map(|r| (r.section, r.says)).collect();
        assert_eq!(said.len(), table.rules.len(), "{}: a rule is there twice", table.name);
        // Sections of the standard itself come in order; those of other RFCs stand behind them.
        let numbered = table.rules.iter().filter(|r| r.section.starts_with(|c: char| c.is_ascii_digit()));
        let places: Vec<Vec<u32>> =
            numbered.map(|r| r.section.split('.').map(|n| n.parse().expect("a number")).collect()).collect();
        assert!(places.is_sorted(), "{}: sections out of order", table.name);
    }
}

/// Paths of all tests, as they are run: `imap::server::view::tests::name`; those of `tests/it` begin with `it::`.
fn tests() -> BTreeSet<String> {
    let mut files = BTreeMap::new();
    sources(&root().join("src"), "", &mut files);
    sources(&root().join("tests/it"), "it", &mut files);
    let mut found = BTreeSet::new();
    for (module, text) in &files {
        let mut inline: Vec<(usize, String)> = Vec::new();
        let mut marked = false;
        for line in text.lines() {
            let depth = line.len() - line.trim_start().len();
            let words = line.trim_start();
            if words == "}" {
                inline.retain(|(at, _)| *at < depth);
            } else if let Some(name) = words.strip_prefix("mod ").and_then(|m| m.strip_suffix(" {")) {
                inline.push((depth, name.to_string()));
            } else if words.starts_with("#[test]") {
                marked = true;
            } else if let Some(name) = words.strip_prefix("fn ").and_then(|f| f.split_once('(')).map(|f| f.0) {
                if marked {
                    let mut path = vec![module.clone()];
                    path.extend(inline.iter().map(|i| i.1.clone()));
                    path.push(name.to_string());
                    path.retain(|part| !part.is_empty());
                    found.insert(path.join("::"));
                }
                marked = false;
            }
        }
    }
    found
}

/// Source files by the path of their module.
fn sources(at: &Path, module: &str, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(at).expect("a folder of the project") {
        let path = entry.expect("an entry").path();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let below = match stem.as_str() {
            "mod" | "lib" | "main" => module.to_string(),
            _ if module.is_empty() => stem,
            _ => format!("{module}::{stem}"),
        };
        if path.is_dir() {
            sources(&path, &below, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.entry(below).or_default().push_str(&fs::read_to_string(&path).expect("a source file"));
        }
    }
}
