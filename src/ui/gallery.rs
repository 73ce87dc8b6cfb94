//! The gallery: the scenarios that come with the program, and what each teaches.

use std::sync::LazyLock;

use egui::{Context, Grid, Modal, RichText, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo, vec2};

use crate::app::{Action, Command, Source};
use crate::scenario::{builtin, load_str};
use crate::scene::{Ink, Sign};
use crate::t;
use crate::words::LANGUAGE;

use super::button::{Look, sign_button};
use super::theme;
use super::window::Panels;

const CARD: f32 = 300.0;

pub(super) fn show(ctx: &Context, panels: &mut Panels) {
    if !panels.state.session.gallery {
        return;
    }
    let room = ctx.content_rect().width() - 120.0;
    let columns = ((room / (CARD + 12.0)) as usize).clamp(1, 3);
    let modal = Modal::new(egui::Id::unique("gallery"))
        .frame(panels.overlay(Ink::Hairline))
        .show(ctx, |ui| {
            ui.set_width(columns as f32 * (CARD + 12.0) - 12.0);
            heading(ui, panels, &t!("gallery-title"), Action::Scenarios);
            ui.add_space(4.0);
            ScrollArea::vertical()
                .max_height(ctx.content_rect().height() - 200.0)
                .show(ui, |ui| cards(ui, panels, columns));
            ui.add_space(8.0);
            ui.horizontal(|ui| {
                if ui.button(t!("gallery-open")).clicked() {
                    panels.act(Action::Open);
                }
                ui.label(
                    RichText::new(t!("gallery-drop"))
                        .small()
                        .color(panels.color(Ink::Soft)),
                );
            });
        });
    if modal.should_close() {
        panels.emit(Command::CloseOverlay);
    }
}

/// A title with a button that closes what it stands over.
pub(super) fn heading(ui: &mut Ui, panels: &mut Panels, title: &str, close: Action) {
    headed(ui, panels, title, Command::Do(close));
}

/// The same, where no action opens it.
pub(super) fn headed(ui: &mut Ui, panels: &mut Panels, title: &str, close: Command) {
    ui.horizontal(|ui| {
        ui.label(
            RichText::new(title)
                .heading()
                .color(panels.color(Ink::Text)),
        );
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if sign_button(ui, Sign::Close, &t!("close"), 26.0, Look::Quiet).clicked() {
                panels.emit(close);
            }
        });
    });
}

fn cards(ui: &mut Ui, panels: &mut Panels, columns: usize) {
    Grid::new("scenarios")
        .spacing(vec2(12.0, 12.0))
        .show(ui, |ui| {
            for (index, card) in CARDS.iter().enumerate() {
                show_card(ui, panels, card);
                if (index + 1) % columns == 0 {
                    ui.end_row();
                }
            }
        });
}

/// What a built-in scenario says of itself.
pub(super) struct Card {
    pub(super) name: &'static str,
    pub(super) title: String,
    teaches: String,
    compares: bool,
}

/// Those that compare two sides.
pub(super) fn comparisons() -> impl Iterator<Item = &'static Card> {
    CARDS.iter().filter(|card| card.compares)
}

/// Read once: the built-in scenarios do not change. A test holds that all of them load.
static CARDS: LazyLock<Vec<Card>> = LazyLock::new(|| {
    let cards = builtin::ALL.iter().filter_map(|builtin| {
        let scenario = load_str(builtin.name, builtin.text).ok()?;
        Some(Card {
            name: builtin.name,
            title: scenario.title.get(LANGUAGE).to_owned(),
            teaches: scenario.teaches.get(LANGUAGE).to_owned(),
            compares: scenario.comparison.is_some(),
        })
    });
    cards.collect()
});

fn show_card(ui: &mut Ui, panels: &mut Panels, card: &Card) {
    let size = vec2(CARD, 116.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let open = panels.state.document.source == Source::Builtin(card.name);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, open, &card.title));
    let lit = response.hovered() || response.has_focus();
    let ink = if open || lit {
        Ink::Accent
    } else {
        Ink::Hairline
    };
    let stroke = Stroke::new(if lit { 2.0 } else { 1.2 }, panels.color(ink));
    let fill = panels.color(Ink::Canvas);
    ui.painter()
        .rect(rect, 8.0, fill, stroke, egui::StrokeKind::Inside);
    let builder = egui::UiBuilder::new()
        .max_rect(rect.shrink2(vec2(16.0, 14.0)))
        .layout(egui::Layout::top_down(egui::Align::Min));
    let mut inner = ui.new_child(builder);
    inner.set_clip_rect(rect.intersect(ui.clip_rect()));
    inner.spacing_mut().item_spacing.y = 6.0;
    let label = |inner: &mut Ui, text: RichText| {
        inner.add(egui::Label::new(text).selectable(false).wrap());
    };
    label(
        &mut inner,
        RichText::new(&card.title)
            .text_style(theme::label())
            .color(panels.color(Ink::Text)),
    );
    label(
        &mut inner,
        RichText::new(&card.teaches)
            .small()
            .color(panels.color(Ink::Text)),
    );
    if response.clicked() {
        panels.emit(Command::OpenBuiltin(card.name));
    }
}
