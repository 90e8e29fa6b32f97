//! DNS (RFC 1034, RFC 1035): zones, server, resolver; the wire format is hickory-proto's.
//!
//! ```text
//!  zone::Zones --> server::answer(zones, query) -> response          the name server's side
//!  resolver::Resolver: lookup -> datagram ... datagram -> Answered   the side of every other host
//!  stream::{Client, Server}                                          both ends of the same over TCP
//!  read(bytes) -> Summary                                            anybody's datagram, told
//! ```
//! Names are everywhere `String`s: absolute, lower case, without the last dot; the root is `""`.

mod code;
pub mod zone;
mod wire;
mod read;
pub mod server;
pub mod stream;
pub mod resolver;

pub use code::{RecordType, ResponseCode};
pub use read::{Entry, Summary, Unreadable, read};
pub use resolver::PORT;
pub use zone::{Record, RecordData, Zone, Zones};

/// `name` as this module keeps names: lower case, without a last dot.
pub fn canonical(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

/// Whether `name` can stand in a DNS message (RFC 1035 section 2.3.4): labels of 1 to 63 bytes, at most
/// 255 bytes in all.
pub fn is_name(name: &str) -> bool {
    wire::name(name).is_some()
}
