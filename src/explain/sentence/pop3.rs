//! POP3 in words (RFC 1939): a *mail access protocol*, by which mail is fetched, and mostly removed from the server.

use super::facts::Facts;
use super::{Teller, count};
use crate::engine::Way;
use crate::mail::Event;
use crate::pop3::client;
use crate::topology::Side;
use crate::trace::{Session, SessionEvent};

impl<'a> Teller<'a> {
    pub(super) fn pop3(&self, facts: &Facts<'a>) -> Option<Vec<String>> {
        let session = facts.sessions.iter().find(|s| s.event.protocol() == "pop3")?;
        match session.side {
            Side::Server => self.pop3_server(facts),
            Side::Client => self.pop3_client(facts, session),
        }
    }

    fn pop3_server(&self, facts: &Facts<'a>) -> Option<Vec<String>> {
        let server = self.cast.full(facts.node);
        let Some((_, line)) = facts.read_line() else {
            if facts.established.is_some() && facts.written().is_some() {
                return Some(vec![
                    format!("TCP's third packet reaches {server}."),
                    "As the server it speaks first: +OK, the greeting.".to_string(),
                ]);
            }
            let ended = facts
                .sessions
                .iter()
                .any(|s| matches!(s.event, SessionEvent::Pop3Server(crate::pop3::server::Event::Ended(_))));
            return ended.then(|| {
                vec![
                    format!("The session ends at {server} without QUIT."),
                    "There is no UPDATE: nothing is removed.".to_string(),
                ]
            });
        };
        let verb = line.verb.unwrap_or_default();
        let number = line.text.split_whitespace().nth(1).unwrap_or("it");
        let written = facts.lines().find(|(_, l)| l.way == Way::Sent).map(|(_, l)| l.text).unwrap_or_default();
        if let Some(why) = written.strip_prefix("-ERR") {
            let how = if why.starts_with(" [IN-USE]") {
                "Another session has the maildrop open.".to_string()
            } else {
                String::new()
            };
            return Some(vec![format!("{server} does not do {verb} and answers -ERR."), how]);
        }
        Some(vec![match verb {
            "USER" => format!("{server} reads the user name and answers +OK: the password is wanted."),
            "PASS" | "APOP" => format!("{server} checks who it is, locks the maildrop, and answers +OK."),
            "STAT" => format!("{server} tells how many mails there are, and how many octets."),
            "LIST" => format!("{server} lists the mails with their sizes, up to a line with a dot alone."),
            "UIDL" => format!("{server} lists the mails with names that stay the same in every session."),
            "RETR" => format!("{server} sends mail {number}. It stays in the maildrop."),
            "TOP" => format!("{server} sends the top of mail {number}."),
            "DELE" => format!("{server} marks mail {number} as deleted. Nothing is removed before QUIT."),
            "RSET" => format!("{server} takes all marks of deletion away."),
            "QUIT" => {
                let gone = facts.mail.iter().filter(|e| matches!(e, Event::MailboxExpunge { .. })).count();
                match gone {
                    0 => format!("{server} reads QUIT, says good-bye, and closes its direction of the connection."),
                    n => format!("{server} reads QUIT. UPDATE: {} removed now.", removed(n)),
                }
            }
            "CAPA" => format!("{server} tells what it can do."),
            _ => format!("{server} reads {verb} and answers +OK."),
        }])
    }

    fn pop3_client(&self, facts: &Facts<'a>, session: &Session<'a>) -> Option<Vec<String>> {
        let client = self.cast.full(facts.node);
        let server = self.log.end(session.conn, Side::Server).map(|n| self.cast.short(n)).unwrap_or("the server");
        let next = facts.written().and_then(|(_, l)| l.verb);
        if let Some(Event::DiskStore { .. }) = facts.mail.iter().find(|e| matches!(e, Event::DiskStore { .. })) {
            return Some(vec![
                format!("{client} puts the mail on its disk."),
                match next {
                    Some("DELE") => format!("The one on {server} is no longer needed: DELE."),
                    _ => format!("The one on {server} stays there."),
                },
            ]);
        }
        let completed = facts.sessions.iter().find_map(|s| match &s.event {
            SessionEvent::Pop3Client(client::Event::Completed { verb, ok, .. }) => Some((*verb, *ok)),
            _ => None,
        });
        let next = next.map(|next| format!("It goes on with {next}."));
        let Some((verb, ok)) = completed else {
            let read = facts.lines().any(|(_, l)| l.way == Way::Received);
            return match (read, &next) {
                (true, Some(next)) => Some(vec![format!("{client} reads the greeting +OK."), next.clone()]),
                (true, None) => Some(vec![format!("{client} reads a part of the answer; the rest is on its way.")]),
                (false, _) => None,
            };
        };
        let how = match ok {
            true => format!("{client} reads +OK: {verb} is done."),
            false => format!("{client} reads -ERR: {verb} was refused."),
        };
        let over = (verb == "QUIT").then(|| "POP3 is over; what follows is TCP alone.".to_string());
        Some(vec![how, next.or(over).unwrap_or_default()])
    }
}

fn removed(n: usize) -> String {
    format!("{} {}", count(n, "mail"), if n == 1 { "is" } else { "are" })
}
