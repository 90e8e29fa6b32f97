//! Markdown in a terminal: words in lines, emphasis as the terminal has it.

use anstyle::Style;
use pulldown_cmark::{Event, Parser, Tag, TagEnd};

/// The text in lines of at most `width` characters; with the escape sequences of a terminal.
pub fn lines(text: &str, width: usize) -> Vec<String> {
    let mut out = Vec::new();
    let mut paragraph = String::new();
    let (mut bullets, mut first) = (0_usize, false);
    let mut end = |paragraph: &mut String, bullets: usize, first: bool| {
        if paragraph.trim().is_empty() {
            return;
        }
        let indent = "  ".repeat(bullets);
        let begin = if first && bullets > 0 { format!("{}* ", "  ".repeat(bullets - 1)) } else { indent.clone() };
        let options = textwrap::Options::new(width).initial_indent(&begin).subsequent_indent(&indent);
        out.extend(textwrap::wrap(paragraph.trim(), options).into_iter().map(|l| l.into_owned()));
        paragraph.clear();
    };
    let (strong, slanted) = (Style::new().bold(), Style::new().italic());
    for event in Parser::new(text) {
        match event {
            Event::Text(text) => paragraph.push_str(&text),
            Event::Code(text) => paragraph.push_str(&text),
            Event::SoftBreak | Event::HardBreak => paragraph.push(' '),
            Event::Start(Tag::Strong) => paragraph.push_str(&strong.to_string()),
            Event::End(TagEnd::Strong) => paragraph.push_str(&format!("{strong:#}")),
            Event::Start(Tag::Emphasis) => paragraph.push_str(&slanted.to_string()),
            Event::End(TagEnd::Emphasis) => paragraph.push_str(&format!("{slanted:#}")),
            Event::Start(Tag::Item) => {
                end(&mut paragraph, bullets, first);
                (bullets, first) = (bullets + 1, true);
            }
            Event::End(TagEnd::Item) => {
                end(&mut paragraph, bullets, first);
                (bullets, first) = (bullets.saturating_sub(1), false);
            }
            Event::End(TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::CodeBlock) => {
                end(&mut paragraph, bullets, first);
                first = false;
            }
            _ => {}
        }
    }
    end(&mut paragraph, bullets, first);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str, width: usize) -> Vec<String> {
        lines(text, width).iter().map(|l| anstream::adapter::strip_str(l).to_string()).collect()
    }

    #[test]
    fn words_stand_in_lines_and_items_behind_stars() {
        let text = "A **strong** word\nand `MAIL FROM:<a>`.\n\n* one thing that is long\n* two\n\nEnd.";
        let wanted = ["A strong word and", "MAIL FROM:<a>.", "* one thing that", "  is long", "* two", "End."];
        assert_eq!(plain(text, 18), wanted);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,60}", width in 0_usize..40) {
            let _ = lines(&text, width);
        }
    }
}
