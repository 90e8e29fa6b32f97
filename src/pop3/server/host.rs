//! What a server asks its host. The engine knows the protocol (states, numbers, what is marked as deleted); the host
//! knows what is stored, keeps the lock, and names letters by their UID.

use std::sync::Arc;

use super::super::apop;

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Open and lock the maildrop of this user. [`Answer::Maildrop`]
    Open {
        /// User name.
        user: String,
        /// What proves who it is.
        proof: Proof,
    },
    /// A letter of the open maildrop. [`Answer::Letter`]
    Letter {
        /// Its UID.
        uid: u32,
    },
    /// UPDATE: remove these for good and release the lock. [`Answer::Removed`]
    Update {
        /// UIDs in rising order.
        deleted: Vec<u32>,
    },
}

/// How a client proves who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// PASS: the password itself.
    Password(String),
    /// APOP: a digest of the greeting's timestamp and the password.
    Digest {
        /// As it stood in the greeting.
        timestamp: String,
        /// As the client sent it.
        digest: String,
    },
}

impl Proof {
    /// Whether it was made with this password.
    pub fn fits(&self, password: &str) -> bool {
        match self {
            Proof::Password(said) => said == password,
            Proof::Digest { timestamp, digest } => apop::digest(timestamp, password).eq_ignore_ascii_case(digest),
        }
    }
}

/// The host's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// All letters, by rising UID, or why not.
    Maildrop(Result<Vec<Listed>, Refusal>),
    /// Nothing: it is gone, by another way than POP3.
    Letter(Option<Message>),
    /// How many of them could not be removed.
    Removed {
        /// 0 if all is well.
        failed: u32,
    },
}

/// Why a maildrop was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such user, or the proof is wrong. Which of both is not said.
    Credentials,
    /// RFC 2449 section 8.1.2, `IN-USE`: another session has the lock.
    InUse,
}

/// A letter in the maildrop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its UID.
    pub uid: u32,
    /// UIDL's name for it: 1 to 70 characters from `!` to `~`, the same in every session.
    pub unique: String,
    /// Its [`octets`](super::octets).
    pub octets: u64,
}

/// A stored letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The host's number of this version of the letter (a `ContentId` in the simulator).
    pub content: u32,
    /// Its bytes.
    pub letter: Arc<[u8]>,
}
