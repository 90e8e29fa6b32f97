//! The mail system, by the roles of RFC 5598: user agent, submission, transfer, delivery, store.
//!
//! ```text
//!   mua: compose --SMTP--> server: accept --> store (mailboxes here) --IMAP--> mua: read
//!                              |
//!                              +--> queue --> mta --SMTP--> the next server
//!                                    ^         | 4yz: later, 5yz or too old: bounce
//!                                    +---------+
//! ```

pub mod config;
mod event;
pub mod mta;
pub mod mua;
pub mod queue;
pub mod routing;
pub mod server;
pub mod store;

pub use event::{ContentId, Event, Left, Letter, Made, QueueId};

use std::sync::Arc;

/// The Message-ID of a letter, without brackets; empty if it has none.
pub fn message_id(letter: &[u8]) -> Arc<str> {
    let value = crate::message::header(letter, "Message-ID", 0).unwrap_or_default();
    value.trim_start_matches('<').trim_end_matches('>').into()
}
