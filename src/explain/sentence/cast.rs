//! Hosts as a lecturer calls them: by role and name, `Alice's mail server mail.a`.

use crate::action::Action;
use crate::mail::config::{MailServer, UserAgent};
use crate::sim::Setup;
use crate::sim::setup::{Host, NodeKind};
use crate::time::Instant;
use crate::topology::NodeId;
use crate::trace::Names;

/// Who is who. Nothing is kept: a network of thousands of hosts has to name two of them.
pub(super) struct Cast<'a> {
    pub setup: &'a Setup,
    names: &'a Names,
}

/// `alice` as the name of a person.
fn person(local: &str) -> String {
    let mut chars = local.chars();
    chars.next().map(|c| c.to_uppercase().to_string() + chars.as_str()).unwrap_or_default()
}

fn person_of(agent: &UserAgent) -> String {
    match &agent.display_name {
        Some(name) => name.split_whitespace().next().unwrap_or(name).to_string(),
        None => person(agent.address.split('@').next().unwrap_or_default()),
    }
}

/// Whether a mailbox of this address is at this server.
fn has(server: &MailServer, address: &str) -> bool {
    let domain = address.rsplit('@').next().unwrap_or_default();
    server.domains.iter().any(|d| d.eq_ignore_ascii_case(domain))
}

impl<'a> Cast<'a> {
    pub fn new(setup: &'a Setup, names: &'a Names) -> Self {
        Cast { setup, names }
    }

