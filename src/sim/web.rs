//! Browsers, and the webmail program of a web server: what they want of connections, and what these tell them.

use std::collections::{BTreeMap, VecDeque};
use std::net::Ipv4Addr;
use std::sync::Arc;

use super::apps::{App, HttpClient, Sender, SmtpClient, Touch};
use super::plane::Plane;
use super::programs::{Effect, Errand, Peer, Programs};
use crate::http::browser::{Browser, Outcome};
use crate::http::client::{Client, Event, Request};
use crate::mail::config::ClientTls;
use crate::mail::webmail::user::User;
use crate::mail::webmail::{JobId, Output};
use crate::smtp::Envelope;
use crate::time::Instant;
use crate::topology::NodeId;
use crate::{http, imap, smtp};

/// Names a visit of a browser to a web server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct VisitId(u32);

/// What somebody wants of a web server.
#[derive(Clone, Debug)]
struct Visit {
    server: String,
    port: u16,
    /// What has not been asked for yet.
    waiting: VecDeque<Request>,
    /// Connections are used for more than one request.
    persistent: bool,
    /// Most connections at a time, and how many there are; those count that are being opened.
    most: u32,
    open: u32,
    /// How often the server may still send the browser elsewhere.
    redirects: u32,
    /// Who looks at each page and decides what comes next.
    user: Option<Box<User>>,
}

/// How often a browser goes on where it is sent (RFC 9110 section 15.4 asks for a limit).
const MOST_REDIRECTS: u32 = 10;

/// The browser of a host: what it remembers, and what it is about.
#[derive(Clone, Debug, Default)]
pub(super) struct Web {
    browser: Browser,
    visits: BTreeMap<VisitId, Visit>,
    next: u32,
}

impl Web {
    /// Everything in memory is gone.
    pub fn power_off(&mut self) {
        *self = Web { next: self.next, ..Web::default() };
    }

    fn add(&mut self, visit: Visit) -> VisitId {
        let id = VisitId(self.next);
        self.next = self.next.wrapping_add(1);
        self.visits.insert(id, visit);
        id
    }

    /// A connection of a visit is gone, or never came to be.
    fn lost(&mut self, id: VisitId) {
        if let Some(visit) = self.visits.get_mut(&id) {
            visit.open = visit.open.saturating_sub(1);
            if visit.open == 0 && visit.waiting.is_empty() {
                self.visits.remove(&id);
            }
        }
    }
}

impl Programs {
    /// A browser fetches these, in order.
    pub fn browse(
        &mut self,
        now: Instant,
        (server, port): (&str, u16),
        paths: &[String],
        (persistent, most): (bool, u32),
    ) {
        let waiting = paths.iter().map(Request::get).collect();
        self.visit(now, (server, port), waiting, (persistent, most.max(1)), None);
    }

    /// Somebody goes to the pages of a webmail server.
    pub fn visit_webmail(&mut self, now: Instant, server: (&str, u16), user: User) {
        let first = VecDeque::from([user.begin()]);
        self.visit(now, server, first, (true, 1), Some(Box::new(user)));
    }

    fn visit(
        &mut self,
        now: Instant,
        (server, port): (&str, u16),
        waiting: VecDeque<Request>,
        (persistent, most): (bool, u32),
        user: Option<Box<User>>,
    ) {
        let server = server.to_owned();
        let id =
            self.web.add(Visit { server, port, waiting, persistent, most, open: 0, redirects: MOST_REDIRECTS, user });
        self.open_for(now, id);
    }

    /// One more connection of a visit, for the next thing that it wants.
    fn open_for(&mut self, now: Instant, id: VisitId) {
        let Some(visit) = self.web.visits.get_mut(&id) else { return };
        visit.open += 1;
        let server = visit.server.clone();
        self.names.errand(now, &server, Errand::Browse { visit: id });
    }

    /// The address of a web server is known: the connection, and what is asked first on it.
    pub(super) fn browse_at(&mut self, id: VisitId, address: Ipv4Addr) -> Option<(Peer, App)> {
        let visit = self.web.visits.get_mut(&id)?;
        let (name, port) = (visit.server.clone(), visit.port);
        let Some(first) = visit.waiting.pop_front() else {
            // Another connection has been quicker.
            self.web.lost(id);
            return None;
        };
        let (config, first) = (Arc::clone(&self.settings.http_client), self.web.browser.dress(&name, first));
        let engine = Client::new(config, name.clone(), vec![first], visit.persistent).stays();
        let app = App::HttpClient(Box::new(HttpClient { engine, visit: id }));
        Some((Peer { address, port, name, tls: false }, app))
    }

