//! The record in words: what an entry means, what happened in which step.

pub mod follow;
pub mod margin;
pub mod phases;
pub mod stops;
pub mod story;
pub mod text;
pub mod dialogue;
pub mod push_pull;
