//! What the transfer agent says, one line for each output, and what it is told.

mod conservation;
mod power;
mod retry;
mod sessions;

use std::net::Ipv4Addr;

use super::*;
use crate::mail::routing::Target;
use crate::mail::{ContentId, Made};
use crate::smtp::client::{Failure, Stage as At};
use crate::smtp::{Reply, ReversePath};
use crate::time::Duration;

fn cfg() -> MailServer {
    MailServer::default()
}

fn envelope(from: &str, to: &[&str]) -> Envelope {
    let from = if from.is_empty() { ReversePath::Null } else { ReversePath::Address(from.parse().unwrap()) };
    Envelope::new(from, to.iter().map(|a| a.parse().unwrap()).collect())
}

fn letter(n: u32) -> Arc<Letter> {
    let bytes: Arc<[u8]> = format!("Message-ID: <{n}@a.example>\r\n\r\nhello\r\n").into_bytes().into();
    let message_id = format!("{n}@a.example").into();
    Arc::new(Letter { content: ContentId(n), bytes: bytes.into(), message_id, made: Made::Preloaded })
}

fn hosts(names: &[(&str, u16)]) -> Targets {
    let target = |(i, (host, preference)): (usize, &(&str, u16))| Target {
        host: (*host).to_owned(),
        address: Ipv4Addr::new(198, 51, 100, 25 + i as u8),
        port: 25,
        preference: *preference,
    };
    names.iter().enumerate().map(target).collect()
}

/// The agent, the time, and the names it gave last.
struct Desk {
    mta: Mta,
    now: Instant,
    ticket: Ticket,
    session: SessionId,
    /// Envelope of the letter that the session has.
    sent: Option<Envelope>,
}

impl Desk {
    fn new(cfg: &MailServer) -> Self {
        let mta = Mta::new(cfg, true);
        Desk { mta, now: Instant::ZERO, ticket: Ticket(u32::MAX), session: SessionId(u32::MAX), sent: None }
    }

    /// A mail from alice, due now.
    fn put(&mut self, n: u32, to: &[&str]) {
        self.mta.enqueue(self.now, envelope("alice@a.example", to), letter(n), self.now);
    }

    /// Lets the time go on to what comes next.
    fn next(&mut self) -> Vec<String> {
        self.now = self.mta.wait().expect("something comes next").max(self.now);
        self.mta.handle_timeout(self.now);
        self.lines()
    }

    fn resolved(&mut self, names: &[(&str, u16)]) -> Vec<String> {
        self.mta.resolved(self.now, self.ticket, Ok(hosts(names)));
        self.lines()
    }

    /// The server's replies to each RCPT and to the end of data.
    fn replies(&mut self, recipients: &[u16], end: Option<u16>) -> Vec<String> {
        let envelope = self.sent.take().expect("the session has a letter");
        let reply = |code: u16| Reply::new(code, if code == 250 { "OK" } else { "no" });
        let recipients = envelope.to.iter().cloned().zip(recipients.iter().map(|c| reply(*c))).collect();
        let end = end.map(reply);
        self.mta.outcome(
            self.now,
            self.session,
            &Outcome { envelope, recipients, end, failure: None, carries_wishes: false },
        );
        self.lines()
    }

    /// The server takes it.
    fn taken(&mut self) -> Vec<String> {
        let codes = vec![250; self.sent.as_ref().map_or(0, |e| e.to.len())];
        self.replies(&codes, Some(250))
    }

    fn broken(&mut self, cause: FailureCause, stage: At, reply: Option<Reply>) -> Vec<String> {
        let envelope = self.sent.take().expect("the session has a letter");
        let failure = Some(Failure { cause, stage, reply });
        self.mta.outcome(
            self.now,
            self.session,
            &Outcome { envelope, recipients: vec![], end: None, failure, carries_wishes: false },
        );
        self.lines()
    }

    fn not_connected(&mut self) -> Vec<String> {
        self.mta.not_connected(self.now, self.session, "connection refused");
        self.lines()
    }

    fn idle(&mut self) -> Vec<String> {
        self.mta.idle(self.now, self.session);
        self.lines()
    }

    fn ended(&mut self) -> Vec<String> {
        self.mta.session_ended(self.now, self.session);
        self.lines()
    }

    fn lines(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.mta.poll()).collect::<Vec<_>>().into_iter().map(|o| self.line(o)).collect()
    }

    fn line(&mut self, output: Output) -> String {
        let list = |to: &[Address]| to.iter().map(|a| a.local.as_str()).collect::<Vec<_>>().join(" ");
        match output {
            Output::Resolve { ticket, domain } => {
                self.ticket = ticket;
                format!("resolve {domain}")
            }
            Output::Connect { session, host, port, envelope, letter, .. } => {
                self.session = session;
                let line = format!("connect {host}:{port} with {} for {}", letter.content.0, list(&envelope.to));
                self.sent = Some(envelope);
                line
            }
            Output::Send { session, envelope, letter } => {
                assert_eq!(session, self.session);
                let line = format!("send {} for {}", letter.content.0, list(&envelope.to));
                self.sent = Some(envelope);
                line
            }
            Output::Quit { session } => {
                assert_eq!(session, self.session);
                "quit".to_owned()
            }
            Output::Return(u) => {
                let failed: Vec<String> =
                    u.failed.iter().map(|f| format!("{}: {}", f.recipient.local, f.reason)).collect();
                format!("return {} to {}: {}", u.entry.0, u.sender, failed.join(", "))
            }
            Output::Convert { entry, letter } => format!("convert {} to {} bytes", entry.0, letter.bytes.len()),
            Output::Event(event) => line(&event),
        }
    }
}

fn line(event: &Event) -> String {
    let list = |to: &[Address]| to.iter().map(|a| a.local.as_str()).collect::<Vec<_>>().join(" ");
    match event {
        Event::QueueEnter { entry, envelope, domain, due, .. } => {
            format!("{} enters for {} at {domain}, due {due}", entry.0, list(&envelope.to))
        }
        Event::QueueAttempt { entry, attempt, .. } => format!("{} attempt {attempt}", entry.0),
        Event::QueueDefer { entry, attempt, reason, waiting, next, .. } => {
            format!("{} deferred after {attempt}: {reason}; {} until {next}", entry.0, list(waiting))
        }
        Event::QueueLeave { entry, left, reason, .. } => format!("{} leaves {left:?}: {reason}", entry.0),
        other => panic!("not of the transfer agent: {other:?}"),
    }
}

const B: &[(&str, u16)] = &[("b.example", 0)];
