//! How the programs of a host find addresses and other records: a table without a packet, or questions to DNS.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use super::programs::Errand;
use super::setup;
use crate::dns::resolver::Question;
use crate::dns::resolver::{self, Answer, Failure, Lookup, QueryId, Resolver, StreamId};
use crate::dns::{RecordData, RecordType};
use crate::mail::mta::Ticket;
use crate::mail::routing::{Own, Route, RouteFailure, Step, Targets, from_table};
use crate::mail::server::CheckId;
use crate::rng::Seed;
use crate::time::Instant;

/// Who wants to know, and what for.
#[derive(Clone, Debug)]
enum Asker {
    /// The sending side: the servers of a domain.
    Route(Ticket, Box<Route>),
    /// A user: the address of one host.
    Errand(Box<Errand>),
    /// A check of a sender: one record.
    Check(CheckId),
}

/// A search that has come to its end.
#[derive(Clone, Debug)]
pub(super) enum Found {
    Route(Ticket, Result<Targets, RouteFailure>),
    Errand(Box<Errand>, Result<Ipv4Addr, String>),
    Check(CheckId, Question, Answer),
}

/// See the [module](self).
#[derive(Clone, Debug)]
pub(super) struct Names {
    source: Source,
    searches: BTreeMap<u32, Asker>,
    /// Which search each outstanding question belongs to.
    questions: BTreeMap<QueryId, (u32, Question)>,
    found: Vec<Found>,
    next: u32,
}

#[derive(Clone, Debug)]
enum Source {
    Table(Arc<BTreeMap<String, Ipv4Addr>>),
    Dns(Box<Resolver>),
}

impl Names {
    pub fn new(spec: &setup::Host, seed: Seed, detail: crate::engine::Detail) -> Self {
        let source = match &spec.names {
            setup::Names::Table(table) => Source::Table(Arc::clone(table)),
            setup::Names::Dns(server) => {
                let mut resolver = Resolver::new(*server, seed.child("resolver"));
                resolver.set_detail(detail);
                Source::Dns(Box::new(resolver))
            }
        };
        Names { source, searches: BTreeMap::new(), questions: BTreeMap::new(), found: Vec::new(), next: 0 }
    }

    /// Begins the search for the servers of `domain`: `route` finds them by DNS.
    pub fn route(&mut self, now: Instant, ticket: Ticket, domain: &str, own: &Own, route: impl FnOnce() -> Route) {
        if let Source::Table(table) = &self.source {
            return self.found.push(Found::Route(ticket, from_table(domain, table, own)));
        }
        let id = self.search(Asker::Route(ticket, Box::new(route())));
        self.advance(now, id);
    }

    /// No search: this is the way.
    pub fn routed(&mut self, ticket: Ticket, targets: Targets) {
        self.found.push(Found::Route(ticket, Ok(targets)));
    }

    /// Begins the search for the address of `host`, for a user.
    pub fn errand(&mut self, now: Instant, host: &str, errand: Errand) {
        if let Source::Table(table) = &self.source {
            let result = table.get(host).copied().ok_or_else(|| format!("the name {host} does not exist"));
            return self.found.push(Found::Errand(Box::new(errand), result));
        }
        let id = self.search(Asker::Errand(Box::new(errand)));
        self.ask(now, id, Question::new(host, RecordType::A));
    }

    /// Asks on behalf of a check. A table has addresses only, and no answer to that.
    pub fn check(&mut self, now: Instant, check: CheckId, question: Question) {
        if let Source::Table(_) = &self.source {
            let answer = Answer { result: Err(Failure::ServFail), additional: Vec::new() };
            return self.found.push(Found::Check(check, question, answer));
        }
        let id = self.search(Asker::Check(check));
        self.ask(now, id, question);
    }

    fn search(&mut self, asker: Asker) -> u32 {
        self.next += 1;
        self.searches.insert(self.next, asker);
        self.next
    }

