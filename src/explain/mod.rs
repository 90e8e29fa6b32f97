//! The record in words: what an entry means, what happened in which step.

pub mod margin;
pub mod story;
pub mod text;
