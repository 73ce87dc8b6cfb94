//! The embedded fonts, as egui wants to have them.

use std::sync::Arc;

use egui::{FontData, FontDefinitions, FontFamily, FontId};

use crate::scene::{Font, fonts};

const REGULAR: &str = "inter-regular";
const MEDIUM: &str = "inter-medium";
const STRONG: &str = "inter-semibold";
const MONO: &str = "JetBrains Mono";

/// The family of labels.
#[must_use]
pub fn medium() -> FontFamily {
    FontFamily::Name("medium".into())
}

/// The family of names and titles.
#[must_use]
pub fn strong() -> FontFamily {
    FontFamily::Name("strong".into())
}

/// The family of a scene's font.
#[must_use]
pub fn family(font: Font) -> FontFamily {
    match font {
        Font::Words => FontFamily::Proportional,
        Font::WordsMedium => medium(),
        Font::WordsStrong => strong(),
        Font::Mono => FontFamily::Monospace,
    }
}

/// The scene's `font` at `size` points.
#[must_use]
pub fn font_id(font: Font, size: f32) -> FontId {
    FontId::new(size, family(font))
}

/// Every family, each falling back to the other face for letters that it lacks.
#[must_use]
pub fn definitions() -> FontDefinitions {
    let mut definitions = FontDefinitions::empty();
    for (name, file) in [
        (REGULAR, fonts::INTER_REGULAR),
        (MEDIUM, fonts::INTER_MEDIUM),
        (STRONG, fonts::INTER_SEMI_BOLD),
        (MONO, fonts::JETBRAINS_MONO),
    ] {
        let data = Arc::new(FontData::from_static(file));
        definitions.font_data.insert(name.to_owned(), data);
    }
    for (family, own, lent) in [
        (FontFamily::Proportional, REGULAR, MONO),
        (medium(), MEDIUM, MONO),
        (strong(), STRONG, MONO),
        (FontFamily::Monospace, MONO, REGULAR),
    ] {
        let files = vec![own.to_owned(), lent.to_owned()];
        definitions.families.insert(family, files);
    }
    definitions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::measure::text_width;
    use crate::ui::testing::context;
    use egui::Color32;

    const FONTS: [Font; 4] = [
        Font::Words,
        Font::WordsMedium,
        Font::WordsStrong,
        Font::Mono,
    ];

    #[test]
    fn every_sign_that_the_window_uses_is_in_every_family() {
        let ctx = context();
        for font in FONTS {
            for sign in "→←✓✗●▲▼◆…·–×“”’éñãçà\u{FFFD}".chars() {
                let has = ctx.fonts_mut(|fonts| fonts.has_glyph(&font_id(font, 14.0), sign));
                assert!(has, "{font:?} lacks {sign}");
            }
        }
    }

    #[test]
    fn texts_are_laid_out_as_wide_as_measured() {
        let ctx = context();
        for font in FONTS {
            for text in [
                "Published by web at 1.20 s. Três cópias.",
                "3 ready · 1 unacked",
                "who hears which log line → errors",
                "AVATAR to Yvonne",
            ] {
                for size in [12.5, 16.0, 33.0] {
                    let galley = ctx.fonts_mut(|fonts| {
                        let id = font_id(font, size);
                        fonts.layout_no_wrap(text.to_owned(), id, Color32::BLACK)
                    });
                    let (laid_out, measured) = (galley.rect.width(), text_width(text, font, size));
                    let off = (laid_out - measured).abs() / measured;
                    assert!(
                        off < 0.02,
                        "{font:?} {size} {text}: {laid_out} and {measured}"
                    );
                }
            }
        }
    }
}
