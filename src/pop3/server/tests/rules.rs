//! Rules of RFC 1939 and RFC 2449 one by one, as `docs/conformance-pop3.md` lists them.

use super::*;
use crate::pop3::State;

#[test]
fn keywords_are_known_in_any_case_and_indicators_are_in_capitals() {
    let mut wire = Wire::granted(None);
    for (line, indicator) in [
        ("uSeR mrose\r\n", "+OK"),
        ("pass wrong\r\n", "-ERR"),
        ("user mrose\r\n", "+OK"),
        ("Pass tanstaaf\r\n", "+OK"),
        ("stat\r\n", "+OK"),
        ("retr 9\r\n", "-ERR"),
        ("quit\r\n", "+OK"),
    ] {
        assert!(wire.say(line).starts_with(&format!("{indicator} ")), "{line}");
    }
}

#[test]
fn one_blank_stands_between_two_arguments() {
    let mut wire = Wire::transaction();
    assert_eq!(wire.say("TOP 1  0\r\n"), "-ERR TOP: expected TOP, a message number, and a number of lines\r\n");
    assert_eq!(wire.say("RETR  1\r\n"), "-ERR RETR: expected one message number\r\n");
    assert_eq!(wire.say("LIST 1\r\n"), "+OK 1 120\r\n");
}

#[test]
fn the_first_line_of_an_answer_has_at_most_512_octets() {
    let mut wire = Wire::granted(Some(STAMP));
    for line in [
        format!("USER {}", "x".repeat(248)),
        format!("PASS {}", "x".repeat(248)),
        format!("{} 1", "X".repeat(250)),
        format!("RETR {}", "9".repeat(248)),
        format!("APOP {} x", "y".repeat(245)),
    ] {
        let said = wire.say(&format!("{line}\r\n"));
        assert!(said.len() <= 512 && said.ends_with("\r\n") && said.matches("\r\n").count() == 1, "{said}");
    }
}

#[test]
fn every_command_winds_the_timer_up_again() {
    let mut wire = Wire::transaction();
    let later = Instant::ZERO + Duration::from_secs(599);
    wire.input(later, Input::Bytes(b"NOOP\r\n"));
    assert_eq!(wire.wait, Some(later + Duration::from_secs(600)));
    wire.input(Instant::ZERO + Duration::from_secs(600), Input::Timeout);
    assert!(!wire.closed);
}

#[test]
fn after_a_refusal_another_try_may_follow() {
    let mut wire = Wire::granted(Some(STAMP));
    assert_eq!(
        wire.say("APOP mrose 00000000000000000000000000000000\r\n"),
        "-ERR user name or password not accepted\r\n"
    );
    assert_eq!((wire.server.state(), wire.closed), (State::Authorization, false));
    assert!(wire.say("APOP mrose c4c9334bac560ecc979e58001b3e22fb\r\n").starts_with("+OK "));
    assert_eq!(wire.server.state(), State::Transaction);
}

#[test]
fn numbers_stay_as_they_were_when_the_maildrop_was_opened() {
    let mut wire = Wire::transaction();
    wire.letters.push((11, letter(300)));
    wire.say("DELE 1\r\n");
    assert_eq!(wire.say("STAT\r\n"), "+OK 1 200\r\n", "what comes later is for the next session");
    assert_eq!(wire.say("LIST 2\r\n"), "+OK 2 200\r\n");
    assert_eq!(wire.say("LIST 3\r\n"), "-ERR no such message, numbers go from 1 to 2\r\n");
    wire.say("QUIT\r\n");
    assert_eq!(wire.removed, Some(vec![7]));
}

#[test]
fn an_empty_maildrop_is_listed_as_an_empty_list() {
    let mut wire = Wire::granted(None);
    wire.letters.clear();
    wire.say("USER mrose\r\n");
    assert_eq!(wire.say("PASS tanstaaf\r\n"), "+OK mrose's maildrop has 0 messages (0 octets)\r\n");
    assert_eq!(wire.say("STAT\r\n"), "+OK 0 0\r\n");
    assert_eq!(wire.say("LIST\r\n"), "+OK 0 messages (0 octets)\r\n.\r\n");
    assert_eq!(wire.say("UIDL\r\n"), "+OK unique-id listing follows\r\n.\r\n");
    assert_eq!(wire.say("RETR 1\r\n"), "-ERR no such message, the maildrop is empty\r\n");
}

#[test]
fn what_could_not_be_removed_is_told() {
    let mut wire = Wire::transaction();
    wire.failed = 1;
    wire.say("DELE 1\r\n");
    assert_eq!(wire.say("QUIT\r\n"), "-ERR some deleted messages not removed; dewey POP3 server signing off\r\n");
    assert_eq!((wire.removed.clone(), wire.closed, wire.ending()), (Some(vec![7]), true, Some(Ending::Quit)));
}

#[test]
fn pass_comes_right_behind_user() {
    let mut wire = Wire::granted(None);
    wire.say("USER mrose\r\n");
    wire.say("CAPA\r\n");
    assert_eq!(wire.say("PASS tanstaaf\r\n"), "-ERR PASS: expected USER first\r\n");
    wire.say("USER mrose\r\n");
    assert!(wire.say("PASS tanstaaf\r\n").starts_with("+OK "));
}

#[test]
fn a_password_may_have_blanks() {
    let asked = |line: &str| {
        let mut wire = Wire::granted(None);
        wire.say("USER mrose\r\n");
        wire.say(line);
        wire.proofs
    };
    assert_eq!(asked("PASS two  words \r\n"), [Proof::Password("two  words ".into())]);
    assert_eq!(asked("PASS \r\n"), []);
}

#[test]
fn in_use_is_told_to_nobody_who_has_not_the_password() {
    let mut wire = Wire::granted(None);
    wire.locked = true;
    wire.say("USER mrose\r\n");
    assert_eq!(wire.say("PASS wrong\r\n"), "-ERR user name or password not accepted\r\n");
    wire.say("USER mrose\r\n");
    assert!(wire.say("PASS tanstaaf\r\n").starts_with("-ERR [IN-USE] "));
}

/// RFC 2449 section 6.6 and the examples of its sections 5 and 8, with the words of this server.
#[test]
fn capa_as_in_rfc_2449() {
    let list =
        "+OK capability list follows\r\nTOP\r\nUSER\r\nUIDL\r\nRESP-CODES\r\nPIPELINING\r\nEXPIRE NEVER\r\n.\r\n";
    let text = "CAPA\r\nUSER mrose\r\nPASS tanstaaf\r\nCAPA\r\nSTAT\r\n";
    for cut in 0..=text.len() {
        let mut wire = Wire::granted(None);
        wire.say(&text[..cut]);
        wire.say(&text[cut..]);
        let opened = "+OK send PASS\r\n+OK mrose's maildrop has 2 messages (320 octets)\r\n";
        assert_eq!(
            wire.writes.concat(),
            format!("+OK POP3 server ready\r\n{list}{opened}{list}+OK 2 320\r\n"),
            "{cut}"
        );
    }
}
