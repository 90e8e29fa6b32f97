//! One end of a connection: its state, what the program can ask of it, and what can be looked at.

use std::ops::Range;

use super::congestion::Congestion;
use super::event::{Pending, Queue};
use super::inbox::Inbox;
use super::outbox::Outbox;
use super::rtt::Rtt;
use super::scoreboard::Scoreboard;
use super::wire;
use super::{Config, Retransmission, State, View};
use crate::packet::TcpHeader;
use crate::tail::Part;
use crate::time::Instant;

/// MSS of a peer that names none (RFC 9293 section 3.7.1, MUST-15).
const DEFAULT_MSS: u16 = 536;

/// A peer that names less gets this: no honest one does.
const LEAST_MSS: u16 = 16;

/// What the one slow timer of a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slow {
    Off,
    Retransmission,
    Persist,
    TimeWait,
}

/// An acknowledgement that is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owed {
    Nothing,
    /// It may wait for company until `ack_at`.
    Later,
    /// With the next segment, or alone.
    Now,
}

/// One end of a TCP connection; see the [module](super) for the order of calls.
///
/// Fields are `pub(super)`: each file of this module holds the rules of one chapter.
#[derive(Clone, Debug)]
pub struct Connection {
    pub(super) local_port: u16,
    pub(super) remote_port: u16,
    state: State,
    /// It sent the first SYN.
    pub(super) active: bool,
    pub(super) established: bool,
    /// Both sides speak SACK.
    pub(super) sack: bool,
    /// The program has closed: a FIN follows the last byte.
    pub(super) closing: bool,

    // Sending (RFC 9293 section 3.3.1). Positions count from our SYN.
    pub(super) iss: u32,
    /// Oldest position not acknowledged.
    pub(super) una: u64,
    /// Next to be sent; falls back to `una` when the retransmission timer expires.
    pub(super) nxt: u64,
    /// Behind the highest ever sent: the RFC's SND.NXT.
    pub(super) max: u64,
    pub(super) wnd: u32,
    /// Largest window the peer ever offered.
    pub(super) max_wnd: u32,
    /// Numbers of the segment that last set the window (SND.WL1, SND.WL2).
    pub(super) wl1: u32,
    pub(super) wl2: u32,
    /// Largest segment to send, options included.
    pub(super) mss: u16,
    pub(super) out: Outbox,
    /// Bytes acknowledged since the program was last told.
    pub(super) freed: u32,

    // When and how much.
    pub(super) rtt: Rtt,
    pub(super) congestion: Congestion,
    pub(super) board: Option<Box<Scoreboard>>,
    /// End and time of the segment that is being timed; end 0: none.
    pub(super) timed: (u64, Instant),
    pub(super) slow: Slow,
    pub(super) slow_at: Instant,
    /// Timeouts in a row: of a SYN, of the oldest segment, of a window probe.
    pub(super) retries: u8,
    /// The SYN's timer has expired.
    pub(super) syn_lost: bool,
    /// Since when the oldest bytes wait for an acknowledgement.
    pub(super) waiting_since: Instant,
    pub(super) last_sent: Instant,

    // Orders to the next `poll`.
    /// Send the segment at `una` again, whatever the windows say.
    pub(super) resend: Option<Retransmission>,
    /// The persist timer has expired.
    pub(super) probe: bool,
    /// `max` is ahead of `nxt` for a probe's byte only.
    pub(super) probed: bool,
    /// A reset with this sequence number.
    pub(super) refuse: Option<u32>,

    // Receiving. Positions count from the peer's SYN.
    pub(super) irs: u32,
    pub(super) inbox: Inbox,
    /// Right edge of the window, as far as it was ever offered.
    pub(super) edge: u64,
    /// Position of the peer's FIN once seen; it counts when all before it is here.
    pub(super) fin_at: Option<u64>,
    /// The FIN has been taken in.
    pub(super) fin_taken: bool,
    /// Where the program has been told to.
    pub(super) told: u64,
    /// Bytes received since the last acknowledgement was sent.
    pub(super) unacked: u32,
    pub(super) owed: Owed,
    pub(super) ack_at: Instant,
    /// Until then no acknowledgement answers a segment that carries nothing.
    pub(super) quiet_until: Instant,

    pub(super) events: Queue,
}

