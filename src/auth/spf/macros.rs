//! Macros (RFC 7208 section 7): `%{i}` in a record is the client's address, and so on.

use std::fmt::Write;
use std::net::Ipv4Addr;

/// Where a text stands: some letters are for explanations only (section 7.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    Domain,
    Explanation,
}

/// A text with macros, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MacroString {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Macro {
        /// In lower case.
        letter: char,
        /// Written as a capital: the value is escaped as in a URL.
        escaped: bool,
        /// How many parts from the right; all if none.
        keep: Option<usize>,
        reverse: bool,
        delimiters: String,
    },
}

/// What the letters stand for.
pub(super) struct Values<'a> {
    pub ip: Ipv4Addr,
    /// `s` and, in its halves, `l` and `o`.
    pub sender: &'a str,
    pub domain: &'a str,
    pub helo: &'a str,
    pub receiver: &'a str,
    pub now: i64,
    /// The validated name of the address (`p`), if it was needed.
    pub name: Option<&'a str>,
}

/// The longest name that can be asked for; a longer one loses labels on the left (section 7.3).
const LONGEST: usize = 253;

impl MacroString {
    /// Reads a text.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn read(text: &str, place: Use) -> Result<MacroString, String> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let blank = c == ' ' && place == Use::Explanation;
            if !(c.is_ascii_graphic() || blank) {
                return Err(format!("`{}` may not stand here", c.escape_default()));
            }
            rest = &rest[c.len_utf8()..];
            if c != '%' {
                plain.push(c);
                continue;
            }
            match rest.bytes().next() {
                Some(b'%') => plain.push('%'),
                Some(b'_') => plain.push(' '),
                Some(b'-') => plain.push_str("%20"),
                Some(b'{') => {
                    let end = rest.find('}').ok_or("a macro has no end")?;
                    if !plain.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut plain)));
                    }
                    parts.push(expand(&rest[1..end], place)?);
                    rest = &rest[end + 1..];
                    continue;
                }
                _ => return Err("behind % stands none of % _ - {".to_owned()),
            }
            rest = &rest[1..];
        }
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(MacroString { parts })
    }

    pub fn ends_with_macro(&self) -> bool {
        matches!(self.parts.last(), Some(Part::Macro { .. }))
    }

    /// Whether the validated name of the address is needed.
    pub fn needs_name(&self) -> bool {
        self.parts.iter().any(|p| matches!(p, Part::Macro { letter: 'p', .. }))
    }

    /// The text with its values.
    pub fn expand(&self, values: &Values<'_>) -> String {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Macro { letter, escaped, keep, reverse, delimiters } => {
                    let value = transformed(&values.of(*letter), *keep, *reverse, delimiters);
                    if *escaped { escape(&mut out, &value) } else { out.push_str(&value) }
                }
            }
        }
        out
    }

    /// As [`MacroString::expand`], as a name to ask for.
    pub fn name(&self, values: &Values<'_>) -> String {
        let name = self.expand(values);
        let mut name = name.strip_suffix('.').unwrap_or(&name);
        while name.len() > LONGEST
            && let Some((_, shorter)) = name.split_once('.')
        {
            name = shorter;
        }
        name.to_ascii_lowercase()
    }
}

/// `ir-` in `%{ir-}`: letter, digits, `r`, delimiters.
fn expand(inner: &str, place: Use) -> Result<Part, String> {
    let wrong = || format!("`%{{{inner}}}` is no macro");
    let letter = inner.chars().next().ok_or_else(wrong)?;
    let lower = letter.to_ascii_lowercase();
    let known = match place {
        Use::Domain => "slodiphv",
        Use::Explanation => "slodiphvcrt",
    };
    if !known.contains(lower) {
        return Err(wrong());
    }
    let rest = &inner[letter.len_utf8()..];
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let keep = match &rest[..digits] {
        "" => None,
        // Zero parts are a mistake (section 7.1); more than there are, are all.
        number => Some(number.parse().unwrap_or(usize::MAX)).filter(|n| *n > 0).ok_or_else(wrong).map(Some)?,
    };
    let rest = &rest[digits..];
    let reverse = rest.starts_with(['r', 'R']);
    let delimiters = &rest[usize::from(reverse)..];
    if !delimiters.bytes().all(|b| b".-+,/_=".contains(&b)) {
        return Err(wrong());
    }
    Ok(Part::Macro {
        letter: lower,
        escaped: letter.is_ascii_uppercase(),
        keep,
        reverse,
        delimiters: if delimiters.is_empty() { ".".to_owned() } else { delimiters.to_owned() },
    })
}

impl Values<'_> {
    fn of(&self, letter: char) -> String {
        let (local, domain) = self.sender.rsplit_once('@').unwrap_or(("postmaster", self.sender));
        match letter {
            's' => self.sender.to_owned(),
            'l' => local.to_owned(),
            'o' => domain.to_owned(),
            'd' => self.domain.to_owned(),
            'i' | 'c' => self.ip.to_string(),
            'p' => self.name.unwrap_or("unknown").to_owned(),
            'v' => "in-addr".to_owned(),
            'h' => self.helo.to_owned(),
            'r' => self.receiver.to_owned(),
            't' => self.now.to_string(),
            _ => String::new(),
        }
    }
}

/// Cut at the delimiters, turned round, the right-hand parts kept, and joined with dots.
fn transformed(value: &str, keep: Option<usize>, reverse: bool, delimiters: &str) -> String {
    let mut parts: Vec<&str> = value.split(|c| delimiters.contains(c)).collect();
    if reverse {
        parts.reverse();
    }
    let skip = keep.map_or(0, |n| parts.len().saturating_sub(n));
    parts[skip..].join(".")
}

/// RFC 3986 section 2.3: all but the unreserved characters as `%XX`.
fn escape(out: &mut String, value: &str) {
    for b in value.bytes() {
        if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(b));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{b:02X}");
        }
    }
}
