//! Users and services: whom they wait for, what holds their workers.

use egui::Ui;

use crate::app::Command;
use crate::director::Stage;
use crate::scene::{Target, service_time};
use crate::t;
use crate::ui::window::Panels;
use crate::words::{conditions, order_name, shown, span, span_rounded};
use crate::world::http::{Call, OrderId, ServiceId};

use super::node::{MOST, more, row};

pub(super) fn users(ui: &mut Ui, panels: &mut Panels, stage: &Stage) {
    let state = panels.state;
    let world = state.run.show.history().head();
    let Some(users) = &world.http().users else {
        return;
    };
    super::title(ui, panels, &shown(&users.setup.name), &t!("kind-users"));
    super::fact(ui, panels, &t!("fact-request"), &users.setup.request);
    called(ui, panels, &users.setup.call);
    let stage = &stage.users;
    super::fact(ui, panels, &t!("fact-sent"), &stage.ordered.to_string());
    super::fact(
        ui,
        panels,
        &t!("number-answered"),
        &stage.answered.to_string(),
    );
    super::fact(ui, panels, &t!("number-failed"), &stage.failed.to_string());
    ui.add_space(6.0);
    super::section(ui, panels, &t!("number-waiting"));
    if stage.waiting.is_empty() {
        super::sentence(ui, panels, &t!("fact-nobody-waits"));
    }
    let now = state.run.moment.at;
    for (&order, &since) in stage.waiting.iter().take(MOST) {
        let text = format!("{} · {}", order_name(order), span_rounded(now.since(since)));
        one(ui, panels, order, text);
    }
    more(ui, panels, stage.waiting.len());
}

/// How somebody calls.
fn called(ui: &mut Ui, panels: &Panels, call: &Call) {
    super::fact(ui, panels, &t!("fact-calls"), &call.service);
    let timeout = call.timeout.map_or_else(|| t!("fact-for-ever"), span);
    super::fact(ui, panels, &t!("fact-timeout"), &timeout);
    super::fact(ui, panels, &t!("fact-retries"), &call.retries.to_string());
}

pub(super) fn show(ui: &mut Ui, panels: &mut Panels, id: ServiceId, stage: &Stage) {
    let world = panels.state.run.show.history().head();
    let (Some(service), Some(stage)) =
        (world.http().service(id), stage.services.get(id.0 as usize))
    else {
        return;
    };
    let setup = &service.setup;
    super::title(ui, panels, &shown(&setup.name), &t!("kind-service"));
    for matter in conditions(&stage.condition, stage.since) {
        super::sentence(ui, panels, &matter);
    }
    super::fact(ui, panels, &t!("fact-time"), &service_time(setup.time));
    let backlog = setup.backlog.map(|most| most.to_string());
    let backlog = backlog.unwrap_or_else(|| t!("fact-unlimited"));
    super::fact(ui, panels, &t!("fact-backlog"), &backlog);
    for call in &setup.calls {
        called(ui, panels, call);
    }
    super::fact(ui, panels, &t!("fact-worked"), &stage.worked.to_string());
    super::fact(
        ui,
        panels,
        &t!("fact-answered"),
        &stage.answered.to_string(),
    );
    super::fact(
        ui,
        panels,
        &t!("fact-failed-requests"),
        &stage.failed.to_string(),
    );
    ui.add_space(6.0);
    let held = t!(
        "number-of",
        mean = stage.held().to_string(),
        all = stage.workers.len()
    );
    super::section(ui, panels, &format!("{}: {held}", t!("fact-workers")));
    let held = stage.workers.iter().filter_map(|worker| worker.held);
    let held: Vec<OrderId> = held.map(|it| it.order).collect();
    for &order in held.iter().take(MOST) {
        one(ui, panels, order, order_name(order));
    }
    more(ui, panels, held.len());
    if !stage.waiting.is_empty() {
        ui.add_space(6.0);
        super::section(ui, panels, &t!("fact-waiting-now"));
        for &(_, order) in stage.waiting.iter().take(MOST) {
            one(ui, panels, order, order_name(order));
        }
        more(ui, panels, stage.waiting.len());
    }
}

/// An order in a list; a click selects it.
fn one(ui: &mut Ui, panels: &mut Panels, order: OrderId, text: String) {
    let token = panels.state.run.show.plan.tokens.of_order(order);
    if row(ui, panels, token, &text) {
        panels.emit(Command::Select(Some(Target::Order(order))));
    }
}