impl Connection {
    fn new(cfg: &Config, local_port: u16, remote_port: u16, iss: u32) -> Self {
        Connection {
            local_port,
            remote_port,
            state: State::Closed,
            active: false,
            established: false,
            sack: cfg.sack,
            closing: false,
            iss,
            una: 0,
            nxt: 0,
            max: 0,
            wnd: 0,
            max_wnd: 0,
            wl1: 0,
            wl2: 0,
            mss: cfg.mss.max(LEAST_MSS),
            out: Outbox::new(),
            freed: 0,
            rtt: Rtt::new(cfg),
            congestion: Congestion::new(),
            board: None,
            timed: (0, Instant::ZERO),
            slow: Slow::Off,
            slow_at: Instant::FAR_FUTURE,
            retries: 0,
            syn_lost: false,
            waiting_since: Instant::ZERO,
            last_sent: Instant::ZERO,
            resend: None,
            probe: false,
            probed: false,
            refuse: None,
            irs: 0,
            inbox: Inbox::new(),
            edge: 0,
            fin_at: None,
            fin_taken: false,
            told: 1,
            unacked: 0,
            owed: Owed::Nothing,
            ack_at: Instant::FAR_FUTURE,
            quiet_until: Instant::ZERO,
            events: Queue::new(),
        }
    }

    // --- be born ---

    /// Opens a connection actively (RFC 9293 section 3.10.1); the SYN comes out of `poll`.
    pub fn connect(cfg: &Config, local_port: u16, remote_port: u16, iss: u32, now: Instant) -> Self {
        let mut c = Connection::new(cfg, local_port, remote_port, iss);
        c.active = true;
        c.waiting_since = now;
        c.set_state(State::SynSent);
        c
    }

    /// Answers a SYN that came for a listener (RFC 9293 section 3.10.7.2); the SYN,ACK comes out of
    /// `poll`. The caller has checked that the segment is a SYN without ACK and RST.
    pub fn accept(cfg: &Config, syn: &TcpHeader, iss: u32, now: Instant) -> Self {
        let mut c = Connection::new(cfg, syn.dst_port, syn.src_port, iss);
        c.state = State::Listen;
        c.waiting_since = now;
        c.take_syn(cfg, syn);
        c.set_state(State::SynReceived);
        c
    }

    /// What the peer's SYN says: its first number, its window, its options.
    pub(super) fn take_syn(&mut self, cfg: &Config, syn: &TcpHeader) {
        self.irs = syn.seq;
        self.edge = 1 + u64::from(receive_capacity(cfg));
        self.mss = syn.mss.unwrap_or(DEFAULT_MSS).min(cfg.mss).max(LEAST_MSS);
        self.sack = cfg.sack && syn.sack_permitted;
        self.set_window(syn);
    }

    pub(super) fn set_window(&mut self, header: &TcpHeader) {
        self.wnd = u32::from(header.window);
        self.max_wnd = self.max_wnd.max(self.wnd);
        self.wl1 = header.seq;
        self.wl2 = header.ack;
    }

    // --- be told ---

    /// Writes as much of `bytes` as there is room for; says how much that was. Nothing fits before or
    /// after the states in which a program may send (RFC 9293 section 3.10.2); what is written before the
    /// connection is open waits for that.
    pub fn send(&mut self, cfg: &Config, bytes: &[u8]) -> usize {
        let n = bytes.len().min(self.send_room(cfg));
        self.out.push(&bytes[..n]);
        n
    }

    /// As [`Connection::send`], for a program that does not need its bytes any more: they need not be copied.
    pub fn send_all(&mut self, cfg: &Config, bytes: Vec<u8>) -> usize {
        let n = bytes.len();
        if n > self.send_room(cfg) {
            return self.send(cfg, &bytes);
        }
        self.out.push_all(bytes);
        n
    }

    /// As [`Connection::send`], of bytes that stay where they are until they are acknowledged.
    pub fn send_part(&mut self, cfg: &Config, part: Part) -> usize {
        let n = part.len();
        if n > self.send_room(cfg) {
            return self.send(cfg, &part);
        }
        self.out.push_part(part);
        n
    }

    /// How many bytes [`Connection::send`] would take.
    pub fn send_room(&self, cfg: &Config) -> usize {
        use State::{CloseWait, Established, SynReceived, SynSent};
        if self.closing || !matches!(self.state, SynSent | SynReceived | Established | CloseWait) {
            return 0;
        }
        cfg.send_buffer.saturating_sub(self.out.len())
    }

    /// The program has nothing more to send (RFC 9293 section 3.10.4): a FIN follows the last byte, in a
    /// segment of its own. What the peer still sends is received.
    pub fn close(&mut self) {
        match self.state {
            State::SynSent => {
                self.end(Pending::Closed);
            }
            State::SynReceived | State::CloseWait => self.closing = true,
            State::Established => {
                self.closing = true;
                self.set_state(State::FinWait1);
            }
            // No connection, or closed already.
            _ => {}
        }
    }

    /// Breaks the connection (RFC 9293 section 3.10.5): a reset is sent, unless the peer knows nothing
    /// of the connection or has nothing to wait for.
    pub fn abort(&mut self) {
        use State::{CloseWait, Established, FinWait1, FinWait2, SynReceived};
        if matches!(self.state, SynReceived | Established | FinWait1 | FinWait2 | CloseWait) {
            self.refuse = Some(self.sequence_for_nothing());
        }
        if self.state != State::Closed {
            self.stop();
        }
    }

