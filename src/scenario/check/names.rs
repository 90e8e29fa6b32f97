//! How names become addresses: the table of all hosts, or zones and the server that has them
//! (RFC 1034 section 4.2).

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use super::Check;
use super::network::{Net, Talk};
use super::programs::{Programs, fqdn};
use crate::dns::zone::{Record, RecordData, Zone, Zones};
use crate::scenario::problem::quoted;
use crate::scenario::source::{At, Span};
use crate::scenario::typed::{self, File};
use crate::scenario::words::{RecordType, domain};
use crate::sim::Names;
use crate::topology::NodeId;

/// The zones of a DNS server.
pub(super) fn zones(check: &mut Check, file: &File, server: &typed::DnsServer) -> Zones {
    let mut zones = Vec::new();
    let mut origins: BTreeMap<&str, Span> = BTreeMap::new();
    for zone in server.zones.items() {
        let Some(origin) = zone.origin.get() else { continue };
        if let Some(first) = origins.insert(&origin.0, origin.span) {
            let problem = check
                .problem("zone_twice", origin.span, format!("the zone `{}` stands here twice", origin.0))
                .label("again")
                .also(first, "first")
                .help("put all its records into one");
            check.tell(problem);
        }
        let ttl = zone.ttl.get().map_or(3600, |t| t.0 as u32);
        let records = zone.records.items().iter();
        let records = records.filter_map(|r| record(check, file, &origin.0, ttl, r)).collect();
        zones.push(Zone { origin: origin.0.clone(), records });
    }
    Zones { zones }
}

/// How a DNS server behaves.
pub(super) fn policy(server: &typed::DnsServer) -> crate::dns::server::Policy {
    let names = |list: &crate::scenario::read::Field<crate::scenario::read::List<crate::scenario::words::Domain>>| {
        list.items().iter().map(|d| d.0.clone()).collect()
    };
    crate::dns::server::Policy { failing: names(&server.failing), silent: names(&server.silent), ..Default::default() }
}

fn record(check: &mut Check, file: &File, origin: &str, ttl: u32, typed: &typed::Record) -> Option<Record> {
    let name = typed.name.get().and_then(|n| owner(check, origin, n));
    let kind = typed.kind.get()?;
    let word = check.source.part(kind.span).trim_matches('"').to_owned();
    let key = !typed.dkim.is_absent() && kind.value == RecordType::Txt;
    let given: [(&str, bool); 5] = [
        ("address", !typed.address.is_absent()),
        ("preference", !typed.preference.is_absent()),
        ("host", !typed.host.is_absent()),
        ("text", !typed.text.is_absent()),
        ("dkim", !typed.dkim.is_absent()),
    ];
    let needed: &[&str] = match kind.value {
        RecordType::A => &["address"],
        RecordType::Mx => &["preference", "host"],
        RecordType::Ns | RecordType::Cname | RecordType::Ptr => &["host"],
        RecordType::Txt if key => &["dkim"],
        RecordType::Txt => &["text"],
    };
    if given.iter().any(|(field, there)| needed.contains(field) != *there) {
        let there: Vec<&str> = given.iter().filter(|g| g.1).map(|g| g.0).collect();
        let there = if there.is_empty() { "nothing".to_owned() } else { quoted(&there) };
        let problem = check
            .problem("record_fields", kind.span, format!("{word} records have {}, and here is {there}", quoted(needed)))
            .label(format!("needs {}", quoted(needed)))
            .help(match kind.value {
                RecordType::A => r#"{ "name": "mail", "type": "A", "address": "192.0.2.25" }"#,
                RecordType::Mx => r#"{ "name": "@", "type": "MX", "preference": 10, "host": "mail.b.example" }"#,
                RecordType::Txt => r#"{ "name": "@", "type": "TXT", "text": "v=spf1 -all" }"#,
                _ => r#"{ "name": "www", "type": "CNAME", "host": "b.example" }"#,
            });
        check.tell(problem);
        return None;
    }
    let null = kind.value == RecordType::Mx && typed.host.get().is_some_and(|h| h.value == ".");
    let host = if null { Some(String::new()) } else { typed.host.get().and_then(|h| target(check, h)) };
    let data = match kind.value {
        RecordType::A => RecordData::A(typed.address.get()?.value),
        RecordType::Mx => RecordData::Mx(typed.preference.get()?.0 as u16, host?),
        RecordType::Ns => RecordData::Ns(host?),
        RecordType::Cname => RecordData::Cname(host?),
        RecordType::Ptr => RecordData::Ptr(host?),
        RecordType::Txt => {
            let text = match typed.dkim.get() {
                Some(host) => super::signing::published(check, file, host)?,
                None => typed.text.get()?.value.clone(),
            };
            let mut parts = vec![String::new()];
            for c in text.chars() {
                // Strings of at most 255 bytes (RFC 1035 section 3.3).
                if parts.last().is_some_and(|p| p.len() + c.len_utf8() > 255) {
                    parts.push(String::new());
                }
                if let Some(last) = parts.last_mut() {
                    last.push(c);
                }
            }
            RecordData::Txt(parts)
        }
    };
    Some(Record { name: name?, ttl: typed.ttl.get().map_or(ttl, |t| t.0 as u32), data })
}

