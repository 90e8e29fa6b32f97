//! What is offered beyond the commands of RFC 3501 section 6, and AUTHENTICATE, which is a dialogue of its own.

use std::num::NonZeroU32;

use imap_codec::AuthenticateDataCodec;
use imap_codec::decode::Decoder;
use imap_codec::imap_types::auth::{AuthMechanism, AuthenticateData};
use imap_codec::imap_types::core::{IString, NString, QuotedChar, Vec1};
use imap_codec::imap_types::extensions::namespace::Namespace;
use imap_codec::imap_types::extensions::uidplus::{UidElement, UidSet};
use imap_codec::imap_types::response::{Code, Data, StatusKind};

use super::Ending;
use super::answers::nonzero;
use super::commands::{Doing, Verdict};
use super::engine::{Awaits, Job, Server};
use super::host::{Changes, Placed, Request};
use super::pattern::DELIMITER;
use crate::imap::{Extension, State};

impl Server {
    /// RFC 3501 section 6.2.2, with PLAIN (RFC 4616).
    pub(super) fn authenticate(
        &mut self,
        mechanism: &AuthMechanism<'_>,
        response: Option<Vec<u8>>,
    ) -> Result<(), Verdict> {
        if *mechanism != AuthMechanism::Plain || !self.config.offers(Extension::AuthPlain) {
            return Err(Verdict::no("no such authentication mechanism"));
        }
        match response {
            Some(response) if self.config.offers(Extension::SaslIr) => self.plain(&response),
            Some(_) => Err(Verdict::bad("AUTHENTICATE: SASL-IR is not offered")),
            None => {
                // An empty challenge: the client is asked to go on.
                self.say_text(b"+ \r\n");
                self.wait_for(Awaits::Credentials);
                Ok(())
            }
        }
    }

    /// `authzid NUL authcid NUL password`. Nobody may act for somebody else here.
    fn plain(&mut self, response: &[u8]) -> Result<(), Verdict> {
        let parts: Vec<&str> = response.split(|b| *b == 0).filter_map(|p| std::str::from_utf8(p).ok()).collect();
        let [acts_for, user, password] = parts[..] else {
            return Err(Verdict::bad("AUTHENTICATE: three parts with NUL between them belong into the response"));
        };
        if !acts_for.is_empty() && acts_for != user {
            return Err(Verdict::no("a user cannot act for another one"));
        }
        let (user, password) = (user.to_string(), password.to_string());
        self.ask_for(Doing::Login, Request::Login { user, password })
    }

    /// The line behind `+`.
    pub(super) fn credentials(&mut self, tag: String, line: &[u8]) {
        self.job = Some(job(tag, "AUTHENTICATE"));
        let verdict = match AuthenticateDataCodec::new().decode(line) {
            Ok(([], AuthenticateData::Continue(response))) => match self.plain(response.declassify()) {
                Ok(()) => return,
                Err(verdict) => verdict,
            },
            Ok(([], AuthenticateData::Cancel)) => Verdict::bad("AUTHENTICATE: cancelled by the client"),
            _ => Verdict::bad("AUTHENTICATE: the response is not base64"),
        };
        if verdict.kind == StatusKind::Bad {
            self.unexpected("the response to the challenge in base64", verdict.text.clone());
        }
        self.conclude(verdict);
    }

    /// RFC 2177: the command goes on until DONE, and what happens meanwhile is told at once.
    pub(super) fn idle(&mut self) -> Result<(), Verdict> {
        self.say_continue("idling");
        self.wait_for(Awaits::Done);
        // What had happened before is news too.
        self.news = true;
        Ok(())
    }

    fn wait_for(&mut self, awaits: Awaits) {
        if let Some(job) = self.job.take() {
            self.awaits = Some((awaits, job.tag));
        }
    }

