//! Verifying (RFC 6376 section 6).

use std::fmt;

use sha2::{Digest, Sha256};

use super::canon::Letter;
use super::key::KeyRecord;
use super::signature::{Fields, label, without_signature};
use crate::auth::lookup::{Known, Missing, is_nothing};

/// Signatures that are looked at; more are left alone, or a letter of nothing but signatures would be work for hours
/// (section 6.1).
pub const MOST_SIGNATURES: usize = 8;

/// What came of a signature (RFC 8601 section 2.7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// The letter has no signature.
    None,
    /// It is the domain's, and the letter is as it was signed.
    Pass,
    /// It is not, or the letter was changed.
    Fail,
    /// The field cannot be read.
    Neutral,
    /// DNS did not answer: try again later.
    TempError,
    /// There is no key, or one that does not fit.
    PermError,
}

impl Verdict {
    /// As in Authentication-Results.
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::None => "none",
            Verdict::Pass => "pass",
            Verdict::Fail => "fail",
            Verdict::Neutral => "neutral",
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

/// One signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The result.
    pub verdict: Verdict,
    /// `d=`, lower case; empty if there is none.
    pub domain: String,
    /// `s=`.
    pub selector: String,
    /// `a=`.
    pub algorithm: String,
    /// The first eight characters of `b=`, by which signatures are told apart (RFC 6008).
    pub b: String,
    /// Why, in words.
    pub reason: String,
    /// `t=y` in the key record: the letter is to be treated as if it had no signature (section 3.6.1).
    pub testing: bool,
}

/// Checks the signatures of a letter, from the top; `now` in seconds since 1970.
///
/// # Errors
/// What must be known first.
pub fn verify(known: &Known, bytes: &[u8], now: u64) -> Result<Vec<Outcome>, Missing> {
    let letter = Letter::new(bytes);
    let signatures = letter.fields.iter().filter(|f| f.0.eq_ignore_ascii_case("DKIM-Signature"));
    signatures.take(MOST_SIGNATURES).map(|(_, field)| one(known, &letter, field, now)).collect()
}

fn one(known: &Known, letter: &Letter<'_>, field: &[u8], now: u64) -> Result<Outcome, Missing> {
    let text = String::from_utf8_lossy(field);
    let value = text.split_once(':').map_or("", |(_, value)| value);
    let [domain, selector, algorithm, b] = label(value);
    let mut outcome =
        Outcome { verdict: Verdict::Neutral, domain, selector, algorithm, b, reason: String::new(), testing: false };
    (outcome.verdict, outcome.reason) = match Fields::read(value) {
        Err(reason) => (Verdict::Neutral, reason),
        Ok(fields) => judged(known, letter, field, &fields, now, &mut outcome.testing)?,
    };
    Ok(outcome)
}

type Judged = (Verdict, String);

fn judged(
    known: &Known,
    letter: &Letter<'_>,
    field: &[u8],
    fields: &Fields,
    now: u64,
    testing: &mut bool,
) -> Result<Judged, Missing> {
    let fail = |reason: &str| Ok((Verdict::Fail, reason.to_owned()));
    if fields.expires.is_some_and(|x| x < now) {
        return fail("the signature has expired");
    }
    let name = format!("{}._domainkey.{}", fields.selector, fields.domain);
    let texts = match known.texts(&name)? {
        Ok(texts) => texts,
        Err(failure) if is_nothing(failure) => return Ok((Verdict::PermError, format!("no key: {failure}"))),
        Err(failure) => return Ok((Verdict::TempError, format!("no key: {failure}"))),
    };
    // There should be one record; of several, the first that is a key is as good as any (section 3.6.2.2).
    let mut wrong = "there is no key record";
    let mut key = None;
    for text in &texts {
        match KeyRecord::read(text, fields.algorithm) {
            Ok(record) => {
                key = Some(record);
                break;
            }
            Err(reason) => wrong = reason,
        }
    }
    let Some(key) = key else { return Ok((Verdict::PermError, wrong.to_owned())) };
    *testing = key.testing;
    if key.exact && fields.identity != fields.domain {
        return Ok((Verdict::PermError, "the key is not for names below the domain".to_owned()));
    }
    let mut body = fields.canon.1.body(letter.body);
    if let Some(length) = fields.length {
        if (body.len() as u64) < length {
            return fail("the body is shorter than what was signed");
        }
        body.truncate(length as usize);
    }
    if Sha256::digest(&body)[..] != fields.body_hash {
        return fail("the body was changed");
    }
    let signed = letter.signed(fields.canon.0, &fields.headers, &without_signature(field));
    if !key.verifies(&Sha256::digest(signed).into(), &fields.signature) {
        return fail("the header was changed, or the key is another");
    }
    Ok((Verdict::Pass, "the letter is as it was signed".to_owned()))
}
