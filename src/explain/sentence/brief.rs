//! What comes next, in few words: `mail.b reads MAIL.`

use super::Teller;
use super::facts::Facts;
use super::faults;
use crate::action::{Action, WebDeed};
use crate::engine::Way;
use crate::explain::stops::{Stop, StopKind, Unit};
use crate::mail::{Event, Left};
use crate::topology::Side;
use crate::trace::SessionEvent;

impl<'a> Teller<'a> {
    pub(super) fn brief(&self, stop: &Stop) -> String {
        let facts = self.facts(stop.from, stop.place);
        let here = self.cast.short(facts.node);
        let kind = match stop.kind {
            // The end is told by what its last event is.
            StopKind::End if facts.closed.is_empty() => return "the run ends.".to_string(),
            StopKind::End => StopKind::Unit(Unit::ConnectionClosed),
            kind => kind,
        };
        match kind {
            StopKind::Loss(packet) => format!("{} is lost.", self.cargo(packet).words()),
            StopKind::Action => self.act(&facts).unwrap_or_else(|| format!("something is done at {here}.")),
            StopKind::Unit(unit) => self.unit(&facts, unit, here),
            StopKind::Timer => match facts.opened {
                Some(conn) => self.opens_briefly(conn),
                None if facts.timer.is_some() => format!("a timer of TCP at {here} fires."),
                None => format!("a timer at {here} fires."),
            },
            StopKind::Arrival(packet) => format!("{} reaches {here}.", self.cargo(packet).words()),
            StopKind::Start | StopKind::End | StopKind::StepMark | StopKind::Other => self.other(&facts, here),
        }
    }

    fn other(&self, facts: &Facts<'a>, here: &str) -> String {
        if let Some(told) = self.act(facts) {
            return told;
        }
        if let Some(conn) = facts.opened {
            return self.opens_briefly(conn);
        }
        if let Some((_, line)) = facts.written() {
            let word = line.code.map(|c| c.to_string()).or_else(|| line.verb.map(str::to_owned));
            return match word {
                Some(word) => format!("{here} writes {word}."),
                None => format!("{here} speaks."),
            };
        }
        match facts.segments.first().map(|s| s.0).or(facts.left.first().copied()).or(facts.arrived) {
            Some(packet) => format!("{} leaves {here}.", self.cargo(packet).words()),
            None => format!("{here} goes on."),
        }
    }

    fn opens_briefly(&self, conn: crate::topology::ConnId) -> String {
        let name = |side| self.log.end(conn, side).map_or("an address nobody has", |n| self.cast.short(n));
        format!("{} opens a TCP connection to {}.", name(Side::Client), name(Side::Server))
    }

    fn act(&self, facts: &Facts<'a>) -> Option<String> {
        let short = |node: &crate::topology::NodeId| self.cast.short(*node);
        Some(match facts.actions.last()? {
            Action::Send { host, agent, .. } => format!("{} presses Send.", self.cast.agent(*host, *agent)),
            Action::Queue { host, .. } => format!("{} takes a mail out of its queue.", short(host)),
            Action::Offline { host, agent, .. } => {
                format!("{} changes the copy on {}.", self.cast.agent(*host, *agent), short(host))
            }
            Action::Imap { host, agent, .. } | Action::Sync { host, agent, .. } | Action::Pop3 { host, agent, .. } => {
                format!("{} wants to read on {}.", self.cast.agent(*host, *agent), short(host))
            }
            Action::Browse { host, .. } => format!("{} fetches objects.", short(host)),
            Action::Webmail { host, deed, .. } => {
                let who = self.cast.visitor(*host).unwrap_or_default();
                match deed {
                    WebDeed::Write(_) => format!("{who} goes to write a mail in the browser."),
                    WebDeed::Look(_) => format!("{who} goes to read mail in the browser."),
                }
            }
            Action::Submit { host, agent, .. } => format!("{} presses Send.", self.cast.agent(*host, *agent)),
            Action::Raw { host, deed, .. } => super::raw::brief(short(host), deed),
            Action::Console { host, server, .. } => format!("somebody on {} types at {server}.", short(host)),
            Action::PowerOn(host) => format!("{} is switched on.", short(host)),
            Action::PowerOff(host) => format!("{} is switched off.", short(host)),
            Action::StopService(host, service) => {
                format!("{} on {} stops.", service.name().to_uppercase(), short(host))
            }
            Action::StartService(host, service) => {
                format!("{} on {} starts.", service.name().to_uppercase(), short(host))
            }
            Action::Cut { link, .. } => format!("the link {} is cut.", self.names.link(*link)),
            Action::Mend(link) => format!("the link {} works again.", self.names.link(*link)),
            Action::Tamper { fate, .. } => format!("the lab is set to {} packets.", faults::deed(*fate)),
            Action::Change { link, .. } => format!("the link {} changes.", self.names.link(*link)),
            Action::Force { host, .. } => format!("the lab is set to disturb SMTP on {}.", short(host)),
            Action::Disk { host, .. } => format!("the disk of {} has another amount of room.", short(host)),
            Action::StripStartTls(_) => "a man in the middle goes to work.".to_string(),
        })
    }

