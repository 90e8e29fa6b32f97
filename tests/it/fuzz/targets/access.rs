//! IMAP and POP3: both servers with the real store behind them, both clients.

use std::collections::BTreeSet;
use std::sync::Arc;

use mailpath::engine::TlsPolicy;
use mailpath::imap::{self, Extension, Flags};
use mailpath::mail::config::User;
use mailpath::mail::store::{Maildrop, Session, Store, Surroundings};
use mailpath::mail::{ContentId, Letter, Made};
use mailpath::pop3;
use mailpath::tail::Tail;
use mailpath::time::Duration;
use mailpath::topology::ConnId;

use super::wire::{Use, play, seeds};

fn store() -> Store {
    let mut store = Store::new(&[User {
        name: "bob".into(),
        password: "secret".into(),
        quota: None,
        forward: Vec::new(),
        keep_copy: false,
    }]);
    let letters = [
        "From: alice@a.example\r\nSubject: one\r\nDate: Mon, 3 Mar 2025 09:00:00 +0000\r\n\r\n.\r\n.hidden\r\n",
        "From: \"A, B\" <a@a.example>\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\none\r\n--x\r\n\
         Content-Type: image/png; name=\"a b\"\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC\r\n--x--\r\n",
        "no header at all",
    ];
    for (n, text) in letters.iter().enumerate() {
        let letter = Letter {
            content: ContentId(n as u32),
            bytes: Tail::join(&[text.as_bytes()]),
            message_id: "".into(),
            made: Made::Preloaded,
        };
        store.deliver("bob", "INBOX", letter, Flags::new(), 1_741_000_000, None);
    }
    store
}

pub fn imap_server(data: &[u8]) {
    let with = Use::of(data);
    let mut extensions: Vec<Extension> = Extension::ALL.to_vec();
    extensions.retain(|e| *e != Extension::LoginDisabled);
    if with.bit(1) {
        extensions.clear();
    }
    let config = Arc::new(imap::server::Config {
        extensions,
        starttls: with.bit(0),
        line_limit: 2000,
        literal_limit: 4000,
        ..Default::default()
    });
    let host = || -> Box<dyn FnMut(imap::server::Request) -> imap::server::Answer> {
        let (mut store, mut session, mut ids) = (store(), Session::new(ConnId(0)), 100);
        Box::new(move |request| {
            let mut around = Surroundings { now: 1_741_000_000, ids: &mut ids, events: None };
            store.answer(&mut session, request, &mut around)
        })
    };
    play(&with, || imap::server::Server::new(Arc::clone(&config)), host);
}

pub fn imap_server_seeds() -> Vec<Vec<u8>> {
    let login = "a LOGIN bob secret\r\nb SELECT INBOX\r\n";
    let all = [
        "c FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE BODY[HEADER.FIELDS (From \"Date\")] \
         BODY.PEEK[2.MIME]<0.10> BODY[TEXT] RFC822.HEADER)\r\n",
        "d STORE 1 +FLAGS.SILENT (\\Deleted $x)\r\ne UID EXPUNGE 1:3\r\nf EXPUNGE\r\ng CLOSE\r\n",
        "h SEARCH OR (FROM alice NOT SEEN) CHARSET UTF-8 SINCE 1-Mar-2025 HEADER Subject one UID 1:* 2,3\r\n",
        "i APPEND INBOX (\\Seen) \"01-Mar-2025 10:00:00 +0000\" {12+}\r\nFrom: x\r\n\r\n.\r\n",
        "j CREATE a/b\r\nk RENAME a c&AOQ-\r\nl LIST \"\" \"%\"\r\nm LSUB \"\" *\r\nn STATUS INBOX (MESSAGES UNSEEN)\r\n",
        "o COPY 1:2 c\r\np MOVE 1 c\r\nq UID COPY 1:* none\r\nr NAMESPACE\r\ns ID NIL\r\nt ENABLE X\r\n",
        "u IDLE\r\nDONE\r\nv CAPABILITY\r\nw STARTTLS\r\nx NOOP\r\ny LOGOUT\r\n",
        "z UNSELECT\r\nA EXAMINE \"INBOX\"\r\nB CHECK\r\nC SUBSCRIBE x\r\nD DELETE x\r\n",
    ];
    let mut texts: Vec<String> = all.iter().map(|text| format!("{login}{text}")).collect();
    texts.push("a AUTHENTICATE PLAIN\r\nAGJvYgBzZWNyZXQ=\r\nb LOGIN {3}\r\nbob {6}\r\nsecret\r\n".to_owned());
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    // Settings of no extensions and of TLS have seeds of their own by way of the numbers that `seeds` gives out.
    seeds(&texts)
}

