//! The program at one end of a connection: it is driven until it waits, and told of its end.

use super::{Forced, Programs};
use crate::mail::webmail::JobId;
use crate::mail::{self, store};
use crate::sim::apps::{App, DnsClient, Driven, HttpClient, ImapServer, Pop3Server, RawEnd, Sender, drive};
use crate::sim::hearing::Hearing;
use crate::sim::plane::{Outside, Plane};
use crate::sim::setup;
use crate::sim::sockets::Conn;
use crate::topology::NodeId;
use crate::trace::Closed;
use crate::{raw, smtp, tcp, tls};

impl Programs {
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
        if driven.aborted {
            conn.closed = Closed::Rst;
        }
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

    pub(super) fn not_submitted(&mut self, plane: &mut Plane, node: NodeId, job: JobId, reason: &str) {
        if let Some(webmail) = &mut self.webmail {
            webmail.not_submitted(job, reason);
        }
        self.poll_webmail(plane, node);
    }

    pub(super) fn not_reached(&mut self, plane: &mut Plane, node: NodeId, job: JobId, reason: &str) {
        if let Some(webmail) = &mut self.webmail {
            webmail.not_reached(job, reason);
        }
        self.poll_webmail(plane, node);
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
}
