//! Zones: what an authoritative server knows (RFC 1034 section 4.2).

use std::net::Ipv4Addr;

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

/// A zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// `b.example`, `2.0.192.in-addr.arpa`.
    pub origin: String,
    /// Its records; the SOA is made from the origin.
    pub records: Vec<Record>,
}

/// All zones of a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Zones {
    /// In any order; the longest origin that fits a name answers.
    pub zones: Vec<Zone>,
}
