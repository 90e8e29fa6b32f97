//! The message store (RFC 5598 section 4.2.5): users, folders, and letters with UID and flags.
//!
//! A folder is shared until it is changed, and a letter always: a clone of a store with thousands of letters copies
//! only pointers, and the copy is paid for folder by folder at the first change after it.

mod folders;
mod mailbox;
mod maildrop;
mod session;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use self::mailbox::Mailbox;
use super::config::User;
use super::{Event, Letter};
use crate::imap::Flags;
use crate::imap::server::FolderStatus;
use crate::topology::ConnId;

pub use self::mailbox::Stored;
pub use self::maildrop::Maildrop;
pub use self::session::{Session, Surroundings};

/// The folder that every user has; its name is the same in capitals and small letters.
pub const INBOX: &str = "INBOX";

/// The folder for letters that are set aside because their sender is not to be believed.
pub const JUNK: &str = "Junk";

/// A user cannot have more folders than this.
pub const MOST_FOLDERS: usize = 1000;

/// All mailboxes of one server.
#[derive(Clone, Debug, Default)]
pub struct Store {
    accounts: Vec<Arc<Account>>,
    /// Looked up, never walked through.
    by_name: Arc<FxHashMap<String, usize>>,
    /// UIDVALIDITY of the next folder. It rises with every folder, so that a name that is used again is not mistaken
    /// for the folder that had it before (RFC 3501 section 2.3.1.1).
    validity: u32,
    /// Counts changes, so that who waits for one sees that there was one.
    changes: u64,
    /// Maildrops that a POP3 session has open: the user's place, and the session's connection.
    locks: BTreeMap<usize, ConnId>,
}

/// A user and what is theirs.
#[derive(Clone, Debug)]
struct Account {
    name: Arc<str>,
    password: Arc<str>,
    /// Room in bytes, if there is a limit (RFC 9208 calls it STORAGE).
    quota: Option<u64>,
    folders: BTreeMap<Arc<str>, Arc<Mailbox>>,
    /// Names that the user wants to see (RFC 3501 section 6.3.6); there may be no such folder any more.
    subscribed: BTreeSet<Arc<str>>,
}

impl Store {
    /// A store with these users, each with an empty INBOX. Of two users of one name, the first counts.
    pub fn new(users: &[User]) -> Self {
        let accounts = Vec::with_capacity(users.len());
        let mut store = Store { accounts, by_name: Arc::default(), validity: 1, changes: 0, locks: BTreeMap::new() };
        let mut by_name = FxHashMap::default();
        for user in users {
            if by_name.contains_key(&user.name) {
                continue;
            }
            by_name.insert(user.name.clone(), store.accounts.len());
            let inbox = store.new_mailbox();
            store.accounts.push(Arc::new(Account {
                name: user.name.as_str().into(),
                password: user.password.as_str().into(),
                quota: user.quota,
                folders: BTreeMap::from([(INBOX.into(), inbox)]),
                subscribed: BTreeSet::from([INBOX.into()]),
            }));
        }
        store.by_name = Arc::new(by_name);
        store
    }

    fn new_mailbox(&mut self) -> Arc<Mailbox> {
        let mailbox = Mailbox::new(self.validity);
        self.validity += 1;
        Arc::new(mailbox)
    }

    /// Rises with every change of a folder, its letters or their flags.
    pub fn change_count(&self) -> u64 {
        self.changes
    }

    /// Names of all users, in the order in which they were given.
    pub fn users(&self) -> impl Iterator<Item = &str> {
        self.accounts.iter().map(|account| &*account.name)
    }

    /// Whether there is such a user.
    pub fn has_user(&self, user: &str) -> bool {
        self.by_name.contains_key(user)
    }

    /// Names of a user's folders, INBOX first, then by name.
    pub fn folders(&self, user: &str) -> impl Iterator<Item = &str> {
        let account = self.index(user).map(|at| &self.accounts[at]);
        account.into_iter().flat_map(|account| account.names())
    }

    /// The letters of a folder, by rising UID; nothing if there is no such folder.
    pub fn messages(&self, user: &str, folder: &str) -> &[Stored] {
        self.index(user).and_then(|at| self.mailbox(at, folder)).map_or(&[], |mailbox| mailbox.messages())
    }

