//! Nothing is selected: what the scenario is about.

use egui::{RichText, Ui};

use crate::app::{Command, Notices};
use crate::scene::Ink;
use crate::t;
use crate::ui::notices;
use crate::ui::window::Panels;
use crate::words::LANGUAGE;

pub(super) fn show(ui: &mut Ui, panels: &mut Panels) {
    let scenario = &panels.state.document.scenario;
    let lesson = &scenario.lesson;
    // What was measured is told with the verdict, not before.
    let comparing = panels.state.comparing.as_ref();
    let at = panels.state.run.moment.at;
    let answer = match comparing.is_some_and(|comparing| comparing.is_revealed(at)) {
        true => lesson.answer.get(LANGUAGE),
        false => "",
    };
    let words = [
        (t!("inspector-teaches"), scenario.teaches.get(LANGUAGE)),
        (t!("inspector-about"), scenario.about.get(LANGUAGE)),
        (t!("inspector-question"), lesson.question.get(LANGUAGE)),
        (t!("inspector-answer"), answer),
        (t!("inspector-how"), &t!("inspector-how-text")),
    ];
    for (title, text) in words.into_iter().filter(|(_, text)| !text.is_empty()) {
        super::section(ui, panels, &title);
        let text = RichText::new(text).color(panels.color(Ink::Text));
        ui.add(egui::Label::new(text).wrap());
        ui.add_space(10.0);
    }
    let count = scenario.notices.len();
    if count > 0 && ui.button(notices::told(scenario)).clicked() {
        panels.emit(Command::ShowNotices(Notices::Open));
    }
}
