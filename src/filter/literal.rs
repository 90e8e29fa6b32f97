//! What is written without being a field becomes a value of the kind that the other side has.

use jiff::civil::DateTime;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;

use super::syntax::{Span, Value, Written};
use super::{Error, Kind, Val};

/// A constant as a value of that kind.
pub(super) fn constant(value: &Value, kind: Kind) -> Result<Val, Error> {
    let at = || value.span.clone();
    match &value.kind {
        Written::Word(word) => from_word(word, kind, at()),
        Written::Text(bytes) => from_text(bytes, kind, at()),
        Written::Raw(text) => from_text(text.as_bytes(), kind, at()),
        Written::Character(byte) => match kind {
            Kind::Boolean => Ok(Val::Truth(*byte != 0)),
            Kind::Text | Kind::Bytes | Kind::Protocol => from_text(&[*byte], kind, at()),
            _ if kind.is_number() => Ok(Val::number(*byte)),
            _ => Err(Error::new(at(), format!("a character is no value of the kind {kind}"))),
        },
        _ => Err(Error::new(at(), format!("expected a value of the kind {kind}"))),
    }
}

/// A number in decimal, octal (`031`), hexadecimal (`0x19`) or binary (`0b11001`) digits.
fn number(word: &str) -> Option<i128> {
    let (minus, digits) = word.strip_prefix('-').map_or((false, word), |rest| (true, rest));
    let radix = |prefix: [&str; 2], radix| {
        let rest = digits.strip_prefix(prefix[0]).or(digits.strip_prefix(prefix[1]))?;
        Some(i128::from_str_radix(rest, radix).ok())
    };
    let n = match radix(["0x", "0X"], 16).or_else(|| radix(["0b", "0B"], 2)) {
        Some(n) => n?,
        None if digits.len() > 1 && digits.starts_with('0') => i128::from_str_radix(digits, 8).ok()?,
        None => digits.parse().ok()?,
    };
    Some(if minus { -n } else { n })
}

/// Bytes in hexadecimal digits, together or with `:`, `-` or `.` between them: `0d:0a`, `0d0a`, `0x0d`.
fn hex(word: &str) -> Option<Vec<u8>> {
    let word = match word.strip_prefix("0x") {
        Some(one) if one.len() <= 2 => one,
        Some(_) => return None,
        None => word,
    };
    let byte = |digits: &str| u8::from_str_radix(digits, 16).ok();
    if let Some(separator) = word.chars().find(|c| [':', '-', '.'].contains(c)) {
        let parts: Vec<&str> = word.split(separator).collect();
        // `0200.0000.0001`: two bytes each.
        if separator == '.' && parts.iter().all(|part| part.len() == 4) {
            return parts.iter().flat_map(|part| [part.get(..2), part.get(2..)]).map(|d| byte(d?)).collect();
        }
        return parts.iter().map(|part| byte(part).filter(|_| (1..=2).contains(&part.len()))).collect();
    }
    match word.len() {
        1 => Some(vec![byte(word)?]),
        n if n % 2 == 0 => (0..n).step_by(2).map(|i| byte(word.get(i..i + 2)?)).collect(),
        _ => None,
    }
}

/// `192.0.2.25` or `192.0.2.0/24`.
fn address(word: &str, at: &Span) -> Result<Val, Error> {
    let (address, bits) = word.split_once('/').map_or((word, None), |(address, bits)| (address, Some(bits)));
    let address: std::net::Ipv4Addr = address.parse().map_err(|_| {
        let wrong = Error::new(at.clone(), format!("`{word}` is not a valid IPv4 address; expected one such as 192.0.2.25 or a network such as 192.0.2.0/24"));
        // Wireshark would ask the system's resolver, which does not know our hosts: it refuses them too.
        if word.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return wrong.help("Names of hosts stand in other fields: ip.src_host == \"mail.a.example\".");
        }
        wrong
    })?;
    let bits: u8 = bits.map_or(Ok(32), str::parse).ok().filter(|bits| *bits <= 32).ok_or_else(|| {
        Error::new(at.clone(), "a network has at most 32 bits: write a number from 0 to 32 behind the /")
    })?;
    Ok(Val::Ipv4(address.to_bits(), bits))
}

