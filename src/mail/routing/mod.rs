//! Which hosts take the mail of a domain (RFC 5321 section 5.1, RFC 7505).
//!
//! ```text
//!  [192.0.2.1] ------------------------------------------------------------> that address
//!  MX of the domain?
//!     +-- records --> without ourselves and all behind us --> A of every host --> in order of preference
//!     |                                                       (all asked at once)
//!     +-- "MX 0 ." -----------------------------------------> takes no mail (permanent)
//!     +-- no MX ----> A of the domain (implicit MX) --------> that host
//!     +-- NXDOMAIN -----------------------------------------> no such domain (permanent)
//!     +-- no answer ----------------------------------------> try again later (temporary)
//! ```
//! Where the RFC leaves a choice: if MX records are there and none of their hosts has an address, "this situation
//! MUST be reported as an error". It is a permanent one if the name servers said so for every host, and a
//! temporary one if one of them did not answer.

use std::net::Ipv4Addr;

use crate::dns::resolver::{Answer, Failure, Question};
use crate::dns::{Record, RecordData, RecordType};
use crate::rng::Seed;

/// The port on which mail servers take mail (RFC 5321 section 4.5.4.2).
pub const SMTP_PORT: u16 = 25;

mod table;

pub use table::from_table;

/// A host that takes mail for a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its name; of an address literal, the literal.
    pub host: String,
    /// Where it is.
    pub address: Ipv4Addr,
    /// The port at which it takes mail; 25 but for a route that is fixed (RFC 5321 section 4.5.4.2).
    pub port: u16,
    /// The MX record's preference, lower is better; 0 without MX record.
    pub preference: u16,
}

/// Hosts in the order in which they are tried. A host with several addresses is there several times.
pub type Targets = Vec<Target>;

/// Why there is no host to send to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteFailure {
    /// Whether trying again makes no sense.
    pub permanent: bool,
    /// In words.
    pub reason: String,
}

impl RouteFailure {
    fn permanent(reason: impl Into<String>) -> Self {
        RouteFailure { permanent: true, reason: reason.into() }
    }
    fn temporary(reason: impl Into<String>) -> Self {
        RouteFailure { permanent: false, reason: reason.into() }
    }
}

/// Who asks: mail must not be sent back to where it already is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// Full name of this host, lower case.
    pub host: String,
    /// Its address.
    pub address: Ipv4Addr,
}

/// What a search wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Ask this; several questions may be under way at the same time.
    Ask(Question),
    /// Nothing until the next answer.
    Wait,
    /// The search is over.
    Done(Result<Targets, RouteFailure>),
}

/// The search for the hosts of one domain. [`Self::poll`] until it waits or is done, [`Self::answer`] for each
/// question; both may be mixed.
#[derive(Clone, Debug)]
pub struct Route {
    domain: String,
    own: Own,
    seed: Seed,
    state: State,
}

#[derive(Clone, Debug)]
enum State {
    /// The MX question; true once it is asked.
    Exchanges {
        asked: bool,
    },
    /// The A questions of these hosts.
    Addresses {
        hosts: Vec<Host>,
        asked: usize,
    },
    Done(Result<Targets, RouteFailure>),
}

#[derive(Clone, Debug)]
struct Host {
    name: String,
    preference: u16,
    answer: Option<Result<Vec<Ipv4Addr>, Failure>>,
}

impl Route {
    /// Begins. `seed` decides the order among equal preferences: one for each search, so that load is shared.
    pub fn start(domain: &str, own: Own, seed: Seed) -> Self {
        let state = match literal(domain) {
            Some(Ok(address)) => {
                let target = Target { host: domain.to_owned(), address, port: SMTP_PORT, preference: 0 };
                State::Done(without_own(vec![target], &own, domain))
            }
            Some(Err(failure)) => State::Done(Err(failure)),
            None => State::Exchanges { asked: false },
        };
        Route { domain: domain.to_ascii_lowercase(), own, seed, state }
    }

    /// The next thing.
    pub fn poll(&mut self) -> Step {
        match &mut self.state {
            State::Exchanges { asked } if !*asked => {
                *asked = true;
                Step::Ask(question(&self.domain, RecordType::Mx))
            }
            State::Addresses { hosts, asked } if *asked < hosts.len() => {
                *asked += 1;
                Step::Ask(question(&hosts[*asked - 1].name, RecordType::A))
            }
            State::Done(result) => Step::Done(result.clone()),
            _ => Step::Wait,
        }
    }

    /// The answer to a question; one that was not asked is not heard.
    pub fn answer(&mut self, question: &Question, answer: &Answer) {
        match (&mut self.state, question.rtype) {
            (State::Exchanges { .. }, RecordType::Mx) if question.name == self.domain => {
                self.state = match self.exchanges(&answer.result) {
                    Ok(hosts) => State::Addresses { hosts, asked: 0 },
                    Err(failure) => State::Done(Err(failure)),
                };
            }
            (State::Addresses { hosts, .. }, RecordType::A) => {
                for host in hosts.iter_mut().filter(|h| h.answer.is_none() && h.name == question.name) {
                    host.answer = Some(answer.result.as_deref().map(addresses).map_err(|f| *f));
                }
                if hosts.iter().all(|h| h.answer.is_some()) {
                    let hosts = std::mem::take(hosts);
                    self.state = State::Done(self.targets(hosts));
                }
            }
            _ => {}
        }
    }

