//! What runs on hosts: TCP, mail, web and DNS servers, user agents.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Check;
use super::network::{Net, Talk};
use super::{letter, mail, names, services, web};
use crate::action::Service;
use crate::engine::TlsPolicy;
use crate::mail::config::{ClientTls, FixedRoute, MailServer, ServiceTls, UserAgent};
use crate::mail::routing::SMTP_PORT;
use crate::scenario::problem::quoted;
use crate::scenario::read::Field;
use crate::scenario::source::{At, Span};
use crate::scenario::typed::{self, File};
use crate::scenario::words::{AccessTls, Greet, Mailbox, domain};
use crate::sim::{Door, Host};
use crate::smtp::auth::Mechanism;
use crate::smtp::client::Login;
use crate::tcp;
use crate::time::Duration;
use crate::topology::NodeId;

/// The programs of all hosts.
pub(super) struct Programs {
    pub(super) hosts: BTreeMap<NodeId, Host>,
    pub(super) talks: Vec<Talk>,
}

/// A password that nobody wrote.
const PASSWORD: &str = "secret";

pub(super) fn programs(check: &mut Check, file: &File, net: &Net) -> Programs {
    let mut programs = Programs { hosts: BTreeMap::new(), talks: Vec::new() };
    full_names(check, file);
    domains(check, file);
    for (i, host) in file.hosts.items().iter().enumerate() {
        let id = NodeId(i as u32);
        ports(check, host);
        let mut ready = Host {
            fqdn: fqdn(host),
            gateway: net.gateway(id),
            starts_off: host.off.or(false),
            tcp: tcp(check, [&file.tcp, &host.tcp]),
            ..Host::default()
        };
        ready.mail_server =
            host.mail_server.get().map(|m| Arc::new(mail::server(check, file, host, m, net.address(id))));
        ready.web_server = host.web_server.get().map(|w| web::server(check, file, w));
        ready.dns_server = host.dns_server.get().map(|d| Arc::new(names::zones(check, file, d)));
        ready.door = host.door.get().map(|d| door(d));
        ready.dns_policy = host.dns_server.get().map(|d| names::policy(d)).unwrap_or_default();
        programs.hosts.insert(id, ready);
    }
    names::names(check, file, net, &mut programs);
    routes(check, file, net, &mut programs);
    names::checks_need_dns(check, file);
    for (i, host) in file.hosts.items().iter().enumerate() {
        let id = NodeId(i as u32);
        let own = agents(check, file, net, id, host.user_agents.items(), &mut programs.talks);
        let webmail = host.web_server.get().and_then(|w| w.webmail.get()).map(|w| {
            let accounts = agents(check, file, net, id, w.accounts.items(), &mut programs.talks);
            if let Some(empty) = w.accounts.get().filter(|l| l.items.is_empty() && !l.broken) {
                let problem = check.problem("empty_list", empty.span, "`accounts` lets nobody in").label("empty");
                check.tell(
                    problem.help("name those who read and write mail there: { \"address\": \"alice@a.example\" }"),
                );
            }
            accounts
        });
        if let Some(ready) = programs.hosts.get_mut(&id) {
            ready.user_agents = own;
            if let (Some(web), Some(accounts)) = (&mut ready.web_server, webmail) {
                web.webmail = accounts.into();
            }
        }
    }
    mail_servers_talk(file, net, &mut programs);
    programs
}

/// A host's full name.
pub(super) fn fqdn(host: &typed::Host) -> String {
    match host.fqdn.get() {
        Some(name) => name.0.clone(),
        None => host.name.get().map_or_else(String::new, |n| format!("{}.example", n.0.to_ascii_lowercase())),
    }
}

