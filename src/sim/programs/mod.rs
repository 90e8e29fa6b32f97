//! The programs of a host, and how what one of them wants reaches the others: the mail system asks for
//! names and connections, connections tell the mail system what their engines were told.

use std::collections::{BTreeMap, VecDeque};
use std::net::Ipv4Addr;
use std::sync::Arc;

use super::apps::{
    App, DnsClient, Driven, HttpClient, ImapServer, Pop3Server, RawEnd, RawTouch, Reader, Sender, SmtpClient, Touch,
    drive,
};
use super::hearing::Hearing;
use super::names::{Found, Names};
use super::plane::{Outside, Plane};
use super::sealed::{Authorities, Kit};
use super::setup;
use super::sockets::Conn;
use super::web::{VisitId, Web};
use crate::action::{Action, CommandRule, Preloaded, RawDeed, RawSession, Service};
use crate::dns::{self, resolver, stream};
use crate::engine::{Detail, TlsPolicy};
use crate::mail::config::{ClientTls, ServiceTls};
use crate::mail::mta::{self, SessionId, Ticket};
use crate::mail::mua::{Agent, Submission};
use crate::mail::server::{Identity, MailSystem, Wanted};
use crate::mail::webmail::{JobId, Webmail, user::User};
use crate::mail::{self, Letter, QueueId, store};
use crate::rng::Seed;
use crate::smtp::Envelope;
use crate::time::{Calendar, Instant};
use crate::topology::{ConnId, NodeId};
use crate::trace::{Cause, EntryId};
use crate::{http, imap, pop3, raw, smtp, tcp, tls};

/// What the programs want done that concerns other connections than the one at hand.
#[derive(Clone, Debug)]
pub(super) enum Effect {
    /// Open a connection for this program.
    Connect { to: Box<Peer>, app: Box<App> },
    /// Tell the program on an open connection.
    Touch(u32, Touch),
    /// Tell the program at the server's end of a connection, if it is still there.
    TouchServer(ConnId, Touch),
    /// A user says more on the IMAP connection of this agent.
    Say { id: ConnId, agent: usize, commands: Vec<imap::client::ClientCommand> },
    /// On a connection whose bytes come from elsewhere; without a touch, what has come in is taken.
    Raw { id: ConnId, slot: u32, touch: Option<Touch> },
    /// A connection that came to the door is taken, or refused.
    Answer { session: RawSession, takes: bool },
    /// The mailboxes have changed: every session that idles looks what is new.
    Look,
    /// Send a datagram.
    Datagram { to: Ipv4Addr, to_port: u16, from_port: u16, bytes: Vec<u8> },
}

/// To whom a program wants a connection.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    pub address: Ipv4Addr,
    pub port: u16,
    /// Its name: whose certificate is taken.
    pub name: String,
    /// TLS begins with the connection.
    pub tls: bool,
}

/// What a user wants done with a server whose address is being looked up.
#[derive(Clone, Debug)]
pub(super) enum Errand {
    /// Hand this letter to the submission server.
    Submit { agent: usize, submission: Box<Submission> },
    /// Talk IMAP.
    Read { reader: Box<Reader>, port: u16, commands: Vec<imap::client::ClientCommand> },
    /// Talk POP3.
    Fetch { agent: usize, port: u16, commands: Vec<pop3::client::ClientCommand> },
    /// Fetch what is wanted next in this visit.
    Browse { visit: VisitId },
    /// Hand over a letter of the webmail program.
    WebSubmit { job: JobId, account: usize, envelope: Box<Envelope>, letter: Letter },
    /// Talk IMAP for the webmail program.
    WebRead { job: JobId, account: usize, commands: Vec<imap::client::ClientCommand> },
    /// Type these lines.
    Console { server: String, port: u16, lines: Vec<String> },
}

/// Settings of the engines, made once for each host.
#[derive(Debug)]
pub(super) struct Settings {
    pub smtp_client: Arc<smtp::client::Config>,
    /// The same, for servers behind a door.
    pub smtp_client_at_door: Arc<smtp::client::Config>,
    pub smtp_server: Arc<smtp::server::Config>,
    /// The submission service.
    pub submission: Arc<smtp::server::Config>,
    pub imap_server: Arc<imap::server::Config>,
    pub http_server: Arc<http::server::Config>,
    pub http_client: Arc<http::client::Config>,
    /// For each user agent: how it sends, how it reads.
    pub agents: Vec<AgentSettings>,
    /// The same for each account of the webmail program.
    pub webmail: Vec<AgentSettings>,
    /// Keys and certificates, if anybody in this run has some.
    pub tls: Option<Kit>,
    pub pop3_server: Arc<pop3::server::Config>,
    /// POP3 greets with a timestamp.
    pub apop: bool,
}

/// Settings of one user agent's engines.
#[derive(Debug)]
pub(super) struct AgentSettings {
    pub smtp: Arc<smtp::client::Config>,
    pub imap: Arc<imap::client::Config>,
    pub pop3: Arc<pop3::client::Config>,
}

/// What an event means for a mail in the queue.
#[derive(Clone, Copy, Debug)]
enum Turn {
    Waits(QueueId),
    Left(QueueId),
    None,
}

impl Turn {
    fn of(event: &mail::Event) -> Turn {
        match event {
            mail::Event::QueueEnter { entry, .. } | mail::Event::QueueDefer { entry, .. } => Turn::Waits(*entry),
            mail::Event::QueueLeave { entry, .. } => Turn::Left(*entry),
            _ => Turn::None,
        }
    }
}

/// Something in a mailbox is different now.
fn is_change(event: &mail::Event) -> bool {
    use mail::Event::{FolderDelete, MailboxExpunge, MailboxFlag, MailboxStore};
    matches!(event, MailboxStore { .. } | MailboxFlag { .. } | MailboxExpunge { .. } | FolderDelete { .. })
}

