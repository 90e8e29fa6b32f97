//! What a server asks its host: users, folders, letters. The engine knows the protocol (states, sequence numbers,
//! sections of a letter, searching); the host knows what is stored, and names letters by their UID only.

use std::sync::Arc;

use crate::engine::SpanMap;
use crate::imap::Flags;

/// A question. Everything after [`Request::Open`] is about the open folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Is this the password? [`Answer::Login`]
    Login {
        /// User name.
        user: String,
        /// As sent.
        password: String,
    },
    /// Names of all folders. [`Answer::Folders`]
    Folders,
    /// Names of the folders that the user wants to see, there or not. [`Answer::Folders`]
    Subscribed,
    /// Add a name to them, or take it away. [`Answer::Done`]
    Subscribe {
        /// The name.
        folder: String,
        /// Add it.
        on: bool,
    },
    /// Numbers of a folder. [`Answer::Status`]
    Status {
        /// `INBOX` or another folder.
        folder: String,
    },
    /// Make a folder. [`Answer::Done`]
    Create {
        /// Its name.
        folder: String,
    },
    /// Remove a folder with what is in it. [`Answer::Done`]
    Delete {
        /// Its name.
        folder: String,
    },
    /// Give a folder, and those below it, another name; INBOX gives what is in it and stays. [`Answer::Done`]
    Rename {
        /// Its name.
        folder: String,
        /// Its new name.
        to: String,
    },
    /// Store a letter. [`Answer::Placed`]
    Append {
        /// Where.
        folder: String,
        /// With these flags.
        flags: Flags,
        /// Seconds since 1970; `None`: now.
        internal_date: Option<i64>,
        /// The letter.
        letter: Arc<[u8]>,
        /// Letter <- stream of the client's direction.
        map: SpanMap,
    },
    /// Open a folder; the one that was open is closed, whatever the answer. [`Answer::Opened`]
    Open {
        /// Which.
        folder: String,
        /// EXAMINE: nothing changes by looking.
        read_only: bool,
    },
    /// Close it, with or without removing what is `\Deleted`. [`Answer::Closed`]
    Close {
        /// Remove it.
        expunge: bool,
    },
    /// What has happened since the last time, except by this session. [`Answer::Changes`]
    Changes,
    /// Letters by UID, in the order asked for; those that are gone are left out. [`Answer::Messages`]
    Messages {
        /// Which.
        uids: Vec<u32>,
        /// Set `\Seen` first (never in a folder that is read-only).
        mark_seen: bool,
    },
    /// Change flags. [`Answer::Flagged`]
    Flag {
        /// Of which.
        uids: Vec<u32>,
        /// How.
        change: Change,
        /// The flags.
        flags: Flags,
    },
    /// Copy into another folder. [`Answer::Placed`]
    Copy {
        /// Which.
        uids: Vec<u32>,
        /// Where to.
        folder: String,
        /// If one of them is gone, nothing is done; else it is left out.
        all: bool,
        /// Remove them here.
        remove: bool,
    },
    /// Remove what is `\Deleted`, only among these if there is a list. [`Answer::Expunged`]
    Expunge {
        /// Which.
        among: Option<Vec<u32>>,
    },
}

/// What STORE does with the flags that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// `FLAGS`
    Replace,
    /// `+FLAGS`
    Add,
    /// `-FLAGS`
    Remove,
}

/// The host's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Whether user and password fit.
    Login(bool),
    /// Names, INBOX first.
    Folders(Vec<String>),
    /// Nothing: there is no such folder.
    Status(Option<FolderStatus>),
    /// Done, or why not.
    Done(Result<(), Refusal>),
    /// Letters were stored, or why not.
    Placed(Result<Placed, Refusal>),
    /// Nothing: there is no such folder.
    Opened(Option<Opened>),
    /// Closed.
    Closed,
    /// Nothing: the folder itself is gone.
    Changes(Option<Changes>),
    /// Those that are still there.
    Messages(Vec<Message>),
    /// UID and all flags now, of those that are still there.
    Flagged(Vec<(u32, Flags)>),
    /// UIDs in rising order.
    Expunged(Vec<u32>),
}

/// Where letters were put (RFC 4315).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placed {
    /// UIDVALIDITY of the folder they are in now.
    pub uid_validity: u32,
    /// Their UIDs in the open folder, if they come from there.
    pub from: Vec<u32>,
    /// Their UIDs now, in the same order.
    pub to: Vec<u32>,
}

/// Why a folder was not made, removed or written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is none of that name.
    NoSuchFolder,
    /// There is one already.
    Exists,
    /// INBOX cannot be removed.
    Inbox,
    /// A folder with others below it cannot be removed.
    HasChildren,
    /// No such name can be given.
    BadName,
    /// There are too many folders.
    TooMany,
    /// One of the letters is gone.
    Gone,
    /// There is no room in the mailbox (RFC 5530, OVERQUOTA).
    OverQuota,
    /// There is no name to take away.
    NotSubscribed,
}

impl Refusal {
    /// In words.
    pub const fn text(self) -> &'static str {
        match self {
            Refusal::NoSuchFolder => "no such mailbox",
            Refusal::Exists => "there is a mailbox of that name",
            Refusal::Inbox => "INBOX cannot be deleted",
            Refusal::HasChildren => "the mailbox has others below it",
            Refusal::BadName => "a mailbox cannot have that name",
            Refusal::TooMany => "too many mailboxes",
            Refusal::OverQuota => "the mailbox is full",
            Refusal::Gone => "some of the messages are gone",
            Refusal::NotSubscribed => "the mailbox is not subscribed",
        }
    }
}

/// Numbers of a folder (RFC 3501 section 6.3.10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FolderStatus {
    /// Letters.
    pub messages: u32,
    /// Letters that no session has been told of.
    pub recent: u32,
    /// The next letter's UID.
    pub uid_next: u32,
    /// Changes when UIDs begin anew.
    pub uid_validity: u32,
    /// Letters without `\Seen`.
    pub unseen: u32,
}

/// An open folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The next letter's UID.
    pub uid_next: u32,
    /// Changes when UIDs begin anew.
    pub uid_validity: u32,
    /// UID of the first letter without `\Seen`.
    pub first_unseen: Option<u32>,
    /// Keywords that its letters have, each once.
    pub keywords: Vec<String>,
    /// All letters, by rising UID.
    pub messages: Vec<Listed>,
}

/// A letter that a session learns of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its UID.
    pub uid: u32,
    /// This is the first session that learns of it.
    pub recent: bool,
}

/// What others have done to the open folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Letters that came, by rising UID.
    pub new: Vec<Listed>,
    /// UIDs that are gone, by rising UID.
    pub expunged: Vec<u32>,
    /// Flags that are different now, by rising UID.
    pub flags: Vec<(u32, Flags)>,
    /// The folder's name, if it is another one now.
    pub renamed: Option<String>,
}

/// A stored letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its UID.
    pub uid: u32,
    /// All flags.
    pub flags: Flags,
    /// `mark_seen` has changed them.
    pub newly_seen: bool,
    /// Seconds since 1970.
    pub internal_date: i64,
    /// The host's number of this version of the letter (a `ContentId` in the simulator).
    pub content: u32,
    /// Its bytes.
    pub letter: Arc<[u8]>,
}
