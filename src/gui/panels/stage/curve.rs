//! A way on the map: points with the length up to each of them, so that a share of the way is a place.

use eframe::egui::{Pos2, Rect, Vec2, pos2, vec2};

/// See the [module](self).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    points: Vec<Pos2>,
    /// Length from the begin to each point.
    lengths: Vec<f32>,
}

impl Curve {
    /// Through these points; equal neighbours become one.
    pub fn new(points: impl IntoIterator<Item = Pos2>) -> Curve {
        let mut curve = Curve::default();
        for p in points {
            let step = curve.points.last().map(|q| q.distance(p));
            if step.is_none_or(|d| d > 0.01) {
                let before = curve.lengths.last().copied().unwrap_or(0.0);
                curve.points.push(p);
                curve.lengths.push(before + step.unwrap_or(0.0));
            }
        }
        curve
    }

    /// A cubic curve.
    pub fn cubic(a: Pos2, b: Pos2, c: Pos2, d: Pos2) -> Curve {
        const PIECES: usize = 24;
        Curve::new((0..=PIECES).map(|i| {
            let t = i as f32 / PIECES as f32;
            let u = 1.0 - t;
            let sum = a.to_vec2() * (u * u * u)
                + b.to_vec2() * (3.0 * u * u * t)
                + c.to_vec2() * (3.0 * u * t * t)
                + d.to_vec2() * (t * t * t);
            sum.to_pos2()
        }))
    }

    /// Straight pieces, with round corners.
    pub fn rounded(corners: &[Pos2], radius: f32) -> Curve {
        let mut points = Vec::new();
        for (i, &p) in corners.iter().enumerate() {
            let (Some(before), Some(after)) = (i.checked_sub(1).map(|j| corners[j]), corners.get(i + 1)) else {
                points.push(p);
                continue;
            };
            let (back, on) = (before - p, *after - p);
            let r = radius.min(back.length() / 2.0).min(on.length() / 2.0);
            let (a, b) = (p + back.normalized() * r, p + on.normalized() * r);
            points.extend((0..=8).map(|k| {
                let t = k as f32 / 8.0;
                let u = 1.0 - t;
                (a.to_vec2() * (u * u) + p.to_vec2() * (2.0 * u * t) + b.to_vec2() * (t * t)).to_pos2()
            }));
        }
        Curve::new(points)
    }

    /// One behind the other; gaps are crossed straight.
    pub fn joined<'a>(parts: impl IntoIterator<Item = (&'a Curve, bool)>) -> Curve {
        Curve::smooth(parts, 0.0)
    }

    /// One behind the other; each turn begins and ends `room` points away from the gap, and is round.
    pub fn smooth<'a>(parts: impl IntoIterator<Item = (&'a Curve, bool)>, room: f32) -> Curve {
        let mut points: Vec<Pos2> = Vec::new();
        let mut parts = parts.into_iter().filter(|(c, _)| !c.is_empty()).peekable();
        let mut first = true;
        while let Some((curve, backwards)) = parts.next() {
            let (begin, end) = (if first { 0.0 } else { room }, if parts.peek().is_some() { room } else { 0.0 });
            let (head, tail) = if backwards { (end, begin) } else { (begin, end) };
            let mut part = curve.trimmed(head, tail).points;
            if backwards {
                part.reverse();
            }
            if let (Some(&from), Some(&to), true) = (points.last(), part.first(), room > 0.0) {
                // The turn: about the middle of the gap.
                let ends = |c: &Curve, back: bool, last: bool| if back == last { c.at(0.0).0 } else { c.at(1.0).0 };
                let near = ends(curve, backwards, false);
                let before = from + (from - points[points.len().saturating_sub(2)]).normalized() * room;
                let middle = ((before.to_vec2() + near.to_vec2()) / 2.0).to_pos2();
                points.extend((1..8).map(|k| {
                    let t = k as f32 / 8.0;
                    let u = 1.0 - t;
                    (from.to_vec2() * (u * u) + middle.to_vec2() * (2.0 * u * t) + to.to_vec2() * (t * t)).to_pos2()
                }));
            }
            points.extend(part);
            first = false;
        }
        Curve::new(points)
    }

    /// Its points.
    pub fn points(&self) -> &[Pos2] {
        &self.points
    }

    /// Whether it leads nowhere.
    pub fn is_empty(&self) -> bool {
        self.points.len() < 2
    }

    /// Its length.
    pub fn length(&self) -> f32 {
        self.lengths.last().copied().unwrap_or(0.0)
    }

    /// The place after `share` of the way, and the direction there (length 1).
    pub fn at(&self, share: f32) -> (Pos2, Vec2) {
        let wanted = share.clamp(0.0, 1.0) * self.length();
        let after = self.lengths.partition_point(|l| *l < wanted).clamp(1, self.points.len().max(2) - 1);
        let (Some(a), Some(b)) = (self.points.get(after - 1), self.points.get(after)) else {
            return (self.points.first().copied().unwrap_or_default(), vec2(1.0, 0.0));
        };
        let (from, to) = (self.lengths[after - 1], self.lengths[after]);
        let t = if to > from { (wanted - from) / (to - from) } else { 0.0 };
        (*a + (*b - *a) * t, (*b - *a).normalized())
    }

    /// The piece between two shares of the way.
    pub fn part(&self, from: f32, to: f32) -> Curve {
        if self.is_empty() || to <= from {
            return Curve::default();
        }
        let (low, high) = (from * self.length(), to * self.length());
        let inner = self.points.iter().zip(&self.lengths).filter(|(_, l)| **l > low && **l < high).map(|(p, _)| *p);
        Curve::new([self.at(from).0].into_iter().chain(inner).chain([self.at(to).0]))
    }

    /// The same without so many points of length at its ends.
    pub fn trimmed(&self, begin: f32, end: f32) -> Curve {
        let whole = self.length();
        if whole <= begin + end {
            let middle = self.at(0.5).0;
            return Curve { points: vec![middle; 2], lengths: vec![0.0, 0.0] };
        }
        self.part(begin / whole, 1.0 - end / whole)
    }

    /// The same way, `by` points to its right (as seen on the way; screen coordinates).
    pub fn offset(&self, by: f32) -> Vec<Pos2> {
        let n = self.points.len();
        (0..n)
            .map(|i| {
                let (a, b) = (self.points[i.saturating_sub(1)], self.points[(i + 1).min(n - 1)]);
                let along = (b - a).normalized();
                self.points[i] + vec2(-along.y, along.x) * by
            })
            .collect()
    }

    /// As [`Curve::offset`], without the loops that lie inside of a turn narrower than `by`.
    pub fn parallel(&self, by: f32) -> Vec<Pos2> {
        /// Points on either side whose neighbourhood is looked at: more than a turn has.
        const NEAR: usize = 20;
        let last = self.points.len().saturating_sub(1);
        let clear = |i: usize, p: Pos2| {
            let near = &self.points[i.saturating_sub(NEAR)..(i + NEAR + 1).min(last + 1)];
            near.iter().all(|q| q.distance(p) > by.abs() - 0.5)
        };
        let all = self.offset(by).into_iter().enumerate();
        all.filter(|(i, p)| *i == 0 || *i == last || clear(*i, *p)).map(|(_, p)| p).collect()
    }

    /// Whether it runs through a rectangle.
    pub fn crosses(&self, rect: Rect) -> bool {
        let whole = self.length();
        let steps = (whole / 3.0).ceil().max(1.0) as usize;
        (0..=steps).any(|i| rect.contains(self.at(i as f32 / steps as f32).0))
    }
}

