//! What users do, what queues and mailboxes take in and give out, and how names are found.

use super::facts::Facts;
use super::{Teller, count, faults, in_words, list, raw};
use crate::action::{Action, WebDeed};
use crate::dns::resolver::Event as Dns;
use crate::dns::{RecordData, RecordType};
use crate::mail::{Event, Expansion};
use crate::message::Fate;
use crate::topology::{ConnId, Side};
use crate::trace::{Cause, EntryId, What};

impl<'a> Teller<'a> {
    /// What a user or the script has just done, with what it led to at once.
    pub(super) fn action(&self, facts: &Facts<'a>) -> Option<Vec<String>> {
        let action = facts.actions.last()?;
        let told = |what: String| Some(vec![what]);
        match action {
            Action::Send { host, agent, draft, .. } => {
                let writer = self.cast.agent(*host, *agent);
                let composed = facts.mail.iter().find_map(|e| match e {
                    Event::Composed { letter, .. } => Some(letter.bytes.len()),
                    _ => None,
                });
                let to = list(&draft.to);
                match composed {
                    Some(bytes) if facts.opened.is_none() && facts.dns.is_empty() => Some(vec![
                        format!("{writer}'s mail to {to} is complete: {}.", count(bytes, "byte")),
                        "Header, empty line, body; the envelope stands apart.".to_string(),
                    ]),
                    _ => Some(vec![format!("{writer} presses Send."), self.consequence(facts)]),
                }
            }
            Action::Queue { host, .. } => {
                let server = self.cast.full(*host);
                match facts.opened {
                    Some(conn) => Some(vec![format!(
                        "{server} has a mail in its queue. As client it opens a TCP connection to {}.",
                        self.callee(conn)
                    )]),
                    None => Some(vec![format!("A mail waits in the queue of {server}.")]),
                }
            }
            Action::Sync { host, agent, folder } => {
                let reader = self.cast.agent(*host, *agent);
                let what = format!("{reader} brings the copy of {folder} on {} up to date", self.cast.short(*host));
                Some(vec![match facts.opened {
                    Some(conn) => format!("{what}: it opens a TCP connection to {}.", self.callee(conn)),
                    None => format!("{what}."),
                }])
            }
            Action::Offline { host, agent, changes, .. } => {
                let (reader, changes) = (self.cast.agent(*host, *agent), count(changes.len(), "change"));
                Some(vec![
                    format!(
                        "{reader} makes {changes} in the copy on {}, without a connection.",
                        self.cast.short(*host)
                    ),
                    "The server will be told when the device connects again.".to_string(),
                ])
            }
            Action::Imap { host, agent, go_on: true, .. } if facts.opened.is_none() && facts.written().is_some() => {
                let verb = facts.written().and_then(|(_, l)| l.verb).unwrap_or_default();
                let reader = self.cast.agent(*host, *agent);
                Some(vec![format!("{reader} goes on on the open connection: {} writes {verb}.", self.cast.full(*host))])
            }
            Action::Imap { host, agent, .. } | Action::Pop3 { host, agent, .. } => {
                let reader = self.cast.agent(*host, *agent);
                Some(vec![match facts.opened {
                    Some(conn) => format!(
                        "{reader} wants to read mail: {} opens a TCP connection to {}.",
                        self.cast.full(*host),
                        self.callee(conn)
                    ),
                    None if !facts.dns.is_empty() => format!(
                        "{reader} wants to read mail on {}. {}",
                        self.cast.short(*host),
                        self.consequence(facts)
                    ),
                    None => format!("{reader} wants to read mail, but {} is switched off.", self.cast.short(*host)),
                }])
            }
            Action::Browse { host, paths, .. } => {
                let browser = self.cast.full(*host);
                let objects = count(paths.len(), "object");
                Some(vec![match facts.opened {
                    Some(conn) => {
                        format!("{browser} wants {objects}, so it opens a TCP connection to {}.", self.callee(conn))
                    }
                    None => format!("{browser} wants {objects}."),
                }])
            }
            Action::Webmail { host, deed, .. } => {
                let who = self.cast.visitor(*host).unwrap_or_default();
                let wants = match deed {
                    WebDeed::Write(_) => "write a mail",
                    WebDeed::Look(_) => "read mail",
                };
                Some(vec![match facts.opened {
                    Some(conn) => {
                        let callee = self.callee(conn);
                        format!("{who} wants to {wants} in the browser, which opens a TCP connection to {callee}.")
                    }
                    None => format!("{who} wants to {wants} in the browser."),
                }])
            }
            Action::Submit { host, agent, letter, .. } => {
                let (writer, bytes) = (self.cast.agent(*host, *agent), count(letter.len(), "byte"));
                let what = format!("{writer} sends a letter of {bytes} as it is");
                Some(vec![match facts.opened {
                    Some(conn) => format!("{what}: the user agent opens a TCP connection to {}.", self.callee(conn)),
                    None => format!("{what}."),
                }])
            }
            Action::Raw { host, deed, .. } => {
                let callee = facts.opened.map(|conn| self.callee(conn));
                told(raw::full(&self.cast.full(*host), deed, callee.as_deref()))
            }
            Action::Console { host, server, lines, .. } => {
                let who = self.cast.person(*host).unwrap_or("Somebody".into());
                let lines = if lines.len() == 1 { "a line" } else { "lines" };
                Some(vec![
                    format!("{who} types {lines} at {server}, on {}.", self.cast.short(*host)),
                    "Each is typed when the answer to the one before has come.".to_string(),
                ])
            }
            Action::PowerOn(host) => Some(vec![
                format!("{} is switched on.", self.cast.computer(*host)),
                self.cast.person(*host).map(|p| format!("Until now {p} could not ask for mail.")).unwrap_or_default(),
            ]),
            Action::PowerOff(host) => Some(vec![format!(
                "{} is switched off: its memory is gone, its disk is not.",
                self.cast.computer(*host)
            )]),
            Action::StopService(host, service) => {
                let name = service.name().to_uppercase();
                told(format!(
                    "The {name} service on {} stops: its port refuses connections from now on.",
                    self.cast.full(*host)
                ))
            }
            Action::StartService(host, service) => {
                let name = service.name().to_uppercase();
                told(format!(
                    "The {name} service on {} starts: its port takes connections again.",
                    self.cast.full(*host)
                ))
            }
            Action::Cut { link, .. } => {
                told(format!("The link {} is cut: what is sent on it is lost.", self.names.link(*link)))
            }
            Action::Mend(link) => told(format!("The link {} works again.", self.names.link(*link))),
            Action::Tamper { fate, count: n, .. } => told(faults::tamper(*fate, *n)),
            Action::Change { link, to } => told(faults::change(&self.names.link(*link), to)),
            Action::Force { host, rule } => told(faults::force(&self.cast.full(*host), rule)),
            Action::Disk { host, free } => told(match free {
                Some(bytes) => format!(
                    "The disk of {} has room for {} of mail from now on.",
                    self.cast.full(*host),
                    count(*bytes as usize, "byte")
                ),
                None => format!("The disk of {} has room for any mail again.", self.cast.full(*host)),
            }),
            Action::StripStartTls(link) => told(format!(
                "A man in the middle of the link {} deletes STARTTLS from what servers offer.",
                self.names.link(*link)
            )),
        }
    }

