//! The files that a session at the door writes while it goes on: the recording and the capture. Each is whole at any
//! moment, so that a kill leaves what can be read; and whatever cannot be written ends the session, with the name of the
//! file.

use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use pcap_file::PcapError;

use super::Failure;
use crate::door::Keeper;
use crate::export::stream::{Stream, secrets_first};
use crate::scenario::Story;
use crate::sim::{Setup, World};

/// The recording. Its head is written at once.
///
/// # Errors
/// If the file cannot be made or written.
pub(super) fn recording(path: &Path, head: &str) -> Result<Box<dyn Write>, Failure> {
    let failed = |e: io::Error| Failure::Run(format!("{}: {e}", path.display()));
    let mut file = Recording { file: File::create(path).map_err(failed)?, path: path.to_owned() };
    file.file.write_all(head.as_bytes()).map_err(failed)?;
    Ok(Box::new(file))
}

struct Recording {
    file: File,
    path: PathBuf,
}

impl Write for Recording {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes).map_err(|e| {
            let path = self.path.display();
            let what = "the session has to end here. What was answered before is in the file; what came since was not";
            io::Error::new(e.kind(), format!("{path}: {e}: {what}"))
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// What the system has said: the library's own words hide it.
fn why(error: PcapError) -> io::Error {
    match error {
        PcapError::IoError(error) => error,
        other => io::Error::other(other),
    }
}

/// The capture.
pub(super) struct Capture {
    path: PathBuf,
    stream: Rc<RefCell<Stream<File>>>,
}

impl Capture {
    /// Begins it.
    ///
    /// # Errors
    /// If the file cannot be made or written.
    pub fn new(path: &Path, setup: &Setup, story: &Story) -> Result<Capture, Failure> {
        let failed = |e: io::Error| Failure::Run(format!("{}: {e}", path.display()));
        let file = File::create(path).map_err(failed)?;
        let stream = Stream::new(file, setup, story).map_err(|e| failed(why(e)))?;
        Ok(Capture { path: path.to_owned(), stream: Rc::new(RefCell::new(stream)) })
    }

    /// Takes what there is for the file out of a world.
    pub fn keeper(&self) -> Keeper {
        let (stream, path) = (Rc::clone(&self.stream), self.path.clone());
        Box::new(move |world| {
            let taken = stream.borrow_mut().take(world);
            taken.map_err(|e| {
                let e = why(e);
                io::Error::new(e.kind(), format!("{}: {e}: the session has to end here", path.display()))
            })
        })
    }

    /// The run is over. Where TLS was spoken the file is written once more, beside itself, with all secrets in front.
    ///
    /// # Errors
    /// If that cannot be written; the file is as it was then.
    pub fn end(&self, world: &World, out: &mut impl Write) -> Result<(), Failure> {
        let path = self.path.display();
        let stream = self.stream.borrow();
        // Whoever reads a pipe has what there was.
        if stream.has_secrets() && self.path.is_file() {
            self.secrets_first(world).map_err(|e| Failure::Run(format!("{path}: {e}")))?;
        }
        writeln!(out, "{path}: {} packets", stream.packets()).map_err(Failure::output)
    }

    fn secrets_first(&self, world: &World) -> io::Result<()> {
        let mut beside = self.path.clone().into_os_string();
        beside.push(".part");
        let copy = || {
            let (from, to) = (BufReader::new(File::open(&self.path)?), BufWriter::new(File::create(&beside)?));
            let written = secrets_first(from, to, world.setup(), world.log()).map_err(why)?;
            written.into_inner().map_err(|e| e.into_error())?;
            fs::rename(&beside, &self.path)
        };
        copy().inspect_err(|_| drop(fs::remove_file(&beside)))
    }
}
