//! RFC 3501 section 6.4.4: does a letter fit? Strings are looked for without regard to case, in the letter as it
//! stands and, where something is encoded, in the decoded text.

use imap_codec::imap_types::core::AString;
use imap_codec::imap_types::datetime::NaiveDate;
use imap_codec::imap_types::search::SearchKey;
use mail_parser::{DateTime, MessageParser};
use memchr::memmem;

use super::envelope::written_addresses;
use super::host::Message;
use super::mime::{field, fields};
use super::view::holds;
use crate::imap::Flag;
use crate::message::body_start;

/// A letter and its place in the session.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate<'a> {
    pub message: &'a Message,
    pub number: u32,
    pub recent: bool,
    /// What `*` means among numbers, and among UIDs.
    pub greatest: (u32, u32),
}

impl Candidate<'_> {
    /// All keys of a SEARCH have to fit.
    pub fn fits_all(&self, keys: &[SearchKey<'_>]) -> bool {
        keys.iter().all(|key| self.fits(key))
    }

    fn fits(&self, key: &SearchKey<'_>) -> bool {
        let flag = |flag| self.message.flags.contains(flag);
        let letter = &self.message.letter;
        match key {
            SearchKey::And(keys) => self.fits_all(keys.as_ref()),
            SearchKey::Or(a, b) => self.fits(a) || self.fits(b),
            SearchKey::Not(key) => !self.fits(key),
            SearchKey::All => true,
            SearchKey::SequenceSet(set) => holds(set, self.number, self.greatest.0),
            SearchKey::Uid(set) => holds(set, self.message.uid, self.greatest.1),
            SearchKey::Answered => flag(Flag::Answered),
            SearchKey::Unanswered => !flag(Flag::Answered),
            SearchKey::Deleted => flag(Flag::Deleted),
            SearchKey::Undeleted => !flag(Flag::Deleted),
            SearchKey::Draft => flag(Flag::Draft),
            SearchKey::Undraft => !flag(Flag::Draft),
            SearchKey::Flagged => flag(Flag::Flagged),
            SearchKey::Unflagged => !flag(Flag::Flagged),
            SearchKey::Seen => flag(Flag::Seen),
            SearchKey::Unseen => !flag(Flag::Seen),
            SearchKey::Recent => self.recent,
            SearchKey::Old => !self.recent,
            SearchKey::New => self.recent && !flag(Flag::Seen),
            SearchKey::Keyword(word) => self.message.flags.has_keyword(word.as_ref()),
            SearchKey::Unkeyword(word) => !self.message.flags.has_keyword(word.as_ref()),
            SearchKey::Larger(size) => letter.len() > *size as usize,
            SearchKey::Smaller(size) => letter.len() < *size as usize,
            SearchKey::Before(date) => self.internal_day() < day(date),
            SearchKey::On(date) => self.internal_day() == day(date),
            SearchKey::Since(date) => self.internal_day() >= day(date),
            SearchKey::SentBefore(date) => sent_day(letter).is_some_and(|d| d < day(date)),
            SearchKey::SentOn(date) => sent_day(letter).is_some_and(|d| d == day(date)),
            SearchKey::SentSince(date) => sent_day(letter).is_some_and(|d| d >= day(date)),
            SearchKey::Bcc(text) => in_addresses(letter, b"Bcc", text),
            SearchKey::Cc(text) => in_addresses(letter, b"Cc", text),
            SearchKey::From(text) => in_addresses(letter, b"From", text),
            SearchKey::To(text) => in_addresses(letter, b"To", text),
            SearchKey::Subject(text) => in_header(letter, b"Subject", text),
            SearchKey::Header(name, text) => in_header(letter, name.as_ref(), text),
            SearchKey::Body(text) => in_body(letter, text.as_ref()),
            SearchKey::Text(text) => in_all_headers(letter, text) || in_body(letter, text.as_ref()),
        }
    }

    /// Days since 1970, disregarding time and zone.
    fn internal_day(&self) -> i64 {
        self.message.internal_date.div_euclid(86_400)
    }
}

