//! Buttons with a painted sign.

use egui::emath::TSTransform;
use egui::{Response, Role, Sense, Stroke, Ui, WidgetInfo, vec2};

use crate::geometry::Point;
use crate::scene::Ink;
use crate::scene::sign::{Sign, sign_shapes};

use super::{paint, theme};

/// How a sign button looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// A ring.
    Ring,
    /// A filled disc: what is done most.
    Filled,
    /// The sign alone.
    Bare,
    /// The sign alone, that does not call.
    Quiet,
    /// The sign alone, in an ink that goes with what is beneath.
    On(Ink),
}

/// A round button with a sign. `label` is its name for assistive technology and its tooltip.
pub fn sign_button(ui: &mut Ui, sign: Sign, label: &str, diameter: f32, look: Look) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(diameter, diameter), Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, label));
    if ui.is_rect_visible(rect) {
        let shown = theme::shown(ui.ctx());
        let color = |ink| theme::color(ink, shown);
        let radius = diameter / 2.0;
        let painter = ui.painter();
        let lit = response.hovered() || response.has_focus();
        match look {
            Look::Filled => {
                painter.circle_filled(rect.center(), radius, color(Ink::Accent));
            }
            Look::Ring => {
                let ink = if lit { Ink::Accent } else { Ink::Hairline };
                let stroke = Stroke::new(1.4, color(ink));
                painter.circle(rect.center(), radius - 0.7, color(Ink::Card), stroke);
            }
            Look::Bare | Look::Quiet | Look::On(_) => {}
        }
        if response.has_focus() {
            let stroke = Stroke::new(2.0, color(Ink::Accent));
            painter.circle_stroke(rect.center(), radius + 2.0, stroke);
        }
        let ink = match look {
            Look::Filled => Ink::OnAccent,
            Look::On(ink) => ink,
            _ if lit => Ink::Accent,
            Look::Quiet => Ink::Soft,
            _ => Ink::Text,
        };
        let mut shapes = Vec::new();
        let center = Point::new(rect.center().x, rect.center().y);
        sign_shapes(sign, center, radius, ink, &mut shapes);
        paint::paint_shapes(&shapes, painter, TSTransform::IDENTITY, shown);
    }
    response.on_hover_text(label)
}
