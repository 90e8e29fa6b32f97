//! RFC 2177: the server speaks by itself.

use super::*;
use crate::imap::Extension;
use crate::imap::server::Ending;
use crate::time::Duration;

fn idles() -> Config {
    Config { extensions: vec![Extension::Idle], ..Config::default() }
}

#[test]
fn the_example_of_rfc_2177_goes_as_printed() {
    for cut in cuts() {
        let mut host = Host::with_letters_and(3, idles());
        host.cut = cut;
        host.dialogue(
            0,
            "
            C: A002 IDLE
            S: + idling
        ",
        );
        assert!(host.lines[0].server.is_idling());
        host.deliver("Subject: new\n\n");
        assert_eq!(host.look(0), "* 4 EXISTS\r\n* 4 RECENT\r\n");
        host.dialogue(
            0,
            "
            C: DONE
            S: A002 OK IDLE terminated
        ",
        );
        // Another session expunges a message.
        let second = host.connect(idles());
        host.say(second, "x LOGIN alice secret\r\nx SELECT INBOX\r\nx STORE 2 +FLAGS.SILENT (\\Deleted)\r\n");
        assert_eq!(
            host.say(0, "A003 NOOP\r\n"),
            "* 2 FETCH (FLAGS (\\Deleted \\Recent))\r\nA003 OK NOOP completed\r\n"
        );
        assert_eq!(host.say(0, "A004 IDLE\r\n"), "+ idling\r\n");
        host.say(second, "x EXPUNGE\r\n");
        assert_eq!(host.look(0), "* 2 EXPUNGE\r\n");
        assert_eq!(host.say(0, "done\r\n"), "A004 OK IDLE terminated\r\n");
        check_lines(&host.lines[0]);
    }
}

#[test]
fn what_had_happened_before_idle_is_told_at_once_and_at_done_nothing_is_missed() {
    let mut host = Host::with_letters_and(1, idles());
    host.deliver("Subject: new\n\n");
    assert_eq!(host.say(0, "a IDLE\r\n"), "+ idling\r\n* 2 EXISTS\r\n* 2 RECENT\r\n");
    host.deliver("Subject: newer\n\n");
    // Nobody has told the engine yet; DONE looks all the same.
    assert_eq!(host.say(0, "DONE\r\n"), "* 3 EXISTS\r\n* 3 RECENT\r\na OK IDLE terminated\r\n");
    assert_eq!(host.look(0), "", "who does not idle is told nothing by itself");
}

#[test]
fn only_done_ends_idle() {
    let mut host = Host::with_letters_and(1, idles());
    host.say(0, "a IDLE\r\n");
    assert_eq!(host.say(0, "b NOOP\r\n"), "a BAD IDLE: only DONE ends it\r\n");
    assert_eq!(host.say(0, "c NOOP\r\n"), "c OK NOOP completed\r\n");
    host.say(0, "d IDLE\r\n");
    assert_eq!(host.say(0, "DONE {3}\r\n"), "d BAD IDLE: only DONE ends it\r\n");
    host.say(0, "e IDLE\r\n");
    let long = "x".repeat(10_000);
    assert_eq!(host.say(0, &format!("{long}\r\nf NOOP\r\n")), "e BAD command line too long\r\nf OK NOOP completed\r\n");
}

#[test]
fn idle_without_a_folder_waits_and_says_nothing() {
    let mut host = Host::new(idles());
    host.say(0, "x LOGIN alice secret\r\n");
    assert_eq!(host.say(0, "a IDLE\r\n"), "+ idling\r\n");
    host.deliver("Subject: new\n\n");
    assert_eq!(host.look(0), "");
    assert_eq!(host.say(0, "DONE\r\n"), "a OK IDLE terminated\r\n");
}

#[test]
fn a_folder_deleted_under_an_idling_session_ends_it() {
    let mut host = Host::with_letters_and(0, idles());
    let second = host.connect(idles());
    host.say(second, "x LOGIN alice secret\r\nx CREATE f\r\nx SELECT f\r\nx IDLE\r\n");
    host.say(0, "a DELETE f\r\n");
    assert_eq!(host.look(second), "* BYE the selected mailbox was deleted\r\n");
    assert!(host.lines[second].closed);
}

#[test]
fn who_idles_for_half_an_hour_is_sent_away() {
    let mut host = Host::with_letters_and(1, idles());
    host.say(0, "a IDLE\r\n");
    let late = Instant::ZERO + Duration::from_secs(1800);
    host.lines[0].server.handle_input(late, Input::Timeout);
    assert_eq!(host.run(0), "* BYE Autologout; idle for too long\r\n");
    assert!(host.lines[0].told.contains(&Told::Ended(Ending::Autologout)));
}