/// The port of a service, if the host has it.
pub(super) fn port_of(host: &typed::Host, service: Service) -> Option<u16> {
    let port = |field: &Field<typed::Port>, default: u16| field.get().map_or(default, |p| p.0 as u16);
    let mail = host.mail_server.get();
    match service {
        Service::Smtp => mail?.smtp.get().map(|s| {
            let sealed = s.tls.get().is_some_and(|tls| tls.value == ServiceTls::FromStart);
            port(&s.port, if sealed { 465 } else { 25 })
        }),
        Service::Imap => mail?.imap.get().map(|s| {
            let sealed = s.tls.get().is_some_and(|tls| tls.value == AccessTls::FromStart);
            port(&s.port, if sealed { 993 } else { 143 })
        }),
        Service::Submission => mail?.submission.get().map(|s| port(&s.port, 587)),
        Service::Pop3 => mail?.pop3.get().map(|s| {
            let sealed = s.tls.get().is_some_and(|tls| tls.value == AccessTls::FromStart);
            port(&s.port, if sealed { 995 } else { 110 })
        }),
        Service::Http => host.web_server.get().map(|w| port(&w.port, 80)),
        Service::Dns => host.dns_server.get().map(|_| 53),
        Service::Door => host.door.get()?.listens.items().first().map(|p| p.0 as u16),
    }
}

/// Whether something about the host's services could not be read, so that nothing is said of missing ones.
pub(super) fn services_broken(host: &typed::Host) -> bool {
    let mail = host.mail_server.get();
    host.mail_server.is_broken()
        || host.web_server.is_broken()
        || host.dns_server.is_broken()
        || host.door.is_broken()
        || mail.is_some_and(|m| m.smtp.is_broken() || m.submission.is_broken())
        || mail.is_some_and(|m| m.imap.is_broken() || m.pop3.is_broken())
}

fn full_names(check: &mut Check, file: &File) {
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    for host in file.hosts.items() {
        let Some(name) = host.name.get() else { continue };
        let span = host.fqdn.get().map_or(name.span, |f| f.span);
        let full = fqdn(host);
        if domain(&full).is_err() {
            let problem = check
                .problem("bad_domain", span, format!("`{full}` cannot be a full name in DNS"))
                .label("the name behind which `.example` is put")
                .help("write `fqdn` for this host");
            check.tell(problem);
        }
        // Two hosts of the same short name have been told.
        if let Some(first) = seen.insert(full.clone(), span)
            && check.source.part(first) != check.source.part(span)
        {
            let problem = check
                .problem("fqdn_twice", span, format!("two hosts have the full name `{full}`"))
                .label("again")
                .also(first, "first")
                .help("write another `fqdn`");
            check.tell(problem);
        }
    }
}

fn domains(check: &mut Check, file: &File) {
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    for server in file.hosts.items().iter().filter_map(|h| h.mail_server.get()) {
        for at in server.domains.items() {
            if let Some(first) = seen.insert(&at.0, at.span) {
                let problem = check
                    .problem(
                        "domain_twice",
                        at.span,
                        format!("the mailboxes of `{}` are said to be in two places", at.0),
                    )
                    .label("again")
                    .also(first, "first")
                    .help("one server has the mailboxes of a domain");
                check.tell(problem);
            }
        }
    }
}

fn ports(check: &mut Check, host: &typed::Host) {
    let mail = host.mail_server.get();
    let place = |port: Option<&At<typed::Port>>, whole: Span| port.map_or(whole, |p| p.span);
    let mut used: Vec<(u16, Service, Span)> = Vec::new();
    let smtp = mail.and_then(|m| m.smtp.get()).map(|s| (Service::Smtp, place(s.port.get(), s.span.first())));
    let submission =
        mail.and_then(|m| m.submission.get()).map(|s| (Service::Submission, place(s.port.get(), s.span.first())));
    let imap = mail.and_then(|m| m.imap.get()).map(|s| (Service::Imap, place(s.port.get(), s.span.first())));
    let pop3 = mail.and_then(|m| m.pop3.get()).map(|s| (Service::Pop3, place(s.port.get(), s.span.first())));
    let http = host.web_server.get().map(|w| (Service::Http, place(w.port.get(), w.span.first())));
    let one = |(service, span)| Some((port_of(host, service)?, service, span));
    let all = [smtp, submission, imap, pop3, http].into_iter().flatten().filter_map(one);
    let doors = host.door.get().map_or(&[][..], |d| d.listens.items());
    let doors = doors.iter().map(|p| (p.0 as u16, Service::Door, p.span));
    for (port, service, span) in all.chain(doors) {
        if let Some((_, other, first)) = used.iter().find(|u| u.0 == port) {
            let problem = check
                .problem("port_in_use", span, format!("port {port} is in use by {} already", other.name()))
                .label(format!("{} listens here too", service.name()))
                .also(*first, format!("{} listens here", other.name()))
                .help(
                    "one port of a host belongs to one program; usual are 25 (smtp), 587 (submission), 143 (imap), \
                     110 (pop3), 80 (http)",
                );
            check.tell(problem);
        }
        used.push((port, service, span));
    }
}

