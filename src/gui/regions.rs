//! Where everything stands, at every size of the window. Nothing overlaps and nothing is cut: a test holds it.

use eframe::egui::{Rect, Vec2, pos2, vec2};

use super::theme::GAP;

/// How much fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Width {
    /// Below 420 wide or 300 high: sentence and buttons.
    Tiny,
    /// Below 700: one view, `Step 4 of 6`, three buttons.
    Narrow,
    /// Below 1100: one view, the ribbon as discs.
    Single,
    /// Below 1500: what stands beside the stage slides in.
    Drawers,
    /// All.
    Full,
}

impl Width {
    /// Of a window of this size in points (after zoom).
    pub fn of(size: Vec2) -> Width {
        match (size.x, size.y) {
            (x, y) if x < 420.0 || y < 300.0 => Width::Tiny,
            (x, _) if x < 700.0 => Width::Narrow,
            (x, _) if x < 1100.0 => Width::Single,
            (x, _) if x < 1500.0 => Width::Drawers,
            _ => Width::Full,
        }
    }
}

/// One rectangle for each region; those that do not fit are `None`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Regions {
    /// How much fits.
    pub width: Width,
    /// Name of the scenario, layouts, search.
    pub top: Option<Rect>,
    /// The six steps, in full (with the strip) or as discs.
    pub ribbon: Option<Rect>,
    /// Whether the ribbon is only discs.
    pub folded: bool,
    /// The stage, or whatever view takes the large place.
    pub main: Option<Rect>,
    /// What stands beside it, or slides over its right edge.
    pub side: Option<Rect>,
    /// What a lesson says and asks.
    pub panel: Option<Rect>,
    /// What happened, what comes next; empty where it is not shown.
    pub sentence: Rect,
    /// Back, play, forward, axis; empty where it is not shown.
    pub time: Rect,
}

/// What is wanted besides the size.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Something stands beside the stage.
    pub side: bool,
    /// The ribbon is folded to discs (Compare, Workbench).
    pub folded: bool,
    /// One view fills the window between top bar and time row.
    pub fill: bool,
    /// A lesson takes its place.
    pub lesson: Option<Place>,
}

/// How much of the window a lesson takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A column beside the view; one of the two where there is no room for both.
    Beside,
    /// All between top bar and time row: a vote.
    Alone,
    /// Everything below the top bar: the list of lessons.
    List,
}

/// The regions of a window of this size, in points.
pub fn regions(size: Vec2, wanted: Wanted) -> Regions {
    let width = Width::of(size);
    let large = width == Width::Full && size.y >= 850.0;
    let low = size.y < 560.0;
    let row = |y: f32, h: f32| Rect::from_min_size(pos2(GAP, y), vec2((size.x - 2.0 * GAP).max(0.0), h.max(0.0)));
    if width == Width::Tiny && wanted.lesson.is_none() {
        let time = 52.0_f32.min(size.y * 0.4);
        return Regions {
            width,
            top: None,
            ribbon: None,
            folded: true,
            main: None,
            side: None,
            panel: None,
            sentence: row(GAP, size.y - time - 3.0 * GAP),
            time: row(size.y - time - GAP, time),
        };
    }
    if let Some(place) = wanted.lesson {
        return lesson(size, width, wanted.fill, place);
    }
    let top_h = if large { 48.0 } else { 44.0 };
    let sentence_h = match width {
        Width::Narrow => 76.0,
        _ if large => 76.0,
        _ => 60.0,
    };
    let time_h = match width {
        Width::Narrow => 52.0,
        _ if large => 68.0,
        _ => 60.0,
    };
    let folded = wanted.folded || wanted.fill || width <= Width::Single || low;
    let ribbon_h = match (folded, large) {
        (true, _) => 32.0,
        (false, true) => 104.0,
        (false, false) => 84.0,
    };
    let top = Rect::from_min_size(pos2(0.0, 0.0), vec2(size.x, top_h));
    let ribbon = row(top_h + GAP, ribbon_h);
    let time = row(size.y - GAP - time_h, time_h);
    let sentence = row(time.top() - GAP - sentence_h, sentence_h);
    let between = Rect::from_min_max(pos2(GAP, ribbon.bottom() + GAP), pos2(size.x - GAP, sentence.top() - GAP));
    let (main, side) = match (wanted.side, width) {
        (true, Width::Full) => {
            let x = between.right() - 440.0;
            let side = Rect::from_min_max(pos2(x, between.top()), between.max);
            (Rect::from_min_max(between.min, pos2(x - GAP, between.bottom())), Some(side))
        }
        (true, Width::Drawers) => {
            let x = between.right() - 400.0;
            let side = Rect::from_min_max(pos2(x, between.top()), between.max);
            (Rect::from_min_max(between.min, pos2(x - GAP, between.bottom())), Some(side))
        }
        // One view: what is asked for takes the place of the stage.
        (true, _) => (between, Some(between)),
        (false, _) => (between, None),
    };
    let main = (side != Some(main)).then_some(main);
    Regions { width, top: Some(top), ribbon: Some(ribbon), folded, main, side, panel: None, sentence, time }
}

