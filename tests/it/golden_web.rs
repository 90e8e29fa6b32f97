//! Golden values of lesson 13, runs 1 to 3, and of lesson 4's exploration: which protocol on which hop, and what HTTP does
//! beyond one object after another.

use mailpath::trace::Told;

use crate::runs::{Run, run};

const MS: u64 = 1_000_000;

fn has(told: &Told, name: &str, value: &str) -> bool {
    told.get(name).is_some_and(|v| v.as_str().map_or_else(|| v.to_string(), str::to_string) == value)
}

fn told(run: &Run, kind: &str, fits: impl Fn(&Told) -> bool) -> Vec<(u64, Told)> {
    run.told().filter(|(_, told)| told.kind == kind && fits(told)).map(|(at, told)| (at / MS, told)).collect()
}

fn text(told: &Told, name: &str) -> String {
    told.get(name).map_or_else(String::new, |v| v.as_str().map_or_else(|| v.to_string(), str::to_string))
}

/// Each TCP connection: client, server, and the protocol that was spoken on it.
fn hops(run: &Run) -> Vec<[String; 3]> {
    let opened = told(run, "tcp.open", |_| true);
    let proto = |conn: &str| {
        let lines = told(run, "app.line", |t| has(t, "conn", conn));
        lines.first().map_or_else(String::new, |(_, t)| text(t, "proto"))
    };
    opened.iter().map(|(_, t)| [text(t, "client"), text(t, "server"), proto(&text(t, "conn"))]).collect()
}

fn smtp_connections(run: &Run, client: Option<&str>) -> usize {
    hops(run).iter().filter(|[from, _, proto]| proto == "smtp" && client.is_none_or(|c| c == from)).count()
}

/// Method, path and status of each response as browsers got them, of one host.
fn pages(run: &Run, host: &str) -> Vec<String> {
    let mut pages = Vec::new();
    for (at, t) in run.told().filter(|(_, t)| t.kind == "http.response" && has(t, "side", "client")) {
        let from = told(run, "tcp.open", |o| text(o, "conn") == text(&t, "conn"));
        if text(&from[0].1, "client") == host {
            pages.push(format!("{} {} {} {}", at / MS, text(&t, "method"), text(&t, "path"), text(&t, "status")));
        }
    }
    pages
}

/// 13.1 and 13.2: Alice by webmail, Bob by POP3.
#[test]
fn l13_1_and_2_the_web_server_speaks_smtp_for_alice() {
    let run = run("webmail:1");
    assert_eq!(
        hops(&run),
        [["alice-pc", "web.a", "http"], ["web.a", "mail.b", "smtp"], ["bob-pc", "mail.b", "pop3"]]
            .map(|hop| hop.map(str::to_owned)),
        "13.1: HTTP, SMTP, POP3"
    );
    assert_eq!(smtp_connections(&run, Some("alice-pc")), 0, "13.2");
    let stored = told(&run, "mailbox.store", |t| has(t, "user", "bob"));
    let on_disk = told(&run, "disk.store", |_| true);
    assert_eq!((stored.len(), on_disk.len()), (6, 6), "five that were there, and Alice's");
}

/// 13.3: both by webmail.
#[test]
fn l13_3_smtp_is_used_on_one_hop() {
    let run = run("webmail:2");
    assert_eq!(smtp_connections(&run, None), 1, "13.3: server to server");
    assert_eq!(smtp_connections(&run, Some("web.a")), 1);
    let of_bob: Vec<[String; 3]> = hops(&run).into_iter().skip(2).collect();
    assert_eq!(
        of_bob,
        [["bob-pc", "web.a", "http"], ["web.a", "mail.b", "imap"], ["web.a", "mail.b", "imap"]]
            .map(|hop| hop.map(str::to_owned))
    );
    let read = told(&run, "mua.read", |_| true);
    let [(_, read)] = &read[..] else { panic!("{read:?}") };
    assert_eq!(
        [text(read, "user"), text(read, "subject"), text(read, "text")],
        ["bob@b.example", "Lunch", "Hello Bob,\nlunch at 12:30 & a walk?\nAlice\n"].map(str::to_owned)
    );
}

