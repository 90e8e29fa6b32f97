//! `mailpath serve`: real mail programs at the servers of a scenario.

use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::Serve;
use super::keep::{self, Capture};
use super::{Failure, address, open};
use crate::action::Service;
use crate::door::{Gate, Inlet, Limits, Live, Outlet};
use crate::scenario::doors::{Head, Wanted};
use crate::scenario::{self, Ready};
use crate::sim::setup::NodeKind;
use crate::sim::{Host, Setup, authority_pem};
use crate::topology::NodeId;
use crate::trace::Level;

/// Ports of the loopback interface that are taken if none are asked for.
const USUAL: [(Service, u16); 5] = [
    (Service::Smtp, 2525),
    (Service::Submission, 2587),
    (Service::Imap, 2143),
    (Service::Pop3, 2110),
    (Service::Http, 2080),
];

/// One opening: a service of a server, at a real address.
struct Opening {
    service: Service,
    server: NodeId,
    name: String,
    address: Ipv4Addr,
    port: u16,
    at: std::net::SocketAddr,
}

/// Serves until it is interrupted.
pub(super) fn serve(args: &Serve, out: &mut impl Write) -> Result<(), Failure> {
    let (scenario, run) = open::parts_of(&args.scenario)?;
    let plain = scenario.ready(run.as_deref()).map_err(Failure::Input)?;
    let openings = openings(args, &plain.setup)?;
    let mut routes = Vec::new();
    for route in &args.routes {
        routes.push(parse_route(route, args.allow_remote, &routes)?);
    }
    let mut servers: Vec<String> = Vec::new();
    let sender = senders_server(&plain.setup).map(|id| plain.setup.nodes[id.0 as usize].name.clone());
    for name in sender.into_iter().filter(|_| !routes.is_empty()).chain(openings.iter().map(|o| o.name.clone())) {
        if !servers.contains(&name) {
            servers.push(name);
        }
    }
    let wanted = Wanted {
        servers,
        routes: routes.iter().map(|(domain, port, _)| (domain.clone(), *port)).collect(),
        ..Wanted::default()
    };
    let head = scenario.with_doors(run.as_deref(), &wanted).map_err(Failure::Use)?;
    let mut ready = ready(&head)?;
    if let Some(seed) = args.seed {
        ready.setup.seed = crate::rng::Seed::new(seed);
    }
    let node = |name: &str| {
        let place = ready.setup.nodes.iter().position(|n| n.name == name);
        NodeId(place.expect("the head has the hosts that were asked for") as u32)
    };
    let door_of = |server: &str| head.doors.iter().find(|(s, _)| s == server).map(|(_, door)| node(door));
    let mut inlets = Vec::new();
    let mut told = Vec::new();
    for opening in openings {
        let listener = TcpListener::bind(opening.at).map_err(|e| Failure::Run(format!("{}: {e}", opening.at)))?;
        let at = listener.local_addr().map_err(|e| Failure::Run(e.to_string()))?;
        let door = door_of(&opening.name).unwrap_or(NodeId(0));
        inlets.push(Inlet { listener, door, server: opening.address, port: opening.port });
        told.push(Opening { at, ..opening });
    }
    let first_door = head.doors.first().map(|(_, door)| node(door));
    let outlets = routes.iter().filter_map(|(_, port, to)| Some(Outlet { door: first_door?, port: *port, to: *to }));
    let outlets: Vec<Outlet> = outlets.collect();
    if let Some(path) = &args.ca {
        let pem = authority_pem(&ready.setup)
            .ok_or_else(|| Failure::Use(format!("--ca {}: no server of this scenario has TLS", path.display())))?;
        std::fs::write(path, pem).map_err(|e| Failure::Run(format!("{}: {e}", path.display())))?;
    }
    tell(args, &ready, &told, &routes, out).map_err(Failure::output)?;
    let mut limits = Limits::default();
    limits.connections = args.most_connections.map_or(limits.connections, |n| n as usize);
    let session = Session {
        ready: &ready,
        head: &head,
        speed: args.speed,
        record: args.record.as_deref(),
        pcapng: args.pcapng.as_deref(),
        limits,
    };
    session.run(inlets, outlets, |_, _| false, out).map(|_| ())
}

