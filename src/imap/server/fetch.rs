//! RFC 3501 section 6.4.5 and 7.4.2: what FETCH asks for, and the response for one letter.

use std::borrow::Cow;
use std::num::NonZeroU32;

use imap_codec::imap_types::core::{IString, Literal, NString, Vec1};
use imap_codec::imap_types::datetime::DateTime;
use imap_codec::imap_types::fetch::{
    MacroOrMessageDataItemNames, MessageDataItem, MessageDataItemName as Name, Section,
};
use imap_codec::imap_types::response::{Data, Response};

use super::envelope::envelope;
use super::host::Message;
use super::section::{Extract, find};
use super::structure::structure;
use crate::message::body_start;

/// What a FETCH wants of each letter.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    /// Facts come first in a response, bytes of the letter behind them: any order is right, and so the literals at the
    /// end of an encoded response are the sections.
    facts: Vec<Name<'static>>,
    sections: Vec<Name<'static>>,
    /// Something is read that was not only peeked at.
    pub marks_seen: bool,
}

impl Wanted {
    /// Sorts the items out.
    ///
    /// # Errors
    /// The name of an item of an extension that is not offered.
    pub fn new(items: MacroOrMessageDataItemNames<'static>, uid: bool) -> Result<Self, &'static str> {
        let names = match items {
            MacroOrMessageDataItemNames::Macro(set) => set.expand().into_iter().map(to_static).collect(),
            MacroOrMessageDataItemNames::MessageDataItemNames(names) => names,
        };
        let mut wanted = Wanted { facts: Vec::new(), sections: Vec::new(), marks_seen: false };
        // "server implementations MUST implicitly include the UID" in answers to UID commands (section 6.4.8).
        if uid && !names.contains(&Name::Uid) {
            wanted.facts.push(Name::Uid);
        }
        for name in names {
            let list = match &name {
                Name::Binary { .. } | Name::BinarySize { .. } => return Err("BINARY"),
                Name::BodyExt { peek, .. } => {
                    wanted.marks_seen |= !peek;
                    &mut wanted.sections
                }
                Name::Rfc822 | Name::Rfc822Text => {
                    wanted.marks_seen = true;
                    &mut wanted.sections
                }
                Name::Rfc822Header => &mut wanted.sections,
                _ => &mut wanted.facts,
            };
            // The same item twice is sent once.
            if !list.contains(&name) {
                list.push(name);
            }
        }
        Ok(wanted)
    }

    /// Whether the response for this letter has its flags.
    pub fn shows_flags(&self, message: &Message) -> bool {
        message.newly_seen || self.facts.contains(&Name::Flags)
    }

    /// Whether nothing is wanted but the UID, which the session knows without its host: also of a letter that is gone
    /// and of which the client has not been told yet (RFC 2180 section 4.1).
    pub fn is_uid_alone(&self) -> bool {
        self.sections.is_empty() && self.facts == [Name::Uid]
    }

    /// The response for one letter, and which bytes its last literals are. Nothing when a section does not exist in any
    /// form (never: a missing part is NIL).
    pub fn response<'a>(&self, number: NonZeroU32, recent: bool, message: &'a Message) -> Fetched<'a> {
        let mut items: Vec<MessageDataItem<'a>> = self.facts.iter().map(|name| fact(name, recent, message)).collect();
        if message.newly_seen && !self.facts.contains(&Name::Flags) {
            items.push(MessageDataItem::Flags(message.flags.to_wire(recent)));
        }
        let mut extracts = Vec::new();
        for name in &self.sections {
            let (data, extract) = section(name, &message.letter);
            extracts.extend(extract);
            items.push(match name {
                Name::BodyExt { section, partial, .. } => MessageDataItem::BodyExt {
                    section: section.clone(),
                    origin: partial.map(|(origin, _)| origin),
                    data,
                },
                Name::Rfc822 => MessageDataItem::Rfc822(data),
                Name::Rfc822Header => MessageDataItem::Rfc822Header(data),
                _ => MessageDataItem::Rfc822Text(data),
            });
        }
        let items = Vec1::try_from(items).unwrap_or_else(|_| Vec1::from(uid_item(message.uid)));
        Fetched { response: Response::Data(Data::Fetch { seq: number, items }), extracts }
    }
}

