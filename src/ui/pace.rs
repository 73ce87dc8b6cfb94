//! Why the picture does not keep the pace it should: what is said over the canvas, as long as it is so.

use egui::{Align2, Area, Context, Id, Order, RichText, vec2};

use crate::app::State;
use crate::scene::{Ink, MAX_EVENTS};
use crate::t;
use crate::words;

use super::window::Panels;

/// A line over the canvas, while there is something to say.
pub(super) fn show(ctx: &Context, panels: &mut Panels) {
    let Some((text, ink)) = said(panels.state) else {
        return;
    };
    Area::new(Id::unique("pace"))
        .order(Order::Middle)
        .anchor(Align2::CENTER_TOP, vec2(0.0, 60.0))
        .interactable(false)
        .show(ctx, |ui| {
            panels.overlay(ink).show(ui, |ui| {
                ui.set_max_width(560.0);
                ui.label(RichText::new(text).color(panels.color(Ink::Text)));
            });
        });
}

fn said(state: &State) -> Option<(String, Ink)> {
    for run in state.runs() {
        let (show, at) = (&run.show, run.moment.at);
        let reached = |(standstill, _): &_| {
            let standstill: &crate::world::Standstill = standstill;
            standstill.at <= at
        };
        if let Some((standstill, _)) = show.standstill().filter(reached) {
            let text = words::standstill(&standstill, show.history().head());
            return Some((text, Ink::Warning));
        }
        if show.is_full() && at >= show.history().complete_to() {
            return Some((t!("inspector-full", count = MAX_EVENTS), Ink::Warning));
        }
    }
    let lags = state.lags && state.is_playing() && state.live().is_none();
    lags.then(|| (t!("canvas-lags"), Ink::Hairline))
}
