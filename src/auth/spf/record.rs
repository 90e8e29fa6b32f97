//! Reading a record (RFC 7208 sections 4.6.1 and 12). Every term is read before the first is tried: a mistake anywhere is
//! a permerror (section 4.6).

use std::net::{Ipv4Addr, Ipv6Addr};

use super::Verdict;
use super::macros::{MacroString, Use};

/// A record, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub directives: Vec<Directive>,
    pub redirect: Option<MacroString>,
    pub exp: Option<MacroString>,
}

/// A sign and a mechanism.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Directive {
    pub verdict: Verdict,
    pub mechanism: Mechanism,
    /// As it is written.
    pub text: String,
}

/// Section 5. A domain that is not written is the domain at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mechanism {
    All,
    Include(MacroString),
    A(Option<MacroString>, u8),
    Mx(Option<MacroString>, u8),
    Ptr(Option<MacroString>),
    Ip4(Ipv4Addr, u8),
    Ip6,
    Exists(MacroString),
}

/// Whether a TXT record is one of SPF (section 4.5): the version, then a blank or nothing.
pub(super) fn is_record(text: &str) -> bool {
    let version = text.get(..6).is_some_and(|v| v.eq_ignore_ascii_case("v=spf1"));
    version && matches!(text.as_bytes().get(6), None | Some(b' '))
}

impl Record {
    /// Reads what [`is_record`].
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn read(text: &str) -> Result<Record, String> {
        let mut record = Record { directives: Vec::new(), redirect: None, exp: None };
        for term in text.get(6..).unwrap_or_default().split(' ').filter(|t| !t.is_empty()) {
            match modifier(term) {
                Some((name, value)) => record.modify(term, name, value)?,
                None => record.directives.push(directive(term)?),
            }
        }
        Ok(record)
    }

    fn modify(&mut self, term: &str, name: &str, value: &str) -> Result<(), String> {
        let slot = match () {
            () if name.eq_ignore_ascii_case("redirect") => &mut self.redirect,
            () if name.eq_ignore_ascii_case("exp") => &mut self.exp,
            // Unknown modifiers are ignored, but must be well formed (section 6).
            () => return MacroString::read(value, Use::Domain).map(drop).map_err(|e| format!("{term}: {e}")),
        };
        let value = domain_spec(value).map_err(|e| format!("{term}: {e}"))?;
        // Each at most once (section 6).
        if slot.replace(value).is_some() { Err(format!("{name} stands here twice")) } else { Ok(()) }
    }
}

/// `name=value`; the name begins with a letter (section 12).
fn modifier(term: &str) -> Option<(&str, &str)> {
    let (name, value) = term.split_once('=')?;
    let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    (name.bytes().next()?.is_ascii_alphabetic() && name.bytes().all(good)).then_some((name, value))
}

fn directive(term: &str) -> Result<Directive, String> {
    let (verdict, rest) = match term.as_bytes()[0] {
        b'+' => (Verdict::Pass, &term[1..]),
        b'-' => (Verdict::Fail, &term[1..]),
        b'~' => (Verdict::SoftFail, &term[1..]),
        b'?' => (Verdict::Neutral, &term[1..]),
        _ => (Verdict::Pass, term),
    };
    let end = rest.find([':', '/']).unwrap_or(rest.len());
    let (name, argument) = rest.split_at(end);
    let mechanism = mechanism(&name.to_ascii_lowercase(), argument).map_err(|e| format!("{term}: {e}"))?;
    Ok(Directive { verdict, mechanism, text: term.to_owned() })
}

fn mechanism(name: &str, argument: &str) -> Result<Mechanism, String> {
    let needed = || argument.strip_prefix(':').filter(|a| !a.is_empty()).ok_or_else(|| format!("{name} needs a value"));
    Ok(match name {
        "all" if argument.is_empty() => Mechanism::All,
        "all" => return Err("all has no value".to_owned()),
        "include" => Mechanism::Include(domain_spec(needed()?)?),
        "exists" => Mechanism::Exists(domain_spec(needed()?)?),
        "a" | "mx" => {
            let (domain, prefix) = domain_and_prefix(argument)?;
            if name == "a" { Mechanism::A(domain, prefix) } else { Mechanism::Mx(domain, prefix) }
        }
        "ptr" if argument.is_empty() => Mechanism::Ptr(None),
        "ptr" => Mechanism::Ptr(Some(domain_spec(needed()?)?)),
        "ip4" => {
            let (address, length) = split_prefix(needed()?)?;
            let address = address.parse().map_err(|_| format!("`{address}` is no IPv4 address"))?;
            Mechanism::Ip4(address, prefix(length, 32)?)
        }
        "ip6" => {
            let (address, length) = split_prefix(needed()?)?;
            address.parse::<Ipv6Addr>().map_err(|_| format!("`{address}` is no IPv6 address"))?;
            prefix(length, 128)?;
            Mechanism::Ip6
        }
        _ => return Err(format!("there is no mechanism `{name}`")),
    })
}

/// `192.0.2.0/24` in its two parts.
fn split_prefix(text: &str) -> Result<(&str, Option<&str>), String> {
    Ok(text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length))))
}

/// A prefix length without leading zeros, at most `most`; `most` if it is not written.
fn prefix(text: Option<&str>, most: u8) -> Result<u8, String> {
    let Some(text) = text else { return Ok(most) };
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    let length = text.parse().ok().filter(|n| plain && *n <= most);
    length.ok_or_else(|| format!("`{text}` is no prefix length of 0 to {most}"))
}

/// `[ ":" domain-spec ] [ "/" ip4-length ] [ "//" ip6-length ]`. A slash inside of `%{...}` is none of these.
fn domain_and_prefix(argument: &str) -> Result<(Option<MacroString>, u8), String> {
    let after_macros = argument.rfind('}').map_or(0, |at| at + 1);
    let tail = &argument[after_macros..];
    let (mut domain, mut four) = (argument, None);
    // The lengths stand at the end: digits behind one slash, digits behind two.
    if let Some(at) = tail.rfind("//") {
        prefix(Some(&tail[at + 2..]), 128)?;
        domain = &argument[..after_macros + at];
    }
    let tail = &domain[after_macros..];
    if let Some(at) = tail.rfind('/') {
        four = Some(&tail[at + 1..]);
        domain = &domain[..after_macros + at];
    }
    let length = prefix(four, 32)?;
    match domain.strip_prefix(':') {
        Some(domain) => Ok((Some(domain_spec(domain)?), length)),
        None if domain.is_empty() => Ok((None, length)),
        None => Err("a domain stands behind a colon".to_owned()),
    }
}

/// domain-spec (section 7.1): ends with a macro, or with a label that is not all digits.
fn domain_spec(text: &str) -> Result<MacroString, String> {
    let spec = MacroString::read(text, Use::Domain)?;
    if spec.ends_with_macro() {
        return Ok(spec);
    }
    let plain = text.strip_suffix('.').unwrap_or(text);
    let label = plain.rsplit_once('.').map(|(_, label)| label);
    let good = |l: &str| {
        let bytes = l.as_bytes();
        let word = bytes.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-');
        let ends = [bytes.first(), bytes.last()].iter().all(|b| b.is_some_and(u8::is_ascii_alphanumeric));
        word && ends && !bytes.iter().all(u8::is_ascii_digit)
    };
    if label.is_some_and(good) { Ok(spec) } else { Err(format!("`{text}` is no domain name")) }
}
