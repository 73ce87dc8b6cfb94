//! The slider over the run: where the moment is, and where decisions were made.

use egui::{Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::app::Command;
use crate::broker::{self, Micros};
use crate::scene::Ink;
use crate::t;
use crate::world::{Event, EventKind};

use super::window::Panels;

const HANDLE: f32 = 9.0;

pub(super) fn show(ui: &mut Ui, panels: &mut Panels) {
    let width = (ui.available_width() - 8.0).max(60.0);
    let (rect, response) = ui.allocate_exact_size(vec2(width, 40.0), Sense::click_and_drag());
    let end = panels.state.end().0.max(1) as f32;
    let moment = panels.state.run.moment.at;
    let label = t!("transport-slider");
    let value = moment.as_secs_f64();
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::Slider, true, &label);
        info.value = Some(value);
        info
    });
    let track = Rect::from_min_max(
        pos2(rect.min.x + HANDLE, rect.center().y),
        pos2(rect.max.x - HANDLE, rect.center().y),
    );
    let x = |at: Micros| track.min.x + track.width() * (at.0 as f32 / end).clamp(0.0, 1.0);

    if let Some(pointer) = response.interact_pointer_pos() {
        let fraction = ((pointer.x - track.min.x) / track.width()).clamp(0.0, 1.0);
        panels.emit(Command::Seek(Micros(
            (f64::from(fraction) * f64::from(end)) as u64,
        )));
    }

    let painter = ui.painter();
    let line = |from: f32, to: f32, width: f32, ink: Ink| {
        let stroke = Stroke::new(width, panels.color(ink));
        painter.hline(from..=to, track.center().y, stroke);
    };
    let known = panels.state.run.show.history().complete_to();
    line(track.min.x, track.max.x, 5.0, Ink::Hairline);
    line(track.min.x, x(known), 5.0, Ink::Faint);
    line(track.min.x, x(moment), 5.0, Ink::Accent);

    // Ticks closer than this would be one.
    let mut last = f32::NEG_INFINITY;
    for cue in panels.state.run.show.director().cues() {
        let event = panels.state.run.show.history().event(cue.event);
        let Some(ink) = event.and_then(tick_ink) else {
            continue;
        };
        let at = x(cue.at);
        if at - last >= 3.0 || ink == Ink::Warning {
            let stroke = Stroke::new(1.6, panels.color(ink));
            painter.vline(at, track.center().y - 13.0..=track.center().y - 7.0, stroke);
            last = at;
        }
    }

    let center = pos2(x(moment), track.center().y);
    let ring = Stroke::new(3.0, panels.color(Ink::Accent));
    painter.circle(center, HANDLE, panels.color(Ink::Card), ring);
    if response.has_focus() {
        let focus = Stroke::new(2.0, panels.color(Ink::Text));
        painter.circle_stroke(center, HANDLE + 4.0, focus);
    }
    response.on_hover_text(t!("transport-slider-tip"));
}

/// What marks an event on the slider: decisions, and what went wrong.
fn tick_ink(event: &Event) -> Option<Ink> {
    match event.kind {
        EventKind::Broker(broker::Event::Routed { .. }) => Some(Ink::Faint),
        EventKind::Broker(
            broker::Event::Unroutable { .. }
            | broker::Event::Rejected { .. }
            | broker::Event::Requeued { .. },
        ) => Some(Ink::Warning),
        _ => None,
    }
}
