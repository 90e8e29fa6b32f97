//! RFC 3501 section 7: what a server tells, as values.

use std::ops::Range;
use std::sync::Arc;

use super::Status;

/// One untagged response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// Section 7.2.1.
    Capability(Vec<String>),
    /// Sections 7.2.2 and 7.2.3: a folder.
    List {
        /// `\Noselect` and others.
        attributes: Vec<String>,
        /// Between the levels of a name; none: names are flat.
        delimiter: Option<char>,
        /// `INBOX` or another folder.
        name: String,
    },
    /// Section 7.2.4: numbers of a folder.
    Status {
        /// Which.
        folder: String,
        /// `MESSAGES` and others.
        items: Vec<(&'static str, u64)>,
    },
    /// Section 7.2.5: sequence numbers or UIDs, as was asked.
    Search(Vec<u32>),
    /// Section 7.2.6: flags that there are.
    Flags(Vec<String>),
    /// Flags that can be changed for good.
    PermanentFlags(Vec<String>),
    /// Section 7.3.1: number of letters.
    Exists(u32),
    /// Section 7.3.2: number of letters that are new to every session.
    Recent(u32),
    /// Sequence number of the first letter that is not seen.
    Unseen(u32),
    /// The UID that the next letter will have.
    UidNext(u32),
    /// UIDs remembered under another number are worthless.
    UidValidity(u32),
    /// Section 7.4.1: this sequence number is gone, and those above it go down by one.
    Expunge(u32),
    /// Section 7.4.2.
    Fetch(Fetch),
    /// Section 7.1: `* OK`, `* NO`, `* BAD` with words for a human reader.
    Text {
        /// Which of them.
        status: Status,
        /// The words.
        text: String,
    },
    /// Section 7.1.5: the server is about to close the connection.
    Bye(String),
    /// Of an extension that was not asked for.
    Other,
}

/// What a FETCH response says of one letter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fetch {
    /// Its sequence number.
    pub number: u32,
    /// UID.
    pub uid: Option<u32>,
    /// FLAGS, `\Recent` included.
    pub flags: Option<Vec<String>>,
    /// RFC822.SIZE.
    pub size: Option<u32>,
    /// INTERNALDATE, seconds since 1970.
    pub internal_date: Option<i64>,
    /// ENVELOPE.
    pub envelope: Option<Envelope>,
    /// Parts of the letter, whole letters included.
    pub sections: Vec<Section>,
}

/// The parts of an envelope that a list of letters shows; encoded words stay encoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Envelope {
    /// Date.
    pub date: String,
    /// Subject.
    pub subject: String,
    /// Addresses in From.
    pub from: Vec<String>,
    /// Addresses in To.
    pub to: Vec<String>,
    /// Message-ID, with its brackets.
    pub message_id: String,
}

/// Bytes of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// As in the response: `BODY[HEADER]`, `RFC822.TEXT`.
    pub name: String,
    /// Of a partial section: its first byte's place in the whole section.
    pub origin: Option<u32>,
    /// Where in the stream of the server's direction.
    pub range: Range<u64>,
    /// The bytes.
    pub bytes: Arc<[u8]>,
}