    fn ask(&mut self, now: Instant, id: u32, question: Question) {
        let Source::Dns(resolver) = &mut self.source else { return };
        match resolver.lookup(now, question.clone()) {
            Lookup::Known(answer) => self.answer(id, &question, &answer),
            Lookup::Asked(query) => {
                self.questions.insert(query, (id, question));
            }
        }
    }

    /// Lets the search for a domain's servers ask what it wants to know, until it waits or is over.
    fn advance(&mut self, now: Instant, id: u32) {
        while let Some(Asker::Route(ticket, route)) = self.searches.get_mut(&id) {
            let ticket = *ticket;
            match route.poll() {
                Step::Ask(question) => self.ask(now, id, question),
                Step::Wait => return,
                Step::Done(result) => {
                    self.searches.remove(&id);
                    self.found.push(Found::Route(ticket, result));
                }
            }
        }
    }

    fn answer(&mut self, id: u32, question: &Question, answer: &Answer) {
        match self.searches.get_mut(&id) {
            Some(Asker::Route(_, route)) => route.answer(question, answer),
            Some(Asker::Errand(_)) => {
                let Some(Asker::Errand(errand)) = self.searches.remove(&id) else { return };
                let address = |records: &Vec<crate::dns::Record>| {
                    records.iter().find_map(|r| if let RecordData::A(a) = r.data { Some(a) } else { None })
                };
                let result = match &answer.result {
                    Ok(records) => address(records).ok_or_else(|| format!("{} has no address", question.name)),
                    Err(failure) => Err(format!("{}: {failure}", question.name)),
                };
                self.found.push(Found::Errand(errand, result));
            }
            Some(Asker::Check(check)) => {
                let check = *check;
                self.searches.remove(&id);
                self.found.push(Found::Check(check, question.clone(), answer.clone()));
            }
            None => {}
        }
    }

    /// Searches that have ended since the last call, in order.
    pub fn found(&mut self) -> Vec<Found> {
        std::mem::take(&mut self.found)
    }

    /// What the resolver wants and tells: datagrams and events. Its answers are taken in on the way.
    pub fn poll(&mut self, now: Instant) -> Option<resolver::Output> {
        loop {
            let Source::Dns(resolver) = &mut self.source else { return None };
            match resolver.poll() {
                resolver::Output::Answered { query, answer } => {
                    if let Some((id, question)) = self.questions.remove(&query) {
                        self.answer(id, &question, &answer);
                        self.advance(now, id);
                    }
                }
                resolver::Output::Wait(_) => return None,
                output => return Some(output),
            }
        }
    }

    /// When [`Names::handle_timeout`] is to be called.
    pub fn wait(&mut self) -> Option<Instant> {
        match &mut self.source {
            Source::Dns(resolver) => match resolver.poll() {
                resolver::Output::Wait(at) => at,
                _ => unreachable!("everything has been polled before"),
            },
            Source::Table(_) => None,
        }
    }

    pub fn handle_timeout(&mut self, now: Instant) {
        if let Source::Dns(resolver) = &mut self.source {
            resolver.handle_timeout(now);
        }
    }

    /// Whether a datagram to this port is for the resolver.
    pub fn listens_on(&self, port: u16) -> bool {
        matches!(&self.source, Source::Dns(resolver) if resolver.listens_on(port))
    }

    pub fn handle_datagram(&mut self, now: Instant, from: (Ipv4Addr, u16), port: u16, bytes: &[u8]) {
        if let Source::Dns(resolver) = &mut self.source {
            resolver.handle_datagram(now, from, port, bytes);
        }
    }

    /// What came of a query over TCP.
    pub fn handle_stream(&mut self, now: Instant, stream: StreamId, response: Option<&[u8]>) {
        if let Source::Dns(resolver) = &mut self.source {
            resolver.handle_stream(now, stream, response);
        }
    }

    /// Everything in memory is gone.
    pub fn power_off(&mut self) {
        if let Source::Dns(resolver) = &mut self.source {
            resolver.clear();
        }
        self.searches.clear();
        self.questions.clear();
        self.found.clear();
    }
}
