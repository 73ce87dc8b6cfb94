//! An order: what became of it on either side.

use egui::emath::TSTransform;
use egui::{RichText, Sense, Ui, vec2};

use crate::app::Inspection;
use crate::compare::Side;
use crate::geometry::Point;
use crate::scene::{Ink, token_shapes};
use crate::t;
use crate::ui::paint;
use crate::ui::window::Panels;
use crate::words::order_name;
use crate::world::http::OrderId;

use super::message::story;

pub(super) fn show(ui: &mut Ui, panels: &mut Panels, order: OrderId) {
    let state = panels.state;
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(22.0, 22.0), Sense::hover());
        let token = state.run.show.plan.tokens.of_order(order);
        let mut shapes = Vec::new();
        let center = Point::new(rect.center().x, rect.center().y);
        token_shapes(token, center, 9.0, 1.0, &mut shapes);
        paint::paint_shapes(&shapes, ui.painter(), TSTransform::IDENTITY, panels.theme());
        let title = RichText::new(order_name(order)).heading();
        ui.label(title.color(panels.color(Ink::Text)));
    });
    for side in Side::ALL {
        ui.add_space(8.0);
        let title = match side {
            Side::Http => t!("order-http"),
            Side::Messaging => t!("order-messaging"),
        };
        super::section(ui, panels, &title);
        let run = panels.run(Some(side));
        let told = |it: &&Inspection| !it.story.is_empty();
        match run.inspection.as_ref().filter(told) {
            Some(inspection) => {
                _ = ui.push_id(side, |ui| story(ui, panels, inspection, Some(side)))
            }
            None => super::sentence(ui, panels, &t!("order-nothing")),
        }
    }
}
