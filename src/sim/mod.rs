//! Where engines run: nodes, links and programs in simulated time.
//!
//! ```text
//!   World: events in order of (time, sequence)
//!     frame arrives --> switch: forward | router: TTL, route | host
//!       host: ip -> tcp -> program (engine) -> mail system -> effects on other connections
//!     timer, action --> the same host, the same way
//!   Plane: links, frames in flight, faults, the record
//! ```
//! A run is a function of its [`Setup`]: same setup, same record, on every machine. [`World`] is
//! `Clone`: a clone taken at any event goes the same way as the original.

mod apps;
mod events;
mod hearing;
mod host;
mod ip;
mod names;
mod plane;
mod programs;
mod sealed;
pub mod setup;
mod sockets;
mod web;
mod wiring;
mod world;

pub use plane::{Captured, Caught, Outside, Room};
pub use sealed::authority_pem;
pub use setup::{Arp, Clock, Door, Host, Interface, Link, Names, Node, NodeKind, Setup, WebObject, WebServer};
pub use world::World;
