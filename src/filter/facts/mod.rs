//! The values of fields, frame by frame, as Wireshark finds them in the second pass over a capture.
//!
//! ```text
//!  frames -> headers (link, internet) -> tcp: streams, their analysis -> reassemble: whole messages
//!                                                                            -> smtp, imf, imap, pop, http
//! ```
//! Nothing but the bytes of the frames and their times is looked at: what comes out is what anybody finds who has the
//! capture and nothing else.

mod http;
mod imap;
mod pop;
mod imf;
mod link;
mod names;
mod reassemble;
mod smtp;
mod tcp;
mod tls;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::{Field, Val};

/// A packet as a capture holds it.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// When, in nanoseconds since 1970.
    pub at: i128,
    /// On which interface, by number.
    pub interface: u32,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What the capture says about it.
    pub comment: Option<String>,
    /// The step of the story to which it belongs, from 1.
    pub step: Option<u8>,
    /// The phase of the conversation to which it belongs.
    pub phase: Option<&'static str>,
    /// Who sent it.
    pub host: Option<String>,
}

/// Where packets were captured.
#[derive(Clone, Debug, Default)]
pub struct Interface {
    /// `mail.a--sw-a`.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Whether frames have an Ethernet header; without, they begin with IP.
    pub ethernet: bool,
}

/// A capture in memory.
#[derive(Clone, Debug, Default)]
pub struct Capture {
    /// In order of time.
    pub frames: Vec<Frame>,
    /// By number.
    pub interfaces: Vec<Interface>,
    /// What stands in its Name Resolution Block.
    pub hosts: BTreeMap<Ipv4Addr, String>,
    /// What stands in its Decryption Secrets Block: with it, sealed records can be opened.
    pub secrets: Vec<crate::tls::Secret>,
}

/// The fields of one frame that were asked for, with their values.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    values: Vec<(Field, u8, Val)>,
}

impl Facts {
    /// The values of a field in the order of the frame, each with the layer of its protocol, from 1.
    pub fn all(&self, field: Field) -> impl Iterator<Item = (u8, &Val)> {
        self.values.iter().filter(move |(f, ..)| *f == field).map(|(_, layer, value)| (*layer, value))
    }

    /// Adds a value in the first layer of its protocol: for what is no packet.
    pub fn put(&mut self, field: Field, value: Val) {
        self.values.push((field, 1, value));
    }
}

/// Where the values go.
struct Out<'c> {
    wanted: Vec<bool>,
    hosts: &'c BTreeMap<Ipv4Addr, String>,
    facts: Vec<Facts>,
    /// The protocols of each frame, for `frame.protocols`.
    protocols: Vec<Vec<&'static str>>,
}

impl Out<'_> {
    /// A value in the layer (from 1) of its protocol; it is made only if it is asked for.
    fn put_in(&mut self, frame: usize, layer: u8, field: Field, make: impl FnOnce() -> Val) {
        if self.wanted[field as usize] {
            self.facts[frame].values.push((field, layer, make()));
        }
    }

    fn put(&mut self, frame: usize, field: Field, make: impl FnOnce() -> Val) {
        self.put_in(frame, 1, field, make);
    }

    fn number(&mut self, frame: usize, field: Field, n: impl Into<i128>) {
        self.put(frame, field, || Val::number(n));
    }

    /// The name of an address, as Wireshark tells it when it resolves network addresses; without a name the address.
    fn host(&mut self, frame: usize, layer: u8, field: Field, address: Ipv4Addr) {
        let hosts = self.hosts;
        self.put_in(frame, layer, field, || {
            Val::Text(hosts.get(&address).map_or_else(|| address.to_string(), Clone::clone).into())
        });
    }

    /// The number of another frame: it is counted from 1.
    fn frame(&mut self, frame: usize, field: Field, other: usize) {
        self.number(frame, field, other as u32 + 1);
    }

    fn truth(&mut self, frame: usize, field: Field, truth: bool) {
        self.put(frame, field, || Val::Truth(truth));
    }

    fn text(&mut self, frame: usize, field: Field, text: &[u8]) {
        self.put(frame, field, || {
            // A text ends at its first NUL, as in C.
            let end = text.iter().position(|b| *b == 0).unwrap_or(text.len());
            Val::text(&text[..end])
        });
    }

    fn bytes(&mut self, frame: usize, field: Field, bytes: &[u8]) {
        self.put(frame, field, || Val::bytes(bytes));
    }

    fn nanos(&mut self, frame: usize, field: Field, nanos: i128) {
        self.put(frame, field, || Val::Nanos(nanos));
    }

    fn label(&mut self, frame: usize, field: Field) {
        self.put(frame, field, || Val::Label);
    }

    /// A protocol: `own` bytes of those from its first one on.
    fn protocol(&mut self, frame: usize, field: Field, bytes: &[u8], own: usize) {
        let name = field.spec().name;
        self.protocols[frame].push(name);
        let layer = self.protocols[frame].iter().filter(|p| **p == name).count() as u8;
        self.put_in(frame, layer, field, || Val::Protocol(bytes.into(), own));
    }
}