/// The full name of a record in its zone.
fn owner(check: &mut Check, origin: &str, name: &At<String>) -> Option<String> {
    if name.value == "@" {
        return Some(origin.to_owned());
    }
    match domain(&name.value) {
        Err(wrong) => {
            let problem = check
                .problem("bad_domain", name.span, format!("`{}` {}", name.value, wrong.why))
                .label("name of the record")
                .help("\"@\" for the zone itself, or a name in it: \"mail\"");
            check.tell(problem);
            None
        }
        Ok(full) if full == origin || full.ends_with(&format!(".{origin}")) => Some(full),
        // A full name of another zone is a slip; a short name is meant in this one.
        Ok(full) if full.ends_with(".example") || full.ends_with(".arpa") => {
            let problem = check
                .problem("outside_zone", name.span, format!("`{full}` is not in the zone `{origin}`"))
                .label("another domain")
                .help(format!("write a name in front of `.{origin}`, or put the record into its own zone"));
            check.tell(problem);
            None
        }
        Ok(short) => Some(format!("{short}.{origin}")),
    }
}

fn target(check: &mut Check, host: &At<String>) -> Option<String> {
    match domain(&host.value) {
        Ok(name) => Some(name),
        Err(wrong) => {
            let problem = check
                .problem("bad_domain", host.span, format!("`{}` {}", host.value, wrong.why))
                .label("host of the record")
                .help(wrong.help);
            check.tell(problem);
            None
        }
    }
}

/// Checks of senders ask DNS for texts, which no table has; nor has it names of addresses.
pub(super) fn checks_need_dns(check: &mut Check, file: &File) {
    if file.names.get().is_some_and(|n| !n.dns.is_absent()) || file.names.is_broken() {
        return;
    }
    let smtp = |h: &typed::Host| h.mail_server.get().and_then(|m| m.smtp.get().map(|s| s.checks.get().cloned()));
    for checks in file.hosts.items().iter().filter_map(|h| smtp(h).flatten()) {
        if checks.value != crate::mail::config::Checks::None {
            let problem = check
                .problem("checks_without_dns", checks.span, "what a domain says about its senders stands in DNS")
                .label("nobody could be asked")
                .help("write \"names\": { \"dns\": \"HOST\" } and give that host a `dns_server` with zones");
            check.tell(problem);
        }
    }
    let smtp = file.hosts.items().iter().filter_map(|h| h.mail_server.get()?.smtp.get());
    for looks in smtp.filter_map(|s| s.look_up_clients.get()).filter(|looks| looks.value) {
        let problem = check
            .problem("checks_without_dns", looks.span, "the name of an address stands in DNS")
            .label("nobody could be asked")
            .help("write \"names\": { \"dns\": \"HOST\" } and give that host a `dns_server` with zones");
        check.tell(problem);
    }
}

