//! Letters that are written in a scenario: who writes what to whom, and what is attached.

use std::sync::Arc;

use super::Check;
use crate::message::{Attachment, Draft};
use crate::scenario::read::{Field, Int, List};
use crate::scenario::source::{At, Span};
use crate::scenario::typed;
use crate::scenario::words::{Body, LARGEST, Mailbox};
use crate::smtp::options::{self, Notify, Wish, to_xtext};
use crate::smtp::{Address, Envelope, Options};

/// The fields of a letter that is written during the run.
pub(super) struct Writing<'t> {
    pub(super) span: Span,
    pub(super) to: &'t Field<List<Mailbox>>,
    pub(super) cc: &'t Field<List<Mailbox>>,
    pub(super) bcc: &'t Field<List<Mailbox>>,
    pub(super) subject: &'t Field<String>,
    pub(super) text: &'t Field<Body>,
    pub(super) attachments: &'t Field<List<typed::Attachment>>,
    pub(super) envelope: &'t Field<typed::Envelope>,
    pub(super) eight_bit: &'t Field<bool>,
    pub(super) binary: &'t Field<bool>,
}

/// What was typed, and the envelope if it is another one.
pub(super) fn letter(check: &mut Check, from: String, w: &Writing<'_>) -> (Arc<Draft>, Option<Envelope>) {
    let texts = |list: &Field<List<Mailbox>>| list.items().iter().map(|m| m.text.clone()).collect();
    one_line(check, w.subject.get(), "subject");
    let draft = Draft {
        from,
        to: texts(w.to),
        cc: texts(w.cc),
        bcc: texts(w.bcc),
        subject: w.subject.or(String::new()),
        text: text(w.text),
        raw: is_raw(w.text),
        attachments: attachments(check, w.attachments),
        eight_bit: w.eight_bit.or(false),
        binary: w.binary.or(false),
    };
    let mut envelope = None;
    match w.envelope {
        Field::Given(at) => {
            if let (Some(from), Some(to)) = (at.from.get(), at.to.get()) {
                if to.items.is_empty() && !to.broken {
                    no_recipient(check, to.span);
                }
                let to: Vec<Address> = to.items.iter().map(|m| m.address.clone()).collect();
                let options = wishes(check, at, &to, draft.body());
                envelope = Some(Envelope { options, ..Envelope::new(from.0.clone(), to) });
            }
        }
        Field::Broken => {}
        Field::Absent => {
            let lists = [w.to, w.cc, w.bcc];
            if lists.iter().all(|l| l.items().is_empty() && !l.lost_some()) {
                no_recipient(check, w.span);
            }
        }
    }
    (Arc::new(draft), envelope)
}

/// What the sender wishes to hear (RFC 3461), and what the letter's bytes need.
fn wishes(
    check: &mut Check,
    typed: &typed::Envelope,
    to: &[Address],
    body: Option<options::Body>,
) -> Option<Arc<Options>> {
    let notify = typed.notify.get().and_then(|at| {
        let notify = Notify::read(at);
        if notify.is_none() {
            let problem = check
                .problem("bad_notify", at.span, format!("`{}` is no wish about reports", at.escape_debug()))
                .label("notify")
                .help("\"NEVER\", or some of \"SUCCESS,FAILURE,DELAY\"");
            check.tell(problem);
        }
        notify
    });
    let wish = |a: &Address| Wish { notify, orcpt: Some(format!("rfc822;{}", to_xtext(&a.to_string()))) };
    let options = Options {
        body,
        ret: typed.ret.get().map(|r| r.value),
        envid: typed.envid.get().map(|e| to_xtext(e)),
        recipients: notify.map(|_| to.iter().map(|a| (a.clone(), wish(a))).collect()).unwrap_or_default(),
        ..Options::default()
    };
    (options != Options::default()).then(|| Arc::new(options))
}

fn no_recipient(check: &mut Check, span: Span) {
    let problem = check
        .problem("no_recipient", span.first(), "this mail goes to nobody")
        .label("no recipient")
        .help("write \"to\": [\"bob@b.example\"]");
    check.tell(problem);
}

/// The text as typed.
pub(super) fn text(body: &Field<Body>) -> String {
    match body.get().map(|b| &b.value) {
        None => String::new(),
        Some(Body::Text(text) | Body::Raw(text)) => text.clone(),
        Some(Body::Filler(n)) => filler(*n),
    }
}

/// Whether its line ends are meant as they are.
pub(super) fn is_raw(body: &Field<Body>) -> bool {
    matches!(body.get().map(|b| &b.value), Some(Body::Raw(_)))
}

