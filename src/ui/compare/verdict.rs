//! The verdict in words: first the question, so that one predicts; then what the numbers say.

use egui::{
    Button, Color32, Rect, RichText, ScrollArea, Stroke, StrokeKind, Ui, UiBuilder, Vec2, vec2,
};

use crate::app::{Command, Comparing};
use crate::scenario::Lesson;
use crate::scene::measure::text_width;
use crate::scene::{Font, Ink};
use crate::t;
use crate::ui::fonts;
use crate::ui::window::Panels;
use crate::words::{LANGUAGE, span, verdict};

const PAD: f32 = 12.0;
const GAP: f32 = 6.0;
const BUTTON: f32 = 32.0;
const CHOICE: f32 = 26.0;
/// The room of the buttons, where they stand beside the words.
const BESIDE: f32 = 96.0;

/// How the card is laid out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Card {
    /// Wide and low: the buttons stand beside the words, and the choices beneath the question.
    Wide,
    /// The same with no room beneath: the choices are in a menu.
    Flat,
    /// A column of its own: the choices one beneath the other, the buttons at the foot.
    Column,
}

fn lesson<'a>(panels: &Panels<'a>) -> &'a Lesson {
    &panels.state.document.scenario.lesson
}

/// Whether the verdict is seen.
fn is_revealed(panels: &Panels, comparing: &Comparing) -> bool {
    comparing.is_revealed(panels.state.run.moment.at)
}

/// What is asked, or what is said.
fn text(panels: &Panels, comparing: &Comparing) -> String {
    let lesson = lesson(panels);
    if is_revealed(panels, comparing) {
        return verdict(&comparing.comparison, comparing.summaries());
    }
    match lesson.question.get(LANGUAGE) {
        "" => t!("verdict-question"),
        question => question.to_owned(),
    }
}

/// When there will be a verdict, if there is none yet: one cannot be had before what is asked about has happened.
fn not_yet(panels: &Panels, comparing: &Comparing) -> Option<String> {
    let after = comparing.verdict_after()?;
    let is_early = !comparing.has_verdict(panels.state.run.moment.at);
    let until = comparing.comparison.until;
    let faults = comparing.comparison.faults.iter();
    let count = faults.filter(|fault| fault.from < until).count();
    is_early.then(|| t!("verdict-not-yet", count = count, at = span(after)))
}

/// Whether one may still choose what will happen.
fn is_open(panels: &Panels, comparing: &Comparing) -> bool {
    !is_revealed(panels, comparing) && !lesson(panels).predictions.is_empty()
}

/// How high a [`Card::Wide`] or [`Card::Flat`] is in that width.
pub(super) fn height(
    ui: &Ui,
    panels: &Panels,
    comparing: &Comparing,
    width: f32,
    card: Card,
) -> f32 {
    let room = width - 2.0 * PAD - BESIDE;
    words_height(ui, panels, comparing, room, card).max(2.0 * BUTTON + GAP) + 2.0 * PAD
}

/// How high the words of a card are, and the choices among them.
fn words_height(ui: &Ui, panels: &Panels, comparing: &Comparing, room: f32, card: Card) -> f32 {
    let mut words = text_height(ui, text(panels, comparing), room);
    if is_open(panels, comparing) && card != Card::Flat {
        words += rows(ui, panels, room).len() as f32 * (CHOICE + GAP);
    } else if let Some((told, _)) = prediction_told(panels, comparing) {
        words += text_height(ui, told, room) + GAP;
    }
    words
}

fn text_height(ui: &Ui, text: String, room: f32) -> f32 {
    let font = fonts::font_id(Font::Words, 14.0);
    let galley = ui.painter().layout(text, font, Color32::PLACEHOLDER, room);
    galley.size().y
}

