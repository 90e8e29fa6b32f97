//! What became of one letter on one connection, recipient by recipient (RFC 5321 sections 3.3, 4.2.5, 6.1).
//!
//! Only a positive reply to the end of data hands responsibility over. 5yz anywhere means no; everything else,
//! a lost connection too, means: the letter is still ours, try again later (section 4.5.4.1).

use std::fmt;
use std::sync::Arc;

use crate::smtp::{Address, Envelope, Reply};

/// How far a session was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The connection was not open.
    Connect,
    /// Waiting for the greeting.
    Greeting,
    /// STARTTLS, and the handshake of TLS.
    StartTls,
    /// EHLO or HELO.
    Hello,
    /// AUTH.
    Login,
    /// MAIL.
    Mail,
    /// RCPT.
    Recipient,
    /// DATA.
    Data,
    /// Sending the letter.
    Letter,
    /// The final dot was sent.
    EndOfData,
    /// No transaction was under way.
    Between,
}

impl Stage {
    /// In words, fit for "waiting for ...".
    pub const fn name(self) -> &'static str {
        match self {
            Stage::Connect => "the connection",
            Stage::Greeting => "the greeting",
            Stage::StartTls => "TLS",
            Stage::Hello => "the reply to EHLO",
            Stage::Login => "the reply to AUTH",
            Stage::Mail => "the reply to MAIL",
            Stage::Recipient => "the reply to RCPT",
            Stage::Data => "the reply to DATA",
            Stage::Letter => "room to send the letter",
            Stage::EndOfData => "the reply to the end of data",
            Stage::Between => "the end of the session",
        }
    }
}

/// Why a letter, or one recipient of it, failed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FailureCause {
    /// The server said no.
    Reply,
    /// The connection broke, was closed, or never came to be.
    ConnectionLost,
    /// The server was silent for too long.
    Timeout,
    /// The server said what is no reply.
    BadReply,
    /// The session ended before it was this letter's turn.
    NotSent,
    /// There is no TLS, for this reason, and without it nothing is sent.
    NotSecured(Arc<str>),
    /// The server does not offer what this letter, or this user, cannot do without: nothing was said.
    NotOffered(Missing),
    /// It has no recipient, or an address that cannot be written in a command: nothing was said.
    BadEnvelope,
}

/// An extension without which a letter cannot go to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Missing {
    /// The letter has bytes above 127 (RFC 6152 section 3).
    EightBitMime,
    /// A part of the letter is in no lines at all (RFC 3030 section 3).
    BinaryMime,
    /// An address, or a header field, has characters beyond ASCII (RFC 6531 section 3.5).
    SmtpUtf8,
    /// The client is to log in, and not in a way that the server knows (RFC 4954).
    Login,
}

impl Missing {
    /// The keyword.
    pub const fn name(self) -> &'static str {
        match self {
            Missing::EightBitMime => "8BITMIME",
            Missing::BinaryMime => "BINARYMIME",
            Missing::SmtpUtf8 => "SMTPUTF8",
            Missing::Login => "AUTH",
        }
    }

    /// What a report says of it (RFC 3463 sections 3.7 and 3.8; RFC 6531 section 3.5).
    pub const fn status(self) -> &'static str {
        match self {
            Missing::EightBitMime | Missing::BinaryMime => "5.6.3",
            Missing::SmtpUtf8 => "5.6.7",
            Missing::Login => "5.7.4",
        }
    }

    /// Why it is needed.
    const fn because(self) -> &'static str {
        match self {
            Missing::EightBitMime => "the letter has bytes above 127",
            Missing::BinaryMime => "a part of the letter is binary",
            Missing::SmtpUtf8 => "an address or a header field is not ASCII",
            Missing::Login => "there is no other way to log in",
        }
    }
}

/// Why, when, and the server's words if there are any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Why.
    pub cause: FailureCause,
    /// How far the session was.
    pub stage: Stage,
    /// The reply that decided, if one did.
    pub reply: Option<Reply>,
}

