//! What the engines told, as the record keeps it: most of it is a state or a phase, said in every session again,
//! and so what is said again and again is kept once.

use std::borrow::Cow;
use std::ops::Range;

use super::line::{Kept, Line, NewLine};
use super::stretch::Stretch;
use super::{Bytes, Chunked, EngineKind, Saying, SessionEvent};
use crate::smtp::phase::PhaseChange;
use crate::smtp::{client, server};

/// Events by number; of those that repeat, each one once. Lines have tables of their own.
#[derive(Clone, Debug, Default)]
pub(super) struct Sayings {
    events: Chunked<Saying>,
    /// For each key of [`key`] the number of its event and one more; 0: it has not been said yet.
    said: Vec<u32>,
    lines: Chunked<Kept>,
    texts: Bytes,
    /// Each verb once.
    verbs: Vec<Cow<'static, str>>,
}

/// Set in the number of an event that is a line.
const LINE: u32 = 1 << 31;

impl Sayings {
    /// The event with this number.
    pub fn get(&self, number: u32) -> SessionEvent<'_> {
        if number & LINE == 0 {
            return self.events[number as usize].event();
        }
        let kept = self.lines[(number & !LINE) as usize];
        let text = std::str::from_utf8(self.texts.get(kept.text)).expect("the text of a line is text");
        let verb = kept.verb().map(|verb| &*self.verbs[usize::from(verb)]);
        let Range { start, end } = kept.at.range();
        SessionEvent::Line(kept.engine, Line { way: kept.way, start, end, text, verb, code: kept.code() })
    }

    /// Lets go of all of them: what is said again is kept again.
    pub fn forget(&mut self) {
        self.events.forget();
        self.said.clear();
        self.lines.forget();
        self.texts = Bytes::default();
    }

    /// The number of this event, which may have been said before.
    #[inline]
    pub fn add(&mut self, event: Saying) -> u32 {
        if let Saying::Line(engine, line) = &event {
            return self.add_line(*engine, NewLine::from(&**line));
        }
        let Some(key) = key(&event) else { return self.events.push(event) as u32 };
        if key >= self.said.len() {
            self.said.resize(key + 1, 0);
        }
        if self.said[key] == 0 {
            self.said[key] = self.events.push(event) as u32 + 1;
        }
        self.said[key] - 1
    }

    /// The number of a line. One that is too long for the table is kept as any other event.
    #[inline]
    pub fn add_line(&mut self, engine: EngineKind, line: NewLine<'_>) -> u32 {
        match self.put_line(engine, &line) {
            Some(number) => number,
            None => self.events.push(Saying::Line(engine, Box::new(line.into()))) as u32,
        }
    }

    /// The same where it fits: its text and its verb into their tables.
    #[inline]
    fn put_line(&mut self, engine: EngineKind, line: &NewLine<'_>) -> Option<u32> {
        let verb = match &line.verb {
            None => None,
            Some(verb) => Some(self.verb(verb)?),
        };
        if line.text.len() > Bytes::LONGEST {
            return None;
        }
        let at = Stretch::new(line.start, line.end - line.start)?;
        let text = self.texts.push(line.text.as_bytes());
        let kept = Kept::new(engine, line, at, text, verb);
        Some(self.lines.push(kept) as u32 | LINE)
    }

    /// The place of a verb, if there is room for another one.
    #[allow(clippy::ptr_arg, reason = "a constant is kept as one, so that it is found again by its place in memory")]
    fn verb(&mut self, verb: &Cow<'static, str>) -> Option<u16> {
        // Nearly all are constants of a protocol, and then the same one again.
        let same = |known: &Cow<'static, str>| std::ptr::eq(known.as_bytes(), verb.as_bytes());
        let known = self.verbs.iter().position(same).or_else(|| self.verbs.iter().position(|known| known == verb));
        let place = known.unwrap_or(self.verbs.len());
        if place == Kept::VERBS {
            return None;
        }
        if known.is_none() {
            self.verbs.push(verb.clone());
        }
        Some(place as u16)
    }
}

