//! What real programs may do at the door, and what happens when the system has no more to give.

use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use mailpath::door::{Gate, Inlet, Limits, Live, Speed};
use mailpath::scenario::{self, doors::Wanted};

use crate::door::{Paper, Person, Plan, node, send};

/// A session at mail.a in which each client has these limits.
fn limited(limits: Limits) -> Plan<'static> {
    Plan { scenario: "six-steps", servers: &[("mail.a", 25)], limits, ..Plan::default() }
}

/// Whether the connection has been reset or closed, which is waited for.
fn is_over(person: &mut Person) -> bool {
    let mut rest = Vec::new();
    io::Read::read_to_end(&mut person.socket, &mut rest)
        .map_or_else(|e| e.kind() != io::ErrorKind::WouldBlock, |_| true)
}

#[test]
fn a_connection_that_brings_too_much_is_reset_and_the_next_one_is_taken() {
    let session = limited(Limits { bytes: 100_000, ..Limits::default() }).run(|at| {
        let mut person = Person::at(at[0]);
        person.hear();
        // Until nobody takes it any more.
        while person.socket.write_all(&[b'x'; 10_000]).is_ok() {}
        assert!(is_over(&mut person));
        let mut person = Person::at(at[0]);
        person.hear();
        person.ask("EHLO x", "250");
        send(&mut person, "bob@b.example", "Subject: after it\r\n\r\nx\r\n");
    });
    assert!(session.mail("mail.b", "bob").iter().any(|m| m.windows(8).any(|w| w == b"after it")));
    session.is_replayed();
}

#[test]
fn when_all_together_have_brought_too_much_no_new_connection_is_taken() {
    let session = limited(Limits { taken: 1000, ..Limits::default() }).run(|at| {
        let mut person = Person::at(at[0]);
        person.hear();
        person.ask("EHLO x", "250");
        send(&mut person, "bob@b.example", &format!("Subject: much\r\n\r\n{}", "x\r\n".repeat(500)));
        assert!(is_over(&mut Person::at(at[0])));
        // Who is there goes on.
        person.ask("QUIT", "221");
    });
    assert_eq!((session.counts.inward, session.counts.refused), (1, 1));
    session.is_replayed();
}

