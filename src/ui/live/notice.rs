//! What the server has to say: that a recording was written, or what could not be done.

use egui::{Align2, Area, Context, Id, Order, RichText, vec2};

use crate::app::{Command, Told};
use crate::scene::Ink;
use crate::t;
use crate::ui::window::Panels;
use crate::words::span;

/// A line over the window, until it is closed.
pub(in crate::ui) fn show(ctx: &Context, panels: &mut Panels) {
    let said = panels.state.live.as_ref().and_then(|it| it.said.clone());
    let said = said.or_else(|| panels.state.session.no_live.clone().map(Told::Failed));
    let Some(said) = said else {
        return;
    };
    let (text, ink) = match said {
        Told::Saved(path, until) => {
            let file = path.display().to_string();
            match until {
                None => (t!("live-saved", file = file), Ink::Hairline),
                Some(until) => {
                    let until = span(until);
                    (
                        t!("live-saved-until", file = file, until = until),
                        Ink::Warning,
                    )
                }
            }
        }
        Told::Failed(why) => (t!("live-failed", why = why), Ink::Warning),
        Told::Recording(what) => (what, Ink::Warning),
    };
    Area::new(Id::unique("live-notice"))
        .order(Order::Foreground)
        .anchor(Align2::CENTER_TOP, vec2(0.0, 60.0))
        .show(ctx, |ui| {
            panels.overlay(ink).show(ui, |ui| {
                ui.set_max_width(560.0);
                ui.horizontal_wrapped(|ui| {
                    ui.label(RichText::new(text).color(panels.color(Ink::Text)));
                    if ui.button(t!("close")).clicked() {
                        panels.emit(Command::HeardOut);
                    }
                });
            });
        });
}
