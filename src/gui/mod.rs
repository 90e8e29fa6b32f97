//! The window: one picture, one moment, one thing moving, one sentence that says it.
//!
//! # The map of the window
//! | module | what it is |
//! |---|---|
//! | [`mod@launch`] | opens the window with a renderer that works, or says in one sentence why none does |
//! | [`app`] | the frame: keys and commands in, views out, in the order of Tab |
//! | [`run`] | a scenario that has been run, with all that views read: computed once, then only read |
//! | [`mod@console`] | what stands in a console at which somebody types, read from a run |
//! | [`desk`] | what the user has in hand: moment, selection, layout, settings. Changed by commands only |
//! | [`apply`] | what each command does to the desk |
//! | [`opening`] | a scenario is read and run beside the window, with progress and Cancel |
//! | [`command`] | every act once: its name, its keys; menus, help and search are made from the list |
//! | [`lesson`] | a lesson on the desk: what is asked, typed, lit; forward and back that halt at its plan |
//! | [`motion`] | flights between two moments; the only thing that needs the clock |
//! | [`regions`] | where everything stands at every size of the window |
//! | [`theme`], [`widgets`] | colours by meaning, fonts, small parts |
//! | [`panels`] | the views: each reads a [`cx::Cx`] and answers with commands |
//!
//! A view never changes the run, the moment or the selection itself: it sends a [`command::Command`]. So what the
//! keyboard does, the mouse does in the same words, and a test can say it too.

pub mod app;
pub mod apply;
pub mod command;
pub mod console;
pub mod cx;
pub mod desk;
pub mod keys;
pub mod launch;
pub mod lesson;
pub mod motion;
pub mod opening;
pub mod panels;
pub mod regions;
pub mod run;
pub mod theme;
pub mod widgets;

pub use app::App;
pub use launch::{Failure, Options, Renderer, launch};
