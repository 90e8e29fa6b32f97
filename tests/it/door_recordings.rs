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
    ("msmtp", 0x331c9da468ced640),
    ("mutt", 0xe5e04425edc24eb5),
    ("mbsync", 0xda7b17cdcc2c6a09),
    ("fetchmail", 0x200e390e794747ee),
    ("offlineimap", 0x2ce716db2f90a875),
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

/// The letters in a folder, with their flags.
fn folder(world: &World, host: &str, user: &str, folder: &str) -> Vec<(Vec<u8>, Vec<String>)> {
    let place = world.setup().nodes.iter().position(|n| n.name == host).unwrap();
    let system = world.mail_system(NodeId(place as u32)).unwrap();
    let messages = system.store().messages(user, folder);
    messages.iter().map(|m| (m.letter.bytes.to_vec(), m.flags.names())).collect()
}

/// The letters in a mailbox.
fn mail(world: &World, host: &str, user: &str) -> Vec<Vec<u8>> {
    folder(world, host, user, "INBOX").into_iter().map(|(letter, _)| letter).collect()
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
fn what_python_curl_and_msmtp_have_sent_lies_in_bobs_mailbox_as_it_was() {
    for name in ["smtplib-submission", "curl-starttls", "msmtp"] {
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

/// The mail of the scenario, which lay in Bob's mailbox when the programs came.
fn is_welcome(letter: &[u8]) -> bool {
    letter.windows(16).any(|w| w == b"Subject: Welcome")
}

#[test]
fn mutt_has_flagged_a_mail_and_moved_it() {
    let (world, _) = run("mutt");
    assert!(mail(&world, "mail.b", "bob").is_empty());
    let saved = folder(&world, "mail.b", "bob", "Saved");
    assert!(is_welcome(&saved[0].0));
    assert_eq!(saved[0].1, ["\\Flagged", "\\Seen"]);
}

#[test]
fn mbsync_has_carried_a_deletion_and_a_new_folder_to_the_server() {
    let (world, _) = run("mbsync");
    assert!(mail(&world, "mail.b", "bob").is_empty());
    // It puts a line of its own into what it uploads.
    let pushed = &folder(&world, "mail.b", "bob", "Work")[0].0;
    let text = String::from_utf8_lossy(pushed);
    let own = text.split_inclusive('\n').filter(|line| !line.starts_with("X-TUID: ")).collect::<String>();
    assert_eq!(own.as_bytes(), letter());
}

#[test]
fn fetchmail_has_emptied_the_maildrop() {
    let (world, _) = run("fetchmail");
    assert!(mail(&world, "mail.b", "bob").is_empty());
}

#[test]
fn offlineimap_has_left_the_inbox_as_it_was_and_made_a_folder() {
    let (world, _) = run("offlineimap");
    assert!(is_welcome(&mail(&world, "mail.b", "bob")[0]));
    let (pushed, flags) = &folder(&world, "mail.b", "bob", "Local")[0];
    assert!(pushed.ends_with(b"\r\n.a dot\r\n") && flags == &["\\Flagged", "\\Seen"]);
}
