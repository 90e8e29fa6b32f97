//! The name of a client's address (RFC 5321 section 4.4: what the Received line may say besides the address).
//!
//! Whoever has an address says in DNS what it is called (PTR, RFC 1035 section 3.5). EHLO is a claim; this is what the
//! owner of the network says. There may be none, and it may be a lie too: nobody asks here whether the name has this
//! address.

use std::net::Ipv4Addr;

use super::MailSystem;
use super::checks::Check;
use crate::auth::Missing;
use crate::dns::{RecordData, RecordType};
use crate::smtp::server::Answer;

/// What stands for the name of an address that has none.
const UNKNOWN: &str = "unknown";

impl MailSystem {
    /// The greeting waits for this.
    pub(super) fn look_up(&mut self, check: &Check) -> Result<Answer, Missing> {
        let peer = check.peer();
        let found = check.known().records(&reversed(peer.address), RecordType::Ptr)?;
        let name = |r: &RecordData| match r {
            RecordData::Ptr(name) => Some(name.trim_end_matches('.').to_ascii_lowercase()),
            _ => None,
        };
        let name = found.ok().and_then(|records| records.iter().find_map(name)).unwrap_or_else(|| UNKNOWN.to_owned());
        self.names.insert(peer.conn, name);
        Ok(Answer::Peer)
    }
}

/// `25.2.0.192.in-addr.arpa`.
fn reversed(address: Ipv4Addr) -> String {
    let [a, b, c, d] = address.octets();
    format!("{d}.{c}.{b}.{a}.in-addr.arpa")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_asked_for_backwards() {
        assert_eq!(reversed(Ipv4Addr::new(192, 0, 2, 25)), "25.2.0.192.in-addr.arpa");
    }
}
