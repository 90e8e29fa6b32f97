//! SMTP (RFC 5321): client and server as engines without I/O.
//!
//! From the wire inwards: [`syntax`] (grammar) -> paths -> [`Command`]; lines of digits -> [`Reply`];
//! [`data`] (dots and line ends of the letter); then the two ends, [`client`] and [`server`], which share an
//! inbox (bytes not read yet, bounded) and an outbox (one ordered stream with back-pressure).

mod address;
pub mod auth;
pub mod client;
mod command;
pub mod data;
mod ending;
mod inbox;
pub mod options;
mod outbox;
mod path;
pub mod phase;
mod reply;
mod reply_reader;
pub mod server;
mod settings;
mod status;
pub mod syntax;
mod telling;

#[cfg(test)]
mod tests;

pub use address::{Address, AddressError, Envelope, ReversePath};
pub use command::{Command, Param, SyntaxError, Verb, parse};
pub use ending::Ending;
pub use options::Options;
pub use path::ForwardPath;
pub use reply::{NotAReply, Reply};
pub use settings::{LineEnds, StartTls, Syntax};
pub use status::{NotAStatus, Status};
pub use telling::{Spoken, Words};