/// The scenario's settings, then the host's own.
fn tcp(check: &mut Check, layers: [&Field<typed::Tcp>; 2]) -> tcp::Config {
    let mut c = tcp::Config::default();
    let mut bounds = [None; 2];
    for t in layers.into_iter().filter_map(Field::get) {
        let set = |to: &mut Duration, field: &Field<Duration>| *to = field.or(*to);
        set(&mut c.rto_initial, &t.rto_initial);
        set(&mut c.rto_min, &t.rto_min);
        set(&mut c.rto_max, &t.rto_max);
        set(&mut c.rto_after_lost_syn, &t.rto_after_lost_syn);
        set(&mut c.time_wait, &t.time_wait);
        set(&mut c.give_up, &t.give_up);
        c.syn_retries = t.syn_retries.get().map_or(c.syn_retries, |n| n.0 as u32);
        c.initial_window = t.initial_window.get().map_or(c.initial_window, |n| n.0 as u32);
        c.delayed_ack = t.delayed_ack.get().map_or(c.delayed_ack, |p| p.0);
        c.nagle = t.nagle.or(c.nagle);
        c.mss = t.mss.get().map_or(c.mss, |n| n.0 as u16);
        c.sack = t.sack.or(c.sack);
        c.send_buffer = t.send_buffer.get().map_or(c.send_buffer, |n| n.0 as usize);
        c.receive_buffer = t.receive_buffer.get().map_or(c.receive_buffer, |n| n.0 as usize);
        bounds = [t.rto_min.get().map(|d| d.span).or(bounds[0]), t.rto_max.get().map(|d| d.span).or(bounds[1])];
        for (field, what) in [
            (&t.rto_initial, "rto_initial"),
            (&t.rto_min, "rto_min"),
            (&t.rto_max, "rto_max"),
            (&t.rto_after_lost_syn, "rto_after_lost_syn"),
        ] {
            if let Some(zero) = field.get().filter(|d| d.value == Duration::ZERO) {
                let problem = check
                    .problem(
                        "zero_timeout",
                        zero.span,
                        format!("`{what}` cannot be zero: everything would be sent again for ever"),
                    )
                    .label("no time at all")
                    .help("the usual value is \"1 s\"");
                check.tell(problem);
            }
        }
    }
    if c.rto_min > c.rto_max
        && let Some(span) = bounds[0].or(bounds[1])
    {
        let problem = check
            .problem("bounds_swapped", span, format!("`rto_min` ({}) is above `rto_max` ({})", c.rto_min, c.rto_max))
            .label("no timeout fits between them")
            .help("the usual values are \"1 s\" and \"60 s\"");
        check.tell(problem);
    }
    c
}

fn door(typed: &typed::Door) -> Door {
    Door { listens: typed.listens.items().iter().map(|port| port.0 as u16).collect() }
}

