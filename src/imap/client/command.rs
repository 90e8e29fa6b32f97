//! What a mail program can be told to say.

use crate::time::Duration;

/// One IMAP command. Sequence sets are given as text (`1:3,5`, `*`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientCommand {
    /// RFC 3501 section 6.1.1.
    Capability,
    /// Section 6.1.2.
    Noop,
    /// Section 6.1.3.
    Logout,
    /// Section 6.2.1.
    StartTls,
    /// Section 6.2.3.
    Login {
        /// User name.
        user: String,
        /// A teaching value.
        password: String,
    },
    /// Section 6.2.2, with PLAIN (RFC 4616).
    Authenticate {
        /// User name.
        user: String,
        /// A teaching value.
        password: String,
        /// With the response in the same line (RFC 4959); else behind the server's `+`.
        at_once: bool,
    },
    /// Section 6.3.1.
    Select(String),
    /// Section 6.3.2.
    Examine(String),
    /// Section 6.3.3.
    Create(String),
    /// Section 6.3.4.
    Delete(String),
    /// Section 6.3.5: its name and its new name.
    Rename(String, String),
    /// Section 6.3.6.
    Subscribe(String),
    /// Section 6.3.7.
    Unsubscribe(String),
    /// Section 6.3.8: reference and pattern.
    List(String, String),
    /// Section 6.3.9: reference and pattern.
    Lsub(String, String),
    /// Section 6.3.10, with all items.
    Status(String),
    /// Section 6.3.11.
    Append {
        /// The folder.
        mailbox: String,
        /// Flags such as `\Seen`.
        flags: Vec<String>,
        /// The letter.
        message: Vec<u8>,
    },
    /// Section 6.4.1.
    Check,
    /// Section 6.4.2.
    Close,
    /// Section 6.4.3.
    Expunge,
    /// RFC 4315 section 2.1: only what is named goes.
    UidExpunge(String),
    /// RFC 3691.
    Unselect,
    /// RFC 2177.
    Idle {
        /// DONE is said after this time. RFC 2177: at the latest after 29 minutes.
        longest: Duration,
        /// DONE is said as soon as the server has told something.
        until_news: bool,
    },
    /// RFC 2342.
    Namespace,
    /// RFC 5161, with the names.
    Enable(String),
    /// RFC 2971: nothing about oneself.
    Id,
    /// Section 6.4.4: the search key as text, `UNSEEN`.
    Search {
        /// The key.
        key: String,
        /// `UID SEARCH`.
        uid: bool,
    },
    /// Section 6.4.5: items as text, `(FLAGS BODY[])`.
    Fetch {
        /// Which messages.
        set: String,
        /// Which parts.
        items: String,
        /// `UID FETCH`.
        uid: bool,
    },
    /// Section 6.4.6.
    Store {
        /// Which messages.
        set: String,
        /// `+FLAGS`, `-FLAGS` or `FLAGS`, with `.SILENT` if wanted.
        action: String,
        /// Flags such as `\Deleted`.
        flags: Vec<String>,
        /// `UID STORE`.
        uid: bool,
    },
    /// Section 6.4.7.
    Copy {
        /// Which messages.
        set: String,
        /// The other folder.
        mailbox: String,
        /// `UID COPY`.
        uid: bool,
    },
    /// RFC 6851.
    Move {
        /// Which messages.
        set: String,
        /// The other folder.
        mailbox: String,
        /// `UID MOVE`.
        uid: bool,
    },
}

impl ClientCommand {
    /// How long an IDLE may last (RFC 2177: a server may send a client away that is silent for 30 minutes).
    pub const LONGEST_IDLE: Duration = Duration::from_secs(29 * 60);
}
