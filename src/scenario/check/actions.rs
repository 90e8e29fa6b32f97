//! Timed actions: names found, order kept, mails and commands ready.

use std::sync::Arc;

use super::letter::{self, Writing};
use super::network::Net;
use super::programs::{self, Programs, port_of};
use super::{Check, faults, imap, pop3, raw, web};
use crate::action::{Action, Preloaded, Service, TimedAction};
use crate::scenario::problem::quoted;
use crate::scenario::source::{At, Span};
use crate::scenario::typed::{self, File};
use crate::scenario::words::{Mailbox, Name};
use crate::time::{Duration, Instant};
use crate::topology::{LinkId, NodeId};

/// The actions of the file, those of the run, and what came from outside, in order of time; at equal times they happen
/// in this order.
pub(super) fn actions(
    check: &mut Check,
    file: &File,
    more: &[At<typed::Action>],
    net: &Net,
    programs: &Programs,
) -> Vec<TimedAction> {
    let mut ready = Vec::new();
    let mut sessions = raw::Sessions::default();
    for list in [file.actions.items(), more, file.recorded.items()] {
        let mut last: Option<(Duration, Span)> = None;
        for typed in list {
            if let Some(at) = typed.at.get() {
                if let Some((before, span)) = last.filter(|l| l.0 > at.value) {
                    let problem = check
                        .problem(
                            "time_order",
                            at.span,
                            format!("this action happens at {}, before the one above it", at.value),
                        )
                        .label("earlier")
                        .also(span, format!("{before}"))
                        .help("put actions in order of time");
                    check.tell(problem);
                }
                last = Some((at.value, at.span));
            }
            let at = typed.at.get().map_or(Instant::ZERO, |at| Instant::ZERO + at.value);
            if let Some(action) = action(check, file, net, programs, &mut sessions, typed) {
                ready.push(TimedAction { at, action });
            }
        }
    }
    ready.sort_by_key(|a| a.at);
    ready
}

fn action(
    check: &mut Check,
    file: &File,
    net: &Net,
    programs: &Programs,
    sessions: &mut raw::Sessions,
    a: &typed::Action,
) -> Option<Action> {
    let deeds: Vec<(&str, bool)> = vec![
        ("send", !a.send.is_absent()),
        ("queue", !a.queue.is_absent()),
        ("read", !a.read.is_absent()),
        ("sync", !a.sync.is_absent()),
        ("offline", !a.offline.is_absent()),
        ("fetch", !a.fetch.is_absent()),
        ("browse", !a.browse.is_absent()),
        ("webmail", !a.webmail.is_absent()),
        ("console", !a.console.is_absent()),
        ("raw", !a.raw.is_absent()),
        ("off", !a.off.is_absent()),
        ("on", !a.on.is_absent()),
        ("stop", !a.stop.is_absent()),
        ("start", !a.start.is_absent()),
        ("cut", !a.cut.is_absent()),
        ("mend", !a.mend.is_absent()),
        ("strip_starttls", !a.strip_starttls.is_absent()),
        ("drop", !a.drop.is_absent()),
        ("delay", !a.delay.is_absent()),
        ("duplicate", !a.duplicate.is_absent()),
        ("corrupt", !a.corrupt.is_absent()),
        ("reorder", !a.reorder.is_absent()),
        ("change", !a.change.is_absent()),
        ("force", !a.force.is_absent()),
        ("disk", !a.disk.is_absent()),
    ];
    let done: Vec<&str> = deeds.iter().filter(|d| d.1).map(|d| d.0).collect();
    if done.len() != 1 {
        // A misspelt deed has been told as an unknown field.
        let all: Vec<&str> = deeds.iter().map(|d| d.0).collect();
        if done.is_empty() && !unknown_field_in(check, a) {
            let problem = check
                .problem("no_deed", a.span, "this action does nothing")
                .label("only a time")
                .help(format!("add one of {}", quoted(&all)));
            check.tell(problem);
        } else if done.len() > 1 {
            let problem = check
                .problem("many_deeds", a.span, format!("this action does {} things: {}", done.len(), quoted(&done)))
                .label("one is enough")
                .help("make an action of each; actions at the same time happen in the order of the list");
            check.tell(problem);
        }
        return None;
    }
    if let Some(send) = a.send.get() {
        return send_mail(check, file, net, programs, send);
    }
    if let Some(queue) = a.queue.get() {
        return queue_mail(check, file, net, queue);
    }
    if let Some(read) = a.read.get() {
        let (host, agent) = agent(check, file, net, read.host.get()?, read.account.get(), Service::Imap)?;
        let user = &programs.hosts.get(&host)?.user_agents.get(agent)?;
        let commands = imap::commands(check, read.commands.get()?, &user.user, &user.password);
        return Some(Action::Imap { host, agent, commands, go_on: read.go_on.or(false) });
    }
    if let Some(sync) = a.sync.get() {
        let (host, agent) = agent(check, file, net, sync.host.get()?, sync.account.get(), Service::Imap)?;
        return Some(Action::Sync { host, agent, folder: imap::folder(&sync.folder) });
    }
    if let Some(offline) = a.offline.get() {
        let (host, agent) = agent(check, file, net, offline.host.get()?, offline.account.get(), Service::Imap)?;
        let changes = imap::changes(check, offline.changes.get()?);
        return Some(Action::Offline { host, agent, folder: imap::folder(&offline.folder), changes });
    }
    if let Some(fetching) = a.fetch.get() {
        let (host, agent) = agent(check, file, net, fetching.host.get()?, fetching.account.get(), Service::Pop3)?;
        let user = &programs.hosts.get(&host)?.user_agents.get(agent)?;
        let commands = pop3::commands(check, fetching, &user.user, &user.password);
        return Some(Action::Pop3 { host, agent, commands });
    }
    if let Some(browse) = a.browse.get() {
        return web::fetch(check, file, net, browse);
    }
    if let Some(visit) = a.webmail.get() {
        return web::visit(check, file, net, programs, visit);
    }
    if let Some(console) = a.console.get() {
        return raw::console(check, file, net, console);
    }
    if let Some(typed) = a.raw.get() {
        return raw::raw(check, file, net, sessions, typed);
    }
    if let Some(name) = a.off.get() {
        return check.host(net, name).map(Action::PowerOff);
    }
    if let Some(name) = a.on.get() {
        return check.host(net, name).map(Action::PowerOn);
    }
    if let Some(stop) = a.stop.get() {
        return service(check, file, net, stop).map(|(host, service)| Action::StopService(host, service));
    }
    if let Some(start) = a.start.get() {
        return service(check, file, net, start).map(|(host, service)| Action::StartService(host, service));
    }
    if let Some(cut) = a.cut.get() {
        let link = link(check, net, cut.link.get()?)?;
        let from = match cut.from.get() {
            Some(name) => Some(end_of(check, net, link, name)?),
            None => None,
        };
        return Some(Action::Cut { link, from });
    }
    if let Some(mend) = a.mend.get() {
        return link(check, net, mend).map(Action::Mend);
    }
    if let Some(strip) = a.strip_starttls.get() {
        return link(check, net, strip).map(Action::StripStartTls);
    }
    faults::fault(check, file, net, a)
}

