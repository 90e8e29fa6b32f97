//! RFC 3501 section 7.4.2, ENVELOPE: the header read into ten fields. What is encoded (RFC 2047) stays encoded; only
//! address lists are taken apart.

use imap_codec::imap_types::core::NString;
use imap_codec::imap_types::envelope::{Address, Envelope};

use super::mime;

/// Addresses of one list beyond this many are left out of the envelope; the header itself has them all.
const MOST: usize = 1000;

/// Bytes as a string of the protocol: quoted if that is possible, else a literal.
pub(super) fn nstring(bytes: Option<Vec<u8>>) -> NString<'static> {
    let bytes = bytes.map(|mut b| {
        b.retain(|byte| *byte != 0);
        b
    });
    bytes.map_or(NString(None), |b| NString::try_from(b).expect("only NUL cannot be said in a literal"))
}

/// Reads the header of a letter.
pub(super) fn envelope(header: &[u8]) -> Envelope<'static> {
    let fields = mime::fields(header);
    let value = |name: &str| {
        let (_, range) = fields.iter().find(|(n, _)| n.eq_ignore_ascii_case(name))?;
        let line = &header[range.clone()];
        let value = &line[memchr::memchr(b':', line)? + 1..];
        let value: Vec<u8> = value.iter().copied().filter(|b| !matches!(b, b'\r' | b'\n')).collect();
        Some(value.trim_ascii().to_vec())
    };
    let list = |name: &str| value(name).map_or_else(Vec::new, |text| addresses(&text));
    let from = list("From");
    // "If the Sender or Reply-To lines are absent, or empty, the server sets them to the value of from."
    let or_from = |list: Vec<Address<'static>>| if list.is_empty() { from.clone() } else { list };
    Envelope {
        date: nstring(value("Date")),
        subject: nstring(value("Subject")),
        sender: or_from(list("Sender")),
        reply_to: or_from(list("Reply-To")),
        to: list("To"),
        cc: list("Cc"),
        bcc: list("Bcc"),
        in_reply_to: nstring(value("In-Reply-To")),
        message_id: nstring(value("Message-ID")),
        from,
    }
}

/// The addresses of a field as the envelope has them, each as `name <mailbox@host>`.
pub(super) fn written_addresses(field: &[u8]) -> Vec<Vec<u8>> {
    let unfolded: Vec<u8> = field.iter().copied().filter(|b| !matches!(b, b'\r' | b'\n')).collect();
    let bytes = |part: &NString<'static>| part.clone().into_option().map_or_else(Vec::new, |b| b.into_owned());
    let written =
        |a: &Address<'static>| [&bytes(&a.name), &b" <"[..], &bytes(&a.mailbox), b"@", &bytes(&a.host), b">"].concat();
    addresses(&unfolded).iter().map(written).collect()
}

/// RFC 5322 section 3.4, read leniently: `"Bob B." <bob@b.example>, alice@a.example (Alice), team: a@x, b@y;`.
fn addresses(text: &[u8]) -> Vec<Address<'static>> {
    let mut reader = Reader::default();
    let (mut at, mut in_group) = (0, false);
    while at < text.len() && reader.list.len() < MOST {
        match text[at] {
            b'"' => {
                let (word, next) = delimited(text, at, b'"', b'"');
                reader.word(&word, true);
                at = next;
                continue;
            }
            b'(' => {
                let (comment, next) = delimited(text, at, b'(', b')');
                reader.comment = Some(comment);
                at = next;
                continue;
            }
            b'<' => {
                let end = memchr::memchr(b'>', &text[at..]).map_or(text.len(), |n| at + n);
                reader.angle = Some(text[at + 1..end].trim_ascii().to_vec());
                at = end;
            }
            b',' => reader.finish(),
            b':' if reader.angle.is_none() && !in_group => {
                let name = std::mem::take(&mut reader.words);
                reader.list.push(address(None, Some(name), None));
                in_group = true;
            }
            b';' if in_group => {
                reader.finish();
                reader.list.push(address(None, None, None));
                in_group = false;
            }
            b' ' | b'\t' => reader.gap = true,
            byte => reader.byte(byte),
        }
        at += 1;
    }
    reader.finish();
    reader.list
}

#[derive(Default)]
struct Reader {
    list: Vec<Address<'static>>,
    words: Vec<u8>,
    gap: bool,
    comment: Option<Vec<u8>>,
    angle: Option<Vec<u8>>,
}

impl Reader {
    fn byte(&mut self, byte: u8) {
        self.word(&[byte], false);
    }

    fn word(&mut self, word: &[u8], quoted: bool) {
        if (self.gap || (quoted && !self.words.is_empty())) && !self.words.is_empty() {
            self.words.push(b' ');
        }
        self.gap = false;
        self.words.extend_from_slice(word);
    }