/// What it is about, where there is room for that as well.
fn about(ui: &Ui, panels: &Panels, comparing: &Comparing, room: Vec2) -> Option<String> {
    let about = panels.state.document.scenario.about.get(LANGUAGE);
    let words = words_height(ui, panels, comparing, room.x, Card::Column);
    let early = not_yet(panels, comparing);
    let early = early.map_or(0.0, |why| text_height(ui, why, room.x) + GAP);
    let whole = words + early + text_height(ui, about.to_owned(), room.x) + 2.0 * GAP;
    let is_told = is_revealed(panels, comparing) || comparing.about || about.is_empty();
    (!is_told && whole <= room.y).then(|| about.to_owned())
}

/// What was measured of the comparison as the file has it, once the verdict is seen; who has predicted nothing learns it
/// only at the end.
fn measured(panels: &Panels, comparing: &Comparing) -> Option<String> {
    let lesson = lesson(panels);
    let answer = lesson.answer.get(LANGUAGE);
    let is_over = panels.state.run.moment.at >= comparing.comparison.until;
    let may_know = is_over || comparing.predicted.is_some() || lesson.predictions.is_empty();
    let is_told =
        is_revealed(panels, comparing) && !comparing.about && !answer.is_empty() && may_know;
    is_told.then(|| t!("verdict-measured", answer = answer))
}

/// How the prediction came out, once the verdict is seen.
fn prediction_told(panels: &Panels, comparing: &Comparing) -> Option<(String, Ink)> {
    let chosen = comparing
        .predicted
        .filter(|_| is_revealed(panels, comparing))?;
    let lesson = lesson(panels);
    let text = lesson.predictions.get(chosen)?.get(LANGUAGE);
    Some(match lesson.right {
        Some(right) if right == chosen + 1 => {
            (t!("verdict-predicted-right", text = text), Ink::Good)
        }
        Some(right) => {
            let right = lesson.predictions.get(right.saturating_sub(1))?;
            let told = t!(
                "verdict-predicted-wrong",
                text = text,
                right = right.get(LANGUAGE)
            );
            (told, Ink::Warning)
        }
        None => (t!("verdict-predicted", text = text), Ink::Text),
    })
}

