//! The message store (RFC 5598 section 4.2.5): users, folders, and letters with UID and flags.
//!
//! A folder is shared until it is changed, and a letter always: a clone of a store with thousands of letters copies
//! only pointers, and the copy is paid for folder by folder at the first change after it.

mod mailbox;
mod maildrop;
mod session;

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use self::mailbox::Mailbox;
use super::config::User;
use super::{Event, Letter};
use crate::imap::Flags;
use crate::imap::server::{FolderStatus, Refusal};
use crate::topology::ConnId;

pub use self::mailbox::Stored;
pub use self::maildrop::Maildrop;
pub use self::session::{Session, Surroundings};

/// The folder that every user has; its name is the same in capitals and small letters.
pub const INBOX: &str = "INBOX";

/// A user cannot have more folders than this.
pub const MOST_FOLDERS: usize = 1000;

/// Longest name of a folder.
const LONGEST_NAME: usize = 255;

/// All mailboxes of one server.
#[derive(Clone, Debug, Default)]
pub struct Store {
    accounts: Vec<Arc<Account>>,
    /// Looked up, never walked through.
    by_name: Arc<FxHashMap<String, usize>>,
    /// UIDVALIDITY of the next folder. It rises with every folder, so that a name that is used again is not mistaken
    /// for the folder that had it before (RFC 3501 section 2.3.1.1).
    validity: u32,
    /// Maildrops that a POP3 session has open: the user's place, and the session's connection.
    locks: BTreeMap<usize, ConnId>,
}

/// A user and what is theirs.
#[derive(Clone, Debug)]
struct Account {
    name: Arc<str>,
    password: Arc<str>,
    folders: BTreeMap<Arc<str>, Arc<Mailbox>>,
}

impl Store {
    /// A store with these users, each with an empty INBOX. Of two users of one name, the first counts.
    pub fn new(users: &[User]) -> Self {
        let mut store = Store {
            accounts: Vec::with_capacity(users.len()),
            by_name: Arc::default(),
            validity: 1,
            locks: BTreeMap::new(),
        };
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
                folders: BTreeMap::from([(INBOX.into(), inbox)]),
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
        if let Some((events, letter, flags)) = told {
            let (user, folder) = (account.name.to_string(), canonical(folder).to_string());
            events.push(Event::MailboxStore { user, folder, uid, flags, letter: (*letter).clone() });
        }
        Some(uid)
    }

    /// Makes a folder, and those above it that are missing (RFC 3501 section 6.3.3).
    ///
    /// # Errors
    /// Why there cannot be such a folder.
    pub fn create(&mut self, user: &str, folder: &str, events: Option<&mut Vec<Event>>) -> Result<(), Refusal> {
        let at = self.index(user).ok_or(Refusal::NoSuchFolder)?;
        self.create_at(at, folder, events)
    }

    fn create_at(&mut self, at: usize, folder: &str, mut events: Option<&mut Vec<Event>>) -> Result<(), Refusal> {
        // A delimiter at the end says that names will follow below; it is not part of the name.
        let name = folder.strip_suffix('/').unwrap_or(folder);
        let odd = |c: char| c.is_control() || matches!(c, '*' | '%');
        if name.len() > LONGEST_NAME || name.split('/').any(str::is_empty) || name.contains(odd) {
            return Err(Refusal::BadName);
        }
        if self.mailbox(at, name).is_some() {
            return Err(Refusal::Exists);
        }
        let ends = name.match_indices('/').map(|(end, _)| end).chain([name.len()]);
        let missing: Vec<&str> = ends.map(|end| &name[..end]).filter(|name| self.mailbox(at, name).is_none()).collect();
        if self.accounts[at].folders.len() + missing.len() > MOST_FOLDERS {
            return Err(Refusal::TooMany);
        }
        for name in missing {
            let mailbox = self.new_mailbox();
            let account = Arc::make_mut(&mut self.accounts[at]);
            account.folders.insert(name.into(), mailbox);
            if let Some(events) = &mut events {
                events.push(Event::FolderCreate { user: account.name.to_string(), folder: name.to_string() });
            }
        }
        Ok(())
    }

    /// Removes a folder with what is in it (RFC 3501 section 6.3.4).
    ///
    /// # Errors
    /// INBOX stays, and so does a folder with others below it.
    pub fn delete(&mut self, user: &str, folder: &str, events: Option<&mut Vec<Event>>) -> Result<(), Refusal> {
        let at = self.index(user).ok_or(Refusal::NoSuchFolder)?;
        self.delete_at(at, folder, events)
    }

    fn delete_at(&mut self, at: usize, folder: &str, events: Option<&mut Vec<Event>>) -> Result<(), Refusal> {
        let name = canonical(folder);
        if name == INBOX {
            return Err(Refusal::Inbox);
        }
        if self.mailbox(at, name).is_none() {
            return Err(Refusal::NoSuchFolder);
        }
        let below = format!("{name}/");
        if self.accounts[at].folders.keys().any(|other| other.starts_with(&below)) {
            return Err(Refusal::HasChildren);
        }
        let account = Arc::make_mut(&mut self.accounts[at]);
        account.folders.remove(name);
        if let Some(events) = events {
            events.push(Event::FolderDelete { user: account.name.to_string(), folder: name.to_string() });
        }
        Ok(())
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
    fn names(&self) -> impl Iterator<Item = &str> {
        let others = self.folders.keys().map(|name| &**name).filter(|name| *name != INBOX);
        std::iter::once(INBOX).chain(others)
    }
}

/// INBOX in any spelling is INBOX; other names are as they are.
fn canonical(folder: &str) -> &str {
    if folder.eq_ignore_ascii_case(INBOX) { INBOX } else { folder }
}

#[cfg(test)]
mod tests;
