//! What people and programs send that is not quite RFC 3501, and can mean one thing only: a line that ends with LF
//! alone (typed into `nc`), and letters beyond ASCII in quotes (mailbox names and passwords as they are). Servers of the
//! world take both; the codec takes neither, so it is given what they should have sent.

use std::borrow::Cow;

/// The line as the grammar has it. Only for a command without literals: their octets must not be touched.
pub(super) fn corrected(line: &[u8]) -> Cow<'_, [u8]> {
    let text = line.strip_suffix(b"\n").map_or(line, |text| text.strip_suffix(b"\r").unwrap_or(text));
    if text.is_ascii() {
        return if line.ends_with(b"\r\n") { Cow::Borrowed(line) } else { Cow::Owned([text, b"\r\n"].concat()) };
    }
    let mut out = Vec::with_capacity(text.len() + 16);
    let mut at = 0;
    while at < text.len() {
        match text[at] {
            b'"' => {
                let (word, end) = quoted(&text[at..]);
                match word {
                    Some(word) if !word.is_ascii() => {
                        // A literal can hold what quotes cannot (section 4.3).
                        out.extend_from_slice(format!("{{{}}}\r\n", word.len()).as_bytes());
                        out.extend_from_slice(&word);
                    }
                    _ => out.extend_from_slice(&text[at..at + end]),
                }
                at += end;
            }
            byte => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out.extend_from_slice(b"\r\n");
    Cow::Owned(out)
}

/// What stands in quotes, without the backslashes, and where it ends; nothing if it does not end.
fn quoted(text: &[u8]) -> (Option<Vec<u8>>, usize) {
    let (mut word, mut at) = (Vec::new(), 1);
    while at < text.len() {
        match text[at] {
            b'"' => return (Some(word), at + 1),
            b'\\' if at + 1 < text.len() => {
                word.push(text[at + 1]);
                at += 2;
            }
            byte => {
                word.push(byte);
                at += 1;
            }
        }
    }
    (None, text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_right_stays_as_it_is() {
        for line in ["a NOOP\r\n", "a LOGIN \"a\\\"b\" c\r\n", "\r\n"] {
            assert!(matches!(corrected(line.as_bytes()), Cow::Borrowed(same) if same == line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn a_line_end_is_completed() {
        assert_eq!(&*corrected(b"a NOOP\n"), b"a NOOP\r\n");
        assert_eq!(&*corrected(b"\n"), b"\r\n");
    }

    #[test]
    fn quotes_with_more_than_ascii_become_a_literal() {
        let line = "a RENAME \"Gr\u{fc}\\\"\u{df}e\" \"b\" \u{e9}\r\n";
        let expected = "a RENAME {8}\r\nGr\u{fc}\"\u{df}e \"b\" \u{e9}\r\n";
        assert_eq!(String::from_utf8_lossy(&corrected(line.as_bytes())), expected);
        // Quotes that do not end stay what they are: a mistake.
        assert_eq!(corrected("a X \"\u{fc}\n".as_bytes()), "a X \"\u{fc}\r\n".as_bytes());
    }
}
