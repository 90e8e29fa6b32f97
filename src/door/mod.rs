//! The door: real programs on the one side, the simulated network on the other.
//!
//! ```text
//!   mail program --socket--> Gate --bytes, as actions--> Live (World) --packets--> mail.a
//!   real server  <--socket--      <--what is told------      ^
//!                                                            | speed: the wall's clock, or as fast as it goes
//! ```
//! [`Live`] drives a world whose actions come one by one, each at its own moment, and writes every one of them down: a
//! run of what was written down is the same run again, to the last byte, without a socket. [`Gate`] has the sockets.
//! It is the only module of the program that has some, and it opens them only where it is told to.
//!
//! **One loop and no threads.** The world is one, and takes one event after another; threads would only queue up in
//! front of it, and the order in which they come would be one more thing to write down. So all sockets are asked in one
//! place (with mio, which asks the system for many at once), and a thousand of them cost a thousand small records.
//!
//! **Back-pressure.** A socket is read only while its connection has handed to TCP what was read before; and when a real
//! program does not take what the network brings, its end of the simulated connection stops to read, so that the window
//! closes, and says so in an action. Nothing waits in between but a bounded number of bytes ([`Limits`]).
//!
//! **What is kept** of a long session: the mail in mailboxes and queues. [`Limits::taken`] bounds it: beyond it no new
//! connection is taken. If packets are captured, a [`Keeper`] takes them out of the world in each round, and what is left
//! is a small record of each connection.

mod gate;
mod limits;
mod live;
mod speed;

pub use gate::{Counts, Gate, Inlet, Keeper, Outlet};
pub use limits::Limits;
pub use live::{Company, Live};
pub use speed::Speed;
