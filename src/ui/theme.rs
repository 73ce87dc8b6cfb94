//! egui's widgets in the project's look, by day and by night.

use egui::style::{HandleShape, ScrollStyle, Selection, WidgetVisuals, Widgets};
use egui::{
    Color32, Context, CornerRadius, FontFamily, FontId, Margin, Shadow, Stroke, Style, TextStyle,
    Visuals, vec2,
};

use super::fonts;
use crate::scene::palette::{Rgb, Theme};
use crate::scene::{Ink, Stroke as SceneStroke};

/// How round buttons, fields and cards are.
const CORNER: CornerRadius = CornerRadius::same(8);

/// The style of names: of queues, exchanges, messages.
#[must_use]
pub fn name() -> TextStyle {
    TextStyle::Name("name".into())
}

/// The style of labels that are a little heavier than the body.
#[must_use]
pub fn label() -> TextStyle {
    TextStyle::Name("label".into())
}

/// The style of keys and numbers in secondary places.
#[must_use]
pub fn small_mono() -> TextStyle {
    TextStyle::Name("small-mono".into())
}

/// Gives `ctx` the fonts and both looks; which of them shows, [`apply`] says.
pub fn install(ctx: &Context) {
    ctx.set_fonts(fonts::definitions());
    for theme in [Theme::Light, Theme::Dark] {
        ctx.set_style_of(toolkit(theme), style(theme));
    }
}

/// Shows `theme` from now on.
pub fn apply(ctx: &Context, theme: Theme) {
    ctx.set_theme(toolkit(theme));
}

/// The theme that shows.
#[must_use]
pub fn shown(ctx: &Context) -> Theme {
    match ctx.theme() {
        egui::Theme::Light => Theme::Light,
        egui::Theme::Dark => Theme::Dark,
    }
}

/// What `ink` looks like.
#[must_use]
pub fn color(ink: Ink, theme: Theme) -> Color32 {
    opaque(theme.color(ink))
}

/// What `ink` looks like, seen through by `opacity`.
#[must_use]
pub fn faded(ink: Ink, opacity: f32, theme: Theme) -> Color32 {
    let color = color(ink, theme);
    if opacity >= 1.0 {
        color
    } else {
        color.gamma_multiply(opacity.max(0.0))
    }
}

/// A scene's line, as wide as on the screen at `scale`.
#[must_use]
pub fn stroke(stroke: SceneStroke, scale: f32, theme: Theme) -> Stroke {
    let color = faded(stroke.ink, stroke.opacity, theme);
    Stroke::new(stroke.width * scale, color)
}

const fn opaque([red, green, blue]: Rgb) -> Color32 {
    Color32::from_rgb(red, green, blue)
}

const fn toolkit(theme: Theme) -> egui::Theme {
    match theme {
        Theme::Light => egui::Theme::Light,
        Theme::Dark => egui::Theme::Dark,
    }
}

/// Everything egui asks about looks.
#[must_use]
pub fn style(theme: Theme) -> Style {
    let mut style = Style {
        text_styles: [
            (TextStyle::Heading, FontId::new(17.0, fonts::strong())),
            (name(), FontId::new(16.0, fonts::strong())),
            (TextStyle::Body, FontId::new(14.0, FontFamily::Proportional)),
            (label(), FontId::new(14.0, fonts::medium())),
            (TextStyle::Button, FontId::new(14.0, fonts::medium())),
            (
                TextStyle::Monospace,
                FontId::new(13.5, FontFamily::Monospace),
            ),
            (
                TextStyle::Small,
                FontId::new(12.5, FontFamily::Proportional),
            ),
            (small_mono(), FontId::new(12.5, FontFamily::Monospace)),
        ]
        .into(),
        visuals: visuals(theme),
        ..Style::default()
    };
    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(8.0, 8.0);
    spacing.button_padding = vec2(12.0, 4.0);
    spacing.interact_size = vec2(40.0, 32.0);
    spacing.window_margin = Margin::same(16);
    spacing.menu_margin = Margin::same(8);
    spacing.menu_spacing = 4.0;
    spacing.indent = 20.0;
    spacing.icon_width = 20.0;
    spacing.icon_width_inner = 12.0;
    spacing.icon_spacing = 8.0;
    spacing.slider_rail_height = 4.0;
    spacing.tooltip_width = 360.0;
    spacing.scroll = ScrollStyle::thin();
    style
}

