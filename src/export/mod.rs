//! Runs as files for other programs.

pub mod jsonl;
pub mod pcapng;
