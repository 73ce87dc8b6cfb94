//! The slider over the run: where the moment is, and where decisions were made.

use std::cmp::Reverse;

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
    let start = panels.state.start();
    let moment = panels.state.run.moment.at;
    // Who keeps up with now is at the end.
    let end = match panels.state.is_following() {
        true => moment,
        false => panels.state.end(),
    };
    let span = end.since(start).0.max(1) as f32;
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
    let x = |at: Micros| {
        track.min.x + track.width() * (at.since(start).0 as f32 / span).clamp(0.0, 1.0)
    };

    if let Some(pointer) = response.interact_pointer_pos() {
        let fraction = ((pointer.x - track.min.x) / track.width()).clamp(0.0, 1.0);
        let since = Micros((f64::from(fraction) * f64::from(span)) as u64);
        panels.emit(Command::Seek(start + since));
    }

    let painter = ui.painter();
    let line = |from: f32, to: f32, width: f32, ink: Ink| {
        let stroke = Stroke::new(width, panels.color(ink));
        painter.hline(from..=to, track.center().y, stroke);
    };
    // The run itself may be worked out further than it was looked at.
    let known = panels.state.run.reached();
    line(track.min.x, track.max.x, 5.0, Ink::Hairline);
    line(track.min.x, x(known), 5.0, Ink::Faint);
    line(track.min.x, x(moment), 5.0, Ink::Accent);

    let mark = |at: f32, ink: Ink| {
        let stroke = Stroke::new(1.6, panels.color(ink));
        painter.vline(at, track.center().y - 13.0..=track.center().y - 7.0, stroke);
    };
    ticks(panels, track.width(), |at, ink| mark(track.min.x + at, ink));

    let center = pos2(x(moment), track.center().y);
    let ring = Stroke::new(3.0, panels.color(Ink::Accent));
    painter.circle(center, HANDLE, panels.color(Ink::Card), ring);
    if response.has_focus() {
        let focus = Stroke::new(2.0, panels.color(Ink::Text));
        painter.circle_stroke(center, HANDLE + 4.0, focus);
    }
    response.on_hover_text(t!("transport-slider-tip"));
}

/// Marks decisions and what went wrong: at most one mark every few points, however long the run is.
fn ticks(panels: &Panels, width: f32, mut mark: impl FnMut(f32, Ink)) {
    const APART: f32 = 3.0;
    /// A column with more events than this is marked by its first ones.
    const LOOKED_AT: usize = 16;
    let show = &panels.state.run.show;
    let (cues, history) = (show.director().cues(), show.history());
    let start = panels.state.start();
    let span = panels.state.end().since(start).0.max(1) as f64;
    let columns = (width / APART) as usize;
    let mut first = 0;
    for column in 0..columns {
        let until = start + Micros((span * (column + 1) as f64 / columns as f64) as u64);
        let rest = &cues[first..];
        let count = rest.partition_point(|cue| cue.at < until);
        let inks = rest[..count]
            .iter()
            .take(LOOKED_AT)
            .filter_map(|cue| Some((cue.at, tick_ink(history.event(cue.event)?)?)));
        // What went wrong is told before what went right.
        if let Some((at, ink)) = inks.max_by_key(|&(at, ink)| (ink == Ink::Warning, Reverse(at))) {
            mark(
                (f64::from(width) * at.since(start).0 as f64 / span) as f32,
                ink,
            );
        }
        first += count;
    }
}

/// What marks an event on the slider: decisions, and what went wrong.
fn tick_ink(event: &Event) -> Option<Ink> {
    match event.kind {
        EventKind::Broker(broker::Event::Routed { .. }) => Some(Ink::Faint),
        EventKind::Broker(
            broker::Event::Unroutable { .. }
            | broker::Event::Died { .. }
            | broker::Event::Lost { .. }
            | broker::Event::Returned { .. }
            | broker::Event::TurnedAway { .. }
            | broker::Event::Requeued { .. }
            | broker::Event::Refused { .. }
            | broker::Event::Confirmed { ack: false, .. }
            | broker::Event::Stopped { .. },
        ) => Some(Ink::Warning),
        _ => None,
    }
}
