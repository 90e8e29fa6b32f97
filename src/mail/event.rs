//! What the mail system tells: who wrote, where a mail waits, where it lies. The trace keeps these as they are.
//!
//! A letter changes on its way (a line in front at each hop); every version of its bytes has a number of
//! its own, a [`ContentId`], and says from which version it was made and how ([`Made`]). That chain, and the
//! maps of the SMTP, IMAP and message modules, is what "follow this byte" walks.

use std::sync::Arc;

use super::mua::copy::Outcome;
use crate::action::CopyChange;
use crate::engine::SpanMap;
use crate::message::{Draft, Fate, Screen};
use crate::smtp::{Address, Envelope, Reply};
use crate::tail::Tail;
use crate::time::Instant;
use crate::topology::ConnId;

/// One version of a letter's bytes. Numbers are given out by the world, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct ContentId(pub u32);

/// A mail in a queue of one server: one for each (letter, destination domain).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct QueueId(pub u32);

/// A version of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Its number.
    pub content: ContentId,
    /// Its bytes.
    pub bytes: Tail,
    /// Message-ID without brackets, read from the bytes; empty if it has none.
    pub message_id: Arc<str>,
    /// Where the bytes come from.
    pub made: Made,
}

/// How a version of a letter came to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made {
    /// Written from what a user typed: letter <- typed text.
    Composed(SpanMap),
    /// Read from a connection by an SMTP server: letter <- stream of the client's direction.
    Received(ConnId, SpanMap),
    /// Read from a connection by an IMAP server (APPEND) or a mail program (FETCH, RETR): letter <- stream.
    Fetched(ConnId, SpanMap),
    /// Parts of another version encoded anew, for a way that takes seven bits (RFC 6152), or lines (RFC 3030), and
    /// perhaps lines put in front: letter <- that version.
    Converted(ContentId, SpanMap),
    /// Lines put in front of another version: letter <- that version.
    Prepended(ContentId, SpanMap),
    /// Written by a server (a bounce).
    Written,
    /// It was there when the run began.
    Preloaded,
}

/// Why a mail left a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Left {
    /// Another server answered 250 for every recipient that was not refused.
    Delivered,
    /// Put into mailboxes of this server.
    Stored,
    /// Refused for good, or for too long: a bounce was written.
    Bounced,
    /// As `Bounced`, but the sender is `<>`: nobody is told (RFC 5321 section 4.5.5).
    Discarded,
}

/// When a check can be made: what it needs has been said then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// After MAIL: the address of the client, its name and the envelope's sender are known.
    Mail,
    /// After the end of data: the letter is known.
    EndOfData,
}

impl Stage {
    /// In one word.
    pub const fn name(self) -> &'static str {
        match self {
            Stage::Mail => "mail",
            Stage::EndOfData => "end-of-data",
        }
    }
}

/// Why one address stands for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Expansion {
    /// A user wants the mail somewhere else.
    Forward,
    /// It is a mailing list.
    List,
}

