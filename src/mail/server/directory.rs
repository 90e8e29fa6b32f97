//! Who has a mailbox here, and who may send through here.

use std::net::Ipv4Addr;

use rustc_hash::FxHashMap;

use crate::mail::config::MailServer;
use crate::smtp::Address;

/// An alias may name an alias; a circle of them names nobody.
const MOST_ALIASES: usize = 16;

/// Where a mail for an address goes from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Into the mailbox of this user, by place in the list of users.
    Here(u32),
    /// To the members of this mailing list, by place in the list of lists.
    List(u32),
    /// It would be here, but nobody has this name.
    NoSuchUser,
    /// To another server.
    Elsewhere,
}

/// See the [module](self).
#[derive(Clone, Debug)]
pub(super) struct Directory {
    domains: Vec<String>,
    /// Users and aliases by name in lower case: case in a local part means something only to its own server
    /// (RFC 5321 section 2.4), and to this one it does not.
    users: FxHashMap<String, u32>,
    lists: FxHashMap<String, u32>,
    postmaster: Option<u32>,
    /// This host by name and by address, which have a postmaster too (section 4.5.1).
    host: String,
    literal: String,
    relay_for: Vec<(Ipv4Addr, u8)>,
    /// Domains of other servers for which this one takes mail when they do not.
    backup_for: Vec<String>,
    open_relay: bool,
}

impl Directory {
    pub fn new(cfg: &MailServer, host: &str, address: Ipv4Addr) -> Self {
        let named = |name: &str| cfg.users.iter().position(|u| u.name.eq_ignore_ascii_case(name)).map(|i| i as u32);
        let mut users: FxHashMap<String, u32> = FxHashMap::default();
        for (i, user) in cfg.users.iter().enumerate() {
            users.entry(user.name.to_ascii_lowercase()).or_insert(i as u32);
        }
        let follow = |alias: &str| {
            let mut name = alias;
            for _ in 0..MOST_ALIASES {
                if let Some(user) = named(name) {
                    return Some(user);
                }
                name =
                    cfg.aliases.iter().find(|(from, _)| from.eq_ignore_ascii_case(name)).map(|(_, to)| to.as_str())?;
            }
            None
        };
        for alias in cfg.aliases.keys() {
            if let Some(user) = follow(alias) {
                users.entry(alias.to_ascii_lowercase()).or_insert(user);
            }
        }
        // Who looks after a list reads what is meant for it and what comes back from its members (RFC 2142 section 6).
        for list in &cfg.lists {
            if let Some(owner) = named(&list.owner).or_else(|| follow(&list.owner)) {
                for name in [format!("owner-{}", list.name), format!("{}-request", list.name)] {
                    users.entry(name.to_ascii_lowercase()).or_insert(owner);
                }
            }
        }
        let lists = cfg.lists.iter().enumerate().map(|(i, list)| (list.name.to_ascii_lowercase(), i as u32)).collect();
        // Every server that takes mail has a postmaster (section 4.5.1): the first user, if nobody was named.
        let postmaster = users.get("postmaster").copied().or((!cfg.users.is_empty()).then_some(0));
        Directory {
            domains: cfg.domains.iter().map(|d| d.to_ascii_lowercase()).collect(),
            users,
            lists,
            postmaster,
            host: host.to_ascii_lowercase(),
            literal: format!("[{address}]"),
            relay_for: cfg.relay_for.clone(),
            backup_for: cfg.backup_for.iter().map(|d| d.to_ascii_lowercase()).collect(),
            open_relay: cfg.open_relay,
        }
    }

    /// Where a mail for this address goes.
    pub fn place(&self, to: &Address) -> Place {
        let postmaster = to.local.eq_ignore_ascii_case("postmaster");
        if !self.domains.contains(&to.domain) {
            let own_name = to.domain == self.host || to.domain == self.literal;
            return match self.postmaster {
                Some(user) if postmaster && own_name => Place::Here(user),
                _ if own_name => Place::NoSuchUser,
                _ => Place::Elsewhere,
            };
        }
        let user = if postmaster { self.postmaster } else { self.user(&to.local) };
        user.map(Place::Here).or(self.list(&to.local).map(Place::List)).unwrap_or(Place::NoSuchUser)
    }

    /// The list with this name.
    pub fn list(&self, local: &str) -> Option<u32> {
        self.lists.get(&local.to_ascii_lowercase()).copied()
    }

    /// Whether mail for this address of another server is taken from everybody.
    pub fn takes_for_others(&self, to: &Address) -> bool {
        self.open_relay || self.backup_for.contains(&to.domain)
    }

    /// The user with this name, quoted or not.
    pub fn user(&self, local: &str) -> Option<u32> {
        let plain = local.strip_prefix('"').and_then(|l| l.strip_suffix('"')).unwrap_or(local);
        let found = self.users.get(plain);
        found.or_else(|| self.users.get(&plain.to_ascii_lowercase())).copied()
    }

    /// The first domain, for answers about users.
    pub fn domain(&self) -> &str {
        self.domains.first().unwrap_or(&self.host)
    }

    /// Whether hosts at this address may send to other servers through this one.
    pub fn relays_for(&self, peer: Ipv4Addr) -> bool {
        self.relay_for.iter().any(|(network, prefix)| {
            let host_bits = 32 - u32::from((*prefix).min(32));
            let mask = u32::MAX.checked_shl(host_bits).unwrap_or(0);
            (u32::from(*network) ^ u32::from(peer)) & mask == 0
        })
    }
}
