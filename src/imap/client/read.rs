//! RFC 3501 section 7: responses of the server, read by the codec.
//!
//! The codec lends strings out of the message that it reads; the address of a literal in the message is its place in
//! the stream. That is how a letter's map is made, without searching.

use std::borrow::Cow;
use std::sync::Arc;

use imap_codec::decode::Decoder;
use imap_codec::imap_types::core::{AString, IString, NString};
use imap_codec::imap_types::envelope as wire;
use imap_codec::imap_types::fetch::{MessageDataItem, Part, Section as Place};
use imap_codec::imap_types::flag::FlagFetch;
use imap_codec::imap_types::mailbox::Mailbox;
use imap_codec::imap_types::response::{
    Capability, Code, Data as Wire, GreetingKind, Response, Status as WireStatus, StatusBody, StatusKind, Tagged,
};
use imap_codec::imap_types::status::StatusDataItem;
use imap_codec::{GreetingCodec, ResponseCodec};

use super::data::{Data, Envelope, Fetch, Section};
use super::engine::Client;
use super::{Event, Status};
use crate::engine::SpanMap;
use crate::imap::framer::Framer;
use crate::imap::{State, utf7};

impl Client {
    /// A whole response is here.
    pub(super) fn response(&mut self) {
        // Out of its place, so that what is read can borrow from it.
        let mut framer = std::mem::replace(&mut self.framer, Framer::new(0));
        let message = framer.message();
        if self.state == State::Greeting {
            self.greeting(message);
        } else if message.starts_with(b"+") {
            self.go_on();
        } else {
            match ResponseCodec::new().decode(message) {
                Ok((_, response)) => self.take(response, &framer),
                Err(_) => self.unreadable(message),
            }
        }
        framer.finish();
        self.framer = framer;
    }

    /// Whether what looks like an announcement is just how the words of a status end: `* OK see {5}`.
    pub(super) fn is_whole(&self) -> bool {
        let message = self.framer.message();
        self.state == State::Greeting
            || message.starts_with(b"+")
            || matches!(ResponseCodec::new().decode(message), Ok(([], _)))
    }

    fn unreadable(&mut self, message: &[u8]) {
        let line = message.split(|b| *b == b'\r' || *b == b'\n').next().unwrap_or_default();
        let words: String = String::from_utf8_lossy(line).chars().take(200).collect();
        self.unexpected("a response (RFC 3501 section 9)", words);
    }

    fn greeting(&mut self, message: &[u8]) {
        let Ok((_, greeting)) = GreetingCodec::new().decode(message) else {
            self.unreadable(message);
            return;
        };
        let text = words(message);
        match greeting.kind {
            GreetingKind::Ok => self.set_state(State::NotAuthenticated),
            GreetingKind::PreAuth => self.set_state(State::Authenticated),
            GreetingKind::Bye => {
                self.set_state(State::Logout);
                self.events.push_back(Event::Data(Data::Bye(text).into()));
            }
        }
    }

    fn take(&mut self, response: Response<'_>, framer: &Framer) {
        match response {
            Response::CommandContinuationRequest(_) => self.go_on(),
            Response::Data(data) => self.data(data, framer),
            Response::Status(WireStatus::Bye(_)) => {
                self.events.push_back(Event::Data(Data::Bye(words(framer.message())).into()));
                if !self.is_logging_out() {
                    self.set_state(State::Logout);
                }
            }
            Response::Status(WireStatus::Untagged(body)) => {
                let data = untagged(body, framer.message());
                self.events.push_back(Event::Data(data.into()));
            }
            Response::Status(WireStatus::Tagged(Tagged { tag, body })) => {
                let expected = self.current.as_ref().is_some_and(|c| c.tag == tag.inner());
                if !expected {
                    self.unexpected("a response to the command that was sent", format!("tag {}", tag.inner()));
                    return;
                }
                self.completed(status(body.kind), words(framer.message()));
            }
        }
    }

