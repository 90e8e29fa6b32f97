//! Packets taken apart: the layers of a frame with their fields and bytes, the list of all packets of a run
//! with what each of them carries, and a letter unwrapped.
//!
//! ```text
//!  Log --> Packets::new ----> rows: once each, as first sent (the columns of Wireshark's packet list)
//!                       \---> of_stream: a range of a stream -> the packets that carry it
//!  layers(log, packet, hop) -> Ethernet | IPv4 | TCP | SMTP | IMF ..., each a span of the frame
//!  unwrap(log, content)     -> envelope | header | empty line | body
//! ```
//! Names of fields, labels and the texts of the columns are those of Wireshark, so that what is learned here
//! works there; a test compares both.
//!
//! What a byte of a TCP stream means depends on what was said before it: a line that follows `DATA` is part
//! of a letter. The module `flow` knows that from the record, for whole connections.

mod application;
mod cut;
mod data;
mod dns;
mod ethernet;
mod filter;
mod flow;
mod http;
mod imap;
mod pop;
mod imf;
mod info;
mod internet;
mod letter;
mod rows;
mod smtp;
mod tls;
mod transport;

use std::fmt;
use std::net::Ipv4Addr;
use std::ops::Range;

pub use filter::{OpenQuote, filter};
pub use letter::{Envelope, HeaderField, Part, Unwrapped, Wrap, unwrap, wrapping};
pub use rows::{Address, Carries, PacketRow, Packets};

pub(crate) use tls::server_name;

use crate::packet::MacAddr;
use crate::trace::{HopId, Log, PacketId};
use cut::Cut;
use flow::{Flow, Place};

/// Where a protocol stands in the model of layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LayerKind {
    /// Ethernet, ARP.
    Link,
    /// IPv4, ICMP.
    Network,
    /// TCP, UDP.
    Transport,
    /// DNS, SMTP, IMAP, POP3, HTTP, and the letters in them.
    Application,
}

impl LayerKind {
    /// `link`, `network`, `transport`, `application`.
    pub const fn name(self) -> &'static str {
        match self {
            LayerKind::Link => "link",
            LayerKind::Network => "network",
            LayerKind::Transport => "transport",
            LayerKind::Application => "application",
        }
    }
}

/// The value of a field, as far as it is one for a program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Value {
    /// A name for the fields below it, or bytes as they are.
    #[default]
    None,
    /// The bytes of the span as a number, most significant first.
    Number(u64),
    /// Some bits of the span's bytes: those of `mask`, moved down to the lowest place.
    Bits {
        /// Which bits.
        mask: u64,
        /// Their value.
        value: u64,
    },
    /// A number that follows from the bytes but does not stand there as it is: a length in bytes where the
    /// header counts words, a relative sequence number, digits of a reply.
    Derived(u64),
    /// An address of the internet layer.
    Address(Ipv4Addr),
    /// An address of the link layer.
    Hardware(MacAddr),
    /// Text.
    Text(String),
}

impl Value {
    /// As a number, if it is one; a flag is 0 or 1.
    pub const fn number(&self) -> Option<u64> {
        match self {
            Value::Number(n) | Value::Derived(n) | Value::Bits { value: n, .. } => Some(*n),
            Value::None | Value::Address(_) | Value::Hardware(_) | Value::Text(_) => None,
        }
    }
}

/// One field of a header, or one line of a dialogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Wireshark's name for filters: `tcp.flags.syn`. What has no name of its own there has its protocol's.
    pub name: &'static str,
    /// In words: `Source Port`.
    pub label: String,
    /// The value in words: `SMTP (25)`, `Set`. Empty where the label says all.
    pub value: String,
    /// The value for programs.
    pub raw: Value,
    /// Its bytes in the frame. Empty for what is worked out and stands nowhere.
    pub span: Range<usize>,
    /// What it consists of.
    pub children: Vec<Field>,
}

impl Field {
    /// This field and all below it, in order.
    pub fn walk(&self, visit: &mut impl FnMut(&Field)) {
        visit(self);
        self.children.iter().for_each(|child| child.walk(visit));
    }
}

/// `Source Port: 49152`.
impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.label.as_str(), self.value.as_str()) {
            (label, "") => f.write_str(label),
            ("", value) => f.write_str(value),
            (label, value) => write!(f, "{label}: {value}"),
        }
    }
}

