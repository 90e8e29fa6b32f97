//! What the shapes mean: those that occur in this run, at the bottom.

use eframe::egui::epaint::PathShape;
use eframe::egui::{Align2, Rect, Shape, Stroke, Vec2, pos2, vec2};

use super::Ground;
use super::layout::LEGEND;
use super::letter::sheet;
use super::packets::{Form, cross};
use super::paint::measure;
use crate::gui::run::Run;
use crate::gui::theme::{Icon, Proto, reg, semi};
use crate::gui::widgets::{icon_at, text};

/// An entry of the legend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entry {
    /// A shape of packets.
    Form(Form),
    /// A lost packet.
    Lost,
}

/// Those that a run needs.
pub fn entries(run: &Run, any_lost: bool) -> Vec<Entry> {
    let mut forms: Vec<Form> = run.packets.rows().iter().map(|r| Form::of(&r.carries)).collect();
    forms.sort_unstable();
    forms.dedup();
    let mut entries: Vec<Entry> = forms.into_iter().map(Entry::Form).collect();
    if any_lost {
        entries.push(Entry::Lost);
    }
    entries
}

const fn words(entry: Entry) -> &'static str {
    match entry {
        Entry::Form(Form::Dot) => "TCP only",
        Entry::Form(Form::Bubble) => "command or reply",
        Entry::Form(Form::Sheet) => "part of the mail",
        Entry::Form(Form::Circle) => "DNS",
        Entry::Form(Form::Box) => "HTTP object",
        Entry::Form(Form::Square) => "ARP or ICMP",
        Entry::Form(Form::Sealed) => "sealed by TLS",
        Entry::Lost => "lost",
    }
}

/// Draws it.
pub fn draw(g: &Ground<'_>, entries: &[Entry]) {
    let (t, p) = (g.cx.t, &g.p);
    if !g.layout.has_legend() || entries.is_empty() {
        return;
    }
    let (font, region) = (reg(13.0), g.layout.region);
    let widths: Vec<f32> = entries.iter().map(|e| measure(p, words(*e), font.clone()).x + 26.0).collect();
    let gap = 20.0;
    // As many as have room.
    let mut count = entries.len();
    let whole = |count: usize| widths[..count].iter().sum::<f32>() + gap * (count as f32 - 1.0);
    while count > 1 && whole(count) > region.width() - 24.0 {
        count -= 1;
    }
    let mut x = region.center().x - whole(count) / 2.0;
    let y = (region.bottom() - LEGEND / 2.0 - 1.0).round();
    for (entry, width) in entries.iter().zip(&widths).take(count) {
        let c = pos2(x + 9.0, y);
        let tcp = t.proto(Proto::Tcp);
        match entry {
            Entry::Form(Form::Dot) => {
                p.circle_filled(c, 5.0, tcp);
            }
            Entry::Form(Form::Bubble) => {
                let r = Rect::from_center_size(c, vec2(18.0, 12.0));
                let points = vec![
                    r.left_top(),
                    pos2(r.right() - 5.0, r.top()),
                    r.right_center(),
                    pos2(r.right() - 5.0, r.bottom()),
                    r.left_bottom(),
                ];
                p.add(Shape::Path(PathShape::convex_polygon(points, t.surface, Stroke::new(1.5, tcp))));
            }
            Entry::Form(Form::Sheet) => {
                sheet(p, c, vec2(12.0, 15.0), t.accent, false, t);
            }
            Entry::Form(Form::Circle) => {
                p.circle_filled(c, 8.0, t.proto(Proto::Dns));
                text(p, c, Align2::CENTER_CENTER, "?", semi(12.0), t.ink(t.proto(Proto::Dns)));
            }
            Entry::Form(Form::Box) => {
                let r = Rect::from_center_size(c, vec2(13.0, 14.0));
                let points = vec![
                    r.left_top(),
                    pos2(r.right() - 5.0, r.top()),
                    pos2(r.right(), r.top() + 5.0),
                    r.right_bottom(),
                    r.left_bottom(),
                ];
                p.add(Shape::Path(PathShape::convex_polygon(points, t.proto(Proto::Http), Stroke::NONE)));
            }
            Entry::Form(Form::Square) => {
                p.rect_filled(Rect::from_center_size(c, Vec2::splat(11.0)), 3.0, tcp);
            }
            Entry::Form(Form::Sealed) => {
                p.rect_filled(Rect::from_center_size(c, vec2(16.0, 15.0)), 4.0, tcp);
                icon_at(p, c, Icon::Lock, 10.0, t.ink(tcp));
            }
            Entry::Lost => {
                cross(p, c, 8.0, t);
            }
        }
        text(p, pos2(x + 24.0, y), Align2::LEFT_CENTER, words(*entry), font.clone(), t.text2);
        x += width + gap;
    }
}
