//! Sentences about connections whose bytes come from elsewhere.

use super::count;
use crate::action::RawDeed;

/// In a few words, for what comes next.
pub(super) fn brief(host: &str, deed: &RawDeed) -> String {
    match deed {
        RawDeed::Connect { .. } => format!("somebody behind {host} opens a connection."),
        RawDeed::Accept => format!("somebody behind {host} takes the connection."),
        RawDeed::Write(bytes) => format!("somebody behind {host} sends {}.", count(bytes.len(), "byte")),
        RawDeed::Close => format!("somebody behind {host} has nothing more to say."),
        RawDeed::Reset => format!("somebody behind {host} breaks the connection."),
        RawDeed::Read(false) => format!("somebody behind {host} stops to read."),
        RawDeed::Read(true) => format!("somebody behind {host} reads on."),
    }
}

/// In a whole sentence; `callee`: to whom a connection is opened by it.
pub(super) fn full(host: &str, deed: &RawDeed, callee: Option<&str>) -> String {
    match deed {
        RawDeed::Connect { .. } => match callee {
            Some(callee) => format!("Somebody behind {host} wants a connection: {host} opens it to {callee}."),
            None => format!("Somebody behind {host} wants a connection."),
        },
        RawDeed::Accept => format!("Somebody behind {host} takes the connection: SYN,ACK."),
        RawDeed::Write(bytes) => {
            format!("Somebody behind {host} sends {}; {host} passes them on as they are.", count(bytes.len(), "byte"))
        }
        RawDeed::Close => format!("Somebody behind {host} has nothing more to say: FIN, behind the last byte."),
        RawDeed::Reset => format!("Somebody behind {host} breaks the connection: RST."),
        RawDeed::Read(false) => {
            format!("Somebody behind {host} does not read: what comes fills the buffer, and the window closes.")
        }
        RawDeed::Read(true) => format!("Somebody behind {host} reads on: the window opens again."),
    }
}
