//! Go to: a packet by its number, a time, an event, a mark.

use eframe::egui::{Key, Modifiers, RichText, TextEdit, Ui, vec2};

use super::{row, scrolling};
use crate::explain::stops::Grain;
use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::desk::Thing;
use crate::gui::run::Run;
use crate::gui::theme::{Proto, reg};
use crate::scenario::units;
use crate::time::{Instant, grouped};
use crate::trace::PacketId;
use crate::trace::fold::entries_until;

/// See the [module](self).
#[derive(Default)]
pub struct GoTo {
    text: String,
    wrong: Option<String>,
    open: bool,
}

/// Where one wants to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// To a packet: its arrival, or its loss.
    Packet(PacketId),
    /// To a place in the record.
    Place(usize),
}

impl GoTo {
    /// Draws field, what is there, and the marks.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let t = cx.t;
        let enter = ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Enter));
        let field = TextEdit::singleline(&mut self.text).hint_text("12, 1.065 s or event 212").font(reg(16.0));
        let response = ui.add_sized(vec2(ui.available_width(), 36.0), field);
        response.clone().accessible_name("Packet number, time, or event number");
        if !std::mem::replace(&mut self.open, true) {
            response.request_focus();
        }
        if response.changed() {
            self.wrong = None;
        }
        let run = cx.run;
        let (packets, events) = (run.packets.rows().len() as u64, run.end() as u64);
        let range = format!("{} packets, {} events, up to {}", grouped(packets), grouped(events), run.at(run.end()));
        let (words, ink) = match &self.wrong {
            Some(wrong) => (wrong.clone(), t.on_tint(t.proto(Proto::Lost))),
            None => (range, t.text2),
        };
        ui.label(RichText::new(words).font(reg(14.0)).color(ink));
        ui.add_space(6.0);
        if enter {
            match target(&self.text, run) {
                Ok(target) => go(target, cx),
                Err(wrong) => self.wrong = Some(wrong),
            }
        }
        let marks: Vec<_> = cx.desk.marks.iter().filter_map(|packet| run.packets.row(*packet)).collect();
        let title = if marks.is_empty() { "No packet is marked: Ctrl+M marks one." } else { "Marked packets" };
        ui.label(RichText::new(title).font(reg(14.0)).color(t.text2));
        scrolling(ui, "marks", |ui| {
            for packet in marks {
                let number = run.packets.place(packet.packet).unwrap_or_default() + 1;
                let title = format!("Packet {number}, {}", packet.at);
                // What a packet says that has not been sent yet is part of the future.
                let seen = (packet.sent.0 as usize) < cx.horizon();
                let info = if seen { run.packets.info(&run.log, packet) } else { String::new() };
                if row(ui, &title, &info, false, cx).clicked() {
                    go(Target::Packet(packet.packet), cx);
                }
            }
        });
    }
}

fn go(target: Target, cx: &Cx<'_>) {
    cx.send(Command::Close);
    match target {
        Target::Place(place) => cx.send(Command::GoTo(place)),
        Target::Packet(packet) => {
            if let Some(row) = cx.run.packets.row(packet) {
                cx.send(Command::ShowEntry(row.arrived.or(row.lost).unwrap_or(row.sent)));
                cx.send(Command::Select(Some(Thing::Packet(packet))));
            }
        }
    }
}

/// What was typed: `12` or `packet 12`, `1.065 s`, `event 212`.
///
/// # Errors
/// What is expected, as a sentence.
fn target(text: &str, run: &Run) -> Result<Target, String> {
    let text = text.trim().to_lowercase();
    let number = |t: &str| t.trim().replace(',', "").parse::<usize>().ok();
    if let Some(n) = text.strip_prefix("event") {
        let last = run.end();
        let n = number(n).filter(|n| *n <= last);
        return n.map(Target::Place).ok_or_else(|| format!("Events are numbered from 0 to {}.", grouped(last as u64)));
    }
    let bare = text.strip_prefix("packet").or(text.strip_prefix('#')).unwrap_or(&text);
    if let Some(n) = number(bare) {
        let rows = run.packets.rows();
        let row = n.checked_sub(1).and_then(|n| rows.get(n));
        let wrong = || format!("There is no packet {n}: they are numbered from 1 to {}.", grouped(rows.len() as u64));
        return row.map(|r| Target::Packet(r.packet)).ok_or_else(wrong);
    }
    match units::duration(&text.replace(',', "")) {
        Ok(at) => {
            let last = run.at(run.end());
            let at = Instant::ZERO + at;
            if at > last {
                return Err(format!("Nothing happens after {last}."));
            }
            let place = entries_until(&run.log, at);
            // A time between two stops is that of the one before: nothing has happened since.
            let stop = run.stops.until(place).or_else(|| run.stops.next(Grain::Packet, place));
            Ok(Target::Place(stop.map_or(place, |s| s.place)))
        }
        Err(_) => Err("Write a packet's number (12), a time with its unit (1.065 s) or event 212.".to_owned()),
    }
}
