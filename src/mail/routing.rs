//! Where mail for a domain goes (RFC 5321 section 5.1), as questions and answers about names.
//!
//! ```text
//!   domain -- MX? --+-- hosts ---- A? of all of them at once ----> addresses by preference
//!                   +-- null MX (RFC 7505), NXDOMAIN ------------> never
//!                   +-- no MX: the domain itself ---- A? --------> its address (implicit MX)
//!                   +-- no answer, SERVFAIL ---------------------> not now
//! ```

use std::net::Ipv4Addr;

use rand::seq::SliceRandom;

use crate::dns::resolver::{Answer, Failure};
use crate::dns::{RecordData, RecordType};
use crate::rng::Seed;

/// A server to be tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its name.
    pub host: String,
    /// Its address.
    pub address: Ipv4Addr,
    /// MX preference: lower is tried first. 0 where there was no MX.
    pub preference: u16,
}

/// Why there is no way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteFailure {
    /// Trying again makes no sense.
    pub permanent: bool,
    /// In words.
    pub reason: String,
}

/// A question about a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The name.
    pub name: String,
    /// MX or A.
    pub rtype: RecordType,
}

/// What the search for a way is doing.
#[derive(Clone, Debug)]
pub enum Step {
    /// Ask these, and give each answer to [`Route::answer`].
    Ask(Vec<Question>),
    /// Wait for the other answers.
    Wait,
    /// Done.
    Done(Result<Vec<Target>, RouteFailure>),
}

/// The search for the servers of one domain.
#[derive(Clone, Debug)]
pub struct Route {
    domain: String,
    /// This server's own name: it never sends to itself or to a host that is less preferred.
    own: String,
    seed: Seed,
    /// Hosts by preference, and their addresses once known.
    hosts: Vec<(u16, String, Option<Vec<Ipv4Addr>>)>,
    /// A host whose address could not be found out now, but may be later.
    temporary: bool,
}

fn never(reason: impl Into<String>) -> Step {
    Step::Done(Err(RouteFailure { permanent: true, reason: reason.into() }))
}

fn not_now(reason: impl Into<String>) -> Step {
    Step::Done(Err(RouteFailure { permanent: false, reason: reason.into() }))
}

impl Route {
    /// Begins the search for `domain` at the server named `own`. An address literal needs no question.
    pub fn start(domain: &str, own: &str, seed: Seed) -> (Route, Step) {
        let route = Route {
            domain: domain.to_string(),
            own: own.to_ascii_lowercase(),
            seed,
            hosts: Vec::new(),
            temporary: false,
        };
        let literal = domain.strip_prefix('[').and_then(|d| d.strip_suffix(']'));
        let step = match literal.map(str::parse) {
            Some(Ok(address)) => Step::Done(Ok(vec![Target { host: domain.to_string(), address, preference: 0 }])),
            Some(Err(_)) => never(format!("{domain} is not an IPv4 address")),
            None => Step::Ask(vec![Question { name: domain.to_string(), rtype: RecordType::Mx }]),
        };
        (route, step)
    }

    /// Takes an answer.
    pub fn answer(&mut self, question: &Question, answer: &Answer) -> Step {
        if question.rtype == RecordType::Mx { self.mx(answer) } else { self.address(&question.name, answer) }
    }

    fn mx(&mut self, answer: &Answer) -> Step {
        let domain = &self.domain;
        let records = match &answer.result {
            Ok(records) => records,
            // RFC 5321 section 5.1: no MX at all, then the domain's own address counts as one.
            Err(Failure::NoData) => return self.ask_addresses(vec![(0, domain.clone())]),
            Err(Failure::NxDomain) => return never(format!("the domain {domain} does not exist")),
            Err(failure) => return not_now(format!("MX of {domain}: {failure}")),
        };
        let mut hosts: Vec<(u16, String)> = Vec::new();
        for record in records {
            if let RecordData::Mx(preference, host) = &record.data {
                hosts.push((*preference, host.clone()));
            }
        }
        if hosts.iter().any(|(_, host)| host.is_empty()) {
            return never(format!("{domain} takes no mail (null MX)"));
        }
        // Luck first, then a stable order: equal preferences share the load.
        hosts.sort();
        hosts.shuffle(&mut self.seed.rng());
        hosts.sort_by_key(|(preference, _)| *preference);
        if let Some(own) = hosts.iter().find(|(_, host)| *host == self.own).map(|(preference, _)| *preference) {
            hosts.retain(|(preference, _)| *preference < own);
            if hosts.is_empty() {
                return never(format!("mail for {domain} loops back to this server"));
            }
        }
        self.ask_addresses(hosts)
    }

    fn ask_addresses(&mut self, hosts: Vec<(u16, String)>) -> Step {
        let ask = hosts.iter().map(|(_, host)| Question { name: host.clone(), rtype: RecordType::A }).collect();
        self.hosts = hosts.into_iter().map(|(preference, host)| (preference, host, None)).collect();
        Step::Ask(ask)
    }

    fn address(&mut self, name: &str, answer: &Answer) -> Step {
        let mut addresses = Vec::new();
        match &answer.result {
            Ok(records) => {
                addresses.extend(records.iter().filter_map(|r| match r.data {
                    RecordData::A(address) => Some(address),
                    _ => None,
                }));
            }
            Err(failure) => self.temporary |= matches!(failure, Failure::ServFail | Failure::Timeout),
        }
        for (_, host, known) in &mut self.hosts {
            if host == name {
                *known = Some(addresses.clone());
            }
        }
        if self.hosts.iter().any(|(_, _, known)| known.is_none()) {
            return Step::Wait;
        }
        let targets: Vec<Target> = self
            .hosts
            .iter()
            .flat_map(|(preference, host, known)| {
                let target =
                    |address: &Ipv4Addr| Target { host: host.clone(), address: *address, preference: *preference };
                known.iter().flatten().map(target).collect::<Vec<_>>()
            })
            .collect();
        match targets {
            targets if !targets.is_empty() => Step::Done(Ok(targets)),
            // RFC 5321 section 5.1 calls this an error to be reported; a name server that could not answer may
            // answer later.
            _ if self.temporary => not_now(format!("no address known for the mail servers of {}", self.domain)),
            _ => never(format!("no mail server of {} has an address", self.domain)),
        }
    }
}
