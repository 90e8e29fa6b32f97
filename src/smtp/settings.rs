//! Settings that both ends have.

/// What ends a line (RFC 5321 section 2.3.8 allows CRLF alone; section 4.1.1.4 forbids to take a bare LF for
/// a line end, because two servers that disagree about it can be made to see different mails).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LineEnds {
    /// Only CRLF ends a line; a bare LF is a byte like others.
    /// A client turns each bare LF of its letter into CRLF, so that none goes out.
    #[default]
    Strict,
    /// A bare LF ends a line too, and so `LF . CRLF`, `LF . LF` and `CRLF . LF` end the data.
    /// A client sends its letter as it is.
    Lenient,
    /// As `Strict`; but a letter with a bare LF is refused with 554 at its end.
    /// A client does as with `Strict`.
    Refuse,
    /// Only CRLF . CRLF ends the data; but each bare LF of the letter becomes a CRLF where it is stored, so that nobody
    /// behind this server can read it in another way. A client does as with `Strict`.
    Normalise,
}

/// Whether a server has TLS to offer (RFC 3207).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StartTls {
    /// Whoever wants it.
    Offered,
    /// Whoever does not want it gets 530 to everything but NOOP, EHLO, STARTTLS and QUIT.
    Required,
    /// It is offered and does not work: 454, as when a certificate is missing.
    Unavailable,
}

/// How exactly commands must be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Syntax {
    /// As the grammar of RFC 5321 section 4.1.2 has it: `MAIL FROM:<alice@a.example>`.
    #[default]
    Strict,
    /// As many servers forgive it: blanks around the colon, no angle brackets, any name after EHLO.
    Lenient,
}
