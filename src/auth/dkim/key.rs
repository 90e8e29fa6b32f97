//! Keys: the private one of a signer, and what a domain publishes about its own in DNS (RFC 6376 section 3.6.1).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use rsa::pkcs1::{DecodeRsaPrivateKey, DecodeRsaPublicKey};
use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePublicKey};
use rsa::traits::PublicKeyParts;
use rsa::{Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey};

use super::signature::{tag_list, without_blanks};
use crate::rng::Seed;

/// What is signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    RsaSha256,
    Ed25519Sha256,
}

impl Algorithm {
    /// As in `a=`.
    pub const fn name(self) -> &'static str {
        match self {
            Algorithm::RsaSha256 => "rsa-sha256",
            Algorithm::Ed25519Sha256 => "ed25519-sha256",
        }
    }

    /// As in `k=` of a key record.
    const fn key_type(self) -> &'static str {
        match self {
            Algorithm::RsaSha256 => "rsa",
            Algorithm::Ed25519Sha256 => "ed25519",
        }
    }
}

/// RFC 8301 section 3.2: shorter keys do not count.
const SHORTEST_RSA: usize = 1024;

/// How RSA names SHA-256 in front of the hash (RFC 8017 section 9.2, note 1).
const SHA256_INFO: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];

fn padding() -> Pkcs1v15Sign {
    Pkcs1v15Sign { hash_len: Some(32), prefix: SHA256_INFO.into() }
}

/// The private key of a signer.
#[derive(Clone)]
pub struct PrivateKey(Kind);

#[derive(Clone)]
enum Kind {
    Ed25519(Box<SigningKey>),
    Rsa(Box<RsaPrivateKey>),
}

/// What it is, and nothing of it.
impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({})", self.algorithm().name())
    }
}

/// The text is no private key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadKey(pub &'static str);

impl PrivateKey {
    /// An Ed25519 key from luck.
    pub fn from_seed(seed: Seed) -> PrivateKey {
        let mut secret = [0; 32];
        for (n, eight) in secret.chunks_mut(8).enumerate() {
            eight.copy_from_slice(&seed.nth(n as u64).to_be_bytes());
        }
        PrivateKey(Kind::Ed25519(Box::new(SigningKey::from_bytes(&secret))))
    }

    /// A key as it is written in a file: PEM of an RSA key (PKCS #8 or PKCS #1), or the 32 bytes of an Ed25519 key in
    /// base64.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str) -> Result<PrivateKey, BadKey> {
        if !text.trim_start().starts_with("-----BEGIN") {
            let secret = STANDARD.decode(without_blanks(text)).map_err(|_| BadKey("this is no base64"))?;
            let secret = secret.try_into().map_err(|_| BadKey("an Ed25519 key has 32 bytes"))?;
            return Ok(PrivateKey(Kind::Ed25519(Box::new(SigningKey::from_bytes(&secret)))));
        }
        let key = RsaPrivateKey::from_pkcs8_pem(text).or_else(|_| RsaPrivateKey::from_pkcs1_pem(text).map_err(drop));
        let key = key.map_err(|()| BadKey("this is no RSA private key in PEM"))?;
        if key.n().bits() < SHORTEST_RSA {
            return Err(BadKey("an RSA key has at least 1024 bits (RFC 8301)"));
        }
        Ok(PrivateKey(Kind::Rsa(Box::new(key))))
    }

    pub(super) fn algorithm(&self) -> Algorithm {
        match &self.0 {
            Kind::Ed25519(_) => Algorithm::Ed25519Sha256,
            Kind::Rsa(_) => Algorithm::RsaSha256,
        }
    }

    /// The text of the TXT record in which the public key is published (section 3.6.1).
    pub fn record(&self) -> String {
        let public = match &self.0 {
            Kind::Ed25519(key) => key.verifying_key().to_bytes().to_vec(),
            Kind::Rsa(key) => key.to_public_key().to_public_key_der().map_or_else(|_| Vec::new(), |d| d.into_vec()),
        };
        format!("v=DKIM1; k={}; p={}", self.algorithm().key_type(), STANDARD.encode(public))
    }

    /// The signature of a hash. RSA with this padding and Ed25519 both need no luck.
    pub(super) fn sign(&self, hash: &[u8; 32]) -> Vec<u8> {
        match &self.0 {
            Kind::Ed25519(key) => key.sign(hash).to_bytes().to_vec(),
            // Fails for keys too short for the padding only, and those were refused when the key was read.
            Kind::Rsa(key) => key.sign(padding(), hash).unwrap_or_default(),
        }
    }
}

