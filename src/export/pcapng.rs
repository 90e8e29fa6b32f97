//! Captures that Wireshark and tshark read (draft-ietf-opsawg-pcapng), written with pcap-file.
//!
//! By default every packet stands in the file once, as its sender put it on its first link: the same
//! packet on three links would look like two retransmissions.

use std::borrow::Cow;
use std::io::Write;
use std::net::Ipv4Addr;

use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::enhanced_packet::{EnhancedPacketBlock, EnhancedPacketOption};
use pcap_file::pcapng::blocks::interface_description::{InterfaceDescriptionBlock, InterfaceDescriptionOption};
use pcap_file::pcapng::blocks::name_resolution::{Ipv4Record, NameResolutionBlock, Record};
use pcap_file::pcapng::blocks::unknown::UnknownBlock;
use pcap_file::{DataLink, Endianness, PcapError};

use crate::sim::setup::NodeKind;
use crate::sim::{Captured, Room, Setup};
use crate::time::{Calendar, Instant};
use crate::tls::Secret;
use crate::topology::{LinkId, Medium, NodeId};
use crate::trace::{EntryId, HopId, Log, PacketId, What};

/// Which packets, seen from where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Every packet once, on its first link.
    Senders,
    /// What one node sent and what reached it.
    Node(NodeId),
    /// What was put on one link.
    Link(LinkId),
    /// Every packet on every link; one interface for each link.
    EveryLink,
}

/// Type of a Decryption Secrets Block, and of the secrets in it (section 4.7).
const DECRYPTION_SECRETS: u32 = 10;
const TLS_KEY_LOG: u32 = 0x544c_534b;
/// Nanoseconds, as the exponent of ten.
const NANOSECONDS: u8 = 9;

/// Writes a capture, packet by packet, in order of time.
pub struct Writer<W: Write> {
    out: PcapNgWriter<W>,
    calendar: Calendar,
    /// Interface number of each link.
    interfaces: Vec<Option<u32>>,
}

impl<W: Write> Writer<W> {
    /// Begins a capture with one interface for each of `links`, and the names of all hosts.
    ///
    /// # Errors
    /// If `out` cannot be written to.
    pub fn new(out: W, setup: &Setup, links: impl Iterator<Item = LinkId>) -> Result<Self, PcapError> {
        let out = PcapNgWriter::with_endianness(out, Endianness::Little)?;
        let interfaces = vec![None; setup.links.len()];
        let mut writer = Writer { out, calendar: setup.calendar, interfaces };
        for (number, link) in links.enumerate() {
            writer.interfaces[link.0 as usize] = Some(number as u32);
            writer.out.write_pcapng_block(interface(setup, link))?;
        }
        if let Some(names) = names(setup) {
            writer.out.write_pcapng_block(names)?;
        }
        Ok(writer)
    }

    /// Writes the secrets of all connections with TLS, if there are any, in a Decryption Secrets Block (section 4.7):
    /// whoever opens the capture reads what is in the records. It must stand before the packets.
    ///
    /// # Errors
    /// If the file cannot be written to.
    pub fn secrets(&mut self, log: &Log) -> Result<(), PcapError> {
        self.secret_lines(log.all_sealed().flat_map(|(_, sealed)| sealed.secrets()))
    }

