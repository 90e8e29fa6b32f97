//! From the header to the envelope: the only place where the addresses that a user typed decide who gets a mail.
//! After this, To, Cc and Bcc are text.

use std::sync::Arc;

use crate::message::Draft;
use crate::smtp::{Address, AddressError, Envelope, Options, ReversePath};

/// A text in a draft that is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not an address: {why}")]
pub struct AddressMistake {
    /// As typed.
    pub text: String,
    /// What is wrong with it.
    pub why: AddressError,
}

/// The envelope of a draft: from its From, to everybody in To, Cc and Bcc, each once, in this order.
///
/// # Errors
/// The first text that is no address.
pub fn envelope_of(draft: &Draft) -> Result<Envelope, AddressMistake> {
    let from = address(&draft.from)?;
    Ok(Envelope { options: options(draft), ..Envelope::new(ReversePath::Address(from), recipients(draft)?) })
}

/// What the letter needs of the servers on its way.
pub(super) fn options(draft: &Draft) -> Option<Arc<Options>> {
    draft.body().map(|body| Arc::new(Options { body: Some(body), ..Options::default() }))
}

pub(super) fn recipients(draft: &Draft) -> Result<Vec<Address>, AddressMistake> {
    let mut to = Vec::with_capacity(draft.to.len() + draft.cc.len() + draft.bcc.len());
    let mut seen = std::collections::BTreeSet::new();
    for text in draft.to.iter().chain(&draft.cc).chain(&draft.bcc) {
        let address = address(text)?;
        if seen.insert(address.clone()) {
            to.push(address);
        }
    }
    Ok(to)
}

/// `bob@b.example` or `Bob <bob@b.example>`; with letters beyond ASCII too (RFC 6531).
pub(super) fn address(text: &str) -> Result<Address, AddressMistake> {
    let inner = match text.rsplit_once('<') {
        Some((_, rest)) => rest.trim_end().trim_end_matches('>'),
        None => text,
    };
    Address::international(inner.trim()).map_err(|why| AddressMistake { text: text.to_owned(), why })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_holds_everybody_once_and_bcc_too() {
        let draft = Draft {
            from: "Alice <alice@a.example>".into(),
            to: vec!["bob@b.example".into(), "Carol <carol@B.example>".into()],
            cc: vec!["Bob again <bob@b.example>".into()],
            bcc: vec!["dave@c.example".into()],
            ..Draft::default()
        };
        let envelope = envelope_of(&draft).unwrap();
        assert_eq!(envelope.from.to_string(), "<alice@a.example>");
        let to: Vec<String> = envelope.to.iter().map(ToString::to_string).collect();
        assert_eq!(to, ["bob@b.example", "carol@b.example", "dave@c.example"]);
    }

    #[test]
    fn what_is_no_address_is_named() {
        let draft = Draft { from: "alice@a.example".into(), to: vec!["bob".into()], ..Draft::default() };
        let mistake = envelope_of(&draft).unwrap_err();
        assert_eq!(mistake.text, "bob");
        assert!(mistake.to_string().starts_with("\"bob\" is not an address"));
    }
}
