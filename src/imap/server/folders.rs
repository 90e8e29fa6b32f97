//! RFC 3501 sections 7.2.2 and 7.2.3: LIST and LSUB. A name that has others below it and is no folder itself is there
//! all the same, as `\Noselect`: it came to be when the folder was deleted (section 6.3.4) or never was one.

use imap_codec::imap_types::core::{Atom, QuotedChar};
use imap_codec::imap_types::flag::FlagNameAttribute;
use imap_codec::imap_types::mailbox::Mailbox;
use imap_codec::imap_types::response::Data;

use super::Server;
use super::pattern::{DELIMITER, matches};
use crate::imap::{Extension, utf7};

/// Names that say what a folder is for (RFC 6154). The store has no other sign of it.
const USES: [(&str, &str); 5] =
    [("Archive", "Archive"), ("Drafts", "Drafts"), ("Junk", "Junk"), ("Sent", "Sent"), ("Trash", "Trash")];

/// A name of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Named {
    name: String,
    /// It only has names below it.
    hollow: bool,
}

/// The names, and in front of each those above it that are none of them.
fn with_parents(names: &[String]) -> Vec<Named> {
    let mut all: Vec<Named> = Vec::with_capacity(names.len());
    for name in names {
        for (end, _) in name.match_indices(DELIMITER as char) {
            let parent = &name[..end];
            if !names.iter().any(|n| n == parent) && !all.iter().any(|n| n.name == parent) {
                all.push(Named { name: parent.to_string(), hollow: true });
            }
        }
        all.push(Named { name: name.clone(), hollow: false });
    }
    all
}

/// Whether a name lies below another one.
pub(super) fn is_below(name: &str, parent: &str) -> bool {
    name.strip_prefix(parent).is_some_and(|rest| rest.starts_with(DELIMITER as char))
}

/// What LSUB answers: a name that was not subscribed is told for one below it only, when `%` stops above that one.
fn subscribed_names(names: &[String], pattern: &[u8]) -> Vec<Named> {
    let stops = pattern.contains(&b'%');
    let mut found = with_parents(names);
    found.retain(|named| {
        let unseen = |n: &&String| is_below(n, &named.name) && !matches(pattern, n);
        matches(pattern, &named.name) && (!named.hollow || (stops && names.iter().any(|n| unseen(&n))))
    });
    found
}

fn attribute(name: &'static str) -> FlagNameAttribute<'static> {
    Atom::try_from(name).expect("the names of attributes are atoms").into()
}

impl Server {
    pub(super) fn say_folders(&mut self, names: &[String], pattern: &[u8], subscribed: bool) {
        let found = if subscribed {
            subscribed_names(names, pattern)
        } else {
            let mut all = with_parents(names);
            all.retain(|named| matches(pattern, &named.name));
            all
        };
        for Named { name, hollow } in found {
            let mut items = Vec::new();
            if hollow {
                items.push(FlagNameAttribute::Noselect);
            }
            if !subscribed && self.config.offers(Extension::Children) {
                let children = names.iter().any(|n| is_below(n, &name));
                items.push(attribute(if children { "HasChildren" } else { "HasNoChildren" }));
            }
            let used = USES.iter().find(|(known, _)| *known == name).filter(|_| !hollow && !subscribed);
            if let Some((_, word)) = used.filter(|_| self.config.offers(Extension::SpecialUse)) {
                items.push(attribute(word));
            }
            let Ok(mailbox) = Mailbox::try_from(utf7::encode(&name)) else { continue };
            let delimiter = Some(QuotedChar::unvalidated(DELIMITER as char));
            self.say_data(if subscribed {
                Data::Lsub { items, delimiter, mailbox }
            } else {
                Data::List { items, delimiter, mailbox }
            });
        }
    }

    /// The answer to `LIST "" ""`.
    pub(super) fn say_root(&mut self) {
        let mailbox = Mailbox::try_from("").expect("an empty name can be quoted");
        let delimiter = Some(QuotedChar::unvalidated(DELIMITER as char));
        self.say_data(Data::List { items: vec![FlagNameAttribute::Noselect], delimiter, mailbox });
    }

    /// The open folder may have another name now.
    pub(super) fn renamed(&mut self, from: &str, to: &str) {
        let Some(selected) = &mut self.selected else { return };
        // INBOX stays open under its name, and is empty.
        if selected.folder == from && from != "INBOX" {
            selected.folder = to.to_string();
        } else if is_below(&selected.folder, from) {
            selected.folder.replace_range(..from.len(), to);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(found: Vec<Named>) -> Vec<String> {
        found.into_iter().map(|n| n.name + if n.hollow { "?" } else { "" }).collect()
    }

    #[test]
    fn names_above_are_there_once_and_in_front() {
        let names = ["INBOX", "a/b/c", "a/d", "e"].map(str::to_string);
        assert_eq!(shown(with_parents(&names)), ["INBOX", "a?", "a/b?", "a/b/c", "a/d", "e"]);
    }

    #[test]
    fn lsub_tells_the_name_at_which_the_percent_stops() {
        // RFC 3501 section 6.3.9: foo/bar is subscribed, foo is not.
        let names = ["foo/bar".to_string()];
        assert_eq!(shown(subscribed_names(&names, b"%")), ["foo?"]);
        assert_eq!(shown(subscribed_names(&names, b"*")), ["foo/bar"]);
        assert_eq!(shown(subscribed_names(&names, b"foo/%")), ["foo/bar"]);
        assert!(subscribed_names(&names, b"foo").is_empty());
    }
}
