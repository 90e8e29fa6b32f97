//! A name server over zones (RFC 1034 section 4.3.2, RFC 1035 section 7.3).
//!
//! It is an authority for all zones it holds and says so (AA). It also says that it would look further
//! (RA), because to the hosts of a scenario it is "the resolver": it has all zones that there are.
//!
//! A response in a datagram is at most 512 bytes (section 4.2.1), or what the asker's EDNS record allows (RFC 6891); over
//! TCP it is whole (section 4.2.2).

mod search;

use std::collections::BTreeSet;

use hickory_proto::op::{Message, OpCode, Query, ResponseCode, emit_message_parts};
use hickory_proto::rr::DNSClass;
use hickory_proto::serialize::binary::{BinDecodable, BinDecoder, BinEncoder};

use super::Zones;
use search::Search;

/// How a server behaves, apart from what it knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// RA: it says that it looks further on behalf of the asker.
    pub recursion_available: bool,
    /// Names (lower case) that it has trouble with: questions about them and about names below them are
    /// answered with SERVFAIL.
    pub failing: BTreeSet<String>,
    /// Names (lower case) about which, and about names below them, it says nothing at all.
    pub silent: BTreeSet<String>,
}

impl Default for Policy {
    fn default() -> Self {
        Policy { recursion_available: true, failing: BTreeSet::new(), silent: BTreeSet::new() }
    }
}

/// Length of the header (section 4.1.1).
const HEADER: usize = 12;
/// The largest message in a datagram without EDNS (section 4.2.1).
const SMALL: u16 = 512;
/// The largest message we send at all: fits into one packet of an Ethernet with room for tunnels.
const LARGE: u16 = 1232;
/// Length of an OPT record without options (RFC 6891 section 6.1.2).
const OPT: u16 = 11;

/// The answer to `query`, as a server with the usual [`Policy`] gives it.
///
/// `None` where no answer is right: for a response (answering it could go on for ever) and for bytes too
/// few for a header.
pub fn answer(zones: &Zones, query: &[u8]) -> Option<Vec<u8>> {
    answer_with(zones, &Policy::default(), query)
}

/// The answer to `query` in a datagram; see [`answer`].
pub fn answer_with(zones: &Zones, policy: &Policy, query: &[u8]) -> Option<Vec<u8>> {
    respond(zones, policy, query, SMALL)
}

/// The answer to `query` over TCP, where nothing need be cut (RFC 7766).
pub fn answer_stream(zones: &Zones, policy: &Policy, query: &[u8]) -> Option<Vec<u8>> {
    respond(zones, policy, query, u16::MAX)
}

/// `most`: the bytes that fit if the asker says nothing of it.
fn respond(zones: &Zones, policy: &Policy, query: &[u8], most: u16) -> Option<Vec<u8>> {
    let written = |reply, code, edns: Option<u16>| written(reply, code, edns, most);
    let header: &[u8; HEADER] = query.first_chunk()?;
    if header[2] & 0x80 != 0 {
        return None;
    }
    let opcode = OpCode::from_u8(header[2] >> 3 & 0xf);
    let mut reply = Message::response(u16::from_be_bytes([header[0], header[1]]), opcode);
    reply.metadata.recursion_desired = header[2] & 1 != 0;
    reply.metadata.recursion_available = policy.recursion_available;
    if opcode != OpCode::Query {
        // The rest may have a shape of its own, but every kind of message has its question here.
        reply.queries.extend(first_question(query));
        return written(reply, ResponseCode::NotImp, None);
    }
    let Ok(message) = Message::from_vec(query) else {
        return written(reply, ResponseCode::FormErr, None);
    };
    let [question] = message.queries.as_slice() else {
        return written(reply, ResponseCode::FormErr, None);
    };
    reply.metadata.checking_disabled = message.metadata.checking_disabled;
    reply.queries.push(question.clone());
    let room = message.edns.as_ref().map(|edns| edns.max_payload().clamp(SMALL, LARGE));
    if message.edns.as_ref().is_some_and(|edns| edns.version() > 0) {
        return written(reply, ResponseCode::BADVERS, room);
    }
    let name = super::wire::text(question.name());
    if policy.silent.iter().any(|silent| super::zone::is_at_or_below(&name, silent)) {
        return None;
    }
    let (reply, code) = answered(zones, policy, question, reply);
    written(reply, code, room)
}

fn first_question(query: &[u8]) -> Option<Query> {
    let count = u16::from_be_bytes([query[4], query[5]]);
    let mut decoder = BinDecoder::new(query);
    decoder.read_slice(HEADER).ok()?;
    if count == 1 { Query::read(&mut decoder).ok() } else { None }
}

/// Questions for whole zones: IXFR, AXFR, MAILB, MAILA (RFC 1035 section 3.2.3, RFC 1995).
const ZONE_QUESTIONS: std::ops::RangeInclusive<u16> = 251..=254;

fn answered(zones: &Zones, policy: &Policy, question: &Query, reply: Message) -> (Message, ResponseCode) {
    if !matches!(question.query_class(), DNSClass::IN | DNSClass::ANY) {
        return (reply, ResponseCode::Refused);
    }
    if ZONE_QUESTIONS.contains(&question.query_type().into()) {
        return (reply, ResponseCode::NotImp);
    }
    let name = super::wire::text(question.name());
    if policy.failing.iter().any(|f| super::zone::is_at_or_below(&name, f)) {
        return (reply, ResponseCode::ServFail);
    }
    Search::new(zones, reply).run(name, super::RecordType::from_number(question.query_type().into()))
}

/// The bytes of a reply, cut to what fits: records that are only helpful go first and without a word,
/// a missing answer is confessed with TC (RFC 2181 section 9).
fn written(mut reply: Message, code: ResponseCode, edns_room: Option<u16>, most: u16) -> Option<Vec<u8>> {
    reply.metadata.response_code = code;
    let room = edns_room.map_or(most, |room| room.max(most) - OPT);
    let mut bytes = encode(&reply, u16::MAX)?;
    if bytes.len() > usize::from(room) {
        reply.additionals.clear();
        bytes = encode(&reply, room)?;
    }
    if edns_room.is_some() {
        append_opt(&mut bytes, code);
    }
    Some(bytes)
}

fn encode(message: &Message, room: u16) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(usize::from(SMALL));
    let mut encoder = BinEncoder::new(&mut bytes);
    encoder.set_max_size(room);
    emit_message_parts(
        &message.metadata,
        &mut message.queries.iter(),
        &mut message.answers.iter(),
        &mut message.authorities.iter(),
        &mut message.additionals.iter(),
        None,
        None,
        &mut encoder,
    )
    .ok()?;
    Some(bytes)
}

/// Adds the OPT record that answers the asker's: our own limit, and the upper bits of the code.
fn append_opt(bytes: &mut Vec<u8>, code: ResponseCode) {
    bytes.push(0); // owner: the root
    bytes.extend_from_slice(&41u16.to_be_bytes());
    bytes.extend_from_slice(&LARGE.to_be_bytes());
    bytes.extend_from_slice(&[code.high(), 0, 0, 0]); // code, version, flags
    bytes.extend_from_slice(&[0, 0]); // no options
    let count = u16::from_be_bytes([bytes[10], bytes[11]]) + 1;
    bytes[10..12].copy_from_slice(&count.to_be_bytes());
}

#[cfg(test)]
mod tests;
