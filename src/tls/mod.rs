//! TLS 1.3 (RFC 8446) without I/O, and the same bytes for the same seed.
//!
//! ```text
//!  engine --plain bytes--> Session::write  --records--> TCP
//!  engine <--plain bytes-- Session::handle_bytes <------ TCP
//! ```
//! The protocol is rustls; what is ours is that nothing in it comes from outside. All luck is drawn from a generator
//! that is installed around each call (`luck`), the key exchange draws its secret there too, the time is the
//! scenario's, and certificates are signed with Ed25519, whose signatures need no luck. A [`Session`] can be cloned,
//! which a connection of rustls cannot: its state is its seed and the log of what it was told, and a clone that is
//! used tells all that to a new connection.
//!
//! The provider of the cryptography is ring: it builds with the C compiler that this package needs anyway, without
//! cmake and without an assembler of its own; of its parts that draw luck themselves (its key exchange) none is used.

mod certificate;
mod failure;
mod live;
mod luck;
mod open;
mod places;
mod provider;
mod record;
mod secrets;
mod session;

#[cfg(test)]
mod tests;

pub use certificate::{Authority, Identity, Roots};
pub use failure::Failure;
pub use open::{Opened, Opener, Record, records, suite};
pub use places::Places;
pub use record::{ContentType, HEADER, handshake_name};
pub use secrets::Secret;
pub use session::{Output, Session, Setup};