fn visuals(theme: Theme) -> Visuals {
    let ink = |ink| color(ink, theme);
    let base = match theme {
        Theme::Light => Visuals::light(),
        Theme::Dark => Visuals::dark(),
    };
    Visuals {
        weak_text_color: Some(ink(Ink::Soft)),
        widgets: widgets(theme),
        // Also the outline of a field that has the keyboard.
        selection: Selection {
            bg_fill: opaque(theme.blend(Ink::Accent, 0.14, Ink::Panel)),
            stroke: Stroke::new(2.0, ink(Ink::Accent)),
        },
        hyperlink_color: ink(Ink::Accent),
        faint_bg_color: ink(Ink::Canvas),
        extreme_bg_color: ink(Ink::Canvas),
        code_bg_color: ink(Ink::Canvas),
        warn_fg_color: ink(Ink::Warning),
        error_fg_color: ink(Ink::Warning),
        window_corner_radius: CORNER,
        window_shadow: Shadow::NONE,
        window_fill: ink(Ink::Panel),
        window_stroke: Stroke::new(1.0, ink(Ink::Hairline)),
        window_highlight_topmost: false,
        menu_corner_radius: CORNER,
        panel_fill: ink(Ink::Panel),
        popup_shadow: Shadow::NONE,
        handle_shape: HandleShape::Circle,
        slider_trailing_fill: true,
        indent_has_left_vline: false,
        ..base
    }
}

fn widgets(theme: Theme) -> Widgets {
    let ink = |ink| color(ink, theme);
    let tint = |over, opacity| opaque(theme.blend(over, opacity, Ink::Panel));
    let resting = WidgetVisuals {
        bg_fill: tint(Ink::Text, 0.08),
        weak_bg_fill: ink(Ink::Panel),
        bg_stroke: Stroke::new(1.0, ink(Ink::Hairline)),
        corner_radius: CORNER,
        fg_stroke: Stroke::new(1.0, ink(Ink::Text)),
        expansion: 0.0,
    };
    let hovered = WidgetVisuals {
        bg_fill: tint(Ink::Text, 0.12),
        weak_bg_fill: tint(Ink::Text, 0.05),
        bg_stroke: Stroke::new(1.0, ink(Ink::Faint)),
        ..resting
    };
    Widgets {
        noninteractive: WidgetVisuals {
            bg_fill: ink(Ink::Panel),
            ..resting
        },
        inactive: resting,
        hovered,
        // egui shows what has the keyboard as it shows what is pressed: this is the focus ring.
        active: WidgetVisuals {
            bg_stroke: Stroke::new(2.0, ink(Ink::Accent)),
            ..hovered
        },
        open: hovered,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_the_keyboard_is_ringed_in_the_accent() {
        for theme in [Theme::Light, Theme::Dark] {
            let style = style(theme);
            let ring = style.visuals.widgets.active.bg_stroke;
            assert_eq!(ring, Stroke::new(2.0, color(Ink::Accent, theme)));
            assert_ne!(ring, style.visuals.widgets.hovered.bg_stroke);
        }
    }

    #[test]
    fn nothing_is_set_under_eleven_points_and_buttons_are_high_enough() {
        let style = style(Theme::Light);
        assert!(style.text_styles.values().all(|font| font.size >= 11.0));
        assert!(style.spacing.interact_size.y >= 32.0);
    }

    #[test]
    fn the_theme_that_was_applied_shows() {
        let ctx = Context::default();
        install(&ctx);
        for theme in [Theme::Dark, Theme::Light] {
            apply(&ctx, theme);
            assert_eq!(shown(&ctx), theme);
            assert_eq!(
                ctx.global_style().visuals.panel_fill,
                color(Ink::Panel, theme)
            );
        }
    }
}
