//! RFC 3501 sections 6 and 7, and the extensions that are offered.

use super::Level::{Must, MustNot};
use super::{Rule, Table, not, rule};

pub(super) const TABLE: Table = Table {
    name: "imap",
    title: "IMAP: what RFC 3501 demands",
    about: "Every MUST and SHOULD of RFC 3501 sections 6 (commands) and 7 (responses).",
    rules: RULES,
};

const RULES: &[Rule] = &[
    not("6.2.1", Must, "server: STARTTLS", "TLS is not simulated yet"),
    rule(
        "6.4.3",
        Must,
        "server: an untagged EXPUNGE for each message that is removed",
        &["mail::store::tests::dialogue::expunge_answers_3_3_5_8"],
    ),
    rule(
        "7.4.1",
        MustNot,
        "server: no EXPUNGE while it answers FETCH, STORE or SEARCH",
        &["mail::store::tests::sessions::an_expunge_by_another_is_not_told_during_fetch_store_and_search"],
    ),
];
