//! The door: real sockets of the loopback interface on the one side, the simulated network on the other; and every
//! session runs again from what was written down, without a socket, to the last byte.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use mailpath::door::{Counts, Gate, Inlet, Limits, Live, Outlet, Speed};
use mailpath::explain::margin::Margin;
use mailpath::export::pcapng::{self, View};
use mailpath::scenario::doors::Wanted;
use mailpath::scenario::story::Story;
use mailpath::scenario::{self, Ready};
use mailpath::sim::World;
use mailpath::sim::setup::NodeKind;
use mailpath::topology::NodeId;
use mailpath::trace::Level;

/// What is kept in memory in place of a file.
#[derive(Clone, Default)]
pub(crate) struct Paper(pub(crate) Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A session that is over.
pub(crate) struct Session {
    /// The whole recording.
    pub(crate) text: String,
    pub(crate) world: World,
    story: Story,
    pub(crate) counts: Counts,
}

/// How a session is set up.
#[derive(Default)]
pub(crate) struct Plan<'a> {
    pub(crate) scenario: &'a str,
    /// Host and port of each simulated server that is opened.
    pub(crate) servers: &'a [(&'a str, u16)],
    /// Domains that go to real servers.
    pub(crate) routes: &'a [(&'a str, SocketAddr)],
    pub(crate) limits: Limits,
    /// Real servers are talked to: the gate goes on until so many connections to them are over.
    pub(crate) outward: u64,
}

pub(crate) fn node(ready: &Ready, name: &str) -> NodeId {
    NodeId(ready.setup.nodes.iter().position(|n| n.name == name).unwrap() as u32)
}

impl Plan<'_> {
    /// Opens the gate, lets `client` do what it does in a thread of its own, and closes it.
    pub(crate) fn run(self, client: impl FnOnce(&[SocketAddr]) + Send + 'static) -> Session {
        let routes: Vec<(String, u16)> = self.routes.iter().map(|(d, to)| ((*d).to_owned(), to.port())).collect();
        let servers = self.servers.iter().map(|(name, _)| (*name).to_owned()).collect();
        let wanted = Wanted { servers, routes, ..Wanted::default() };
        let head = scenario::load_builtin(self.scenario).unwrap().with_doors(None, &wanted).unwrap();
        let ready = scenario::parse("head", &head.text).unwrap_or_else(|e| panic!("{e}")).ready(None).unwrap();
        let mut inlets = Vec::new();
        let mut addresses = Vec::new();
        for (number, (name, port)) in self.servers.iter().enumerate() {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            addresses.push(listener.local_addr().unwrap());
            let place = node(&ready, name);
            let server = ready.setup.nodes[place.0 as usize].interfaces[0].address.unwrap().0;
            inlets.push(Inlet { listener, door: node(&ready, &head.doors[number].1), server, port: *port });
        }
        let door = node(&ready, &head.doors[0].1);
        let outlets = self.routes.iter().map(|(_, to)| Outlet { door, port: to.port(), to: *to }).collect();
        let paper = Paper::default();
        paper.clone().write_all(head.text.as_bytes()).unwrap();
        let live = Live::new(&ready.setup, Level::All, Speed::Fast);
        let mut gate = Gate::new(live, inlets, outlets, self.limits, Some(Box::new(paper.clone()))).unwrap();
        let stop = gate.stopper().unwrap();
        let outward = self.outward;
        let user = thread::spawn(move || {
            // A client that fails ends the session too.
            let done = panic::catch_unwind(AssertUnwindSafe(|| client(&addresses)));
            if outward == 0 || done.is_err() {
                stop();
            }
            done.unwrap_or_else(|failure| panic::resume_unwind(failure));
        });
        let (mut most, mut calm) = (0u64, 0u32);
        gate.run(|world, open| {
            if outward == 0 {
                return false;
            }
            // Real servers have been talked to, and a while nobody has said anything.
            most = most.max(open as u64);
            let done = most >= outward && open == 0 && world.mail_counters().accepted > 0;
            calm = if done { calm + 1 } else { 0 };
            calm > 3
        })
        .unwrap();
        user.join().unwrap();
        let counts = gate.counts();
        let world = gate.finish().unwrap().world().clone();
        let text = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
        Session { text, world, story: ready.story, counts }
    }
}

