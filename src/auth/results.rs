//! The Authentication-Results field (RFC 8601): a server tells its users' programs what it has checked.
//!
//! ```text
//! Authentication-Results: mail.b.example;
//! <tab>spf=pass (ip4:192.0.2.25) smtp.mailfrom=alice@a.example;
//! <tab>dkim=pass header.d=a.example header.s=s1 header.a=ed25519-sha256 header.b=dzdVyOfA;
//! <tab>dmarc=pass (p=reject) header.from=a.example
//! ```
//! The first word names the server that checked. A letter that comes in with such a field in the name of the server that
//! takes it lies, so that the server removes it (section 5).

use std::ops::Range;

use super::{dkim, dmarc, spf};
use crate::message::header_fields;

/// One method and what it found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    method: &'static str,
    result: &'static str,
    comment: Option<String>,
    properties: Vec<(&'static str, String)>,
}

impl Item {
    /// SPF; `from_helo`: MAIL FROM was empty, the name in HELO was checked; else `sender` is that of MAIL FROM.
    pub fn spf(found: &spf::Outcome, sender: &str, from_helo: bool) -> Item {
        let property =
            if from_helo { ("smtp.helo", found.domain.clone()) } else { ("smtp.mailfrom", sender.to_owned()) };
        Item {
            method: "spf",
            result: found.verdict.name(),
            comment: Some(found.reason.clone()),
            properties: vec![property],
        }
    }

    /// DKIM: one item for each signature, or one that says that there is none.
    pub fn dkim(found: &[dkim::Outcome]) -> Vec<Item> {
        let none = Item { method: "dkim", result: "none", comment: None, properties: Vec::new() };
        if found.is_empty() {
            return vec![none];
        }
        let item = |o: &dkim::Outcome| Item {
            result: o.verdict.name(),
            comment: (o.verdict != dkim::Verdict::Pass).then(|| o.reason.clone()),
            properties: vec![
                ("header.d", o.domain.clone()),
                ("header.s", o.selector.clone()),
                ("header.a", o.algorithm.clone()),
                ("header.b", o.b.clone()),
            ],
            ..none.clone()
        };
        found.iter().map(item).collect()
    }

    /// DMARC.
    pub fn dmarc(found: &dmarc::Outcome) -> Item {
        let judged = matches!(found.verdict, dmarc::Verdict::Pass | dmarc::Verdict::Fail);
        let comment = if judged { format!("p={}", found.policy.name()) } else { found.reason.clone() };
        Item {
            method: "dmarc",
            result: found.verdict.name(),
            comment: Some(comment),
            properties: vec![("header.from", found.domain.clone())],
        }
    }
}

/// The field with its CRLF; `host` is the name of the server that checked.
pub fn field(host: &str, items: &[Item]) -> String {
    let mut out = format!("Authentication-Results: {host}");
    if items.is_empty() {
        out.push_str("; none");
    }
    for item in items {
        out.push_str(&format!(";\r\n\t{}={}", item.method, item.result));
        if let Some(text) = item.comment.as_ref().filter(|c| !c.is_empty()) {
            out.push_str(&format!(" ({})", comment(text)));
        }
        for (name, value) in item.properties.iter().filter(|p| !p.1.is_empty()) {
            out.push_str(&format!(" {name}={}", pvalue(value)));
        }
    }
    out.push_str("\r\n");
    out
}

/// The longest text of others that goes into the field.
const LONGEST: usize = 200;

/// A text that neither ends a comment nor a line: much of it was written by strangers.
fn comment(text: &str) -> String {
    let good = |c: char| if c == ' ' || (c.is_ascii_graphic() && !"()\\".contains(c)) { c } else { '?' };
    text.chars().take(LONGEST).map(good).collect()
}

