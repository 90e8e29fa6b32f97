//! The list filtered by words. (The language of display filters is another thing.)

use std::fmt::Write;

use memchr::memmem::Finder;

use super::{PacketRow, Packets};
use crate::trace::{Log, Names};

/// A phrase whose second quotation mark is missing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at {at}: the quotation mark is not closed; expected another \" behind the phrase")]
pub struct OpenQuote {
    /// Offset of the mark in the text, in bytes.
    pub at: usize,
}

/// A word that is looked for.
struct Word {
    finder: Finder<'static>,
    /// The word as a number, for the columns that are compared as a whole.
    number: Option<usize>,
}

/// The places of the rows in which every word of `text` occurs, in any column, in capitals or small letters:
/// `smtp mail.b 250`. Words in quotation marks are a phrase. A number is looked for in the texts, and is
/// compared with the row's number (from 1) and its length as a whole.
///
/// # Errors
/// If a quotation mark is not closed.
pub fn filter(text: &str, packets: &Packets, names: &Names, log: &Log) -> Result<Vec<u32>, OpenQuote> {
    let words = words(text)?;
    let mut line = String::new();
    let all = 0..packets.rows().len() as u32;
    if words.is_empty() {
        return Ok(all.collect());
    }
    Ok(all
        .filter(|place| {
            let row = &packets.rows()[*place as usize];
            line.clear();
            write_columns(&mut line, packets, names, log, row);
            line.make_ascii_lowercase();
            words.iter().all(|word| {
                let same = word.number.is_some_and(|n| n == *place as usize + 1 || n == row.length);
                same || word.finder.find(line.as_bytes()).is_some()
            })
        })
        .collect())
}

fn words(text: &str) -> Result<Vec<Word>, OpenQuote> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (word, behind) = match rest.strip_prefix('"') {
            Some(phrase) => phrase.split_once('"').ok_or(OpenQuote { at: text.len() - rest.len() })?,
            None => {
                let end = rest.find(|c: char| c.is_whitespace() || c == '"').unwrap_or(rest.len());
                rest.split_at(end)
            }
        };
        if !word.is_empty() {
            let word = word.to_ascii_lowercase();
            words.push(Word { number: word.parse().ok(), finder: Finder::new(word.as_bytes()).into_owned() });
        }
        rest = behind.trim_start();
    }
    Ok(words)
}

/// All columns that are text, with a line end between them so that no word spans two.
fn write_columns(line: &mut String, packets: &Packets, names: &Names, log: &Log, row: &PacketRow) {
    let to = row.to.map_or("", |to| names.node(to));
    // A string cannot fail to be written to.
    let _ = write!(line, "{}\n{}\n{}\n{to}\n{}\n", row.src, row.dst, names.node(row.from), row.protocol);
    packets.info_into(line, log, row);
}
