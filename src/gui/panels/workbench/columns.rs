//! Which columns the packet list has at a width. Info keeps 320 as long as anything else can give way.

use std::ops::Range;

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// No.
    Number,
    /// Time of sending.
    Time,
    /// From which host.
    Source,
    /// To which host.
    Destination,
    /// Both in one: `mail.a → mail.b`.
    Way,
    /// Innermost protocol.
    Protocol,
    /// Bytes of the frame.
    Length,
    /// In words.
    Info,
    /// Phase of the conversation, in a word.
    Phase,
    /// Its first letter.
    PhaseMark,
    /// Step of the story.
    Step,
}

impl Column {
    /// Its head.
    pub const fn head(self) -> &'static str {
        match self {
            Column::Number => "No.",
            Column::Time => "Time",
            Column::Source => "Source",
            Column::Destination => "Destination",
            Column::Way => "From \u{2192} to",
            Column::Protocol => "Protocol",
            Column::Length => "Length",
            Column::Info => "Info",
            Column::Phase => "Phase",
            Column::PhaseMark => "Ph.",
            Column::Step => "Step",
        }
    }

    /// Whether its text stands at the right.
    pub const fn right(self) -> bool {
        matches!(self, Column::Number | Column::Time | Column::Length)
    }
}

/// What the columns of a run need at least.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Needs {
    /// The largest number.
    pub number: f32,
    /// The latest time.
    pub time: f32,
    /// The longest name of a host.
    pub host: f32,
    /// Whether the story has steps.
    pub steps: bool,
}

/// Left of the first column: the mark of each packet.
pub const GUTTER: f32 = 22.0;
/// Between columns.
const GAP: f32 = 12.0;
/// Info is not narrower, as long as other columns can go.
const INFO: f32 = 320.0;
/// Info is never narrower, unless it stands almost alone.
const INFO_LEAST: f32 = 130.0;

/// The columns with their left and right edges, for a list of this width.
pub fn columns(width: f32, needs: &Needs) -> Vec<(Column, Range<f32>)> {
    use Column::*;
    let full = [Number, Time, Source, Destination, Protocol, Length, Info, Phase, Step];
    let stages: [&[Column]; 7] = [
        &full,
        &[Number, Time, Source, Destination, Protocol, Info, Phase, Step],
        &[Number, Time, Way, Protocol, Info, Phase, Step],
        &[Number, Time, Way, Protocol, Info, PhaseMark, Step],
        &[Number, Way, Protocol, Info, PhaseMark, Step],
        &[Number, Way, Protocol, Info],
        &[Number, Protocol, Info],
    ];
    let columns =
        |stage: &[Column]| -> Vec<Column> { stage.iter().copied().filter(|c| *c != Step || needs.steps).collect() };
    let rest = |stage: &[Column]| {
        let taken: f32 = stage.iter().filter(|c| **c != Info).map(|c| of(*c, needs) + GAP).sum();
        width - GUTTER - taken - GAP
    };
    let fits = |least: f32| stages.iter().map(|s| columns(s)).find(|s| rest(s) >= least);
    let chosen = fits(INFO).or_else(|| fits(INFO_LEAST)).unwrap_or_else(|| columns(stages[6]));
    let info = rest(&chosen).max(20.0);
    let mut x = GUTTER;
    let place = |column: Column| {
        let w = if column == Info { info } else { of(column, needs) };
        let range = x..x + w;
        x += w + GAP;
        (column, range)
    };
    chosen.into_iter().map(place).collect()
}

fn of(column: Column, needs: &Needs) -> f32 {
    match column {
        Column::Number => needs.number.max(24.0),
        Column::Time => needs.time.max(40.0),
        Column::Source | Column::Destination => needs.host.clamp(74.0, 130.0),
        Column::Way => (needs.host.clamp(50.0, 110.0) * 2.0 + 22.0).min(200.0),
        Column::Protocol => 54.0,
        Column::Length => 46.0,
        Column::Info => 0.0,
        Column::Phase => 92.0,
        Column::PhaseMark | Column::Step => 30.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEEDS: Needs = Needs { number: 24.0, time: 84.0, host: 66.0, steps: true };

    fn names(width: f32) -> Vec<Column> {
        columns(width, &NEEDS).into_iter().map(|(c, _)| c).collect()
    }

    #[test]
    fn columns_give_way_to_info_in_the_order_of_the_design() {
        use Column::*;
        assert!(names(1000.0).contains(&Length));
        // First Length, then Source and Destination join, then Phase and Step become marks.
        let mut before = names(1000.0);
        let mut seen = Vec::new();
        for width in (280..1000).rev() {
            let now = names(width as f32);
            if now != before {
                seen.push(now.clone());
                before = now;
            }
        }
        assert!(!seen[0].contains(&Length) && seen[0].contains(&Source));
        assert!(seen[1].contains(&Way) && seen[1].contains(&Phase));
        assert!(seen[2].contains(&PhaseMark) && seen[2].contains(&Time));
        assert_eq!(seen.last().unwrap(), &[Number, Protocol, Info]);
    }

    #[test]
    fn info_keeps_its_width_and_nothing_overlaps() {
        for width in 200..2000 {
            let all = columns(width as f32, &NEEDS);
            for pair in all.windows(2) {
                assert!(pair[0].1.end < pair[1].1.start);
            }
            if width >= 440 {
                assert!(all.last().unwrap().1.end <= width as f32, "{width}");
            }
            if all.iter().any(|(c, _)| matches!(c, Column::Source | Column::Length | Column::Phase)) {
                let info = all.iter().find(|(c, _)| *c == Column::Info).unwrap();
                assert!(info.1.end - info.1.start >= 320.0, "{width}");
            }
        }
    }
}