/// A scenario with doors, and what is made of what happens at them.
pub(super) struct Session<'a> {
    pub ready: &'a Ready,
    pub head: &'a Head,
    pub speed: crate::door::Speed,
    pub record: Option<&'a Path>,
    pub pcapng: Option<&'a Path>,
    pub limits: Limits,
}

impl Session<'_> {
    /// Runs until it is interrupted or `done`, and writes everything that was asked for.
    pub fn run(
        &self,
        inlets: Vec<Inlet>,
        outlets: Vec<Outlet>,
        done: impl FnMut(&crate::sim::World, usize) -> bool,
        out: &mut impl Write,
    ) -> Result<Live, Failure> {
        let setup = &self.ready.setup;
        let recording = self.record.map(|path| keep::recording(path, &self.head.text)).transpose()?;
        let capture = self.pcapng.map(|path| Capture::new(path, setup, &self.ready.story)).transpose()?;
        let live = match &capture {
            Some(_) => Live::capturing(setup, self.speed),
            None => Live::new(setup, Level::Counters, self.speed),
        };
        let broken = |e: std::io::Error| Failure::Run(e.to_string());
        let mut gate = Gate::new(live, inlets, outlets, self.limits, recording).map_err(broken)?;
        if let Some(capture) = &capture {
            gate.keep(capture.keeper());
        }
        // The first time it ends as it should; the second time at once, as any program does.
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            let stop = gate.stop();
            signal_hook::flag::register_conditional_default(signal, Arc::clone(&stop)).map_err(broken)?;
            signal_hook::flag::register(signal, stop).map_err(broken)?;
        }
        out.flush().map_err(Failure::output)?;
        gate.run(done).map_err(broken)?;
        let counts = gate.counts();
        let told = format!(
            "{} connections in, {} out, {} turned away; {} bytes in, {} bytes out; {} of simulated time",
            counts.inward,
            counts.outward,
            counts.refused,
            crate::time::grouped(counts.bytes_in),
            crate::time::grouped(counts.bytes_out),
            gate.live().elapsed(),
        );
        writeln!(out, "{told}").map_err(Failure::output)?;
        if let Some(path) = self.record {
            let path = path.display();
            writeln!(out, "{path}: the session, to be run again with: mailpath run {path}").map_err(Failure::output)?;
        }
        out.flush().map_err(Failure::output)?;
        let live = gate.finish().map_err(broken)?;
        if let Some(capture) = &capture {
            capture.end(live.world(), out)?;
        }
        Ok(live)
    }
}

/// The head, read as any file is.
pub(super) fn ready(head: &Head) -> Result<Ready, Failure> {
    let scenario = scenario::parse("the scenario with doors", &head.text).map_err(Failure::Input)?;
    scenario.ready(None).map_err(Failure::Input)
}

fn host(setup: &Setup, node: NodeId) -> Option<&Host> {
    match &setup.nodes.get(node.0 as usize)?.kind {
        NodeKind::Host(host) => Some(host),
        _ => None,
    }
}

fn hosts(setup: &Setup) -> impl Iterator<Item = (NodeId, &Host)> {
    (0..setup.nodes.len() as u32).map(NodeId).filter_map(|id| Some((id, host(setup, id)?)))
}

fn port(host: &Host, service: Service) -> Option<u16> {
    let mail = host.mail_server.as_ref();
    match service {
        Service::Smtp => mail?.smtp_port,
        Service::Submission => mail?.submission.as_ref().map(|s| s.port),
        Service::Imap => mail?.imap_port,
        Service::Pop3 => mail?.pop3_port,
        Service::Http => host.web_server.as_ref().map(|web| web.port),
        Service::Dns | Service::Door => None,
    }
}

