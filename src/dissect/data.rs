//! Bytes that nothing more can be said of.

use super::LayerKind;
use super::cut::Cut;

/// All that is left of the frame as one layer.
pub(super) fn rest(cut: &mut Cut<'_>) {
    let length = cut.left().len();
    let kind = cut.layers.last().map_or(LayerKind::Link, |layer| layer.kind);
    bytes(cut, length, kind);
}

/// The next `length` bytes as one layer.
pub(super) fn bytes(cut: &mut Cut<'_>, length: usize, kind: LayerKind) {
    if length > 0 {
        let words = if length == 1 { "1 byte".to_string() } else { format!("{length} bytes") };
        let field = cut.plain("data.data", "Data", (0, length), words.clone());
        cut.layer(("Data", "data", kind), length, words, vec![field]);
    }
}
