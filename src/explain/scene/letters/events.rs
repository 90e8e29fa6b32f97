//! What the mail system tells: who has taken which letter, and where it lies.

use std::sync::Arc;

use super::super::{Gone, LetterPlace, Mail};
use super::tracker::{Folder, Held, Holder, Taken, Tracker};
use crate::mail::{self, ContentId, Left, Made};
use crate::smtp;
use crate::topology::NodeId;
use crate::trace::{Cause, Entry, What};

impl Tracker<'_> {
    pub(super) fn mail(&mut self, entry: &Entry, event: &mail::Event) {
        use mail::Event::*;
        let node = entry.node;
        match event {
            Composed { envelope, letter, .. } => {
                let sheet = self.composed(entry.cause, letter.content);
                let home = LetterPlace::Screen { node };
                self.put(sheet, home.clone(), Some(letter.content));
                self.hold(node, Holder::Screen(node, letter.message_id.clone()), held(sheet, home, letter, envelope));
            }
            LetterSent { conn, content } => self.talks.entry(*conn).or_default().content = Some(*content),
            Submitted { message_id, accepted, .. } => {
                let holder = Holder::Screen(node, message_id.clone());
                if !accepted {
                    self.back(&holder);
                }
                if let Some(held) = self.release(node, &holder)
                    && *accepted
                    && !held.taken
                {
                    self.put(held.sheet, LetterPlace::Gone { node, why: Gone::Taken }, Some(held.content));
                }
            }
            Accepted { received, letter, .. } => {
                if let Made::Received(conn, _) = received.made
                    && let Some(talk) = self.talks.get_mut(&conn)
                    // Once: a server that cuts one letter into two has a second one that nobody has sent.
                    && let Some(sheet) = talk.last.take()
                {
                    // If its sender has given up meanwhile, it has the letter and so has this server: there are two.
                    let placed = talk.sending.is_none();
                    self.taken.insert(letter.content, Taken { sheet, conn, placed });
                }
            }
            QueueEnter { entry, envelope, letter, .. } => {
                let sheet = match self.take_over(letter.content) {
                    Some(sheet) => sheet,
                    None => self.sheet(Mail::Content(letter.content), false),
                };
                let home = LetterPlace::Queue { node, entry: *entry };
                self.put(sheet, home.clone(), Some(letter.content));
                self.hold(node, Holder::Queue(node, *entry), held(sheet, home, letter, envelope));
            }
            Converted { entry, letter } => {
                if let Some(held) = self.held.get_mut(&Holder::Queue(node, *entry)) {
                    (held.content, held.bytes) = (letter.content, letter.bytes.len() as u64);
                    let (sheet, home) = (held.sheet, held.home.clone());
                    self.put(sheet, home, Some(letter.content));
                }
            }
            QueueDefer { entry, waiting, .. } => {
                let holder = Holder::Queue(node, *entry);
                self.back(&holder);
                if let Some(held) = self.held.get_mut(&holder) {
                    held.to.clone_from(waiting);
                }
            }
            QueueLeave { entry, left, .. } => {
                if let Some(held) = self.release(node, &Holder::Queue(node, *entry))
                    && !held.taken
                {
                    let why = match left {
                        Left::Delivered | Left::Stored => Gone::Taken,
                        Left::Bounced => Gone::Bounced,
                        Left::Discarded => Gone::Discarded,
                    };
                    self.put(held.sheet, LetterPlace::Gone { node, why }, Some(held.content));
                }
            }
            MailboxStore { user, folder, uid, letter, .. } => self.store(node, user, folder, *uid, letter),
            MailboxExpunge { user, folder, uid, .. } => {
                let key: Folder = (node, user.as_str().into(), folder.as_str().into());
                if let Some(sheet) = self.boxes.get_mut(&key).and_then(|b| b.remove(uid)) {
                    self.remove(node, sheet);
                }
            }
            FolderDelete { user, folder } => {
                let key: Folder = (node, user.as_str().into(), folder.as_str().into());
                for sheet in self.boxes.remove(&key).unwrap_or_default().into_values() {
                    self.remove(node, sheet);
                }
            }
            FolderRename { user, folder, to } => {
                let key = |name: &str| -> Folder { (node, user.as_str().into(), name.into()) };
                for (uid, sheet) in self.boxes.remove(&key(folder)).unwrap_or_default() {
                    self.boxes.entry(key(to)).or_default().insert(uid, sheet);
                    let (user, folder, content) = (user.as_str().into(), to.as_str().into(), self.content(sheet));
                    self.put(sheet, LetterPlace::Mailbox { node, user, folder, uid }, content);
                }
            }
            Read { letter, .. } => self.read(node, letter),
            Expanded { letter, .. } => self.expanded(letter),
            AuthResult { .. } | QueueAttempt { .. } | DsnCreate { .. } => {}
            MailboxFlag { .. } | MailboxMove { .. } | FolderCreate { .. } => {}
            CopyChange { .. } | CopySync { .. } => {}
            // What is put on the disk is shown at once: the sheet on the screen is its.
            DiskStore { .. } => {}
        }
    }

    /// The sheet of a letter that was just composed: the draft of the action that led to it.
    pub(super) fn composed(&mut self, cause: Cause, content: ContentId) -> usize {
        let action = match cause {
            Cause::Action(action) => Some(action),
            Cause::Entry(id) => match self.log.entry(id).what {
                What::Action(action) => Some(action),
                _ => None,
            },
            _ => None,
        };
        match action.and_then(|a| self.drafts.remove(&a.0)) {
            Some(sheet) => sheet,
            None => self.sheet(Mail::Content(content), false),
        }
    }

    /// What a server has taken goes on as this version: where that is put, it is the sheet that was taken.
    fn expanded(&mut self, letter: &mail::Letter) {
        if let Made::Prepended(parent, _) = letter.made
            && let Some(taken) = self.taken.get_mut(&parent)
        {
            let Taken { sheet, conn, placed } = *taken;
            taken.placed = true;
            self.taken.insert(letter.content, Taken { sheet, conn, placed });
        }
    }

    /// A server puts a letter somewhere that it has taken: the sheet itself the first time, others after that.
    pub(super) fn take_over(&mut self, content: ContentId) -> Option<usize> {
        let taken = self.taken.get_mut(&content)?;
        let Taken { sheet, conn, placed } = *taken;
        taken.placed = true;
        if placed {
            return Some(self.fork(sheet, false));
        }
        if let Some(sending) = self.talks.get_mut(&conn).and_then(|talk| talk.sending.take())
            && let Some(held) = self.held.get_mut(&sending.holder)
        {
            held.taken = true;
        }
        Some(sheet)
    }

    pub(super) fn store(&mut self, node: NodeId, user: &str, folder: &str, uid: u32, letter: &mail::Letter) {
        let content = letter.content;
        let parent = match letter.made {
            Made::Prepended(parent, _) => parent,
            _ => content,
        };
        let same = self.stored.get(&content).cloned().unwrap_or_default();
        let of_user = |at: &LetterPlace| matches!(at, LetterPlace::Mailbox { node: n, user: u, .. } if *n == node && **u == *user);
        let copied = same.iter().copied().find(|s| self.at(*s).is_some_and(of_user));
        let sheet = match (copied, same.first()) {
            (Some(original), _) => self.fork(original, true),
            (None, Some(other)) => self.fork(*other, false),
            (None, None) => match self.take_over(parent) {
                Some(sheet) => sheet,
                None => self.sheet(Mail::Content(parent), false),
            },
        };
        let (user, folder): (Arc<str>, Arc<str>) = (user.into(), folder.into());
        let at = LetterPlace::Mailbox { node, user: Arc::clone(&user), folder: Arc::clone(&folder), uid };
        self.put(sheet, at, Some(content));
        self.boxes.entry((node, user, folder)).or_default().insert(uid, sheet);
        self.stored.entry(content).or_default().push(sheet);
    }

    /// A letter was removed from its mailbox. If a copy lies in another folder of that user, that was a move: the
    /// letter is there now.
    pub(super) fn remove(&mut self, node: NodeId, sheet: usize) {
        if self.sheets[sheet].copy {
            return self.end(sheet);
        }
        let content = self.content(sheet);
        let owner = match self.at(sheet) {
            Some(LetterPlace::Mailbox { user, .. }) => Some(Arc::clone(user)),
            _ => None,
        };
        let copies = content.and_then(|c| self.stored.get(&c)).into_iter().flatten().copied();
        let in_box = |s: &usize| {
            let here = |at: &LetterPlace| matches!(at, LetterPlace::Mailbox { node: n, user, .. } if *n == node && Some(user) == owner.as_ref());
            self.sheets[*s].copy && self.at(*s).is_some_and(here)
        };
        let Some(copy) = copies.collect::<Vec<_>>().into_iter().find(in_box) else {
            return self.put(sheet, LetterPlace::Gone { node, why: Gone::Removed }, content);
        };
        let Some(at @ LetterPlace::Mailbox { .. }) = self.at(copy).cloned() else { return };
        self.end(copy);
        if let LetterPlace::Mailbox { user, folder, uid, .. } = &at {
            self.boxes.entry((node, Arc::clone(user), Arc::clone(folder))).or_default().insert(*uid, sheet);
        }
        self.put(sheet, at, content);
    }

    /// A mail program shows what it has fetched.
    pub(super) fn read(&mut self, node: NodeId, letter: &mail::Letter) {
        let sheet = match &letter.made {
            Made::Fetched(conn, map) => {
                let from = map.pieces().first().map_or(0, |p| p.from);
                let copies = self.talks.get_mut(conn).map(|talk| &mut talk.copies);
                copies.and_then(|copies| {
                    let at = copies.iter().rposition(|(start, _)| *start <= from)?;
                    Some(copies.remove(at).1)
                })
            }
            _ => None,
        };
        let sheet = match sheet {
            Some(sheet) => sheet,
            None => self.sheet(Mail::Content(letter.content), true),
        };
        self.put(sheet, LetterPlace::Reader { node }, Some(letter.content));
        // What the same screen showed of this mail before is replaced.
        if let Some(before) = self.readers.insert((node, self.sheets[sheet].key.mail), sheet) {
            self.end(before);
        }
    }
}

fn held(sheet: usize, home: LetterPlace, letter: &mail::Letter, envelope: &smtp::Envelope) -> Held {
    let (content, bytes) = (letter.content, letter.bytes.len() as u64);
    Held { sheet, home, content, bytes, to: envelope.to.clone(), taken: false }
}
