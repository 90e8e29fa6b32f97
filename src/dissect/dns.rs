//! DNS messages (RFC 1035 section 4.1) with the place of every field.

use std::net::Ipv4Addr;

use super::cut::{Cut, field, number, plain_number};
use super::flow::Place;
use super::{Field, LayerKind, Value, data};
use crate::dns::{RecordType, ResponseCode};

const HEADER: usize = 12;

/// The four sections: count's field, its label, the section's label.
const SECTIONS: [(&str, &str, &str); 4] = [
    ("dns.count.queries", "Questions", "Queries"),
    ("dns.count.answers", "Answer RRs", "Answers"),
    ("dns.count.auth_rr", "Authority RRs", "Authoritative nameservers"),
    ("dns.count.add_rr", "Additional RRs", "Additional records"),
];

/// A record or a question where it stands in a message.
#[derive(Clone, Debug)]
struct Record {
    start: usize,
    name: String,
    /// Behind the name, where the type is.
    at: usize,
    rtype: RecordType,
    /// Place of the data; empty for a question.
    data: (usize, usize),
    end: usize,
}

/// A name from `at` on, and where it ends. Compression (section 4.1.4) may point back only.
fn name(message: &[u8], at: usize) -> Option<(String, usize)> {
    let mut text = String::new();
    let (mut at, mut end, mut earliest) = (at, None, at);
    loop {
        let length = usize::from(*message.get(at)?);
        match length {
            0 => return Some((text, end.unwrap_or(at + 1))),
            1..=63 => {
                let label = message.get(at + 1..at + 1 + length)?;
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(&String::from_utf8_lossy(label));
                at += 1 + length;
            }
            192.. => {
                let target = (length & 63) << 8 | usize::from(*message.get(at + 1)?);
                if target >= earliest {
                    return None;
                }
                end = end.or(Some(at + 2));
                (at, earliest) = (target, target);
            }
            _ => return None,
        }
    }
}

fn record(message: &[u8], start: usize, question: bool) -> Option<Record> {
    let (name, at) = name(message, start)?;
    let rtype = RecordType::from_number(number(message.get(at..at + 2)?) as u16);
    if question {
        let end = at + 4;
        message.get(at..end)?;
        return Some(Record { start, name, at, rtype, data: (end, 0), end });
    }
    let length = number(message.get(at + 8..at + 10)?) as usize;
    message.get(at + 10..at + 10 + length)?;
    Some(Record { start, name, at, rtype, data: (at + 10, length), end: at + 10 + length })
}

/// The sections as far as they can be read, and where reading ended.
fn sections(message: &[u8]) -> ([Vec<Record>; 4], usize) {
    let mut sections: [Vec<Record>; 4] = Default::default();
    let mut at = HEADER;
    for (i, section) in sections.iter_mut().enumerate() {
        for _ in 0..number(&message[4 + 2 * i..6 + 2 * i]) {
            let Some(record) = record(message, at, i == 0) else { return (sections, at) };
            at = record.end;
            section.push(record);
        }
    }
    (sections, at)
}

/// A name as people see it: the root has one too.
fn shown(name: &str) -> &str {
    if name.is_empty() { "<Root>" } else { name }
}

/// `MX 10 mail.b.example`: type and data as the list shows them.
fn brief(message: &[u8], record: &Record) -> String {
    let (at, length) = record.data;
    let data = &message[at..at + length];
    let target = |at| name(message, at).map(|(name, _)| shown(&name).to_string()).unwrap_or_default();
    match (record.rtype, data) {
        (RecordType::A, [a, b, c, d]) => format!("A {}", Ipv4Addr::new(*a, *b, *c, *d)),
        (RecordType::Mx, [a, b, _, ..]) => format!("MX {} {}", u16::from_be_bytes([*a, *b]), target(at + 2)),
        (RecordType::Ns | RecordType::Cname | RecordType::Ptr | RecordType::Soa, _) => {
            format!("{} {}", record.rtype, target(at))
        }
        (rtype, _) => rtype.to_string(),
    }
}

/// What the list says of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub response: bool,
    id: u16,
    code: ResponseCode,
    /// `MX b.example`.
    pub question: String,
    /// Answers, authorities, additional records.
    records: [Vec<String>; 3],
}

/// Reads a message for the list.
pub(super) fn told(message: &[u8]) -> Option<Told> {
    let header = message.get(..HEADER)?;
    let ([questions, answers, authorities, additionals], _) = sections(message);
    let question = questions.first().map(|q| format!("{} {}", q.rtype, shown(&q.name))).unwrap_or_default();
    let briefs = |records: Vec<Record>| records.iter().map(|r| brief(message, r)).collect();
    Some(Told {
        response: header[2] & 0x80 != 0,
        id: number(&header[..2]) as u16,
        code: ResponseCode::from_number(u16::from(header[3] & 15)),
        question,
        records: [briefs(answers), briefs(authorities), briefs(additionals)],
    })
}

