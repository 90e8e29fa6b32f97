//! Values that are one word of a fixed list, names, and mail addresses.

use super::json::{Json, Value};
use super::problem::{nearest, quoted};
use super::read::{Int, List, Read, Reader, quantities};
use super::units::Wrong;
use crate::action::{Look, Service};
use crate::engine::TlsPolicy;
use crate::mail::config::{Checks, ClientTls, DiskCheck, EightBit, ForwardSender, OverQuota, ServiceTls};
use crate::packet::TcpFlags;
use crate::sim::{Arp, Clock};
use crate::smtp::auth::Mechanism;
use crate::smtp::options::Ret;
use crate::smtp::server::Verify;
use crate::smtp::syntax::LONGEST_ADDRESS;
use crate::smtp::{Address, LineEnds, ReversePath};
use crate::time::Duration;
use crate::topology::Medium;

/// A value that is one of a list of words.
pub trait Word: Sized + Copy + 'static {
    /// The words and what they mean.
    const WORDS: &'static [(&'static str, Self)];
}

macro_rules! words {
    ($($type:ty { $($word:literal => $value:expr),* $(,)? })*) => {$(
        impl Word for $type {
            const WORDS: &'static [(&'static str, Self)] = &[$(($word, $value)),*];
        }
        impl Read for $type {
            fn read(json: &Json, reader: &mut Reader) -> Option<Self> {
                $crate::scenario::words::word(json, reader)
            }
        }
    )*};
}
pub(crate) use words;

/// Reads a word of the list.
pub(crate) fn word<W: Word>(json: &Json, reader: &mut Reader) -> Option<W> {
    let known: Vec<&str> = W::WORDS.iter().map(|w| w.0).collect();
    let text = reader.text(json, &format!("one of {}", quoted(&known)), &format!("\"{}\"", known[0]))?;
    if let Some((_, value)) = W::WORDS.iter().find(|w| w.0 == text) {
        return Some(*value);
    }
    let help = match nearest(text, &known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("one of {}", quoted(&known)),
    };
    reader.refuse(
        json,
        text,
        Wrong { code: "unknown_word", why: "is not one of the words for this field".into(), help },
    )
}

/// With which word a client greets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Greet {
    /// RFC 5321.
    Ehlo,
    /// RFC 821.
    Helo,
}

/// What a packet filter may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PacketKind {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// ICMP.
    Icmp,
    /// ARP.
    Arp,
}

/// Types of DNS records that can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordType {
    /// Address.
    A,
    /// Mail exchange.
    Mx,
    /// Name server.
    Ns,
    /// Other name.
    Cname,
    /// Name of an address.
    Ptr,
    /// Text.
    Txt,
}

/// TLS of a service from which mail is read: IMAP or POP3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessTls {
    /// By STARTTLS or STLS, and no login without it.
    Offered,
    /// From the first byte.
    FromStart,
}

/// Who has signed a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authority {
    /// The one whom all clients trust.
    Known,
    /// One whom nobody has heard of.
    Unknown,
}

/// What a client does with a bare LF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BareLf {
    /// It sends CRLF for it.
    Strict,
    /// It sends it as it is.
    Lenient,
}