/// One number for each event that has nothing of its own to say; none for any other.
#[inline]
fn key(event: &Saying) -> Option<usize> {
    // No engine has more than 16 states.
    let pair = |from: usize, to: usize| from << 4 | to;
    let phase = |p: PhaseChange| (p.course as usize) << 4 | p.rfc as usize;
    let (kind, key) = match *event {
        Saying::SmtpClient(client::Event::State { from, to }) => (0, pair(from as usize, to as usize)),
        Saying::SmtpServer(server::Event::State { from, to }) => (1, pair(from as usize, to as usize)),
        Saying::SmtpClient(client::Event::Phase(p)) => (2, phase(p)),
        Saying::SmtpServer(server::Event::Phase(p)) => (3, phase(p)),
        Saying::SmtpClient(client::Event::Idle) => (4, 0),
        _ => return None,
    };
    Some(kind << 8 | key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine;

    #[test]
    fn what_is_said_again_is_kept_once_and_nothing_is_taken_for_something_else() {
        use client::State::{Closed, Greeting, Hello};
        let state = |from, to| Saying::SmtpClient(client::Event::State { from, to });
        let ended = || Saying::SmtpServer(server::Event::Ended(crate::smtp::Ending::Quit));
        let events = [
            state(Greeting, Hello),
            state(Hello, Greeting),
            Saying::SmtpClient(client::Event::Phase(PhaseChange::MAIL)),
            Saying::SmtpServer(server::Event::Phase(PhaseChange::MAIL)),
            Saying::SmtpClient(client::Event::Phase(PhaseChange::DATA)),
            Saying::SmtpServer(server::Event::State { from: server::State::Opening, to: server::State::Closed }),
            Saying::SmtpClient(client::Event::Idle),
            state(Closed, Closed),
            ended(),
        ];
        let mut sayings = Sayings::default();
        let numbers: Vec<u32> = events.iter().map(|e| sayings.add(e.clone())).collect();
        assert_eq!(numbers, (0..9).collect::<Vec<_>>());
        for (event, number) in events.iter().zip(&numbers) {
            assert_eq!(format!("{:?}", sayings.get(*number)), format!("{event:?}"));
        }
        let again: Vec<u32> = events.iter().map(|e| sayings.add(e.clone())).collect();
        assert_eq!(again, [0, 1, 2, 3, 4, 5, 6, 7, 9], "an end is an end of its own");
    }

    #[test]
    fn lines_come_out_as_they_went_in_however_long_they_are() {
        let line = |n: u64, text: String, verb: Option<Cow<'static, str>>, code| engine::Line {
            way: if n.is_multiple_of(2) { engine::Way::Sent } else { engine::Way::Received },
            range: n << 31..(n << 31) + text.len() as u64 + 2,
            text,
            verb,
            code,
        };
        let lines = [
            line(0, "EHLO x".to_owned(), Some("EHLO".into()), None),
            line(1, "250-mail.b.example\n250 SIZE".to_owned(), None, Some(250)),
            line(2, String::new(), None, None),
            line(3, "ü".repeat(40_000), Some("NOOP".to_owned().into()), None),
            line(4, "NOOP".to_owned(), Some("NOOP".to_owned().into()), None),
            line(5, "EHLO y".to_owned(), Some("EHLO".into()), None),
        ];
        let mut sayings = Sayings::default();
        let mut numbers = Vec::new();
        for line in &lines {
            numbers.push(sayings.add_line(EngineKind::SmtpClient, NewLine::from(line)));
            numbers.push(sayings.add(crate::imap::server::Event::Line(line.clone()).into()));
        }
        for (line, told) in lines.iter().zip(numbers.chunks(2)) {
            for (number, engine) in told.iter().zip([EngineKind::SmtpClient, EngineKind::ImapServer]) {
                let SessionEvent::Line(of, read) = sayings.get(*number) else { panic!("{line:?} is a line") };
                assert_eq!((of, read), (engine, Line::from(line)));
            }
        }
        assert_eq!(sayings.verbs.len(), 2, "each verb once");
        assert_eq!(sayings.events.len(), 2, "only what is too long");
    }
}