    fn unit(&self, facts: &Facts<'a>, unit: Unit, here: &str) -> String {
        match unit {
            Unit::MailRead => "the mail is on the screen.".to_string(),
            Unit::MailWritten => "the mail is complete.".to_string(),
            Unit::Command => match facts.read_line().and_then(|(_, l)| l.verb) {
                Some(verb) => format!("{here} reads {verb}."),
                None => format!("{here} reads a command."),
            },
            Unit::MailboxChange => self.mailbox_change(facts, here),
            Unit::QueueChange => self.queue_change(facts, here),
            Unit::WholeMail => format!("the whole mail has reached {here}."),
            Unit::Response => format!("a whole object has reached {here}."),
            Unit::Reply => self.reply(facts, here),
            Unit::Request => format!("{here} reads the request."),
            Unit::ConnectionOpen => format!("the TCP connection is open at {here}."),
            Unit::Answer => format!("the answer of DNS reaches {here}."),
            Unit::Query => format!("the DNS query reaches {here}."),
            Unit::ConnectionClosed => "the TCP connection is closed.".to_string(),
        }
    }

    fn mailbox_change(&self, facts: &Facts<'a>, here: &str) -> String {
        let stored = facts.mail.iter().find_map(|e| match e {
            Event::MailboxStore { user, .. } => Some(user),
            _ => None,
        });
        match stored {
            Some(user) => format!("the mail is put into {}'s mailbox.", self.cast.mailbox(facts.node, user)),
            None => format!("a mailbox at {here} changes."),
        }
    }

    fn queue_change(&self, facts: &Facts<'a>, here: &str) -> String {
        let found = facts.mail.iter().find_map(|e| match e {
            Event::QueueEnter { .. } => Some(format!("{here} puts the mail into its queue.")),
            Event::QueueDefer { .. } => Some(format!("the attempt fails; the mail stays at {here}.")),
            Event::QueueLeave { left: Left::Delivered, .. } => Some(format!("the mail leaves the queue of {here}.")),
            Event::QueueLeave { .. } => Some(format!("{here} gives the mail up.")),
            Event::QueueAttempt { attempt, .. } => Some(match facts.opened {
                Some(conn) => self.opens_briefly(conn),
                None => format!("attempt {attempt} begins at {here}."),
            }),
            _ => None,
        });
        found.unwrap_or_else(|| format!("the queue of {here} changes."))
    }

    fn reply(&self, facts: &Facts<'a>, here: &str) -> String {
        let completed = facts.sessions.iter().find_map(|s| match &s.event {
            SessionEvent::ImapClient(crate::imap::client::Event::Completed { verb, .. })
            | SessionEvent::Pop3Client(crate::pop3::client::Event::Completed { verb, .. }) => Some(*verb),
            _ => None,
        });
        if let Some(verb) = completed {
            return format!("{here} reads the answer to {verb}.");
        }
        match facts.lines().find(|(_, l)| l.way == Way::Received).and_then(|(_, l)| l.code) {
            Some(220) => format!("{here} reads the greeting 220."),
            Some(code) => format!("{here} reads the reply {code}."),
            None => format!("{here} reads the greeting."),
        }
    }
}