/// The regions of the layout of lessons. There is no ribbon: the titles of its steps would tell what is asked.
fn lesson(size: Vec2, width: Width, fill: bool, place: Place) -> Regions {
    let large = width == Width::Full && size.y >= 850.0;
    let tiny = width == Width::Tiny;
    let top_h = match (tiny, large) {
        (true, _) => 0.0,
        (false, true) => 48.0,
        (false, false) => 44.0,
    };
    let time_h = match width {
        Width::Tiny => 52.0_f32.min(size.y * 0.4),
        Width::Narrow => 52.0,
        _ if large => 68.0,
        _ => 60.0,
    };
    let inside =
        Rect::from_min_max(pos2(GAP, top_h + GAP), pos2((size.x - GAP).max(GAP), (size.y - GAP).max(top_h + GAP)));
    let top = (!tiny).then(|| Rect::from_min_size(pos2(0.0, 0.0), vec2(size.x, top_h)));
    let nothing = Rect::from_min_size(inside.min, Vec2::ZERO);
    let time = match place {
        Place::List => nothing,
        _ => Rect::from_min_max(pos2(inside.left(), (inside.bottom() - time_h).max(inside.top())), inside.max),
    };
    let bottom = if place == Place::List { inside.bottom() } else { (time.top() - GAP).max(inside.top()) };
    let body = Rect::from_min_max(inside.min, pos2(inside.right(), bottom));
    let mut r = Regions {
        width,
        top,
        ribbon: None,
        folded: true,
        main: None,
        side: None,
        panel: None,
        sentence: nothing,
        time,
    };
    if place != Place::Beside {
        r.panel = Some(body);
    } else if width <= Width::Narrow {
        // One of the two.
        (r.main, r.panel) = if fill { (Some(body), None) } else { (None, Some(body)) };
    } else {
        let column = match width {
            Width::Full => 560.0,
            Width::Drawers => 440.0,
            _ => (size.x * 0.46).clamp(320.0, 440.0),
        };
        let x = body.right() - column;
        r.panel = Some(Rect::from_min_max(pos2(x, body.top()), body.max));
        let sentence_h = if large { 76.0 } else { 60.0 };
        let left = Rect::from_min_max(body.min, pos2(x - GAP, body.bottom()));
        if left.height() < 300.0 {
            r.main = Some(left);
        } else {
            r.sentence = Rect::from_min_max(pos2(left.left(), left.bottom() - sentence_h), left.max);
            r.main = Some(Rect::from_min_max(left.min, pos2(left.right(), r.sentence.top() - GAP)));
        }
    }
    r
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_screen_has_the_sizes_of_the_design() {
        let r = regions(vec2(1366.0, 690.0), Wanted::default());
        assert_eq!((r.top.unwrap().height(), r.ribbon.unwrap().height()), (44.0, 84.0));
        assert_eq!(r.main.unwrap().size(), vec2(1350.0, 402.0));
        assert_eq!((r.sentence.height(), r.time.height()), (60.0, 60.0));
        let r = regions(vec2(1920.0, 1000.0), Wanted { side: true, ..Wanted::default() });
        assert_eq!(r.main.unwrap().size(), vec2(1456.0, 664.0));
        assert_eq!(r.side.unwrap().width(), 440.0);
    }

    #[test]
    fn nothing_overlaps_at_any_size() {
        for x in (320..2600).step_by(37) {
            for y in (240..1500).step_by(29) {
                for bits in 0..14 {
                    let lesson = [Place::Beside, Place::Alone, Place::List];
                    let wanted = Wanted {
                        side: bits & 1 != 0,
                        folded: bits & 2 != 0,
                        fill: bits & 4 != 0,
                        lesson: (bits >= 8).then(|| lesson[(bits - 8) / 2]),
                    };
                    let size = vec2(x as f32, y as f32);
                    let r = regions(size, wanted);
                    let all = [r.top, r.ribbon, r.main, r.side, r.panel, Some(r.sentence), Some(r.time)];
                    let all: Vec<Rect> = all.into_iter().flatten().collect();
                    for (i, a) in all.iter().enumerate() {
                        assert!(a.width() >= 0.0 && a.height() >= 0.0, "{size} {wanted:?} {a:?}");
                        assert!(Rect::from_min_size(pos2(0.0, 0.0), size).contains_rect(*a), "{size} {a:?}");
                        for b in &all[..i] {
                            assert!(!a.shrink(0.5).intersects(b.shrink(0.5)), "{size} {wanted:?} {a:?} {b:?}");
                        }
                    }
                }
            }
        }
    }
}
