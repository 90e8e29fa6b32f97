//! Snapshots of connections as the record keeps them: a big record has one for each segment at each end, and new
//! memory is what recording costs most. So nearly all of them fill one line of the processor's cache: intervals are kept
//! in four bytes, and timers counted from a beginning that many share. What does not fit is kept as it is.

use super::moments::Moments;
use super::{Chunked, ViewId};
use crate::tcp::{State, View};
use crate::time::{Duration, Instant};

/// The snapshots, by number.
#[derive(Clone, Debug, Default)]
pub(super) struct Views {
    kept: Chunked<Kept>,
    /// From which moment the timers of a snapshot are counted.
    moments: Moments,
    /// Those with something that does not fit.
    wide: Chunked<View>,
}

/// A [`View`] in less memory: just one line of the cache.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Kept {
    /// The packet of a segment, or the connection of a timer: where there is room for it, so that the entry needs none.
    about: u32,
    /// Nanoseconds, as [`Moments`] count them. [`NONE`]: never.
    retransmit_at: u32,
    /// The same.
    ack_at: u32,
    /// Nanoseconds. [`NONE`]: not known.
    srtt: u32,
    /// Nanoseconds.
    rttvar: u32,
    /// Nanoseconds.
    rto: u32,
    iss: u32,
    snd_una: u32,
    snd_nxt: u32,
    irs: u32,
    rcv_nxt: u32,
    cwnd: u32,
    ssthresh: u32,
    /// If all else is in the table of those that do not fit: the place there.
    queued: u32,
    snd_wnd: u16,
    rcv_wnd: u16,
    state: State,
    duplicate_acks: u8,
    retries: u8,
    flags: u8,
}

/// Stands for something that is not there.
const NONE: u32 = u32::MAX;
/// Of [`Kept::flags`]: in fast recovery.
const RECOVERING: u8 = 1;
/// Of [`Kept::flags`]: it did not fit.
const WIDE: u8 = 2;

impl Views {
    /// Keeps a snapshot that was taken at `now`, and says its number.
    #[inline]
    pub fn add(&mut self, view: &View, about: u32, now: Instant) -> ViewId {
        let kept = if self.fits(view) { self.usual(view, about) } else { self.unusual(view, about, now) };
        ViewId(self.kept.push(kept) as u32)
    }

    /// Whether all numbers fit.
    #[inline]
    fn fits(&self, v: &View) -> bool {
        let timer = |at: Option<Instant>| at.map_or(0, |at| self.moments.since(at));
        let intervals = v.srtt.map_or(0, Duration::as_nanos) | v.rttvar.as_nanos() | v.rto.as_nanos();
        // The limits are powers of two: all that is compared has no bit above them, or one of it has.
        let times = intervals | timer(v.retransmit_at) | timer(v.ack_at);
        times < Moments::FAR && v.snd_wnd | v.rcv_wnd <= u32::from(u16::MAX)
    }

    /// How a snapshot is kept where a beginning is needed first, or something does not fit.
    #[cold]
    #[inline(never)]
    fn unusual(&mut self, view: &View, about: u32, now: Instant) -> Kept {
        self.moments.begin(self.kept.len() as u32, now);
        if self.fits(view) {
            return self.usual(view, about);
        }
        let place = self.wide.push(*view) as u32;
        Kept { flags: WIDE, queued: place, ..self.usual(view, about) }
    }

    /// How it is kept where everything fits.
    #[inline]
    fn usual(&self, v: &View, about: u32) -> Kept {
        let timer = |at: Option<Instant>| at.map_or(NONE, |at| self.moments.since(at) as u32);
        Kept {
            about,
            retransmit_at: timer(v.retransmit_at),
            ack_at: timer(v.ack_at),
            srtt: v.srtt.map_or(NONE, |srtt| srtt.as_nanos() as u32),
            rttvar: v.rttvar.as_nanos() as u32,
            rto: v.rto.as_nanos() as u32,
            iss: v.iss,
            snd_una: v.snd_una,
            snd_nxt: v.snd_nxt,
            irs: v.irs,
            rcv_nxt: v.rcv_nxt,
            cwnd: v.cwnd,
            ssthresh: v.ssthresh,
            queued: v.queued,
            snd_wnd: v.snd_wnd as u16,
            rcv_wnd: v.rcv_wnd as u16,
            state: v.state,
            duplicate_acks: v.duplicate_acks,
            retries: v.retries,
            flags: if v.recovering { RECOVERING } else { 0 },
        }
    }