    fn finish(&mut self) {
        let words = std::mem::take(&mut self.words);
        let comment = self.comment.take();
        self.gap = false;
        let (spec, name) = match self.angle.take() {
            Some(angle) => (angle, (!words.is_empty()).then_some(words).or(comment)),
            None if words.is_empty() => return,
            None => (words, comment),
        };
        let spec = without_comments(&spec);
        // The obsolete source route `@a,@b:` is a field of its own.
        let (route, spec) = match (spec.first(), memchr::memchr(b':', &spec)) {
            (Some(b'@'), Some(colon)) => (Some(spec[..colon].to_vec()), &spec[colon + 1..]),
            _ => (None, &spec[..]),
        };
        let (mailbox, host) = match memchr::memrchr(b'@', spec) {
            Some(at) => (spec[..at].to_vec(), Some(spec[at + 1..].to_vec())),
            None => (spec.to_vec(), Some(Vec::new())),
        };
        self.list.push(Address { adl: nstring(route), ..address(name, Some(mailbox), host) });
    }
}

/// A host that is NIL marks the begin or the end of a group.
fn address(name: Option<Vec<u8>>, mailbox: Option<Vec<u8>>, host: Option<Vec<u8>>) -> Address<'static> {
    Address { name: nstring(name), adl: NString(None), mailbox: nstring(mailbox), host: nstring(host) }
}

/// An address in angle brackets as it is meant: comments and the blanks around them say nothing (RFC 5322 section 3.2.2).
/// Blanks within quotes are part of it.
fn without_comments(spec: &[u8]) -> Vec<u8> {
    let (mut out, mut at) = (Vec::new(), 0);
    while at < spec.len() {
        match spec[at] {
            b'(' => {
                at = delimited(spec, at, b'(', b')').1;
                continue;
            }
            b'"' => {
                let (word, next) = delimited(spec, at, b'"', b'"');
                out.extend_from_slice(&word);
                at = next;
                continue;
            }
            b' ' | b'\t' => {}
            byte => out.push(byte),
        }
        at += 1;
    }
    out
}

/// What stands between two delimiters, without the backslashes of quoted pairs, and where it ends. Comments nest.
fn delimited(text: &[u8], start: usize, open: u8, close: u8) -> (Vec<u8>, usize) {
    let (mut out, mut depth, mut at) = (Vec::new(), 1, start + 1);
    while at < text.len() {
        match text[at] {
            b'\\' if at + 1 < text.len() => {
                at += 1;
                out.push(text[at]);
            }
            byte if byte == close => {
                depth -= 1;
                if depth == 0 {
                    return (out, at + 1);
                }
                out.push(byte);
            }
            byte => {
                depth += usize::from(byte == open);
                out.push(byte);
            }
        }
        at += 1;
    }
    (out, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let part = |s: &NString<'_>| {
            s.clone().into_option().map_or("NIL".to_string(), |b| String::from_utf8_lossy(&b).into_owned())
        };
        let show = |a: &Address<'_>| [&a.name, &a.mailbox, &a.host].map(part).join("|");
        addresses(text.as_bytes()).iter().map(show).collect()
    }

    #[test]
    fn address_lists_are_taken_apart() {
        assert_eq!(
            shown("\"Bob \\\"B\\\", Jr.\" <bob@b.example>, alice@a.example (Alice (A)), Dave D <dave@c.example>"),
            ["Bob \"B\", Jr.|bob|b.example", "Alice (A)|alice|a.example", "Dave D|dave|c.example"]
        );
        assert_eq!(
            shown("team: a@x.example, <b@y.example>;"),
            ["NIL|team|NIL", "NIL|a|x.example", "NIL|b|y.example", "NIL|NIL|NIL"]
        );
        assert_eq!(
            shown("<@r.example:x@y.example>,, =?utf-8?q?=C3=A4?= <z>"),
            ["NIL|x|y.example", "=?utf-8?q?=C3=A4?=|z|"]
        );
        assert_eq!(
            shown("<x (not y)@ (really) y.example>, \"A\" <\"a b\"@c.example>"),
            ["NIL|x|y.example", "A|a b|c.example"]
        );
        assert_eq!(
            addresses(b"<@r.example,@s.example:x@y.example>")[0].adl,
            nstring(Some(b"@r.example,@s.example".to_vec()))
        );
    }

    #[test]
    fn addresses_are_written_without_what_says_nothing() {
        let written = written_addresses(b" x@y.example (Mr. X),\r\n <a (b)@c.example>");
        assert_eq!(written, [&b"Mr. X <x@y.example>"[..], b" <a@c.example>"]);
    }

    #[test]
    fn sender_and_reply_to_are_the_author_when_they_are_missing() {
        let e = envelope(b"From: alice@a.example\r\nSubject:  a\r\n b\r\n\r\n");
        assert_eq!((&e.sender, &e.reply_to), (&e.from, &e.from));
        assert_eq!(e.subject.into_option().unwrap().as_ref(), b"a b");
        assert_eq!(e.date, NString(None));
    }
}
