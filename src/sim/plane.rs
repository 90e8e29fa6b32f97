//! The plane on which packets move: links, frames in flight, faults, and the record of it all.
//!
//! Everything that every node needs while it handles an event is here, apart from the nodes, so that a
//! node and the plane can be borrowed side by side.

use std::net::Ipv4Addr;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::events::EventQueue;
use crate::action::{Change, Fate, LONGEST_HOLD, RawSession};
use crate::dns::resolver;
use crate::engine::TlsInfo;
use crate::mail;
use crate::matcher::{Matcher, PacketRef};
use crate::net::link::{Direction, Loss, Properties};
use crate::packet::{self, LinkHeader};
use crate::raw;
use crate::rng::Seed;
use crate::tail::Part;
use crate::time::{Duration, Instant};
use crate::tls;
use crate::topology::{ConnId, LinkId, NodeId, Side};
use crate::trace::{Cause, EntryId, Fact, HopId, HopRecord, Level, Log, PacketId, Saying};

/// What is waiting to happen.
#[derive(Clone, Debug)]
pub(super) enum Event {
    /// A frame reaches the node at the end of its link.
    Arrive(Box<Frame>),
    /// A timer of a connection, of the given use of its slot.
    Connection { node: NodeId, slot: u32, life: u32 },
    /// A timer of a host's programs or a node's neighbours.
    Node(NodeId),
    /// An action of the scenario.
    Action(u32),
    /// A packet that waited in vain to be overtaken goes on.
    Release(u32),
}

/// What all nodes know and nobody changes during a run.
#[derive(Debug)]
pub(super) struct Fixed {
    /// Which node has an address: for the record only, never for forwarding.
    pub owners: FxHashMap<Ipv4Addr, NodeId>,
}

/// One direction of a link, with everything that a frame on it needs side by side: in a big network each frame
/// finds its link outside of the processor's caches.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub(super) struct Lane {
    /// Node and interface at its end.
    pub to: (NodeId, u32),
    pub properties: Properties,
    pub luck: Seed,
    pub direction: Direction,
}

/// A frame in flight. Its bytes are its own: a router changes TTL and checksum in them, as routers do.
///
/// It is handed from node to link to node many times, so it is always held in a box. What every hop needs stands
/// first, in one line of the processor's cache, and behind it what only a LAN needs, or the record once for a packet.
#[derive(Clone, Debug)]
#[repr(C, align(64))]
pub(super) struct Frame {
    /// An IPv4 datagram or an ARP packet.
    pub bytes: Vec<u8>,
    /// The node that it reaches next, at which of its interfaces, and on which link.
    pub to: NodeId,
    pub port: u32,
    pub on: LinkId,
    /// Why it was sent.
    pub cause: Cause,
    /// For the record: its number once it has been recorded.
    pub packet: Option<PacketId>,
    pub hop: HopId,
    pub sent: EntryId,
    pub arp: bool,
    /// Not yet on any link.
    pub fresh: bool,
    /// It has a header on its link.
    headed: bool,
    /// That header.
    header: LinkHeader,
    /// For the record: the connection and the place of the payload in its stream.
    pub conn: Option<(ConnId, Side)>,
    pub stream: (u64, u32),
}

impl Frame {
    pub fn new(bytes: Vec<u8>, arp: bool) -> Box<Self> {
        Box::new(Frame::with(bytes, arp))
    }

    fn with(bytes: Vec<u8>, arp: bool) -> Self {
        Frame {
            bytes,
            to: NodeId(0),
            port: 0,
            on: LinkId(0),
            cause: Cause::Start,
            packet: None,
            hop: HopId(0),
            sent: EntryId(0),
            arp,
            fresh: true,
            headed: false,
            header: LinkHeader::None,
            conn: None,
            stream: (0, 0),
        }
    }

    /// What stands in front of it on its link.
    pub fn link(&self) -> LinkHeader {
        if self.headed { self.header } else { LinkHeader::None }
    }

    /// It goes onto a link with this in front of it.
    pub fn set_link(&mut self, header: LinkHeader) {
        self.headed = !header.is_empty();
        if self.headed {
            self.header = header;
        }
    }

