//! check_host (RFC 7208 section 4).

use std::net::Ipv4Addr;

use super::macros::{MacroString, Use, Values};
use super::record::{Directive, Mechanism, Record, is_record};
use super::{Outcome, Request, Verdict};
use crate::auth::lookup::{Known, Missing, is_nothing};
use crate::dns::resolver::Failure;
use crate::dns::{RecordData, RecordType, is_name};

/// Terms that make questions, over all records that are looked into (section 4.6.4).
const MOST_LOOKUPS: u32 = 10;
/// Questions without an answer (section 4.6.4).
const MOST_VOID: u32 = 2;
/// Hosts of one MX term, and names of one address (section 4.6.4).
const MOST_HOSTS: usize = 10;

/// Why a check does not come to its end.
enum Stop {
    Missing(Missing),
    Temp(String),
    Perm(String),
}

impl From<Missing> for Stop {
    fn from(missing: Missing) -> Self {
        Stop::Missing(missing)
    }
}

/// Whether the client may send for the domain.
///
/// # Errors
/// What must be known first.
pub fn check_host(known: &Known, request: &Request<'_>) -> Result<Outcome, Missing> {
    let domain = crate::dns::canonical(request.domain);
    let mut check = Check { known, request, lookups: 0, void: 0 };
    let (verdict, reason, explanation) = match check.domain(&domain) {
        Ok(found) => {
            let explanation = match found.verdict {
                Verdict::Fail => check.explanation(&found)?,
                _ => None,
            };
            (found.verdict, found.reason, explanation)
        }
        Err(Stop::Missing(missing)) => return Err(missing),
        Err(Stop::Temp(reason)) => (Verdict::TempError, reason, None),
        Err(Stop::Perm(reason)) => (Verdict::PermError, reason, None),
    };
    Ok(Outcome { verdict, domain, reason, explanation })
}

/// The result of one record.
struct Found {
    verdict: Verdict,
    reason: String,
    /// `exp` of that record, and the domain whose record it is.
    exp: Option<(MacroString, String)>,
}

struct Check<'a> {
    known: &'a Known,
    request: &'a Request<'a>,
    lookups: u32,
    void: u32,
}

