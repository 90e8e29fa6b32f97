//! Where each letter is, by place: read from what the mail system told and from who wrote what to which connection.
//!
//! Who has a letter is said by the entries of queues, mailboxes and user agents. In between it is on the wire,
//! from the moment at which the SMTP client begins to write it (its state LETTER, RFC 5321 section 4.1.1.4). The
//! sender's own entry is a [`Held`] letter: it comes back from there if the transfer fails, and if a failure is
//! told although the other server has taken the letter, there are two from then on, as there are in the world.

mod events;
mod sessions;
mod tracker;

use super::spans::Spans;
use super::{Letter, LetterKey, LetterPlace};
use crate::mail::ContentId;
use crate::topology::{ConnId, Side};
use crate::trace::Log;

pub(super) use tracker::Tracker;

/// A letter at one place of the network.
#[derive(Clone, Debug)]
struct Stay {
    sheet: usize,
    place: Spot,
    content: Option<ContentId>,
    begin: u32,
    end: u32,
}

/// Where; on the wire, with which transfer.
#[derive(Clone, Debug)]
enum Spot {
    At(LetterPlace),
    Wire(usize),
}

/// Bytes of a letter in a stream.
#[derive(Clone, Debug)]
struct Transfer {
    conn: ConnId,
    /// Who sends.
    side: Side,
    start: u64,
    total: u64,
}

/// Letters by place.
#[derive(Clone, Debug)]
pub(super) struct Letters {
    sheets: Vec<(LetterKey, bool)>,
    stays: Vec<Stay>,
    spans: Spans,
    transfers: Vec<Transfer>,
    /// For each connection and receiving side: from which place how many bytes have arrived in order.
    arrived: Vec<[Vec<(u32, u64)>; 2]>,
}

impl Letters {
    /// The letters at `place`, in order of their keys.
    pub fn at(&self, log: &Log, place: u32) -> Vec<Letter> {
        let mut letters: Vec<Letter> =
            self.spans.at(place).into_iter().filter_map(|stay| self.letter(log, &self.stays[stay], place)).collect();
        letters.sort_by_key(|l| l.key);
        letters
    }

    fn letter(&self, log: &Log, stay: &Stay, place: u32) -> Option<Letter> {
        let (key, copy) = self.sheets[stay.sheet];
        let at = match &stay.place {
            Spot::At(at) => at.clone(),
            Spot::Wire(transfer) => {
                let Transfer { conn, side, start, total } = self.transfers[*transfer];
                let arrived = &self.arrived[conn.0 as usize][side_index(side.other())];
                let last = arrived.partition_point(|(from, _)| *from <= place).checked_sub(1);
                let done = last.map_or(0, |last| arrived[last].1).saturating_sub(start).min(total);
                LetterPlace::Wire { conn, from: log.end(conn, side)?, to: log.end(conn, side.other())?, done, total }
            }
        };
        Some(Letter { key, at, content: stay.content, copy })
    }
}

const fn side_index(side: Side) -> usize {
    match side {
        Side::Client => 0,
        Side::Server => 1,
    }
}
