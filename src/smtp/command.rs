//! Commands (RFC 5321 section 4.1.1): what a client may say, and how a line of bytes becomes it.

use std::fmt;

use super::address::ReversePath;
use super::path::{self, ForwardPath};
use super::settings::Syntax;
use super::syntax;
use super::telling::lossy;

/// The verbs of RFC 5321, each once, and those of extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Section 4.1.1.1.
    Ehlo,
    /// Section 4.1.1.1.
    Helo,
    /// Section 4.1.1.2.
    Mail,
    /// Section 4.1.1.3.
    Rcpt,
    /// Section 4.1.1.4.
    Data,
    /// Section 4.1.1.5.
    Rset,
    /// Section 4.1.1.6.
    Vrfy,
    /// Section 4.1.1.7.
    Expn,
    /// Section 4.1.1.8.
    Help,
    /// Section 4.1.1.9.
    Noop,
    /// Section 4.1.1.10.
    Quit,
    /// RFC 3207 section 4.
    StartTls,
    /// RFC 4954.
    Auth,
    /// RFC 3030.
    Bdat,
}

impl Verb {
    /// All of them, in the order of RFC 5321 section 4.1.1, extensions last.
    pub const ALL: [Verb; 14] = [
        Verb::Ehlo,
        Verb::Helo,
        Verb::Mail,
        Verb::Rcpt,
        Verb::Data,
        Verb::Rset,
        Verb::Vrfy,
        Verb::Expn,
        Verb::Help,
        Verb::Noop,
        Verb::Quit,
        Verb::StartTls,
        Verb::Auth,
        Verb::Bdat,
    ];

    /// In capitals, as on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Verb::Ehlo => "EHLO",
            Verb::Helo => "HELO",
            Verb::Mail => "MAIL",
            Verb::Rcpt => "RCPT",
            Verb::Data => "DATA",
            Verb::Rset => "RSET",
            Verb::Vrfy => "VRFY",
            Verb::Expn => "EXPN",
            Verb::Help => "HELP",
            Verb::Noop => "NOOP",
            Verb::Quit => "QUIT",
            Verb::StartTls => "STARTTLS",
            Verb::Auth => "AUTH",
            Verb::Bdat => "BDAT",
        }
    }

    /// How the command is written, for HELP.
    pub const fn usage(self) -> &'static str {
        match self {
            Verb::Ehlo => "EHLO <domain>",
            Verb::Helo => "HELO <domain>",
            Verb::Mail => "MAIL FROM:<address> [parameters]",
            Verb::Rcpt => "RCPT TO:<address> [parameters]",
            Verb::Data => "DATA",
            Verb::Rset => "RSET",
            Verb::Vrfy => "VRFY <user>",
            Verb::Expn => "EXPN <list>",
            Verb::Help => "HELP [command]",
            Verb::Noop => "NOOP [anything]",
            Verb::Quit => "QUIT",
            Verb::StartTls => "STARTTLS",
            Verb::Auth => "AUTH <mechanism> [initial response]",
            Verb::Bdat => "BDAT <size> [LAST]",
        }
    }

    /// The extension to which a verb belongs, as EHLO offers it.
    pub const fn extension(self) -> Option<&'static str> {
        match self {
            Verb::Auth => Some("AUTH"),
            Verb::Bdat => Some("CHUNKING"),
            _ => None,
        }
    }

    /// The verb with this name; capitals and small letters are the same (section 2.4).
    pub fn of(name: &[u8]) -> Option<Verb> {
        Verb::ALL.into_iter().find(|v| v.name().as_bytes().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An `esmtp-param`: `SIZE=1000`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    /// In capitals.
    pub keyword: String,
    /// Behind the `=`, if there is one.
    pub value: Option<String>,
}

/// A command that is well formed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// The client's name.
    Ehlo(String),
    /// The client's name.
    Helo(String),
    /// Begins a mail transaction.
    Mail {
        /// Where failures are reported.
        from: ReversePath,
        /// What extensions add.
        params: Vec<Param>,
    },
    /// One recipient.
    Rcpt {
        /// Who.
        to: ForwardPath,
        /// What extensions add.
        params: Vec<Param>,
    },
    /// The letter follows.
    Data,
    /// The transaction is given up.
    Rset,
    /// Is this a user?
    Vrfy(String),
    /// Who is on this list?
    Expn(String),
    /// What can be said here, or about one command.
    Help(Option<String>),
    /// Nothing.
    Noop,
    /// The session ends.
    Quit,
    /// Both ends go over to TLS.
    StartTls,
    /// The user says who he is (RFC 4954).
    Auth {
        /// As written.
        mechanism: String,
        /// What the mechanism's first challenge would be answered with; `=` if that is nothing.
        initial: Option<String>,
    },
    /// A piece of the letter follows (RFC 3030).
    Bdat {
        /// How many bytes.
        size: u64,
        /// The letter ends with them.
        last: bool,
    },
}

