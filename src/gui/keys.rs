//! Keys become commands before the toolkit sees them: else an arrow would move its focus and Space would press the
//! button that was clicked last.

use std::sync::{Arc, Mutex};

use eframe::egui::{Context, Event, Key, Modifiers, Plugin, RawInput};

use super::command::{Command, SPECS};
use super::lesson::Act;

/// A question of a lesson is shown: letters are its answers then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answering {
    /// So many letters, from A on.
    pub letters: usize,
    /// Up and Down go from answer to answer.
    pub turns: bool,
}

/// Stored under the identity of an answer's row: with the keyboard there, Enter locks and arrows go on.
#[derive(Clone, Copy)]
pub struct AnswerRow;

/// What the keyboard asked for since the last frame.
#[derive(Clone, Default)]
pub struct Inbox(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    commands: Vec<Command>,
    letters_off: bool,
    /// How many things lie above the views.
    sheets: usize,
    /// A question is shown.
    answering: Option<Answering>,
    /// When a held key last went back.
    last_back: f64,
}

impl Inbox {
    /// Takes what has come.
    pub fn take(&self) -> Vec<Command> {
        std::mem::take(&mut self.lock().commands)
    }

    /// Keys of one letter act or not; with something open above the views, only what closes it and what has Ctrl or a
    /// function key acts.
    pub fn set(&self, letters_off: bool, sheets: usize, answering: Option<Answering>) {
        let mut state = self.lock();
        (state.letters_off, state.sheets, state.answering) = (letters_off, sheets, answering);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Seconds between two stops while a key is held: eight a second.
const REWIND: f64 = 0.125;

const ARROWS: [Key; 4] = [Key::ArrowLeft, Key::ArrowRight, Key::ArrowUp, Key::ArrowDown];

/// Stored under the identity of a widget that has Left and Right for itself: they fold a tree.
#[derive(Clone, Copy)]
pub struct Folds;

/// Stored under the identity of a thing on the map: all four arrows lead to its neighbours.
#[derive(Clone, Copy)]
pub struct Roams;

/// Stored under the identity of a field that offers a list below it: Esc closes that first.
#[derive(Clone, Copy, Default)]
pub struct Offers;

/// The toolkit's plugin that takes the keys.
pub struct Keys(pub Inbox);

impl Plugin for Keys {
    fn debug_name(&self) -> &'static str {
        "keys"
    }

    fn input_hook(&mut self, ctx: &Context, input: &mut RawInput) {
        let typing = ctx.text_edit_focused();
        let focus = ctx.memory(|m| m.focused());
        let focused = focus.is_some();
        let answer = focus.is_some_and(|id| ctx.data(|d| d.get_temp::<AnswerRow>(id).is_some()));
        let folds = focus.is_some_and(|id| ctx.data(|d| d.get_temp::<Folds>(id).is_some()));
        let roams = focus.is_some_and(|id| ctx.data(|d| d.get_temp::<Roams>(id).is_some()));
        let offers = focus.is_some_and(|id| ctx.data(|d| d.get_temp::<Offers>(id).is_some()));
        let time = input.time.unwrap_or_default();
        let mut state = self.0.lock();
        input.events.retain(|event| {
            let Event::Key { key, pressed: true, modifiers, repeat, .. } = event else { return true };
            if folds && modifiers.is_none() && matches!(key, Key::ArrowLeft | Key::ArrowRight) {
                return true;
            }
            if roams && modifiers.is_none() && ARROWS.contains(key) {
                return true;
            }
            // Away from the map, so that arrows go on in the run again.
            if let (true, Key::Escape, Some(id), 0) = (roams, *key, focus, state.sheets) {
                ctx.memory_mut(|m| m.surrender_focus(id));
                return false;
            }
            if offers && modifiers.is_none() && *key == Key::Escape {
                return true;
            }
            let free = !typing && (!focused || answer) && state.sheets == 0;
            let command = answers(*key, *modifiers, free, typing || state.sheets > 0, &state)
                .or_else(|| find(*key, *modifiers, typing, focused, &state));
            let Some(command) = command else { return true };
            // A held key rewinds at a pace that the eye can follow.
            if matches!(command, Command::Back(_)) {
                if *repeat && (time - state.last_back).abs() < REWIND {
                    return false;
                }
                state.last_back = time;
            }
            // Several keys may come in one frame: what is closed by one is not in the way of the next.
            if command == Command::Close {
                state.sheets = state.sheets.saturating_sub(1);
            }
            state.commands.push(command);
            false
        });
    }
}

/// What a key says to the question that is shown. `free`: the keyboard is at no other control; `busy`: one types.
fn answers(key: Key, modifiers: Modifiers, free: bool, busy: bool, state: &State) -> Option<Command> {
    let answering = state.answering?;
    let act = match key {
        Key::ArrowUp | Key::ArrowDown if answering.turns && free && modifiers.is_none() => {
            Act::Turn(key == Key::ArrowDown)
        }
        Key::ArrowUp | Key::ArrowDown if answering.turns && free && modifiers.matches_exact(Modifiers::ALT) => {
            Act::Move(key == Key::ArrowDown)
        }
        Key::Enter if answering.turns && free && modifiers.is_none() => Act::Lock,
        _ if modifiers.is_none() && !busy && !state.letters_off => {
            let letter = key.name().bytes().next().filter(|_| key.name().len() == 1)?;
            let n = usize::from(letter.checked_sub(b'A').filter(|n| *n < 26)?);
            if n >= answering.letters {
                return None;
            }
            Act::Letter(n)
        }
        _ => return None,
    };
    Some(Command::Lesson(act))
}

/// The command of a key, if the key is a command now.
fn find(key: Key, modifiers: Modifiers, typing: bool, focused: bool, state: &State) -> Option<Command> {
    let plain = !modifiers.command && !modifiers.ctrl && !modifiers.alt;
    let function = matches!(key, Key::F1 | Key::F4 | Key::F6 | Key::F7 | Key::F8 | Key::F11);
    if plain && !function && key != Key::Escape {
        if typing || state.sheets > 0 {
            return None;
        }
        // What came into focus by Tab is pressed with Space and Enter.
        if focused && matches!(key, Key::Space | Key::Enter) {
            return None;
        }
    }
    // Moving and deleting by word inside a text field.
    if typing && ARROWS.contains(&key) {
        return None;
    }
    // `?` and brackets stand on other keys, with Shift, on other keyboards.
    let loose = matches!(key, Key::Questionmark | Key::OpenBracket | Key::CloseBracket | Key::Plus);
    SPECS.iter().find_map(|spec| {
        let fits = spec.keys.iter().any(|k| {
            let mut held = modifiers;
            if loose {
                held.shift = k.modifiers.shift;
            }
            k.key == key && !(k.single && state.letters_off) && held.matches_exact(k.modifiers)
        });
        fits.then(|| spec.command.clone())
    })
}
