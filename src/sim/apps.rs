//! The program at one end of a connection: a protocol engine, and whose it is.

use std::ops::Deref;
use std::sync::Arc;

use super::sealed::Layer;
use super::web::VisitId;
use crate::action::{RawSession, Service};
use crate::dns::resolver::StreamId;
use crate::dns::stream;
use crate::engine::{Engine, Input, Output, RequestId, TlsInfo};
use crate::mail::mta::SessionId;
use crate::mail::mua::SubmissionId;
use crate::mail::webmail::JobId;
use crate::mail::{ContentId, Letter, mua, store};
use crate::raw;
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
    /// The webmail program on this host, for a user whose browser waits.
    Webmail(JobId),
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

/// A browser's connection, and for what it was opened.
#[derive(Clone, Debug)]
pub(super) struct HttpClient {
    pub engine: http::client::Client,
    pub visit: VisitId,
}

/// A query over TCP, and which.
#[derive(Clone, Debug)]
pub(super) struct DnsClient {
    pub engine: stream::Client,
    pub stream: StreamId,
}

/// For whom an IMAP client works.
#[derive(Clone, Debug)]
pub(super) struct Reader {
    /// A user agent, by its place in the host's list.
    pub agent: usize,
    /// It brings the copy of a folder up to date.
    pub sync: Option<mua::copy::Sync>,
}

/// An end of a connection whose bytes come from elsewhere, and which.
#[derive(Clone, Debug)]
pub(super) struct RawEnd {
    pub engine: raw::Endpoint,
    pub session: RawSession,
    /// The port at which the connection came in, or to which it was opened.
    pub port: u16,
}

/// See the [module](self).
#[derive(Clone, Debug)]
pub(super) enum App {
    /// Nobody: the program has ended.
    None,
    SmtpClient(Box<SmtpClient>),
    SmtpServer(Box<smtp::server::Server>),
    ImapClient(Box<imap::client::Client>, Box<Reader>),
    /// The webmail program looks into the mailbox of a user whose browser waits.
    WebReader(Box<imap::client::Client>, JobId),
    ImapServer(Box<ImapServer>),
    Pop3Client(Box<pop3::client::Client>, usize),
    Pop3Server(Box<Pop3Server>),
    HttpClient(Box<HttpClient>),
    HttpServer(Box<http::server::Server>),
    DnsClient(Box<DnsClient>),
    DnsServer(Box<stream::Server>),
    Raw(Box<RawEnd>),
    Console(Box<raw::Console>),
}

/// Something the mail system wants on a connection that is open.
#[derive(Clone, Debug)]
pub(super) enum Touch {
    Send(Envelope, Arc<Letter>),
    Quit,
    /// To an SMTP server: what it has asked.
    Answer(RequestId, Box<smtp::server::Answer>),
    /// To an HTTP server: what it has asked.
    Respond(RequestId, Box<http::server::Answer>),
    /// To a connection whose bytes come from elsewhere.
    Raw(RawTouch),
}

/// What is done on a connection whose bytes come from elsewhere.
#[derive(Clone, Debug)]
pub(super) enum RawTouch {
    Write(Vec<u8>),
    Close,
    Reset,
    StopReading,
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
            App::ImapClient($engine, _) | App::WebReader($engine, _) => $body,
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
            App::DnsClient(app) => {
                let $engine = &mut app.engine;
                $body
            }
            App::DnsServer($engine) => $body,
            App::Raw(app) => {
                let $engine = &mut app.engine;
                $body
            }
            App::Console($engine) => $body,
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

    pub fn secured(&mut self, now: Instant, info: &TlsInfo) {
        each_engine!(self, engine => engine.handle_input(now, Input::Secured(info.clone())));
    }

    pub fn not_secured(&mut self, now: Instant, why: &str) {
        each_engine!(self, engine => engine.handle_input(now, Input::NotSecured(why.to_owned())));
    }

    /// A command of the mail system.
    pub fn touch(&mut self, now: Instant, touch: Touch) {
        match (self, touch) {
            (App::SmtpClient(client), Touch::Send(envelope, letter)) => {
                client.engine.send(now, envelope, letter.bytes.clone());
            }
            (App::SmtpClient(client), Touch::Quit) => client.engine.quit(now),
            (App::SmtpServer(engine), Touch::Answer(id, answer)) => {
                engine.handle_input(now, Input::Answer(id, *answer));
            }
            (App::HttpServer(engine), Touch::Respond(id, answer)) => {
                engine.handle_input(now, Input::Answer(id, *answer));
            }
            (App::Raw(end), Touch::Raw(touch)) => match touch {
                RawTouch::Write(bytes) => end.engine.write(bytes),
                RawTouch::Close => end.engine.close(),
                RawTouch::Reset => end.engine.reset(),
                RawTouch::StopReading => end.engine.stop_reading(),
            },
            _ => {}
        }
    }