    /// Destination address, from the bytes.
    pub fn destination(&self) -> Ipv4Addr {
        match self.bytes.get(16..20) {
            Some(b) if !self.arp => Ipv4Addr::new(b[0], b[1], b[2], b[3]),
            _ => Ipv4Addr::UNSPECIFIED,
        }
    }
}

/// Something happens to the packets number `first` to `first + count - 1` that match.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub fate: Fate,
    pub matcher: Matcher,
    pub link: Option<LinkId>,
    pub first: u32,
    pub count: Option<u32>,
    pub seen: u32,
}

/// What happens to one packet on one link.
#[derive(Clone, Copy, Debug, Default)]
struct Fates {
    lost: bool,
    delay: Duration,
    twice: bool,
    corrupt: bool,
    held: bool,
}

/// A packet that waits to be overtaken: it would arrive at `at`.
#[derive(Clone, Debug)]
struct Held {
    number: u32,
    from_a: bool,
    at: Instant,
    frame: Box<Frame>,
}

const STARTTLS: &[u8] = b"STARTTLS";

/// Where a server offers STARTTLS in this frame: in a line of a reply with code 250 (RFC 3207 section 4).
fn offered_starttls(frame: &Frame) -> Option<usize> {
    let lines = [&b"250-STARTTLS\r\n"[..], b"250 STARTTLS\r\n"];
    let found = |line: &&[u8]| memchr::memmem::find(&frame.bytes, line);
    lines.iter().find_map(found).filter(|_| !frame.arp).map(|at| at + 4)
}

/// Frames that are kept for another use.
const MOST_SPARE: usize = 1024;

/// Bytes that are left free around each captured frame, for what a file has there: then the frames are a piece of the
/// file once these are filled in, and nobody copies them again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// Before a frame.
    pub before: usize,
    /// Behind a frame that is as long as a multiple of four bytes; up to three more behind others.
    pub behind: usize,
}

/// Frames that were put on tapped links, one behind the other in one memory, each with its [`Room`].
#[derive(Clone, Debug, Default)]
pub struct Captured {
    /// When, on which link, where the frame begins, and its length.
    frames: Vec<(Instant, LinkId, usize, usize)>,
    bytes: Vec<u8>,
    /// Of each frame, if every packet is captured once: how many entries the record had, and whose bytes it carries.
    beside: Vec<(u32, Option<(ConnId, Side)>)>,
    /// Secrets of TLS that have become known.
    secrets: Vec<tls::Secret>,
}

/// One packet that was captured on its first link.
#[derive(Clone, Copy, Debug)]
pub struct Caught<'a> {
    /// When it was sent.
    pub at: Instant,
    /// On its first link.
    pub link: LinkId,
    /// From the link layer on.
    pub bytes: &'a [u8],
    /// How many entries were in the record before it.
    pub entries: u32,
    /// The connection to which it belongs, and the end that has sent it.
    pub conn: Option<(ConnId, Side)>,
}

impl Captured {
    fn push(&mut self, at: Instant, link: LinkId, header: &LinkHeader, packet: &[u8], room: Room) {
        let start = self.bytes.len() + room.before;
        self.bytes.resize(start, 0);
        header.write(&mut self.bytes);
        self.bytes.extend_from_slice(packet);
        let length = self.bytes.len() - start;
        self.bytes.resize(start + length.next_multiple_of(4) + room.behind, 0);
        self.frames.push((at, link, start, length));
    }

    fn clear(&mut self) {
        self.frames.clear();
        self.bytes.clear();
        self.beside.clear();
        self.secrets.clear();
    }

    /// The packets in order, where every one is captured once ([`World::capturing`](super::World::capturing)).
    pub fn packets(&self) -> impl Iterator<Item = Caught<'_>> {
        self.frames.iter().zip(&self.beside).map(|((at, link, start, length), (entries, conn))| Caught {
            at: *at,
            link: *link,
            bytes: &self.bytes[*start..start + length],
            entries: *entries,
            conn: *conn,
        })
    }

    /// Secrets of TLS that have become known; some of the packets may be sealed with them.
    pub fn secrets(&self) -> &[tls::Secret] {
        &self.secrets
    }

    /// All bytes: frames, and the room around them, which is 0 until it is filled in.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Fills in the room around each frame: when and on which link it was sent, all bytes, where it begins in them,
    /// and its length.
    ///
    /// # Errors
    /// The first one of `fill`.
    pub fn fill<E>(
        &mut self,
        mut fill: impl FnMut(Instant, LinkId, &mut [u8], usize, usize) -> Result<(), E>,
    ) -> Result<(), E> {
        let Captured { frames, bytes, .. } = self;
        frames.iter().try_for_each(|(at, link, start, length)| fill(*at, *link, bytes, *start, *length))
    }
}

