//! The transport bar: play, step, restart, the slider over the run, speed and time.

use egui::{Align, Layout, RichText, Ui};

use crate::app::{Action, Command, Hint, SPEEDS};
use crate::scene::{Ink, Sign};
use crate::t;

use super::button::{Look, sign_button};
use super::time::seconds;
use super::window::Panels;
use super::{hints, live, timeline, top_bar};

pub(super) fn show(ui: &mut Ui, panels: &mut Panels) {
    ui.horizontal_centered(|ui| {
        button(ui, panels, Sign::Restart, Action::Restart, 34.0);
        button(ui, panels, Sign::StepBack, Action::StepBack, 34.0);
        play(ui, panels);
        button(ui, panels, Sign::StepForward, Action::StepForward, 34.0);
        speed(ui, panels);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let at = seconds(panels.state.run.moment.at);
            let clock = t!("transport-clock", seconds = at);
            let size = egui::vec2(84.0, 32.0);
            ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
                // A slider that grew and shrank with the clock could not be aimed at.
                ui.set_min_width(size.x);
                ui.label(
                    RichText::new(clock)
                        .monospace()
                        .color(panels.color(Ink::Text)),
                );
            });
            live::now(ui, panels);
            ui.add_space(8.0);
            timeline::show(ui, panels);
        });
    });
}

fn button(ui: &mut Ui, panels: &mut Panels, sign: Sign, action: Action, diameter: f32) {
    if sign_button(ui, sign, &action.name(), diameter, Look::Ring).clicked() {
        panels.act(action);
    }
}

fn play(ui: &mut Ui, panels: &mut Panels) {
    let (sign, label) = if panels.state.is_playing() {
        (Sign::Pause, t!("transport-pause"))
    } else {
        (Sign::Play, t!("transport-play"))
    };
    let response = sign_button(ui, sign, &label, 42.0, Look::Filled);
    hints::mark(ui, panels, Hint::Step, &response);
    if response.clicked() {
        panels.act(Action::PlayPause);
    }
}

fn speed(ui: &mut Ui, panels: &mut Panels) {
    let shown = t!(
        "transport-speed",
        speed = panels.state.view.speed.to_string()
    );
    let text = RichText::new(shown).monospace();
    let menu = ui.menu_button(text, |ui| {
        for speed in SPEEDS {
            let name = t!("transport-speed", speed = speed.to_string());
            let chosen = panels.state.view.speed == speed;
            let button = egui::Button::new(RichText::new(name).monospace()).selected(chosen);
            if ui.add(button).clicked() {
                panels.emit(Command::SetSpeed(speed));
                ui.close();
            }
        }
    });
    menu.response.on_hover_text(t!(
        "transport-speed-tip",
        slower = top_bar::keys(ui, Action::Slower),
        faster = top_bar::keys(ui, Action::Faster)
    ));
}