/// The server to which the first user who sends hands his mail; else the first mail server.
fn senders_server(setup: &Setup) -> Option<NodeId> {
    let named = |name: &str| hosts(setup).find(|(_, h)| h.fqdn == name).map(|(id, _)| id);
    let users = hosts(setup).flat_map(|(_, h)| &h.user_agents);
    let by_user = users.filter_map(|u| named(&u.smtp.as_ref()?.0)).next();
    by_user.or_else(|| hosts(setup).find(|(_, h)| port(h, Service::Smtp).is_some()).map(|(id, _)| id))
}

/// The server of a service for which nobody has named one.
fn usual_server(setup: &Setup, service: Service) -> Option<NodeId> {
    let named = |name: &str| hosts(setup).find(|(_, h)| h.fqdn == name).map(|(id, _)| id);
    let users = hosts(setup).flat_map(|(_, h)| &h.user_agents);
    let preferred = match service {
        Service::Smtp | Service::Submission => senders_server(setup),
        // Where mail arrives, not where it is handed in.
        Service::Imap => users.filter_map(|u| named(&u.imap.as_ref()?.0)).find(|id| Some(*id) != senders_server(setup)),
        Service::Pop3 => users.filter_map(|u| named(&u.pop3.as_ref()?.0)).find(|id| Some(*id) != senders_server(setup)),
        _ => None,
    };
    let has = |id: &NodeId| host(setup, *id).is_some_and(|h| port(h, service).is_some());
    let all = || hosts(setup).map(|(id, _)| id);
    let reads = matches!(service, Service::Imap | Service::Pop3);
    let other = || all().filter(has).find(|id| reads && Some(*id) != senders_server(setup));
    preferred.filter(has).or_else(other).or_else(|| all().find(has))
}

/// What is to be opened: what was asked for, or everything that the scenario has, on the usual ports.
fn openings(args: &Serve, setup: &Setup) -> Result<Vec<Opening>, Failure> {
    let asked = [
        (Service::Smtp, &args.smtp),
        (Service::Submission, &args.submission),
        (Service::Imap, &args.imap),
        (Service::Pop3, &args.pop3),
        (Service::Http, &args.http),
    ];
    let mut openings = Vec::new();
    for (service, texts) in asked {
        for text in texts {
            let (server, text) = match text.split_once('=') {
                Some((name, address)) => (Some(name), address),
                None => (None, text.as_str()),
            };
            let at = address::parse(&format!("--{}", service.name()), text, args.allow_remote)?;
            let server = match server {
                None => usual_server(setup, service).ok_or_else(|| {
                    Failure::Use(format!("--{}: no host of this scenario has this service", service.name()))
                })?,
                Some(name) => named(setup, name, service)?,
            };
            openings.extend(opening(setup, service, server, at));
        }
    }
    if openings.is_empty() && args.routes.is_empty() {
        for (service, port) in USUAL {
            let at = (Ipv4Addr::LOCALHOST, port).into();
            openings.extend(usual_server(setup, service).and_then(|server| opening(setup, service, server, at)));
        }
    }
    if openings.is_empty() && args.routes.is_empty() {
        return Err(Failure::Use("this scenario has no server that could be reached".to_owned()));
    }
    Ok(openings)
}

fn opening(setup: &Setup, service: Service, server: NodeId, at: std::net::SocketAddr) -> Option<Opening> {
    let node = &setup.nodes[server.0 as usize];
    let address = node.interfaces.iter().find_map(|i| i.address)?.0;
    let port = port(host(setup, server)?, service)?;
    Some(Opening { service, server, name: node.name.clone(), address, port, at })
}

