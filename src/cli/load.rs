//! `mailpath load`: the work of the benchmark, measured.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread::{self, JoinHandle};

use pcap_file::PcapError;

use super::args::Load;
use super::{Failure, peak_kilobytes, stopwatch};
use crate::export::pcapng::{ROOM, Writer};
use crate::sim::{Captured, World};
use crate::topology::{LinkId, NodeId};
use crate::trace::Level;
use crate::work::{self, Work};

/// Events between two looks at what was captured: so few that what was captured is still
/// in the processor's cache.
const SLICE: u32 = 1 << 12;

/// Slices between two looks at how far the run is: all mail servers are asked.
const SLICES_A_LOOK: u32 = 64;

/// Runs the work and prints one line of figures for each time.
pub(super) fn load(args: &Load, out: &mut impl Write) -> Result<(), Failure> {
    if args.hosts < 2 || args.hosts > work::MOST_HOSTS {
        let most = work::MOST_HOSTS;
        return Err(Failure::Use(format!("--hosts {}: expected 2 to {most}, for so many have an address", args.hosts)));
    }
    (0..args.repeat).try_for_each(|_| once(args, out))
}

fn once(args: &Load, out: &mut impl Write) -> Result<(), Failure> {
    let work = Work {
        hosts: args.hosts,
        mails: args.mails,
        group: args.group,
        loss: (args.loss * 1e6).round() as u32,
        seed: args.seed,
    };
    let (mut world, setup_s) = stopwatch(|| {
        let setup = Arc::new(work.setup());
        let mut world = World::new(setup, Level::from(args.record));
        if args.pcapng.is_some() {
            let trunks = world.setup().links.iter().enumerate().filter(|(_, l)| l.rate == Some(work::TRUNK));
            let trunks: Vec<LinkId> = trunks.map(|(n, _)| LinkId(n as u32)).collect();
            world.capture(&trunks, ROOM);
        }
        world
    });
    let setup = Arc::clone(world.setup());
    let mut capture = match &args.pcapng {
        None => None,
        Some(path) => {
            let file = File::create(path).map_err(|e| Failure::Run(format!("{}: {e}", path.display())))?;
            let trunks = setup.links.iter().enumerate().filter(|(_, l)| l.rate == Some(work::TRUNK));
            let trunks = trunks.map(|(n, _)| LinkId(n as u32));
            let writer = Writer::new(BufWriter::new(file), &setup, trunks);
            Some(Background::new(writer.map_err(|e| Failure::Run(e.to_string()))?))
        }
    };
    let mails = u64::from(args.hosts / 2) * u64::from(args.mails);
    let bar = super::progress(mails);
    let (result, run_s) = stopwatch(|| {
        let (mut going, mut slices) = (true, 0u32);
        while going {
            going = (0..SLICE).all(|_| world.step());
            slices += 1;
            if let Some(file) = &capture {
                file.write(&mut world);
            }
            if let Some(bar) = &bar
                && slices.is_multiple_of(SLICES_A_LOOK)
            {
                bar.set_position(world.mail_counters().stored);
            }
        }
        capture.take().map_or(Ok(()), Background::finish)
    });
    result.map_err(|e| Failure::Run(e.to_string()))?;
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    let ok = arrived(&world);
    let (segments, entries) = (world.log().counters.segments, world.log().entries().len());
    let peak = peak_kilobytes();
    writeln!(out, "run_s={run_s:.4} setup_s={setup_s:.4} ok={ok} segments={segments} entries={entries} peak_kB={peak}")
        .map_err(Failure::output)?;
    if ok < mails && args.loss == 0.0 {
        return Err(Failure::Run(format!("only {ok} of {mails} mails arrived")));
    }
    Ok(())
}

/// A capture file that a thread of its own writes, while the world goes on.
struct Background {
    full: SyncSender<Captured>,
    empty: Receiver<Captured>,
    thread: JoinHandle<Result<(), PcapError>>,
}

impl Background {
    /// Slices that may wait for being written.
    const MOST_WAITING: usize = 8;

    fn new(mut writer: Writer<BufWriter<File>>) -> Background {
        let (full, to_write) = mpsc::sync_channel::<Captured>(Self::MOST_WAITING);
        let (written, empty) = mpsc::channel();
        let thread = thread::spawn(move || {
            for mut captured in to_write {
                writer.captured(&mut captured)?;
                // At the end of the run nobody wants the memory back.
                let _ = written.send(captured);
            }
            writer.into_inner().flush().map_err(PcapError::IoError)
        });
        Background { full, empty, thread }
    }

    /// Hands over what was captured. If the thread has ended with an error, [`Background::finish`] tells it.
    fn write(&self, world: &mut World) {
        let mut taken = self.empty.try_recv().unwrap_or_default();
        world.captured(&mut taken);
        let _ = self.full.send(taken);
    }

    /// Waits until everything is in the file.
    fn finish(self) -> Result<(), PcapError> {
        drop(self.full);
        self.thread.join().expect("writing a file does not panic")
    }
}

/// Letters in mailboxes that end with the letter that was sent, byte for byte.
fn arrived(world: &World) -> u64 {
    let letter = work::letter();
    let systems = (0..world.setup().nodes.len() as u32).filter_map(|n| world.mail_system(NodeId(n)));
    let stored = systems.flat_map(|mail| mail.store().messages("bob", "INBOX"));
    stored.filter(|m| m.letter.bytes.ends_with(&letter)).count() as u64
}
