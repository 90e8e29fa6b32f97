//! Question, run, unit, probe, golden value.

use mailpath::lesson::words::Unit;

use super::Question;

const fn q(
    id: &'static str,
    run: &'static str,
    unit: Option<Unit>,
    probe: &'static str,
    golden: &'static str,
) -> Question {
    Question { id, run, unit, probe, golden }
}

const MS: Option<Unit> = Some(Unit::Ms);
const S: Option<Unit> = Some(Unit::S);
const BYTES: Option<Unit> = Some(Unit::Bytes);

/// In the order of the curriculum.
pub const QUESTIONS: &[Question] = &[
    q("1.1", "six-steps", None, r#"{ "count": { "event": "tcp.open" } }"#, "3"),
    q(
        "1.2",
        "six-steps",
        None,
        r#"{ "where_is": { "at": { "event": "app.read", "where": { "host": "alice-pc", "code": 250 }, "after":
            { "event": "smtp.end_of_data" } } } }"#,
        "queue of mail.a",
    ),
    q(
        "1.3",
        "six-steps",
        None,
        r#"{ "field": { "of": { "event": "tcp.open", "where": { "server": "mail.b", "port": 25 } }, "field":
            "client" } }"#,
        "mail.a",
    ),
    q("1.4", "six-steps", None, r#"{ "where_is": { "time": "60 s" } }"#, "INBOX of bob on mail.b"),
    q(
        "1.5",
        "six-steps",
        None,
        r#"{ "field": { "of": { "event": "tcp.open", "last": true }, "field": "client" } }"#,
        "bob-pc",
    ),
    q(
        "1.5",
        "six-steps",
        None,
        r#"{ "field": { "of": { "event": "app.line", "after": { "event": "tcp.open", "last": true } }, "field":
            "proto" } }"#,
        "imap",
    ),
    q(
        "1.6",
        "six-steps",
        None,
        r#"{ "order": { "compose": { "event": "mua.compose" }, "queue": { "event": "queue.enter" }, "open": {
            "event": "tcp.open", "where": { "client": "mail.a" } }, "data": { "event": "smtp.letter", "where": {
            "from": "mail.a" } }, "mailbox": { "event": "mailbox.store" }, "fetch": { "event": "imap.cmd",
            "where": { "verb": "FETCH" } } } }"#,
        "compose, queue, open, data, mailbox, fetch",
    ),
    q("2.1", "one-conversation", None, r#"{ "field": { "of": { "event": "app.line" }, "field": "from" } }"#, "mail.b"),
    q(
        "2.2",
        "one-conversation",
        None,
        r#"{ "count": { "event": "tcp.seg", "before": { "event": "app.line" } } }"#,
        "3",
    ),
    q(
        "2.3",
        "one-conversation",
        MS,
        r#"{ "interval": { "from": { "event": "tcp.open" }, "to": { "event": "app.read", "where": { "host":
            "mail.a", "code": 250 }, "after": { "event": "smtp.end_of_data" } } } }"#,
        "700",
    ),
    q(
        "2.4",
        "one-conversation",
        None,
        r#"{ "count": { "event": "app.line", "where": { "dir": "c2s", "verb": true } } }"#,
        "5",
    ),
    q(
        "2.5",
        "one-conversation",
        None,
        r#"{ "field": { "of": { "event": "app.read", "where": { "host": "mail.a", "code": 250 }, "after": {
            "event": "smtp.end_of_data" } }, "field": "text" } }"#,
        "250 OK: queued as 000001",
    ),
    q(
        "2.6",
        "one-conversation",
        None,
        r#"{ "field": { "of": { "event": "tcp.seg", "where": { "flags": { "contains": "FIN" } } }, "field":
            "from" } }"#,
        "mail.b",
    ),
    q(
        "3.1",
        "talk-smtp:3.1",
        None,
        r#"{ "field": { "of": { "event": "app.line", "where": { "from": "mail.b", "code": true }, "after": {
            "event": "app.read", "where": { "host": "mail.b", "verb": "RCPT" } } }, "field": "code" } }"#,
        "503",
    ),
    q(
        "3.2",
        "talk-smtp:3.2",
        None,
        r#"{ "field": { "of": { "event": "app.line", "where": { "from": "mail.b", "code": true }, "after": {
            "event": "app.read", "where": { "host": "mail.b", "verb": "MAIL" } } }, "field": "code" }, "first_digit": true }"#,
        "5",
    ),
    q(
        "3.3",
        "talk-smtp:3.3",
        None,
        r#"{ "field": { "of": { "event": "app.line", "where": { "from": "mail.b", "code": true }, "after": {
            "event": "app.read", "where": { "host": "mail.b", "verb": "RCPT" } } }, "field": "code" }, "first_digit": true }"#,
        "5",
    ),
    q(
        "3.4",
        "talk-smtp:3.4",
        None,
        r#"{ "field": { "of": { "event": "app.line", "where": { "from": "mail.b", "code": true }, "after": {
            "event": "app.read", "where": { "host": "mail.b", "verb": "RCPT" } } }, "field": "code" } }"#,
        "550",
    ),
    q(
        "3.5",
        "talk-smtp:3.5",
        None,
        r#"{ "field": { "of": { "event": "app.line", "where": { "from": "mail.b", "code": true }, "after": {
            "event": "app.read", "where": { "host": "mail.b", "verb": "DATA" } } }, "field": "code" }, "first_digit": true }"#,
        "5",
    ),
    q("3.6", "talk-smtp:3.6", None, r#"{ "count": { "event": "mailbox.store" } }"#, "0"),
    q(
        "4.1",
        "push-and-pull",
        None,
        r#"{ "field": { "of": { "event": "tcp.open", "where": { "port": 80 } }, "field": "client" } }"#,
        "browser.b",
    ),
    q(
        "4.1",
        "push-and-pull",
        None,
        r#"{ "field": { "of": { "event": "tcp.open", "where": { "port": 25 } }, "field": "client" } }"#,
        "mail.a",
    ),
    q(
        "4.2",
        "push-and-pull",
        None,
        r#"{ "field": { "of": { "event": "app.line", "where": { "proto": "http" } }, "field": "dir" } }"#,
        "c2s",
    ),
    q(
        "4.2",
        "push-and-pull",
        None,
        r#"{ "field": { "of": { "event": "app.line", "where": { "proto": "smtp" } }, "field": "dir" } }"#,
        "s2c",
    ),
    q("4.3", "push-and-pull", None, r#"{ "count": { "event": "http.response" } }"#, "4"),
    q("4.3", "push-and-pull", None, r#"{ "count": { "event": "smtp.txn" } }"#, "1"),
    q("4.4", "push-and-pull", MS, r#"{ "time": { "event": "http.response", "last": true } }"#, "500"),
    q("4.5", "push-and-pull", None, r#"{ "bytes": { "from": "mail.a", "to": "mail.b", "at_least": 128 } }"#, "0"),
    q("4.6", "push-and-pull:2", None, r#"{ "count": { "event": "tcp.open", "where": { "server": "mail.b" } } }"#, "1"),
    q("4.6", "push-and-pull:2", None, r#"{ "count": { "event": "app.line", "where": { "verb": "MAIL" } } }"#, "3"),
    q("5.1", "lone-dot:A", None, r#"{ "stored_body": { "host": "mail.b", "user": "bob", "lines": true } }"#, "1"),
    q(
        "5.2",
        "lone-dot:A",
        None,
        r#"{ "field": { "of": { "event": "app.line", "where": { "from": "mail.b", "code": true }, "after": {
            "event": "app.read", "where": { "host": "mail.b", "text": "world" } } }, "field": "code" } }"#,
        "500",
    ),
    q(
        "5.3",
        "lone-dot:A",
        None,
        r#"{ "field": { "of": { "event": "app.read", "where": { "host": "mail.a", "code": true }, "after": {
            "event": "smtp.end_of_data" } }, "field": "code" } }"#,
        "250",
    ),
    q(
        "5.4",
        "lone-dot:B",
        BYTES,
        r#"{ "body": { "from": "mail.a", "to": "mail.b", "bytes": true }, "minus": { "body": { "bytes": true }
            } }"#,
        "3",
    ),
    q(
        "5.5",
        "lone-dot:B",
        None,
        r#"{ "equal": [{ "body": { "host": "mail.b", "user": "bob" } }, { "body": {} }] }"#,
        "yes",
    ),
    q("5.6", "lone-dot:C", None, r#"{ "count": { "event": "mailbox.store" } }"#, "1"),
    q("6.1", "envelope:1", None, r#"{ "count": { "event": "tcp.open", "where": { "client": "mail.a" } } }"#, "2"),
    q(
        "6.2",
        "envelope:1",
        None,
        r#"{ "count": { "event": "app.line", "where": { "to": "mail.b", "verb": "RCPT" } } }"#,
        "2",
    ),
    q(
        "6.2",
        "envelope:1",
        None,
        r#"{ "count": { "event": "app.line", "where": { "to": "mail.b", "verb": "DATA" } } }"#,
        "1",
    ),
    q(
        "6.3",
        "envelope:1",
        None,
        r#"{ "bytes": { "from": "mail.a", "to": "mail.b", "contains": "dave@c.example" } }"#,
        "0",
    ),
    q(
        "6.4",
        "envelope:1",
        None,
        r#"{ "header": { "host": "mail.b", "user": "bob", "name": "Received", "count": true } }"#,
        "2",
    ),
    q(
        "6.4",
        "envelope:1",
        None,
        r#"{ "header": { "host": "mail.b", "user": "bob", "name": "Received", "clause": "by" } }"#,
        "mail.b",
    ),
    q("6.5", "envelope:2", None, r#"{ "field": { "of": { "event": "mailbox.store" }, "field": "user" } }"#, "bob"),
    q(
        "6.6",
        "envelope:3",
        None,
        r#"{ "field": { "of": { "event": "smtp.txn", "where": { "host": "mail.a" } }, "field": "codes" } }"#,
        "250, 250, 550",
    ),
    q("6.6", "envelope:3", None, r#"{ "count": { "event": "mailbox.store", "where": { "host": "mail.b" } } }"#, "2"),
    q("7.1", "seven-bits:1", None, r#"{ "bytes": { "from": "mail.a", "to": "mail.b", "at_least": 128 } }"#, "0"),
    q(
        "7.2",
        "seven-bits:1",
        BYTES,
        r#"{ "body": { "from": "mail.a", "to": "mail.b", "part": "photo.bmp", "bytes": true } }"#,
        "4,106",
    ),
    q("7.3", "seven-bits:1", None, r#"{ "count": { "event": "app.line", "where": { "verb": "DATA" } } }"#, "1"),
    q("7.4", "seven-bits:1", None, r#"{ "body": { "from": "mail.a", "to": "mail.b", "boundaries": true } }"#, "3"),
    q(
        "7.5",
        "seven-bits:1",
        None,
        r#"{ "equal": [{ "body": { "from": "mail.a", "to": "mail.b", "part": "photo.bmp", "decoded": true } },
            { "body": { "part": "photo.bmp", "decoded": true } }] }"#,
        "yes",
    ),
    q("7.6", "seven-bits:2", BYTES, r#"{ "bytes": { "from": "mail.a", "to": "mail.b", "taken_by": "ü" } }"#, "2"),
    q(
        "7.6",
        "seven-bits:2",
        BYTES,
        r#"{ "run": "1", "bytes": { "from": "mail.a", "to": "mail.b", "taken_by": "ü" } }"#,
        "6",
    ),
    q(
        "8.1",
        "mail-exchangers:1",
        None,
        r#"{ "field": { "of": { "event": "dns.query", "where": { "host": "mail.a" } }, "field": "qtype" } }"#,
        "MX",
    ),
    q(
        "8.2",
        "mail-exchangers:1",
        None,
        r#"{ "field": { "of": { "event": "tcp.open", "where": { "client": "mail.a" } }, "field": "server" } }"#,
        "mx1.b",
    ),
    q(
        "8.3",
        "mail-exchangers:2",
        S,
        r#"{ "interval": { "from": { "event": "tcp.open", "where": { "server": "mx1.b" } }, "to": { "event":
            "tcp.open", "where": { "server": "mx2.b" } } } }"#,
        "15",
    ),
    q(
        "8.4",
        "mail-exchangers:3",
        MS,
        r#"{ "interval": { "from": { "event": "tcp.open", "where": { "server": "mx1.b" } }, "to": { "event":
            "tcp.open", "where": { "server": "mx2.b" } } } }"#,
        "100",
    ),
    q(
        "8.5",
        "mail-exchangers:2",
        None,
        r#"{ "header": { "host": "mx1.b", "user": "bob", "name": "Received", "count": true } }"#,
        "3",
    ),
    q(
        "8.6",
        "mail-exchangers:4",
        None,
        r#"{ "field": { "of": { "event": "tcp.open", "where": { "client": "mail.a" } }, "field": "server" } }"#,
        "www.b",
    ),
    q(
        "9.1",
        "server-down:A",
        S,
        r#"{ "interval": { "from": { "event": "queue.attempt" }, "to": { "event": "queue.attempt", "last":
            true, "before": { "event": "queue.leave", "where": { "kind": "delivered" } } } } }"#,
        "16,200",
    ),
    q("9.2", "server-down:B", None, r#"{ "count": { "event": "queue.attempt" } }"#, "2"),
    q(
        "9.2",
        "server-down:B",
        BYTES,
        r#"{ "sum": { "of": { "event": "smtp.letter", "where": { "from": "mail.a" }, "before": { "event":
            "queue.attempt", "nth": 2 } }, "field": "bytes" } }"#,
        "0",
    ),
    q(
        "9.3",
        "server-down:C",
        None,
        r#"{ "count": { "event": "queue.attempt", "after": { "event": "app.read", "where": { "host": "mail.a",
            "code": 550 } } } }"#,
        "0",
    ),
    q("9.4", "server-down:C", None, r#"{ "field": { "of": { "event": "dsn.create" }, "field": "host" } }"#, "mail.a"),
    q(
        "9.5",
        "server-down:C",
        None,
        r#"{ "count": { "event": "tcp.open", "where": { "port": 25 }, "after": { "event": "dsn.create" } } }"#,
        "0",
    ),
    q("9.6", "server-down:D", None, r#"{ "count": { "event": "dsn.create" } }"#, "1"),
    q(
        "10.1",
        "packet-loss:1",
        MS,
        r#"{ "interval": { "from": { "event": "tcp.seg", "last": true, "where": { "from": "mail.a" }, "before":
            { "event": "frame.lost" } }, "to": { "event": "tcp.seg", "where": { "from": "mail.a", "retx": 1 } }
            } }"#,
        "1,000",
    ),
    q(
        "10.2",
        "packet-loss:1",
        None,
        r#"{ "count": { "event": "app.read", "where": { "host": "mail.b", "verb": "MAIL" } } }"#,
        "1",
    ),
    q("10.3", "packet-loss:2", MS, r#"{ "time": { "event": "smtp.txn", "where": { "end_code": 250 } } }"#, "3,700"),
    q(
        "10.4",
        "packet-loss",
        None,
        r#"{ "largest": { "third": { "run": "3", "time": { "event": "smtp.txn" } }, "last": { "run": "4",
            "time": { "event": "smtp.txn" } } } }"#,
        "last",
    ),
    q(
        "10.4",
        "packet-loss:3",
        MS,
        r#"{ "time": { "event": "smtp.txn", "where": { "end_code": 250 } }, "minus": { "run": "0", "time": {
            "event": "smtp.txn" } } }"#,
        "100",
    ),
    q(
        "10.4",
        "packet-loss:4",
        MS,
        r#"{ "time": { "event": "smtp.txn", "where": { "end_code": 250 } }, "minus": { "run": "0", "time": {
            "event": "smtp.txn" } } }"#,
        "1,100",
    ),
    q("10.5", "packet-loss:5", None, r#"{ "count": { "event": "mailbox.store" } }"#, "1"),
    q("10.6", "packet-loss:6", MS, r#"{ "time": { "event": "smtp.txn", "where": { "end_code": 250 } } }"#, "1,700"),
    q("11.1", "who-holds-it:1", None, r#"{ "count": { "event": "mailbox.store", "until": "1 h" } }"#, "2"),
    q("11.2", "who-holds-it:1", None, r#"{ "distinct": { "of": { "event": "mailbox.store" }, "field": "msg" } }"#, "1"),
    q(
        "11.3",
        "who-holds-it:1",
        None,
        r#"{ "where_is": { "time": "15 min" } }"#,
        "queue of mail.a and INBOX of bob on mail.b",
    ),
    q(
        "11.4",
        "who-holds-it:1",
        S,
        r#"{ "interval": { "from": { "event": "smtp.letter" }, "to": { "event": "queue.defer" } } }"#,
        "600",
    ),
    q("11.5", "who-holds-it:2", None, r#"{ "count": { "event": "mailbox.store", "until": "5 min" } }"#, "0"),
    q("11.6", "who-holds-it:2", None, r#"{ "count": { "event": "mailbox.store", "until": "1 h" } }"#, "1"),
    q(
        "12.1",
        "two-devices",
        None,
        r#"{ "mailbox": { "host": "mail.b", "user": "bob", "at": { "event": "imap.resp", "where": { "verb":
            "STORE", "status": "OK" } } } }"#,
        "8",
    ),
    q(
        "12.2",
        "two-devices",
        None,
        r#"{ "sequence": { "of": { "event": "mailbox.expunge", "before": { "event": "imap.resp", "where": {
            "verb": "EXPUNGE" } } }, "field": "number" } }"#,
        "2, 2, 4",
    ),
    q(
        "12.3",
        "two-devices",
        None,
        r#"{ "mailbox": { "host": "mail.b", "user": "bob", "uid": 105, "at": { "event": "imap.resp", "where": {
            "verb": "EXPUNGE" } } } }"#,
        "3",
    ),
    q(
        "12.3",
        "two-devices",
        None,
        r#"{ "mailbox": { "host": "mail.b", "user": "bob", "number": 3, "at": { "event": "imap.resp", "where":
            { "verb": "EXPUNGE" } } } }"#,
        "105",
    ),
    q(
        "12.4",
        "two-devices",
        None,
        r#"{ "mailbox": { "host": "mail.b", "user": "bob", "uid": 104, "flag": "\\Seen", "at": { "event":
            "imap.resp", "where": { "verb": "STORE", "status": "OK" } } } }"#,
        "yes",
    ),
    q(
        "12.4",
        "two-devices:peek",
        None,
        r#"{ "mailbox": { "host": "mail.b", "user": "bob", "uid": 104, "flag": "\\Seen", "at": { "event":
            "imap.resp", "where": { "verb": "STORE", "status": "OK" } } } }"#,
        "no",
    ),
    q(
        "12.5",
        "two-devices",
        None,
        r#"{ "mailbox": { "host": "mail.b", "user": "bob", "at": { "event": "imap.resp", "where": { "verb":
            "NOOP" } } } }"#,
        "4",
    ),
    q(
        "12.5",
        "two-devices",
        None,
        r#"{ "mailbox": { "host": "mail.b", "user": "bob", "folder": "Work", "at": { "event": "imap.resp",
            "where": { "verb": "NOOP" } } } }"#,
        "1",
    ),
    q(
        "12.5",
        "two-devices",
        None,
        r#"{ "mailbox": { "host": "mail.b", "user": "bob", "folder": "Work", "number": 1, "at": { "event":
            "imap.resp", "where": { "verb": "NOOP" } } } }"#,
        "1",
    ),
    q(
        "12.5",
        "two-devices:move",
        None,
        r#"{ "mailbox": { "host": "mail.b", "user": "bob", "at": { "event": "imap.resp", "where": { "verb":
            "NOOP" } } } }"#,
        "4",
    ),
    q(
        "12.5",
        "two-devices:move",
        None,
        r#"{ "mailbox": { "host": "mail.b", "user": "bob", "folder": "Work", "at": { "event": "imap.resp",
            "where": { "verb": "NOOP" } } } }"#,
        "1",
    ),
    q(
        "12.5",
        "two-devices:move",
        None,
        r#"{ "mailbox": { "host": "mail.b", "user": "bob", "folder": "Work", "number": 1, "at": { "event":
            "imap.resp", "where": { "verb": "NOOP" } } } }"#,
        "1",
    ),
    q(
        "12.6",
        "two-devices",
        None,
        r#"{ "field": { "of": { "filter": "tcp && ip.addr == 198.51.100.11", "after": { "event":
            "mailbox.store", "where": { "folder": "INBOX" }, "last": true } }, "field": "host" } }"#,
        "mail.b",
    ),
    q(
        "13.1",
        "webmail:1",
        None,
        r#"{ "order": { "HTTP": { "event": "app.line", "where": { "proto": "http" } }, "SMTP": { "event": "app.line",
            "where": { "proto": "smtp" } }, "POP3": { "event": "app.line", "where": { "proto": "pop3" } } } }"#,
        "HTTP, SMTP, POP3",
    ),
    q("13.1", "webmail:1", None, r#"{ "distinct": { "of": { "event": "app.line" }, "field": "proto" } }"#, "3"),
    q(
        "13.2",
        "webmail:1",
        None,
        r#"{ "distinct": { "of": { "event": "app.line", "where": { "from": "alice-pc", "proto": "smtp" } }, "field":
            "conn" } }"#,
        "0",
    ),
    q(
        "13.3",
        "webmail:2",
        None,
        r#"{ "distinct": { "of": { "event": "app.line", "where": { "proto": "smtp" } }, "field": "conn" } }"#,
        "1",
    ),
    q("13.4", "mail-access:4", None, r#"{ "mailbox": { "host": "mail.b", "user": "bob" } }"#, "0"),
    q("13.5", "mail-access:5", None, r#"{ "mailbox": { "host": "mail.b", "user": "bob" } }"#, "5"),
    q("13.6", "mail-access:4", None, r#"{ "where_is": { "at": { "event": "end" } } }"#, "disk of bob-pc"),
    q(
        "14.1",
        "extensions:1b",
        None,
        r#"{ "interval": { "from": { "event": "tcp.open" }, "to": { "event": "app.read", "where": { "host":
            "mail.a", "code": 250 }, "after": { "event": "smtp.end_of_data" } } }, "over": { "interval": {
            "from": { "event": "tcp.open" }, "to": { "event": "tcp.established", "where": { "side": "client" } }
            } } }"#,
        "5",
    ),
    q(
        "14.1",
        "extensions:1a",
        None,
        r#"{ "interval": { "from": { "event": "tcp.open" }, "to": { "event": "app.read", "where": { "host":
            "mail.a", "code": 250 }, "after": { "event": "smtp.end_of_data" } } }, "over": { "interval": {
            "from": { "event": "tcp.open" }, "to": { "event": "tcp.established", "where": { "side": "client" } }
            } } }"#,
        "7",
    ),
    q(
        "14.2",
        "extensions:2a",
        None,
        r#"{ "field": { "of": { "event": "app.read", "where": { "host": "mail.a", "code": true }, "after": {
            "event": "app.line", "where": { "verb": "MAIL" } } }, "field": "code" } }"#,
        "552",
    ),
    q("14.2", "extensions:2a", BYTES, r#"{ "sum": { "of": { "event": "smtp.letter" }, "field": "bytes" } }"#, "0"),
    q(
        "14.3",
        "submission:3",
        None,
        r#"{ "field": { "of": { "event": "app.read", "where": { "host": "alice-pc", "code": true }, "after": {
            "event": "app.line", "where": { "verb": "MAIL" } } }, "field": "code" } }"#,
        "530",
    ),
    q(
        "14.4",
        "submission:4",
        None,
        r#"{ "password": { "event": "app.line", "where": { "verb": "AUTH" } } }"#,
        "secret",
    ),
    q(
        "14.5",
        "starttls:5",
        None,
        r#"{ "count": { "event": "app.line", "where": { "from": "alice-pc", "verb": "EHLO" } } }"#,
        "2",
    ),
    q(
        "14.5",
        "starttls:5",
        None,
        r#"{ "count": { "event": "app.line", "where": { "from": "alice-pc", "verb": true, "sealed": 0 } } }"#,
        "2",
    ),
    q("14.6", "starttls:6", None, r#"{ "readable": "swordfish" }"#, "2"),
    q(
        "15.1",
        "any-sender:both-none",
        None,
        r#"{ "field": { "of": { "event": "app.line", "where": { "from": "mail.b", "code": true }, "after": {
            "event": "smtp.end_of_data" } }, "field": "code" } }"#,
        "250",
    ),
    q(
        "15.2",
        "any-sender:both-none",
        None,
        r#"{ "header": { "host": "mail.b", "user": "bob", "name": "Received", "clause": "address" } }"#,
        "203.0.113.66",
    ),
    q(
        "15.3",
        "any-sender:both-spf",
        None,
        r#"{ "field": { "of": { "event": "auth.result", "where": { "method": "spf" } }, "field": "result" } }"#,
        "fail",
    ),
    q(
        "15.4",
        "any-sender:header-spf",
        None,
        r#"{ "field": { "of": { "event": "auth.result", "where": { "method": "spf" } }, "field": "result" } }"#,
        "pass",
    ),
    q(
        "15.4",
        "any-sender:header-spf",
        None,
        r#"{ "header": { "host": "mail.b", "user": "bob", "name": "From", "clause": "address" } }"#,
        "alice@a.example",
    ),
    q(
        "15.5",
        "any-sender:header-dmarc",
        None,
        r#"{ "field": { "of": { "event": "app.line", "where": { "from": "mail.b", "code": true }, "after": {
            "event": "smtp.end_of_data" } }, "field": "code" }, "first_digit": true }"#,
        "5",
    ),
    q(
        "15.5",
        "any-sender:header-dmarc",
        None,
        r#"{ "field": { "of": { "event": "auth.result", "where": { "method": "dmarc" } }, "field": "stage" } }"#,
        "end-of-data",
    ),
    q(
        "15.6",
        "any-sender:honest-dmarc",
        None,
        r#"{ "field": { "of": { "event": "auth.result", "where": { "method": "dmarc" } }, "field": "result" } }"#,
        "pass",
    ),
    q("16.1", "smuggling:LL", None, r#"{ "count": { "event": "mailbox.store", "where": { "user": "bob" } } }"#, "2"),
    q("16.2", "smuggling:LL", None, r#"{ "count": { "event": "smtp.txn", "where": { "host": "mail.a" } } }"#, "1"),
    q(
        "16.3",
        "smuggling:LL",
        None,
        r#"{ "field": { "of": { "event": "auth.result", "where": { "method": "spf" }, "nth": 2 }, "field": "result" } }"#,
        "pass",
    ),
    q(
        "16.4",
        "smuggling:LL",
        None,
        r#"{ "count": { "event": "app.line", "where": { "from": "mail.b", "code": true }, "after": { "event":
            "app.line", "where": { "from": "mail.b", "code": 354 } }, "before": { "event": "app.line", "where": {
            "from": "mail.b", "code": 221 } } } }"#,
        "5",
    ),
    q(
        "16.4",
        "smuggling:SS",
        None,
        r#"{ "count": { "event": "app.line", "where": { "from": "mail.b", "code": true }, "after": { "event":
            "app.line", "where": { "from": "mail.b", "code": 354 } }, "before": { "event": "app.line", "where": {
            "from": "mail.b", "code": 221 } } } }"#,
        "1",
    ),
    q("16.5", "smuggling:SL", None, r#"{ "count": { "event": "mailbox.store", "where": { "user": "bob" } } }"#, "1"),
    q("16.5", "smuggling:LS", None, r#"{ "count": { "event": "mailbox.store", "where": { "user": "bob" } } }"#, "1"),
    // How often LF . CR LF stands there without CR before it, where it comes from and where it is taken for an end.
    q(
        "16.6",
        "smuggling:LL",
        None,
        r#"{ "bytes": { "from": "mail.a", "to": "mail.b", "contains": "\n.\r\n" }, "minus": { "bytes": { "from":
            "mail.a", "to": "mail.b", "contains": "\r\n.\r\n" } } }"#,
        "1",
    ),
    q(
        "16.6",
        "smuggling:SL",
        None,
        r#"{ "bytes": { "from": "mail.a", "to": "mail.b", "contains": "\n.\r\n" }, "minus": { "bytes": { "from":
            "mail.a", "to": "mail.b", "contains": "\r\n.\r\n" } } }"#,
        "0",
    ),
    q(
        "16.6",
        "smuggling:LL",
        None,
        r#"{ "count": { "event": "smtp.end_of_data", "where": { "to": "mail.b" } }, "minus": { "count": { "event":
            "smtp.letter", "where": { "to": "mail.b" } } } }"#,
        "1",
    ),
    q(
        "16.6",
        "smuggling:LS",
        None,
        r#"{ "count": { "event": "smtp.end_of_data", "where": { "to": "mail.b" } }, "minus": { "count": { "event":
            "smtp.letter", "where": { "to": "mail.b" } } } }"#,
        "0",
    ),
];