#[test]
fn who_says_nothing_and_who_stays_too_long_has_to_go() {
    let short = Duration::from_millis(200);
    for limits in [Limits { idle: short, ..Limits::default() }, Limits { total: short, ..Limits::default() }] {
        let session = limited(limits).run(move |at| {
            let mut person = Person::at(at[0]);
            assert!(person.hear().starts_with("220"));
            // One that talks is not silent, but it stays too long.
            while limits.total == short && person.socket.write_all(b"NOOP\r\n").is_ok() {
                thread::sleep(Duration::from_millis(20));
            }
            assert!(is_over(&mut person));
        });
        assert_eq!(session.text.matches(r#""reset":true"#).count(), 1);
        session.is_replayed();
    }
}

/// A file on a disk that is full some time.
struct Disk {
    paper: Paper,
    room: usize,
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.room == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let length = bytes.len().min(self.room);
        self.room -= length;
        self.paper.write(&bytes[..length])
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Serves mail.a with a recording on this disk until that fails; how often a client was told that its mail is taken,
/// and what the disk has.
fn serve_on(room: usize) -> (usize, String) {
    let wanted = Wanted { servers: vec!["mail.a".to_owned()], ..Wanted::default() };
    let head = scenario::load_builtin("six-steps").unwrap().with_doors(None, &wanted).unwrap();
    let ready = scenario::parse("head", &head.text).unwrap().ready(None).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let server = ready.setup.nodes[node(&ready, "mail.a").0 as usize].interfaces[0].address.unwrap().0;
    let inlet = Inlet { listener, door: node(&ready, &head.doors[0].1), server, port: 25 };
    let paper = Paper(Arc::new(Mutex::new(head.text.clone().into_bytes())));
    let disk = Disk { paper: paper.clone(), room };
    let live = Live::new(&ready.setup, mailpath::trace::Level::Counters, Speed::Fast);
    let mut gate = Gate::new(live, vec![inlet], Vec::new(), Limits::default(), Some(Box::new(disk))).unwrap();
    let client = thread::spawn(move || {
        let mut taken = 0;
        let mut socket = TcpStream::connect(at).unwrap();
        let mut replies = io::BufRead::lines(io::BufReader::new(socket.try_clone().unwrap()));
        let mut ask = move |text: &str| -> Option<String> {
            socket.write_all(text.as_bytes()).ok()?;
            loop {
                let line = replies.next()?.ok()?;
                if line.as_bytes().get(3) != Some(&b'-') {
                    return Some(line);
                }
            }
        };
        // The greeting, then mail after mail until nobody is there.
        ask("").and_then(|_| ask("EHLO x\r\n"));
        while let Some(reply) = (|| {
            ask("MAIL FROM:<alice@a.example>\r\n")?;
            ask("RCPT TO:<bob@b.example>\r\n")?;
            ask("DATA\r\n")?;
            ask("Subject: kept\r\n\r\nx\r\n.\r\n")
        })() {
            assert!(reply.starts_with("250"), "{reply}");
            taken += 1;
        }
        taken
    });
    assert_eq!(gate.run(|_, _| false).unwrap_err().kind(), io::ErrorKind::StorageFull);
    drop(gate);
    let text = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
    (client.join().unwrap(), text)
}

#[test]
fn a_mail_that_cannot_be_written_down_is_not_accepted() {
    for room in [0, 100, 2000, 3000, 3500, 4000, 4001, 4002, 4500] {
        let (taken, text) = serve_on(room);
        let ready = scenario::parse("recording", &text).unwrap_or_else(|e| panic!("{e}")).ready(None).unwrap();
        let mut world = mailpath::sim::World::new(Arc::new(ready.setup), mailpath::trace::Level::Counters);
        world.run();
        let place = world.setup().nodes.iter().position(|n| n.name == "mail.b").unwrap();
        let store = world.mail_system(mailpath::topology::NodeId(place as u32)).unwrap().store();
        let kept = store.messages("bob", "INBOX").iter();
        let kept = kept.filter(|m| m.letter.bytes.windows(4).any(|w| w == b"kept")).count();
        // The last one may have been written down and not answered any more.
        assert!(kept == taken || kept == taken + 1, "room for {room} bytes: {taken} accepted, {kept} written down");
    }
}

/// A server that may have so many files and sockets open, and its address.
fn serve_with_files(most: u32) -> (Child, String) {
    let program = env!("CARGO_BIN_EXE_mailpath");
    let mut child = Command::new("sh")
        .args(["-c", &format!("ulimit -n {most} && exec '{program}' serve six-steps --smtp :0 --speed fast")])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut printed = String::new();
    let mut lines = io::BufReader::new(child.stdout.take().unwrap());
    while !printed.contains("Ctrl+C") {
        assert!(io::BufRead::read_line(&mut lines, &mut printed).unwrap() > 0, "it has ended: {printed}");
    }
    let address = printed.split_whitespace().find(|w| w.starts_with("127.0.0.1:")).unwrap().to_owned();
    (child, address)
}

#[test]
fn who_finds_no_file_descriptor_left_waits_and_is_heard() {
    let (mut child, address) = serve_with_files(20);
    let address = address.parse().unwrap();
    let mut people: Vec<Person> = (0..40).map(|_| Person::at(address)).collect();
    // As many as there is room for are greeted; those behind them when others have gone.
    for mut person in people.drain(..) {
        assert!(person.hear().starts_with("220"));
        person.ask("QUIT", "221");
    }
    child.kill().unwrap();
    child.wait().unwrap();
}
