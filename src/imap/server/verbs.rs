//! RFC 3501 section 6: which command is allowed in which state. The one list of what this server knows.

use super::Config;
use crate::imap::{Extension, State};

/// States in which a command is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    Always,
    NotAuthenticated,
    /// Authenticated or selected.
    Authenticated,
    Selected,
}

/// Commands of RFC 3501.
const VERBS: &[(&str, When)] = &[
    ("CAPABILITY", When::Always),
    ("NOOP", When::Always),
    ("LOGOUT", When::Always),
    ("LOGIN", When::NotAuthenticated),
    ("AUTHENTICATE", When::NotAuthenticated),
    ("STARTTLS", When::NotAuthenticated),
    ("SELECT", When::Authenticated),
    ("EXAMINE", When::Authenticated),
    ("CREATE", When::Authenticated),
    ("DELETE", When::Authenticated),
    ("RENAME", When::Authenticated),
    ("SUBSCRIBE", When::Authenticated),
    ("UNSUBSCRIBE", When::Authenticated),
    ("LIST", When::Authenticated),
    ("LSUB", When::Authenticated),
    ("STATUS", When::Authenticated),
    ("APPEND", When::Authenticated),
    ("CHECK", When::Selected),
    ("CLOSE", When::Selected),
    ("EXPUNGE", When::Selected),
    ("SEARCH", When::Selected),
    ("FETCH", When::Selected),
    ("STORE", When::Selected),
    ("COPY", When::Selected),
    ("UID SEARCH", When::Selected),
    ("UID FETCH", When::Selected),
    ("UID STORE", When::Selected),
    ("UID COPY", When::Selected),
];

/// Commands of extensions.
const EXTENDED: &[(&str, When, Extension)] = &[
    ("ID", When::Always, Extension::Id),
    ("ENABLE", When::Authenticated, Extension::Enable),
    ("IDLE", When::Authenticated, Extension::Idle),
    ("NAMESPACE", When::Authenticated, Extension::Namespace),
    ("UNSELECT", When::Selected, Extension::Unselect),
    ("MOVE", When::Selected, Extension::Move),
    ("UID MOVE", When::Selected, Extension::Move),
    ("UID EXPUNGE", When::Selected, Extension::UidPlus),
];

/// Why a verb is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// There is no such command here.
    Unknown,
    /// Not in this state; what would have been right.
    State(&'static str),
}

/// Judges a verb before its arguments are read.
pub(super) fn judge(verb: &str, state: State, config: &Config) -> Result<(), Wrong> {
    let extended = EXTENDED.iter().find(|(known, _, extension)| *known == verb && config.offers(*extension));
    let when = VERBS.iter().find(|(known, _)| *known == verb).map(|(_, when)| when);
    let when = when.or(extended.map(|(_, when, _)| when)).ok_or(Wrong::Unknown)?;
    match (when, state) {
        (When::Always, _)
        | (When::NotAuthenticated, State::NotAuthenticated)
        | (When::Authenticated, State::Authenticated | State::Selected)
        | (When::Selected, State::Selected) => Ok(()),
        (_, State::NotAuthenticated) => Err(Wrong::State("LOGIN")),
        (When::NotAuthenticated, _) => Err(Wrong::State("a command on mailboxes")),
        _ => Err(Wrong::State("SELECT or EXAMINE")),
    }
}

/// Tag and verb of a command line, as far as they can be read: the verb in capitals, `UID FETCH` as one.
pub(super) fn tag_and_verb(line: &[u8]) -> (Option<String>, String) {
    let mut words = line.trim_ascii_end().split(|b| *b == b' ');
    let tag = words.next().and_then(|word| {
        let tag = imap_codec::imap_types::core::Tag::try_from(word).ok()?;
        Some(tag.inner().to_string())
    });
    let mut word = || words.next().map(|w| String::from_utf8_lossy(w).to_ascii_uppercase()).unwrap_or_default();
    let mut verb = word();
    if verb == "UID" {
        verb = format!("UID {}", word());
    }
    (tag, verb)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_judged_by_its_state() {
        let plain = Config::default();
        let judge = |verb, state| super::judge(verb, state, &plain);
        assert_eq!(judge("NOOP", State::NotAuthenticated), Ok(()));
        assert_eq!(judge("SELECT", State::NotAuthenticated), Err(Wrong::State("LOGIN")));
        assert_eq!(judge("FETCH", State::Authenticated), Err(Wrong::State("SELECT or EXAMINE")));
        assert_eq!(judge("LOGIN", State::Selected), Err(Wrong::State("a command on mailboxes")));
    }

    #[test]
    fn a_command_of_an_extension_is_known_where_that_is_offered() {
        for (verb, _, extension) in EXTENDED {
            assert_eq!(judge(verb, State::Selected, &Config::default()), Err(Wrong::Unknown), "{verb}");
            let offers = Config { extensions: vec![*extension], ..Config::default() };
            assert_eq!(judge(verb, State::Selected, &offers), Ok(()), "{verb}");
        }
    }

    #[test]
    fn the_verb_is_in_capitals_and_uid_belongs_to_it() {
        assert_eq!(tag_and_verb(b"a1 uid fetch 1 ALL\r\n"), (Some("a1".into()), "UID FETCH".into()));
        assert_eq!(tag_and_verb(b"+ noop\r\n"), (None, "NOOP".into()));
        assert_eq!(tag_and_verb(b"\r\n"), (None, String::new()));
    }
}
