//! What stands in a console: the lines that somebody types at a server, and the answers to them. Read from the record of
//! a run, so that nothing answers but the server.

use super::run::Run;
use crate::action::Action;
use crate::explain::dialogue::Kind;
use crate::sim::NodeKind;
use crate::time::Duration;
use crate::topology::{ConnId, NodeId, Side};
use crate::trace::{EntryId, What};

/// Who types at which server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Console {
    /// The computer.
    pub host: NodeId,
    /// Its full name.
    pub name: String,
    /// The server's.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// Lines without their line ends.
    pub lines: Vec<String>,
    /// They come from here, one by one, and not from the scenario.
    pub live: bool,
}

/// One thing in the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A line that was typed.
    Typed(String),
    /// A reply: its code, and all of its lines.
    Reply(Option<u16>, Vec<String>),
}

/// What has been said until everything waits for the next line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Talk {
    /// In order.
    pub said: Vec<Said>,
    /// The server has asked for the letter, and it has not been ended with a dot: a line has no answer.
    pub letter: bool,
    /// There is nobody to type to any more.
    pub over: bool,
    /// The moment, as a place in the record.
    pub place: usize,
}

impl Talk {
    /// How often each code has come, in the order of the first time.
    pub fn codes(&self) -> Vec<(u16, usize)> {
        let mut codes: Vec<(u16, usize)> = Vec::new();
        for said in &self.said {
            if let Said::Reply(Some(code), _) = said {
                match codes.iter_mut().find(|(known, _)| known == code) {
                    Some((_, count)) => *count += 1,
                    None => codes.push((*code, 1)),
                }
            }
        }
        codes
    }
}

/// What a code begins with says what it means (RFC 5321 section 4.2.1).
pub const fn meaning(code: u16) -> &'static str {
    match code / 100 {
        2 => "done",
        3 => "go on",
        4 => "not now",
        5 => "no",
        _ => "no code of SMTP",
    }
}

/// Nothing happens for so long only if everything waits for somebody.
const WAITS: Duration = Duration::from_secs(10);

impl Console {
    /// The first one of a scenario.
    pub fn of(run: &Run) -> Option<Console> {
        run.ready.setup.actions.iter().find_map(|timed| match &timed.action {
            Action::Console { host, server, port, lines, stays } => {
                let (server, lines) = (server.clone(), lines.clone());
                let name = full_name(run, *host).unwrap_or_default().to_owned();
                Some(Console { host: *host, name, server, port: *port, lines, live: *stays })
            }
            _ => None,
        })
    }

    /// What was said.
    pub fn talk(&self, run: &Run) -> Talk {
        let conn = self.conn(run);
        let rows = conn.and_then(|conn| run.dialogues.get(conn.0 as usize)).map_or(&[][..], |d| &d.rows[..]);
        let mut replies = rows.iter().filter(|row| row.speaker == Side::Server && row.kind == Kind::Line);
        let mut talk = Talk { place: run.end(), ..Talk::default() };
        let mut last: Option<EntryId> = None;
        let mut answered = |talk: &mut Talk| {
            let Some(row) = replies.next() else {
                talk.over = true;
                return;
            };
            let lines: Vec<String> = std::iter::once(&row.words).chain(&row.more).map(|words| words.line()).collect();
            let code = lines[0].get(..3).and_then(|code| code.parse().ok());
            (talk.letter, talk.over) = (code == Some(354), matches!(code, Some(221 | 421)));
            talk.said.push(Said::Reply(code, lines));
            last = Some(row.entry);
        };
        answered(&mut talk);
        for line in &self.lines {
            if talk.over {
                break;
            }
            talk.said.push(Said::Typed(line.clone()));
            match (talk.letter, line.as_str()) {
                (true, line) if line != "." => {}
                _ => answered(&mut talk),
            }
        }
        talk.place = self.settled(run, conn, last);
        talk
    }

    /// The connection on which the lines are typed.
    fn conn(&self, run: &Run) -> Option<ConnId> {
        let named = |node: NodeId| full_name(run, node) == Some(&self.server);
        let ours = |c: &crate::trace::Connection| {
            c.client == self.host && c.server_addr.1 == self.port && c.server.is_some_and(named)
        };
        run.log.connections().iter().position(ours).map(|n| ConnId(n as u32))
    }

    /// Behind the arrival of the last answer, and what comes with it.
    fn settled(&self, run: &Run, conn: Option<ConnId>, last: Option<EntryId>) -> usize {
        let entries = run.log.entries();
        let arrives = |place: &usize| {
            let entry = entries.at(*place);
            let packet = match entry.what {
                What::TcpReceived { packet, .. } if entry.node == self.host => packet,
                _ => return false,
            };
            conn.is_some_and(|conn| run.log.packet(packet).conn == Some((conn, Side::Server)))
        };
        let from = last.map_or(0, |last| last.0 as usize);
        let first = if last.is_some() { (from..run.end()).find(arrives).unwrap_or(from) } else { 0 };
        let gap = |place: &usize| entries.at(*place).at.since(entries.at(place - 1).at) >= WAITS;
        (first + 1..run.end()).find(gap).unwrap_or(run.end())
    }
}

fn full_name(run: &Run, node: NodeId) -> Option<&str> {
    match &run.ready.setup.nodes.get(node.0 as usize)?.kind {
        NodeKind::Host(host) => Some(&host.fqdn),
        _ => None,
    }
}
