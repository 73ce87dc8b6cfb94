//! A publisher, exchange, queue or consumer: what it is and how it stands.

use egui::emath::TSTransform;
use egui::{RichText, Role, Sense, Ui, WidgetInfo, vec2};

use crate::app::Command;
use crate::broker::{Definitions, Destination, ExchangeId, ExchangeKind, MessageId, QueueId};
use crate::director::Stage;
use crate::geometry::Point;
use crate::scene::{Ink, Target, pace, service, token_shapes};
use crate::t;
use crate::topology::NodeKey;
use crate::ui::window::Panels;
use crate::ui::{paint, theme};
use crate::words::{binding_label, exchange_name, list, message_label, span};
use crate::world::{OnFailure, PublisherId, WorkerId};

/// More messages than this are counted, not listed.
const MOST: usize = 30;

pub(super) fn show(ui: &mut Ui, panels: &mut Panels, key: NodeKey) {
    let stage = panels.state.run.show.stage(panels.state.run.moment);
    ui.spacing_mut().item_spacing.y = 6.0;
    match key {
        NodeKey::Publisher(index) => publisher(ui, panels, PublisherId(index), &stage),
        NodeKey::Exchange(id) => exchange(ui, panels, id, &stage),
        NodeKey::Queue(id) => queue(ui, panels, id, &stage),
        NodeKey::Consumer(id) => consumer(ui, panels, id, &stage),
    }
}

fn publisher(ui: &mut Ui, panels: &mut Panels, id: PublisherId, stage: &Stage) {
    let world = panels.state.run.show.history().head();
    let Some(publisher) = world.publisher(id) else {
        return;
    };
    super::title(ui, panels, &publisher.name, &t!("kind-publisher"));
    super::fact(ui, panels, &t!("fact-pace"), &pace(&publisher.pace));
    super::fact(
        ui,
        panels,
        &t!("fact-exchange"),
        &exchange_name(&publisher.exchange),
    );
    let sent = stage.publishers.get(id.0 as usize);
    let sent = sent.map_or(0, |publisher| publisher.published);
    super::fact(ui, panels, &t!("fact-published"), &sent.to_string());
    let latency = span(publisher.latency);
    super::fact(ui, panels, &t!("fact-latency"), &latency);
    let topology = &panels.state.run.show.plan.topology;
    let queues = topology.queues_reachable(NodeKey::Publisher(id.0));
    let names: Vec<_> = queues
        .iter()
        .map(|&queue| world.definitions().queue_name(queue))
        .collect();
    super::fact(ui, panels, &t!("fact-reachable"), &list(&names));
    ui.add_space(4.0);
    let going_on = panels.state.run.moment.at < panels.state.end() && publisher.next().is_some();
    let button = ui.add_enabled(going_on, egui::Button::new(t!("publish-now")));
    let button = button.on_disabled_hover_text(t!("publish-now-over"));
    if button.on_hover_text(t!("publish-now-tip")).clicked() {
        panels.emit(Command::Publish(id));
    }
    ui.add_space(6.0);
    super::section(ui, panels, &t!("fact-messages"));
    for publication in publisher.publications().iter().take(MOST) {
        let label = message_label(publication, world);
        let body = publication.body.to_string();
        super::fact(ui, panels, &label, &body);
    }
}

