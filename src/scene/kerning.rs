//! How much closer two letters stand than their advances say: the `kern` feature of a font.

use ttf_parser::gpos::{PairAdjustment, PositioningSubtable};
use ttf_parser::{Face, GlyphId, Tag};

/// The pair adjustments of a font, looked up once.
pub struct Kerning {
    /// A lookup each; the first of its subtables that knows a pair decides.
    lookups: Vec<Vec<PairAdjustment<'static>>>,
}

impl Kerning {
    /// What `face` says of pairs; nothing, if it has no kerning.
    pub fn of(face: &Face<'static>) -> Self {
        let lookups = face.tables().gpos.map_or_else(Vec::new, |gpos| {
            let feature = gpos.features.find(Tag::from_bytes(b"kern"));
            let indices = feature.map(|feature| feature.lookup_indices);
            indices
                .into_iter()
                .flatten()
                .filter_map(|index| gpos.lookups.get(index))
                .map(|lookup| {
                    lookup
                        .subtables
                        .into_iter()
                        .filter_map(|subtable| match subtable {
                            PositioningSubtable::Pair(pairs) => Some(pairs),
                            _ => None,
                        })
                        .collect()
                })
                .collect()
        });
        Self { lookups }
    }

    /// What is added to the advance of `first` when `second` follows, in font units.
    pub fn between(&self, first: GlyphId, second: GlyphId) -> f32 {
        let adjustments = self.lookups.iter().filter_map(|subtables| {
            subtables
                .iter()
                .find_map(|pairs| adjustment(pairs, first, second))
        });
        adjustments.map(f32::from).sum()
    }
}

/// What one subtable says of a pair, if it knows it.
fn adjustment(pairs: &PairAdjustment, first: GlyphId, second: GlyphId) -> Option<i16> {
    let place = pairs.coverage().get(first)?;
    let (value, _) = match pairs {
        PairAdjustment::Format1 { sets, .. } => sets.get(place)?.get(second)?,
        PairAdjustment::Format2 {
            classes, matrix, ..
        } => matrix.get((classes.0.get(first), classes.1.get(second)))?,
    };
    Some(value.x_advance)
}
