//! The toolkit's own style, set from the tokens for both themes.

use eframe::egui::{self, Context, CornerRadius, Margin, Stroke, TextStyle, vec2};

use super::fonts::{med, mono, reg, semi};
use super::tokens::{DARK, LIGHT, alpha, hex, mix};

/// Corner of cards.
pub const R_CARD: u8 = 10;
/// Corner of things inside cards.
pub const R_INNER: u8 = 8;
/// Corner of controls.
pub const R_CTRL: u8 = 6;
/// Between cards, and at the window's edge.
pub const GAP: f32 = 8.0;

/// Sets the style of both themes.
pub fn apply(ctx: &Context) {
    for (theme, t) in [(egui::Theme::Light, &LIGHT), (egui::Theme::Dark, &DARK)] {
        ctx.style_mut_of(theme, |s| {
            s.text_styles = [
                (TextStyle::Small, reg(12.0)),
                (TextStyle::Body, reg(13.5)),
                (TextStyle::Button, med(13.0)),
                (TextStyle::Monospace, mono(13.0)),
                (TextStyle::Heading, semi(17.0)),
            ]
            .into();
            s.spacing.item_spacing = vec2(8.0, 6.0);
            s.spacing.button_padding = vec2(10.0, 5.0);
            s.spacing.interact_size = vec2(28.0, 28.0);
            s.spacing.icon_width = 16.0;
            s.spacing.window_margin = Margin::same(12);
            s.spacing.menu_margin = Margin::same(6);
            s.spacing.scroll.bar_width = 8.0;
            s.spacing.scroll.floating = true;
            s.animation_time = 0.12;
            s.interaction.tooltip_delay = 0.4;
            let v = &mut s.visuals;
            v.override_text_color = None;
            v.panel_fill = t.bg;
            v.window_fill = t.surface;
            v.window_stroke = Stroke::new(1.0, t.border);
            v.window_corner_radius = CornerRadius::same(R_CARD);
            v.menu_corner_radius = CornerRadius::same(R_INNER);
            v.window_shadow = egui::Shadow { offset: [0, 8], blur: 28, spread: 0, color: t.shadow };
            v.popup_shadow = egui::Shadow { offset: [0, 4], blur: 16, spread: 0, color: t.shadow };
            v.faint_bg_color = t.surface2;
            v.extreme_bg_color = t.surface;
            v.text_edit_bg_color = Some(t.surface2);
            v.code_bg_color = if t.dark { hex(0x232935) } else { hex(0xEEF0F6) };
            v.hyperlink_color = t.accent_text;
            v.selection.bg_fill = alpha(t.accent, if t.dark { 0.45 } else { 0.22 });
            v.selection.stroke = Stroke::new(1.0, t.accent_text);
            v.weak_text_color = Some(t.text3);
            v.striped = false;
            v.indent_has_left_vline = false;
            v.slider_trailing_fill = true;
            v.interact_cursor = Some(egui::CursorIcon::PointingHand);
            let w = &mut v.widgets;
            for (state, bg, weak, edge) in [
                (&mut w.noninteractive, t.surface, t.surface, t.border),
                (&mut w.inactive, t.surface2, t.surface, t.border),
                (&mut w.hovered, mix(t.surface2, t.text, 0.05), mix(t.surface, t.text, 0.045), t.border_strong),
                (&mut w.active, mix(t.surface2, t.text, 0.10), mix(t.surface, t.text, 0.09), t.border_strong),
                (&mut w.open, t.surface2, t.surface2, t.border_strong),
            ] {
                state.bg_fill = bg;
                state.weak_bg_fill = weak;
                state.bg_stroke = Stroke::new(1.0, edge);
                state.fg_stroke = Stroke::new(1.0, t.text);
                state.corner_radius = CornerRadius::same(R_CTRL);
                state.expansion = 0.0;
            }
        });
    }
}
