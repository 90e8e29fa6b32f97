use super::*;

#[test]
fn as_many_sentences_as_there_is_room_for() {
    let of = |texts: &[&str], most| limit(&texts.iter().map(|t| (*t).to_string()).collect::<Vec<_>>(), most);
    assert_eq!(of(&["one two.", "three four five.", "six."], 3), "One two. six.");
    assert_eq!(of(&["one two three four."], 3), "One two three\u{2026}");
    assert_eq!(of(&["", "one."], 3), "One.");
}

#[test]
fn hosts_keep_their_small_letter_at_the_beginning_of_a_sentence() {
    assert_eq!(capital("the web server www.a reads GET /."), "The web server www.a reads GET /.");
    assert_eq!(capital("mail.a reads 250."), "mail.a reads 250.");
    assert_eq!(capital("bob-pc is switched on."), "bob-pc is switched on.");
    assert_eq!(capital("after 1 s, mail.a speaks."), "After 1 s, mail.a speaks.");
    assert_eq!(capital(""), "");
}

#[test]
fn times_are_said_as_one_says_them() {
    let said = |ms| in_words(Duration::from_millis(ms));
    assert_eq!(said(995), "995 ms");
    assert_eq!(said(1_000), "1 s");
    assert_eq!(said(1_500), "1.500 s");
    assert_eq!(said(3_598_035), "59 min 58 s");
    assert_eq!(said(1_800_000), "30 min");
    assert_eq!(said(5_400_000), "1 h 30 min");
    assert_eq!(said(3_601_000), "1 h");
    assert_eq!(said(5 * 86_400_000), "5 d");
}

#[test]
fn terms_are_found_as_words_and_the_longest_wins() {
    let found = |text| terms_in(text).iter().map(|(_, g)| g.term).collect::<Vec<_>>();
    assert_eq!(found("Bob's mail server sends a SYN-ACK; TCP knows."), ["mail server", "SYN-ACK", "TCP"]);
    assert_eq!(found("The TCP handshake is over."), ["TCP handshake"]);
    assert_eq!(found("EHLOs and SYNs are no terms"), [""; 0]);
    for gloss in TERMS {
        assert_eq!(gloss.text.lines().count(), 2, "{}", gloss.term);
        assert!(gloss.text.lines().all(|l| l.len() <= 80), "{}", gloss.term);
        assert!(gloss.rfc.starts_with("RFC "));
        assert!(!gloss.text.contains("message"), "a mail is a mail: {}", gloss.term);
    }
}
