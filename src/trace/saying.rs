//! What engines told, as the simulator hands it to the record and as it is kept there: a run has dozens for each mail,
//! so that each is three words long, and what seldom comes lies in a box.

use super::{EngineKind, Line, SessionEvent};
use crate::engine::{self, TlsInfo};
use crate::{http, imap, pop3, smtp};

/// A [`SessionEvent`] of its own.
#[derive(Clone, Debug)]
pub(crate) enum Saying {
    SmtpClient(smtp::client::Event),
    SmtpServer(smtp::server::Event),
    ImapClient(Box<imap::client::Event>),
    ImapServer(Box<imap::server::Event>),
    Pop3Client(Box<pop3::client::Event>),
    Pop3Server(Box<pop3::server::Event>),
    HttpClient(Box<http::client::Event>),
    HttpServer(Box<http::server::Event>),
    Secured(Box<TlsInfo>),
    NotSecured(Box<str>),
}

impl Saying {
    /// As it is read.
    pub(crate) fn event(&self) -> SessionEvent<'_> {
        if let Some((engine, line)) = self.line() {
            return SessionEvent::Line(engine, Line::from(line));
        }
        match self {
            Saying::SmtpClient(event) => SessionEvent::SmtpClient(event),
            Saying::SmtpServer(event) => SessionEvent::SmtpServer(event),
            Saying::ImapClient(event) => SessionEvent::ImapClient(event),
            Saying::ImapServer(event) => SessionEvent::ImapServer(event),
            Saying::Pop3Client(event) => SessionEvent::Pop3Client(event),
            Saying::Pop3Server(event) => SessionEvent::Pop3Server(event),
            Saying::HttpClient(event) => SessionEvent::HttpClient(event),
            Saying::HttpServer(event) => SessionEvent::HttpServer(event),
            Saying::Secured(info) => SessionEvent::Secured(info),
            Saying::NotSecured(why) => SessionEvent::NotSecured(why),
        }
    }

    /// The line that was written or read, if that is what was told.
    pub(super) fn line(&self) -> Option<(EngineKind, &engine::Line)> {
        Some(match self {
            Saying::SmtpClient(smtp::client::Event::Line(line)) => (EngineKind::SmtpClient, line),
            Saying::SmtpServer(smtp::server::Event::Line(line)) => (EngineKind::SmtpServer, line),
            Saying::ImapClient(event) => match &**event {
                imap::client::Event::Line(line) => (EngineKind::ImapClient, line),
                _ => return None,
            },
            Saying::ImapServer(event) => match &**event {
                imap::server::Event::Line(line) => (EngineKind::ImapServer, line),
                _ => return None,
            },
            Saying::Pop3Client(event) => match &**event {
                pop3::client::Event::Line(line) => (EngineKind::Pop3Client, line),
                _ => return None,
            },
            Saying::Pop3Server(event) => match &**event {
                pop3::server::Event::Line(line) => (EngineKind::Pop3Server, line),
                _ => return None,
            },
            Saying::HttpClient(event) => match &**event {
                http::client::Event::Line(line) => (EngineKind::HttpClient, line),
                _ => return None,
            },
            Saying::HttpServer(event) => match &**event {
                http::server::Event::Line(line) => (EngineKind::HttpServer, line),
                _ => return None,
            },
            Saying::Secured(_) | Saying::NotSecured(_) | Saying::SmtpClient(_) | Saying::SmtpServer(_) => return None,
        })
    }

    /// The same, to be changed.
    pub(crate) fn line_mut(&mut self) -> Option<&mut engine::Line> {
        match self {
            Saying::SmtpClient(smtp::client::Event::Line(line))
            | Saying::SmtpServer(smtp::server::Event::Line(line)) => Some(line),
            Saying::ImapClient(event) => match &mut **event {
                imap::client::Event::Line(line) => Some(line),
                _ => None,
            },
            Saying::ImapServer(event) => match &mut **event {
                imap::server::Event::Line(line) => Some(line),
                _ => None,
            },
            Saying::Pop3Client(event) => match &mut **event {
                pop3::client::Event::Line(line) => Some(line),
                _ => None,
            },
            Saying::Pop3Server(event) => match &mut **event {
                pop3::server::Event::Line(line) => Some(line),
                _ => None,
            },
            Saying::HttpClient(event) => match &mut **event {
                http::client::Event::Line(line) => Some(line),
                _ => None,
            },
            Saying::HttpServer(event) => match &mut **event {
                http::server::Event::Line(line) => Some(line),
                _ => None,
            },
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_three_words_long() {
        assert_eq!(size_of::<Saying>(), 24);
    }
}
