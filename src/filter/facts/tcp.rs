//! TCP connections: streams, and what Wireshark finds out about each segment from those before it
//! (`tcp_analyze_sequence_number` of its dissector: the same tests in the same order).

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::ops::Range;

use super::reassemble::Stream as Text;
use super::{Capture, Out};
use crate::filter::Field;

const FIN: u16 = 1;
const SYN: u16 = 2;
const RST: u16 = 4;
const PSH: u16 = 8;
const ACK: u16 = 16;

/// An end of a connection.
pub(super) type End = (Ipv4Addr, u16);

/// A segment as its header says.
pub(super) struct Segment {
    pub frame: usize,
    pub at: i128,
    /// Source and destination.
    pub ends: [End; 2],
    pub seq: u32,
    pub ack: u32,
    pub flags: u16,
    pub window: u16,
    /// Where its payload stands in the frame.
    pub payload: Range<usize>,
}

impl Segment {
    fn has(&self, flags: u16) -> bool {
        self.flags & flags != 0
    }

    fn len(&self) -> u32 {
        self.payload.len() as u32
    }
}

/// All connections of a capture.
#[derive(Default)]
pub(super) struct Streams {
    all: Vec<Stream>,
    /// The newest one between two ends.
    newest: HashMap<[End; 2], usize>,
}

impl Streams {
    pub(super) fn segment(&mut self, segment: Segment) {
        let mut ends = segment.ends;
        ends.sort_unstable();
        let open = self.newest.get(&ends).copied().filter(|at| {
            // Another SYN from the same port opens another connection.
            let stream = &self.all[*at];
            let base = stream.ways[stream.way(&segment)].base;
            !(segment.has(SYN) && !segment.has(ACK) && base.is_some_and(|base| base != segment.seq))
        });
        let at = open.unwrap_or_else(|| {
            self.all.push(Stream::new(&segment));
            self.newest.insert(ends, self.all.len() - 1);
            self.all.len() - 1
        });
        self.all[at].segment(segment);
    }

    /// Says of all segments what can be said only when all were seen, and puts the streams together.
    pub(super) fn finish(self, out: &mut Out, capture: &Capture) {
        for (number, stream) in self.all.into_iter().enumerate() {
            stream.finish(out, capture, number as u32);
        }
    }
}

/// A segment that was sent and not yet acknowledged.
struct Unacked {
    frame: usize,
    at: i128,
    seq: u32,
    next: u32,
}

/// One direction of a connection.
#[derive(Default)]
struct Way {
    base: Option<u32>,
    last_ack: u32,
    last_ack_at: i128,
    last_new_ack: usize,
    duplicates: u32,
    next: u32,
    next_frame: usize,
    next_at: i128,
    /// Up to where all has been seen.
    to_ack: u32,
    window: u32,
    scale: i32,
    unacked: Vec<Unacked>,
    /// What was found out of the last segment.
    last: Flags,
    pushed: u32,
    push_was_set: bool,
    saw_fin: bool,
}

/// What can be found out of one segment.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Flags(u16);

impl Flags {
    const ZERO_WINDOW_PROBE: u16 = 1;
    const ZERO_WINDOW: u16 = 2;
    const LOST: u16 = 4;
    const KEEP_ALIVE: u16 = 8;
    const WINDOW_UPDATE: u16 = 16;
    const WINDOW_FULL: u16 = 32;
    const KEEP_ALIVE_ACK: u16 = 64;
    const ZERO_WINDOW_PROBE_ACK: u16 = 128;
    const DUPLICATE_ACK: u16 = 256;
    const ACKED_LOST: u16 = 512;
    const FAST_RETRANSMISSION: u16 = 1024;
    const OUT_OF_ORDER: u16 = 2048;
    const SPURIOUS: u16 = 4096;
    const RETRANSMISSION: u16 = 8192;

    fn set(&mut self, flag: u16) {
        self.0 |= flag;
    }

    fn has(self, flag: u16) -> bool {
        self.0 & flag != 0
    }
}

/// What was found out of a segment.
#[derive(Default)]
struct Found {
    /// Whether there is anything to tell.
    told: bool,
    flags: Flags,
    acked: Option<(usize, i128)>,
    in_flight: u32,
    pushed: u32,
    duplicate: Option<(u32, usize)>,
    rto: Option<(i128, usize)>,
}

/// A segment with all that its stream says of it.
struct Noted {
    segment: Segment,
    way: usize,
    found: Found,
    seq: u32,
    ack: u32,
    scale: i32,
    delta: i128,
    fin: Option<Field>,
}

