//! Mistakes in probes: each is told with its place and what would be right.

use std::sync::Arc;

use mailpath::lesson::parse_probe;
use mailpath::scenario;

#[test]
fn mistakes_of_probes() {
    let scenario = Arc::new(scenario::load_builtin("six-steps").unwrap());
    let mistakes = [
        r#"{ "count": { "filter": "tcp.prt == 25" } }"#,
        r#"{ "count": { "filter": "tcp.port == " } }"#,
        r#"{ "count": { "filter": "smtp.req.command == \"MAIL\" && tcp.port = 25" } }"#,
        r#"{ "count": { "filter": "tcp", "event": "tcp.open" } }"#,
        r#"{ "count": { "nth": 2 } }"#,
        r#"{ "count": { "filter": "tcp", "where": { "len": 0 } } }"#,
        r#"{ "field": { "of": { "filter": "tcp" }, "field": "tcp.lenn" } }"#,
        r#"{ "count": { "event": "tcp.open", "where": { "port": "25" } } }"#,
        r#"{ "count": { "event": "mail.accept", "where": { "rcpts": "bob@b.example" } } }"#,
        r#"{ "count": { "event": "app.line", "where": { "code": { "contains": "5" } } } }"#,
        r#"{ "count": { "event": "tcp.open", "since": "5" } }"#,
        r#"{ "mailbox": { "host": "mail.b", "user": "bob", "uid": 1, "number": 1 } }"#,
        r#"{ "mailbox": { "host": "mail.b", "user": "bob", "time": "1 s", "at": { "event": "end" } } }"#,
        r#"{ "body": { "host": "mail.b" } }"#,
        r#"{ "body": { "from": "mail.a", "to": "mail.bb" } }"#,
        r#"{ "body": { "bytes": true, "lines": true } }"#,
        r#"{ "header": { "name": "Received", "clause": "bye" } }"#,
        r#"{ "bytes": { "from": "mail.a", "to": "mail.b", "contains": "a", "taken_by": "a" } }"#,
        r#"{ "equal": [{ "readable": "a" }] }"#,
        r#"{ "count": { "event": "tcp.open" }, "over": { "count": { "event": "tcp.opn" } } }"#,
        r#"{ "first_digit": true }"#,
    ];
    let told = |text: &&str| match parse_probe("lesson.json", text, &scenario) {
        Ok(probe) => panic!("{text}: {probe:?}"),
        Err(problems) => format!("{text}\n{problems}"),
    };
    insta::assert_snapshot!("probe_mistakes", mistakes.iter().map(told).collect::<Vec<_>>().join("\n----\n"));
}
