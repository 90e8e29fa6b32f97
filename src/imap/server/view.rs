//! RFC 3501 section 2.3.1.2: message sequence numbers. They are a session's own: a letter that another session
//! has expunged keeps its number here until this client has been told.

use imap_codec::imap_types::sequence::{SeqOrUid, Sequence, SequenceSet};

use super::host::Listed;

/// The open folder as this client knows it; number `n` is the entry at `n - 1`.
#[derive(Clone, Debug, Default)]
pub(super) struct View {
    messages: Vec<Listed>,
    /// Expunged by others, not told yet.
    gone: Vec<u32>,
}

impl View {
    pub fn new(messages: Vec<Listed>) -> Self {
        View { messages, gone: Vec::new() }
    }

    /// What EXISTS says.
    pub fn len(&self) -> u32 {
        self.messages.len() as u32
    }

    /// What RECENT says.
    pub fn recent(&self) -> u32 {
        self.messages.iter().filter(|m| m.recent).count() as u32
    }

    pub fn add(&mut self, new: &[Listed]) {
        self.messages.extend_from_slice(new);
    }

    pub fn uids(&self) -> Vec<u32> {
        self.messages.iter().map(|m| m.uid).collect()
    }

    /// Number of a letter, and whether it is `\Recent`.
    pub fn number(&self, uid: u32) -> Option<(u32, bool)> {
        let at = self.messages.binary_search_by_key(&uid, |m| m.uid).ok()?;
        Some((at as u32 + 1, self.messages[at].recent))
    }

    /// Remembers what was expunged until it may be told.
    pub fn mark_gone(&mut self, uids: &[u32]) {
        self.gone.extend_from_slice(uids);
        self.gone.sort_unstable();
    }

    /// Takes out what was remembered and gives the numbers to tell, each as it is when the ones before are gone:
    /// 3, 3, 5, 8 when 3, 4, 7 and 11 go (RFC 3501 section 7.4.1).
    pub fn tell_gone(&mut self) -> Vec<u32> {
        if self.gone.is_empty() {
            return Vec::new();
        }
        let gone = std::mem::take(&mut self.gone);
        let (mut at, mut numbers) = (0, Vec::with_capacity(gone.len()));
        self.messages.retain(|message| {
            let out = gone.binary_search(&message.uid).is_ok();
            if out {
                numbers.push(at + 1);
            } else {
                at += 1;
            }
            !out
        });
        numbers
    }

    /// UIDs that a set of sequence numbers means, in rising order.
    ///
    /// # Errors
    /// When a number is greater than the number of letters (RFC 3501, `seq-number`: answer BAD).
    pub fn by_numbers(&self, set: &SequenceSet) -> Result<Vec<u32>, ()> {
        let count = self.len();
        let mut ranges = Vec::new();
        for sequence in set.0.as_ref() {
            let (low, high) = ends(sequence, count);
            if low == 0 || high > count {
                return Err(());
            }
            ranges.push((low as usize - 1, high as usize));
        }
        Ok(self.pick(ranges))
    }

    /// UIDs of a set that there are, in rising order; those that there are not are no mistake (section 6.4.8).
    pub fn by_uids(&self, set: &SequenceSet) -> Vec<u32> {
        let Some(last) = self.messages.last() else { return Vec::new() };
        let range = |sequence| {
            let (low, high) = ends(sequence, last.uid);
            (self.messages.partition_point(|m| m.uid < low), self.messages.partition_point(|m| m.uid <= high))
        };
        self.pick(set.0.as_ref().iter().map(range).collect())
    }

    /// Ranges may overlap and come in any order (`*:4,5:7`).
    fn pick(&self, mut ranges: Vec<(usize, usize)>) -> Vec<u32> {
        ranges.sort_unstable();
        let (mut uids, mut next) = (Vec::new(), 0);
        for (start, end) in ranges {
            let start = start.max(next);
            if start < end {
                uids.extend(self.messages[start..end].iter().map(|m| m.uid));
                next = end;
            }
        }
        uids
    }
}

/// Both ends in order; `*` is the greatest number in use.
fn ends(sequence: &Sequence, greatest: u32) -> (u32, u32) {
    let value = |end: &SeqOrUid| match end {
        SeqOrUid::Value(n) => n.get(),
        SeqOrUid::Asterisk => greatest,
    };
    match sequence {
        Sequence::Single(one) => (value(one), value(one)),
        Sequence::Range(a, b) => (value(a).min(value(b)), value(a).max(value(b))),
    }
}

/// Whether a set holds `n`, when `greatest` is the greatest number in use.
pub(super) fn holds(set: &SequenceSet, n: u32, greatest: u32) -> bool {
    set.0.as_ref().iter().any(|sequence| {
        let (low, high) = ends(sequence, greatest);
        low <= n && n <= high
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(uids: impl IntoIterator<Item = u32>) -> View {
        View::new(uids.into_iter().map(|uid| Listed { uid, recent: false }).collect())
    }

    fn set(text: &str) -> SequenceSet {
        text.try_into().unwrap()
    }

    #[test]
    fn expunging_3_4_7_and_11_tells_3_3_5_8() {
        let mut view = view(1..=11);
        view.mark_gone(&[11, 3]);
        view.mark_gone(&[4, 7]);
        assert_eq!(view.tell_gone(), [3, 3, 5, 8]);
        assert_eq!(view.uids(), [1, 2, 5, 6, 8, 9, 10]);
        assert!(view.tell_gone().is_empty());
    }

    #[test]
    fn the_set_of_the_rfc_means_these_numbers() {
        let view = view((1..=15).map(|n| n * 10));
        let numbers = |text| view.by_numbers(&set(text)).map(|uids| uids.iter().map(|u| u / 10).collect::<Vec<_>>());
        assert_eq!(numbers("2,4:7,9,12:*").unwrap(), [2, 4, 5, 6, 7, 9, 12, 13, 14, 15]);
        assert_eq!(numbers("*:14,15,3:2").unwrap(), [2, 3, 14, 15]);
        assert_eq!(numbers("16"), Err(()));
        assert_eq!(numbers("1:16"), Err(()));
        assert_eq!(super::View::default().by_numbers(&set("*")), Err(()));
    }

    #[test]
    fn a_range_of_uids_up_to_the_star_holds_the_last_letter() {
        let view = view([4, 8, 495]);
        assert_eq!(view.by_uids(&set("559:*")), [495]);
        assert_eq!(view.by_uids(&set("1:8,5")), [4, 8]);
        assert!(view.by_uids(&set("9:400")).is_empty());
        assert!(super::View::default().by_uids(&set("1:*")).is_empty());
    }
}
