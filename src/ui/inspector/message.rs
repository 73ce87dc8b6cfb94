//! A message: its properties, why it went where it went, and its story so far.

use egui::emath::TSTransform;
use egui::{RichText, Role, Sense, Ui, WidgetInfo, vec2};

use crate::app::{Command, Inspection};
use crate::broker::{Broker, CopyId, MessageId, Publication};
use crate::compare::Side;
use crate::geometry::Point;
use crate::scene::{Ink, token_shapes};
use crate::t;
use crate::ui::time::seconds;
use crate::ui::window::Panels;
use crate::ui::{paint, theme};
use crate::words::{
    copy_name, death_story, describe, exchange_name, message_label, shown, standing,
};
use crate::world::{Author, EventKind, World};

use super::why;

/// More copies than this are counted, not listed.
const MOST: usize = 12;

pub(super) fn show(ui: &mut Ui, panels: &mut Panels, message: MessageId, now: &World) {
    let state = panels.state;
    let (Some(publication), Some(inspection)) = (
        state.run.show.history().message(message),
        &state.run.inspection,
    ) else {
        return;
    };
    let publication = publication.clone();
    head(ui, panels, message, &publication);
    if let Some(line) = published(panels, inspection) {
        super::sentence(ui, panels, &line);
    }
    ui.add_space(6.0);
    properties(ui, panels, &publication);
    whereabouts(ui, panels, message, now);
    if let Some(routing) = &inspection.routing {
        ui.add_space(8.0);
        why::show(ui, panels, routing, &publication);
    }
    ui.add_space(8.0);
    super::section(ui, panels, &t!("message-story"));
    story(ui, panels, inspection, None);
}

/// Where its copies are, why those that are ready are not delivered, and what they died of before.
fn whereabouts(ui: &mut Ui, panels: &Panels, message: MessageId, now: &World) {
    let history = panels.state.run.show.history();
    let copies = history.copies_of(message);
    let standings: Vec<_> = copies
        .into_iter()
        .filter_map(|copy| Some((copy, standing(copy, now, history)?)))
        .collect();
    if standings.is_empty() {
        return;
    }
    ui.add_space(8.0);
    super::section(ui, panels, &t!("message-where"));
    for (copy, why) in standings.iter().take(MOST) {
        let copy = copy_name(*copy, history);
        let line = t!("message-standing", copy = copy, why = why.as_str());
        super::sentence(ui, panels, &line);
    }
    if standings.len() > MOST {
        let more = standings.len() - MOST;
        super::sentence(ui, panels, &t!("fact-more", count = more));
    }
    let died = standings
        .iter()
        .filter_map(|&(copy, _)| kept(now.broker(), copy))
        .map(death_story)
        .find(|deaths| !deaths.is_empty());
    if let Some(deaths) = died {
        ui.add_space(8.0);
        super::section(ui, panels, &t!("message-deaths"));
        for death in deaths.iter().take(MOST) {
            super::sentence(ui, panels, death);
        }
    }
}

/// A message as a queue has it, with the headers that its deaths gave it.
fn kept(broker: &Broker, copy: CopyId) -> Option<&Publication> {
    broker.queues().iter().find_map(|queue| {
        let delayed = queue.delayed().iter().map(|(_, entry)| entry);
        let mut entries = queue.ready().chain(delayed);
        let entry = entries.find(|entry| entry.copy == copy)?;
        Some(&*entry.message.publication)
    })
}

fn head(ui: &mut Ui, panels: &Panels, message: MessageId, publication: &Publication) {
    let show = &panels.state.run.show;
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(22.0, 22.0), Sense::hover());
        let label = message_label(publication, show.history().head());
        let mut shapes = Vec::new();
        let center = Point::new(rect.center().x, rect.center().y);
        token_shapes(show.token_of(message).0, center, 9.0, 1.0, &mut shapes);
        paint::paint_shapes(&shapes, ui.painter(), TSTransform::IDENTITY, panels.theme());
        let title = t!("message-title", number = message.0);
        ui.label(
            RichText::new(title)
                .heading()
                .color(panels.color(Ink::Text)),
        );
        let key = RichText::new(label.as_str())
            .monospace()
            .color(panels.color(Ink::Soft));
        ui.add(egui::Label::new(key).truncate());
    });
}

