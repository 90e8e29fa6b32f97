//! What a server tells, asks and is answered.

use super::State;
use crate::engine::{Carried, SpanMap, Unexpected};
use crate::smtp::auth::Proof;
use crate::smtp::phase::PhaseChange;
use crate::smtp::{Address, Ending, Envelope, Reply, ReversePath, Spoken};
use crate::time::Duration;

/// What a server tells: many of them and often, so each is small and what is large lies elsewhere.
///
/// `Line`, `State`, `Phase`, `Unexpected` and the maps come with
/// [`Detail::Everything`](crate::engine::Detail::Everything) only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A command was read or a reply written. Its words are in [`Server::words`](super::Server::words).
    Line(Spoken),
    /// A new state.
    State {
        /// It was this.
        from: State,
        /// It is this.
        to: State,
    },
    /// A new phase.
    Phase(PhaseChange),
    /// The end of data was read; whether the letter is taken, the reply says.
    /// Where it stands in the incoming stream, final dot included; letter <- incoming stream.
    LetterReceived(Box<Carried>),
    /// The client said what does not belong here.
    Unexpected(Box<Unexpected>),
    /// The last event of a session.
    Ended(Ending),
}

/// What a server asks its host. It reads no further command until it has the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// The connection is open: look up who is calling. Only of a server that wants to know.
    Peer,
    /// MAIL: may a mail come from here?
    Sender {
        /// The reverse path.
        from: ReversePath,
        /// How the client called itself.
        peer_name: String,
        /// How many bytes the letter has, if the client says so (RFC 1870).
        size: Option<u64>,
    },
    /// RCPT: is a mail for this address taken?
    Recipient {
        /// Who sends.
        from: ReversePath,
        /// For whom.
        to: Address,
        /// How the client called itself.
        peer_name: String,
        /// The user who has logged in.
        user: Option<String>,
    },
    /// The end of data: will you be responsible for this letter?
    Deliver {
        /// From whom, to whom.
        envelope: Envelope,
        /// The letter, leading dots restored.
        letter: Vec<u8>,
        /// Letter <- incoming stream.
        map: SpanMap,
        /// `SMTP`, `ESMTP`, `ESMTPA`, `UTF8SMTP` or `UTF8SMTPA`, as a `Received:` line has it (RFC 3848, 6531
        /// section 4.3).
        protocol: &'static str,
        /// How the client called itself.
        peer_name: String,
    },
    /// A command was read, or the connection is open, or the end of data was read: is there anything to do about it?
    /// Only of a server that is [watched](super::Server::watch).
    Command {
        /// The command in capitals; [`CONNECT`](super::CONNECT) and [`END_OF_DATA`](super::END_OF_DATA) for the others.
        name: &'static str,
    },
    /// VRFY: is this a user?
    Verify {
        /// The argument.
        text: String,
    },
    /// EXPN: who is on this list?
    Expand {
        /// The argument.
        text: String,
    },
    /// AUTH CRAM-MD5: a text that was never sent before (RFC 2195 section 2).
    Challenge,
    /// AUTH: is it this user?
    Login {
        /// His name.
        user: String,
        /// With what he shows it.
        proof: Proof,
    },
}

/// How a server behaves at a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Manner {
    /// As it always does.
    OwnWay,
    /// It refuses the command with this reply (4yz or 5yz; 421 closes the session), and does nothing else.
    Refuse(Reply),
    /// It closes the connection without a word.
    HangUp,
    /// It takes so long, and then behaves as it always does.
    After(Duration),
}

/// What the host answers; of the same name as the question. 421 as a reply closes the session. Replies may begin with
/// an enhanced status code, which is left out where ENHANCEDSTATUSCODES is not offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is known now, or known that it cannot be.
    Peer,
    /// Yes, or a refusal.
    Sender(Result<(), Reply>),
    /// Yes, or a refusal (550: no such mailbox).
    Recipient(Result<(), Reply>),
    /// 2yz: the host is responsible now. Else the client keeps the letter.
    Deliver(Reply),
    /// What is done at the command.
    Command(Manner),
    /// 250, 251, 252, 550 ...
    Verify(Reply),
    /// 250, 550 ...
    Expand(Reply),
    /// Of the form of a Message-ID.
    Challenge(String),
    /// Yes, or a refusal (535).
    Login(Result<(), Reply>),
}