/// One layer of a frame. The layers of a frame stand one behind the other, without gap and overlap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// `Ethernet II`, `Transmission Control Protocol`.
    pub name: &'static str,
    /// Wireshark's short name: `eth`, `arp`, `ip`, `icmp`, `udp`, `tcp`, `tls`, `dns`, `smtp`, `imf`, `imap`, `pop`,
    /// `http`; `data` for bytes that nothing more can be said of.
    pub abbr: &'static str,
    /// Its bytes in the frame: the header, and of the last layers their text.
    pub span: Range<usize>,
    /// What matters most, in one line, without the name.
    pub summary: String,
    /// Its fields in order.
    pub fields: Vec<Field>,
    /// Where it stands.
    pub kind: LayerKind,
}

impl Layer {
    /// The first field of that name, at any depth.
    pub fn field(&self, name: &str) -> Option<&Field> {
        fn find<'a>(fields: &'a [Field], name: &str) -> Option<&'a Field> {
            fields.iter().find_map(|f| if f.name == name { Some(f) } else { find(&f.children, name) })
        }
        find(&self.fields, name)
    }
}

/// A frame as it was on one link, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dissection {
    /// The bytes.
    pub frame: Vec<u8>,
    /// The layers in the order of their bytes.
    pub layers: Vec<Layer>,
}

impl Dissection {
    /// The first field of that name in any layer.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.layers.iter().find_map(|layer| layer.field(name))
    }

    /// The layer to which a byte of the frame belongs.
    pub fn layer_at(&self, offset: usize) -> Option<&Layer> {
        self.layers.iter().find(|layer| layer.span.contains(&offset))
    }

    /// The innermost field to which a byte of the frame belongs.
    pub fn field_at(&self, offset: usize) -> Option<&Field> {
        fn find(fields: &[Field], offset: usize) -> Option<&Field> {
            let field = fields.iter().find(|f| f.span.contains(&offset))?;
            find(&field.children, offset).or(Some(field))
        }
        find(&self.layer_at(offset)?.fields, offset)
    }
}

/// The layers of a packet as it was on one link.
///
/// What its bytes mean in their stream is read from the whole record, which takes a moment in a big run:
/// [`Packets::layers`] knows it already.
///
/// # Panics
/// If the packet or the hop was not given out by this record.
pub fn layers(log: &Log, packet: PacketId, hop: HopId) -> Dissection {
    let flow = log.packet(packet).conn.map(|(conn, _)| Flow::of(log, conn));
    layers_in(log, packet, hop, flow.as_ref())
}

fn layers_in(log: &Log, packet: PacketId, hop: HopId, flow: Option<&Flow>) -> Dissection {
    let frame = log.frame(packet, hop);
    let p = log.packet(packet);
    let place = p.conn.zip(flow).map(|((_, side), flow)| Place { log, flow, side, start: p.stream.0 });
    let header = log.hop(hop).link.len();
    let layers = take_apart(&frame, header > 0, place.as_ref());
    Dissection { frame, layers }
}

/// The fields of a DNS message by itself.
pub(crate) fn dns_fields(message: &[u8]) -> Vec<Field> {
    let mut cut = Cut::new(message);
    dns::message(&mut cut, message.len());
    cut.layers.into_iter().flat_map(|layer| layer.fields).collect()
}

/// The layers of a frame that no record knows: its headers, and of what they carry as much as a port tells. `ethernet`:
/// it begins with an Ethernet header, else with IP. Any bytes at all can be given.
pub fn frame(bytes: &[u8], ethernet: bool) -> Dissection {
    Dissection { frame: bytes.to_vec(), layers: take_apart(bytes, ethernet, None) }
}

/// Takes any bytes apart: what cannot be read ends up in a last layer `data`.
fn take_apart(frame: &[u8], on_lan: bool, place: Option<&Place<'_>>) -> Vec<Layer> {
    let mut cut = Cut::new(frame);
    if on_lan {
        ethernet::frame(&mut cut, place);
    } else {
        internet::datagram(&mut cut, frame.len(), place);
    }
    data::rest(&mut cut);
    cut.layers
}

#[cfg(test)]
mod tests;
