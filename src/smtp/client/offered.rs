//! What a server offers in its reply to EHLO (RFC 5321 section 4.1.1.1).

use crate::smtp::Reply;
use crate::smtp::auth::Mechanism;

/// The extensions that this client can use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Offered {
    /// Several commands may be said before the first is answered (RFC 2920).
    pub pipelining: bool,
    /// MAIL may say how large the mail is (RFC 1870).
    pub size: bool,
    /// The session can go over to TLS (RFC 3207).
    pub starttls: bool,
    /// Letters may have bytes above 127 (RFC 6152).
    pub eight_bit: bool,
    /// Addresses may have them too (RFC 6531).
    pub smtputf8: bool,
    /// The sender's wishes about reports travel on (RFC 3461).
    pub dsn: bool,
    /// The letter may come in pieces (RFC 3030).
    pub chunking: bool,
    /// And then it may have any bytes (RFC 3030 section 3).
    pub binary: bool,
    /// How one can log in (RFC 4954).
    pub auth: Vec<Mechanism>,
}

impl Offered {
    /// Reads the lines behind the first one; the keyword may be written in any case.
    pub fn read(reply: &Reply) -> Self {
        let lines = || reply.lines.iter().skip(1);
        let keyword = |line: &str, word: &str| line.split(' ').next().is_some_and(|k| k.eq_ignore_ascii_case(word));
        let has = |word: &str| lines().any(|line| keyword(line, word));
        let auth = lines().filter(|line| keyword(line, "AUTH")).flat_map(|line| line.split(' ').skip(1));
        Offered {
            pipelining: has("PIPELINING"),
            size: has("SIZE"),
            starttls: has("STARTTLS"),
            eight_bit: has("8BITMIME"),
            smtputf8: has("SMTPUTF8"),
            dsn: has("DSN"),
            chunking: has("CHUNKING"),
            binary: has("BINARYMIME") && has("CHUNKING"),
            auth: auth.filter_map(Mechanism::of).collect(),
        }
    }
}
