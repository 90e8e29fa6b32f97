//! Geometry of charts, apart from their painting: what stands at which point, from the record alone.
//!
//! Lengths are points (`f32`); nothing here knows a colour, a font or a window. What is drawn is computed from
//! places and instants that [`crate::explain`] has found, so that a chart can be tested without a screen.

pub mod axis;
pub mod ladder;
pub mod strip;

/// Lays intervals into as few lanes as there are at one time: each gets the first lane that is free. `intervals` are
/// half open and in order of their begin.
fn lanes(intervals: impl Iterator<Item = (usize, usize)>) -> Vec<usize> {
    let mut free_from: Vec<usize> = Vec::new();
    let place = |(begin, end): (usize, usize)| {
        let lane = free_from.iter().position(|free| *free <= begin).unwrap_or(free_from.len());
        match free_from.get_mut(lane) {
            Some(free) => *free = end,
            None => free_from.push(end),
        }
        lane
    };
    intervals.map(place).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_overlaps_stands_in_lanes_of_its_own() {
        let intervals = [(0, 10), (2, 4), (3, 8), (4, 6), (10, 12)];
        assert_eq!(super::lanes(intervals.into_iter()), [0, 1, 2, 1, 0]);
    }
}
