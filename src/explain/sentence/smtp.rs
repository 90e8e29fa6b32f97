//! SMTP in words (RFC 5321).

use super::Teller;
use super::facts::Facts;
use crate::dns::resolver::Event as Dns;
use crate::engine::Way;
use crate::mail::Event;
use crate::smtp::{client, server};
use crate::topology::{NodeId, Side};
use crate::trace::{Line, Session, SessionEvent};

/// What stands between the angle brackets of MAIL and RCPT.
fn path<'a>(line: Line<'a>) -> &'a str {
    let inner = line.text.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or("", |(path, _)| path)
}

/// The phrase of a reply: its first line without the code.
fn phrase(line: Line<'_>) -> String {
    let first = line.text.lines().next().unwrap_or_default();
    first.get(..2 + 1).and(first.get(4..)).unwrap_or_default().trim().to_string()
}

impl<'a> Teller<'a> {
    /// What an end of an SMTP session has read, and what it does because of it.
    pub(super) fn smtp(&self, facts: &Facts<'a>) -> Option<Vec<String>> {
        let session = facts.sessions.iter().find(|s| s.event.protocol() == "smtp")?;
        match session.side {
            Side::Server => self.smtp_server(facts, session),
            Side::Client => self.smtp_client(facts, session),
        }
    }

    fn smtp_server(&self, facts: &Facts<'a>, session: &Session<'a>) -> Option<Vec<String>> {
        let server = self.cast.full(facts.node);
        if let Some(told) = self.checked(facts, &server) {
            return Some(told);
        }
        let whole = facts.sessions.iter().find_map(|s| match &s.event {
            SessionEvent::SmtpServer(server::Event::LetterReceived(letter)) => Some((&letter.range, &letter.map)),
            _ => None,
        });
        if let Some((range, map)) = whole {
            let bytes = range.end - range.start;
            // Of DATA the end at least is no part of the mail; pieces of BDAT have nothing else in them.
            let in_pieces = bytes > 0 && map.kept() == bytes;
            return Some(self.whole_mail(facts, &server, (bytes as usize, in_pieces)));
        }
        if let Some((_, line)) = facts.read_line() {
            return Some(self.smtp_command(facts, &server, line));
        }
        if facts.mail.iter().any(|e| matches!(e, Event::MailboxStore { .. } | Event::QueueEnter { .. })) {
            return self.mail(facts);
        }
        if facts.established.is_some() && facts.written().is_some() {
            return Some(vec![
                format!("TCP's third packet reaches {server}."),
                format!("As the server it speaks first: {}, the greeting.", facts.answer()?),
            ]);
        }
        let code = facts.answer()?;
        let client = self.log.end(session.conn, Side::Client).map(|n| self.cast.short(n)).unwrap_or_default();
        match code {
            220 => Some(vec![format!("{server}, the server, speaks first: 220, the greeting.")]),
            250 => {
                Some(vec![format!("{server} answers 250 OK: now it, no longer {client}, is responsible for the mail.")])
            }
            _ => Some(vec![format!("{server} answers {code}.")]),
        }
    }

    /// What a server asks DNS before it answers its client.
    fn asks_first(&self, facts: &Facts<'a>) -> Option<String> {
        facts.dns.iter().find_map(|e| match e {
            Dns::Query { name, .. } => Some(format!("Before it answers, it asks DNS what {name} says.")),
            _ => None,
        })
    }

    /// What a server has found out about a sender, and what it answers because of it.
    pub(super) fn checked(&self, facts: &Facts<'a>, server: &str) -> Option<Vec<String>> {
        let found: Vec<String> = facts
            .mail
            .iter()
            .filter_map(|e| match e {
                Event::AuthResult { method, result, domain, .. } if domain.is_empty() => {
                    Some(format!("{} {result}", method.to_uppercase()))
                }
                Event::AuthResult { method, result, domain, .. } => {
                    Some(format!("{} {result} for {domain}", method.to_uppercase()))
                }
                _ => None,
            })
            .collect();
        if found.is_empty() {
            return None;
        }
        let then = match facts.answer() {
            Some(code) if code >= 500 => format!("It refuses for good: {code}."),
            Some(code) if code >= 400 => format!("It refuses for now: {code}."),
            Some(code) if facts.mail.iter().any(|e| matches!(e, Event::Accepted { .. })) => {
                format!("It takes the mail over: {code}.")
            }
            Some(code) => format!("It goes on: {code}."),
            None => "It writes that down.".to_string(),
        };
        Some(vec![format!("{server} has checked the sender: {}.", found.join(", ")), then])
    }

