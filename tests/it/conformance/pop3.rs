//! RFC 1939, and what is here of RFC 2449 and RFC 2595.

use super::Level::{May, Must, MustNot, Should, ShouldNot};
use super::{Rule, Table, not, rule};

pub(super) const TABLE: Table = Table {
    name: "pop3",
    title: "POP3: what RFC 1939 demands",
    about: "The rules of RFC 1939 sections 3 to 11, in our words. Only few of them say MUST or SHOULD: what the RFC states \
        as a fact (\"the server then releases any lock\") is listed as a MUST. Behind them the rules of RFC 2449 (CAPA, \
        response codes) and RFC 2595 (STLS) for what is offered here.",
    rules: RULES,
};

#[rustfmt::skip]
const RULES: &[Rule] = &[
    rule("3", Must, "both: keywords in capitals or small letters are the same", &[
        "pop3::server::tests::rules::keywords_are_known_in_any_case_and_indicators_are_in_capitals",
    ]),
    rule("3", Must, "both: one blank between keyword and arguments, CRLF behind them", &[
        "pop3::server::tests::rules::one_blank_stands_between_two_arguments",
        "pop3::client::tests::the_dialogue_of_the_rfc",
    ]),
    rule("3", Must, "server: `+OK` and `-ERR` in capitals", &[
        "pop3::server::tests::rules::keywords_are_known_in_any_case_and_indicators_are_in_capitals",
    ]),
    rule("3", Must, "server: the first line of an answer has at most 512 octets", &[
        "pop3::server::tests::rules::the_first_line_of_an_answer_has_at_most_512_octets",
    ]),
    rule("3", Must, "server: a line that begins with a dot gets another one; a line of one dot ends the answer", &[
        "pop3::server::tests::the_dialogue_of_the_rfc",
        "pop3::stuff::tests::dots_are_doubled_at_the_start_of_lines_only",
    ]),
    rule("3", Must, "client: the dots are taken away again, and the line of one dot is no part of the answer", &[
        "pop3::client::tests::the_dialogue_of_the_rfc",
        "pop3::inbox::tests::data_end_at_a_dot_between_two_line_ends_and_nowhere_else",
        "pop3::stuff::tests::what_was_stuffed_comes_back_with_its_place",
    ]),
    rule("3", Must, "server: `-ERR` to a command that is unknown or has its arguments amiss", &[
        "pop3::server::tests::transaction",
        "pop3::server::tests::no_bytes_make_it_panic_and_no_cut_changes_its_answers",
    ]),
    rule("3", Must, "server: `-ERR` to a command in the wrong state", &[
        "pop3::server::tests::authorization",
    ]),
    rule("3", May, "server: an autologout timer", &[
        "pop3::server::tests::a_silent_client_is_sent_away_without_a_word_and_nothing_is_removed",
    ]),
    rule("3", Must, "server: the timer is at least ten minutes, and every command winds it up again", &[
        "pop3::server::tests::a_silent_client_is_sent_away_without_a_word_and_nothing_is_removed",
        "pop3::server::tests::rules::every_command_winds_the_timer_up_again",
    ]),
    rule("3", Should, "server: when it expires, close without an answer; nothing is removed", &[
        "pop3::server::tests::a_silent_client_is_sent_away_without_a_word_and_nothing_is_removed",
        "it::golden_access::l13_5_without_quit_the_phone_finds_all_five",
    ]),
    rule("4", Must, "server: a greeting with `+OK` once the connection is open", &[
        "pop3::server::tests::authorization",
    ]),
    rule("4", Must, "server: at least one way of saying who one is", &[
        "pop3::server::tests::authorization",
        "pop3::server::tests::the_dialogue_of_the_rfc",
    ]),
    rule("4", Must, "server: the maildrop is locked before TRANSACTION begins; nobody else removes what is in it", &[
        "mail::store::tests::maildrop::a_maildrop_is_locked_until_its_session_is_over",
        "it::golden_access::a_maildrop_is_open_for_one_session_at_a_time",
    ]),
    not("4", Must, "server: the lock keeps IMAP from removing letters too",
        "the two programs are looked at together in lesson 13: a letter that IMAP took away is answered with -ERR"),
    rule("4", Must, "server: `-ERR` if the maildrop cannot be opened, and then no lock is held", &[
        "mail::store::tests::maildrop::a_maildrop_is_locked_until_its_session_is_over",
        "pop3::server::tests::authorization",
    ]),
    rule("4", May, "server: close the connection after it", &[
        "pop3::server::tests::rules::after_a_refusal_another_try_may_follow",
    ]),
    rule("4", Must, "server: messages are numbered from 1 when the maildrop is opened, and all numbers are decimal", &[
        "pop3::server::tests::transaction",
        "pop3::server::tests::rules::numbers_stay_as_they_were_when_the_maildrop_was_opened",
    ]),
    rule("4", Must, "server: QUIT in AUTHORIZATION ends the session without UPDATE", &[
        "pop3::server::tests::authorization",
    ]),
    rule("5", Must, "server: STAT is `+OK`, the number of messages and their octets, one blank between; deleted ones do not count", &[
        "pop3::server::tests::the_dialogue_of_the_rfc",
        "pop3::server::tests::transaction",
    ]),
    rule("5", Must, "server: LIST of all and of one; deleted ones are not listed; `-ERR` for a number that there is not", &[
        "pop3::server::tests::transaction",
    ]),
    rule("5", Must, "server: a maildrop without messages is listed with a line of one dot", &[
        "pop3::server::tests::rules::an_empty_maildrop_is_listed_as_an_empty_list",
    ]),
    rule("5", Must, "server: RETR sends the message, `-ERR` for one that is not there or deleted", &[
        "pop3::server::tests::the_dialogue_of_the_rfc",
        "pop3::server::tests::transaction",
    ]),
    rule("5", Must, "server: DELE marks; every later use of the number is an error", &[
        "pop3::server::tests::transaction",
    ]),
    rule("5", Must, "server: NOOP does nothing and says `+OK`", &[
        "pop3::server::tests::transaction",
    ]),
    rule("5", Must, "server: RSET takes all marks away", &[
        "pop3::server::tests::transaction",
    ]),
    rule("6", MustNot, "server: without QUIT nothing is removed", &[
        "pop3::server::tests::nothing_is_removed_before_quit",
        "it::golden_access::l13_5_without_quit_the_phone_finds_all_five",
    ]),
    rule("6", Must, "server: after QUIT all that is marked is removed, and nothing else", &[
        "mail::store::tests::maildrop::update_removes_what_was_deleted_and_tells_it",
        "it::golden_access::l13_4_after_quit_the_phone_finds_nothing",
    ]),
    rule("6", Must, "server: `-ERR` if some could not be removed", &[
        "pop3::server::tests::rules::what_could_not_be_removed_is_told",
    ]),
    rule("6", Must, "server: either way the lock is released and the connection closed", &[
        "mail::store::tests::maildrop::a_maildrop_is_locked_until_its_session_is_over",
        "pop3::server::tests::rules::what_could_not_be_removed_is_told",
    ]),
    rule("7", Must, "server: TOP sends header, blank line and so many lines; all of it if there are fewer", &[
        "pop3::stuff::tests::top_has_the_header_and_so_many_lines",
        "pop3::server::tests::transaction",
    ]),
    rule("7", Must, "server: a unique-id has 1 to 70 characters from 0x21 to 0x7E", &[
        "pop3::server::tests::transaction",
    ]),
    rule("7", Must, "server: a unique-id stays the same from session to session, ended by QUIT or not", &[
        "it::golden_access::unique_ids_stay_whatever_ended_the_session_before",
    ]),
    rule("7", Should, "server: a unique-id is never used for another message", &[
        "mail::store::tests::maildrop::update_removes_what_was_deleted_and_tells_it",
        "mail::store::tests::folders::a_folder_that_is_made_anew_has_another_uidvalidity",
    ]),
    rule("7", Should, "client: take a unique-id that stands there twice", &[
        "pop3::client::tests::two_letters_of_one_unique_id_are_both_fetched",
    ]),
    rule("7", May, "server: `+OK` to USER whoever it is", &[
        "pop3::server::tests::authorization",
    ]),
    rule("7", Must, "server: PASS right behind USER only", &[
        "pop3::server::tests::authorization",
        "pop3::server::tests::rules::pass_comes_right_behind_user",
    ]),
    rule("7", May, "server: blanks are part of the password", &[
        "pop3::server::tests::rules::a_password_may_have_blanks",
    ]),
    rule("7", Must, "server: with APOP a timestamp in the greeting, like a Message-ID, another one each time", &[
        "pop3::server::tests::the_dialogue_of_the_rfc",
        "it::golden_access::every_greeting_has_a_timestamp_of_its_own",
    ]),
    rule("7", Must, "both: the digest is MD5 of timestamp and secret, 32 digits in small letters", &[
        "pop3::apop::tests::the_digest_of_the_rfc",
        "pop3::client::tests::the_dialogue_of_the_rfc",
    ]),
    rule("7", Must, "server: a wrong digest is `-ERR`, and the session stays in AUTHORIZATION", &[
        "pop3::server::tests::rules::after_a_refusal_another_try_may_follow",
    ]),
    not("7", Should, "site: secrets are long strings",
        "passwords of scenarios are teaching values"),
    not("8", MustNot, "site: a policy that deletes what was fetched waits for QUIT as DELE does",
        "there is no such policy; EXPIRE NEVER says so"),
    rule("11", MustNot, "server: octets are counted with CRLF at line ends and without the doubled dots", &[
        "pop3::server::tests::the_dialogue_of_the_rfc",
        "pop3::stuff::tests::dots_are_doubled_at_the_start_of_lines_only",
    ]),
    rule("RFC 2449 3", Should, "server: a command line of up to 255 octets is taken", &[
        "pop3::server::tests::a_line_that_is_too_long_is_refused_and_the_next_one_is_read",
    ]),
    rule("RFC 2449 5", Must, "server: CAPA in AUTHORIZATION and in TRANSACTION", &[
        "pop3::server::tests::transaction",
        "pop3::server::tests::stls_as_in_rfc_2595",
    ]),
    rule("RFC 2449 5", Must, "client: pass over capabilities that it does not know", &[
        "pop3::client::tests::it_goes_over_to_tls_and_asks_again_before_it_logs_in",
    ]),
    rule("RFC 2449 6.6", Must, "server: commands that were sent together are answered one by one, in order", &[
        "pop3::server::tests::the_dialogue_of_the_rfc",
        "pop3::server::tests::cut_at_every_byte_the_dialogue_of_the_rfc_is_the_same",
    ]),
    rule("RFC 2449 8.1.2", Must, "server: [IN-USE] only after who it is was proved", &[
        "pop3::server::tests::rules::in_use_is_told_to_nobody_who_has_not_the_password",
    ]),
    not("RFC 2449 8.1.1", May, "server: [LOGIN-DELAY]",
        "nobody is made to wait between two logins"),
    rule("RFC 2595 2.3", Must, "server: a configuration that refuses logins without TLS", &[
        "pop3::server::tests::stls_as_in_rfc_2595",
    ]),
    rule("RFC 2595 2.3", Must, "client: a configuration that sends no password without TLS", &[
        "pop3::client::tests::without_stls_only_a_client_that_requires_it_gives_up",
    ]),
    rule("RFC 2595 4", Must, "server: STLS in AUTHORIZATION only, and `-ERR` when TLS is active", &[
        "pop3::server::tests::stls_as_in_rfc_2595",
    ]),
    rule("RFC 2595 4", MustNot, "both: nothing but TLS behind STLS and its `+OK`", &[
        "pop3::server::tests::stls_as_in_rfc_2595",
        "pop3::client::tests::it_goes_over_to_tls_and_asks_again_before_it_logs_in",
    ]),
    rule("RFC 2595 4", Must, "server: STLS stands in CAPA until TLS is active; the session stays in AUTHORIZATION", &[
        "pop3::server::tests::stls_as_in_rfc_2595",
    ]),
    rule("RFC 2595 4", Must, "client: forget the capabilities, and ask again", &[
        "pop3::client::tests::it_goes_over_to_tls_and_asks_again_before_it_logs_in",
    ]),
    rule("RFC 2595 2.4", Must, "client: compare the server's name with the certificate's", &[
        "it::golden_tls::a_certificate_for_another_name_is_refused_and_the_reason_is_told",
    ]),
    not("RFC 2595 7", ShouldNot, "site: a port of its own for TLS (995)",
        "RFC 8314 section 3.3 has turned this around: TLS from the first byte is preferred now, and offered here"),
];
