//! What the lab was set to do, in words.

use super::count;
use crate::action::{Change, CommandRule, Fate};
use crate::smtp::server::{CONNECT, END_OF_DATA, Manner};

/// What is done to packets: `lose`.
pub(super) fn deed(fate: Fate) -> &'static str {
    match fate {
        Fate::Lose => "lose",
        Fate::Delay(_) => "delay",
        Fate::Duplicate => "duplicate",
        Fate::Corrupt => "corrupt",
        Fate::Reorder => "reorder",
    }
}

pub(super) fn tamper(fate: Fate, n: Option<u32>) -> String {
    let packets = n.map_or_else(|| "all such packets".to_owned(), |n| count(n as usize, "packet"));
    let after = match fate {
        Fate::Lose => "TCP will have something to repair",
        Fate::Delay(_) => "what is sent behind may overtake",
        Fate::Duplicate => "the receiver will have to notice",
        Fate::Corrupt => "the checksum will not be right",
        Fate::Reorder => "the next packet on the link will overtake",
    };
    let by = if let Fate::Delay(by) = fate { format!(" by {by}") } else { String::new() };
    format!("The lab is set to {} {packets}{by} on purpose: {after}.", deed(fate))
}

pub(super) fn change(link: &str, to: &Change) -> String {
    let mut news = Vec::new();
    news.extend(to.delay.map(|d| format!("a delay of {d}")));
    news.extend(to.rate.map(|r| format!("a rate of {r} bit/s")));
    news.extend(to.loss.map(|l| format!("a loss of {} %", f64::from(l) / 10_000.0)));
    news.extend(to.queue.map(|q| format!("a queue of {}", count(q as usize, "packet"))));
    format!("The link {link} has {} from now on.", news.join(", "))
}

pub(super) fn force(server: &str, rule: &CommandRule) -> String {
    let at = match rule.command.as_deref() {
        None => "commands".to_owned(),
        Some(CONNECT) => "new connections".to_owned(),
        Some(END_OF_DATA) => "the end of data".to_owned(),
        Some(command) => command.to_owned(),
    };
    let which = match (rule.first, rule.count) {
        (1, None) => String::new(),
        (first, None) => format!(" from number {first} on"),
        (1, Some(1)) => " once".to_owned(),
        (first, Some(1)) => format!(" number {first}"),
        (first, Some(n)) => format!(" number {first} to {}", first.saturating_add(n - 1)),
    };
    let does = match &rule.manner {
        Manner::OwnWay => "do nothing special at".to_owned(),
        Manner::Refuse(reply) => format!("answer {} to", reply.code),
        Manner::HangUp => "close the connection at".to_owned(),
        Manner::After(time) => format!("wait {time} at"),
    };
    format!("The lab is set to make {server} {does} {at}{which}.")
}