    /// Asks what is new.
    pub(super) fn tell_news(&mut self) {
        if self.state() != State::Selected {
            return;
        }
        self.job = Some(Job { doing: Doing::News, ..job(String::new(), "IDLE") });
        self.ask(Request::Changes);
    }

    pub(super) fn told_news(&mut self, changes: Option<Changes>) {
        match changes {
            // IDLE is a command in progress and none of those during which EXPUNGE must wait.
            Some(changes) => self.say_changes(false, true, &changes),
            None => {
                self.say_bye("the selected mailbox was deleted");
                self.close(Ending::FolderGone);
            }
        }
    }

    /// The line that ends IDLE.
    pub(super) fn idle_ended(&mut self, tag: String, line: &[u8]) {
        self.news = false;
        self.job = Some(job(tag, "IDLE"));
        let verdict = if line.eq_ignore_ascii_case(b"DONE\r\n") {
            Verdict { text: "IDLE terminated".to_string(), ..Verdict::ok() }
        } else {
            let got: String = String::from_utf8_lossy(line.trim_ascii_end()).chars().take(40).collect();
            self.unexpected("DONE", got);
            Verdict::bad("IDLE: only DONE ends it")
        };
        self.conclude(verdict);
    }

    /// RFC 4315: where letters went. Of a MOVE it is told before the EXPUNGEs (RFC 6851 section 4.3).
    pub(super) fn placed(&mut self, placed: &Placed) -> Verdict {
        let moved = self.job.as_ref().is_some_and(|job| job.verb.ends_with("MOVE"));
        if moved {
            self.view.mark_gone(&placed.from);
        }
        let validity = nonzero(placed.uid_validity);
        let code = match (set(&placed.from), set(&placed.to)) {
            _ if !self.config.offers(Extension::UidPlus) => None,
            (Some(source), Some(destination)) => Some(Code::CopyUid { uid_validity: validity, source, destination }),
            (None, Some(_)) => Some(Code::AppendUid { uid_validity: validity, uid: nonzero(placed.to[0]) }),
            _ => None,
        };
        match code {
            Some(code) if moved => {
                self.say_status(None, StatusKind::Ok, Some(code), "Moved UIDs");
                Verdict::ok()
            }
            Some(code) => Verdict::ok().with(code),
            None => Verdict::ok(),
        }
    }

    /// RFC 2342: one's own folders, without a prefix; there are no others.
    pub(super) fn say_namespaces(&mut self) {
        let prefix = IString::try_from("").expect("an empty text can be quoted");
        let personal = vec![Namespace::new(prefix, Some(QuotedChar::unvalidated(DELIMITER as char)))];
        self.say_data(Data::Namespace { personal, other: Vec::new(), shared: Vec::new() });
    }

    /// RFC 2971.
    pub(super) fn say_id(&mut self) {
        let name = IString::try_from("name").expect("a word can be quoted");
        let value = NString::try_from("Mailpath").expect("a word can be quoted");
        self.say_data(Data::Id { parameters: Some(vec![(name, value)]) });
    }
}

fn job(tag: String, verb: &str) -> Job {
    let doing = Doing::Changes { uid: false, verdict: Verdict::ok() };
    Job { tag, verb: verb.to_string(), tells_expunged: true, doing }
}

/// UIDs as COPYUID wants them: in their order, with runs as ranges; never `*`.
fn set(uids: &[u32]) -> Option<UidSet> {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for uid in uids {
        match runs.last_mut() {
            Some((_, end)) if end.checked_add(1) == Some(*uid) => *end = *uid,
            _ => runs.push((*uid, *uid)),
        }
    }
    let element = |(a, b): (u32, u32)| {
        let (a, b): (NonZeroU32, NonZeroU32) = (nonzero(a), nonzero(b));
        if a == b { UidElement::Single(a) } else { UidElement::Range(a, b) }
    };
    Vec1::try_from(runs.into_iter().map(element).collect::<Vec<_>>()).ok().map(UidSet)
}
