//! A node: what it is and how it stands; here exchanges and queues.

use egui::emath::TSTransform;
use egui::{RichText, Role, Sense, Ui, WidgetInfo, vec2};

use crate::app::Command;
use crate::broker::{
    Definitions, Destination, ExchangeId, ExchangeKind, MessageId, QueueId, QueueKind, Target,
};
use crate::director::Stage;
use crate::geometry::Point;
use crate::scene::{Ink, Token, token_shapes};
use crate::t;
use crate::topology::NodeKey;
use crate::ui::window::Panels;
use crate::ui::{operate, paint, theme};
use crate::words::{
    Sign, binding_label, destination_name, exchange_name, given_up, message_label, settings, shown,
    span, told_mover,
};
use crate::world::{PublisherId, World};

use super::{compose, consumer, publisher, service};

/// More messages than this are counted, not listed.
pub(super) const MOST: usize = 30;

pub(super) fn show(ui: &mut Ui, panels: &mut Panels, key: NodeKey, now: &World) {
    let stage = panels.state.run.stage();
    ui.spacing_mut().item_spacing.y = 6.0;
    let part = panels.state.run.show.plan.part();
    if part.is_some_and(|part| part.center != key)
        && matches!(key, NodeKey::Exchange(_) | NodeKey::Queue(_))
        && ui.button(t!("part-around")).clicked()
    {
        panels.emit(Command::LookAround(key));
    }
    match key {
        NodeKey::Publisher(index) => publisher::show(ui, panels, PublisherId(index), stage),
        NodeKey::Exchange(id) => exchange(ui, panels, id, stage, now),
        NodeKey::Queue(id) => queue(ui, panels, id, stage, now),
        NodeKey::Consumer(id) => consumer::show(ui, panels, id, stage, now),
        NodeKey::Users => service::users(ui, panels, stage),
        NodeKey::Service(id) => service::show(ui, panels, id, stage),
    }
}