impl Command {
    /// Its verb.
    pub const fn verb(&self) -> Verb {
        match self {
            Command::Ehlo(_) => Verb::Ehlo,
            Command::Helo(_) => Verb::Helo,
            Command::Mail { .. } => Verb::Mail,
            Command::Rcpt { .. } => Verb::Rcpt,
            Command::Data => Verb::Data,
            Command::Rset => Verb::Rset,
            Command::Vrfy(_) => Verb::Vrfy,
            Command::Expn(_) => Verb::Expn,
            Command::Help(_) => Verb::Help,
            Command::Noop => Verb::Noop,
            Command::Quit => Verb::Quit,
            Command::StartTls => Verb::StartTls,
            Command::Auth { .. } => Verb::Auth,
            Command::Bdat { .. } => Verb::Bdat,
        }
    }
}

/// Why a line is no command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code} {what}")]
pub struct SyntaxError {
    /// The verb, if that much could be read.
    pub verb: Option<Verb>,
    /// 500: no such command. 501: something is wrong behind the verb (RFC 5321 section 4.2.2).
    pub code: u16,
    /// What, in words.
    pub what: &'static str,
}

/// Reads a command from a line without its line end. White space at the end is forgiven in every case
/// (RFC 5321 section 4.1.1).
///
/// # Errors
/// 500 when the verb is unknown, 501 when it is known and the rest is wrong.
pub fn parse(line: &[u8], rules: Syntax) -> Result<Command, SyntaxError> {
    read(line, rules, false)
}

/// As [`parse`], for a server that offers SMTPUTF8: characters beyond ASCII may stand in addresses and in the
/// arguments of VRFY and EXPN (RFC 6531 sections 3.3 and 3.7.4.2).
///
/// # Errors
/// As [`parse`].
pub fn parse_utf8(line: &[u8], rules: Syntax) -> Result<Command, SyntaxError> {
    read(line, rules, true)
}

