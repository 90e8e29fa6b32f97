//! Sessions of real clients, recorded with `mailpath serve --record --pcapng`: each gives the capture again that was
//! written while the client was there, byte for byte.

use std::sync::Arc;

use mailpath::explain::margin::Margin;
use mailpath::export::pcapng::{self, View};
use mailpath::scenario;
use mailpath::sim::World;
use mailpath::topology::NodeId;
use mailpath::trace::Level;

/// Name of the recording, FNV-1a of the capture of the live session.
const SESSIONS: &[(&str, u64)] = &[
    ("smtplib-submission", 0x13e6bb2233bc2c53),
    ("curl-starttls", 0xa8a15feb54c00d42),
    ("imaplib", 0x6c2c6564be673e06),
    ("poplib", 0xafa123d4765ab328),
    ("curl-http", 0xe3dd472fcd704180),
    ("swaks", 0xd95206a0c16a0420),
];

fn text(name: &str) -> String {
    let path = format!("{}/tests/recordings/{name}.jsonl", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// The world at its end, and its capture.
fn run(name: &str) -> (World, Vec<u8>) {
    let scenario = scenario::parse(name, &text(name)).unwrap_or_else(|e| panic!("{e}"));
    assert!(scenario.description.contains("passwords"), "{name} says what it holds");
    let ready = scenario.ready(None).unwrap_or_else(|e| panic!("{e}"));
    let mut world = World::new(Arc::new(ready.setup), Level::All);
    world.run();
    let mut margin = Margin::new(world.log(), &world.names(), &ready.story);
    let comment = |entry| margin.comment(world.log(), entry);
    let capture = pcapng::write(Vec::new(), world.setup(), world.log(), View::Senders, comment).unwrap();
    (world, capture)
}

fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x100_0000_01b3))
}

/// The letters in a mailbox.
fn mail(world: &World, host: &str, user: &str) -> Vec<Vec<u8>> {
    let place = world.setup().nodes.iter().position(|n| n.name == host).unwrap();
    let system = world.mail_system(NodeId(place as u32)).unwrap();
    system.store().messages(user, "INBOX").iter().map(|m| m.letter.bytes.to_vec()).collect()
}

/// What the clients sent, byte for byte.
fn letter() -> Vec<u8> {
    let mut letter =
        b"From: Alice <alice@a.example>\r\nTo: Bob <bob@b.example>\r\nSubject: from outside\r\n\r\n".to_vec();
    for i in 0..20 {
        letter.extend_from_slice(format!("line {i} of the letter\r\n").as_bytes());
    }
    letter.extend_from_slice(b".a dot\r\n");
    letter
}

#[test]
fn a_recorded_session_gives_the_capture_that_was_written_while_it_was_live() {
    assert!(SESSIONS.len() >= 5);
    let mut wrong = Vec::new();
    for (name, expected) in SESSIONS {
        let found = hash(&run(name).1);
        if found != *expected {
            wrong.push(format!("    (\"{name}\", {found:#018x}),"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_python_and_curl_have_sent_lies_in_bobs_mailbox_as_it_was() {
    for name in ["smtplib-submission", "curl-starttls"] {
        let mail = mail(&run(name).0, "mail.b", "bob");
        assert!(mail.iter().any(|m| m.ends_with(&letter())), "{name}");
    }
    // With APPEND it is not changed at all.
    let appended = mail(&run("imaplib").0, "mail.b", "bob");
    assert!(appended.contains(&letter()));
}

#[test]
fn behind_starttls_nothing_of_the_letter_can_be_read_and_the_recording_still_runs() {
    let recording = text("curl-starttls");
    assert!(recording.contains("STARTTLS") && !recording.contains("from outside"));
    // The same letter, handed in without TLS.
    assert!(text("smtplib-submission").contains("from outside"));
}
