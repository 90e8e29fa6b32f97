//! Faults: what happens to packets, links and commands.

use std::sync::Arc;

use super::actions::{link, runs_on};
use super::network::Net;
use super::{Check, packets};
use crate::action::{self, Action, CommandRule, Fate, Service};
use crate::scenario::read::Field;
use crate::scenario::source::At;
use crate::scenario::typed::{self, Count, File, Packets};
use crate::smtp::server::{CONNECT, END_OF_DATA, Manner};
use crate::smtp::{Reply, Verb};

/// The fault of an action, if it is one.
pub(super) fn fault(check: &mut Check, file: &File, net: &Net, a: &typed::Action) -> Option<Action> {
    if let Some(packets) = a.drop.get() {
        return tamper(check, net, packets, Some(Fate::Lose));
    }
    if let Some(packets) = a.delay.get() {
        let by = packets.by.get().map(|by| Fate::Delay(by.value));
        if by.is_none() && !packets.by.is_broken() {
            let problem = check
                .problem("no_length", packets.span, "these packets are delayed, and nothing says for how long")
                .label("`by` is missing")
                .help("add \"by\": \"200 ms\"");
            check.tell(problem);
        }
        return tamper(check, net, packets, by);
    }
    if let Some(packets) = a.duplicate.get() {
        return tamper(check, net, packets, Some(Fate::Duplicate));
    }
    if let Some(packets) = a.corrupt.get() {
        return tamper(check, net, packets, Some(Fate::Corrupt));
    }
    if let Some(packets) = a.reorder.get() {
        return tamper(check, net, packets, Some(Fate::Reorder));
    }
    if let Some(change) = a.change.get() {
        return changed(check, file, net, change);
    }
    if let Some(disk) = a.disk.get() {
        let name = disk.host.get()?;
        let host = check.host(net, name)?;
        if file.hosts.items()[host.0 as usize].mail_server.is_absent() {
            let problem = check
                .problem("no_mail_server", name.span, format!("`{}` has no mail server", name.0))
                .label("nothing to store")
                .help("name a host with a `mail_server`");
            check.tell(problem);
        }
        return Some(Action::Disk { host, free: disk.free.get().map(|n| n.0) });
    }
    force(check, file, net, a.force.get()?)
}

/// How many in a row: `count`, or all that follow.
fn how_many(check: &mut Check, count: &Field<Count>, every: &Field<bool>) -> Option<u32> {
    let every = every.get().filter(|every| every.value);
    if let (Some(every), Some(count)) = (every, count.get()) {
        let problem = check
            .problem("count_and_every", every.span, "`every` and `count` do not go together")
            .label("all of them?")
            .also(count.span, "or so many?")
            .help("take one of them away");
        check.tell(problem);
    }
    if every.is_some() { None } else { Some(count.get().map_or(1, |n| n.0 as u32)) }
}

fn tamper(check: &mut Check, net: &Net, packets: &At<Packets>, fate: Option<Fate>) -> Option<Action> {
    let matcher = packets.pattern.get().and_then(|pattern| packets::matcher(check, net, pattern));
    if let (Some(fate), Some(by)) = (fate.filter(|f| !matches!(f, Fate::Delay(_))), packets.by.get()) {
        let problem = check
            .problem(
                "misplaced_by",
                by.span,
                format!("`by` says how much later packets arrive, and `{}` is no delay", fate.name()),
            )
            .label("no meaning here")
            .help("take it away, or write `delay`");
        check.tell(problem);
    }
    let count = how_many(check, &packets.count, &packets.every);
    let on = match packets.link.get() {
        Some(name) => Some(link(check, net, name)?),
        None => None,
    };
    let first = packets.first.get().map_or(1, |n| n.0 as u32);
    Some(Action::Tamper { fate: fate?, matcher: Box::new(matcher?), link: on, first, count })
}

