//! RFC 3501 sections 6 and 7, and the extensions that are offered.

use super::Level::{May, Must, MustNot, Should, ShouldNot};
use super::{Rule, Table, not, rule};

pub(super) const TABLE: Table = Table {
    name: "imap",
    title: "IMAP: what RFC 3501 demands",
    about: "The rules of RFC 3501 sections 6 (commands) and 7 (responses) that say MUST or SHOULD, in our words; what the \
        RFC states as a fact (\"no messages are removed\") is listed as a MUST. Behind them the main rules of the \
        extensions that a server here can offer.",
    rules: RULES,
};

#[rustfmt::skip]
const RULES: &[Rule] = &[
    rule("6.1.1", Must, "server: one untagged CAPABILITY with `IMAP4rev1` before the tagged OK", &[
        "mail::store::tests::extended::capability_tells_what_is_offered_and_nothing_else_is_known",
    ]),
    rule("6.1.1", Must, "both: implement STARTTLS", &[
        "imap::server::tests::login_waits_for_tls_and_what_stands_behind_starttls_is_thrown_away",
        "it::golden_tls::an_imap_client_goes_over_to_tls_before_it_says_the_password",
    ]),
    rule("6.1.1", Must, "both: implement AUTH=PLAIN and LOGINDISABLED", &[
        "mail::store::tests::extended::capability_tells_what_is_offered_and_nothing_else_is_known",
        "mail::store::tests::extended::authenticate_plain_behind_a_plus_or_at_once",
        "imap::client::tests::credentials_go_out_behind_the_plus",
    ]),
    rule("6.1.3", Must, "server: an untagged BYE before the tagged OK of LOGOUT, then close", &[
        "mail::store::tests::transcript::the_sample_connection_of_the_rfc_goes_as_printed",
        "imap::server::tests::nothing_goes_out_beyond_the_grant_and_the_next_command_waits_for_it",
    ]),
    rule("6.2", MustNot, "both: no way back from authenticated to not authenticated", &[
        "mail::store::tests::rules::a_second_login_is_not_possible",
    ]),
    rule("6.2.1", MustNot, "client: no command between STARTTLS and the end of the negotiation", &[
        "imap::client::tests::starttls_as_in_rfc_3501",
        "it::golden_tls::an_imap_client_goes_over_to_tls_before_it_says_the_password",
    ]),
    rule("6.2.1", Must, "client: forget the capabilities after STARTTLS", &[
        "imap::client::tests::starttls_as_in_rfc_3501",
    ]),
    rule("6.2.2", Must, "server: BAD when the client cancels with `*`", &[
        "mail::store::tests::extended::authenticate_plain_behind_a_plus_or_at_once",
    ]),
    rule("6.2.2", Must, "both: implement AUTHENTICATE; no mechanism but PLAIN is demanded", &[
        "mail::store::tests::extended::authenticate_plain_behind_a_plus_or_at_once",
        "imap::client::tests::credentials_go_out_behind_the_plus",
    ]),
    rule("6.2.2", Must, "server: a configuration without plaintext passwords unless the connection is protected", &[
        "mail::store::tests::extended::capability_tells_what_is_offered_and_nothing_else_is_known",
    ]),
    rule("6.2.2", Should, "server: list its mechanisms in CAPABILITY", &[
        "mail::store::tests::extended::capability_tells_what_is_offered_and_nothing_else_is_known",
    ]),
    not("6.2.2", Should, "both: more mechanisms that send no password in plain text",
        "the course has none"),
    not("6.2.2", ShouldNot, "site: no plaintext password on an unprotected connection",
        "scenarios show what can be read on the way"),
    rule("6.2.3", Must, "server: a configuration that tells LOGINDISABLED and refuses LOGIN", &[
        "mail::store::tests::extended::capability_tells_what_is_offered_and_nothing_else_is_known",
    ]),
    rule("6.2.3", MustNot, "client: no LOGIN where LOGINDISABLED was told", &[
        "imap::client::tests::a_client_that_is_told_that_login_is_disabled_does_not_say_it",
    ]),
    rule("6.3.1", Must, "server: FLAGS, EXISTS, RECENT, UNSEEN, PERMANENTFLAGS, UIDNEXT and UIDVALIDITY before the OK of SELECT", &[
        "mail::store::tests::transcript::the_sample_connection_of_the_rfc_goes_as_printed",
    ]),
    rule("6.3.1", Should, "server: [READ-WRITE] where the client may change the mailbox", &[
        "mail::store::tests::transcript::the_sample_connection_of_the_rfc_goes_as_printed",
    ]),
    rule("6.3.1", Must, "server: a SELECT that fails leaves no mailbox selected", &[
        "mail::store::tests::dialogue::select_of_a_missing_folder_leaves_none_selected",
    ]),
    rule("6.3.2", Must, "server: the OK of EXAMINE begins with [READ-ONLY]", &[
        "mail::store::tests::dialogue::examine_changes_nothing",
    ]),
    rule("6.3.2", MustNot, "server: EXAMINE changes nothing, \\Recent least of all", &[
        "mail::store::tests::dialogue::examine_changes_nothing",
    ]),
    rule("6.3.3", Must, "server: NO for INBOX and for a name that is there", &[
        "mail::store::tests::dialogue::folders_are_created_listed_and_deleted",
    ]),
    rule("6.3.3", Must, "server: a delimiter at the end is not part of the name", &[
        "mail::store::tests::folders_are_made_with_those_above_and_inbox_stays",
    ]),
    rule("6.3.3", Should, "server: make the names above a new name", &[
        "mail::store::tests::dialogue::folders_are_created_listed_and_deleted",
    ]),
    rule("6.3.3", Must, "server: a mailbox made anew has greater UIDs or another UIDVALIDITY", &[
        "mail::store::tests::folders::a_folder_that_is_made_anew_has_another_uidvalidity",
    ]),
    rule("6.3.4", MustNot, "server: DELETE leaves the names below in place", &[
        "mail::store::tests::dialogue::folders_are_created_listed_and_deleted",
    ]),
    rule("6.3.4", Must, "server: a name with others below it stays as \\Noselect; to delete that is an error", &[
        "mail::store::tests::dialogue::folders_are_created_listed_and_deleted",
    ]),
    rule("6.3.4", Must, "server: UIDs of a deleted mailbox do not come back under the same UIDVALIDITY", &[
        "mail::store::tests::folders::a_folder_that_is_made_anew_has_another_uidvalidity",
    ]),
    rule("6.3.5", Must, "server: RENAME renames the names below too", &[
        "mail::store::tests::folders::rename_takes_those_below_along_and_keeps_uids",
    ]),
    rule("6.3.5", Should, "server: make the names above the new name", &[
        "mail::store::tests::folders::rename_takes_those_below_along_and_keeps_uids",
    ]),
    rule("6.3.5", Must, "server: UIDs are kept under the new name", &[
        "mail::store::tests::folders::rename_takes_those_below_along_and_keeps_uids",
    ]),
    rule("6.3.5", Must, "server: RENAME of INBOX moves what is in it; INBOX and the names below it stay", &[
        "mail::store::tests::folders::rename_of_inbox_moves_what_is_in_it_and_leaves_it_there",
    ]),
    rule("6.3.6", MustNot, "server: a subscribed name is not removed because its mailbox is gone", &[
        "mail::store::tests::folders::subscriptions_are_the_users_own",
    ]),
    not("6.3.8", Should, "server: LIST answers without delay",
        "there is no measure for it; nothing is waited for"),
    rule("6.3.8", Must, "server: an empty name asks for the delimiter and the root", &[
        "mail::store::tests::dialogue::folders_are_created_listed_and_deleted",
    ]),
    rule("6.3.8", Must, "server: `%` at the end tells levels that cannot be selected as \\Noselect", &[
        "mail::store::tests::dialogue::folders_are_created_listed_and_deleted",
        "imap::server::folders::tests::names_above_are_there_once_and_in_front",
    ]),
    rule("6.3.8", Must, "server: INBOX is listed where `INBOX` fits the pattern", &[
        "imap::server::pattern::tests::stars_cross_levels_and_percents_do_not",
        "mail::store::tests::dialogue::folders_are_created_listed_and_deleted",
    ]),
    rule("6.3.9", Must, "server: LSUB with `%` tells foo as \\Noselect where only foo/bar is subscribed", &[
        "imap::server::folders::tests::lsub_tells_the_name_at_which_the_percent_stops",
        "mail::store::tests::folders::subscriptions_are_the_users_own",
    ]),
    rule("6.3.10", MustNot, "server: STATUS takes no \\Recent away", &[
        "mail::store::tests::rules::status_of_another_folder_changes_nothing_there",
        "mail::store::tests::dialogue::examine_changes_nothing",
    ]),
    not("6.3.10", ShouldNot, "client: no STATUS of the selected mailbox",
        "a scenario says what its client says; the built-in ones keep it"),
    rule("6.3.11", Should, "server: flags and date of APPEND are those that were given", &[
        "mail::store::tests::dialogue::append_waits_for_its_plus_and_the_letter_is_stored_as_sent",
    ]),
    rule("6.3.11", Must, "server: \\Recent is set in an appended message", &[
        "mail::store::tests::dialogue::append_waits_for_its_plus_and_the_letter_is_stored_as_sent",
    ]),
    rule("6.3.11", Must, "server: an APPEND that fails leaves the mailbox as it was", &[
        "mail::store::tests::dialogue::a_literal_over_the_limit_is_refused_before_or_behind_it",
        "mail::store::tests::dialogue::append_waits_for_its_plus_and_the_letter_is_stored_as_sent",
    ]),
    rule("6.3.11", MustNot, "server: APPEND makes no mailbox", &[
        "mail::store::tests::rules::a_folder_that_is_missing_is_never_made_by_append_or_copy",
    ]),
    rule("6.3.11", Must, "server: [TRYCREATE] where the mailbox could be made", &[
        "mail::store::tests::dialogue::append_waits_for_its_plus_and_the_letter_is_stored_as_sent",
    ]),
    rule("6.3.11", Should, "server: EXISTS at once when the mailbox is selected", &[
        "mail::store::tests::dialogue::append_waits_for_its_plus_and_the_letter_is_stored_as_sent",
    ]),
    rule("6.4.2", Must, "server: CLOSE removes what is \\Deleted without a word, and nothing after EXAMINE", &[
        "mail::store::tests::dialogue::close_expunges_without_a_word",
        "mail::store::tests::dialogue::examine_changes_nothing",
    ]),
    rule("6.4.3", Must, "server: an untagged EXPUNGE for each message that is removed", &[
        "mail::store::tests::dialogue::expunge_answers_3_3_5_8",
        "imap::server::view::tests::expunging_3_4_7_and_11_tells_3_3_5_8",
        "it::golden_imap::l12_2_each_expunge_counts_anew",
    ]),
    rule("6.4.4", Must, "server: strings are looked for without regard to case", &[
        "mail::store::tests::dialogue::search_finds_by_every_usual_key",
    ]),
    rule("6.4.4", Must, "server: US-ASCII is a known charset", &[
        "mail::store::tests::rules::the_charset_of_a_search_is_judged_before_its_keys",
    ]),
    rule("6.4.4", Must, "server: NO, not BAD, for an unknown charset", &[
        "mail::store::tests::rules::the_charset_of_a_search_is_judged_before_its_keys",
    ]),
    rule("6.4.4", Should, "server: [BADCHARSET] with that NO", &[
        "mail::store::tests::rules::the_charset_of_a_search_is_judged_before_its_keys",
    ]),
    rule("6.4.4", Must, "server: encoded words and bodies are decoded before they are compared", &[
        "mail::store::tests::dialogue::search_finds_by_every_usual_key",
        "mail::store::tests::rules::the_charset_of_a_search_is_judged_before_its_keys",
    ]),
    rule("6.4.5", Should, "server: flags that a FETCH has changed are part of its response", &[
        "mail::store::tests::dialogue::body_sets_seen_once_and_tells_it",
    ]),
    rule("6.4.5", Must, "server: BODY.PEEK sets no \\Seen", &[
        "it::golden_imap::l12_4_body_marks_as_read_for_every_device_and_peek_does_not",
        "mail::store::tests::dialogue::fetch_gives_what_is_asked_for",
    ]),
    rule("6.4.5", Must, "server: MIME belongs to a numbered part; a message that is not multipart has part 1", &[
        "imap::server::section::tests::parts_are_numbered_as_in_the_rfc",
        "imap::server::section::tests::a_section_is_cut_out_of_the_letter",
    ]),
    rule("6.4.5", Must, "server: the empty line is part of every fetched header", &[
        "imap::server::section::tests::a_section_is_cut_out_of_the_letter",
    ]),
    rule("6.4.5", Must, "server: `<0.2048>` of a shorter text is told as `<0>`; behind the end it is empty", &[
        "mail::store::tests::rules::a_partial_fetch_from_zero_says_so_and_one_behind_the_end_is_empty",
        "imap::server::section::tests::a_partial_section_is_a_part_of_the_whole",
    ]),
    rule("6.4.6", Should, "server: .SILENT is not answered with the flags", &[
        "mail::store::tests::dialogue::store_adds_removes_and_replaces",
    ]),
    rule("6.4.6", Should, "server: with or without .SILENT, a change by somebody else is told", &[
        "mail::store::tests::sessions::flags_that_another_changed_are_told_and_own_ones_are_not_told_twice",
    ]),
    rule("6.4.7", Should, "server: COPY keeps flags and date, and sets \\Recent", &[
        "mail::store::tests::rules::a_copy_keeps_flags_and_date_and_is_recent",
    ]),
    rule("6.4.7", ShouldNot, "server: COPY makes no mailbox", &[
        "mail::store::tests::rules::a_folder_that_is_missing_is_never_made_by_append_or_copy",
    ]),
    rule("6.4.7", Must, "server: [TRYCREATE] where the mailbox could be made", &[
        "mail::store::tests::dialogue::copy_shares_the_letter_and_keeps_its_flags",
    ]),
    rule("6.4.7", Must, "server: a COPY that fails leaves the other mailbox as it was", &[
        "mail::store::tests::rules::a_copy_that_fails_leaves_the_other_folder_as_it_was",
    ]),
    rule("6.4.8", Must, "server: FETCH responses to a UID command have the UID", &[
        "mail::store::tests::dialogue::store_adds_removes_and_replaces",
        "imap::server::tests::the_command_lines_are_told_with_verb_and_place",
    ]),
    rule("6.4.8", Must, "server: UIDs that there are not are no mistake", &[
        "mail::store::tests::dialogue::store_adds_removes_and_replaces",
        "mail::store::tests::rules::a_copy_that_fails_leaves_the_other_folder_as_it_was",
    ]),
    rule("6.4.8", Must, "server: `*` in a set of UIDs is the last message", &[
        "imap::server::view::tests::a_range_of_uids_up_to_the_star_holds_the_last_letter",
    ]),
    rule("6.5.1", MustNot, "server: no untagged X response that was not asked for", &[
        "mail::store::tests::extended::capability_tells_what_is_offered_and_nothing_else_is_known",
    ]),
    rule("7", Must, "client: take any response at any time", &[
        "imap::client::tests::what_a_server_tells_unasked_is_told_on",
        "imap::client::tests::no_bytes_make_it_panic_and_no_cut_changes_what_it_tells",
    ]),
    not("7.1", Must, "client: show the text of [ALERT] to the user",
        "the text is in the record and in the dialogue; there is no special window for it"),
    rule("7.1", Should, "client: pass over codes that it does not know", &[
        "imap::client::tests::words_that_look_like_a_literal_are_words",
    ]),
    rule("7.1.5", Should, "client: read on after BYE until the connection is closed", &[
        "imap::client::tests::a_server_that_says_bye_gets_no_more_commands",
    ]),
    rule("7.1.5", Must, "server: BYE before an autologout, and when the mailbox is gone", &[
        "imap::server::tests::a_silent_client_is_logged_out_after_half_an_hour",
        "mail::store::tests::sessions::a_folder_that_is_deleted_under_a_session_ends_it_with_bye",
    ]),
    rule("7.2.1", MustNot, "server: no capability that is neither registered nor begins with X", &[
        "mail::store::tests::extended::capability_tells_what_is_offered_and_nothing_else_is_known",
    ]),
    rule("7.2.1", Must, "client: pass over capabilities that it does not know", &[
        "imap::client::tests::a_client_that_is_told_that_login_is_disabled_does_not_say_it",
    ]),
    rule("7.2.2", Must, "server: all levels have the same delimiter", &[
        "mail::store::tests::dialogue::folders_are_created_listed_and_deleted",
    ]),
    rule("7.2.2", Must, "server: a listed name can be used as it is told", &[
        "mail::store::tests::folders::names_are_modified_utf7_on_the_wire_and_text_in_the_store",
    ]),
    rule("7.2.2", ShouldNot, "server: neither \\Marked nor \\Unmarked where that is not known", &[
        "mail::store::tests::dialogue::folders_are_created_listed_and_deleted",
    ]),
    rule("7.2.6", Must, "client: keep what FLAGS tells", &[
        "imap::client::tests::what_a_server_tells_unasked_is_told_on",
    ]),
    rule("7.3.1", Must, "client: keep what EXISTS tells", &[
        "imap::client::tests::what_a_server_tells_unasked_is_told_on",
    ]),
    rule("7.3.2", Must, "client: keep what RECENT tells", &[
        "imap::client::tests::what_a_server_tells_unasked_is_told_on",
    ]),
    rule("7.4.1", MustNot, "server: no EXPUNGE while it answers FETCH, STORE or SEARCH", &[
        "mail::store::tests::sessions::an_expunge_by_another_is_not_told_during_fetch_store_and_search",
    ]),
    rule("7.4.1", MustNot, "server: no EXPUNGE when no command is in progress, nor while it waits for the rest of one", &[
        "mail::store::tests::rules::expunge_waits_until_a_command_is_complete",
        "mail::store::tests::idle::what_had_happened_before_idle_is_told_at_once_and_at_done_nothing_is_missed",
    ]),
    rule("7.4.1", May, "server: EXPUNGE during a UID command", &[
        "mail::store::tests::sessions::a_uid_command_may_tell_of_an_expunge",
    ]),
    rule("7.4.1", Must, "client: keep what EXPUNGE tells", &[
        "imap::client::tests::what_a_server_tells_unasked_is_told_on",
    ]),
    rule("7.4.2", Must, "server: Sender and Reply-To are the author where they are missing", &[
        "imap::server::envelope::tests::sender_and_reply_to_are_the_author_when_they_are_missing",
    ]),
    rule("7.4.2", MustNot, "server: BODY has no extension data, BODYSTRUCTURE only what is defined", &[
        "mail::store::tests::transcript::the_sample_connection_of_the_rfc_goes_as_printed",
        "mail::store::tests::dialogue::the_structure_of_a_letter_with_a_file_is_described",
    ]),
    not("7.4.2", Must, "server: headers are sent in 7 bits, binary data encoded",
        "a letter is sent as it is stored, so that each byte can be followed; only NUL is replaced"),
    rule("7.5", MustNot, "client: no octet of a literal before the server's `+`", &[
        "imap::client::tests::a_literal_is_sent_after_the_plus_only",
    ]),
    rule("RFC 2177", Must, "server: tell news while the client idles; only DONE ends it", &[
        "mail::store::tests::idle::the_example_of_rfc_2177_goes_as_printed",
        "mail::store::tests::idle::only_done_ends_idle",
        "it::golden_imap::l12_6_the_server_speaks_first_to_a_phone_that_idles",
    ]),
    rule("RFC 2177", Should, "client: end IDLE at least every 29 minutes", &[
        "imap::client::tests::an_idle_ends_with_the_first_news",
    ]),
    rule("RFC 2342", Must, "server: personal, other users' and shared namespaces, NIL where there is none", &[
        "mail::store::tests::extended::namespace_enable_and_id",
    ]),
    rule("RFC 2971", Must, "server: answer ID in any state", &[
        "mail::store::tests::extended::namespace_enable_and_id",
    ]),
    rule("RFC 3348", Must, "server: \\HasChildren or \\HasNoChildren, never both", &[
        "mail::store::tests::extended::list_tells_children_and_uses",
    ]),
    rule("RFC 3691", Must, "server: UNSELECT removes nothing", &[
        "mail::store::tests::extended::unselect_removes_nothing",
    ]),
    rule("RFC 4315", Must, "server: UID EXPUNGE removes what is \\Deleted and named, nothing else", &[
        "mail::store::tests::extended::uidplus_tells_where_letters_went_and_expunges_only_what_is_named",
    ]),
    rule("RFC 4315", Should, "server: [APPENDUID] and [COPYUID] where letters were put", &[
        "mail::store::tests::extended::uidplus_tells_where_letters_went_and_expunges_only_what_is_named",
    ]),
    rule("RFC 4315", MustNot, "server: no [COPYUID] when nothing was copied", &[
        "mail::store::tests::extended::uidplus_tells_where_letters_went_and_expunges_only_what_is_named",
    ]),
    rule("RFC 4959", MustNot, "client: no first response in the line where SASL-IR is not told; the server refuses it", &[
        "mail::store::tests::extended::authenticate_plain_behind_a_plus_or_at_once",
    ]),
    rule("RFC 5161", Must, "server: ENABLED tells what was enabled; names that it does not know are passed over", &[
        "mail::store::tests::extended::namespace_enable_and_id",
    ]),
    rule("RFC 6154", May, "server: LIST tells \\Sent and others", &[
        "mail::store::tests::extended::list_tells_children_and_uses",
    ]),
    rule("RFC 6851", Must, "server: an EXPUNGE for each message that moved", &[
        "mail::store::tests::extended::the_example_of_rfc_6851_goes_as_printed",
    ]),
    rule("RFC 6851", Should, "server: [COPYUID] in an untagged OK before the EXPUNGEs", &[
        "mail::store::tests::extended::the_example_of_rfc_6851_goes_as_printed",
    ]),
    rule("RFC 6851", Must, "server: each message is moved or is where it was; MOVE by number moves all or none", &[
        "mail::store::tests::extended::move_takes_all_or_none_and_needs_its_folder",
    ]),
    rule("RFC 7888", MustNot, "client: no `{n+}` where LITERAL+ is not told", &[
        "imap::client::tests::a_literal_is_sent_at_once_where_the_server_has_said_that_it_takes_it",
        "imap::client::tests::a_literal_is_sent_after_the_plus_only",
    ]),
    rule("RFC 7888", Must, "server: take `{n+}` where LITERAL+ is told", &[
        "mail::store::tests::dialogue::a_wrong_password_is_no_and_a_second_try_may_fit",
        "mail::store::tests::extended::capability_tells_what_is_offered_and_nothing_else_is_known",
    ]),
];
