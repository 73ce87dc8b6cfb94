//! Nothing is selected: what the scenario is about.

use egui::{RichText, Ui};

use crate::scene::Ink;
use crate::t;
use crate::ui::window::Panels;

pub(super) fn show(ui: &mut Ui, panels: &mut Panels) {
    let scenario = &panels.state.document.scenario;
    let about = scenario.about.get("en");
    if !about.is_empty() {
        super::section(ui, panels, &t!("inspector-about"));
        let about = RichText::new(about).color(panels.color(Ink::Text));
        ui.add(egui::Label::new(about).wrap());
        ui.add_space(8.0);
    }
    if !scenario.teaches.get("en").is_empty() {
        super::section(ui, panels, &t!("inspector-teaches"));
        super::sentence(ui, panels, scenario.teaches.get("en"));
        ui.add_space(8.0);
    }
    super::section(ui, panels, &t!("inspector-how"));
    super::sentence(ui, panels, &t!("inspector-how-text"));
}