impl Told {
    /// `MX 10 mail.b.example`, `NXDOMAIN`, `no such record`.
    pub fn answer(&self) -> String {
        match (self.code, self.records[0].is_empty()) {
            (ResponseCode::NoError, true) => "no such record".to_string(),
            (ResponseCode::NoError, false) => self.records[0].join(", "),
            (code, _) => code.to_string(),
        }
    }

    /// `Standard query response 0x4019 MX b.example MX 10 mail.b.example`.
    pub fn info(&self) -> String {
        let kind = if self.response { "Standard query response" } else { "Standard query" };
        let code = match self.code {
            ResponseCode::NoError => "",
            code => code_name(code.number().into()),
        };
        let mut text = format!("{kind} {:#06x} ", self.id);
        let words = [code, self.question.as_str()];
        let records = self.records.iter().flatten().map(String::as_str);
        for (i, word) in words.into_iter().filter(|w| !w.is_empty()).chain(records).enumerate() {
            text.push_str(if i > 0 { " " } else { "" });
            text.push_str(word);
        }
        text
    }
}

fn code_name(code: u64) -> &'static str {
    match code {
        0 => "No error",
        1 => "Format error",
        2 => "Server failure",
        3 => "No such name",
        4 => "Not implemented",
        5 => "Refused",
        _ => "Unknown error",
    }
}

/// The payload of a segment that ends at `end` of the frame: messages with their length in front (section 4.2.2). A message
/// that several segments carry is taken apart in none of them.
pub(super) fn stream(cut: &mut Cut<'_>, end: usize, place: Option<&Place<'_>>) {
    let from = place.map_or(0, |p| p.start) as usize;
    let until = from + (end - cut.at);
    let bytes = match place {
        Some(p) => p.bytes(0..until as u64),
        None => cut.frame[cut.at..end].to_vec(),
    };
    let mut at = 0;
    while let Some(prefix) = bytes.get(at..at + 2) {
        let next = at + 2 + number(prefix) as usize;
        if next > until {
            break;
        }
        if next > from {
            let behind = end - (until - next);
            if at >= from && next - at >= 2 + HEADER {
                framed(cut, behind, 2);
            }
            // What began in an earlier segment.
            data::bytes(cut, behind - cut.at, LayerKind::Application);
        }
        at = next;
    }
    data::bytes(cut, end - cut.at, LayerKind::Application);
}

/// The message that ends at `end` of the frame.
pub(super) fn message(cut: &mut Cut<'_>, end: usize) {
    framed(cut, end, 0);
}

/// The same with `prefix` bytes of length in front.
fn framed(cut: &mut Cut<'_>, end: usize, prefix: usize) {
    let start = cut.at;
    if end - start < prefix + HEADER {
        return;
    }
    let length = (prefix > 0).then(|| cut.number("dns.length", "Length", (0, prefix), plain_number));
    cut.at += prefix;
    let message = &cut.frame[cut.at..end];
    let response = message[2] & 0x80 != 0;
    let (records, read) = sections(message);
    let mut fields: Vec<Field> = length.into_iter().collect();
    fields.extend([cut.number("dns.id", "Transaction ID", (0, 2), |n| format!("{n:#06x}")), flags(cut, response)]);
    for (i, (name, label, _)) in SECTIONS.into_iter().enumerate() {
        fields.push(cut.number(name, label, (4 + 2 * i, 2), plain_number));
    }
    for (i, (section, (_, _, label))) in records.iter().zip(SECTIONS).enumerate() {
        if let (Some(first), Some(last)) = (section.first(), section.last()) {
            let parts = section.iter().map(|r| if i == 0 { question(cut, r) } else { answer(cut, message, r) });
            fields.push(
                cut.plain("dns", label, (first.start, last.end - first.start), String::new()).with(parts.collect()),
            );
        }
    }
    if read < message.len() {
        fields.push(cut.plain("data.data", "Unreadable", (read, message.len() - read), String::new()));
    }
    let summary = told(message).map(|t| t.info()).unwrap_or_default();
    cut.at = start;
    cut.layer(("Domain Name System", "dns", LayerKind::Application), end - start, summary, fields);
}

fn flags(cut: &Cut<'_>, response: bool) -> Field {
    let at = (2, 2);
    let flag = |name, label, mask| cut.flag(name, label, at, mask);
    let kind = |bit| if bit == 1 { "Message is a response" } else { "Message is a query" }.to_string();
    let opcode = |n: u64| if n == 0 { "Standard query (0)".to_string() } else { n.to_string() };
    let mut parts = vec![
        cut.bits("dns.flags.response", "Response", at, 0x8000, kind),
        cut.bits("dns.flags.opcode", "Opcode", at, 0x7800, opcode),
    ];
    if response {
        parts.push(flag("dns.flags.authoritative", "Authoritative", 0x0400));
    }
    parts.push(flag("dns.flags.truncated", "Truncated", 0x0200));
    parts.push(flag("dns.flags.recdesired", "Recursion desired", 0x0100));
    if response {
        parts.push(flag("dns.flags.recavail", "Recursion available", 0x0080));
    }
    parts.push(flag("dns.flags.z", "Z: reserved", 0x0040));
    if response {
        parts.push(flag("dns.flags.authenticated", "Answer authenticated", 0x0020));
    }
    parts.push(flag("dns.flags.checkdisable", "Non-authenticated data", 0x0010));
    if response {
        parts.push(cut.bits("dns.flags.rcode", "Reply code", at, 0x000f, |n| format!("{} ({n})", code_name(n))));
    }
    cut.number("dns.flags", "Flags", at, |n| format!("{n:#06x}")).with(parts)
}

