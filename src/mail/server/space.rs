//! Room for mail: on the disk of the server, and in the mailbox of each user.
//!
//! ```text
//!  disk full       452 4.3.1 at MAIL or RCPT, as the setting says; a letter that does not fit: at the end of data
//!  mailbox full    452 4.2.2 (come again) or 552 5.2.2 (never) at RCPT; a letter that does not fit: at the end of data,
//!                  or, if it fits into the mailbox of another recipient, a bounce with status 5.2.2
//! ```
//! RFC 5321 section 4.5.3.1.10 and 4.2.2 have 452 for a want of room that may pass, 552 for one that will not; RFC 3463
//! sections 3.3 and 3.4 the enhanced codes. After the end of data there is one reply for all recipients.

use super::MailSystem;
use super::accept::{Split, failed};
use crate::mail::config::{DiskCheck, OverQuota};
use crate::smtp::Reply;
use crate::topology::ConnId;

impl MailSystem {
    /// From now on there is so much room for mail on the disk, in bytes; `None`: as much as one likes.
    pub fn set_disk_free(&mut self, free: Option<u64>) {
        self.disk = free.map(|free| free.saturating_add(self.used()));
    }

    /// Room for mail on the disk, in bytes, if there is a limit.
    pub fn disk_free(&self) -> Option<u64> {
        self.disk.map(|all| all.saturating_sub(self.used()))
    }

    /// What mailboxes and queue hold. A letter is counted for each place where it lies.
    fn used(&self) -> u64 {
        self.store.bytes() + self.mta.queue().entries().map(|e| e.letter.bytes.len() as u64).sum::<u64>()
    }

    /// What the client said of its letter's size in MAIL (RFC 1870), kept until the next MAIL.
    pub(super) fn declare(&mut self, conn: ConnId, size: Option<u64>) {
        match size {
            Some(size) => self.declared.insert(conn, size),
            None => self.declared.remove(&conn),
        };
    }

    /// # Errors
    /// 452 at a moment at which this server looks how full its disk is.
    pub(super) fn disk_takes(&self, conn: ConnId, moment: DiskCheck) -> Result<(), Reply> {
        let size = self.declared.get(&conn).copied().unwrap_or(1);
        if self.cfg.disk_check == moment { self.disk_holds(size) } else { Ok(()) }
    }

    /// # Errors
    /// 452: there is no room for so many bytes.
    pub(super) fn disk_holds(&self, bytes: u64) -> Result<(), Reply> {
        match self.disk_free() {
            Some(free) if free < bytes.max(1) => Err(Reply::new(452, "4.3.1 insufficient system storage")),
            _ => Ok(()),
        }
    }

    /// # Errors
    /// 452 or 552: there is no room in the mailbox for what the client said, or for anything.
    pub(super) fn mailbox_takes(&self, conn: ConnId, user: u32) -> Result<(), Reply> {
        let size = self.declared.get(&conn).copied().unwrap_or(1);
        if self.has_room(user, size) { Ok(()) } else { Err(self.over_quota()) }
    }

    fn has_room(&self, user: u32, bytes: u64) -> bool {
        self.cfg.users.get(user as usize).is_none_or(|u| self.store.room(&u.name).is_none_or(|room| room >= bytes))
    }

    fn over_quota(&self) -> Reply {
        match self.cfg.over_quota {
            OverQuota::Defer => Reply::new(452, "4.2.2 mailbox full"),
            OverQuota::Refuse => Reply::new(552, "5.2.2 mailbox full"),
        }
    }

    /// Takes out of the split whoever has no room for a letter of this size.
    ///
    /// # Errors
    /// Nobody would get the letter.
    pub(super) fn make_room(&self, split: &mut Split, bytes: u64) -> Result<(), Reply> {
        if self.cfg.users.iter().all(|u| u.quota.is_none()) {
            return Ok(());
        }
        let (here, full): (Vec<_>, Vec<_>) =
            std::mem::take(&mut split.here).into_iter().partition(|(user, _)| self.has_room(*user, bytes));
        split.here = here;
        if full.is_empty() {
            return Ok(());
        }
        if split.is_for_nobody() {
            return Err(self.over_quota());
        }
        split.failed.extend(full.iter().map(|(_, to)| failed(to, "5.2.2 mailbox full")));
        Ok(())
    }
}