fn read(line: &[u8], rules: Syntax, utf8: bool) -> Result<Command, SyntaxError> {
    let blanks = line.iter().rev().take_while(|&&b| b == b' ' || b == b'\t').count();
    let line = &line[..line.len() - blanks];
    let (name, rest) = match line.iter().position(|&b| b == b' ') {
        Some(blank) => (&line[..blank], Some(&line[blank + 1..])),
        None => (line, None),
    };
    let Some(verb) = Verb::of(name) else {
        return Err(SyntaxError { verb: None, code: 500, what: "Syntax error, command unrecognized" });
    };
    let wrong = |what| SyntaxError { verb: Some(verb), code: 501, what };
    let beyond = utf8 && std::str::from_utf8(line).is_ok();
    if !line.iter().all(|&b| syntax::is_printable(b) || b == b'\t' || (beyond && b >= 0x80)) {
        return Err(wrong(match utf8 {
            true => "Only printable characters in UTF-8 may stand in a command",
            false => "Only printable ASCII characters may stand in a command",
        }));
    }
    let text = || rest.map(|r| lossy(r.trim_ascii()));
    let alone = |command| if rest.is_none() { Ok(command) } else { Err(wrong("This command has no argument")) };
    match verb {
        Verb::Ehlo | Verb::Helo => {
            let rest = rest.map(<[u8]>::trim_ascii).filter(|r| !r.is_empty()).ok_or(wrong("A domain is missing"))?;
            let well_formed =
                syntax::domain_or_literal(rest) == Some(rest.len()) && rest.len() <= syntax::LONGEST_DOMAIN;
            if !well_formed && rules == Syntax::Strict {
                return Err(wrong("This is not a domain"));
            }
            let name = lossy(rest);
            Ok(if verb == Verb::Ehlo { Command::Ehlo(name) } else { Command::Helo(name) })
        }
        Verb::Mail => {
            let rest = after_keyword(rest, b"FROM", rules).ok_or(wrong("Syntax: MAIL FROM:<address>"))?;
            let (from, len) = path::reverse(rest, rules, utf8).map_err(wrong)?;
            Ok(Command::Mail { from, params: params(&rest[len..]).map_err(wrong)? })
        }
        Verb::Rcpt => {
            let rest = after_keyword(rest, b"TO", rules).ok_or(wrong("Syntax: RCPT TO:<address>"))?;
            let (to, len) = path::forward(rest, rules, utf8).map_err(wrong)?;
            Ok(Command::Rcpt { to, params: params(&rest[len..]).map_err(wrong)? })
        }
        Verb::Vrfy | Verb::Expn => {
            let text = text().filter(|t| !t.is_empty()).ok_or(wrong("A name is missing"))?;
            Ok(if verb == Verb::Vrfy { Command::Vrfy(text) } else { Command::Expn(text) })
        }
        Verb::Help => Ok(Command::Help(text().filter(|t| !t.is_empty()))),
        Verb::Noop => Ok(Command::Noop),
        Verb::Data => alone(Command::Data),
        Verb::Rset => alone(Command::Rset),
        Verb::Quit => alone(Command::Quit),
        Verb::StartTls => alone(Command::StartTls),
        Verb::Auth => auth(rest.unwrap_or_default()).ok_or(wrong("Syntax: AUTH mechanism [initial response]")),
        Verb::Bdat => bdat(rest.unwrap_or_default()).ok_or(wrong("Syntax: BDAT size [LAST]")),
    }
}

/// `sasl-mech [SP initial-response]` (RFC 4954 section 8).
fn auth(rest: &[u8]) -> Option<Command> {
    let text = std::str::from_utf8(rest).ok()?;
    let (mechanism, initial) = text.split_once(' ').map_or((text, None), |(m, i)| (m, Some(i)));
    let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    let named = (1..=20).contains(&mechanism.len()) && mechanism.bytes().all(good);
    let one_word = initial.is_none_or(|i| !i.is_empty() && !i.contains(' '));
    (named && one_word).then(|| Command::Auth { mechanism: mechanism.to_owned(), initial: initial.map(str::to_owned) })
}

/// `chunk-size [SP "LAST"]` (RFC 3030 section 2).
fn bdat(rest: &[u8]) -> Option<Command> {
    let text = std::str::from_utf8(rest).ok()?;
    let (size, last) = match text.split_once(' ') {
        Some((size, last)) if last.eq_ignore_ascii_case("LAST") => (size, true),
        Some(_) => return None,
        None => (text, false),
    };
    let digits = (1..=19).contains(&size.len()) && size.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| Command::Bdat { size: size.parse().unwrap_or(u64::MAX), last })
}

/// What stands behind `FROM:` or `TO:`. In `MAIL FROM: <...>` the blank is one too many.
fn after_keyword<'a>(rest: Option<&'a [u8]>, keyword: &[u8], rules: Syntax) -> Option<&'a [u8]> {
    let forgiving = rules == Syntax::Lenient;
    let mut rest = rest?;
    if forgiving {
        rest = rest.trim_ascii_start();
    }
    let (start, mut rest) = rest.split_at_checked(keyword.len())?;
    if !start.eq_ignore_ascii_case(keyword) {
        return None;
    }
    if forgiving {
        rest = rest.trim_ascii_start();
    }
    let rest = rest.strip_prefix(b":")?;
    Some(if forgiving { rest.trim_ascii_start() } else { rest })
}

