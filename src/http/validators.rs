//! By what a client knows whether its copy of an object is still good (RFC 9110 sections 8.8 and 13).
//!
//! ```text
//!   200 OK                            GET /  If-None-Match: "a1"
//!   ETag: "a1"                   -->  304 Not Modified, without the object
//!   Last-Modified: Mon, 03 Mar ...
//! ```

use std::time::UNIX_EPOCH;

/// What a server says of the version of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validators {
    /// With its quotes: `"a1"`, `W/"a1"`.
    pub etag: Option<String>,
    /// Seconds since 1970.
    pub last_modified: Option<i64>,
}

impl Validators {
    /// Whether the copy that a client has is this version. An If-None-Match makes If-Modified-Since count for nothing
    /// (RFC 9110 section 13.2.2).
    pub(super) fn match_copy(&self, if_none_match: Option<&str>, if_modified_since: Option<&str>) -> bool {
        match (if_none_match, &self.etag) {
            (Some(list), _) if list.trim() == "*" => true,
            (Some(list), Some(own)) => tags(list).any(|tag| opaque(tag) == opaque(own)),
            (Some(_), None) => false,
            (None, _) => match (if_modified_since.and_then(seconds), self.last_modified) {
                (Some(since), Some(changed)) => changed <= since,
                _ => false,
            },
        }
    }
}

/// Comparison is weak here (RFC 9110 section 13.1.2): the W/ does not count.
fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

/// The entity tags of a list. A comma may stand inside the quotes.
fn tags(list: &str) -> impl Iterator<Item = &str> {
    let mut rest = list;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches([',', ' ', '\t']);
        let quote = rest.find('"')?;
        let end = quote + 1 + rest[quote + 1..].find('"')? + 1;
        let (tag, behind) = rest.split_at(end);
        rest = behind;
        Some(tag)
    })
}

/// A date in any of the three forms that a recipient must read (RFC 9110 section 5.6.7).
pub(super) fn seconds(date: &str) -> Option<i64> {
    let time = httpdate::parse_http_date(date.trim()).ok()?;
    i64::try_from(time.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()
}

/// `Mon, 03 Mar 2025 09:00:00 GMT` (RFC 9110 section 5.6.7). Nothing for a date that has no such form.
pub(super) fn imf_fixdate(unix_seconds: i64) -> Option<String> {
    let stamp = jiff::Timestamp::from_second(unix_seconds).ok()?;
    jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&stamp).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tagged(etag: &str) -> Validators {
        Validators { etag: Some(etag.to_owned()), last_modified: Some(784_111_777) }
    }

    /// RFC 9110 sections 8.8.3.2 and 13.1.2.
    #[test]
    fn entity_tags_are_compared_weakly() {
        for (own, list, same) in [
            (r#"W/"1""#, r#"W/"1""#, true),
            (r#"W/"1""#, r#"W/"2""#, false),
            (r#"W/"1""#, r#""1""#, true),
            (r#""1""#, r#""1""#, true),
            (r#""xyzzy""#, r#""xyzzy", "r2d2xxxx", "c3piozzzz""#, true),
            (r#""c3piozzzz""#, r#"W/"xyzzy", W/"r2d2xxxx", W/"c3piozzzz""#, true),
            (r#""a,b""#, r#""x","a,b""#, true),
            (r#""a,b""#, r#""b""#, false),
            (r#""1""#, "*", true),
            (r#""1""#, "1", false),
            (r#""1""#, r#""1"#, false),
        ] {
            assert_eq!(tagged(own).match_copy(Some(list), None), same, "{own} {list}");
        }
        // RFC 9110 section 13.1.3: If-Modified-Since is ignored beside If-None-Match.
        assert!(!tagged("\"1\"").match_copy(Some("\"2\""), Some("Sun, 06 Nov 1994 08:49:37 GMT")));
    }

    /// RFC 9110 section 5.6.7: one moment in three forms.
    #[test]
    fn a_date_has_three_forms() {
        for date in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
            assert_eq!(seconds(date), Some(784_111_777), "{date}");
            assert!(tagged("\"1\"").match_copy(None, Some(date)));
        }
        assert_eq!(imf_fixdate(784_111_777).as_deref(), Some("Sun, 06 Nov 1994 08:49:37 GMT"));
        assert!(!tagged("\"1\"").match_copy(None, Some("Sun, 06 Nov 1994 08:49:36 GMT")), "changed a second later");
        assert!(!tagged("\"1\"").match_copy(None, Some("yesterday")));
        assert!(!Validators::default().match_copy(None, Some("Sun, 06 Nov 1994 08:49:37 GMT")));
    }

    proptest! {
        #[test]
        fn any_text_is_a_list_and_a_date_or_none(text in ".{0,40}") {
            let _ = tagged("\"1\"").match_copy(Some(&text), Some(&text));
            let _ = seconds(&text);
        }
    }
}