    /// The last line of a mail was read; what follows may be told by stops of its own.
    fn whole_mail(&self, facts: &Facts<'a>, server: &str, (bytes, in_pieces): (usize, bool)) -> Vec<String> {
        let place = facts.mail.iter().find_map(|e| match e {
            Event::MailboxStore { user, folder, .. } if folder == "INBOX" => {
                Some(format!("{}'s mailbox", self.cast.mailbox(facts.node, user)))
            }
            Event::MailboxStore { folder, .. } => Some(format!("the folder {folder}")),
            Event::QueueEnter { .. } => Some("its queue".to_string()),
            _ => None,
        });
        let elsewhere = facts.mail.iter().find_map(|e| match e {
            Event::QueueEnter { domain, .. } if !self.cast.is_home_of(facts.node, domain) => Some(domain.as_str()),
            _ => None,
        });
        match (place, elsewhere, facts.answer()) {
            (Some(place), None, Some(code)) => {
                vec![format!("{server} has read the whole mail, puts it into {place} and answers {code}.")]
            }
            (Some(_), Some(domain), _) => vec![format!(
                "{server} has read the whole mail and puts it into its queue, because {domain} is served elsewhere."
            )],
            (Some(place), ..) => vec![format!("{server} has read the whole mail and puts it into {place}.")],
            (None, _, Some(code)) if code >= 400 => {
                vec![format!("{server} has read the whole mail, but does not take it: {code}.")]
            }
            (None, ..) => {
                let bytes = super::count(bytes, "byte");
                let end = if in_pieces { "has read as much as BDAT said" } else { "reads CRLF.CRLF" };
                let whole = format!("{server} {end}: the whole mail is here, header and body, {bytes}.");
                [whole].into_iter().chain(self.asks_first(facts)).collect()
            }
        }
    }

    fn smtp_command(&self, facts: &Facts<'a>, server: &str, line: Line<'_>) -> Vec<String> {
        let verb = line.verb.unwrap_or("the response");
        let Some((_, answer)) = facts.written() else {
            return match self.asks_first(facts) {
                Some(question) => vec![format!("{server} reads {verb}. {question}")],
                None => vec![format!("{server} reads {verb}.")],
            };
        };
        let code = answer.code.unwrap_or_default();
        if code >= 400 {
            let wish = match verb {
                "RCPT" => format!("refuses the recipient {}", path(line)),
                "MAIL" => format!("refuses the sender {}", path(line)),
                _ => format!("refuses {verb}"),
            };
            let sure = if code < 500 { "for now" } else { "for good" };
            return vec![format!("{server} {wish} {sure}: {code}, {}.", phrase(answer).trim_end_matches('.'))];
        }
        vec![match verb {
            "EHLO" | "HELO" => {
                let name = line.text.split_whitespace().nth(1).unwrap_or("nothing");
                format!("{server} reads {verb}: the client calls itself {name}. It answers {code}.")
            }
            "MAIL" => match path(line) {
                "" => format!("{server} reads an empty sender, the sign of a bounce, and answers {code}."),
                sender => format!("{server} reads the sender of the envelope, {sender}, and answers {code}."),
            },
            "RCPT" => {
                format!("{server} reads the recipient of the envelope, {}, and accepts it: {code}.", path(line))
            }
            "DATA" => format!("{server} reads DATA and answers {code}: send the mail, and end it with CRLF.CRLF."),
            "QUIT" => {
                format!("{server} reads QUIT, answers {code}, and closes its direction of the connection with FIN.")
            }
            "RSET" => format!("{server} reads RSET, forgets the envelope, and answers {code}."),
            "AUTH" | "the response" if code == 235 => {
                format!("{server} reads {verb}, checks name and password, and answers 235: it knows the user now.")
            }
            "AUTH" | "the response" if code == 334 => format!("{server} reads {verb} and asks back, in base64: 334."),
            _ => format!("{server} reads {verb} and answers {code}."),
        }]
    }