words! {
    LineEnds { "strict" => LineEnds::Strict, "lenient" => LineEnds::Lenient, "refuse" => LineEnds::Refuse,
        "normalise" => LineEnds::Normalise }
    DiskCheck { "MAIL" => DiskCheck::Mail, "RCPT" => DiskCheck::Rcpt, "." => DiskCheck::EndOfData }
    OverQuota { "defer" => OverQuota::Defer, "refuse" => OverQuota::Refuse }
    ForwardSender { "kept" => ForwardSender::Kept, "own" => ForwardSender::Own }
    BareLf { "strict" => BareLf::Strict, "lenient" => BareLf::Lenient }
    ServiceTls { "offered" => ServiceTls::Offered, "required" => ServiceTls::Required,
        "unavailable" => ServiceTls::Unavailable, "from-start" => ServiceTls::FromStart, "never" => ServiceTls::Never }
    AccessTls { "offered" => AccessTls::Offered, "from-start" => AccessTls::FromStart }
    TlsPolicy { "if-offered" => TlsPolicy::IfOffered, "required" => TlsPolicy::Required, "never" => TlsPolicy::Never }
    ClientTls { "if-offered" => ClientTls::Policy(TlsPolicy::IfOffered),
        "required" => ClientTls::Policy(TlsPolicy::Required), "never" => ClientTls::Policy(TlsPolicy::Never),
        "from-start" => ClientTls::FromStart }
    Authority { "known" => Authority::Known, "unknown" => Authority::Unknown }
    Clock { "exact" => Clock::Exact, "realistic" => Clock::Realistic }
    Arp { "prefilled" => Arp::Prefilled, "asked" => Arp::Asked }
    Medium { "ethernet" => Medium::Ethernet, "ip" => Medium::Ip }
    Checks { "none" => Checks::None, "spf" => Checks::Spf, "dmarc" => Checks::Dmarc }
    Service { "smtp" => Service::Smtp, "submission" => Service::Submission, "imap" => Service::Imap,
        "pop3" => Service::Pop3, "http" => Service::Http, "dns" => Service::Dns, "door" => Service::Door }
    Look { "list" => Look::List, "newest" => Look::Newest, "all" => Look::All }
    Mechanism { "PLAIN" => Mechanism::Plain, "LOGIN" => Mechanism::Login, "CRAM-MD5" => Mechanism::CramMd5 }
    EightBit { "encode" => EightBit::Encode, "return" => EightBit::Return }
    Verify { "answer" => Verify::Answer, "vague" => Verify::Vague }
    Ret { "FULL" => Ret::Full, "HDRS" => Ret::Hdrs }
    Greet { "EHLO" => Greet::Ehlo, "HELO" => Greet::Helo }
    PacketKind { "tcp" => PacketKind::Tcp, "udp" => PacketKind::Udp, "icmp" => PacketKind::Icmp, "arp" => PacketKind::Arp }
    RecordType { "A" => RecordType::A, "MX" => RecordType::Mx, "NS" => RecordType::Ns, "CNAME" => RecordType::Cname,
        "PTR" => RecordType::Ptr, "TXT" => RecordType::Txt }
    TcpFlags { "SYN" => TcpFlags::SYN, "ACK" => TcpFlags::ACK, "PSH" => TcpFlags::PSH, "FIN" => TcpFlags::FIN, "RST" => TcpFlags::RST }
}

/// The name of a host, a link, a user, a run: letters, digits, `.`, `-` and `_`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(pub String);
/// A full name in DNS, lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain(pub String);
/// `alice@a.example` or `Alice <alice@a.example>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    /// As written.
    pub text: String,
    /// The address in it.
    pub address: Address,
}
/// An address, or `<>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender(pub ReversePath);
/// A time, or `off`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause(pub Option<Duration>);

quantities! {
    Name, name, "a name", "\"mail.a\"";
    Domain, |t: &str| domain(t).map(Domain), "a domain name", "\"a.example\"";
    Mailbox, mailbox, "a mail address", "\"alice@a.example\"";
    Sender, sender, "a mail address", "\"alice@a.example\" or \"<>\"";
    Pause, pause, "a time with its unit, or \"off\"", "\"40 ms\"";
}

fn name(text: &str) -> Result<Name, Wrong> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let why = match text.chars().find(|c| !fits(*c)) {
        Some(c) => format!("has `{}` in it, which names do not have", c.escape_debug()),
        None if text.is_empty() => "is empty".to_owned(),
        None if text.len() > 64 => "is longer than 64 characters".to_owned(),
        None if !text.starts_with(|c: char| c.is_ascii_alphanumeric()) => {
            "does not begin with a letter or digit".to_owned()
        }
        None => return Ok(Name(text.to_owned())),
    };
    Err(Wrong { code: "bad_name", why, help: "letters, digits, dots, hyphens and underscores: \"mail.a\"".into() })
}

/// RFC 1035 section 2.3.1, in lower case.
pub(super) fn domain(text: &str) -> Result<String, Wrong> {
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    if text.len() <= 253 && text.split('.').all(label) {
        return Ok(text.to_ascii_lowercase());
    }
    Err(Wrong {
        code: "bad_domain",
        why: "is no domain name".into(),
        help: "words of letters, digits and hyphens with dots between them, none at the end: \"b.example\"".into(),
    })
}

