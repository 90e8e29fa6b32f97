//! RFC 3501 section 6.3: folders are made, removed, renamed and subscribed.
//!
//! A name that only has others below it is no folder: it is not kept here, and the server's LIST tells it as
//! `\\Noselect`.

use std::sync::Arc;

use super::{Account, INBOX, MOST_FOLDERS, Store, Stored, Surroundings, canonical, inbox_first};
use crate::imap::server::Refusal;
use crate::mail::Event;

/// Longest name of a folder.
const LONGEST_NAME: usize = 255;

/// Whether no folder can have that name.
fn is_bad(name: &str) -> bool {
    let odd = |c: char| c.is_control() || matches!(c, '*' | '%');
    name.len() > LONGEST_NAME || name.split('/').any(str::is_empty) || name.contains(odd)
}

impl Store {
    /// Makes a folder, and those above it that are missing (RFC 3501 section 6.3.3).
    ///
    /// # Errors
    /// Why there cannot be such a folder.
    pub fn create(&mut self, user: &str, folder: &str, events: Option<&mut Vec<Event>>) -> Result<(), Refusal> {
        let at = self.index(user).ok_or(Refusal::NoSuchFolder)?;
        self.create_at(at, folder, events)
    }

    pub(super) fn create_at(
        &mut self,
        at: usize,
        folder: &str,
        mut events: Option<&mut Vec<Event>>,
    ) -> Result<(), Refusal> {
        // A delimiter at the end says that names will follow below; it is not part of the name.
        let name = folder.strip_suffix('/').unwrap_or(folder);
        if is_bad(name) {
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
            self.changes += 1;
            if let Some(events) = &mut events {
                events.push(Event::FolderCreate { user: account.name.to_string(), folder: name.to_string() });
            }
        }
        Ok(())
    }

    /// Removes a folder with what is in it; those below it stay (RFC 3501 section 6.3.4).
    ///
    /// # Errors
    /// INBOX stays, and so does a name that is no folder and has some below it.
    pub fn delete(&mut self, user: &str, folder: &str, events: Option<&mut Vec<Event>>) -> Result<(), Refusal> {
        let at = self.index(user).ok_or(Refusal::NoSuchFolder)?;
        self.delete_at(at, folder, events)
    }

    pub(super) fn delete_at(
        &mut self,
        at: usize,
        folder: &str,
        events: Option<&mut Vec<Event>>,
    ) -> Result<(), Refusal> {
        let name = canonical(folder);
        if name == INBOX {
            return Err(Refusal::Inbox);
        }
        if self.mailbox(at, name).is_none() {
            let hollow = self.accounts[at].has_below(name);
            return Err(if hollow { Refusal::HasChildren } else { Refusal::NoSuchFolder });
        }
        let account = Arc::make_mut(&mut self.accounts[at]);
        account.folders.remove(name);
        self.changes += 1;
        if let Some(events) = events {
            events.push(Event::FolderDelete { user: account.name.to_string(), folder: name.to_string() });
        }
        Ok(())
    }

    /// RFC 3501 section 6.3.5. A folder keeps its UIDs and their UIDVALIDITY under its new name; what was in INBOX gets
    /// new ones in a new folder.
    pub(super) fn rename_at(
        &mut self,
        by: u32,
        at: usize,
        folder: &str,
        to: &str,
        around: &mut Surroundings<'_>,
    ) -> Result<(), Refusal> {
        let (from, to) = (canonical(folder), to.strip_suffix('/').unwrap_or(to));
        let below = format!("{from}/");
        let account = &self.accounts[at];
        if self.mailbox(at, from).is_none() && !account.has_below(from) {
            return Err(Refusal::NoSuchFolder);
        }
        if self.mailbox(at, to).is_some() || account.has_below(to) {
            return Err(Refusal::Exists);
        }
        if is_bad(to) || (from != INBOX && to.starts_with(&below)) {
            return Err(Refusal::BadName);
        }
        if from == INBOX {
            self.create_at(at, to, around.events.as_deref_mut())?;
            return self.empty_inbox(by, at, to, around);
        }
        // Those above the new name are made, as CREATE does.
        if let Some((above, _)) = to.rsplit_once('/')
            && self.mailbox(at, above).is_none()
        {
            self.create_at(at, above, around.events.as_deref_mut())?;
        }
        let account = Arc::make_mut(&mut self.accounts[at]);
        let names: Vec<Arc<str>> =
            account.folders.keys().filter(|n| ***n == *from || n.starts_with(&below)).cloned().collect();
        for name in names {
            let new = format!("{to}{}", &name[from.len()..]);
            let Some(mailbox) = account.folders.remove(&name) else { continue };
            account.folders.insert(new.as_str().into(), mailbox);
            if let Some(events) = &mut around.events {
                let (user, folder) = (account.name.to_string(), name.to_string());
                events.push(Event::FolderRename { user, folder, to: new });
            }
        }
        self.changes += 1;
        Ok(())
    }

    fn empty_inbox(&mut self, by: u32, at: usize, to: &str, around: &mut Surroundings<'_>) -> Result<(), Refusal> {
        let all: Vec<Stored> = self.mailbox(at, INBOX).map_or_else(Vec::new, |m| m.messages().to_vec());
        for stored in all {
            let events = around.events.as_deref_mut();
            self.put(at, to, stored.letter, stored.flags, stored.internal_date, None, events)
                .ok_or(Refusal::TooMany)?;
        }
        self.remove_at(by, at, INBOX, &|_| true, around);
        Ok(())
    }

    /// Removes letters for good: UID, and the number that each had when those before it were gone.
    pub(super) fn remove_at(
        &mut self,
        by: u32,
        at: usize,
        folder: &str,
        goes: &dyn Fn(&Stored) -> bool,
        around: &mut Surroundings<'_>,
    ) -> Vec<(u32, u32)> {
        let user = around.events.is_some().then(|| self.accounts[at].name.to_string());
        let Some(mailbox) = self.mailbox_mut(at, folder) else { return Vec::new() };
        let gone = mailbox.remove(by, goes);
        self.changes += gone.len() as u64;
        if let (Some(events), Some(user)) = (&mut around.events, user) {
            events.extend(gone.iter().map(|(uid, number)| {
                let (user, folder) = (user.clone(), canonical(folder).to_string());
                Event::MailboxExpunge { user, folder, uid: *uid, number: *number }
            }));
        }
        gone
    }

    /// RFC 3501 sections 6.3.6 and 6.3.7. A name stays subscribed when its folder is removed: only its user takes it away.
    pub(super) fn subscribe_at(&mut self, at: usize, folder: &str, on: bool) -> Result<(), Refusal> {
        let name = canonical(folder);
        if on && self.mailbox(at, name).is_none() && !self.accounts[at].has_below(name) {
            return Err(Refusal::NoSuchFolder);
        }
        let account = Arc::make_mut(&mut self.accounts[at]);
        if on {
            account.subscribed.insert(name.into());
            return Ok(());
        }
        account.subscribed.remove(name).then_some(()).ok_or(Refusal::NotSubscribed)
    }
}

impl Account {
    /// What the user wants to see, INBOX first if it is among it.
    pub(super) fn subscribed(&self) -> impl Iterator<Item = &str> {
        let inbox = self.subscribed.contains(INBOX);
        inbox_first(self.subscribed.iter()).skip(usize::from(!inbox))
    }

    /// Whether there are folders below a name.
    fn has_below(&self, name: &str) -> bool {
        let below = format!("{name}/");
        self.folders.keys().any(|other| other.starts_with(&below))
    }
}
