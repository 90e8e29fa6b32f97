//! Paths (RFC 5321 section 4.1.2): the arguments of MAIL and RCPT.
//!
//! ```text
//! Reverse-path = Path / "<>"
//! Forward-path = Path
//! Path         = "<" [ A-d-l ":" ] Mailbox ">"
//! RCPT TO:     ( "<Postmaster@" Domain ">" / "<Postmaster>" / Forward-path )
//! ```

use super::address::{Address, ReversePath};
use super::settings::Syntax;
use super::syntax;

/// The argument of RCPT TO.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ForwardPath {
    /// `<Postmaster>` without a domain, which every server must take (section 4.5.1).
    Postmaster,
    /// Any other; a source route before it is left out (appendix C).
    Address(Address),
}

/// Reads the path at the start of `text`, and says how many bytes it takes. `utf8`: see [`Address::international`].
///
/// # Errors
/// What is wrong with it, in words.
pub(super) fn reverse(text: &[u8], rules: Syntax, utf8: bool) -> Result<(ReversePath, usize), &'static str> {
    if text.starts_with(b"<>") {
        return Ok((ReversePath::Null, 2));
    }
    let (address, len) = path(text, rules, utf8)?;
    Ok((ReversePath::Address(address), len))
}

/// Reads the path at the start of `text`, and says how many bytes it takes. `utf8`: see [`Address::international`].
///
/// # Errors
/// What is wrong with it, in words.
pub(super) fn forward(text: &[u8], rules: Syntax, utf8: bool) -> Result<(ForwardPath, usize), &'static str> {
    const POSTMASTER: &[u8] = b"<postmaster>";
    if text.get(..POSTMASTER.len()).is_some_and(|start| start.eq_ignore_ascii_case(POSTMASTER)) {
        return Ok((ForwardPath::Postmaster, POSTMASTER.len()));
    }
    let (address, len) = path(text, rules, utf8)?;
    Ok((ForwardPath::Address(address), len))
}

fn path(text: &[u8], rules: Syntax, utf8: bool) -> Result<(Address, usize), &'static str> {
    let bracket = text.first() == Some(&b'<');
    if !bracket && rules == Syntax::Strict {
        return Err("a path stands in angle brackets");
    }
    let mut at = usize::from(bracket);
    at += syntax::source_route(&syntax::letters(&text[at..], utf8)).ok_or("the source route is not well formed")?;
    let (address, len) = Address::measure(&text[at..], utf8).map_err(|_| "the address is not well formed")?;
    at += len;
    if bracket {
        if text.get(at) != Some(&b'>') {
            return Err("the closing angle bracket is missing");
        }
        at += 1;
    }
    if at > syntax::LONGEST_PATH {
        return Err("the path is too long");
    }
    Ok((address, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sender(text: &str) -> Result<String, &'static str> {
        reverse(text.as_bytes(), Syntax::Strict, false).map(|(path, len)| {
            assert_eq!(len, text.len());
            path.to_string()
        })
    }

    #[test]
    fn a_reverse_path_is_null_or_an_address_in_brackets() {
        assert_eq!(sender("<>").unwrap(), "<>");
        assert_eq!(sender("<alice@A.example>").unwrap(), "<alice@a.example>");
        assert_eq!(sender("<@r.example,@s.example:alice@a.example>").unwrap(), "<alice@a.example>");
        for wrong in ["", "<", "alice@a.example", "<alice>", "<alice@a.example", "<@r.example>", "< alice@a.example>"] {
            sender(wrong).unwrap_err();
        }
    }

    #[test]
    fn brackets_may_be_left_out_where_that_is_forgiven() {
        let (path, len) = reverse(b"alice@a.example SIZE=1", Syntax::Lenient, false).unwrap();
        assert_eq!((path.to_string().as_str(), len), ("<alice@a.example>", 15));
    }

    #[test]
    fn the_postmaster_needs_no_domain() {
        assert_eq!(forward(b"<POSTmaster>", Syntax::Strict, false).unwrap(), (ForwardPath::Postmaster, 12));
        assert!(matches!(
            forward(b"<postmaster@b.example>", Syntax::Strict, false).unwrap().0,
            ForwardPath::Address(_)
        ));
        forward(b"<>", Syntax::Strict, false).unwrap_err();
        forward(b"<bob>", Syntax::Strict, false).unwrap_err();
    }

    #[test]
    fn a_path_has_at_most_256_bytes() {
        let domain = |n: usize| format!("{}.example", vec!["a".repeat(60); n].join("."));
        let (fits, long) = (format!("<bob@{}>", domain(3)), format!("<{}@{}>", "b".repeat(64), domain(4)));
        assert!(fits.len() < 256 && long.len() > 256);
        sender(&fits).unwrap();
        sender(&long).unwrap_err();
    }
}
