//! The layers of a packet as a tree, under Wireshark's names. Choosing a field lights its bytes, and bytes their field.

use std::collections::BTreeMap;
use std::ops::Range;

use eframe::egui::{
    self, Align2, CornerRadius, EventFilter, Key, Modifiers, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};

use super::shown::{Looked, Shown, colour};
use crate::dissect::{Field, LayerKind};
use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::desk::Thing;
use crate::gui::keys::Folds;
use crate::gui::theme::{Icon, alpha, mono, reg, semi};
use crate::gui::widgets::{Pointing, elided, focus_ring, icon_at, text};

/// Height of a layer's row.
const LAYER: f32 = 26.0;
/// Height of a field's row.
const FIELD: f32 = 22.0;
/// How far each level stands in.
const INDENT: f32 = 14.0;

/// See the [module](self).
#[derive(Default)]
pub struct LayerTree {
    /// What the user opened or closed, by Wireshark's name: it stays so for the next packet.
    folds: BTreeMap<&'static str, bool>,
    /// The row with the keyboard, by name and bytes.
    cursor: Option<(&'static str, Range<usize>)>,
    pointing: Pointing,
    seen: Option<(u32, Range<usize>)>,
}

/// A row that is shown.
struct Row<'a> {
    layer: usize,
    depth: usize,
    name: &'static str,
    label: &'a str,
    value: &'a str,
    span: &'a Range<usize>,
    /// Whether it has rows of its own, and shows them.
    folds: Option<bool>,
    y: f32,
}

impl Row<'_> {
    fn height(&self) -> f32 {
        if self.depth == 0 { LAYER } else { FIELD }
    }
}

impl LayerTree {
    /// Draws into `ui.max_rect()`.
    pub fn show(&mut self, ui: &mut Ui, looked: &Looked, lit: Option<Range<usize>>, cx: &Cx<'_>) {
        let whole = ui.max_rect();
        let id = ui.scope_id().with("tree");
        let response = ui.interact(whole, id, Sense::focusable_noninteractive());
        response.widget_info(|| WidgetInfo::labeled(Role::Tree, true, "Layers of the packet"));
        ui.data_mut(|d| d.insert_temp(id, Folds));
        let fresh = self.reveal(looked, lit.as_ref());
        let (rows, height) = self.rows(looked);
        let key = response.has_focus().then(|| keys(ui, id)).flatten();
        let mut inside = ui.new_child(egui::UiBuilder::new().id_salt("rows").max_rect(whole));
        inside.spacing_mut().item_spacing = vec2(0.0, 0.0);
        inside.set_clip_rect(whole.intersect(ui.clip_rect()));
        let mut area = ScrollArea::vertical().id_salt("tree").auto_shrink([false, false]);
        let current = lit.as_ref().and_then(|lit| self.current(&rows, lit));
        if let (true, Some(i)) = (fresh, current) {
            let row = &rows[i];
            // Only as far as it must: the offset is kept inside what is shown.
            let y = row.y - (whole.height() - row.height()) / 2.0;
            area = area.vertical_scroll_offset(y.clamp(0.0, (height - whole.height()).max(0.0)).round());
        }
        let pointed = Shown::pointed(cx, looked);
        let mut act = None;
        area.show_viewport(&mut inside, |ui, viewport| {
            ui.set_height(height);
            let origin = ui.max_rect().left_top();
            let width = ui.max_rect().width();
            for (i, row) in rows.iter().enumerate() {
                if row.y + row.height() < viewport.top() || row.y > viewport.bottom() {
                    continue;
                }
                let rect = Rect::from_min_size(pos2(origin.x, origin.y + row.y), vec2(width, row.height()));
                let state = Look {
                    lit: current == Some(i),
                    same: lit.as_ref() == Some(row.span),
                    pointed: pointed.as_ref() == Some(row.span),
                };
                if let Some(a) = self.row(ui, rect, i, row, looked, state, cx) {
                    act = Some((i, a));
                }
            }
        });
        if response.has_focus() {
            focus_ring(ui, whole.shrink(5.0), 4, cx.t);
        }
        if let Some(key) = key {
            act = on_key(key, &rows, current);
        }
        if let Some((i, act)) = act {
            let row = &rows[i];
            let (name, span) = (row.name, row.span.clone());
            match act {
                Act::Choose => {
                    let thing = Thing::Bytes(looked.packet, span.start, span.end);
                    self.cursor = Some((name, span));
                    cx.send(Command::Select(Some(thing)));
                }
                Act::Fold(open) => {
                    self.folds.insert(name, open);
                }
            }
        }
        self.pointing.done(cx);
    }

