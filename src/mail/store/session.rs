//! What an IMAP server asks about one user's mailboxes, answered.
//!
//! The server's engine keeps the sequence numbers; a session here knows only which folder is open and how much of its
//! history the client has been told.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::mailbox::Mailbox;
use super::{Store, Stored, canonical};
use crate::engine::SpanMap;
use crate::imap::server::{Answer, Change, Changes, Message, Opened, Placed, Refusal, Request};
use crate::imap::{Flag, Flags};
use crate::mail::{ContentId, Event, Letter, Made};
use crate::topology::ConnId;

/// One IMAP connection's place in the store.
#[derive(Clone, Debug)]
pub struct Session {
    conn: ConnId,
    user: Option<usize>,
    open: Option<Open>,
}

/// The folder that is open.
#[derive(Clone, Debug)]
struct Open {
    folder: String,
    /// A folder of the same name with another UIDVALIDITY is another folder.
    validity: u32,
    read_only: bool,
    /// Letters from this UID on have not been told.
    told: u32,
    /// As much of the folder's log has been told.
    position: usize,
}

/// What an answer may need besides the store.
#[derive(Debug)]
pub struct Surroundings<'a> {
    /// Seconds since 1970: the internal date of a letter that is appended without one.
    pub now: i64,
    /// Counts letters; the next one has this number.
    pub ids: &'a mut u32,
    /// What happened is added here; nothing is built without it.
    pub events: Option<&'a mut Vec<Event>>,
}

fn is_deleted(message: &Stored) -> bool {
    message.flags.contains(Flag::Deleted)
}

impl Session {
    /// The session of a connection; nobody has logged in yet.
    pub fn new(conn: ConnId) -> Self {
        Session { conn, user: None, open: None }
    }
}

impl Store {
    /// Name of the user who is logged in on that session.
    pub fn user_of(&self, session: &Session) -> Option<&str> {
        session.user.map(|at| &*self.accounts[at].name)
    }

