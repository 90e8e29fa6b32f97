//! Entries as the record keeps them: a big record has hundreds for each mail, and new memory is what recording costs
//! most. So an entry is two bytes, and nothing is kept that follows from its place.
//!
//! *When and where*: one event of the simulator makes some entries at one node, and these share a [`Scene`].
//! *What*: nearly all entries are about the next item of a table of the [`Log`](super::Log), so that to count the
//! entries of that table in front of it gives the number. *Why*: mostly it is an entry shortly before.
//! So that counting is short, it is begun anew at each [`Mark`].

use std::ops::Range;

use super::fact::{Fact, Kind, Table};
use super::moments::Moments;
use super::{Cause, Chunked, EntryId};
use crate::time::Instant;
use crate::topology::NodeId;

/// Entries from one mark to the next, which lie together.
const STRIDE: usize = 64;
const _: () = assert!(Chunked::<Row>::CHUNK.is_multiple_of(STRIDE));

/// The entries of a record.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    rows: Chunked<Row>,
    scenes: Chunked<Scene>,
    moments: Moments,
    /// Causes that are far, in the order of their entries.
    causes: Chunked<Cause>,
    /// Numbers that are not the next ones of a table, in the order of their entries.
    named: Chunked<u32>,
    /// At the first entry that is kept.
    first: Mark,
    /// At every entry whose place behind that one can be divided by [`STRIDE`], from the second on.
    marks: Chunked<Mark>,
    /// At the next entry.
    next: Mark,
    /// When the last entry was.
    at: Instant,
    /// Where; none, if the next entry begins a scene in any case.
    node: Option<NodeId>,
}

/// From the lowest bit: how many entries lie between it and its cause or [`FAR`], what it says as [`Fact`] has it, and
/// whether a scene begins with it.
#[derive(Clone, Copy, Debug)]
struct Row(u16);

/// The cause of an entry is in a table.
const FAR: u8 = u8::MAX;
/// A scene begins with an entry.
const BEGINS: u16 = 1 << 15;

impl Row {
    fn far(self) -> bool {
        self.0 as u8 == FAR
    }

    fn code(self) -> u8 {
        (self.0 >> 8) as u8 & Fact::CODES
    }

    fn table(self) -> usize {
        Fact::table_of(self.code())
    }

    fn begins(self) -> bool {
        self.0 & BEGINS != 0
    }
}

/// Moment and node of some entries.
#[derive(Clone, Copy, Debug)]
struct Scene {
    /// Nanoseconds, as [`Moments`] count them.
    since: u32,
    node: NodeId,
}

/// How many of each there are in front of an entry.
#[derive(Clone, Copy, Debug, Default)]
struct Mark {
    entries: u32,
    scenes: u32,
    causes: u32,
    tables: [u32; Table::COUNT],
}

/// An entry as it was put down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Read {
    pub at: Instant,
    pub node: NodeId,
    pub fact: Fact,
    /// None: it is the sending of what arrived.
    pub cause: Option<Cause>,
}

impl Rows {
    /// The number of the next entry.
    #[inline]
    pub fn len(&self) -> usize {
        self.next.entries as usize
    }

    /// The numbers of the entries that are kept.
    pub fn places(&self) -> Range<usize> {
        self.rows.places()
    }

    /// Puts an entry down.
    #[inline]
    pub fn push(&mut self, at: Instant, node: NodeId, cause: Cause, fact: Fact) -> EntryId {
        let near = match cause {
            Cause::Entry(EntryId(id)) if self.next.entries - id <= u32::from(FAR) => self.next.entries - id - 1,
            far => self.push_cause(far),
        };
        self.put(at, node, near as u16, fact)
    }

    /// The same of an arrival, whose cause is the sending.
    #[inline]
    pub fn push_arrived(&mut self, at: Instant, node: NodeId, fact: Fact) -> EntryId {
        self.put(at, node, 0, fact)
    }

