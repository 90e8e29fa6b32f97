//! Senders are checked before they are answered, and what was found stands on top of the letter.

use super::*;
use crate::dns::resolver::{Answer as Found, Failure, Question};
use crate::dns::{Record, RecordData, RecordType};

const TEXTS: [(&str, &str); 3] = [
    ("evil.example", "v=spf1 ip4:203.0.113.66 exp=why.evil.example -all"),
    ("c.example", "v=spf1 exp=why.evil.example -all"),
    ("why.evil.example", "%{i} is not ours"),
];

impl Desk {
    fn checking(checks: Checks) -> Self {
        Desk::with(MailServer { checks, reject_spf_fail: checks == Checks::Spf, ..cfg() }, true)
    }

    /// Asks, answers all questions for DNS from `texts`, and gives what the engine gets in the end.
    fn checked(&mut self, from: Ipv4Addr, request: Request) -> (Answer, Vec<String>) {
        let peer = Peer { conn: ConnId(4), address: from, name: None };
        let mut asked = Vec::new();
        if let Some(answer) = self.system.answer(self.now, &mut self.ids, peer, RequestId(7), request) {
            return (answer, asked);
        }
        loop {
            match self.system.poll_wanted().expect("it waits for something") {
                Wanted::Ask { check, question } => {
                    asked.push(format!("{} {}", question.rtype, question.name));
                    let answer = found(&question);
                    self.system.known(self.now, &mut self.ids, check, &question, &answer);
                }
                Wanted::Answer { conn, request, answer } => {
                    assert_eq!((conn, request), (ConnId(4), RequestId(7)));
                    return (answer, asked);
                }
            }
        }
    }

    fn mail_from(&mut self, client: Ipv4Addr, from: &str) -> (Result<(), String>, Vec<String>) {
        let from = envelope(from, &[]).from;
        let request = Request::Sender { from, peer_name: "host.evil.example".into(), size: None };
        match self.checked(client, request) {
            (Answer::Sender(answer), asked) => (answer.map_err(|reply| reply.to_string()), asked),
            other => panic!("not an answer to MAIL: {other:?}"),
        }
    }

    fn letter(&mut self, client: Ipv4Addr, from: &str, letter: &str) -> String {
        let request = Request::Deliver {
            envelope: envelope(from, &["alice@a.example"]),
            letter: letter.as_bytes().into(),
            map: SpanMap::new(),
            protocol: "ESMTP",
            peer_name: "host.evil.example".into(),
        };
        match self.checked(client, request) {
            (Answer::Deliver(reply), _) => reply.to_string(),
            other => panic!("not an answer to the end of data: {other:?}"),
        }
    }

    /// What was told of checks, and the letter that went into the mailbox.
    fn results(&mut self) -> (Vec<String>, Option<String>) {
        let (mut results, mut stored) = (Vec::new(), None);
        while let Some(output) = self.system.poll(self.now, &mut self.ids) {
            match output {
                Output::Event(Event::AuthResult { method, result, domain, stage, .. }) => {
                    results.push(format!("{} {method} {result} {domain}", stage.name()));
                }
                Output::Event(Event::MailboxStore { letter, .. }) => {
                    stored = Some(String::from_utf8(letter.bytes.to_vec()).unwrap());
                }
                _ => {}
            }
        }
        (results, stored)
    }
}

fn found(question: &Question) -> Found {
    let text = TEXTS.iter().find(|(name, _)| question.rtype == RecordType::Txt && question.name == *name);
    let record = |text: &str| {
        vec![Record { name: question.name.clone(), ttl: 60, data: RecordData::Txt(vec![text.to_owned()]) }]
    };
    let nobody = if question.name.contains("trouble") { Failure::Timeout } else { Failure::NxDomain };
    Found { result: text.map(|(_, text)| record(text)).ok_or(nobody), additional: Vec::new() }
}

#[test]
fn mail_waits_for_dns_and_is_refused_or_not() {
    let mut desk = Desk::checking(Checks::Spf);
    assert_eq!(desk.mail_from(MALLORY, "x@evil.example"), (Ok(()), vec!["TXT evil.example".to_owned()]));
    let (answer, asked) = desk.mail_from(MALLORY, "x@c.example");
    let why = "5.7.23 c.example explains: 203.0.113.66 is not ours";
    assert_eq!(answer.unwrap_err(), format!("550 5.7.23 SPF validation failed for c.example {why}"));
    assert_eq!(asked, ["TXT c.example", "TXT why.evil.example"]);
    let (answer, _) = desk.mail_from(MALLORY, "x@trouble.example");
    assert!(answer.unwrap_err().starts_with("451 4.4.3 "));
    assert_eq!(desk.mail_from(MALLORY, "").1, ["TXT host.evil.example"], "the name in HELO");
    let told = ["pass evil.example", "fail c.example", "temperror trouble.example", "none host.evil.example"];
    assert_eq!(desk.results().0, told.map(|t| format!("mail spf {t}")));
}

#[test]
fn ones_own_users_are_not_checked() {
    let mut desk = Desk::checking(Checks::Dmarc);
    assert_eq!(desk.mail_from(ALICE_PC, "alice@c.example"), (Ok(()), Vec::new()));
    assert!(desk.letter(ALICE_PC, "alice@c.example", "From: alice@c.example\r\n\r\nx\r\n").starts_with("250"));
    let (results, stored) = desk.results();
    assert!(results.is_empty() && stored.unwrap().starts_with("Return-Path: <alice@c.example>\r\nReceived: "));
}

#[test]
fn only_ones_own_results_stand_on_the_letter() {
    let mut desk = Desk::checking(Checks::Dmarc);
    desk.mail_from(MALLORY, "x@evil.example").0.unwrap();
    let lie = "Authentication-Results: mail.a.example;\r\n\tdmarc=pass header.from=a.example\r\n";
    let other = "Authentication-Results: mail.c.example; spf=pass\r\n";
    let letter = format!("{lie}{other}From: x@evil.example\r\n{lie}\r\nhello\r\n");
    assert!(desk.letter(MALLORY, "x@evil.example", &letter).starts_with("250 "));
    let (results, stored) = desk.results();
    assert_eq!(
        results,
        ["mail spf pass evil.example", "end-of-data dkim none ", "end-of-data dmarc none evil.example"]
    );
    let stored = stored.unwrap();
    let results = "Authentication-Results: mail.a.example;\r\n\
        \tspf=pass (ip4:203.0.113.66) smtp.mailfrom=x@evil.example;\r\n\tdkim=none;\r\n\
        \tdmarc=none (evil.example has no policy) header.from=evil.example\r\nReceived: from host.evil.example";
    assert!(stored.starts_with(&format!("Return-Path: <x@evil.example>\r\n{results}")), "{stored}");
    assert!(stored.ends_with(&format!("\r\n{other}From: x@evil.example\r\n\r\nhello\r\n")), "{stored}");
}

#[test]
fn nobody_answers_a_session_that_is_over() {
    let mut desk = Desk::checking(Checks::Spf);
    let peer = Peer { conn: ConnId(4), address: MALLORY, name: None };
    let request = Request::Sender { from: envelope("x@evil.example", &[]).from, peer_name: "x".into(), size: None };
    assert_eq!(desk.system.answer(desk.now, &mut desk.ids, peer, RequestId(7), request), None);
    let Some(Wanted::Ask { check, question }) = desk.system.poll_wanted() else { panic!() };
    desk.system.session_over(ConnId(4));
    desk.system.known(desk.now, &mut desk.ids, check, &question, &found(&question));
    assert!(desk.system.poll_wanted().is_none());
}
