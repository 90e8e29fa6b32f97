//! The mail system, by the roles of RFC 5598: user agent, submission, transfer, delivery, store.

pub mod mda;
pub mod mta;
pub mod mua;
pub mod queue;
pub mod routing;
pub mod store;
