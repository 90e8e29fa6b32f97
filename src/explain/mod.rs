//! The record in words: what an entry means, what happened in which step.

pub mod dialogue;
pub mod follow;
mod landing;
pub mod margin;
pub mod phases;
pub mod push_pull;
pub mod scene;
pub mod sentence;
pub mod stops;
pub mod story;
pub mod text;