impl Check<'_> {
    /// The result for a domain: of its record, or of the one to which that redirects.
    fn domain(&mut self, domain: &str) -> Result<Found, Stop> {
        let plain = |verdict, reason: String| Ok(Found { verdict, reason, exp: None });
        // Section 4.3: a name of one label, or none at all, has no record.
        if !is_name(domain) || !domain.contains('.') {
            return plain(Verdict::None, format!("`{domain}` is no full domain name"));
        }
        let texts = match self.known.texts(domain)? {
            Ok(texts) => texts,
            Err(failure) if is_nothing(failure) => return plain(Verdict::None, format!("{domain}: {failure}")),
            Err(failure) => return Err(Stop::Temp(format!("{domain}: {failure}"))),
        };
        let mut records = texts.iter().filter(|t| is_record(t));
        let record = match (records.next(), records.next()) {
            (None, _) => return plain(Verdict::None, format!("{domain} has no SPF record")),
            (Some(record), None) => record,
            // Section 4.5.
            (Some(_), Some(_)) => return Err(Stop::Perm(format!("{domain} has two SPF records"))),
        };
        let record = Record::read(record).map_err(Stop::Perm)?;
        for directive in &record.directives {
            if self.matches(directive, domain)? {
                let exp = record.exp.clone().map(|exp| (exp, domain.to_owned()));
                return Ok(Found { verdict: directive.verdict, reason: directive.text.clone(), exp });
            }
        }
        let Some(redirect) = &record.redirect else {
            return plain(Verdict::Neutral, "no mechanism matches".to_owned());
        };
        // Section 6.1: the other record stands for this one, its explanation too.
        self.count("redirect")?;
        let target = self.name(redirect, domain)?;
        let found = self.domain(&target)?;
        if found.verdict == Verdict::None {
            return Err(Stop::Perm(format!("redirect: {}", found.reason)));
        }
        Ok(found)
    }

    fn matches(&mut self, directive: &Directive, domain: &str) -> Result<bool, Stop> {
        let ip = self.request.ip;
        Ok(match &directive.mechanism {
            Mechanism::All => true,
            Mechanism::Ip4(address, prefix) => is_in(ip, *address, *prefix),
            Mechanism::Ip6 => false,
            Mechanism::Include(target) => {
                self.count("include")?;
                let target = self.name(target, domain)?;
                let found = self.domain(&target)?;
                match found.verdict {
                    Verdict::None => return Err(Stop::Perm(format!("include: {}", found.reason))),
                    verdict => verdict == Verdict::Pass,
                }
            }
            Mechanism::A(target, prefix) => {
                self.count("a")?;
                let target = self.target(target.as_ref(), domain)?;
                self.addresses(&target)?.iter().any(|a| is_in(ip, *a, *prefix))
            }
            Mechanism::Mx(target, prefix) => {
                self.count("mx")?;
                let target = self.target(target.as_ref(), domain)?;
                self.exchanger(&target, *prefix)?
            }
            Mechanism::Ptr(target) => {
                self.count("ptr")?;
                let target = self.target(target.as_ref(), domain)?;
                self.names()?.iter().any(|name| is_at_or_below(name, &target))
            }
            Mechanism::Exists(target) => {
                self.count("exists")?;
                let target = self.name(target, domain)?;
                !self.addresses(&target)?.is_empty()
            }
        })
    }

    /// Section 5.4.
    fn exchanger(&mut self, domain: &str, prefix: u8) -> Result<bool, Stop> {
        let hosts: Vec<String> = self
            .records(domain, RecordType::Mx)?
            .iter()
            .filter_map(|r| if let RecordData::Mx(_, host) = r { Some(host.clone()) } else { None })
            .collect();
        if hosts.len() > MOST_HOSTS {
            return Err(Stop::Perm(format!("{domain} has more than {MOST_HOSTS} mail exchangers")));
        }
        for host in hosts.iter().filter(|h| !h.is_empty()) {
            if self.addresses(host)?.iter().any(|a| is_in(self.request.ip, *a, prefix)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The names of the address that have it among their own addresses (section 5.5). Trouble with DNS is no match.
    fn names(&mut self) -> Result<Vec<String>, Missing> {
        let [a, b, c, d] = self.request.ip.octets();
        let reverse = format!("{d}.{c}.{b}.{a}.in-addr.arpa");
        let Ok(records) = self.known.records(&reverse, RecordType::Ptr)? else { return Ok(Vec::new()) };
        let names = records.iter().filter_map(|r| if let RecordData::Ptr(name) = r { Some(name) } else { None });
        let mut valid = Vec::new();
        for name in names.take(MOST_HOSTS) {
            if let Ok(records) = self.known.records(name, RecordType::A)?
                && records.contains(&RecordData::A(self.request.ip))
            {
                valid.push(name.clone());
            }
        }
        Ok(valid)
    }

    fn addresses(&mut self, name: &str) -> Result<Vec<Ipv4Addr>, Stop> {
        let records = self.records(name, RecordType::A)?;
        Ok(records.iter().filter_map(|r| if let RecordData::A(address) = r { Some(*address) } else { None }).collect())
    }

    /// Records of a name, none if there are none; and how often there were none is counted.
    fn records(&mut self, name: &str, rtype: RecordType) -> Result<&[RecordData], Stop> {
        match self.known.records(name, rtype)? {
            Ok(records) => Ok(records),
            Err(failure @ (Failure::NxDomain | Failure::NoData)) => {
                self.void += 1;
                if self.void > MOST_VOID {
                    return Err(Stop::Perm(format!(
                        "more than {MOST_VOID} questions without an answer; {name}: {failure}"
                    )));
                }
                Ok(&[])
            }
            Err(failure) => Err(Stop::Temp(format!("{name}: {failure}"))),
        }
    }

    fn count(&mut self, term: &str) -> Result<(), Stop> {
        self.lookups += 1;
        if self.lookups > MOST_LOOKUPS {
            return Err(Stop::Perm(format!("{term}: more than {MOST_LOOKUPS} terms that ask DNS")));
        }
        Ok(())
    }

    fn target(&mut self, spec: Option<&MacroString>, domain: &str) -> Result<String, Stop> {
        match spec {
            Some(spec) => self.name(spec, domain),
            None => Ok(domain.to_owned()),
        }
    }

    fn name(&mut self, spec: &MacroString, domain: &str) -> Result<String, Stop> {
        let name = self.own_name(spec, domain)?;
        Ok(spec.name(&self.values(domain, name.as_deref())))
    }

    /// The value of `p`, if the text has it: the domain itself, a name below it, or any (section 7.3).
    fn own_name(&mut self, spec: &MacroString, domain: &str) -> Result<Option<String>, Missing> {
        if !spec.needs_name() {
            return Ok(None);
        }
        let names = self.names()?;
        let best = names.iter().find(|n| *n == domain).or_else(|| names.iter().find(|n| is_at_or_below(n, domain)));
        Ok(best.or(names.first()).cloned())
    }

    fn values<'b>(&'b self, domain: &'b str, name: Option<&'b str>) -> Values<'b> {
        let Request { ip, sender, helo, receiver, now, .. } = *self.request;
        Values { ip, sender, domain, helo, receiver, now, name }
    }

    /// What the domain has to say to the sender (section 6.2). Whatever goes wrong with it, there is none.
    fn explanation(&mut self, found: &Found) -> Result<Option<String>, Missing> {
        let Some((spec, domain)) = &found.exp else { return Ok(None) };
        let name = self.own_name(spec, domain)?;
        let place = spec.name(&self.values(domain, name.as_deref()));
        let Ok(texts) = self.known.texts(&place)? else { return Ok(None) };
        let [text] = texts.as_slice() else { return Ok(None) };
        let Ok(text) = MacroString::read(text, Use::Explanation) else { return Ok(None) };
        let name = self.own_name(&text, domain)?;
        Ok(Some(text.expand(&self.values(domain, name.as_deref()))))
    }
}

fn is_in(ip: Ipv4Addr, network: Ipv4Addr, prefix: u8) -> bool {
    let mask = u32::MAX.checked_shl(32 - u32::from(prefix.min(32))).unwrap_or(0);
    (u32::from(ip) ^ u32::from(network)) & mask == 0
}

fn is_at_or_below(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}