    /// The program has read the first `n` bytes of [`Connection::received`].
    pub fn consume(&mut self, cfg: &Config, n: usize) {
        self.inbox.consume(n);
        self.consider_window_update(cfg);
    }

    // --- look ---

    /// Bytes in order that the program has not consumed.
    pub fn received(&self) -> &[u8] {
        self.inbox.ready()
    }

    /// How many bytes the program has written, and how many it has read.
    pub fn carried(&self) -> (u64, u64) {
        (self.out.end() - 1, self.inbox.next() - 1 - self.inbox.ready().len() as u64)
    }

    /// The bytes of a segment that was just polled, in two parts as the ring has them.
    pub fn payload(&self, stream: Range<u64>) -> (&[u8], &[u8]) {
        self.out.slices(stream.start.saturating_add(1), stream.end.saturating_add(1))
    }

    /// The bytes of a segment that was just polled, if all of them lie in memory that was lent.
    pub fn lent(&self, stream: Range<u64>) -> Option<Part> {
        self.out.part(stream.start.saturating_add(1), stream.end.saturating_add(1))
    }

    /// The state.
    pub fn state(&self) -> State {
        self.state
    }

    /// Whether nothing can happen any more. A reset may still have to be polled.
    pub fn is_finished(&self) -> bool {
        self.state == State::Closed
    }

    /// Whether it ever was open.
    pub fn was_established(&self) -> bool {
        self.established
    }

    /// Looks at what the next segment will need, so that it is in the processor's cache then. The number means
    /// nothing.
    pub fn ahead(&self) -> u64 {
        let numbers = self.una ^ self.edge ^ self.told ^ self.out.end() ^ self.inbox.next() ^ u64::from(self.wl1);
        let times = self.slow_at.as_nanos() ^ self.ack_at.as_nanos() ^ self.quiet_until.as_nanos();
        numbers ^ times ^ u64::from(self.congestion.cwnd) ^ self.rtt.rto().as_nanos()
    }

    /// Its variables now.
    #[inline]
    pub fn view(&self) -> View {
        let c = &self.congestion;
        let waits = matches!(self.slow, Slow::Retransmission | Slow::Persist);
        View {
            state: self.state,
            iss: self.iss,
            snd_una: wire::number(self.iss, self.una),
            snd_nxt: wire::number(self.iss, self.max),
            snd_wnd: self.wnd,
            irs: self.irs,
            rcv_nxt: if self.edge == 0 { 0 } else { wire::number(self.irs, self.rcv_nxt()) },
            rcv_wnd: self.rcv_wnd(),
            cwnd: c.cwnd,
            ssthresh: c.ssthresh,
            queued: self.out.len() as u32,
            duplicate_acks: c.duplicates,
            recovering: c.recovering,
            retries: self.retries,
            srtt: self.rtt.srtt(),
            rttvar: self.rtt.rttvar(),
            rto: self.rtt.rto(),
            retransmit_at: waits.then_some(self.slow_at),
            ack_at: (self.owed == Owed::Later).then_some(self.ack_at),
        }
    }

    // --- shared by the chapters ---

    /// The only place where the state changes.
    pub(super) fn set_state(&mut self, to: State) {
        let from = std::mem::replace(&mut self.state, to);
        self.events.push(Pending::State { from, to });
    }

    /// SND.UNA, SYN counted, has passed our FIN.
    pub(super) fn fin_acknowledged(&self) -> bool {
        self.una > self.out.end()
    }

    /// Our FIN has been sent at least once.
    pub(super) fn fin_sent(&self) -> bool {
        self.max > self.out.end()
    }

    /// RCV.NXT as a position: the peer's FIN counts one.
    pub(super) fn rcv_nxt(&self) -> u64 {
        self.inbox.next() + u64::from(self.fin_taken)
    }

    /// RCV.WND: what is left of what was offered.
    pub(super) fn rcv_wnd(&self) -> u32 {
        self.edge.saturating_sub(self.rcv_nxt()) as u32
    }

    /// The connection is over: says the state, then how it ended.
    pub(super) fn end(&mut self, how: Pending) {
        self.stop();
        self.events.push(how);
    }

    fn stop(&mut self) {
        self.set_state(State::Closed);
        self.slow = Slow::Off;
        self.slow_at = Instant::FAR_FUTURE;
        self.owed = Owed::Nothing;
        self.ack_at = Instant::FAR_FUTURE;
        self.resend = None;
        self.probe = false;
    }
}

/// Most bytes that wait for the program: a window of 16 bits cannot offer more.
pub(super) fn receive_capacity(cfg: &Config) -> u32 {
    cfg.receive_buffer.min(usize::from(u16::MAX)) as u32
}