fn exchange(ui: &mut Ui, panels: &mut Panels, id: ExchangeId, stage: &Stage) {
    let definitions = panels.state.run.show.history().head().definitions();
    let node = id;
    let id = stage.exchange_at(id, &panels.state.run.show.plan.topology);
    let Some(exchange) = definitions.exchange(id) else {
        return;
    };
    let is_default = id == Definitions::DEFAULT_EXCHANGE;
    let kind = t!("kind-exchange", kind = exchange.kind.as_str());
    super::title(ui, panels, &exchange_name(&exchange.name), &kind);
    let rule = match exchange.kind {
        _ if is_default => t!("rule-default"),
        ExchangeKind::Direct => t!("rule-direct"),
        ExchangeKind::Fanout => t!("rule-fanout"),
        ExchangeKind::Topic => t!("rule-topic"),
        ExchangeKind::Headers => t!("rule-headers"),
        ExchangeKind::LocalRandom => t!("rule-local-random"),
        ExchangeKind::ModulusHash => t!("rule-modulus-hash"),
    };
    super::sentence(ui, panels, &rule);
    let counts = stage.exchanges.get(id.index());
    let counts = counts.map_or((0, 0), |counts| (counts.routed, counts.unroutable));
    super::fact(ui, panels, &t!("fact-received"), &counts.0.to_string());
    super::fact(ui, panels, &t!("fact-unroutable"), &counts.1.to_string());
    let topology = &panels.state.run.show.plan.topology;
    if topology.unbound_exchanges().contains(&node) {
        super::sentence(ui, panels, &t!("exchange-unbound"));
    }
    if topology
        .exchange_cycles()
        .iter()
        .flatten()
        .any(|&on| on == node)
    {
        super::sentence(ui, panels, &t!("exchange-cycle"));
    }
    ui.add_space(6.0);
    super::section(ui, panels, &t!("fact-bindings"));
    if is_default {
        super::sentence(ui, panels, &t!("fact-bindings-implicit"));
        let queues = definitions.queues().iter();
        for queue in queues.filter(|queue| !queue.deleted).take(MOST) {
            let name = &queue.name;
            super::fact(
                ui,
                panels,
                name,
                &t!("binding-to", destination = name.as_str()),
            );
        }
    }
    let bindings = exchange
        .bindings
        .iter()
        .filter_map(|&id| definitions.binding(id));
    for binding in bindings.take(MOST) {
        let key = binding_label(exchange.kind, &binding.key, &binding.arguments);
        let to = definitions.destination_name(binding.destination);
        let to = t!("binding-to", destination = to);
        super::fact(ui, panels, &key.unwrap_or_else(|| t!("binding-any")), &to);
    }
}

fn queue(ui: &mut Ui, panels: &mut Panels, id: QueueId, stage: &Stage) {
    let state = panels.state;
    let definitions = state.run.show.history().head().definitions();
    let node = id;
    let id = stage.queue_at(id, &state.run.show.plan.topology);
    let Some(queue) = stage.queues.get(id.index()) else {
        return;
    };
    super::title(ui, panels, definitions.queue_name(id), &t!("kind-queue"));
    super::fact(
        ui,
        panels,
        &t!("fact-ready"),
        &queue.ready.len().to_string(),
    );
    super::fact(
        ui,
        panels,
        &t!("fact-unacked"),
        &queue.unacked.len().to_string(),
    );
    let topology = &panels.state.run.show.plan.topology;
    if topology.unconsumed_queues().contains(&node) {
        super::sentence(ui, panels, &t!("queue-unconsumed"));
    }
    if topology.unfed_queues().contains(&node) {
        super::sentence(ui, panels, &t!("queue-unfed"));
    }
    ui.add_space(6.0);
    super::section(ui, panels, &t!("fact-bound"));
    super::fact(ui, panels, &exchange_name(""), definitions.queue_name(id));
    let bound = definitions
        .bindings_to(Destination::Queue(id))
        .iter()
        .filter_map(|&id| definitions.binding(id));
    for binding in bound.take(MOST) {
        let source = definitions.exchange(binding.source);
        let kind = source.map_or(ExchangeKind::Direct, |exchange| exchange.kind);
        let key = binding_label(kind, &binding.key, &binding.arguments);
        let source = exchange_name(definitions.exchange_name(binding.source));
        super::fact(
            ui,
            panels,
            &source,
            &key.unwrap_or_else(|| t!("binding-any")),
        );
    }
    ui.add_space(6.0);
    super::section(ui, panels, &t!("fact-in-line"));
    if queue.ready.is_empty() {
        super::sentence(ui, panels, &t!("fact-nobody-waits"));
    }
    for bead in queue.ready.iter().take(MOST) {
        message(ui, panels, bead.message, bead.redelivered);
    }
    if queue.ready.len() > MOST {
        super::sentence(
            ui,
            panels,
            &t!("fact-more", count = queue.ready.len() - MOST),
        );
    }
    if !queue.unacked.is_empty() {
        ui.add_space(6.0);
        super::section(ui, panels, &t!("fact-held-by"));
    }
    for bead in queue.unacked.iter().take(MOST) {
        message(ui, panels, bead.message, bead.redelivered);
    }
}

