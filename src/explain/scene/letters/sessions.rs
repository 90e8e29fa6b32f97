//! What SMTP, IMAP and POP3 sessions tell: which letter goes onto which wire.

use super::super::Mail;
use super::Transfer;
use super::tracker::{Held, Holder, Sending, Tracker};
use crate::engine::Way;
use crate::mail::ContentId;
use crate::topology::{ConnId, NodeId, Side};
use crate::trace::{Closed, EngineKind, Session, SessionEvent};
use crate::{imap, pop3, smtp};

impl Tracker<'_> {
    pub(super) fn session(&mut self, node: NodeId, session: &Session<'_>) {
        let conn = session.conn;
        match &session.event {
            SessionEvent::Line(EngineKind::SmtpClient, line) if line.way == Way::Sent => {
                let talk = self.talks.entry(conn).or_default();
                talk.written = talk.written.max(line.end);
                match line.verb {
                    Some("MAIL") => talk.to.clear(),
                    Some("RCPT") => talk.to.extend(path_of(line.text)),
                    _ => {}
                }
            }
            SessionEvent::SmtpClient(smtp::client::Event::State { to: smtp::client::State::Letter, .. }) => {
                self.begin_letter(node, conn);
            }
            SessionEvent::SmtpClient(smtp::client::Event::Letter(letter)) => {
                let range = &letter.range;
                let talk = self.talks.entry(conn).or_default();
                talk.written = talk.written.max(range.end);
                if let Some(sending) = &talk.sending {
                    let transfer = &mut self.transfers[sending.transfer];
                    (transfer.start, transfer.total) = (range.start, range.end - range.start);
                }
            }
            SessionEvent::SmtpServer(smtp::server::Event::LetterReceived(letter)) => {
                // Packets are not in every record; that all of it has come is.
                self.arrived(conn, Side::Server, letter.range.end);
            }
            SessionEvent::ImapServer(imap::server::Event::Sent { range, content, .. }) => {
                self.send_copy(node, conn, ContentId(*content), range.start, range.end - range.start);
            }
            SessionEvent::Pop3Server(pop3::server::Event::Sent { range, content, .. }) => {
                self.send_copy(node, conn, ContentId(*content), range.start, range.end - range.start);
            }
            SessionEvent::Pop3Client(pop3::client::Event::Completed { .. }) => self.end_copies(conn),
            SessionEvent::ImapClient(imap::client::Event::Completed { .. }) => self.end_copies(conn),
            _ => {}
        }
    }

    /// An SMTP client begins to write the letter that it was given.
    pub(super) fn begin_letter(&mut self, node: NodeId, conn: ConnId) {
        let Some(talk) = self.talks.get(&conn) else { return };
        let Some(content) = talk.content else { return };
        let Some(candidates) = self.holders.get(&(node, content)) else { return };
        // One letter may wait for several domains: whose turn it is, the recipients say.
        let named = |h: &&Holder| {
            let held = &self.held[*h];
            talk.to.last().is_some_and(|to| held.to.iter().any(|a| a.to_string().eq_ignore_ascii_case(to)))
        };
        let Some(holder) = candidates.iter().find(named).or(candidates.first()).cloned() else { return };
        let start = talk.written;
        if self.held[&holder].taken {
            self.back(&holder);
        }
        let Held { sheet, bytes, .. } = self.held[&holder];
        // As long as the client has not written all of it: its lines and the dot behind them.
        let transfer = Transfer { conn, side: Side::Client, start, total: bytes + 3 };
        let transfer = self.on_wire(sheet, Some(content), transfer);
        let talk = self.talks.entry(conn).or_default();
        talk.sending = Some(Sending { holder, sheet, transfer });
        talk.last = Some(sheet);
    }

    pub(super) fn closed(&mut self, conn: ConnId, how: Closed) {
        self.end_copies(conn);
        if how != Closed::Fin
            && let Some(talk) = self.talks.get_mut(&conn)
            && let Some(Sending { holder, sheet, .. }) = talk.sending.take()
            && self.held.get(&holder).is_some_and(|h| h.sheet == sheet && !h.taken)
        {
            self.back(&holder);
        }
    }

    pub(super) fn send_copy(&mut self, node: NodeId, conn: ConnId, content: ContentId, start: u64, total: u64) {
        let stored = self.stored.get(&content).into_iter().flatten();
        let here = |s: &&usize| self.at(**s).is_some_and(|at| at.node() == node);
        let Some(original) = stored.copied().collect::<Vec<_>>().iter().find(here).copied() else { return };
        let copy = self.fork(original, true);
        self.on_wire(copy, Some(content), Transfer { conn, side: Side::Server, start, total });
        self.talks.entry(conn).or_default().copies.push((start, copy));
    }

    pub(super) fn end_copies(&mut self, conn: ConnId) {
        let copies = self.talks.get_mut(&conn).map(|talk| std::mem::take(&mut talk.copies));
        for (_, sheet) in copies.unwrap_or_default() {
            self.end(sheet);
        }
    }

    pub(super) fn power_off(&mut self, node: NodeId) {
        // Its queue is on disk; what is on a screen is not, and its connections are gone.
        let ours: Vec<ConnId> = self
            .talks
            .keys()
            .copied()
            .filter(|conn| [Side::Client, Side::Server].iter().any(|side| self.log.end(*conn, *side) == Some(node)))
            .collect();
        for conn in ours {
            self.end_copies(conn);
            if self.log.end(conn, Side::Client) == Some(node) {
                self.closed(conn, Closed::Timeout);
            }
        }
        let shown: Vec<(NodeId, Mail)> = self.readers.keys().copied().filter(|(n, _)| *n == node).collect();
        for key in shown {
            if let Some(sheet) = self.readers.remove(&key) {
                self.end(sheet);
            }
        }
    }
}

/// The address in `RCPT TO:<bob@b.example>`.
fn path_of(text: &str) -> Option<String> {
    let path = text.split_once('<')?.1;
    Some(path.split_once('>')?.0.to_owned())
}
