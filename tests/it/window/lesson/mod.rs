//! Lessons in the window.

mod learner;
mod taken;
