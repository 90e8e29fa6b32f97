//! IMAP in words (RFC 3501): the *mail access protocol*, by which mail is pulled.

use super::facts::Facts;
use super::{Teller, count};
use crate::engine::Way;
use crate::imap::client::{self, Status};
use crate::mail::Event;
use crate::topology::Side;
use crate::trace::{Session, SessionEvent};

/// A command without its tag, as it may stand in a sentence: the verb and a folder.
fn command(text: &str, verb: &str) -> String {
    let folder = |text: &str| text.split_whitespace().nth(2).map(|f| f.trim_matches('"').to_string());
    match verb {
        "SELECT" | "EXAMINE" | "CREATE" | "DELETE" | "RENAME" | "STATUS" => {
            folder(text).map_or_else(|| verb.to_string(), |folder| format!("{verb} {folder}"))
        }
        _ => verb.to_string(),
    }
}

impl<'a> Teller<'a> {
    pub(super) fn imap(&self, facts: &Facts<'a>) -> Option<Vec<String>> {
        let session = facts.sessions.iter().find(|s| s.event.protocol() == "imap")?;
        match session.side {
            Side::Server => self.imap_server(facts),
            Side::Client => self.imap_client(facts, session),
        }
    }

    fn imap_server(&self, facts: &Facts<'a>) -> Option<Vec<String>> {
        let server = self.cast.full(facts.node);
        let Some((_, line)) = facts.read_line() else {
            if facts.established.is_some() && facts.written().is_some() {
                return Some(vec![
                    format!("TCP's third packet reaches {server}."),
                    "As the server it speaks first: * OK, the greeting.".to_string(),
                ]);
            }
            let news = facts.written().and_then(|(_, l)| l.text.strip_prefix("* ")).map(|told| told.to_string());
            return news.map(|told| vec![format!("{server} tells the client that idles by itself: * {told}.")]);
        };
        let verb = line.verb.unwrap_or_default();
        if let Some(status) = facts.written().and_then(|(_, l)| l.text.split_whitespace().nth(1))
            && matches!(status, "NO" | "BAD")
        {
            return Some(vec![format!("{server} cannot do what {verb} asks for and answers {status}.")]);
        }
        let what = command(line.text, verb);
        let folder = what.split_whitespace().nth(1).unwrap_or("INBOX").to_string();
        let flagged: Vec<&Vec<String>> = facts
            .mail
            .iter()
            .filter_map(|e| match e {
                Event::MailboxFlag { flags, .. } => Some(flags),
                _ => None,
            })
            .collect();
        let sent = facts
            .sessions
            .iter()
            .any(|s| matches!(s.event, SessionEvent::ImapServer(crate::imap::server::Event::Sent { .. })));
        Some(vec![match verb {
            "LOGIN" => format!("{server} reads LOGIN, checks name and password, and answers OK."),
            "SELECT" | "EXAMINE" => {
                let exists = facts.lines().find_map(|(_, l)| l.text.strip_prefix("* ")?.strip_suffix(" EXISTS"));
                let mails = exists.and_then(|n| n.parse().ok()).filter(|n| *n > 0).map(|n| count(n, "mail"));
                let only = if verb == "EXAMINE" { " for reading only" } else { "" };
                let mails = mails.unwrap_or_else(|| "nothing".to_string());
                format!("{server} opens the folder {folder}{only} and tells what lies in it: {mails}.")
            }
            "FETCH" | "UID FETCH" if sent => {
                let seen = if flagged.is_empty() { "sends" } else { "marks the mail as seen and sends" };
                format!("{server} {seen} a copy. The original stays in the mailbox.")
            }
            "FETCH" | "UID FETCH" => format!("{server} tells what {verb} asks about the mails; no mail is sent."),
            "STORE" | "UID STORE" => {
                let mails = count(flagged.len(), "mail");
                let deleted = flagged.iter().any(|f| f.iter().any(|f| f == "\\Deleted"));
                match deleted {
                    true => format!("{server} marks {mails} as deleted. Nothing is removed before EXPUNGE."),
                    false => format!("{server} changes the flags of {mails}."),
                }
            }
            "EXPUNGE" => {
                let gone = facts.mail.iter().filter(|e| matches!(e, Event::MailboxExpunge { .. })).count();
                format!("{server} removes {} marked as deleted; those behind move up in number.", count(gone, "mail"))
            }
            "COPY" | "UID COPY" => {
                let folder = facts.mail.iter().find_map(|e| match e {
                    Event::MailboxStore { folder, .. } => Some(folder.as_str()),
                    _ => None,
                });
                let folder = folder.unwrap_or("named");
                format!("{server} puts a copy into the folder {folder}. The original stays where it is.")
            }
            "MOVE" | "UID MOVE" => {
                let moved = facts.mail.iter().filter(|e| matches!(e, Event::MailboxMove { .. })).count();
                let to = facts.mail.iter().find_map(|e| match e {
                    Event::MailboxMove { to, .. } => Some(to.as_str()),
                    _ => None,
                });
                let to = to.unwrap_or("named");
                format!("{server} moves {} to the folder {to}, with a new UID there.", count(moved, "mail"))
            }
            "IDLE" => format!("{server} reads IDLE and says +. From now on it tells what is new by itself."),
            "DONE" => format!("{server} reads DONE: IDLE is over, and it answers OK."),
            "RENAME" => format!("{server} gives the folder {folder} its new name and answers OK."),
            "AUTHENTICATE" => format!("{server} reads AUTHENTICATE, by which a user says who he is."),
            "CREATE" => format!("{server} makes the new folder {folder} and answers OK."),
            "DELETE" => format!("{server} removes the folder {folder} and answers OK."),
            "LIST" => format!("{server} reads LIST and tells the names of all folders."),
            "STATUS" => format!("{server} tells how many mails the folder {folder} has, without opening it."),
            "SEARCH" | "UID SEARCH" => {
                format!("{server} searches the folder and tells the numbers of the mails that fit.")
            }
            "CAPABILITY" => format!("{server} tells what it can do."),
            "NOOP" => format!("{server} reads NOOP, tells what is new, and answers OK."),
            "LOGOUT" => format!("{server} says BYE, answers OK, and closes its direction of the connection with FIN."),
            _ => format!("{server} reads {verb} and answers OK."),
        }])
    }

