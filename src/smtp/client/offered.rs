//! What a server offers in its reply to EHLO (RFC 5321 section 4.1.1.1).

use crate::smtp::Reply;

/// The extensions that this client can use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Offered {
    /// Several commands may be said before the first is answered (RFC 2920).
    pub pipelining: bool,
    /// MAIL may say how large the mail is (RFC 1870).
    pub size: bool,
    /// The session can go over to TLS (RFC 3207).
    pub starttls: bool,
}

impl Offered {
    /// Reads the lines behind the first one; the keyword may be written in any case.
    pub fn read(reply: &Reply) -> Self {
        let keywords = || reply.lines.iter().skip(1).filter_map(|line| line.split(' ').next());
        let has = |word: &str| keywords().any(|keyword| keyword.eq_ignore_ascii_case(word));
        Offered { pipelining: has("PIPELINING"), size: has("SIZE"), starttls: has("STARTTLS") }
    }
}