/// Why the attempts of the queue begin. They are many, and one timer is theirs all: whose time has come, the timer
/// cannot say.
#[derive(Clone, Debug, Default)]
struct Causes {
    /// The entry at which each mail in the queue came to wait, the last time.
    waiting: BTreeMap<QueueId, EntryId>,
    /// Searches for hosts: when they began, and what for.
    asked: Vec<(Ticket, Instant, Cause)>,
}

impl Causes {
    /// An attempt is about to be told: its cause is that this mail came to wait.
    fn of_attempt(&self, plane: &mut Plane, event: &mail::Event) {
        if let mail::Event::QueueAttempt { entry, .. } = event
            && let Some(armed_by) = self.waiting.get(entry).copied()
        {
            plane.cause = Cause::Timer { armed_by };
        }
    }

    /// An event has been told: the one that made this turn.
    fn told(&mut self, plane: &Plane, turn: Turn) {
        match (turn, plane.cause) {
            (Turn::Waits(entry), Cause::Entry(id)) => {
                self.waiting.insert(entry, id);
            }
            (Turn::Left(entry), _) => {
                self.waiting.remove(&entry);
            }
            _ => {}
        }
    }

    /// A search is over. One that took no time (a table, a cache) is no cause of its own: what comes of it has the
    /// cause of the search.
    fn answered(&mut self, plane: &mut Plane, ticket: Ticket) {
        if let Some(place) = self.asked.iter().position(|(t, ..)| *t == ticket) {
            let (_, at, cause) = self.asked.swap_remove(place);
            if at == plane.now {
                plane.cause = cause;
            }
        }
    }
}

/// See the [module](self).
#[derive(Clone, Debug)]
pub(super) struct Programs {
    pub mail: Option<Box<MailSystem>>,
    pub agents: Vec<Agent>,
    /// The webmail program, on a web server that has one.
    pub webmail: Option<Box<Webmail>>,
    /// The browser.
    pub web: Web,
    pub names: Names,
    /// Each with its cause: several may come of one event.
    pub effects: VecDeque<(Cause, Effect)>,
    /// Something has happened since they were last polled.
    pub stirred: bool,
    /// When the first timer is due, and the entry during which it was set.
    pub waits: Option<Instant>,
    pub armed_by: Option<EntryId>,
    causes: Causes,
    /// Connections of the sending side that are open: session, slot, connection.
    pub sessions: Vec<(SessionId, u32, ConnId)>,
    /// IMAP connections whose clients wait for news (RFC 2177), in the order in which they began to.
    pub idling: Vec<ConnId>,
    /// Connections whose bytes come from elsewhere, and where they are.
    pub raw: BTreeMap<RawSession, (ConnId, u32)>,
    /// How many of them have come in.
    accepted: u32,
    /// The latest IMAP connection of each agent.
    readers: Vec<(usize, ConnId)>,
    /// The count of changes of the mailboxes of which those have been told.
    seen_changes: u64,
    pub settings: Arc<Settings>,
    pub calendar: Calendar,
    /// At which commands the SMTP server behaves in another way than its own.
    pub rules: Vec<Forced>,
}

/// A rule of the scenario for commands, and how many it has seen.
#[derive(Clone, Debug)]
pub(super) struct Forced {
    pub rule: Arc<CommandRule>,
    pub seen: u32,
    /// The action by which it came.
    pub cause: Cause,
}

impl Programs {
    /// Programs as they are when the run begins.
    pub fn new(
        plane: &mut Plane,
        spec: &setup::Host,
        address: Ipv4Addr,
        seed: Seed,
        authorities: Option<&Authorities>,
        calendar: Calendar,
    ) -> Self {
        let tls = authorities.map(|authorities| Kit::new(authorities, spec, seed.child("tls"), calendar));
        let records = plane.records();
        let detail = if records { Detail::Everything } else { Detail::Outcomes };
        let mail = spec.mail_server.as_ref().map(|cfg| {
            let host = spec.fqdn.to_ascii_lowercase();
            let identity = Identity { host, address, calendar, seed: seed.child("mail"), records };
            Box::new(MailSystem::new(Arc::clone(cfg), identity, plane.contents()))
        });
        let agents = spec.user_agents.iter();
        let agents = agents.map(|a| Agent::new(a.clone(), &spec.fqdn, calendar, seed.child("agent"), records));
        let webmail = spec.web_server.as_ref().map(|web| Arc::clone(&web.webmail)).filter(|all| !all.is_empty());
        let webmail =
            webmail.map(|all| Box::new(Webmail::new(all, &spec.fqdn, calendar, seed.child("webmail"), records)));
        Programs {
            webmail,
            web: Web::default(),
            seen_changes: mail.as_ref().map_or(0, |mail| mail.store().change_count()),
            idling: Vec::new(),
            readers: Vec::new(),
            raw: BTreeMap::new(),
            accepted: 0,
            mail,
            agents: agents.collect(),
            names: Names::new(spec, seed.child("dns"), detail),
            effects: VecDeque::new(),
            stirred: false,
            waits: None,
            causes: Causes::default(),
            armed_by: None,
            sessions: Vec::new(),
            settings: Arc::new(Settings::new(spec, detail, calendar, tls)),
            calendar,
            rules: Vec::new(),
        }
    }
}

