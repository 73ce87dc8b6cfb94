//! The canvas: the picture of the moment under a camera, and what a hand does to it.

use egui::emath::TSTransform;
use egui::{
    Align2, Rect, Response, RichText, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use crate::app::{Action, Camera, Command, Run, SCALE_MAX, SCALE_MIN, State};
use crate::compare::Side;
use crate::director::Stage;
use crate::geometry::{self, Point};
use crate::scene::{Ink, PART_MOST, Picture, Target, View, build};
use crate::t;
use crate::topology::NodeKey;
use crate::words::{exchanges, grouped, queues, shown};

use super::window::Panels;
use super::{hover, live, notices, paint, theme, top_bar};

/// Left free round the picture when all of it is shown.
const MARGIN: f32 = 24.0;
/// The same where two pictures share the window.
const MARGIN_OF_TWO: f32 = 16.0;
/// A small scenario is not blown up beyond this.
pub(super) const FIT_MAX: f32 = 1.5;

/// The canvas of the only side there is.
pub(super) fn only(ui: &mut Ui, panels: &mut Panels) {
    let mut rect = ui.available_rect_before_wrap();
    rect.min.y += note(ui, panels, rect);
    show(ui, panels, rect, None);
    badge(ui, panels, rect);
    live::welcome(ui, panels, rect);
    notices::badge(ui, panels, rect);
}

/// The canvas of a side.
pub(super) fn show(ui: &mut Ui, panels: &mut Panels, rect: Rect, side: Option<Side>) {
    let state = panels.state;
    let run = panels.run(side);
    let camera = camera(panels, run, rect);
    let stage = run.stage();
    let in_front = panels.in_front(side);
    let selected = state
        .session
        .selected
        .and_then(|target| match &state.comparing {
            // What is selected on one side may have a number on the other as well, and mean something else there.
            Some(comparing) if !in_front => comparing.counterpart(&state.run, target),
            _ => Some(target),
        });
    let view = View {
        selected,
        edges: match in_front {
            true => state.session.event_edges.clone(),
            false => Vec::new(),
        },
        reduced_motion: state.view.reduced_motion,
        connections: state.view.connections,
        echo: state.echo,
    };
    let plan = &run.show.plan;
    let picture = build(plan, stage, run.show.history(), run.moment, view);

    let response = ui.interact(rect, ui.scope_id().with("canvas"), Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, t!("canvas-label")));
    if in_front {
        panels.emit(Command::Seen(
            to_world(camera, rect.center()),
            camera.scaling,
        ));
    }
    move_camera(ui, panels, &response, rect, camera, side);
    let painter = ui.painter_at(rect);
    paint::paint(&picture.scene, &painter, camera, panels.theme());
    nodes(ui, panels, &picture, rect, camera, side);

    let pointed = response
        .hover_pos()
        .and_then(|at| picture.at(plan, to_world(camera, at)));
    if response.clicked() {
        panels.face(side);
        panels.emit(Command::Select(pointed));
    }
    if let Some(Target::Edge(_) | Target::Message(_) | Target::Order(_)) = pointed {
        ui.ctx().set_cursor_icon(egui::CursorIcon::PointingHand);
    }
    if let Some(text) = pointed.and_then(|target| hover::text(run, target)) {
        response.clone().on_hover_text_at_pointer(text);
    }
    if response.double_clicked() && pointed.is_none() {
        panels.act(Action::Fit);
    }
}

/// The room that one of two pictures takes in its own size.
pub(super) fn needed(state: &State, run: &Run) -> egui::Vec2 {
    let bounds = run.show.plan.bounds(state.view.connections);
    vec2(bounds.width(), bounds.height()) + egui::Vec2::splat(2.0 * MARGIN_OF_TWO)
}

/// The camera that the state asks for, for a canvas that fills `rect`.
fn camera(panels: &Panels, run: &Run, rect: Rect) -> TSTransform {
    let connections = panels.state.view.connections;
    let bounds = run.show.plan.bounds(connections);
    let (center, scale) = match run.camera {
        Camera::Free { center, scale } => (center, scale),
        Camera::Fit => {
            let margin = match panels.state.comparing {
                Some(_) => MARGIN_OF_TWO,
                None => MARGIN,
            };
            let wide = (rect.width() - 2.0 * margin) / bounds.width().max(1.0);
            let high = (rect.height() - 2.0 * margin) / bounds.height().max(1.0);
            (bounds.center(), wide.min(high).clamp(SCALE_MIN, FIT_MAX))
        }
    };
    let shift = rect.center().to_vec2() - vec2(center.x, center.y) * scale;
    TSTransform::new(shift, scale)
}

fn to_world(camera: TSTransform, at: egui::Pos2) -> Point {
    let at = camera.inverse() * at;
    Point::new(at.x, at.y)
}

fn to_screen(camera: TSTransform, rect: geometry::Rect) -> Rect {
    let corner = |point: Point| camera * pos2(point.x, point.y);
    Rect::from_min_max(corner(rect.min), corner(rect.max))
}