/// Finds the values of the fields that are asked for and gives them to `visit`, frame by frame, with the number of the
/// frame, from 0.
pub fn each(capture: &Capture, asked: &[Field], mut visit: impl FnMut(u32, &Facts)) {
    let count = capture.frames.len();
    let mut wanted = vec![false; super::FIELDS.len()];
    asked.iter().for_each(|field| wanted[*field as usize] = true);
    let hosts = &capture.hosts;
    let mut out = Out { wanted, hosts, facts: vec![Facts::default(); count], protocols: vec![Vec::new(); count] };
    let mut streams = tcp::Streams::default();
    let mut dns = names::Questions::default();
    let mut udp = link::Datagrams::default();
    for (number, frame) in capture.frames.iter().enumerate() {
        about(&mut out, capture, number);
        let ethernet = capture.interfaces.get(frame.interface as usize).is_some_and(|i| i.ethernet);
        link::frame(&mut out, number, frame, ethernet, (&mut streams, &mut udp, &mut dns));
    }
    streams.finish(&mut out, capture);
    for number in 0..count {
        let protocols = out.protocols[number].join(":");
        out.put(number, Field::FrameProtocols, || Val::Text(protocols.into()));
    }
    out.facts.iter().enumerate().for_each(|(number, facts)| visit(number as u32, facts));
}

/// What is known of a frame without looking into it.
fn about(out: &mut Out, capture: &Capture, number: usize) {
    let frame = &capture.frames[number];
    let first = capture.frames[0].at;
    let before = if number == 0 { frame.at } else { capture.frames[number - 1].at };
    let length = frame.bytes.len() as u32;
    out.put(number, Field::Frame, || Val::Protocol(frame.bytes.as_slice().into(), frame.bytes.len()));
    out.frame(number, Field::FrameNumber, number);
    out.number(number, Field::FrameLen, length);
    out.number(number, Field::FrameCapLen, length);
    out.nanos(number, Field::FrameTime, frame.at);
    out.nanos(number, Field::FrameTimeEpoch, frame.at);
    out.nanos(number, Field::FrameTimeRelative, frame.at - first);
    out.nanos(number, Field::FrameTimeDelta, frame.at - before);
    out.number(number, Field::FrameInterfaceId, frame.interface);
    out.number(number, Field::FrameSectionNumber, 1);
    if let Some(interface) = capture.interfaces.get(frame.interface as usize) {
        out.number(number, Field::FrameEncapType, if interface.ethernet { 1 } else { 7 });
        out.text(number, Field::FrameInterfaceName, interface.name.as_bytes());
        out.text(number, Field::FrameInterfaceDescription, interface.description.as_bytes());
    }
    if let Some(comment) = &frame.comment {
        out.text(number, Field::FrameComment, comment.as_bytes());
    }
    if let Some(step) = frame.step {
        out.number(number, Field::Step, step);
    }
    if let Some(phase) = frame.phase {
        out.text(number, Field::Phase, phase.as_bytes());
    }
    if let Some(host) = &frame.host {
        out.text(number, Field::Host, host.as_bytes());
    }
}
