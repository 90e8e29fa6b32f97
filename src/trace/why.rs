//! Why did this happen? A walk back over the causes, not a search.

use super::{Cause, EntryId, Log};

/// The chain of causes of an entry, the entry itself first; it ends at an action or at the start.
pub fn why(log: &Log, id: EntryId) -> Vec<(EntryId, Cause)> {
    let mut chain = Vec::new();
    let mut next = Some(id);
    while let Some(id) = next {
        let cause = log.entry(id).cause;
        chain.push((id, cause));
        next = match cause {
            Cause::Entry(before) | Cause::Timer { armed_by: before } => {
                debug_assert!(before < id, "a cause comes before its effect");
                Some(before)
            }
            Cause::Start | Cause::Action(_) => None,
        };
    }
    chain
}