/// Drag moves the canvas; the wheel, or a pinch, zooms about the pointer; a two-finger scroll moves.
fn move_camera(
    ui: &Ui,
    panels: &mut Panels,
    response: &Response,
    rect: Rect,
    camera: TSTransform,
    side: Option<Side>,
) {
    let mut moved = camera;
    if response.dragged() {
        moved.translation += response.drag_delta();
    }
    // Also over a node, which is a widget of its own.
    let pointer = ui.input(|input| input.pointer.hover_pos());
    if let Some(pointer) = pointer.filter(|_| ui.rect_contains_pointer(rect)) {
        let (scroll, pinch) = ui.input(|input| (input.smooth_scroll_delta(), input.zoom_delta()));
        let factor = pinch * (scroll.y / 300.0).exp();
        if factor != 1.0 {
            let scale = (moved.scaling * factor).clamp(SCALE_MIN, SCALE_MAX);
            let still = pointer.to_vec2();
            moved.translation = still + (moved.translation - still) * (scale / moved.scaling);
            moved.scaling = scale;
        }
        moved.translation.x += scroll.x;
    }
    if moved != camera {
        panels.face(side);
        panels.emit(free(moved, rect));
    }
}

/// Keeps a camera as it is, whatever happens to the picture.
fn free(camera: TSTransform, rect: Rect) -> Command {
    Command::Look(Camera::Free {
        center: to_world(camera, rect.center()),
        scale: camera.scaling,
    })
}

/// Every node is a widget: it can be dragged, clicked, reached with Tab and read out.
fn nodes(
    ui: &Ui,
    panels: &mut Panels,
    picture: &Picture,
    rect: Rect,
    camera: TSTransform,
    side: Option<Side>,
) {
    let run = panels.run(side);
    let (plan, stage) = (&run.show.plan, run.stage());
    for hit in &picture.hits {
        let Target::Node(key) = hit.target else {
            continue;
        };
        let place = to_screen(camera, hit.rect).intersect(rect);
        if !place.is_positive() {
            continue;
        }
        let id = ui.scope_id().with(("node", key));
        let response = ui.interact(place, id, Sense::click_and_drag());
        let selected = panels.in_front(side) && panels.state.session.selected == Some(hit.target);
        response.widget_info(|| {
            WidgetInfo::selected(Role::Button, true, selected, node_label(run, key, stage))
        });
        if response.has_focus() {
            let stroke = Stroke::new(2.0, theme::color(Ink::Accent, panels.theme()));
            ui.painter_at(rect)
                .rect_stroke(place.expand(5.0), 10.0, stroke, StrokeKind::Outside);
        }
        if response.dragged() {
            let delta = response.drag_delta() / camera.scaling;
            let center = plan
                .layout
                .nodes
                .get(&key)
                .map_or(Point::ZERO, |rect| rect.center());
            // What is fitted would move away under the hand.
            panels.face(side);
            panels.emit(free(camera, rect));
            panels.emit(Command::Drag(key, center + Point::new(delta.x, delta.y)));
        }
        if !response.dragged()
            && let Some(text) = hover::text(run, hit.target)
        {
            // Beside the node: a pointer left lying on it must not cover the picture.
            response.clone().on_hover_text(text);
        }
        if response.clicked() {
            // A message on the node is meant, where there is one under the pointer.
            let at = response.interact_pointer_pos();
            let pointed = at.and_then(|at| picture.at(plan, to_world(camera, at)));
            panels.face(side);
            panels.emit(Command::Select(Some(pointed.unwrap_or(hit.target))));
        }
    }
}

/// A line above the picture, where there is something to be known of it: that another is coming, or that this is a part.
/// Returns how high it is.
fn note(ui: &mut Ui, panels: &mut Panels, canvas: Rect) -> f32 {
    const HEIGHT: f32 = 38.0;
    let state = panels.state;
    let part = state.run.show.plan.part();
    let opening = state.session.opening.as_ref();
    let opening = opening.filter(|_| takes_long(ui));
    if opening.is_none() && part.is_none() {
        return 0.0;
    }
    let line = canvas.with_max_y(canvas.min.y + HEIGHT);
    ui.painter().rect_filled(line, 0.0, panels.color(Ink::Card));
    let stroke = Stroke::new(1.0, panels.color(Ink::Hairline));
    ui.painter().hline(line.x_range(), line.max.y, stroke);
    let builder = egui::UiBuilder::new()
        .max_rect(line.shrink2(vec2(16.0, 4.0)))
        .layout(egui::Layout::right_to_left(egui::Align::Center));
    let mut inner = ui.new_child(builder);
    if let Some(opening) = opening {
        let text = t!("opening", file = opening.name());
        said(&mut inner, panels, text);
    } else if let Some(part) = part {
        let find = inner.button(t!("part-find"));
        if find
            .on_hover_text(top_bar::keys(&inner, Action::Find))
            .clicked()
        {
            panels.act(Action::Find);
        }
        if part.shown < part.next
            && part.most < PART_MOST
            && inner.button(t!("part-more")).clicked()
        {
            panels.emit(Command::LookFurther);
        }
        let center = state.run.show.plan.whole().node(part.center);
        let center = center.map_or("", |node| node.name.as_str());
        let center = match part.center {
            NodeKey::Exchange(_) => crate::words::exchange_name(center),
            _ => shown(center).into_owned(),
        };
        let mut text = match part.shown < part.next {
            true => t!(
                "part-shown",
                center = center,
                shown = part.shown,
                next = grouped(part.next)
            ),
            false => t!("part-shown-all", center = center, count = part.next),
        };
        let hidden = state.run.show.plan.left_out().lines;
        if hidden > 0 {
            text += " ";
            text += &t!("part-left-out", count = hidden, grouped = grouped(hidden));
        }
        text += " ";
        text += &t!(
            "part-whole",
            queues = queues(part.queues),
            exchanges = exchanges(part.exchanges),
            edges = grouped(part.edges)
        );
        said(&mut inner, panels, text);
    }
    HEIGHT
}