    fn data(&mut self, data: Wire<'_>, framer: &Framer) {
        let data = match data {
            Wire::Fetch { seq, items } => {
                self.fetched(seq.get(), items.into_inner(), framer);
                return;
            }
            Wire::Capability(list) => {
                self.no_login = list.as_ref().contains(&Capability::LoginDisabled);
                self.literal_plus = list.as_ref().contains(&Capability::LiteralPlus);
                Data::Capability(list.as_ref().iter().map(ToString::to_string).collect())
            }
            Wire::List { items, delimiter, mailbox } | Wire::Lsub { items, delimiter, mailbox } => Data::List {
                attributes: items.iter().map(ToString::to_string).collect(),
                delimiter: delimiter.map(|d| d.inner()),
                name: name(&mailbox),
            },
            Wire::Status { mailbox, items } => {
                Data::Status { folder: name(&mailbox), items: items.iter().map(status_item).collect() }
            }
            Wire::Search(numbers) => Data::Search(numbers.into_iter().map(|n| n.get()).collect()),
            Wire::Flags(flags) => Data::Flags(flags.iter().map(ToString::to_string).collect()),
            Wire::Exists(n) => Data::Exists(n),
            Wire::Recent(n) => Data::Recent(n),
            Wire::Expunge(n) => Data::Expunge(n.get()),
            _ => Data::Other,
        };
        if let Data::Capability(list) = &data {
            self.capabilities(list);
        }
        let news = matches!(data, Data::Exists(_) | Data::Expunge(_));
        self.events.push_back(Event::Data(data.into()));
        if news {
            self.news();
        }
    }

    fn fetched(&mut self, number: u32, items: Vec<MessageDataItem<'_>>, framer: &Framer) {
        let mut fetch = Fetch { number, ..Fetch::default() };
        let mut letters = Vec::new();
        for item in items {
            let (name, origin, data) = match item {
                MessageDataItem::Uid(uid) => {
                    fetch.uid = Some(uid.get());
                    continue;
                }
                MessageDataItem::Flags(flags) => {
                    fetch.flags = Some(flags.iter().map(flag).collect());
                    continue;
                }
                MessageDataItem::Rfc822Size(size) => {
                    fetch.size = Some(size);
                    continue;
                }
                MessageDataItem::InternalDate(date) => {
                    fetch.internal_date = Some(date.as_ref().timestamp());
                    continue;
                }
                MessageDataItem::Envelope(wire) => {
                    fetch.envelope = Some(envelope(wire));
                    continue;
                }
                MessageDataItem::BodyExt { section, origin, data } => {
                    if section.is_none() && origin.is_none() {
                        letters.push(fetch.sections.len());
                    }
                    (format!("BODY[{}]", section.map_or(String::new(), |s| place(&s))), origin, data)
                }
                MessageDataItem::Rfc822(data) => {
                    letters.push(fetch.sections.len());
                    ("RFC822".to_string(), None, data)
                }
                MessageDataItem::Rfc822Header(data) => ("RFC822.HEADER".to_string(), None, data),
                MessageDataItem::Rfc822Text(data) => ("RFC822.TEXT".to_string(), None, data),
                _ => continue,
            };
            let Some(bytes) = string(data) else {
                // NIL: there is no such section. It is not a letter.
                letters.retain(|at| *at != fetch.sections.len());
                continue;
            };
            let range = lent(framer, &bytes);
            fetch.sections.push(Section { name, origin, range, bytes: bytes.as_ref().into() });
        }
        let letters: Vec<Event> = letters.into_iter().map(|at| self.letter(&fetch, &fetch.sections[at])).collect();
        self.events.push_back(Event::Data(Data::Fetch(fetch).into()));
        self.events.extend(letters);
        self.news();
    }

    fn letter(&self, fetch: &Fetch, section: &Section) -> Event {
        let Section { range, bytes, .. } = section.clone();
        let mut map = SpanMap::new();
        // A quoted string with backslashes in it does not stand in the stream as it reads.
        if self.tells_all() && range.end - range.start == bytes.len() as u64 {
            map.push(0, bytes.len() as u64, range.start);
        }
        Event::Letter { number: fetch.number, uid: fetch.uid, range, map, bytes: Arc::clone(&bytes) }
    }
}