/// Neither by webmail: the mix of lesson 1.
#[test]
fn with_user_agents_of_their_own_it_is_smtp_smtp_and_imap() {
    let run = run("webmail:3");
    assert_eq!(
        hops(&run),
        [["alice-pc", "mail.a", "smtp"], ["mail.a", "mail.b", "smtp"], ["bob-pc", "mail.b", "imap"]]
            .map(|hop| hop.map(str::to_owned))
    );
    assert_eq!(smtp_connections(&run, Some("alice-pc")), 1);
    // What was read stays on the server: server-side mail, which POP3 is not.
    let read = told(&run, "mua.read", |_| true);
    let [(_, read)] = &read[..] else { panic!("{read:?}") };
    assert_eq!(text(read, "text"), "Hello Bob,\nlunch at 12:30 & a walk?\nAlice\n");
    assert_eq!(told(&run, "disk.store", |_| true).len(), 0);
    assert_eq!(told(&run, "mailbox.store", |t| has(t, "user", "bob")).len(), 6);
}

/// Another way to draw the same picture: the web server is a user agent like any other, and mail.a has a queue.
#[test]
fn by_submission_smtp_is_used_on_two_hops() {
    let run = run("webmail:submission");
    let hops = hops(&run);
    assert_eq!(
        hops,
        [
            ["alice-pc", "web.a", "http"],
            ["web.a", "mail.a", "smtp"],
            ["mail.a", "mail.b", "smtp"],
            ["bob-pc", "mail.b", "pop3"]
        ]
        .map(|hop| hop.map(str::to_owned))
    );
    assert_eq!(told(&run, "mua.sent", |t| has(t, "accepted", "true")).len(), 1);
    assert_eq!(told(&run, "disk.store", |_| true).len(), 6);
}

/// The answer to the form waits for the mail server, and its page says what that has said.
#[test]
fn the_browser_gets_its_answer_when_the_mail_server_has_spoken() {
    let run = run("webmail:1");
    assert_eq!(
        pages(&run, "alice-pc"),
        [
            "20 GET / 200",
            "30 POST /login 303",
            "40 GET / 200",
            "50 GET /compose 200",
            // 5 ms to web.a; then TCP, greeting, EHLO, MAIL, RCPT, DATA and the end of data at 100 ms each; 5 ms back.
            "760 POST /send 303",
            "770 GET /sent 200",
        ]
    );
    let accepted = told(&run, "smtp.txn", |t| has(t, "end_code", "250"));
    assert_eq!(accepted.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [755]);
    let bytes = run.stream_bytes(|_| true);
    assert!(
        memchr::memmem::find(&bytes, b"to=bob%40b.example&cc=&subject=Lunch&text=Hello+Bob%2C%0D%0Alunch").is_some()
    );
    assert!(memchr::memmem::find(&bytes, b"<li>bob@b.example: <code>250 ").is_some(), "the page quotes the reply");
}

#[test]
fn a_refusal_becomes_a_page_that_quotes_it() {
    let run = run("webmail:refused");
    assert_eq!(pages(&run, "alice-pc").last().unwrap().split_once(' ').unwrap().1, "POST /send 422");
    let sent = told(&run, "mua.sent", |t| has(t, "accepted", "false"));
    let [(_, sent)] = &sent[..] else { panic!("{sent:?}") };
    let reply = text(sent, "result");
    assert!(reply.starts_with("550 "), "{reply}");
    let quoted = format!("<li>bert@b.example: <code>{reply}</code></li>").replace('<', "<");
    let bytes = run.stream_bytes(|_| true);
    assert!(memchr::memmem::find(&bytes, quoted.as_bytes()).is_some(), "{quoted}");
}

#[test]
fn a_wrong_password_is_the_web_servers_business() {
    let run = run("webmail:wrong-password");
    assert_eq!(pages(&run, "alice-pc"), ["20 GET / 200", "30 POST /login 403"]);
    assert_eq!(smtp_connections(&run, None), 0);
}

#[test]
fn tags_in_letters_are_text() {
    let run = run("webmail:strange-letters");
    let bytes = run.stream_bytes(|c| {
        let server = run.world.log().connection(c).server.unwrap();
        run.world.names().node(server) == "web.a"
    });
    for tag in ["<b>", "<script>"] {
        assert_eq!(memchr::memmem::find(&bytes, tag.as_bytes()), None, "{tag}");
    }
    assert!(memchr::memmem::find(&bytes, b"&lt;b&gt;you have won&lt;/b&gt;</a>").is_some());
    assert!(memchr::memmem::find(&bytes, b"<pre>&lt;script&gt;alert(\"1 &amp; 2\")&lt;/script&gt;\n</pre>").is_some());
}