/// The capture of a world, as `mailpath export` writes it.
fn capture(world: &World, story: &Story) -> Vec<u8> {
    let mut margin = Margin::new(world.log(), &world.names(), story);
    let comment = |entry| margin.comment(world.log(), entry);
    pcapng::write(Vec::new(), world.setup(), world.log(), View::Senders, comment).unwrap()
}

/// The record of a world, entry by entry.
fn record(world: &World) -> String {
    let mut text = Vec::new();
    mailpath::export::jsonl::write(&mut text, world.log(), &world.names()).unwrap();
    String::from_utf8(text).unwrap()
}

/// Runs a recording.
fn replay(text: &str) -> (World, Story) {
    let ready = scenario::parse("recording", text).unwrap_or_else(|e| panic!("{e}")).ready(None).unwrap();
    let mut world = World::new(Arc::new(ready.setup), Level::All);
    world.run();
    (world, ready.story)
}

impl Session {
    /// The recording gives the same run.
    pub(crate) fn is_replayed(&self) {
        let (world, story) = replay(&self.text);
        let (live, again) = (record(&self.world), record(&world));
        for (number, (a, b)) in live.lines().zip(again.lines()).enumerate() {
            assert_eq!(a, b, "entry {number}");
        }
        assert_eq!(live.lines().count(), again.lines().count());
        assert!(capture(&self.world, &self.story) == capture(&world, &story), "the captures differ");
    }

    pub(crate) fn mail(&self, host: &str, user: &str) -> Vec<Vec<u8>> {
        let place = self.world.setup().nodes.iter().position(|n| n.name == host).unwrap();
        let system = self.world.mail_system(NodeId(place as u32)).unwrap();
        system.store().messages(user, "INBOX").iter().map(|m| m.letter.bytes.to_vec()).collect()
    }
}

/// A person with a socket.
pub(crate) struct Person {
    pub(crate) socket: TcpStream,
    read: BufReader<TcpStream>,
}

impl Person {
    pub(crate) fn at(address: SocketAddr) -> Person {
        let socket = TcpStream::connect(address).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Person { read: BufReader::new(socket.try_clone().unwrap()), socket }
    }

    pub(crate) fn say(&mut self, text: &str) {
        self.socket.write_all(text.as_bytes()).unwrap();
    }

    /// The last line of the next reply.
    pub(crate) fn hear(&mut self) -> String {
        loop {
            let mut line = String::new();
            assert!(self.read.read_line(&mut line).unwrap() > 0, "the server has closed");
            if line.as_bytes().get(3) != Some(&b'-') {
                return line.trim_end().to_owned();
            }
        }
    }

    /// Says it, and hears an answer that begins so.
    pub(crate) fn ask(&mut self, text: &str, answer: &str) {
        self.say(&format!("{text}\r\n"));
        let heard = self.hear();
        assert!(heard.starts_with(answer), "{text}: {heard}");
    }

    pub(crate) fn rest(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.read.read_to_end(&mut bytes).unwrap();
        bytes
    }
}

/// Sends one mail by hand; `body` has CRLF at the end.
pub(crate) fn send(person: &mut Person, to: &str, body: &str) {
    person.ask("MAIL FROM:<alice@a.example>", "250");
    person.ask(&format!("RCPT TO:<{to}>"), "250");
    person.ask("DATA", "354");
    person.say(body);
    person.ask(".", "250");
}

#[test]
fn a_mail_by_hand_lies_in_bobs_mailbox_and_the_session_runs_again() {
    let plan = Plan { scenario: "six-steps", servers: &[("mail.a", 25)], ..Plan::default() };
    let session = plan.run(|at| {
        let mut person = Person::at(at[0]);
        assert!(person.hear().starts_with("220"));
        person.ask("EHLO laptop.example", "250");
        send(&mut person, "bob@b.example", "Subject: by hand\r\n\r\nhello\r\n..\r\n");
        person.ask("QUIT", "221");
        assert_eq!(person.rest(), b"");
    });
    // Alice's own mail of the scenario, and this one.
    let mail = session.mail("mail.b", "bob");
    let mine = mail.iter().find(|m| m.windows(7).any(|w| w == b"by hand")).expect("it has arrived");
    assert!(mine.ends_with(b"Subject: by hand\r\n\r\nhello\r\n.\r\n"));
    assert_eq!(session.counts.inward, 1);
    session.is_replayed();
}

