//! Keys become commands before the toolkit sees them: else an arrow would move its focus and Space would press the
//! button that was clicked last.

use std::sync::{Arc, Mutex};

use eframe::egui::{Context, Event, Key, Modifiers, Plugin, RawInput};

use super::command::{Command, SPECS};

/// What the keyboard asked for since the last frame.
#[derive(Clone, Default)]
pub struct Inbox(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    commands: Vec<Command>,
    letters_off: bool,
    /// How many things lie above the views.
    sheets: usize,
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
    pub fn set(&self, letters_off: bool, sheets: usize) {
        let mut state = self.lock();
        (state.letters_off, state.sheets) = (letters_off, sheets);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Seconds between two stops while a key is held: eight a second.
const REWIND: f64 = 0.125;

/// Stored under the identity of a widget that has Left and Right for itself: they fold a tree.
#[derive(Clone, Copy)]
pub struct Folds;

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
        let folds = focus.is_some_and(|id| ctx.data(|d| d.get_temp::<Folds>(id).is_some()));
        let time = input.time.unwrap_or_default();
        let mut state = self.0.lock();
        input.events.retain(|event| {
            let Event::Key { key, pressed: true, modifiers, repeat, .. } = event else { return true };
            if folds && modifiers.is_none() && matches!(key, Key::ArrowLeft | Key::ArrowRight) {
                return true;
            }
            let Some(command) = find(*key, *modifiers, typing, focused, &state) else { return true };
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
    if typing && matches!(key, Key::ArrowLeft | Key::ArrowRight | Key::ArrowUp | Key::ArrowDown) {
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
