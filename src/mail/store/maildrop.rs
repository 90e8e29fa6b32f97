//! What a POP3 server asks about one user's maildrop, answered: the INBOX, and a lock on it.
//!
//! "The POP3 server then acquires an exclusive-access lock on the maildrop" (RFC 1939 section 4). It is a lock among
//! POP3 sessions: IMAP sessions and deliveries go on beside it, as on real servers that speak both.

use super::{INBOX, Store, Surroundings};
use crate::mail::Event;
use crate::pop3::server::{Answer, Listed, Message, Refusal, Request, octets};
use crate::topology::ConnId;

/// One POP3 connection's place in the store.
#[derive(Clone, Debug)]
pub struct Maildrop {
    conn: ConnId,
    user: Option<usize>,
}

impl Maildrop {
    /// That of a connection; nobody has logged in yet.
    pub fn new(conn: ConnId) -> Self {
        Maildrop { conn, user: None }
    }
}

impl Store {
    /// Answers a server's question.
    pub fn answer_pop3(&mut self, drop: &mut Maildrop, request: Request, around: &mut Surroundings<'_>) -> Answer {
        match request {
            Request::Open { user, proof } => {
                let Some(at) = self.index(&user).filter(|at| proof.fits(&self.accounts[*at].password)) else {
                    return Answer::Maildrop(Err(Refusal::Credentials));
                };
                if *self.locks.entry(at).or_insert(drop.conn) != drop.conn {
                    return Answer::Maildrop(Err(Refusal::InUse));
                }
                drop.user = Some(at);
                let Some(mailbox) = self.mailbox(at, INBOX) else { return Answer::Maildrop(Ok(Vec::new())) };
                let listed = |m: &super::Stored| Listed {
                    uid: m.uid,
                    unique: format!("{}.{}", mailbox.validity, m.uid),
                    octets: octets(&m.letter.bytes),
                };
                Answer::Maildrop(Ok(mailbox.messages().iter().map(listed).collect()))
            }
            Request::Letter { uid } => {
                let mailbox = drop.user.and_then(|at| self.mailbox(at, INBOX));
                let message =
                    |m: &super::Stored| Message { content: m.letter.content.0, letter: m.letter.bytes.clone().into() };
                Answer::Letter(mailbox.and_then(|mailbox| mailbox.get(uid)).map(message))
            }
            Request::Update { deleted } => {
                self.update(drop, &deleted, around);
                self.release(drop.conn);
                // What an IMAP session has removed meanwhile is gone too: that is what was wanted.
                Answer::Removed { failed: 0 }
            }
        }
    }

    fn update(&mut self, drop: &Maildrop, deleted: &[u32], around: &mut Surroundings<'_>) {
        let Some(at) = drop.user.filter(|_| !deleted.is_empty()) else { return };
        let user = around.events.is_some().then(|| self.accounts[at].name.to_string());
        let Some(mailbox) = self.mailbox_mut(at, INBOX) else { return };
        let gone = mailbox.remove(drop.conn.0, |letter| deleted.contains(&letter.uid));
        self.changes += gone.len() as u64;
        if let (Some(events), Some(user)) = (&mut around.events, user) {
            events.extend(gone.into_iter().map(|(uid, number)| {
                let (user, folder) = (user.clone(), INBOX.to_string());
                Event::MailboxExpunge { user, folder, uid, number }
            }));
        }
    }

    /// The session of this connection is over, however it came to that: its maildrop can be opened again.
    pub fn release(&mut self, conn: ConnId) {
        self.locks.retain(|_, holder| *holder != conn);
    }

    /// The server is switched off: locks are in memory.
    pub fn release_all(&mut self) {
        self.locks.clear();
    }
}
