//! A message written by hand, and published at this moment.

use std::sync::Arc;

use egui::{RichText, TextEdit, Ui};

use crate::app::{Command, Draft, DraftError};
use crate::broker::Name;
use crate::scene::Ink;
use crate::t;
use crate::ui::theme;
use crate::ui::window::Panels;
use crate::words::shown;
use crate::world::PublisherId;

/// The form. `by` is who sends the message; nobody can where there is no publisher.
pub(super) fn show(ui: &mut Ui, panels: &mut Panels, by: Option<PublisherId>, exchange: &Name) {
    super::section(ui, panels, &t!("compose-title"));
    let world = panels.state.run.show.history().head();
    let publisher = by.and_then(|by| Some((by, world.publisher(by)?)));
    let Some((by, publisher)) = publisher else {
        super::sentence(ui, panels, &t!("compose-nobody"));
        return;
    };
    let name = shown(&publisher.name);
    let name = &*name;
    super::sentence(ui, panels, &t!("compose-by", publisher = name));
    let mut draft = panels.state.session.draft.clone();
    field(ui, panels, &t!("property-routing-key"), &mut draft.key, 1);
    field(ui, panels, &t!("compose-headers"), &mut draft.headers, 2);
    field(ui, panels, &t!("property-body"), &mut draft.body, 1);
    ui.horizontal(|ui| {
        let persistent = RichText::new(t!("compose-persistent")).small();
        ui.checkbox(&mut draft.persistent, persistent);
        ui.add_space(12.0);
        let mandatory = RichText::new(t!("compose-mandatory")).small();
        ui.checkbox(&mut draft.mandatory, mandatory)
            .on_hover_text(t!("compose-mandatory-tip", publisher = name));
    });
    let publication = draft.publication(exchange);
    if let Err(error) = &publication {
        let text = match error {
            DraftError::LongKey(octets) => t!("compose-long-key", octets = *octets),
            DraftError::Header(line) => t!("compose-header", line = line.as_str()),
        };
        let text = RichText::new(text)
            .small()
            .color(panels.color(Ink::Warning));
        ui.add(egui::Label::new(text).wrap());
    }
    let button = egui::Button::new(t!("compose-publish"));
    let button = ui.add_enabled(publication.is_ok(), button);
    let sent = button.on_hover_text(t!("publish-now-tip")).clicked();
    let mandatory = draft.mandatory;
    keep(panels, draft);
    if let (true, Ok(publication)) = (sent, publication) {
        panels.emit(Command::Send {
            publisher: by,
            publication: Arc::new(publication),
            mandatory,
        });
    }
}

fn keep(panels: &mut Panels, draft: Draft) {
    if draft != panels.state.session.draft {
        panels.emit(Command::Draft(draft));
    }
}

/// As wide as the widest label.
const LABEL: f32 = 130.0;

fn field(ui: &mut Ui, panels: &Panels, name: &str, text: &mut String, rows: usize) {
    ui.horizontal_top(|ui| {
        let label = ui.allocate_ui(egui::vec2(LABEL, 24.0), |ui| {
            ui.set_width(LABEL);
            ui.label(RichText::new(name).small().color(panels.color(Ink::Soft)))
        });
        let edit = if rows > 1 {
            TextEdit::multiline(text).desired_rows(rows)
        } else {
            TextEdit::singleline(text)
        };
        let edit = edit
            .id_salt(name)
            .font(theme::small_mono())
            .desired_width(ui.available_width() - 8.0);
        ui.add(edit).labelled_by(label.inner.id);
    });
}
