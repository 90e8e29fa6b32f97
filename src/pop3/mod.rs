//! POP3 (RFC 1939; CAPA and response codes of RFC 2449): client and server as engines without I/O.
//!
//! A *maildrop* is the INBOX of one user, as it was when the session began. It is open for one session at a time;
//! what is deleted in it stays there until QUIT.
//!
//! - [`client`] works through a list of [`client::ClientCommand`]s, one after the other;
//! - [`server`] asks its host about users and letters ([`server::Request`]); `mail::store` answers.

mod inbox;
mod state;
mod stuff;

pub mod apop;
pub mod client;
pub mod server;

pub use state::State;
