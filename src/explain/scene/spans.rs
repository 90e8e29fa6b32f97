//! Which of many things last at a place: a static tree of latest ends over spans in order of their begin.
//!
//! A span lasts at the places `begin..end`. Finding all that last at one place takes time in proportion to how
//! many there are, times the height of the tree; it does not matter where in the record the place is.

/// Spans under one node of the tree.
const FAN: usize = 16;

/// The end of what does not end in the record.
pub(super) const OPEN: u32 = u32::MAX;

/// See the [module](self).
#[derive(Clone, Debug, Default)]
pub(super) struct Spans {
    begins: Vec<u32>,
    /// The ends, then the latest of each group of [`FAN`], and so on up to one group.
    levels: Vec<Vec<u32>>,
}

impl Spans {
    /// From spans in order of their begin.
    pub fn new(spans: impl Iterator<Item = (u32, u32)>) -> Spans {
        let (begins, mut level): (Vec<u32>, Vec<u32>) = spans.unzip();
        debug_assert!(begins.is_sorted(), "spans come in order of their begin");
        let mut levels = Vec::new();
        while level.len() > FAN {
            let above = level.chunks(FAN).map(|group| group.iter().copied().max().unwrap_or(0)).collect();
            levels.push(std::mem::replace(&mut level, above));
        }
        levels.push(level);
        Spans { begins, levels }
    }

    /// The numbers of the spans that last at `place`, in order.
    pub fn at(&self, place: u32) -> Vec<usize> {
        let mut found = Vec::new();
        let begun = self.begins.partition_point(|begin| *begin <= place);
        if let Some(top) = self.levels.len().checked_sub(1) {
            for group in 0..self.levels[top].len() {
                self.search(top, group, begun, place, &mut found);
            }
        }
        found
    }

    /// The numbers of the spans that begin at one of the places `from..to`.
    pub fn begun_in(&self, from: u32, to: u32) -> std::ops::Range<usize> {
        let first = self.begins.partition_point(|begin| *begin < from);
        first..self.begins.partition_point(|begin| *begin < to).max(first)
    }

    fn search(&self, level: usize, at: usize, begun: usize, place: u32, found: &mut Vec<usize>) {
        if at * FAN.pow(level as u32) >= begun || self.levels[level][at] <= place {
            return;
        }
        if level == 0 {
            return found.push(at);
        }
        let below = at * FAN..(at * FAN + FAN).min(self.levels[level - 1].len());
        for child in below {
            self.search(level - 1, child, begun, place, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_finds_what_a_look_at_every_span_finds() {
        // Long spans, short ones, empty ones and some without end, in no regular order.
        let spans: Vec<(u32, u32)> = (0..3000u32)
            .map(|i| (i / 3, if i % 97 == 0 { OPEN } else { i / 3 + i.wrapping_mul(2_654_435_761) % 50 }))
            .collect();
        let tree = Spans::new(spans.iter().copied());
        for place in (0..1100).chain([OPEN - 1]) {
            let lasts = |(_, s): &(usize, &(u32, u32))| s.0 <= place && place < s.1;
            let all: Vec<usize> = spans.iter().enumerate().filter(lasts).map(|(i, _)| i).collect();
            assert_eq!(tree.at(place), all, "at {place}");
        }
        assert_eq!(tree.begun_in(1, 3), 3..9);
        assert_eq!(tree.begun_in(3, 1), 9..9);
        assert!(Spans::new([].into_iter()).at(0).is_empty());
    }
}
