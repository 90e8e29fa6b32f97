//! HTTP in words (RFC 9110): one request and one response for each object; forms that are sent, and servers behind the
//! server.

use super::facts::Facts;
use super::{Teller, count};
use crate::http::{Method, client, reason, server};
use crate::topology::Side;
use crate::trace::SessionEvent;

impl<'a> Teller<'a> {
    pub(super) fn http(&self, facts: &Facts<'a>) -> Option<Vec<String>> {
        let session = facts.sessions.iter().find(|s| s.event.protocol() == "http")?;
        let here = self.cast.full(facts.node);
        if session.side == Side::Server {
            let asked = facts.sessions.iter().find_map(|s| match &s.event {
                SessionEvent::HttpServer(server::Event::Request { method, path }) => Some(format!("{method} {path}")),
                _ => None,
            });
            let form = facts.sessions.iter().find_map(|s| match &s.event {
                SessionEvent::HttpServer(server::Event::Content { length, .. }) => Some(*length as usize),
                _ => None,
            });
            let answer = facts.sessions.iter().find_map(|s| match &s.event {
                SessionEvent::HttpServer(server::Event::Response { status, length, .. }) => Some((*status, *length)),
                _ => None,
            });
            let asked = match form {
                Some(length) => format!("{}, and with it a form of {}", asked?, count(length, "byte")),
                None => asked?,
            };
            return Some(vec![match answer {
                Some((200, length)) => {
                    let bytes = count(length as usize, "byte");
                    format!("{here} reads {asked} and sends the object: 200 OK, Content-Length {bytes}.")
                }
                Some((304, _)) => {
                    format!("{here} reads {asked}: nothing has changed, and the object is not sent again.")
                }
                Some((status, _)) => format!("{here} reads {asked}. It answers {status} {}.", reason(status)),
                None => match facts.opened {
                    Some(conn) => {
                        return Some(vec![
                            format!("{here} reads {asked}."),
                            format!("It opens a TCP connection to {}; the browser waits.", self.callee(conn)),
                        ]);
                    }
                    None => format!("{here} reads {asked}."),
                },
            }]);
        }
        let next = facts.sessions.iter().find_map(|s| match &s.event {
            SessionEvent::HttpClient(client::Event::Request { method, path }) => Some(format!("{method} {path}")),
            _ => None,
        });
        let posts = next.as_ref().is_some_and(|next| next.starts_with(Method::Post.name()));
        let whole = facts.sessions.iter().find_map(|s| match &s.event {
            SessionEvent::HttpClient(client::Event::Received { path, status, body, told, .. }) => {
                Some((path.as_str(), *status, body.len(), told.location.as_deref()))
            }
            _ => None,
        });
        if let Some((path, status, bytes, location)) = whole {
            let told = match (status, location) {
                (304, _) => format!("{here} reads 304 {}: its copy of {path} is still good.", reason(304)),
                (300..=399, Some(to)) => format!("{here} reads {status} {}: it is sent on to {to}.", reason(status)),
                (200, _) => format!("{here} has the whole object {path}: {}.", count(bytes, "byte")),
                _ => format!("{here} reads {status}: it does not get {path}."),
            };
            let next = next.map(|next| match posts {
                true => format!("It sends what was filled in: {next}."),
                false => format!("It asks for the next one: {next}."),
            });
            return Some(vec![told, next.unwrap_or_default()]);
        }
        if let (Some((conn, Side::Client)), Some(next)) = (facts.established, &next) {
            let server = self.log.end(conn, Side::Server).map(|n| self.cast.full(n)).unwrap_or_default();
            return Some(vec![
                format!("The TCP connection to {server} is open."),
                format!("In HTTP the client speaks first: {next}."),
            ]);
        }
        let part = facts.sessions.iter().find_map(|s| match &s.event {
            SessionEvent::HttpClient(client::Event::Body { range }) => Some(range.end - range.start),
            _ => None,
        });
        let done = |s: &crate::trace::Session<'_>| {
            matches!(s.event, SessionEvent::HttpClient(client::Event::Done | client::Event::Ended(_)))
        };
        if part.is_none() && facts.sessions.iter().copied().any(|s| done(&s)) {
            return Some(vec![format!("{here} has what it wanted and is done with the connection.")]);
        }
        part.map(|bytes| {
            vec![format!("{here} reads {} of the object; the rest is on its way.", count(bytes as usize, "byte"))]
        })
    }

    /// The server behind has spoken: now the browser gets its answer.
    pub(super) fn passed_on(&self, facts: &Facts<'a>) -> Option<Vec<String>> {
        let mut status = None;
        for session in &facts.sessions {
            match &session.event {
                SessionEvent::HttpServer(server::Event::Request { .. }) => return None,
                SessionEvent::HttpServer(server::Event::Response { status: code, .. }) => status = Some(*code),
                _ => {}
            }
        }
        let (status, here) = (status?, self.cast.full(facts.node));
        let (conn, line) = facts.read_line()?;
        let server = self.log.end(conn.conn, Side::Server).map(|n| self.cast.short(n)).unwrap_or_default();
        let heard = match conn.event.protocol() {
            "smtp" => {
                let said = line.text.lines().next().unwrap_or_default();
                format!("{here} reads what {server} says: {}.", said.trim_end_matches('.'))
            }
            _ => format!("{here} has read what it wanted in the mailbox on {server}."),
        };
        Some(vec![heard, format!("Now the browser gets its answer: {status} {}.", reason(status))])
    }
}