    /// The connection of a visit tells something.
    pub(super) fn browser_heard(&mut self, now: Instant, id: VisitId, engine: &mut Client, event: &Event) {
        match event {
            Event::Received { method, path, status, told, body, .. } => {
                let Some(visit) = self.web.visits.get_mut(&id) else { return engine.finish(now) };
                let Visit { server, waiting, redirects, user, .. } = visit;
                match self.web.browser.read(server, (*method, path), *status, told, body) {
                    Outcome::GoOn(request) if *redirects > 0 => {
                        *redirects -= 1;
                        waiting.push_front(request);
                    }
                    Outcome::GoOn(_) => {}
                    Outcome::Shown { body, from_copy } => {
                        let status = if from_copy { 200 } else { *status };
                        waiting.extend(user.as_mut().and_then(|user| user.look(status, &body)));
                    }
                }
                let next = if engine.takes_more() { visit.waiting.pop_front() } else { None };
                let more = visit.most.saturating_sub(visit.open).min(visit.waiting.len() as u32);
                match next {
                    Some(request) => engine.push(now, self.web.browser.dress(&visit.server, request)),
                    None => engine.finish(now),
                }
                (0..more).for_each(|_| self.open_for(now, id));
            }
            Event::Ended(_) => {
                self.web.lost(id);
                if self.web.visits.get(&id).is_some_and(|v| !v.waiting.is_empty() && v.open < v.most) {
                    self.open_for(now, id);
                }
            }
            _ => {}
        }
    }

    /// A connection of a visit never came to be: what was to be asked on it is not asked.
    pub(super) fn not_browsed(&mut self, id: VisitId) {
        if let Some(visit) = self.web.visits.get_mut(&id) {
            visit.waiting.clear();
        }
        self.web.lost(id);
    }

    /// What the browser at the other end of a connection asks of the webmail program.
    pub(super) fn webmail_asked(
        &mut self,
        plane: &mut Plane,
        node: NodeId,
        asker: crate::mail::webmail::Asker,
        request: &http::server::Request,
    ) -> Option<http::server::Answer> {
        let webmail = self.webmail.as_mut()?;
        let answer = webmail.request(plane.now, plane.contents(), asker, request);
        self.poll_webmail(plane, node);
        answer
    }

    /// Carries out what the webmail program wants.
    pub(super) fn poll_webmail(&mut self, plane: &mut Plane, node: NodeId) {
        let now = plane.now;
        while let Some(output) = self.webmail.as_mut().and_then(|w| w.poll()) {
            match output {
                Output::Event(event) => plane.note_mail(node, event),
                Output::Answer((conn, request), answer) => {
                    let touch = Touch::Respond(request, Box::new(answer));
                    self.effects.push_back((plane.cause, Effect::TouchServer(conn, touch)));
                }
                Output::Submit { job, account, envelope, letter } => {
                    let server = self.webmail_account(account).and_then(|a| a.smtp.clone());
                    if let Some((server, _)) = server {
                        let errand = Errand::WebSubmit { job, account, envelope: Box::new(envelope), letter };
                        self.names.errand(now, &server, errand);
                    }
                }
                Output::Read { job, account, commands } => {
                    let server = self.webmail_account(account).and_then(|a| a.imap.clone());
                    if let Some((server, _)) = server {
                        self.names.errand(now, &server, Errand::WebRead { job, account, commands });
                    }
                }
            }
        }
    }

    fn webmail_account(&self, account: usize) -> Option<&crate::mail::config::UserAgent> {
        self.webmail.as_ref()?.accounts().get(account)
    }

    /// The address of an account's SMTP server is known.
    pub(super) fn web_submit(
        &self,
        now: Instant,
        (job, account): (JobId, usize),
        envelope: Envelope,
        letter: Arc<crate::mail::Letter>,
        address: Ipv4Addr,
    ) -> Option<(Peer, App)> {
        let whose = self.webmail_account(account)?;
        let (name, port) = whose.smtp.clone()?;
        let tls = whose.smtp_tls == ClientTls::FromStart;
        let mut engine = smtp::client::Client::new(Arc::clone(&self.settings.webmail.get(account)?.smtp));
        engine.send(now, envelope, letter.bytes.clone());
        let client = SmtpClient { engine, sender: Sender::Webmail(job), first: letter.content };
        Some((Peer { address, port, name, tls }, App::SmtpClient(Box::new(client))))
    }

    /// The address of an account's IMAP server is known.
    pub(super) fn web_read(
        &self,
        (job, account): (JobId, usize),
        commands: Vec<imap::client::ClientCommand>,
        address: Ipv4Addr,
    ) -> Option<(Peer, App)> {
        let whose = self.webmail_account(account)?;
        let (name, port) = whose.imap.clone()?;
        let tls = whose.imap_tls == ClientTls::FromStart;
        let engine = imap::client::Client::new(Arc::clone(&self.settings.webmail.get(account)?.imap), commands);
        Some((Peer { address, port, name, tls }, App::WebReader(Box::new(engine), job)))
    }
}
