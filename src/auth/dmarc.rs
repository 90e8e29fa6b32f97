//! DMARC (RFC 7489): does one of the two, SPF or DKIM, speak for the domain that stands in From? And what does that domain
//! want done if not?
//!
//! ```text
//!  _dmarc.sales.a.example TXT?  -- none --> _dmarc.a.example TXT?  (organisational domain, section 3.2; then sp= counts)
//!  "v=DMARC1; p=reject; adkim=r; aspf=r"
//!  pass: an SPF pass whose domain is aligned with From's, or a DKIM pass whose d= is
//!  aligned: the same organisational domain (relaxed, r), or the very same (strict, s)
//! ```
//! The organisational domain is the public suffix and one label more. Public suffixes here are the top labels only, the
//! rule that the Public Suffix List has for names that it does not list: right for documentation domains
//! (`sales.a.example` belongs to `a.example`, `www.example.com` to `example.com`), wrong for `co.uk`.

use std::fmt;

use super::lookup::{Known, Missing, is_nothing};
use super::{dkim, spf};
use crate::dns::canonical;

/// The result (RFC 7489 section 11.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// The domain has no policy.
    None,
    /// One of the two is aligned.
    Pass,
    /// Neither is.
    Fail,
    /// DNS did not answer.
    TempError,
    /// There is not one From with one domain, or two policies.
    PermError,
}

impl Verdict {
    /// As in Authentication-Results.
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::None => "none",
            Verdict::Pass => "pass",
            Verdict::Fail => "fail",
            Verdict::TempError => "temperror",
            Verdict::PermError => "permerror",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What is to be done with a letter that fails (section 6.3, `p`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Policy {
    /// Nothing.
    #[default]
    None,
    /// It is suspicious.
    Quarantine,
    /// It is not to be taken.
    Reject,
}

impl Policy {
    /// As in the record.
    pub const fn name(self) -> &'static str {
        match self {
            Policy::None => "none",
            Policy::Quarantine => "quarantine",
            Policy::Reject => "reject",
        }
    }

    fn named(name: &str) -> Option<Policy> {
        [Policy::None, Policy::Quarantine, Policy::Reject].into_iter().find(|p| p.name().eq_ignore_ascii_case(name))
    }

    /// Section 6.6.4: what is not in the percentage gets the next lower policy.
    const fn lower(self) -> Policy {
        match self {
            Policy::Reject => Policy::Quarantine,
            _ => Policy::None,
        }
    }
}

/// How equal two domains must be (section 3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Alignment {
    /// The same organisational domain.
    #[default]
    Relaxed,
    /// The same domain.
    Strict,
}

/// A policy record (section 6.3); reports are not sent, so `rua` and its like are not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// `p`.
    pub policy: Policy,
    /// `sp`: for names below the domain of the record.
    pub subdomains: Policy,
    /// `adkim`.
    pub dkim: Alignment,
    /// `aspf`.
    pub spf: Alignment,
    /// `pct`: of a hundred letters that fail, so many get the policy.
    pub percent: u8,
}

impl Record {
    /// Reads the text of a TXT record; none if it is no policy (section 6.6.3).
    pub fn read(text: &str) -> Option<Record> {
        let tags = dkim::tag_list(text).ok()?;
        // Version first, exactly so.
        if tags.first().is_none_or(|t| t.0 != "v" || t.1 != "DMARC1") {
            return None;
        }
        let tag = |name: &str| tags.iter().find(|t| t.0 == name).map(|t| t.1.as_str());
        let policy = tag("p").and_then(Policy::named);
        let sub = tag("sp").map(Policy::named);
        // Section 6.6.3 step 6: without a policy that can be read, `rua` at least says that the owner wants reports.
        let (policy, subdomains) = match (policy, sub) {
            (Some(policy), None) => (policy, policy),
            (Some(policy), Some(Some(sub))) => (policy, sub),
            _ if tag("rua").is_some() => (Policy::None, Policy::None),
            _ => return None,
        };
        let alignment = |name: &str| match tag(name) {
            Some(value) if value.eq_ignore_ascii_case("s") => Alignment::Strict,
            _ => Alignment::Relaxed,
        };
        let percent = tag("pct").and_then(|p| p.parse().ok()).filter(|p| *p <= 100).unwrap_or(100);
        Some(Record { policy, subdomains, dkim: alignment("adkim"), spf: alignment("aspf"), percent })
    }
}