impl Settings {
    fn new(spec: &setup::Host, detail: Detail, calendar: Calendar, tls: Option<Kit>) -> Self {
        let mail = spec.mail_server.as_deref();
        // A user agent has one letter to hand over; the sending side of a server says itself when it has done.
        type Login = smtp::client::Login;
        type LineEnds = smtp::LineEnds;
        let client = |ehlo: bool,
                      (dot_stuffing, line_ends): (bool, LineEnds),
                      auto_quit: bool,
                      tls: TlsPolicy,
                      login: Option<Login>| {
            Arc::new(smtp::client::Config {
                ehlo_name: spec.fqdn.clone(),
                greet: if ehlo { smtp::client::Greet::Ehlo } else { smtp::client::Greet::Helo },
                dot_stuffing,
                line_ends,
                pipelining: !auto_quit && mail.is_some_and(|m| m.pipelining),
                chunking: !auto_quit && mail.is_some_and(|m| m.chunking),
                login,
                auto_quit,
                tls,
                detail,
                ..smtp::client::Config::default()
            })
        };
        let syntax = match mail {
            Some(m) if !m.strict_syntax => smtp::Syntax::Lenient,
            _ => smtp::Syntax::Strict,
        };
        let smtp_server = smtp::server::Config {
            hostname: spec.fqdn.clone(),
            syntax,
            line_ends: mail.map_or_else(Default::default, |m| m.line_ends),
            extensions: mail.map_or_else(Vec::new, |m| m.extensions.clone()),
            starttls: mail.and_then(|m| m.smtp_tls.starttls()),
            verify: mail.map_or_else(Default::default, |m| m.verify),
            expand: mail.is_some_and(|m| m.expand),
            looks_up_peer: mail.is_some_and(|m| m.looks_up_peer),
            limits: match mail.and_then(|m| m.largest) {
                Some(message) => smtp::server::Limits { message, ..Default::default() },
                None => smtp::server::Limits::default(),
            },
            postmaster: mail
                .and_then(|m| m.domains.first())
                .map(|domain| smtp::Address { local: "postmaster".into(), domain: domain.clone() }),
            detail,
            ..smtp::server::Config::default()
        };
        let service = mail.and_then(|m| m.submission.as_ref());
        let submission = smtp::server::Config {
            extensions: service.map_or_else(Vec::new, |s| s.extensions.clone()),
            submission: true,
            login_required: service.is_some_and(|s| s.login_required),
            ..smtp_server.clone()
        };
        let web = spec.web_server.as_ref();
        let of = |a: &mail::config::UserAgent| {
            let imap = imap::client::Config { tls: a.imap_tls.policy(), detail, ..Default::default() };
            let pop3 = pop3::client::Config { tls: a.pop3_tls.policy(), detail, ..Default::default() };
            let stuffing = (a.dot_stuffing, a.line_ends);
            AgentSettings {
                smtp: client(a.ehlo, stuffing, true, a.smtp_tls.policy(), a.login.clone()),
                imap: Arc::new(imap),
                pop3: Arc::new(pop3),
            }
        };
        let to_server = |tls| {
            let stuffing = mail.map_or((true, LineEnds::default()), |m| (m.dot_stuffing, m.client_line_ends));
            client(mail.is_none_or(|m| m.ehlo), stuffing, false, tls, None)
        };
        let client_tls = mail.map_or_else(TlsPolicy::default, |m| m.client_tls);
        let tls_at_door = match client_tls {
            TlsPolicy::IfOffered => TlsPolicy::Never,
            other => other,
        };
        Settings {
            smtp_client: to_server(client_tls),
            smtp_client_at_door: to_server(tls_at_door),
            smtp_server: Arc::new(smtp_server),
            submission: Arc::new(submission),
            imap_server: Arc::new(imap::server::Config {
                hostname: spec.fqdn.clone(),
                starttls: mail.is_some_and(|m| m.imap_tls.starttls().is_some()),
                extensions: mail.map_or_else(Vec::new, |m| m.imap_extensions.clone()),
                detail,
                ..Default::default()
            }),
            pop3_server: Arc::new(pop3::server::Config {
                hostname: spec.fqdn.clone(),
                stls: mail.is_some_and(|m| m.pop3_tls.starttls().is_some()),
                detail,
                ..Default::default()
            }),
            apop: mail.is_some_and(|m| m.apop),
            http_server: Arc::new(http::server::Config {
                keep_alive: web.is_none_or(|w| w.keep_alive),
                chunk: web.and_then(|w| w.chunk),
                calendar,
                detail,
                ..Default::default()
            }),
            http_client: Arc::new(http::client::Config { detail, ..Default::default() }),
            agents: spec.user_agents.iter().map(of).collect(),
            webmail: web.map_or(&[][..], |w| &w.webmail).iter().map(of).collect(),
            tls,
        }
    }
}

impl Programs {
    /// Ports on which the host's services listen.
    pub fn services(&self, spec: &setup::Host) -> Vec<(u16, Service)> {
        let mut services = Vec::new();
        if let Some(mail) = &spec.mail_server {
            services.extend(mail.smtp_port.map(|port| (port, Service::Smtp)));
            services.extend(mail.submission.as_ref().map(|s| (s.port, Service::Submission)));
            services.extend(mail.imap_port.map(|port| (port, Service::Imap)));
            services.extend(mail.pop3_port.map(|port| (port, Service::Pop3)));
        }
        services.extend(spec.web_server.as_ref().map(|web| (web.port, Service::Http)));
        services.extend(spec.dns_server.as_ref().map(|_| (dns::PORT, Service::Dns)));
        services.extend(spec.door.iter().flat_map(|door| door.listens.iter().map(|port| (*port, Service::Door))));
        services
    }

    /// The program for a connection that came in.
    pub fn accept(&mut self, now: Instant, service: Service, conn: ConnId) -> App {
        let s = &self.settings;
        match service {
            Service::Smtp | Service::Submission => {
                let config = if service == Service::Smtp { &s.smtp_server } else { &s.submission };
                let mut engine = smtp::server::Server::new(Arc::clone(config));
                if !self.rules.is_empty() {
                    engine.watch();
                }
                App::SmtpServer(Box::new(engine))
            }
            Service::Imap => App::ImapServer(Box::new(ImapServer {
                engine: imap::server::Server::new(Arc::clone(&s.imap_server)),
                session: None,
            })),
            Service::Pop3 => {
                // "different each time" (RFC 1939 section 7): no two connections have one number.
                let stamp = || format!("<{}.{}@{}>", conn.0, self.calendar.unix_seconds(now), s.pop3_server.hostname);
                let engine = pop3::server::Server::new(Arc::clone(&s.pop3_server), s.apop.then(stamp));
                App::Pop3Server(Box::new(Pop3Server { engine, session: None }))
            }
            Service::Http => App::HttpServer(Box::new(http::server::Server::new(Arc::clone(&s.http_server)))),
            Service::Dns => App::DnsServer(Box::default()),
            // Whoever stands behind a door answers himself.
            Service::Door => App::None,
        }
    }

