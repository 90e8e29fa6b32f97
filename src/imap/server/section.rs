//! RFC 3501 section 6.4.5: `BODY[section]<partial>`. A section is named by where its bytes stand in the stored
//! letter, so that every byte sent can be followed back.

use std::ops::Range;

use imap_codec::imap_types::core::AString;
use imap_codec::imap_types::fetch::{Part, Section};

use super::mime::{self, Entity, Kind};
use crate::message::body_start;

/// Bytes of a letter in pieces, and perhaps an empty line that does not stand in the letter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Extract {
    /// In the order in which they are sent.
    pub pieces: Vec<Range<usize>>,
    /// Written behind them.
    pub tail: &'static [u8],
}

impl Extract {
    fn of(range: Range<usize>) -> Self {
        Extract { pieces: vec![range], tail: b"" }
    }

    /// Cuts `<origin.count>` out.
    pub fn partial(mut self, origin: u32, count: u32) -> Self {
        let (mut skip, mut room) = (origin as usize, count as usize);
        for piece in &mut self.pieces {
            let cut = skip.min(piece.len());
            skip -= cut;
            piece.start += cut;
            piece.end = piece.end.min(piece.start.saturating_add(room));
            room -= piece.len();
        }
        self.pieces.retain(|piece| !piece.is_empty());
        let cut = skip.min(self.tail.len());
        self.tail = &self.tail[cut..];
        self.tail = &self.tail[..room.min(self.tail.len())];
        self
    }
}

/// Finds a section; nothing when there is no such part.
pub(super) fn find(letter: &[u8], section: Option<&Section<'_>>) -> Option<Extract> {
    let (part, rest) = match section {
        None => return Some(Extract::of(0..letter.len())),
        Some(Section::Part(part)) => (Some(part), Rest::All),
        Some(Section::Mime(part)) => (Some(part), Rest::Mime),
        Some(Section::Header(part)) => (part.as_ref(), Rest::Header),
        Some(Section::Text(part)) => (part.as_ref(), Rest::Text),
        Some(Section::HeaderFields(part, names)) => (part.as_ref(), Rest::Fields(names.as_ref(), true)),
        Some(Section::HeaderFieldsNot(part, names)) => (part.as_ref(), Rest::Fields(names.as_ref(), false)),
    };
    let (header, body) = match part {
        None => (0..body_start(letter), body_start(letter)..letter.len()),
        Some(part) => {
            let root = Entity::read(letter);
            let entity = descend(&root, part)?;
            match rest {
                Rest::All => return Some(Extract::of(entity.body.clone())),
                Rest::Mime => return Some(Extract::of(entity.header.clone())),
                // HEADER and TEXT of a part are those of the letter that is enclosed in it.
                _ => match &entity.kind {
                    Kind::Message(inner) => (inner.header.clone(), inner.body.clone()),
                    _ => return None,
                },
            }
        }
    };
    Some(match rest {
        Rest::Fields(names, wanted) => fields(letter, header, names, wanted),
        Rest::Text => Extract::of(body),
        _ => Extract::of(header),
    })
}

enum Rest<'a> {
    All,
    Mime,
    Header,
    Text,
    Fields(&'a [AString<'a>], bool),
}

/// Walks part numbers. A letter that is not multipart has one part, number 1: its body.
fn descend<'e>(root: &'e Entity, part: &Part) -> Option<&'e Entity> {
    let mut entity = root;
    for (depth, number) in part.0.as_ref().iter().enumerate() {
        let number = number.get() as usize;
        // An enclosed letter's parts are numbered below the part that holds it.
        if depth > 0 {
            match &entity.kind {
                Kind::Message(inner) => entity = inner,
                Kind::Multi(_) => {}
                Kind::Single => return None,
            }
        }
        match &entity.kind {
            Kind::Multi(parts) => entity = parts.get(number - 1)?,
            _ if number == 1 => {}
            _ => return None,
        }
    }
    Some(entity)
}