/// The organisational domain (section 3.2); see the [module](self) for what counts as a public suffix.
pub fn organisational(domain: &str) -> &str {
    let mut dots = domain.rmatch_indices('.').map(|(at, _)| at);
    match (dots.next(), dots.next()) {
        (Some(_), Some(second)) => &domain[second + 1..],
        _ => domain,
    }
}

/// Whether two domains, in lower case, are aligned.
pub fn aligned(a: &str, b: &str, how: Alignment) -> bool {
    match how {
        Alignment::Strict => a == b,
        Alignment::Relaxed => organisational(a) == organisational(b),
    }
}

/// What DMARC found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The result.
    pub verdict: Verdict,
    /// The domain in From, lower case; empty if there is not exactly one.
    pub domain: String,
    /// What the domain wants done with letters that fail, as its record says.
    pub policy: Policy,
    /// What is to be done with this one.
    pub disposition: Policy,
    /// Why, in words.
    pub reason: String,
}

/// Judges a letter by what SPF and DKIM have found. `luck` of 0 to 99 decides about the percentage (`pct`).
///
/// # Errors
/// What must be known first.
pub fn evaluate(
    known: &Known,
    letter: &[u8],
    spf: &spf::Outcome,
    dkim: &[dkim::Outcome],
    luck: u8,
) -> Result<Outcome, Missing> {
    let outcome = |verdict, domain: &str, reason: String| Outcome {
        verdict,
        domain: domain.to_owned(),
        policy: Policy::None,
        disposition: Policy::None,
        reason,
    };
    let domain = match author(letter) {
        Ok(domain) => domain,
        Err(reason) => return Ok(outcome(Verdict::PermError, "", reason.to_owned())),
    };
    let mut at = domain.as_str();
    let record = loop {
        match policy_at(known, at)? {
            Ok(Some(record)) => break record,
            Ok(None) if at == domain && organisational(at) != at => at = organisational(at),
            Ok(None) => return Ok(outcome(Verdict::None, &domain, format!("{domain} has no policy"))),
            Err(reason) => return Ok(outcome(Verdict::TempError, &domain, reason)),
        }
    };
    let policy = if at == domain { record.policy } else { record.subdomains };
    let by_spf = spf.verdict == spf::Verdict::Pass && aligned(&spf.domain, &domain, record.spf);
    let passes = |d: &&dkim::Outcome| d.verdict == dkim::Verdict::Pass && !d.testing;
    let by_dkim = dkim.iter().filter(passes).find(|d| aligned(&d.domain, &domain, record.dkim));
    let said = match (by_spf, by_dkim) {
        (true, Some(d)) => format!("SPF speaks for {}, and DKIM for {}", spf.domain, d.domain),
        (true, None) => format!("SPF speaks for {}", spf.domain),
        (false, Some(d)) => format!("DKIM speaks for {}", d.domain),
        (false, None) => format!("neither SPF ({} for {}) nor DKIM speaks for {domain}", spf.verdict, spf.domain),
    };
    let unknown = spf.verdict == spf::Verdict::TempError || dkim.iter().any(|d| d.verdict == dkim::Verdict::TempError);
    let verdict = match by_spf || by_dkim.is_some() {
        true => Verdict::Pass,
        // What one of them would have said, nobody knows yet.
        false if unknown => Verdict::TempError,
        false => Verdict::Fail,
    };
    let disposition = match verdict {
        Verdict::Pass | Verdict::TempError => Policy::None,
        _ if luck < record.percent => policy,
        _ => policy.lower(),
    };
    Ok(Outcome { verdict, domain, policy, disposition, reason: said })
}

