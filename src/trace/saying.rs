//! What engines told, as the simulator hands it to the record and as it is kept there: a run has dozens for each mail,
//! so that each is four words long at most, and what seldom comes lies in a box.

use super::{EngineKind, Line, SessionEvent};
use crate::engine::{self, TlsInfo};
use crate::{http, imap, pop3, smtp};

/// A [`SessionEvent`] of its own.
#[derive(Clone, Debug)]
pub(crate) enum Saying {
    /// Of any engine.
    Line(EngineKind, Box<engine::Line>),
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
        match self {
            Saying::Line(engine, line) => SessionEvent::Line(*engine, Line::from(&**line)),
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
}

/// A line is a line, whoever tells it; anything else is of the engine's own.
macro_rules! told_by {
    ($($engine:ident: $event:ty, $line:path;)*) => {$(
        impl From<$event> for Saying {
            fn from(event: $event) -> Self {
                match event {
                    $line(line) => Saying::Line(EngineKind::$engine, Box::new(line)),
                    event => Saying::$engine(Box::new(event)),
                }
            }
        }
    )*};
}

told_by! {
    ImapClient: imap::client::Event, imap::client::Event::Line;
    ImapServer: imap::server::Event, imap::server::Event::Line;
    Pop3Client: pop3::client::Event, pop3::client::Event::Line;
    Pop3Server: pop3::server::Event, pop3::server::Event::Line;
    HttpClient: http::client::Event, http::client::Event::Line;
    HttpServer: http::server::Event, http::server::Event::Line;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_four_words_long() {
        assert_eq!(size_of::<Saying>(), 32);
    }
}