    /// Name of the folder that is open in that session.
    pub fn folder_of<'s>(&self, session: &'s Session) -> Option<&'s str> {
        session.open.as_ref().map(|open| open.folder.as_str())
    }

    /// Answers a server's question.
    pub fn answer(&mut self, session: &mut Session, request: Request, around: &mut Surroundings<'_>) -> Answer {
        if let Request::Login { user, password } = request {
            let at = self.index(&user).filter(|at| *self.accounts[*at].password == *password);
            session.user = at;
            session.open = None;
            return Answer::Login(at.is_some());
        }
        // The engine asks nothing else before a login; if it does, there is nothing.
        let Some(at) = session.user else { return Answer::Done(Err(Refusal::NoSuchFolder)) };
        match request {
            Request::Login { .. } => Answer::Login(false),
            Request::Folders => Answer::Folders(self.accounts[at].names().map(str::to_string).collect()),
            Request::Subscribed => Answer::Folders(self.accounts[at].subscribed().map(str::to_string).collect()),
            Request::Subscribe { folder, on } => Answer::Done(self.subscribe_at(at, &folder, on)),
            Request::Rename { folder, to } => Answer::Done(self.rename_at(session.conn.0, at, &folder, &to, around)),
            Request::Status { folder } => Answer::Status(self.mailbox(at, &folder).map(|m| m.status())),
            Request::Create { folder } => Answer::Done(self.create_at(at, &folder, around.events.as_deref_mut())),
            Request::Delete { folder } => Answer::Done(self.delete_at(at, &folder, around.events.as_deref_mut())),
            Request::Append { folder, flags, internal_date, letter, map } => {
                let date = internal_date.unwrap_or(around.now);
                Answer::Placed(self.append(session.conn, at, &folder, letter, map, (flags, date), around))
            }
            Request::Open { folder, read_only } => Answer::Opened(self.open(session, at, &folder, read_only)),
            Request::Close { expunge } => {
                if expunge {
                    self.expunge(session, at, &is_deleted, around);
                }
                session.open = None;
                Answer::Closed
            }
            Request::Changes => Answer::Changes(self.changes(session, at)),
            Request::Messages { uids, mark_seen } => Answer::Messages(self.list(session, at, &uids, mark_seen, around)),
            Request::Flag { uids, change, flags } => {
                Answer::Flagged(self.flag(session, at, &uids, change, &flags, around))
            }
            Request::Copy { uids, folder, all, remove } => {
                // What is moved lies there once, as before.
                let room = if remove { None } else { self.room_at(at) };
                let placed = self.copy(session, at, &uids, &folder, (all, room), around);
                if let (true, Ok(placed)) = (remove, &placed) {
                    self.moved(session, at, placed, &folder, around);
                }
                Answer::Placed(placed)
            }
            Request::Expunge { among } => {
                let goes = |m: &Stored| is_deleted(m) && among.as_ref().is_none_or(|a| a.binary_search(&m.uid).is_ok());
                Answer::Expunged(self.expunge(session, at, &goes, around))
            }
        }
    }

    // The parts of one command.
    #[allow(clippy::too_many_arguments)]
    fn append(
        &mut self,
        conn: ConnId,
        at: usize,
        folder: &str,
        bytes: Arc<[u8]>,
        map: SpanMap,
        (flags, date): (Flags, i64),
        around: &mut Surroundings<'_>,
    ) -> Result<Placed, Refusal> {
        let Some(uid_validity) = self.mailbox(at, folder).map(|m| m.validity) else {
            return Err(Refusal::NoSuchFolder);
        };
        if self.room_at(at).is_some_and(|room| room < bytes.len() as u64) {
            return Err(Refusal::OverQuota);
        }
        let id = crate::message::header(&bytes, "Message-ID", 0).unwrap_or_default();
        let message_id = id.trim_start_matches('<').trim_end_matches('>').into();
        let content = ContentId(*around.ids);
        *around.ids += 1;
        let letter = Letter { content, bytes: bytes.into(), message_id, made: Made::Fetched(conn, map) };
        let events = around.events.as_deref_mut();
        let uid = self.put(at, folder, Arc::new(letter), flags, date, None, events).ok_or(Refusal::TooMany)?;
        Ok(Placed { uid_validity, from: Vec::new(), to: vec![uid] })
    }

    fn open(&mut self, session: &mut Session, at: usize, folder: &str, read_only: bool) -> Option<Opened> {
        session.open = None;
        let mailbox = self.mailbox(at, folder)?;
        let opened = Opened {
            uid_next: mailbox.uid_next,
            uid_validity: mailbox.validity,
            first_unseen: mailbox.messages().iter().find(|m| !m.flags.contains(Flag::Seen)).map(|m| m.uid),
            keywords: mailbox.keywords(),
            messages: mailbox.listed_from(0),
        };
        session.open = Some(Open {
            folder: canonical(folder).to_string(),
            validity: mailbox.validity,
            read_only,
            told: mailbox.uid_next,
            position: mailbox.log().len(),
        });
        if !read_only {
            self.claim_recent(at, folder);
        }
        Some(opened)
    }

    /// The session that has just been told of them is the one for which new letters are `\Recent`.
    fn claim_recent(&mut self, at: usize, folder: &str) {
        if self.mailbox(at, folder).is_some_and(|m| m.recent_from < m.uid_next)
            && let Some(mailbox) = self.mailbox_mut(at, folder)
        {
            mailbox.recent_from = mailbox.uid_next;
        }
    }

    fn changes(&mut self, session: &mut Session, at: usize) -> Option<Changes> {
        let by = session.conn.0;
        // Another session may have given the folder another name: it is still the one that is open.
        let folder = self.open_folder(session, at)?;
        let open = session.open.as_mut()?;
        let renamed = (folder != open.folder).then(|| folder.clone());
        open.folder = folder;
        let mailbox = self.mailbox(at, &open.folder)?;
        let mut changes = Changes { renamed, ..Changes::default() };
        let log = mailbox.log();
        if open.position < log.len() {
            // Sorted, and each letter once, however often it was changed.
            let (mut expunged, mut flagged) = (BTreeSet::new(), BTreeSet::new());
            for entry in log[open.position..].iter().filter(|entry| entry.by != by) {
                if entry.expunged {
                    // A letter that came and went between two looks was never told.
                    if entry.uid < open.told {
                        expunged.insert(entry.uid);
                    }
                } else {
                    flagged.insert(entry.uid);
                }
            }
            open.position = log.len();
            changes.expunged = expunged.into_iter().collect();
            let told = open.told;
            let known = flagged.into_iter().filter(|uid| *uid < told);
            changes.flags = known.filter_map(|uid| Some((uid, mailbox.get(uid)?.flags.clone()))).collect();
        }
        if open.told < mailbox.uid_next {
            changes.new = mailbox.listed_from(open.told);
            open.told = mailbox.uid_next;
            let (folder, read_only) = (open.folder.clone(), open.read_only);
            if !read_only {
                self.claim_recent(at, &folder);
            }
        }
        Some(changes)
    }

    /// Changes flags and remembers that this client need not be told of its own changes.
    fn flag(
        &mut self,
        session: &mut Session,
        at: usize,
        uids: &[u32],
        change: Change,
        flags: &Flags,
        around: &mut Surroundings<'_>,
    ) -> Vec<(u32, Flags)> {
        let (by, mut now) = (session.conn.0, Vec::with_capacity(uids.len()));
        let Some(folder) = self.open_folder(session, at) else { return now };
        let Some(open) = session.open.as_mut().filter(|open| !open.read_only) else { return now };
        let user = around.events.is_some().then(|| self.accounts[at].name.to_string());
        let mut changes = 0;
        let Some(mailbox) = self.mailbox_mut(at, &folder) else { return now };
        let was_told = open.position == mailbox.log().len();
        for uid in uids {
            let Some((message, different)) = mailbox.flag(*uid, change, flags, by) else { continue };
            changes += u64::from(different);
            if let (true, Some(events), Some(user)) = (different, &mut around.events, &user) {
                let (user, folder) = (user.clone(), folder.clone());
                events.push(Event::MailboxFlag { user, folder, uid: *uid, flags: message.flags.names() });
            }
            now.push((*uid, message.flags.clone()));
        }
        if was_told {
            open.position = mailbox.log().len();
        }
        self.changes += changes;
        now
    }

    fn list(
        &mut self,
        session: &mut Session,
        at: usize,
        uids: &[u32],
        mark_seen: bool,
        around: &mut Surroundings<'_>,
    ) -> Vec<Message> {
        let Some(folder) = self.open_folder(session, at) else { return Vec::new() };
        let mut newly_seen = Vec::new();
        if mark_seen && let Some(mailbox) = self.mailbox(at, &folder) {
            let unseen = |uid: &u32| mailbox.get(*uid).is_some_and(|m| !m.flags.contains(Flag::Seen));
            newly_seen = uids.iter().copied().filter(unseen).collect();
        }
        if !newly_seen.is_empty() {
            let seen = [Flag::Seen].into_iter().collect();
            let changed = self.flag(session, at, &newly_seen, Change::Add, &seen, around);
            newly_seen = changed.into_iter().map(|(uid, _)| uid).collect();
        }
        let Some(mailbox) = self.mailbox(at, &folder) else { return Vec::new() };
        let there = uids.iter().filter_map(|uid| mailbox.get(*uid));
        let message = |m: &Stored| Message {
            uid: m.uid,
            flags: m.flags.clone(),
            newly_seen: newly_seen.binary_search(&m.uid).is_ok(),
            internal_date: m.internal_date,
            content: m.letter.content.0,
            letter: m.letter.bytes.clone().into(),
        };
        there.map(message).collect()
    }

    fn copy(
        &mut self,
        session: &Session,
        at: usize,
        uids: &[u32],
        folder: &str,
        (all, room): (bool, Option<u64>),
        around: &mut Surroundings<'_>,
    ) -> Result<Placed, Refusal> {
        let from = self.open_folder(session, at).and_then(|from| self.mailbox(at, &from)).ok_or(Refusal::Gone)?;
        let Some(uid_validity) = self.mailbox(at, folder).map(|m| m.validity) else {
            return Err(Refusal::NoSuchFolder);
        };
        // All or none: looked up before anything is written.
        let found: Vec<Stored> = uids.iter().filter_map(|uid| from.get(*uid).cloned()).collect();
        if all && found.len() < uids.len() {
            return Err(Refusal::Gone);
        }
        let size: u64 = found.iter().map(|stored| stored.letter.bytes.len() as u64).sum();
        if room.is_some_and(|room| room < size) {
            return Err(Refusal::OverQuota);
        }
        let mut placed = Placed { uid_validity, ..Placed::default() };
        for stored in found {
            let events = around.events.as_deref_mut();
            let to = self.put(at, folder, stored.letter, stored.flags, stored.internal_date, None, events);
            placed.to.push(to.ok_or(Refusal::TooMany)?);
            placed.from.push(stored.uid);
        }
        Ok(placed)
    }

    /// The second half of a MOVE (RFC 6851): what was copied is taken away, without anybody between the two.
    fn moved(&mut self, session: &mut Session, at: usize, placed: &Placed, to: &str, around: &mut Surroundings<'_>) {
        let Some(folder) = self.open_folder(session, at) else { return };
        let goes = |m: &Stored| placed.from.binary_search(&m.uid).is_ok();
        self.expunge(session, at, &goes, around);
        if let Some(events) = &mut around.events {
            let user = self.accounts[at].name.to_string();
            let pairs = placed.from.iter().zip(&placed.to);
            events.extend(pairs.map(|(uid, new)| Event::MailboxMove {
                user: user.clone(),
                folder: folder.clone(),
                uid: *uid,
                to: canonical(to).to_string(),
                new_uid: *new,
            }));
        }
    }

    fn expunge(
        &mut self,
        session: &mut Session,
        at: usize,
        goes: &dyn Fn(&Stored) -> bool,
        around: &mut Surroundings<'_>,
    ) -> Vec<u32> {
        let by = session.conn.0;
        let Some(folder) = self.open_folder(session, at) else { return Vec::new() };
        let Some(open) = session.open.as_mut().filter(|open| !open.read_only) else { return Vec::new() };
        if !self.mailbox(at, &folder).is_some_and(|mailbox| mailbox.has(goes)) {
            return Vec::new();
        }
        let (told, was_told) = match self.mailbox(at, &folder) {
            Some(mailbox) => (open.told, open.position == mailbox.log().len()),
            None => return Vec::new(),
        };
        let gone = self.remove_at(by, at, &folder, goes, around);
        let open = session.open.as_mut().expect("the folder was open above");
        if was_told && let Some(mailbox) = self.mailbox(at, &folder) {
            open.position = mailbox.log().len();
        }
        // A letter that this client has not been told of yet has no number to be taken away.
        gone.into_iter().map(|(uid, _)| uid).filter(|uid| *uid < told).collect()
    }

    /// The folder that is open, if it is still the same one.
    fn open_folder(&self, session: &Session, at: usize) -> Option<String> {
        let open = session.open.as_ref()?;
        let same = |mailbox: &Arc<Mailbox>| mailbox.validity == open.validity;
        if self.mailbox(at, &open.folder).is_some_and(same) {
            return Some(open.folder.clone());
        }
        // Under another name: UIDVALIDITY is given out once.
        let found = self.accounts[at].folders.iter().find(|(_, mailbox)| same(mailbox));
        found.map(|(name, _)| name.to_string())
    }
}
