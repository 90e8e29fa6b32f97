//! `mailpath serve` and `mailpath send`, as programs.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::thread;

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

fn mailpath(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mailpath")).args(arguments).output().unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A program that serves, and what it has printed.
fn serve(arguments: &[&str]) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mailpath"))
        .arg("serve")
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut printed = String::new();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    while !printed.contains("Ctrl+C") {
        assert!(lines.read_line(&mut printed).unwrap() > 0, "it has ended: {printed}");
    }
    (child, printed)
}

#[test]
fn a_kill_at_any_time_leaves_a_file_with_every_mail_that_was_accepted() {
    let path = file("door-killed.jsonl");
    let record = path.to_str().unwrap();
    let (mut child, printed) = serve(&["own-client", "--smtp", ":0", "--speed", "fast", "--record", record]);
    assert!(printed.contains("user bob, password secret") || printed.contains("user alice, password secret"));
    let address = printed.split_whitespace().find(|w| w.starts_with("127.0.0.1:")).unwrap();
    let mut out = TcpStream::connect(address).unwrap();
    let mut replies = BufReader::new(out.try_clone().unwrap()).lines();
    let mut hear = move || loop {
        let line = replies.next().unwrap().unwrap();
        if line.as_bytes().get(3) != Some(&b'-') {
            return line;
        }
    };
    hear();
    for said in ["EHLO x", "MAIL FROM:<alice@a.example>", "RCPT TO:<bob@b.example>", "DATA"] {
        out.write_all(format!("{said}\r\n").as_bytes()).unwrap();
        assert!(hear().starts_with(['2', '3']), "{said}");
    }
    out.write_all(b"Subject: before the kill\r\n\r\nx\r\n.\r\n").unwrap();
    assert!(hear().starts_with("250"));
    child.kill().unwrap();
    child.wait().unwrap();
    let again = mailpath(&["run", record, "--format", "jsonl"]);
    assert!(again.status.success(), "{}", err(&again));
    let told = String::from_utf8(again.stdout).unwrap();
    let stored = told.lines().filter(|l| l.contains("\"mailbox.store\"") && l.contains("\"bob\"")).count();
    assert_eq!(stored, 2, "Alice's own mail, and this one");
    fs::remove_file(&path).unwrap();
}

#[test]
fn other_computers_are_refused_unless_they_are_allowed() {
    let done = mailpath(&["serve", "own-client", "--smtp", "192.0.2.1:2525"]);
    assert_eq!(done.status.code(), Some(2));
    assert!(err(&done).contains("--allow-remote"), "{}", err(&done));
    let done = mailpath(&["serve", "own-client", "--smtp", "nonsense"]);
    assert_eq!(done.status.code(), Some(2));
    let done = mailpath(&["serve", "own-client", "--smtp", "www.b=127.0.0.1:0"]);
    assert!(err(&done).contains("mail.a, mail.b"), "{}", err(&done));
    let done = mailpath(&["serve", "one-conversation", "--pop3", ":0"]);
    assert_eq!(done.status.code(), Some(2));
}

/// A real server that answers each command with the next of these replies.
fn real_server(replies: &'static [&'static str]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        let (socket, _) = listener.accept().unwrap();
        let mut out = socket.try_clone().unwrap();
        let mut lines = BufReader::new(socket).lines();
        for reply in replies {
            out.write_all(format!("{reply}\r\n").as_bytes()).unwrap();
            // After 354 all of the letter.
            while let Some(Ok(line)) = lines.next() {
                if !reply.starts_with("354") || line == "." {
                    break;
                }
            }
        }
    });
    address
}

#[test]
fn the_exit_status_of_send_says_what_the_real_server_said() {
    let path = file("door-letter.txt");
    fs::write(&path, "Subject: out\n\nhello\n").unwrap();
    let data = path.to_str().unwrap();
    let out_of = |scenario: &[&str], address: &str| {
        let way = ["send", "--smtp", address, "--from", "alice@a.example", "--to", "x@real.example", "--data", data];
        mailpath(&[&way, scenario].concat())
    };
    let send = |address: &str| out_of(&[], address);
    let taken = || real_server(&["220 hi", "250 hi", "250 ok", "250 ok", "354 go", "250 taken", "221 bye"]);
    let good = send(&taken());
    assert_eq!(good.status.code(), Some(0), "{}", err(&good));
    let by_dns = out_of(&["mail-exchangers"], &taken());
    assert_eq!(by_dns.status.code(), Some(0), "the door's name is found by DNS: {}", err(&by_dns));
    let never = send(&real_server(&["220 hi", "250 hi", "250 ok", "550 nobody", "221 bye"]));
    assert_eq!(never.status.code(), Some(69), "{}", err(&never));
    assert!(err(&never).contains("550 nobody"));
    let later = send(&real_server(&["220 hi", "250 hi", "451 later", "221 bye"]));
    assert_eq!(later.status.code(), Some(75), "{}", err(&later));
    // Nobody listens there.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(send(&port.to_string()).status.code(), Some(75));
    fs::remove_file(&path).unwrap();
}