    /// Writes these secrets, as [`Writer::secrets`] does.
    ///
    /// # Errors
    /// If the file cannot be written to.
    pub fn secret_lines<'a>(&mut self, secrets: impl IntoIterator<Item = &'a Secret>) -> Result<(), PcapError> {
        let lines = secrets.into_iter().map(|secret| format!("{secret}\n"));
        let mut text: Vec<u8> = lines.collect::<String>().into_bytes();
        if text.is_empty() {
            return Ok(());
        }
        let mut value = TLS_KEY_LOG.to_le_bytes().to_vec();
        value.extend((text.len() as u32).to_le_bytes());
        text.resize(text.len().next_multiple_of(4), 0);
        value.append(&mut text);
        let length = value.len() as u32 + 12;
        self.out.write_pcapng_block(UnknownBlock::new(DECRYPTION_SECRETS, length, &value))?;
        Ok(())
    }

    /// Writes one packet that was put on `link` at `at`.
    ///
    /// # Errors
    /// If the file cannot be written to.
    pub fn packet(&mut self, at: Instant, link: LinkId, frame: &[u8], comment: Option<&str>) -> Result<(), PcapError> {
        let Some(interface_id) = self.interfaces[link.0 as usize] else { return Ok(()) };
        let mut block = EnhancedPacketBlock::default();
        block.interface_id = interface_id;
        block.timestamp = std::time::Duration::from_nanos(self.calendar.unix_nanos(at));
        block.original_len = frame.len() as u32;
        block.data = Cow::Borrowed(frame);
        block.options.extend(comment.map(|c| EnhancedPacketOption::Comment(Cow::Borrowed(c))));
        self.out.write_pcapng_block(block)?;
        Ok(())
    }

    /// Writes captured packets, which have [`ROOM`] around them: as [`Writer::packet`] would, but the bytes of the
    /// packets stay where they are and go out together.
    ///
    /// # Errors
    /// If the file cannot be written to.
    pub fn captured(&mut self, captured: &mut Captured) -> Result<(), PcapError> {
        let Writer { out, calendar, interfaces } = self;
        captured.fill(|at, link, bytes, start, length| {
            let interface = interfaces[link.0 as usize].ok_or(PcapError::InvalidInterfaceId(link.0))?;
            enhanced_packet(bytes, start, length, interface, calendar.unix_nanos(at));
            Ok::<(), PcapError>(())
        })?;
        out.get_mut().write_all(captured.bytes()).map_err(PcapError::IoError)
    }

    /// What is written to.
    pub(super) fn get_mut(&mut self) -> &mut W {
        self.out.get_mut()
    }

    /// The file, for flushing.
    pub fn into_inner(self) -> W {
        self.out.into_inner()
    }
}

/// What an Enhanced Packet Block without options has before and behind a packet (section 4.3).
pub const ROOM: Room = Room { before: 28, behind: 4 };

/// Makes an Enhanced Packet Block of the packet that lies at `start`.
///
/// ```text
///  0       4       8           12        16       20        24        28
///  | 6     | length| interface | time, high | low | captured| original| packet, padded | length |
/// ```
fn enhanced_packet(bytes: &mut [u8], start: usize, length: usize, interface: u32, nanos: u64) {
    let end = start + length.next_multiple_of(4) + ROOM.behind;
    let block = &mut bytes[start - ROOM.before..end];
    let (whole, length) = (block.len() as u32, length as u32);
    let head = [6, whole, interface, (nanos >> 32) as u32, nanos as u32, length, length];
    for (field, value) in block.chunks_exact_mut(4).zip(head) {
        field.copy_from_slice(&value.to_le_bytes());
    }
    let last = block.len() - ROOM.behind;
    block[last..].copy_from_slice(&whole.to_le_bytes());
}

/// What a link is called in a capture, and what it is.
pub(super) fn names_of(setup: &Setup, link: LinkId) -> (String, String) {
    let l = &setup.links[link.0 as usize];
    let name = |n: NodeId| setup.nodes[n.0 as usize].name.as_str();
    let mut description = format!("link {} - {}, {} one way", name(l.a), name(l.b), l.delay);
    if let Some(rate) = l.rate {
        description.push_str(&format!(", {} bit/s", crate::time::grouped(rate)));
    }
    (format!("{}--{}", name(l.a), name(l.b)), description)
}

fn interface(setup: &Setup, link: LinkId) -> InterfaceDescriptionBlock<'static> {
    let l = &setup.links[link.0 as usize];
    let (name, description) = names_of(setup, link);
    let linktype = match l.medium {
        Medium::Ethernet => DataLink::ETHERNET,
        Medium::Ip => DataLink::RAW,
    };
    let mut options = vec![
        InterfaceDescriptionOption::IfName(name.into()),
        InterfaceDescriptionOption::IfDescription(description.into()),
        InterfaceDescriptionOption::IfTsResol(NANOSECONDS),
    ];
    options.extend(l.rate.map(InterfaceDescriptionOption::IfSpeed));
    InterfaceDescriptionBlock { linktype, snaplen: 0, options }
}

/// Addresses and full names of all hosts and routers.
pub(super) fn hosts(setup: &Setup) -> impl Iterator<Item = (Ipv4Addr, String)> + '_ {
    setup.nodes.iter().flat_map(|node| {
        let name = match &node.kind {
            NodeKind::Host(host) if !host.fqdn.is_empty() => &host.fqdn,
            _ => &node.name,
        };
        node.interfaces.iter().filter_map(|i| i.address).map(|(address, _)| (address, name.clone()))
    })
}

/// The block with them; none without addresses.
fn names(setup: &Setup) -> Option<NameResolutionBlock<'static>> {
    let record = |(address, name): (Ipv4Addr, String)| {
        Record::Ipv4(Ipv4Record { ip_addr: Cow::Owned(address.octets().to_vec()), names: vec![Cow::Owned(name)] })
    };
    let records: Vec<_> = hosts(setup).map(record).collect();
    (!records.is_empty()).then_some(NameResolutionBlock { records, options: Vec::new() })
}

