//! Between our records and hickory-proto's (RFC 1035 section 4).

use hickory_proto::rr::rdata::{A, CNAME, MX, NS, PTR, SOA, TXT};
use hickory_proto::rr::{self, Name, RData};

use super::zone::{Record, RecordData, Soa};

/// A name as it goes on the wire; `None` if it cannot (a label empty or too long, the whole too long).
pub(super) fn name(text: &str) -> Option<Name> {
    let mut name = if text.is_empty() { Name::root() } else { Name::from_ascii(text).ok()? };
    name.set_fqdn(true);
    // The limit is 255 bytes with all length bytes and the root's; the library checks the rest.
    (name.len() < Name::MAX_LENGTH).then_some(name)
}

/// A name as we write it.
pub(super) fn text(name: &Name) -> String {
    let mut text = name.to_ascii();
    if text.ends_with('.') {
        text.pop();
    }
    text.make_ascii_lowercase();
    text
}

/// A record for the wire, owned by `owner` (which differs from the record's own name only where a
/// wildcard stands in). `None` if it cannot be written.
pub(super) fn record(record: &Record, owner: &str) -> Option<rr::Record> {
    let data = match &record.data {
        RecordData::A(address) => RData::A(A(*address)),
        RecordData::Mx(preference, exchange) => RData::MX(MX::new(*preference, name(exchange)?)),
        RecordData::Ptr(target) => RData::PTR(PTR(name(target)?)),
        RecordData::Ns(target) => RData::NS(NS(name(target)?)),
        RecordData::Cname(target) => RData::CNAME(CNAME(name(target)?)),
        RecordData::Txt(strings) if strings.iter().all(|s| s.len() <= 255) => {
            // "One or more character-strings" (section 3.3.14).
            let strings = if strings.is_empty() { vec![String::new()] } else { strings.clone() };
            RData::TXT(TXT::new(strings))
        }
        RecordData::Txt(_) => return None,
    };
    Some(rr::Record::from_rdata(name(owner)?, record.ttl, data))
}

/// The SOA record of a zone.
pub(super) fn soa(soa: &Soa) -> Option<rr::Record> {
    let (mname, rname) = (name(&soa.mname)?, name(&soa.rname)?);
    let data = SOA::new(mname, rname, soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum);
    Some(rr::Record::from_rdata(name(&soa.origin)?, soa.ttl, RData::SOA(data)))
}

/// A record as we keep it; `None` for types that we do not keep and for classes other than IN.
pub(super) fn read(record: &rr::Record) -> Option<Record> {
    if record.dns_class != rr::DNSClass::IN {
        return None;
    }
    let data = match &record.data {
        RData::A(address) => RecordData::A(address.0),
        RData::MX(mx) => RecordData::Mx(mx.preference, text(&mx.exchange)),
        RData::PTR(target) => RecordData::Ptr(text(target)),
        RData::NS(target) => RecordData::Ns(text(target)),
        RData::CNAME(target) => RecordData::Cname(text(target)),
        RData::TXT(txt) => {
            RecordData::Txt(txt.txt_data.iter().map(|s| String::from_utf8_lossy(s).into_owned()).collect())
        }
        _ => return None,
    };
    // A TTL with the highest bit set counts as zero (RFC 2181 section 8).
    let ttl = if record.ttl > i32::MAX as u32 { 0 } else { record.ttl };
    Some(Record { name: text(&record.name), ttl, data })
}