    /// Somebody wants a connection at the door: how it is called from now on.
    pub fn knocked(&mut self) -> RawSession {
        self.accepted += 1;
        RawSession::Accepted(self.accepted)
    }

    /// How the SMTP server is to behave at a command: the first rule that counts it says it. What comes of that has
    /// the rule's action as its cause.
    pub fn manner(&mut self, plane: &mut Plane, command: &str) -> smtp::server::Manner {
        let mut found = None;
        for Forced { rule, seen, cause } in &mut self.rules {
            if rule.command.as_deref().is_some_and(|c| c != command) {
                continue;
            }
            *seen = seen.saturating_add(1);
            let due = *seen >= rule.first && rule.count.is_none_or(|n| *seen - rule.first < n);
            if due && found.is_none() {
                found = Some((rule.manner.clone(), *cause));
            }
        }
        let Some((manner, cause)) = found else { return smtp::server::Manner::OwnWay };
        plane.cause = cause;
        manner
    }

    /// Whether TLS begins with every connection to a service.
    pub fn seals_from_start(&self, spec: &setup::Host, service: Service) -> bool {
        let mail = spec.mail_server.as_deref();
        mail.is_some_and(|mail| match service {
            Service::Smtp => mail.smtp_tls == ServiceTls::FromStart,
            Service::Imap => mail.imap_tls == ServiceTls::FromStart,
            Service::Pop3 => mail.pop3_tls == ServiceTls::FromStart,
            Service::Submission | Service::Http | Service::Dns | Service::Door => false,
        })
    }

    /// A connection that a program asked for has its place now.
    pub fn opened(&mut self, app: &App, slot: u32, conn: ConnId) {
        if let App::SmtpClient(client) = app
            && let Sender::Mta(session) = client.sender
        {
            self.sessions.push((session, slot, conn));
        }
        if let App::Raw(end) = app {
            self.raw.insert(end.session, (conn, slot));
        }
        // What the user says next goes to the latest connection that is his own.
        if let App::ImapClient(_, reader) = app
            && reader.sync.is_none()
        {
            self.readers.retain(|(agent, _)| *agent != reader.agent);
            self.readers.push((reader.agent, conn));
        }
    }

    /// Lets the program of a connection do what it wants, until it waits. What comes of that for others is carried
    /// out by the next [`Programs::poll`].
    pub fn run(&mut self, plane: &mut Plane, spec: &setup::Host, config: &tcp::Config, node: NodeId, conn: &mut Conn) {
        self.drive(plane, spec, config, node, conn);
        while self.pump(plane, config, node, conn) {
            self.drive(plane, spec, config, node, conn);
        }
    }

    /// Carries what TLS has for the program and for TCP over to them; says whether the program was told something.
    fn pump(&mut self, plane: &mut Plane, config: &tcp::Config, node: NodeId, conn: &mut Conn) -> bool {
        let now = plane.now;
        let Some(mut layer) = conn.tls.take() else { return false };
        let place = (conn.id, conn.side);
        if layer.is_wanted() {
            if layer.from_start && !conn.tcp.was_established() {
                conn.tls = Some(layer);
                return false;
            }
            let carried = conn.tcp.carried();
            if plane.records() {
                plane.log.add_sealed(conn.id, conn.side, carried);
            }
            if !layer.begin(self.settings.tls.as_ref(), now, place, &conn.peer, carried) {
                let why = "this host has no certificate";
                plane.note_tls(node, place, Err(why));
                conn.app.not_secured(now, why);
                conn.tcp.close();
                return true;
            }
        }
        let mut told = false;
        while let Some(output) = layer.poll() {
            match output {
                tls::Output::Transmit(bytes) => layer.push(bytes),
                tls::Output::Secrets(secrets) => plane.note_secrets(conn.id, secrets),
                tls::Output::Secured(info) => {
                    // The handshake's last words go out before the first ones of the program.
                    layer.flush(&mut conn.tcp, config);
                    plane.note_tls(node, place, Ok(&info));
                    conn.app.secured(now, &info);
                    if layer.from_start {
                        conn.app.connected(now);
                    }
                    told = true;
                }
                tls::Output::Bytes(bytes) => {
                    conn.app.bytes(now, &bytes);
                    told = true;
                }
                tls::Output::PeerClosed => {
                    layer.peer_closed = true;
                    conn.app.peer_closed(now);
                    told = true;
                }
                tls::Output::Failed(why) => {
                    let why = why.to_string();
                    plane.note_tls(node, place, Err(&why));
                    if layer.was_secured {
                        conn.app.reset(now);
                    } else {
                        conn.app.not_secured(now, &why);
                    }
                    layer.close();
                    layer.peer_closed = true;
                    told = true;
                }
            }
        }
        layer.was_secured |= layer.is_secured();
        layer.flush(&mut conn.tcp, config);
        conn.tls = Some(layer);
        conn.grant(now, config);
        told
    }

