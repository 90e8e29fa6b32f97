//! Lessons in the window.

mod learner;
mod secret;
pub mod states;
mod taken;
