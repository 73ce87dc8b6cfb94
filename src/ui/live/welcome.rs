//! What is to be read while nobody has come yet.

use egui::{Align, Layout, Rect, RichText, Ui, UiBuilder, vec2};

use crate::scene::Ink;
use crate::t;
use crate::ui::window::Panels;

/// Words in the middle of an empty canvas: where programs find the broker, and what to write in Python.
pub(in crate::ui) fn show(ui: &mut Ui, panels: &Panels, canvas: Rect) {
    let Some(live) = panels.state.going_on() else {
        return;
    };
    if panels.state.run.show.plan.topology.nodes().next().is_some() {
        return;
    }
    let size = vec2(canvas.width().min(620.0), canvas.height().min(300.0));
    // Above the middle, where it is said of the broker as a whole what is the matter with it.
    let middle = canvas.center() - vec2(0.0, canvas.height() * 0.4 - size.y * 0.5);
    let place = Rect::from_center_size(middle, size);
    let builder = UiBuilder::new()
        .max_rect(place)
        .layout(Layout::top_down(Align::Center));
    let mut ui = ui.new_child(builder);
    let soft = panels.color(Ink::Soft);
    let text = panels.color(Ink::Text);
    ui.label(RichText::new(t!("live-waiting")).size(22.0).color(text));
    ui.add_space(14.0);
    let (host, port) = live.address.rsplit_once(':').unwrap_or_default();
    let is_usual = port == "5672";
    let lines = match &live.lesson {
        Some(lesson) => vec![
            t!("live-welcome-address", address = lesson.address.clone()),
            t!("live-welcome-lesson", password = lesson.password.clone()),
        ],
        None => vec![
            t!("live-welcome-address", address = live.address.clone()),
            t!("live-welcome-guest"),
        ],
    };
    for line in lines {
        ui.label(RichText::new(line).size(16.0).color(text));
    }
    ui.add_space(18.0);
    if live.lesson.is_none() {
        let code = match is_usual {
            true => t!("live-code"),
            false => t!(
                "live-code-port",
                host = host.to_owned(),
                port = port.to_owned()
            ),
        };
        let code = RichText::new(code).monospace().size(12.5).color(text);
        ui.add(egui::Label::new(code).extend());
        ui.add_space(14.0);
    }
    if !is_usual && live.lesson.is_none() {
        let taken = t!("live-welcome-taken", port = port.to_owned());
        ui.label(RichText::new(taken).size(14.0).color(soft));
        ui.add_space(8.0);
    }
    ui.label(RichText::new(t!("live-welcome-how")).size(14.0).color(soft));
}