/// A value as a token or an address, else in quotes (section 2.2).
fn pvalue(value: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"@.-_+!#$%&'*/=^`{|}~".contains(&b);
    if value.bytes().all(plain) {
        return value.chars().take(LONGEST).collect();
    }
    let mut out = String::from("\"");
    for c in value.chars().take(LONGEST) {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c == ' ' || c.is_ascii_graphic() => out.push(c),
            _ => out.push('?'),
        }
    }
    out.push('"');
    out
}

/// Where the fields stand in a letter that claim to be results of this host.
pub fn in_the_name_of(host: &str, letter: &[u8]) -> Vec<Range<usize>> {
    let fields = header_fields(letter).into_iter();
    let results = fields.filter(|(name, _)| name.eq_ignore_ascii_case("Authentication-Results"));
    let ours = results.filter(|(_, range)| {
        let field = String::from_utf8_lossy(&letter[range.clone()]);
        field.split_once(':').is_some_and(|(_, value)| server(value).eq_ignore_ascii_case(host))
    });
    ours.map(|(_, range)| range).collect()
}

/// The first word of a field: in front of it may stand comments, and it may stand in quotes.
fn server(value: &str) -> String {
    let mut depth = 0_u32;
    let mut quoted = false;
    let mut word = String::new();
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                let next = chars.next();
                if depth == 0 {
                    word.extend(next);
                }
            }
            '"' if depth == 0 => quoted = !quoted,
            _ if quoted => word.push(c),
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            c if c.is_ascii_whitespace() && word.is_empty() => {}
            ';' => break,
            c if c.is_ascii_whitespace() => break,
            c => word.push(c),
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spf(sender: &str, reason: &str) -> Item {
        let (verdict, explanation) = (spf::Verdict::Fail, None);
        let found = spf::Outcome { verdict, domain: "a.example".into(), reason: reason.into(), explanation };
        Item::spf(&found, sender, false)
    }

    #[test]
    fn what_was_found_is_told_method_by_method() {
        let dmarc = dmarc::Outcome {
            verdict: dmarc::Verdict::Fail,
            domain: "a.example".into(),
            policy: dmarc::Policy::Reject,
            disposition: dmarc::Policy::Reject,
            reason: String::new(),
        };
        let mut items = vec![spf("alice@a.example", "-all")];
        items.extend(Item::dkim(&[]));
        items.push(Item::dmarc(&dmarc));
        assert_eq!(
            field("mail.b.example", &items),
            "Authentication-Results: mail.b.example;\r\n\tspf=fail (-all) smtp.mailfrom=alice@a.example;\r\n\
             \tdkim=none;\r\n\tdmarc=fail (p=reject) header.from=a.example\r\n"
        );
        assert_eq!(field("h", &[]), "Authentication-Results: h; none\r\n");
    }

    #[test]
    fn what_strangers_wrote_ends_no_comment_and_no_line() {
        let text = field("h", &[spf("\"a b\"@a.example", "x)\r\nFrom: y")]);
        assert_eq!(
            text,
            "Authentication-Results: h;\r\n\tspf=fail (x???From: y) smtp.mailfrom=\"\\\"a b\\\"@a.example\"\r\n"
        );
    }

    #[test]
    fn only_fields_in_ones_own_name_are_found() {
        let letter = b"authentication-results: Mail.B.example; spf=pass\r\nSubject: x\r\n\
            Authentication-Results: mail.c.example; spf=pass\r\n\
            Authentication-Results: (a (b)) \"mail.b.example\" 1;\r\n\tdkim=pass\r\n\r\nbody\r\n";
        let found = in_the_name_of("mail.b.example", letter);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].start, &letter[found[1].clone()][..22]), (0, &b"Authentication-Results"[..]));
        assert!(letter[found[1].clone()].ends_with(b"dkim=pass\r\n"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_looked_through(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "\\PC*") {
            let mut letter = b"Authentication-Results: ".to_vec();
            letter.extend(bytes);
            in_the_name_of("h", &letter);
            let field = field("h", &[spf(&text, &text)]);
            prop_assert!(field.is_ascii() && field.matches("\r\n").count() == 2, "{}", field);
        }
    }
}
