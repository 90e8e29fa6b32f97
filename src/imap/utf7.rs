//! RFC 3501 section 5.1.3: modified UTF-7. On the wire a mailbox name is printable ASCII, and what is not stands as
//! UTF-16 in base64 between `&` and `-`: `~peter/mail/&U,BTFw-/&ZeVnLIqe-`. Here names are text.

use base64::Engine;
use base64::alphabet::IMAP_MUTF7;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};

const BASE64: GeneralPurpose = GeneralPurpose::new(&IMAP_MUTF7, NO_PAD);

fn is_plain(c: char) -> bool {
    matches!(c, ' '..='~')
}

/// Writes a name as it goes over the wire.
pub(crate) fn encode(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        if is_plain(first) {
            out.push(first);
            if first == '&' {
                out.push('-');
            }
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let end = rest.find(is_plain).unwrap_or(rest.len());
        let units: Vec<u8> = rest[..end].encode_utf16().flat_map(u16::to_be_bytes).collect();
        out.push('&');
        out += &BASE64.encode(units);
        out.push('-');
        rest = &rest[end..];
    }
    out
}

/// Reads a name from the wire; nothing when it is not written as the RFC wants it. There is one way to write a name,
/// so that two spellings never mean one folder.
pub(crate) fn decode(wire: &[u8]) -> Option<String> {
    let wire = std::str::from_utf8(wire).ok().filter(|w| w.chars().all(is_plain))?;
    let mut out = String::with_capacity(wire.len());
    let mut rest = wire;
    while let Some(at) = rest.find('&') {
        out += &rest[..at];
        let (coded, behind) = rest[at + 1..].split_once('-')?;
        rest = behind;
        if coded.is_empty() {
            out.push('&');
            continue;
        }
        let bytes = BASE64.decode(coded).ok().filter(|b| b.len() % 2 == 0)?;
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
        out += &String::from_utf16(&units).ok()?;
    }
    out += rest;
    (encode(&out) == wire).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_names_of_the_rfc() {
        assert_eq!(
            decode(b"~peter/mail/&U,BTFw-/&ZeVnLIqe-").as_deref(),
            Some("~peter/mail/\u{53f0}\u{5317}/\u{65e5}\u{672c}\u{8a9e}")
        );
        assert_eq!(encode("Entw\u{fc}rfe & mehr"), "Entw&APw-rfe &- mehr");
    }

    #[test]
    fn what_could_be_written_otherwise_is_refused() {
        // "the string &Jjo! is not valid", "&U,BTFw-&ZeVnLIqe- must not be used": two shifts, printable in base64.
        let wrong = ["&Jjo!", "&U,BTFw-&ZeVnLIqe-", "&AGE-", "&", "&A-", "&2D0-", "a\u{e4}", "a\tb"];
        wrong.iter().for_each(|name| assert_eq!(decode(name.as_bytes()), None, "{name}"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_name_comes_back_as_it_was(name in "\\PC{0,20}") {
            let wire = encode(&name);
            prop_assert!(wire.bytes().all(|b| (b' '..=b'~').contains(&b)));
            prop_assert_eq!(decode(wire.as_bytes()), Some(name));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..20)) {
            if let Some(name) = decode(&bytes) {
                prop_assert_eq!(encode(&name).into_bytes(), bytes);
            }
        }
    }
}
