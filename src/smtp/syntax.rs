//! The grammar of RFC 5321 section 4.1.2 and 4.1.3, as functions that measure: each looks at the start of
//! some bytes and says how many of them the rule takes.
//!
//! ```text
//! Mailbox        = Local-part "@" ( Domain / address-literal )
//! Local-part     = Dot-string / Quoted-string
//! Dot-string     = Atom *("."  Atom)
//! Quoted-string  = DQUOTE *QcontentSMTP DQUOTE
//! Domain         = sub-domain *("." sub-domain)
//! sub-domain     = Let-dig [Ldh-str]
//! address-literal = "[" ( IPv4-address-literal / IPv6-address-literal / General-address-literal ) "]"
//! A-d-l          = At-domain *( "," At-domain )
//! esmtp-param    = esmtp-keyword ["=" esmtp-value]
//! ```
//!
//! Longest local part, domain and path: section 4.5.3.1.1 to 4.5.3.1.3. Only ASCII: where SMTPUTF8
//! (RFC 6531) is offered, [`letters`] is looked at in the text's stead.

use std::borrow::Cow;
use std::net::Ipv6Addr;

/// Section 4.5.3.1.1.
pub const LONGEST_LOCAL_PART: usize = 64;
/// Section 4.5.3.1.2.
pub const LONGEST_DOMAIN: usize = 255;
/// Section 4.5.3.1.3, the angle brackets included.
pub const LONGEST_PATH: usize = 256;
/// What stands between the brackets.
pub const LONGEST_ADDRESS: usize = LONGEST_PATH - 2;

/// With `utf8`, a text of the same length in which every byte of a character beyond ASCII is a letter: RFC 6531
/// section 3.3 lets such characters stand wherever `atext`, `qtext` and `let-dig` may. Without, the text itself.
pub fn letters(text: &[u8], utf8: bool) -> Cow<'_, [u8]> {
    if !utf8 || text.is_ascii() || std::str::from_utf8(text).is_err() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.iter().map(|b| if b.is_ascii() { *b } else { b'x' }).collect())
}

/// `atext` of RFC 5322 section 3.2.3.
pub const fn is_atext(b: u8) -> bool {
    b.is_ascii_alphanumeric()
        || matches!(b, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'/' | b'=' | b'?' | b'^'..=b'`' | b'{'..=b'~')
}

/// A character that may be seen on paper, or a blank.
pub const fn is_printable(b: u8) -> bool {
    b >= 0x20 && b <= 0x7e
}

/// How many bytes at the start are a `Local-part`.
pub fn local_part(text: &[u8]) -> Option<usize> {
    if text.first() == Some(&b'"') { quoted_string(text) } else { dot_string(text) }
}

fn dot_string(text: &[u8]) -> Option<usize> {
    let len = text.iter().position(|&b| !is_atext(b) && b != b'.').unwrap_or(text.len());
    let every_atom_there = text[..len].split(|&b| b == b'.').all(|atom| !atom.is_empty());
    every_atom_there.then_some(len)
}

fn quoted_string(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match *text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' if is_printable(*text.get(at + 1)?) => at += 2,
            b'\\' => return None,
            b if is_printable(b) => at += 1,
            _ => return None,
        }
    }
}

/// How many bytes at the start are a `Domain`.
pub fn domain(text: &[u8]) -> Option<usize> {
    let len = text.iter().position(|&b| !b.is_ascii_alphanumeric() && b != b'-' && b != b'.').unwrap_or(text.len());
    text[..len].split(|&b| b == b'.').all(is_sub_domain).then_some(len)
}

fn is_sub_domain(label: &[u8]) -> bool {
    match (label.first(), label.last()) {
        (Some(first), Some(last)) => label.len() <= 63 && *first != b'-' && *last != b'-',
        _ => false,
    }
}

/// How many bytes at the start are an `address-literal`, brackets included.
pub fn address_literal(text: &[u8]) -> Option<usize> {
    if text.first() != Some(&b'[') {
        return None;
    }
    let close = text.iter().position(|&b| b == b']')?;
    let inside = &text[1..close];
    let good = match inside.iter().position(|&b| b == b':') {
        None => is_ipv4(inside),
        Some(colon) if inside[..colon].eq_ignore_ascii_case(b"IPv6") => {
            std::str::from_utf8(&inside[colon + 1..]).is_ok_and(|t| t.parse::<Ipv6Addr>().is_ok())
        }
        // Standardized-tag ":" 1*dcontent
        Some(colon) => {
            let dcontent = |&b: &u8| matches!(b, 33..=90 | 94..=126);
            colon > 0
                && domain(&inside[..colon]) == Some(colon)
                && colon + 1 < inside.len()
                && inside[colon + 1..].iter().all(dcontent)
        }
    };
    good.then_some(close + 1)
}

