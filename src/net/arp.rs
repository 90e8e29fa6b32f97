//! Neighbours on a LAN: the ARP table of one interface (RFC 826, RFC 1122 section 2.3.2).
//!
//! ```text
//!   send to 192.0.2.1 ----> known? ---- yes ---> frame to its hardware address
//!                             | no
//!                             v
//!        keep the packet, "who has 192.0.2.1?" to everybody, again after 1 s, 3 questions in all
//! ```

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use crate::packet::MacAddr;
use crate::time::{Duration, Instant};

/// Seconds between questions.
const AGAIN: Duration = Duration::from_secs(1);
/// Questions before a neighbour counts as absent.
const QUESTIONS: u32 = 3;
/// Packets kept for one neighbour; RFC 1122 asks for at least one, the latest.
const KEPT: usize = 16;

/// The table of one interface, with packets of type `P` kept for neighbours that are being asked for.
#[derive(Clone, Debug)]
pub struct Table<P> {
    known: BTreeMap<Ipv4Addr, MacAddr>,
    asked: BTreeMap<Ipv4Addr, Asked<P>>,
}

#[derive(Clone, Debug)]
struct Asked<P> {
    questions: u32,
    next: Instant,
    kept: Vec<P>,
}

/// What to do with a packet for a neighbour.
#[derive(Debug, PartialEq, Eq)]
pub enum Resolve<P> {
    /// Send it there.
    Known(MacAddr, P),
    /// It is kept, and the question must be sent.
    Ask,
    /// It is kept; the question is on its way.
    Wait,
    /// It could not be kept: too many wait for this neighbour.
    Full(P),
}

/// What a timer of the table did.
#[derive(Debug, PartialEq, Eq)]
pub enum Due<P> {
    /// Ask for this neighbour again.
    Ask(Ipv4Addr),
    /// Nobody answers: these packets are lost.
    Absent(Ipv4Addr, Vec<P>),
}

impl<P> Default for Table<P> {
    fn default() -> Self {
        Table { known: BTreeMap::new(), asked: BTreeMap::new() }
    }
}

impl<P> Table<P> {
    /// Looks a neighbour up for `packet`.
    pub fn resolve(&mut self, now: Instant, neighbour: Ipv4Addr, packet: P) -> Resolve<P> {
        if let Some(mac) = self.known.get(&neighbour) {
            return Resolve::Known(*mac, packet);
        }
        if let Some(asked) = self.asked.get_mut(&neighbour) {
            if asked.kept.len() >= KEPT {
                return Resolve::Full(packet);
            }
            asked.kept.push(packet);
            return Resolve::Wait;
        }
        self.asked.insert(neighbour, Asked { questions: 1, next: now + AGAIN, kept: vec![packet] });
        Resolve::Ask
    }

    /// A neighbour has told its address: the packets that waited for it, in order.
    pub fn learn(&mut self, neighbour: Ipv4Addr, mac: MacAddr) -> Vec<P> {
        self.known.insert(neighbour, mac);
        self.asked.remove(&neighbour).map(|a| a.kept).unwrap_or_default()
    }

    /// Drops the questions that are open, and the packets that wait for them.
    pub fn forget_questions(&mut self) {
        self.asked.clear();
    }

    /// Whether this neighbour is known.
    pub fn knows(&self, neighbour: Ipv4Addr) -> bool {
        self.known.contains_key(&neighbour)
    }

    /// The next moment at which [`Table::due`] has something to do.
    pub fn next_due(&self) -> Option<Instant> {
        self.asked.values().map(|a| a.next).min()
    }

    /// Takes one thing that is due at `now`; call until nothing is left.
    pub fn due(&mut self, now: Instant) -> Option<Due<P>> {
        let neighbour = *self.asked.iter().find(|(_, a)| a.next <= now)?.0;
        let asked = self.asked.get_mut(&neighbour)?;
        if asked.questions < QUESTIONS {
            asked.questions += 1;
            asked.next = now + AGAIN;
            return Some(Due::Ask(neighbour));
        }
        self.asked.remove(&neighbour).map(|a| Due::Absent(neighbour, a.kept))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
    const MAC: MacAddr = MacAddr([2, 0, 0, 0, 0, 7]);

    #[test]
    fn packets_wait_for_one_question_and_leave_in_order() {
        let mut t = Table::default();
        let at = Instant::from_millis;
        assert_eq!(t.resolve(at(0), ROUTER, "first"), Resolve::Ask);
        assert_eq!(t.resolve(at(1), ROUTER, "second"), Resolve::Wait);
        assert_eq!(t.learn(ROUTER, MAC), ["first", "second"]);
        assert_eq!(t.resolve(at(2), ROUTER, "third"), Resolve::Known(MAC, "third"));
        assert_eq!(t.next_due(), None);
    }

    #[test]
    fn an_absent_neighbour_is_asked_for_three_times() {
        let mut t = Table::default();
        let at = Instant::from_secs;
        assert_eq!(t.resolve(at(0), ROUTER, "lost"), Resolve::Ask);
        assert_eq!(t.due(at(0)), None);
        assert_eq!(t.due(at(1)), Some(Due::Ask(ROUTER)));
        assert_eq!(t.due(at(2)), Some(Due::Ask(ROUTER)));
        assert_eq!(t.due(at(3)), Some(Due::Absent(ROUTER, vec!["lost"])));
        assert_eq!(t.next_due(), None);
    }
}
