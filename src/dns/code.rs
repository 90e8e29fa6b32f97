//! Numbers with names: record types (RFC 1035 section 3.2.2, 3.2.3) and response codes (section 4.1.1).

use std::fmt;

/// The type of a record or of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordType {
    /// Address.
    A,
    /// Name server.
    Ns,
    /// Other name.
    Cname,
    /// Start of a zone of authority.
    Soa,
    /// Name of an address.
    Ptr,
    /// Mail exchange.
    Mx,
    /// Text.
    Txt,
    /// IPv6 address (RFC 3596).
    Aaaa,
    /// A question for all of them.
    Any,
    /// Another number.
    Other(u16),
}

impl RecordType {
    /// The number on the wire.
    pub const fn number(self) -> u16 {
        match self {
            RecordType::A => 1,
            RecordType::Ns => 2,
            RecordType::Cname => 5,
            RecordType::Soa => 6,
            RecordType::Ptr => 12,
            RecordType::Mx => 15,
            RecordType::Txt => 16,
            RecordType::Aaaa => 28,
            RecordType::Any => 255,
            RecordType::Other(n) => n,
        }
    }

    /// The type with this number on the wire.
    pub const fn from_number(n: u16) -> Self {
        match n {
            1 => RecordType::A,
            2 => RecordType::Ns,
            5 => RecordType::Cname,
            6 => RecordType::Soa,
            12 => RecordType::Ptr,
            15 => RecordType::Mx,
            16 => RecordType::Txt,
            28 => RecordType::Aaaa,
            255 => RecordType::Any,
            n => RecordType::Other(n),
        }
    }
}

/// As in a zone file: `MX`, and `TYPE99` for a number without a name here (RFC 3597 section 5).
impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            RecordType::A => "A",
            RecordType::Ns => "NS",
            RecordType::Cname => "CNAME",
            RecordType::Soa => "SOA",
            RecordType::Ptr => "PTR",
            RecordType::Mx => "MX",
            RecordType::Txt => "TXT",
            RecordType::Aaaa => "AAAA",
            RecordType::Any => "ANY",
            RecordType::Other(n) => return write!(f, "TYPE{n}"),
        })
    }
}

/// What a server says about a question as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResponseCode {
    /// 0: no error; with no record in the answer it means that the name has none of the asked type.
    NoError,
    /// 1: the server could not read the question.
    FormErr,
    /// 2: the server could not find the answer, for a reason of its own.
    ServFail,
    /// 3: the name does not exist.
    NxDomain,
    /// 4: the server does not know this kind of question.
    NotImp,
    /// 5: the server does not want to answer.
    Refused,
    /// Another number.
    Other(u16),
}

impl ResponseCode {
    /// The number on the wire.
    pub const fn number(self) -> u16 {
        match self {
            ResponseCode::NoError => 0,
            ResponseCode::FormErr => 1,
            ResponseCode::ServFail => 2,
            ResponseCode::NxDomain => 3,
            ResponseCode::NotImp => 4,
            ResponseCode::Refused => 5,
            ResponseCode::Other(n) => n,
        }
    }

    /// The code with this number on the wire.
    pub const fn from_number(n: u16) -> Self {
        match n {
            0 => ResponseCode::NoError,
            1 => ResponseCode::FormErr,
            2 => ResponseCode::ServFail,
            3 => ResponseCode::NxDomain,
            4 => ResponseCode::NotImp,
            5 => ResponseCode::Refused,
            n => ResponseCode::Other(n),
        }
    }
}

/// As everybody writes it: `NXDOMAIN`.
impl fmt::Display for ResponseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            ResponseCode::NoError => "NOERROR",
            ResponseCode::FormErr => "FORMERR",
            ResponseCode::ServFail => "SERVFAIL",
            ResponseCode::NxDomain => "NXDOMAIN",
            ResponseCode::NotImp => "NOTIMP",
            ResponseCode::Refused => "REFUSED",
            ResponseCode::Other(n) => return write!(f, "RCODE{n}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_its_name_belong_together() {
        for n in 0..=300 {
            assert_eq!(RecordType::from_number(n).number(), n);
            assert_eq!(ResponseCode::from_number(n).number(), n);
        }
        assert_eq!(RecordType::from_number(15).to_string(), "MX");
        assert_eq!(RecordType::from_number(99).to_string(), "TYPE99");
        assert_eq!(ResponseCode::from_number(3).to_string(), "NXDOMAIN");
    }
}
