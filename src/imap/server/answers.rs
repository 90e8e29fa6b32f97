//! RFC 3501 section 7: what a command answers when the host has answered.

use std::num::NonZeroU32;

use imap_codec::imap_types::core::Vec1;
use imap_codec::imap_types::fetch::MessageDataItem;
use imap_codec::imap_types::response::{Code, CodeOther, Data, StatusKind};
use imap_codec::imap_types::search::SearchKey;
use imap_codec::imap_types::status::{StatusDataItem, StatusDataItemName};

use super::Ending;
use super::commands::{Doing, Verdict};
use super::engine::{Selected, Server};
use super::fetch::Wanted;
use super::host::{Answer, Changes, FolderStatus, Message, Opened, Refusal};
use super::keywords::Keywords;
use super::search::Candidate;
use super::view::View;
use crate::imap::{Flags, State};

/// Numbers of letters, UIDs and UIDVALIDITY begin at 1 (RFC 3501 section 2.3.1).
pub(super) fn nonzero(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN)
}

impl Server {
    /// Goes on with the command that asked.
    pub(super) fn answered(&mut self, answer: Answer) {
        let job = self.job.as_mut().expect("an answer is taken only while a command is carried out");
        let doing = std::mem::replace(&mut job.doing, Doing::Close);
        let verdict = match (doing, answer) {
            (Doing::Changes { uid, verdict }, Answer::Changes(changes)) => {
                self.finish(uid, verdict, changes);
                return;
            }
            (Doing::Login, Answer::Login(fits)) => {
                if fits {
                    self.set_state(State::Authenticated);
                    Verdict::ok()
                } else {
                    Verdict::no("user name or password not accepted")
                }
            }
            (Doing::News, Answer::Changes(changes)) => {
                self.job = None;
                self.told_news(changes);
                return;
            }
            (Doing::List { pattern, subscribed }, Answer::Folders(names)) => {
                self.say_folders(&names, &pattern, subscribed);
                Verdict::ok()
            }
            (Doing::Status { mailbox, items }, Answer::Status(Some(status))) => {
                let items: Vec<_> = items.iter().filter_map(|item| status_item(item, &status)).collect();
                self.say_data(Data::Status { mailbox, items: items.into() });
                Verdict::ok()
            }
            (Doing::Status { .. }, Answer::Status(None)) => Verdict::no(Refusal::NoSuchFolder.text()),
            (Doing::Delete { folder }, Answer::Done(Ok(()))) => {
                // The folder that is open here is gone, by this client's own wish.
                if self.selected.as_ref().is_some_and(|s| s.folder == folder) {
                    self.set_state(State::Authenticated);
                }
                Verdict::ok()
            }
            (Doing::Rename { folder, to }, Answer::Done(Ok(()))) => {
                self.renamed(&folder, &to);
                Verdict::ok()
            }
            (Doing::Manage, Answer::Done(Ok(()))) => Verdict::ok(),
            (Doing::Put, Answer::Placed(Err(refusal @ Refusal::NoSuchFolder))) => {
                Verdict::no(refusal.text()).with(Code::TryCreate)
            }
            (Doing::Put, Answer::Placed(Err(refusal @ Refusal::OverQuota))) => {
                Verdict::no(refusal.text()).with(Code::OverQuota)
            }
            (Doing::Put, Answer::Placed(Err(Refusal::Gone))) => gone(),
            (Doing::Put, Answer::Placed(Ok(placed))) => self.placed(&placed),
            (_, Answer::Done(Err(refusal)) | Answer::Placed(Err(refusal))) => Verdict::no(refusal.text()),
            (Doing::Open { folder, read_only }, Answer::Opened(Some(opened))) => {
                self.opened(folder, read_only, opened);
                return;
            }
            (Doing::Open { .. }, Answer::Opened(None)) => {
                self.set_state(State::Authenticated);
                Verdict::no(Refusal::NoSuchFolder.text())
            }
            (Doing::Close, Answer::Closed) => {
                self.set_state(State::Authenticated);
                Verdict::ok()
            }
            (Doing::Fetch { wanted, asked }, Answer::Messages(messages)) => self.fetched(&wanted, asked, &messages),
            (Doing::Store { silent, uid, asked }, Answer::Flagged(now)) => {
                if !silent {
                    self.learn_keywords(now.iter().map(|(_, flags)| flags));
                    now.iter().for_each(|(letter, flags)| self.say_flags(*letter, flags, uid));
                }
                complete(asked, now.len())
            }
            (Doing::Search { keys, uid }, Answer::Messages(messages)) => {
                self.searched(&keys, uid, &messages);
                Verdict::ok()
            }
            (Doing::Expunge, Answer::Expunged(uids)) => {
                self.view.mark_gone(&uids);
                Verdict::ok()
            }
            // The host answered another question: its mistake, but not one to fall over.
            _ => Verdict::no("internal error"),
        };
        self.conclude(verdict);
    }