fn named(setup: &Setup, name: &str, service: Service) -> Result<NodeId, Failure> {
    let has = |id: NodeId| host(setup, id).is_some_and(|h| port(h, service).is_some());
    let found = setup.nodes.iter().position(|n| n.name == name).map(|n| NodeId(n as u32)).filter(|id| has(*id));
    found.ok_or_else(|| {
        let known: Vec<&str> =
            hosts(setup).filter(|(id, _)| has(*id)).map(|(id, _)| setup.nodes[id.0 as usize].name.as_str()).collect();
        let known = if known.is_empty() { "no host has it".to_owned() } else { known.join(", ") };
        let word = service.name();
        Failure::Use(format!("--{word} {name}=...: there is no {word} service on {name}. There are: {known}."))
    })
}

/// `real.example=127.0.0.1:2526`: the domain, the port of the door, the real server.
fn parse_route(
    text: &str,
    allow_remote: bool,
    before: &[(String, u16, std::net::SocketAddr)],
) -> Result<(String, u16, std::net::SocketAddr), Failure> {
    let (domain, to) = text.split_once('=').ok_or_else(|| {
        Failure::Use(format!("--route {text}: expected a domain and an address: real.example=127.0.0.1:2526"))
    })?;
    let to = address::parse("--route", to, allow_remote)?;
    let taken = |port: u16| before.iter().any(|(_, other, _)| *other == port);
    let port = (to.port()..=u16::MAX).chain(1024..to.port()).find(|port| !taken(*port)).unwrap_or(to.port());
    Ok((domain.to_ascii_lowercase(), port, to))
}

/// What listens where, and for whom, so that it can be copied into a mail program.
fn tell(
    args: &Serve,
    ready: &Ready,
    openings: &[Opening],
    routes: &[(String, u16, std::net::SocketAddr)],
    out: &mut impl Write,
) -> std::io::Result<()> {
    let setup = &ready.setup;
    writeln!(out, "{}: {} (speed: {})", setup.name, ready.title, args.speed)?;
    for opening in openings {
        let Opening { service, name, port, at, .. } = opening;
        let mail = host(setup, opening.server).and_then(|h| h.mail_server.as_ref());
        let sealed = mail.map_or("", |mail| {
            let tls = match service {
                Service::Smtp | Service::Submission => mail.smtp_tls,
                Service::Imap => mail.imap_tls,
                Service::Pop3 => mail.pop3_tls,
                _ => crate::mail::config::ServiceTls::Never,
            };
            match tls {
                crate::mail::config::ServiceTls::Never => "no TLS",
                crate::mail::config::ServiceTls::FromStart if *service != Service::Submission => "TLS from the start",
                _ => "STARTTLS",
            }
        });
        let word = service.name().to_uppercase();
        let sealed = if sealed.is_empty() { String::new() } else { format!("  ({sealed})") };
        writeln!(out, "  {word:<10} {:<21} -> {name}:{port}{sealed}", at.to_string())?;
    }
    for (domain, port, to) in routes {
        writeln!(out, "  mail for {domain} goes to the real server at {to} (door, port {port})")?;
    }
    let mut shown: Vec<NodeId> = Vec::new();
    for opening in openings {
        let Some(mail) = host(setup, opening.server).and_then(|h| h.mail_server.as_ref()) else { continue };
        if shown.contains(&opening.server) {
            continue;
        }
        shown.push(opening.server);
        let domain = mail.domains.first().map_or("", String::as_str);
        for user in &mail.users {
            let (name, password) = (&user.name, &user.password);
            writeln!(out, "  {name}@{domain}: user {name}, password {password} on {}", opening.name)?;
        }
    }
    writeln!(out, "These passwords are the scenario's, for teaching; never type one of your own.")?;
    if let Some(path) = &args.record {
        let path: &PathBuf = path;
        writeln!(out, "{} will hold everything that is typed, passwords too.", path.display())?;
    }
    if let Some(path) = &args.ca {
        let path = path.display();
        writeln!(out, "{path}: the certificate of the scenario's authority; trust it in this lab only.")?;
    }
    writeln!(out, "Ctrl+C ends it.")
}