/// Something that whoever stands behind a connection with bytes from elsewhere is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    /// The host.
    pub host: NodeId,
    /// Its connection.
    pub session: RawSession,
    /// The port at which it came in, or to which it was opened.
    pub port: u16,
    /// What happened.
    pub event: raw::Event,
}

/// See the [module](self).
#[derive(Clone, Debug)]
pub(super) struct Plane {
    pub now: Instant,
    pub events: EventQueue<Event>,
    pub fixed: Arc<Fixed>,
    pub log: Log,
    /// The cause of the next entry.
    pub cause: Cause,
    /// Frames that have arrived, to be used again with their buffers.
    #[allow(clippy::vec_box, reason = "a frame stays in its box from one use to the next")]
    spare: Vec<Box<Frame>>,
    /// Of each link the direction from end `a`, then the one to it.
    pub lanes: Vec<[Lane; 2]>,
    rules: Vec<Rule>,
    held: Vec<Held>,
    /// Packets that were held so far.
    holds: u32,
    /// Links with a man in the middle.
    strips: Vec<LinkId>,
    /// Packets put on tapped links since they were last fetched; nothing is tapped if there are no flags.
    captured: Captured,
    tapped: Vec<bool>,
    room: Room,
    /// Every packet is captured once, on its first link, and nobody wants to look at what was recorded twice.
    once: bool,
    contents: u32,
    /// What is told to the outside, if anybody listens there.
    pub outside: Option<Vec<Outside>>,
}

impl Plane {
    pub fn new(fixed: Fixed, lanes: Vec<[Lane; 2]>, level: Level) -> Self {
        Plane {
            now: Instant::ZERO,
            events: EventQueue::default(),
            fixed: Arc::new(fixed),
            log: Log::new(level),
            cause: Cause::Start,
            spare: Vec::new(),
            lanes,
            rules: Vec::new(),
            held: Vec::new(),
            holds: 0,
            strips: Vec::new(),
            captured: Captured::default(),
            tapped: Vec::new(),
            room: Room::default(),
            once: false,
            contents: 0,
            outside: None,
        }
    }

    /// The counter that numbers the versions of letters.
    pub fn contents(&mut self) -> &mut u32 {
        &mut self.contents
    }

    /// Whether packets are recorded.
    pub fn records_packets(&self) -> bool {
        self.log.level() == Level::All
    }

    /// Whether anything but numbers is recorded.
    pub fn records(&self) -> bool {
        self.log.level() >= Level::Milestones
    }

    /// Records something that programs did; what follows in this event is caused by it.
    pub fn note(&mut self, node: NodeId, fact: Fact) {
        if self.records() {
            let id = self.log.push(self.now, node, self.cause, fact);
            self.cause = Cause::Entry(id);
        }
    }

    /// Records how the handshake of TLS ended at one end of a connection.
    pub fn note_tls(&mut self, node: NodeId, (conn, side): (ConnId, Side), result: Result<&TlsInfo, &str>) {
        if self.records() {
            let event = match result {
                Ok(info) => Saying::Secured(Box::new(info.clone())),
                Err(why) => Saying::NotSecured(why.into()),
            };
            let fact = self.log.add_session(conn, side, event);
            self.note(node, fact);
        }
    }

    /// Records something that the mail system told.
    pub fn note_mail(&mut self, node: NodeId, event: mail::Event) {
        if self.records() {
            let fact = self.log.add_mail(event);
            self.note(node, fact);
        }
    }

    /// Records something that a resolver told.
    pub fn note_lookup(&mut self, node: NodeId, event: resolver::Event) {
        if self.records() {
            let fact = self.log.add_lookup(event);
            self.note(node, fact);
        }
    }