fn day(date: &NaiveDate) -> i64 {
    // A date's default is 1 January 1970.
    date.as_ref().signed_duration_since(Default::default()).num_days()
}

fn sent_day(letter: &[u8]) -> Option<i64> {
    let value = field(&letter[..body_start(letter)], "Date")?;
    let date = DateTime::parse_rfc822(std::str::from_utf8(&value).ok()?)?;
    let civil = jiff::civil::Date::new(i16::try_from(date.year).ok()?, date.month as i8, date.day as i8).ok()?;
    let epoch = jiff::civil::date(1970, 1, 1);
    civil.since(epoch).ok().map(|span| i64::from(span.get_days()))
}

fn contains(text: &[u8], needle: &[u8]) -> bool {
    needle.is_empty() || memmem::find(&text.to_ascii_lowercase(), &needle.to_ascii_lowercase()).is_some()
}

/// Beyond ASCII, case is that of Unicode.
fn contains_text(text: &str, needle: &[u8]) -> bool {
    let Ok(needle) = std::str::from_utf8(needle) else { return contains(text.as_bytes(), needle) };
    text.to_lowercase().contains(&needle.to_lowercase())
}

fn in_header(letter: &[u8], name: &[u8], text: &AString<'_>) -> bool {
    let header = &letter[..body_start(letter)];
    let named = fields(header).into_iter().filter(|(n, _)| n.as_bytes().eq_ignore_ascii_case(name));
    named.into_iter().any(|(_, range)| {
        let line = &header[range];
        let value = &line[memchr::memchr(b':', line).map_or(0, |n| n + 1)..];
        in_value(value, text.as_ref())
    })
}

/// "Messages that contain the specified string in the envelope structure's FROM field": as it stands, or as the envelope
/// has it, without comments and quotes.
fn in_addresses(letter: &[u8], name: &[u8], text: &AString<'_>) -> bool {
    let header = &letter[..body_start(letter)];
    in_header(letter, name, text)
        || fields(header).into_iter().filter(|(n, _)| n.as_bytes().eq_ignore_ascii_case(name)).any(|(_, range)| {
            let line = &header[range];
            let value = &line[memchr::memchr(b':', line).map_or(0, |n| n + 1)..];
            written_addresses(value).iter().any(|address| contains(address, text.as_ref()))
        })
}

fn in_all_headers(letter: &[u8], text: &AString<'_>) -> bool {
    let header = &letter[..body_start(letter)];
    fields(header).into_iter().any(|(_, range)| in_value(&header[range], text.as_ref()))
}

/// A field's value, unfolded; encoded words (RFC 2047) decoded.
fn in_value(value: &[u8], needle: &[u8]) -> bool {
    let unfolded: Vec<u8> = value.iter().copied().filter(|b| !matches!(b, b'\r' | b'\n')).collect();
    if contains(&unfolded, needle) || memmem::find(&unfolded, b"=?").is_none() {
        return contains(&unfolded, needle);
    }
    let mut field = b"Subject: ".to_vec();
    field.extend_from_slice(unfolded.trim_ascii());
    field.extend_from_slice(b"\r\n\r\n");
    let read = MessageParser::default().parse_headers(&field);
    read.and_then(|m| m.subject().map(|decoded| contains_text(decoded, needle))).unwrap_or(false)
}

fn in_body(letter: &[u8], needle: &[u8]) -> bool {
    if contains(&letter[body_start(letter)..], needle) {
        return true;
    }
    // Only an encoded or an 8-bit body can hold more than its bytes show.
    if letter.is_ascii() && memmem::find(&letter.to_ascii_lowercase(), b"content-transfer-encoding").is_none() {
        return false;
    }
    let Some(read) = MessageParser::default().parse(letter) else { return false };
    read.text_bodies()
        .chain(read.html_bodies())
        .any(|part| part.text_contents().is_some_and(|text| contains_text(text, needle)))
}
