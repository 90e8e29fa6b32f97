//! The mail system, by the roles of RFC 5598: user agent, submission, transfer, delivery, store.

pub mod config;
mod event;
pub mod store;

pub use event::{ContentId, Event, Left, Letter, Made, QueueId};