/// The named fields (or the others), and the empty line behind a header.
fn fields(letter: &[u8], header: Range<usize>, names: &[AString<'_>], wanted: bool) -> Extract {
    let start = header.start;
    let named = |field: &str| names.iter().any(|name| field.as_bytes().eq_ignore_ascii_case(name.as_ref()));
    let mut pieces: Vec<Range<usize>> = Vec::new();
    for (name, range) in mime::fields(&letter[header.clone()]) {
        if named(&name) == wanted {
            let range = start + range.start..start + range.end;
            match pieces.last_mut() {
                Some(last) if last.end == range.start => last.end = range.end,
                _ => pieces.push(range),
            }
        }
    }
    let text = &letter[header.clone()];
    if text.ends_with(b"\r\n\r\n") || text == b"\r\n" {
        pieces.push(header.end - 2..header.end);
        Extract { pieces, tail: b"" }
    } else {
        // The letter ends with its header.
        Extract { pieces, tail: if text.ends_with(b"\n") || text.is_empty() { b"\r\n" } else { b"\r\n\r\n" } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use imap_codec::decode::Decoder;
    use imap_codec::imap_types::command::CommandBody;
    use imap_codec::imap_types::fetch::{MacroOrMessageDataItemNames, MessageDataItemName};

    const LETTER: &str = "From: a\r\nSubject: long\r\n one\r\nTo: b\r\n\r\nhello\r\n";

    fn text(letter: &str, item: &str) -> Option<String> {
        let line = format!("a FETCH 1 {item}\r\n");
        let (_, command) = imap_codec::CommandCodec::new().decode(line.as_bytes()).unwrap();
        let CommandBody::Fetch {
            macro_or_item_names: MacroOrMessageDataItemNames::MessageDataItemNames(names), ..
        } = command.body
        else {
            panic!("{item}")
        };
        let MessageDataItemName::BodyExt { section, partial, .. } = &names[0] else { panic!("{item}") };
        let mut extract = find(letter.as_bytes(), section.as_ref())?;
        if let Some((origin, count)) = partial {
            extract = extract.partial(*origin, count.get());
        }
        let mut out = String::new();
        extract.pieces.into_iter().for_each(|r| out.push_str(&letter[r]));
        out.push_str(std::str::from_utf8(extract.tail).unwrap());
        Some(out)
    }

    #[test]
    fn a_section_is_cut_out_of_the_letter() {
        let of = |item| text(LETTER, item).unwrap();
        assert_eq!(of("BODY[]"), LETTER);
        assert_eq!(of("BODY[HEADER]"), "From: a\r\nSubject: long\r\n one\r\nTo: b\r\n\r\n");
        assert_eq!(of("BODY[TEXT]"), "hello\r\n");
        assert_eq!(of("BODY[1]"), "hello\r\n");
        assert_eq!(of("BODY[HEADER.FIELDS (subject FROM)]"), "From: a\r\nSubject: long\r\n one\r\n\r\n");
        assert_eq!(of("BODY[HEADER.FIELDS.NOT (subject)]"), "From: a\r\nTo: b\r\n\r\n");
        assert_eq!(of("BODY[HEADER.FIELDS (x)]"), "\r\n");
        assert_eq!(text(LETTER, "BODY[2]"), None);
        assert_eq!(text(LETTER, "BODY[1.HEADER]"), None);
        assert_eq!(text("A: b\r\n", "BODY[HEADER.FIELDS (a)]").unwrap(), "A: b\r\n\r\n");
    }

    #[test]
    fn a_partial_section_is_a_part_of_the_whole() {
        let of = |item| text(LETTER, item).unwrap();
        assert_eq!(of("BODY[TEXT]<1.3>"), "ell");
        assert_eq!(of("BODY[TEXT]<5.100>"), "\r\n");
        assert_eq!(of("BODY[TEXT]<7.1>"), "");
        assert_eq!(of("BODY[HEADER.FIELDS (from to)]<6.12>"), "a\r\nTo: b\r\n\r\n");
        assert_eq!(text("A: b\r\n", "BODY[HEADER.FIELDS (a)]<5.2>").unwrap(), "\n\r");
    }

    #[test]
    fn parts_are_numbered_as_in_the_rfc() {
        let letter = "Content-Type: multipart/mixed; boundary=\"x\"\r\n\r\nbefore\r\n\
            --x\r\n\r\none\r\n--x\r\n\
            Content-Type: message/rfc822\r\n\r\nSubject: inner\r\nContent-Type: multipart/alternative; boundary=y\r\n\r\n\
            --y\r\nContent-Type: text/html\r\n\r\ntwo\r\n--y--\r\n--x--\r\nafter\r\n";
        let of = |item| text(letter, item).unwrap();
        assert_eq!(of("BODY[1]"), "one");
        assert_eq!(of("BODY[1.MIME]"), "\r\n");
        assert_eq!(of("BODY[2.MIME]"), "Content-Type: message/rfc822\r\n\r\n");
        assert!(of("BODY[2.HEADER]").starts_with("Subject: inner\r\n"));
        assert_eq!(of("BODY[2.1]"), "two");
        assert_eq!(of("BODY[2.1.MIME]"), "Content-Type: text/html\r\n\r\n");
        assert_eq!(text(letter, "BODY[3]"), None);
        assert_eq!(text(letter, "BODY[1.1]"), None);
    }
}
