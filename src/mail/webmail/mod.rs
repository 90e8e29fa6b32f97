//! Webmail: a program on a web server that is the mail program of people who have only a browser.
//!
//! ```text
//!   browser ==HTTP==> http::server --Request--> Webmail --Submit--> an SMTP client ==> mail server
//!                                                  |                     |
//!                     <== the page <---Answer------+<---- outcome -------+
//!                                                  +----Read-----> an IMAP client ==> mail server
//! ```
//! It does no I/O: requests of browsers come in, connections to mail servers are asked for, and a page goes out when it
//! is known what stands on it. A page that tells of a mail server is answered only when that has spoken, and quotes it.
//! It has **no queue**: what the mail server does not take is told to the user, and nobody tries again.

pub mod html;
mod pages;
mod reading;
mod sending;
pub mod user;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::config::UserAgent;
use super::{Event, Letter};
use crate::engine::RequestId;
use crate::http::Method;
use crate::http::server::{Answer, Object, Request, Response};
use crate::imap::client::ClientCommand;
use crate::rng::Seed;
use crate::smtp::Envelope;
use crate::time::{Calendar, Instant};
use crate::topology::ConnId;

/// Most users that are logged in; the one who came first goes when there are more.
const MOST_SESSIONS: usize = 1000;

/// Names something that the program wants from a mail server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub u32);

/// A browser that waits: its connection, and the question of the HTTP server on it.
pub type Asker = (ConnId, RequestId);

/// What comes out.
#[derive(Clone, Debug)]
pub enum Output {
    /// Something to be told.
    Event(Event),
    /// Hand this letter to the account's server by SMTP.
    Submit {
        /// Names it.
        job: JobId,
        /// Which of the accounts.
        account: usize,
        /// From whom, to whom.
        envelope: Envelope,
        /// The letter.
        letter: Arc<Letter>,
    },
    /// Open a connection to the account's server by IMAP, and say this.
    Read {
        /// Names it.
        job: JobId,
        /// Which of the accounts.
        account: usize,
        /// What is said first.
        commands: Vec<ClientCommand>,
    },
    /// The answer to a browser that has waited.
    Answer(Asker, Answer),
}

/// Somebody who has logged in.
#[derive(Clone, Debug)]
struct Session {
    /// The value of the cookie.
    token: String,
    account: usize,
    /// The page about the mail that was sent last.
    sent: Option<Response>,
}

/// Work of a mail server for which a browser waits.
#[derive(Clone, Debug)]
struct Job {
    asker: Asker,
    token: String,
    account: usize,
    work: Work,
}

#[derive(Clone, Debug)]
enum Work {
    Sending(Arc<Letter>),
    Reading(reading::Reading),
}

/// See the [module](self).
#[derive(Clone, Debug)]
pub struct Webmail {
    accounts: Arc<[UserAgent]>,
    host: String,
    calendar: Calendar,
    seed: Seed,
    records: bool,
    /// In the order in which they came.
    sessions: VecDeque<Session>,
    logins: u32,
    written: u32,
    jobs: BTreeMap<JobId, Job>,
    next_job: u32,
    out: VecDeque<Output>,
}

impl Webmail {
    /// The program on the web server with the full name `host`. Without `records` no events are built.
    pub fn new(accounts: Arc<[UserAgent]>, host: &str, calendar: Calendar, seed: Seed, records: bool) -> Self {
        Webmail {
            accounts,
            host: host.to_owned(),
            calendar,
            seed,
            records,
            sessions: VecDeque::new(),
            logins: 0,
            written: 0,
            jobs: BTreeMap::new(),
            next_job: 0,
            out: VecDeque::new(),
        }
    }

    /// The accounts it serves.
    pub fn accounts(&self) -> &[UserAgent] {
        &self.accounts
    }

    /// The next output, in order.
    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// A browser asks. Without an answer it waits, until an [`Output::Answer`] is for it.
    pub fn request(&mut self, now: Instant, ids: &mut u32, asker: Asker, request: &Request) -> Option<Answer> {
        let response = self.respond(now, ids, asker, request)?;
        Some(Answer::Response(Box::new(response)))
    }

