//! What browsers ask, what mail servers say, what is on the pages.

use super::*;
use crate::engine::TlsPolicy;
use crate::imap::client::{Data, Ending, Event as Heard, Status};
use crate::mail::config::ClientTls;
use crate::smtp::client::{Failure, FailureCause, Outcome, Stage};
use crate::smtp::{Address, Reply};
use crate::topology::ConnId;

fn account(address: &str, smtp: bool, imap: bool) -> UserAgent {
    let server = |port| Some(("mail.b.example".to_owned(), port));
    UserAgent {
        address: address.to_owned(),
        display_name: None,
        user: address.split('@').next().unwrap().to_owned(),
        password: "secret".to_owned(),
        smtp: server(25).filter(|_| smtp),
        imap: server(143).filter(|_| imap),
        smtp_tls: ClientTls::Policy(TlsPolicy::Never),
        imap_tls: ClientTls::Policy(TlsPolicy::Never),
        pop3: None,
        pop3_tls: ClientTls::Policy(TlsPolicy::Never),
        line_ends: Default::default(),
        ehlo: true,
        dot_stuffing: true,
        login: None,
    }
}

struct Web {
    webmail: Webmail,
    ids: u32,
    cookie: Option<String>,
    asked: u32,
}

impl Web {
    fn new() -> Self {
        let accounts = [account("alice@a.example", true, false), account("bob@b.example", true, true)];
        let webmail = Webmail::new(
            Arc::from(accounts),
            "web.a.example",
            Calendar::default(),
            Seed::new(1).child("webmail"),
            true,
        );
        Web { webmail, ids: 0, cookie: None, asked: 0 }
    }

    fn logged_in(user: &str) -> Self {
        let mut web = Web::new();
        let response = web.post("/login", &format!("user={user}&password=secret")).unwrap();
        assert_eq!((response.status, field(&response, "Location")), (303, Some("/")));
        let cookie = field(&response, "Set-Cookie").unwrap().split(';').next().unwrap().to_owned();
        web.cookie = Some(format!("x=y; {cookie}"));
        web
    }

    fn ask(&mut self, request: Request) -> Option<Response> {
        self.asked += 1;
        let asker = (ConnId(7), RequestId(self.asked));
        let request = Request { cookie: self.cookie.clone(), ..request };
        let answer = self.webmail.request(Instant::ZERO, &mut self.ids, asker, &request)?;
        let Answer::Response(response) = answer else { panic!("{answer:?}") };
        Some(*response)
    }

    fn get(&mut self, path: &str) -> Option<Response> {
        self.ask(Request { path: path.to_owned(), ..Request::default() })
    }

    fn post(&mut self, path: &str, form: &str) -> Option<Response> {
        self.ask(Request {
            method: Method::Post,
            path: path.to_owned(),
            content_type: Some("application/x-www-form-urlencoded; charset=utf-8".to_owned()),
            body: Arc::from(form.as_bytes()),
            ..Request::default()
        })
    }

    /// What was wanted of a mail server.
    fn wanted(&mut self) -> Output {
        std::iter::from_fn(|| self.webmail.poll())
            .find(|o| !matches!(o, Output::Event(_)))
            .expect("something is wanted")
    }

    fn answered(&mut self) -> Response {
        let Output::Answer((ConnId(7), RequestId(n)), Answer::Response(response)) = self.wanted() else {
            panic!("an answer is due");
        };
        assert_eq!(n, self.asked);
        *response
    }
}

fn field<'r>(response: &'r Response, name: &str) -> Option<&'r str> {
    response.fields.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_str())
}

fn html_of(response: &Response) -> String {
    String::from_utf8(response.object.body.to_vec()).unwrap()
}

const MAIL: &str = "to=bob%40b.example&cc=&subject=hi&text=one%0D%0Atwo";

#[test]
fn who_is_not_logged_in_gets_to_the_door_only() {
    let mut web = Web::new();
    assert!(html_of(&web.get("/").unwrap()).contains("name=\"password\""));
    for path in ["/compose", "/inbox", "/sent", "/read?uid=1"] {
        let response = web.get(path).unwrap();
        assert_eq!((response.status, field(&response, "Location")), (303, Some("/")), "{path}");
    }
    assert_eq!(web.post("/send", MAIL).unwrap().status, 303);
    assert!(web.webmail.poll().is_none(), "and nothing is sent");
    web.cookie = Some("session=0000000000000000; session".to_owned());
    assert_eq!(web.get("/compose").unwrap().status, 303);
    for form in ["user=alice&password=wrong", "user=nobody&password=secret", "", "password=secret", "user=alice"] {
        let response = web.post("/login", form).unwrap();
        assert_eq!((response.status, field(&response, "Set-Cookie")), (403, None), "{form}");
    }
}

#[test]
fn paths_methods_and_contents_that_do_not_fit_are_refused() {
    let mut web = Web::logged_in("alice");
    assert_eq!(web.get("/etc/passwd").unwrap().status, 404);
    assert_eq!(web.get("/read?uid=x").unwrap().status, 404);
    assert_eq!(web.get("/inbox").unwrap().status, 404, "she has no server to read from");
    assert_eq!(web.get("/sent").unwrap().status, 404, "nothing was sent yet");
    let response = web.get("/send").unwrap();
    assert_eq!((response.status, field(&response, "Allow")), (405, Some("POST")));
    assert_eq!(web.post("/compose", "x=y").unwrap().status, 405);
    let json = Request {
        method: Method::Post,
        path: "/send".to_owned(),
        content_type: Some("application/json".to_owned()),
        body: Arc::from(&b"{}"[..]),
        ..Request::default()
    };
    assert_eq!(web.ask(json).unwrap().status, 415);
}