fn exchange(ui: &mut Ui, panels: &mut Panels, id: ExchangeId, stage: &Stage, now: &World) {
    let node = id;
    let id = stage.exchange_at(id, &panels.state.run.show.plan.topology);
    // What is yet to be declared is known all the same.
    let world = match now.definitions().exchange(id) {
        Some(_) => now,
        None => panels.state.run.show.history().head(),
    };
    let definitions = world.definitions();
    let Some(exchange) = definitions.exchange(id) else {
        return;
    };
    let is_default = id == Definitions::DEFAULT_EXCHANGE;
    let kind = t!("kind-exchange", kind = exchange.type_name());
    super::title(ui, panels, &exchange_name(&exchange.name), &kind);
    let rule = match exchange.kind {
        _ if is_default => t!("rule-default"),
        ExchangeKind::Direct => t!("rule-direct"),
        ExchangeKind::Fanout => t!("rule-fanout"),
        ExchangeKind::Topic => t!("rule-topic"),
        ExchangeKind::Headers => t!("rule-headers"),
        ExchangeKind::LocalRandom => t!("rule-local-random"),
        ExchangeKind::ModulusHash => t!("rule-modulus-hash"),
        ExchangeKind::ConsistentHash => t!("rule-consistent-hash"),
        ExchangeKind::Random => t!("rule-random"),
        ExchangeKind::RecentHistory => t!("rule-recent-history"),
        ExchangeKind::Delayed => t!("rule-delayed", kind = exchange.rule.as_str()),
        ExchangeKind::Unknown => t!("rule-unknown", kind = exchange.type_name()),
    };
    super::sentence(ui, panels, &rule);
    let thing = Target::Exchange(exchange.name.clone());
    for reading in world.movers_of(&thing) {
        super::sentence(ui, panels, &told_mover(reading));
    }
    let counts = stage.exchanges.get(id.index());
    let counts = counts.map_or((0, 0), |counts| (counts.routed, counts.unroutable));
    super::fact(ui, panels, &t!("fact-received"), &counts.0.to_string());
    super::fact(ui, panels, &t!("fact-unroutable"), &counts.1.to_string());
    let yes = |ui: &mut Ui, what: String| super::fact(ui, panels, &what, &t!("setting-yes"));
    if let Some(alternate) = &exchange.alternate {
        super::fact(ui, panels, &t!("kind-alternate"), &exchange_name(alternate));
    }
    if exchange.internal {
        yes(ui, t!("trait-internal"));
    }
    if exchange.auto_delete {
        yes(ui, t!("trait-auto-delete"));
    }
    if !exchange.durable {
        yes(ui, t!("trait-transient"));
    }
    let waiting = stage.exchanges.get(id.index());
    let waiting = waiting.map_or(&[][..], |exchange| &exchange.waiting);
    if !waiting.is_empty() {
        super::section(ui, panels, &t!("fact-waits-here"));
    }
    for waits in waiting.iter().take(MOST) {
        message(ui, panels, waits.message, false);
        let until = span(waits.until);
        super::fact(ui, panels, &t!("fact-goes-on"), &until);
    }
    more(ui, panels, waiting.len());
    let topology = panels.state.run.show.plan.whole();
    if topology.is_unbound(node) {
        super::sentence(ui, panels, &t!("exchange-unbound"));
    }
    if topology.is_in_cycle(node) {
        super::sentence(ui, panels, &t!("exchange-cycle"));
    }
    ui.add_space(6.0);
    if is_default || !exchange.bindings.is_empty() {
        super::section(ui, panels, &t!("fact-bindings"));
    }
    if is_default {
        super::sentence(ui, panels, &t!("fact-bindings-implicit"));
        let queues = definitions.queues().iter();
        for queue in queues.filter(|queue| !queue.deleted).take(MOST) {
            let name = shown(&queue.name);
            let to = t!("binding-to", destination = &*name);
            super::fact(ui, panels, &name, &to);
        }
    }
    let bindings = exchange
        .bindings
        .iter()
        .filter_map(|&id| definitions.binding(id));
    for binding in bindings.take(MOST) {
        let key = binding_label(exchange.rule, &binding.key, &binding.arguments);
        let to = destination_name(binding.destination, definitions);
        let to = t!("binding-to", destination = to);
        super::fact(ui, panels, &key.unwrap_or_else(|| t!("binding-any")), &to);
    }
    more(ui, panels, exchange.bindings.len());
    ui.add_space(6.0);
    let first = PublisherId(0);
    let by = world.publisher(first).map(|_| first);
    compose::show(ui, panels, by, &exchange.name);
}

fn queue(ui: &mut Ui, panels: &mut Panels, id: QueueId, stage: &Stage, now: &World) {
    let state = panels.state;
    let definitions = state.run.show.history().head().definitions();
    let node = id;
    let id = stage.queue_at(id, &state.run.show.plan.topology);
    let Some(queue) = stage.queues.get(id.index()) else {
        return;
    };
    let definition = definitions.queue(id);
    let kind = definition.map_or(QueueKind::Classic, |definition| definition.kind);
    super::title(
        ui,
        panels,
        &shown(definitions.queue_name(id)),
        &t!("kind-queue", kind = kind.as_str()),
    );
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
    let is_here = queue.presence.is_here();
    if is_here && kind != QueueKind::ReplyTo {
        operate::queue(ui, panels, &definitions.queue_name(id).into());
    }
    let topology = panels.state.run.show.plan.whole();
    if !topology.is_consumed(node) {
        super::sentence(ui, panels, &t!("queue-unconsumed"));
    }
    if topology.is_unfed(node) {
        super::sentence(ui, panels, &t!("queue-unfed"));
    }
    let thing = Target::Queue(definitions.queue_name(id).into());
    for reading in now.movers_of(&thing) {
        super::sentence(ui, panels, &told_mover(reading));
    }
    settled(ui, panels, id, now);
    ui.add_space(6.0);
    super::section(ui, panels, &t!("fact-bound"));
    super::fact(
        ui,
        panels,
        &exchange_name(""),
        &shown(definitions.queue_name(id)),
    );
    let bindings = now.definitions();
    let bound = bindings
        .bindings_to(Destination::Queue(id))
        .iter()
        .filter_map(|&id| bindings.binding(id));
    for binding in bound.take(MOST) {
        let source = definitions.exchange(binding.source);
        let kind = source.map_or(ExchangeKind::Direct, |exchange| exchange.rule);
        let key = binding_label(kind, &binding.key, &binding.arguments);
        let source = exchange_name(definitions.exchange_name(binding.source));
        super::fact(
            ui,
            panels,
            &source,
            &key.unwrap_or_else(|| t!("binding-any")),
        );
    }
    let bound = bindings.bindings_to(Destination::Queue(id));
    more(ui, panels, bound.len());
    ui.add_space(6.0);
    super::section(ui, panels, &t!("fact-in-line"));
    if queue.ready.is_empty() {
        super::sentence(ui, panels, &t!("fact-nobody-waits"));
    }
    for bead in queue.ready.iter().take(MOST) {
        message(ui, panels, bead.message, bead.redelivered);
    }
    more(ui, panels, queue.ready.len());
    if !queue.unacked.is_empty() {
        ui.add_space(6.0);
        super::section(ui, panels, &t!("fact-held-by"));
    }
    for bead in queue.unacked.iter().take(MOST) {
        message(ui, panels, bead.message, bead.redelivered);
    }
}