/// A response whose last literals are `extracts`, in order.
pub(super) struct Fetched<'a> {
    pub response: Response<'a>,
    pub extracts: Vec<Extract>,
}

fn to_static(name: Name<'_>) -> Name<'static> {
    imap_codec::imap_types::IntoStatic::into_static(name)
}

fn uid_item(uid: u32) -> MessageDataItem<'static> {
    MessageDataItem::Uid(NonZeroU32::new(uid).unwrap_or(NonZeroU32::MIN))
}

fn fact(name: &Name<'_>, recent: bool, message: &Message) -> MessageDataItem<'static> {
    let letter = &message.letter;
    match name {
        Name::Flags => MessageDataItem::Flags(message.flags.to_wire(recent)),
        Name::InternalDate => MessageDataItem::InternalDate(date_time(message.internal_date)),
        Name::Rfc822Size => MessageDataItem::Rfc822Size(letter.len() as u32),
        Name::Envelope => MessageDataItem::Envelope(envelope(&letter[..body_start(letter)])),
        Name::Body => MessageDataItem::Body(structure(letter, false)),
        Name::BodyStructure => MessageDataItem::BodyStructure(structure(letter, true)),
        _ => uid_item(message.uid),
    }
}

fn section<'a>(name: &Name<'_>, letter: &'a [u8]) -> (NString<'a>, Option<Extract>) {
    let (place, partial) = match name {
        Name::BodyExt { section, partial, .. } => (section.clone(), *partial),
        Name::Rfc822Header => (Some(Section::Header(None)), None),
        Name::Rfc822Text => (Some(Section::Text(None)), None),
        _ => (None, None),
    };
    let Some(mut extract) = find(letter, place.as_ref()) else { return (NString(None), None) };
    if let Some((origin, count)) = partial {
        extract = extract.partial(origin, count.get());
    }
    let mut bytes: Cow<'a, [u8]> = match (&extract.pieces[..], extract.tail) {
        ([one], b"") => Cow::Borrowed(&letter[one.clone()]),
        (pieces, tail) => {
            let mut bytes = Vec::new();
            pieces.iter().for_each(|piece| bytes.extend_from_slice(&letter[piece.clone()]));
            bytes.extend_from_slice(tail);
            Cow::Owned(bytes)
        }
    };
    // A literal cannot hold NUL (RFC 3501 section 4.3): as common servers do, 0x80 stands for it.
    if memchr::memchr(0, &bytes).is_some() {
        bytes.to_mut().iter_mut().filter(|b| **b == 0).for_each(|b| *b = 0x80);
    }
    (NString(Some(IString::Literal(Literal::unvalidated(bytes)))), Some(extract))
}

/// Seconds since 1970 as INTERNALDATE, in UTC. What is before 1970 or after 9999 is told as that end.
pub(super) fn date_time(seconds: i64) -> DateTime {
    const LAST: u64 = 253_402_300_799;
    fn after_epoch<T: Default + std::ops::Add<std::time::Duration, Output = T>>(seconds: u64) -> T {
        T::default() + std::time::Duration::from_secs(seconds)
    }
    DateTime::unvalidated(after_epoch(u64::try_from(seconds).unwrap_or(0).min(LAST)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_dates_are_utc_and_stay_within_their_format() {
        assert_eq!(format!("{:?}", date_time(1_740_992_400)), "2025-03-03T09:00:00+00:00");
        assert_eq!(format!("{:?}", date_time(-5)), "1970-01-01T00:00:00+00:00");
        assert_eq!(format!("{:?}", date_time(i64::MAX)), "9999-12-31T23:59:59+00:00");
    }
}
