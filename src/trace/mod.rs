//! The record of a run: entries with time, place and cause, in the order in which things happened.
//!
//! The trace is all that lessons, filters, exporters and the window read; only the simulator writes it.
//! [`Log`] is append-only and shared between clones of a world; [`fold`] gives the state at any moment;
//! [`why`] walks the causes back.
//!
//! How it is kept is not how it reads, for a big record has hundreds of entries for each mail, and new memory is what
//! recording costs most: `rows` has the entries, `items`, `packets`, `view` and `line` have what they are about,
//! and `chunked` the memory of all of them.

mod chunked;
mod entry;
mod fact;
mod fields;
pub mod fold;
mod line;
mod log;
mod moments;
mod items;
mod packets;
mod rows;
mod saying;
mod sayings;
mod sealed;
mod stretch;
mod view;
pub mod why;

pub use chunked::{Bytes, Chunked, Stored};
pub use entry::{
    ActionId, Cause, Closed, Connection, Entry, EntryId, HopId, HopRecord, PacketId, Session, SessionEvent, ViewId,
    What,
};
pub(crate) use fact::Fact;
pub use fields::{KINDS, Names, Told, cause, info, tell};
pub(crate) use line::NewLine;
pub use line::{EngineKind, Line};
pub use log::{Counters, Entries, Level, Log};
pub use packets::{Packet, Packets};
pub(crate) use saying::Saying;
pub use sealed::Sealed;
