//! The order of the `pub mod` lines in `src/lib.rs` is the layering: a module names only modules that stand
//! earlier. Besides that, the engines do not know one another, and nothing below the faces reads a
//! clock, a disk or a socket.

use std::fs;
use std::path::{Path, PathBuf};

/// Modules in the order of `src/lib.rs`.
fn order() -> Vec<String> {
    let text = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let mods = text.lines().filter_map(|l| l.strip_prefix("pub mod ")?.strip_suffix(';'));
    mods.map(str::to_string).collect()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources(at: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(at).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Every `crate::name` in a text, the names in `crate::{a, b::c}` included.
fn named(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 1;
            let mut part = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    _ => {}
                }
                if depth == 0 || (depth == 1 && c == ',') {
                    names.push(first_word(part.trim()));
                    part.clear();
                } else {
                    part.push(c);
                }
                if depth == 0 {
                    break;
                }
            }
        } else {
            names.push(first_word(rest));
        }
    }
    names
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// Files and the modules they name.
fn uses() -> Vec<(String, PathBuf, Vec<String>)> {
    let src = root().join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut uses = Vec::new();
    for file in files {
        let inside = file.strip_prefix(&src).unwrap();
        let module = first_word(inside.to_str().unwrap());
        let text = fs::read_to_string(&file).unwrap();
        uses.push((module, inside.to_path_buf(), named(&text)));
    }
    uses
}

#[test]
fn a_module_names_only_modules_that_stand_earlier() {
    let order = order();
    assert!(order.len() > 15, "{order:?}");
    let place = |name: &str| order.iter().position(|m| m == name);
    let mut wrong = Vec::new();
    let mut right = 0;
    for (module, file, names) in uses() {
        if module == "lib" || module == "main" {
            continue;
        }
        let own = place(&module).unwrap_or_else(|| panic!("{module} is not in src/lib.rs"));
        for name in names {
            match place(&name) {
                Some(other) if other > own => wrong.push(format!("{} names {name}", file.display())),
                Some(_) => right += 1,
                None => {}
            }
        }
    }
    assert!(right > 100, "the test reads the sources");
    assert!(wrong.is_empty(), "later modules are named:\n{}", wrong.join("\n"));
}

#[test]
fn the_engines_do_not_know_one_another() {
    let engines = ["smtp", "imap", "pop3", "http", "dns", "tcp"];
    for (module, file, names) in uses() {
        if engines.contains(&module.as_str()) {
            for name in names {
                assert!(name == module || !engines.contains(&name.as_str()), "{} names {name}", file.display());
            }
        }
    }
}

#[test]
fn only_the_faces_touch_the_machine() {
    let faces = ["door", "cli", "gui", "main", "lib"];
    let banned = [
        "std::fs",
        "std::env",
        "std::net::Tcp",
        "std::net::Udp",
        "std::thread",
        "std::process",
        "println!",
        "std::time::Instant",
    ];
    let src = root().join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    for file in files {
        let inside = file.strip_prefix(&src).unwrap();
        let is_test = inside.components().any(|c| c.as_os_str().to_str().is_some_and(|n| n.starts_with("tests")));
        if is_test || faces.contains(&first_word(inside.to_str().unwrap()).as_str()) {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        for (number, line) in text.lines().enumerate().filter(|(_, l)| !l.trim_start().starts_with("//")) {
            for word in banned {
                assert!(!line.contains(word), "{}:{} names {word}", inside.display(), number + 1);
            }
        }
    }
}

#[test]
fn the_reader_of_names_sees_groups() {
    assert_eq!(named("use crate::{a, b::{c, d}, e};\nuse crate::f::g;"), ["a", "b", "e", "f"]);
}
