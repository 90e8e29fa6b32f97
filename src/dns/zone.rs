//! Zones: what an authoritative server knows (RFC 1034 section 4.2).

use std::fmt;
use std::net::Ipv4Addr;

use super::{RecordType, wire};

/// The data of a resource record. Names are absolute, lower case, without the last dot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordData {
    /// Address.
    A(Ipv4Addr),
    /// Mail exchange: preference and host; `(0, "")` is the null MX of RFC 7505.
    Mx(u16, String),
    /// Name of an address.
    Ptr(String),
    /// Name server.
    Ns(String),
    /// Text, in strings of at most 255 bytes each.
    Txt(Vec<String>),
    /// Other name.
    Cname(String),
}

impl RecordData {
    /// The type of a record with this data.
    pub const fn rtype(&self) -> RecordType {
        match self {
            RecordData::A(_) => RecordType::A,
            RecordData::Mx(..) => RecordType::Mx,
            RecordData::Ptr(_) => RecordType::Ptr,
            RecordData::Ns(_) => RecordType::Ns,
            RecordData::Txt(_) => RecordType::Txt,
            RecordData::Cname(_) => RecordType::Cname,
        }
    }

    /// The host that a reader of this record will want the address of (RFC 1035 sections 3.3.9, 3.3.11:
    /// additional section processing).
    pub(super) fn additional_target(&self) -> Option<&str> {
        match self {
            RecordData::Mx(_, host) | RecordData::Ns(host) => Some(host),
            _ => None,
        }
    }
}

/// As in a zone file, without last dots: `10 mx1.b.example`; the root is `.`.
impl fmt::Display for RecordData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RecordData::A(address) => write!(f, "{address}"),
            RecordData::Mx(preference, host) => write!(f, "{preference} {}", shown(host)),
            RecordData::Ptr(name) | RecordData::Ns(name) | RecordData::Cname(name) => f.write_str(shown(name)),
            RecordData::Txt(strings) => {
                for (i, string) in strings.iter().enumerate() {
                    write!(f, "{}{string:?}", if i > 0 { " " } else { "" })?;
                }
                Ok(())
            }
        }
    }
}

/// A name for people: the root is seen as a dot.
pub(super) fn shown(name: &str) -> &str {
    if name.is_empty() { "." } else { name }
}

/// A resource record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Owner: absolute, lower case, without the last dot.
    pub name: String,
    /// Time to live in seconds.
    pub ttl: u32,
    /// Type and data.
    pub data: RecordData,
}

impl Record {
    /// The record's type.
    pub const fn rtype(&self) -> RecordType {
        self.data.rtype()
    }
}

/// As in a zone file: `b.example 3600 IN MX 10 mx1.b.example`.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} IN {} {}", shown(&self.name), self.ttl, self.rtype(), self.data)
    }
}

/// A zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// `b.example`, `2.0.192.in-addr.arpa`.
    pub origin: String,
    /// Its records; the SOA is made from the origin.
    pub records: Vec<Record>,
}

/// The start of authority of a zone (RFC 1035 section 3.3.13), times in seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Soa {
    /// The zone's origin, owner of the record.
    pub origin: String,
    /// Time to live.
    pub ttl: u32,
    /// Primary name server: the zone's first NS, or its origin.
    pub mname: String,
    /// Mailbox of the one in charge: `hostmaster` of the zone.
    pub rname: String,
    /// Version.
    pub serial: u32,
    /// When secondary servers look again.
    pub refresh: i32,
    /// When they try again after a failure.
    pub retry: i32,
    /// When they give the zone up.
    pub expire: i32,
    /// How long "there is no such thing" may be kept (RFC 2308 section 4).
    pub minimum: u32,
}

/// How long a resolver may keep an answer of "no such name" or "no such record", in seconds: the
/// MINIMUM of every zone's SOA.
pub const NEGATIVE_TTL: u32 = 300;

impl Zone {
    /// Whether `name` is the origin or below it.
    pub fn covers(&self, name: &str) -> bool {
        is_at_or_below(name, &self.origin)
    }

    /// The records of exactly this name.
    pub fn at<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Record> {
        self.records.iter().filter(move |r| r.name == name)
    }

    /// Whether the name exists: it has records, or something below it has (RFC 4592 section 2.2.2), or it
    /// is the origin.
    pub fn has(&self, name: &str) -> bool {
        name == self.origin || self.records.iter().any(|r| is_at_or_below(&r.name, name))
    }

    /// The zone's SOA.
    pub fn soa(&self) -> Soa {
        let primary = self.at(&self.origin).find_map(|r| match &r.data {
            RecordData::Ns(host) => Some(host.clone()),
            _ => None,
        });
        let below = |label: &str| match self.origin.as_str() {
            "" => label.to_owned(),
            origin => format!("{label}.{origin}"),
        };
        Soa {
            origin: self.origin.clone(),
            ttl: 3600,
            mname: primary.unwrap_or_else(|| self.origin.clone()),
            rname: below("hostmaster"),
            serial: 1,
            refresh: 3600,
            retry: 600,
            expire: 604_800,
            minimum: NEGATIVE_TTL,
        }
    }
}

