//! What a host does with what the engines on its connections tell and ask: everything goes into the record,
//! and the mail system hears what concerns it.

use std::sync::Arc;

use super::apps::{Hears, Reader, Sender};
use super::plane::{Outside, Plane};
use super::programs::Programs;
use super::sealed::Layer;
use super::setup;
use super::web::VisitId;
use crate::action::RawSession;
use crate::dns::resolver::StreamId;
use crate::dns::{self, stream};
use crate::engine::RequestId;
use crate::mail::server::{MailSystem, Peer};
use crate::mail::store;
use crate::mail::webmail::JobId;
use crate::topology::{ConnId, NodeId, Side};
use crate::trace::{EngineKind, NewLine, Saying};
use crate::{http, imap, pop3, raw, smtp};

/// The connection on which an engine speaks, and all that may hear it.
pub(super) struct Hearing<'a> {
    pub plane: &'a mut Plane,
    pub programs: &'a mut Programs,
    pub spec: &'a setup::Host,
    pub node: NodeId,
    pub conn: ConnId,
    pub side: Side,
    pub peer: std::net::Ipv4Addr,
    pub tls: &'a mut Option<Box<Layer>>,
}

impl Hearing<'_> {
    #[inline]
    fn note(&mut self, event: impl Into<Saying>) {
        if self.plane.records() {
            match self.tls {
                Some(_) => self.note_sealed(event.into()),
                None => self.put_down(event.into()),
            }
        }
    }

    /// A line of SMTP.
    #[inline]
    fn note_line(&mut self, engine: EngineKind, line: &smtp::Spoken, words: &smtp::Words) {
        if self.plane.records() {
            let line = NewLine::spoken(line, words);
            if self.tls.is_some() {
                return self.note_sealed(Saying::Line(engine, Box::new(line.into())));
            }
            let fact = self.plane.log.add_line(self.conn, self.side, engine, line);
            self.plane.note(self.node, fact);
        }
    }

    /// Under TLS it is put down when it is known where its bytes stand.
    fn note_sealed(&mut self, event: Saying) {
        let placed = self.tls.as_mut().map_or_else(Vec::new, |layer| layer.placed(Some(event)));
        placed.into_iter().for_each(|event| self.put_down(event));
    }

    /// More has been sealed: what waited for it can be put down.
    fn settle(&mut self) {
        let placed = self.tls.as_mut().map_or_else(Vec::new, |layer| layer.placed(None));
        placed.into_iter().for_each(|event| self.put_down(event));
    }

    fn put_down(&mut self, event: Saying) {
        let fact = self.plane.log.add_session(self.conn, self.side, event);
        self.plane.note(self.node, fact);
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
            (Event::Line(line), ..) => h.note_line(EngineKind::SmtpClient, line, engine.words()),
            (Event::Idle, Sender::Mta(session), Some(mta)) => {
                mta.idle(now, session);
                h.note(Saying::SmtpClient(event));
                h.programs.poll_mail(h.plane, h.node, Some((session, h.conn, engine)));
            }
            (Event::Outcome(outcome), Sender::Mta(session), Some(mta)) => {
                mta.outcome(now, session, outcome);
                h.note(Saying::SmtpClient(event));
                h.programs.poll_mail(h.plane, h.node, None);
            }
            (Event::Ended(_), Sender::Mta(session), Some(mta)) => {
                mta.session_ended(now, session);
                h.note(Saying::SmtpClient(event));
                h.programs.forget(session);
                h.programs.poll_mail(h.plane, h.node, None);
            }
            (Event::Outcome(outcome), Sender::Agent(agent, id), _) => {
                h.programs.agents[agent].submission_outcome(now, id, outcome);
                h.note(Saying::SmtpClient(event));
                h.programs.poll_agents(h.plane, h.node);
            }
            (Event::Outcome(outcome), Sender::Webmail(job), _) => {
                if let Some(webmail) = &mut h.programs.webmail {
                    webmail.submission_outcome(job, outcome);
                }
                h.note(Saying::SmtpClient(event));
                h.programs.poll_webmail(h.plane, h.node);
            }
            _ => h.note(Saying::SmtpClient(event)),
        }
    }

    fn asked(&mut self, _: RequestId, request: smtp::client::Never) -> Option<smtp::client::Never> {
        match request {}
    }

    fn wrote(&mut self) {
        self.0.settle();
    }

    fn tls(&mut self) -> &mut Option<Box<Layer>> {
        self.0.tls
    }
}

