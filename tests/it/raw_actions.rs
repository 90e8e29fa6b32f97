//! Connections whose bytes stand in the scenario file: `raw` and `console` actions, and the mistakes one can make in them.

use mailpath::scenario::{self, BUILT_IN, Ready};

use crate::runs::{Run, play};

/// `talk-smtp` with other actions.
fn text(actions: &str) -> String {
    let (_, text) = BUILT_IN.iter().find(|b| b.0 == "talk-smtp").unwrap();
    let (front, rest) = text.split_once("\"actions\": [").unwrap();
    let (_, story) = rest.split_once("\"story\": [").unwrap();
    let _ = story;
    format!("{front}\"actions\": [{actions}] }}")
}

fn ready(actions: &str) -> Ready {
    let scenario = scenario::parse("raw.json", &text(actions)).unwrap_or_else(|e| panic!("{e}"));
    scenario.ready(None).unwrap()
}

fn run(actions: &str) -> Run {
    play(ready(actions))
}

/// Kind and place of each mistake.
fn mistakes(actions: &str) -> Vec<&'static str> {
    let problems = scenario::parse("raw.json", &text(actions)).unwrap_err();
    problems.iter().map(scenario::Problem::kind).collect()
}

const OPEN: &str = r#"{ "at": "0 s", "raw": { "host": "alice-pc", "session": 1, "connect": "mail.b", "port": 25 } },"#;

fn raw(at: &str, deed: &str) -> String {
    format!(r#"{{ "at": "{at}", "raw": {{ "host": "alice-pc", "session": 1, {deed} }} }}"#)
}

fn lines(run: &Run, kind: &str) -> Vec<String> {
    let told = run.told().map(|(_, told)| told).filter(|told| told.kind == kind);
    told.map(|told| told.get("text").and_then(|v| v.as_str()).unwrap_or_default().to_owned()).collect()
}

#[test]
fn bytes_go_out_at_their_times_and_the_server_reads_them() {
    let actions = [
        OPEN.to_owned(),
        // Before the connection is open: it waits. And a command in two pieces.
        raw("1 ms", r#""text": "EHLO me\r\nNO""#) + ",",
        raw("1 s", r#""base64": "T1ANCg==""#) + ",",
        raw("2 s", r#""close": true"#),
    ];
    let run = run(&actions.concat());
    let read = lines(&run, "app.read");
    assert_eq!(read, ["EHLO me", "NOOP"]);
    let at: Vec<u64> = run.told().filter(|(_, t)| t.kind == "app.read").map(|(at, _)| at / 1_000_000).collect();
    // 53 ms one way: the handshake ends at alice-pc at 106 ms.
    assert_eq!(at, [159, 1053]);
    let closed = run.told().filter(|(_, t)| t.kind == "tcp.close").count();
    assert_eq!(closed, 2, "at both ends");
}

#[test]
fn a_reset_ends_the_connection_at_once() {
    let run = run(&[OPEN.to_owned(), raw("1 s", r#""reset": true"#)].concat());
    let closed: Vec<String> = run
        .told()
        .filter(|(_, t)| t.kind == "tcp.close")
        .map(|(_, t)| t.get("kind").and_then(|v| v.as_str()).unwrap_or_default().to_owned())
        .collect();
    assert_eq!(closed, ["rst", "rst"]);
}

#[test]
fn the_dialogue_has_what_the_server_read_where_nobody_tells_of_writing_it() {
    let letter = r#""text": "EHLO me\r\nMAIL FROM:<a@a.example>\r\nRCPT TO:<bob@b.example>\r\nDATA\r\nSubject: x\r\n\r\ny\r\n.\r\nQUIT\r\n""#;
    let run = run(&[OPEN.to_owned(), raw("1 s", letter)].concat());
    let conversations = mailpath::explain::phases::conversations(run.world.log());
    let dialogues = mailpath::explain::dialogue::dialogues(run.world.log(), &run.world.names(), &conversations);
    assert_eq!(conversations.len(), 1);
    let rows: Vec<String> = dialogues[0]
        .rows
        .iter()
        .filter(|row| !row.range.is_empty())
        .map(|row| format!("{} {}..{}", row.tag, row.range.start, row.range.end))
        .collect();
    let client: Vec<&String> = rows.iter().filter(|row| row.starts_with('C')).collect();
    assert_eq!(client.len(), 6, "four commands, the letter, QUIT: {rows:?}");
}

#[test]
fn every_mistake_has_its_place() {
    assert_eq!(mistakes(&raw("0 s", r#""text": "x""#)), ["unknown_session"]);
    assert_eq!(mistakes(&[OPEN, OPEN.trim_end_matches(',')].concat()), ["session_twice"]);
    assert_eq!(mistakes(&[OPEN, &raw("1 s", r#""text": "x", "close": true"#)].concat()), ["not_one"]);
    assert_eq!(mistakes(&[OPEN, &raw("1 s", r#""base64": "???""#)].concat()), ["bad_base64"]);
    assert_eq!(mistakes(&[OPEN, &raw("1 s", r#""close": false"#)].concat()), ["not_undone"]);
    let accepted = r#"{ "at": "0 s", "raw": { "host": "alice-pc", "accepted": 1, "text": "x" } }"#;
    assert_eq!(mistakes(accepted), ["wrong_role"]);
    let no_port = r#"{ "at": "0 s", "raw": { "host": "alice-pc", "session": 1, "connect": "mail.b" } }"#;
    assert_eq!(mistakes(no_port), ["missing_field"]);
    let nobody = r#"{ "at": "0 s", "console": { "host": "alice-pc", "server": "bob-pc", "lines": ["QUIT"] } }"#;
    assert_eq!(mistakes(nobody), ["no_such_service"]);
    let end = r#"{ "at": "0 s", "console": { "host": "alice-pc", "server": "mail.b", "lines": ["QUIT\r\n"] } }"#;
    assert_eq!(mistakes(end), ["line_end"]);
}
