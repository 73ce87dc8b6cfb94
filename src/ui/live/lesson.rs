//! How other machines come in, large enough for the last row.

use egui::{Align2, Area, Context, Id, Order, RichText, Ui};

use crate::app::Command;
use crate::scene::Ink;
use crate::t;
use crate::ui::window::Panels;

/// The address and the password, over the window, until they are closed.
pub(in crate::ui) fn show(ctx: &Context, panels: &mut Panels) {
    let lesson = panels.state.live.as_ref().and_then(|it| it.lesson.clone());
    let Some(lesson) = lesson.filter(|_| panels.state.session.lesson) else {
        return;
    };
    Area::new(Id::unique("lesson"))
        .order(Order::Foreground)
        .anchor(Align2::CENTER_CENTER, egui::Vec2::ZERO)
        .show(ctx, |ui| {
            panels.overlay(Ink::Hairline).show(ui, |ui| {
                let room = ctx.content_rect().width() - 120.0;
                ui.set_width(room.clamp(300.0, 860.0));
                ui.vertical_centered(|ui| {
                    let soft = panels.color(Ink::Soft);
                    ui.add_space(6.0);
                    ui.label(RichText::new(t!("lesson-title")).size(20.0).color(soft));
                    ui.add_space(20.0);
                    let (host, port) = lesson.address.rsplit_once(':').unwrap_or_default();
                    large(ui, panels, &t!("lesson-host"), host);
                    if port != "5672" {
                        large(ui, panels, &t!("lesson-port"), port);
                    }
                    large(ui, panels, &t!("lesson-password"), &lesson.password);
                    ui.add_space(8.0);
                    ui.label(RichText::new(t!("lesson-name")).size(18.0));
                    ui.add_space(12.0);
                    let port = match port {
                        "5672" => String::new(),
                        port => format!(", port={port}"),
                    };
                    let code = t!(
                        "lesson-code",
                        host = host.to_owned(),
                        port = port,
                        password = lesson.password.clone()
                    );
                    ui.label(RichText::new(code).monospace().size(15.0).color(soft));
                    ui.add_space(18.0);
                    if ui.button(t!("close")).clicked() {
                        panels.emit(Command::ShowLesson(false));
                    }
                    ui.add_space(4.0);
                });
            });
        });
}

fn large(ui: &mut Ui, panels: &Panels, what: &str, text: &str) {
    let soft = panels.color(Ink::Soft);
    ui.label(RichText::new(what).size(16.0).color(soft));
    let text = RichText::new(text).monospace().size(46.0);
    ui.label(text.color(panels.color(Ink::Text)));
    ui.add_space(10.0);
}
