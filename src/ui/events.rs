//! The list of what happened, newest last.

use egui::{
    Align, Align2, Layout, Margin, RichText, Role, ScrollArea, Sense, Ui, WidgetInfo, vec2,
};

use crate::app::{Action, Command};
use crate::broker::EventId;
use crate::compare::Side;
use crate::scene::{Ink, Sign};
use crate::t;
use crate::words::describe;

use super::button::{Look, sign_button};
use super::listing::row_ground;
use super::time::seconds;
use super::window::Panels;
use super::{fonts, theme};

const ROW: f32 = 24.0;
const TIME: f32 = 56.0;
const VERB: f32 = 96.0;

pub(super) fn show(ui: &mut Ui, panels: &mut Panels) {
    egui::Frame::new()
        .inner_margin(Margin {
            left: 20,
            right: 12,
            top: 8,
            bottom: 8,
        })
        .show(ui, |ui| {
            ui.horizontal(|ui| {
                let title = RichText::new(t!("events-title")).text_style(theme::name());
                ui.label(title.color(panels.color(Ink::Text)));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let close = t!("events-close");
                    if sign_button(ui, Sign::Close, &close, 26.0, Look::Quiet).clicked() {
                        panels.act(Action::Events);
                    }
                });
            });
            list(ui, panels, None);
        });
}

/// What happened on a side.
pub(super) fn list(ui: &mut Ui, panels: &mut Panels, side: Option<Side>) {
    let run = panels.run(side);
    let cues = run.show.director().shown();
    let (first, shown) = (cues.first(), run.moment.shown.min(cues.len()));
    // A list that has become longer or shorter is scrolled to its end in the pass after.
    let id = ui.scope_id().with("shown");
    let before = ui.data(|data| data.get_temp::<usize>(id));
    if before != Some(shown) {
        ui.data_mut(|data| data.insert_temp(id, shown));
        ui.request_repaint();
    }
    if shown == 0 {
        let none = match panels.state.going_on() {
            Some(_) => t!("events-none-live"),
            None => t!("events-none"),
        };
        ui.label(RichText::new(none).color(panels.color(Ink::Soft)));
        return;
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::vertical()
        .auto_shrink(false)
        .stick_to_bottom(true)
        .show_rows(ui, ROW, shown.saturating_sub(first), |ui, rows| {
            for index in rows.map(|row| first + row) {
                if let Some(cue) = cues.get(index) {
                    let latest = index + 1 == shown;
                    row(ui, panels, side, cue.event, seconds(cue.at), latest);
                }
            }
        });
}

/// One event: when, what, and the sentence. A click selects it, another one goes to its moment.
fn row(
    ui: &mut Ui,
    panels: &mut Panels,
    side: Option<Side>,
    id: EventId,
    time: String,
    latest: bool,
) {
    let history = panels.run(side).show.history();
    let Some(event) = history.event(id) else {
        return;
    };
    let line = describe(event, history.head(), history);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let selected = panels.in_front(side) && panels.state.session.event == Some(id);
    response.widget_info(|| {
        let label = format!("{time} {}", line.text);
        WidgetInfo::selected(Role::Button, true, selected, label)
    });
    if response.clicked() {
        panels.face(side);
    }
    if response.double_clicked() || (selected && response.clicked()) {
        panels.emit(Command::GoTo(id));
    } else if response.clicked() {
        panels.emit(Command::SelectEvent(id));
    }
    if !ui.is_rect_visible(rect) {
        return;
    }
    let painter = ui.painter_at(rect);
    row_ground(&painter, rect, panels, selected, &response);
    let middle = rect.center().y;
    let text = |x: f32, text: &str, font, ink| {
        let at = egui::pos2(rect.min.x + x, middle);
        painter.text(at, Align2::LEFT_CENTER, text, font, panels.color(ink));
    };
    use crate::scene::Font;
    let accent = if latest || selected {
        Ink::Accent
    } else {
        Ink::Soft
    };
    text(8.0, &time, fonts::font_id(Font::Mono, 12.5), Ink::Soft);
    text(
        8.0 + TIME,
        &line.verb,
        fonts::font_id(Font::WordsStrong, 13.0),
        accent,
    );
    text(
        8.0 + TIME + VERB,
        &line.text,
        fonts::font_id(Font::Words, 13.5),
        Ink::Text,
    );
}