/// Domains whose mail goes to a certain host.
fn routes(check: &mut Check, file: &File, net: &Net, programs: &mut Programs) {
    for (i, host) in file.hosts.items().iter().enumerate() {
        let id = NodeId(i as u32);
        let smtp = host.mail_server.get().and_then(|m| m.smtp.get());
        let entries = smtp.map_or(&[][..], |s| s.routes.entries());
        let found: Vec<FixedRoute> = entries.iter().filter_map(|(key, to)| route(check, file, net, key, to)).collect();
        for route in &found {
            if let Some(to) = net.find_address(route.address) {
                programs.talks.push(Talk { from: id, to, span: entries[0].0.span });
            }
        }
        if let Some(mail) = programs.hosts.get_mut(&id).and_then(|h| h.mail_server.as_mut()) {
            Arc::make_mut(mail).routes = found;
        }
    }
}

fn route(check: &mut Check, file: &File, net: &Net, key: &At<String>, to: &At<String>) -> Option<FixedRoute> {
    let domain = match domain(key) {
        Ok(domain) => domain,
        Err(wrong) => {
            let problem = check.problem("bad_domain", key.span, format!("`{}` {}", key.escape_debug(), wrong.why));
            check.tell(problem.label("the domain of a route").help(wrong.help));
            return None;
        }
    };
    let (name, port) = to.rsplit_once(':').map_or((to.as_str(), Some(SMTP_PORT)), |(n, p)| (n, p.parse().ok()));
    let Some(port) = port.filter(|port| *port > 0) else {
        let problem = check.problem("bad_route", to.span, format!("`{}` has no proper port", to.escape_debug()));
        check.tell(problem.label("behind the colon").help("write a host, or a host and a port: \"door:2526\""));
        return None;
    };
    let Some(node) = net.find(name).filter(|node| net.is_host(*node)) else {
        if !net.names_incomplete {
            let problem = check
                .problem("unknown_name", to.span, format!("there is no host `{}`", name.escape_debug()))
                .label("does not exist")
                .suggest(name, net.host_names());
            check.tell(problem);
        }
        return None;
    };
    let there = &file.hosts.items()[node.0 as usize];
    let door = !there.door.is_absent();
    Some(FixedRoute { domain, host: fqdn(there), address: net.address(node)?.0, port, door })
}