/// 4.1 to 4.6, each by its own probe.
#[test]
fn l04_pull_and_push() {
    let both = run("push-and-pull");
    let clients: Vec<[String; 3]> = hops(&both);
    assert_eq!(
        clients,
        [["browser.b", "www.a", "http"], ["mail.a", "mail.b", "smtp"]].map(|hop| hop.map(str::to_owned)),
        "4.1: the host that wants the content opens; the host that has it"
    );
    let first = |proto: &str| text(&told(&both, "app.line", |t| has(t, "proto", proto))[0].1, "from");
    assert_eq!((first("http"), first("smtp")), ("browser.b".to_owned(), "mail.b".to_owned()), "4.2");
    let responses = told(&both, "http.response", |_| true);
    let letters = told(&both, "smtp.txn", |t| has(t, "end_code", "250"));
    assert_eq!((responses.len(), letters.len()), (4, 1), "4.3");
    assert_eq!(responses.last().map(|(at, _)| *at), Some(500), "4.4");
    let alone = run("push-and-pull:3");
    assert_eq!(told(&alone, "tcp.open", |t| has(t, "server", "www.a")).len(), 4);
    assert_eq!(told(&alone, "http.response", |_| true).last().map(|(at, _)| *at), Some(800));
    let three = run("push-and-pull:2");
    let opened = told(&three, "tcp.open", |t| has(t, "server", "mail.b")).len();
    let mails = told(&three, "app.line", |t| has(t, "verb", "MAIL")).len();
    assert_eq!((opened, mails), (1, 3), "4.6");
}

/// Lesson 4's exploration: four connections at a time. The page is fetched alone; then each of the three images has a
/// connection of its own, two of them new.
#[test]
fn l04_parallel_connections() {
    let run = run("push-and-pull:4");
    assert_eq!(
        pages(&run, "browser.b"),
        ["200 GET / 200", "300 GET /image1.bmp 200", "400 GET /image2.bmp 200", "400 GET /image3.bmp 200",]
    );
    assert_eq!(told(&run, "tcp.open", |t| has(t, "server", "www.a")).len(), 3);
}

/// The second visit asks whether the copies are still good.
#[test]
fn what_has_not_changed_is_not_sent_again() {
    let run = run("push-and-pull:5");
    let statuses: Vec<String> =
        pages(&run, "browser.b").iter().map(|p| p.rsplit(' ').next().unwrap().to_owned()).collect();
    assert_eq!(statuses, ["200", "200", "200", "200", "304", "304", "304", "304"]);
    let lengths: Vec<String> =
        told(&run, "http.response", |t| has(t, "side", "client")).iter().map(|(_, t)| text(t, "length")).collect();
    assert_eq!(lengths, ["2000", "2000", "2000", "2000", "0", "0", "0", "0"]);
}

/// In chunks every object comes at the same time as with its length in front, and whole.
#[test]
fn chunks_carry_the_same_objects() {
    let (whole, chunked) = (run("push-and-pull"), run("push-and-pull:6"));
    assert_eq!(pages(&whole, "browser.b"), pages(&chunked, "browser.b"));
    let bytes = chunked.stream_bytes(|_| true);
    assert_eq!(memchr::memmem::find_iter(&bytes, b"\r\nTransfer-Encoding: chunked\r\n").count(), 4);
    let lengths = |run: &Run| -> Vec<String> {
        told(run, "http.response", |t| has(t, "side", "client")).iter().map(|(_, t)| text(t, "length")).collect()
    };
    assert_eq!(lengths(&chunked), ["2000"; 4]);
    assert_eq!(lengths(&whole), lengths(&chunked));
}

/// What is said of webmail, step by step.
#[test]
fn the_sentences_tell_who_waits_for_whom() {
    use mailpath::explain::{phases, sentence, stops, story};
    let run = run("webmail:1");
    let (log, names) = (run.world.log(), run.world.names());
    let told = mailpath::scenario::load_builtin("webmail").unwrap().ready(Some("1")).unwrap().story;
    let conversations = phases::conversations(log);
    let spans = story::steps(log, &names, &told);
    let stops = stops::Stops::new(log, &names, run.world.setup(), &spans, &conversations);
    let (mut said, mut place) = (Vec::new(), 0);
    loop {
        let setup = run.world.setup();
        let grain = stops::Grain::Packet;
        said.push(sentence::sentence(log, &names, setup, &told, &stops, &conversations, place, grain).now);
        match stops.next(grain, place) {
            Some(stop) => place = stop.place,
            None => break,
        }
    }
    let all = said.join("\n");
    for wanted in [
        "Alice wants to write a mail in the browser, which opens a TCP connection to the webmail server web.a, port 80.",
        "The webmail server web.a reads POST /send, and with it a form of 107 bytes.",
        "The webmail server web.a opens a TCP connection to Bob's mail server mail.b, port 25; the browser waits for its answer.",
        "Now the browser gets its answer: 303 See Other.",
        "Alice's browser reads 303 See Other: it is sent on to /sent.",
    ] {
        assert!(all.contains(wanted), "{wanted}\n{all}");
    }
}
