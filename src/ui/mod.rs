//! The window: panels and canvas, fonts, theme, and how a scene is painted.

mod button;
mod canvas;
mod compare;
pub mod dash;
mod dialog;
mod events;
mod find;
pub mod fonts;
mod frames;
mod gallery;
mod help;
mod hints;
mod hover;
mod inspector;
mod legend;
mod listing;
mod live;
mod loader;
mod notices;
mod operate;
mod pace;
pub mod paint;
mod problems;
mod simplified;
mod standstill;
pub mod theme;
mod time;
mod timeline;
mod top_bar;
mod transport;
mod vhosts;
mod window;

pub use window::{Window, WindowError, install, open};

#[cfg(test)]
pub(crate) mod testing {
    //! egui without a window.

    use egui::epaint::ClippedShape;
    use egui::{Context, Pos2, RawInput, Rect, Ui, vec2};

    use super::theme;

    /// A context with fonts and themes, past its first pass, since fonts come
    /// into force with the pass after the one that set them.
    pub fn context() -> Context {
        let ctx = Context::default();
        theme::install(&ctx);
        let _ = pass(&ctx, |_| {});
        ctx
    }

    /// One pass on a screen of 800 × 600, and what it painted.
    pub fn pass(ctx: &Context, run: impl FnMut(&mut Ui)) -> Vec<ClippedShape> {
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, vec2(800.0, 600.0))),
            ..RawInput::default()
        };
        let mut output = ctx.run_ui(input, run);
        // Nobody is there to take the textures.
        output.textures_delta.clear();
        output.shapes
    }
}
