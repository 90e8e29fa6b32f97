//! A letter line by line, and who wrote each line.

use eframe::egui::Ui;

use super::raw::{self, Line, Lines, Part, Style};
use super::versions::{Author, Versions};
use crate::gui::cx::Cx;
use crate::mail::ContentId;
use crate::sim::setup::NodeKind;
use crate::topology::NodeId;

/// See the [module](self).
pub struct Signed {
    /// Which version.
    pub content: ContentId,
    /// Its lines.
    pub lines: Lines,
    /// Where each line begins, and what is said of its author.
    authors: Vec<(usize, Option<String>)>,
}

impl Signed {
    /// Reads a version.
    pub fn new(versions: &Versions, content: ContentId, cx: &Cx<'_>) -> Signed {
        let bytes = versions.get(content).map(|v| v.letter.bytes.clone());
        let lines = Lines::new(bytes.as_deref().unwrap_or_default());
        let authors = authors(versions, content, &lines, cx);
        Signed { content, lines, authors }
    }

    /// Draws it into `ui.max_rect()`.
    pub fn show(&self, ui: &mut Ui, salt: &'static str, cx: &Cx<'_>) {
        self.show_from(ui, salt, None, cx);
    }

    /// The same, with this line at the top.
    pub fn show_from(&self, ui: &mut Ui, salt: &'static str, top: Option<usize>, cx: &Cx<'_>) {
        let author = |at: usize| {
            let i = self.authors.binary_search_by_key(&at, |(start, _)| *start).ok()?;
            self.authors[i].1.clone()
        };
        raw::show(ui, salt, &self.lines, &Style { author: Some(&author), lit: None, top }, cx);
    }
}

/// What is said of a letter that nobody wrote during the run.
const AT_START: &str = "there at the start";

/// For each line, who wrote it; said once for a field that is folded, and once for lines of the body.
fn authors(versions: &Versions, content: ContentId, lines: &Lines, cx: &Cx<'_>) -> Vec<(usize, Option<String>)> {
    let mut before = None;
    let tell = |line: &Line| {
        let author = versions.author(content, line.range.start as u64).map(|a| told(a, cx));
        let body = line.part == Part::Body;
        let folded = line.part == Part::Header && line.name == 0;
        let at_start = author.as_deref() == Some(AT_START);
        let again = (body || folded || at_start) && before == author;
        before.clone_from(&author);
        (line.range.start, author.filter(|_| !again && line.part != Part::Empty))
    };
    lines.lines.iter().map(tell).collect()
}

/// Whether there is a user agent on that computer; else the scenario itself has put its mail into a queue.
fn writes(node: NodeId, cx: &Cx<'_>) -> bool {
    let nodes = &cx.run.ready.setup.nodes;
    matches!(nodes.get(node.0 as usize).map(|n| &n.kind), Some(NodeKind::Host(h)) if !h.user_agents.is_empty())
}

/// `user agent, alice-pc`.
fn told(author: Author, cx: &Cx<'_>) -> String {
    match author {
        Author::UserAgent(node) if writes(node, cx) => format!("user agent, {}", cx.run.node(node)),
        Author::UserAgent(node) => format!("by the scenario, at {}", cx.run.node(node)),
        Author::Server(node) => format!("mail server, {}", cx.run.node(node)),
        Author::Before => AT_START.to_owned(),
    }
}
