//! Which rows the column has at a moment, and where: lines, captions, and the mail, folded or open.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::explain::dialogue::{Dialogue, Kind, MailPart, Row};
/// A line of the dialogue.
pub const ROW: f32 = 28.0;
/// A folded mail: what it is, and what is in it.
const BLOCK: f32 = 46.0;
/// Above the first row.
const TOP: f32 = 6.0;
/// The caption under the first reply.
const CAPTION: f32 = 22.0;
/// A line inside an opened mail.
const INNER: f32 = 24.0;
/// Above and below an opened mail.
const PAD: f32 = 6.0;

/// Bytes in a line of an opened object.
const DUMP: u64 = 8;

/// What one piece of the column shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bit {
    /// The row itself.
    Row,
    /// Another line of it: of a reply in several lines, of a head.
    More(usize),
    /// The caption under it.
    Caption,
    /// A line of the opened mail: of which part, and its bytes in the stream, line end included.
    Inner(MailPart, Range<u64>),
    /// Bytes of an opened object.
    Dump(Range<u64>),
}

/// A piece of the column.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// Of which row of the dialogue.
    pub row: usize,
    /// What of it.
    pub bit: Bit,
    /// Upper edge.
    pub top: f32,
    /// Height.
    pub height: f32,
}

/// A section of an opened mail, for its brace.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Brace {
    /// Of which row of the dialogue.
    pub row: usize,
    /// Which section.
    pub part: MailPart,
    /// Upper edge.
    pub top: f32,
    /// Lower edge.
    pub bottom: f32,
}

/// The column at a moment.
#[derive(Clone, Debug, Default)]
pub struct Column {
    /// Pieces from above to below.
    pub pieces: Vec<Piece>,
    /// The sections of opened mails.
    pub braces: Vec<Brace>,
    /// The upper and the lower edge of each row with all that belongs to it.
    pub rows: Vec<Range<f32>>,
    /// Its height.
    pub height: f32,
}

impl Column {
    /// The rows of a dialogue that were written before `horizon`, with these mails open.
    pub fn new(dialogue: &Dialogue, horizon: usize, open: &BTreeSet<usize>) -> Column {
        let mut c = Column { height: TOP, ..Column::default() };
        for (i, row) in dialogue.rows[..dialogue.visible(horizon)].iter().enumerate() {
            let top = c.height;
            c.push(i, Bit::Row, if matches!(row.kind, Kind::Mail(_)) { BLOCK } else { ROW });
            for line in 0..row.more.len() {
                c.push(i, Bit::More(line), ROW);
            }
            if row.caption.is_some() {
                c.push(i, Bit::Caption, CAPTION);
            }
            if open.contains(&i) {
                c.height += PAD;
                c.opened(i, row, dialogue);
                c.height += PAD;
            }
            c.rows.push(top..c.height);
        }
        c
    }

    /// What is in a block.
    fn opened(&mut self, i: usize, row: &Row, dialogue: &Dialogue) {
        match &row.kind {
            Kind::Mail(mail) => {
                for section in &mail.sections {
                    let top = self.height;
                    for (_, range) in dialogue.lines(row.speaker, &section.range) {
                        self.push(i, Bit::Inner(section.part, range), INNER);
                    }
                    self.braces.push(Brace { row: i, part: section.part, top, bottom: self.height });
                }
            }
            Kind::Object(_) => {
                let mut at = row.range.start;
                while at < row.range.end {
                    let end = (at + DUMP).min(row.range.end);
                    self.push(i, Bit::Dump(at..end), INNER);
                    at = end;
                }
            }
            Kind::Line | Kind::Event(_) => {}
        }
    }

    fn push(&mut self, row: usize, bit: Bit, height: f32) {
        self.pieces.push(Piece { row, bit, top: self.height, height });
        self.height += height;
    }

    /// The pieces that lie between two heights.
    pub fn between(&self, top: f32, bottom: f32) -> &[Piece] {
        let from = self.pieces.partition_point(|p| p.top + p.height < top);
        let until = self.pieces.partition_point(|p| p.top <= bottom);
        &self.pieces[from..until.max(from)]
    }
}
