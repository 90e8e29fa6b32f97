//! Routing without DNS: names and addresses from a table.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::{Own, RouteFailure, SMTP_PORT, Target, Targets, literal, without_own};

/// The host that takes mail for `domain` by a table of host and mail domain names (lower case).
///
/// # Errors
/// Permanent: the table does not change while the network runs.
pub fn from_table(domain: &str, table: &BTreeMap<String, Ipv4Addr>, own: &Own) -> Result<Targets, RouteFailure> {
    let address = match literal(domain) {
        Some(address) => address?,
        None => *table
            .get(domain)
            .or_else(|| table.get(&domain.to_ascii_lowercase()))
            .ok_or_else(|| RouteFailure::permanent(format!("there is no domain {domain}")))?,
    };
    without_own(vec![Target { host: domain.to_owned(), address, port: SMTP_PORT, preference: 0 }], own, domain)
}