/// Gives every host its table, or its DNS server.
pub(super) fn names(check: &mut Check, file: &File, net: &Net, programs: &mut Programs) {
    let typed = file.names.get();
    if let Some(both) = typed.filter(|n| !n.table.is_absent() && !n.dns.is_absent()) {
        let problem = check
            .problem("either_or", both.span.first(), "names come from a table or from DNS, not from both")
            .label("`table` and `dns`")
            .help("keep one of the two");
        check.tell(problem);
    }
    let names = if let Some(server) = typed.and_then(|n| n.dns.get()) {
        let Some(id) = check.host(net, server) else { return };
        let host = &file.hosts.items()[id.0 as usize];
        if host.dns_server.is_absent() {
            let problem = check
                .problem("no_such_service", server.span, format!("`{}` has no DNS server", server.0))
                .label("nobody would answer")
                .help("give the host a `dns_server` with zones");
            check.tell(problem);
        }
        for i in 0..file.hosts.items().len() {
            programs.talks.push(Talk { from: NodeId(i as u32), to: id, span: server.span });
        }
        let Some(address) = net.address(id) else { return };
        Names::Dns(address.0)
    } else {
        Names::Table(Arc::new(table(check, file)))
    };
    for host in programs.hosts.values_mut() {
        host.names = names.clone();
    }
}

fn table(check: &mut Check, file: &File) -> BTreeMap<String, Ipv4Addr> {
    let mut table = BTreeMap::new();
    for host in file.hosts.items() {
        let Some(address) = host.address.get() else { continue };
        table.insert(fqdn(host), address.0);
        for domain in host.mail_server.get().iter().flat_map(|m| m.domains.items()) {
            table.insert(domain.0.clone(), address.0);
        }
    }
    // What is written comes last: it can also say something wrong on purpose.
    for (name, address) in file.names.get().map_or(&[][..], |n| n.table.entries()) {
        match domain(name) {
            Ok(name) => {
                table.insert(name, address.value);
            }
            Err(wrong) => {
                let problem = check
                    .problem("bad_domain", name.span, format!("`{}` {}", name.value, wrong.why))
                    .label("name in the table")
                    .help(wrong.help);
                check.tell(problem);
            }
        }
    }
    table
}

/// With names by DNS, an account's server must have an address there.
pub(super) fn known_to_dns(check: &mut Check, file: &File, net: &Net, server: NodeId, span: Span) {
    let Some(dns) = file.names.get().and_then(|n| n.dns.get()).and_then(|d| net.find(&d.0)) else { return };
    let Some(zones) = file.hosts.items().get(dns.0 as usize).and_then(|h| h.dns_server.get()) else { return };
    let full = fqdn(&file.hosts.items()[server.0 as usize]);
    let found = zones.zones.items().iter().any(|zone| {
        let Some(origin) = zone.origin.get() else { return true };
        let name_of = |r: &typed::Record| match r.name.get().map(|n| n.value.to_ascii_lowercase()) {
            None => true,
            Some(n) => (n == "@" && full == origin.0) || n == full || format!("{n}.{}", origin.0) == full,
        };
        let broken = zone.records.lost_some();
        let here = |r: &&At<typed::Record>| {
            matches!(r.kind.get().map(|k| k.value), None | Some(RecordType::A | RecordType::Cname))
        };
        broken || zone.records.items().iter().filter(here).any(|r| name_of(r))
    });
    if !found && !zones.zones.lost_some() {
        let problem = check
            .problem("name_without_record", span, format!("DNS knows no address of `{full}`"))
            .label("would not be found")
            .help(format!("add an A record for `{full}` to a zone of the DNS server"));
        check.tell(problem);
    }
}
