//! The trace line that every server puts on top of a letter (RFC 5321 section 4.4).
//!
//! ```text
//! Received: from alice-pc.a.example ([192.0.2.10])
//! <tab>by mail.a.example with ESMTP id 000001
//! <tab>for <bob@b.example>;
//! <tab>Mon, 3 Mar 2025 09:00:00 +0000
//! ```
//! The name is what the client called itself in EHLO: a claim. What stands in parentheses is what this server
//! knows: the address, and a name only if somebody looked one up. `for` is written only for a single recipient,
//! or a Bcc would be told to the others.

use std::fmt::Write;
use std::net::Ipv4Addr;

use super::Peer;
use crate::smtp::Address;

/// RFC 5321 section 6.3: "a large rejection threshold, normally at least 100 Received entries".
pub(super) const MOST_HOPS: usize = 100;

/// What one hop has to say.
pub(super) struct Hop<'a> {
    pub peer: Peer<'a>,
    pub peer_name: &'a str,
    pub host: &'a str,
    pub protocol: &'a str,
    pub id: &'a str,
    pub to: &'a [Address],
    pub date: &'a str,
}

/// The whole field with its CRLF.
pub(super) fn line(hop: &Hop<'_>) -> String {
    let Hop { peer, peer_name, host, protocol, id, to, date } = hop;
    let mut out = String::with_capacity(160 + peer_name.len());
    out.push_str("Received: from ");
    if is_domain(peer_name) {
        out.push_str(peer_name);
    } else {
        literal(&mut out, peer.address);
    }
    out.push_str(" (");
    if let Some(name) = peer.name.filter(|n| is_domain(n)) {
        out.push_str(name);
        out.push(' ');
    }
    literal(&mut out, peer.address);
    // Writing to a String cannot fail.
    let _ = write!(out, ")\r\n\tby {host} with {protocol} id {id}");
    if let [only] = to {
        let _ = write!(out, "\r\n\tfor <{only}>");
    }
    out.push_str(";\r\n\t");
    out.push_str(date);
    out.push_str("\r\n");
    out
}

fn literal(out: &mut String, address: Ipv4Addr) {
    let _ = write!(out, "[{address}]");
}

/// Nothing that could end a comment or a line: a lenient server may have let it pass.
fn is_domain(name: &str) -> bool {
    let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':' | b'[' | b']');
    !name.is_empty() && name.len() <= 255 && name.bytes().all(good)
}

/// How many servers have had this letter: its `Received:` fields.
pub(super) fn hops(letter: &[u8]) -> usize {
    const NAME: &[u8] = b"received";
    let mut rest = letter;
    let mut count = 0;
    while let Some(end) = memchr::memchr(b'\n', rest) {
        let line = &rest[..end];
        if line.is_empty() || line == b"\r" {
            break;
        }
        if line.len() > NAME.len() && line[..NAME.len()].eq_ignore_ascii_case(NAME) {
            let behind = line[NAME.len()..].iter().find(|b| !matches!(b, b' ' | b'\t'));
            count += usize::from(behind == Some(&b':'));
        }
        rest = &rest[end + 1..];
    }
    count
}