    /// Opens what hides the lit bytes when they were lit elsewhere; says whether something was lit anew.
    fn reveal(&mut self, looked: &Looked, lit: Option<&Range<usize>>) -> bool {
        let key = lit.map(|l| (looked.packet.0, l.clone()));
        if key == self.seen {
            return false;
        }
        self.seen = key;
        let Some(lit) = lit else { return false };
        if self.cursor.as_ref().is_some_and(|(_, span)| span == lit) {
            return true;
        }
        self.cursor = None;
        for layer in looked.dissection.layers.iter().rev() {
            let mut path = Vec::new();
            if find(&layer.fields, lit, &mut path) {
                self.folds.insert(layer.abbr, true);
                for name in path {
                    self.folds.insert(name, true);
                }
                return true;
            }
        }
        true
    }

    /// The row of what is lit: the one that was chosen here, else the first with exactly these bytes.
    fn current(&self, rows: &[Row<'_>], lit: &Range<usize>) -> Option<usize> {
        let chosen = self.cursor.as_ref().filter(|(_, span)| span == lit);
        let by_name = chosen.and_then(|(name, span)| rows.iter().position(|r| r.name == *name && r.span == span));
        by_name.or_else(|| rows.iter().rposition(|r| r.span == lit))
    }

    fn open(&self, name: &'static str, default: bool) -> bool {
        self.folds.get(name).copied().unwrap_or(default)
    }

    fn rows<'a>(&self, looked: &'a Looked) -> (Vec<Row<'a>>, f32) {
        let (mut rows, mut y) = (Vec::new(), 4.0);
        // At first what the packet is about is open: the largest part of the application, else the innermost layer.
        let of_application =
            looked.dissection.layers.iter().enumerate().filter(|(_, l)| l.kind == LayerKind::Application);
        let largest = of_application.max_by_key(|(_, l)| l.span.len()).map(|(i, _)| i);
        let first = largest.unwrap_or(looked.dissection.layers.len().saturating_sub(1));
        for (i, layer) in looked.dissection.layers.iter().enumerate() {
            let open = self.open(layer.abbr, i == first);
            rows.push(Row {
                layer: i,
                depth: 0,
                name: layer.abbr,
                label: layer.name,
                value: &layer.summary,
                span: &layer.span,
                folds: (!layer.fields.is_empty()).then_some(open),
                y,
            });
            y += LAYER;
            if open {
                self.fields(i, 1, &layer.fields, &mut rows, &mut y);
                y += 2.0;
            }
        }
        (rows, y + 4.0)
    }

