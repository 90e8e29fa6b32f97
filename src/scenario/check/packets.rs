//! Which packets a rule means.

use std::net::Ipv4Addr;

use super::Check;
use super::network::Net;
use crate::matcher::Matcher;
use crate::packet::{Protocol, TcpFlags};
use crate::scenario::problem::{Problem, suggestion};
use crate::scenario::read::{Field, List};
use crate::scenario::source::At;
use crate::scenario::typed::Match;
use crate::scenario::words::PacketKind;

/// The conditions in their ready form; nothing if some of them were refused.
pub(super) fn matcher(check: &mut Check, net: &Net, typed: &At<Match>) -> Option<Matcher> {
    let before = check.problems.len();
    let src = typed.from.get().and_then(|n| place(check, net, n));
    let dst = typed.to.get().and_then(|n| place(check, net, n));
    let flags = |list: &Field<List<TcpFlags>>| list.items().iter().fold(TcpFlags::default(), |all, f| all | f.value);
    let (set, clear) = (flags(&typed.flags), flags(&typed.without));
    if let Some(both) = typed.without.items().iter().find(|f| set.contains(f.value)) {
        let problem = impossible(check, both.span, format!("a packet cannot be with and without {}", both.value));
        check.tell(problem.help("take it out of `flags` or out of `without`"));
    }
    let kind = typed.protocol.get();
    let has_flags = typed.flags.items().iter().chain(typed.without.items()).map(|f| f.span).next();
    let port = typed.from_port.get().or(typed.to_port.get()).map(|p| p.span);
    let text = typed.starts.get().or(typed.contains.get()).map(|t| t.span);
    let data = text.or(typed.at_least.get().map(|n| n.span));
    let ends = typed.from.get().or(typed.to.get()).map(|n| n.span);
    match kind.map(|k| k.value) {
        Some(PacketKind::Udp) => clash(check, "UDP packets have no flags", &[has_flags]),
        Some(PacketKind::Icmp) => {
            clash(check, "ICMP packets have no ports, flags or data to look at", &[port, has_flags, data])
        }
        Some(PacketKind::Arp) => clash(
            check,
            "ARP packets have no ports, flags, data or IP addresses to look at",
            &[port, has_flags, data, ends],
        ),
        _ => {}
    }
    for empty in [&typed.starts, &typed.contains].into_iter().filter_map(Field::get).filter(|t| t.value.is_empty()) {
        let problem = check
            .problem("empty_text", empty.span, "every packet has an empty text in it")
            .label("empty")
            .help("write what is looked for, such as \"MAIL\", or leave it out");
        check.tell(problem);
    }
    if check.problems.len() > before {
        return None;
    }
    // What has flags is TCP, said or not.
    let protocol = match kind.map(|k| k.value) {
        Some(PacketKind::Tcp) => Some(Protocol::Tcp),
        Some(PacketKind::Udp) => Some(Protocol::Udp),
        Some(PacketKind::Icmp) => Some(Protocol::Icmp),
        Some(PacketKind::Arp) => None,
        None => has_flags.map(|_| Protocol::Tcp),
    };
    Some(Matcher {
        src,
        dst,
        protocol,
        src_port: typed.from_port.get().map(|p| p.0 as u16),
        dst_port: typed.to_port.get().map(|p| p.0 as u16),
        flags_set: set,
        flags_clear: clear,
        payload_starts: typed.starts.get().map(|t| t.as_bytes().to_vec()),
        payload_contains: typed.contains.get().map(|t| t.as_bytes().to_vec()),
        payload_at_least: typed.at_least.get().map(|n| n.0 as usize),
        arp: kind.is_some_and(|k| k.value == PacketKind::Arp),
    })
}

fn impossible(check: &Check, span: crate::scenario::source::Span, why: String) -> Problem {
    check.problem("impossible_match", span, why).label("no packet fits this")
}

fn clash(check: &mut Check, why: &str, conditions: &[Option<crate::scenario::source::Span>]) {
    if let Some(span) = conditions.iter().flatten().next() {
        let problem = impossible(check, *span, why.to_owned());
        check.tell(problem.help("take this condition or `protocol` away"));
    }
}

/// A host's address, or an address.
fn place(check: &mut Check, net: &Net, name: &At<String>) -> Option<Ipv4Addr> {
    if let Ok(address) = name.parse() {
        return Some(address);
    }
    match net.find(name) {
        Some(id) if net.is_host(id) => return net.address(id).map(|a| a.0),
        None if net.names_incomplete => return None,
        found => {
            let why = match found {
                Some(id) => format!("`{}` is a {} and has no address of its own", name.value, net.role(id)),
                None => format!("there is no host `{}`", name.escape_debug()),
            };
            let mut problem =
                check.problem(if found.is_some() { "wrong_role" } else { "unknown_name" }, name.span, why);
            problem = problem.label("a host's name or an address belongs here");
            if let Some(help) = suggestion(name, &net.host_names()) {
                problem = problem.help(help);
            }
            check.tell(problem);
        }
    }
    None
}
