//! What is wrong with a filter is said with its place.

use mailpath::filter::Filter;

#[test]
fn every_mistake_says_where_it_is_and_what_was_expected() {
    let mistakes = [
        "tcp.prt == 25",
        "tcp.port = 25",
        "tcp.port == 25 and",
        "(tcp",
        "tcp)",
        "tcp.port == 25 xor udp",
        "tcp.len > 10 AND smtp",
        "tcp.port == abc",
        "tcp.port == 70000",
        "tcp.port == \"smtp\"",
        "tcp.port == smtp",
        "tcp.flags.syn == maybe",
        "tcp.analysis == 1",
        "ip.src contains 1",
        "ip.src matches \"1\"",
        "ip.src == 192.0.2",
        "ip.src == 192.0.2.0/40",
        "ip.src == mail.a.example",
        "eth.src == 02:00",
        "smtp contains xyz",
        "tcp.port matches 25",
        "smtp matches \"(\"",
        "smtp matches \"open",
        "smtp contains \"\\q\"",
        "tcp.port in 25",
        "tcp.port in {}",
        "tcp.port in {25,}",
        "tcp.port in {25 80}",
        "25 == tcp.port",
        "1 == 1",
        "\"a\" == \"a\"",
        "2 * tcp.len == 12",
        "frame.time_relative * 2 > 0",
        "frame.time == 5",
        "frame.time > \"yesterday\"",
        "http.time == 1s",
        "tcp.len == 1.5",
        "tcp.srcport[0] == 1",
        "tcp.payload[0:99999999999999999999] == 1",
        "tcp.payload[] == 1",
        "len(tcp.payload)",
        "len() == 1",
        "len(tcp.payload, tcp.len) == 1",
        "size(tcp.payload) == 1",
        "upper(tcp.len) == \"A\"",
        "string(smtp) == \"a\"",
        "max(tcp.len, ip.src) == 1",
        "ip.src == tcp.port",
        "any tcp.port",
        "'ab'",
        "tcp.port == 25 ; udp",
        "f\u{fc}r == 1",
    ];
    let mut told = String::new();
    for text in mistakes {
        let wrong = Filter::new(text).expect_err(text);
        assert!(wrong.at.start <= text.len() && wrong.at.end >= wrong.at.start, "{text}: {wrong:?}");
        told.push_str(&wrong.shown(text));
        told.push_str("\n\n");
    }
    insta::assert_snapshot!("mistakes", told);
}

#[test]
fn no_text_makes_reading_panic() {
    use proptest::prelude::*;
    let word = prop_oneof![
        Just("tcp.port"),
        Just("smtp"),
        Just("ip.src"),
        Just("=="),
        Just("!="),
        Just("in"),
        Just("{"),
        Just("}"),
        Just("("),
        Just(")"),
        Just("25"),
        Just("\"x\""),
        Just("contains"),
        Just("matches"),
        Just("and"),
        Just("not"),
        Just("[0:4]"),
        Just("["),
        Just("-1"),
        Just("&"),
        Just("+"),
        Just(".."),
        Just(","),
        Just("len("),
        Just("#2"),
        Just("\\"),
        Just("'"),
        Just("\""),
        Just("\u{e9}"),
        Just("192.0.2.0/24"),
        Just("0d:0a"),
        Just("frame.time"),
    ];
    let texts = (prop::collection::vec(word, 0..12), any::<bool>());
    proptest!(ProptestConfig::with_cases(3000), |((words, blanks) in texts, any in ".{0,40}")| {
        for text in [words.join(if blanks { " " } else { "" }), any] {
            if let Err(wrong) = Filter::new(&text) {
                prop_assert!(!wrong.shown(&text).is_empty());
            }
        }
    });
}