pub(super) fn show(
    ui: &mut Ui,
    panels: &mut Panels,
    comparing: &Comparing,
    rect: Rect,
    card: Card,
) {
    let (fill, line) = (panels.color(Ink::Canvas), panels.color(Ink::Hairline));
    let stroke = Stroke::new(1.0, line);
    ui.painter()
        .rect(rect, 8.0, fill, stroke, StrokeKind::Inside);
    let inner = rect.shrink(PAD);
    let (words, buttons) = match card {
        Card::Column => inner.split_top_bottom_at_y(inner.max.y - BUTTON),
        Card::Wide | Card::Flat => inner.split_left_right_at_x(inner.max.x - BESIDE + PAD),
    };
    let words = match card {
        Card::Column => words.with_max_y(words.max.y - GAP),
        Card::Wide | Card::Flat => words.with_max_x(words.max.x - PAD),
    };
    let mut within = |rect: Rect| {
        let mut child = ui.new_child(UiBuilder::new().max_rect(rect));
        child.set_clip_rect(rect.expand(2.0).intersect(child.clip_rect()));
        child.spacing_mut().item_spacing = vec2(GAP, GAP);
        child
    };
    let asks = is_open(panels, comparing);
    ScrollArea::vertical()
        .id_salt(("verdict", is_revealed(panels, comparing)))
        .auto_shrink([false, false])
        .show(&mut within(words), |ui| {
            let is_column = card == Card::Column;
            if is_column && let Some(about) = about(ui, panels, comparing, words.size()) {
                said(ui, panels, about, Ink::Soft);
                ui.add_space(GAP);
            }
            if let Some((told, ink)) = prediction_told(panels, comparing) {
                said(ui, panels, told, ink);
            }
            said(ui, panels, text(panels, comparing), Ink::Text);
            if is_column && let Some(why) = not_yet(panels, comparing) {
                let room = words.size();
                let all = words_height(ui, panels, comparing, room.x, card);
                let whole = all + text_height(ui, why.clone(), room.x) + GAP;
                // Else the button alone says it.
                if whole <= room.y {
                    said(ui, panels, why, Ink::Warning);
                }
            }
            if asks && card != Card::Flat {
                choices(ui, panels, comparing);
            }
            if is_column && let Some(measured) = measured(panels, comparing) {
                ui.add_space(GAP);
                said(ui, panels, measured, Ink::Soft);
            }
        });
    let size = match card {
        Card::Column => vec2((buttons.width() - GAP) / 2.0, BUTTON),
        Card::Wide | Card::Flat => vec2(buttons.width(), BUTTON),
    };
    let mut ui = within(buttons);
    let mut add = |ui: &mut Ui| {
        let revealed = is_revealed(panels, comparing);
        let not_yet = not_yet(panels, comparing);
        let name = match (revealed, comparing.verdict_after()) {
            (true, _) => RichText::new(t!("verdict-hide")),
            (false, Some(at)) if not_yet.is_some() => {
                RichText::new(t!("verdict-after", at = span(at))).size(11.0)
            }
            (false, _) => RichText::new(t!("verdict-show")),
        };
        let button = ui.add_enabled_ui(not_yet.is_none(), |ui| {
            ui.add_sized(size, Button::new(name))
        });
        let button = button.inner;
        let button = match not_yet {
            Some(why) => button.on_disabled_hover_text(why),
            None => button,
        };
        if button.clicked() {
            panels.emit(Command::Reveal(!revealed));
        }
        if asks && card == Card::Flat {
            let button = Button::new(t!("verdict-predict")).min_size(size);
            egui::containers::menu::MenuButton::from_button(button)
                .ui(ui, |ui| choices(ui, panels, comparing));
            return;
        }
        let name = match revealed {
            true => t!("verdict-why"),
            false => t!("verdict-about"),
        };
        let tells = comparing.about && panels.state.session.selected.is_none();
        let button = Button::new(name).selected(tells);
        if ui.add_sized(size, button).clicked() {
            panels.emit(Command::About);
        }
    };
    match card {
        Card::Column => _ = ui.horizontal(|ui| add(ui)),
        Card::Wide | Card::Flat => add(&mut ui),
    }
}

fn said(ui: &mut Ui, panels: &Panels, text: String, ink: Ink) {
    let text = RichText::new(text).color(panels.color(ink));
    ui.add(egui::Label::new(text).wrap());
}

/// What may be predicted, by places: as many as there is room for in each row.
fn rows(ui: &Ui, panels: &Panels, room: f32) -> Vec<Vec<usize>> {
    let padding = ui.spacing().button_padding.x;
    let (mut rows, mut free) = (Vec::<Vec<usize>>::new(), 0.0);
    for (place, prediction) in lesson(panels).predictions.iter().enumerate() {
        let word = text_width(prediction.get(LANGUAGE), Font::Words, 12.5);
        let width = word * 1.04 + 2.0 * padding + GAP; // it is a little heavier
        match rows.last_mut() {
            Some(row) if width <= free => row.push(place),
            _ => {
                rows.push(vec![place]);
                free = room;
            }
        }
        free -= width;
    }
    rows
}

/// What may be predicted; one of them can be chosen.
fn choices(ui: &mut Ui, panels: &mut Panels, comparing: &Comparing) {
    ui.spacing_mut().interact_size.y = CHOICE;
    for row in rows(ui, panels, ui.available_width()) {
        ui.horizontal(|ui| {
            for place in row {
                let prediction = lesson(panels).predictions[place].get(LANGUAGE);
                let button = Button::new(RichText::new(prediction).small());
                let chosen = comparing.predicted == Some(place);
                if ui.add(button.selected(chosen).wrap()).clicked() {
                    panels.emit(Command::Predict(place));
                }
            }
        });
    }
}
