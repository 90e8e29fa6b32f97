//! A DNS message told (RFC 1035 section 4.1): what a datagram on port 53 says.

use std::fmt;

use hickory_proto::op::{Message, MessageType};
use hickory_proto::rr;

use super::zone::shown;
use super::{RecordType, ResponseCode, wire};

/// A message in words and numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Ties a response to its query.
    pub id: u16,
    /// Response (QR is 1) or query.
    pub response: bool,
    /// Kind of query; 0 is a standard query.
    pub opcode: u8,
    /// AA: the server is an authority for the name.
    pub authoritative: bool,
    /// TC: the message was cut to fit into the datagram.
    pub truncated: bool,
    /// RD: the server shall find the answer, wherever it is.
    pub recursion_desired: bool,
    /// RA: the server would do that.
    pub recursion_available: bool,
    /// What the server says about the question as a whole.
    pub code: ResponseCode,
    /// Names and types that are asked for.
    pub questions: Vec<(String, RecordType)>,
    /// Records that answer.
    pub answers: Vec<Entry>,
    /// Records that point to an authority.
    pub authorities: Vec<Entry>,
    /// Records that the asker will want next.
    pub additionals: Vec<Entry>,
}

/// A record in words, of whatever type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Owner.
    pub name: String,
    /// Type.
    pub rtype: RecordType,
    /// Time to live in seconds.
    pub ttl: u32,
    /// The data as in a zone file: `10 mx1.b.example`.
    pub data: String,
}

/// Bytes that are no DNS message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a DNS message: {0}")]
pub struct Unreadable(pub String);

/// Reads a message.
///
/// # Errors
/// What is wrong with the bytes.
pub fn read(bytes: &[u8]) -> Result<Summary, Unreadable> {
    let message = Message::from_vec(bytes).map_err(|e| Unreadable(e.to_string()))?;
    let header = message.metadata;
    Ok(Summary {
        id: header.id,
        response: header.message_type == MessageType::Response,
        opcode: header.op_code.into(),
        authoritative: header.authoritative,
        truncated: header.truncation,
        recursion_desired: header.recursion_desired,
        recursion_available: header.recursion_available,
        code: ResponseCode::from_number(header.response_code.into()),
        questions: message
            .queries
            .iter()
            .map(|q| (wire::text(q.name()), RecordType::from_number(q.query_type().into())))
            .collect(),
        answers: entries(&message.answers),
        authorities: entries(&message.authorities),
        additionals: entries(&message.additionals),
    })
}

fn entries(records: &[rr::Record]) -> Vec<Entry> {
    records.iter().map(entry).collect()
}

fn entry(record: &rr::Record) -> Entry {
    let data = match (wire::read(record), &record.data) {
        (Some(ours), _) => ours.data.to_string(),
        (None, rr::RData::SOA(soa)) => {
            let (primary, mailbox) = (wire::text(&soa.mname), wire::text(&soa.rname));
            let (primary, mailbox) = (shown(&primary), shown(&mailbox));
            format!("{primary} {mailbox} {} {} {} {} {}", soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum)
        }
        (None, other) => other.to_string(),
    };
    let rtype = RecordType::from_number(record.record_type().into());
    Entry { name: wire::text(&record.name), rtype, ttl: record.ttl, data }
}

/// `b.example MX 10 mx1.b.example`.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", shown(&self.name), self.rtype, self.data)
    }
}

/// One line: `query MX b.example`, `response MX b.example: b.example MX 10 mx1.b.example`,
/// `response A z.example: NXDOMAIN`.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.response { "response" } else { "query" })?;
        if self.opcode != 0 {
            write!(f, " of kind {}", self.opcode)?;
        }
        for (name, rtype) in &self.questions {
            write!(f, " {rtype} {}", shown(name))?;
        }
        if !self.response {
            return Ok(());
        }
        match (self.code, self.answers.as_slice()) {
            (ResponseCode::NoError, []) => f.write_str(": no such record")?,
            (ResponseCode::NoError, answers) => {
                for (i, answer) in answers.iter().enumerate() {
                    write!(f, "{} {answer}", if i == 0 { ":" } else { "," })?;
                }
            }
            (code, _) => write!(f, ": {code}")?,
        }
        if self.truncated { f.write_str(" (truncated)") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_query_is_told_in_one_line() {
        let bytes = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01B\x07example\x00\x00\x0f\x00\x01";
        let summary = read(bytes).unwrap();
        assert_eq!(summary.to_string(), "query MX b.example");
        assert_eq!((summary.id, summary.response, summary.recursion_desired), (0x1234, false, true));
        assert_eq!(read(&bytes[..20]).unwrap_err().to_string(), "not a DNS message: unexpected end of input reached");
    }

    proptest! {
        #[test]
        fn a_record_of_any_type_is_told_or_unreadable(
            rtype in prop_oneof![0u16..110, 249u16..260, any::<u16>()],
            data in prop::collection::vec(any::<u8>(), 0..48),
        ) {
            let mut bytes = b"\x00\x01\x84\x00\x00\x00\x00\x01\x00\x00\x00\x00\x01a\x00".to_vec();
            bytes.extend(rtype.to_be_bytes());
            bytes.extend(b"\x00\x01\x00\x00\x00\x3c");
            bytes.extend((data.len() as u16).to_be_bytes());
            bytes.extend(data);
            if let Ok(summary) = read(&bytes) {
                prop_assert!(summary.to_string().starts_with("response: a "));
            }
        }
    }
}
