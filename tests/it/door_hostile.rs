//! Whatever comes in at a real port: the program goes on, gives nothing out that was not asked for, and takes good mail.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use mailpath::door::Limits;

use crate::door::{Person, Plan, Session, send};

const SMTP: usize = 0;
const IMAP: usize = 1;
const POP3: usize = 2;
const HTTP: usize = 3;

/// All ports of the scenario for one's own programs; what `attack` does there, and then one good mail.
fn attacked(attack: impl FnOnce(&[SocketAddr]) + Send + 'static) -> Session {
    let servers = &[("mail.a", 25), ("mail.b", 143), ("mail.b", 110), ("www.b", 80)];
    let session = Plan { scenario: "own-client", servers, ..Plan::default() }.run(|at| {
        attack(at);
        let mut person = Person::at(at[SMTP]);
        assert!(person.hear().starts_with("220"));
        person.ask("EHLO x", "250");
        send(&mut person, "bob@b.example", "Subject: good mail\r\n\r\nx\r\n");
        person.ask("QUIT", "221");
    });
    assert_eq!(good(&session), 1, "the good mail has arrived, once");
    session
}

/// How many good mails Bob has.
fn good(session: &Session) -> usize {
    session.mail("mail.b", "bob").iter().filter(|m| m.windows(9).any(|w| w == b"good mail")).count()
}

/// Numbers that look like luck and are the same in each run.
struct Luck(u64);