impl Hears<smtp::server::Server> for Hearing<'_> {
    fn told(&mut self, engine: &mut smtp::server::Server, event: smtp::server::Event) {
        if let smtp::server::Event::Line(line) = &event {
            return self.note_line(EngineKind::SmtpServer, line, engine.words());
        }
        if let (smtp::server::Event::Ended(_), Some(mail)) = (&event, &mut self.programs.mail) {
            mail.session_over(self.conn);
        }
        self.note(Saying::SmtpServer(event));
    }

    fn asked(&mut self, id: RequestId, mut request: Box<smtp::server::Request>) -> Option<smtp::server::Answer> {
        if let (smtp::server::Request::Deliver { map, .. }, Some(layer)) = (&mut *request, &self.tls) {
            layer.place_read(map);
        }
        let peer = Peer { conn: self.conn, address: self.peer, name: None };
        if let smtp::server::Request::Command { name } = *request {
            return Some(smtp::server::Answer::Command(self.programs.manner(self.plane, name)));
        }
        let mail = self.programs.mail.as_mut().expect("an SMTP server is on a host with a mail system");
        let answer = mail.answer(self.plane.now, self.plane.contents(), peer, id, *request);
        self.programs.poll_mail(self.plane, self.node, None);
        answer
    }

    fn tls(&mut self) -> &mut Option<Box<Layer>> {
        self.tls
    }
}

impl Hears<imap::client::Client> for (&mut Hearing<'_>, &mut Reader) {
    fn told(&mut self, engine: &mut imap::client::Client, event: imap::client::Event) {
        let (h, Reader { agent, sync }) = (&mut *self.0, &mut *self.1);
        let agent = *agent;
        if let Some(sync) = sync {
            for command in h.programs.agents[agent].sync_heard(sync, &event) {
                engine.push(h.plane.now, command);
            }
        } else if let imap::client::Event::Letter { bytes, map, .. } = &event {
            let contents = h.plane.contents();
            let mut map = map.clone();
            if let Some(layer) = &h.tls {
                layer.place_read(&mut map);
            }
            h.programs.agents[agent].fetched(contents, h.conn, Arc::clone(bytes), map);
        }
        h.note(event);
        h.programs.poll_agents(h.plane, h.node);
    }

    fn asked(&mut self, _: RequestId, request: imap::client::Never) -> Option<imap::client::Never> {
        match request {}
    }

    fn tls(&mut self) -> &mut Option<Box<Layer>> {
        self.0.tls
    }
}

/// An IMAP client of the webmail program is heard together with for what it was opened.
impl Hears<imap::client::Client> for (&mut Hearing<'_>, JobId) {
    fn told(&mut self, engine: &mut imap::client::Client, mut event: imap::client::Event) {
        let (h, job) = (&mut *self.0, self.1);
        if let (imap::client::Event::Letter { map, .. }, Some(layer)) = (&mut event, &h.tls) {
            layer.place_read(map);
        }
        let commands = match &mut h.programs.webmail {
            Some(webmail) => webmail.heard(h.plane.contents(), h.conn, job, &event),
            None => Vec::new(),
        };
        for command in commands {
            engine.push(h.plane.now, command);
        }
        h.note(event);
        h.programs.poll_webmail(h.plane, h.node);
    }

    fn asked(&mut self, _: RequestId, request: imap::client::Never) -> Option<imap::client::Never> {
        match request {}
    }

    fn tls(&mut self) -> &mut Option<Box<Layer>> {
        self.0.tls
    }
}

impl Hears<imap::server::Server> for (&mut Hearing<'_>, &mut store::Session) {
    fn told(&mut self, _: &mut imap::server::Server, event: imap::server::Event) {
        self.0.note(event);
    }

    fn asked(&mut self, _: RequestId, mut request: imap::server::Request) -> Option<imap::server::Answer> {
        let h = &mut *self.0;
        if let (imap::server::Request::Append { map, .. }, Some(layer)) = (&mut request, &h.tls) {
            layer.place_read(map);
        }
        let mail = h.programs.mail.as_mut().expect("an IMAP server is on a host with a mail system");
        let now = h.programs.calendar.unix_seconds(h.plane.now);
        let (session, ids) = (&mut *self.1, h.plane.contents());
        let answer = mail
            .with_store(|store, events| store.answer(session, request, &mut store::Surroundings { now, ids, events }));
        h.programs.poll_mail(h.plane, h.node, None);
        Some(answer)
    }

    fn wrote(&mut self) {
        self.0.settle();
    }

    fn tls(&mut self) -> &mut Option<Box<Layer>> {
        self.0.tls
    }
}

impl Hears<pop3::client::Client> for (&mut Hearing<'_>, usize) {
    fn told(&mut self, _: &mut pop3::client::Client, event: pop3::client::Event) {
        let (h, agent) = (&mut *self.0, self.1);
        if let pop3::client::Event::Letter { bytes, map, unique, .. } = &event {
            let (bytes, mut map, unique) = (Arc::clone(bytes), map.clone(), unique.clone());
            if let Some(layer) = &h.tls {
                layer.place_read(&mut map);
            }
            let contents = h.plane.contents();
            h.programs.agents[agent].downloaded(contents, h.conn, bytes, map, unique);
        }
        h.note(event);
        h.programs.poll_agents(h.plane, h.node);
    }

    fn asked(&mut self, _: RequestId, request: pop3::client::Never) -> Option<pop3::client::Never> {
        match request {}
    }

    fn tls(&mut self) -> &mut Option<Box<Layer>> {
        self.0.tls
    }
}

