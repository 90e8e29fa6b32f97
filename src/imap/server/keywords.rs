//! RFC 3501 section 7.2.6: FLAGS tells which flags there are in a mailbox. Keywords come to be by being used, so it is
//! told again, in front of the first letter that shows a new one.

use imap_codec::imap_types::core::Atom;
use imap_codec::imap_types::flag::{Flag as Wire, FlagPerm};
use imap_codec::imap_types::response::Data;

use super::Server;
use crate::imap::{Flag, Flags};

/// Keywords beyond this many are not told in FLAGS: the line would not end.
const MOST: usize = 256;

/// What the client was told in FLAGS, beyond the flags that every mailbox has.
#[derive(Clone, Debug, Default)]
pub(super) struct Keywords(Vec<String>);

impl Keywords {
    /// Those of a mailbox that is opened.
    pub fn new(mut words: Vec<String>) -> Self {
        words.truncate(MOST);
        Keywords(words)
    }

    /// Adds what is new; says whether there was something.
    fn learn<'f>(&mut self, flags: impl Iterator<Item = &'f Flags>) -> bool {
        let before = self.0.len();
        for word in flags.flat_map(Flags::keywords) {
            if self.0.len() < MOST && !self.0.iter().any(|known| known.eq_ignore_ascii_case(word)) {
                self.0.push(word.to_string());
            }
        }
        self.0.len() > before
    }

    fn wire(&self) -> impl Iterator<Item = Wire<'static>> {
        let words = self.0.iter().filter_map(|word| Atom::try_from(word.clone()).ok().map(Wire::Keyword));
        Flag::ALL.into_iter().map(Flag::wire).chain(words)
    }

    /// For PERMANENTFLAGS: all of them, and `\\*`, for new ones can be made.
    pub fn permanent(&self) -> Vec<FlagPerm<'static>> {
        self.wire().map(FlagPerm::from).chain([FlagPerm::Asterisk]).collect()
    }
}

impl Server {
    /// The FLAGS response of the open folder.
    pub(super) fn say_keywords(&mut self) {
        let Some(selected) = &self.selected else { return };
        let all = selected.keywords.wire().collect();
        self.say_data(Data::Flags(all));
    }

    /// Letters with these flags are about to be shown.
    pub(super) fn learn_keywords<'f>(&mut self, flags: impl Iterator<Item = &'f Flags>) {
        if self.selected.as_mut().is_some_and(|selected| selected.keywords.learn(flags)) {
            self.say_keywords();
        }
    }
}
