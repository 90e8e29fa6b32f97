//! The programs of a host, and how what one of them wants reaches the others: the mail system asks for
//! names and connections, connections tell the mail system what their engines were told.

mod acts;
mod causes;
mod conversation;
mod errand;
mod mail;
mod settings;

use std::collections::{BTreeMap, VecDeque};
use std::net::Ipv4Addr;
use std::sync::Arc;

use self::causes::Causes;
pub(super) use self::errand::Errand;
use self::settings::Settings;
use super::apps::{App, ImapServer, Pop3Server, Sender, Touch};
use super::names::Names;
use super::plane::Plane;
use super::sealed::{Authorities, Kit};
use super::setup;
use super::web::Web;
use crate::action::{CommandRule, RawSession, Service};
use crate::dns;
use crate::engine::Detail;
use crate::mail::config::ServiceTls;
use crate::mail::mta::SessionId;
use crate::mail::mua::Agent;
use crate::mail::server::{Identity, MailSystem};
use crate::mail::webmail::Webmail;
use crate::rng::Seed;
use crate::time::{Calendar, Instant};
use crate::topology::{ConnId, NodeId};
use crate::trace::{Cause, EntryId};
use crate::{http, imap, pop3, smtp};

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
