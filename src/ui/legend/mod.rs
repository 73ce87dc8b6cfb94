//! The legend: each sign of the picture beside its sentence.

mod drawing;

use egui::emath::TSTransform;
use egui::{Context, Modal, RichText, Role, ScrollArea, Sense, Ui, WidgetInfo, vec2};

use crate::app::{Action, Command};
use crate::geometry::Point;
use crate::scene::Ink;
use crate::t;
use crate::words::Sign;

use super::gallery::heading;
use super::paint;
use super::window::Panels;

/// The width of a sign with its sentence.
const COLUMN: f32 = 440.0;
const GAP: f32 = 28.0;

/// The parts of the legend, each with the signs it lists. Where two ways are compared, what only is there comes first.
fn groups(is_compared: bool) -> Vec<(String, &'static [Sign])> {
    use Sign::*;
    let mut groups: Vec<(_, &[_])> = vec![
        (
            t!("legend-messages"),
            &[
                Ready,
                Unacked,
                Redelivered,
                Ttl,
                Expired,
                Dropped,
                Ack,
                Requeue,
                Reject,
                Confirm,
                Nack,
                Return,
            ],
        ),
        (
            t!("legend-queues"),
            &[
                Fill, Lanes, Quorum, Stream, Position, Durable, Transient, Exclusive, AutoDelete,
                Absent,
            ],
        ),
        (
            t!("legend-lines"),
            &[
                Matched, Unmatched, DeadLetter, Alternate, Band, Delay, Unknown,
            ],
        ),
        (
            t!("legend-actors"),
            &[Prefetch, Active, Connection, Channel, Blocked, Flow],
        ),
        (t!("legend-broker"), &[Refused, Alarm, Down]),
    ];
    let compared = (
        t!("legend-comparisons"),
        &[Users, Workers, Backlog, Response, Unanswered, Echo][..],
    );
    let place = if is_compared { 0 } else { groups.len() };
    groups.insert(place, compared);
    groups
}

pub(super) fn show(ctx: &Context, panels: &mut Panels) {
    if !panels.state.session.legend {
        return;
    }
    let room = ctx.content_rect().size();
    let is_compared = panels.state.comparing.is_some();
    let columns = if room.x >= 2.0 * COLUMN + GAP + 120.0 {
        2
    } else {
        1
    };
    let modal = Modal::new(egui::Id::unique("legend"))
        .frame(panels.overlay(Ink::Hairline))
        .show(ctx, |ui| {
            let width = columns as f32 * (COLUMN + GAP) - GAP;
            ui.set_width(width.min(room.x - 80.0));
            heading(ui, panels, &t!("legend-title"), Action::Legend);
            ui.add_space(2.0);
            ScrollArea::vertical()
                .max_height(room.y - 150.0)
                // As high as what is in it, as long as there is room.
                .min_scrolled_height(room.y - 150.0)
                .show(ui, |ui| {
                    for (title, signs) in groups(is_compared) {
                        group(ui, panels, &title, signs, columns);
                    }
                });
        });
    if modal.should_close() {
        panels.emit(Command::CloseOverlay);
    }
}

/// A part's title and its signs, down the first column and on in the second.
fn group(ui: &mut Ui, panels: &Panels, title: &str, signs: &[Sign], columns: usize) {
    ui.add_space(8.0);
    let title = RichText::new(title).text_style(super::theme::name());
    ui.label(title.color(panels.color(Ink::Text)));
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = GAP;
        let width = ((ui.available_width() + GAP) / columns as f32 - GAP).max(200.0);
        for part in signs.chunks(signs.len().div_ceil(columns)) {
            ui.vertical(|ui| {
                ui.set_width(width);
                for &sign in part {
                    row(ui, panels, sign);
                }
            });
        }
    });
}

fn row(ui: &mut Ui, panels: &Panels, sign: Sign) {
    let meaning = sign.meaning();
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 14.0;
        let size = vec2(drawing::WIDTH, drawing::HEIGHT);
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &meaning));
        let fill = panels.color(Ink::Canvas);
        ui.painter().rect_filled(rect, 8.0, fill);
        let mut shapes = Vec::new();
        drawing::draw(
            sign,
            Point::new(rect.center().x, rect.center().y),
            &mut shapes,
        );
        let painter = ui.painter_at(rect);
        paint::paint_shapes(&shapes, &painter, TSTransform::IDENTITY, panels.theme());
        let text = RichText::new(&meaning).small();
        let text = egui::Label::new(text.color(panels.color(Ink::Text)));
        ui.add(text.wrap());
    });
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_sign_is_listed_once_and_drawn() {
        for is_compared in [false, true] {
            let listed: Vec<Sign> = groups(is_compared)
                .iter()
                .flat_map(|(_, signs)| signs.iter().copied())
                .collect();
            let distinct: BTreeSet<_> = listed.iter().copied().collect();
            assert_eq!(listed.len(), distinct.len());
            assert_eq!(distinct, Sign::ALL.into());
        }
        for sign in Sign::ALL {
            let mut shapes = Vec::new();
            drawing::draw(sign, Point::ZERO, &mut shapes);
            assert!(!shapes.is_empty(), "{sign:?}");
        }
    }
}