    pub fn host(&self, node: NodeId) -> Option<&'a Host> {
        match &self.setup.nodes.get(node.0 as usize)?.kind {
            NodeKind::Host(host) => Some(host),
            _ => None,
        }
    }

    fn agents(&self) -> impl Iterator<Item = (NodeId, &'a UserAgent)> {
        let hosts = self.setup.nodes.iter().enumerate().filter_map(|(n, node)| match &node.kind {
            NodeKind::Host(host) => Some((NodeId(n as u32), host)),
            _ => None,
        });
        hosts.flat_map(|(node, host)| host.user_agents.iter().map(move |a| (node, a)))
    }

    /// `mail.a`.
    pub fn short(&self, node: NodeId) -> &'a str {
        self.names.node(node)
    }

    /// The person at a user agent.
    pub fn agent(&self, node: NodeId, agent: usize) -> String {
        let host = self.host(node);
        host.and_then(|h| h.user_agents.get(agent)).map_or_else(|| self.short(node).to_string(), person_of)
    }

    /// The person at a computer, if it is somebody's: by a mail program there, or by mail that is read in its browser.
    pub fn person(&self, node: NodeId) -> Option<String> {
        self.host(node)?.user_agents.first().map(person_of).or_else(|| self.visitor(node))
    }

    /// Who reads or writes mail in the browser of a computer.
    pub fn visitor(&self, node: NodeId) -> Option<String> {
        self.setup.actions.iter().find_map(|timed| match &timed.action {
            Action::Webmail { host, server, user, .. } if *host == node => {
                let hosts = self.setup.nodes.iter().filter_map(|n| match &n.kind {
                    NodeKind::Host(host) => Some(host),
                    _ => None,
                });
                let web = hosts.filter(|h| h.fqdn == *server).find_map(|h| h.web_server.as_ref())?;
                web.webmail.iter().find(|a| a.user == *user).map(person_of)
            }
            _ => None,
        })
    }

    /// How many computers a person has.
    fn devices(&self, name: &str) -> usize {
        let mut nodes: Vec<NodeId> = self.agents().filter(|(_, a)| person_of(a) == name).map(|(n, _)| n).collect();
        nodes.dedup();
        nodes.len()
    }

    /// The one person whose mailbox is at a server; `None` if there are several.
    fn owner(&self, server: &MailServer) -> Option<String> {
        match &server.users[..] {
            [one] => {
                let address = |a: &UserAgent| has(server, &a.address) && a.address.split('@').next() == Some(&one.name);
                let agent = self.agents().find(|(_, a)| address(a));
                Some(agent.map_or_else(|| person(&one.name), |(_, a)| person_of(a)))
            }
            _ => None,
        }
    }

    /// By role and name: `Alice's user agent`, `Bob's mail server mail.b`, `the web server www.a`, `router r-a`.
    pub fn full(&self, node: NodeId) -> String {
        let name = self.short(node);
        let host = match self.setup.nodes.get(node.0 as usize).map(|n| &n.kind) {
            Some(NodeKind::Host(host)) => host,
            Some(NodeKind::Router) => return format!("router {name}"),
            Some(NodeKind::Switch) => return format!("switch {name}"),
            None => return name.to_string(),
        };
        if let Some(server) = &host.mail_server {
            return match self.owner(server) {
                Some(owner) => format!("{owner}'s mail server {name}"),
                None => format!("the mail server {name}"),
            };
        }
        if let Some(agent) = host.user_agents.first() {
            let person = person_of(agent);
            return match self.devices(&person) {
                1 => format!("{person}'s user agent"),
                _ => format!("{person}'s user agent on {name}"),
            };
        }
        if let Some(web) = &host.web_server {
            return match web.webmail.is_empty() {
                true => format!("the web server {name}"),
                false => format!("the webmail server {name}"),
            };
        }
        if host.dns_server.is_some() {
            return format!("the name server {name}");
        }
        let browses = |a: &crate::action::TimedAction| matches!(a.action, Action::Browse { host, .. } if host == node);
        if self.setup.actions.iter().any(browses) {
            return format!("the browser {name}");
        }
        match self.visitor(node) {
            Some(person) => format!("{person}'s browser"),
            None => name.to_string(),
        }
    }

    /// The machine: `Bob's computer bob-pc`.
    pub fn computer(&self, node: NodeId) -> String {
        match self.person(node) {
            Some(person) => format!("{person}'s computer {}", self.short(node)),
            None => self.full(node),
        }
    }

    /// Whose a mailbox is.
    pub fn mailbox(&self, node: NodeId, user: &str) -> String {
        let server = self.host(node).and_then(|h| h.mail_server.as_ref());
        let agent = server.and_then(|s| self.reader(s, user));
        agent.map_or_else(|| person(user), |(_, a)| person_of(a))
    }

    fn reader(&self, server: &MailServer, user: &str) -> Option<(NodeId, &'a UserAgent)> {
        self.agents().find(|(_, a)| has(server, &a.address) && a.address.split('@').next() == Some(user))
    }

    /// Whether every computer of a mailbox's owner is switched off; `None` if there is no such computer.
    pub fn reader_is_off(&self, node: NodeId, user: &str, at: Instant) -> Option<bool> {
        let server = self.host(node)?.mail_server.as_ref()?;
        let mut theirs =
            self.agents().filter(|(_, a)| has(server, &a.address) && a.address.split('@').next() == Some(user));
        let first = theirs.next()?;
        Some(std::iter::once(first).chain(theirs).all(|(node, _)| self.is_off(node, at)))
    }

    fn is_off(&self, node: NodeId, at: Instant) -> bool {
        let mut off = self.host(node).is_some_and(|h| h.starts_off);
        for timed in self.setup.actions.iter().take_while(|a| a.at <= at) {
            match timed.action {
                Action::PowerOff(host) if host == node => off = true,
                Action::PowerOn(host) if host == node => off = false,
                _ => {}
            }
        }
        off
    }

    /// Whether a server has the mailboxes of an address.
    pub fn is_home_of(&self, node: NodeId, domain: &str) -> bool {
        let server = self.host(node).and_then(|h| h.mail_server.as_ref());
        server.is_some_and(|s| s.domains.iter().any(|d| d.eq_ignore_ascii_case(domain)))
    }
}