    /// The command is done. With a folder open, what others did is told first (RFC 3501 section 5.2).
    pub(super) fn conclude(&mut self, verdict: Verdict) {
        let uid = self.job.as_ref().is_some_and(|job| job.verb.starts_with("UID "));
        if self.state() == State::Selected {
            if let Some(job) = &mut self.job {
                job.doing = Doing::Changes { uid, verdict };
            }
            self.ask(super::host::Request::Changes);
        } else {
            self.say_verdict(verdict);
        }
    }

    fn say_verdict(&mut self, mut verdict: Verdict) {
        let Some(job) = self.job.take() else { return };
        if verdict.text.is_empty() {
            verdict.text = format!("{} completed", job.verb);
        }
        self.say_status(Some(&job.tag), verdict.kind, verdict.code, &verdict.text);
    }

    fn finish(&mut self, uid: bool, verdict: Verdict, changes: Option<Changes>) {
        let Some(changes) = changes else {
            self.say_bye("the selected mailbox was deleted");
            self.say_verdict(verdict);
            self.close(Ending::FolderGone);
            return;
        };
        let tells_expunged = self.job.as_ref().is_some_and(|job| job.tells_expunged);
        self.say_changes(uid, tells_expunged, &changes);
        self.say_verdict(verdict);
    }

    /// What others did to the open folder (RFC 3501 sections 5.2 and 7.4.1).
    pub(super) fn say_changes(&mut self, uid: bool, tells_expunged: bool, changes: &Changes) {
        if let (Some(name), Some(selected)) = (&changes.renamed, &mut self.selected) {
            selected.folder.clone_from(name);
        }
        self.view.mark_gone(&changes.expunged);
        if tells_expunged {
            for number in self.view.tell_gone() {
                self.say_data(Data::Expunge(nonzero(number)));
            }
        }
        if !changes.new.is_empty() {
            self.view.add(&changes.new);
            self.say_data(Data::Exists(self.view.len()));
            self.say_data(Data::Recent(self.view.recent()));
        }
        self.learn_keywords(changes.flags.iter().map(|(_, flags)| flags));
        for (letter, flags) in &changes.flags {
            self.say_flags(*letter, flags, uid);
        }
    }

