//! The DKIM-Signature field (RFC 6376 sections 3.2 and 3.5).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::canon::Canon;
use super::key::Algorithm;

/// A text without blanks and line ends.
pub(super) fn without_blanks(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_whitespace()).collect()
}

/// A tag-list: `name = value ; ...`, each name once, in order.
///
/// # Errors
/// What is wrong, in words.
pub(in crate::auth) fn tag_list(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut tags: Vec<(String, String)> = Vec::new();
    let mut parts = text.split(';').peekable();
    while let Some(part) = parts.next() {
        // The last one may be empty: a semicolon at the end.
        if parts.peek().is_none() && part.trim().is_empty() {
            break;
        }
        let (name, value) = part.split_once('=').ok_or_else(|| format!("`{}` has no =", part.trim()))?;
        let name = name.trim();
        let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        if !name.bytes().all(word) || !name.bytes().next().is_some_and(|b| b.is_ascii_alphabetic()) {
            return Err(format!("`{name}` is no name of a tag"));
        }
        if tags.iter().any(|t| t.0 == name) {
            return Err(format!("{name}= stands here twice"));
        }
        tags.push((name.to_owned(), value.trim().to_owned()));
    }
    Ok(tags)
}

/// A field, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fields {
    pub algorithm: Algorithm,
    pub signature: Vec<u8>,
    pub body_hash: Vec<u8>,
    pub canon: (Canon, Canon),
    pub domain: String,
    pub selector: String,
    pub headers: Vec<String>,
    /// The domain of `i=`.
    pub identity: String,
    pub length: Option<u64>,
    pub time: Option<u64>,
    pub expires: Option<u64>,
}

/// Domain, selector and the first characters of `b=`, as far as they can be found: to name a signature that cannot be
/// read.
pub(super) fn label(value: &str) -> [String; 4] {
    let tags: Vec<(&str, String)> =
        value.split(';').filter_map(|p| p.split_once('=')).map(|(n, v)| (n.trim(), without_blanks(v))).collect();
    let tag = |name: &str| tags.iter().find(|t| t.0 == name).map(|t| t.1.clone()).unwrap_or_default();
    let b: String = tag("b").chars().take(8).collect();
    [tag("d").to_ascii_lowercase(), tag("s"), tag("a").to_ascii_lowercase(), b]
}

impl Fields {
    /// Reads the value of a field (section 6.1.1).
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn read(value: &str) -> Result<Fields, String> {
        let tags = tag_list(value)?;
        let tag = |name: &str| tags.iter().find(|t| t.0 == name).map(|t| t.1.as_str());
        let needed = |name: &str| tag(name).filter(|v| !v.is_empty()).ok_or_else(|| format!("{name}= is missing"));
        if needed("v")? != "1" {
            return Err("the signature is of another version".to_owned());
        }
        let algorithm = match needed("a")?.to_ascii_lowercase().as_str() {
            "rsa-sha256" => Algorithm::RsaSha256,
            "ed25519-sha256" => Algorithm::Ed25519Sha256,
            // RFC 8301 section 3.1: rsa-sha1 counts no more.
            other => return Err(format!("the algorithm {other} does not count")),
        };
        let bytes = |name: &str| {
            let text = without_blanks(needed(name)?);
            STANDARD.decode(text).map_err(|_| format!("{name}= is no base64"))
        };
        let canon = |name: &str| Canon::named(name).ok_or_else(|| format!("c={name} is not known"));
        let canon = match tag("c") {
            None => (Canon::Simple, Canon::Simple),
            Some(c) => match c.split_once('/') {
                Some((header, body)) => (canon(header.trim())?, canon(body.trim())?),
                None => (canon(c)?, Canon::Simple),
            },
        };
        let domain = needed("d")?.to_ascii_lowercase();
        let selector = needed("s")?.to_owned();
        let headers: Vec<String> = needed("h")?.split(':').map(|h| h.trim().to_owned()).collect();
        if !headers.iter().any(|h| h.eq_ignore_ascii_case("from")) {
            return Err("From is not signed".to_owned());
        }
        let identity = match tag("i") {
            None => domain.clone(),
            Some(i) => i.rsplit_once('@').ok_or("i= has no @")?.1.trim().to_ascii_lowercase(),
        };
        if identity.strip_suffix(domain.as_str()).is_none_or(|rest| !rest.is_empty() && !rest.ends_with('.')) {
            return Err(format!("i= is not in {domain}"));
        }
        let methods = tag("q").unwrap_or("dns/txt");
        if !methods.split(':').any(|q| q.trim().eq_ignore_ascii_case("dns/txt")) {
            return Err(format!("q={methods} is not known"));
        }
        let number = |name: &str| match tag(name) {
            None => Ok(None),
            // 76 digits and more are allowed; all that are too large mean the same.
            Some(n) if !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()) => {
                Ok(Some(n.parse().unwrap_or(u64::MAX)))
            }
            Some(n) => Err(format!("{name}={n} is no number")),
        };
        let (length, time, expires) = (number("l")?, number("t")?, number("x")?);
        if let (Some(t), Some(x)) = (time, expires)
            && x <= t
        {
            return Err("it expires before it was made".to_owned());
        }
        let (signature, body_hash) = (bytes("b")?, bytes("bh")?);
        Ok(Fields {
            algorithm,
            signature,
            body_hash,
            canon,
            domain,
            selector,
            headers,
            identity,
            length,
            time,
            expires,
        })
    }
}

/// The field without the value of `b=`, blanks around it included (section 3.7). Its last CRLF is no part of that value.
pub(super) fn without_signature(field: &[u8]) -> Vec<u8> {
    let whole = field.strip_suffix(b"\r\n").unwrap_or(field);
    let (name, value) = whole.split_at(whole.iter().position(|b| *b == b':').map_or(0, |at| at + 1));
    let mut out = Vec::with_capacity(field.len());
    out.extend_from_slice(name);
    for (i, part) in value.split(|b| *b == b';').enumerate() {
        if i > 0 {
            out.push(b';');
        }
        match part.iter().position(|b| *b == b'=') {
            Some(at) if part[..at].trim_ascii() == b"b" => out.extend_from_slice(&part[..=at]),
            _ => out.extend_from_slice(part),
        }
    }
    out.extend_from_slice(b"\r\n");
    out
}
