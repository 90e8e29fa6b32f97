//! What people write: display filters, scenario files, lesson files.

use mailpath::filter::Filter;
use mailpath::lesson::{self, Folder};
use mailpath::scenario;

pub fn filter(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Filter::new(text) {
        Ok(filter) => {
            let _ = (filter.fields().len(), filter.asks_for_events());
            assert!(filter.select(&Default::default()).is_empty(), "a capture without frames");
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

pub fn filter_seeds() -> Vec<Vec<u8>> {
    let texts = [
        "tcp.flags.syn == 1 && ip.src == 192.0.2.25",
        "smtp.req.command == \"DATA\" or not (dns.qry.type in {15, 1..5})",
        "frame.len > 0x40 and tcp.port in {25 587}",
        "imf.subject contains \"he\\x6clo\" || imf.from matches \"(?i)^alice\"",
        "eth.addr[0:3] == 02:00:00 xor frame[14-15] != 45:00",
        "upper(smtp.req.parameter) == \"X\" && len(pop.request.command) >= 4",
        "frame.time_relative <= 0.5 && !arp",
        "ip.addr == 192.0.2.0/24 && any tcp.port != all udp.port",
    ];
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// A file is taken, and then every run of it can be made ready, or it is refused with a place.
pub fn scenario(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match scenario::parse("fuzz.json", text) {
        Ok(scenario) => {
            for run in std::iter::once(None).chain(scenario.runs.iter().map(|r| Some(r.id.as_str()))) {
                let _ = scenario.ready(run).map(|ready| ready.setup.nodes.len());
            }
        }
        Err(problems) => {
            let told = problems.to_string();
            assert!(!told.is_empty());
        }
    }
}

const SMALL: &str = r#"{
  "format": 1, "name": "small", "title": "t", "clock": "exact", "seed": 1,
  "hosts": [
    { "name": "alice-pc", "address": "192.0.2.10/25", "fqdn": "alice-pc.a.example",
      "user_agents": [{ "address": "alice@a.example", "smtp": "mail.a", "imap": "mail.a", "pop3": "mail.a" }] },
    { "name": "mail.a", "address": "192.0.2.25/25", "fqdn": "mail.a.example",
      "mail_server": { "domains": ["a.example"], "users": [{ "name": "alice", "mail": [{ "subject": "x", "from": "b@b.example" }] }],
        "smtp": { "extensions": ["SIZE 100"], "greylist": "5 min" }, "imap": {}, "pop3": { "tls": "offered" } } }
  ],
  "switches": ["sw-a"], "routers": [],
  "links": [{ "from": "alice-pc", "to": "sw-a", "delay": "4 ms" }, { "from": "mail.a", "to": "sw-a", "rate": "1 Mbit/s" }],
  "actions": [{ "at": "0 s", "send": { "host": "alice-pc", "to": ["alice@a.example"], "subject": "s", "text": ["x"] } },
    { "at": "1 s", "fetch": { "host": "alice-pc", "commands": ["LOGIN", "RETR 1", "QUIT"] } },
    { "at": "2 s", "read": { "host": "alice-pc", "commands": ["LOGIN", "SELECT INBOX", "LOGOUT"] } }],
  "runs": [{ "id": "1", "title": "r", "set": { "hosts.mail.a.mail_server.smtp.greylist": "1 s" } }],
  "story": [{ "step": 1, "short": "a", "title": "b", "begins": { "event": "start" }, "done": { "event": "mua.compose" } }]
}"#;

pub fn scenario_seeds() -> Vec<Vec<u8>> {
    vec![SMALL.as_bytes().to_vec(), br#"{ "format": 1, "name": "x", "hosts": [] }"#.to_vec()]
}

/// The first byte says whether it is the structure or the words.
pub fn lesson(data: &[u8]) {
    let [which, rest @ ..] = data else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let (json, words) = if which & 1 == 0 { (text, WORDS) } else { (STRUCTURE, text) };
    let files = [(lesson::STRUCTURE, json), ("en.md", words)];
    let files = files.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec();
    if let Err(problems) = lesson::parse(&Folder { name: "lessons/fuzz".into(), files }) {
        assert!(!problems.to_string().is_empty());
    }
}

const STRUCTURE: &str = include_str!("../../../../lessons/L02/lesson.json");
const WORDS: &str = include_str!("../../../../lessons/L02/en.md");

pub fn lesson_seeds() -> Vec<Vec<u8>> {
    vec![[b"\0", STRUCTURE.as_bytes()].concat(), [b"\x01", WORDS.as_bytes()].concat()]
}
