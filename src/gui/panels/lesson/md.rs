//! Markdown as lessons use it: paragraphs, lists, strong and emphasised words, code.

use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{Color32, CornerRadius, FontId, Frame, Label, Stroke, Ui};
use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use crate::gui::theme::{R_INNER, Tokens, med, mono, mono_med, reg, semi};

/// How large it is, and in which colour.
#[derive(Clone, Copy)]
pub struct Look {
    /// Of the text.
    pub size: f32,
    /// Of words that are not strong.
    pub colour: Color32,
}

/// The words of a text alone, in one line.
pub fn plain(source: &str) -> String {
    let mut words = String::new();
    for event in Parser::new(source) {
        match event {
            Event::Text(text) | Event::Code(text) => words.push_str(&text),
            Event::SoftBreak | Event::HardBreak | Event::End(TagEnd::Item | TagEnd::Paragraph) => words.push(' '),
            _ => {}
        }
    }
    words.trim_end().to_owned()
}

/// Shows a text.
pub fn show(ui: &mut Ui, source: &str, look: Look, t: &Tokens) {
    let mut job = LayoutJob::default();
    let (mut strong, mut emphasis, mut code) = (false, false, None::<String>);
    // A line of the file has ended: a blank, if more words follow.
    let mut broken = false;
    let mut lists: Vec<Option<u64>> = Vec::new();
    let mut bullet: Option<String> = None;
    let format = |font: FontId, colour: Color32| {
        let mut format = TextFormat::simple(font, colour);
        format.line_height = Some((look.size * 1.45).round());
        format
    };
    for event in Parser::new(source) {
        match event {
            Event::Start(Tag::Strong) => strong = true,
            Event::End(TagEnd::Strong) => strong = false,
            Event::Start(Tag::Emphasis) => emphasis = true,
            Event::End(TagEnd::Emphasis) => emphasis = false,
            Event::Start(Tag::List(first)) => lists.push(first),
            Event::End(TagEnd::List(_)) => {
                lists.pop();
            }
            Event::Start(Tag::Item) => {
                bullet = Some(match lists.last_mut() {
                    Some(Some(n)) => {
                        *n += 1;
                        format!("{}.", *n - 1)
                    }
                    _ => "\u{2022}".to_owned(),
                });
            }
            Event::End(TagEnd::Item | TagEnd::Paragraph | TagEnd::Heading(_)) => {
                broken = false;
                flush(ui, &mut job, bullet.take(), look, t);
            }
            Event::Start(Tag::CodeBlock(_)) => code = Some(String::new()),
            Event::End(TagEnd::CodeBlock) => block(ui, &code.take().unwrap_or_default(), t),
            Event::Text(words) => match &mut code {
                Some(code) => code.push_str(&words),
                None => {
                    let (font, colour) = match (strong, emphasis) {
                        (true, _) => (semi(look.size), t.text),
                        (_, true) => (med(look.size), t.text),
                        _ => (reg(look.size), look.colour),
                    };
                    let words = if std::mem::take(&mut broken) { format!(" {words}") } else { words.into_string() };
                    job.append(&together(job.text.chars().next_back(), &words), 0.0, format(font, colour));
                }
            },
            Event::Code(words) => {
                if std::mem::take(&mut broken) {
                    job.append(" ", 0.0, format(reg(look.size), look.colour));
                }
                job.append(&words, 0.0, format(mono_med(look.size - 1.0), t.accent_text));
            }
            Event::SoftBreak | Event::HardBreak => broken = true,
            _ => {}
        }
    }
    flush(ui, &mut job, None, look, t);
}

/// Units of lessons. In German too they are written so.
const UNITS: [&str; 17] = [
    "ns", "\u{b5}s", "ms", "s", "min", "h", "d", "%", "B", "kB", "MB", "byte", "bytes", "Byte", "bit/s", "kbit/s",
    "Mbit/s",
];

/// The same words with a number and its unit on one line. `before` stands in front of them.
pub fn together(before: Option<char>, words: &str) -> String {
    let mut last = before;
    let blank = |(at, c): (usize, char)| {
        let counts = c == ' ' && last.is_some_and(|c| c.is_ascii_digit());
        last = Some(c);
        let unit = || words[at + 1..].split(|c: char| c.is_whitespace() || ".,;:?!)".contains(c)).next();
        if counts && unit().is_some_and(|unit| UNITS.contains(&unit)) { NO_BREAK } else { c }
    };
    words.char_indices().map(blank).collect()
}

/// A blank at which no line ends.
const NO_BREAK: char = '\u{a0}';

fn flush(ui: &mut Ui, job: &mut LayoutJob, bullet: Option<String>, look: Look, t: &Tokens) {
    if job.is_empty() {
        return;
    }
    let job = std::mem::take(job);
    match bullet {
        None => {
            ui.add(Label::new(job).wrap());
        }
        Some(bullet) => {
            ui.horizontal_top(|ui| {
                ui.add(Label::new(eframe::egui::RichText::new(bullet).font(reg(look.size)).color(t.text2)));
                ui.add(Label::new(job).wrap());
            });
        }
    }
}

fn block(ui: &mut Ui, code: &str, t: &Tokens) {
    Frame::NONE
        .fill(t.surface2)
        .stroke(Stroke::new(1.0, t.border))
        .corner_radius(CornerRadius::same(R_INNER))
        .inner_margin(10)
        .show(ui, |ui| {
            let job = LayoutJob::simple(code.trim_end().to_owned(), mono(13.0), t.text, ui.available_width());
            ui.add(Label::new(job).wrap());
        });
}

#[cfg(test)]
mod tests {
    use super::{plain, together};

    #[test]
    fn a_prompt_is_one_line_without_marks() {
        let asked = "What is the *first digit* of the reply to\n`RCPT TO:<bob@b.example>`, **now**?";
        assert_eq!(plain(asked), "What is the first digit of the reply to RCPT TO:<bob@b.example>, now?");
    }
    #[test]
    fn a_number_and_its_unit_stay_together() {
        let kept = |words: &str| together(None, words).replace('\u{a0}', "_");
        assert_eq!(kept("every 2 h, 100 ms (5 s) at 1 Mbit/s."), "every 2_h, 100_ms (5_s) at 1_Mbit/s.");
        assert_eq!(kept("t = 3 h"), "t = 3_h");
        assert_eq!(kept("in 3 hours; 2 servers; at s; 12 "), "in 3 hours; 2 servers; at s; 12 ");
        // A line of the file ends between them.
        assert_eq!(together(Some('2'), " h later").replace('\u{a0}', "_"), "_h later");
    }
}
