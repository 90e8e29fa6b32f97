use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::engine::SpanMap;
use crate::smtp::LineEnds;

const NO_LIMITS: Limits = Limits { line: usize::MAX, letter: usize::MAX };

fn stuffed_by(letter: &[u8], dots: bool, line_ends: LineEnds) -> String {
    let mut stuffer = Stuffer::new(Arc::<[u8]>::from(letter), dots, line_ends);
    let out = stuffer.write(usize::MAX, 0, None);
    assert!(stuffer.is_done());
    out.escape_ascii().to_string()
}

fn stuffed(letter: &[u8]) -> String {
    stuffed_by(letter, true, LineEnds::Lenient)
}

/// What a server takes from the bytes behind 354, and how many of them.
fn read_by(wire: &[u8], line_ends: LineEnds) -> (String, Option<usize>) {
    let mut reader = Unstuffer::new(line_ends, NO_LIMITS, false);
    let (used, end) = reader.feed(wire, 0);
    (reader.letter().escape_ascii().to_string(), end.then_some(used))
}

#[test]
fn a_leading_dot_is_doubled() {
    assert_eq!(stuffed(b"hello\r\n"), r"hello\r\n.\r\n");
    assert_eq!(stuffed(b".\r\n"), r"..\r\n.\r\n");
    assert_eq!(stuffed(b"a\r\n.\r\n..b\r\n"), r"a\r\n..\r\n...b\r\n.\r\n");
    assert_eq!(stuffed(b"a.b\r\nc.\r\n"), r"a.b\r\nc.\r\n.\r\n");
}

#[test]
fn a_last_line_without_end_gets_one() {
    assert_eq!(stuffed(b"hello"), r"hello\r\n.\r\n");
    assert_eq!(stuffed(b""), r".\r\n");
    assert_eq!(stuffed(b"a\r"), r"a\r\r\n.\r\n");
    assert_eq!(stuffed(b"."), r"..\r\n.\r\n");
    assert_eq!(stuffed(b"a\n"), r"a\n\r\n.\r\n");
}

#[test]
fn a_client_without_dot_stuffing_sends_what_it_has() {
    assert_eq!(stuffed_by(b"a\r\n.\r\nb\r\n", false, LineEnds::Lenient), r"a\r\n.\r\nb\r\n.\r\n");
}

#[test]
fn a_bare_line_feed_is_passed_on_or_made_a_line_end() {
    assert_eq!(stuffed(b"a\n.\r\nb\r\n"), r"a\n.\r\nb\r\n.\r\n");
    assert_eq!(stuffed_by(b"a\n.\r\nb\r\n", true, LineEnds::Strict), r"a\r\n..\r\nb\r\n.\r\n");
    assert_eq!(stuffed_by(b"\n\n.\n", true, LineEnds::Strict), r"\r\n\r\n..\r\n.\r\n");
    assert_eq!(stuffed_by(b"a\n.\r\n", false, LineEnds::Strict), r"a\r\n.\r\n.\r\n");
}

#[test]
fn a_server_that_is_strict_ends_data_at_crlf_dot_crlf_alone() {
    let odd = b"a\n.\r\nb\r\n.\nc\r\n.\r\nQUIT";
    assert_eq!(read_by(odd, LineEnds::Strict), (r"a\n.\r\nb\r\n\nc\r\n".into(), Some(16)));
    assert_eq!(read_by(odd, LineEnds::Refuse), (r"a\n.\r\nb\r\n\nc\r\n".into(), Some(16)));
    assert_eq!(read_by(odd, LineEnds::Lenient), (r"a\n".into(), Some(5)));
    assert_eq!(read_by(b"a\r\n.\nb", LineEnds::Lenient), (r"a\r\n".into(), Some(5)));
    assert_eq!(read_by(b"a\n.\nb", LineEnds::Lenient), (r"a\n".into(), Some(4)));
}

#[test]
fn a_server_that_normalises_stores_lines_and_ends_data_at_crlf_dot_crlf_alone() {
    let odd = b"\na\n.\r\nb\r\n.\nc\r\n.\r\nQUIT";
    assert_eq!(read_by(odd, LineEnds::Normalise), (r"\r\na\r\n.\r\nb\r\n\r\nc\r\n".into(), Some(17)));
    // However the bytes come, and with every byte where it was.
    let mut reader = Unstuffer::new(LineEnds::Normalise, NO_LIMITS, true);
    for (at, byte) in odd[..17].iter().enumerate() {
        reader.feed(std::slice::from_ref(byte), at as u64);
    }
    assert_eq!(reader.letter(), b"\r\na\r\n.\r\nb\r\n\r\nc\r\n");
    let map = reader.take_map();
    assert_eq!(
        (map.source_of(0), map.source_of(1), map.source_of(2), map.source_of(3)),
        (None, Some(0), Some(1), None)
    );
    assert_eq!(map.source_of(13), Some(11), "c");
}