    /// The entry that a timer set now would name.
    pub fn arming(&self) -> Option<EntryId> {
        match self.cause {
            Cause::Entry(id) => Some(id),
            Cause::Timer { armed_by } => Some(armed_by),
            Cause::Start | Cause::Action(_) => None,
        }
    }

    /// An empty frame for a datagram, with a buffer used before if there is one.
    pub fn frame(&mut self) -> Box<Frame> {
        self.spare.pop().unwrap_or_else(|| Frame::new(Vec::new(), false))
    }

    /// Gives a frame back that has come to its end.
    pub fn recycle(&mut self, mut frame: Box<Frame>) {
        if self.spare.len() < MOST_SPARE {
            let mut buffer = std::mem::take(&mut frame.bytes);
            buffer.clear();
            *frame = Frame::with(buffer, false);
            self.spare.push(frame);
        }
    }

    /// Puts a frame on a link.
    pub fn transmit(&mut self, node: NodeId, link: LinkId, from_a: bool, mut frame: Box<Frame>) {
        self.log.counters.frames += 1;
        if frame.fresh {
            frame.cause = self.cause;
        }
        if self.strips.contains(&link)
            && let Some(at) = offered_starttls(&frame)
        {
            frame = self.replaced(node, frame, at);
        }
        if self.rules.is_empty() && self.held.is_empty() {
            return self.put(node, link, from_a, frame, Fates::default());
        }
        let fates = self.fates(link, &frame);
        if fates.corrupt {
            self.corrupt(node, &mut frame);
        }
        let twin = fates.twice.then(|| Box::new(Frame { packet: None, fresh: false, ..Frame::clone(&frame) }));
        self.put(node, link, from_a, frame, fates);
        if let Some(twin) = twin {
            self.log.counters.frames += 1;
            self.put(node, link, from_a, twin, Fates { twice: false, ..fates });
        }
    }

    fn put(&mut self, node: NodeId, link: LinkId, from_a: bool, mut frame: Box<Frame>, fates: Fates) {
        self.record_sent(node, link, &mut frame);
        if !self.tapped.is_empty() && self.tapped[link.0 as usize] {
            self.captured.push(self.now, link, &frame.link(), &frame.bytes, self.room);
        }
        if self.once && frame.packet.is_none() {
            // Packets are not in the record: the number only says that this one has been seen.
            frame.packet = Some(PacketId(0));
            self.captured.push(self.now, link, &frame.link(), &frame.bytes, self.room);
            self.captured.beside.push((self.log.entries().len() as u32, frame.conn));
        }
        if fates.lost {
            return self.lost_on(node, link, frame, Loss::Rule);
        }
        let length = frame.bytes.len() + frame.link().len();
        let lane = &mut self.lanes[link.0 as usize][usize::from(!from_a)];
        frame.fresh = false;
        (frame.to, frame.port) = lane.to;
        frame.on = link;
        match lane.direction.offer(self.now, &lane.properties, length, lane.luck) {
            Ok(at) if fates.held => self.hold(at + fates.delay, from_a, frame),
            Ok(at) => {
                self.events.push(at + fates.delay, Event::Arrive(frame));
                self.overtaken(link, from_a, at);
            }
            Err(reason) => self.lost_on(node, link, frame, reason),
        }
    }

    /// Keeps a packet back until another one has overtaken it.
    fn hold(&mut self, at: Instant, from_a: bool, frame: Box<Frame>) {
        self.holds += 1;
        self.held.push(Held { number: self.holds, from_a, at, frame });
        self.events.push(self.now + LONGEST_HOLD, Event::Release(self.holds));
    }

    /// A packet that will arrive at `at` has overtaken those that are held in this direction of the link.
    fn overtaken(&mut self, link: LinkId, from_a: bool, at: Instant) {
        if self.held.is_empty() {
            return;
        }
        for held in std::mem::take(&mut self.held) {
            if held.frame.on == link && held.from_a == from_a {
                self.events.push(held.at.max(at), Event::Arrive(held.frame));
            } else {
                self.held.push(held);
            }
        }
    }

