//! Runs as files for other programs.

pub mod pcapng;