/// A calm curve between two points that leaves and comes in level.
pub fn level(a: Pos2, b: Pos2) -> Curve {
    let middle = (a.x + b.x) / 2.0;
    Curve::cubic(a, pos2(middle, a.y), pos2(middle, b.y), b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_way_is_a_place() {
        let curve = Curve::new([pos2(0.0, 0.0), pos2(30.0, 0.0), pos2(30.0, 10.0)]);
        assert_eq!(curve.length(), 40.0);
        assert_eq!(curve.at(0.5), (pos2(20.0, 0.0), vec2(1.0, 0.0)));
        assert_eq!(curve.at(1.0), (pos2(30.0, 10.0), vec2(0.0, 1.0)));
        assert_eq!(curve.part(0.5, 1.0).points(), [pos2(20.0, 0.0), pos2(30.0, 0.0), pos2(30.0, 10.0)]);
        assert_eq!(curve.trimmed(10.0, 10.0).points(), [pos2(10.0, 0.0), pos2(30.0, 0.0)]);
        assert_eq!(Curve::new([]).at(0.3).0, pos2(0.0, 0.0));
        assert!(Curve::new([pos2(1.0, 2.0)]).is_empty());
    }

    #[test]
    fn ways_are_joined_in_either_direction() {
        let (a, b) = (Curve::new([pos2(0.0, 0.0), pos2(10.0, 0.0)]), Curve::new([pos2(30.0, 0.0), pos2(20.0, 0.0)]));
        let whole = Curve::joined([(&a, false), (&b, true)]);
        assert_eq!(whole.points(), [pos2(0.0, 0.0), pos2(10.0, 0.0), pos2(20.0, 0.0), pos2(30.0, 0.0)]);
        assert_eq!(whole.offset(2.0)[1], pos2(10.0, 2.0), "to the right of an eastward way is down");
    }

    #[test]
    fn beside_a_narrow_turn_there_is_no_loop() {
        let turn = Curve::rounded(&[pos2(0.0, 0.0), pos2(40.0, 0.0), pos2(40.0, 40.0)], 3.0);
        for by in [-8.0, 8.0] {
            let beside = turn.parallel(by);
            let steps: Vec<Vec2> = beside.windows(2).map(|w| w[1] - w[0]).collect();
            assert!(steps.iter().all(|s| s.x > -0.5 && s.y > -0.5), "it goes on east and south: {beside:?}");
        }
        assert!(turn.offset(8.0).windows(2).any(|w| w[1].x < w[0].x - 0.5), "inside, the points go back");
    }

    #[test]
    fn corners_are_round_and_ends_stay() {
        let curve = Curve::rounded(&[pos2(0.0, 0.0), pos2(50.0, 0.0), pos2(50.0, 50.0)], 10.0);
        assert_eq!(curve.at(0.0).0, pos2(0.0, 0.0));
        assert_eq!(curve.at(1.0).0, pos2(50.0, 50.0));
        assert!(curve.points().iter().all(|p| p.distance(pos2(50.0, 0.0)) > 3.0), "the corner itself is not touched");
        assert!(curve.crosses(Rect::from_center_size(pos2(25.0, 0.0), vec2(4.0, 4.0))));
        assert!(!curve.crosses(Rect::from_center_size(pos2(25.0, 20.0), vec2(4.0, 4.0))));
    }
}
