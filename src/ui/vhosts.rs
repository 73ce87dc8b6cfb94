//! Which of several virtual hosts is shown.

use egui::{
    Align2, Context, Response, RichText, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2,
};

use crate::app::{Command, Source};
use crate::scenario::definitions::VhostSize;
use crate::scene::Ink;
use crate::t;
use crate::words::{exchanges, queues, shown};

use super::listing::Listing;
use super::theme;
use super::window::Panels;

const ROW: f32 = 34.0;

pub(super) fn show(ctx: &Context, panels: &mut Panels) {
    let Some(choice) = panels.state.session.vhosts.clone() else {
        return;
    };
    // The one that is shown, if it is one of these.
    let document = &panels.state.document;
    let is_this = matches!(&document.source, Source::File(path) if *path == choice.path);
    let shown = is_this.then(|| document.scenario.setup.vhost.clone());
    let name = choice.path.file_name().unwrap_or_default();
    let list = Listing {
        id: "vhosts",
        width: 480.0,
        title: t!("vhosts-title"),
        about: t!("vhosts-about", file = name.to_string_lossy()),
    };
    list.show(ctx, panels, |ui, panels| {
        ui.spacing_mut().item_spacing.y = 4.0;
        let mut rows = Vec::new();
        for vhost in &choice.vhosts {
            let is_shown = shown.as_ref() == Some(&vhost.name);
            rows.push((is_shown, row(ui, panels, vhost, is_shown)));
        }
        focus(ui, &rows);
    });
}

/// The keyboard begins at the one that is shown, else at the first; Up and Down go on from there.
fn focus(ui: &Ui, rows: &[(bool, Response)]) {
    let id = egui::Id::unique("vhosts-begun");
    let first = rows.iter().find(|(is_shown, _)| *is_shown);
    let pass = ui.ctx().cumulative_pass_nr();
    let last: Option<u64> = ui.data(|data| data.get_temp(id));
    // It was closed since, or never open.
    if last.is_none_or(|last| last + 1 < pass)
        && let Some((_, row)) = first.or(rows.first())
    {
        row.request_focus();
    }
    ui.data_mut(|data| data.insert_temp(id, pass));
}

fn row(ui: &mut Ui, panels: &mut Panels, vhost: &VhostSize, is_shown: bool) -> Response {
    let size = vec2(ui.available_width(), ROW);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let counts = t!(
        "vhosts-counts",
        queues = queues(vhost.queues),
        exchanges = exchanges(vhost.exchanges)
    );
    let label = t!(
        "vhosts-row",
        name = shown(&vhost.name),
        counts = counts.as_str()
    );
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_shown, &label));
    if response.gained_focus() {
        response.scroll_to_me(None);
    }
    let lit = response.hovered() || response.has_focus();
    let ink = if lit { Ink::Accent } else { Ink::Hairline };
    let fill = match is_shown {
        true => theme::faded(Ink::Accent, 0.12, panels.theme()),
        false => panels.color(Ink::Canvas),
    };
    let stroke = Stroke::new(if lit { 2.0 } else { 1.0 }, panels.color(ink));
    let painter = ui.painter();
    painter.rect(rect, 6.0, fill, stroke, StrokeKind::Inside);
    let counts = painter.text(
        rect.right_center() - vec2(12.0, 0.0),
        Align2::RIGHT_CENTER,
        counts,
        egui::TextStyle::Small.resolve(ui.style()),
        panels.color(Ink::Soft),
    );
    let room = rect
        .with_max_x(counts.min.x - 10.0)
        .shrink2(vec2(12.0, 0.0));
    let mut inner = ui.new_child(egui::UiBuilder::new().max_rect(room));
    inner.horizontal_centered(|ui| {
        let name = RichText::new(shown(&vhost.name)).monospace();
        let name = egui::Label::new(name.color(panels.color(Ink::Text)));
        ui.add(name.selectable(false).truncate());
    });
    if response.clicked() {
        panels.emit(Command::ChooseVhost(vhost.name.clone()));
    }
    response
}
