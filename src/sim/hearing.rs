//! What a host does with what the engines on its connections tell and ask: everything goes into the record,
//! and the mail system hears what concerns it.

use std::sync::Arc;

use super::apps::{Hears, Sender};
use super::plane::Plane;
use super::programs::{Errand, Programs};
use super::setup;
use crate::mail::server::{MailSystem, Peer};
use crate::mail::store;
use crate::topology::{ConnId, NodeId, Side};
use crate::trace::SessionEvent;
use crate::{http, imap, pop3, smtp};

/// The connection on which an engine speaks, and all that may hear it.
pub(super) struct Hearing<'a> {
    pub plane: &'a mut Plane,
    pub programs: &'a mut Programs,
    pub spec: &'a setup::Host,
    pub node: NodeId,
    pub conn: ConnId,
    pub side: Side,
    pub peer: std::net::Ipv4Addr,
}

impl Hearing<'_> {
    #[inline]
    fn note(&mut self, event: SessionEvent) {
        if self.plane.records() {
            let fact = self.plane.log.add_session(self.conn, self.side, event);
            self.plane.note(self.node, fact);
        }
    }
}

/// An SMTP client's engine is heard together with whose it is.
impl Hears<smtp::client::Client> for (&mut Hearing<'_>, Sender) {
    fn told(&mut self, engine: &mut smtp::client::Client, event: smtp::client::Event) {
        use smtp::client::Event;
        let (h, sender) = (&mut *self.0, self.1);
        let now = h.plane.now;
        let mail = h.programs.mail.as_deref_mut().map(MailSystem::mta_mut);
        match (&event, sender, mail) {
            (Event::Idle, Sender::Mta(session), Some(mta)) => {
                mta.idle(now, session);
                h.note(SessionEvent::SmtpClient(event));
                h.programs.poll_mail(h.plane, h.node, Some((session, h.conn, engine)));
            }
            (Event::Outcome(outcome), Sender::Mta(session), Some(mta)) => {
                mta.outcome(now, session, outcome);
                h.note(SessionEvent::SmtpClient(event));
                h.programs.poll_mail(h.plane, h.node, None);
            }
            (Event::Ended(_), Sender::Mta(session), Some(mta)) => {
                mta.session_ended(now, session);
                h.note(SessionEvent::SmtpClient(event));
                h.programs.forget(session);
                h.programs.poll_mail(h.plane, h.node, None);
            }
            (Event::Outcome(outcome), Sender::Agent(agent, id), _) => {
                h.programs.agents[agent].submission_outcome(now, id, outcome);
                h.note(SessionEvent::SmtpClient(event));
                h.programs.poll_agents(h.plane, h.node);
            }
            _ => h.note(SessionEvent::SmtpClient(event)),
        }
    }

    fn asked(&mut self, request: smtp::client::Never) -> smtp::client::Never {
        match request {}
    }
}

impl Hears<smtp::server::Server> for Hearing<'_> {
    fn told(&mut self, _: &mut smtp::server::Server, event: smtp::server::Event) {
        self.note(SessionEvent::SmtpServer(event));
    }

    fn asked(&mut self, request: smtp::server::Request) -> smtp::server::Answer {
        let peer = Peer { conn: self.conn, address: self.peer, name: None };
        let mail = self.programs.mail.as_mut().expect("an SMTP server is on a host with a mail system");
        let answer = mail.answer(self.plane.now, self.plane.contents(), peer, request);
        self.programs.poll_mail(self.plane, self.node, None);
        answer
    }
}

impl Hears<imap::client::Client> for (&mut Hearing<'_>, usize) {
    fn told(&mut self, _: &mut imap::client::Client, event: imap::client::Event) {
        let (h, agent) = (&mut *self.0, self.1);
        if let imap::client::Event::Letter { bytes, map, .. } = &event {
            let contents = h.plane.contents();
            h.programs.agents[agent].fetched(contents, h.conn, Arc::clone(bytes), map.clone());
        }
        h.note(SessionEvent::ImapClient(event));
        h.programs.poll_agents(h.plane, h.node);
    }

    fn asked(&mut self, request: imap::client::Never) -> imap::client::Never {
        match request {}
    }
}