impl Luck {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

/// Writes as long as anybody takes it.
fn pour(socket: &mut TcpStream, bytes: &[u8], times: usize) {
    for _ in 0..times {
        if socket.write_all(bytes).is_err() {
            return;
        }
    }
}

fn reset(socket: TcpStream) {
    socket2::SockRef::from(&socket).set_linger(Some(Duration::ZERO)).unwrap();
}

/// Everything that is said until the end, whatever that is.
fn rest(mut socket: TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut some = [0; 65536];
    while let Ok(length) = socket.read(&mut some) {
        if length == 0 {
            break;
        }
        bytes.extend_from_slice(&some[..length]);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What a server says to these bytes, behind which the client says no more.
fn answer(at: SocketAddr, bytes: &[u8]) -> String {
    let mut socket = TcpStream::connect(at).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    pour(&mut socket, bytes, 1);
    let _ = socket.shutdown(Shutdown::Write);
    rest(socket)
}

#[test]
fn rubbish_at_every_port_and_every_kind_of_end() {
    let session = attacked(|at| {
        let mut luck = Luck(1);
        for round in 0..8 {
            for address in at {
                let mut socket = TcpStream::connect(address).unwrap();
                socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
                let mut bytes: Vec<u8> = (0..luck.next() % 20_000).map(|_| luck.next() as u8).collect();
                if round % 4 == 1 {
                    // As TLS would begin.
                    bytes.splice(..0, [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]);
                }
                pour(&mut socket, &bytes, 1);
                match round % 4 {
                    0 => reset(socket),
                    1 => drop(socket),
                    2 => drop(socket.shutdown(Shutdown::Both)),
                    _ => {
                        let _ = socket.shutdown(Shutdown::Write);
                        rest(socket);
                    }
                }
            }
        }
    });
    session.is_replayed();
}

#[test]
fn lines_without_an_end_are_not_kept() {
    let session = attacked(|at| {
        for address in at {
            let mut socket = TcpStream::connect(address).unwrap();
            pour(&mut socket, &[b'x'; 65536], 48);
        }
    });
    // Three megabytes at each port; what a server holds of them is a line.
    session.is_replayed();
}

#[test]
fn literals_that_nobody_could_hold_are_refused() {
    attacked(|at| {
        for (literal, refused) in [
            ("{4294967295}", "a NO "),
            ("{4294967295+}", "a NO "),
            ("{99999999999999999999}", "a BAD "),
            ("{99999999999999999999+}", "a BAD "),
            ("{-1}", "a BAD "),
        ] {
            let said = answer(at[IMAP], format!("a LOGIN bob secret\r\na APPEND INBOX {literal}\r\n").as_bytes());
            let last = said.lines().filter(|line| line.starts_with("a ")).nth(1).unwrap_or_default();
            assert!(last.starts_with(refused), "{literal}: {said}");
            assert!(!said.contains("\r\n+ "), "{literal}: nobody asks for it");
        }
    });
}

#[test]
fn commands_by_the_thousand_are_answered_one_by_one() {
    attacked(|at| {
        for (port, command, ok) in [
            (SMTP, "VRFY <bob@b.example>\r\nEXPN list\r\nRSET\r\n", "250 "),
            (IMAP, "a NOOP\r\nb CAPABILITY\r\nc BOGUS\r\n", "a OK"),
            (POP3, "NOOP\r\nUSER x\r\nCAPA\r\n", "+OK"),
            (HTTP, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200"),
        ] {
            let socket = TcpStream::connect(at[port]).unwrap();
            socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            let mut writer = socket.try_clone().unwrap();
            let writes = thread::spawn(move || {
                pour(&mut writer, command.as_bytes(), 3000);
                let _ = writer.shutdown(Shutdown::Write);
            });
            let said = rest(socket);
            writes.join().unwrap();
            let answers = said.matches(ok).count();
            assert!(answers >= 3000, "{command:?}: {answers} answers; {}", &said[said.len().saturating_sub(200)..]);
        }
    });
}

#[test]
fn a_connection_that_is_reset_within_data_leaves_no_mail() {
    let session = attacked(|at| {
        for lines in [0, 1, 50, 5000] {
            let mut person = Person::at(at[SMTP]);
            person.hear();
            person.ask("EHLO x", "250");
            person.ask("MAIL FROM:<alice@a.example>", "250");
            person.ask("RCPT TO:<bob@b.example>", "250");
            person.ask("DATA", "354");
            person.say(&format!("Subject: half\r\n\r\n{}", "good mail\r\n".repeat(lines)));
            socket2::SockRef::from(&person.socket).set_linger(Some(Duration::ZERO)).unwrap();
        }
    });
    session.is_replayed();
}

#[test]
fn who_fetches_and_never_reads_waits_and_others_do_not() {
    let limits = Limits { waiting: 16 * 1024, ..Limits::default() };
    let servers = &[("mail.a", 25), ("mail.b", 143)];
    let session = Plan { scenario: "own-client", servers, limits, ..Plan::default() }.run(|at| {
        let mut person = Person::at(at[SMTP]);
        person.hear();
        person.ask("EHLO x", "250");
        send(
            &mut person,
            "bob@b.example",
            &format!("Subject: large\r\n\r\n{}", ("x".repeat(70) + "\r\n").repeat(5000)),
        );
        // It is there when it can be fetched.
        let mut reader = TcpStream::connect(at[1]).unwrap();
        let mut heard = TcpStream::connect(at[1]).unwrap();
        heard.write_all(b"a LOGIN bob secret\r\n").unwrap();
        let (mut all, mut some) = (String::new(), [0; 4096]);
        while !all.contains("2 EXISTS") {
            heard.write_all(b"b SELECT INBOX\r\n").unwrap();
            let length = heard.read(&mut some).unwrap();
            all.push_str(&String::from_utf8_lossy(&some[..length]));
        }
        reader.write_all(b"a LOGIN bob secret\r\nb SELECT INBOX\r\n").unwrap();
        reader.write_all(&b"c FETCH 1:* (BODY.PEEK[])\r\n".repeat(100)).unwrap();
        // Others are served meanwhile.
        send(&mut person, "bob@b.example", "Subject: good mail\r\n\r\nx\r\n");
        person.ask("QUIT", "221");
        reset(reader);
    });
    assert_eq!(good(&session), 1);
    // The letter was to be sent a hundred times. Most of that was never made.
    assert!(session.world.log().packets().len() < 20_000, "{}", session.world.log().packets().len());
    session.is_replayed();
}

#[test]
fn rubbish_behind_starttls_ends_that_connection_only() {
    let plan = Plan { scenario: "starttls", servers: &[("mail.a", 587)], ..Plan::default() };
    let session = plan.run(|at| {
        for rubbish in
            [&b"EHLO again\r\n"[..], &[0x16, 3, 1, 0, 5, 1, 0, 0, 1, 3], &[0x17, 3, 3, 0xff, 0xff], &[0; 3000]]
        {
            let mut person = Person::at(at[0]);
            person.hear();
            person.ask("EHLO x", "250");
            person.ask("STARTTLS", "220");
            pour(&mut person.socket, rubbish, 1);
            let _ = person.socket.shutdown(Shutdown::Write);
            let said = rest(person.socket);
            assert!(!said.starts_with("250"), "nothing is answered in the open: {said}");
        }
    });
    session.is_replayed();
}

#[test]
fn letters_with_ten_thousand_parts_and_parts_in_parts_are_described() {
    let wide: String = (0..10_000).map(|n| format!("--b\r\nContent-Type: text/plain\r\n\r\npart {n}\r\n")).collect();
    let head =
        |subject: &str, kind: &str| format!("Subject: {subject}\r\nMIME-Version: 1.0\r\nContent-Type: {kind}\r\n\r\n");
    let wide = head("wide", "multipart/mixed; boundary=b") + &wide + "--b--\r\n";
    let deep: String =
        (0..2000).map(|n| format!("--b{n}\r\nContent-Type: multipart/mixed; boundary=b{}\r\n\r\n", n + 1)).collect();
    let deep = head("deep", "multipart/mixed; boundary=b0") + &deep + "--b2000\r\n\r\nx\r\n";
    let boxed = head("boxed", "message/rfc822") + &"Content-Type: message/rfc822\r\n\r\n".repeat(2000) + "\r\nx\r\n";
    attacked(move |at| {
        let mut append = b"a LOGIN bob secret\r\n".to_vec();
        for letter in [&wide, &deep, &boxed] {
            append.extend_from_slice(format!("b APPEND INBOX {{{}+}}\r\n{letter}\r\n", letter.len()).as_bytes());
        }
        append.extend_from_slice(b"c SELECT INBOX\r\nd FETCH 1:* (BODYSTRUCTURE ENVELOPE)\r\n");
        let section = ["1"; 1900].join(".");
        append.extend_from_slice(format!("e FETCH 1:* (BODY.PEEK[256] BODY.PEEK[{section}])\r\n").as_bytes());
        let said = answer(at[IMAP], &append);
        assert_eq!(said.matches("b OK").count(), 3, "{}", &said[..said.len().min(2000)]);
        assert!(said.contains("\r\nd OK"), "{}", &said[said.len().saturating_sub(500)..]);
        // More parts than anybody reads belong to the last one that is told of.
        assert!(said.to_lowercase().matches("\"plain\"").count() >= 256);
        assert!(said.contains("\r\ne OK"), "{}", &said[said.len().saturating_sub(500)..]);
    });
}

#[test]
fn searches_with_too_much_in_them_are_answered() {
    attacked(|at| {
        for (words, what) in [
            (vec!["SUBJECT x"; 10_000].join(" "), "ten thousand keys"),
            (format!("{}ALL{}", "(".repeat(5000), ")".repeat(5000)), "deep parentheses"),
            ("NOT ".repeat(5000) + "ALL", "a long denial"),
            ("OR ALL ".repeat(3000) + "ALL", "a long choice"),
            ("(".repeat(500_000), "nothing but parentheses"),
        ] {
            let text = format!("a LOGIN bob secret\r\nb SELECT INBOX\r\nc SEARCH {words}\r\nd NOOP\r\n");
            let said = answer(at[IMAP], text.as_bytes());
            assert!(["\r\nc OK", "\r\nc BAD", "\r\nc NO"].iter().any(|end| said.contains(end)), "{what}: {said}");
            assert!(said.contains("\r\nd OK"), "{what}: {said}");
        }
    });
}

#[test]
fn what_could_smuggle_a_request_is_no_request() {
    attacked(|at| {
        let post = |head: &str, body: &str| format!("POST / HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n{body}");
        let second = "GET /image.png HTTP/1.1\r\nHost: x\r\n\r\n";
        for (text, what) in [
            (post("Content-Length: 5\r\nTransfer-Encoding: chunked", &format!("0\r\n\r\n{second}")), "two lengths"),
            (post("Content-Length: 5\r\nContent-Length: 6", &format!("abcdef{second}")), "two numbers"),
            (
                post("Transfer-Encoding: chunked", &format!("ffffffffffffffffff\r\nabc{second}")),
                "a chunk beyond any size",
            ),
            (post("Transfer-Encoding: chunked", &format!("-1\r\nabc{second}")), "a chunk below any size"),
            (post("Content-Length: 18446744073709551616", second), "a length beyond any size"),
            (post("Content-Length: +5", &format!("abcde{second}")), "a length with a sign"),
            (post("Transfer-Encoding : chunked", &format!("0\r\n\r\n{second}")), "a blank before the colon"),
            (post("Transfer-Encoding: xchunked", &format!("0\r\n\r\n{second}")), "a coding of no name"),
        ] {
            let said = answer(at[HTTP], text.as_bytes());
            assert!(said.starts_with("HTTP/1.1 4") || said.starts_with("HTTP/1.1 5"), "{what}: {said}");
            assert_eq!(said.matches("HTTP/1.1 ").count(), 1, "{what}: there is no second request: {said}");
        }
    });
}

#[test]
fn connections_that_say_nothing_and_go_leave_nothing() {
    let session = attacked(|at| {
        for round in 0..100 {
            let socket = TcpStream::connect(at[round % at.len()]).unwrap();
            match round % 3 {
                0 => reset(socket),
                1 => drop(socket),
                _ => {
                    socket.shutdown(Shutdown::Write).unwrap();
                    rest(socket);
                }
            }
        }
    });
    assert_eq!(session.counts.inward, 101);
    session.is_replayed();
}