fn changed(check: &mut Check, file: &File, net: &Net, change: &At<typed::Change>) -> Option<Action> {
    let to = action::Change {
        delay: change.delay.get().map(|d| d.value),
        rate: change.rate.get().map(|r| r.0),
        loss: change.loss.get().map(|s| s.0),
        queue: change.queue.get().map(|n| n.0 as u32),
    };
    if let Some(rate) = change.rate.get()
        && file.clock.or_default() == crate::sim::Clock::Exact
    {
        let problem = check
            .problem("rate_without_clock", rate.span, "on the exact clock sending takes no time, whatever the rate")
            .label("no effect")
            .help("write \"clock\": \"realistic\", or take the rate away");
        check.tell(problem);
    }
    if to == action::Change::default() && change.all_absent() {
        let problem = check
            .problem("no_change", change.span, "this action changes nothing")
            .label("only a link")
            .help("add one of `delay`, `rate`, `loss`, `queue`");
        check.tell(problem);
    }
    Some(Action::Change { link: link(check, net, change.link.get()?)?, to })
}

impl typed::Change {
    fn all_absent(&self) -> bool {
        self.delay.is_absent() && self.rate.is_absent() && self.loss.is_absent() && self.queue.is_absent()
    }
}

fn force(check: &mut Check, file: &File, net: &Net, force: &At<typed::Force>) -> Option<Action> {
    let command = match force.command.get() {
        None => None,
        Some(typed) => Some(command(check, typed)?),
    };
    let count = how_many(check, &force.count, &force.every);
    let hangs_up = force.disconnect.get().filter(|d| d.value);
    let given = [force.reply.get().map(|r| r.span), hangs_up.map(|d| d.span), force.delay.get().map(|d| d.span)];
    let given: Vec<_> = given.into_iter().flatten().collect();
    if given.len() != 1 {
        let broken = force.reply.is_broken() || force.disconnect.is_broken() || force.delay.is_broken();
        let span = given.get(1).copied().unwrap_or(force.span);
        let why = if given.is_empty() {
            "nothing says what the server does at the command"
        } else {
            "a server does one of these at a command"
        };
        if !broken {
            let problem = check
                .problem("one_manner", span, why)
                .label(if given.is_empty() { "what?" } else { "one too many" })
                .help("write one of \"reply\": \"451 not now\", \"disconnect\": true, \"delay\": \"500 ms\"");
            check.tell(problem);
        }
        return None;
    }
    let manner = match (force.reply.get(), force.delay.get()) {
        (Some(text), _) => Manner::Refuse(refusal(check, text)?),
        (_, Some(time)) => Manner::After(time.value),
        _ => Manner::HangUp,
    };
    let name = force.host.get()?;
    let service = At { value: Service::Smtp, span: name.span };
    let (host, _) = runs_on(check, file, net, name, &service)?;
    let first = force.first.get().map_or(1, |n| n.0 as u32);
    Some(Action::Force { host, rule: Arc::new(CommandRule { command, first, count, manner }) })
}

fn command(check: &mut Check, typed: &At<String>) -> Option<String> {
    let name = typed.value.to_ascii_uppercase();
    let known: Vec<&str> = Verb::ALL.iter().map(|v| v.name()).chain([CONNECT, END_OF_DATA]).collect();
    if known.contains(&name.as_str()) {
        return Some(name);
    }
    let problem = check
        .problem("unknown_command", typed.span, format!("`{}` is no command of SMTP", typed.value.escape_debug()))
        .label("unknown")
        .suggest(&name, known);
    check.tell(problem);
    None
}

/// `451 4.3.0 not now`: a code that refuses, and a text.
fn refusal(check: &mut Check, typed: &At<String>) -> Option<Reply> {
    let (code, text) = typed.value.split_once(' ').unwrap_or((typed.value.as_str(), ""));
    let refuses = code.len() == 3 && (code.starts_with('4') || code.starts_with('5'));
    match code.parse::<u16>() {
        Ok(code) if refuses && code % 100 < 60 => Some(Reply::new(code, text)),
        _ => {
            let problem = check
                .problem("no_refusal", typed.span, "this is no reply that refuses a command")
                .label("400 to 459, or 500 to 559, and a text")
                .help("write \"451 4.3.0 not now\" for a temporary refusal, \"554 5.7.1 not you\" for a permanent one");
            check.tell(problem);
            None
        }
    }
}
