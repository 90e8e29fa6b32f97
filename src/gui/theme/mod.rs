//! How everything looks: colours by meaning, fonts, and the toolkit's style made of them.

pub mod fonts;
pub mod style;
pub mod tokens;

pub use fonts::{icon, med, mono, mono_med, reg, semi};
pub use lucide_icons::Icon;
pub use style::{GAP, R_CARD, R_CTRL, R_INNER};
pub use tokens::{Proto, Tokens, alpha, hex, mix};
