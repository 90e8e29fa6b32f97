//! RFC 3501 section 2.3.2: flags of a letter.

use std::sync::Arc;

use imap_codec::imap_types::core::Atom;
use imap_codec::imap_types::flag as wire;

/// A system flag that can be kept. `\Recent` is not one: no command alters it, so the session knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flag {
    /// `\Answered`
    Answered,
    /// `\Flagged`: marked as important.
    Flagged,
    /// `\Deleted`: removed by the next EXPUNGE.
    Deleted,
    /// `\Seen`: has been read.
    Seen,
    /// `\Draft`
    Draft,
}

impl Flag {
    /// All, in the order in which they are written.
    pub const ALL: [Flag; 5] = [Flag::Answered, Flag::Flagged, Flag::Deleted, Flag::Seen, Flag::Draft];

    /// With its backslash: `\Seen`.
    pub const fn name(self) -> &'static str {
        match self {
            Flag::Answered => "\\Answered",
            Flag::Flagged => "\\Flagged",
            Flag::Deleted => "\\Deleted",
            Flag::Seen => "\\Seen",
            Flag::Draft => "\\Draft",
        }
    }

    pub(crate) fn wire(self) -> wire::Flag<'static> {
        match self {
            Flag::Answered => wire::Flag::Answered,
            Flag::Flagged => wire::Flag::Flagged,
            Flag::Deleted => wire::Flag::Deleted,
            Flag::Seen => wire::Flag::Seen,
            Flag::Draft => wire::Flag::Draft,
        }
    }
}

/// The flags of one letter: a bit for each system flag, and keywords.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    system: u8,
    /// Sorted, each once (case does not matter); shared, because most letters have none or the same.
    keywords: Option<Arc<[Box<str>]>>,
}

impl Flags {
    /// Keywords beyond this many on one letter are not kept: a peer must not be able to grow a mailbox by flags.
    pub const MAX_KEYWORDS: usize = 64;

    /// No flags.
    pub const fn new() -> Self {
        Flags { system: 0, keywords: None }
    }

    /// Reads flags as they are written (`\Seen`, `$Forwarded`); case does not matter.
    ///
    /// # Errors
    /// The first one that is not a flag that can be stored (`\Recent`, `\Other`, or no atom).
    pub fn parse<S: AsRef<str>>(names: &[S]) -> Result<Self, String> {
        let mut flags = Flags::new();
        for name in names {
            let flag = wire::Flag::try_from(name.as_ref()).map_err(|_| name.as_ref().to_string())?;
            flags.add_wire(&flag)?;
        }
        Ok(flags)
    }

    pub(crate) fn from_wire(list: &[wire::Flag<'_>]) -> Result<Self, String> {
        let mut flags = Flags::new();
        for flag in list {
            flags.add_wire(flag)?;
        }
        Ok(flags)
    }

    fn add_wire(&mut self, flag: &wire::Flag<'_>) -> Result<(), String> {
        match flag {
            wire::Flag::Answered => self.insert(Flag::Answered),
            wire::Flag::Flagged => self.insert(Flag::Flagged),
            wire::Flag::Deleted => self.insert(Flag::Deleted),
            wire::Flag::Seen => self.insert(Flag::Seen),
            wire::Flag::Draft => self.insert(Flag::Draft),
            wire::Flag::Keyword(word) => self.add_keyword(word.as_ref()),
            wire::Flag::Extension(_) => return Err(flag.to_string()),
        }
        Ok(())
    }

    /// Sets a system flag.
    pub fn insert(&mut self, flag: Flag) {
        self.system |= 1 << flag as u8;
    }

    /// Whether a system flag is set.
    pub fn contains(&self, flag: Flag) -> bool {
        self.system & (1 << flag as u8) != 0
    }

    /// Keywords, sorted.
    pub fn keywords(&self) -> impl Iterator<Item = &str> {
        self.keywords.iter().flat_map(|words| words.iter().map(|w| &**w))
    }

    /// Whether that keyword is set; case does not matter.
    pub fn has_keyword(&self, word: &str) -> bool {
        self.keywords().any(|w| w.eq_ignore_ascii_case(word))
    }

    fn add_keyword(&mut self, word: &str) {
        let count = self.keywords.as_ref().map_or(0, |words| words.len());
        if count >= Self::MAX_KEYWORDS || self.has_keyword(word) {
            return;
        }
        let mut words: Vec<Box<str>> = self.keywords().map(Into::into).collect();
        let at = words.partition_point(|w| **w < *word);
        words.insert(at, word.into());
        self.keywords = Some(words.into());
    }

    /// Adds all of `other`'s.
    pub fn add(&mut self, other: &Flags) {
        self.system |= other.system;
        other.keywords().for_each(|word| self.add_keyword(word));
    }

    /// Takes away all of `other`'s.
    pub fn remove(&mut self, other: &Flags) {
        self.system &= !other.system;
        if self.keywords().any(|word| other.has_keyword(word)) {
            let left: Vec<Box<str>> = self.keywords().filter(|w| !other.has_keyword(w)).map(Into::into).collect();
            self.keywords = if left.is_empty() { None } else { Some(left.into()) };
        }
    }

    /// Names in a fixed order: system flags, then keywords.
    pub fn names(&self) -> Vec<String> {
        let system = Flag::ALL.iter().filter(|f| self.contains(**f)).map(|f| f.name().to_string());
        system.chain(self.keywords().map(str::to_string)).collect()
    }

    pub(crate) fn to_wire(&self, recent: bool) -> Vec<wire::FlagFetch<'static>> {
        let mut list: Vec<_> = Flag::ALL.iter().filter(|f| self.contains(**f)).map(|f| f.wire().into()).collect();
        for word in self.keywords() {
            let atom = Atom::try_from(word.to_string()).expect("keywords come in as atoms and are kept as they came");
            list.push(wire::Flag::Keyword(atom).into());
        }
        if recent {
            list.push(wire::FlagFetch::Recent);
        }
        list
    }
}

impl FromIterator<Flag> for Flags {
    fn from_iter<I: IntoIterator<Item = Flag>>(flags: I) -> Self {
        let mut set = Flags::new();
        flags.into_iter().for_each(|flag| set.insert(flag));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_a_set_in_a_fixed_order() {
        let mut flags = Flags::parse(&["$Forwarded", "\\seen", "\\Deleted", "$forwarded", "A"]).unwrap();
        assert_eq!(flags.names(), ["\\Deleted", "\\Seen", "$Forwarded", "A"]);
        flags.remove(&Flags::parse(&["\\Seen", "a"]).unwrap());
        assert_eq!(flags.names(), ["\\Deleted", "$Forwarded"]);
        flags.add(&[Flag::Draft].into_iter().collect());
        assert_eq!(flags.names(), ["\\Deleted", "\\Draft", "$Forwarded"]);
    }

    #[test]
    fn recent_and_unknown_system_flags_cannot_be_kept() {
        assert_eq!(Flags::parse(&["\\Recent"]), Err("\\Recent".to_string()));
        assert_eq!(Flags::parse(&["no atom"]), Err("no atom".to_string()));
    }

    #[test]
    fn keywords_do_not_grow_without_bound() {
        let names: Vec<String> = (0..1000).map(|n| format!("k{n}")).collect();
        assert_eq!(Flags::parse(&names).unwrap().names().len(), Flags::MAX_KEYWORDS);
    }
}
