//! Bytes of a stream, as the record keeps where they stand.

use std::ops::Range;

/// Where some bytes stand in a stream, in eight bytes: the first one, and below it in [`LENGTH`] bits how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch(u64);

/// Bits for the length.
const LENGTH: u32 = 16;

impl Stretch {
    /// None: there are more than 65,535, or they begin behind 2^48.
    #[inline]
    pub fn new(start: u64, length: u64) -> Option<Stretch> {
        (length >> LENGTH | start >> (u64::BITS - LENGTH) == 0).then_some(Stretch(start << LENGTH | length))
    }

    /// The first one.
    pub fn start(self) -> u64 {
        self.0 >> LENGTH
    }

    /// How many.
    pub fn length(self) -> u32 {
        self.0 as u32 & ((1 << LENGTH) - 1)
    }

    /// All of them.
    pub fn range(self) -> Range<u64> {
        self.start()..self.start() + u64::from(self.length())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_comes_out_as_it_went_in_and_the_rest_is_told() {
        let last = (1 << 48) - 1;
        for (start, length) in [(0, 0), (0, 65_535), (last, 0), (last, 65_535), (1_000_000, 1_460)] {
            let stretch = Stretch::new(start, length).unwrap();
            assert_eq!((stretch.start(), u64::from(stretch.length())), (start, length));
            assert_eq!(stretch.range(), start..start + length);
        }
        for (start, length) in [(0, 65_536), (last + 1, 0), (u64::MAX, u64::MAX)] {
            assert_eq!(Stretch::new(start, length), None);
        }
    }
}
