//! Where engines run.

pub mod setup;

pub use setup::*;
