//! The parameters of MAIL and RCPT (RFC 5321 section 4.1.1.11): each belongs to an extension, and means something
//! only where that was offered.

use super::Server;
use super::commands::Refusal;
use crate::smtp::options::{Body, Notify, Ret, Wish, is_xtext};
use crate::smtp::{Options, Param};

const UNKNOWN: Refusal = (555, "5.5.4", "MAIL FROM/RCPT TO parameters not recognized or not implemented");
const MALFORMED: Refusal = (501, "5.5.4", "Syntax error in parameters or arguments");
const NOT_IMPLEMENTED: Refusal = (504, "5.5.4", "Command parameter not implemented");

/// Longest ENVID (RFC 3461 section 4.4) and ORCPT (section 4.2).
const LONGEST_ENVID: usize = 100;
const LONGEST_ORCPT: usize = 500;

impl Server {
    /// What MAIL says besides the sender.
    pub(super) fn mail_options(&self, params: &[Param]) -> Result<Options, Refusal> {
        let mut options = Options::default();
        each_once(params)?;
        for Param { keyword, value } in params {
            let value = value.as_deref();
            match keyword.as_str() {
                "SIZE" if self.offers("SIZE") => self.declared_size(value)?,
                "BODY" if self.offers("8BITMIME") || self.takes_binary() => {
                    let value = value.ok_or(MALFORMED)?;
                    let known = Body::ALL.into_iter().filter(|body| match body {
                        Body::SevenBit => true,
                        Body::EightBitMime => self.offers("8BITMIME"),
                        Body::BinaryMime => self.takes_binary(),
                    });
                    let body = known.into_iter().find(|b| b.name().eq_ignore_ascii_case(value));
                    options.body = Some(body.ok_or(NOT_IMPLEMENTED)?);
                }
                "SMTPUTF8" if self.offers("SMTPUTF8") => {
                    if value.is_some() {
                        return Err(MALFORMED);
                    }
                    options.smtputf8 = true;
                }
                "RET" if self.offers("DSN") => {
                    let value = value.ok_or(MALFORMED)?;
                    let ret = [Ret::Full, Ret::Hdrs].into_iter().find(|r| r.name().eq_ignore_ascii_case(value));
                    options.ret = Some(ret.ok_or(MALFORMED)?);
                }
                "ENVID" if self.offers("DSN") => {
                    let good = value.filter(|v| is_xtext(v) && v.len() <= LONGEST_ENVID);
                    options.envid = Some(good.ok_or(MALFORMED)?.to_owned());
                }
                "AUTH" if self.offers("AUTH") => {
                    let value = value.filter(|v| *v == "<>" || is_xtext(v)).ok_or(MALFORMED)?;
                    // RFC 4954 section 5: what somebody says whom we do not know counts as "nobody knows".
                    let believed = if self.user.is_some() { value } else { "<>" };
                    options.auth = Some(believed.to_owned());
                }
                _ => return Err(UNKNOWN),
            }
        }
        Ok(options)
    }

    /// What RCPT says besides the recipient.
    pub(super) fn rcpt_wish(&self, params: &[Param]) -> Result<Wish, Refusal> {
        let mut wish = Wish::default();
        each_once(params)?;
        for Param { keyword, value } in params {
            let value = value.as_deref();
            match keyword.as_str() {
                "NOTIFY" if self.offers("DSN") => {
                    wish.notify = Some(value.and_then(Notify::read).ok_or(MALFORMED)?);
                }
                "ORCPT" if self.offers("DSN") => {
                    let good = |v: &&str| {
                        let parts = v.split_once(';');
                        v.len() <= LONGEST_ORCPT && parts.is_some_and(|(kind, a)| !kind.is_empty() && is_xtext(a))
                    };
                    wish.orcpt = Some(value.filter(good).ok_or(MALFORMED)?.to_owned());
                }
                _ => return Err(UNKNOWN),
            }
        }
        Ok(wish)
    }

    /// RFC 3030 section 3: BINARYMIME is of use only together with CHUNKING.
    fn takes_binary(&self) -> bool {
        self.offers("BINARYMIME") && self.offers("CHUNKING")
    }

    /// SIZE= (RFC 1870 section 6.1).
    fn declared_size(&self, value: Option<&str>) -> Result<(), Refusal> {
        match value {
            Some(digits) if (1..=20).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) => {
                let fits = digits.parse::<u64>().is_ok_and(|n| n <= self.largest_declared());
                if fits { Ok(()) } else { Err((552, "5.3.4", "Message size exceeds fixed maximum message size")) }
            }
            _ => Err(MALFORMED),
        }
    }

    /// The largest message that SIZE allows: what is offered, and never more than the limit.
    fn largest_declared(&self) -> u64 {
        let offered = self.cfg.offered("SIZE").and_then(|mut words| words.next()?.parse::<u64>().ok());
        // RFC 1870: 0 means no fixed maximum.
        offered.filter(|&n| n > 0).unwrap_or(u64::MAX).min(self.cfg.limits.message as u64)
    }
}

/// A parameter that stands there twice would have two meanings.
fn each_once(params: &[Param]) -> Result<(), Refusal> {
    let twice = params.iter().enumerate().any(|(i, p)| params[..i].iter().any(|q| q.keyword == p.keyword));
    if twice { Err(MALFORMED) } else { Ok(()) }
}
