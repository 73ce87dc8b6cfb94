//! How wide a text is, without a window: from the same font files that paint it.

use std::borrow::Cow;
use std::sync::OnceLock;

use ttf_parser::{Face, GlyphId};

use super::fonts;
use super::kerning::Kerning;
use super::shape::Font;

/// What stands for the part that was cut off.
const ELLIPSIS: &str = "…";

/// What measuring needs of one font file.
struct Metrics {
    face: Face<'static>,
    kerning: Kerning,
    /// Font units to an em.
    em: f32,
    /// In ems.
    cap_height: f32,
}

impl Metrics {
    fn of(file: &'static [u8]) -> Self {
        let face = Face::parse(file, 0).expect("the embedded fonts are sound");
        let em = f32::from(face.units_per_em());
        let cap_height = face
            .capital_height()
            .map_or(0.7, |height| f32::from(height) / em);
        Self {
            kerning: Kerning::of(&face),
            face,
            em,
            cap_height,
        }
    }

    /// The glyph of `letter`, if the font has it, and how many ems it moves the pen.
    fn glyph(&self, letter: char) -> Option<(GlyphId, f32)> {
        let glyph = self.face.glyph_index(letter)?;
        let advance = self.face.glyph_hor_advance(glyph)?;
        Some((glyph, f32::from(advance) / self.em))
    }
}

/// The metrics of `font`, and of the font that lends it the letters it lacks.
fn metrics(font: Font) -> (&'static Metrics, &'static Metrics) {
    static WORDS: OnceLock<Metrics> = OnceLock::new();
    static MEDIUM: OnceLock<Metrics> = OnceLock::new();
    static STRONG: OnceLock<Metrics> = OnceLock::new();
    static MONO: OnceLock<Metrics> = OnceLock::new();
    let words = || WORDS.get_or_init(|| Metrics::of(fonts::INTER_REGULAR));
    let mono = || MONO.get_or_init(|| Metrics::of(fonts::JETBRAINS_MONO));
    match font {
        Font::Words => (words(), mono()),
        Font::WordsMedium => {
            let medium = MEDIUM.get_or_init(|| Metrics::of(fonts::INTER_MEDIUM));
            (medium, mono())
        }
        Font::WordsStrong => {
            let strong = STRONG.get_or_init(|| Metrics::of(fonts::INTER_SEMI_BOLD));
            (strong, mono())
        }
        Font::Mono => (mono(), words()),
    }
}

/// How far each letter of `text` moves the pen, in ems. A letter that no font
/// has is as wide as the box that is painted in its place.
fn advances(text: &str, font: Font) -> impl Iterator<Item = f32> {
    const MISSING: f32 = 0.6;
    let (own, lent) = metrics(font);
    let mut before = None;
    text.chars().map(move |letter| {
        let Some((glyph, advance)) = own.glyph(letter) else {
            before = None;
            return lent.glyph(letter).map_or(MISSING, |(_, advance)| advance);
        };
        // What draws a letter nearer to the one before is counted with the later one.
        let nearer = before.map_or(0.0, |before| own.kerning.between(before, glyph));
        before = Some(glyph);
        advance + nearer / own.em
    })
}

/// How wide `text` is at `size`: what the window and the exports make it, within
/// two parts in a hundred.
#[must_use]
pub fn text_width(text: &str, font: Font, size: f32) -> f32 {
    advances(text, font).sum::<f32>() * size
}

/// How far the baseline is beneath the middle of a capital letter.
#[must_use]
pub fn baseline_drop(font: Font, size: f32) -> f32 {
    metrics(font).0.cap_height * size / 2.0
}

/// `text`, or its beginning with an ellipsis, so that it fits `max_width`.
/// Where not even the ellipsis fits, the ellipsis alone.
#[must_use]
pub fn elide(text: &str, font: Font, size: f32, max_width: f32) -> Cow<'_, str> {
    if text_width(text, font, size) <= max_width {
        return Cow::Borrowed(text);
    }
    let room = max_width - text_width(ELLIPSIS, font, size);
    let mut width = 0.0;
    let kept = std::iter::zip(text.char_indices(), advances(text, font))
        .find(|(_, advance)| {
            width += advance * size;
            width > room
        })
        .map_or(text, |((end, _), _)| &text[..end]);
    Cow::Owned(format!("{}{ELLIPSIS}", kept.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_of_mono_is_as_wide_as_the_next() {
        let one = text_width("i", Font::Mono, 10.0);
        assert!((one - 6.0).abs() < 0.01, "{one}");
        assert!((text_width("kern.error", Font::Mono, 10.0) - 60.0).abs() < 0.01);
    }

    #[test]
    fn heavier_words_are_wider() {
        let width = |font| text_width("dashboard", font, 16.0);
        assert!(width(Font::Words) < width(Font::WordsMedium));
        assert!(width(Font::WordsMedium) < width(Font::WordsStrong));
    }

    #[test]
    fn letters_that_fit_into_each_other_stand_nearer() {
        let width = |text| text_width(text, Font::Words, 16.0);
        assert!(width("AV") < width("A") + width("V") - 0.5);
    }

    #[test]
    fn what_fits_is_left_alone() {
        assert_eq!(elide("errors", Font::Words, 14.0, 100.0), "errors");
    }

    #[test]
    fn what_is_cut_fits_and_ends_in_an_ellipsis() {
        let text = "a queue with a very long name é ñ ã";
        for max in [30.0, 60.0, 120.0] {
            let cut = elide(text, Font::Words, 14.0, max);
            assert!(cut.ends_with('…') && !cut.contains(" …"), "{cut}");
            assert!(text_width(&cut, Font::Words, 14.0) <= max, "{cut}");
        }
        assert_eq!(elide(text, Font::Words, 14.0, 0.0), "…");
    }

    #[test]
    fn a_letter_in_no_font_still_has_a_width() {
        assert!(text_width("漢", Font::Mono, 10.0) > 0.0);
    }
}
