//! A TCP connection (RFC 9293) as an engine without I/O.

mod config;
mod state;

pub use config::Config;
pub use state::{State, TimerKind, View};
