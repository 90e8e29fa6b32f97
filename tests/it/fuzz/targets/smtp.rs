//! SMTP: commands, replies, addresses, the letter's transparency, both engines.

use std::sync::Arc;

use mailpath::engine::TlsPolicy;
use mailpath::smtp::auth::Mechanism;
use mailpath::smtp::client::{self, Client, Login};
use mailpath::smtp::data::{Limits, Stuffer, Unstuffer};
use mailpath::smtp::options::Body;
use mailpath::smtp::server::{self, Answer, Request, Server};
use mailpath::smtp::{
    Address, Command, Envelope, ForwardPath, LineEnds, Options, Reply, ReversePath, StartTls, Syntax, options, parse,
    syntax,
};
use mailpath::time::Instant;

use super::wire::{Use, play, seeds};

pub fn command(data: &[u8]) {
    let strict = parse(data, Syntax::Strict);
    let lenient = parse(data, Syntax::Lenient);
    if let Ok(command) = &strict {
        assert_eq!(Ok(command), lenient.as_ref(), "lenient is no stricter");
        written_again(command);
    }
}

/// MAIL, RCPT and hellos are read back from what a client would write.
fn written_again(command: &Command) {
    let params = |params: &[mailpath::smtp::Param]| -> String {
        let one = |p: &mailpath::smtp::Param| match &p.value {
            Some(value) => format!(" {}={value}", p.keyword),
            None => format!(" {}", p.keyword),
        };
        params.iter().map(one).collect()
    };
    let line = match command {
        Command::Mail { from, params: p } => format!("MAIL FROM:{from}{}", params(p)),
        Command::Rcpt { to: ForwardPath::Address(to), params: p } => format!("RCPT TO:<{to}>{}", params(p)),
        Command::Helo(name) => format!("HELO {name}"),
        Command::Ehlo(name) => format!("EHLO {name}"),
        Command::Rset => "RSET".to_owned(),
        Command::Data => "DATA".to_owned(),
        Command::Quit => "QUIT".to_owned(),
        _ => return,
    };
    assert_eq!(parse(line.as_bytes(), Syntax::Strict).as_ref(), Ok(command), "{line}");
}

pub fn command_seeds() -> Vec<Vec<u8>> {
    let lines = [
        "EHLO [IPv6:2001:db8::1]",
        "HELO a.example",
        "MAIL FROM:<@x.example,@y.example:\"al ice\"@a.example> SIZE=10240 BODY=8BITMIME",
        "MAIL FROM:<> RET=HDRS ENVID=QQ314159 AUTH=e+3Dmc2@b.example SMTPUTF8",
        "RCPT TO:<bob@[198.51.100.25]> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;bob@b.example",
        "RCPT TO:<postmaster>",
        "BDAT 1000 LAST",
        "AUTH PLAIN AGFsaWNlAHNlY3JldA==",
        "VRFY bob",
        "EXPN staff",
        "NOOP \"quo\\\"ted\"",
        "STARTTLS",
        "DATA",
        "QUIT",
    ];
    lines.iter().map(|line| line.as_bytes().to_vec()).collect()
}

pub fn reply(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(reply) = text.parse::<Reply>() {
        let written = String::from_utf8(reply.to_bytes()).expect("a reply is ASCII");
        let again: Reply = written.parse().unwrap_or_else(|_| panic!("{written:?} is what a reply was written as"));
        assert_eq!((again.code, again.lines.len()), (reply.code, reply.lines.len()));
        // What can stand in a reply, and fits, is as it was.
        assert_eq!(again.to_bytes(), reply.to_bytes());
        let _ = again.to_string();
    }
    let _ = text.parse::<mailpath::smtp::Status>().map(|status| {
        assert_eq!(status.to_string().parse(), Ok(status));
    });
}

