//! The pages of a webmail server. What comes from users and letters is text and never a tag: every value goes through
//! [`text`] or [`value`].

use std::fmt::Write;

use html_escape::{encode_double_quoted_attribute as value, encode_text as text};

use crate::http::server::{Object, Response};
use crate::imap::client::Fetch;
use crate::mail::config::UserAgent;
use crate::message::{self, Screen};

/// A page with a heading; `body` is HTML.
fn page(status: u16, title: &str, body: &str) -> Response {
    let title = text(title);
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n</head>\n\
         <body>\n<h1>{title}</h1>\n{body}</body>\n</html>\n"
    );
    let object = Object::new("text/html; charset=utf-8", html.into_bytes());
    // Letters are nobody else's business: they are not left in a browser's store (RFC 9111 section 5.2.2.5).
    Response::new(status, object).with("Cache-Control", "no-store")
}

/// The form in which a user says who he is; `said`: why he has to do it again.
pub(super) fn log_in(status: u16, said: &str) -> Response {
    let said = if said.is_empty() { String::new() } else { format!("<p>{}</p>\n", text(said)) };
    let form = "<form method=\"post\" action=\"/login\">\n<p>User: <input name=\"user\"></p>\n\
                <p>Password: <input name=\"password\" type=\"password\"></p>\n\
                <p><button>Log in</button></p>\n</form>\n";
    page(status, "Webmail", &(said + form))
}

/// What a user can do.
pub(super) fn home(account: &UserAgent) -> Response {
    let mut body = format!("<p>{}</p>\n<ul>\n", text(&account.address));
    if account.smtp.is_some() {
        body.push_str("<li><a href=\"/compose\">Write a mail</a></li>\n");
    }
    if account.imap.is_some() {
        body.push_str("<li><a href=\"/inbox\">Inbox</a></li>\n");
    }
    body.push_str("</ul>\n<form method=\"post\" action=\"/logout\"><button>Log out</button></form>\n");
    page(200, "Webmail", &body)
}

/// What stands in the form of a mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Typed {
    pub to: String,
    pub cc: String,
    pub subject: String,
    pub text: String,
}

/// The form in which a mail is written; `said`: what is wrong with what stands in it.
pub(super) fn compose(status: u16, said: &str, typed: &Typed) -> Response {
    let said = if said.is_empty() { String::new() } else { format!("<p>{}</p>\n", text(said)) };
    let (to, cc, subject) = (value(&typed.to), value(&typed.cc), value(&typed.subject));
    let letter = text(&typed.text);
    let form = format!(
        "<form method=\"post\" action=\"/send\">\n<p>To: <input name=\"to\" value=\"{to}\"></p>\n\
         <p>Cc: <input name=\"cc\" value=\"{cc}\"></p>\n\
         <p>Subject: <input name=\"subject\" value=\"{subject}\"></p>\n\
         <p><textarea name=\"text\">{letter}</textarea></p>\n<p><button>Send</button></p>\n</form>\n"
    );
    page(status, "Write a mail", &(said + &form))
}

/// What a mail server said to a mail: a line for each recipient, in its own words.
pub(super) fn report(status: u16, title: &str, server: &str, lines: &[(String, String)]) -> Response {
    let mut body = format!("<p>{} says:</p>\n<ul>\n", text(server));
    for (about, said) in lines {
        let about = if about.is_empty() { String::new() } else { format!("{}: ", text(about)) };
        let _ = writeln!(body, "<li>{about}<code>{}</code></li>", text(said));
    }
    body.push_str("</ul>\n<p><a href=\"/\">Back</a></p>\n");
    page(status, title, &body)
}

/// The list of a mailbox.
pub(super) fn inbox(account: &UserAgent, letters: &[Fetch]) -> Response {
    let mut body = format!("<p>{}: {} mails</p>\n<table>\n", text(&account.address), letters.len());
    for letter in letters {
        let envelope = letter.envelope.clone().unwrap_or_default();
        let seen = letter.flags.as_ref().is_some_and(|flags| flags.iter().any(|f| f.eq_ignore_ascii_case("\\Seen")));
        let subject = match decoded(&envelope.subject) {
            subject if subject.is_empty() => "(no subject)".to_owned(),
            subject => subject,
        };
        let _ = writeln!(
            body,
            "<tr><td>{}</td><td>{}</td><td><a href=\"/read?uid={}\">{}</a></td><td>{}</td></tr>",
            if seen { "" } else { "new" },
            text(&envelope.from.join(", ")),
            letter.uid.unwrap_or_default(),
            text(&subject),
            text(&envelope.date),
        );
    }
    body.push_str("</table>\n<p><a href=\"/\">Back</a></p>\n");
    page(200, "Inbox", &body)
}

/// Encoded words (RFC 2047) as what they mean.
fn decoded(subject: &str) -> String {
    message::show(format!("Subject: {subject}\r\n\r\n").as_bytes()).subject
}

/// A letter.
pub(super) fn letter(screen: &Screen, to: &str) -> Response {
    let mut body =
        format!("<p>From: {}<br>\nTo: {}</p>\n<pre>{}</pre>\n", text(&screen.from), text(to), text(&screen.text));
    for (name, size) in &screen.files {
        let _ = writeln!(body, "<p>{} ({size} bytes)</p>", text(name));
    }
    body.push_str("<p><a href=\"/inbox\">Inbox</a></p>\n");
    page(200, &screen.subject, &body)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::mail::webmail::html;

    fn html_of(response: &Response) -> String {
        String::from_utf8(response.object.body.to_vec()).unwrap()
    }

    #[test]
    fn a_letter_cannot_bring_tags_of_its_own() {
        let screen = Screen {
            from: "<b>Mallory</b> <mallory@evil.example>".to_owned(),
            subject: "</title><script>alert(1)</script>".to_owned(),
            text: "<img src=x onerror=alert(1)> & </pre>".to_owned(),
            files: vec![("<a href=\"x\">".to_owned(), 3)],
            ..Screen::default()
        };
        let html = html_of(&letter(&screen, "<i>"));
        for tag in ["<script", "<img", "<b>", "<i>", "onerror=alert(1)>", "<a href=\"x\""] {
            assert!(!html.contains(tag), "{tag} in {html}");
        }
        assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && html.contains(" &amp; &lt;/pre&gt;"));
        assert_eq!(html.matches("</pre>").count(), 1);
    }

    proptest! {
        #[test]
        fn what_was_typed_stands_in_the_form_again(to in "[^\r\n\0]{0,20}", subject in ".{0,20}", typed in "[^\r]{0,30}") {
            let typed = Typed { to: to.trim().to_owned(), cc: String::new(), subject, text: typed.trim().to_owned() };
            let page = html::read(&compose(200, "<said>", &typed).object.body);
            let fields = &page.forms[0].fields;
            let expected = [("to", &typed.to), ("cc", &typed.cc), ("subject", &typed.subject), ("text", &typed.text)];
            prop_assert_eq!(fields.len(), 4);
            for ((name, found), (wanted, is)) in fields.iter().zip(expected) {
                prop_assert_eq!((name.as_str(), found.trim()), (wanted, is.trim()));
            }
        }
    }
}