fn agents(
    check: &mut Check,
    file: &File,
    net: &Net,
    id: NodeId,
    typed: &[At<typed::UserAgent>],
    talks: &mut Vec<Talk>,
) -> Vec<UserAgent> {
    let mut ready = Vec::new();
    let mut seen: Vec<(&At<Mailbox>, Span)> = Vec::new();
    for agent in typed {
        let Some(address) = agent.address.get() else { continue };
        if let Some((_, first)) = seen.iter().find(|(other, _)| other.address == address.address) {
            let problem = check
                .problem("account_twice", address.span, format!("two accounts have the address {}", address.address))
                .label("again")
                .also(*first, "first")
                .help("an account is named by its address");
            check.tell(problem);
        }
        seen.push((address, address.span));
        letter::one_line(check, agent.name.get(), "name");
        if agent.smtp.is_absent() && agent.imap.is_absent() && agent.pop3.is_absent() {
            let problem = check
                .problem(
                    "idle_agent",
                    agent.span.first(),
                    format!("the account {} neither sends nor reads", address.address),
                )
                .label("no `smtp`, no `imap` and no `pop3`")
                .help("name the host to which it sends (`smtp`) or from which it reads (`imap` or `pop3`)");
            check.tell(problem);
        }
        let smtp = server_of(check, file, net, agent.smtp.get(), agent.smtp_port.get(), Service::Smtp);
        let login = login(check, file, agent, smtp.as_ref());
        let imap = server_of(check, file, net, agent.imap.get(), agent.imap_port.get(), Service::Imap);
        let pop3 = server_of(check, file, net, agent.pop3.get(), agent.pop3_port.get(), Service::Pop3);
        for (server, field) in [(&smtp, agent.smtp.get()), (&imap, agent.imap.get()), (&pop3, agent.pop3.get())] {
            if let (Some((to, ..)), Some(name)) = (server, field) {
                talks.push(Talk { from: id, to: *to, span: name.span });
                names::known_to_dns(check, file, net, *to, name.span);
            }
        }
        let user = agent.user.get().map_or(address.address.local.clone(), |u| u.0.clone());
        let mut password = PASSWORD.to_owned();
        let logs_in = imap.as_ref().or(pop3.as_ref()).or(smtp.as_ref().filter(|_| login.is_some()));
        if let Some((at, ..)) = logs_in.cloned() {
            let server = file.hosts.items()[at.0 as usize].mail_server.get();
            let users = server.map_or(&[][..], |m| m.users.items());
            match users.iter().find(|u| u.name.get().is_some_and(|n| n.0 == user)) {
                Some(found) => password = found.password.or(PASSWORD.to_owned()),
                None if server.is_some_and(|m| m.users.lost_some()) || users.iter().any(|u| u.name.is_broken()) => {}
                None => {
                    let span = agent.user.get().map_or(address.span, |u| u.span);
                    let problem = check
                        .problem("unknown_user", span, format!("`{}` has no user `{user}`", net.name(at)))
                        .label("could not log in")
                        .suggest(&user, users.iter().filter_map(|u| u.name.get()).map(|n| n.0.as_str()));
                    check.tell(problem);
                }
            }
        }
        let password = agent.password.or(password);
        ready.push(UserAgent {
            login: login.map(|mechanism| Login { user: user.clone(), password: password.clone(), mechanism }),
            address: address.address.to_string(),
            display_name: agent.name.get().map(|n| n.value.clone()),
            user,
            password,
            smtp_tls: agent.smtp_tls.or(usual_tls(file, smtp.as_ref(), Service::Smtp)),
            imap_tls: agent.imap_tls.or(usual_tls(file, imap.as_ref(), Service::Imap)),
            pop3_tls: agent.pop3_tls.or(usual_tls(file, pop3.as_ref(), Service::Pop3)),
            smtp: smtp.map(|(_, name, port)| (name, port)),
            imap: imap.map(|(_, name, port)| (name, port)),
            pop3: pop3.map(|(_, name, port)| (name, port)),
            ehlo: agent.greet.or(Greet::Ehlo) == Greet::Ehlo,
            dot_stuffing: agent.dot_stuffing.or(true),
            line_ends: super::mail::as_client(&agent.bare_lf),
        });
    }
    ready
}

/// TLS as the server has it: from the start, or by STARTTLS if that is offered. Who reads mail has to ask for that, so
/// it does not where nothing is offered. Nor behind a door, where the certificate is one that nobody here can judge.
fn usual_tls(file: &File, server: Option<&(NodeId, String, u16)>, service: Service) -> ClientTls {
    let there = server.map(|(id, ..)| &file.hosts.items()[id.0 as usize]);
    if there.is_some_and(|host| !host.door.is_absent()) {
        return ClientTls::Policy(TlsPolicy::Never);
    }
    let mail = there.and_then(|host| host.mail_server.get());
    let smtp = mail.and_then(|m| m.smtp.get()).and_then(|s| s.tls.get()).map(|at| at.value);
    let access = match service {
        Service::Imap => mail.and_then(|m| m.imap.get()).and_then(|i| i.tls.get()),
        Service::Pop3 => mail.and_then(|m| m.pop3.get()).and_then(|p| p.tls.get()),
        _ => None,
    };
    match (service, smtp, access.map(|at| at.value)) {
        (Service::Smtp, Some(ServiceTls::FromStart), _) | (_, _, Some(AccessTls::FromStart)) => ClientTls::FromStart,
        (Service::Imap | Service::Pop3, _, None) => ClientTls::Policy(TlsPolicy::Never),
        _ => ClientTls::Policy(TlsPolicy::IfOffered),
    }
}

