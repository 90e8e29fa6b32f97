//! The mail program's end.

mod command;

pub use command::ClientCommand;
