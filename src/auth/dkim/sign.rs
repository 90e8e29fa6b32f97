//! Signing (RFC 6376 section 5).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::canon::{Canon, Letter};
use super::key::PrivateKey;
use super::signature::without_signature;

/// Fields that are signed if nobody says otherwise (section 5.4.1). From stands twice: a second one that somebody puts in
/// later breaks the signature.
pub const SIGNED: [&str; 9] =
    ["From", "From", "To", "Cc", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"];

/// A domain that signs.
#[derive(Clone, Debug)]
pub struct Signer {
    /// `d=`, lower case.
    pub domain: String,
    /// `s=`: the key is published at `<selector>._domainkey.<domain>`.
    pub selector: String,
    /// The private key.
    pub key: PrivateKey,
    /// `c=`: header, body.
    pub canon: (Canon, Canon),
    /// `h=`: fields that are signed.
    pub headers: Vec<String>,
    /// `i=`: on whose behalf, `alice@a.example`.
    pub identity: Option<String>,
    /// `x=` so many seconds after `t=`.
    pub lifetime: Option<u64>,
    /// `l=`: the length of the body is told, and what is put behind it is not signed.
    pub tells_length: bool,
}

impl Signer {
    /// Where the key is published.
    pub fn key_name(&self) -> String {
        format!("{}._domainkey.{}", self.selector, self.domain)
    }

    /// The DKIM-Signature field for a letter, with its CRLF; `now` in seconds since 1970.
    pub fn sign(&self, bytes: &[u8], now: u64) -> String {
        let letter = Letter::new(bytes);
        let body = self.canon.1.body(letter.body);
        let mut field = format!(
            "DKIM-Signature: v=1; a={}; c={}/{}; d={};\r\n\ts={}; t={now};",
            self.key.algorithm().name(),
            self.canon.0,
            self.canon.1,
            self.domain,
            self.selector
        );
        if let Some(lifetime) = self.lifetime {
            field.push_str(&format!(" x={};", now.saturating_add(lifetime)));
        }
        if let Some(identity) = &self.identity {
            field.push_str(&format!(" i={identity};"));
        }
        if self.tells_length {
            field.push_str(&format!(" l={};", body.len()));
        }
        field.push_str(&format!("\r\n\th={};", self.headers.join(":")));
        field.push_str(&format!("\r\n\tbh={};\r\n\tb=\r\n", STANDARD.encode(Sha256::digest(&body))));
        let signature = signature_of(&self.key, &letter, self.canon.0, &self.headers, field.as_bytes());
        field.truncate(field.len() - 2);
        // Lines that anybody can take (RFC 5322 section 2.1.1).
        for (i, part) in signature.as_bytes().chunks(72).enumerate() {
            field.push_str(if i > 0 { "\r\n\t" } else { "" });
            field.push_str(&String::from_utf8_lossy(part));
        }
        field.push_str("\r\n");
        field
    }
}

/// `b=` for a letter and a DKIM-Signature field, whatever its `b=` is.
pub(super) fn signature_of(
    key: &PrivateKey,
    letter: &Letter<'_>,
    canon: Canon,
    headers: &[String],
    field: &[u8],
) -> String {
    let signed = letter.signed(canon, headers, &without_signature(field));
    STANDARD.encode(key.sign(&Sha256::digest(signed).into()))
}
