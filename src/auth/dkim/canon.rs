//! The form in which a letter is hashed (RFC 6376 section 3.4): as it is, or so that what servers do to blanks and folded
//! lines does not matter.

use std::fmt;

use crate::message::{body_start, header_fields};

/// How much may be changed on the way without breaking a signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Canon {
    /// Nothing, but empty lines at the end of the body.
    #[default]
    Simple,
    /// Blanks, folding, and capitals of field names.
    Relaxed,
}

impl Canon {
    /// As in `c=`.
    pub const fn name(self) -> &'static str {
        match self {
            Canon::Simple => "simple",
            Canon::Relaxed => "relaxed",
        }
    }

    /// The algorithm of that name.
    pub fn named(name: &str) -> Option<Canon> {
        [Canon::Simple, Canon::Relaxed].into_iter().find(|c| c.name().eq_ignore_ascii_case(name))
    }

    /// A header field with its last CRLF, which stays.
    pub(super) fn field(self, field: &[u8]) -> Vec<u8> {
        match self {
            Canon::Simple => field.to_vec(),
            Canon::Relaxed => relaxed_field(field),
        }
    }

    /// A body.
    pub(super) fn body(self, body: &[u8]) -> Vec<u8> {
        let mut out = match self {
            Canon::Simple => body.to_vec(),
            Canon::Relaxed => relaxed_lines(body),
        };
        if !out.is_empty() && !out.ends_with(b"\r\n") {
            out.extend_from_slice(b"\r\n");
        }
        while out.ends_with(b"\r\n\r\n") || out == b"\r\n" {
            out.truncate(out.len() - 2);
        }
        // Section 3.4.3: an empty body is one empty line; section 3.4.4: it is nothing.
        if self == Canon::Simple && out.is_empty() {
            out.extend_from_slice(b"\r\n");
        }
        out
    }
}

impl fmt::Display for Canon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

const fn is_blank(b: u8) -> bool {
    matches!(b, b' ' | b'\t')
}

/// Section 3.4.2.
fn relaxed_field(field: &[u8]) -> Vec<u8> {
    let colon = field.iter().position(|b| *b == b':').unwrap_or(field.len());
    let mut out = field[..colon].trim_ascii().to_ascii_lowercase();
    out.push(b':');
    let mut gap = false;
    let begins = out.len();
    for b in field.get(colon + 1..).unwrap_or_default() {
        match *b {
            b'\r' | b'\n' => {}
            b if is_blank(b) => gap = true,
            b => {
                if gap && out.len() > begins {
                    out.push(b' ');
                }
                gap = false;
                out.push(b);
            }
        }
    }
    out.extend_from_slice(b"\r\n");
    out
}

/// Section 3.4.4: blanks at the ends of lines go, others become one.
fn relaxed_lines(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut gap = false;
    for (i, b) in body.iter().enumerate() {
        let ends_line = *b == b'\r' && body.get(i + 1) == Some(&b'\n');
        if is_blank(*b) {
            gap = true;
            continue;
        }
        if gap && !ends_line {
            out.push(b' ');
        }
        gap = false;
        out.push(*b);
    }
    out
}

/// A letter in its parts.
pub(super) struct Letter<'a> {
    /// Names, and the whole fields with their CRLF.
    pub fields: Vec<(String, &'a [u8])>,
    pub body: &'a [u8],
}

impl<'a> Letter<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        let fields = header_fields(bytes).into_iter();
        Letter {
            fields: fields.map(|(name, range)| (name, &bytes[range])).collect(),
            body: &bytes[body_start(bytes)..],
        }
    }

    /// What is signed of the header: the fields that are named, each name from the bottom up (section 5.4.2), then the
    /// signature's own field without its last CRLF. A name more often than there are fields stands for none: if one is
    /// put in later, the signature breaks.
    pub fn signed(&self, canon: Canon, names: &[String], own: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut used: Vec<usize> = Vec::new();
        for name in names {
            let is_it = |i: &usize| self.fields[*i].0.eq_ignore_ascii_case(name) && !used.contains(i);
            if let Some(i) = (0..self.fields.len()).rev().find(is_it) {
                used.push(i);
                out.extend(canon.field(self.fields[i].1));
            }
        }
        let own = canon.field(own);
        out.extend_from_slice(own.strip_suffix(b"\r\n").unwrap_or(&own));
        out
    }
}
