//! What can be asked: every field with its name, the kind of its values and its title.

mod list;

use std::fmt;

pub use list::{FIELDS, Field, Spec};

/// The kinds of values, Wireshark's types (`ftypes`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Is there or is not; has no value to compare.
    Label,
    /// A protocol: the bytes that it takes.
    Protocol,
    /// True or false.
    Boolean,
    /// A number from 0 to 255.
    U8,
    /// A number of 16 bits.
    U16,
    /// A number of 32 bits.
    U32,
    /// A number of 64 bits.
    U64,
    /// A number of 32 bits with a sign.
    I32,
    /// The number of a frame, from 1.
    FrameNumber,
    /// An IPv4 address.
    Ipv4,
    /// An Ethernet address.
    Ether,
    /// Bytes.
    Bytes,
    /// Text.
    Text,
    /// Date and time.
    Time,
    /// A span of time.
    Duration,
}

impl Kind {
    /// In Wireshark's words: `Unsigned integer (2 bytes)`.
    pub const fn words(self) -> &'static str {
        match self {
            Kind::Label => "Label",
            Kind::Protocol => "Protocol",
            Kind::Boolean => "Boolean",
            Kind::U8 => "Unsigned integer (1 byte)",
            Kind::U16 => "Unsigned integer (2 bytes)",
            Kind::U32 => "Unsigned integer (4 bytes)",
            Kind::U64 => "Unsigned integer (8 bytes)",
            Kind::I32 => "Signed integer (4 bytes)",
            Kind::FrameNumber => "Frame number",
            Kind::Ipv4 => "IPv4 address",
            Kind::Ether => "Ethernet or other MAC address",
            Kind::Bytes => "Byte sequence",
            Kind::Text => "Character string",
            Kind::Time => "Date and time",
            Kind::Duration => "Time offset",
        }
    }

    /// The largest number that fits; `None` for what is no unsigned number.
    pub const fn limit(self) -> Option<u64> {
        match self {
            Kind::U8 => Some(u8::MAX as u64),
            Kind::U16 => Some(u16::MAX as u64),
            Kind::U32 | Kind::FrameNumber => Some(u32::MAX as u64),
            Kind::U64 => Some(u64::MAX),
            _ => None,
        }
    }

    /// Whether it is a whole number.
    pub const fn is_number(self) -> bool {
        self.limit().is_some() || matches!(self, Kind::I32)
    }

    /// Whether its values are bytes one behind the other.
    pub const fn is_bytes(self) -> bool {
        matches!(self, Kind::Bytes | Kind::Protocol | Kind::Ether)
    }

    /// Whether a part of it can be taken: `eth.src[0:3]`.
    pub const fn can_be_cut(self) -> bool {
        self.is_bytes() || matches!(self, Kind::Text | Kind::Ipv4)
    }

    /// Whether values of both can be compared with each other (`compatible_ftypes` of Wireshark).
    pub fn fits(self, other: Kind) -> bool {
        let group = |kind| match kind {
            Kind::U8 | Kind::U16 | Kind::U32 | Kind::U64 | Kind::FrameNumber | Kind::I32 => 1,
            Kind::Ether | Kind::Bytes => 2,
            _ => 0,
        };
        self == other || (group(self) != 0 && group(self) == group(other))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}
