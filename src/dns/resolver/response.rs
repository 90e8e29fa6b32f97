//! What a response means for the question (RFC 1034 section 5.3.3 step 4, RFC 2308 section 2).

use hickory_proto::op::Message;
use hickory_proto::rr::{DNSClass, RData};

use super::{Answer, Failure, Question};
use crate::dns::{Record, RecordData, RecordType, ResponseCode, wire};

/// How many CNAMEs of one response are followed.
const LONGEST_CHAIN: usize = 16;

/// See the [module](self).
pub(super) enum Meaning {
    /// This is the answer; it may be remembered for so many seconds.
    Final { answer: Answer, ttl: u32 },
    /// The name is a CNAME of this one, about which the response says nothing: ask again.
    Elsewhere { name: String, ttl: u32 },
}

/// Whether the response repeats the question. A server that could not read it may leave it out.
pub(super) fn is_about(message: &Message, question: &Question) -> bool {
    match message.queries.as_slice() {
        [q] => {
            q.query_class() == DNSClass::IN
                && u16::from(q.query_type()) == question.rtype.number()
                && wire::text(q.name()) == question.name
        }
        [] => u16::from(message.metadata.response_code) == ResponseCode::FormErr.number(),
        _ => false,
    }
}

/// Reads the response to `question`.
pub(super) fn meaning(message: &Message, rcode: ResponseCode, question: &Question) -> Meaning {
    // What was cut may be used, but must not be remembered as if it were all (RFC 2181 section 9).
    let whole = if message.metadata.truncation { 0 } else { u32::MAX };
    let failed = |failure, ttl: u32| Meaning::Final { answer: Answer::failed(failure), ttl: ttl.min(whole) };
    if !matches!(rcode, ResponseCode::NoError | ResponseCode::NxDomain) {
        return failed(Failure::ServFail, 0);
    }
    let answers: Vec<Record> = message.answers.iter().filter_map(wire::read).collect();
    let (name, alias_ttl) = follow(&answers, question);
    let wanted = |r: &Record| r.name == name && (question.rtype == RecordType::Any || r.rtype() == question.rtype);
    let records: Vec<Record> = answers.iter().filter(|r| wanted(r)).cloned().collect();
    if !records.is_empty() {
        let ttl = records.iter().map(|r| r.ttl).fold(alias_ttl.min(whole), u32::min);
        let additional = message.additionals.iter().filter_map(wire::read).collect();
        return Meaning::Final { answer: Answer { result: Ok(records), additional }, ttl };
    }
    let negative_ttl = message.authorities.iter().find_map(|r| match &r.data {
        // RFC 2308 section 5: the smaller of the SOA's own TTL and its MINIMUM.
        RData::SOA(soa) => Some(r.ttl.min(soa.minimum)),
        _ => None,
    });
    let ttl = negative_ttl.unwrap_or(0).min(alias_ttl);
    if rcode == ResponseCode::NxDomain {
        return failed(Failure::NxDomain, ttl);
    }
    if message.metadata.truncation {
        return failed(Failure::ServFail, 0);
    }
    if negative_ttl.is_none() && name != question.name {
        return Meaning::Elsewhere { name: name.to_owned(), ttl: alias_ttl };
    }
    failed(Failure::NoData, ttl)
}

/// The end of the chain of CNAMEs that begins with the name asked for, and the smallest TTL on it.
fn follow<'a>(answers: &'a [Record], question: &'a Question) -> (&'a str, u32) {
    let (mut name, mut ttl) = (question.name.as_str(), u32::MAX);
    if matches!(question.rtype, RecordType::Cname | RecordType::Any) {
        return (name, ttl);
    }
    // Bounded, or a ring of names would have no end.
    for _ in 0..LONGEST_CHAIN {
        let next = answers.iter().find_map(|r| match &r.data {
            RecordData::Cname(target) if r.name == name => Some((target.as_str(), r.ttl)),
            _ => None,
        });
        let Some((target, this)) = next else { break };
        (name, ttl) = (target, ttl.min(this));
    }
    (name, ttl)
}