    /// Lets the engine do what it wants, until it waits.
    fn drive(&mut self, plane: &mut Plane, spec: &setup::Host, config: &tcp::Config, node: NodeId, conn: &mut Conn) {
        let now = plane.now;
        let Conn { tcp, app, granted, id, side, key, tls, .. } = conn;
        let mut hearing = Hearing { plane, programs: self, spec, node, conn: *id, side: *side, peer: key.remote, tls };
        let h = &mut hearing;
        let driven = match app {
            App::None => Driven::default(),
            App::SmtpClient(client) => {
                let sender = client.sender;
                drive(&mut client.engine, &mut (h, sender), tcp, config, granted, now)
            }
            App::SmtpServer(engine) => drive(&mut **engine, h, tcp, config, granted, now),
            App::ImapClient(engine, reader) => drive(&mut **engine, &mut (h, &mut **reader), tcp, config, granted, now),
            App::WebReader(engine, job) => drive(&mut **engine, &mut (h, *job), tcp, config, granted, now),
            App::ImapServer(app) => {
                let ImapServer { engine, session } = &mut **app;
                let session = session.get_or_insert_with(|| store::Session::new(*id));
                drive(engine, &mut (h, session), tcp, config, granted, now)
            }
            App::Pop3Client(engine, agent) => drive(&mut **engine, &mut (h, *agent), tcp, config, granted, now),
            App::Pop3Server(app) => {
                let Pop3Server { engine, session } = &mut **app;
                let session = session.get_or_insert_with(|| store::Maildrop::new(*id));
                drive(engine, &mut (h, session), tcp, config, granted, now)
            }
            App::HttpClient(app) => {
                let HttpClient { engine, visit } = &mut **app;
                drive(engine, &mut (h, *visit), tcp, config, granted, now)
            }
            App::HttpServer(engine) => drive(&mut **engine, h, tcp, config, granted, now),
            App::DnsClient(app) => {
                let DnsClient { engine, stream } = &mut **app;
                drive(engine, &mut (h, *stream), tcp, config, granted, now)
            }
            App::DnsServer(engine) => drive(&mut **engine, h, tcp, config, granted, now),
            App::Raw(end) => {
                let RawEnd { engine, session, port } = &mut **end;
                drive(engine, &mut (h, *session, *port), tcp, config, granted, now)
            }
            App::Console(engine) => drive(&mut **engine, h, tcp, config, granted, now),
        };
        conn.app_wait = driven.wait;
        self.stirred |= driven.spoke;
        let idles = conn.app.is_idling();
        if idles != self.idling.contains(&conn.id) {
            self.idling.retain(|id| *id != conn.id);
            self.idling.extend(idles.then_some(conn.id));
        }
    }

    /// A connection of an SMTP client is open: its first letter is about to be sent.
    pub fn connected(&mut self, plane: &mut Plane, node: NodeId, conn: &Conn) {
        if let App::SmtpClient(client) = &conn.app
            && plane.records()
        {
            let event = mail::Event::LetterSent { conn: conn.id, content: client.first };
            plane.note_mail(node, event);
        }
    }

    /// A connection is gone. `reason` says how; `established` whether it had been open.
    pub fn broken(&mut self, plane: &mut Plane, node: NodeId, conn: &mut Conn, established: bool, reason: &str) {
        if established {
            return conn.app.reset(plane.now);
        }
        self.stirred = true;
        // The engine has not spoken yet: this is not a session that failed but one that never was.
        let app = std::mem::replace(&mut conn.app, App::None);
        self.not_connected(plane, node, app, reason);
    }

    /// A connection never came to be.
    pub fn not_connected(&mut self, plane: &mut Plane, node: NodeId, app: App, reason: &str) {
        let now = plane.now;
        match app {
            App::SmtpClient(client) => match client.sender {
                Sender::Mta(session) => {
                    self.forget(session);
                    if let Some(mail) = &mut self.mail {
                        mail.mta_mut().not_connected(now, session, reason);
                    }
                    self.poll_mail(plane, node, None);
                }
                Sender::Agent(agent, id) => {
                    self.agents[agent].not_submitted(now, id, reason);
                    self.poll_agents(plane, node);
                }
                Sender::Webmail(job) => self.not_submitted(plane, node, job, reason),
            },
            App::WebReader(_, job) => self.not_reached(plane, node, job, reason),
            App::HttpClient(client) => self.not_browsed(client.visit),
            App::DnsClient(client) => self.names.handle_stream(now, client.stream, None),
            App::Raw(end) => {
                self.raw.remove(&end.session);
                if let Some(outside) = &mut plane.outside {
                    let (session, port) = (end.session, end.port);
                    outside.push(Outside { host: node, session, port, event: raw::Event::Broken });
                }
            }
            mut app => app.reset(now),
        }
    }

    fn not_submitted(&mut self, plane: &mut Plane, node: NodeId, job: JobId, reason: &str) {
        if let Some(webmail) = &mut self.webmail {
            webmail.not_submitted(job, reason);
        }
        self.poll_webmail(plane, node);
    }

    fn not_reached(&mut self, plane: &mut Plane, node: NodeId, job: JobId, reason: &str) {
        if let Some(webmail) = &mut self.webmail {
            webmail.not_reached(job, reason);
        }
        self.poll_webmail(plane, node);
    }

    /// A connection whose bytes came from elsewhere is gone.
    pub fn raw_is_over(&mut self, session: RawSession, conn: ConnId) {
        if self.raw.get(&session).is_some_and(|(id, _)| *id == conn) {
            self.raw.remove(&session);
        }
    }

    /// A POP3 session of this host is over, or the program that led it.
    pub fn release_maildrop(&mut self, conn: ConnId) {
        if let Some(mail) = &mut self.mail {
            mail.with_store(|store, _| store.release(conn));
        }
    }

    pub fn forget(&mut self, session: SessionId) {
        self.sessions.retain(|(s, ..)| *s != session);
    }

    /// Writes down what the user agents tell.
    pub fn poll_agents(&mut self, plane: &mut Plane, node: NodeId) {
        for agent in &mut self.agents {
            while let Some(event) = agent.poll() {
                plane.note_mail(node, event);
            }
        }
    }

