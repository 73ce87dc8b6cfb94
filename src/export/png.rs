//! A scene as PNG, by way of its SVG, with the embedded fonts and no others.

use std::sync::{Arc, OnceLock};

use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::fontdb::{Database, Source};
use resvg::usvg::{Options, Tree};

use super::svg::svg;
use crate::scene::{Ink, Scene, Theme, fonts};

/// The longest side of a picture, in pixels.
pub const MAX_SIDE: u32 = 16_384;

/// The most pixels of a picture, so that it fits in a quarter of a gigabyte.
pub const MAX_PIXELS: u64 = 64 * 1024 * 1024;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum PngError {
    /// The scale is nought, negative or no number.
    #[error("a picture cannot be {0} times its size; give a scale above 0")]
    Scale(f32),
    /// The picture would be empty, or too large to be of use.
    #[error(
        "a picture of {width:.0} × {height:.0} pixels cannot be made: it may have 1 to {MAX_SIDE} on a side \
         and {MAX_PIXELS} in all; give another --scale, draw a part with --around NAME, or write an .svg file, \
         which has no limit"
    )]
    Size {
        /// Its width in pixels.
        width: f32,
        /// Its height in pixels.
        height: f32,
    },
    /// The SVG could not be read back.
    #[error("the picture could not be drawn: {0}")]
    Svg(#[from] resvg::usvg::Error),
    /// The pixels could not be packed.
    #[error("the picture could not be written as PNG: {0}")]
    Encode(String),
}

/// Draws `scene` with `scale` pixels to a world unit.
///
/// # Errors
/// When the picture would be empty or too large ([`MAX_SIDE`], [`MAX_PIXELS`]).
pub fn png(scene: &Scene, theme: Theme, scale: f32) -> Result<Vec<u8>, PngError> {
    if !(scale.is_finite() && scale > 0.0) {
        return Err(PngError::Scale(scale));
    }
    let (width, height) = (scene.bounds.width() * scale, scene.bounds.height() * scale);
    let mut pixmap = pixmap(width, height).ok_or(PngError::Size { width, height })?;
    let options = Options {
        fontdb: fontdb(),
        ..Options::default()
    };
    let tree = Tree::from_str(&svg(scene, theme, ""), &options)?;
    // Where the size is no whole number the last pixels lie partly outside the scene.
    let [red, green, blue] = theme.color(Ink::Canvas);
    pixmap.fill(Color::from_rgba8(red, green, blue, 255));
    let transform = Transform::from_scale(scale, scale);
    resvg::render(&tree, transform, &mut pixmap.as_mut());
    pixmap
        .encode_png()
        .map_err(|error| PngError::Encode(error.to_string()))
}

/// The largest scale up to this one at which a picture can be made.
#[must_use]
pub fn fitting(scene: &Scene, scale: f32) -> f32 {
    let (width, height) = (scene.bounds.width(), scene.bounds.height());
    let fits = |scale: f32| size(width * scale, height * scale).is_some();
    let side = MAX_SIDE as f32 / width.max(height);
    let most = side.min((MAX_PIXELS as f32 / (width * height)).sqrt());
    if fits(scale) || !(most.is_finite() && most < scale) {
        return scale;
    }
    // A scale that can be written down, and that leaves room for the last pixels, which are filled in part.
    let steps = if most < 0.05 { 10_000.0 } else { 100.0 };
    let mut scale = (most * steps).floor() / steps;
    while scale > 0.0 && !fits(scale) && width.min(height) * scale >= 1.0 {
        scale -= 1.0 / steps;
    }
    scale
}

/// Empty pixels, if there may be so many.
fn pixmap(width: f32, height: f32) -> Option<Pixmap> {
    let (width, height) = size(width, height)?;
    Pixmap::new(width, height)
}

/// Whole pixels, if there may be so many.
fn size(width: f32, height: f32) -> Option<(u32, u32)> {
    let side = |length: f32| {
        let pixels = length.ceil();
        // What is not a number is in no range.
        (1.0..=MAX_SIDE as f32)
            .contains(&pixels)
            .then_some(pixels as u32)
    };
    let (width, height) = (side(width)?, side(height)?);
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return None;
    }
    Some((width, height))
}