    /// Who is called, on which port: `Bob's mail server mail.b, port 25`.
    pub(super) fn callee(&self, conn: ConnId) -> String {
        let (address, port) = self.log.end_addr(conn, Side::Server);
        let name = self.log.end(conn, Side::Server).map_or_else(|| address.to_string(), |n| self.cast.full(n));
        format!("{name}, port {port}")
    }

    /// What an action led to at once.
    fn consequence(&self, facts: &Facts<'a>) -> String {
        if let Some(conn) = facts.opened {
            return format!("{} opens a TCP connection to {}.", self.cast.full(facts.node), self.callee(conn));
        }
        match facts.dns.iter().find_map(|e| if let Dns::Query { name, .. } = e { Some(name) } else { None }) {
            Some(name) => format!("{} first asks DNS for the address of {name}.", self.cast.full(facts.node)),
            None => String::new(),
        }
    }

    /// Queues, mailboxes, user agents, and connections opened for their sake.
    pub(super) fn mail(&self, facts: &Facts<'a>) -> Option<Vec<String>> {
        let here = self.cast.full(facts.node);
        let attempt = facts.mail.iter().find_map(|e| match e {
            Event::QueueAttempt { attempt, .. } => Some(*attempt),
            _ => None,
        });
        if let Some(attempt) = attempt {
            let over = match attempt {
                1 if self.was_due(facts) => "The mail is due at once".to_string(),
                1 => "The waiting time is over".to_string(),
                n => format!("Attempt {n}"),
            };
            return Some(match facts.opened {
                Some(conn) => {
                    vec![format!("{over}: {here} turns client and opens a TCP connection to {}.", self.callee(conn))]
                }
                None => match facts.dns.iter().find(|e| matches!(e, Dns::Query { .. })) {
                    Some(_) => vec![format!("{over}: {here} asks DNS which server takes the mail.")],
                    None => vec![format!("{over}: {here} tries to hand the mail on.")],
                },
            });
        }
        if let Some(Event::QueueDefer { attempt, next, .. }) =
            facts.mail.iter().find(|e| matches!(e, Event::QueueDefer { .. }))
        {
            let wait = in_words(next.since(facts.at));
            let refused = facts.arrived.is_some_and(|p| self.is_reset(p));
            let why = if refused { "The connection is refused." } else { "The attempt has failed." };
            let tries = if *attempt == 1 { String::new() } else { format!(" after attempt {attempt}") };
            return Some(vec![
                why.to_string(),
                format!("{here} keeps the mail in its queue{tries} and tries again in {wait}."),
            ]);
        }
        let report = facts.mail.iter().find_map(|e| match e {
            Event::DsnCreate { to, fate, .. } => Some((to, *fate)),
            _ => None,
        });
        if let Some((to, fate)) = report {
            return Some(vec![match fate {
                Fate::Failed => format!("{here} gives the mail up and writes a bounce to {to}."),
                Fate::Delayed(_) => format!("{here} keeps the mail and tells {to}, who wished to hear of delays."),
                Fate::Delivered => {
                    format!("{here} puts the mail into the mailbox and tells {to}, who wished to hear of it.")
                }
                Fate::Relayed => {
                    format!("{here} tells {to} that the mail went on to a server that sends no reports.")
                }
            }]);
        }
        let expanded = facts.mail.iter().find_map(|e| match e {
            Event::Expanded { address, by, envelope, .. } => Some((address, *by, envelope)),
            _ => None,
        });
        if let Some((address, by, envelope)) = expanded {
            let to = envelope.to.iter().map(ToString::to_string).collect::<Vec<_>>();
            return Some(vec![match by {
                Expansion::Forward => format!("{here} forwards the mail for {address} to {}.", list(&to)),
                Expansion::List => format!(
                    "{here} sends the mail to the {} of the list {address}. Failures will be told to {}.",
                    count(to.len(), "member"),
                    envelope.from
                ),
            }]);
        }
        if facts.mail.iter().any(|e| matches!(e, Event::QueueLeave { .. })) {
            let after =
                self.after_attempt(facts, facts.node).unwrap_or_else(|| "The mail leaves the queue.".to_string());
            return Some(vec![format!("{here} is done with the mail."), after]);
        }
        let stored: Vec<(&str, &str)> = facts
            .mail
            .iter()
            .filter_map(|e| match e {
                Event::MailboxStore { user, folder, .. } => Some((user.as_str(), folder.as_str())),
                _ => None,
            })
            .collect();
        if let Some((user, folder)) = stored.first() {
            let whose = self.cast.mailbox(facts.node, user);
            if matches!(self.log.entry(EntryId(facts.from as u32)).cause, Cause::Start) {
                let lie = if stored.len() == 1 { "lies" } else { "lie" };
                let many = count(stored.len(), "mail");
                return Some(vec![format!(
                    "From the start {many} {lie} in {whose}'s mailbox at {}.",
                    self.cast.short(facts.node)
                )]);
            }
            if *folder != "INBOX" {
                return Some(vec![format!("{here} puts a mail into {whose}'s folder {folder}.")]);
            }
            let off = match self.cast.reader_is_off(facts.node, user, facts.at) {
                Some(true) => format!("{whose}'s computer is switched off; it need not be on."),
                _ => format!("It waits there until {whose} asks for it."),
            };
            let answer = facts.answer().map(|code| format!(" and answers {code}")).unwrap_or_default();
            return Some(vec![format!("{here} puts the mail into {whose}'s mailbox{answer}."), off]);
        }
        if let Some(Event::QueueEnter { domain, .. }) =
            facts.mail.iter().find(|e| matches!(e, Event::QueueEnter { .. }))
        {
            return Some(vec![format!("{here} puts the mail into its queue, because {domain} is served elsewhere.")]);
        }
        match facts.opened {
            Some(conn) if facts.dns.is_empty() => Some(vec![self.opens(facts, conn, &here)]),
            _ => None,
        }
    }