    fn imap_client(&self, facts: &Facts<'a>, session: &Session<'a>) -> Option<Vec<String>> {
        let client = self.cast.full(facts.node);
        let server = self.log.end(session.conn, Side::Server).map(|n| self.cast.short(n)).unwrap_or("the server");
        if let Some(Event::Read { screen, .. }) = facts.mail.iter().find(|e| matches!(e, Event::Read { .. })) {
            let subject: Vec<&str> = screen.subject.split_whitespace().take(4).collect();
            return Some(vec![
                format!("{client} shows the mail \"{}\".", subject.join(" ")),
                format!("It is a copy: the original stays stored at {server}."),
            ]);
        }
        let next = facts.written().and_then(|(_, l)| Some(command(l.text, l.verb?)));
        let completed = facts.sessions.iter().find_map(|s| match &s.event {
            SessionEvent::ImapClient(client::Event::Completed { verb, status, .. }) => Some((*verb, *status)),
            _ => None,
        });
        let Some((verb, status)) = completed else {
            let heard = facts.lines().find(|(_, l)| l.way == Way::Received).map(|(_, l)| l.text);
            match (heard, next.as_deref()) {
                (Some(news), Some("DONE")) => {
                    return Some(vec![format!("{client} reads {news} and ends its IDLE: it writes DONE.")]);
                }
                (Some(plus), None) if plus.starts_with("+ idling") => {
                    return Some(vec![format!("{client} reads + and waits: now {server} may speak by itself.")]);
                }
                _ => {}
            }
            let greeting = heard.is_some();
            return match (greeting, next) {
                (true, Some(next)) if next == "LOGIN" => {
                    Some(vec![format!("{client} reads the greeting * OK and logs in: LOGIN, name, password.")])
                }
                (true, Some(next)) => Some(vec![format!("{client} reads the greeting * OK and writes {next}.")]),
                (true, None) => Some(vec![format!("{client} reads a part of the answer; the rest is on its way.")]),
                (false, _) => None,
            };
        };
        let how = match status {
            Status::Ok => format!("{client} reads OK: {verb} is done."),
            Status::No => format!("{client} reads NO: {verb} was refused."),
            Status::Bad => format!("{client} reads BAD: the server could not do {verb}."),
        };
        let next = next.map(|next| format!("It goes on with {next}."));
        let over = (verb == "LOGOUT").then(|| "IMAP is over; what follows is TCP alone.".to_string());
        Some(vec![how, next.or(over).unwrap_or_default()])
    }
}