/// The embedded fonts and no others, so that a picture is the same everywhere.
fn fontdb() -> Arc<Database> {
    static FONTS: OnceLock<Arc<Database>> = OnceLock::new();
    let load = || {
        let mut database = Database::new();
        for file in [
            fonts::INTER_REGULAR,
            fonts::INTER_MEDIUM,
            fonts::INTER_SEMI_BOLD,
            fonts::JETBRAINS_MONO,
        ] {
            database.load_font_source(Source::Binary(Arc::new(file)));
        }
        Arc::new(database)
    };
    FONTS.get_or_init(load).clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Point, Rect, point};
    use crate::scene::{Fill, Font, Shape, Text, measure};

    fn scene(width: f32, height: f32) -> Scene {
        Scene {
            bounds: Rect::from_min_size(Point::ZERO, width, height),
            shapes: Vec::new(),
        }
    }

    fn decode(png: &[u8]) -> Pixmap {
        Pixmap::decode_png(png).expect("a PNG that can be read back")
    }

    #[test]
    fn the_scale_multiplies_the_size() {
        let picture = decode(&png(&scene(30.0, 20.5), Theme::Light, 2.0).unwrap());
        assert_eq!((picture.width(), picture.height()), (60, 41));
    }

    #[test]
    fn the_ground_is_the_canvas_of_the_theme() {
        let picture = decode(&png(&scene(4.0, 1.4), Theme::Dark, 1.0).unwrap());
        let pixel = picture.pixel(1, 1).unwrap();
        let canvas = Theme::Dark.color(Ink::Canvas);
        assert_eq!([pixel.red(), pixel.green(), pixel.blue()], canvas);
    }

    #[test]
    fn shapes_cover_what_lies_beneath() {
        let mut scene = scene(10.0, 10.0);
        let all = scene.bounds;
        scene
            .shapes
            .push(Shape::rect(all, 0.0, Fill::new(Ink::Accent), None));
        let picture = decode(&png(&scene, Theme::Light, 1.0).unwrap());
        let pixel = picture.pixel(5, 5).unwrap();
        let accent = Theme::Light.color(Ink::Accent);
        assert_eq!([pixel.red(), pixel.green(), pixel.blue()], accent);
    }

    #[test]
    fn absurd_sizes_and_scales_are_refused() {
        for scale in [0.0, -1.0, f32::NAN, f32::INFINITY] {
            let result = png(&scene(10.0, 10.0), Theme::Light, scale);
            assert!(matches!(result, Err(PngError::Scale(_))), "{scale}");
        }
        for (width, height) in [
            (0.0, 10.0),
            (1e9, 1.0),
            (16_000.0, 16_000.0),
            (f32::NAN, 10.0),
            (f32::INFINITY, 10.0),
            (-5.0, 10.0),
        ] {
            let result = png(&scene(width, height), Theme::Light, 1.0);
            assert!(
                matches!(result, Err(PngError::Size { .. })),
                "{width} {height}"
            );
        }
    }

    #[test]
    fn what_is_too_large_fits_at_a_smaller_scale() {
        for (width, height) in [
            (300.0, 45_000.0),
            (20_000.0, 20_000.0),
            (9_000.0, 8_000.0),
            (1.5e6, 900.0),
        ] {
            let scene = scene(width, height);
            let scale = fitting(&scene, 2.0);
            assert!(scale < 2.0, "{width} {height}");
            assert!(
                size(width * scale, height * scale).is_some(),
                "{width} {height}: {scale}"
            );
            let larger = 1.1 * scale;
            assert!(
                size(width * larger, height * larger).is_none(),
                "{width} {height}: {scale}"
            );
        }
        let small = scene(800.0, 600.0);
        assert_eq!(fitting(&small, 2.0), 2.0);
        let told = PngError::Size {
            width: 9e9,
            height: 1.0,
        }
        .to_string();
        assert!(told.contains("--around") && told.contains(".svg"), "{told}");
    }

    /// Where the drawn text ends must be where it was measured to end.
    #[test]
    fn texts_are_as_wide_as_measured() {
        for font in [
            Font::Words,
            Font::WordsMedium,
            Font::WordsStrong,
            Font::Mono,
        ] {
            for line in [
                "AVATAR to Yvonne",
                "Published by web at 1.20 s",
                "every 400 ms",
                "dead-letter: kern.*",
            ] {
                let mut scene = scene(600.0, 40.0);
                let text = Text::new(point(0.0, 20.0), line, font, 20.0, Ink::Text);
                scene.shapes.push(text.into());
                let options = Options {
                    fontdb: fontdb(),
                    ..Options::default()
                };
                let tree = Tree::from_str(&svg(&scene, Theme::Light, ""), &options).unwrap();
                let Some(resvg::usvg::Node::Text(text)) = tree.root().children().last() else {
                    panic!("no text in the tree");
                };
                let drawn = text.bounding_box().width();
                let measured = measure::text_width(line, font, 20.0);
                let off = (drawn - measured).abs() / measured;
                assert!(
                    off < 0.02,
                    "{font:?} {line}: {drawn} drawn, {measured} measured"
                );
            }
        }
    }
}