/// Whether a file is being opened for so long that there should be a word of it; to be asked in each pass meanwhile.
fn takes_long(ui: &Ui) -> bool {
    const LONG: f64 = 0.3;
    let (now, pass) = (ui.input(|input| input.time), ui.ctx().cumulative_pass_nr());
    let id = egui::Id::unique("opening-since");
    let last: Option<(f64, u64)> = ui.data(|data| data.get_temp(id));
    // Where the pass before did not ask, another file was opened before.
    let going_on = last.filter(|&(_, asked)| asked + 1 >= pass);
    let since = going_on.map_or(now, |(since, _)| since);
    ui.data_mut(|data| data.insert_temp(id, (since, pass)));
    let rest = (since + LONG - now).max(0.0);
    if rest > 0.0 {
        let rest = std::time::Duration::from_secs_f64(rest);
        ui.ctx().request_repaint_after(rest);
    }
    rest <= 0.0
}

fn said(ui: &mut Ui, panels: &Panels, text: String) {
    let left = egui::Layout::left_to_right(egui::Align::Center);
    ui.with_layout(left, |ui| {
        let text = RichText::new(text).small().color(panels.color(Ink::Text));
        ui.add(egui::Label::new(text).truncate());
    });
}

/// Which RabbitMQ this is, in a corner; a click says how far.
fn badge(ui: &mut Ui, panels: &mut Panels, rect: Rect) {
    let profile = panels.state.document.scenario.setup.profile;
    let text = t!("simplified-badge", release = profile.as_str());
    let text = RichText::new(text).small().color(panels.color(Ink::Soft));
    let corner = rect.max - vec2(8.0, 4.0);
    let place = Align2::RIGHT_BOTTOM.anchor_size(corner, vec2(248.0, 24.0));
    let builder = egui::UiBuilder::new()
        .max_rect(place)
        .layout(egui::Layout::right_to_left(egui::Align::Center));
    let mut corner = ui.new_child(builder);
    corner.spacing_mut().button_padding = vec2(6.0, 2.0);
    corner.spacing_mut().interact_size.y = 22.0;
    let fill = theme::faded(Ink::Canvas, 0.85, panels.theme());
    let button = egui::Button::new(text).fill(fill).stroke(Stroke::NONE);
    if corner.add(button).clicked() {
        panels.act(Action::Simplified);
    }
}

/// What a node is, and how it stands, for those who do not see it.
fn node_label(run: &Run, key: NodeKey, stage: &Stage) -> String {
    let topology = &run.show.plan.topology;
    let raw = topology.node(key).map(|node| node.name.as_str());
    let raw = raw.unwrap_or_default();
    let name = shown(raw);
    match key {
        NodeKey::Publisher(index) => {
            let publisher = stage.publishers.get(index as usize);
            let sent = publisher.map_or(0, |publisher| publisher.published);
            t!("label-publisher", name = name, count = sent)
        }
        NodeKey::Exchange(_) => {
            let kind = topology.node(key).and_then(|node| node.kind);
            let kind = kind.map_or("", |kind| kind.as_str());
            t!(
                "label-exchange",
                name = crate::words::exchange_name(raw),
                kind = kind
            )
        }
        NodeKey::Queue(id) => {
            let queue = stage.queues.get(stage.queue_at(id, topology).index());
            let ready = queue.map_or(0, |queue| queue.ready.len());
            let unacked = queue.map_or(0, |queue| queue.unacked.len());
            t!("label-queue", name = name, ready = ready, unacked = unacked)
        }
        NodeKey::Consumer(id) => {
            let consumer = stage.consumers.get(id.0 as usize);
            let unacked = consumer.map_or(0, |consumer| consumer.unacked);
            t!("label-consumer", name = name, unacked = unacked)
        }
        NodeKey::Users => t!(
            "label-users",
            name = name,
            count = stage.users.waiting.len()
        ),
        NodeKey::Service(id) => {
            let service = stage.services.get(id.0 as usize);
            let held = service.map_or(0, |service| service.held());
            let all = service.map_or(0, |service| service.workers.len());
            t!("label-service", name = name, held = held, all = all)
        }
    }
}