/// Who published it and when, and how many copies there are.
fn published(panels: &Panels, inspection: &Inspection) -> Option<String> {
    let show = &panels.state.run.show;
    let event = show.history().event(*inspection.story.first()?)?;
    let EventKind::Published { by, .. } = &event.kind else {
        return None;
    };
    let world = show.history().head();
    let name = match *by {
        Author::Publisher(publisher) => &world.publisher(publisher)?.name,
        Author::Consumer(worker) => world.worker(worker)?.name(),
    };
    let at = seconds(event.at);
    Some(match &inspection.routing {
        None => t!("message-published", publisher = shown(name), at = at),
        Some(routing) => t!(
            "message-published-copies",
            publisher = shown(name),
            at = at,
            copies = routing.explanation.queues.len()
        ),
    })
}

fn properties(ui: &mut Ui, panels: &Panels, publication: &Publication) {
    ui.spacing_mut().item_spacing.y = 4.0;
    let fact = |ui: &mut Ui, name: String, value: &str| super::fact(ui, panels, &name, value);
    fact(
        ui,
        t!("property-exchange"),
        &exchange_name(&publication.exchange),
    );
    fact(
        ui,
        t!("property-routing-key"),
        &shown(&publication.routing_key),
    );
    let body = publication.body.to_string();
    if !body.is_empty() {
        fact(ui, t!("property-body"), &body);
    }
    let properties = &publication.properties;
    for (name, value) in &properties.headers {
        fact(
            ui,
            t!("property-header", name = shown(name)),
            &value.to_string(),
        );
    }
    let text = |name: String, value: &Option<crate::broker::Name>| {
        value
            .as_ref()
            .map(|value| (name, shown(value).into_owned()))
    };
    let number = |name: String, value: Option<u64>| value.map(|value| (name, value.to_string()));
    let delivery_mode = if properties.is_persistent() {
        t!("property-persistent")
    } else {
        t!("property-transient")
    };
    let facts = [
        Some((t!("property-delivery-mode"), delivery_mode)),
        text(t!("property-content-type"), &properties.content_type),
        text(
            t!("property-content-encoding"),
            &properties.content_encoding,
        ),
        number(t!("property-priority"), properties.priority.map(u64::from)),
        text(t!("property-correlation-id"), &properties.correlation_id),
        text(t!("property-reply-to"), &properties.reply_to),
        text(t!("property-expiration"), &properties.expiration),
        text(t!("property-message-id"), &properties.message_id),
        number(t!("property-timestamp"), properties.timestamp),
        text(t!("property-type"), &properties.kind),
        text(t!("property-user-id"), &properties.user_id),
        text(t!("property-app-id"), &properties.app_id),
    ];
    for (name, value) in facts.into_iter().flatten() {
        fact(ui, name, &value);
    }
}

/// What happened to it on a side, event by event.
pub(super) fn story(ui: &mut Ui, panels: &mut Panels, inspection: &Inspection, side: Option<Side>) {
    ui.spacing_mut().item_spacing.y = 2.0;
    let state = panels.state;
    let run = panels.run(side);
    let history = run.show.history();
    for &id in &inspection.story {
        let Some(event) = history.event(id) else {
            continue;
        };
        let at = run.show.director().shown_at(id).unwrap_or(event.at);
        let line = describe(event, history.head(), history);
        let response = ui
            .scope(|ui| super::timed(ui, panels, &seconds(at), &line.text))
            .response
            .interact(Sense::click());
        let selected = panels.in_front(side) && state.session.event == Some(id);
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, selected, &line.text));
        if selected || response.hovered() || response.has_focus() {
            let tint = theme::faded(Ink::Accent, 0.12, panels.theme());
            ui.painter()
                .rect_filled(response.rect.expand(3.0), 4.0, tint);
        }
        if response.clicked() {
            panels.face(side);
        }
        if response.double_clicked() || (selected && response.clicked()) {
            panels.commands.push(Command::GoTo(id));
        } else if response.clicked() {
            panels.commands.push(Command::SelectEvent(id));
        }
    }
}
