//! A scenario with doors put into it, on one line: the head of a recording.
//!
//! A door stands on the LAN of the server that is to be reached through it, as a computer of a user would: so packets go
//! the same way, and the server takes mail of it for other domains too. Where the scenario has a door on that LAN, it
//! is used.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::sync::Arc;

use super::json::{self, Json, Member, Value};
use super::read::{Read, Reader};
use super::source::{At, Source, Span};
use super::typed::File;
use super::{Scenario, runs, units};
use crate::time::Duration;
use crate::topology::network;

/// How far a door is from its switch: as far as the computers of users in the maps of the course.
const DELAY: &str = "4 ms";

/// What a recording says of itself.
const WARNING: &str = "This is a recording: behind this line stands what came in from real programs, with everything that was typed, passwords too.";

/// What is wanted of a scenario.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Hosts that are to be reached through a door.
    pub servers: Vec<String>,
    /// Domains whose mail goes out of the door that is there for the first server, at this port of it.
    pub routes: Vec<(String, u16)>,
    /// An account at the first server of the list, which is any host then, that sends out of the door, at this port.
    pub sender: Option<(String, u16)>,
    /// Nothing of what the scenario lets happen happens.
    pub without_actions: bool,
}

/// A scenario with doors.
#[derive(Clone, Debug)]
pub struct Head {
    /// The file, on one line, with its line end.
    pub text: String,
    /// Of each server, its door.
    pub doors: Vec<(String, String)>,
}

impl Scenario {
    /// This scenario, or one of its runs, with doors.
    ///
    /// # Errors
    /// Why there cannot be a door, in one sentence.
    pub fn with_doors(&self, run: Option<&str>, wanted: &Wanted) -> Result<Head, String> {
        let mut tree = self.merged(run);
        let mut doors = Vec::new();
        for server in &wanted.servers {
            let door = door_for(&mut tree, server)?;
            doors.push((server.clone(), door));
            if let Some(host) = host_mut(&mut tree, server) {
                known_on_loopback(host);
            }
        }
        if let Some((_, door)) = doors.first() {
            for (domain, port) in &wanted.routes {
                listen(&mut tree, door, *port);
                for host in hosts_mut(&mut tree) {
                    if let Some(smtp) = get_mut(host, "mail_server").and_then(|m| get_mut(m, "smtp")) {
                        put(put_object(smtp, "routes"), domain, text(&format!("{door}:{port}")));
                    }
                }
            }
            if let Some((address, port)) = &wanted.sender {
                listen(&mut tree, door, *port);
                let agent =
                    format!("{{ \"address\": {}, \"smtp\": {}, \"smtp_port\": {port} }}", text(address), text(door));
                known_to_dns(&mut tree, door);
                let own = &wanted.servers[0];
                if let Some(host) = host_mut(&mut tree, own) {
                    let agents = put_list(host, "user_agents");
                    agents.retain(|a| a.get("address").and_then(Json::text).is_none_or(|a| !a.contains(address)));
                    agents.push(made(&agent));
                }
            }
        }
        if let Value::Object(members) = &mut tree.value {
            let gone: &[&str] = if wanted.without_actions { &["runs", "actions", "story"] } else { &["runs"] };
            members.retain(|m| !gone.contains(&m.key.value.as_str()));
        }
        let about = tree.get("description").and_then(Json::text).unwrap_or_default().to_owned();
        if !about.contains(WARNING) {
            put(&mut tree, "description", text(format!("{about} {WARNING}").trim()));
        }
        Ok(Head { text: format!("{tree}\n"), doors })
    }

    /// The tree with the settings and the actions of a run put into it.
    fn merged(&self, run: Option<&str>) -> Json {
        let mut tree = self.tree.clone();
        let Some(id) = run else { return tree };
        let mut reader = Reader::new(self.source.clone());
        let file = File::read(&self.tree, &mut reader);
        let typed = file.as_ref().and_then(|f| f.runs.items().iter().find(|r| r.id.get().is_some_and(|n| n.0 == id)));
        for (path, value) in typed.map_or(&[][..], |r| r.set.entries()) {
            // The file was judged with this run when it was read.
            let _ = runs::set(&self.source, &mut tree, path, &value.value);
        }
        let is_it = |r: &&Json| r.get("id").and_then(Json::text) == Some(id);
        let own = list(self.tree.get("runs")).iter().find(is_it).and_then(|r| r.get("actions"));
        let mut actions: Vec<Json> = list(tree.get("actions")).iter().chain(list(own)).cloned().collect();
        let at = |action: &Json| {
            action.get("at").and_then(Json::text).and_then(|t| units::duration(t).ok()).unwrap_or(Duration::ZERO)
        };
        actions.sort_by_key(at);
        put(&mut tree, "actions", Json { span: Span::default(), value: Value::Array(actions) });
        tree
    }
}