    /// What a snapshot is about: a packet or a connection.
    pub fn about(&self, number: u32) -> u32 {
        self.kept[number as usize].about
    }

    /// The snapshot with this number.
    pub fn get(&self, ViewId(number): ViewId) -> View {
        let kept = self.kept[number as usize];
        if kept.flags & WIDE != 0 { self.wide[kept.queued as usize] } else { kept.view(number, &self.moments) }
    }

    /// Lets go of all of them; they keep their numbers.
    pub fn forget(&mut self) {
        self.kept.forget();
        self.moments.forget();
        self.wide.forget();
    }
}

impl Kept {
    fn view(&self, number: u32, moments: &Moments) -> View {
        let k = self;
        let interval = |nanos: u32| Duration::from_nanos(u64::from(nanos));
        let at = |since: u32| (since != NONE).then(|| moments.at(number, since));
        View {
            retransmit_at: at(k.retransmit_at),
            ack_at: at(k.ack_at),
            srtt: (k.srtt != NONE).then(|| interval(k.srtt)),
            rttvar: interval(k.rttvar),
            rto: interval(k.rto),
            iss: k.iss,
            snd_una: k.snd_una,
            snd_nxt: k.snd_nxt,
            irs: k.irs,
            rcv_nxt: k.rcv_nxt,
            cwnd: k.cwnd,
            ssthresh: k.ssthresh,
            queued: k.queued,
            snd_wnd: u32::from(k.snd_wnd),
            rcv_wnd: u32::from(k.rcv_wnd),
            state: k.state,
            duplicate_acks: k.duplicate_acks,
            retries: k.retries,
            recovering: k.flags & RECOVERING != 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::{Config, Connection};

    #[test]
    fn what_is_kept_is_the_whole_view_in_a_line_of_the_cache() {
        assert_eq!(size_of::<Kept>(), 64);
        let first = Instant::from_millis(5);
        let plain = Connection::connect(&Config::default(), 49152, 25, 7, first).view();
        let timers = |retransmit_at, ack_at| View { retransmit_at, ack_at, ..plain };
        let (small, large) = (Duration::from_millis(80), Duration::from_secs(60));
        let measured = |srtt| View { srtt: Some(srtt), rttvar: srtt, rto: srtt, ..plain };
        let last = Duration::from_nanos(Moments::FAR - 1);
        let states = [
            // At these moments, and whether all of it fits.
            (5, plain, true),
            (5, timers(Some(Instant::from_secs(1)), Some(first)), true),
            (5, timers(None, None), true),
            (5, View { recovering: true, duplicate_acks: 3, retries: 255, ..plain }, true),
            (4000, timers(Some(Instant::from_secs(5)), None), true),
            (4001, timers(Some(Instant::from_secs(5)), Some(first)), false),
            (4001, timers(Some(Instant::from_millis(4001) + last), None), true),
            (4001, timers(Some(Instant::from_millis(4001) + last + Duration::from_nanos(1)), None), false),
            (4001, measured(small), true),
            (4001, measured(last), true),
            (4001, measured(large), false),
            (4001, View { snd_wnd: 65_535, rcv_wnd: 65_535, ..plain }, true),
            (4001, View { rcv_wnd: 65_536, ..plain }, false),
            (9_000_000, timers(Some(Instant::from_secs(9060)), Some(Instant::from_secs(9000))), false),
            (9_000_000, timers(Some(Instant::from_secs(9001)), Some(Instant::from_secs(9000))), true),
        ];
        let mut views = Views::default();
        let mut wide = 0;
        for (number, (now, view, fits)) in (0..).zip(states) {
            assert_eq!(views.add(&view, 100 + number, Instant::from_millis(now)), ViewId(number));
            wide += usize::from(!fits);
            assert_eq!(views.wide.len(), wide, "{number}");
        }
        for (number, (_, view, _)) in (0..).zip(states) {
            assert_eq!((views.get(ViewId(number)), views.about(number)), (view, 100 + number));
        }
    }
}
