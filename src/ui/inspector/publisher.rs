//! A publisher: what it sends, what it was told of it, and how its connection stands.

use egui::Ui;

use crate::app::Command;
use crate::broker::Throttle;
use crate::director::{LinkStage, Stage};
use crate::scene::pace;
use crate::t;
use crate::topology::NodeKey;
use crate::ui::operate;
use crate::ui::window::Panels;
use crate::words::{exchange_name, list_names, message_label, shown, span};
use crate::world::{Author, GUEST, LinkId, PublisherId};

use super::compose;
use super::node::MOST;

pub(super) fn show(ui: &mut Ui, panels: &mut Panels, id: PublisherId, stage: &Stage) {
    let world = panels.state.run.show.history().head();
    let Some(publisher) = world.publisher(id) else {
        return;
    };
    super::title(ui, panels, &shown(&publisher.name), &t!("kind-publisher"));
    let outside = world.link(publisher.link).is_some_and(|link| link.outside);
    let when = match outside {
        true => t!("program-outside"),
        false => pace(publisher),
    };
    super::fact(ui, panels, &t!("fact-pace"), &when);
    super::fact(
        ui,
        panels,
        &t!("fact-exchange"),
        &exchange_name(&publisher.exchange),
    );
    let sent = stage.publishers.get(id.0 as usize);
    let sent = sent.map_or(0, |publisher| publisher.published);
    super::fact(ui, panels, &t!("fact-published"), &sent.to_string());
    told(ui, panels, id, stage);
    if !outside {
        let latency = span(publisher.latency);
        super::fact(ui, panels, &t!("fact-latency"), &latency);
    }
    let topology = panels.state.run.show.plan.whole();
    let queues = topology.queues_reachable(NodeKey::Publisher(id.0));
    let names: Vec<_> = queues
        .iter()
        .map(|&queue| world.definitions().queue_name(queue))
        .collect();
    super::fact(ui, panels, &t!("fact-reachable"), &list_names(&names));
    if let Some(link) = stage.links.get(publisher.link.0 as usize) {
        ui.add_space(6.0);
        connection(ui, panels, publisher.link, link);
    }
    if outside {
        return;
    }
    ui.add_space(6.0);
    let going_on = panels.state.run.moment.at < panels.state.end() && publisher.next().is_some();
    let button = ui.add_enabled(going_on, egui::Button::new(t!("publish-now")));
    let button = button.on_disabled_hover_text(t!("publish-now-over"));
    if button.on_hover_text(t!("publish-now-tip")).clicked() {
        panels.emit(Command::Publish(id));
    }
    ui.add_space(6.0);
    compose::show(ui, panels, Some(id), &publisher.exchange);
    if publisher.publications().is_empty() {
        return;
    }
    ui.add_space(6.0);
    super::section(ui, panels, &t!("fact-messages"));
    for publication in publisher.publications().iter().take(MOST) {
        let label = message_label(publication, world);
        let body = publication.body.to_string();
        super::fact(ui, panels, &label, &body);
    }
}

/// What a publisher knows of what became of its messages.
fn told(ui: &mut Ui, panels: &Panels, id: PublisherId, stage: &Stage) {
    let world = panels.state.run.show.history().head();
    let (Some(publisher), Some(told)) = (world.publisher(id), stage.publishers.get(id.0 as usize))
    else {
        return;
    };
    let Some(link) = stage.links.get(publisher.link.0 as usize) else {
        return;
    };
    let mut counts = Vec::new();
    if publisher.confirms {
        let open = link.unconfirmed_of(Author::Publisher(id)) as u64;
        counts.push((t!("fact-confirmed"), told.confirmed));
        counts.push((t!("fact-unconfirmed"), open));
        counts.push((t!("fact-nacked"), told.nacked));
    }
    if publisher.mandatory || told.returned > 0 {
        counts.push((t!("fact-returned"), told.returned));
    }
    if told.failed > 0 {
        counts.push((t!("fact-failed-publishes"), told.failed));
    }
    if !link.waiting.is_empty() {
        counts.push((t!("fact-socket"), link.waiting.len() as u64));
    }
    if !link.held.is_empty() {
        counts.push((t!("fact-held"), link.held.len() as u64));
    }
    for (name, count) in counts {
        super::fact(ui, panels, &name, &count.to_string());
    }
}

/// An actor's connection: how it and its channel stand, why they ended, and what can be done to them.
pub(super) fn connection(ui: &mut Ui, panels: &mut Panels, id: LinkId, stage: &LinkStage) {
    let history = panels.state.run.show.history();
    let Some(link) = history.head().link(id) else {
        return;
    };
    super::section(ui, panels, &t!("fact-connection"));
    super::fact(ui, panels, &t!("fact-name"), &shown(&link.name));
    if link.user != *GUEST {
        super::fact(ui, panels, &t!("fact-user"), &link.user);
    }
    let state = match (stage.open, stage.channel, stage.throttle) {
        (false, ..) => t!("connection-closed"),
        (true, false, _) => t!("connection-no-channel"),
        (true, true, Throttle::Running) => t!("connection-open"),
        (true, true, Throttle::Blocking) => t!("canvas-blocking"),
        (true, true, Throttle::Blocked) => t!("canvas-blocked"),
        (true, true, Throttle::Flow) => t!("canvas-flow"),
    };
    super::fact(ui, panels, &t!("fact-state"), &state);
    let ended = stage.ended.as_ref();
    if let Some(event) = ended.and_then(|ended| history.event(ended.event)) {
        let line = crate::words::describe(event, history.head(), history);
        super::sentence(ui, panels, &line.text);
    }
    if link.outside && !panels.state.run.traffic.is_empty() {
        let shown = panels.state.session.frames == Some(id);
        let button = ui.add(egui::Button::new(t!("frames-button")).selected(shown));
        if button.on_hover_text(t!("frames-tip")).clicked() {
            panels.emit(Command::ShowFrames((!shown).then_some(id)));
        }
    }
    let name = link.name.clone();
    operate::connection(ui, panels, &name, stage);
}
