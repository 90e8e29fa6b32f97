//! A mail as its writer typed it, before anything is encoded.

use std::sync::Arc;

use crate::smtp::options::Body;

/// What stands in the form of a user agent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// `alice@a.example` or `Alice <alice@a.example>`; the From field.
    pub from: String,
    /// To, one address each, in the same form.
    pub to: Vec<String>,
    /// Cc.
    pub cc: Vec<String>,
    /// Bcc: in the envelope only, never in the letter.
    pub bcc: Vec<String>,
    /// Subject.
    pub subject: String,
    /// The text as typed; lines end with LF.
    pub text: String,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// Text beyond ASCII goes as it is (`8bit`), because the way to the reader is known to take it (RFC 6152).
    pub eight_bit: bool,
    /// Files go as they are (`binary`), because the way to the reader is known to take it (RFC 3030 section 3).
    pub binary: bool,
    /// The text goes with the line ends that it has: nobody makes CRLF of a LF (RFC 5322 section 2.3 forbids such
    /// letters; a program that wants to do harm, or is sloppy, writes them all the same).
    pub raw: bool,
}

impl Draft {
    /// What the envelope says of the letter's bytes, if it must say something before they are seen.
    pub fn body(&self) -> Option<Body> {
        (self.binary && !self.attachments.is_empty()).then_some(Body::BinaryMime)
    }
}

/// A file that goes with a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// `photo.png`.
    pub name: String,
    /// `image/png`.
    pub content_type: String,
    /// The file.
    pub bytes: Arc<[u8]>,
}
