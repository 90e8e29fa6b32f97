//! The record of a run: entries with time, place and cause, in the order in which things happened.
//!
//! The trace is all that lessons, filters, exporters and the window read; only the simulator writes it.
//! [`Log`] is append-only and shared between clones of a world; [`fold`] gives the state at any moment;
//! [`why`] walks the causes back.

mod chunked;
mod entry;
mod fields;
pub mod fold;
mod line;
mod log;
mod moments;
mod packed;
mod saying;
mod sayings;
mod sealed;
mod view;
pub mod why;

pub use chunked::{Bytes, Chunked, Stored};
pub use entry::{
    ActionId, Cause, Closed, Connection, Entry, EntryId, HopId, HopRecord, Packet, PacketId, Session, SessionEvent,
    ViewId, What,
};
pub use fields::{KINDS, Names, Told, cause, info, tell};
pub(crate) use line::NewLine;
pub use line::{EngineKind, Line};
pub use log::{Counters, Entries, Level, Log};
pub(crate) use packed::{Fact, MOST_NODES};
pub(crate) use saying::Saying;
pub use sealed::Sealed;
