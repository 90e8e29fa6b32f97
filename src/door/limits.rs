//! How much real programs may do at the door.

use std::time::Duration;

/// See the fields. Lines and literals are bounded by the engines that read them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at a time. When there are so many, the one that has been silent longest makes room, if that is
    /// [`Self::patience`] at least; else the new one is reset.
    pub connections: usize,
    /// See [`Self::connections`].
    pub patience: Duration,
    /// A connection on which nothing was said for so long is reset. RFC 3501 section 5.4 asks a server for half an hour.
    pub idle: Duration,
    /// Longest life of a connection.
    pub total: Duration,
    /// Bytes that one connection may bring.
    pub bytes: u64,
    /// Bytes that wait for a real program to take them, before the simulated window closes.
    pub waiting: usize,
    /// Bytes that wait for room in the simulated TCP, before the socket is not read any more.
    pub unsent: usize,
    /// Bytes that all connections together may bring. Beyond that no new one is taken: they lie in mailboxes.
    pub taken: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connections: 500,
            patience: Duration::from_secs(10),
            idle: Duration::from_secs(31 * 60),
            total: Duration::from_secs(12 * 3600),
            bytes: 1 << 30,
            waiting: 256 * 1024,
            unsent: 64 * 1024,
            taken: 2 << 30,
        }
    }
}
