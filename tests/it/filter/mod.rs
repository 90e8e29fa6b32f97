//! Display filters against Wireshark's own.

mod bdat;
mod errors;
mod selection;
mod values;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use mailpath::export::capture::capture;
use mailpath::export::pcapng::{self, View};
use mailpath::filter::facts::Capture;

use crate::runs;

/// A run as a capture in memory and as a file.
struct Exported {
    name: String,
    capture: Capture,
    file: PathBuf,
}

/// The captures of built-in runs, as the command line exports them by default.
fn exported(names: &[String]) -> Vec<Exported> {
    names.iter().map(|name| export(name, &runs::run(name))).collect()
}

fn export(name: &str, run: &runs::Run) -> Exported {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let capture = captured(run);
    let file = folder.join(format!("filter-{}-{}.pcapng", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
    let comments: Vec<Option<String>> = capture.frames.iter().map(|frame| frame.comment.clone()).collect();
    let mut comments = comments.into_iter();
    let comment = |_| comments.next().flatten();
    let bytes = pcapng::write(Vec::new(), run.world.setup(), run.world.log(), View::Senders, comment).unwrap();
    fs::write(&file, bytes).unwrap();
    Exported { name: name.to_owned(), capture, file }
}

fn captured(run: &runs::Run) -> Capture {
    capture(run.world.setup(), run.world.log(), &run.world.names(), (&run.story, View::Senders))
}

/// What tshark prints of a capture, read in two passes as the window of Wireshark does, with the names of addresses
/// that stand in the capture.
fn tshark(file: &Path, arguments: &[&str]) -> Result<String, String> {
    let out =
        Command::new("tshark").env("TZ", "UTC").args(["-2", "-N", "n"]).arg("-r").arg(file).args(arguments).output();
    let out = out.expect("tshark is installed");
    match out.status.success() {
        true => Ok(String::from_utf8_lossy(&out.stdout).into_owned()),
        false => Err(String::from_utf8_lossy(&out.stderr).into_owned()),
    }
}

/// The frames, from 1, that tshark selects.
fn selected(file: &Path, filter: &str) -> Result<Vec<u32>, String> {
    let out = tshark(file, &["-Y", filter, "-T", "fields", "-e", "frame.number"])?;
    Ok(out.lines().map(|line| line.parse().expect("a number")).collect())
}
