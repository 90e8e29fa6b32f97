//! Values of fields and of what is written beside them, and how they are ordered.

use std::borrow::Cow;
use std::cmp::Ordering;

/// A value. Which of these a field has, its [`Kind`](super::Kind) says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Val {
    /// There, and nothing more.
    Label,
    /// True or false.
    Truth(bool),
    /// A number of any size.
    Number(i128),
    /// An address, and how many of its bits count: 32, or fewer for a network.
    Ipv4(u32, u8),
    /// Bytes of any length; of an Ethernet address six.
    Bytes(Box<[u8]>),
    /// A protocol: its bytes and all that stands behind them, and how many are its own. What is looked for is found
    /// behind them too: `ip contains "MAIL"`.
    Protocol(Box<[u8]>, usize),
    /// Text.
    Text(Box<str>),
    /// Nanoseconds, since 1970 or of a span.
    Nanos(i128),
}

impl Val {
    /// Bytes.
    pub fn bytes(bytes: &[u8]) -> Self {
        Val::Bytes(bytes.into())
    }

    /// Text; what is no UTF-8 is replaced.
    pub fn text(bytes: &[u8]) -> Self {
        Val::Text(String::from_utf8_lossy(bytes).into())
    }

    /// A number.
    pub fn number(n: impl Into<i128>) -> Self {
        Val::Number(n.into())
    }

    /// An address.
    pub fn ipv4(address: std::net::Ipv4Addr) -> Self {
        Val::Ipv4(address.to_bits(), 32)
    }

    /// Its bytes, of what consists of bytes.
    pub(super) fn raw(&self) -> Option<Cow<'_, [u8]>> {
        match self {
            Val::Bytes(bytes) => Some(Cow::Borrowed(bytes)),
            Val::Protocol(bytes, own) => Some(Cow::Borrowed(&bytes[..(*own).min(bytes.len())])),
            Val::Text(text) => Some(Cow::Borrowed(text.as_bytes())),
            Val::Ipv4(address, _) => Some(Cow::Owned(address.to_be_bytes().to_vec())),
            _ => None,
        }
    }

    /// The bytes in which something is looked for.
    pub(super) fn searched(&self) -> Option<Cow<'_, [u8]>> {
        match self {
            Val::Protocol(bytes, _) => Some(Cow::Borrowed(bytes)),
            other => other.raw(),
        }
    }

    /// Whether all its bits are 0.
    pub(super) fn is_zero(&self) -> bool {
        match self {
            Val::Label => false,
            Val::Truth(truth) => !truth,
            Val::Number(n) | Val::Nanos(n) => *n == 0,
            Val::Ipv4(address, _) => *address == 0,
            Val::Bytes(bytes) | Val::Protocol(bytes, _) => bytes.iter().all(|b| *b == 0),
            Val::Text(text) => text.is_empty(),
        }
    }

    /// How two values of kinds that fit stand to each other. Longer bytes are greater, as in Wireshark; of networks
    /// only the bits count that both have.
    pub(super) fn order(&self, other: &Val) -> Option<Ordering> {
        match (self, other) {
            (Val::Truth(a), Val::Truth(b)) => Some(a.cmp(b)),
            (Val::Number(a), Val::Number(b)) | (Val::Nanos(a), Val::Nanos(b)) => Some(a.cmp(b)),
            (Val::Ipv4(a, bits), Val::Ipv4(b, other)) => {
                let shift = 32 - u32::from(*bits.min(other));
                let masked = |n: &u32| n.checked_shr(shift).unwrap_or(0);
                Some(masked(a).cmp(&masked(b)))
            }
            (Val::Text(a), Val::Text(b)) => Some(a.cmp(b)),
            _ => {
                let (a, b) = (self.raw()?, other.raw()?);
                Some(a.len().cmp(&b.len()).then_with(|| a.cmp(&b)))
            }
        }
    }
}