    /// Whether a mail is tried at the same time at which it came into the queue.
    fn was_due(&self, facts: &Facts<'a>) -> bool {
        match self.log.entry(EntryId(facts.from as u32)).cause {
            Cause::Timer { armed_by } => self.log.entry(armed_by).at == facts.at,
            _ => true,
        }
    }

    /// A connection is opened, and by whose wish.
    fn opens(&self, facts: &Facts<'a>, conn: ConnId, here: &str) -> String {
        let callee = self.callee(conn);
        match self.wish(facts) {
            Some(Action::Send { host, agent, .. }) => {
                let writer = self.cast.agent(*host, *agent);
                format!("{writer} presses Send: the user agent opens a TCP connection to {callee}.")
            }
            Some(
                Action::Imap { host, agent, .. } | Action::Sync { host, agent, .. } | Action::Pop3 { host, agent, .. },
            ) => {
                let reader = self.cast.agent(*host, *agent);
                format!("{reader} wants to read mail: the user agent opens a TCP connection to {callee}.")
            }
            _ if self
                .cast
                .host(facts.node)
                .and_then(|h| h.web_server.as_ref())
                .is_some_and(|w| !w.webmail.is_empty()) =>
            {
                format!("{here} opens a TCP connection to {callee}; the browser waits for its answer.")
            }
            _ => format!("{here}, the client, opens a TCP connection to {callee}."),
        }
    }