/// What a domain publishes.
#[derive(Clone, Debug)]
pub(super) struct KeyRecord {
    key: Public,
    /// `t=y`: the domain is only trying.
    pub testing: bool,
    /// `t=s`: `i=` must be of exactly the domain in `d=`.
    pub exact: bool,
}

#[derive(Clone, Debug)]
enum Public {
    Ed25519(Box<VerifyingKey>),
    Rsa(Box<RsaPublicKey>),
}

impl KeyRecord {
    /// Reads the text of a TXT record (section 6.1.2 steps 3 to 9).
    ///
    /// # Errors
    /// Why it is no key for mail and for this algorithm.
    pub fn read(text: &str, algorithm: Algorithm) -> Result<KeyRecord, &'static str> {
        let tags = tag_list(text).map_err(|_| "the key record cannot be read")?;
        let tag = |name: &str| tags.iter().find(|t| t.0 == name).map(|t| t.1.as_str());
        // If it is there, it stands first (section 3.6.1).
        if tag("v").is_some_and(|v| v != "DKIM1") || tags.iter().position(|t| t.0 == "v").is_some_and(|at| at > 0) {
            return Err("the key record is of another version");
        }
        let list = |name: &str, default: &str| {
            let items = tag(name).unwrap_or(default).split(':').map(|w| w.trim().to_ascii_lowercase());
            items.collect::<Vec<_>>()
        };
        if !list("h", "sha256").iter().any(|h| h == "sha256") {
            return Err("the key is not for this hash");
        }
        if !list("s", "*").iter().any(|s| s == "*" || s == "email") {
            return Err("the key is not for mail");
        }
        if !tag("k").unwrap_or("rsa").eq_ignore_ascii_case(algorithm.key_type()) {
            return Err("the key is of another kind than the signature");
        }
        let public = without_blanks(tag("p").ok_or("the key record has no key")?);
        if public.is_empty() {
            return Err("the key was revoked");
        }
        let public = STANDARD.decode(public).map_err(|_| "the key is no base64")?;
        let key = match algorithm {
            Algorithm::Ed25519Sha256 => {
                let bytes: [u8; 32] = public.try_into().map_err(|_| "an Ed25519 key has 32 bytes")?;
                let key = VerifyingKey::from_bytes(&bytes).map_err(|_| "this is no Ed25519 key")?;
                Public::Ed25519(Box::new(key))
            }
            Algorithm::RsaSha256 => {
                // The RFC's examples have the first form; the text says the second (errata 3017).
                let key = RsaPublicKey::from_public_key_der(&public).map_err(drop);
                let key = key.or_else(|()| RsaPublicKey::from_pkcs1_der(&public).map_err(drop));
                let key = key.map_err(|()| "this is no RSA key")?;
                if key.n().bits() < SHORTEST_RSA {
                    return Err("the RSA key is shorter than 1024 bits");
                }
                Public::Rsa(Box::new(key))
            }
        };
        let flags = list("t", "");
        let flag = |name: &str| flags.iter().any(|f| f == name);
        Ok(KeyRecord { key, testing: flag("y"), exact: flag("s") })
    }

    /// Whether the signature is that of this key's owner.
    pub fn verifies(&self, hash: &[u8; 32], signature: &[u8]) -> bool {
        match &self.key {
            Public::Ed25519(key) => Signature::from_slice(signature).is_ok_and(|s| key.verify_strict(hash, &s).is_ok()),
            Public::Rsa(key) => key.verify(padding(), hash, signature).is_ok(),
        }
    }
}
