//! The fuzz targets as tests: each with its seeds, damaged in a few thousand ways that are the same on every machine,
//! and with everything that the fuzzer has ever found. How to fuzz: `docs/testing.md`.

mod targets;

use std::fs;
use std::path::{Path, PathBuf};

use mailpath::rng::Seed;

use targets::{ALL, Target};

/// Runs of a target of cost 1.
const RUNS: u32 = 4_000;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Numbers drawn one after another.
struct Dice {
    seed: Seed,
    drawn: u64,
}

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.drawn += 1;
        (self.seed.nth(self.drawn) % n.max(1) as u64) as usize
    }
}

/// Says what went in when something goes wrong.
struct Witness<'a>(&'a Target, &'a [u8]);

impl Drop for Witness<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("target {}, input b\"{}\"", self.0.name, self.1.escape_ascii());
        }
    }
}

fn run(target: &Target, input: &[u8]) {
    let _witness = Witness(target, input);
    (target.run)(input);
}

/// One more piece of damage.
fn damage(input: &mut Vec<u8>, seeds: &[Vec<u8>], dice: &mut Dice) {
    let at = dice.below(input.len() + 1);
    let end = (at + 1 + dice.below(12)).min(input.len());
    match dice.below(9) {
        0 if at < input.len() => input[at] ^= 1 << dice.below(8),
        1 if at < input.len() => input[at] = dice.below(256) as u8,
        2 if at < end => drop(input.drain(at..end)),
        3 if at < end => {
            let part = input[at..end].to_vec();
            input.splice(at..at, part);
        }
        4 => input.truncate(at),
        5 => {
            let words: [&[u8]; 14] = [
                b"\r\n",
                b"\n",
                b"\r",
                b".\r\n",
                b"\0",
                b"\xff\xff",
                b" ",
                b"\"",
                b"99999999999",
                b"-1",
                b"{3}\r\n",
                b"<>",
                b"\x7f",
                b"\xc3\xa4",
            ];
            let word = words[dice.below(words.len())];
            input.splice(at..at, word.iter().copied());
        }
        // The rest of another seed.
        6 => {
            let other = &seeds[dice.below(seeds.len())];
            let from = dice.below(other.len());
            input.truncate(at);
            input.extend_from_slice(&other[from..]);
        }
        7 => input.insert(at, dice.below(256) as u8),
        _ => {
            let long = vec![input.get(at).copied().unwrap_or(b'x'); 1 + dice.below(700)];
            input.splice(at..at, long);
        }
    }
}

#[test]
fn every_target_stands_its_seeds_however_they_are_damaged() {
    let fallen: Vec<&str> =
        ALL.iter().filter(|t| std::panic::catch_unwind(|| stands(t)).is_err()).map(|t| t.name).collect();
    assert!(fallen.is_empty(), "{fallen:?}");
}

fn stands(target: &Target) {
    let seeds = (target.seeds)();
    assert!(!seeds.is_empty(), "{}", target.name);
    seeds.iter().for_each(|seed| run(target, seed));
    run(target, b"");
    let mut dice = Dice { seed: Seed::new(1).child(target.name), drawn: 0 };
    for _ in 0..RUNS / target.cost {
        let mut input = seeds[dice.below(seeds.len())].clone();
        for _ in 0..=dice.below(4) {
            damage(&mut input, &seeds, &mut dice);
        }
        run(target, &input);
    }
}

/// What the fuzzer has found stays found: `findings/TARGET/WHAT-IT-WAS`.
#[test]
fn every_finding_is_mended() {
    let folder = root().join("tests/it/fuzz/findings");
    let mut count = 0;
    for entry in fs::read_dir(&folder).expect("there are findings") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let target = ALL.iter().find(|t| t.name == name).unwrap_or_else(|| panic!("there is no target {name}"));
        for finding in fs::read_dir(&path).expect("a folder of findings") {
            let input = fs::read(finding.expect("an entry").path()).expect("a finding");
            run(target, &input);
            count += 1;
        }
    }
    assert!(count > 0);
}

#[test]
fn the_fuzzer_has_a_binary_for_every_target() {
    let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).expect("the fuzzer's manifest");
    let binary = |name: &str| {
        let path = format!("fuzz_targets/{name}.rs");
        assert!(manifest.contains(&format!("[[bin]]\nname = \"{name}\"\npath = \"{path}\"\n")), "{name}");
        fs::read_to_string(Path::new(&root()).join("fuzz").join(path)).unwrap_or_default()
    };
    for target in ALL {
        assert!(binary(target.name).contains(&format!("run(\"{}\", data)", target.name)), "{}", target.name);
    }
    assert_eq!(manifest.matches("[[bin]]").count(), ALL.len() + 1, "each target, and all in one");
}
