//! Two ends that speak with each other, without a network.

use std::sync::Arc;

use super::*;
use crate::engine::SpanMap;
use crate::rng::Seed;
use crate::topology::Side;

/// The first of January 2030.
const NOW: u64 = 1_893_456_000;

struct Pair {
    client: Session,
    server: Session,
    /// What each has sent.
    wire: [Vec<u8>; 2],
    secrets: Vec<Secret>,
    told: Vec<String>,
}

impl Pair {
    fn new(seed: u64, asks_for: &str, signed_by: &str, name: &str) -> Pair {
        let seed = Seed::new(seed);
        let ours = Authority::new(seed.child("ca"), "Example CA");
        let other = Authority::new(seed.child(signed_by), if signed_by == "ca" { "Example CA" } else { "Other CA" });
        let identity = Arc::new(other.issue(name, &[]).unwrap());
        let client = Session::new(Setup::client(seed.child("c"), NOW, asks_for, &ours.roots()), 0, 0);
        let server = Session::new(Setup::server(seed.child("s"), NOW, identity), 0, 0);
        Pair { client, server, wire: Default::default(), secrets: Vec::new(), told: Vec::new() }
    }

    /// Carries what they send, in pieces of `size`, until both are silent.
    fn carry(&mut self, size: usize) {
        loop {
            let mut silent = true;
            for side in [Side::Client, Side::Server] {
                let (from, to) = match side {
                    Side::Client => (&mut self.client, &mut self.server),
                    Side::Server => (&mut self.server, &mut self.client),
                };
                while let Some(output) = from.poll() {
                    silent = false;
                    match output {
                        Output::Transmit(bytes) => {
                            bytes.chunks(size).for_each(|piece| to.handle_bytes(piece));
                            self.wire[side as usize].extend(bytes);
                        }
                        Output::Secrets(secrets) => self.secrets.extend(secrets),
                        Output::Bytes(bytes) => self.told.push(format!("{side:?} read {}", bytes.escape_ascii())),
                        Output::Failed(why) => self.told.push(format!("{side:?} failed: {why}")),
                        Output::Secured(info) => {
                            let name = info.server_name.as_deref().unwrap_or("nobody");
                            self.told.push(format!("{side:?}: {} {} {name}", info.version, info.suite));
                        }
                        Output::PeerClosed => self.told.push(format!("{side:?}: the peer has closed")),
                    }
                }
            }
            if silent {
                return;
            }
        }
    }
}

fn talk(seed: u64, size: usize, cloned: bool) -> Pair {
    let mut pair = Pair::new(seed, "mail.b.example", "ca", "mail.b.example");
    pair.carry(size);
    let again = |pair: &mut Pair| {
        if cloned {
            (pair.client, pair.server) = (pair.client.clone(), pair.server.clone());
        }
    };
    again(&mut pair);
    pair.client.write(b"EHLO mail.a.example\r\n");
    pair.carry(size);
    again(&mut pair);
    pair.server.write(b"250 mail.b.example\r\n");
    pair.server.write(&[b'x'; 20_000]);
    pair.carry(size);
    again(&mut pair);
    pair.client.close();
    pair.carry(size);
    pair
}

#[test]
fn the_same_seed_gives_the_same_bytes_however_they_are_cut_and_whoever_is_cloned() {
    let first = talk(1, usize::MAX, false);
    assert!(first.wire[0].len() > 300 && first.wire[1].len() > 20_000);
    for (size, cloned) in [(usize::MAX, false), (1, false), (7, true), (1460, true)] {
        let again = talk(1, size, cloned);
        assert!(again.wire == first.wire, "{size} {cloned}");
        assert_eq!(again.secrets.len(), first.secrets.len());
    }
    assert!(talk(2, usize::MAX, false).wire != first.wire);
}

#[test]
fn both_ends_know_what_they_agreed_on_and_what_the_other_says() {
    let pair = talk(1, usize::MAX, false);
    let short: Vec<&str> = pair.told.iter().map(|t| &t[..t.len().min(60)]).collect();
    assert_eq!(short[0], "Client: TLS 1.3 TLS_AES_128_GCM_SHA256 mail.b.example");
    assert_eq!(short[1], "Server: TLS 1.3 TLS_AES_128_GCM_SHA256 mail.b.example");
    assert_eq!(short[2], "Server read EHLO mail.a.example\\r\\n");
    assert_eq!(short[3], "Client read 250 mail.b.example\\r\\n");
    assert_eq!(short.last(), Some(&"Server: the peer has closed"));
}