fn consumer(ui: &mut Ui, panels: &mut Panels, id: WorkerId, stage: &Stage) {
    let state = panels.state;
    let world = state.run.show.history().head();
    let (Some(worker), Some(consumer)) = (world.worker(id), stage.consumers.get(id.0 as usize))
    else {
        return;
    };
    super::title(ui, panels, worker.name(), &t!("kind-consumer"));
    let setup = &worker.setup;
    super::fact(ui, panels, &t!("fact-queue"), &setup.queue);
    let prefetch = match setup.prefetch {
        _ if !setup.ack => t!("prefetch-auto-ack"),
        0 => t!("prefetch-none"),
        limit => limit.to_string(),
    };
    super::fact(ui, panels, &t!("fact-prefetch"), &prefetch);
    let ack = if setup.ack {
        t!("ack-manual")
    } else {
        t!("ack-auto")
    };
    super::fact(ui, panels, &t!("fact-ack"), &ack);
    super::fact(ui, panels, &t!("fact-service"), &service(worker));
    if setup.failure_rate > 0.0 {
        let then = match setup.on_failure {
            _ if !setup.ack => t!("failure-lost"),
            OnFailure::Requeue => t!("failure-requeue"),
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
    super::fact(
        ui,
        panels,
        &t!("fact-finished"),
        &consumer.finished.to_string(),
    );
    if consumer.failed > 0 {
        super::fact(ui, panels, &t!("fact-failed"), &consumer.failed.to_string());
    }
    ui.add_space(6.0);
    super::section(ui, panels, &t!("fact-working"));
    match consumer.working {
        Some(work) => message(ui, panels, work.queued.message, false),
        None => super::sentence(ui, panels, &t!("fact-idle")),
    }
    if !consumer.waiting.is_empty() {
        ui.add_space(6.0);
        super::section(ui, panels, &t!("fact-waiting"));
        for queued in consumer.waiting.iter().take(MOST) {
            message(ui, panels, queued.message, false);
        }
    }
}

/// A message in a list; a click selects it.
fn message(ui: &mut Ui, panels: &mut Panels, id: MessageId, redelivered: bool) {
    let show = &panels.state.run.show;
    let Some(publication) = show.history().message(id) else {
        return;
    };
    let label = message_label(publication, show.history().head());
    let text = if redelivered {
        t!(
            "message-row-redelivered",
            number = id.0,
            label = label.as_str()
        )
    } else {
        t!("message-row", number = id.0, label = label.as_str())
    };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 22.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &text));
    if response.hovered() || response.has_focus() {
        let tint = theme::faded(Ink::Accent, 0.12, panels.theme());
        ui.painter().rect_filled(rect, 4.0, tint);
    }
    let mut shapes = Vec::new();
    let center = Point::new(rect.min.x + 10.0, rect.center().y);
    token_shapes(
        show.plan.tokens.token(&label),
        center,
        7.0,
        1.0,
        &mut shapes,
    );
    paint::paint_shapes(&shapes, ui.painter(), TSTransform::IDENTITY, panels.theme());
    let mut inner =
        ui.new_child(egui::UiBuilder::new().max_rect(rect.with_min_x(rect.min.x + 26.0)));
    inner.horizontal_centered(|ui| {
        let text = RichText::new(text).text_style(theme::small_mono());
        let text = text.color(panels.color(Ink::Text));
        ui.add(egui::Label::new(text).selectable(false).truncate());
    });
    if response.clicked() {
        panels.emit(Command::Select(Some(Target::Message(id))));
    }
}
