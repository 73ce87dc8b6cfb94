//! How far the broker is RabbitMQ: rule by rule what is modelled, what is simplified, and what is left out and why.

use egui::{Context, Modal, Rect, RichText, Role, ScrollArea, Sense, Ui, WidgetInfo, vec2};

use crate::app::{Action, Command};
use crate::scene::sign::badge_shapes;
use crate::scene::{Fill, Ink, Shape};
use crate::t;
use crate::words::{Fidelity, Modelled, fidelity};

use super::gallery::heading;
use super::window::Panels;
use super::{paint, theme};

pub(super) fn show(ctx: &Context, panels: &mut Panels) {
    if !panels.state.session.simplified {
        return;
    }
    let room = ctx.content_rect().size();
    let modal = Modal::new(egui::Id::unique("simplified"))
        .frame(panels.overlay(Ink::Hairline))
        .show(ctx, |ui| {
            ui.set_width((room.x - 120.0).clamp(280.0, 760.0));
            heading(ui, panels, &t!("simplified-title"), Action::Simplified);
            let profile = panels.state.document.scenario.setup.profile;
            let text = t!("simplified-about", release = profile.as_str());
            let text = RichText::new(text).small().color(panels.color(Ink::Soft));
            ui.add(egui::Label::new(text).wrap());
            let mut only = !panels.state.session.all_rules;
            if ui.checkbox(&mut only, t!("simplified-only")).changed() {
                panels.emit(Command::ShowAllRules(!only));
            }
            ScrollArea::vertical()
                .max_height(room.y - 230.0)
                .auto_shrink([false, true])
                .show(ui, |ui| list(ui, panels));
        });
    if modal.should_close() {
        panels.emit(Command::CloseOverlay);
    }
}

fn list(ui: &mut Ui, panels: &Panels) {
    let all = panels.state.session.all_rules;
    let mut part = "";
    for rule in fidelity() {
        if !all && rule.modelled == Modelled::Fully {
            continue;
        }
        if rule.part != part {
            part = rule.part;
            ui.add_space(10.0);
            let title = RichText::new(part).text_style(theme::name());
            ui.label(title.color(panels.color(Ink::Text)));
        }
        row(ui, panels, rule);
    }
}

fn row(ui: &mut Ui, panels: &Panels, rule: &Fidelity) {
    ui.horizontal_top(|ui| {
        let (rect, response) = ui.allocate_exact_size(vec2(18.0, 18.0), Sense::hover());
        let state = match rule.modelled {
            Modelled::Fully => t!("simplified-fully"),
            Modelled::InPart => t!("simplified-in-part"),
            Modelled::Not => t!("simplified-not"),
        };
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &state));
        mark(ui, panels, rect, rule.modelled);
        response.on_hover_text(state);
        ui.allocate_ui(vec2(38.0, 18.0), |ui| {
            ui.set_width(38.0);
            let number = RichText::new(rule.rule).text_style(theme::small_mono());
            ui.label(number.color(panels.color(Ink::Soft)));
        });
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            let words = RichText::new(rule.words).small();
            ui.add(egui::Label::new(words.color(panels.color(Ink::Text))).wrap());
            if !rule.simplified.is_empty() {
                let why = RichText::new(rule.simplified).small();
                ui.add(egui::Label::new(why.color(panels.color(Ink::Soft))).wrap());
            }
        });
    });
}

/// ✓ for what is modelled, a ring for what is so in part, ✗ for what is not.
fn mark(ui: &Ui, panels: &Panels, rect: Rect, modelled: Modelled) {
    let center = crate::geometry::Point::new(rect.center().x, rect.center().y);
    let mut shapes = Vec::new();
    match modelled {
        Modelled::Fully => badge_shapes(true, center, 7.0, &mut shapes),
        Modelled::Not => badge_shapes(false, center, 7.0, &mut shapes),
        Modelled::InPart => {
            let ring = crate::scene::Stroke::new(Ink::Good, 1.6);
            shapes.push(Shape::circle(center, 6.2, None, ring));
            shapes.push(Shape::circle(center, 2.4, Fill::new(Ink::Good), None));
        }
    }
    let identity = egui::emath::TSTransform::IDENTITY;
    paint::paint_shapes(&shapes, ui.painter(), identity, panels.theme());
}