fn bare_address(text: &str) -> Result<Address, Wrong> {
    let wrong = |why: &str| Wrong {
        code: "bad_mail_address",
        why: why.to_owned(),
        help: "write a name, @ and a domain: \"bob@b.example\"".to_owned(),
    };
    let Some((local, host)) = text.rsplit_once('@') else { return Err(wrong("has no @")) };
    // RFC 5321 section 4.1.2; letters beyond ASCII: RFC 6531 section 3.3.
    let good = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    let atom = |a: &str| !a.is_empty() && a.chars().all(good);
    let quoted = local.len() >= 2
        && local.starts_with('"')
        && local.ends_with('"')
        && local[1..local.len() - 1].bytes().all(|b| (32..127).contains(&b) && b != b'"' && b != b'\\');
    if local.len() > 64 || !(quoted || local.split('.').all(atom)) {
        return Err(wrong("has no proper name in front of the @"));
    }
    let domain = domain(host).map_err(|_| wrong("has no proper domain behind the @"))?;
    if text.len() > LONGEST_ADDRESS {
        return Err(wrong("is longer than the 254 bytes that a command has for it (RFC 5321 section 4.5.3.1.3)"));
    }
    Ok(Address { local: local.to_owned(), domain })
}

fn mailbox(text: &str) -> Result<Mailbox, Wrong> {
    let address = match text.split_once('<') {
        Some((_, rest)) => bare_address(rest.trim_end().strip_suffix('>').unwrap_or(rest))?,
        None => bare_address(text)?,
    };
    if text.chars().any(char::is_control) {
        return Err(Wrong {
            code: "bad_mail_address",
            why: "has control characters in it".into(),
            help: "an address stands on one line".into(),
        });
    }
    Ok(Mailbox { text: text.to_owned(), address })
}

fn sender(text: &str) -> Result<Sender, Wrong> {
    if text == "<>" {
        Ok(Sender(ReversePath::Null))
    } else {
        bare_address(text).map(|a| Sender(ReversePath::Address(a)))
    }
}

fn pause(text: &str) -> Result<Pause, Wrong> {
    if text == "off" { Ok(Pause(None)) } else { super::units::duration(text).map(|d| Pause(Some(d))) }
}

/// The text of a mail or of a web object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// As typed; lines end with LF.
    Text(String),
    /// With the line ends that it has.
    Raw(String),
    /// So many bytes of text that say nothing, line ends (CR LF) counted.
    Filler(usize),
}

/// Largest content that can be asked for, so that a slip of the finger does not fill the memory.
pub(super) const LARGEST: u64 = 50_000_000;

impl Read for Body {
    fn read(json: &Json, reader: &mut Reader) -> Option<Self> {
        match &json.value {
            Value::Text(text) => Some(Body::Text(text.clone())),
            Value::Array(_) => {
                let lines = List::<String>::read(json, reader)?;
                let text = lines.items.iter().map(|l| l.value.clone() + "\n").collect();
                Some(Body::Text(text))
            }
            Value::Object(members) if members.iter().any(|m| m.key.value == "raw") => {
                let raw = super::typed::RawText::read(json, reader)?;
                Some(Body::Raw(raw.raw.get()?.value.clone()))
            }
            Value::Object(_) => {
                let filler = super::typed::Filler::read(json, reader)?;
                let Int(n) = filler.bytes.get()?.value;
                Some(Body::Filler(n as usize))
            }
            _ => reader.expected(json, "a text, a list of lines or { \"bytes\": 2000 }", "[\"hello\", \"Alice\"]"),
        }
    }
}

/// A value that an event is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scalar {
    /// A text.
    Text(String),
    /// A whole number.
    Number(i64),
}

impl Read for Scalar {
    fn read(json: &Json, reader: &mut Reader) -> Option<Self> {
        match &json.value {
            Value::Text(text) => Some(Scalar::Text(text.clone())),
            Value::Number(n) if n.parse::<i64>().is_ok() => n.parse().ok().map(Scalar::Number),
            _ => reader.expected(json, "a text or a whole number", "\"mail.b\" or 25"),
        }
    }
}