    /// Numbers of a folder.
    pub fn status(&self, user: &str, folder: &str) -> Option<FolderStatus> {
        self.index(user).and_then(|at| self.mailbox(at, folder)).map(|mailbox| mailbox.status())
    }

    /// Puts a letter into a folder: its UID, or nothing if there is no such user or folder. `internal_date` is in
    /// seconds since 1970. Takes the same time however many letters there are (but the first change after a clone of
    /// the store copies the folder's list).
    pub fn deliver(
        &mut self,
        user: &str,
        folder: &str,
        letter: impl Into<Arc<Letter>>,
        flags: Flags,
        internal_date: i64,
        events: Option<&mut Vec<Event>>,
    ) -> Option<u32> {
        let at = self.index(user)?;
        self.put(at, folder, letter.into(), flags, internal_date, None, events)
    }

    /// As [`deliver`](Store::deliver), with the UID that the letter is to have if that is still free: it must be
    /// greater than those given out before, or nothing is stored.
    pub fn preload(
        &mut self,
        user: &str,
        folder: &str,
        uid: Option<u32>,
        letter: impl Into<Arc<Letter>>,
        internal_date: i64,
        events: Option<&mut Vec<Event>>,
    ) -> Option<u32> {
        let at = self.index(user)?;
        self.put(at, folder, letter.into(), Flags::new(), internal_date, uid, events)
    }

    // One place for all ways in; each argument is a column of the row that is written.
    #[allow(clippy::too_many_arguments)]
    fn put(
        &mut self,
        at: usize,
        folder: &str,
        letter: Arc<Letter>,
        flags: Flags,
        internal_date: i64,
        uid: Option<u32>,
        events: Option<&mut Vec<Event>>,
    ) -> Option<u32> {
        let account = Arc::make_mut(self.accounts.get_mut(at)?);
        let mailbox = Arc::make_mut(account.folders.get_mut(canonical(folder))?);
        let told = events.map(|events| (events, letter.clone(), flags.names()));
        let uid = mailbox.append(letter, flags, internal_date, uid)?;
        self.changes += 1;
        if let Some((events, letter, flags)) = told {
            let (user, folder) = (account.name.to_string(), canonical(folder).to_string());
            events.push(Event::MailboxStore { user, folder, uid, flags, letter });
        }
        Some(uid)
    }

    /// Bytes of all letters; one that lies in two mailboxes counts twice.
    pub fn bytes(&self) -> u64 {
        self.accounts.iter().map(|account| account.bytes()).sum()
    }

    /// Bytes that still fit into a user's mailbox, if there is a limit.
    pub fn room(&self, user: &str) -> Option<u64> {
        self.index(user).and_then(|at| self.room_at(at))
    }

    fn room_at(&self, at: usize) -> Option<u64> {
        let account = &self.accounts[at];
        account.quota.map(|quota| quota.saturating_sub(account.bytes()))
    }

    fn index(&self, user: &str) -> Option<usize> {
        self.by_name.get(user).copied()
    }

    fn mailbox(&self, at: usize, folder: &str) -> Option<&Arc<Mailbox>> {
        self.accounts[at].folders.get(canonical(folder))
    }

    fn mailbox_mut(&mut self, at: usize, folder: &str) -> Option<&mut Mailbox> {
        let account = Arc::make_mut(&mut self.accounts[at]);
        account.folders.get_mut(canonical(folder)).map(Arc::make_mut)
    }
}

impl Account {
    fn bytes(&self) -> u64 {
        let letters = self.folders.values().flat_map(|folder| folder.messages());
        letters.map(|stored| stored.letter.bytes.len() as u64).sum()
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        inbox_first(self.folders.keys())
    }
}

fn inbox_first<'a>(names: impl Iterator<Item = &'a Arc<str>>) -> impl Iterator<Item = &'a str> {
    let others = names.map(|name| &**name).filter(|name| *name != INBOX);
    std::iter::once(INBOX).chain(others)
}

/// INBOX in any spelling is INBOX; other names are as they are.
fn canonical(folder: &str) -> &str {
    if folder.eq_ignore_ascii_case(INBOX) { INBOX } else { folder }
}

#[cfg(test)]
mod tests;
