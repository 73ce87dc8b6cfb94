//! Breaking things by hand: what an operator, or bad luck, does to the broker and to connections at this moment.

use egui::Ui;
use egui::containers::menu::MenuButton;

use crate::amqp::Hand;
use crate::app::{Command, Order};
use crate::broker::{Alarm, Hangup, Micros, Name, Operation};
use crate::director::LinkStage;
use crate::t;
use crate::world::Deed;

use super::window::Panels;

/// The menu of what befalls the broker as a whole.
pub(super) fn menu(ui: &mut Ui, panels: &mut Panels) {
    let button = egui::Button::new(t!("menu-operate")).frame_when_inactive(false);
    MenuButton::from_button(button).ui(ui, |ui| {
        ui.set_min_width(240.0);
        let stage = panels.state.run.stage();
        let is_up = stage.broker.down.is_none();
        let has = |alarm| stage.broker.alarms.contains(&alarm);
        let (memory, disk) = (has(Alarm::Memory), has(Alarm::Disk));
        let lines = [
            (is_up, t!("hand-stop"), Operation::Stop { clean: true }),
            (is_up, t!("hand-crash"), Operation::Stop { clean: false }),
            (!is_up, t!("hand-start"), Operation::Start),
            (
                is_up && !memory,
                t!("hand-memory"),
                Operation::RaiseAlarm(Alarm::Memory),
            ),
            (
                is_up && memory,
                t!("hand-memory-over"),
                Operation::ClearAlarm(Alarm::Memory),
            ),
            (
                is_up && !disk,
                t!("hand-disk"),
                Operation::RaiseAlarm(Alarm::Disk),
            ),
            (
                is_up && disk,
                t!("hand-disk-over"),
                Operation::ClearAlarm(Alarm::Disk),
            ),
        ];
        // What can be done now: an alarm that is on can only be ended.
        for (can, name, operation) in lines {
            if can && ui.button(name).on_hover_text(t!("hand-tip")).clicked() {
                panels.emit(Command::Operate(Deed::Operate(operation)));
                ui.close();
            }
        }
        if panels.state.going_on().is_some() {
            delays(ui, panels);
        }
    });
}

/// How long deliveries to real clients can be made to take.
const DELAYS: [Micros; 4] = [
    Micros::ZERO,
    Micros::from_millis(300),
    Micros::from_secs(1),
    Micros::from_secs(3),
];

/// What can be done to deliveries to real clients.
fn delays(ui: &mut Ui, panels: &mut Panels) {
    let now = panels.state.run.show.history().head().delivery_delay();
    ui.menu_button(t!("hand-delay"), |ui| {
        for span in DELAYS {
            let name = match span {
                Micros::ZERO => t!("hand-delay-none"),
                _ => crate::words::span(span),
            };
            let button = egui::Button::new(name).selected(span == now);
            if ui.add(button).clicked() {
                panels.emit(Command::Order(Order::Act(Hand::Delay { span })));
                ui.close();
            }
        }
    });
}

/// What can be done to an actor's connection now.
pub(super) fn connection(ui: &mut Ui, panels: &mut Panels, name: &Name, link: &LinkStage) {
    let connection = || name.clone();
    let disconnect = |how| Deed::Disconnect {
        connection: connection(),
        how,
    };
    ui.horizontal_wrapped(|ui| {
        if link.open {
            button(ui, panels, t!("hand-lose"), disconnect(Hangup::Lost));
            let forced = disconnect(Hangup::ByOperator);
            button(ui, panels, t!("hand-close"), forced);
        }
        // A program outside connects when it likes.
        let waits = panels.state.going_on().is_some();
        if !waits && (!link.open || !link.channel) {
            let connection = connection();
            let user = None;
            let deed = Deed::Connect { connection, user };
            button(ui, panels, t!("hand-connect"), deed);
        }
    });
}

/// What can be done to a queue now.
pub(super) fn queue(ui: &mut Ui, panels: &mut Panels, name: &Name) {
    ui.horizontal_wrapped(|ui| {
        let purge = Deed::Operate(Operation::PurgeQueue(name.clone()));
        button(ui, panels, t!("hand-purge"), purge);
        let delete = Deed::Operate(Operation::DeleteQueue(name.clone()));
        button(ui, panels, t!("hand-delete"), delete);
    });
}

fn button(ui: &mut Ui, panels: &mut Panels, name: String, deed: Deed) {
    if ui.button(name).on_hover_text(t!("hand-tip")).clicked() {
        panels.emit(Command::Operate(deed));
    }
}
