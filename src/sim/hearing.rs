//! What a host does with what the engines on its connections tell and ask: everything goes into the record,
//! and the mail system hears what concerns it.

use std::sync::Arc;

use super::apps::{Hears, Sender};
use super::plane::Plane;
use super::programs::{Errand, Programs};
use super::setup;
use crate::mail::server::Peer;
use crate::mail::{self, store};
use crate::topology::{ConnId, NodeId, Side};
use crate::trace::{Session, SessionEvent, What};
use crate::{http, imap, smtp};

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
    fn note(&mut self, event: SessionEvent) {
        if self.plane.records() {
            let session = Session { conn: self.conn, side: self.side, event };
            self.plane.note(self.node, What::Session(Arc::new(session)));
        }
    }

    fn mail(&mut self, event: mail::Event) {
        self.plane.note(self.node, What::Mail(Arc::new(event)));
    }
}

/// An SMTP client's engine is heard together with whose it is.
pub(super) struct HearsSmtp<'a, 'b> {
    pub hearing: &'a mut Hearing<'b>,
    pub sender: Sender,
    pub first: &'a mut Option<(smtp::Envelope, mail::Letter)>,
    /// Message-ID of the letter that a user agent hands over.
    pub message_id: Arc<str>,
}

impl Hears<smtp::client::Client> for HearsSmtp<'_, '_> {
    fn told(&mut self, engine: &mut smtp::client::Client, event: smtp::client::Event) {
        use smtp::client::Event;
        let h = &mut *self.hearing;
        let now = h.plane.now;
        match (&event, self.sender) {
            (Event::Idle, Sender::Mta(session)) => {
                h.note(SessionEvent::SmtpClient(event));
                if let Some(mail) = &mut h.programs.mail {
                    mail.mta.idle(session);
                }
                h.programs.poll_mail(h.plane, h.node, Some((session, h.conn, engine)));
            }
            (Event::Idle, Sender::Agent(_)) => {
                h.note(SessionEvent::SmtpClient(event));
                match self.first.take() {
                    Some((envelope, letter)) => {
                        h.mail(mail::Event::LetterSent { conn: h.conn, content: letter.content });
                        engine.send(now, envelope, letter.bytes);
                    }
                    None => engine.quit(now),
                }
            }
            (Event::Outcome(outcome), Sender::Mta(session)) => {
                let outcome = outcome.clone();
                h.note(SessionEvent::SmtpClient(event));
                if let Some(mail) = &mut h.programs.mail {
                    mail.mta.outcome(now, session, &outcome);
                }
                h.programs.poll_mail(h.plane, h.node, None);
            }
            (Event::Outcome(outcome), Sender::Agent(agent)) => {
                let told = h.programs.agents[agent].submitted(&self.message_id, outcome);
                h.note(SessionEvent::SmtpClient(event));
                h.mail(told);
            }
            (Event::Ended(ending), Sender::Mta(session)) => {
                let reason = ending.name();
                h.note(SessionEvent::SmtpClient(event));
                h.programs.session_ended(now, session, reason);
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
        let peer = Peer { conn: self.conn, address: self.peer };
        let mail = self.programs.mail.as_mut().expect("an SMTP server is on a host with a mail system");
        let answer = mail.answer(self.plane.now, peer, request, self.plane.contents());
        self.programs.poll_mail(self.plane, self.node, None);
        answer
    }
}

impl Hears<imap::client::Client> for (&mut Hearing<'_>, usize) {
    fn told(&mut self, _: &mut imap::client::Client, event: imap::client::Event) {
        let (h, agent) = (&mut *self.0, self.1);
        let read = match &event {
            imap::client::Event::Letter { bytes, map, .. } => {
                let contents = h.plane.contents();
                Some(h.programs.agents[agent].fetched(h.conn, Arc::clone(bytes), map.clone(), contents))
            }
            _ => None,
        };
        h.note(SessionEvent::ImapClient(event));
        if let Some(read) = read {
            h.mail(read);
        }
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
        let answer = mail.answer_imap(h.plane.now, self.1, request, h.plane.contents());
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
