//! IMAP4rev1 (RFC 3501): client and server as engines without I/O.
//!
//! `imap-codec` is the grammar on both ends. What is here is the dialogue: states, tags, literals that wait for
//! a `+`, sequence numbers that shift when a letter is expunged, and the maps by which a byte of a letter is
//! followed through a connection.
//!
//! - [`client`] works through a list of [`client::ClientCommand`]s, one after the other;
//! - [`server`] asks its host about users, folders and letters ([`server::Request`]); `mail::store` answers.

mod extension;
mod flags;
mod framer;
mod state;
mod utf7;

pub mod client;
pub mod server;

pub use extension::Extension;
pub use flags::{Flag, Flags};
pub use state::State;