#[test]
fn a_dot_alone_at_the_very_start_is_an_empty_letter() {
    assert_eq!(read_by(b".\r\n", LineEnds::Strict), (String::new(), Some(3)));
}

#[test]
fn one_leading_dot_is_removed_whatever_follows() {
    assert_eq!(read_by(b"..\r\n.hidden\r\n.\rx\r\n.\r\r\n.\r\n", LineEnds::Strict).0, r".\r\nhidden\r\n\rx\r\n\r\r\n");
    assert_eq!(read_by(b".\rx\r\n", LineEnds::Strict), (r"\rx\r\n".into(), None));
}

#[test]
fn faults_are_found_and_told_at_the_end() {
    let fault = |wire: &[u8], line_ends, limits| {
        let mut reader = Unstuffer::new(line_ends, limits, true);
        assert_eq!(reader.feed(wire, 0), (wire.len(), true));
        reader.fault()
    };
    let limits = Limits { line: 10, letter: 40 };
    assert_eq!(fault(b"12345678\r\n.\r\n", LineEnds::Strict, limits), None);
    assert_eq!(fault(b".12345678\r\n.\r\n", LineEnds::Strict, limits), None, "the dot in front does not count");
    assert_eq!(fault(b"123456789\r\n.\r\n", LineEnds::Strict, limits), Some(Fault::LongLine));
    assert_eq!(fault(&[&b"1\r\n".repeat(14)[..], b".\r\n"].concat(), LineEnds::Strict, limits), Some(Fault::TooBig));
    assert_eq!(fault(b"a\nb\r\n.\r\n", LineEnds::Strict, limits), None);
    assert_eq!(fault(b"a\nb\r\n.\r\n", LineEnds::Lenient, limits), None);
    assert_eq!(fault(b"a\nb\r\n.\r\n", LineEnds::Refuse, limits), Some(Fault::BareLf));
}

#[test]
fn a_letter_that_is_too_big_is_thrown_away_while_it_comes() {
    let mut reader = Unstuffer::new(LineEnds::Strict, Limits { line: 1000, letter: 100 }, true);
    for _ in 0..1000 {
        reader.feed(b"0123456789\r\n", 0);
        assert!(reader.letter().len() <= 100);
    }
    assert_eq!(reader.fault(), Some(Fault::TooBig));
    reader.restart();
    assert_eq!((reader.fault(), reader.letter()), (None, &b""[..]));
}

/// Bytes among which line ends and dots are frequent.
fn letter() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![Just(b'\r'), Just(b'\n'), Just(b'.'), Just(b'a'), any::<u8>()];
    let token = prop_oneof![
        3 => Just(b"\r\n".to_vec()),
        1 => Just(b"\r\n.\r\n".to_vec()),
        4 => proptest::collection::vec(byte, 0..6)
    ];
    proptest::collection::vec(token, 0..20).prop_map(|t| t.concat())
}

fn line_ends() -> impl Strategy<Value = LineEnds> {
    prop_oneof![Just(LineEnds::Strict), Just(LineEnds::Lenient), Just(LineEnds::Refuse)]
}

/// What a letter with a bare LF becomes when each is made CRLF, written the slow way.
fn normalised(letter: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for (i, &b) in letter.iter().enumerate() {
        if b == b'\n' && (i == 0 || letter[i - 1] != b'\r') {
            out.push(b'\r');
        }
        out.push(b);
    }
    out
}

fn with_end(mut letter: Vec<u8>) -> Vec<u8> {
    if !letter.is_empty() && !letter.ends_with(b"\r\n") {
        letter.extend(b"\r\n");
    }
    letter
}