/// The policy that a name has itself. Several are as good as none (section 6.6.3 step 5).
fn policy_at(known: &Known, domain: &str) -> Result<Result<Option<Record>, String>, Missing> {
    let name = format!("_dmarc.{domain}");
    Ok(match known.texts(&name)? {
        Ok(texts) => {
            let mut records = texts.iter().filter(|t| t.starts_with("v=DMARC1"));
            match (records.next(), records.next()) {
                (Some(record), None) => Ok(Record::read(record)),
                _ => Ok(None),
            }
        }
        Err(failure) if is_nothing(failure) => Ok(None),
        Err(failure) => Err(format!("{name}: {failure}")),
    })
}

/// The domain of the one author (section 6.6.1). Several domains in From could each hide behind the other.
fn author(letter: &[u8]) -> Result<String, &'static str> {
    match crate::message::header_count(letter, "From") {
        0 => return Err("there is no From"),
        1 => {}
        _ => return Err("there is more than one From"),
    }
    let mut domains: Vec<String> = Vec::new();
    for address in crate::message::authors(letter) {
        let domain = address.rsplit_once('@').map(|(_, domain)| canonical(domain.trim()));
        let domain = domain.filter(|d| !d.is_empty()).ok_or("From holds no address")?;
        if !domains.contains(&domain) {
            domains.push(domain);
        }
    }
    match domains.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err("From holds no address"),
        _ => Err("From holds addresses of several domains"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::auth::lookup::tests::{answered, zones};

    fn spf(verdict: spf::Verdict, domain: &str) -> spf::Outcome {
        spf::Outcome { verdict, domain: domain.into(), reason: String::new(), explanation: None }
    }

    fn dkim(verdict: dkim::Verdict, domain: &str) -> dkim::Outcome {
        let (selector, algorithm, b, reason) = Default::default();
        dkim::Outcome { verdict, domain: domain.into(), selector, algorithm, b, reason, testing: false }
    }

    fn judged(records: &[&str], from: &str, spf: &spf::Outcome, dkim: &[dkim::Outcome], luck: u8) -> Outcome {
        let letter = format!("From: {from}\r\n\r\nhello\r\n");
        answered(&zones(records), |known| evaluate(known, letter.as_bytes(), spf, dkim, luck)).0
    }

    #[test]
    fn one_of_the_two_is_enough() {
        let record = ["_dmarc.a.example TXT v=DMARC1; p=reject"];
        let (yes, no) = (spf(spf::Verdict::Pass, "a.example"), spf(spf::Verdict::Fail, "a.example"));
        let signed = [dkim(dkim::Verdict::Fail, "a.example"), dkim(dkim::Verdict::Pass, "a.example")];
        for (spf, dkim, verdict, disposition) in [
            (&yes, &signed[..], Verdict::Pass, Policy::None),
            (&yes, &[], Verdict::Pass, Policy::None),
            (&no, &signed, Verdict::Pass, Policy::None),
            (&no, &signed[..1], Verdict::Fail, Policy::Reject),
        ] {
            let found = judged(&record, "Alice <alice@A.example>", spf, dkim, 0);
            assert_eq!((found.verdict, found.disposition, &*found.domain), (verdict, disposition, "a.example"));
        }
        // A pass for another domain says nothing about this one.
        let other = spf(spf::Verdict::Pass, "evil.example");
        assert_eq!(judged(&record, "alice@a.example", &other, &[], 0).verdict, Verdict::Fail);
        let testing = dkim::Outcome { testing: true, ..dkim(dkim::Verdict::Pass, "a.example") };
        assert_eq!(judged(&record, "alice@a.example", &no, &[testing], 0).verdict, Verdict::Fail);
    }

    #[test]
    fn strict_wants_the_very_same_domain() {
        let below = spf(spf::Verdict::Pass, "sales.a.example");
        let signed = [dkim(dkim::Verdict::Pass, "sales.a.example")];
        let none = spf(spf::Verdict::None, "");
        for (record, by_spf, by_dkim) in [
            ("v=DMARC1; p=reject", Verdict::Pass, Verdict::Pass),
            ("v=DMARC1; p=reject; aspf=s", Verdict::Fail, Verdict::Pass),
            ("v=DMARC1;p=reject;adkim=s;aspf=r", Verdict::Pass, Verdict::Fail),
        ] {
            let record = format!("_dmarc.a.example TXT {record}");
            assert_eq!(judged(&[&record], "alice@a.example", &below, &[], 0).verdict, by_spf);
            assert_eq!(judged(&[&record], "alice@a.example", &none, &signed, 0).verdict, by_dkim);
        }
    }

    #[test]
    fn a_name_below_takes_the_policy_of_its_organisation() {
        let none = spf(spf::Verdict::None, "");
        let record = ["_dmarc.a.example TXT v=DMARC1; p=reject; sp=quarantine"];
        let found = judged(&record, "alice@x.sales.a.example", &none, &[], 0);
        assert_eq!((found.verdict, found.disposition), (Verdict::Fail, Policy::Quarantine));
        let own = ["_dmarc.sales.a.example TXT v=DMARC1; p=none", record[0]];
        assert_eq!(judged(&own, "alice@sales.a.example", &none, &[], 0).disposition, Policy::None);
        assert_eq!(judged(&[], "alice@sales.a.example", &none, &[], 0).verdict, Verdict::None);
        assert_eq!((organisational("a.example"), organisational("example")), ("a.example", "example"));
    }

    #[test]
    fn a_percentage_of_the_failures_gets_the_policy() {
        let none = spf(spf::Verdict::None, "");
        let record = ["_dmarc.a.example TXT v=DMARC1; p=reject; pct=30"];
        let disposition = |luck| judged(&record, "alice@a.example", &none, &[], luck).disposition;
        assert_eq!((disposition(29), disposition(30)), (Policy::Reject, Policy::Quarantine));
    }

    #[test]
    fn texts_that_are_no_policy() {
        for text in ["", "v=DMARC1", "v=DMARC1; p=maybe", "p=none; v=DMARC1", "v=DMARC2; p=none", "v=dmarc1; p=none"] {
            assert_eq!(Record::read(text), None, "{text}");
        }
        assert_eq!(Record::read("v=DMARC1; rua=mailto:x@a.example").map(|r| r.policy), Some(Policy::None));
        let none = spf(spf::Verdict::None, "");
        let two = ["_dmarc.a.example TXT v=DMARC1; p=none", "_dmarc.a.example TXT v=DMARC1; p=reject"];
        assert_eq!(judged(&two, "alice@a.example", &none, &[], 0).verdict, Verdict::None);
        assert_eq!(judged(&[], "x@trouble.example", &none, &[], 0).verdict, Verdict::TempError);
    }

    #[test]
    fn there_is_one_author_or_none_that_counts() {
        for (from, wrong) in [
            ("alice@a.example, zoe@a.example", None),
            ("alice@a.example, mallory@evil.example", Some("From holds addresses of several domains")),
            ("nobody", Some("From holds no address")),
            ("alice@a.example\r\nFrom: mallory@evil.example", Some("there is more than one From")),
        ] {
            let found = author(format!("From: {from}\r\n\r\n").as_bytes());
            assert_eq!(found.err(), wrong, "{from}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_judged(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "\\PC{0,60}") {
            let mut letter = b"From: ".to_vec();
            letter.extend(bytes);
            answered(&zones(&[]), |known| evaluate(known, &letter, &spf(spf::Verdict::None, ""), &[], 0));
            Record::read(&format!("v=DMARC1; {text}"));
        }
    }
}