/// A packet as it is seen from somewhere.
#[derive(Clone, Copy, Debug)]
pub struct Sight {
    /// The entry with which it was sent, or arrived.
    pub entry: EntryId,
    /// Which packet.
    pub packet: PacketId,
    /// On its way over which link.
    pub hop: HopId,
    /// That link.
    pub link: LinkId,
}

impl View {
    /// The links of which packets are seen, in order: the interfaces of a capture.
    pub fn links(self, setup: &Setup) -> impl Iterator<Item = LinkId> {
        (0..setup.links.len() as u32).map(LinkId).filter(move |l| match self {
            View::Senders | View::EveryLink => true,
            View::Link(link) => *l == link,
            View::Node(node) => setup.nodes[node.0 as usize].interfaces.iter().any(|i| i.link == *l),
        })
    }

    /// The packets of a record that are seen, in order of time.
    pub fn packets(self, log: &Log) -> impl Iterator<Item = Sight> {
        let mut seen = vec![false; log.packets().len()];
        log.entries().iter().enumerate().filter_map(move |(place, entry)| {
            let (sent, packet, hop) = match entry.what {
                What::FrameSent { packet, hop } => (true, packet, hop),
                What::FrameArrived { packet, hop } => (false, packet, hop),
                _ => return None,
            };
            let first = sent && !std::mem::replace(&mut seen[packet.0 as usize], true);
            let link = entry.link()?;
            let wanted = match self {
                View::Senders => first,
                View::EveryLink => sent,
                View::Link(wanted) => sent && link == wanted,
                View::Node(node) => entry.node == node,
            };
            wanted.then_some(Sight { entry: EntryId(place as u32), packet, hop, link })
        })
    }
}

/// Writes the packets of a whole record. `comment` may say something about the entry with which a packet
/// was sent.
///
/// # Errors
/// If the file cannot be written to.
pub fn write<W: Write>(
    out: W,
    setup: &Setup,
    log: &Log,
    view: View,
    comment: impl FnMut(EntryId) -> Option<String>,
) -> Result<W, PcapError> {
    write_some(out, setup, log, (view, |_| true), comment)
}

/// Writes those packets of a view, by their numbers from 0, for which `keep` says so.
///
/// # Errors
/// If the file cannot be written to.
pub fn write_some<W: Write>(
    out: W,
    setup: &Setup,
    log: &Log,
    (view, keep): (View, impl Fn(usize) -> bool),
    mut comment: impl FnMut(EntryId) -> Option<String>,
) -> Result<W, PcapError> {
    let mut writer = Writer::new(out, setup, view.links(setup))?;
    writer.secrets(log)?;
    for (_, sight) in view.packets(log).enumerate().filter(|(number, _)| keep(*number)) {
        let comment = comment(sight.entry);
        let at = log.entry(sight.entry).at;
        writer.packet(at, sight.link, &log.frame(sight.packet, sight.hop), comment.as_deref())?;
    }
    Ok(writer.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::World;
    use crate::trace::Level;
    use crate::work::{TRUNK, Work};

    /// The short way of a captured packet into a file and pcap-file's own way give the same bytes.
    #[test]
    fn a_block_made_in_place_is_a_block_written_by_the_library() {
        let setup = std::sync::Arc::new(Work { hosts: 2, mails: 1, group: 2, loss: 0, seed: 1 }.setup());
        let trunks = setup.links.iter().enumerate().filter(|(_, l)| l.rate == Some(TRUNK));
        let trunks: Vec<LinkId> = trunks.map(|(n, _)| LinkId(n as u32)).collect();
        let captured = |room| {
            let mut world = World::new(std::sync::Arc::clone(&setup), Level::Counters);
            world.capture(&trunks, room);
            world.run();
            let mut taken = Captured::default();
            world.captured(&mut taken);
            taken
        };
        let writer = || Writer::new(Vec::new(), &setup, trunks.iter().copied()).unwrap();
        let mut library = writer();
        let mut lengths = [0; 4];
        captured(Room::default())
            .fill(|at, link, bytes, start, length| {
                lengths[length % 4] += 1;
                library.packet(at, link, &bytes[start..start + length], None)
            })
            .unwrap();
        let mut in_place = writer();
        in_place.captured(&mut captured(ROOM)).unwrap();
        assert_eq!(in_place.into_inner(), library.into_inner());
        assert!(lengths.iter().filter(|n| **n > 0).count() > 1, "paddings of different lengths: {lengths:?}");
    }
}