/// A connection.
struct Stream {
    first: i128,
    last: i128,
    /// The end that sent the first segment: its way is 0.
    client: End,
    ways: [Way; 2],
    completeness: u8,
    syn_at: Option<i128>,
    rtt: Option<i128>,
    noted: Vec<Noted>,
}

/// Whether `a` stands before `b` in the circle of sequence numbers.
fn before(a: u32, b: u32) -> bool {
    (a.wrapping_sub(b) as i32) < 0
}

fn after(a: u32, b: u32) -> bool {
    before(b, a)
}

impl Stream {
    fn new(segment: &Segment) -> Self {
        let way = || Way { scale: -1, ..Way::default() };
        Stream {
            first: segment.at,
            last: segment.at,
            client: segment.ends[0],
            ways: [way(), way()],
            completeness: 0,
            syn_at: None,
            rtt: None,
            noted: Vec::new(),
        }
    }

    fn way(&self, segment: &Segment) -> usize {
        usize::from(segment.ends[0] != self.client)
    }

    fn segment(&mut self, segment: Segment) {
        let way = self.way(&segment);
        self.complete(&segment);
        if segment.has(SYN) {
            // Without the option, windows are not scaled, on neither side: -2.
            self.ways.iter_mut().for_each(|way| way.scale = -2);
        }
        if self.ways[way].base.is_none() {
            self.ways[way].base = Some(if segment.has(SYN) { segment.seq } else { segment.seq.wrapping_sub(1) });
        }
        if self.ways[1 - way].base.is_none() && segment.has(ACK) {
            self.ways[1 - way].base = Some(segment.ack.wrapping_sub(1));
        }
        let relative = |n: u32, base: Option<u32>| n.wrapping_sub(base.unwrap_or(0));
        let seq = relative(segment.seq, self.ways[way].base);
        let ack = if segment.has(ACK) { relative(segment.ack, self.ways[1 - way].base) } else { 0 };
        let found = self.analyse(&segment, way);
        let fin = segment.has(FIN).then(|| {
            let passive = self.ways[1 - way].saw_fin;
            self.ways[way].saw_fin = true;
            if passive { Field::TcpConnectionFinPassive } else { Field::TcpConnectionFinActive }
        });
        let delta = segment.at - self.last;
        self.last = segment.at;
        let scale = self.ways[way].scale;
        self.noted.push(Noted { segment, way, found, seq, ack, scale, delta, fin });
    }

    /// Which kinds of segments were seen, and the round trip of the handshake.
    fn complete(&mut self, segment: &Segment) {
        let bits = match segment.flags & (SYN | ACK) {
            SYN => 1,
            f if f == SYN | ACK => 2,
            _ if segment.len() > 0 => 8,
            ACK => 4,
            _ => 0,
        };
        self.completeness |= bits;
        self.completeness |= if segment.has(FIN) { 16 } else { 0 };
        self.completeness |= if segment.has(RST) { 32 } else { 0 };
        match segment.flags & (SYN | ACK) {
            SYN => self.syn_at = Some(segment.at),
            ACK if self.rtt.is_none() => self.rtt = self.syn_at.map(|syn| segment.at - syn),
            _ => {}
        }
    }