impl Hears<imap::server::Server> for (&mut Hearing<'_>, &mut store::Session) {
    fn told(&mut self, _: &mut imap::server::Server, event: imap::server::Event) {
        self.0.note(SessionEvent::ImapServer(event));
    }

    fn asked(&mut self, request: imap::server::Request) -> imap::server::Answer {
        let h = &mut *self.0;
        let mail = h.programs.mail.as_mut().expect("an IMAP server is on a host with a mail system");
        let now = h.programs.calendar.unix_seconds(h.plane.now);
        let (session, ids) = (&mut *self.1, h.plane.contents());
        let answer = mail
            .with_store(|store, events| store.answer(session, request, &mut store::Surroundings { now, ids, events }));
        h.programs.poll_mail(h.plane, h.node, None);
        answer
    }
}

impl Hears<pop3::client::Client> for (&mut Hearing<'_>, usize) {
    fn told(&mut self, _: &mut pop3::client::Client, event: pop3::client::Event) {
        let (h, agent) = (&mut *self.0, self.1);
        if let pop3::client::Event::Letter { bytes, map, unique, .. } = &event {
            let (bytes, map, unique) = (Arc::clone(bytes), map.clone(), unique.clone());
            let contents = h.plane.contents();
            h.programs.agents[agent].downloaded(contents, h.conn, bytes, map, unique);
        }
        h.note(SessionEvent::Pop3Client(event));
        h.programs.poll_agents(h.plane, h.node);
    }

    fn asked(&mut self, request: pop3::client::Never) -> pop3::client::Never {
        match request {}
    }
}

impl Hears<pop3::server::Server> for (&mut Hearing<'_>, &mut store::Maildrop) {
    fn told(&mut self, _: &mut pop3::server::Server, event: pop3::server::Event) {
        let h = &mut *self.0;
        if matches!(event, pop3::server::Event::Ended(_)) {
            h.programs.release_maildrop(h.conn);
        }
        h.note(SessionEvent::Pop3Server(event));
    }

    fn asked(&mut self, request: pop3::server::Request) -> pop3::server::Answer {
        let h = &mut *self.0;
        let mail = h.programs.mail.as_mut().expect("a POP3 server is on a host with a mail system");
        let now = h.programs.calendar.unix_seconds(h.plane.now);
        let (drop, ids) = (&mut *self.1, h.plane.contents());
        let answer = mail.with_store(|store, events| {
            store.answer_pop3(drop, request, &mut store::Surroundings { now, ids, events })
        });
        h.programs.poll_mail(h.plane, h.node, None);
        answer
    }
}

/// What a browser still has to fetch on connections to come.
pub(super) struct HearsHttp<'a, 'b> {
    pub hearing: &'a mut Hearing<'b>,
    pub server: &'a (String, u16),
    pub later: &'a mut Vec<String>,
}

impl Hears<http::client::Client> for HearsHttp<'_, '_> {
    fn told(&mut self, _: &mut http::client::Client, event: http::client::Event) {
        let ended = matches!(event, http::client::Event::Ended(_));
        self.hearing.note(SessionEvent::HttpClient(event));
        if ended && !self.later.is_empty() {
            let (server, port) = self.server.clone();
            let paths = std::mem::take(self.later);
            let errand = Errand::Browse { server: server.clone(), port, paths, persistent: false };
            self.hearing.programs.names.errand(self.hearing.plane.now, &server, errand);
        }
    }

    fn asked(&mut self, request: http::client::Never) -> http::client::Never {
        match request {}
    }
}

impl Hears<http::server::Server> for Hearing<'_> {
    fn told(&mut self, _: &mut http::server::Server, event: http::server::Event) {
        self.note(SessionEvent::HttpServer(event));
    }

    fn asked(&mut self, request: http::server::Request) -> http::server::Answer {
        let objects = self.spec.web_server.as_ref().map_or(&[][..], |w| &w.objects);
        let http::server::Request::Get { path } = request;
        let object = objects.iter().find(|o| o.path == path);
        http::server::Answer::Object(
            object.map(|o| http::server::Object { content_type: o.content_type.clone(), body: Arc::clone(&o.body) }),
        )
    }
}