    /// Carries out what the mail system wants. A letter for the session at hand goes to its engine at once;
    /// what concerns others becomes an effect.
    pub fn poll_mail(
        &mut self,
        plane: &mut Plane,
        node: NodeId,
        mut at_hand: Option<(SessionId, ConnId, &mut smtp::client::Client)>,
    ) {
        let Some(mut mail) = self.mail.take() else { return };
        let now = plane.now;
        let by_timer = matches!(plane.cause, Cause::Timer { .. });
        while let Some(output) = mail.poll(now, plane.contents()) {
            match output {
                mta::Output::Event(event) => {
                    if by_timer {
                        self.causes.of_attempt(plane, &event);
                    }
                    let turn = Turn::of(&event);
                    let changed = is_change(&event);
                    plane.note_mail(node, event);
                    self.causes.told(plane, turn);
                    if changed {
                        self.news(plane.cause, mail.store().change_count());
                    }
                }
                mta::Output::Resolve { ticket, domain } => {
                    let own = mail.own();
                    if plane.records() {
                        self.causes.asked.push((ticket, now, plane.cause));
                    }
                    match mail.fixed_route(&domain) {
                        Some(target) => self.names.routed(ticket, vec![target]),
                        None => self.names.route(now, ticket, &domain, &own, || mail.route(ticket, &domain)),
                    }
                    self.poll_names(plane, node);
                }
                mta::Output::Connect { session, host, address, port, envelope, letter } => {
                    let settings = match mail.config().routes.iter().any(|r| r.door && r.address == address) {
                        true => &self.settings.smtp_client_at_door,
                        false => &self.settings.smtp_client,
                    };
                    let mut engine = smtp::client::Client::new(Arc::clone(settings));
                    engine.send(now, envelope, letter.bytes);
                    let client = SmtpClient { engine, sender: Sender::Mta(session), first: letter.content };
                    let app = Box::new(App::SmtpClient(Box::new(client)));
                    let to = Box::new(Peer { address, port, name: host, tls: false });
                    self.effects.push_back((plane.cause, Effect::Connect { to, app }));
                }
                mta::Output::Send { session, envelope, letter } => match &mut at_hand {
                    Some((s, conn, engine)) if *s == session => {
                        let event = mail::Event::LetterSent { conn: *conn, content: letter.content };
                        plane.note_mail(node, event);
                        engine.send(now, envelope, letter.bytes);
                    }
                    _ => self.touch(plane.cause, session, Touch::Send(envelope, letter)),
                },
                mta::Output::Quit { session } => match &mut at_hand {
                    Some((s, _, engine)) if *s == session => engine.quit(now),
                    _ => self.touch(plane.cause, session, Touch::Quit),
                },
                mta::Output::Return(_) | mta::Output::Convert { .. } => {
                    unreachable!("the mail system writes bounces and encodes letters itself")
                }
            }
        }
        while let Some(wanted) = mail.poll_wanted() {
            match wanted {
                Wanted::Ask { check, question } => {
                    self.names.check(now, check, question);
                    self.poll_names(plane, node);
                }
                Wanted::Answer { conn, request, answer } => {
                    let touch = Touch::Answer(request, Box::new(answer));
                    self.effects.push_back((plane.cause, Effect::TouchServer(conn, touch)));
                }
            }
        }
        self.mail = Some(mail);
    }

    /// Who idles has to be told of changes; `cause` is what made the first of them known.
    fn news(&mut self, cause: Cause, changes: u64) {
        if changes != std::mem::replace(&mut self.seen_changes, changes) && !self.idling.is_empty() {
            self.effects.push_back((cause, Effect::Look));
        }
    }

    fn touch(&mut self, cause: Cause, session: SessionId, touch: Touch) {
        if let Some((_, slot, _)) = self.sessions.iter().find(|(s, ..)| *s == session) {
            self.effects.push_back((cause, Effect::Touch(*slot, touch)));
        }
    }

    /// Carries out everything that waits inside: the mail system, names that were found, the resolver.
    pub fn poll(&mut self, plane: &mut Plane, node: NodeId) {
        loop {
            self.poll_mail(plane, node, None);
            self.poll_names(plane, node);
            let found = self.names.found();
            if found.is_empty() {
                // Without a record no event has said that there are changes.
                let changes = self.mail.as_ref().map_or(0, |mail| mail.store().change_count());
                return self.news(plane.cause, changes);
            }
            for found in found {
                self.found(plane, node, found);
            }
        }
    }

    /// What the resolver tells and wants to send.
    fn poll_names(&mut self, plane: &mut Plane, node: NodeId) {
        while let Some(output) = self.names.poll(plane.now) {
            match output {
                resolver::Output::Event(event) => plane.note_lookup(node, event),
                resolver::Output::Datagram { to, to_port, from_port, bytes } => {
                    self.effects.push_back((plane.cause, Effect::Datagram { to, to_port, from_port, bytes }));
                }
                resolver::Output::Stream { to, to_port, stream, bytes } => {
                    let app = App::DnsClient(Box::new(DnsClient { engine: stream::Client::new(bytes), stream }));
                    // By address: nobody knows its name yet, and it shows no certificate.
                    let to = Box::new(Peer { address: to, port: to_port, name: String::new(), tls: false });
                    let effect = Effect::Connect { to, app: Box::new(app) };
                    self.effects.push_back((plane.cause, effect));
                }
                resolver::Output::Answered { .. } | resolver::Output::Wait(_) => {}
            }
        }
    }

