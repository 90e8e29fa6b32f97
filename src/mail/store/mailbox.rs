//! One folder: letters in the order of their UIDs, and a log of what has happened to them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::imap::server::{Change, FolderStatus, Listed};
use crate::imap::{Flag, Flags};
use crate::mail::Letter;

/// A letter in a folder.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Given out once, rising (RFC 3501 section 2.3.1.1).
    pub uid: u32,
    /// All flags but `\Recent`, which belongs to a session.
    pub flags: Flags,
    /// Seconds since 1970: when it came here.
    pub internal_date: i64,
    /// The letter, shared with every other place where it lies.
    pub letter: Arc<Letter>,
}

/// A folder.
#[derive(Clone, Debug)]
pub(super) struct Mailbox {
    pub validity: u32,
    pub uid_next: u32,
    /// No session has been told of letters from this UID on: they are `\Recent` for the first one that is.
    pub recent_from: u32,
    messages: Vec<Stored>,
    /// What sessions have changed, in order. A session remembers how much of it it has told its client, so that
    /// nothing has to be compared.
    log: Vec<Entry>,
}

/// A change by one session that others have to tell their clients.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub uid: u32,
    /// Connection of the session.
    pub by: u32,
    pub expunged: bool,
}

impl Mailbox {
    pub fn new(validity: u32) -> Self {
        Mailbox { validity, uid_next: 1, recent_from: 1, messages: Vec::new(), log: Vec::new() }
    }

    pub fn messages(&self) -> &[Stored] {
        &self.messages
    }

    /// Nothing when the wish for a UID cannot be met, or all UIDs are used up.
    pub fn append(&mut self, letter: Arc<Letter>, flags: Flags, date: i64, wish: Option<u32>) -> Option<u32> {
        let uid = wish.unwrap_or(self.uid_next);
        if uid < self.uid_next || uid == u32::MAX {
            return None;
        }
        self.uid_next = uid + 1;
        self.messages.push(Stored { uid, flags, internal_date: date, letter });
        Some(uid)
    }

    pub fn status(&self) -> FolderStatus {
        FolderStatus {
            messages: self.messages.len() as u32,
            recent: (self.messages.len() - self.place(self.recent_from)) as u32,
            uid_next: self.uid_next,
            uid_validity: self.validity,
            unseen: self.messages.iter().filter(|m| !m.flags.contains(Flag::Seen)).count() as u32,
        }
    }

    /// Keywords of all letters, sorted, each once; case does not matter.
    pub fn keywords(&self) -> Vec<String> {
        let mut found: BTreeMap<String, &str> = BTreeMap::new();
        for word in self.messages.iter().flat_map(|m| m.flags.keywords()) {
            found.entry(word.to_ascii_lowercase()).or_insert(word);
        }
        found.into_values().map(str::to_string).collect()
    }

    /// Where the first letter with this UID or a greater one is.
    fn place(&self, uid: u32) -> usize {
        self.messages.partition_point(|m| m.uid < uid)
    }

    pub fn get(&self, uid: u32) -> Option<&Stored> {
        self.messages.get(self.place(uid)).filter(|m| m.uid == uid)
    }

    /// Letters from a UID on, as a session learns of them.
    pub fn listed_from(&self, uid: u32) -> Vec<Listed> {
        let list = self.messages[self.place(uid)..].iter();
        list.map(|m| Listed { uid: m.uid, recent: m.uid >= self.recent_from }).collect()
    }

    pub fn log(&self) -> &[Entry] {
        &self.log
    }

    /// The flags after the change, if the letter is there, and whether they are different now.
    pub fn flag(&mut self, uid: u32, change: Change, flags: &Flags, by: u32) -> Option<(&Stored, bool)> {
        let at = self.place(uid);
        let message = self.messages.get_mut(at).filter(|m| m.uid == uid)?;
        let mut now = message.flags.clone();
        match change {
            Change::Replace => now = flags.clone(),
            Change::Add => now.add(flags),
            Change::Remove => now.remove(flags),
        }
        let different = now != message.flags;
        if different {
            message.flags = now;
            self.log.push(Entry { uid, by, expunged: false });
        }
        Some((&self.messages[at], different))
    }

    /// Removes what `goes`: UID, and the sequence number that each had when those before it were gone.
    pub fn remove(&mut self, by: u32, goes: impl Fn(&Stored) -> bool) -> Vec<(u32, u32)> {
        let (mut number, mut gone) = (1, Vec::new());
        self.messages.retain(|message| {
            let deleted = goes(message);
            if deleted {
                gone.push((message.uid, number));
            } else {
                number += 1;
            }
            !deleted
        });
        self.log.extend(gone.iter().map(|(uid, _)| Entry { uid: *uid, by, expunged: true }));
        gone
    }

    /// Whether there is anything to remove: asked before the folder's list is made one's own.
    pub fn has(&self, goes: impl Fn(&Stored) -> bool) -> bool {
        self.messages.iter().any(goes)
    }
}