/// `Snum 3("." Snum)`; an Snum is one to three digits, 0 to 255.
fn is_ipv4(text: &[u8]) -> bool {
    let snum = |part: &[u8]| {
        (1..=3).contains(&part.len())
            && part.iter().all(u8::is_ascii_digit)
            && part.iter().fold(0, |n, d| n * 10 + u32::from(d - b'0')) <= 255
    };
    let mut parts = 0;
    text.split(|&b| b == b'.').all(|part| {
        parts += 1;
        snum(part)
    }) && parts == 4
}

/// How many bytes at the start are a `Domain` or an `address-literal`.
pub fn domain_or_literal(text: &[u8]) -> Option<usize> {
    if text.first() == Some(&b'[') { address_literal(text) } else { domain(text) }
}

/// How many bytes at the start are a source route with its colon, `A-d-l ":"`; 0 when there is none.
///
/// Servers must take it and should take no notice of it (appendix C).
pub fn source_route(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    while text.get(at) == Some(&b'@') {
        at += 1 + domain(&text[at + 1..])?;
        match text.get(at)? {
            b',' if text.get(at + 1) == Some(&b'@') => at += 1,
            b':' => return Some(at + 1),
            _ => return None,
        }
    }
    (at == 0).then_some(0)
}

/// Whether this is an `esmtp-keyword`.
pub fn is_keyword(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_alphanumeric) && text.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-')
}

/// Whether this is an `esmtp-value`: printable, without `=` and blanks, not empty.
pub fn is_value(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|&b| matches!(b, 33..=60 | 62..=126))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_part_is_atoms_with_dots_between_or_a_quoted_string() {
        assert_eq!(local_part(b"alice@a.example"), Some(5));
        assert_eq!(local_part(b"alice.b+tag@a.example"), Some(11));
        assert_eq!(local_part(b"\"a b\\\"c>\"@a.example"), Some(9));
        for wrong in
            [&b"@a.example"[..], b".a@a.example", b"a..b@a.example", b"a.@a.example", b"\"open", b"\"\x01\"", b"\"\\"]
        {
            assert_eq!(local_part(wrong), None, "{}", wrong.escape_ascii());
        }
    }

    #[test]
    fn a_domain_is_labels_of_letters_digits_and_inner_hyphens() {
        assert_eq!(domain(b"mail-1.a.example>"), Some(16));
        assert_eq!(domain(b"localhost"), Some(9));
        for wrong in [&b""[..], b".", b"a..b", b"-a.example", b"a-.example", b"a.example."] {
            assert_eq!(domain(wrong), None, "{}", wrong.escape_ascii());
        }
        assert_eq!(domain(&[b'a'; 63]), Some(63));
        assert_eq!(domain(&[b'a'; 64]), None);
    }

    #[test]
    fn an_address_literal_is_in_brackets() {
        assert_eq!(address_literal(b"[192.0.2.25]>"), Some(12));
        assert_eq!(address_literal(b"[IPv6:2001:db8::1]"), Some(18));
        assert_eq!(address_literal(b"[x400:c=us]"), Some(11));
        for wrong in
            [&b"192.0.2.1"[..], b"[192.0.2]", b"[192.0.2.256]", b"[192.0.2.1", b"[IPv6:zz]", b"[:x]", b"[x:]", b"[]"]
        {
            assert_eq!(address_literal(wrong), None, "{}", wrong.escape_ascii());
        }
    }

    #[test]
    fn a_source_route_is_measured_and_none_is_of_length_0() {
        assert_eq!(source_route(b"@a.example:bob@b.example"), Some(11));
        assert_eq!(source_route(b"@a.example,@c.example:bob@b.example"), Some(22));
        assert_eq!(source_route(b"bob@b.example"), Some(0));
        for wrong in [&b"@a.example"[..], b"@a.example,bob@b.example", b"@:bob@b.example", b"@a.example;"] {
            assert_eq!(source_route(wrong), None, "{}", wrong.escape_ascii());
        }
    }
}