    fn analyse(&mut self, s: &Segment, way: usize) -> Found {
        let [a, b] = &mut self.ways;
        let (fwd, rev) = if way == 0 { (a, b) } else { (b, a) };
        let (len, window) = (s.len(), u32::from(s.window));
        let special = s.has(SYN | FIN | RST);
        let plain = len == 0 && !special;
        let at_next = s.seq == fwd.next;
        let mut found = Found::default();
        let flags = &mut found.flags;
        'found: {
            if len == 1 && at_next && rev.window == 0 && fwd.next != 0 {
                flags.set(Flags::ZERO_WINDOW_PROBE);
                break 'found;
            }
            if window == 0 && !special {
                flags.set(Flags::ZERO_WINDOW);
            }
            if fwd.next != 0 && after(s.seq, fwd.next) && !s.has(RST) {
                flags.set(Flags::LOST);
            }
            if len <= 1 && s.seq == fwd.next.wrapping_sub(1) && !special {
                flags.set(Flags::KEEP_ALIVE);
            }
            if plain && window != 0 && window != fwd.window && at_next && s.ack == fwd.last_ack {
                flags.set(Flags::WINDOW_UPDATE);
            }
            let edge = rev.last_ack.wrapping_add(rev.window);
            if len > 0 && rev.scale != -1 && s.seq.wrapping_add(len) == edge && !special {
                flags.set(Flags::WINDOW_FULL);
            }
            let same = plain && window == fwd.window && at_next;
            if same && window != 0 && s.ack == fwd.last_ack && rev.last.has(Flags::KEEP_ALIVE) {
                flags.set(Flags::KEEP_ALIVE_ACK);
                break 'found;
            }
            let answered = s.ack == fwd.last_ack || s.ack == fwd.last_ack.wrapping_add(1);
            if same && window == 0 && answered && rev.last.has(Flags::ZERO_WINDOW_PROBE) {
                flags.set(Flags::ZERO_WINDOW_PROBE_ACK);
                break 'found;
            }
            if same && window != 0 && s.ack == fwd.last_ack {
                fwd.duplicates += 1;
                found.duplicate = Some((fwd.duplicates, fwd.last_new_ack));
                flags.set(Flags::DUPLICATE_ACK);
            }
        }
        if s.ack != fwd.last_ack {
            fwd.last_new_ack = s.frame;
            fwd.duplicates = 0;
        }
        if rev.to_ack != 0 && after(s.ack, rev.to_ack) && s.has(ACK) {
            flags.set(Flags::ACKED_LOST);
            rev.to_ack = s.ack;
        }
        let again = fwd.next != 0 && before(s.seq, fwd.next);
        let ends = s.seq.wrapping_add(len).wrapping_add(u32::from(s.has(SYN | FIN)));
        if (len > 0 || s.has(SYN | FIN)) && again && !flags.has(Flags::KEEP_ALIVE) {
            let close = self.rtt.unwrap_or(3_000_000);
            if rev.duplicates >= 2 && rev.last_ack == s.seq && s.at - rev.last_ack_at < 20_000_000 {
                flags.set(Flags::FAST_RETRANSMISSION);
            } else if s.at - fwd.next_at < close && fwd.next != ends {
                flags.set(Flags::OUT_OF_ORDER);
            } else if len > 0 && rev.last_ack != 0 && !after(s.seq.wrapping_add(len), rev.last_ack) {
                flags.set(Flags::SPURIOUS);
            } else {
                flags.set(Flags::RETRANSMISSION);
                // The eldest that was not acknowledged is the likely one.
                let eldest = fwd.unacked.iter().find(|u| !after(u.seq, s.seq));
                let (at, frame) = eldest.map_or((fwd.next_at, fwd.next_frame), |u| (u.at, u.frame));
                // A twin that comes at once has waited for no timer.
                found.rto = Some((s.at - at, frame)).filter(|(waited, _)| *waited != 0);
            }
        }
        if len > 0 || s.has(SYN | FIN) {
            let known = fwd.unacked.iter().any(|u| u.seq == s.seq && u.next == ends);
            if !known || !flags.has(Flags::RETRANSMISSION) {
                fwd.unacked.push(Unacked { frame: s.frame, at: s.at, seq: s.seq, next: ends });
            }
        }
        let probe = flags.has(Flags::ZERO_WINDOW_PROBE);
        if (fwd.next == 0 || after(ends, fwd.next)) && !probe {
            (fwd.next, fwd.next_frame, fwd.next_at) = (ends, s.frame, s.at);
        }
        if (fwd.to_ack == 0 || s.seq == fwd.to_ack) && !probe {
            fwd.to_ack = ends;
        }
        fwd.window = window;
        fwd.last_ack = s.ack;
        fwd.last_ack_at = s.at;
        fwd.last = *flags;
        rev.unacked.retain_mut(|u| {
            if s.ack == u.next {
                found.acked = Some((u.frame, s.at - u.at));
                return false;
            }
            if after(s.ack, u.seq) && before(s.ack, u.next) {
                u.seq = s.ack;
            }
            after(u.next, s.ack)
        });
        if len > 0 {
            let from = fwd.unacked.iter().map(|u| u.seq).reduce(|a, b| if before(b, a) { b } else { a });
            let to = fwd.unacked.iter().map(|u| u.next).reduce(|a, b| if after(b, a) { b } else { a });
            found.in_flight = from.zip(to).map_or(0, |(from, to)| to.wrapping_sub(from));
            let push = s.has(PSH);
            fwd.pushed = if fwd.push_was_set { len } else { fwd.pushed + len };
            fwd.push_was_set = push;
            found.pushed = fwd.pushed;
        }
        found.told = found.flags != Flags::default() || found.acked.is_some() || found.in_flight > 0;
        found
    }

    fn finish(self, out: &mut Out, capture: &Capture, number: u32) {
        let port = self.noted.first().map_or(0, |n| n.segment.ends[1].1);
        let mut text = Text::new(self.client, port, &capture.secrets);
        for noted in &self.noted {
            let Noted { segment: s, found, .. } = noted;
            let n = s.frame;
            out.number(n, Field::TcpStream, number);
            out.number(n, Field::TcpCompleteness, self.completeness);
            out.number(n, Field::TcpSeq, noted.seq);
            out.number(n, Field::TcpAck, noted.ack);
            let next = noted.seq.wrapping_add(s.len()).wrapping_add(u32::from(s.has(SYN | FIN)));
            out.number(n, Field::TcpNxtseq, next);
            out.number(n, Field::TcpWindowSize, s.window);
            if !s.has(SYN) {
                out.number(n, Field::TcpWindowSizeScalefactor, noted.scale);
            }
            out.nanos(n, Field::TcpTimeRelative, s.at - self.first);
            out.nanos(n, Field::TcpTimeDelta, noted.delta);
            match s.flags & (SYN | ACK) {
                SYN => out.label(n, Field::TcpConnectionSyn),
                f if f == SYN | ACK => out.label(n, Field::TcpConnectionSynack),
                _ => {}
            }
            if let Some(which) = noted.fin {
                out.label(n, Field::TcpConnectionFin);
                out.label(n, which);
            }
            if s.has(RST) {
                out.label(n, Field::TcpConnectionRst);
            }
            self.tell(out, n, found);
            let again = found.flags.0 & (Flags::RETRANSMISSION | Flags::FAST_RETRANSMISSION | Flags::SPURIOUS);
            let bytes = &capture.frames[n].bytes[s.payload.clone()];
            match again {
                _ if bytes.is_empty() => {}
                Flags::SPURIOUS => {}
                0 => text.data(out, (n, s.at), noted.way, bytes),
                _ => out.bytes(n, Field::TcpSegmentData, bytes),
            }
        }
    }

    /// What was found out of a segment.
    fn tell(&self, out: &mut Out, n: usize, found: &Found) {
        if !found.told {
            return;
        }
        out.label(n, Field::TcpAnalysis);
        if let Some((frame, after)) = found.acked {
            out.frame(n, Field::TcpAnalysisAcksFrame, frame);
            if after != 0 {
                out.nanos(n, Field::TcpAnalysisAckRtt, after);
            }
        }
        if let Some(rtt) = self.rtt {
            out.nanos(n, Field::TcpAnalysisInitialRtt, rtt);
        }
        if found.in_flight > 0 {
            out.number(n, Field::TcpAnalysisBytesInFlight, found.in_flight);
        }
        if found.pushed > 0 {
            out.number(n, Field::TcpAnalysisPushBytesSent, found.pushed);
        }
        if found.flags == Flags::default() {
            return;
        }
        out.label(n, Field::TcpAnalysisFlags);
        for (flag, field) in [
            (Flags::ZERO_WINDOW_PROBE, Field::TcpAnalysisZeroWindowProbe),
            (Flags::ZERO_WINDOW, Field::TcpAnalysisZeroWindow),
            (Flags::LOST, Field::TcpAnalysisLostSegment),
            (Flags::KEEP_ALIVE, Field::TcpAnalysisKeepAlive),
            (Flags::WINDOW_UPDATE, Field::TcpAnalysisWindowUpdate),
            (Flags::WINDOW_FULL, Field::TcpAnalysisWindowFull),
            (Flags::KEEP_ALIVE_ACK, Field::TcpAnalysisKeepAliveAck),
            (Flags::ZERO_WINDOW_PROBE_ACK, Field::TcpAnalysisZeroWindowProbeAck),
            (Flags::DUPLICATE_ACK, Field::TcpAnalysisDuplicateAck),
            (Flags::ACKED_LOST, Field::TcpAnalysisAckLostSegment),
            (Flags::FAST_RETRANSMISSION, Field::TcpAnalysisFastRetransmission),
            (Flags::FAST_RETRANSMISSION, Field::TcpAnalysisRetransmission),
            (Flags::OUT_OF_ORDER, Field::TcpAnalysisOutOfOrder),
            (Flags::SPURIOUS, Field::TcpAnalysisSpuriousRetransmission),
            (Flags::SPURIOUS, Field::TcpAnalysisRetransmission),
            (Flags::RETRANSMISSION, Field::TcpAnalysisRetransmission),
        ] {
            if found.flags.has(flag) {
                out.label(n, field);
            }
        }
        if let Some((number, frame)) = found.duplicate {
            // Once as a fact, once as an expert's remark.
            out.label(n, Field::TcpAnalysisDuplicateAck);
            out.number(n, Field::TcpAnalysisDuplicateAckNum, number);
            out.frame(n, Field::TcpAnalysisDuplicateAckFrame, frame);
        }
        if let Some((after, frame)) = found.rto {
            out.nanos(n, Field::TcpAnalysisRto, after);
            out.frame(n, Field::TcpAnalysisRtoFrame, frame);
        }
    }
}
