//! Snapshots of connections as the record keeps them: a big record has one for each segment at each end, and new
//! memory is what recording costs most. So there are no options with room for their own tags, and the few small
//! numbers stand together.

use crate::tcp::{State, View};
use crate::time::{Duration, Instant};

/// A [`View`] in less memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept {
    rttvar: Duration,
    rto: Duration,
    /// [`UNKNOWN`]: none.
    srtt: Duration,
    /// [`Instant::FAR_FUTURE`]: never.
    retransmit_at: Instant,
    ack_at: Instant,
    iss: u32,
    snd_una: u32,
    snd_nxt: u32,
    snd_wnd: u32,
    irs: u32,
    rcv_nxt: u32,
    rcv_wnd: u32,
    cwnd: u32,
    ssthresh: u32,
    queued: u32,
    /// The packet of a segment, or the connection of a timer: where there is room for it, so that the entry needs none.
    pub about: u32,
    state: State,
    duplicate_acks: u8,
    recovering: bool,
    retries: u8,
}

/// No round trip takes so long.
const UNKNOWN: Duration = Duration::from_nanos(u64::MAX);

impl Kept {
    #[inline]
    pub fn new(v: &View, about: u32) -> Kept {
        Kept {
            about,
            rttvar: v.rttvar,
            rto: v.rto,
            srtt: v.srtt.unwrap_or(UNKNOWN),
            retransmit_at: v.retransmit_at.unwrap_or(Instant::FAR_FUTURE),
            ack_at: v.ack_at.unwrap_or(Instant::FAR_FUTURE),
            iss: v.iss,
            snd_una: v.snd_una,
            snd_nxt: v.snd_nxt,
            snd_wnd: v.snd_wnd,
            irs: v.irs,
            rcv_nxt: v.rcv_nxt,
            rcv_wnd: v.rcv_wnd,
            cwnd: v.cwnd,
            ssthresh: v.ssthresh,
            queued: v.queued,
            state: v.state,
            duplicate_acks: v.duplicate_acks,
            recovering: v.recovering,
            retries: v.retries,
        }
    }

    pub fn view(&self) -> View {
        let k = self;
        let at = |at| (at < Instant::FAR_FUTURE).then_some(at);
        View {
            rttvar: k.rttvar,
            rto: k.rto,
            srtt: (k.srtt != UNKNOWN).then_some(k.srtt),
            retransmit_at: at(k.retransmit_at),
            ack_at: at(k.ack_at),
            iss: k.iss,
            snd_una: k.snd_una,
            snd_nxt: k.snd_nxt,
            snd_wnd: k.snd_wnd,
            irs: k.irs,
            rcv_nxt: k.rcv_nxt,
            rcv_wnd: k.rcv_wnd,
            cwnd: k.cwnd,
            ssthresh: k.ssthresh,
            queued: k.queued,
            state: k.state,
            duplicate_acks: k.duplicate_acks,
            recovering: k.recovering,
            retries: k.retries,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::{Config, Connection};

    #[test]
    fn what_is_kept_is_the_whole_view_in_less_memory() {
        let now = Instant::from_millis(5);
        let before = Connection::connect(&Config::default(), 49152, 25, 7, now).view();
        let after = View {
            srtt: Some(Duration::from_millis(80)),
            retransmit_at: Some(Instant::from_secs(1)),
            ack_at: Some(now),
            ..before
        };
        for view in [before, after] {
            assert_eq!(Kept::new(&view, 7).view(), view);
        }
        assert_eq!(size_of::<Kept>(), 88);
        assert!(size_of::<View>() > 88, "then this file is not needed");
    }
}
