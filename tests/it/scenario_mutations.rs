//! Two thousand damaged scenario files: bytes changed, parts cut out or doubled, words exchanged, numbers
//! altered. Nothing panics; each is taken or refused with line and column.

use std::sync::Arc;

use mailpath::rng::Seed;
use mailpath::scenario::{self, BUILT_IN};
use mailpath::sim::World;
use mailpath::trace::Level;

use crate::scenario_mistakes::refusal_is_well_formed;

const MUTATIONS: u64 = 2_000;

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
    fn one_of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }
}

/// The tokens of JSON, each with its place.
fn tokens(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let (mut list, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let start = at;
        match bytes[at] {
            b'"' => {
                at += 1;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at += 1;
            }
            b if b.is_ascii_alphanumeric() || b == b'-' => {
                while at < bytes.len() && (bytes[at].is_ascii_alphanumeric() || b"-.+".contains(&bytes[at])) {
                    at += 1;
                }
            }
            b if b.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            _ => at += 1,
        }
        list.push((start, at.min(bytes.len())));
    }
    list
}

fn damaged(text: &str, dice: &mut Dice) -> String {
    let mut bytes = text.as_bytes().to_vec();
    match dice.below(8) {
        0 => {
            let at = dice.below(bytes.len());
            bytes[at] ^= 1 << dice.below(8);
        }
        1 => {
            let at = dice.below(bytes.len());
            let end = (at + 1 + dice.below(40)).min(bytes.len());
            bytes.drain(at..end);
        }
        2 => {
            let at = dice.below(bytes.len());
            let end = (at + 1 + dice.below(200)).min(bytes.len());
            let part = bytes[at..end].to_vec();
            bytes.splice(end..end, part);
        }
        3 => {
            bytes.truncate(dice.below(bytes.len()));
        }
        4 | 5 => {
            // One token takes the place of another: mostly still JSON.
            let list = tokens(text);
            let is_word = |t: &&(usize, usize)| text.as_bytes()[t.0] == b'"';
            let words: Vec<(usize, usize)> = list.iter().filter(is_word).copied().collect();
            if words.is_empty() {
                // A first damage has left less than one word.
                return text.to_owned();
            }
            let (from, to) = (dice.one_of(&words), dice.one_of(&words));
            bytes.splice(to.0..to.1, text.as_bytes()[from.0..from.1].to_vec());
        }
        6 => {
            let list = tokens(text);
            if list.is_empty() {
                return text.to_owned();
            }
            let (from, to) = (dice.one_of(&list), dice.one_of(&list));
            bytes.splice(to.0..to.1, text.as_bytes()[from.0..from.1].to_vec());
        }
        _ => {
            // A digit, wherever it stands: in a number, a time, an address, a port.
            let digits: Vec<usize> = (0..bytes.len()).filter(|i| bytes[*i].is_ascii_digit()).collect();
            if digits.is_empty() {
                return text.to_owned();
            }
            let at = dice.one_of(&digits);
            let new: &[u8] =
                dice.one_of(&[&b"0"[..], b"-1", b"99999999999999999999", b"1.5", b"7", b"65536", b"", b"1e9", b"256"]);
            bytes.splice(at..at + 1, new.iter().copied());
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn two_thousand_damaged_files_are_taken_or_refused_with_line_and_column() {
    let (mut taken, mut refused) = (0, 0);
    let mut kinds = std::collections::BTreeSet::new();
    for n in 0..MUTATIONS {
        let (name, text) = BUILT_IN[n as usize % BUILT_IN.len()];
        let mut dice = Dice { seed: Seed::new(n), drawn: 0 };
        let mut text = text.to_owned();
        // Half of them are damaged in one place only, the others in two.
        for _ in 0..=dice.below(2) {
            if !text.is_empty() {
                text = damaged(&text, &mut dice);
            }
        }
        match scenario::parse(name, &text) {
            Ok(scenario) => {
                taken += 1;
                // What was taken is ready, and a world can be made from it and begin.
                let run = scenario.runs.last().map(|r| r.id.clone());
                let ready = scenario.ready(run.as_deref()).unwrap_or_else(|p| panic!("{n}: {p}"));
                let mut world = World::new(Arc::new(ready.setup), Level::Counters);
                (0..200).all(|_| world.step());
            }
            Err(problems) => {
                refused += 1;
                kinds.extend(problems.iter().map(|p| p.kind()));
                refusal_is_well_formed(&problems, &text);
            }
        }
    }
    // The damage is neither always deadly nor always harmless, and many rules are met.
    assert!(taken > 100 && refused > 1_000 && kinds.len() > 25, "{taken} taken, {refused} refused: {kinds:?}");
}

#[test]
fn texts_that_are_hardly_json_are_refused() {
    for text in [
        "",
        " ",
        "\u{feff}{}",
        "{",
        "[",
        "null",
        "[]",
        "{}",
        "\"",
        "{\"format\":1}",
        "{\"format\":\"1\"}",
        "\u{0}",
        "é",
        "{\"é\": 1, \r\n \"é\": 2}",
        "//",
        "/*",
        "{\"format\":1e0}",
    ] {
        let problems = scenario::parse("x.json", text).expect_err(text);
        refusal_is_well_formed(&problems, text);
    }
    let deep = "[".repeat(100_000);
    refusal_is_well_formed(&scenario::parse("x.json", &deep).unwrap_err(), &deep);
    let deep = "{\"a\":".repeat(10_000);
    refusal_is_well_formed(&scenario::parse("x.json", &deep).unwrap_err(), &deep);
}