pub fn imap_client(data: &[u8]) {
    use imap::client::{Client, ClientCommand, Config};
    let with = Use::of(data);
    let config = Arc::new(Config {
        line_limit: 4000,
        literal_limit: 4000,
        tls: if with.bit(0) { TlsPolicy::IfOffered } else { TlsPolicy::Never },
        ..Config::default()
    });
    let commands = || {
        let append =
            ClientCommand::Append { mailbox: "Sent".into(), flags: Vec::new(), message: b"a: b\r\n\r\nc".to_vec() };
        vec![
            ClientCommand::Capability,
            ClientCommand::Login { user: "bob".into(), password: "\"secret\"".into() },
            append,
            ClientCommand::Select("INBOX".into()),
            ClientCommand::Fetch { set: "1:*".into(), items: "BODY[]".into(), uid: true },
            ClientCommand::Idle { longest: Duration::from_secs(60), until_news: with.bit(1) },
            ClientCommand::Logout,
        ]
    };
    play(&with, || Client::new(Arc::clone(&config), commands()), || Box::new(|never| match never {}));
}

pub fn imap_client_seeds() -> Vec<Vec<u8>> {
    let begin = "* OK [CAPABILITY IMAP4rev1] ready\r\n* CAPABILITY IMAP4rev1 LITERAL+ IDLE STARTTLS\r\nA001 OK done\r\n\
                 A002 OK in\r\n";
    let rest = "A003 OK [APPENDUID 1 2] done\r\n* FLAGS (\\Seen \\Deleted)\r\n* OK [UIDVALIDITY 1] ok\r\n* 2 EXISTS\r\n\
                * 0 RECENT\r\nA004 OK [READ-WRITE] done\r\n* 1 FETCH (UID 7 FLAGS (\\Seen) BODY[] {8}\r\na: b\r\n\r\n)\r\n\
                * 2 FETCH (UID 9 BODY[HEADER] \"x\" ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL))\r\n\
                A005 OK done\r\n+ idling\r\n* 3 EXISTS\r\n* 1 EXPUNGE\r\nA006 OK done\r\n* BYE\r\nA007 OK bye\r\n";
    let other = "* PREAUTH hello\r\nA001 BAD what\r\nA002 NO [ALERT] no\r\n* LIST (\\HasChildren) \"/\" \"a b\"\r\n\
                 * STATUS INBOX (MESSAGES 3)\r\n* SEARCH 1 2\r\n* X y\r\n+ go\r\n+ \r\n";
    let tls = "* OK x\r\n* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\nA001 OK done\r\nA002 OK begin\r\n";
    seeds(&[&[begin, rest].concat(), other, tls, &[begin, "+ go\r\n", rest].concat(), "* BYE no\r\n"])
}