    fn smtp_client(&self, facts: &Facts<'a>, session: &Session<'a>) -> Option<Vec<String>> {
        let client = self.cast.full(facts.node);
        let reply = facts.lines().find(|(s, l)| l.way == Way::Received && s.event.protocol() == "smtp").map(|(_, l)| l);
        let letter = facts.sessions.iter().find_map(|s| match &s.event {
            SessionEvent::SmtpClient(client::Event::Letter(letter)) => Some(letter.range.end - letter.range.start),
            _ => None,
        });
        let written = facts.written().map(|(_, l)| l);
        let verb = written.and_then(|l| l.verb);
        let Some(reply) = reply else {
            let ended =
                facts.sessions.iter().any(|s| matches!(&s.event, SessionEvent::SmtpClient(client::Event::Ended(_))));
            if ended && facts.established.is_none() && facts.mail.is_empty() {
                return self.connection(facts).or_else(|| self.packets(facts));
            }
            // The connection has just been opened, or the line was cut off by the mark of a step.
            return match (verb, letter) {
                _ if facts.established.is_some() => None,
                (_, Some(bytes)) => {
                    Some(vec![format!("{client} sends the whole mail, {}.", super::count(bytes as usize, "byte"))])
                }
                (Some("QUIT"), _) => {
                    Some(vec![format!("{client} has no more mail to hand over and says goodbye: QUIT.")])
                }
                (Some(verb), _) => Some(vec![format!("{client} writes {verb}.")]),
                _ => None,
            };
        };
        let code = reply.code.unwrap_or_default();
        let server = self.log.end(session.conn, Side::Server).map(|n| self.cast.short(n)).unwrap_or("the server");
        let outcome = facts.sessions.iter().find_map(|s| match &s.event {
            SessionEvent::SmtpClient(client::Event::Outcome(outcome)) => Some(outcome),
            _ => None,
        });
        if outcome.is_some() {
            return Some(self.outcome(facts, &client, server, code, verb));
        }
        Some(match (code, verb, letter) {
            (220, Some(hello), _) => {
                let name = written.and_then(|l| l.text.split_whitespace().nth(1)).unwrap_or_default();
                vec![format!("{client} reads the greeting 220 and says who it is: {hello} {name}.")]
            }
            (_, Some("BDAT"), Some(bytes)) => {
                let bytes = super::count(bytes as usize, "byte");
                vec![format!(
                    "{client} reads {code}, says with BDAT how long the whole mail is, {bytes}, and sends it as it is."
                )]
            }
            (_, _, Some(bytes)) => {
                let bytes = super::count(bytes as usize, "byte");
                vec![format!(
                    "{client} reads {code} and sends the whole mail, header and body, {bytes}, ended by CRLF.CRLF."
                )]
            }
            (_, Some("MAIL"), _) => {
                let sender = written.map(path).unwrap_or_default();
                vec![format!("{client} reads {code} and names the sender of the mail: MAIL FROM:<{sender}>.")]
            }
            (_, Some("RCPT"), _) => {
                let recipient = written.map(path).unwrap_or_default();
                vec![format!("{client} reads {code} and names the recipient: RCPT TO:<{recipient}>.")]
            }
            (_, Some("DATA"), _) => vec![format!(
                "{client} reads {code}: the recipient is accepted. It writes DATA: the mail itself may follow."
            )],
            (221, ..) => vec![format!("{client} reads 221: SMTP is over. What follows is TCP alone.")],
            (421, ..) => vec![format!("{client} reads 421: the server closes the session.")],
            (_, Some("AUTH"), _) => {
                let mechanism = written.and_then(|l| l.text.split_whitespace().nth(1)).unwrap_or_default();
                vec![format!("{client} reads {code} and says who its user is: AUTH {mechanism}.")]
            }
            (334, ..) => vec![format!("{client} reads the challenge 334 and answers it, in base64.")],
            (_, Some(verb), _) => vec![format!("{client} reads {code} and writes {verb}.")],
            (_, None, _) => vec![format!("{client} reads the reply {code}.")],
        })
    }

    /// The last word about a mail has been read.
    fn outcome(&self, facts: &Facts<'a>, client: &str, server: &str, code: u16, verb: Option<&str>) -> Vec<String> {
        let goodbye = match verb {
            Some("QUIT") => "It says QUIT.",
            Some("MAIL") => "The next mail follows on the same connection.",
            Some("RSET") => "RSET clears the envelope.",
            _ => "",
        };
        let accepted = facts.mail.iter().find_map(|e| match e {
            Event::Submitted { accepted, .. } => Some(*accepted),
            _ => None,
        });
        let told = match accepted {
            Some(true) => {
                format!("{client} reads {code} and shows \"sent\", though the mail has only reached {server}.")
            }
            Some(false) => format!("{client} reads {code} and shows \"not sent\"."),
            None => {
                let queue = self.after_attempt(facts, facts.node);
                match queue {
                    Some(after) if code < 400 => format!("{client} reads {code}: {server} is responsible now. {after}"),
                    Some(after) => format!("{client} reads {code}: {server} does not take the mail. {after}"),
                    None => format!("{client} reads {code}."),
                }
            }
        };
        vec![told, goodbye.to_string()]
    }

    /// What a server does with a mail in its queue after an attempt.
    pub(super) fn after_attempt(&self, facts: &Facts<'a>, node: NodeId) -> Option<String> {
        use crate::mail::Left;
        let bounce = facts.mail.iter().find_map(|e| match e {
            Event::DsnCreate { to, fate: crate::message::Fate::Failed, .. } => Some(to.to_string()),
            _ => None,
        });
        if let Some(to) = bounce {
            return Some(format!("A bounce goes to {to}."));
        }
        facts.mail.iter().find_map(|e| match e {
            Event::QueueDefer { next, .. } => {
                let wait = super::in_words(next.since(facts.at));
                Some(format!("The mail stays in the queue; next try in {wait}."))
            }
            Event::QueueLeave { left: Left::Delivered, .. } => {
                debug_assert!(self.cast.host(node).is_some(), "a queue is at a host");
                Some("It takes the mail out of its queue.".to_string())
            }
            Event::QueueLeave { left: Left::Bounced | Left::Discarded, .. } => {
                Some("It gives the mail up.".to_string())
            }
            _ => None,
        })
    }
}
