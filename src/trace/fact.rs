//! What an entry says, as the simulator hands it to the record: one of a few kinds, and the number of what it is about.

use super::entry::number;
use super::{ActionId, Closed, HopId, ViewId};
use crate::tcp;
use crate::topology::{ConnId, Side};

number! {
    /// A frame that was lost.
    LossId
}
number! {
    /// What an engine told.
    SessionId
}
number! {
    /// What a mail system told.
    MailId
}
number! {
    /// What a resolver told.
    LookupId
}
number! {
    /// A change of state.
    TurnId
}

/// What happened: see [`What`](super::What) for the meaning of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fact {
    /// The [`Table`], and below it in [`VARIANT`] bits the place of its kind among those of the table.
    code: u8,
    /// The number of what it is about.
    number: u32,
}

/// What entries are about. Of each table but the first, each item has one entry, in the same order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Table {
    /// Of any kind: what has a number already.
    Named,
    Hops,
    Views,
    Turns,
    Sessions,
    Mails,
    Lookups,
    Losses,
}

impl Table {
    pub const COUNT: usize = 8;

    const ALL: [Table; Table::COUNT] = [
        Table::Named,
        Table::Hops,
        Table::Views,
        Table::Turns,
        Table::Sessions,
        Table::Mails,
        Table::Lookups,
        Table::Losses,
    ];
}

/// A [`Fact`] without its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    FrameSent,
    FrameArrived,
    FrameLost,
    TcpOpen,
    TcpEstablished(Side),
    TcpSent { retransmission: bool },
    TcpReceived,
    TcpTimer(Side, tcp::TimerKind),
    TcpState,
    TcpClosed(Side, Closed),
    Session,
    Mail,
    Dns,
    Action,
}

/// Bits for the kinds of one table.
const VARIANT: u32 = 4;
/// Among the kinds of their table: behind each are those of the same name.
const ARRIVED: u8 = 0;
const OPEN: u8 = 1;
const ESTABLISHED: u8 = 2;
const CLOSED: u8 = 4;
const ACTION: u8 = 10;
const RECEIVED: u8 = 0;
const SENT: u8 = 1;
const TIMER: u8 = 3;

/// In the order of their numbers.
const SIDES: [Side; 2] = [Side::Client, Side::Server];
/// In the order of their numbers.
const TIMERS: [tcp::TimerKind; 3] =
    [tcp::TimerKind::Retransmission, tcp::TimerKind::DelayedAck, tcp::TimerKind::Persist];
/// In the order of their numbers.
const ENDS: [Closed; 3] = [Closed::Fin, Closed::Rst, Closed::Timeout];

impl Fact {
    /// All bits of a code.
    pub(super) const CODES: u8 = 0x7f;

    const fn new(table: Table, variant: u8, number: u32) -> Fact {
        Fact { code: (table as u8) << VARIANT | variant, number }
    }

    pub(super) const fn frame_sent(HopId(n): HopId) -> Fact {
        Fact::new(Table::Hops, 0, n)
    }

    pub(super) const fn frame_arrived(HopId(n): HopId) -> Fact {
        Fact::new(Table::Named, ARRIVED, n)
    }

    pub(super) const fn frame_lost(LossId(n): LossId) -> Fact {
        Fact::new(Table::Losses, 0, n)
    }

    pub const fn tcp_open(ConnId(n): ConnId) -> Fact {
        Fact::new(Table::Named, OPEN, n)
    }

    pub const fn tcp_established(ConnId(n): ConnId, side: Side) -> Fact {
        Fact::new(Table::Named, ESTABLISHED + side as u8, n)
    }

    pub const fn tcp_sent(ViewId(n): ViewId, retransmission: bool) -> Fact {
        Fact::new(Table::Views, SENT + retransmission as u8, n)
    }

    pub const fn tcp_received(ViewId(n): ViewId) -> Fact {
        Fact::new(Table::Views, RECEIVED, n)
    }

    pub const fn tcp_timer(ViewId(n): ViewId, side: Side, timer: tcp::TimerKind) -> Fact {
        Fact::new(Table::Views, TIMER + side as u8 + 2 * timer as u8, n)
    }

    pub(super) const fn tcp_state(TurnId(n): TurnId) -> Fact {
        Fact::new(Table::Turns, 0, n)
    }

    pub const fn tcp_closed(ConnId(n): ConnId, side: Side, how: Closed) -> Fact {
        Fact::new(Table::Named, CLOSED + side as u8 + 2 * how as u8, n)
    }

