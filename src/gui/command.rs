//! Every act of the user once: menus, keys, help and search are made from [`SPECS`].

use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui::{Key, Modifiers};

use super::desk::{Layout, Sheet, Thing, View};
use super::lesson::Act;
use crate::explain::stops::Grain;
use crate::message::Draft;
use crate::topology::NodeId;
use crate::trace::EntryId;

/// What can be asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Forward by the chosen grain, or by this one.
    Forward(Option<Grain>),
    /// Back by the chosen grain, or by this one.
    Back(Option<Grain>),
    /// To the start.
    Start,
    /// To the end.
    End,
    /// To a step: its begin, and if it is there already, its done mark. From 0.
    Step(usize),
    /// To a place in the record, without a flight.
    GoTo(usize),
    /// To the moment behind an entry: to the first stop that shows it.
    ShowEntry(EntryId),
    /// Next or previous packet of this conversation.
    InConversation(bool),
    /// Over the next wait.
    SkipWait,
    /// Go on by itself, or halt.
    PlayPause,
    /// Choose a grain.
    Grain(Grain),
    /// A finer grain.
    Finer,
    /// A coarser grain.
    Coarser,
    /// Choose a layout.
    Layout(Layout),
    /// Show a view; again: fill the window; again: return.
    View(View),
    /// Select a thing, or nothing. Now stays.
    Select(Option<Thing>),
    /// Pointer or keyboard is at a thing.
    Hover(Option<Thing>),
    /// Open what is selected, or unwrap the letter.
    Open,
    /// Open something above the views.
    Sheet(Sheet),
    /// Close the topmost.
    Close,
    /// The future in Workbench.
    ToggleFuture,
    /// Light and dark.
    ToggleDark,
    /// Flights or none.
    ToggleMotion,
    /// Signs for CR and LF.
    ToggleLineEnds,
    /// Both schemes of phases.
    ToggleRfcPhases,
    /// Keys of one letter.
    ToggleLetterKeys,
    /// Routers stop packets too.
    ToggleEveryLink,
    /// Speed of flights.
    Speed(f32),
    /// Zoom by a step (`+1`, `-1`), or 100 % (`0`).
    Zoom(i8),
    /// Say the sentence again.
    SayAgain,
    /// Why: the cause before.
    Why,
    /// Back to the scenario as it was opened, before the first step.
    Reset,
    /// To the moment before the last jump (`false`) or after it (`true`).
    History(bool),
    /// Open a built-in scenario: `NAME` or `NAME:RUN`.
    OpenBuiltIn(String),
    /// Open a file.
    OpenFile(PathBuf),
    /// Ask the system for a file.
    OpenDialog,
    /// Write the mail anew: the scenario is run again with this draft.
    Compose(NodeId, Arc<Draft>),
    /// Type these lines at the server: the scenario is run again with them, and the moment is that of the last answer.
    Type(Vec<String>),
    /// Filter of the packet list.
    Filter(String),
    /// The keyboard goes to the filter of the packet list.
    Find,
    /// Pin a copy of the inspector at this moment; again at the same moment: take it away.
    Pin,
    /// Take the pinned copy away.
    Unpin,
    /// What can be done with the thing that is pointed at or selected.
    Menu,
    /// Mark the packet that everything is about, or take its mark away.
    Mark,
    /// The keyboard goes to the next region of the window, or to the one before.
    Region(bool),
    /// What is asked of a lesson.
    Lesson(Act),
    /// Nothing but a dark screen, until a key: eyes go back to the lecturer.
    Blank,
    /// Full screen.
    FullScreen,
    /// End the program.
    Quit,
}

/// A key with modifiers, and how it is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shortcut {
    /// Exactly these.
    pub modifiers: Modifiers,
    /// The key.
    pub key: Key,
    /// `Shift+→`.
    pub name: &'static str,
    /// One letter or digit without modifiers: can be switched off, and never acts while one types.
    pub single: bool,
}

