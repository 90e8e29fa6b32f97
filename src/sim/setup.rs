//! What a world is made from: the *ready* form of a scenario, in which every name has been resolved
//! and every rule checked. Only `scenario` and generators of work make one; [`super::World::new`] relies
//! on it and does not judge again.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use crate::action::{Action, TimedAction};
use crate::dns::zone::Zones;
use crate::http::Validators;
use crate::mail::config::{MailServer, UserAgent};
use crate::rng::Seed;
use crate::tcp;
use crate::time::{Calendar, Duration, Instant};
use crate::topology::{LinkId, Medium, NodeId};

/// Which parts of a packet's way take time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    /// Propagation only: every time is a multiple of a round trip and can be worked out on paper.
    #[default]
    Exact,
    /// Link rates and queues count too.
    Realistic,
}

/// How hosts on a LAN know each other's hardware address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Arp {
    /// Known from the start, so that the first packet is the SYN.
    #[default]
    Prefilled,
    /// Asked for (RFC 826), which takes packets and a round trip.
    Asked,
}

/// A whole network and what happens in it.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The scenario's name, `six-steps` or `packet-loss:2`.
    pub name: String,
    /// Which parts of a packet's way take time.
    pub clock: Clock,
    /// The date at which the run begins.
    pub calendar: Calendar,
    /// The root of all luck.
    pub seed: Seed,
    /// ARP prefilled or asked.
    pub arp: Arp,
    /// [`NodeId`] is the place in this list.
    pub nodes: Vec<Node>,
    /// [`LinkId`] is the place in this list.
    pub links: Vec<Link>,
    /// Actions in order of time; equal times happen in the order of this list.
    pub actions: Vec<TimedAction>,
}

impl Setup {
    /// The delay of a link at a moment: that of the file, or what an action has made of it before.
    pub fn delay_at(&self, link: LinkId, at: Instant) -> Duration {
        let own = self.links.get(link.0 as usize).map_or(Duration::ZERO, |l| l.delay);
        let past = self.actions.iter().take_while(|timed| timed.at <= at);
        let changed = past.filter_map(|timed| match &timed.action {
            Action::Change { link: changed, to } if *changed == link => to.delay,
            _ => None,
        });
        changed.last().unwrap_or(own)
    }
}

/// One node of the topology.
#[derive(Clone, Debug)]
pub struct Node {
    /// As in the scenario: `mail.a`, `r-a`.
    pub name: String,
    /// What it is.
    pub kind: NodeKind,
    /// Its ends of links, in order of the links.
    pub interfaces: Vec<Interface>,
}

/// One end of a link.
#[derive(Clone, Copy, Debug)]
pub struct Interface {
    /// The link.
    pub link: LinkId,
    /// Its IPv4 address and prefix length; a switch has none.
    pub address: Option<(Ipv4Addr, u8)>,
}

/// What a node is.
#[derive(Clone, Debug)]
pub enum NodeKind {
    /// Forwards frames by hardware address, reads no IP.
    Switch,
    /// Forwards packets, reads no mail.
    Router,
    /// Has a TCP/IP stack and programs. Shared: cloning a setup of thousands of hosts is cheap.
    Host(Arc<Host>),
}

/// A link between two nodes.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    /// The end that was named first.
    pub a: NodeId,
    /// The other end.
    pub b: NodeId,
    /// Ethernet frames (LAN) or plain IP datagrams (router to router).
    pub medium: Medium,
    /// Propagation delay, one way.
    pub delay: Duration,
    /// Bits per second; counts on the realistic clock. `None`: no transmission time.
    pub rate: Option<u64>,
    /// Packets that may wait for transmission in each direction before the next one is dropped.
    pub queue: u32,
    /// Packets lost by chance in each direction, per million.
    pub loss: u32,
}

/// A computer and the programs on it.
#[derive(Clone, Debug, Default)]
pub struct Host {
    /// Its full name, `mail.a.example`.
    pub fqdn: String,
    /// Where packets for other networks go.
    pub gateway: Option<Ipv4Addr>,
    /// How names become addresses.
    pub names: Names,
    /// TCP settings.
    pub tcp: tcp::Config,
    /// Switched off at the start.
    pub starts_off: bool,
    /// SMTP and IMAP server with queue and mailboxes.
    pub mail_server: Option<Arc<MailServer>>,
    /// HTTP server.
    pub web_server: Option<WebServer>,
    /// DNS server.
    pub dns_server: Option<Arc<Zones>>,
    /// How the DNS server behaves: names that it has trouble with or is silent about.
    pub dns_policy: crate::dns::server::Policy,
    /// Accounts of the mail program on this computer.
    pub user_agents: Vec<UserAgent>,
    /// What comes in and goes out here may come from outside of the simulated network.
    pub door: Option<Door>,
}

/// A host behind which real programs may be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Door {
    /// Ports at which it takes connections for programs outside.
    pub listens: Vec<u16>,
}

/// How a host turns names into addresses.
#[derive(Clone, Debug)]
pub enum Names {
    /// A table, without a packet: host and mail domain names (lower case) to addresses.
    Table(Arc<BTreeMap<String, Ipv4Addr>>),
    /// Questions to this resolver by UDP, and by TCP where a datagram is too small.
    Dns(Ipv4Addr),
}

impl Default for Names {
    fn default() -> Self {
        Names::Table(Arc::default())
    }
}

/// An HTTP server's settings.
#[derive(Clone, Debug)]
pub struct WebServer {
    /// 80.
    pub port: u16,
    /// Keeps connections open between requests.
    pub keep_alive: bool,
    /// Contents go in chunks of at most so many bytes.
    pub chunk: Option<usize>,
    /// What can be fetched.
    pub objects: Vec<WebObject>,
    /// The accounts of those who read and write mail on its pages; nobody: it has no such pages.
    pub webmail: Arc<[UserAgent]>,
}

/// Something a web server has.
#[derive(Clone, Debug)]
pub struct WebObject {
    /// `/`, `/image1.png`.
    pub path: String,
    /// `text/html`.
    pub content_type: String,
    /// The object itself.
    pub body: Arc<[u8]>,
    /// By what browsers know this version of it.
    pub validators: Validators,
    /// It is not here but there (301).
    pub moved_to: Option<String>,
}
