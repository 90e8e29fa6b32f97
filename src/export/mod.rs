//! Runs as files for other programs.

pub mod capture;
pub mod jsonl;
pub mod pcapng;
pub mod stream;
