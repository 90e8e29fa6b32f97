//! The letter on the wire: transparency (RFC 5321 section 4.5.2) and the end of data (section 4.1.1.4).

mod stuff;
mod unstuff;

pub use stuff::Stuffer;
pub use unstuff::{Fault, Limits, Unstuffer};

#[cfg(test)]
mod tests;