#[test]
fn a_mail_is_sent_and_the_page_says_what_the_server_said() {
    let mut web = Web::logged_in("alice");
    assert_eq!(web.post("/send", MAIL), None, "the browser waits");
    let Output::Submit { job, account: 0, envelope, letter } = web.wanted() else { panic!() };
    assert_eq!(envelope.from.to_string(), "<alice@a.example>");
    let text = String::from_utf8(letter.bytes.to_vec()).unwrap();
    assert!(text.contains("Subject: hi\r\n") && text.ends_with("\r\n\r\none\r\ntwo\r\n"), "{text}");
    let to: Address = "bob@b.example".parse().unwrap();
    let (ok, end) = (Reply::new(250, "OK"), Reply::new(250, "<taken> & kept"));
    let outcome =
        Outcome { envelope, recipients: vec![(to, ok)], end: Some(end), failure: None, carries_wishes: false };
    web.webmail.submission_outcome(job, &outcome);
    let response = web.answered();
    assert_eq!((response.status, field(&response, "Location")), (303, Some("/sent")));
    let page = web.get("/sent").unwrap();
    assert_eq!(page.status, 200);
    assert!(html_of(&page).contains("<li>bob@b.example: <code>250 &lt;taken&gt; &amp; kept</code></li>"));
    web.webmail.submission_outcome(job, &outcome);
    assert!(web.webmail.poll().is_none(), "it is answered once");
}

#[test]
fn what_the_mail_server_says_decides_the_status() {
    let failed = |cause, reply: Option<Reply>| {
        let mut web = Web::logged_in("alice");
        web.post("/send", MAIL);
        let Output::Submit { job, envelope, .. } = web.wanted() else { panic!() };
        let failure = Some(Failure { cause, stage: Stage::Mail, reply });
        let outcome = Outcome { envelope, recipients: Vec::new(), end: None, failure, carries_wishes: false };
        web.webmail.submission_outcome(job, &outcome);
        let response = web.answered();
        (response.status, html_of(&response))
    };
    let refused = failed(FailureCause::Reply, Some(Reply::new(550, "not you")));
    assert_eq!(refused.0, 422);
    assert!(refused.1.contains("<code>550 not you"));
    assert_eq!(failed(FailureCause::Reply, Some(Reply::new(451, "later"))).0, 503);
    assert_eq!(failed(FailureCause::Timeout, None).0, 504);
    assert_eq!(failed(FailureCause::ConnectionLost, None).0, 502);

    let mut web = Web::logged_in("alice");
    web.post("/send", MAIL);
    let Output::Submit { job, .. } = web.wanted() else { panic!() };
    web.webmail.not_submitted(job, "connection refused");
    let response = web.answered();
    assert_eq!(response.status, 502);
    assert!(html_of(&response).contains("connection refused"));
}

#[test]
fn what_is_wrong_with_a_form_is_said_and_what_was_typed_stays() {
    for (form, said) in [
        ("to=&subject=x", "nobody to send it to"),
        ("to=bob&subject=x", "is not an address"),
        ("to=bob%40b.example&subject=a%0D%0ABcc:+x", "one line each"),
        ("to=bob%40b.example%0A&subject=a", "one line each"),
    ] {
        let mut web = Web::logged_in("alice");
        let page = web.post("/send", &format!("{form}&text=%3Cb%3E")).unwrap();
        assert_eq!(page.status, 422, "{form}");
        let html = html_of(&page);
        assert!(html.contains(said) && html.contains("&lt;b&gt;</textarea>"), "{form}: {html}");
        assert!(web.webmail.poll().is_none());
    }
}

#[test]
fn an_inbox_is_read_by_imap_and_an_empty_one_is_not_searched() {
    let mut web = Web::logged_in("bob");
    assert_eq!(web.get("/inbox"), None);
    let Output::Read { job, account: 1, commands } = web.wanted() else { panic!() };
    assert_eq!(commands.len(), 2);
    let select = ClientCommand::Select("INBOX".to_owned());
    let done = |command: &ClientCommand, verb, status| Heard::Completed {
        command: Box::new(command.clone()),
        verb,
        status,
        text: "said".to_owned(),
    };
    let hear = |web: &mut Web, event: Heard| web.webmail.heard(&mut 0, ConnId(9), job, &event);
    assert!(hear(&mut web, Heard::Data(Box::new(Data::Exists(0)))).is_empty());
    assert_eq!(hear(&mut web, done(&select, "SELECT", Status::Ok)), [ClientCommand::Logout]);
    let page = web.answered();
    assert!(page.status == 200 && html_of(&page).contains("bob@b.example: 0 mails"));
    assert!(hear(&mut web, Heard::Ended(Ending::Logout)).is_empty());
    assert!(web.webmail.poll().is_none());

    web.get("/read?uid=5");
    let Output::Read { job, commands, .. } = web.wanted() else { panic!() };
    assert_eq!(
        web.webmail.heard(&mut 0, ConnId(9), job, &done(&commands[0], "LOGIN", Status::No)),
        [ClientCommand::Logout]
    );
    let page = web.answered();
    assert!(page.status == 403 && html_of(&page).contains("to LOGIN: <code>NO said</code>"));

    web.get("/inbox");
    let Output::Read { job, .. } = web.wanted() else { panic!() };
    web.webmail.heard(&mut 0, ConnId(9), job, &Heard::Ended(Ending::Timeout));
    assert_eq!(web.answered().status, 504);
}

#[test]
fn logging_out_ends_the_session() {
    let mut web = Web::logged_in("bob");
    assert_eq!(web.get("/compose").unwrap().status, 200);
    let response = web.post("/logout", "").unwrap();
    assert_eq!(field(&response, "Set-Cookie"), Some("session=; Max-Age=0"));
    assert_eq!(web.get("/compose").unwrap().status, 303);
}
