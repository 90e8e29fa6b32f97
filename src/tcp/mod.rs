//! A TCP connection (RFC 9293) as an engine without I/O: segments, time and the program's calls come in;
//! events, segments and the next timer come out of [`Connection::poll`].
//!
//! ```text
//!   close()  passive open: accept()                  active open: connect()
//!                        |                                 |
//!                  SYN-RECEIVED <--- SYN (both open) --- SYN-SENT
//!                        | ACK of SYN                      | SYN,ACK
//!                        +--------> ESTABLISHED <----------+
//!                  close() |                   | FIN
//!                     FIN-WAIT-1            CLOSE-WAIT
//!            ACK of FIN |   | FIN              | close()
//!                FIN-WAIT-2 CLOSING         LAST-ACK
//!                       | FIN | ACK of FIN     | ACK of FIN
//!                       TIME-WAIT            CLOSED
//! ```
//!
//! # Which file holds which rule
//! | file | rule |
//! |---|---|
//! | `connection` | the state, the program's calls, what can be looked at |
//! | `receive` | a segment arrives: RFC 9293 section 3.10.7, RFC 5961 |
//! | `acknowledge` | its ACK: send window, RFC 5681 duplicate ACKs, RFC 6582, RFC 6675 |
//! | `transmit` | what is sent next: RFC 9293 section 3.8, silly windows, probes, delayed ACKs |
//! | `timeout` | timers: RFC 6298 section 5, persist, giving up |
//! | `rtt` | RFC 6298 section 2: how long to wait |
//! | `congestion` | RFC 5681, RFC 6928: how much may be under way |
//! | `scoreboard` | RFC 6675: what the peer has beyond a hole |
//! | `inbox`, `outbox` | the bytes themselves |
//!
//! # Order of calls
//! 1. One of `handle_segment`, `handle_timeout`, or a call of the program (`send`, `consume`, `close`, `abort`).
//! 2. `poll` until it returns [`Output::Wait`]. Events come before segments: the caller gives them to the
//!    program, which reads and writes at once; only the next `poll` decides what is sent, so that an
//!    answer carries the acknowledgement of the question.
//!
//! # Positions
//! Inside, a place in a direction is a `u64` counted from the SYN (0); the first byte is 1. It never wraps,
//! so it can be compared; only `wire` turns it into the 32 bits of a header and back. A place in the
//! *stream*, as the outside knows it, counts from the first byte (position minus one).

mod acknowledge;
mod config;
mod congestion;
mod connection;
mod event;
mod inbox;
mod outbox;
mod receive;
mod rtt;
mod scoreboard;
mod state;
mod timeout;
mod transmit;
mod wire;

pub use config::Config;
pub use connection::Connection;
pub use event::{DropReason, Event, Output, Retransmission, Segment};
pub use receive::reset_for;
pub use state::{State, TimerKind, View};

#[cfg(test)]
mod tests;