    pub(super) const fn session(SessionId(n): SessionId) -> Fact {
        Fact::new(Table::Sessions, 0, n)
    }

    pub(super) const fn mail(MailId(n): MailId) -> Fact {
        Fact::new(Table::Mails, 0, n)
    }

    pub(super) const fn dns(LookupId(n): LookupId) -> Fact {
        Fact::new(Table::Lookups, 0, n)
    }

    pub const fn action(ActionId(n): ActionId) -> Fact {
        Fact::new(Table::Named, ACTION, n)
    }

    /// A fact from its code and its number.
    pub(super) const fn of(code: u8, number: u32) -> Fact {
        Fact { code, number }
    }

    /// All but its number, in seven bits.
    pub(super) const fn code(self) -> u8 {
        self.code
    }

    /// The number of what it is about.
    pub(super) const fn number(self) -> u32 {
        self.number
    }

    /// In which table that is.
    pub(super) const fn table(self) -> Table {
        Table::ALL[Fact::table_of(self.code)]
    }

    /// The number of that table, from the code.
    pub(super) const fn table_of(code: u8) -> usize {
        (code >> VARIANT) as usize % Table::COUNT
    }

    pub(super) fn kind(self) -> Kind {
        let variant = self.code & ((1 << VARIANT) - 1);
        let side = |n: u8| SIDES[n as usize & 1];
        match self.table() {
            Table::Hops => Kind::FrameSent,
            Table::Losses => Kind::FrameLost,
            Table::Turns => Kind::TcpState,
            Table::Sessions => Kind::Session,
            Table::Mails => Kind::Mail,
            Table::Lookups => Kind::Dns,
            Table::Views => match variant {
                RECEIVED => Kind::TcpReceived,
                SENT..TIMER => Kind::TcpSent { retransmission: variant != SENT },
                _ => Kind::TcpTimer(side(variant - TIMER), TIMERS[(variant - TIMER) as usize / 2]),
            },
            Table::Named => match variant {
                ARRIVED => Kind::FrameArrived,
                OPEN => Kind::TcpOpen,
                ESTABLISHED..CLOSED => Kind::TcpEstablished(side(variant)),
                CLOSED..ACTION => Kind::TcpClosed(side(variant), ENDS[(variant - CLOSED) as usize / 2]),
                _ => Kind::Action,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fact_comes_out_as_it_went_in() {
        let n = u32::MAX;
        let (conn, view) = (ConnId(n), ViewId(n));
        let mut facts = vec![
            (Fact::frame_sent(HopId(n)), Kind::FrameSent, Table::Hops),
            (Fact::frame_arrived(HopId(n)), Kind::FrameArrived, Table::Named),
            (Fact::frame_lost(LossId(n)), Kind::FrameLost, Table::Losses),
            (Fact::tcp_open(conn), Kind::TcpOpen, Table::Named),
            (Fact::tcp_received(view), Kind::TcpReceived, Table::Views),
            (Fact::tcp_state(TurnId(n)), Kind::TcpState, Table::Turns),
            (Fact::session(SessionId(n)), Kind::Session, Table::Sessions),
            (Fact::mail(MailId(n)), Kind::Mail, Table::Mails),
            (Fact::dns(LookupId(n)), Kind::Dns, Table::Lookups),
            (Fact::action(ActionId(n)), Kind::Action, Table::Named),
        ];
        for retransmission in [true, false] {
            let sent = Fact::tcp_sent(view, retransmission);
            facts.push((sent, Kind::TcpSent { retransmission }, Table::Views));
        }
        for side in SIDES {
            facts.push((Fact::tcp_established(conn, side), Kind::TcpEstablished(side), Table::Named));
            for timer in TIMERS {
                facts.push((Fact::tcp_timer(view, side, timer), Kind::TcpTimer(side, timer), Table::Views));
            }
            for how in ENDS {
                facts.push((Fact::tcp_closed(conn, side, how), Kind::TcpClosed(side, how), Table::Named));
            }
        }
        for (fact, kind, table) in &facts {
            assert_eq!((fact.kind(), fact.table(), fact.number()), (*kind, *table, n));
            assert_eq!(Fact::of(fact.code() & Fact::CODES, n), *fact);
        }
        let codes: std::collections::BTreeSet<u8> = facts.iter().map(|(fact, ..)| fact.code()).collect();
        assert_eq!(codes.len(), facts.len(), "each has a code of its own");
    }
}
