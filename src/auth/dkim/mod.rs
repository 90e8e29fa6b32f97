//! DKIM (RFC 6376, with Ed25519 of RFC 8463 and the key sizes of RFC 8301): a domain signs a letter, and anybody can
//! check with the key that the domain publishes in DNS that these bytes are what it signed.
//!
//! ```text
//!  body   -- canonicalised -- SHA-256 ------------------------------> bh=
//!  fields of h= -- canonicalised --+
//!  DKIM-Signature without b= ------+-- SHA-256 -- private key ------> b=
//! ```

mod canon;
mod key;
mod sign;
mod signature;
mod verify;

pub use canon::Canon;
pub use key::{BadKey, PrivateKey};
pub use sign::{SIGNED, Signer};
pub(super) use signature::tag_list;
pub use verify::{MOST_SIGNATURES, Outcome, Verdict, verify};

#[cfg(test)]
mod tests;