pub fn reply_seeds() -> Vec<Vec<u8>> {
    let texts = [
        "250 OK\r\n",
        "250-mail.b.example\r\n250-SIZE 10240\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS\r\n",
        "550 5.1.1 No such user\n",
        "354",
        "5.7.11",
    ];
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

pub fn address(data: &[u8]) {
    for find in [syntax::local_part, syntax::domain, syntax::address_literal, syntax::domain_or_literal] {
        assert!(find(data).is_none_or(|n| n <= data.len()));
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(address) = text.parse::<Address>() {
        assert_eq!(address.to_string().parse(), Ok(address.clone()));
        let line = format!("RCPT TO:<{address}>");
        let expected = Command::Rcpt { to: ForwardPath::Address(address), params: Vec::new() };
        if line.len() < 500 {
            assert_eq!(parse(line.as_bytes(), Syntax::Strict), Ok(expected));
        }
    }
    if let Ok(address) = Address::international(text) {
        assert_eq!(Address::international(&address.to_string()), Ok(address));
    }
    let xtext = options::to_xtext(text);
    assert!(options::is_xtext(&xtext));
    assert_eq!(options::from_xtext(&xtext), text);
}

pub fn address_seeds() -> Vec<Vec<u8>> {
    let texts = [
        "bob@b.example",
        "\"bob \\\" x\"@b.example",
        "bob@[198.51.100.25]",
        "bob@[IPv6:2001:db8::1]",
        "bob@[x-tag:abc]",
        "a.b+c/d=e@xn--bcher-kva.example",
        "j\u{f6}rg@b\u{fc}cher.example",
    ];
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// A letter that is stuffed and unstuffed, in pieces and with little room, is the letter.
pub fn data(data: &[u8]) {
    let with = Use::of(data);
    let limits = Limits { line: usize::MAX, letter: usize::MAX };
    let mut stuffer = Stuffer::new(Arc::<[u8]>::from(with.rest), true, LineEnds::Strict);
    let mut wire = Vec::new();
    for _ in 0..2 * with.rest.len() + 8 {
        if stuffer.is_done() {
            break;
        }
        let at = wire.len() as u64;
        wire.extend(stuffer.write(with.cut.max(3), at, None));
    }
    assert!(stuffer.is_done(), "it ends");
    let mut unstuffer = Unstuffer::new(LineEnds::Strict, limits, true);
    let (mut at, mut ended) = (0, false);
    while at < wire.len() && !ended {
        let piece = &wire[at..wire.len().min(at + with.cut)];
        let (read, end) = unstuffer.feed(piece, at as u64);
        assert!(read > 0, "it goes on");
        (at, ended) = (at + read, end);
    }
    assert!(ended && at == wire.len(), "{ended} {at} of {}", wire.len());
    assert!(unstuffer.letter().len() >= with.rest.len());
    let map = unstuffer.take_map();
    for (n, byte) in unstuffer.letter().iter().enumerate() {
        if let Some(place) = map.source_of(n as u64) {
            assert_eq!(wire[place as usize], *byte);
        }
    }
    // Any bytes at all, in each manner.
    for line_ends in [LineEnds::Strict, LineEnds::Lenient, LineEnds::Refuse] {
        let mut unstuffer = Unstuffer::new(line_ends, Limits { line: 100, letter: 500 }, true);
        let mut at = 0;
        for piece in with.rest.chunks(with.cut) {
            let (read, ended) = unstuffer.feed(piece, at);
            assert!(read <= piece.len());
            at += read as u64;
            if ended {
                break;
            }
        }
        assert!(unstuffer.letter().len() <= 500);
        let _ = unstuffer.fault();
    }
}

pub fn data_seeds() -> Vec<Vec<u8>> {
    seeds(&["hello\r\n.\r\n..hidden\r\n", ".\r\n", "a\nb\rc\r\r\n.", "no end", ""])
}

fn served(request: Request) -> Answer {
    let refuse = |local: &str| local.starts_with("no").then(|| Reply::new(550, "5.1.1 No such user here"));
    match request {
        Request::Peer => Answer::Peer,
        Request::Sender { from: ReversePath::Address(a), .. } => Answer::Sender(refuse(&a.local).map_or(Ok(()), Err)),
        Request::Sender { .. } => Answer::Sender(Ok(())),
        Request::Recipient { to, .. } => Answer::Recipient(refuse(&to.local).map_or(Ok(()), Err)),
        Request::Deliver { letter, .. } if letter.starts_with(b"no") => Answer::Deliver(Reply::new(554, "5.7.1 no")),
        Request::Deliver { .. } => Answer::Deliver(Reply::new(250, "2.0.0 OK")),
        Request::Command { .. } => Answer::Command(server::Manner::OwnWay),
        Request::Verify { .. } => Answer::Verify(Reply::new(252, "2.1.5 perhaps")),
        Request::Expand { .. } => Answer::Expand(Reply::new(550, "5.1.1 no list")),
        Request::Challenge => Answer::Challenge("<1896.697170952@postoffice.example>".to_owned()),
        Request::Login { user, proof } => Answer::Login(match user.as_str() {
            "alice" if proof.fits("secret") => Ok(()),
            _ => Err(Reply::new(535, "5.7.8 Authentication credentials invalid")),
        }),
    }
}

pub fn server(data: &[u8]) {
    let with = Use::of(data);
    let lines = [
        "SIZE 10240",
        "PIPELINING",
        "8BITMIME",
        "SMTPUTF8",
        "DSN",
        "CHUNKING",
        "BINARYMIME",
        "ENHANCEDSTATUSCODES",
        "AUTH PLAIN LOGIN CRAM-MD5",
    ];
    let config = Arc::new(server::Config {
        syntax: if with.bit(0) { Syntax::Lenient } else { Syntax::Strict },
        line_ends: [LineEnds::Strict, LineEnds::Lenient, LineEnds::Refuse, LineEnds::Strict]
            [usize::from(with.settings >> 1 & 3)],
        extensions: if with.bit(3) { Vec::new() } else { lines.map(str::to_owned).to_vec() },
        starttls: with.bit(4).then_some(StartTls::Offered),
        login_required: with.bit(5) && !with.bit(3),
        expand: with.bit(6),
        ..server::Config::default()
    });
    play(&with, || Server::new(Arc::clone(&config)), || Box::new(|request| served(*request)));
}

pub fn server_seeds() -> Vec<Vec<u8>> {
    let mail = "MAIL FROM:<alice@a.example> SIZE=20\r\nRCPT TO:<bob@b.example>\r\nRCPT TO:<none@b.example>\r\n";
    let data = format!("EHLO a.example\r\n{mail}DATA\r\nFrom: alice@a.example\r\n\r\n..dot\r\n.\r\nQUIT\r\n");
    let bdat = format!("EHLO a.example\r\n{mail}BDAT 5\r\nhelloBDAT 2 LAST\r\n\r\nRSET\r\nNOOP\r\n");
    let auth = "EHLO a.example\r\nAUTH PLAIN AGFsaWNlAHNlY3JldA==\r\nAUTH LOGIN\r\nYWxpY2U=\r\nc2VjcmV0\r\n";
    let cram = "EHLO a.example\r\nAUTH CRAM-MD5\r\ndGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw\r\n*\r\n";
    let other = "HELO a\r\nVRFY Crispin\r\nEXPN staff\r\nHELP\r\nSTARTTLS\r\nEHLO b\r\n";
    let dsn = "EHLO a.example\r\nMAIL FROM:<a@a.example> RET=HDRS ENVID=x BODY=8BITMIME SMTPUTF8 AUTH=<>\r\n\
               RCPT TO:<bob@b.example> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;bob@b.example\r\n";
    let binary = "EHLO a.example\r\nMAIL FROM:<a@a.example> BODY=BINARYMIME\r\nRCPT TO:<bob@b.example>\r\nDATA\r\n\
                  BDAT 4\r\n\0\n.\rBDAT 0 LAST\r\nNOOP\r\n";
    seeds(&[&data, &bdat, auth, cram, other, dsn, binary])
}

pub fn client(data: &[u8]) {
    let with = Use::of(data);
    let login = |mechanism| Login { user: "alice".into(), password: "secret".into(), mechanism };
    let config = Arc::new(client::Config {
        pipelining: with.bit(0),
        chunking: with.bit(1),
        tls: if with.bit(2) { TlsPolicy::IfOffered } else { TlsPolicy::Never },
        login: match with.settings >> 3 & 3 {
            1 => Some(login(Mechanism::Plain)),
            2 => Some(login(Mechanism::Login)),
            3 => Some(login(Mechanism::CramMd5)),
            _ => None,
        },
        auto_quit: with.bit(5),
        ..client::Config::default()
    });
    let address = |text: &str| text.parse::<Address>().expect("a good address");
    let make = || {
        let mut client = Client::new(Arc::clone(&config));
        for letter in ["From: a\r\n\r\n.dot\r\n", "x"] {
            let to = vec![address("bob@b.example"), address("carol@b.example")];
            let body = with.bit(6).then_some(Body::BinaryMime);
            let options = body.map(|_| Arc::new(Options { body, ..Options::default() }));
            let from = ReversePath::Address(address("alice@a.example"));
            let envelope = Envelope { options, ..Envelope::new(from, to) };
            client.send(Instant::ZERO, envelope, Arc::<[u8]>::from(letter.as_bytes()));
        }
        client
    };
    play(&with, make, || Box::new(|never| match never {}));
}

pub fn client_seeds() -> Vec<Vec<u8>> {
    let ehlo = "220 b ESMTP\r\n250-b\r\n250-PIPELINING\r\n250-SIZE 10000\r\n250-CHUNKING\r\n250-BINARYMIME\r\n250-STARTTLS\r\n\
                250-8BITMIME\r\n250 AUTH PLAIN LOGIN CRAM-MD5\r\n";
    let plain =
        "220 b\r\n250 b\r\n250 OK\r\n250 OK\r\n550 no\r\n354 go\r\n250 taken\r\n250 OK\r\n451 no\r\n221 bye\r\n";
    let login = "235 in\r\n250 OK\r\n250 OK\r\n250 OK\r\n250 OK\r\n";
    let challenge = "334 VXNlcm5hbWU6\r\n334 UGFzc3dvcmQ6\r\n235 in\r\n";
    let all = [ehlo, login].concat();
    let asked = [ehlo, challenge, login].concat();
    seeds(&[plain, &all, &asked, "421 bye\r\n", "554 no\r\n", "220-x\r\n220 b\r\n502 what\r\n250 b\r\n250 OK\r\n"])
}