/// The mechanism with which an account logs in to send; told, if the server does not know it.
fn login(
    check: &mut Check,
    file: &File,
    agent: &typed::UserAgent,
    smtp: Option<&(NodeId, String, u16)>,
) -> Option<Mechanism> {
    let wanted = agent.login.get()?;
    let (id, _, port) = smtp?;
    let host = &file.hosts.items()[id.0 as usize];
    let mail = host.mail_server.get()?;
    let on = |service| port_of(host, service) == Some(*port);
    let offered = match (mail.submission.get(), mail.smtp.get()) {
        (Some(s), _) if on(Service::Submission) => &s.extensions,
        (_, Some(s)) if on(Service::Smtp) => &s.extensions,
        _ => return Some(wanted.value),
    };
    let default = offered.is_absent() && on(Service::Submission);
    let auth =
        |line: &str| line.strip_prefix("AUTH ").is_some_and(|names| names.split(' ').any(|n| n == wanted.name()));
    let there = offered.items().iter().any(|line| auth(line)) || (default && auth(services::DEFAULT_SUBMISSION));
    if !there && !offered.is_broken() {
        let problem = check
            .problem(
                "no_such_login",
                wanted.span,
                format!("the server of this account does not offer {}", wanted.value),
            )
            .label("could not log in")
            .help(format!("add \"AUTH {}\" to the `extensions` of its service", wanted.value));
        check.tell(problem);
    }
    Some(wanted.value)
}

/// The host, full name and port of an account's server.
fn server_of(
    check: &mut Check,
    file: &File,
    net: &Net,
    name: Option<&At<crate::scenario::words::Name>>,
    port: Option<&At<typed::Port>>,
    service: Service,
) -> Option<(NodeId, String, u16)> {
    let name = name?;
    let id = check.host(net, name)?;
    let host = &file.hosts.items()[id.0 as usize];
    let submission = if service == Service::Smtp { port_of(host, Service::Submission) } else { None };
    let door = host.door.get().map_or(&[][..], |d| d.listens.items());
    let behind = port.filter(|p| service == Service::Smtp && door.iter().any(|d| d.0 == p.0)).map(|p| p.0 as u16);
    let usual = submission.or(port_of(host, service)).or(behind);
    if usual.is_none() {
        tell_no_service(check, file, name, host, service);
    }
    let port = port.map(|p| p.0 as u16).or(usual)?;
    Some((id, fqdn(host), port))
}

/// Tells that a host has no such service, and who has.
pub(super) fn tell_no_service(
    check: &mut Check,
    file: &File,
    name: &At<crate::scenario::words::Name>,
    host: &typed::Host,
    service: Service,
) {
    if services_broken(host) {
        return;
    }
    let has: Vec<&str> = file
        .hosts
        .items()
        .iter()
        .filter(|h| port_of(h, service).is_some())
        .filter_map(|h| h.name.get())
        .map(|n| n.0.as_str())
        .collect();
    let field = match service {
        Service::Smtp => "`smtp` in its `mail_server`",
        Service::Submission => "`submission` in its `mail_server`",
        Service::Imap => "`imap` in its `mail_server`",
        Service::Pop3 => "`pop3` in its `mail_server`",
        Service::Http => "a `web_server`",
        Service::Dns => "a `dns_server`",
        Service::Door => "a `door` that `listens`",
    };
    let who = if has.is_empty() { String::new() } else { format!("; this service is on {}", quoted(&has)) };
    let problem = check
        .problem("no_such_service", name.span, format!("`{}` has no {} service", name.0, service.name()))
        .label("nobody listens there")
        .help(format!("give it {field}{who}"));
    check.tell(problem);
}

/// Mail servers deliver to one another.
fn mail_servers_talk(file: &File, net: &Net, programs: &mut Programs) {
    let servers: Vec<(NodeId, &MailServer)> =
        programs.hosts.iter().filter_map(|(id, h)| Some((*id, h.mail_server.as_deref()?))).collect();
    for (i, (from, own)) in servers.iter().enumerate() {
        for (to, other) in &servers[i + 1..] {
            // A way there is a way back.
            let span = file.hosts.items()[to.0 as usize].name.get().map(|n| n.span);
            if let Some(span) = span
                && (own.smtp_port.is_some() || other.smtp_port.is_some())
                && net.address(*to).is_some()
            {
                programs.talks.push(Talk { from: *from, to: *to, span });
            }
        }
    }
}
