//! The algorithm of RFC 1034 section 4.3.2, over all zones of one server.
//!
//! ```text
//!  2  find the zone that is nearest to the name          none: REFUSED
//!  3b a name server stands between zone and name         referral: NS in authority, its A in additional
//!  3a the name is there
//!        with a CNAME, and another type is asked for     the CNAME, then start again with its target
//!        with the type                                   the records
//!        without the type                                NODATA: SOA in authority
//!  3c the name is not there
//!        but a `*` stands in for it (RFC 4592)           as 3a, under the name asked for
//!        nothing                                         NXDOMAIN: SOA in authority
//!  6  addresses of the hosts in MX and NS records        additional
//! ```

use hickory_proto::op::{Message, ResponseCode};

use crate::dns::zone::{RecordData, Zone, is_at_or_below, parent};
use crate::dns::{RecordType, Zones, wire};

/// A search in progress: the reply fills while it goes on.
pub(super) struct Search<'z> {
    zones: &'z Zones,
    reply: Message,
    /// Hosts whose addresses the asker will want, each once.
    wanted: Vec<&'z str>,
}

/// What became of one name.
enum Step<'z> {
    Done(ResponseCode),
    /// Start again with this name.
    Alias(&'z str),
}

impl<'z> Search<'z> {
    /// A search over `zones` whose answer goes into `reply`.
    pub fn new(zones: &'z Zones, reply: Message) -> Self {
        Search { zones, reply, wanted: Vec::new() }
    }

    /// The reply, and its code.
    pub fn run(mut self, name: String, rtype: RecordType) -> (Message, ResponseCode) {
        let Some(zone) = self.zones.zone_of(&name) else {
            return (self.reply, ResponseCode::Refused);
        };
        self.reply.metadata.authoritative = zone_cut(zone, &name).is_none();
        let mut name = name.as_str();
        let mut seen: Vec<&str> = Vec::new();
        let code = loop {
            // A CNAME that leads out of our zones: what we have is our whole answer.
            let Some(zone) = self.zones.zone_of(name) else { break ResponseCode::NoError };
            match self.step(zone, name, rtype) {
                Step::Done(code) => break code,
                Step::Alias(target) if seen.contains(&target) => {
                    // Names that are one another's CNAME: nobody can answer that.
                    self.reply.answers.clear();
                    break ResponseCode::ServFail;
                }
                Step::Alias(target) => {
                    seen.push(target);
                    name = target;
                }
            }
        };
        self.add_addresses();
        (self.reply, code)
    }

    fn step(&mut self, zone: &'z Zone, name: &str, rtype: RecordType) -> Step<'z> {
        if let Some(cut) = zone_cut(zone, name) {
            for record in zone.records.iter().filter(|r| r.name == cut && r.rtype() == RecordType::Ns) {
                self.reply.authorities.extend(wire::record(record, cut));
                self.want(&record.data);
            }
            return Step::Done(ResponseCode::NoError);
        }
        let Some(node) = node_for(zone, name) else {
            self.add_soa(zone, true);
            return Step::Done(ResponseCode::NXDomain);
        };
        let mut alias = None;
        let before = self.reply.answers.len();
        for record in zone.records.iter().filter(|r| r.name == node) {
            let fits = rtype == RecordType::Any || rtype == record.rtype();
            if let (false, RecordData::Cname(target)) = (fits, &record.data) {
                alias = Some(target.as_str());
            }
            if fits || alias.is_some() {
                self.reply.answers.extend(wire::record(record, name));
                self.want(&record.data);
            }
            if alias.is_some() {
                break;
            }
        }
        if let Some(target) = alias {
            return Step::Alias(target);
        }
        if node == zone.origin && matches!(rtype, RecordType::Soa | RecordType::Any) {
            self.add_soa(zone, false);
        }
        if self.reply.answers.len() == before {
            self.add_soa(zone, true);
        }
        Step::Done(ResponseCode::NoError)
    }

    /// Adds the zone's SOA: to the answer, or beside "there is none", whose lifetime it then tells
    /// (RFC 2308 section 3: the smaller of its TTL and its MINIMUM).
    fn add_soa(&mut self, zone: &Zone, negative: bool) {
        let mut soa = zone.soa();
        if negative {
            soa.ttl = soa.ttl.min(soa.minimum);
            self.reply.authorities.extend(wire::soa(&soa));
        } else {
            self.reply.answers.extend(wire::soa(&soa));
        }
    }

    fn want(&mut self, data: &'z RecordData) {
        if let Some(host) = data.additional_target()
            && !self.wanted.contains(&host)
        {
            self.wanted.push(host);
        }
    }

    fn add_addresses(&mut self) {
        for host in std::mem::take(&mut self.wanted) {
            let Some(zone) = self.zones.zone_of(host) else { continue };
            for record in zone.at(host).filter(|r| r.rtype() == RecordType::A) {
                self.reply.additionals.extend(wire::record(record, host));
            }
        }
    }
}

/// The topmost name at or above `name`, but below the zone's origin, that has name servers of its own:
/// there the zone ends. (If the server had that zone too, it would have been the nearer one.)
fn zone_cut<'n>(zone: &Zone, name: &'n str) -> Option<&'n str> {
    let has_ns = |at: &str| zone.at(at).any(|r| r.rtype() == RecordType::Ns);
    ancestors(name).take_while(|at| *at != zone.origin).filter(|at| has_ns(at)).last()
}

/// `name` itself and every name above it, up to the root.
fn ancestors(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |n| parent(n))
}

/// The node of the zone that answers for `name`: its own, or the `*` of the nearest name above it that
/// exists (RFC 4592 section 3.3.1).
fn node_for<'a>(zone: &'a Zone, name: &'a str) -> Option<&'a str> {
    if zone.has(name) {
        return Some(name);
    }
    let encloser = ancestors(name).skip(1).find(|at| zone.has(at))?;
    debug_assert!(is_at_or_below(encloser, &zone.origin), "the origin exists and ends the search");
    let wildcard = |n: &str| n.strip_prefix("*").is_some_and(|n| n.strip_prefix('.').unwrap_or(n) == encloser);
    zone.records.iter().map(|r| r.name.as_str()).find(|n| wildcard(n))
}