impl Expansion {
    /// In one word.
    pub const fn name(self) -> &'static str {
        match self {
            Expansion::Forward => "forward",
            Expansion::List => "list",
        }
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A user agent made a letter of what was typed.
    Composed {
        /// Address of the writer.
        user: String,
        /// What was typed.
        draft: Arc<Draft>,
        /// Envelope it will be sent with.
        envelope: Envelope,
        /// The letter.
        letter: Arc<Letter>,
    },
    /// An SMTP client begins the transfer of this version on a connection. The client's own events say
    /// where in the stream.
    LetterSent {
        /// The connection.
        conn: ConnId,
        /// Which version.
        content: ContentId,
    },
    /// A server has encoded a letter in its queue anew, because the next server takes seven bits, or lines, only.
    Converted {
        /// Which mail.
        entry: QueueId,
        /// The letter from now on.
        letter: Arc<Letter>,
    },
    /// A user agent has handed its letter over, or not.
    Submitted {
        /// Address of the writer.
        user: String,
        /// The letter's Message-ID.
        message_id: Arc<str>,
        /// The last word, in words: `250 OK`, `connection refused`.
        result: String,
        /// Whether every recipient was taken.
        accepted: bool,
    },
    /// A server has checked who a mail is from.
    AuthResult {
        /// The connection on which it comes in.
        conn: ConnId,
        /// `spf`, `dkim` or `dmarc`.
        method: &'static str,
        /// As in Authentication-Results: `pass`, `fail`, `none` ... (RFC 8601 section 2.7).
        result: &'static str,
        /// The domain that was asked about: that of MAIL FROM, of the signature, of From.
        domain: String,
        /// When it could be known.
        stage: Stage,
        /// In words.
        reason: String,
    },
    /// A server has taken a letter over: its 250 is about to be sent.
    Accepted {
        /// From whom and to whom.
        envelope: Envelope,
        /// As it came in.
        received: Arc<Letter>,
        /// With this server's trace line in front.
        letter: Arc<Letter>,
    },
    /// A mail was put into a queue.
    QueueEnter {
        /// Its number in this server's queue.
        entry: QueueId,
        /// The part of the envelope that goes to `domain`.
        envelope: Envelope,
        /// Where it has to go.
        domain: String,
        /// The letter, shared with the other entries made of it.
        letter: Arc<Letter>,
        /// When it will be tried first.
        due: Instant,
    },
    /// A delivery attempt begins.
    QueueAttempt {
        /// Which mail.
        entry: QueueId,
        /// Its Message-ID.
        message_id: Arc<str>,
        /// 1 for the first.
        attempt: u32,
    },
    /// It did not succeed for some recipients; they stay in the queue.
    QueueDefer {
        /// Which mail.
        entry: QueueId,
        /// Its Message-ID.
        message_id: Arc<str>,
        /// How many attempts there were.
        attempt: u32,
        /// In words.
        reason: String,
        /// The server's reply, if it gave one.
        reply: Option<Reply>,
        /// Recipients that still wait.
        waiting: Vec<Address>,
        /// When it will be tried again, or returned if that comes first.
        next: Instant,
    },
    /// A mail left the queue.
    QueueLeave {
        /// Which mail.
        entry: QueueId,
        /// Its Message-ID.
        message_id: Arc<str>,
        /// Why.
        left: Left,
        /// In words: the reply, or what went wrong.
        reason: String,
    },
    /// An address of this server stands for others: the letter goes on to them in a new envelope.
    Expanded {
        /// The address.
        address: Box<Address>,
        /// What it is.
        by: Expansion,
        /// From whom, and to whom it stands for.
        envelope: Envelope,
        /// The letter, with what was put to it.
        letter: Arc<Letter>,
    },
    /// A server wrote a report (RFC 3464), mostly a bounce.
    DsnCreate {
        /// Message-ID of the mail that it is about.
        about: Arc<str>,
        /// To whom: the envelope's sender.
        to: Address,
        /// What has become of the mail.
        fate: Fate,
        /// For these recipients; in a bounce, those that were given up.
        failed: Vec<Address>,
        /// The report itself.
        letter: Arc<Letter>,
    },
    /// A letter was put into a mailbox (delivery, APPEND, COPY, or there at the start).
    MailboxStore {
        /// Whose.
        user: String,
        /// `INBOX` or another folder.
        folder: String,
        /// Its UID there.
        uid: u32,
        /// Flags it has from the start.
        flags: Vec<String>,
        /// The letter as stored.
        letter: Arc<Letter>,
    },
    /// Flags of a stored letter are now these.
    MailboxFlag {
        /// Whose.
        user: String,
        /// The folder.
        folder: String,
        /// Its UID.
        uid: u32,
        /// All flags after the change, in a fixed order.
        flags: Vec<String>,
    },
    /// A letter was removed for good.
    MailboxExpunge {
        /// Whose.
        user: String,
        /// The folder.
        folder: String,
        /// Its UID.
        uid: u32,
        /// Its sequence number at that moment.
        number: u32,
    },
    /// A letter went from one folder to another (MOVE). That it was stored there and removed here stands in the
    /// events before this one, which only says that the two were one.
    MailboxMove {
        /// Whose.
        user: String,
        /// Where it was.
        folder: String,
        /// Its UID there.
        uid: u32,
        /// Where it is.
        to: String,
        /// Its UID there.
        new_uid: u32,
    },
    /// A folder was made.
    FolderCreate {
        /// Whose.
        user: String,
        /// Its name.
        folder: String,
    },
    /// A folder was removed, with what was in it.
    FolderDelete {
        /// Whose.
        user: String,
        /// Its name.
        folder: String,
    },
    /// A folder has another name now; one event for each of those below it too.
    FolderRename {
        /// Whose.
        user: String,
        /// Its name before.
        folder: String,
        /// Its name now.
        to: String,
    },
    /// A user changed a letter in a device's copy of a folder; the server does not know yet.
    CopyChange {
        /// Address of the user.
        user: String,
        /// The folder.
        folder: String,
        /// UID of the letter.
        uid: u32,
        /// What was done.
        change: CopyChange,
    },
    /// A device has brought its copy of a folder up to date, or the connection for that has ended early.
    CopySync {
        /// Address of the user.
        user: String,
        /// The folder.
        folder: String,
        /// UIDVALIDITY of the copy.
        uid_validity: Option<u32>,
        /// Letters in the copy now.
        letters: u32,
        /// How it went.
        outcome: Outcome,
    },
    /// A mail program has put a letter on the disk of its computer (POP3). What becomes of the one on the server does
    /// not touch it.
    DiskStore {
        /// Address of the reader.
        user: String,
        /// The letter as fetched.
        letter: Arc<Letter>,
    },
    /// A mail program shows a letter to its user.
    Read {
        /// Address of the reader.
        user: String,
        /// The letter as fetched.
        letter: Arc<Letter>,
        /// What stands on the screen.
        screen: Box<Screen>,
    },
}
