//! RFC 3501 section 6.3.8: `*` stands for anything, `%` for anything without the hierarchy's delimiter.

/// Between the levels of a folder's name.
pub(super) const DELIMITER: u8 = b'/';

/// Patterns longer than this name no folder here: the work is pattern times name.
const LONGEST: usize = 1024;

/// Whether a LIST pattern means this folder. INBOX fits in any case of letters.
pub(super) fn matches(pattern: &[u8], name: &str) -> bool {
    if pattern.len() > LONGEST {
        return false;
    }
    let same = |a: u8, b: u8| if name == "INBOX" { a.eq_ignore_ascii_case(&b) } else { a == b };
    let name = name.as_bytes();
    // reached[i]: the pattern so far fits the first i bytes of the name.
    let mut reached = vec![false; name.len() + 1];
    reached[0] = true;
    for &p in pattern {
        match p {
            b'*' => (1..reached.len()).for_each(|i| reached[i] |= reached[i - 1]),
            b'%' => (1..reached.len()).for_each(|i| reached[i] |= reached[i - 1] && name[i - 1] != DELIMITER),
            _ => {
                for i in (1..reached.len()).rev() {
                    reached[i] = reached[i - 1] && same(p, name[i - 1]);
                }
                reached[0] = false;
            }
        }
    }
    reached[name.len()]
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_cross_levels_and_percents_do_not() {
        assert!(matches(b"*", "a/b"));
        assert!(!matches(b"%", "a/b"));
        assert!(matches(b"%/%", "a/b"));
        assert!(matches(b"a*c", "a/b/c"));
        assert!(!matches(b"a", "A"));
        assert!(matches(b"inBox", "INBOX"));
        assert!(!matches(b"", "INBOX"));
        assert!(matches(b"**%**", "x"));
    }
}