proptest! {
    #[test]
    fn what_a_client_sends_a_strict_server_gets_back(letter in letter(), normalise: bool) {
        let ends = if normalise { LineEnds::Strict } else { LineEnds::Lenient };
        let wire = Stuffer::new(Arc::<[u8]>::from(&letter[..]), true, ends).write(usize::MAX, 0, None);
        let mut reader = Unstuffer::new(LineEnds::Strict, NO_LIMITS, false);
        prop_assert_eq!(reader.feed(&wire, 0), (wire.len(), true));
        let sent = with_end(if normalise { normalised(&letter) } else { letter });
        prop_assert_eq!(reader.letter(), &sent[..]);
    }

    #[test]
    fn a_letter_cut_into_pieces_by_the_room_is_the_same(
        letter in letter(), dots: bool, ends in line_ends(), rooms in proptest::collection::vec(0usize..9, 1..9)
    ) {
        let mut whole_map = SpanMap::new();
        let whole = Stuffer::new(Arc::<[u8]>::from(&letter[..]), dots, ends).write(usize::MAX, 100, Some(&mut whole_map));
        let (mut stuffer, mut map, mut wire) = (Stuffer::new(Arc::<[u8]>::from(&letter[..]), dots, ends), SpanMap::new(), Vec::new());
        for room in rooms.iter().copied().chain([1]).cycle() {
            if stuffer.is_done() {
                break;
            }
            let piece = stuffer.write(room, 100 + wire.len() as u64, Some(&mut map));
            prop_assert!(piece.len() <= room);
            wire.extend(piece);
        }
        prop_assert_eq!(&wire, &whole);
        prop_assert_eq!(&map, &whole_map);
    }

    #[test]
    fn what_is_lent_and_what_is_written_are_the_letter_together(
        letter in letter(), plain in 0usize..2000, dots: bool, ends in line_ends(),
        rooms in proptest::collection::vec(500usize..900, 1..5)
    ) {
        let letter = [&letter[..], &vec![b'x'; plain]].concat();
        let stuffer = || Stuffer::new(Arc::<[u8]>::from(&letter[..]), dots, ends);
        let mut whole_map = SpanMap::new();
        let whole = stuffer().write(usize::MAX, 100, Some(&mut whole_map));
        let (mut stuffer, mut map, mut wire, mut lent) = (stuffer(), SpanMap::new(), Vec::new(), 0);
        for room in rooms.iter().copied().cycle() {
            if stuffer.is_done() {
                break;
            }
            let mut used = 0;
            if let Some(part) = stuffer.lend(room, 100 + wire.len() as u64, Some(&mut map)) {
                (used, lent) = (part.len(), lent + part.len());
                wire.extend_from_slice(&part);
            }
            let piece = stuffer.write(room - used, 100 + wire.len() as u64, Some(&mut map));
            prop_assert!(used + piece.len() <= room);
            wire.extend(piece);
        }
        prop_assert_eq!(&wire, &whole);
        prop_assert_eq!(&map, &whole_map);
        // Pieces of less than 512 bytes are copied.
        let worth = plain >= 1800 && rooms.iter().all(|room| *room >= 512);
        prop_assert!(lent > 0 || !worth, "so long an end without a dot is not copied");
    }

    #[test]
    fn both_maps_are_right_for_every_byte(letter in letter(), ends in line_ends()) {
        let mut there = SpanMap::new();
        let wire = Stuffer::new(Arc::<[u8]>::from(&letter[..]), true, ends).write(usize::MAX, 7, Some(&mut there));
        for (i, &b) in wire.iter().enumerate() {
            if let Some(from) = there.source_of(7 + i as u64) {
                prop_assert_eq!(b, letter[from as usize]);
            }
        }
        for i in 0..letter.len() as u64 {
            prop_assert!(there.target_of(i).is_some(), "every byte of the letter is on the wire");
        }
        let mut reader = Unstuffer::new(LineEnds::Strict, NO_LIMITS, true);
        reader.feed(&wire, 7);
        let back = reader.take_map();
        for (i, &b) in reader.letter().iter().enumerate() {
            let from = back.source_of(i as u64).expect("a server writes no byte of its own");
            prop_assert_eq!(b, wire[from as usize - 7]);
        }
    }

    #[test]
    fn bytes_cut_anywhere_are_read_the_same(wire in letter(), ends in line_ends(), cuts in proptest::collection::vec(0usize..5, 1..9)) {
        let mut whole = Unstuffer::new(ends, NO_LIMITS, true);
        let (used, end) = whole.feed(&wire, 3);
        let (mut pieces, mut at, mut ended) = (Unstuffer::new(ends, NO_LIMITS, true), 0, false);
        for cut in cuts.iter().copied().chain([1]).cycle() {
            if at == wire.len() || ended {
                break;
            }
            let to = (at + cut).min(wire.len());
            let (n, e) = pieces.feed(&wire[at..to], 3 + at as u64);
            prop_assert!(n == to - at || e);
            at += n;
            ended = e;
        }
        prop_assert_eq!((at, ended), (used, end));
        prop_assert_eq!(pieces.letter(), whole.letter());
        prop_assert_eq!(pieces.fault(), whole.fault());
        prop_assert_eq!(pieces.take_map(), whole.take_map());
    }
}