    /// Nothing has overtaken this packet: it goes on.
    pub fn release(&mut self, number: u32) {
        if let Some(i) = self.held.iter().position(|held| held.number == number) {
            let held = self.held.remove(i);
            self.events.push(held.at.max(self.now), Event::Arrive(held.frame));
        }
    }

    /// Turns a bit in the last byte of the packet. What goes on is another packet than the one that was sent, and is
    /// recorded as such: the first ends here.
    fn corrupt(&mut self, node: NodeId, frame: &mut Frame) {
        if self.records_packets() {
            let packet = self.record_packet(frame);
            let fact = self.log.add_loss(packet, None, Loss::Corrupted);
            self.log.push(self.now, node, self.cause, fact);
        }
        frame.packet = None;
        if let Some(last) = frame.bytes.last_mut() {
            *last ^= 1;
        }
    }

    fn record_sent(&mut self, node: NodeId, link: LinkId, frame: &mut Frame) {
        if !self.records_packets() {
            return;
        }
        let packet = self.record_packet(frame);
        let (ttl, checksum) = match frame.bytes.get(8..12) {
            Some(b) if !frame.arp => (b[0], u16::from_be_bytes([b[2], b[3]])),
            _ => (0, 0),
        };
        frame.hop = self.log.add_hop(packet, link, HopRecord { ttl, checksum, link: frame.link() });
        frame.sent = self.log.push_sent(self.now, node, self.cause, frame.hop);
    }

    /// Gives a packet its number in the record, once.
    pub fn record_packet(&mut self, frame: &mut Frame) -> PacketId {
        match frame.packet {
            Some(packet) => packet,
            None => self.record_lent(frame, None),
        }
    }

    /// Gives a packet that has none its number in the record. With `lent`, what it carries.
    pub fn record_lent(&mut self, frame: &mut Frame, lent: Option<Part>) -> PacketId {
        let packet = self.log.add_packet(&frame.bytes, lent, frame.arp, frame.conn, frame.stream);
        frame.packet = Some(packet);
        packet
    }

    /// What the rules have for a packet that is put on a link.
    fn fates(&mut self, link: LinkId, frame: &Frame) -> Fates {
        let mut fates = Fates::default();
        for rule in &mut self.rules {
            let here = rule.link.map_or(frame.fresh, |l| l == link);
            let packet = if frame.arp { PacketRef::Arp(&frame.bytes) } else { PacketRef::Ipv4(&frame.bytes) };
            if here && rule.matcher.matches(packet) {
                rule.seen = rule.seen.saturating_add(1);
                if rule.seen < rule.first || rule.count.is_some_and(|n| rule.seen - rule.first >= n) {
                    continue;
                }
                match rule.fate {
                    Fate::Lose => fates.lost = true,
                    Fate::Delay(by) => fates.delay = fates.delay + by,
                    Fate::Duplicate => fates.twice = true,
                    Fate::Corrupt => fates.corrupt = true,
                    Fate::Reorder => fates.held = true,
                }
            }
        }
        fates
    }

    /// Keeps a copy of every packet that is put on these links from now on, each with room around it.
    pub fn tap(&mut self, links: &[LinkId], room: Room) {
        self.room = room;
        self.tapped = vec![false; self.lanes.len()];
        for link in links {
            self.tapped[link.0 as usize] = true;
        }
    }

    /// Exchanges what was captured since the last call for `taken`, whose memory is used again.
    pub fn captured(&mut self, taken: &mut Captured) {
        taken.clear();
        std::mem::swap(&mut self.captured, taken);
    }

    /// Captures every packet once, on its first link, as [`Log::packets`] would have it.
    pub fn capture_once(&mut self) {
        self.once = true;
    }

    /// Whether that is done.
    pub fn captures_once(&self) -> bool {
        self.once
    }

    /// The secrets of a connection, if packets are kept that they open.
    pub fn note_secrets(&mut self, conn: ConnId, secrets: Vec<tls::Secret>) {
        if self.records_packets() || self.once {
            let Plane { log, captured, once, .. } = self;
            log.add_secrets(conn, secrets, |secret| captured.secrets.extend(once.then(|| secret.clone())));
        }
    }

