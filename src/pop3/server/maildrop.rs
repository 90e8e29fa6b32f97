//! RFC 1939 section 5: the maildrop of a session. Message numbers are counted once, when it is opened, and stay:
//! neither DELE nor new mail changes them.

use super::host::Listed;

#[derive(Clone, Debug, Default)]
pub(super) struct Maildrop {
    messages: Vec<(Listed, bool)>,
}

impl Maildrop {
    pub fn new(messages: Vec<Listed>) -> Self {
        Maildrop { messages: messages.into_iter().map(|m| (m, false)).collect() }
    }

    /// The letters that are not marked as deleted, with their numbers.
    pub fn left(&self) -> impl Iterator<Item = (u32, &Listed)> {
        self.messages.iter().enumerate().filter(|(_, (_, deleted))| !deleted).map(|(i, (m, _))| (i as u32 + 1, m))
    }

    /// How many of them there are, and their octets together: STAT.
    pub fn stat(&self) -> (u32, u64) {
        self.left().fold((0, 0), |(n, octets), (_, m)| (n + 1, octets + m.octets))
    }

    /// `2 messages (320 octets)`
    pub fn words(&self) -> String {
        let (n, octets) = self.stat();
        format!("{n} message{} ({octets} octets)", if n == 1 { "" } else { "s" })
    }

    /// A letter by its number.
    ///
    /// # Errors
    /// What is wrong with the number, for -ERR.
    pub fn get(&self, number: u32) -> Result<&Listed, String> {
        match (number as usize).checked_sub(1).and_then(|at| self.messages.get(at)) {
            Some((message, false)) => Ok(message),
            Some((_, true)) => Err(format!("message {number} already deleted")),
            None => Err(match self.messages.len() {
                0 => "no such message, the maildrop is empty".to_string(),
                n => format!("no such message, numbers go from 1 to {n}"),
            }),
        }
    }

    /// DELE.
    pub fn mark(&mut self, number: u32) {
        if let Some((_, deleted)) = (number as usize).checked_sub(1).and_then(|at| self.messages.get_mut(at)) {
            *deleted = true;
        }
    }

    /// RSET.
    pub fn unmark_all(&mut self) {
        self.messages.iter_mut().for_each(|(_, deleted)| *deleted = false);
    }

    /// UIDs of what is marked, in rising order.
    pub fn marked(&self) -> Vec<u32> {
        self.messages.iter().filter(|(_, deleted)| *deleted).map(|(m, _)| m.uid).collect()
    }
}
