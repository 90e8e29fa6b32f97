//! What hosts are called: by their role, as a lecturer would, and by name.

use super::net::{Kind, Net};
use crate::sim::setup::{Host, Node, NodeKind, Setup};
use crate::trace::fold::State;

/// Words that belong to one node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Who {
    /// `Alice's mail server`, `router`.
    pub role: String,
    /// `Alice's server`: where the whole role has no room.
    pub short: String,
    /// `mail.a`.
    pub name: String,
    /// Its addresses.
    pub address: String,
    /// Whose it is: `Alice`, if it is one person's.
    pub owner: Option<String>,
    /// What it is in other words, and where its mail lies; empty if there is nothing to add.
    pub help: String,
}

/// Of all nodes.
pub fn all(setup: &Setup, net: &Net) -> Vec<Who> {
    setup.nodes.iter().zip(&net.kinds).map(|(node, kind)| who(setup, node, *kind)).collect()
}

fn who(setup: &Setup, node: &Node, kind: Kind) -> Who {
    let host = match &node.kind {
        NodeKind::Host(host) => Some(&**host),
        _ => None,
    };
    let owner = host.and_then(|h| owner(setup, h));
    let of = |what: &str| owner.as_ref().map_or_else(|| what.to_owned(), |o| format!("{o}'s {what}"));
    let (role, short) = match kind {
        Kind::Agent => (of("user agent"), of("user agent")),
        Kind::Server => (of("mail server"), of("server")),
        Kind::Web => ("web server".to_owned(), "web server".to_owned()),
        Kind::Browser => ("web browser".to_owned(), "browser".to_owned()),
        Kind::Names => ("DNS server".to_owned(), "DNS server".to_owned()),
        Kind::Computer => ("computer".to_owned(), "computer".to_owned()),
        Kind::Router => ("router".to_owned(), "router".to_owned()),
        Kind::Switch => ("switch".to_owned(), "switch".to_owned()),
    };
    let addresses: Vec<String> =
        node.interfaces.iter().filter_map(|i| i.address).map(|(address, _)| address.to_string()).collect();
    let help = host.filter(|_| kind == Kind::Agent).map_or_else(String::new, |h| agent_help(setup, h));
    Who { role, short, name: node.name.clone(), address: addresses.join(", "), owner, help }
}

/// What a user agent is called elsewhere, and that no mail is stored at it.
fn agent_help(setup: &Setup, host: &Host) -> String {
    let short = |fqdn: &str| {
        let is = |n: &&Node| matches!(&n.kind, NodeKind::Host(h) if h.fqdn == fqdn);
        setup.nodes.iter().find(is).map_or_else(|| fqdn.to_owned(), |n| n.name.clone())
    };
    let mut help = "User agent (mail reader), such as Gmail or Outlook.\nStored here: nothing".to_owned();
    if let Some((server, _)) = host.user_agents.iter().find_map(|a| a.smtp.as_ref()) {
        help += &format!("; out: queue at {}", short(server));
    }
    if let Some((server, _)) = host.user_agents.iter().find_map(|a| a.imap.as_ref()) {
        help += &format!("; in: mailbox at {}", short(server));
    }
    if let Some((server, _)) = host.user_agents.iter().find_map(|a| a.pop3.as_ref()) {
        help = help.replace("Stored here: nothing", "Stored here: what POP3 has fetched");
        help += &format!("; fetches from the maildrop at {}", short(server));
    }
    help + "."
}

/// The one person whose computer or server it is.
fn owner(setup: &Setup, host: &Host) -> Option<String> {
    let mut names = Vec::new();
    for agent in &host.user_agents {
        let shown = agent.display_name.as_deref().and_then(|n| n.split_whitespace().next());
        names.push(capital(shown.unwrap_or(&agent.user)));
    }
    if let Some(server) = &host.mail_server {
        for user in &server.users {
            // As the user's own mail program calls them.
            let at = |domain: &String| format!("{}@{domain}", user.name);
            let addresses: Vec<String> = server.domains.iter().map(at).collect();
            names.push(person(setup, &addresses).unwrap_or_else(|| capital(&user.name)));
        }
    }
    names.dedup();
    match names.as_slice() {
        [one] => Some(one.clone()),
        _ => None,
    }
}

/// The name under which an address writes.
fn person(setup: &Setup, addresses: &[String]) -> Option<String> {
    let hosts = setup.nodes.iter().filter_map(|n| if let NodeKind::Host(h) = &n.kind { Some(h) } else { None });
    let agent = hosts.flat_map(|h| &h.user_agents).find(|a| addresses.contains(&a.address))?;
    agent.display_name.as_deref()?.split_whitespace().next().map(capital)
}

/// `bob` as a name.
pub fn capital(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

/// `Alice's mail server mail.a, 1 mail in the outgoing queue`.
pub fn told(who: &Who, kind: Kind, on: bool, queued: usize, stored: usize) -> String {
    let mut text = if who.role == who.name { who.name.clone() } else { format!("{} {}", who.role, who.name) };
    match kind {
        Kind::Router => text += ", forwards packets, reads no mail",
        Kind::Switch => text += ", forwards frames, reads no packets",
        Kind::Server => {
            if queued > 0 {
                text += &format!(", {} in the outgoing queue", mails(queued));
            }
            if stored > 0 {
                text += &format!(", {} in the mailboxes", mails(stored));
            }
        }
        _ => {}
    }
    if !on {
        text += ", switched off";
    }
    text
}

/// `1 mail`, `2 mails`.
pub fn mails(n: usize) -> String {
    if n == 1 { "1 mail".to_owned() } else { format!("{n} mails") }
}

/// How many mails are in the queue and in the mailboxes of a host.
pub fn counts(state: &State, node: crate::topology::NodeId) -> (usize, usize) {
    let queued = state.queues.keys().filter(|(n, _)| *n == node).count();
    let stored = state.mailboxes.iter().filter(|((n, ..), _)| *n == node).map(|(_, m)| m.len()).sum();
    (queued, stored)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_called_as_in_the_course() {
        let setup = crate::scenario::load_builtin("six-steps").and_then(|s| s.ready(None)).expect("it is there").setup;
        let net = Net::new(&setup, &[]);
        let roles: Vec<String> = all(&setup, &net).iter().map(|w| format!("{} {}", w.role, w.name)).collect();
        assert_eq!(
            roles[..4],
            [
                "Alice's user agent alice-pc",
                "Alice's mail server mail.a",
                "Bob's mail server mail.b",
                "Bob's user agent bob-pc"
            ]
        );
        let who = &all(&setup, &net)[1];
        assert_eq!(told(who, Kind::Server, true, 1, 0), "Alice's mail server mail.a, 1 mail in the outgoing queue");
        assert_eq!(
            told(who, Kind::Server, false, 0, 2),
            "Alice's mail server mail.a, 2 mails in the mailboxes, switched off"
        );
    }
}