    fn opened(&mut self, folder: String, read_only: bool, opened: Opened) {
        self.set_state(State::Selected);
        self.selected = Some(Selected { folder, read_only, keywords: Keywords::new(opened.keywords) });
        self.view = View::new(opened.messages);
        let first_unseen = opened.first_unseen.and_then(|uid| self.view.number(uid));
        self.say_data(Data::Exists(self.view.len()));
        self.say_data(Data::Recent(self.view.recent()));
        let ok = StatusKind::Ok;
        if let Some((number, _)) = first_unseen {
            let words = format!("Message {number} is first unseen");
            self.say_status(None, ok, Some(Code::Unseen(nonzero(number))), &words);
        }
        self.say_status(None, ok, Some(Code::UidValidity(nonzero(opened.uid_validity))), "UIDs valid");
        self.say_status(None, ok, Some(Code::UidNext(nonzero(opened.uid_next))), "Predicted next UID");
        self.say_keywords();
        let (permanent, words, access) = match &self.selected {
            Some(selected) if !read_only => (selected.keywords.permanent(), "Flags are kept", Code::ReadWrite),
            _ => (Vec::new(), "No permanent flags permitted", Code::ReadOnly),
        };
        self.say_status(None, ok, Some(Code::PermanentFlags(permanent)), words);
        // What there is was just told: nothing to ask.
        self.say_verdict(Verdict::ok().with(access));
    }

    fn fetched(&mut self, wanted: &Wanted, asked: Option<usize>, messages: &[Message]) -> Verdict {
        self.learn_keywords(messages.iter().filter(|m| wanted.shows_flags(m)).map(|m| &m.flags));
        for message in messages {
            if let Some((number, recent)) = self.view.number(message.uid) {
                let fetched = wanted.response(nonzero(number), recent, message);
                self.say_fetched(fetched, message);
            }
        }
        complete(asked, messages.len())
    }

    /// What UIDs numbers stand for, or the other way round.
    pub(super) fn say_uids(&mut self, uids: &[u32]) {
        for uid in uids {
            if let Some((number, _)) = self.view.number(*uid) {
                let items = Vec1::from(MessageDataItem::Uid(nonzero(*uid)));
                self.say_data(Data::Fetch { seq: nonzero(number), items });
            }
        }
    }

    fn searched(&mut self, keys: &[SearchKey<'static>], uid: bool, messages: &[Message]) {
        let greatest = (self.view.len(), messages.last().map_or(0, |m| m.uid));
        let mut found = Vec::new();
        for message in messages {
            let Some((number, recent)) = self.view.number(message.uid) else { continue };
            if (Candidate { message, number, recent, greatest }).fits_all(keys) {
                found.push(nonzero(if uid { message.uid } else { number }));
            }
        }
        self.say_data(Data::Search(found));
    }

    fn say_flags(&mut self, letter: u32, flags: &Flags, uid: bool) {
        let Some((number, recent)) = self.view.number(letter) else { return };
        let flags = MessageDataItem::Flags(flags.to_wire(recent));
        let mut items = vec![flags];
        if uid {
            items.insert(0, MessageDataItem::Uid(nonzero(letter)));
        }
        let items = Vec1::try_from(items).expect("flags at least");
        self.say_data(Data::Fetch { seq: nonzero(number), items });
    }
}

/// Numbers mean letters that the client believes are there: that one is gone has to be said. UIDs that are gone are
/// passed over (RFC 3501 section 6.4.8).
fn complete(asked: Option<usize>, got: usize) -> Verdict {
    match asked {
        Some(asked) if got < asked => gone(),
        _ => Verdict::ok(),
    }
}

/// RFC 5530: a code that tells the client to ask what is new.
fn gone() -> Verdict {
    Verdict::no(Refusal::Gone.text()).with(Code::Other(CodeOther::unvalidated(b"EXPUNGEISSUED")))
}

fn status_item(item: &StatusDataItemName, status: &FolderStatus) -> Option<StatusDataItem> {
    Some(match item {
        StatusDataItemName::Messages => StatusDataItem::Messages(status.messages),
        StatusDataItemName::Recent => StatusDataItem::Recent(status.recent),
        StatusDataItemName::UidNext => StatusDataItem::UidNext(nonzero(status.uid_next)),
        StatusDataItemName::UidValidity => StatusDataItem::UidValidity(nonzero(status.uid_validity)),
        StatusDataItemName::Unseen => StatusDataItem::Unseen(status.unseen),
        _ => return None,
    })
}
