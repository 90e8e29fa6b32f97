//! What a mail program can be told to say.

use std::collections::BTreeSet;
use std::sync::Arc;

/// One thing to do in a POP3 session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientCommand {
    /// USER and PASS; APOP instead if the greeting has a timestamp.
    Login {
        /// User name.
        user: String,
        /// A teaching value.
        password: String,
    },
    /// RFC 2449 section 5.
    Capa,
    /// RFC 2595 section 4. The client says it by itself, see [`Config::tls`](super::Config::tls).
    Stls,
    /// RFC 1939 section 5.
    Stat,
    /// Of one message, or of all.
    List(Option<u32>),
    /// Section 7; of one message, or of all.
    Uidl(Option<u32>),
    /// Section 5.
    Retr {
        /// Which message.
        number: u32,
        /// DELE it when all of it is here, and only then.
        delete: bool,
    },
    /// Section 7: the header and so many lines.
    Top {
        /// Which message.
        number: u32,
        /// Lines of the body.
        lines: u32,
    },
    /// Section 5.
    Dele(u32),
    /// Section 5.
    Noop,
    /// Section 5.
    Rset,
    /// Section 6.
    Quit,
    /// LIST, then RETR and DELE of every message ("download and delete").
    FetchAndDelete,
    /// UIDL, then RETR of every message whose unique-id is not known yet ("download and keep").
    FetchNew {
        /// Unique-ids of what is on the disk already.
        known: Arc<BTreeSet<String>>,
    },
}

impl ClientCommand {
    /// The word with which it begins.
    pub const fn verb(&self) -> &'static str {
        match self {
            ClientCommand::Login { .. } => "USER",
            ClientCommand::Capa => "CAPA",
            ClientCommand::Stls => "STLS",
            ClientCommand::Stat => "STAT",
            ClientCommand::List(_) | ClientCommand::FetchAndDelete => "LIST",
            ClientCommand::Uidl(_) | ClientCommand::FetchNew { .. } => "UIDL",
            ClientCommand::Retr { .. } => "RETR",
            ClientCommand::Top { .. } => "TOP",
            ClientCommand::Dele(_) => "DELE",
            ClientCommand::Noop => "NOOP",
            ClientCommand::Rset => "RSET",
            ClientCommand::Quit => "QUIT",
        }
    }

    /// Whether an answer with +OK goes on in further lines.
    pub(super) const fn has_lines(&self) -> bool {
        match self {
            ClientCommand::Capa
            | ClientCommand::List(None)
            | ClientCommand::Uidl(None)
            | ClientCommand::FetchAndDelete
            | ClientCommand::FetchNew { .. } => true,
            _ => self.has_letter(),
        }
    }

    /// Whether those lines are a letter.
    pub(super) const fn has_letter(&self) -> bool {
        matches!(self, ClientCommand::Retr { .. } | ClientCommand::Top { .. })
    }
}
