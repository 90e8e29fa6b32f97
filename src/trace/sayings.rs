//! What the engines told, as the record keeps it: most of it is a state or a phase, said in every session again, and
//! an event with room for a line is large. So what is said again and again is kept once.

use super::{Chunked, SessionEvent};
use crate::smtp::phase::PhaseChange;
use crate::smtp::{client, server};

/// Events by number; of those that repeat, each one once.
#[derive(Clone, Debug, Default)]
pub(super) struct Sayings {
    events: Chunked<SessionEvent>,
    /// For each key of [`key`] the number of its event and one more; 0: it has not been said yet.
    said: Vec<u32>,
}

impl Sayings {
    /// The event with this number.
    pub fn get(&self, number: u32) -> &SessionEvent {
        &self.events[number as usize]
    }

    /// Lets go of all of them: what is said again is kept again.
    pub fn forget(&mut self) {
        self.events.forget();
        self.said.clear();
    }

    /// The number of this event, which may have been said before.
    #[inline]
    pub fn add(&mut self, event: SessionEvent) -> u32 {
        let Some(key) = key(&event) else { return self.events.push(event) as u32 };
        if key >= self.said.len() {
            self.said.resize(key + 1, 0);
        }
        if self.said[key] == 0 {
            self.said[key] = self.events.push(event) as u32 + 1;
        }
        self.said[key] - 1
    }
}

/// One number for each event that has nothing of its own to say; none for any other.
#[inline]
fn key(event: &SessionEvent) -> Option<usize> {
    // No engine has more than 16 states.
    let pair = |from: usize, to: usize| from << 4 | to;
    let phase = |p: PhaseChange| (p.course as usize) << 4 | p.rfc as usize;
    let (kind, key) = match *event {
        SessionEvent::SmtpClient(client::Event::State { from, to }) => (0, pair(from as usize, to as usize)),
        SessionEvent::SmtpServer(server::Event::State { from, to }) => (1, pair(from as usize, to as usize)),
        SessionEvent::SmtpClient(client::Event::Phase(p)) => (2, phase(p)),
        SessionEvent::SmtpServer(server::Event::Phase(p)) => (3, phase(p)),
        SessionEvent::SmtpClient(client::Event::Idle) => (4, 0),
        _ => return None,
    };
    Some(kind << 8 | key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_again_is_kept_once_and_nothing_is_taken_for_something_else() {
        use client::State::{Closed, Greeting, Hello};
        let state = |from, to| SessionEvent::SmtpClient(client::Event::State { from, to });
        let ended = || SessionEvent::SmtpServer(server::Event::Ended(crate::smtp::Ending::Quit));
        let events = [
            state(Greeting, Hello),
            state(Hello, Greeting),
            SessionEvent::SmtpClient(client::Event::Phase(PhaseChange::MAIL)),
            SessionEvent::SmtpServer(server::Event::Phase(PhaseChange::MAIL)),
            SessionEvent::SmtpClient(client::Event::Phase(PhaseChange::DATA)),
            SessionEvent::SmtpServer(server::Event::State { from: server::State::Opening, to: server::State::Closed }),
            SessionEvent::SmtpClient(client::Event::Idle),
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
}