    #[inline]
    fn put(&mut self, at: Instant, node: NodeId, near: u16, fact: Fact) -> EntryId {
        let mut row = u16::from(fact.code()) << 8 | near;
        if self.at != at || self.node != Some(node) {
            self.push_scene(at, node);
            row |= BEGINS;
        }
        let table = Fact::table_of(fact.code());
        let next = &mut self.next.tables[table];
        if table == Table::Named as usize {
            self.named.push(fact.number());
        } else {
            debug_assert_eq!(*next, fact.number(), "each item of a table has an entry, in their order");
        }
        *next += 1;
        self.rows.push_dense(Row(row));
        let entry = self.next.entries;
        self.next.entries = entry + 1;
        if (self.next.entries - self.first.entries).is_multiple_of(STRIDE as u32) {
            self.mark();
        }
        EntryId(entry)
    }

    #[cold]
    #[inline(never)]
    fn mark(&mut self) {
        self.marks.push(self.next);
        self.rows.fetch(STRIDE);
    }

    #[inline(never)]
    fn push_cause(&mut self, cause: Cause) -> u32 {
        self.causes.push(cause);
        self.next.causes += 1;
        u32::from(FAR)
    }

    #[inline(never)]
    fn push_scene(&mut self, at: Instant, node: NodeId) {
        (self.at, self.node) = (at, Some(node));
        if self.moments.since(at) >= Moments::FAR {
            self.moments.begin(self.next.scenes, at);
        }
        self.scenes.push(Scene { since: self.moments.since(at) as u32, node });
        self.next.scenes += 1;
    }

    /// The entry with this number, if it is kept.
    pub fn get(&self, entry: usize) -> Option<Read> {
        let row = *self.rows.get(entry)?;
        let table = row.table();
        let (mark, before) = self.before(entry);
        let [mut scenes, mut causes, mut number] = [mark.scenes, mark.causes, mark.tables[table]];
        for row in before {
            scenes += u32::from(row.begins());
            causes += u32::from(row.far());
            number += u32::from(row.table() == table);
        }
        // It lies in the last scene that has begun.
        let scene = scenes - u32::from(!row.begins());
        let Scene { since, node } = self.scenes[scene as usize];
        let number = if table == Table::Named as usize { self.named[number as usize] } else { number };
        let fact = Fact::of(row.code(), number);
        let cause = match row.0 as u8 {
            FAR => Some(self.causes[causes as usize]),
            _ if fact.kind() == Kind::FrameArrived => None,
            near => Some(Cause::Entry(EntryId(entry as u32 - 1 - u32::from(near)))),
        };
        Some(Read { at: self.moments.at(scene, since), node, fact, cause })
    }

    /// The mark in front of an entry that is kept, and the entries between.
    fn before(&self, entry: usize) -> (&Mark, &[Row]) {
        let mark = self.mark_at((entry - self.places().start) / STRIDE);
        (mark, self.rows.together(mark.entries as usize..entry))
    }

    /// A mark, by its place among those that are kept.
    fn mark_at(&self, place: usize) -> &Mark {
        if place == 0 { &self.first } else { &self.marks[self.marks.places().start + place - 1] }
    }

    /// The entry that is about this item of a table.
    ///
    /// # Panics
    /// If there is none that is kept.
    pub fn about(&self, table: Table, number: u32) -> EntryId {
        let behind = self.marks.partition_point(|mark| mark.tables[table as usize] <= number);
        let mark = self.mark_at(behind - self.marks.places().start);
        let start = mark.entries as usize;
        let rows = self.rows.together(start..(start + STRIDE).min(self.len()));
        let mut items = (mark.entries..).zip(rows).filter(|(_, row)| row.table() == table as usize);
        let (entry, _) = items.nth((number - mark.tables[table as usize]) as usize).expect("each item has an entry");
        EntryId(entry)
    }

    /// Lets go of all of them; they keep their numbers.
    pub fn forget(&mut self) {
        self.rows.forget();
        self.scenes.forget();
        self.moments.forget();
        self.causes.forget();
        self.named.forget();
        self.marks.forget();
        self.first = self.next;
        self.node = None;
    }
}

#[cfg(test)]
mod tests {
    use super::super::fact::{MailId, TurnId};
    use super::super::{ActionId, HopId, ViewId};
    use super::*;
    use crate::topology::{ConnId, Side};

    #[test]
    fn an_entry_is_two_bytes() {
        assert_eq!(size_of::<Row>(), 2);
        assert_eq!(size_of::<Scene>(), 8);
    }