impl Failure {
    /// Whether trying the same again makes no sense.
    pub fn is_permanent(&self) -> bool {
        match self.cause {
            FailureCause::Reply => self.reply.as_ref().is_some_and(Reply::is_permanent),
            FailureCause::BadEnvelope | FailureCause::NotOffered(_) => true,
            _ => false,
        }
    }

    fn verdict(self) -> Verdict {
        if self.is_permanent() { Verdict::Refused(self) } else { Verdict::Deferred(self) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stage = self.stage.name();
        match (&self.cause, &self.reply) {
            (FailureCause::Reply, Some(reply)) if self.stage == Stage::Letter => {
                write!(f, "{reply} (in the middle of the letter)")
            }
            (FailureCause::Reply, Some(reply)) => write!(f, "{reply} ({})", stage.trim_start_matches("the ")),
            (FailureCause::Reply, None) => write!(f, "refused ({})", stage.trim_start_matches("the ")),
            (FailureCause::ConnectionLost, _) => write!(f, "connection lost, waiting for {stage}"),
            (FailureCause::Timeout, _) => write!(f, "timed out waiting for {stage}"),
            (FailureCause::BadReply, _) => write!(f, "not a reply where {stage} was due"),
            (FailureCause::NotSecured(why), _) => write!(f, "no TLS: {why}"),
            (FailureCause::NotSent, Some(reply)) => write!(f, "not sent: {reply}"),
            (FailureCause::NotSent, None) => f.write_str("not sent: the session ended before"),
            (FailureCause::NotOffered(missing), _) => {
                let (what, why) = (missing.name(), missing.because());
                write!(f, "not sent: the server does not offer {what} as needed, and {why}")
            }
            (FailureCause::BadEnvelope, _) => f.write_str("not sent: the envelope cannot be written in SMTP"),
        }
    }
}

/// What became of a letter for one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The server has taken responsibility, with this reply.
    Delivered(Reply),
    /// Never (5yz).
    Refused(Failure),
    /// Not now: the letter stays with the sender.
    Deferred(Failure),
}

/// What became of a letter. There is exactly one for each [`Client::send`](super::Client::send).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// From whom, to whom.
    pub envelope: Envelope,
    /// The reply to each RCPT that got one, in the envelope's order.
    pub recipients: Vec<(Address, Reply)>,
    /// The reply to the end of data.
    pub end: Option<Reply>,
    /// Why it came to no end of data, or to no reply after it.
    pub failure: Option<Failure>,
    /// The server offers DSN: the sender's wishes about reports have gone on with the letter (RFC 3461 section 5.2).
    pub carries_wishes: bool,
}

impl Outcome {
    /// What became of each recipient, in the envelope's order.
    pub fn verdicts(&self) -> Vec<(Address, Verdict)> {
        let refused =
            |reply: &Reply, stage| Failure { cause: FailureCause::Reply, stage, reply: Some(reply.clone()) }.verdict();
        let verdict = |reply: Option<&Reply>| match (reply, &self.end, &self.failure) {
            (Some(reply), _, _) if !reply.is_positive() => refused(reply, Stage::Recipient),
            (Some(_), Some(end), _) if end.is_positive() => Verdict::Delivered(end.clone()),
            (Some(_), Some(end), _) => refused(end, Stage::EndOfData),
            (_, _, Some(failure)) => failure.clone().verdict(),
            // A client gives no such outcome; the fields are public, and a letter without verdict stays ours.
            (_, _, None) => Failure { cause: FailureCause::NotSent, stage: Stage::Between, reply: None }.verdict(),
        };
        let all = self.envelope.to.iter().enumerate();
        all.map(|(i, to)| (to.clone(), verdict(self.recipients.get(i).map(|(_, reply)| reply)))).collect()
    }

    /// Whether the server has taken the letter for every recipient.
    pub fn is_complete(&self) -> bool {
        self.end.as_ref().is_some_and(Reply::is_positive)
            && self.recipients.len() == self.envelope.to.len()
            && self.recipients.iter().all(|(_, reply)| reply.is_positive())
    }
}