/// Whether an unknown field was told that stands in this action.
fn unknown_field_in(check: &Check, action: &typed::Action) -> bool {
    let after = |p: &&crate::scenario::Problem| p.kind() == "unknown_field" && p.span().start > action.span.start;
    // The nearest one behind the opening brace, if no other action's brace stands between them.
    check.problems.iter().filter(after).any(|p| {
        let between = Span { start: action.span.start + 1, end: p.span().start };
        !check.source.part(between).contains(['{', '}'])
    })
}

fn send_mail(check: &mut Check, file: &File, net: &Net, programs: &Programs, send: &At<typed::Send>) -> Option<Action> {
    let found = send.host.get().and_then(|h| agent(check, file, net, h, send.account.get(), Service::Smtp));
    let mut from = send.from.get().map_or_else(String::new, |f| f.text.clone());
    if from.is_empty()
        && let Some((host, agent)) = found
        && let Some(agent) = programs.hosts.get(&host).and_then(|h| h.user_agents.get(agent))
    {
        from = match &agent.display_name {
            Some(name) => format!("{name} <{}>", agent.address),
            None => agent.address.clone(),
        };
    }
    let writing = Writing {
        span: send.span,
        to: &send.to,
        cc: &send.cc,
        bcc: &send.bcc,
        subject: &send.subject,
        text: &send.text,
        attachments: &send.attachments,
        envelope: &send.envelope,
        eight_bit: &send.eight_bit,
        binary: &send.binary,
    };
    let (draft, envelope) = letter::letter(check, from, &writing);
    if !send.letter.is_absent() || !send.letter_base64.is_absent() {
        let letter = raw::letter(check, send)?;
        let (host, agent) = found?;
        return Some(Action::Submit { host, agent, letter, envelope: envelope?.into() });
    }
    let (host, agent) = found?;
    Some(Action::Send { host, agent, draft, envelope: envelope.map(Arc::new) })
}

fn queue_mail(check: &mut Check, file: &File, net: &Net, queue: &At<typed::QueueMail>) -> Option<Action> {
    let writing = Writing {
        span: queue.span,
        to: &queue.to,
        cc: &queue.cc,
        bcc: &queue.bcc,
        subject: &queue.subject,
        text: &queue.text,
        attachments: &queue.attachments,
        envelope: &queue.envelope,
        eight_bit: &queue.eight_bit,
        binary: &queue.binary,
    };
    let from = queue.from.get().map_or_else(String::new, |f| f.text.clone());
    let (draft, envelope) = letter::letter(check, from, &writing);
    let name = queue.host.get()?;
    let host = check.host(net, name)?;
    if file.hosts.items()[host.0 as usize].mail_server.is_absent() {
        let has: Vec<&str> = file
            .hosts
            .items()
            .iter()
            .filter(|h| h.mail_server.get().is_some())
            .filter_map(|h| h.name.get())
            .map(|n| n.0.as_str())
            .collect();
        let problem = check
            .problem("wrong_role", name.span, format!("`{}` is no mail server and has no queue", name.0))
            .label("no mail server")
            .suggest(&name.0, has);
        check.tell(problem);
        return None;
    }
    let letter = Preloaded::Draft(draft);
    Some(Action::Queue { host, letter, envelope: envelope.map(Arc::new) })
}

