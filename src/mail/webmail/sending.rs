//! A mail that was written in a form: what is wrong with it, the letter that is made of it, and what its mail server said.

use std::sync::Arc;

use super::pages::{self, Typed};
use super::{Asker, Fields, Job, JobId, Output, Webmail, Work, see_other};
use crate::http::server::Response;
use crate::mail::letter::{next_content, stamp};
use crate::mail::recipients::{address, recipients};
use crate::mail::{Event, Letter, Made};
use crate::message::{self, Draft};
use crate::smtp::client::{Failure, FailureCause, Outcome, Verdict};
use crate::smtp::{Envelope, ReversePath};
use crate::time::Instant;

impl Webmail {
    /// Makes a letter of a form, and wants it handed over. A page if there is something wrong with it.
    pub(super) fn send(
        &mut self,
        now: Instant,
        ids: &mut u32,
        (asker, token, account): (Asker, String, usize),
        form: &Fields,
    ) -> Option<Response> {
        let typed = Typed {
            to: form.get("to").to_owned(),
            cc: form.get("cc").to_owned(),
            subject: form.get("subject").to_owned(),
            text: form.get("text").replace("\r\n", "\n"),
        };
        let whose = &self.accounts[account];
        let draft = match draft(whose, &typed) {
            Ok(draft) => Arc::new(draft),
            Err(said) => return Some(pages::compose(422, &said, &typed)),
        };
        let envelope = match (address(&whose.address), recipients(&draft)) {
            (Ok(from), Ok(to)) => Envelope::new(ReversePath::Address(from), to),
            (Err(mistake), _) | (_, Err(mistake)) => {
                return Some(pages::compose(422, &mistake.to_string(), &typed));
            }
        };
        let stamp = stamp(self.seed, self.written, &self.host, self.calendar.unix_seconds(now));
        self.written = self.written.wrapping_add(1);
        let composed = message::compose(&draft, &stamp);
        let letter = Arc::new(Letter {
            content: next_content(ids),
            bytes: composed.bytes.into(),
            message_id: stamp.message_id.into(),
            made: Made::Composed(composed.map),
        });
        if self.records {
            self.out.push_back(Output::Event(Event::Composed {
                user: whose.address.clone(),
                draft,
                envelope: envelope.clone(),
                letter: Arc::clone(&letter),
            }));
        }
        let job = self.begin((asker, token, account), Work::Sending(Arc::clone(&letter)));
        self.out.push_back(Output::Submit { job, account, envelope, letter });
        None
    }

    /// What became of a letter on its SMTP session: the browser gets its answer.
    pub fn submission_outcome(&mut self, job: JobId, outcome: &Outcome) {
        let Some(job) = self.jobs.remove(&job) else { return };
        let verdicts = outcome.verdicts();
        let taken = verdicts.iter().any(|(_, verdict)| matches!(verdict, Verdict::Delivered(_)));
        let lines: Vec<(String, String)> = verdicts
            .iter()
            .map(|(to, verdict)| match verdict {
                Verdict::Delivered(reply) => (to.to_string(), reply.to_string()),
                Verdict::Refused(failure) | Verdict::Deferred(failure) => (to.to_string(), failure.to_string()),
            })
            .collect();
        let failure = verdicts.into_iter().find_map(|(_, verdict)| match verdict {
            Verdict::Delivered(_) => None,
            Verdict::Refused(failure) | Verdict::Deferred(failure) => Some(failure),
        });
        let said = match (&failure, &outcome.end) {
            (Some(failure), _) => failure.to_string(),
            (None, Some(end)) => end.to_string(),
            (None, None) => String::new(),
        };
        self.submitted(&job, said, taken && failure.is_none());
        let server = self.server(&job);
        let Some(failure) = failure.filter(|_| !taken) else {
            let page = pages::report(200, "Your mail was sent", &server, &lines);
            if let Some(session) = self.sessions.iter_mut().find(|s| s.token == job.token) {
                session.sent = Some(page);
            }
            return self.answer(&job, see_other("/sent"));
        };
        self.answer(&job, pages::report(status(&failure), "Your mail was not sent", &server, &lines));
    }

    /// There was no SMTP session: no address for the server's name, or no connection.
    pub fn not_submitted(&mut self, job: JobId, reason: &str) {
        let Some(job) = self.jobs.remove(&job) else { return };
        self.submitted(&job, reason.to_owned(), false);
        self.unreachable(&job, "Your mail was not sent", reason);
    }

    /// No word of the mail server: the page says what was tried.
    pub(super) fn unreachable(&mut self, job: &Job, title: &str, reason: &str) {
        let about = "Nothing".to_owned();
        let page = pages::report(502, title, &self.server(job), &[(about, reason.to_owned())]);
        self.answer(job, page);
    }

    /// The name of the mail server of a job.
    pub(super) fn server(&self, job: &Job) -> String {
        let account = &self.accounts[job.account];
        let server = match job.work {
            Work::Sending(_) => &account.smtp,
            Work::Reading(_) => &account.imap,
        };
        server.as_ref().map(|(name, _)| name.clone()).unwrap_or_default()
    }

    fn submitted(&mut self, job: &Job, result: String, accepted: bool) {
        if let (true, Work::Sending(letter)) = (self.records, &job.work) {
            let user = self.accounts[job.account].address.clone();
            let message_id = Arc::clone(&letter.message_id);
            self.out.push_back(Output::Event(Event::Submitted { user, message_id, result, accepted }));
        }
    }
}

/// What stands in the form, as a mail.
///
/// # Errors
/// What is wrong with it, in words for its writer.
fn draft(whose: &crate::mail::config::UserAgent, typed: &Typed) -> Result<Draft, String> {
    if whose.smtp.is_none() {
        return Err("This account has no server to send to.".to_owned());
    }
    let list = |text: &str| -> Vec<String> {
        text.split([',', ';']).map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect()
    };
    let (to, cc) = (list(&typed.to), list(&typed.cc));
    if to.is_empty() && cc.is_empty() {
        return Err("There is nobody to send it to.".to_owned());
    }
    // What a browser would never send: another field behind the subject (RFC 5322 section 2.2).
    if [&typed.to, &typed.cc, &typed.subject].iter().any(|line| line.contains(char::is_control)) {
        return Err("Addresses and subject are one line each.".to_owned());
    }
    let from = match &whose.display_name {
        Some(name) => format!("{name} <{}>", whose.address),
        None => whose.address.clone(),
    };
    let (subject, text) = (typed.subject.clone(), typed.text.clone());
    Ok(Draft { from, to, cc, subject, text, ..Draft::default() })
}

/// What HTTP says of a mail that SMTP did not take (RFC 9110 sections 15.5.21 and 15.6): whether what the user typed is to
/// blame, the moment, or the server behind.
fn status(failure: &Failure) -> u16 {
    match failure.cause {
        FailureCause::Reply if failure.is_permanent() => 422,
        FailureCause::BadEnvelope => 422,
        FailureCause::Reply => 503,
        FailureCause::Timeout => 504,
        _ => 502,
    }
}
