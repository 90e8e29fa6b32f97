//! POP3 (RFC 1939): commands and answers, in Wireshark's fields. There the protocol is called POP, and the first line
//! of a segment is the command or the answer; all other lines are its data.

use std::ops::Range;

use super::cut::{Cut, bare, lines as lines_of, text};
use super::{Field, LayerKind};
use crate::topology::Side;

const LAYER: (&str, &str, LayerKind) = ("Post Office Protocol", "pop", LayerKind::Application);

/// Lines up to `end` of the frame; `begins`: the first one is a command, or the first line of an answer.
pub(super) fn lines(cut: &mut Cut<'_>, end: usize, side: Side, begins: bool) {
    let (whole, word, rest, data) = match side {
        Side::Client => ("pop.request", "pop.request.command", "pop.request.parameter", "pop.request.data"),
        Side::Server => ("pop.response", "pop.response.indicator", "pop.response.description", "pop.response.data"),
    };
    let labels = match side {
        Side::Client => ("Request", "Request command", "Request parameter"),
        Side::Server => ("Response", "Response indicator", "Response description"),
    };
    let mut fields = Vec::new();
    let mut at = cut.at;
    for line in lines_of(&cut.frame[cut.at..end]) {
        let span = at..at + line.len();
        fields.push(match begins && at == cut.at {
            true => {
                let parts = words(bare(line), at, (word, labels.1), (rest, labels.2));
                text(whole, labels.0, bare(line), span).with(parts)
            }
            false => text(data, "Data", bare(line), span),
        });
        at += line.len();
    }
    let summary = fields.first().map(|f| f.value.clone()).unwrap_or_default();
    cut.layer(LAYER, end - cut.at, summary, fields);
}

type Named = (&'static str, &'static str);

fn words(line: &[u8], at: usize, word: Named, rest: Named) -> Vec<Field> {
    let first = line.split(|b| *b == b' ').next().unwrap_or_default();
    let place = |range: Range<usize>| at + range.start..at + range.end;
    let mut parts = Vec::new();
    if !first.is_empty() {
        parts.push(text(word.0, word.1, first, place(0..first.len())));
    }
    let behind = line[first.len()..].iter().take_while(|b| **b == b' ').count() + first.len();
    if behind < line.len() {
        parts.push(text(rest.0, rest.1, &line[behind..], place(behind..line.len())));
    }
    parts
}

/// The line of one dot behind a mail, up to `end` of the frame, if any of it is there.
pub(super) fn end_of_mail(cut: &mut Cut<'_>, end: usize) {
    if cut.at < end {
        let length = end - cut.at;
        let dot = cut.plain("pop", "End of mail", (0, length), "a line with only a dot".to_string());
        cut.layer(LAYER, length, "S: .".to_string(), vec![dot]);
    }
}
