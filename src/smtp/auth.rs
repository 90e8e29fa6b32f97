//! Proving who one is: the mechanisms of AUTH (RFC 4954).
//!
//! ```text
//!  PLAIN (RFC 4616)     C: AUTH PLAIN base64( [authzid] NUL authcid NUL password )
//!  LOGIN (in use, never a standard)
//!                       S: 334 base64("Username:")  C: base64(name)  S: 334 base64("Password:")  C: base64(password)
//!  CRAM-MD5 (RFC 2195)  S: 334 base64(challenge)    C: base64(name SP hex(HMAC-MD5(password, challenge)))
//! ```
//! base64 is no lock: who hears PLAIN or LOGIN without TLS has the password. CRAM-MD5 sends a proof of it only.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};

/// A mechanism that both ends know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mechanism {
    /// RFC 4616.
    Plain,
    /// Two questions; older than PLAIN.
    Login,
    /// RFC 2195.
    CramMd5,
}

impl Mechanism {
    /// All of them.
    pub const ALL: [Mechanism; 3] = [Mechanism::Plain, Mechanism::Login, Mechanism::CramMd5];

    /// As on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Mechanism::Plain => "PLAIN",
            Mechanism::Login => "LOGIN",
            Mechanism::CramMd5 => "CRAM-MD5",
        }
    }

    /// The mechanism with this name; capitals and small letters are the same.
    pub fn of(name: &str) -> Option<Mechanism> {
        Mechanism::ALL.into_iter().find(|m| m.name().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// With what a user shows that he is who he says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The password itself.
    Password(String),
    /// CRAM-MD5.
    CramMd5 {
        /// What the server asked.
        challenge: String,
        /// What the client made of it, 32 hexadecimal digits.
        digest: String,
    },
}

impl Proof {
    /// Whether it is the proof of one who knows this password.
    pub fn fits(&self, password: &str) -> bool {
        match self {
            Proof::Password(given) => given == password,
            Proof::CramMd5 { challenge, digest } => *digest == cram_md5(password, challenge),
        }
    }
}

/// Longest line of an exchange, its CRLF included (RFC 4954 section 4).
pub const LONGEST_LINE: usize = 12_288;

/// The first challenge of LOGIN, decoded.
pub const USERNAME: &str = "Username:";
/// The second one.
pub const PASSWORD: &str = "Password:";

/// base64 of RFC 4648, as AUTH has it: no line ends.
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

/// What stands in a response; nothing if it is not base64 (RFC 4954 section 4: 501).
pub fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// The response of PLAIN: nobody else's rights are asked for.
pub fn plain(user: &str, password: &str) -> String {
    encode(["", user, password].join("\0"))
}

/// Name and password in a decoded response of PLAIN. A name on whose behalf somebody acts must be his own: there are
/// no others' rights to be had here.
pub fn read_plain(response: &[u8]) -> Option<(String, String)> {
    let text = std::str::from_utf8(response).ok()?;
    let mut parts = text.split('\0');
    let (on_behalf, user, password) = (parts.next()?, parts.next()?, parts.next()?);
    let good = parts.next().is_none() && !user.is_empty() && (on_behalf.is_empty() || on_behalf == user);
    good.then(|| (user.to_owned(), password.to_owned()))
}

/// The digest of CRAM-MD5 in 32 hexadecimal digits.
pub fn cram_md5(password: &str, challenge: &str) -> String {
    let mut mac = Hmac::<md5::Md5>::new_from_slice(password.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(challenge.as_bytes());
    mac.finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect()
}

/// Name and digest in a decoded response of CRAM-MD5; the name may have blanks in it.
pub fn read_cram_md5(response: &[u8]) -> Option<(String, String)> {
    let (user, digest) = std::str::from_utf8(response).ok()?.rsplit_once(' ')?;
    (!user.is_empty()).then(|| (user.to_owned(), digest.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 2195 section 2.
    #[test]
    fn the_example_of_rfc_2195() {
        let challenge = "<1896.697170952@postoffice.reston.mci.net>";
        assert_eq!(cram_md5("tanstaaftanstaaf", challenge), "b913a602c7eda7a495b4e6e7334d3890");
        let response = decode("dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw").unwrap();
        assert_eq!(read_cram_md5(&response), Some(("tim".into(), "b913a602c7eda7a495b4e6e7334d3890".into())));
    }

    #[test]
    fn plain_is_two_names_and_a_password() {
        assert_eq!(plain("alice", "secret"), "AGFsaWNlAHNlY3JldA==");
        let read = |text: &[u8]| read_plain(text);
        assert_eq!(read(b"\0alice\0secret"), Some(("alice".into(), "secret".into())));
        assert_eq!(read(b"alice\0alice\0"), Some(("alice".into(), String::new())));
        for wrong in [&b""[..], b"\0alice", b"bob\0alice\0secret", b"\0alice\0secret\0", b"\0\0secret", b"\0\xff\0x"] {
            assert_eq!(read(wrong), None, "{}", wrong.escape_ascii());
        }
    }
}