#[test]
fn bytes_of_every_value_go_through_in_both_directions() {
    // A literal of IMAP takes any byte but 0.
    let literal: Vec<u8> = b"Subject: all\r\n\r\n".iter().copied().chain((1..=255u8).cycle().take(40_000)).collect();
    let plan = Plan { scenario: "push-and-pull", servers: &[("mail.b", 25)], ..Plan::default() };
    let sent = literal.clone();
    let session = plan.run(move |at| {
        let mut person = Person::at(at[0]);
        person.hear();
        person.ask("EHLO x", "250");
        person.ask("MAIL FROM:<alice@a.example>", "250");
        // In its own words the server says no: what matters is that the bytes arrive as they are.
        person.socket.write_all(&sent).unwrap();
        person.say("\r\nNOOP\r\n");
        person.socket.shutdown(Shutdown::Write).unwrap();
        person.rest();
    });
    let setup = session.world.setup();
    let is_door = |node: NodeId| setup.nodes[node.0 as usize].name == "door";
    let door = session.world.log().connections().iter().position(|c| is_door(c.client)).unwrap();
    let log = session.world.log();
    let mut stream = Vec::new();
    for number in 0..log.packets().len() as u32 {
        let id = mailpath::trace::PacketId(number);
        let packet = log.packet(id);
        let side = Some((mailpath::topology::ConnId(door as u32), mailpath::topology::Side::Client));
        if packet.conn == side && packet.stream.0 as usize == stream.len() {
            let bytes = log.packet_bytes(id);
            stream.extend_from_slice(&bytes[bytes.len() - packet.stream.1 as usize..]);
        }
    }
    let found = stream.windows(64).position(|w| w == &literal[..64]).expect("it was sent");
    let through = &stream[found..(found + literal.len()).min(stream.len())];
    assert_eq!(through, &literal[..through.len()], "as far as the server let it come");
    session.is_replayed();
}

