//! IMAP as Wireshark takes it apart: line by line; a response that brings a mail shows the mail.

use std::collections::HashMap;

use super::reassemble::{Need, line};
use super::{Out, imf};
use crate::filter::Field;

/// Commands that were sent and not answered: tag, frame, time.
#[derive(Default)]
pub(super) struct Imap {
    asked: HashMap<Vec<u8>, (usize, i128)>,
    /// STARTTLS was said; it was answered with OK.
    starttls: (bool, bool),
}

impl Imap {
    /// Whether TLS begins behind what was seen last.
    pub(super) fn starts_tls(&mut self) -> bool {
        std::mem::take(&mut self.starttls.1)
    }
}

/// Commands whose first argument is taken for a mailbox; of SEARCH, by mistake.
const FOLDERS: [&str; 10] =
    ["search", "select", "examine", "create", "delete", "rename", "subscribe", "unsubscribe", "status", "append"];

pub(super) fn message(out: &mut Out, (n, at): (usize, i128), state: &mut Imap, asks: bool, bytes: &[u8]) -> Need {
    // First see how far whole lines reach, each with the literal that it announces.
    let mut cuts = Vec::new();
    let mut place = 0;
    while place < bytes.len() {
        let Some((end, next)) = line(bytes, place) else { break };
        let literal = if asks { 0 } else { letter(&bytes[place..end]).unwrap_or(0) };
        if next + literal > bytes.len() {
            break;
        }
        cuts.push((place, end, next, literal));
        place = next + literal;
    }
    if place < bytes.len() && cuts.is_empty() {
        return Need::More { from: 0, total: None };
    }
    out.protocol(n, Field::Imap, bytes, bytes.len());
    out.truth(n, Field::ImapIsrequest, asks);
    let upper = bytes.to_ascii_uppercase();
    if asks {
        state.starttls.0 = upper.ends_with(b" STARTTLS\r\n");
    } else if std::mem::take(&mut state.starttls.0) {
        state.starttls.1 = memchr::memmem::find(&upper, b" OK ").is_some();
    }
    let mut mails = Vec::new();
    for (from, end, next, literal) in cuts {
        out.text(n, Field::ImapLine, &bytes[from..next]);
        told(out, (n, at), state, asks, &bytes[from..end]);
        if literal > 0 {
            mails.push(&bytes[next..next + literal]);
        }
    }
    mails.into_iter().for_each(|mail| imf::mail(out, n, mail));
    if place < bytes.len() { Need::More { from: place, total: None } } else { Need::Nothing }
}

/// How many bytes of a mail follow a line of FETCH.
fn letter(text: &[u8]) -> Option<usize> {
    let text = String::from_utf8_lossy(text).to_ascii_uppercase();
    let number = text.strip_suffix('}')?.rsplit_once('{')?.1.parse().ok()?;
    let is_mail = text.contains(" FETCH ") && (text.contains("BODY[") || text.contains("RFC822"));
    is_mail.then_some(number)
}

/// The next word and where the one behind it begins.
fn token(text: &[u8], from: usize) -> Option<(std::ops::Range<usize>, usize)> {
    if from >= text.len() {
        return None;
    }
    let end = from + text[from..].iter().position(|b| *b == b' ').unwrap_or(text.len() - from);
    let mut next = end;
    while next < text.len() && text[next] == b' ' {
        next += 1;
    }
    Some((from..end, next))
}

fn told(out: &mut Out, (n, at): (usize, i128), state: &mut Imap, asks: bool, text: &[u8]) {
    let Some((tag, next)) = token(text, 0) else { return };
    let tag = &text[tag];
    // The `+` of a request to go on is taken for a tag.
    if tag == b"*" {
        return;
    }
    let (whole, own) = match asks {
        true => (Field::ImapRequest, Field::ImapRequestTag),
        false => (Field::ImapResponse, Field::ImapResponseTag),
    };
    out.text(n, whole, text);
    out.text(n, own, tag);
    out.text(n, Field::ImapTag, tag);
    let Some((second, next)) = token(text, next) else { return };
    let word = &text[second];
    if !asks {
        out.text(n, Field::ImapResponseStatus, word);
        if let Some((third, _)) = token(text, next) {
            out.text(n, Field::ImapResponseCommand, &text[third.clone()]);
            out.text(n, Field::ImapCommand, &text[third]);
        }
        if let Some((request, asked)) = state.asked.remove(tag) {
            out.frame(n, Field::ImapResponseTo, request);
            out.nanos(n, Field::ImapTime, at - asked);
            out.frame(request, Field::ImapResponseIn, n);
        }
        return;
    }
    state.asked.insert(tag.to_vec(), (n, at));
    out.text(n, Field::ImapCommand, word);
    let (mut command, mut next) = (word, next);
    if word.eq_ignore_ascii_case(b"uid") {
        out.truth(n, Field::ImapRequestCommandUid, true);
        let Some((third, behind)) = token(text, next) else { return };
        (command, next) = (&text[third], behind);
    }
    out.text(n, Field::ImapRequestCommand, command);
    let lower = String::from_utf8_lossy(command).to_ascii_lowercase();
    if lower == "login" {
        if let Some((name, behind)) = token(text, next) {
            out.text(n, Field::ImapRequestUsername, &text[name]);
            if let Some((password, _)) = token(text, behind) {
                // Its first and last byte are taken for quotation marks.
                let password = &text[password];
                out.text(n, Field::ImapRequestPassword, password.get(1..password.len() - 1).unwrap_or(b""));
            }
        }
    } else if FOLDERS.contains(&lower.as_str()) {
        if let Some((folder, _)) = token(text, next) {
            out.text(n, Field::ImapRequestFolder, &text[folder]);
        }
    } else if lower == "copy" {
        let folder = token(text, next).and_then(|(_, behind)| token(text, behind));
        if let Some((folder, _)) = folder {
            out.text(n, Field::ImapRequestFolder, &text[folder]);
        }
    }
}