    fn found(&mut self, plane: &mut Plane, node: NodeId, found: Found) {
        match found {
            Found::Route(ticket, result) => {
                self.causes.answered(plane, ticket);
                if let Some(mail) = &mut self.mail {
                    mail.mta_mut().resolved(plane.now, ticket, result);
                }
                // At once, so that the connection has this search as its cause and not the next one.
                self.poll_mail(plane, node, None);
            }
            Found::Check(check, question, answer) => {
                if let Some(mail) = &mut self.mail {
                    mail.known(plane.now, plane.contents(), check, &question, &answer);
                }
                self.poll_mail(plane, node, None);
            }
            Found::Errand(errand, Ok(address)) => self.go(plane, *errand, address),
            Found::Errand(errand, Err(reason)) => match *errand {
                Errand::Submit { agent, submission } => {
                    self.agents[agent].not_submitted(plane.now, submission.id, &reason);
                    self.poll_agents(plane, node);
                }
                Errand::WebSubmit { job, .. } => self.not_submitted(plane, node, job, &reason),
                Errand::WebRead { job, .. } => self.not_reached(plane, node, job, &reason),
                Errand::Browse { visit } => self.not_browsed(visit),
                Errand::Read { .. } | Errand::Fetch { .. } | Errand::Console { .. } => {}
            },
        }
    }

    /// The address is known: open the connection.
    fn go(&mut self, plane: &Plane, errand: Errand, address: Ipv4Addr) {
        let now = plane.now;
        let web = match errand {
            Errand::Browse { visit } => self.browse_at(visit, address),
            Errand::WebSubmit { job, account, envelope, letter } => {
                self.web_submit(now, (job, account), *envelope, letter, address)
            }
            Errand::WebRead { job, account, commands } => self.web_read((job, account), commands, address),
            errand => return self.go_for_agent(plane, errand, address),
        };
        if let Some((to, app)) = web {
            self.effects.push_back((plane.cause, Effect::Connect { to: Box::new(to), app: Box::new(app) }));
        }
    }

    /// The same, for a user agent.
    fn go_for_agent(&mut self, plane: &Plane, errand: Errand, address: Ipv4Addr) {
        let now = plane.now;
        let s = &self.settings;
        let (port, name, tls, app) = match errand {
            Errand::Submit { agent, submission } => {
                let Submission { id, server, port, envelope, letter, .. } = *submission;
                let mut engine = smtp::client::Client::new(Arc::clone(&s.agents[agent].smtp));
                engine.send(now, envelope, letter.bytes);
                let client = SmtpClient { engine, sender: Sender::Agent(agent, id), first: letter.content };
                let tls = self.agents[agent].account().smtp_tls == ClientTls::FromStart;
                (port, server, tls, App::SmtpClient(Box::new(client)))
            }
            Errand::Read { reader, port, commands } => {
                let engine = imap::client::Client::new(Arc::clone(&s.agents[reader.agent].imap), commands);
                let account = self.agents[reader.agent].account();
                let name = account.imap.as_ref().map(|(name, _)| name.clone()).unwrap_or_default();
                (port, name, account.imap_tls == ClientTls::FromStart, App::ImapClient(Box::new(engine), reader))
            }
            Errand::Fetch { agent, port, commands } => {
                let engine = pop3::client::Client::new(Arc::clone(&s.agents[agent].pop3), commands);
                let account = self.agents[agent].account();
                let name = account.pop3.as_ref().map(|(name, _)| name.clone()).unwrap_or_default();
                (port, name, account.pop3_tls == ClientTls::FromStart, App::Pop3Client(Box::new(engine), agent))
            }
            Errand::Console { server, port, lines } => {
                (port, server, false, App::Console(Box::new(raw::Console::new(lines))))
            }
            Errand::Browse { .. } | Errand::WebSubmit { .. } | Errand::WebRead { .. } => return,
        };
        let to = Box::new(Peer { address, port, name, tls });
        self.effects.push_back((plane.cause, Effect::Connect { to, app: Box::new(app) }));
    }