    /// Adds a rule by which something happens to packets.
    pub fn add_rule(&mut self, rule: Rule) {
        self.rules.push(rule);
    }

    /// A link has other properties from now on.
    pub fn change(&mut self, link: LinkId, to: Change) {
        for lane in &mut self.lanes[link.0 as usize] {
            let p = &mut lane.properties;
            p.delay = to.delay.unwrap_or(p.delay);
            p.rate = to.rate.or(p.rate);
            p.loss = to.loss.unwrap_or(p.loss);
            p.queue = to.queue.unwrap_or(p.queue);
        }
    }

    /// Puts a man into the middle of a link.
    pub fn strip_starttls(&mut self, link: LinkId) {
        self.strips.push(link);
    }

    /// A man in the middle takes a frame, and sends one in which STARTTLS is no word any more. As many bytes as before,
    /// so that nobody has to count anew.
    fn replaced(&mut self, node: NodeId, mut frame: Box<Frame>, at: usize) -> Box<Frame> {
        self.log.counters.lost += 1;
        if self.records_packets() {
            let packet = self.record_packet(&mut frame);
            // It has not been put on this link: it ends where the man sits, at the node in front of it.
            let fact = self.log.add_loss(packet, None, Loss::Replaced);
            let id = self.log.push(self.now, node, self.cause, fact);
            self.cause = Cause::Entry(id);
        }
        packet::forge_tcp(&mut frame.bytes, at, &[b'X'; STARTTLS.len()]);
        frame.packet = None;
        frame
    }

    /// Cuts a link or mends it; `from_a` names one direction.
    pub fn cut(&mut self, link: LinkId, from_a: Option<bool>, cut: bool) {
        for (i, lane) in self.lanes[link.0 as usize].iter_mut().enumerate() {
            if from_a.is_none_or(|a| usize::from(!a) == i) {
                lane.direction.cut = cut;
            }
        }
    }

    fn lost_on(&mut self, node: NodeId, link: LinkId, frame: Box<Frame>, reason: Loss) {
        self.log.counters.lost += 1;
        if let (true, Some(packet)) = (self.records_packets(), frame.packet) {
            let fact = self.log.add_loss(packet, Some(link), reason);
            self.log.push(self.now, node, Cause::Entry(frame.sent), fact);
        }
        self.recycle(frame);
    }

    /// A packet ends at a node without having reached its destination.
    pub fn lost_at(&mut self, node: NodeId, mut frame: Box<Frame>, reason: Loss) {
        self.log.counters.lost += 1;
        if self.records_packets() {
            let packet = self.record_packet(&mut frame);
            let fact = self.log.add_loss(packet, None, reason);
            self.log.push(self.now, node, self.cause, fact);
        }
        self.recycle(frame);
    }

    /// A frame has arrived: that is the cause of what comes now, and is recorded.
    pub fn arrived(&mut self, frame: &Frame) {
        if self.records_packets() && frame.packet.is_some() {
            let id = self.log.push_arrived(self.now, frame.to, frame.hop);
            self.cause = Cause::Entry(id);
        } else {
            // Packets are not in the record: what comes of them was caused by whoever sent them.
            self.cause = frame.cause;
        }
    }

    /// Asks to be called at `at`, unless an earlier call is already due at `armed`.
    pub fn arm(&mut self, armed: &mut Instant, at: Option<Instant>, event: Event) {
        if let Some(at) = at.map(|at| at.max(self.now))
            && at < *armed
        {
            *armed = at;
            self.events.push(at, event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_hop_needs_stands_in_one_line_of_the_cache() {
        assert_eq!(std::mem::offset_of!(Frame, header), 63);
        assert_eq!(size_of::<Frame>(), 128);
    }

    #[test]
    fn a_frame_has_the_header_of_its_last_link() {
        let (src, dst) = (packet::MacAddr::local(1, 0), packet::MacAddr::BROADCAST);
        let header = LinkHeader::Ethernet { src, dst, ethertype: packet::EtherType::Ipv4 };
        let mut frame = Frame::new(Vec::new(), false);
        for link in [LinkHeader::None, header, LinkHeader::None, header] {
            frame.set_link(link);
            assert_eq!(frame.link(), link);
        }
    }
}