impl Hears<pop3::server::Server> for (&mut Hearing<'_>, &mut store::Maildrop) {
    fn told(&mut self, _: &mut pop3::server::Server, event: pop3::server::Event) {
        let h = &mut *self.0;
        if matches!(event, pop3::server::Event::Ended(_)) {
            h.programs.release_maildrop(h.conn);
        }
        h.note(event);
    }

    fn asked(&mut self, _: RequestId, request: pop3::server::Request) -> Option<pop3::server::Answer> {
        let h = &mut *self.0;
        let mail = h.programs.mail.as_mut().expect("a POP3 server is on a host with a mail system");
        let now = h.programs.calendar.unix_seconds(h.plane.now);
        let (drop, ids) = (&mut *self.1, h.plane.contents());
        let answer = mail.with_store(|store, events| {
            store.answer_pop3(drop, request, &mut store::Surroundings { now, ids, events })
        });
        h.programs.poll_mail(h.plane, h.node, None);
        Some(answer)
    }

    fn wrote(&mut self) {
        self.0.settle();
    }

    fn tls(&mut self) -> &mut Option<Box<Layer>> {
        self.0.tls
    }
}

/// A browser's connection is heard together with the visit to which it belongs.
impl Hears<http::client::Client> for (&mut Hearing<'_>, VisitId) {
    fn told(&mut self, engine: &mut http::client::Client, event: http::client::Event) {
        let (h, visit) = (&mut *self.0, self.1);
        // What comes of it has it as its cause.
        h.note(event.clone());
        h.programs.browser_heard(h.plane.now, visit, engine, &event);
    }

    fn asked(&mut self, _: RequestId, request: http::client::Never) -> Option<http::client::Never> {
        match request {}
    }

    fn tls(&mut self) -> &mut Option<Box<Layer>> {
        self.0.tls
    }
}

impl Hears<http::server::Server> for Hearing<'_> {
    fn told(&mut self, _: &mut http::server::Server, event: http::server::Event) {
        self.note(event);
    }

    fn asked(&mut self, id: RequestId, request: http::server::Request) -> Option<http::server::Answer> {
        use http::server::{Answer, Object, Response};
        let objects = self.spec.web_server.as_ref().map_or(&[][..], |w| &w.objects);
        let Some(object) = objects.iter().find(|o| o.path == request.path) else {
            if self.programs.webmail.is_none() {
                return Some(Answer::Object(None));
            }
            return self.programs.webmail_asked(self.plane, self.node, (self.conn, id), &request);
        };
        if let Some(path) = &object.moved_to {
            return Some(Answer::Response(Box::new(Response::explained(301).with("Location", path))));
        }
        let (content_type, body) = (object.content_type.clone(), Arc::clone(&object.body));
        Some(Answer::Object(Some(Object { content_type, body, validators: object.validators.clone() })))
    }

    fn tls(&mut self) -> &mut Option<Box<Layer>> {
        self.tls
    }
}

/// A query over TCP is heard together with which it is. Its lines need not be told: question and answer are events of the
/// resolver.
impl Hears<stream::Client> for (&mut Hearing<'_>, StreamId) {
    fn told(&mut self, _: &mut stream::Client, event: stream::Event) {
        let response = match &event {
            stream::Event::Response(bytes) => Some(bytes.as_slice()),
            stream::Event::Failed => None,
        };
        self.0.programs.names.handle_stream(self.0.plane.now, self.1, response);
    }

    fn asked(&mut self, _: RequestId, request: stream::Never) -> Option<stream::Never> {
        match request {}
    }

    fn tls(&mut self) -> &mut Option<Box<Layer>> {
        self.0.tls
    }
}

impl Hears<stream::Server> for Hearing<'_> {
    fn told(&mut self, _: &mut stream::Server, event: stream::Never) {
        match event {}
    }

    fn asked(&mut self, _: RequestId, stream::Query(query): stream::Query) -> Option<stream::Response> {
        let zones = self.spec.dns_server.as_ref();
        let policy = &self.spec.dns_policy;
        Some(stream::Response(zones.and_then(|zones| dns::server::answer_stream(zones, policy, &query))))
    }

    fn tls(&mut self) -> &mut Option<Box<Layer>> {
        self.tls
    }
}

/// An end of a connection whose bytes come from elsewhere is heard by whoever stands behind it.
impl Hears<raw::Endpoint> for (&mut Hearing<'_>, RawSession, u16) {
    fn told(&mut self, _: &mut raw::Endpoint, event: raw::Event) {
        let (host, session, port) = (self.0.node, self.1, self.2);
        if let Some(outside) = &mut self.0.plane.outside {
            outside.push(Outside { host, session, port, event });
        }
    }

    fn asked(&mut self, _: RequestId, request: raw::Never) -> Option<raw::Never> {
        match request {}
    }

    fn tls(&mut self) -> &mut Option<Box<Layer>> {
        self.0.tls
    }
}

impl Hears<raw::Console> for Hearing<'_> {
    fn told(&mut self, _: &mut raw::Console, event: raw::Never) {
        match event {}
    }

    fn asked(&mut self, _: RequestId, request: raw::Never) -> Option<raw::Never> {
        match request {}
    }

    fn tls(&mut self) -> &mut Option<Box<Layer>> {
        self.tls
    }
}