pub fn pop3_server(data: &[u8]) {
    let with = Use::of(data);
    let config = Arc::new(pop3::server::Config { stls: with.bit(0), ..Default::default() });
    let stamp = with.bit(1).then(|| "<1896.697170952@dbc.mtview.ca.us>".to_owned());
    let host = || -> Box<dyn FnMut(pop3::server::Request) -> pop3::server::Answer> {
        let (mut store, mut drop, mut ids) = (store(), Maildrop::new(ConnId(0)), 100);
        Box::new(move |request| {
            let mut around = Surroundings { now: 1_741_000_000, ids: &mut ids, events: None };
            store.answer_pop3(&mut drop, request, &mut around)
        })
    };
    play(&with, || pop3::server::Server::new(Arc::clone(&config), stamp.clone()), host);
}

pub fn pop3_server_seeds() -> Vec<Vec<u8>> {
    let login = "USER bob\r\nPASS secret\r\n";
    let all = [
        "STAT\r\nLIST\r\nLIST 2\r\nUIDL\r\nUIDL 1\r\nRETR 1\r\nTOP 2 3\r\nDELE 1\r\nRETR 1\r\nRSET\r\nNOOP\r\nQUIT\r\n",
        "DELE 1\r\nDELE 2\r\nLIST\r\nSTAT\r\nCAPA\r\nQUIT\r\nSTAT\r\n",
        "RETR 3\r\nTOP 1 0\r\nRETR 99999999999\r\nLIST -1\r\nretr 2\r\nFOO\r\n\r\n",
    ];
    let mut texts: Vec<String> = all.iter().map(|text| format!("{login}{text}")).collect();
    texts.push("CAPA\r\nSTLS\r\nUSER bob\r\n".to_owned());
    texts.push("APOP bob c4c9334bac560ecc979e58001b3e22fb\r\nQUIT\r\n".to_owned());
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let mut seeds = seeds(&texts);
    // The ones that log in have no TLS to wait for.
    seeds.iter_mut().take(3).for_each(|seed| seed[0] &= !1);
    seeds
}

pub fn pop3_client(data: &[u8]) {
    use pop3::client::{Client, ClientCommand, Config};
    let with = Use::of(data);
    let tls =
        [TlsPolicy::Never, TlsPolicy::IfOffered, TlsPolicy::Required, TlsPolicy::Never][usize::from(with.settings & 3)];
    let config = Arc::new(Config { tls, letter_limit: 10_000, ..Config::default() });
    let fetch = match with.bit(2) {
        true => ClientCommand::FetchAndDelete,
        false => ClientCommand::FetchNew { known: Arc::new(BTreeSet::from(["1.2".to_owned()])) },
    };
    let commands = || {
        let login = ClientCommand::Login { user: "bob".into(), password: "secret".into() };
        vec![login, ClientCommand::Stat, ClientCommand::Top { number: 1, lines: 2 }, fetch.clone(), ClientCommand::Quit]
    };
    play(&with, || Client::new(Arc::clone(&config), commands()), || Box::new(|never| match never {}));
}

pub fn pop3_client_seeds() -> Vec<Vec<u8>> {
    let plain = "+OK ready <1896.697170952@dbc.mtview.ca.us>\r\n+OK in\r\n+OK 2 320\r\n+OK top\r\na: b\r\n.\r\n\
                 +OK list\r\n1 120\r\n2 200\r\n.\r\n+OK\r\n..x\r\n.\r\n+OK gone\r\n+OK\r\n.\r\n+OK gone\r\n+OK bye\r\n";
    let user =
        "+OK ready\r\n+OK\r\n+OK\r\n-ERR no\r\n-ERR no\r\n+OK\r\n1 1.2\r\n2 1.9\r\n.\r\n+OK\r\nnew\r\n.\r\n+OK\r\n";
    let tls = "+OK ready\r\n+OK\r\nTOP\r\nSTLS\r\nUSER\r\n.\r\n+OK begin\r\n";
    let mut seeds = seeds(&[plain, user, plain, user, tls, tls]);
    seeds.iter_mut().enumerate().for_each(|(n, seed)| seed[0] = [0, 0, 4, 4, 1, 2][n]);
    seeds
}
