//! A mailbox that is looked at in a browser: each page is an IMAP session of its own, as with most programs of this kind.

use std::sync::Arc;

use super::{Asker, Job, JobId, Output, Webmail, Work, pages};
use crate::engine::SpanMap;
use crate::http::server::Response;
use crate::imap::client::{ClientCommand, Data, Ending, Event as Heard, Fetch, Status};
use crate::mail::letter::{message_id, next_content};
use crate::mail::{Event, Letter, Made};
use crate::message;
use crate::topology::ConnId;

/// What has been heard of a mailbox so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    /// The letter that is wanted; the list of all if not given.
    uid: Option<u32>,
    /// How many letters there are.
    exists: u32,
    letters: Vec<Fetch>,
    letter: Option<Arc<[u8]>>,
    /// FETCH was said.
    asked: bool,
}

impl Webmail {
    /// Looks into the inbox: at the list, or at one letter.
    pub(super) fn read(&mut self, asker: Asker, token: String, account: usize, uid: Option<u32>) -> Option<Response> {
        let whose = &self.accounts[account];
        if whose.imap.is_none() {
            return Some(Response::explained(404));
        }
        let (user, password) = (whose.user.clone(), whose.password.clone());
        let commands = vec![ClientCommand::Login { user, password }, ClientCommand::Select("INBOX".to_owned())];
        let work = Work::Reading(Reading { uid, ..Reading::default() });
        let job = self.begin((asker, token, account), work);
        self.out.push_back(Output::Read { job, account, commands });
        None
    }

    /// The IMAP session of a job tells something; the commands that follow from it.
    pub fn heard(&mut self, ids: &mut u32, conn: ConnId, id: JobId, event: &Heard) -> Vec<ClientCommand> {
        let Some(mut job) = self.jobs.remove(&id) else { return Vec::new() };
        let commands = match &mut job.work {
            Work::Reading(reading) => match event {
                Heard::Data(data) => {
                    match &**data {
                        Data::Exists(n) => reading.exists = *n,
                        Data::Fetch(fetch) if fetch.envelope.is_some() => reading.letters.push(fetch.clone()),
                        _ => {}
                    }
                    Vec::new()
                }
                Heard::Letter { bytes, map, .. } => {
                    reading.letter = Some(Arc::clone(bytes));
                    self.fetched(ids, conn, job.account, bytes, map);
                    Vec::new()
                }
                Heard::Completed { command, status: Status::Ok, .. } => match **command {
                    ClientCommand::Select(_) => reading.next(),
                    ClientCommand::Fetch { .. } => vec![ClientCommand::Logout],
                    _ => Vec::new(),
                },
                Heard::Completed { verb, status, text, .. } => {
                    // The mail server does not do what it was asked for: that is what there is to read.
                    let line = (format!("to {verb}"), format!("{} {text}", status.name()));
                    let code = if *verb == "LOGIN" { 403 } else { 502 };
                    let page = pages::report(code, "Your mailbox could not be read", &self.server(&job), &[line]);
                    self.answer(&job, page);
                    return vec![ClientCommand::Logout];
                }
                Heard::Ended(ending) => {
                    self.not_read(job, ending);
                    return Vec::new();
                }
                _ => Vec::new(),
            },
            Work::Sending(_) => Vec::new(),
        };
        if commands.contains(&ClientCommand::Logout) {
            self.show(&job);
        } else {
            self.jobs.insert(id, job);
        }
        commands
    }

    /// There was no IMAP session: no address for the server's name, or no connection.
    pub fn not_reached(&mut self, job: JobId, reason: &str) {
        if let Some(job) = self.jobs.remove(&job) {
            self.unreachable(&job, "Your mailbox could not be read", reason);
        }
    }

    fn not_read(&mut self, job: Job, ending: &Ending) {
        let code = if *ending == Ending::Timeout { 504 } else { 502 };
        let line = ("Not enough".to_owned(), ending.to_string());
        let page = pages::report(code, "Your mailbox could not be read", &self.server(&job), &[line]);
        self.answer(&job, page);
    }

    /// Everything that belongs on the page is here.
    fn show(&mut self, job: &Job) {
        let Work::Reading(reading) = &job.work else { return };
        let page = match (reading.uid, &reading.letter) {
            (None, _) => pages::inbox(&self.accounts[job.account], &reading.letters),
            (Some(_), Some(letter)) => {
                pages::letter(&message::show(letter), &message::header(letter, "To", 0).unwrap_or_default())
            }
            (Some(_), None) => Response::explained(404),
        };
        self.answer(job, page);
    }

    /// A letter came from a mailbox (letter <- stream of the server's direction), and is shown.
    fn fetched(&mut self, ids: &mut u32, conn: ConnId, account: usize, bytes: &Arc<[u8]>, map: &SpanMap) {
        if self.records {
            let screen = message::show(bytes);
            let (message_id, made) = (message_id(bytes), Made::Fetched(conn, map.clone()));
            let (content, bytes) = (next_content(ids), Arc::clone(bytes).into());
            let letter = Arc::new(Letter { content, bytes, message_id, made });
            let user = self.accounts[account].address.clone();
            self.out.push_back(Output::Event(Event::Read { user, letter, screen: Box::new(screen) }));
        }
    }
}

impl Reading {
    /// What is said when the mailbox is open. An empty one has no letter that could be named (RFC 3501 section 6.4.5).
    fn next(&mut self) -> Vec<ClientCommand> {
        let fetch = match self.uid {
            _ if self.asked || self.exists == 0 => return vec![ClientCommand::Logout],
            Some(uid) => (uid.to_string(), "(UID FLAGS BODY[])", true),
            None => ("1:*".to_owned(), "(UID FLAGS ENVELOPE)", false),
        };
        self.asked = true;
        let (set, items, uid) = fetch;
        vec![ClientCommand::Fetch { set, items: items.to_owned(), uid }]
    }
}
