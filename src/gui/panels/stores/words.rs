//! What the stores say: clock times, counts, and the sentences of empty places.

use crate::gui::cx::Cx;
use crate::mail::Event;
use crate::mail::config::MailServer;
use crate::sim::setup::{Host, NodeKind};
use crate::time::Instant;
use crate::topology::NodeId;
use crate::trace::What;

/// A host's settings.
pub fn host<'a>(node: NodeId, cx: &'a Cx<'_>) -> Option<&'a Host> {
    match &cx.run.ready.setup.nodes.get(node.0 as usize)?.kind {
        NodeKind::Host(host) => Some(host),
        _ => None,
    }
}

/// A mail server's settings.
pub fn server<'a>(node: NodeId, cx: &'a Cx<'_>) -> Option<&'a MailServer> {
    host(node, cx)?.mail_server.as_deref()
}

/// All mail servers of the scenario.
pub fn servers(cx: &Cx<'_>) -> Vec<NodeId> {
    let all = (0..cx.run.ready.setup.nodes.len() as u32).map(NodeId);
    all.filter(|n| server(*n, cx).is_some()).collect()
}

/// `09:30:01`, with the weekday where that is another day than the start.
pub fn clock(at: Instant, cx: &Cx<'_>) -> String {
    let calendar = &cx.run.ready.setup.calendar;
    let (date, start) = (calendar.rfc5322(at), calendar.rfc5322(Instant::ZERO));
    let time = date.split(' ').nth(4).unwrap_or_default();
    let (day, first) = (date.split(" 2").next(), start.split(" 2").next());
    if day == first { time.to_owned() } else { format!("{} {time}", date.get(..3).unwrap_or_default()) }
}

/// When a mail that came at `since` is given up.
pub fn expires(since: Instant, node: NodeId, cx: &Cx<'_>) -> Option<Instant> {
    Some(since + server(node, cx)?.expire)
}

/// `1 mail`, `3 mails`.
pub fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// `Bob` for `bob`.
pub fn person(user: &str) -> String {
    let mut chars = user.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

/// ` (step 2)`, if a step of the story is done by such an event at that host.
fn step(node: NodeId, cx: &Cx<'_>, is: fn(&Event) -> bool) -> String {
    let fits = |s: &&crate::explain::story::StepSpan| {
        s.done.is_some_and(|d| {
            let entry = cx.run.log.entry(d);
            entry.node == node && matches!(&entry.what, What::Mail(event) if is(event))
        })
    };
    let number = cx.run.steps.iter().find(fits).and_then(|s| cx.run.ready.story.steps.get(s.step)).map(|s| s.number);
    number.map_or_else(String::new, |n| format!(" (step {n})"))
}

/// What an empty queue says: what would come into it, and when.
pub fn empty_queue(node: NodeId, cx: &Cx<'_>) -> String {
    let step = step(node, cx, |e| matches!(e, Event::QueueEnter { .. }));
    let name = host(node, cx).map_or("", |h| h.fqdn.as_str());
    let nodes = &cx.run.ready.setup.nodes;
    let hosts = nodes.iter().filter_map(|n| match &n.kind {
        NodeKind::Host(host) => Some(host),
        _ => None,
    });
    let agents = hosts.flat_map(|h| h.user_agents.iter());
    let writer = agents.clone().find(|a| a.smtp.as_ref().is_some_and(|(s, _)| s.eq_ignore_ascii_case(name)));
    match writer {
        Some(agent) => {
            let who = agent.display_name.clone().unwrap_or_else(|| person(&agent.user));
            format!("Nothing waits here. A mail comes in when {who}'s user agent hands it over{step}.")
        }
        None => {
            let domains = server(node, cx).map_or_else(String::new, |s| s.domains.join(", "));
            format!("Nothing waits here. Mail for {domains} goes into the mailboxes of this server at once.")
        }
    }
}

/// What an empty mailbox says.
pub fn empty_mailbox(node: NodeId, user: &str, folder: &str, cx: &Cx<'_>) -> String {
    let step = step(node, cx, |e| matches!(e, Event::MailboxStore { .. }));
    match folder {
        "INBOX" => format!("No mail for {} yet{step}.", person(user)),
        folder => format!("Nothing lies in the folder {folder}."),
    }
}

/// The flags of a stored mail, in words.
pub fn flags(flags: &[String]) -> Vec<&'static str> {
    let has = |name: &str| flags.iter().any(|f| f.trim_start_matches('\\').eq_ignore_ascii_case(name));
    let mut words = Vec::new();
    if has("Deleted") {
        words.push("marked deleted, still stored");
    }
    words.push(if has("Seen") { "read" } else { "unread" });
    for (flag, word) in [("Answered", "answered"), ("Flagged", "flagged"), ("Draft", "draft"), ("Recent", "recent")] {
        if has(flag) {
            words.push(word);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_said_in_words() {
        let all = |f: &[&str]| flags(&f.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>());
        assert_eq!(all(&[]), ["unread"]);
        assert_eq!(all(&["\\Seen", "\\Deleted"]), ["marked deleted, still stored", "read"]);
        assert_eq!(all(&["\\seen", "\\Answered", "custom"]), ["read", "answered"]);
    }

    #[test]
    fn counts_and_names_are_said_as_people_say_them() {
        assert_eq!((count(1, "mail", "mails").as_str(), count(0, "mail", "mails").as_str()), ("1 mail", "0 mails"));
        assert_eq!((person("bob").as_str(), person("").as_str()), ("Bob", ""));
    }
}
