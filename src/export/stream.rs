//! A capture that is written while a run goes on, in a memory that does not grow with it.
//!
//! It has the packets and comments that [`pcapng::write`](super::pcapng::write) would write of the whole record, seen by
//! [`View::Senders`]. One thing is different as long as the run goes on: the secrets of TLS stand before the packets that
//! they open, each when it becomes known, and not all of them in front. [`secrets_first`] mends that at the end.
//!
//! A step of the story that begins or ends with a single segment or packet is not seen here: those are not recorded.

use std::io::{self, Read, Write};
use std::sync::Arc;

use pcap_file::PcapError;

use super::pcapng::{View, Writer};
use crate::explain::margin::Growing;
use crate::scenario::story::Story;
use crate::sim::{Captured, Setup, World};
use crate::trace::{Log, Names};

/// See the [module](self).
pub struct Stream<W> {
    /// Whole blocks that were not given to `out` yet.
    blocks: Writer<Vec<u8>>,
    out: W,
    margin: Growing,
    taken: Captured,
    packets: u64,
    has_secrets: bool,
}

impl<W: Write> Stream<W> {
    /// Begins a capture of a world that was made with [`World::capturing`].
    ///
    /// # Errors
    /// If `out` cannot be written to.
    pub fn new(out: W, setup: &Setup, story: &Story) -> Result<Stream<W>, PcapError> {
        let blocks = Writer::new(Vec::new(), setup, View::Senders.links(setup))?;
        let (margin, taken) = (Growing::new(story.clone()), Captured::default());
        let mut stream = Stream { blocks, out, margin, taken, packets: 0, has_secrets: false };
        stream.give()?;
        Ok(stream)
    }

    /// Writes what was sent since the last call, in whole blocks, and lets the world forget it.
    ///
    /// # Errors
    /// If `out` cannot be written to.
    pub fn take(&mut self, world: &mut World) -> Result<(), PcapError> {
        world.captured(&mut self.taken);
        let log = world.log();
        let names = if self.margin.looks_for_steps() { world.names() } else { Names::default() };
        if !self.taken.secrets().is_empty() {
            self.has_secrets = true;
            self.blocks.secret_lines(self.taken.secrets())?;
        }
        for packet in self.taken.packets() {
            self.margin.read(log, &names, packet.entries as usize);
            let comment = self.margin.comment(packet.conn);
            self.blocks.packet(packet.at, packet.link, packet.bytes, comment.as_deref())?;
            self.packets += 1;
        }
        self.margin.read(log, &names, log.entries().len());
        world.forget();
        self.give()
    }

    fn give(&mut self) -> Result<(), PcapError> {
        let blocks = self.blocks.get_mut();
        if !blocks.is_empty() {
            self.out.write_all(blocks).and_then(|()| self.out.flush()).map_err(PcapError::IoError)?;
            blocks.clear();
        }
        Ok(())
    }

    /// How many packets were written so far.
    pub fn packets(&self) -> u64 {
        self.packets
    }

    /// Whether there are secrets among them.
    pub fn has_secrets(&self) -> bool {
        self.has_secrets
    }
}

/// Copies a capture of a [`Stream`] with all secrets in front, as [`pcapng::write`](super::pcapng::write) has them. `log`
/// is the record of the same run.
///
/// # Errors
/// If one cannot be read or the other not be written.
pub fn secrets_first<W: Write>(mut from: impl Read, to: W, setup: &Arc<Setup>, log: &Log) -> Result<W, PcapError> {
    let mut writer = Writer::new(to, setup, View::Senders.links(setup))?;
    writer.secrets(log)?;
    let mut to = writer.into_inner();
    let mut block = Vec::new();
    while let Some(kind) = next_block(&mut from, &mut block).map_err(PcapError::IoError)? {
        if kind == ENHANCED_PACKET {
            to.write_all(&block).map_err(PcapError::IoError)?;
        }
    }
    Ok(to)
}

/// Type of an Enhanced Packet Block (section 4.3).
const ENHANCED_PACKET: u32 = 6;

/// Reads the next block as it is, and says its type; `None` at the end.
fn next_block(from: &mut impl Read, block: &mut Vec<u8>) -> io::Result<Option<u32>> {
    let mut head = [0; 8];
    match from.read_exact(&mut head) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let word = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let length = word(4) as usize;
    if length < 12 {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a block is shorter than its head"));
    }
    block.clear();
    block.extend_from_slice(&head);
    from.take(length as u64 - 8).read_to_end(block)?;
    Ok((block.len() == length).then(|| word(0)))
}