    /// Puts down entries of all kinds, with all kinds of causes, and says how each of them must read.
    #[derive(Clone, Default)]
    struct Hand {
        rows: Rows,
        wanted: Vec<Read>,
        items: [u32; Table::COUNT],
    }

    impl Hand {
        fn item(&mut self, table: Table) -> u32 {
            self.items[table as usize] += 1;
            self.items[table as usize] - 1
        }

        fn put(&mut self, n: u32) {
            let entry = self.wanted.len() as u32;
            let fact = match n % 7 {
                0 | 1 => Fact::frame_sent(HopId(self.item(Table::Hops))),
                2 if self.items[Table::Hops as usize] > 0 => {
                    Fact::frame_arrived(HopId(n / 7 % self.items[Table::Hops as usize]))
                }
                3 => Fact::tcp_sent(ViewId(self.item(Table::Views)), n.is_multiple_of(2)),
                4 => Fact::tcp_state(TurnId(self.item(Table::Turns))),
                5 => Fact::mail(MailId(self.item(Table::Mails))),
                _ => Fact::tcp_established(ConnId(n), Side::Server),
            };
            let back = [1, 2, 255, 256, 10_000][n as usize % 5];
            let cause = match n % 11 {
                _ if fact.kind() == Kind::FrameArrived => None,
                0 => Some(Cause::Start),
                1 => Some(Cause::Action(ActionId(n))),
                2 => Some(Cause::Timer { armed_by: EntryId(n) }),
                _ => Some(entry.checked_sub(back).map_or(Cause::Start, |cause| Cause::Entry(EntryId(cause)))),
            };
            // Some at one place, then elsewhere, then later, and sometimes much later.
            let at = u64::from(n / 9) * 1_000 + u64::from(n / 5_000) * 10_000_000_000;
            let read = Read { at: Instant::from_nanos(at), node: NodeId(n / 3 % 5), fact, cause };
            let id = match cause {
                Some(cause) => self.rows.push(read.at, read.node, cause, fact),
                None => self.rows.push_arrived(read.at, read.node, fact),
            };
            assert_eq!(id, EntryId(entry));
            self.wanted.push(read);
        }

        fn check(&self) {
            assert_eq!(self.rows.len(), self.wanted.len());
            for place in self.rows.places() {
                assert_eq!(self.rows.get(place), Some(self.wanted[place]), "{place}");
            }
            assert_eq!(self.rows.get(self.wanted.len()), None);
        }

        /// That each item from these on leads back to its entry.
        fn check_items(&self, first: [u32; Table::COUNT]) {
            for (place, read) in self.wanted.iter().enumerate().skip(self.rows.places().start) {
                let (table, number) = (read.fact.table(), read.fact.number());
                if table != Table::Named && number >= first[table as usize] {
                    assert_eq!(self.rows.about(table, number), EntryId(place as u32));
                }
            }
        }
    }

    #[test]
    fn every_entry_comes_out_as_it_went_in_over_many_chunks_and_in_clones() {
        let mut hand = Hand::default();
        (0..70_000).for_each(|n| hand.put(n));
        let mut other = hand.clone();
        (70_000..71_000).for_each(|n| hand.put(n));
        (80_000..91_000).for_each(|n| other.put(n));
        for hand in [&hand, &other] {
            hand.check();
            hand.check_items([0; Table::COUNT]);
        }
        let scenes = hand.wanted.windows(2).filter(|w| (w[0].at, w[0].node) != (w[1].at, w[1].node)).count() + 1;
        assert_eq!(hand.rows.scenes.len(), scenes, "what happens at one place and one time is one scene");
    }

    #[test]
    fn what_is_forgotten_keeps_its_number_and_what_comes_later_is_read() {
        let mut hand = Hand::default();
        for (n, more) in [0, 1, 63, 64, 65, 5_000, 40_000].into_iter().enumerate() {
            let first = hand.items;
            let begin = n as u32 * 100_000;
            (begin..begin + more).for_each(|n| hand.put(n));
            hand.check();
            hand.check_items(first);
            hand.rows.forget();
            assert!(hand.rows.places().is_empty());
            assert_eq!(hand.rows.get(hand.wanted.len().saturating_sub(1)), None);
        }
    }
}
