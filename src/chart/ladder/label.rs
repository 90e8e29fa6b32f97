//! What a packet carries, in words.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::collect::Flight;
use crate::engine::Way;
use crate::packet::TcpFlags;
use crate::topology::{ConnId, Side};
use crate::trace::{Log, SessionEvent, What};
use crate::{http, imap, smtp};

/// What stands somewhere in a stream.
#[derive(Clone, Debug)]
enum Said {
    Line(String),
    /// A letter or the content of a response, by its name.
    Block(String),
}

/// What is said on some connections, by direction and place.
#[derive(Clone, Debug, Default)]
pub(super) struct Labels {
    said: BTreeMap<(ConnId, Side), BTreeMap<u64, (u64, Said)>>,
    /// Where segments with data begin, each place once.
    segments: BTreeMap<(ConnId, Side), BTreeSet<u64>>,
}

impl Labels {
    pub fn new(log: &Log, conns: &[ConnId], flights: &[Flight]) -> Self {
        let mut labels = Labels::default();
        let mut path = String::new();
        for entry in log.entries().iter() {
            let What::Session(session) = &entry.what else { continue };
            if !conns.contains(&session.conn) {
                continue;
            }
            let mut put = |range: &Range<u64>, said| {
                let stream = labels.said.entry((session.conn, session.side)).or_default();
                stream.insert(range.start, (range.end, said));
            };
            if let Some(line) = session.event.line()
                && line.way == Way::Sent
            {
                let first = line.text.lines().next().unwrap_or_default();
                put(&line.range, Said::Line(first.to_owned()));
            }
            match &session.event {
                SessionEvent::SmtpClient(smtp::client::Event::Letter { range, .. })
                | SessionEvent::ImapServer(imap::server::Event::Sent { range, .. }) => {
                    put(range, Said::Block("mail".to_owned()));
                }
                SessionEvent::HttpServer(http::server::Event::Request { path: asked, .. }) => path.clone_from(asked),
                SessionEvent::HttpServer(http::server::Event::Body { range }) => put(range, Said::Block(path.clone())),
                _ => {}
            }
        }
        for flight in flights.iter().filter(|f| f.stream.1 > 0) {
            labels.segments.entry((flight.conn, flight.from)).or_default().insert(flight.stream.0);
        }
        labels
    }

    /// The label of a packet.
    pub fn of(&self, flight: &Flight) -> String {
        let control: Vec<&str> = [(TcpFlags::SYN, "SYN"), (TcpFlags::FIN, "FIN"), (TcpFlags::RST, "RST")]
            .iter()
            .filter(|(flag, _)| flight.flags.contains(*flag))
            .map(|(_, name)| *name)
            .collect();
        let mut words = self.carried(flight);
        if words.is_empty() {
            words.extend(control.iter().map(ToString::to_string));
            if flight.flags.contains(TcpFlags::ACK) {
                words.push("ACK".to_owned());
            }
            return words.join(", ");
        }
        words.extend(control.iter().map(ToString::to_string));
        words.join(", ")
    }

    /// What the bytes of a packet are, in order.
    fn carried(&self, flight: &Flight) -> Vec<String> {
        let key = (flight.conn, flight.from);
        let (start, end) = (flight.stream.0, flight.stream.0 + u64::from(flight.stream.1));
        if start == end {
            return Vec::new();
        }
        let Some(stream) = self.said.get(&key) else { return vec![format!("{} bytes", end - start)] };
        let first = stream.range(..=start).next_back().map_or(start, |(at, _)| *at);
        let here = stream.range(first..end).filter(|(_, (until, _))| *until > start);
        let words: Vec<String> = here
            .map(|(from, (until, said))| match said {
                Said::Line(text) if *from >= start => text.clone(),
                Said::Line(text) => format!("... {text}"),
                Said::Block(name) => {
                    let name = if name.is_empty() { "content" } else { name };
                    let (part, of) = self.part(key, *from, *until, start);
                    if of > 1 { format!("{name}, {part} of {of}") } else { name.to_owned() }
                }
            })
            .filter(|words| !words.is_empty())
            .collect();
        if words.is_empty() { vec![format!("{} bytes", end - start)] } else { words }
    }

    /// Which of the segments that carry a block begins at `start`.
    fn part(&self, key: (ConnId, Side), from: u64, until: u64, start: u64) -> (usize, usize) {
        let Some(segments) = self.segments.get(&key) else { return (1, 1) };
        // The first one may begin before the block, with the head of the response.
        let first = segments.range(..=from).next_back().copied().unwrap_or(from);
        let part = segments.range(first..=start.max(first)).count();
        (part.max(1), segments.range(first..until.max(first)).count())
    }
}
