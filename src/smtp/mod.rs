//! SMTP (RFC 5321): client and server as engines without I/O.

mod address;
mod reply;

pub use address::{Address, Envelope, ReversePath};
pub use reply::Reply;
