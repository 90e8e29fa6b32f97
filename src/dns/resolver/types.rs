//! What goes into a resolver and what comes out.

use std::net::Ipv4Addr;

use crate::dns::{Record, RecordType, ResponseCode, canonical};
use crate::time::{Duration, Instant};

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Question {
    /// Absolute, lower case, without the last dot.
    pub name: String,
    /// Type of the records that are wanted.
    pub rtype: RecordType,
}

impl Question {
    /// A question; the name is put into the form in which names are kept.
    pub fn new(name: &str, rtype: RecordType) -> Self {
        Question { name: canonical(name), rtype }
    }
}

/// Names one [`Resolver::lookup`](super::Resolver::lookup), so that its answer finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueryId(pub u32);

/// Names one query over TCP, so that its response finds it: port and id of the query that went by UDP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub(super) u16, pub(super) u16);

/// Why there are no records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Failure {
    /// The name does not exist.
    #[error("the name does not exist (NXDOMAIN)")]
    NxDomain,
    /// The name exists, but has no record of this type.
    #[error("the name has no such record")]
    NoData,
    /// The server cannot or will not answer.
    #[error("the name server failed")]
    ServFail,
    /// Nobody answered.
    #[error("the name server did not answer")]
    Timeout,
}

/// The answer to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The records of the asked type, at least one; CNAMEs on the way have been followed and are not
    /// among them (their targets own the records). Or why there are none.
    pub result: Result<Vec<Record>, Failure>,
    /// What the server gave along: addresses of the hosts in MX and NS records.
    pub additional: Vec<Record>,
}

impl Answer {
    pub(super) fn failed(failure: Failure) -> Self {
        Answer { result: Err(failure), additional: Vec::new() }
    }
}

/// What a lookup leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// Known already.
    Known(Answer),
    /// Asked; [`Output::Answered`] with this number will come.
    Asked(QueryId),
}

/// What the resolver wants, one thing at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send this datagram.
    Datagram {
        /// The name server.
        to: Ipv4Addr,
        /// [`PORT`](super::PORT).
        to_port: u16,
        /// Port of this host; the answer comes there.
        from_port: u16,
        /// The query.
        bytes: Vec<u8>,
    },
    /// Open a connection for this query, and hand what comes of it to
    /// [`Resolver::handle_stream`](super::Resolver::handle_stream).
    Stream {
        /// The name server.
        to: Ipv4Addr,
        /// [`PORT`](super::PORT).
        to_port: u16,
        /// Names the query.
        stream: StreamId,
        /// The query, without its length in front.
        bytes: Vec<u8>,
    },
    /// The answer to a lookup. Lookups of one question are answered in the order in which they were made.
    Answered {
        /// Which lookup.
        query: QueryId,
        /// Its answer.
        answer: Answer,
    },
    /// Something worth telling.
    Event(Event),
    /// Nothing more now; call [`Resolver::handle_timeout`](super::Resolver::handle_timeout) at this moment.
    Wait(Option<Instant>),
}

/// What the resolver tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A question was sent.
    Query {
        /// Name asked for.
        name: String,
        /// Type asked for.
        rtype: RecordType,
        /// Id in the message.
        id: u16,
        /// Counted from 1.
        attempt: u8,
    },
    /// An answer came.
    Answer {
        /// Name asked for.
        name: String,
        /// Type asked for.
        rtype: RecordType,
        /// Id in the message.
        id: u16,
        /// All records of the answer section, CNAMEs included.
        answers: Vec<Record>,
        /// What the server says about the question as a whole.
        rcode: ResponseCode,
    },
    /// An answer was known from before.
    Cached {
        /// Name asked for.
        name: String,
        /// Type asked for.
        rtype: RecordType,
        /// The records, with what is left of their TTL; or why there are none.
        result: Result<Vec<Record>, Failure>,
        /// How long the answer will still be true.
        left: Duration,
    },
    /// A datagram came that is no answer to anything asked: late, or forged.
    Ignored {
        /// Who sent it.
        from: (Ipv4Addr, u16),
        /// What is wrong with it.
        reason: Ignored,
    },
    /// An answer came that was cut to fit into a datagram (TC): it is asked for again by TCP.
    Truncated {
        /// Name asked for.
        name: String,
        /// Type asked for.
        rtype: RecordType,
        /// Id in the message.
        id: u16,
    },
    /// Nobody answered, and the resolver gave up.
    TimedOut {
        /// Name asked for.
        name: String,
        /// Type asked for.
        rtype: RecordType,
        /// Id in the messages.
        id: u16,
        /// How often it was asked.
        attempts: u8,
    },
}

/// Why a datagram is not heard (RFC 5452 section 9.1 lists what must fit).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Ignored {
    /// No question waits for an answer on this port.
    #[error("no question waits for an answer on this port")]
    Port,
    /// It does not come from the name server.
    #[error("it does not come from the name server that was asked")]
    Source,
    /// The bytes are no DNS response.
    #[error("it is not a DNS response")]
    Unreadable,
    /// Another id.
    #[error("its id is not the id of the question")]
    Id,
    /// Another question.
    #[error("it answers another question")]
    Question,
}