/// The door on the LAN of this host; put there if there is none.
fn door_for(tree: &mut Json, server: &str) -> Result<String, String> {
    let network_of = |host: &Json| {
        let address = units::network(host.get("address").and_then(Json::text)?).ok()?;
        Some((network(address.0, address.1), address.1, address.0))
    };
    let named = |host: &&Json| host.get("name").and_then(Json::text) == Some(server);
    let hosts = list(tree.get("hosts"));
    let host = hosts.iter().find(named).ok_or_else(|| format!("there is no host {server}"))?;
    let (lan, length, _) = network_of(host).ok_or_else(|| format!("{server} has no proper address"))?;
    let here = |host: &&Json| network_of(host).is_some_and(|(net, len, _)| (net, len) == (lan, length));
    if let Some(door) = hosts.iter().filter(here).find(|h| h.get("door").is_some()) {
        return Ok(door.get("name").and_then(Json::text).unwrap_or_default().to_owned());
    }
    let switches: Vec<&str> = list(tree.get("switches")).iter().filter_map(Json::text).collect();
    let links = list(tree.get("links"));
    let ends = |l: &Json| Some((l.get("from")?.text()?.to_owned(), l.get("to")?.text()?.to_owned()));
    let switch = links.iter().filter_map(ends).find_map(|(a, b)| match (a == server, b == server) {
        (true, _) if switches.contains(&b.as_str()) => Some(b),
        (_, true) if switches.contains(&a.as_str()) => Some(a),
        _ => None,
    });
    let switch = switch.ok_or_else(|| {
        format!(
            "{server} is not linked to a switch, so a door cannot stand beside it: give the scenario a host with \
             \"door\": {{}} on its LAN"
        )
    })?;
    let routers = list(tree.get("routers")).iter().filter_map(|r| r.get("addresses"));
    let of_routers = routers.flat_map(|a| if let Value::Object(m) = &a.value { &m[..] } else { &[] });
    let of_routers = of_routers.filter_map(|m| Some(units::network(m.value.text()?).ok()?.0));
    let used: BTreeSet<Ipv4Addr> = hosts.iter().filter_map(network_of).map(|(.., ip)| ip).chain(of_routers).collect();
    let last = lan | (u32::MAX.checked_shr(u32::from(length)).unwrap_or(0));
    // From 100 on, where the network is so large: the maps of the course have their hosts below.
    let first = if last - lan > 120 { lan + 100 } else { lan + 1 };
    let free = (first..last).map(Ipv4Addr::from).find(|ip| !used.contains(ip));
    let address = free.ok_or_else(|| format!("there is no free address on the LAN of {server}"))?;
    let names: Vec<&str> = hosts.iter().filter_map(|h| h.get("name")?.text()).chain(switches).collect();
    let name = (1..).map(|n| if n == 1 { "door".to_owned() } else { format!("door-{n}") });
    let name = name.into_iter().find(|n| !names.contains(&n.as_str())).unwrap_or_default();
    let host = made(&format!(
        "{{ \"name\": \"{name}\", \"address\": \"{address}/{length}\", \"door\": {{ \"listens\": [] }} }}"
    ));
    let link = made(&format!("{{ \"from\": \"{name}\", \"to\": {}, \"delay\": \"{DELAY}\" }}", text(&switch)));
    put_list(tree, "hosts").push(host);
    put_list(tree, "links").push(link);
    Ok(name)
}

