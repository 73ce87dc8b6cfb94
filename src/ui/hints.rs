//! Three hints for the first minutes. Each points at what it speaks of, and leaves when that is used.

use egui::{
    Align2, Area, Color32, Context, Frame, Margin, Order, Pos2, Rect, RichText, Shape, Stroke,
    pos2, vec2,
};

use crate::app::{Command, Hint};
use crate::scene::{Ink, Sign};
use crate::t;

use super::button::{Look, sign_button};
use super::window::Panels;

const WIDTH: f32 = 236.0;
const ARROW: f32 = 9.0;

/// Where the things are that hints speak of, as this pass drew them.
#[derive(Default)]
pub(super) struct Anchors {
    places: Vec<(Hint, Rect)>,
}

impl Anchors {
    pub(super) fn set(&mut self, hint: Hint, rect: Rect) {
        self.places.push((hint, rect));
    }

    fn get(&self, hint: Hint) -> Option<Rect> {
        let found = self.places.iter().find(|(named, _)| *named == hint);
        found.map(|&(_, rect)| rect)
    }
}

pub(super) fn show(ctx: &Context, panels: &mut Panels) {
    if panels.state.session.covered() {
        return;
    }
    for hint in Hint::ALL {
        // Who compares needs what these would cover.
        let covers = matches!(hint, Hint::Scenarios | Hint::Step);
        let is_in_the_way = covers && panels.state.comparing.is_some();
        if is_in_the_way || !panels.state.is_due(hint) {
            continue;
        }
        if let Some(anchor) = panels.anchors.get(hint) {
            callout(ctx, panels, hint, anchor);
        }
    }
}

fn callout(ctx: &Context, panels: &mut Panels, hint: Hint, anchor: Rect) {
    // The bar at the top has room only below it; all else is pointed at from above.
    let below = hint == Hint::Scenarios;
    let (tip, pivot) = if below {
        (anchor.center_bottom() + vec2(0.0, 4.0), Align2::CENTER_TOP)
    } else {
        (anchor.center_top() - vec2(0.0, 4.0), Align2::CENTER_BOTTOM)
    };
    let away = if below { ARROW } else { -ARROW };
    let fill = panels.color(Ink::Accent);
    let text = match hint {
        Hint::Step => t!("hint-step"),
        Hint::Ask => t!("hint-ask"),
        Hint::Scenarios => t!("hint-scenarios"),
    };
    let area = Area::new(egui::Id::unique(("hint", hint)))
        .order(Order::Middle)
        .pivot(pivot)
        .fixed_pos(tip + vec2(0.0, away))
        .constrain_to(ctx.content_rect().shrink(8.0));
    area.show(ctx, |ui| {
        let frame = Frame::new()
            .fill(fill)
            .corner_radius(8.0)
            .inner_margin(Margin::symmetric(12, 8));
        frame.show(ui, |ui| {
            ui.horizontal_top(|ui| {
                let words = RichText::new(text)
                    .small()
                    .color(panels.color(Ink::OnAccent));
                ui.scope(|ui| {
                    ui.set_max_width(WIDTH);
                    ui.add(egui::Label::new(words).wrap().selectable(false));
                });
                let look = Look::On(Ink::OnAccent);
                if sign_button(ui, Sign::Close, &t!("hint-close"), 20.0, look).clicked() {
                    panels.emit(Command::HintDone(hint));
                }
            });
        });
        arrow(ui.painter(), tip, away, fill);
    });
}

/// The little triangle between a callout and what it points at.
fn arrow(painter: &egui::Painter, tip: Pos2, away: f32, fill: Color32) {
    let foot = tip.y + away + away.signum();
    let points = vec![tip, pos2(tip.x - ARROW, foot), pos2(tip.x + ARROW, foot)];
    painter.add(Shape::convex_polygon(points, fill, Stroke::NONE));
}
