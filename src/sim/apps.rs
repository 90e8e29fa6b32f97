//! The program at one end of a connection: a protocol engine, and whose it is.

use crate::action::Service;
use crate::engine::{Engine, Input, Output};
use crate::mail::mta::SessionId;
use crate::mail::mua::SubmissionId;
use crate::mail::{ContentId, Letter, store};
use crate::smtp::Envelope;
use crate::tcp;
use crate::time::Instant;
use crate::{http, imap, pop3, smtp};

/// For whom an SMTP client works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sender {
    /// The sending side of the mail server on this host.
    Mta(SessionId),
    /// A user agent, by its place in the host's list.
    Agent(usize, SubmissionId),
}

/// An SMTP client and the letter it has been given last.
#[derive(Clone, Debug)]
pub(super) struct SmtpClient {
    pub engine: smtp::client::Client,
    pub sender: Sender,
    /// The letter that it was given before the connection was open.
    pub first: ContentId,
}

/// An IMAP server and what it knows about its user.
#[derive(Clone, Debug)]
pub(super) struct ImapServer {
    pub engine: imap::server::Server,
    /// Begins with the connection.
    pub session: Option<store::Session>,
}

/// A POP3 server and what it knows about its user.
#[derive(Clone, Debug)]
pub(super) struct Pop3Server {
    pub engine: pop3::server::Server,
    /// Begins with the connection.
    pub session: Option<store::Maildrop>,
}

/// A browser's connection and what is to be fetched on the next one.
#[derive(Clone, Debug)]
pub(super) struct HttpClient {
    pub engine: http::client::Client,
    /// Server and port, for the next connection.
    pub server: (String, u16),
    /// Paths for further connections, one each (not persistent).
    pub later: Vec<String>,
}

/// See the [module](self).
#[derive(Clone, Debug)]
pub(super) enum App {
    /// Nobody: the program has ended.
    None,
    SmtpClient(Box<SmtpClient>),
    SmtpServer(Box<smtp::server::Server>),
    ImapClient(Box<imap::client::Client>, usize),
    ImapServer(Box<ImapServer>),
    Pop3Client(Box<pop3::client::Client>, usize),
    Pop3Server(Box<Pop3Server>),
    HttpClient(Box<HttpClient>),
    HttpServer(Box<http::server::Server>),
}

/// Something the mail system wants on a connection that is open.
#[derive(Clone, Debug)]
pub(super) enum Touch {
    Send(Envelope, Letter),
    Quit,
}

macro_rules! each_engine {
    ($app:expr, $engine:ident => $body:expr) => {
        match $app {
            App::None => {}
            App::SmtpClient(app) => {
                let $engine = &mut app.engine;
                $body
            }
            App::SmtpServer($engine) => $body,
            App::ImapClient($engine, _) => $body,
            App::ImapServer(app) => {
                let $engine = &mut app.engine;
                $body
            }
            App::Pop3Client($engine, _) => $body,
            App::Pop3Server(app) => {
                let $engine = &mut app.engine;
                $body
            }
            App::HttpClient(app) => {
                let $engine = &mut app.engine;
                $body
            }
            App::HttpServer($engine) => $body,
        }
    };
}

impl App {
    pub fn connected(&mut self, now: Instant) {
        each_engine!(self, engine => engine.handle_input(now, Input::Connected));
    }

    pub fn bytes(&mut self, now: Instant, bytes: &[u8]) {
        each_engine!(self, engine => engine.handle_input(now, Input::Bytes(bytes)));
    }

    pub fn writable(&mut self, now: Instant, room: usize) {
        each_engine!(self, engine => engine.handle_input(now, Input::Writable(room)));
    }

    pub fn peer_closed(&mut self, now: Instant) {
        each_engine!(self, engine => engine.handle_input(now, Input::PeerClosed));
    }

    pub fn reset(&mut self, now: Instant) {
        each_engine!(self, engine => engine.handle_input(now, Input::Reset));
    }

    /// A command of the mail system.
    pub fn touch(&mut self, now: Instant, touch: Touch) {
        if let App::SmtpClient(client) = self {
            match touch {
                Touch::Send(envelope, letter) => client.engine.send(now, envelope, letter.bytes),
                Touch::Quit => client.engine.quit(now),
            }
        }
    }

    pub fn timeout(&mut self, now: Instant) {
        each_engine!(self, engine => engine.handle_input(now, Input::Timeout));
    }

    /// The service whose connection this is, at the end that listened.
    pub fn service(&self) -> Option<Service> {
        match self {
            App::SmtpServer(_) => Some(Service::Smtp),
            App::ImapServer(_) => Some(Service::Imap),
            App::Pop3Server(_) => Some(Service::Pop3),
            App::HttpServer(_) => Some(Service::Http),
            _ => None,
        }
    }
}

/// What a host does with what an engine tells and asks.
pub(super) trait Hears<E: Engine> {
    /// An event, in order with what was written before and after it. May command the engine.
    fn told(&mut self, engine: &mut E, event: E::Event);
    /// A question; answered at once.
    fn asked(&mut self, request: E::Request) -> E::Answer;
}

/// What came of letting an engine do what it wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Driven {
    /// Until when it waits.
    pub wait: Option<Instant>,
    /// It told or asked something: its host may have something to do.
    pub spoke: bool,
}

/// Carries out what an engine wants until it waits.
pub(super) fn drive<E: Engine>(
    engine: &mut E,
    host: &mut impl Hears<E>,
    tcp: &mut tcp::Connection,
    config: &tcp::Config,
    granted: &mut usize,
    now: Instant,
) -> Driven {
    let mut spoke = false;
    loop {
        match engine.poll_output() {
            Output::Transmit(bytes) => {
                let length = bytes.len();
                let taken = tcp.send_all(config, bytes);
                debug_assert_eq!(taken, length, "an engine writes no more than it was granted");
                *granted = granted.saturating_sub(length);
            }
            Output::Close => tcp.close(),
            Output::Abort => tcp.abort(),
            Output::Ask(id, request) => {
                spoke = true;
                let answer = host.asked(request);
                engine.handle_input(now, Input::Answer(id, answer));
            }
            Output::Event(event) => {
                spoke = true;
                host.told(engine, event);
            }
            Output::Wait(wait) => return Driven { wait, spoke },
        }
    }
}