fn string(data: NString<'_>) -> Option<Cow<'_, [u8]>> {
    data.0.map(IString::into_inner)
}

/// Where bytes that the codec lent stand in the stream; an empty range at the message's start if it had to write them
/// anew (a quoted string with backslashes).
fn lent(framer: &Framer, bytes: &[u8]) -> std::ops::Range<u64> {
    let message = framer.message();
    match (bytes.as_ptr() as usize).checked_sub(message.as_ptr() as usize) {
        Some(at) if at + bytes.len() <= message.len() => framer.stream(at..at + bytes.len()),
        _ => framer.stream(0..0),
    }
}

/// What stands behind tag and status: the code in brackets, if there is one, and the words.
fn words(line: &[u8]) -> String {
    let words = line.trim_ascii_end().splitn(3, |b| *b == b' ').nth(2).unwrap_or_default();
    String::from_utf8_lossy(words).into_owned()
}

fn status(kind: StatusKind) -> Status {
    match kind {
        StatusKind::Ok => Status::Ok,
        StatusKind::No => Status::No,
        StatusKind::Bad => Status::Bad,
    }
}

fn untagged(body: StatusBody<'_>, line: &[u8]) -> Data {
    match body.code {
        Some(Code::UidNext(n)) => Data::UidNext(n.get()),
        Some(Code::UidValidity(n)) => Data::UidValidity(n.get()),
        Some(Code::Unseen(n)) => Data::Unseen(n.get()),
        Some(Code::PermanentFlags(flags)) => {
            use imap_codec::imap_types::flag::FlagPerm;
            let name = |flag: &FlagPerm<'_>| match flag {
                FlagPerm::Flag(flag) => flag.to_string(),
                FlagPerm::Asterisk => "\\*".to_string(),
            };
            Data::PermanentFlags(flags.iter().map(name).collect())
        }
        _ => Data::Text { status: status(body.kind), text: words(line) },
    }
}

fn name(mailbox: &Mailbox<'_>) -> String {
    match mailbox {
        Mailbox::Inbox => "INBOX".to_string(),
        // A name that is no modified UTF-7 is shown as it is.
        Mailbox::Other(other) => {
            utf7::decode(other.as_ref()).unwrap_or_else(|| String::from_utf8_lossy(other.as_ref()).into_owned())
        }
    }
}

fn flag(flag: &FlagFetch<'_>) -> String {
    match flag {
        FlagFetch::Flag(flag) => flag.to_string(),
        FlagFetch::Recent => "\\Recent".to_string(),
    }
}

fn status_item(item: &StatusDataItem) -> (&'static str, u64) {
    match item {
        StatusDataItem::Messages(n) => ("MESSAGES", u64::from(*n)),
        StatusDataItem::Recent(n) => ("RECENT", u64::from(*n)),
        StatusDataItem::UidNext(n) => ("UIDNEXT", u64::from(n.get())),
        StatusDataItem::UidValidity(n) => ("UIDVALIDITY", u64::from(n.get())),
        StatusDataItem::Unseen(n) => ("UNSEEN", u64::from(*n)),
        StatusDataItem::Deleted(n) => ("DELETED", u64::from(*n)),
        StatusDataItem::DeletedStorage(n) => ("DELETED-STORAGE", *n),
    }
}

fn envelope(wire: wire::Envelope<'_>) -> Envelope {
    let text = |s: NString<'_>| string(s).map_or(String::new(), |s| String::from_utf8_lossy(&s).into_owned());
    let list = |list: Vec<wire::Address<'_>>| {
        // Without a host it is the begin or the end of a group.
        let full = list.into_iter().filter(|a| a.host.0.is_some());
        full.map(|a| format!("{}@{}", text(a.mailbox), text(a.host))).collect()
    };
    Envelope {
        date: text(wire.date),
        subject: text(wire.subject),
        from: list(wire.from),
        to: list(wire.to),
        message_id: text(wire.message_id),
    }
}

/// A section as it is written between the brackets.
fn place(section: &Place<'_>) -> String {
    let numbered = |part: Option<&Part>, rest: &str| {
        let numbers = part.map(|part| part.0.as_ref().iter().map(ToString::to_string).collect::<Vec<_>>().join("."));
        match (numbers, rest) {
            (None, rest) => rest.to_string(),
            (Some(numbers), "") => numbers,
            (Some(numbers), rest) => format!("{numbers}.{rest}"),
        }
    };
    let names = |names: &[AString<'_>]| {
        names.iter().map(|n| String::from_utf8_lossy(n.as_ref()).into_owned()).collect::<Vec<_>>().join(" ")
    };
    match section {
        Place::Part(part) => numbered(Some(part), ""),
        Place::Mime(part) => numbered(Some(part), "MIME"),
        Place::Header(part) => numbered(part.as_ref(), "HEADER"),
        Place::Text(part) => numbered(part.as_ref(), "TEXT"),
        Place::HeaderFields(part, list) => {
            numbered(part.as_ref(), &format!("HEADER.FIELDS ({})", names(list.as_ref())))
        }
        Place::HeaderFieldsNot(part, list) => {
            numbered(part.as_ref(), &format!("HEADER.FIELDS.NOT ({})", names(list.as_ref())))
        }
    }
}