/// How many more there are than are listed.
pub(super) fn more(ui: &mut Ui, panels: &Panels, count: usize) {
    if count > MOST {
        super::sentence(ui, panels, &t!("fact-more", count = count - MOST));
    }
}

/// What holds for a queue, and who says so.
fn settled(ui: &mut Ui, panels: &Panels, id: QueueId, now: &World) {
    let (Some(definition), Some(queue)) = (now.definitions().queue(id), now.broker().queue(id))
    else {
        return;
    };
    ui.add_space(6.0);
    super::section(ui, panels, &t!("fact-settings"));
    let life = if definition.exclusive {
        Sign::Exclusive
    } else if definition.durable {
        Sign::Durable
    } else {
        Sign::Transient
    };
    super::sentence(ui, panels, &life.meaning());
    if definition.auto_delete {
        super::sentence(ui, panels, &Sign::AutoDelete.meaning());
    }
    for setting in settings(definition.kind, &queue.settings) {
        let value = t!("setting-by", value = setting.value, origin = setting.origin);
        super::fact(ui, panels, &setting.what, &value);
    }
    for policy in now.broker().policies().given_up(&queue.name, false) {
        super::sentence(ui, panels, &given_up(policy, &queue.name));
    }
}

/// A message in a list; a click selects it.
pub(super) fn message(ui: &mut Ui, panels: &mut Panels, id: MessageId, redelivered: bool) {
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
    let (token, target) = show.token_of(id);
    if row(ui, panels, token, &text) {
        panels.emit(Command::Select(Some(target)));
    }
}

/// Something with a token in a list; whether it is clicked.
pub(super) fn row(ui: &mut Ui, panels: &Panels, token: Token, text: &str) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 22.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, text));
    if response.hovered() || response.has_focus() {
        let tint = theme::faded(Ink::Accent, 0.12, panels.theme());
        ui.painter().rect_filled(rect, 4.0, tint);
    }
    let mut shapes = Vec::new();
    let center = Point::new(rect.min.x + 10.0, rect.center().y);
    token_shapes(token, center, 7.0, 1.0, &mut shapes);
    paint::paint_shapes(&shapes, ui.painter(), TSTransform::IDENTITY, panels.theme());
    let mut inner =
        ui.new_child(egui::UiBuilder::new().max_rect(rect.with_min_x(rect.min.x + 26.0)));
    inner.horizontal_centered(|ui| {
        let text = RichText::new(text).text_style(theme::small_mono());
        let text = text.color(panels.color(Ink::Text));
        ui.add(egui::Label::new(text).selectable(false).truncate());
    });
    response.clicked()
}
