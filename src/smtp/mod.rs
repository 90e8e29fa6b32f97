//! SMTP (RFC 5321): client and server as engines without I/O.

mod address;
mod command;
pub mod data;
mod ending;
mod inbox;
mod outbox;
mod path;
pub mod phase;
mod reply;
mod reply_reader;
mod settings;
pub mod syntax;

pub use address::{Address, AddressError, Envelope, ReversePath};
pub use command::{Command, Param, SyntaxError, Verb, parse};
pub use ending::Ending;
pub use path::ForwardPath;
pub use reply::Reply;
pub use settings::{LineEnds, Syntax};