    fn fields<'a>(&self, layer: usize, depth: usize, fields: &'a [Field], rows: &mut Vec<Row<'a>>, y: &mut f32) {
        for field in fields {
            let open = self.open(field.name, false);
            rows.push(Row {
                layer,
                depth,
                name: field.name,
                label: &field.label,
                value: &field.value,
                span: &field.span,
                folds: (!field.children.is_empty()).then_some(open),
                y: *y,
            });
            *y += FIELD;
            if open {
                self.fields(layer, depth + 1, &field.children, rows, y);
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one row of one tree, called from one place")]
    fn row(
        &mut self,
        ui: &Ui,
        rect: Rect,
        i: usize,
        row: &Row<'_>,
        looked: &Looked,
        look: Look,
        cx: &Cx<'_>,
    ) -> Option<Act> {
        let t = cx.t;
        let response = ui.interact(rect, ui.scope_id().with(("row", i)), Sense::CLICK);
        let says = match row.value {
            "" => row.label.to_owned(),
            value => format!("{}: {value}", row.label),
        };
        response.widget_info(|| WidgetInfo::selected(Role::TreeItem, true, look.lit, format!("{says} ({})", row.name)));
        self.pointing.at(&response, || Thing::Bytes(looked.packet, row.span.start, row.span.end));
        let p = ui.painter();
        let plate = rect.shrink2(vec2(6.0, 0.0));
        let corner = CornerRadius::same(4);
        if look.lit {
            p.rect(plate, corner, t.tint(t.accent), Stroke::new(2.0, t.accent), StrokeKind::Inside);
        } else if look.same {
            p.rect_filled(plate, corner, t.tint(t.accent));
        } else if response.hovered() {
            p.rect_filled(plate, corner, alpha(t.text, 0.05));
        }
        if look.pointed && !look.lit {
            p.rect_stroke(plate, corner, Stroke::new(1.5, t.text3), StrokeKind::Inside);
        }
        let indent = rect.left() + 12.0 + INDENT * row.depth as f32;
        if let Some(open) = row.folds {
            let icon = if open { Icon::ChevronDown } else { Icon::ChevronRight };
            icon_at(p, pos2(indent + 6.0, rect.center().y), icon, 13.0, t.text2);
        }
        if row.depth == 0 {
            let bar = Rect::from_center_size(pos2(indent + 20.0, rect.center().y), vec2(5.0, 15.0));
            p.rect_filled(bar, CornerRadius::same(2), colour(&looked.dissection.layers[row.layer], t));
            let size = match row.span.len() {
                1 => "1 byte".to_owned(),
                n => format!("{n} bytes"),
            };
            let x = indent + 29.0;
            let size =
                text(p, pos2(rect.right() - 14.0, rect.center().y), Align2::RIGHT_CENTER, size, reg(12.0), t.text3);
            let right = size.left() - 10.0;
            let (name, _) = elided(p, pos2(x, rect.center().y), row.label, semi(13.0), t.text, right - x);
            let x = name.right() + 9.0;
            if right - x > 24.0 {
                elided(p, pos2(x, rect.center().y), row.value, reg(12.5), t.text2, right - x);
            }
        } else {
            let x = indent + 15.0;
            let right = rect.right() - 12.0;
            // Values stand in a column; one whose label is long gives way as far as it can.
            let column = (rect.left() + 12.0 + (rect.width() - 24.0) * 0.44).max(x + 60.0);
            let width = |s: &str, font| p.layout_no_wrap(s.to_owned(), font, t.text).size().x;
            let (label, value) = (width(row.label, reg(12.5)), width(row.value, mono(12.5)));
            let beside = column.max((x + label + 10.0).min(right - value));
            let at = if row.label.is_empty() { x } else { beside };
            let room = if row.value.is_empty() { right - x } else { at - x - 10.0 };
            elided(p, pos2(x, rect.center().y), row.label, reg(12.5), t.text2, room);
            elided(p, pos2(at, rect.center().y), row.value, mono(12.5), t.text, right - at);
        }
        let chevron = row.folds.is_some() && response.interact_pointer_pos().is_some_and(|at| at.x < indent + 15.0);
        let act = match row.folds {
            Some(open) if response.double_clicked() && !chevron => Some(Act::Fold(!open)),
            Some(open) if response.clicked() && chevron => Some(Act::Fold(!open)),
            _ if response.clicked() => Some(Act::Choose),
            _ => None,
        };
        response.on_hover_ui(|ui| {
            ui.set_max_width(420.0);
            ui.label(egui::RichText::new(&says).font(reg(13.0)).color(t.text));
            ui.label(egui::RichText::new(row.name).font(mono(12.5)).color(t.accent_text));
        });
        act
    }
}

/// How a row stands out.
#[derive(Clone, Copy)]
struct Look {
    lit: bool,
    same: bool,
    pointed: bool,
}

/// What was done to a row.
enum Act {
    Choose,
    Fold(bool),
}

/// The names of the fields on the way to the one with exactly these bytes (or the smallest around them).
fn find(fields: &[Field], lit: &Range<usize>, path: &mut Vec<&'static str>) -> bool {
    for field in fields {
        if field.span.start <= lit.start && lit.end <= field.span.end && !field.span.is_empty() {
            path.push(field.name);
            if field.span == *lit || find(&field.children, lit, path) {
                // Its own rows need not be open to see it.
                if field.span == *lit {
                    path.pop();
                }
                return true;
            }
            path.pop();
            return true;
        }
    }
    false
}

/// The arrow that was pressed.
fn keys(ui: &Ui, id: egui::Id) -> Option<Key> {
    let filter = EventFilter { vertical_arrows: true, horizontal_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|m| m.set_focus_lock_filter(id, filter));
    let arrows = [Key::ArrowUp, Key::ArrowDown, Key::ArrowLeft, Key::ArrowRight, Key::Space, Key::Enter];
    ui.input_mut(|i| arrows.into_iter().find(|k| i.consume_key(Modifiers::NONE, *k)))
}

/// Up and Down move, Right opens or goes in, Left closes or goes out.
fn on_key(key: Key, rows: &[Row<'_>], current: Option<usize>) -> Option<(usize, Act)> {
    let Some(i) = current else { return (!rows.is_empty()).then_some((0, Act::Choose)) };
    let row = &rows[i];
    let choose = |i: usize| rows.get(i).map(|_| (i, Act::Choose));
    match (key, row.folds) {
        (Key::ArrowUp, _) => choose(i.checked_sub(1)?),
        (Key::ArrowDown, _) => choose(i + 1),
        (Key::ArrowRight | Key::Space | Key::Enter, Some(false)) => Some((i, Act::Fold(true))),
        (Key::ArrowRight, Some(true)) => choose(i + 1),
        (Key::ArrowLeft | Key::Space | Key::Enter, Some(true)) => Some((i, Act::Fold(false))),
        (Key::ArrowLeft, _) => choose(rows[..i].iter().rposition(|r| r.depth < row.depth)?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows<'a>(spans: &'a [Range<usize>], shape: &[(usize, Option<bool>)]) -> Vec<Row<'a>> {
        let row = |(i, (depth, folds)): (usize, &(usize, Option<bool>))| Row {
            layer: 0,
            depth: *depth,
            name: "x",
            label: "",
            value: "",
            span: &spans[i],
            folds: *folds,
            y: 0.0,
        };
        shape.iter().enumerate().map(row).collect()
    }

    #[test]
    fn arrows_move_and_fold_as_in_every_tree() {
        let spans = [0..4, 0..1, 1..2];
        let rows = rows(&spans, &[(0, Some(true)), (1, Some(false)), (1, None)]);
        assert!(matches!(on_key(Key::ArrowDown, &rows, None), Some((0, Act::Choose))));
        assert!(matches!(on_key(Key::ArrowDown, &rows, Some(0)), Some((1, Act::Choose))));
        assert!(matches!(on_key(Key::ArrowRight, &rows, Some(1)), Some((1, Act::Fold(true)))));
        assert!(matches!(on_key(Key::ArrowLeft, &rows, Some(2)), Some((0, Act::Choose))));
        assert!(matches!(on_key(Key::ArrowLeft, &rows, Some(0)), Some((0, Act::Fold(false)))));
        assert!(on_key(Key::ArrowUp, &rows, Some(0)).is_none());
        assert!(on_key(Key::ArrowDown, &rows, Some(2)).is_none());
    }
}