    /// A user says more on an IMAP connection; false if that is over.
    pub fn say(&mut self, now: Instant, commands: &[imap::client::ClientCommand]) -> bool {
        let App::ImapClient(engine, _) = self else { return false };
        let open = engine.state() != imap::State::Logout;
        if open {
            commands.iter().for_each(|command| engine.push(now, command.clone()));
        }
        open
    }

    /// Whether what comes is taken out of TCP's buffer.
    pub fn reads(&self) -> bool {
        match self {
            App::Raw(end) => end.engine.reads(),
            _ => true,
        }
    }

    /// The mailboxes have changed: who idles may have something to tell.
    pub fn look(&mut self) {
        if let App::ImapServer(app) = self {
            app.engine.look();
        }
    }

    /// An IMAP session whose client waits for news.
    pub fn is_idling(&self) -> bool {
        matches!(self, App::ImapServer(app) if app.engine.is_idling())
    }

    pub fn timeout(&mut self, now: Instant) {
        each_engine!(self, engine => engine.handle_input(now, Input::Timeout));
    }

    /// The service whose connection this is, at the end that listened.
    pub fn service(&self) -> Option<Service> {
        match self {
            App::SmtpServer(engine) if engine.config().submission => Some(Service::Submission),
            App::SmtpServer(_) => Some(Service::Smtp),
            App::ImapServer(_) => Some(Service::Imap),
            App::Pop3Server(_) => Some(Service::Pop3),
            App::HttpServer(_) => Some(Service::Http),
            App::DnsServer(_) => Some(Service::Dns),
            App::Raw(end) if matches!(end.session, RawSession::Accepted(_)) => Some(Service::Door),
            _ => None,
        }
    }
}

/// What a host does with what an engine tells and asks.
pub(super) trait Hears<E: Engine> {
    /// An event, in order with what was written before and after it. May command the engine.
    fn told(&mut self, engine: &mut E, event: E::Event);
    /// A question. Without an answer the engine waits, until it gets one as an input.
    fn asked(&mut self, id: RequestId, request: E::Request) -> Option<E::Answer>;
    /// Something was written under TLS.
    fn wrote(&mut self) {}
    /// What lies between the engine and TCP, if anything does.
    fn tls(&mut self) -> &mut Option<Box<Layer>>;
}

/// What came of letting an engine do what it wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Driven {
    /// Until when it waits.
    pub wait: Option<Instant>,
    /// It told or asked something: its host may have something to do.
    pub spoke: bool,
    /// It has broken the connection.
    pub aborted: bool,
}

/// Hands what an engine writes to what lies below it.
fn write<E: Engine, B: Deref<Target = [u8]>>(
    host: &mut impl Hears<E>,
    tcp: &mut tcp::Connection,
    config: &tcp::Config,
    granted: &mut usize,
    bytes: B,
    send: fn(&mut tcp::Connection, &tcp::Config, B) -> usize,
) {
    let length = bytes.len();
    if let Some(layer) = host.tls() {
        layer.write(&bytes);
        layer.flush(tcp, config);
        host.wrote();
    } else {
        let taken = send(tcp, config, bytes);
        debug_assert_eq!(taken, length, "an engine writes no more than it was granted");
    }
    *granted = granted.saturating_sub(length);
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
    let (mut spoke, mut aborted) = (false, false);
    // Under TLS what is told waits for the write that follows it: only then is it known where its bytes stand.
    let mut held = Vec::new();
    loop {
        let output = engine.poll_output();
        if !held.is_empty() && !matches!(output, Output::Transmit(_) | Output::TransmitPart(_) | Output::Event(_)) {
            let waits = matches!(output, Output::Wait(_));
            held.drain(..).for_each(|event| host.told(engine, event));
            // It may have been given something to do.
            if waits {
                continue;
            }
        }
        match output {
            Output::Transmit(bytes) => {
                write(host, tcp, config, granted, bytes, tcp::Connection::send_all);
                held.drain(..).for_each(|event| host.told(engine, event));
            }
            Output::TransmitPart(part) => {
                write(host, tcp, config, granted, part, tcp::Connection::send_part);
                held.drain(..).for_each(|event| host.told(engine, event));
            }
            Output::Close => match host.tls() {
                Some(layer) => {
                    layer.close();
                    layer.flush(tcp, config);
                }
                None => tcp.close(),
            },
            // It begins when the engine waits: until then it reads and writes nothing.
            Output::StartTls => {
                host.tls().get_or_insert_with(|| Layer::wanted(false));
            }
            Output::Abort => {
                aborted = true;
                tcp.abort();
            }
            Output::Ask(id, request) => {
                spoke = true;
                if let Some(answer) = host.asked(id, request) {
                    engine.handle_input(now, Input::Answer(id, answer));
                }
            }
            Output::Event(event) => {
                spoke = true;
                match host.tls() {
                    Some(layer) if layer.is_secured() => held.push(event),
                    _ => host.told(engine, event),
                }
            }
            Output::Wait(wait) => return Driven { wait, spoke, aborted },
        }
    }
}