    /// The action at the root of what happens here, if it was done at this same time.
    fn wish(&self, facts: &Facts<'a>) -> Option<&'a Action> {
        let mut id = EntryId(facts.from as u32);
        loop {
            let entry = self.log.entry(id);
            if entry.at != facts.at {
                return None;
            }
            if let What::Action(action) = entry.what {
                return self.names.action(action);
            }
            match entry.cause {
                Cause::Action(action) => return self.names.action(action),
                Cause::Entry(before) if before < id => id = before,
                _ => return None,
            }
        }
    }

    /// DNS: what was asked, what was learned.
    pub(super) fn names(&self, facts: &Facts<'a>) -> Option<Vec<String>> {
        let here = self.cast.full(facts.node);
        let answer = facts.dns.iter().find(|e| matches!(e, Dns::Answer { .. } | Dns::TimedOut { .. }));
        let then = match (facts.opened, facts.dns.iter().rev().find(|e| matches!(e, Dns::Query { .. }))) {
            (Some(conn), _) => format!("It opens a TCP connection to {}.", self.callee(conn)),
            (None, Some(Dns::Query { name, rtype: RecordType::Txt, .. })) => {
                format!("Now it asks for the text that {name} publishes.")
            }
            (None, Some(Dns::Query { name, .. })) => format!("Now it asks for the address of {name}."),
            _ => String::new(),
        };
        match answer {
            Some(Dns::Answer { name, rtype, answers, .. }) => {
                let mut found = answers.iter().filter_map(|r| match &r.data {
                    RecordData::A(address) => Some(format!("{name} has the address {address}")),
                    RecordData::Mx(_, host) => Some(format!("mail for {name} goes to {host}")),
                    RecordData::Txt(strings) => Some(format!("{name} says \"{}\"", brief(&strings.concat()))),
                    _ => None,
                });
                let learned = found.next().unwrap_or_else(|| match rtype {
                    RecordType::Mx => format!("no server is named for mail to {name}"),
                    _ => format!("{name} has no such record"),
                });
                Some(vec![format!("{here} learns from DNS: {learned}."), then])
            }
            None if facts.dns.iter().any(|e| matches!(e, Dns::Truncated { .. })) => Some(vec![
                "The answer is too long for a datagram and was cut.".to_string(),
                format!("{here} asks again over TCP, where answers may be long."),
            ]),
            Some(Dns::TimedOut { name, .. }) => Some(vec![format!("DNS has not answered {here} about {name}.")]),
            _ => match facts.dns.iter().find(|e| matches!(e, Dns::Query { .. })) {
                Some(Dns::Query { name, rtype, .. }) => Some(vec![self.question(&here, name, *rtype)]),
                _ => None,
            },
        }
    }

    fn question(&self, here: &str, name: &str, rtype: RecordType) -> String {
        match rtype {
            RecordType::Mx => format!("{here} asks DNS which server takes mail for {name}."),
            RecordType::Txt => format!("{here} asks DNS for the text that {name} publishes."),
            RecordType::Ptr => format!("{here} asks DNS for the name that belongs to {name}."),
            _ => format!("{here} asks DNS for the address of {name}."),
        }
    }
}

/// The beginning of a text: keys are long.
fn brief(text: &str) -> String {
    const MOST: usize = 60;
    if text.chars().count() <= MOST {
        return text.to_string();
    }
    let mut brief: String = text.chars().take(MOST).collect();
    brief.push_str("...");
    brief
}
