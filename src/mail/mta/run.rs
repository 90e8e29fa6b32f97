//! One domain's delivery under way: from the question for its hosts to QUIT.

use std::collections::VecDeque;

use super::SessionId;
use crate::mail::QueueId;
use crate::mail::routing::{Target, Targets};
use crate::smtp::Reply;

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The hosts of the domain have been asked for.
    Resolving,
    /// A host is being tried; it has not taken or refused a letter.
    Connecting(SessionId),
    /// The host talks to us.
    Talking(SessionId),
}

/// See the [module](self).
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub domain: String,
    pub stage: Stage,
    /// The letter that the session has, without an outcome.
    pub current: Option<QueueId>,
    /// Letters whose attempt is this session, in order.
    pub waiting: VecDeque<QueueId>,
    /// Letters that get a connection of their own after this one.
    pub held: VecDeque<QueueId>,
    targets: std::vec::IntoIter<Target>,
    target: Option<Target>,
    failure: Failed,
}

/// Why no host took the mail.
#[derive(Clone, Debug)]
pub(super) struct Failed {
    /// In words.
    pub reason: String,
    /// The last host's reply, if it gave one.
    pub reply: Option<Reply>,
    /// Every host that was tried said 5yz.
    pub permanent: bool,
}

impl Failed {
    pub fn temporary(reason: impl Into<String>) -> Self {
        Failed { reason: reason.into(), reply: None, permanent: false }
    }
}

impl Run {
    pub fn new(domain: String, first: QueueId, held: VecDeque<QueueId>) -> Self {
        Run {
            domain,
            stage: Stage::Resolving,
            current: None,
            waiting: VecDeque::from([first]),
            held,
            targets: Vec::new().into_iter(),
            target: None,
            failure: Failed { reason: "there is no host to try".to_owned(), reply: None, permanent: true },
        }
    }

    pub fn set_targets(&mut self, targets: Targets) {
        self.failure.permanent = !targets.is_empty();
        self.targets = targets.into_iter();
    }

    /// The next host in order; why none took the mail, when there is none left.
    pub fn next_target(&mut self) -> Result<&Target, Failed> {
        self.target = self.targets.next();
        self.target.as_ref().ok_or_else(|| self.failure.clone())
    }

    /// The host that is being tried does not talk to us. RFC 5321 section 5.1: the others are tried too, and
    /// only if every one said "never" (5yz, RFC 7504) is that the answer.
    pub fn target_failed(&mut self, reason: &str, reply: Option<Reply>) {
        self.failure.permanent &= reply.as_ref().is_some_and(Reply::is_permanent);
        self.failure.reason = match &self.target {
            Some(t) => format!("{reason} ({}, {})", t.host, t.address),
            None => reason.to_owned(),
        };
        self.failure.reply = reply;
    }
}