/// The account on a host: the one that is named, or the only one.
fn agent(
    check: &mut Check,
    file: &File,
    net: &Net,
    name: &At<Name>,
    account: Option<&At<Mailbox>>,
    service: Service,
) -> Option<(NodeId, usize)> {
    let id = check.host(net, name)?;
    let host = &file.hosts.items()[id.0 as usize];
    if host.user_agents.lost_some() {
        return None;
    }
    let agents: Vec<&At<Mailbox>> = host.user_agents.items().iter().filter_map(|a| a.address.get()).collect();
    let known: Vec<String> = agents.iter().map(|a| a.address.to_string()).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let place = match account {
        Some(account) => agents.iter().position(|a| a.address == account.address).or_else(|| {
            let problem = check
                .problem("no_such_account", account.span, format!("`{}` has no account {}", name.0, account.address))
                .label("does not exist")
                .suggest(&account.address.to_string(), known.iter().copied());
            check.tell(problem);
            None
        }),
        None if agents.len() == 1 => Some(0),
        None if agents.is_empty() => {
            let has: Vec<&str> = file
                .hosts
                .items()
                .iter()
                .filter(|h| !h.user_agents.items().is_empty())
                .filter_map(|h| h.name.get())
                .map(|n| n.0.as_str())
                .collect();
            let problem = check
                .problem("wrong_role", name.span, format!("nobody has an account on `{}`", name.0))
                .label("no `user_agents`")
                .suggest(&name.0, has);
            check.tell(problem);
            None
        }
        None => {
            let problem = check
                .problem("which_account", name.span, format!("`{}` has {} accounts", name.0, agents.len()))
                .label("which of them?")
                .help(format!("add `account`: {}", quoted(&known)));
            check.tell(problem);
            None
        }
    }?;
    let agent = &host.user_agents.items()[place];
    let (missing, what, field) = match service {
        Service::Imap => (agent.imap.is_absent(), "reads from no server by IMAP", "imap"),
        Service::Pop3 => (agent.pop3.is_absent(), "fetches from no server by POP3", "pop3"),
        _ => (agent.smtp.is_absent(), "sends to no server", "smtp"),
    };
    if agent.smtp.is_absent() && agent.imap.is_absent() && agent.pop3.is_absent() {
        // Told where the account stands.
        return None;
    }
    if missing {
        let address = agents[place].address.to_string();
        let problem = check
            .problem("idle_agent", account.map_or(name.span, |a| a.span), format!("the account {address} {what}"))
            .label(format!("the account has no `{field}`"))
            .help(format!("add \"{field}\": \"mail.a\" to the account"));
        check.tell(problem);
        return None;
    }
    Some((id, place))
}

fn service(check: &mut Check, file: &File, net: &Net, typed: &typed::HostService) -> Option<(NodeId, Service)> {
    let (name, service) = (typed.host.get()?, typed.service.get()?);
    runs_on(check, file, net, name, service)
}

/// A host that has the service.
pub(super) fn runs_on(
    check: &mut Check,
    file: &File,
    net: &Net,
    name: &At<Name>,
    service: &At<Service>,
) -> Option<(NodeId, Service)> {
    let id = check.host(net, name)?;
    let host = &file.hosts.items()[id.0 as usize];
    if port_of(host, service.value).is_some() || programs::services_broken(host) {
        return Some((id, service.value));
    }
    let all =
        [Service::Smtp, Service::Submission, Service::Imap, Service::Pop3, Service::Http, Service::Dns, Service::Door];
    let has: Vec<&str> = all.into_iter().filter(|s| port_of(host, *s).is_some()).map(Service::name).collect();
    let help = if has.is_empty() { "it has no services".to_owned() } else { format!("it has {}", quoted(&has)) };
    let problem = check
        .problem("no_such_service", service.span, format!("`{}` has no {} service", name.0, service.name()))
        .label("not there")
        .help(help);
    check.tell(problem);
    None
}

pub(super) fn link(check: &mut Check, net: &Net, name: &At<String>) -> Option<LinkId> {
    let found = net.find_link(name);
    if found.is_none() && !net.links_incomplete() {
        let known = net.link_names();
        let problem = check
            .problem("unknown_link", name.span, format!("there is no link `{}`", name.escape_debug()))
            .label("does not exist")
            .suggest(name, known.iter().map(String::as_str));
        check.tell(problem);
    }
    found
}

fn end_of(check: &mut Check, net: &Net, link: LinkId, name: &At<Name>) -> Option<NodeId> {
    let node = check.node(net, name, "node")?;
    if net.is_end(link, node) {
        return Some(node);
    }
    let problem = check
        .problem("not_an_end", name.span, format!("`{}` is not at an end of this link", name.0))
        .label("no end of it")
        .suggest(&name.0, net.ends(link));
    check.tell(problem);
    None
}
