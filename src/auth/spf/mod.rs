//! SPF (RFC 7208): may this address send mail for this domain?
//!
//! ```text
//! record    = "v=spf1" *( 1*SP ( directive / modifier ) ) *SP
//! directive = [ "+" / "-" / "?" / "~" ] mechanism
//! mechanism = all / include / a / mx / ptr / ip4 / ip6 / exists
//! modifier  = redirect / exp / unknown
//! ```
//! The first mechanism that matches gives the result by the sign in front of it. SPF looks at the domain of the envelope
//! (MAIL FROM, or HELO when that is empty), never at the From line that a reader sees.

mod check;
mod macros;
mod record;

use std::fmt;
use std::net::Ipv4Addr;

pub use check::check_host;

/// What is checked (section 4.1). The clients of the simulated network have IPv4 addresses; `ip6` mechanisms are read,
/// and match none of them.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Address of the client.
    pub ip: Ipv4Addr,
    /// The domain whose record is looked for: that of MAIL FROM, or the HELO name.
    pub domain: &'a str,
    /// `local@domain` of MAIL FROM or, when that is empty, `postmaster@` the HELO name (section 2.4).
    pub sender: &'a str,
    /// The name in HELO or EHLO.
    pub helo: &'a str,
    /// Name of the host that checks.
    pub receiver: &'a str,
    /// Seconds since 1970.
    pub now: i64,
}

/// The result (section 2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// The domain has no record, or there is no domain.
    None,
    /// The domain says that it says nothing.
    Neutral,
    /// The client may send for the domain.
    Pass,
    /// The client may not.
    Fail,
    /// It probably may not.
    SoftFail,
    /// DNS did not answer: try again later.
    TempError,
    /// The record cannot be read.
    PermError,
}

impl Verdict {
    /// As in Authentication-Results (RFC 8601 section 2.7.2).
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::None => "none",
            Verdict::Neutral => "neutral",
            Verdict::Pass => "pass",
            Verdict::Fail => "fail",
            Verdict::SoftFail => "softfail",
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

/// A result and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The result.
    pub verdict: Verdict,
    /// The domain that was asked about, lower case.
    pub domain: String,
    /// The term that matched, or what is wrong, in words.
    pub reason: String,
    /// What the domain's owner has to say to the sender, after `fail` only (`exp`, section 6.2).
    pub explanation: Option<String>,
}

#[cfg(test)]
mod tests;