    /// The hosts whose addresses are wanted, in the order in which they will be tried.
    fn exchanges(&self, answer: &Result<Vec<Record>, Failure>) -> Result<Vec<Host>, RouteFailure> {
        let domain = &self.domain;
        let records = match answer {
            Ok(records) => records.as_slice(),
            // No MX record: the domain itself is the only host (RFC 5321 section 5.1, "implicit MX").
            Err(Failure::NoData) => &[],
            Err(Failure::NxDomain) => return Err(RouteFailure::permanent(format!("there is no domain {domain}"))),
            Err(Failure::ServFail | Failure::Timeout) => {
                return Err(RouteFailure::temporary(format!(
                    "the name server does not say who takes mail for {domain}"
                )));
            }
        };
        let exchange = |r: &Record| match &r.data {
            RecordData::Mx(preference, host) => Some((*preference, host.to_ascii_lowercase())),
            _ => None,
        };
        let mut all: Vec<(u16, String)> = records.iter().filter_map(exchange).collect();
        if all.is_empty() {
            return Ok(vec![Host { name: domain.clone(), preference: 0, answer: None }]);
        }
        // RFC 7505 section 3: "." takes no mail. It must stand alone; beside others it means nothing.
        all.retain(|(_, host)| !host.is_empty() && host != ".");
        if all.is_empty() {
            return Err(RouteFailure::permanent(format!("{domain} takes no mail (null MX)")));
        }
        self.shuffle(&mut all);
        all.sort_by_key(|(preference, _)| *preference);
        // RFC 5321 section 5.1: a host that finds itself in the list drops its own preference and all worse ones.
        if let Some(own) = all.iter().filter(|(_, host)| *host == self.own.host).map(|(p, _)| *p).min() {
            all.retain(|(preference, _)| *preference < own);
            if all.is_empty() {
                return Err(loops_back(domain));
            }
        }
        let mut hosts: Vec<Host> = Vec::with_capacity(all.len());
        for (preference, name) in all {
            // A host that is named twice counts once, with its best preference.
            if hosts.iter().all(|h| h.name != name) {
                hosts.push(Host { name, preference, answer: None });
            }
        }
        Ok(hosts)
    }

    fn targets(&self, hosts: Vec<Host>) -> Result<Targets, RouteFailure> {
        let domain = &self.domain;
        let mut targets = Targets::new();
        let mut unsure = false;
        let implicit = matches!(&hosts[..], [only] if only.name == *domain);
        for Host { name, preference, answer } in hosts {
            match answer {
                Some(Ok(found)) => {
                    let port = SMTP_PORT;
                    let target = |address| Target { host: name.clone(), address, port, preference };
                    targets.extend(found.into_iter().map(target));
                }
                Some(Err(Failure::NxDomain | Failure::NoData)) => {}
                Some(Err(Failure::ServFail | Failure::Timeout)) | None => unsure = true,
            }
        }
        match (targets.is_empty(), unsure) {
            (false, _) => without_own(targets, &self.own, domain),
            (true, true) => Err(RouteFailure::temporary(format!("the name server does not say where {domain} is"))),
            (true, false) if implicit => {
                Err(RouteFailure::permanent(format!("{domain} has neither a mail server (MX) nor an address")))
            }
            (true, false) => Err(RouteFailure::permanent(format!("no mail server (MX) of {domain} has an address"))),
        }
    }

    /// Fisher and Yates, with the luck of this search.
    fn shuffle(&self, all: &mut [(u16, String)]) {
        for i in (1..all.len()).rev() {
            let j = self.seed.nth(i as u64) % (i as u64 + 1);
            all.swap(i, j as usize);
        }
    }
}

fn question(name: &str, rtype: RecordType) -> Question {
    Question { name: name.to_owned(), rtype }
}

fn addresses(records: &[Record]) -> Vec<Ipv4Addr> {
    let address = |r: &Record| if let RecordData::A(address) = r.data { Some(address) } else { None };
    records.iter().filter_map(address).collect()
}

/// Drops this host, known by its address, and everything not better than it.
fn without_own(mut targets: Targets, own: &Own, domain: &str) -> Result<Targets, RouteFailure> {
    if let Some(limit) = targets.iter().filter(|t| t.address == own.address).map(|t| t.preference).min() {
        targets.retain(|t| t.preference < limit);
    }
    if targets.is_empty() { Err(loops_back(domain)) } else { Ok(targets) }
}

fn loops_back(domain: &str) -> RouteFailure {
    RouteFailure::permanent(format!("mail for {domain} loops back to this server"))
}

/// An address literal (RFC 5321 section 4.1.3), if `domain` is one; only IPv4 can be reached here.
fn literal(domain: &str) -> Option<Result<Ipv4Addr, RouteFailure>> {
    let inner = domain.strip_prefix('[')?.strip_suffix(']').unwrap_or("");
    Some(inner.parse().map_err(|_| RouteFailure::permanent(format!("{domain} is no IPv4 address"))))
}

#[cfg(test)]
mod tests;
