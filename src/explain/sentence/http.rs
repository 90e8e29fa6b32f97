//! HTTP in words (RFC 9110): one request and one response for each object.

use super::facts::Facts;
use super::{Teller, count};
use crate::http::{client, server};
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
            })?;
            let answer = facts.sessions.iter().find_map(|s| match &s.event {
                SessionEvent::HttpServer(server::Event::Response { status, length, .. }) => Some((*status, *length)),
                _ => None,
            });
            return Some(vec![match answer {
                Some((200, length)) => {
                    let bytes = count(length as usize, "byte");
                    format!("{here} reads {asked} and sends the object: 200 OK, Content-Length {bytes}.")
                }
                Some((status, _)) => format!("{here} reads {asked} and answers {status}."),
                None => format!("{here} reads {asked}."),
            }]);
        }
        let next = facts.sessions.iter().find_map(|s| match &s.event {
            SessionEvent::HttpClient(client::Event::Request { method, path }) => Some(format!("{method} {path}")),
            _ => None,
        });
        let whole = facts.sessions.iter().find_map(|s| match &s.event {
            SessionEvent::HttpClient(client::Event::Received { path, status, body, .. }) => {
                Some((path.as_str(), *status, body.len()))
            }
            _ => None,
        });
        if let Some((path, status, bytes)) = whole {
            let told = match status {
                200 => format!("{here} has the whole object {path}: {}.", count(bytes, "byte")),
                _ => format!("{here} reads {status}: it does not get {path}."),
            };
            let next = next.map(|next| format!("It asks for the next one: {next}."));
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
}