/// Seconds with a fraction, in nanoseconds.
fn seconds(word: &str) -> Option<i128> {
    let (minus, digits) = word.strip_prefix('-').map_or((false, word), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let ok = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit());
    if !ok(whole) || !ok(fraction) || fraction.len() > 9 || whole.len() + fraction.len() == 0 || whole.len() > 12 {
        return None;
    }
    let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let nanos = whole * 1_000_000_000 + format!("{fraction:0<9}").parse::<i128>().ok()?;
    Some(if minus { -nanos } else { nanos })
}

/// A date and time; without a zone it is UTC.
fn time(text: &str) -> Option<i128> {
    let text = text.trim();
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Some(at.as_nanosecond());
    }
    let plain = text.strip_suffix("UTC").or(text.strip_suffix('Z')).unwrap_or(text).trim();
    let at = plain.parse::<DateTime>().ok().or_else(|| {
        let read = strtime::parse("%b %d, %Y %H:%M:%S%.f", plain).or_else(|_| strtime::parse("%b %d, %Y", plain));
        let read = read.ok()?;
        read.to_datetime().ok().or_else(|| Some(read.to_date().ok()?.at(0, 0, 0, 0)))
    })?;
    Some(TimeZone::UTC.to_timestamp(at).ok()?.as_nanosecond())
}

fn from_word(word: &str, kind: Kind, at: Span) -> Result<Val, Error> {
    let wrong = |what: &str| Err(Error::new(at.clone(), format!("`{word}` is not a valid {what}")));
    match kind {
        Kind::Boolean => match word {
            "True" | "TRUE" => Ok(Val::Truth(true)),
            "False" | "FALSE" => Ok(Val::Truth(false)),
            _ => match number(word) {
                Some(n) => Ok(Val::Truth(n != 0)),
                None => wrong("truth value; expected True, False, 1 or 0"),
            },
        },
        Kind::Ipv4 => address(word, &at),
        Kind::Ether => match hex(word) {
            Some(bytes) if bytes.len() == 6 => Ok(Val::bytes(&bytes)),
            _ => wrong("Ethernet address; expected six bytes such as 02:00:00:00:00:01"),
        },
        Kind::Bytes | Kind::Protocol => match hex(word) {
            Some(bytes) => Ok(Val::bytes(&bytes)),
            None => wrong("sequence of bytes; expected hexadecimal digits such as 0d:0a, or a text in quotation marks"),
        },
        Kind::Text => Ok(Val::Text(word.into())),
        Kind::Duration => match seconds(word) {
            Some(nanos) => Ok(Val::Nanos(nanos)),
            None => wrong("time; expected seconds such as 0.05"),
        },
        Kind::Time => wrong("date and time; expected a text such as \"2025-03-03 09:00:00\""),
        Kind::Label => wrong("value: it has none"),
        _ => match (number(word), kind.limit()) {
            (Some(n), Some(limit)) if n > limit as i128 => {
                let what = format!("{word} is too big for this field, whose largest value is {limit}");
                Err(Error::new(at, what))
            }
            (Some(n), _) => Ok(Val::Number(n)),
            (None, _) => wrong("number"),
        },
    }
}

fn from_text(bytes: &[u8], kind: Kind, at: Span) -> Result<Val, Error> {
    match kind {
        Kind::Text => Ok(Val::text(bytes)),
        Kind::Bytes | Kind::Protocol => Ok(Val::bytes(bytes)),
        Kind::Time => time(&String::from_utf8_lossy(bytes)).map(Val::Nanos).ok_or_else(|| {
            Error::new(
                at,
                "this is not a valid date and time; expected \"2025-03-03 09:00:00\" or \"Mar 3, 2025 09:00:00\" (UTC)",
            )
        }),
        Kind::Ipv4 | Kind::Ether | Kind::Duration => from_word(&String::from_utf8_lossy(bytes), kind, at),
        _ => Err(Error::new(at, format!("a text is no value of the kind {kind}"))
            .help("Write the value without quotation marks.")),
    }
}
