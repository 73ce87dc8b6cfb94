//! A consumer: what it takes, what it holds, and how its connection stands.

use egui::Ui;

use crate::director::Stage;
use crate::scene::service;
use crate::t;
use crate::ui::hover::waits_its_turn;
use crate::ui::window::Panels;
use crate::words::shown;
use crate::world::{OnFailure, WorkerId, World};

use super::node::{MOST, message};
use super::publisher;

pub(super) fn show(ui: &mut Ui, panels: &mut Panels, id: WorkerId, stage: &Stage, now: &World) {
    let state = panels.state;
    let world = state.run.show.history().head();
    let (Some(worker), Some(consumer)) = (world.worker(id), stage.consumers.get(id.0 as usize))
    else {
        return;
    };
    super::title(ui, panels, &shown(worker.name()), &t!("kind-consumer"));
    let setup = &worker.setup;
    super::fact(ui, panels, &t!("fact-queue"), &setup.queue);
    let prefetch = match setup.prefetch {
        _ if !setup.ack => t!("prefetch-auto-ack"),
        0 => t!("prefetch-none"),
        limit => limit.to_string(),
    };
    super::fact(ui, panels, &t!("fact-prefetch"), &prefetch);
    known_to_the_broker(ui, panels, id, now);
    let turn = if consumer.active {
        Some(t!("consumer-active"))
    } else {
        let waits = consumer.consuming && waits_its_turn(&setup.queue, now);
        waits.then(|| t!("canvas-single-active-waits"))
    };
    if let Some(turn) = turn {
        super::fact(ui, panels, &t!("fact-turn"), &turn);
    }
    let ack = if setup.ack {
        t!("ack-manual")
    } else {
        t!("ack-auto")
    };
    super::fact(ui, panels, &t!("fact-ack"), &ack);
    let outside = world.link(worker.link).is_some_and(|link| link.outside);
    let time = match outside {
        true => t!("program-outside-time"),
        false => service(worker),
    };
    super::fact(ui, panels, &t!("fact-service"), &time);
    if setup.failure_rate > 0.0 {
        let then = match setup.on_failure {
            _ if !setup.ack => t!("failure-lost"),
            OnFailure::Requeue => t!("failure-requeue"),
            OnFailure::RejectBack => t!("failure-reject-requeue"),
            OnFailure::Reject => t!("failure-reject"),
            OnFailure::Crash => t!("failure-crash"),
        };
        let percent = (setup.failure_rate * 100.0).round();
        super::fact(
            ui,
            panels,
            &t!("fact-fails"),
            &t!("failure", percent = percent, then = then),
        );
    }
    super::fact(
        ui,
        panels,
        &t!("fact-unacked"),
        &consumer.unacked.to_string(),
    );
    let done = stage.tally.of(id);
    let finished = done.finished.to_string();
    super::fact(ui, panels, &t!("fact-finished"), &finished);
    for (name, count) in [
        (t!("fact-failed"), done.failed),
        (t!("fact-lost"), done.lost),
        (t!("fact-requeued"), done.requeued),
    ] {
        if count > 0 {
            super::fact(ui, panels, &name, &count.to_string());
        }
    }
    if let Some(link) = stage.links.get(worker.link.0 as usize) {
        ui.add_space(6.0);
        publisher::connection(ui, panels, worker.link, link);
    }
    ui.add_space(6.0);
    super::section(ui, panels, &t!("fact-working"));
    if consumer.working.is_empty() {
        super::sentence(ui, panels, &t!("fact-idle"));
    }
    for work in consumer.working.iter().take(MOST) {
        message(ui, panels, work.queued.message, false);
    }
    if !consumer.waiting.is_empty() {
        ui.add_space(6.0);
        super::section(ui, panels, &t!("fact-waiting"));
        for queued in consumer.waiting.iter().take(MOST) {
            message(ui, panels, queued.message, false);
        }
    }
}

/// What the broker calls it, and the limits it has for it.
fn known_to_the_broker(ui: &mut Ui, panels: &Panels, id: WorkerId, now: &World) {
    let known = now.worker(id).and_then(|worker| worker.consumer);
    let Some(consumer) = known.and_then(|known| now.broker().consumer(known)) else {
        return;
    };
    super::fact(ui, panels, &t!("fact-tag"), &consumer.tag);
    if consumer.priority != 0 {
        let priority = consumer.priority.to_string();
        super::fact(ui, panels, &t!("fact-priority"), &priority);
    }
    let channel = now.broker().channel(consumer.channel);
    let whole = channel.map_or(0, |channel| channel.global_prefetch());
    if whole > 0 {
        super::fact(ui, panels, &t!("fact-prefetch-global"), &whole.to_string());
    }
}
