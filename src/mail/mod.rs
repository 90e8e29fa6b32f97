//! The mail system, by the roles of RFC 5598: user agent, submission, transfer, delivery, store.
//!
//! ```text
//!  mua::Agent ==SMTP==> server::MailSystem --+--> mda --> store <==IMAP, POP3== a mail program
//!                                            |
//!                                            +--> mta (queue, retry) ==SMTP==> the next server
//!                                                   ^  \
//!                                          routing -+   +--> a bounce, which is a mail like any other
//! ```
//! Nothing here does I/O: connections, names and time come in as arguments; what is wanted comes out of `poll`,
//! in order.

pub mod config;
mod event;
mod letter;
mod recipients;
pub mod queue;
pub mod routing;
pub mod mta;
pub mod store;
pub mod mda;
pub mod server;
pub mod mua;
pub mod webmail;

pub use event::{ContentId, Event, Expansion, Left, Letter, Made, QueueId, Stage};
pub use letter::message_id;
pub use recipients::{AddressMistake, envelope_of};