/// A command with its name and keys.
pub struct Spec {
    /// What the button, the help and the search say.
    pub name: &'static str,
    /// The group in the help.
    pub group: &'static str,
    /// Its keys.
    pub keys: &'static [Shortcut],
    /// What is done.
    pub command: Command,
}

const fn key(key: Key, name: &'static str) -> Shortcut {
    Shortcut { modifiers: Modifiers::NONE, key, name, single: false }
}
const fn single(key: Key, name: &'static str) -> Shortcut {
    Shortcut { modifiers: Modifiers::NONE, key, name, single: true }
}
const fn with(modifiers: Modifiers, key: Key, name: &'static str) -> Shortcut {
    Shortcut { modifiers, key, name, single: false }
}
const fn spec(group: &'static str, name: &'static str, keys: &'static [Shortcut], command: Command) -> Spec {
    Spec { name, group, keys, command }
}

const CTRL: Modifiers = Modifiers::COMMAND;
const SHIFT: Modifiers = Modifiers::SHIFT;
const ALT: Modifiers = Modifiers::ALT;
const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

/// All commands that have a name.
pub static SPECS: &[Spec] = &[
    spec("Move", "Forward", &[key(Key::ArrowRight, "→"), key(Key::PageDown, "PageDown")], Command::Forward(None)),
    spec(
        "Move",
        "Back",
        &[key(Key::ArrowLeft, "←"), key(Key::PageUp, "PageUp"), key(Key::Backspace, "Backspace")],
        Command::Back(None),
    ),
    spec("Move", "Play or pause", &[key(Key::Space, "Space")], Command::PlayPause),
    spec("Move", "Forward by phase", &[with(SHIFT, Key::ArrowRight, "Shift+→")], Command::Forward(Some(Grain::Phase))),
    spec("Move", "Back by phase", &[with(SHIFT, Key::ArrowLeft, "Shift+←")], Command::Back(Some(Grain::Phase))),
    spec("Move", "Forward by step", &[with(CTRL, Key::ArrowRight, "Ctrl+→")], Command::Forward(Some(Grain::Step))),
    spec("Move", "Back by step", &[with(CTRL, Key::ArrowLeft, "Ctrl+←")], Command::Back(Some(Grain::Step))),
    spec(
        "Move",
        "Next packet",
        &[key(Key::F8, "F8"), with(CTRL, Key::ArrowDown, "Ctrl+↓"), key(Key::F4, "F4")],
        Command::Forward(Some(Grain::Packet)),
    ),
    spec(
        "Move",
        "Previous packet",
        &[key(Key::F7, "F7"), with(CTRL, Key::ArrowUp, "Ctrl+↑")],
        Command::Back(Some(Grain::Packet)),
    ),
    spec("Move", "Next in this conversation", &[with(CTRL, Key::Period, "Ctrl+.")], Command::InConversation(true)),
    spec("Move", "Previous in this conversation", &[with(CTRL, Key::Comma, "Ctrl+,")], Command::InConversation(false)),
    spec("Move", "Over the next wait", &[single(Key::J, "J")], Command::SkipWait),
    spec("Move", "Finer: packet, line, phase, step", &[key(Key::OpenBracket, "[")], Command::Finer),
    spec("Move", "Coarser: packet, line, phase, step", &[key(Key::CloseBracket, "]")], Command::Coarser),
    spec("Move", "To the start", &[key(Key::Home, "Home")], Command::Start),
    spec("Move", "To the end", &[key(Key::End, "End")], Command::End),
    spec("Move", "Step 1", &[single(Key::Num1, "1")], Command::Step(0)),
    spec("Move", "Step 2", &[single(Key::Num2, "2")], Command::Step(1)),
    spec("Move", "Step 3", &[single(Key::Num3, "3")], Command::Step(2)),
    spec("Move", "Step 4", &[single(Key::Num4, "4")], Command::Step(3)),
    spec("Move", "Step 5", &[single(Key::Num5, "5")], Command::Step(4)),
    spec("Move", "Step 6", &[single(Key::Num6, "6")], Command::Step(5)),
    spec("Move", "To the moment before the jump", &[with(ALT, Key::ArrowLeft, "Alt+←")], Command::History(false)),
    spec("Move", "To the moment after the jump", &[with(ALT, Key::ArrowRight, "Alt+→")], Command::History(true)),
    spec("Move", "Go to a packet, a time, a mark", &[with(CTRL, Key::G, "Ctrl+G")], Command::Sheet(Sheet::GoTo)),
    spec("Move", "Mark the packet, or take its mark away", &[with(CTRL, Key::M, "Ctrl+M")], Command::Mark),
    spec("See", "Pin a copy of what stands beside the stage", &[single(Key::P, "P")], Command::Pin),
    spec(
        "See",
        "Menu of the thing that has the keyboard or is selected",
        &[key(Key::Menu, "Menu"), with(SHIFT, Key::F10, "Shift+F10")],
        Command::Menu,
    ),
    spec("See", "Filter the packets (Workbench)", &[with(CTRL, Key::F, "Ctrl+F")], Command::Find),
    spec("See", "Map", &[single(Key::M, "M")], Command::View(View::Map)),
    spec("See", "Ladder", &[single(Key::L, "L")], Command::View(View::Ladder)),
    spec("See", "Conversation", &[single(Key::C, "C")], Command::View(View::Conversation)),
    spec("See", "Layers and bytes", &[single(Key::Y, "Y")], Command::View(View::Bytes)),
    spec("See", "Queue and mailbox", &[single(Key::Q, "Q")], Command::View(View::Stores)),
    spec("See", "Compare", &[single(Key::X, "X")], Command::Layout(Layout::Compare)),
    spec("See", "Story", &[], Command::Layout(Layout::Story)),
    spec("See", "Lesson", &[], Command::Layout(Layout::Lesson)),
    spec("See", "Workbench", &[], Command::Layout(Layout::Workbench)),
    spec("See", "Next region", &[key(Key::F6, "F6")], Command::Region(true)),
    spec("See", "Region before", &[with(SHIFT, Key::F6, "Shift+F6")], Command::Region(false)),
    spec("See", "Open or unwrap", &[key(Key::Enter, "Enter")], Command::Open),
    spec("See", "Close the topmost", &[key(Key::Escape, "Esc")], Command::Close),
    spec("See", "Write the mail (step 1)", &[single(Key::E, "E")], Command::Sheet(Sheet::MailForm)),
    spec("See", "Type at the server", &[single(Key::T, "T")], Command::Sheet(Sheet::Console)),
    spec("See", "Why: the cause before", &[single(Key::W, "W")], Command::Why),
    spec("See", "Say the sentence again", &[single(Key::N, "N")], Command::SayAgain),
    spec("See", "Show or hide the future (Workbench)", &[single(Key::U, "U")], Command::ToggleFuture),
    spec("See", "Signs for CR and LF", &[with(CTRL_SHIFT, Key::L, "Ctrl+Shift+L")], Command::ToggleLineEnds),
    spec("See", "Phases of RFC 5321 beside the course's", &[], Command::ToggleRfcPhases),
    spec("See", "Stop at routers too", &[], Command::ToggleEveryLink),
    spec("Lesson", "List of lessons", &[], Command::Lesson(Act::List)),
    spec("Lesson", "Lock the answer (Enter)", &[], Command::Lesson(Act::Lock)),
    spec("Lesson", "Skip the question", &[with(ALT, Key::S, "Alt+S")], Command::Lesson(Act::Skip)),
    spec("Lesson", "Answer the check again", &[], Command::Lesson(Act::Again)),
    spec("Lesson", "Show the packet that proves it", &[], Command::Lesson(Act::Show)),
    spec("Lesson", "Back to the moment of the lesson", &[single(Key::K, "K")], Command::Lesson(Act::Resume)),
    spec("Lesson", "Vote: the question alone", &[], Command::Lesson(Act::Vote)),
    spec("Lesson", "Release the answer of a vote", &[single(Key::V, "V")], Command::Lesson(Act::Release)),
    spec("Lesson", "Skip explanations", &[], Command::Lesson(Act::ToggleTexts)),
    spec("Lesson", "Another problem: the same lesson with other numbers", &[], Command::Lesson(Act::Another)),
    spec("Lesson", "Save the results", &[], Command::Lesson(Act::SaveDialog)),
    spec(
        "Lesson",
        "Undo: back to what was there before Reset",
        &[with(CTRL, Key::Z, "Ctrl+Z")],
        Command::Lesson(Act::Undo),
    ),
    spec("Program", "Open a scenario", &[with(CTRL, Key::O, "Ctrl+O")], Command::Sheet(Sheet::Open)),
    spec(
        "Program",
        "Search commands, scenarios, hosts",
        &[with(CTRL, Key::K, "Ctrl+K")],
        Command::Sheet(Sheet::Search),
    ),
    spec("Program", "Keys", &[key(Key::Questionmark, "?"), key(Key::F1, "F1")], Command::Sheet(Sheet::Keys)),
    spec("Program", "Reset to the scenario as opened", &[single(Key::R, "R")], Command::Reset),
    spec("Program", "Light or dark", &[with(CTRL, Key::D, "Ctrl+D")], Command::ToggleDark),
    spec("Program", "Reduce motion", &[], Command::ToggleMotion),
    spec("Program", "Keys of one letter on or off", &[], Command::ToggleLetterKeys),
    spec("Program", "Larger", &[with(CTRL, Key::Plus, "Ctrl++"), with(CTRL, Key::Equals, "Ctrl+=")], Command::Zoom(1)),
    spec("Program", "Smaller", &[with(CTRL, Key::Minus, "Ctrl+-")], Command::Zoom(-1)),
    spec("Program", "100 %", &[with(CTRL, Key::Num0, "Ctrl+0")], Command::Zoom(0)),
    spec("Program", "Full screen", &[key(Key::F11, "F11")], Command::FullScreen),
    spec("Program", "Blank the screen, and back", &[single(Key::B, "B"), single(Key::Period, ".")], Command::Blank),
    spec("Program", "Quit", &[with(CTRL, Key::Q, "Ctrl+Q")], Command::Quit),
];

