//! Small parts that every view uses: text and icons painted exactly, buttons with names, cards, chips.

mod buttons;
mod paint;
mod pointing;

pub use buttons::{button, focus_ring, icon_button, primary, segmented};
pub use paint::{card, chip, elided, hline, icon_at, rich, shadow_card, text};
pub use pointing::Pointing;