fn rtype(n: u64) -> String {
    format!("{} ({n})", RecordType::from_number(n as u16))
}

fn class(n: u64) -> String {
    if n == 1 { "IN (0x0001)".to_string() } else { format!("{n:#06x}") }
}

/// A name that stands at `at` of the message and ends at `end`.
fn name_field(cut: &Cut<'_>, field_name: &'static str, label: &str, name: &str, (at, end): (usize, usize)) -> Field {
    let text = shown(name).to_string();
    field(field_name, label, text.clone(), Value::Text(text), cut.at + at..cut.at + end)
}

fn question(cut: &Cut<'_>, q: &Record) -> Field {
    let said = format!("type {}, class IN", q.rtype);
    cut.plain("dns", shown(&q.name), (q.start, q.end - q.start), said).with(vec![
        name_field(cut, "dns.qry.name", "Name", &q.name, (q.start, q.at)),
        cut.number("dns.qry.type", "Type", (q.at, 2), rtype),
        cut.number("dns.qry.class", "Class", (q.at + 2, 2), class),
    ])
}

fn answer(cut: &Cut<'_>, message: &[u8], r: &Record) -> Field {
    let mut parts = vec![
        name_field(cut, "dns.resp.name", "Name", &r.name, (r.start, r.at)),
        cut.number("dns.resp.type", "Type", (r.at, 2), rtype),
        cut.number("dns.resp.class", "Class", (r.at + 2, 2), class),
        cut.number("dns.resp.ttl", "Time to live", (r.at + 4, 4), |n| format!("{n} s")),
        cut.number("dns.resp.len", "Data length", (r.at + 8, 2), plain_number),
    ];
    data(cut, message, r, &mut parts);
    cut.plain("dns", shown(&r.name), (r.start, r.end - r.start), brief(message, r)).with(parts)
}

/// The fields of a record's data.
fn data(cut: &Cut<'_>, message: &[u8], r: &Record, parts: &mut Vec<Field>) {
    let (at, length) = r.data;
    // A name inside the data, which must not reach beyond it.
    let inside = |at: usize| name(message, at).filter(|(_, end)| *end <= r.end);
    let mut target = |field_name, label, at| {
        let (text, end) = inside(at)?;
        parts.push(name_field(cut, field_name, label, &text, (at, end)));
        Some(end)
    };
    match r.rtype {
        RecordType::A if length == 4 => parts.push(cut.address("dns.a", "Address", at)),
        RecordType::Mx if length > 2 => {
            parts.push(cut.number("dns.mx.preference", "Preference", (at, 2), plain_number));
            if let Some((text, end)) = inside(at + 2) {
                parts.push(name_field(cut, "dns.mx.mail_exchange", "Mail Exchange", &text, (at + 2, end)));
            }
        }
        RecordType::Ns => drop(target("dns.ns", "Name Server", at)),
        RecordType::Cname => drop(target("dns.cname", "CNAME", at)),
        RecordType::Ptr => drop(target("dns.ptr.domain_name", "Domain Name", at)),
        RecordType::Txt => {
            let mut at = at;
            while at < r.end {
                let length = usize::from(message[at]);
                let end = (at + 1 + length).min(r.end);
                parts.push(cut.number("dns.txt.length", "TXT Length", (at, 1), plain_number));
                let text = String::from_utf8_lossy(&message[at + 1..end]).into_owned();
                parts.push(field("dns.txt", "TXT", text.clone(), Value::Text(text), cut.at + at + 1..cut.at + end));
                at = end;
            }
        }
        RecordType::Soa => {
            let Some(second) = target("dns.soa.mname", "Primary name server", at) else { return };
            let Some(end) = target("dns.soa.rname", "Responsible authority's mailbox", second) else { return };
            let names = [
                ("dns.soa.serial_number", "Serial Number"),
                ("dns.soa.refresh_interval", "Refresh Interval"),
                ("dns.soa.retry_interval", "Retry Interval"),
                ("dns.soa.expire_limit", "Expire limit"),
                ("dns.soa.minimum_ttl", "Minimum TTL"),
            ];
            for (i, (name, label)) in names.into_iter().enumerate().filter(|(i, _)| end + 4 * i + 4 <= r.end) {
                parts.push(cut.number(name, label, (end + 4 * i, 4), plain_number));
            }
        }
        _ if length > 0 => parts.push(cut.plain("data.data", "Data", (at, length), format!("{length} bytes"))),
        _ => {}
    }
}