#[test]
fn who_does_not_read_closes_the_window_and_loses_nothing() {
    let plan = Plan {
        scenario: "own-client",
        servers: &[("www.b", 80)],
        limits: Limits { waiting: 8 * 1024, ..Limits::default() },
        ..Plan::default()
    };
    let ready = scenario::load_builtin("own-client").unwrap().ready(None).unwrap();
    let object = ready.setup.nodes.iter().find_map(|n| match &n.kind {
        NodeKind::Host(host) => host.web_server.as_ref().map(|w| w.objects.clone()),
        _ => None,
    });
    let objects = object.unwrap();
    let largest = objects.iter().max_by_key(|o| o.body.len()).unwrap().clone();
    let (path, body) = (largest.path.clone(), largest.body.clone());
    // So often that the system's own buffers do not hold it all.
    let times = (12_000_000 / body.len().max(1)).clamp(1, 3000);
    let expected = body.len() * times;
    let session = plan.run(move |at| {
        let person = Person::at(at[0]);
        let mut writer = person.socket.try_clone().unwrap();
        let asks = thread::spawn(move || {
            for number in 0..times {
                let close = if number + 1 == times { "Connection: close\r\n" } else { "" };
                writer.write_all(format!("GET {path} HTTP/1.1\r\nHost: www\r\n{close}\r\n").as_bytes()).unwrap();
            }
        });
        // Until nothing more comes, for there is no room for it.
        let mut room = vec![0; 16_000_000];
        let (mut there, mut calm) = (0, 0);
        // Often the same: a computer with much to do is slow, and not out of room.
        while calm < 8 {
            thread::sleep(Duration::from_millis(200));
            let now = person.socket.peek(&mut room).unwrap();
            calm = if now == there { calm + 1 } else { 0 };
            there = now;
        }
        assert!(there < expected, "the system's buffers hold {there} bytes");
        let mut person = person;
        let got = person.rest();
        asks.join().unwrap();
        assert!(got.len() > expected, "{} of {expected} and heads", got.len());
        assert!(got.ends_with(&body));
    });
    assert!(session.text.contains(r#""read":false"#) && session.text.contains(r#""read":true"#), "it had to wait");
    session.is_replayed();
}

#[test]
fn a_long_session_at_fast_speed_does_not_wear_out_the_servers_patience() {
    // Far more commands than the server's patience has seconds; each of them is the end of a wait.
    let plan = Plan { scenario: "six-steps", servers: &[("mail.a", 25)], ..Plan::default() };
    let session = plan.run(|at| {
        let mut person = Person::at(at[0]);
        assert!(person.hear().starts_with("220"));
        for _ in 0..700 {
            person.ask("NOOP", "250");
        }
        person.ask("QUIT", "221");
    });
    session.is_replayed();
}

#[test]
fn a_half_close_is_carried_over_and_so_is_a_reset() {
    let plan = Plan { scenario: "six-steps", servers: &[("mail.a", 25)], ..Plan::default() };
    let session = plan.run(|at| {
        let mut person = Person::at(at[0]);
        person.hear();
        person.say("NOOP\r\n");
        person.socket.shutdown(Shutdown::Write).unwrap();
        // The server answers what was said before the end, and closes.
        assert!(person.hear().starts_with("250"));
        person.rest();
        let mut person = Person::at(at[0]);
        person.hear();
        socket2::SockRef::from(&person.socket).set_linger(Some(Duration::ZERO)).unwrap();
        drop(person);
        thread::sleep(Duration::from_millis(100));
    });
    assert_eq!(session.text.matches(r#""close":true"#).count(), 1);
    assert_eq!(session.text.matches(r#""reset":true"#).count(), 1);
    session.is_replayed();
}

#[test]
fn a_simulated_server_that_refuses_resets_the_real_connection() {
    // Nobody listens on port 26.
    let plan = Plan { scenario: "six-steps", servers: &[("mail.a", 26)], ..Plan::default() };
    let session = plan.run(|at| {
        let mut socket = TcpStream::connect(at[0]).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut bytes = Vec::new();
        assert_eq!(socket.read_to_end(&mut bytes).unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    });
    session.is_replayed();
}

#[test]
fn too_many_connections_are_turned_away_and_mail_still_goes_through() {
    let limits = Limits { connections: 5, patience: Duration::ZERO, ..Limits::default() };
    let plan = Plan { scenario: "six-steps", servers: &[("mail.a", 25)], limits, ..Plan::default() };
    let session = plan.run(|at| {
        let mut rest = Vec::new();
        for n in 0..20u8 {
            let mut socket = TcpStream::connect(at[0]).unwrap();
            // Rubbish, and then silence. Whoever has to go has gone.
            let _ = socket.write_all(&[n, 0xff, b'\r', b'\n']);
            rest.push(socket);
        }
        let mut person = Person::at(at[0]);
        assert!(person.hear().starts_with("220"));
        person.ask("EHLO x", "250");
        send(&mut person, "bob@b.example", "Subject: through\r\n\r\nx\r\n");
        person.ask("QUIT", "221");
    });
    assert_eq!(session.counts.inward, 21);
    assert!(session.mail("mail.b", "bob").iter().any(|m| m.windows(7).any(|w| w == b"through")));
    session.is_replayed();
}

/// A real SMTP server, as small as can be: it hears one mail and gives it back.
fn real_server(listener: TcpListener, end: &'static str) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let (socket, _) = listener.accept().unwrap();
        let mut out = socket.try_clone().unwrap();
        out.write_all(b"220 real.example\r\n").unwrap();
        let mut letter = Vec::new();
        let mut data = false;
        for line in BufReader::new(socket).split(b'\n') {
            let mut line = line.unwrap();
            line.push(b'\n');
            if data && line != b".\r\n" {
                letter.extend_from_slice(&line);
                continue;
            }
            let reply = if std::mem::take(&mut data) {
                end
            } else if line.starts_with(b"DATA") {
                data = true;
                "354 go on"
            } else if line.starts_with(b"QUIT") {
                "221 bye"
            } else if line.starts_with(b"EHLO") {
                "250-real.example\r\n250 STARTTLS"
            } else {
                assert!(!line.starts_with(b"STARTTLS"), "its certificate would be one that nobody here can judge");
                "250 fine"
            };
            out.write_all(format!("{reply}\r\n").as_bytes()).unwrap();
            if line.starts_with(b"QUIT") {
                break;
            }
        }
        letter
    })
}

#[test]
fn mail_for_a_domain_leaves_the_network_to_a_real_server() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = listener.local_addr().unwrap();
    let server = real_server(listener, "250 got it");
    let routes = [("real.example", to)];
    let plan =
        Plan { scenario: "six-steps", servers: &[("mail.a", 25)], routes: &routes, outward: 1, ..Plan::default() };
    let session = plan.run(|at| {
        let mut person = Person::at(at[0]);
        person.hear();
        person.ask("EHLO x", "250");
        send(&mut person, "carol@real.example", "Subject: out\r\n\r\nof the door\r\n..dots\r\n");
        person.ask("QUIT", "221");
    });
    let letter = server.join().unwrap();
    assert!(letter.starts_with(b"Received: from x"), "{}", String::from_utf8_lossy(&letter));
    assert!(letter.ends_with(b"Subject: out\r\n\r\nof the door\r\n..dots\r\n"));
    assert_eq!((session.counts.inward, session.counts.outward), (1, 1));
    assert!(session.text.contains("250 got it"), "what the real server said is written down");
    assert!(session.text.contains(r#""accept":true"#), "and that it took the connection");
    session.is_replayed();
}

#[test]
fn a_real_server_that_is_not_there_refuses_as_a_simulated_one_does() {
    // A port that was free a moment ago.
    let to = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let routes = [("real.example", to)];
    let plan =
        Plan { scenario: "six-steps", servers: &[("mail.a", 25)], routes: &routes, outward: 1, ..Plan::default() };
    let session = plan.run(|at| {
        let mut person = Person::at(at[0]);
        person.hear();
        person.ask("EHLO x", "250");
        send(&mut person, "carol@real.example", "Subject: out\r\n\r\nnobody is there\r\n");
        person.ask("QUIT", "221");
    });
    let text = record(&session.world);
    assert!(text.contains("connection refused (door.example"), "the simulated SYN is answered with RST");
    assert!(!session.text.contains(r#""accept":true"#) && session.text.contains(r#""reset":true"#), "{}", session.text);
    session.is_replayed();
}

#[test]
fn a_recording_that_was_cut_off_anywhere_is_read_up_to_its_last_whole_line() {
    let plan = Plan { scenario: "six-steps", servers: &[("mail.a", 25)], ..Plan::default() };
    let session = plan.run(|at| {
        let mut person = Person::at(at[0]);
        person.hear();
        person.ask("EHLO x", "250");
        send(&mut person, "bob@b.example", "Subject: kept\r\n\r\nx\r\n");
    });
    let lines: Vec<&str> = session.text.split_inclusive('\n').collect();
    let whole = lines.len() - 1;
    let (front, last) = session.text.split_at(session.text.len() - lines[whole].len());
    for cut in [1, last.len() / 2, last.len() - 2] {
        let scenario = scenario::parse("cut", &format!("{front}{}", &last[..cut])).unwrap();
        assert_eq!(scenario.notes.len(), 1, "{cut}");
        assert!(scenario.notes[0].contains("cut off"), "{}", scenario.notes[0]);
        assert_eq!(scenario.ready(None).unwrap().setup.actions.len() - 3, whole - 1);
    }
    // Only the last line may be cut.
    let broken = session.text.replacen("\"raw\"", "\"raw", 1);
    let problems = scenario::parse("broken", &broken).unwrap_err();
    assert!(problems.to_string().contains("broken:2"), "{problems}");
    // The mail was accepted before the cut: it is delivered.
    let (world, _) = replay(front);
    let place = world.setup().nodes.iter().position(|n| n.name == "mail.b").unwrap();
    let store = world.mail_system(NodeId(place as u32)).unwrap().store();
    assert!(store.messages("bob", "INBOX").iter().any(|m| m.letter.bytes.windows(4).any(|w| w == b"kept")));
}