/// Whether `name` is `ancestor` or below it, by whole labels.
pub(super) fn is_at_or_below(name: &str, ancestor: &str) -> bool {
    match name.strip_suffix(ancestor) {
        Some("") => true,
        Some(rest) => ancestor.is_empty() || rest.ends_with('.'),
        None => false,
    }
}

/// The name one label up; `None` above the root.
pub(super) fn parent(name: &str) -> Option<&str> {
    if name.is_empty() { None } else { Some(name.split_once('.').map_or("", |(_, rest)| rest)) }
}

/// All zones of a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Zones {
    /// In any order; the longest origin that fits a name answers.
    pub zones: Vec<Zone>,
}

impl Zones {
    /// The zone that is the authority for `name`.
    pub fn zone_of(&self, name: &str) -> Option<&Zone> {
        self.zones.iter().filter(|z| z.covers(name)).max_by_key(|z| z.origin.len())
    }

    /// What in these zones could not be served, each as a sentence: names that no message can hold, names
    /// outside their zone, a CNAME beside other records (RFC 1034 section 3.6.2), strings that are too long.
    pub fn mistakes(&self) -> Vec<String> {
        let mut found = Vec::new();
        for zone in &self.zones {
            if wire::name(&zone.origin).is_none() {
                found.push(format!("zone {}: this is not a domain name", zone.origin));
                continue;
            }
            for record in &zone.records {
                if !zone.covers(&record.name) {
                    found.push(format!("{record}: the name is not in zone {}", shown(&zone.origin)));
                } else if wire::record(record, &record.name).is_none() {
                    found.push(format!("{record}: a name or a string in it does not fit into a DNS message"));
                }
                let alone = || zone.at(&record.name).count() == 1 && record.name != zone.origin;
                if record.rtype() == RecordType::Cname && !alone() {
                    found.push(format!("{record}: a name with a CNAME has no other records"));
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone() -> Zone {
        let a = |name: &str| Record {
            name: name.to_owned(),
            ttl: 60,
            data: RecordData::A(Ipv4Addr::new(198, 51, 100, 25)),
        };
        Zone { origin: "b.example".to_owned(), records: vec![a("mail.b.example"), a("x.y.b.example")] }
    }

    #[test]
    fn a_zone_covers_whole_labels_only() {
        assert!(zone().covers("b.example"));
        assert!(zone().covers("mail.b.example"));
        assert!(!zone().covers("web.example"));
        assert!(!zone().covers("example"));
        assert!(Zone { origin: String::new(), records: vec![] }.covers("b.example"));
    }

    #[test]
    fn a_name_between_two_names_exists() {
        assert!(zone().has("b.example"));
        assert!(zone().has("y.b.example"));
        assert!(!zone().has("z.b.example"));
        assert!(!zone().has("ail.b.example"));
    }

    #[test]
    fn records_are_written_as_in_a_zone_file() {
        let mx = |preference, host: &str| Record {
            name: "b.example".to_owned(),
            ttl: 3600,
            data: RecordData::Mx(preference, host.to_owned()),
        };
        assert_eq!(mx(10, "mx1.b.example").to_string(), "b.example 3600 IN MX 10 mx1.b.example");
        assert_eq!(mx(0, "").to_string(), "b.example 3600 IN MX 0 .");
        let txt = RecordData::Txt(vec!["v=spf1 -all".to_owned(), "two".to_owned()]);
        assert_eq!(txt.to_string(), r#""v=spf1 -all" "two""#);
    }

    #[test]
    fn what_cannot_be_served_is_told() {
        let mut zone = zone();
        assert_eq!(Zones { zones: vec![zone.clone()] }.mistakes(), Vec::<String>::new());
        let record = |name: &str, data| Record { name: name.to_owned(), ttl: 1, data };
        zone.records.push(record("mail.c.example", RecordData::Ptr("b.example".to_owned())));
        zone.records.push(record("mail.b.example", RecordData::Cname("x.y.b.example".to_owned())));
        zone.records.push(record("t.b.example", RecordData::Txt(vec!["x".repeat(256)])));
        zone.records.push(record("n.b.example", RecordData::Ns("a..b".to_owned())));
        let mistakes = Zones { zones: vec![zone] }.mistakes();
        assert_eq!(mistakes.len(), 4, "{mistakes:#?}");
        assert!(mistakes[0].ends_with("the name is not in zone b.example"));
        assert!(mistakes[1].ends_with("a name with a CNAME has no other records"));
    }
}