/// Where names are found by DNS, the door has one there too: the mail program asks for it as for any server.
fn known_to_dns(tree: &mut Json, door: &str) {
    let Some(resolver) = tree.get("names").and_then(|n| n.get("dns")).and_then(Json::text).map(str::to_owned) else {
        return;
    };
    let of_door = list(tree.get("hosts")).iter().find(|h| h.get("name").and_then(Json::text) == Some(door));
    let written = |key: &str| of_door.and_then(|h| h.get(key)).and_then(Json::text);
    let Some((address, _)) = written("address").and_then(|a| units::network(a).ok()) else { return };
    let name = written("fqdn").map_or_else(|| format!("{door}.example"), str::to_owned);
    let zone = made(&format!(
        "{{ \"origin\": {}, \"records\": [{{ \"name\": \"@\", \"type\": \"A\", \"address\": \"{address}\" }}] }}",
        text(&name)
    ));
    if let Some(host) = host_mut(tree, &resolver) {
        let zones = put_list(put_object(host, "dns_server"), "zones");
        // A door of the scenario's own may be known already.
        if !zones.iter().any(|z| z.get("origin").and_then(Json::text) == Some(name.as_str())) {
            zones.push(zone);
        }
    }
}

/// What the server shows is good for the addresses at which real programs find it.
fn known_on_loopback(host: &mut Json) {
    let Some(mail) = get_mut(host, "mail_server") else { return };
    let seals = ["smtp", "imap"].iter().any(|service| mail.get(service).is_some_and(|s| s.get("tls").is_some()));
    if seals {
        let also = put_list(put_object(mail, "certificate"), "also");
        for name in ["localhost", "127.0.0.1"] {
            if !also.iter().any(|known| known.text() == Some(name)) {
                also.push(text(name));
            }
        }
    }
}

/// The door takes connections at this port.
fn listen(tree: &mut Json, door: &str, port: u16) {
    if let Some(host) = host_mut(tree, door) {
        let ports = put_list(put_object(host, "door"), "listens");
        if !ports.iter().any(|p| p.value == Value::Number(port.to_string())) {
            ports.push(Json { span: Span::default(), value: Value::Number(port.to_string()) });
        }
    }
}

fn list(json: Option<&Json>) -> &[Json] {
    match json.map(|j| &j.value) {
        Some(Value::Array(items)) => items,
        _ => &[],
    }
}

fn get_mut<'j>(json: &'j mut Json, key: &str) -> Option<&'j mut Json> {
    match &mut json.value {
        Value::Object(members) => members.iter_mut().find(|m| m.key.value == key).map(|m| &mut m.value),
        _ => None,
    }
}

fn hosts_mut(tree: &mut Json) -> impl Iterator<Item = &mut Json> {
    let hosts =
        get_mut(tree, "hosts").and_then(|h| if let Value::Array(items) = &mut h.value { Some(items) } else { None });
    hosts.into_iter().flatten()
}

fn host_mut<'j>(tree: &'j mut Json, name: &str) -> Option<&'j mut Json> {
    hosts_mut(tree).find(|h| h.get("name").and_then(Json::text) == Some(name))
}

/// Writes a member over the one of this name, or behind all others.
fn put<'j>(json: &'j mut Json, key: &str, value: Json) -> &'j mut Json {
    if !matches!(json.value, Value::Object(_)) {
        json.value = Value::Object(Vec::new());
    }
    let Value::Object(members) = &mut json.value else { unreachable!("it has just been made one") };
    let place = members.iter().position(|m| m.key.value == key).unwrap_or(members.len());
    if place == members.len() {
        members.push(Member { key: At::new(key.to_owned(), Span::default()), value });
    } else {
        members[place].value = value;
    }
    &mut members[place].value
}

fn put_object<'j>(json: &'j mut Json, key: &str) -> &'j mut Json {
    let old = json.get(key).cloned();
    put(json, key, old.unwrap_or(Json { span: Span::default(), value: Value::Object(Vec::new()) }))
}

fn put_list<'j>(json: &'j mut Json, key: &str) -> &'j mut Vec<Json> {
    let old = json.get(key).filter(|j| matches!(j.value, Value::Array(_))).cloned();
    let list = put(json, key, old.unwrap_or(Json { span: Span::default(), value: Value::Array(Vec::new()) }));
    let Value::Array(items) = &mut list.value else { unreachable!("it has just been made one") };
    items
}

fn text(text: &str) -> Json {
    Json { span: Span::default(), value: Value::Text(text.to_owned()) }
}

/// JSON that was written here.
fn made(text: &str) -> Json {
    json::parse(&Arc::new(Source::new("door", text))).expect("what is written here is JSON")
}
