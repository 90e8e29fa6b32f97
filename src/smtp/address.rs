//! Who a mail is from and to on the envelope (RFC 5321 section 4.1.2): never read from the letter.

use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, LazyLock};

use super::options::Options;
use super::syntax;

/// A `Mailbox` of RFC 5321: `Local-part "@" ( Domain / address-literal )`, without angle brackets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// As written; a quoted string keeps its quotes.
    pub local: String,
    /// Lower case; an address literal keeps its brackets.
    pub domain: String,
}

/// Why a text is no [`Address`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum AddressError {
    /// Nothing, or something the grammar does not have, before the `@`.
    #[error("the part before the @ is not a local part")]
    LocalPart,
    /// There is no `@` after the local part.
    #[error("there is no @ after the local part")]
    NoAt,
    /// Nothing, or something the grammar does not have, after the `@`.
    #[error("the part after the @ is not a domain")]
    Domain,
    /// Longer than RFC 5321 section 4.5.3.1 lets it be.
    #[error("too long")]
    TooLong,
    /// A whole address stands there, and something behind it.
    #[error("there is something behind the address")]
    Rest,
}

impl Address {
    /// Reads the address at the start of `text`, and says how many bytes it takes. With `utf8` the characters beyond
    /// ASCII are letters of names, as RFC 6531 section 3.3 extends the grammar.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn measure(text: &[u8], utf8: bool) -> Result<(Address, usize), AddressError> {
        let measured = syntax::letters(text, utf8);
        let local = syntax::local_part(&measured).ok_or(AddressError::LocalPart)?;
        if text.get(local) != Some(&b'@') {
            return Err(if local == 0 { AddressError::LocalPart } else { AddressError::NoAt });
        }
        let domain = syntax::domain_or_literal(&measured[local + 1..]).ok_or(AddressError::Domain)?;
        if local > syntax::LONGEST_LOCAL_PART || domain > syntax::LONGEST_DOMAIN {
            return Err(AddressError::TooLong);
        }
        let len = local + 1 + domain;
        let ascii = |part: &[u8]| super::telling::lossy(part);
        let mut domain = ascii(&text[local + 1..len]);
        domain.make_ascii_lowercase();
        Ok((Address { local: ascii(&text[..local]), domain }, len))
    }

    /// Whether it can be put on the wire as it is: the fields are public, and a line end inside one would
    /// become a command.
    pub(super) fn is_printable(&self) -> bool {
        !self.local.is_empty()
            && !self.domain.is_empty()
            && self.local.bytes().chain(self.domain.bytes()).all(|b| syntax::is_printable(b) || b >= 0x80)
    }

    /// Whether it goes only where SMTPUTF8 is offered (RFC 6531).
    pub fn is_international(&self) -> bool {
        !self.local.is_ascii() || !self.domain.is_ascii()
    }

    /// As `parse`, and characters beyond ASCII are letters (RFC 6531 section 3.3).
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn international(text: &str) -> Result<Address, AddressError> {
        Address::whole(text, true)
    }

    /// One that can stand in a path, with nothing behind it.
    fn whole(text: &str, utf8: bool) -> Result<Address, AddressError> {
        let (address, len) = Address::measure(text.as_bytes(), utf8)?;
        if len < text.len() {
            return Err(AddressError::Rest);
        }
        if len > syntax::LONGEST_ADDRESS {
            return Err(AddressError::TooLong);
        }
        Ok(address)
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        Address::whole(text, false)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

/// The argument of MAIL FROM.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReversePath {
    /// `<>`: nobody is to be told if this fails (bounces themselves; RFC 5321 section 4.5.5).
    Null,
    /// Where failures are reported.
    Address(Address),
}

impl fmt::Display for ReversePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReversePath::Null => f.write_str("<>"),
            ReversePath::Address(a) => write!(f, "<{a}>"),
        }
    }
}

/// MAIL FROM and RCPT TO: all that decides where a mail goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// MAIL FROM.
    pub from: ReversePath,
    /// RCPT TO, one each.
    pub to: Vec<Address>,
    /// What extensions add; most mails have nothing of it.
    pub options: Option<Arc<Options>>,
}

impl Envelope {
    /// An envelope without parameters of extensions.
    pub fn new(from: ReversePath, to: Vec<Address>) -> Self {
        Envelope { from, to, options: None }
    }

    /// What extensions add.
    pub fn options(&self) -> &Options {
        static NONE: LazyLock<Options> = LazyLock::new(Options::default);
        self.options.as_deref().unwrap_or(&NONE)
    }

    /// The letter consists of lines now: it is not said to be binary any more.
    pub fn set_lines(&mut self) {
        if self.options().is_binary() {
            let options = Options { body: None, ..self.options().clone() };
            self.options = (options != Options::default()).then(|| Arc::new(options));
        }
    }

    /// Whether an address in it goes only where SMTPUTF8 is offered.
    pub fn is_international(&self) -> bool {
        let from = matches!(&self.from, ReversePath::Address(from) if from.is_international());
        from || self.to.iter().any(Address::is_international)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_its_local_part_and_lowers_its_domain() {
        let a: Address = "Smith@A.Example".parse().unwrap();
        assert_eq!((a.local.as_str(), a.domain.as_str()), ("Smith", "a.example"));
        assert_eq!(a.to_string(), "Smith@a.example");
    }

    #[test]
    fn what_is_no_address_says_why() {
        let error = |text: &str| text.parse::<Address>().unwrap_err();
        assert_eq!(error("alice"), AddressError::NoAt);
        assert_eq!(error("@a.example"), AddressError::LocalPart);
        assert_eq!(error(""), AddressError::LocalPart);
        assert_eq!(error("alice@"), AddressError::Domain);
        assert_eq!(error("alice@a.example x"), AddressError::Rest);
        assert_eq!(error(&format!("{}@a.example", "a".repeat(65))), AddressError::TooLong);
        assert_eq!(error("älice@a.example"), AddressError::LocalPart);
        // 254 bytes fit between the angle brackets of a path, one more does not.
        let long = |n: usize| format!("bob@{}.example", vec!["x".repeat(n); 4].join("."));
        assert_eq!((long(59).len(), long(59).parse::<Address>().is_ok()), (251, true));
        assert_eq!((long(60).len(), error(&long(60))), (255, AddressError::TooLong));
        assert_eq!(Address::international(&long(60)), Err(AddressError::TooLong));
    }
}