/// Text of `bytes` bytes, of which two are counted for each line end.
fn filler(bytes: usize) -> String {
    const LINE: usize = 72;
    let words = "These words are here to have a length. ";
    let mut out = String::with_capacity(bytes);
    let mut rest = bytes;
    while rest > 2 {
        // One byte alone cannot be a line with its end.
        let line = if rest == LINE + 1 || rest == LINE + 2 { LINE - 2 } else { rest.min(LINE) };
        out.extend(words.chars().cycle().take(line - 2));
        out.push('\n');
        rest -= line;
    }
    out.extend(std::iter::repeat_n('x', rest));
    out
}

/// The bytes of a file or web object: text or generated ones.
pub(super) fn content(
    check: &mut Check,
    span: Span,
    name: &str,
    body: &Field<Body>,
    bytes: &Field<Int<0, LARGEST>>,
) -> Arc<[u8]> {
    let both = body.get().is_some() && bytes.get().is_some();
    let none = body.is_absent() && bytes.is_absent();
    if both || none {
        let label = if both { "`text` and `bytes`" } else { "neither `text` nor `bytes`" };
        let problem = check
            .problem("either_or", span.first(), format!("`{name}` has either `text` or `bytes`"))
            .label(label)
            .help("\"text\": [\"hello\"], or \"bytes\": 2000 for so many bytes of every value");
        check.tell(problem);
    }
    match bytes.get() {
        Some(n) => {
            // The same file name gives the same bytes, in a mail and on a web server.
            let file = name.rsplit('/').next().unwrap_or(name);
            let luck = check.seed.child("file").child(file);
            let words = (0..n.0.div_ceil(8)).flat_map(|i| luck.nth(i).to_le_bytes());
            let mut bytes: Vec<u8> = words.take(n.0 as usize).collect();
            if file.ends_with(".bmp") {
                picture(&mut bytes);
            }
            bytes.into()
        }
        None if is_raw(body) => text(body).into_bytes().into(),
        None => text(body).replace("\r\n", "\n").replace('\n', "\r\n").into_bytes().into(),
    }
}

/// Puts the header of a Windows bitmap in front of bytes that become its dots: 12 dots of 24 bits a row, which
/// makes rows of 36 bytes without padding. What is too short for a row stays as it is.
fn picture(bytes: &mut [u8]) {
    const HEADERS: usize = 54;
    const ROW: usize = 36;
    let rows = bytes.len().saturating_sub(HEADERS) / ROW;
    if rows == 0 {
        return;
    }
    let length = bytes.len() as u32;
    let dots = length - (rows * ROW) as u32;
    bytes[..dots as usize].fill(0);
    bytes[..2].copy_from_slice(b"BM");
    let fields = [(2, length), (10, dots), (14, 40), (18, 12), (22, rows as u32), (26, 1 | 24 << 16)];
    for (at, value) in fields.into_iter().chain([(34, (rows * ROW) as u32)]) {
        bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }
}

pub(super) fn attachments(check: &mut Check, typed: &Field<List<typed::Attachment>>) -> Vec<Attachment> {
    let mut ready = Vec::new();
    for file in typed.items() {
        one_line(check, file.name.get(), "name");
        media_type(check, file.kind.get());
        let Some(name) = file.name.get() else { continue };
        let bytes = content(check, file.span, name, &file.text, &file.bytes);
        ready.push(Attachment { name: name.value.clone(), content_type: file.kind.or(String::new()), bytes });
    }
    ready
}

/// Tells if it is no media type.
pub(super) fn media_type(check: &mut Check, kind: Option<&At<String>>) {
    let Some(kind) = kind else { return };
    let token = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b));
    let plain = kind.split(';').next().unwrap_or_default().trim_end();
    if plain.split_once('/').is_some_and(|(a, b)| token(a) && token(b)) && !kind.chars().any(char::is_control) {
        return;
    }
    let problem = check
        .problem("bad_media_type", kind.span, format!("`{}` is no media type", kind.escape_debug()))
        .label("type")
        .help("two words with / between them: \"image/png\", \"text/plain\"");
    check.tell(problem);
}

/// Tells if a text that goes into a header field has a line end in it.
pub(super) fn one_line(check: &mut Check, text: Option<&At<String>>, what: &str) {
    if let Some(at) = text.filter(|t| t.chars().any(char::is_control)) {
        let problem = check
            .problem("line_break", at.span, format!("the {what} has a line end or another control character in it"))
            .label("must be one line")
            .help("it goes into a header field, which would end there");
        check.tell(problem);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filler_has_the_length_that_was_asked_for() {
        for n in (0..400).chain([2000, 12_345]) {
            let text = filler(n);
            assert_eq!(text.len() + text.matches('\n').count(), n, "{n}");
            assert!(text.lines().all(|l| l.len() <= 70 && !l.starts_with('.')), "{n}");
        }
    }
}