#[test]
fn a_certificate_for_another_name_or_of_an_unknown_authority_is_refused_in_words() {
    let mut pair = Pair::new(1, "mail.b.example", "ca", "mail.c.example");
    pair.carry(usize::MAX);
    assert_eq!(
        pair.told,
        [
            "Client failed: the certificate is for mail.c.example, not for mail.b.example",
            "Server failed: the other end gave up with the alert bad_certificate",
        ]
    );
    let mut pair = Pair::new(1, "mail.b.example", "other", "mail.b.example");
    pair.carry(usize::MAX);
    assert_eq!(
        pair.told,
        [
            "Client failed: the certificate is signed by an authority that this client does not know",
            "Server failed: the other end gave up with the alert unknown_ca",
        ]
    );
}

#[test]
fn what_is_not_tls_is_said_to_be_none() {
    let mut pair = Pair::new(1, "mail.b.example", "ca", "mail.b.example");
    pair.client.handle_bytes(b"220 mail.b.example ready\r\n");
    while let Some(output) = pair.client.poll() {
        if let Output::Failed(why) = output {
            assert_eq!(why.to_string(), "what came is not TLS");
            return;
        }
    }
    panic!("it was taken");
}

#[test]
fn whoever_has_the_secrets_reads_the_records() {
    let pair = talk(1, usize::MAX, false);
    let mut text = Vec::new();
    let mut opener = Opener::new(Side::Server, 0x1301, &pair.secrets);
    let mut rest = &pair.wire[1][..];
    let mut at = 0u64;
    let mut shown = Vec::new();
    while let Ok(Some(length)) = record::length(rest) {
        let (one, behind) = rest.split_at(length);
        let opened = (one[0] == 23).then(|| opener.open(one).expect("our own secrets open it"));
        if let Some(Opened { kind: ContentType::ApplicationData, plain }) = &opened {
            // The place of the first byte of each record, by the engine's own count.
            assert_eq!(pair.server.written().byte(text.len() as u64), at + HEADER as u64);
            text.extend_from_slice(plain);
        }
        shown.push((one[0], opened.map(|o| o.kind)));
        at += length as u64;
        rest = behind;
    }
    assert!(text.starts_with(b"250 mail.b.example\r\nxxx") && text.len() == 20 + 20_000);
    assert_eq!(shown[..2], [(22, None), (20, None)], "ServerHello, and a record for old devices");
    assert_eq!(shown[2], (23, Some(ContentType::Handshake)));
}

#[test]
fn ranges_that_follow_each_other_do_so_on_the_wire() {
    let mut places = Places::new(10);
    places.push(8, 100..130);
    places.push(4, 130..156);
    assert_eq!((places.range(&(2..10)), places.range(&(10..18))), (2..10, 100..130));
    assert_eq!((places.range(&(10..14)), places.range(&(14..20))), (100..109, 109..137));
    assert_eq!(places.range(&(20..22)), 137..156);
    assert_eq!((places.byte(9), places.byte(10), places.byte(17), places.byte(18)), (9, 105, 112, 135));
    let mut map = SpanMap::new();
    map.push(10, 12, 0);
    let pieces: Vec<_> = places.target(&map).pieces().iter().map(|p| (p.at, p.len, p.from)).collect();
    assert_eq!(pieces, [(105, 8, 0), (135, 4, 8)]);
    let mut map = SpanMap::new();
    map.push(0, 12, 10);
    let pieces: Vec<_> = places.source(&map).pieces().iter().map(|p| (p.at, p.len, p.from)).collect();
    assert_eq!(pieces, [(0, 8, 105), (8, 4, 135)]);
}

#[test]
fn no_write_needs_more_room_than_it_was_granted() {
    for room in [0, 21, 22, 23, 1460, 16_405, 16_406, 16_407, 16_430, 65_535, 100_000] {
        let plain = Session::room(room);
        let records = plain.div_ceil(1 << 14);
        assert!(plain + 22 * records <= room || plain == 0, "{room}");
        assert!(plain + 22 * records + 23 > room || plain == 0, "{room}: {plain}");
    }
}