/// The names of a command's keys, `→ PageDown`; empty if it has none.
pub fn keys_of(command: &Command) -> String {
    let found = SPECS.iter().find(|s| s.command == *command);
    found.map_or_else(String::new, |s| s.keys.iter().map(|k| k.name).collect::<Vec<_>>().join("  "))
}

/// `Forward (→)`: what a tooltip says.
pub fn hint(name: &str, command: &Command) -> String {
    match SPECS.iter().find(|s| s.command == *command).and_then(|s| s.keys.first()) {
        Some(k) => format!("{name} ({})", k.name),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_does_two_things() {
        let all: Vec<(&str, &Shortcut)> = SPECS.iter().flat_map(|s| s.keys.iter().map(|k| (s.name, k))).collect();
        for (i, (name, a)) in all.iter().enumerate() {
            for (other, b) in &all[..i] {
                assert!(a.key != b.key || a.modifiers != b.modifiers, "{} is {name} and {other}", a.name);
            }
        }
    }

    #[test]
    fn every_command_is_listed_once_and_named() {
        for (i, spec) in SPECS.iter().enumerate() {
            assert!(!spec.name.is_empty());
            assert!(SPECS[..i].iter().all(|o| o.command != spec.command && o.name != spec.name), "{}", spec.name);
        }
    }
}
