//! Sequence numbers (RFC 9293 section 3.4): 32 bits on the wire, counted positions inside.

/// The number on the wire of `position`, in the direction that began with `initial`.
pub(super) fn number(initial: u32, position: u64) -> u32 {
    // Truncation is the wrapping that the RFC asks for.
    initial.wrapping_add(position as u32)
}

/// How far `number` lies behind (negative: before) `position`. Right while the distance is below 2^31,
/// which windows of 16 bits keep it well below for every honest segment.
pub(super) fn distance(initial: u32, position: u64, number: u32) -> i64 {
    i64::from(number.wrapping_sub(self::number(initial, position)) as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_wrap_and_positions_do_not() {
        let initial = u32::MAX - 1;
        assert_eq!(number(initial, 5), 3);
        assert_eq!(distance(initial, 5, 3), 0);
        assert_eq!(distance(initial, 5, initial), -5);
        assert_eq!(distance(initial, 1 << 40, number(initial, (1 << 40) + 9)), 9);
    }
}