/// `*(SP esmtp-param)`, up to the end of the line.
fn params(rest: &[u8]) -> Result<Vec<Param>, &'static str> {
    if rest.is_empty() {
        return Ok(Vec::new());
    }
    let rest = rest.strip_prefix(b" ").ok_or("Something stands behind the path")?;
    rest.split(|&b| b == b' ')
        .filter(|word| !word.is_empty())
        .map(|word| {
            let (keyword, value) = match word.iter().position(|&b| b == b'=') {
                Some(equals) => (&word[..equals], Some(&word[equals + 1..])),
                None => (word, None),
            };
            if !syntax::is_keyword(keyword) || value.is_some_and(|v| !syntax::is_value(v)) {
                return Err("A parameter is not well formed");
            }
            Ok(Param { keyword: lossy(keyword).to_ascii_uppercase(), value: value.map(lossy) })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strict(line: &str) -> Result<Command, u16> {
        parse(line.as_bytes(), Syntax::Strict).map_err(|e| e.code)
    }

    fn lenient(line: &str) -> Result<Command, u16> {
        parse(line.as_bytes(), Syntax::Lenient).map_err(|e| e.code)
    }

    #[test]
    fn every_verb_is_read_in_capitals_and_in_small_letters() {
        for verb in Verb::ALL {
            let line = match verb {
                Verb::Mail => "mail from:<alice@a.example>".into(),
                Verb::Rcpt => "rcpt to:<bob@b.example>".into(),
                Verb::Data | Verb::Rset | Verb::Quit | Verb::StartTls => verb.name().to_lowercase(),
                Verb::Bdat => "bdat 10 last".into(),
                Verb::Auth => "auth plain".into(),
                _ => format!("{} a.example", verb.name().to_lowercase()),
            };
            assert_eq!(strict(&line).unwrap().verb(), verb);
            assert_eq!(strict(&line.to_uppercase()).unwrap().verb(), verb);
            assert!(verb.usage().starts_with(verb.name()));
        }
    }

    #[test]
    fn an_unknown_verb_is_500() {
        for line in ["HELLO a.example", "", " ", "MAILFROM:<>", "DATA\tx", "MAIL\0", "NOOP\r", "QUIT\n", "world", "."] {
            assert_eq!(strict(line), Err(500), "{line:?}");
        }
    }

    #[test]
    fn a_wrong_argument_is_501() {
        for line in [
            "EHLO",
            "EHLO a b",
            "HELO -a.example",
            "MAIL",
            "MAIL <alice@a.example>",
            "MAIL FROM <alice@a.example>",
            "MAIL FROM:alice@a.example",
            "MAIL FROM:<alice@a.example>x",
            "MAIL FROM:<alice@a.example> =1",
            "MAIL FROM:<alice@a.example> SIZE=",
            "RCPT TO:<>",
            "RCPT TO:<bob>",
            "RCPT FROM:<bob@b.example>",
            "DATA now",
            "RSET 1",
            "QUIT please",
            "VRFY",
            "EXPN",
            "NOOP \u{e9}",
            "VRFY a\0b",
        ] {
            assert_eq!(strict(line), Err(501), "{line:?}");
        }
    }

    #[test]
    fn a_blank_after_the_colon_is_wrong_and_often_forgiven() {
        for line in ["MAIL FROM: <alice@a.example>", "MAIL FROM :<alice@a.example>", "MAIL  FROM:<alice@a.example>"] {
            assert_eq!(strict(line), Err(501), "{line}");
            assert_eq!(lenient(line), strict("MAIL FROM:<alice@a.example>"), "{line}");
        }
        assert_eq!(lenient("RCPT TO: bob@b.example"), strict("RCPT TO:<bob@b.example>"));
        assert_eq!(lenient("EHLO my computer"), Ok(Command::Ehlo("my computer".into())));
    }

    #[test]
    fn white_space_at_the_end_is_forgiven() {
        assert_eq!(strict("QUIT  "), Ok(Command::Quit));
        assert_eq!(strict("MAIL FROM:<> \t"), strict("MAIL FROM:<>"));
    }

    #[test]
    fn parameters_stand_behind_the_path() {
        let Ok(Command::Mail { params, .. }) = strict("MAIL FROM:<> size=100 BODY=8BITMIME X") else { panic!() };
        let read: Vec<_> = params.iter().map(|p| (p.keyword.as_str(), p.value.as_deref())).collect();
        assert_eq!(read, [("SIZE", Some("100")), ("BODY", Some("8BITMIME")), ("X", None)]);
    }
}