    fn respond(&mut self, now: Instant, ids: &mut u32, asker: Asker, request: &Request) -> Option<Response> {
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let posts = match path {
            "/" | "/compose" | "/sent" | "/inbox" | "/read" => false,
            "/login" | "/send" | "/logout" => true,
            _ => return Some(Response::explained(404)),
        };
        if posts != (request.method == Method::Post) {
            return Some(Response::explained(405).with("Allow", if posts { "POST" } else { "GET, HEAD" }));
        }
        let form = match form(request) {
            Ok(form) => form,
            Err(status) => return Some(Response::explained(status)),
        };
        if path == "/login" {
            return Some(self.log_in(&form));
        }
        let session = self.session(request);
        let Some((token, account)) = session.map(|s| (s.token.clone(), s.account)) else {
            return Some(if path == "/" { pages::log_in(200, "") } else { see_other("/") });
        };
        let whose = &self.accounts[account];
        match path {
            "/" => Some(pages::home(whose)),
            "/logout" => {
                self.sessions.retain(|s| s.token != token);
                Some(see_other("/").with("Set-Cookie", "session=; Max-Age=0"))
            }
            "/compose" => Some(pages::compose(200, "", &pages::Typed::default())),
            "/sent" => {
                let sent = self.sessions.iter().find(|s| s.token == token).and_then(|s| s.sent.clone());
                Some(sent.unwrap_or_else(|| Response::explained(404)))
            }
            "/send" => self.send(now, ids, (asker, token, account), &form),
            "/inbox" => self.read(asker, token, account, None),
            _ => match uid(query) {
                Some(uid) => self.read(asker, token, account, Some(uid)),
                None => Some(Response::explained(404)),
            },
        }
    }

    /// The session that a request's cookie names (RFC 6265 section 4.2).
    fn session(&self, request: &Request) -> Option<&Session> {
        let cookies = request.cookie.as_deref()?.split(';');
        let token = cookies.filter_map(|pair| pair.trim().split_once('=')).find(|(name, _)| *name == "session")?.1;
        self.sessions.iter().find(|s| s.token == token)
    }

    fn log_in(&mut self, form: &Fields) -> Response {
        let (user, password) = (form.get("user"), form.get("password"));
        let is_it = |a: &UserAgent| (a.user == user || a.address == user) && a.password == password;
        let Some(account) = self.accounts.iter().position(is_it) else {
            return pages::log_in(403, "There is no such user, or this is not the password.");
        };
        let token = format!("{:016x}", self.seed.child("session").nth(u64::from(self.logins)));
        self.logins = self.logins.wrapping_add(1);
        if self.sessions.len() >= MOST_SESSIONS {
            self.sessions.pop_front();
        }
        let cookie = format!("session={token}; HttpOnly; SameSite=Strict");
        self.sessions.push_back(Session { token, account, sent: None });
        see_other("/").with("Set-Cookie", cookie)
    }

    /// Begins some work; its browser waits.
    fn begin(&mut self, (asker, token, account): (Asker, String, usize), work: Work) -> JobId {
        let id = JobId(self.next_job);
        self.next_job = self.next_job.wrapping_add(1);
        self.jobs.insert(id, Job { asker, token, account, work });
        id
    }

    /// Answers the browser that waited for a job.
    fn answer(&mut self, job: &Job, response: Response) {
        self.out.push_back(Output::Answer(job.asker, Answer::Response(Box::new(response))));
    }

    /// Everything in memory is gone.
    pub fn power_off(&mut self) {
        self.sessions.clear();
        self.jobs.clear();
        self.out.clear();
    }
}

/// The browser is to fetch another page, so that fetching that again does nothing again (RFC 9110 section 15.4.4).
fn see_other(path: &str) -> Response {
    Response::new(303, Object::new("text/plain", Arc::<[u8]>::default())).with("Location", path)
}

/// The fields of a form.
struct Fields(Vec<(String, String)>);

impl Fields {
    /// What stands in a field; nothing if it is not there.
    fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.as_str())
    }
}

/// Reads the form that was sent with a request.
///
/// # Errors
/// The status for a content that is no form.
fn form(request: &Request) -> Result<Fields, u16> {
    if request.method != Method::Post || request.body.is_empty() {
        return Ok(Fields(Vec::new()));
    }
    let kind = request.content_type.as_deref().unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(415);
    }
    let pairs = form_urlencoded::parse(&request.body);
    Ok(Fields(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect()))
}

fn uid(query: &str) -> Option<u32> {
    let pairs = form_urlencoded::parse(query.as_bytes());
    let value = pairs.filter(|(name, _)| name == "uid").map(|(_, value)| value).next()?;
    value.parse().ok().filter(|uid| *uid > 0)
}

#[cfg(test)]
mod tests;