    /// When [`Programs::due`] is to be called.
    pub fn wait(&mut self) -> Option<Instant> {
        let mail = self.mail.as_ref().and_then(|mail| mail.mta().wait());
        match (mail, self.names.wait()) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// Timers of the queue and of the resolver.
    pub fn due(&mut self, now: Instant) {
        if let Some(mail) = &mut self.mail {
            mail.mta_mut().handle_timeout(now);
        }
        self.names.handle_timeout(now);
    }

    /// A datagram for `port`; false if nobody listens there.
    pub fn datagram(
        &mut self,
        plane: &mut Plane,
        spec: &setup::Host,
        serves_dns: bool,
        from: (Ipv4Addr, u16),
        port: u16,
        bytes: &[u8],
    ) -> bool {
        if port == dns::PORT && serves_dns {
            let zones = spec.dns_server.as_ref();
            let answer = zones.and_then(|zones| dns::server::answer_with(zones, &spec.dns_policy, bytes));
            if let Some(bytes) = answer {
                self.stirred = true;
                let (to, to_port) = from;
                self.effects.push_back((plane.cause, Effect::Datagram { to, to_port, from_port: port, bytes }));
            }
            return true;
        }
        if self.names.listens_on(port) {
            self.stirred = true;
            self.names.handle_datagram(plane.now, from, port, bytes);
            return true;
        }
        false
    }

    /// What a user or a script does on this host.
    pub fn act(&mut self, plane: &mut Plane, node: NodeId, action: &Action) {
        let now = plane.now;
        match action {
            Action::Send { agent, draft, envelope, .. } => {
                let envelope = envelope.as_deref().cloned();
                let submission = self.agents[*agent].compose(now, plane.contents(), draft, envelope);
                self.poll_agents(plane, node);
                if let Some(submission) = submission {
                    let server = submission.server.clone();
                    let errand = Errand::Submit { agent: *agent, submission: Box::new(submission) };
                    self.names.errand(now, &server, errand);
                }
            }
            Action::Submit { agent, letter, envelope, .. } => {
                let agent_at = &mut self.agents[*agent];
                let submission = agent_at.hand_in(now, plane.contents(), Arc::clone(letter), (**envelope).clone());
                self.poll_agents(plane, node);
                if let Some(submission) = submission {
                    let server = submission.server.clone();
                    let errand = Errand::Submit { agent: *agent, submission: Box::new(submission) };
                    self.names.errand(now, &server, errand);
                }
            }
            Action::Raw { session, deed, .. } => self.raw(plane.cause, *session, deed),
            Action::Console { server, port, lines, .. } => {
                let errand = Errand::Console { server: server.clone(), port: *port, lines: lines.clone() };
                self.names.errand(now, server, errand);
            }
            Action::Queue { letter, envelope, .. } => self.queue(plane, letter, envelope.as_deref()),
            Action::Imap { agent, commands, go_on, .. } => {
                let open = self.readers.iter().find(|(a, _)| a == agent).filter(|_| *go_on);
                match open.map(|(_, id)| *id) {
                    Some(id) => {
                        let effect = Effect::Say { id, agent: *agent, commands: commands.clone() };
                        self.effects.push_back((plane.cause, effect));
                    }
                    None => self.read(now, *agent, commands.clone()),
                }
            }
            Action::Sync { agent, folder, .. } => {
                let (sync, commands) = self.agents[*agent].sync(folder);
                self.open_reader(now, Reader { agent: *agent, sync: Some(sync) }, commands);
            }
            Action::Offline { agent, folder, changes, .. } => {
                for (uid, change) in changes {
                    self.agents[*agent].change_copy(folder, *uid, change);
                }
                self.poll_agents(plane, node);
            }
            Action::Pop3 { agent, commands, .. } => {
                if let Some((server, port)) = self.agents[*agent].account().pop3.clone() {
                    let known = Arc::new(self.agents[*agent].on_disk().clone());
                    let mut commands = commands.clone();
                    for command in &mut commands {
                        // What is on the disk is known only now.
                        if let pop3::client::ClientCommand::FetchNew { known: is } = command {
                            *is = Arc::clone(&known);
                        }
                    }
                    let errand = Errand::Fetch { agent: *agent, port, commands };
                    self.names.errand(now, &server, errand);
                }
            }
            Action::Browse { server, port, paths, persistent, connections, .. } => {
                self.browse(now, (server, *port), paths, (*persistent, *connections));
            }
            Action::Webmail { server, port, user, password, deed, .. } => {
                self.visit_webmail(now, (server, *port), User::new(user, password, deed.clone()));
            }
            Action::Disk { free, .. } => {
                if let Some(mail) = &mut self.mail {
                    mail.set_disk_free(*free);
                }
            }
            _ => {}
        }
    }

    /// Something is done on a connection whose bytes come from elsewhere. On one that is gone nothing happens: what
    /// was said on it and did not arrive is told by TCP.
    fn raw(&mut self, cause: Cause, session: RawSession, deed: &RawDeed) {
        if let RawDeed::Connect { to, port } = deed {
            let app = App::Raw(Box::new(RawEnd { engine: raw::Endpoint::new(), session, port: *port }));
            let to = Box::new(Peer { address: *to, port: *port, name: String::new(), tls: false });
            return self.effects.push_back((cause, Effect::Connect { to, app: Box::new(app) }));
        }
        let Some((id, slot)) = self.raw.get(&session).copied() else {
            let takes = match deed {
                RawDeed::Accept => true,
                RawDeed::Reset => false,
                _ => return,
            };
            return self.effects.push_back((cause, Effect::Answer { session, takes }));
        };
        let touch = match deed {
            RawDeed::Accept => return,
            RawDeed::Connect { .. } | RawDeed::Read(true) => None,
            RawDeed::Write(bytes) => Some(RawTouch::Write(bytes.to_vec())),
            RawDeed::Close => Some(RawTouch::Close),
            RawDeed::Reset => Some(RawTouch::Reset),
            RawDeed::Read(false) => Some(RawTouch::StopReading),
        };
        self.effects.push_back((cause, Effect::Raw { id, slot, touch: touch.map(Touch::Raw) }));
    }

    /// A user agent opens a connection and says these commands.
    pub fn read(&mut self, now: Instant, agent: usize, commands: Vec<imap::client::ClientCommand>) {
        self.open_reader(now, Reader { agent, sync: None }, commands);
    }

    fn open_reader(&mut self, now: Instant, reader: Reader, commands: Vec<imap::client::ClientCommand>) {
        if let Some((server, port)) = self.agents[reader.agent].account().imap.clone() {
            self.names.errand(now, &server, Errand::Read { reader: Box::new(reader), port, commands });
        }
    }

    /// Puts a letter into the queue of this host, due at once. What has no sender or recipient was refused when
    /// the scenario was checked.
    fn queue(&mut self, plane: &mut Plane, letter: &Preloaded, envelope: Option<&Envelope>) {
        let now = plane.now;
        let Some(mail) = &mut self.mail else { return };
        match (letter, envelope) {
            (Preloaded::Letter(bytes), Some(envelope)) => {
                mail.queue(now, plane.contents(), Arc::clone(bytes), envelope, now);
            }
            (Preloaded::Letter(_), None) => {}
            (Preloaded::Draft(draft), envelope) => {
                let _ = mail.queue_draft(now, plane.contents(), draft, envelope.cloned(), now);
            }
        }
    }

    /// Everything in memory is gone.
    pub fn power_off(&mut self, plane: &mut Plane, node: NodeId) {
        if let Some(mail) = &mut self.mail {
            mail.mta_mut().power_off();
            mail.forget_sessions();
            mail.with_store(|store, _| store.release_all());
        }
        for agent in &mut self.agents {
            agent.power_off(plane.now);
        }
        self.poll_agents(plane, node);
        if let Some(webmail) = &mut self.webmail {
            webmail.power_off();
        }
        self.web.power_off();
        self.names.power_off();
        self.effects.clear();
        self.idling.clear();
        self.readers.clear();
        self.raw.clear();
        self.sessions.clear();
        self.causes = Causes::default();
    }

    /// The computer is up again.
    pub fn restart(&mut self, now: Instant) {
        if let Some(mail) = &mut self.mail {
            mail.mta_mut().power_on(now);
        }
    }
}
