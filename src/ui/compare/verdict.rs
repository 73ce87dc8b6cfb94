//! The verdict in words: first the question, so that one predicts; then what the numbers say.

use egui::{Button, Rect, RichText, Stroke, StrokeKind, Ui, UiBuilder, vec2};

use crate::app::{Command, Comparing};
use crate::scenario::Lesson;
use crate::scene::measure::text_width;
use crate::scene::{Font, Ink};
use crate::t;
use crate::ui::fonts;
use crate::ui::window::Panels;
use crate::words::{LANGUAGE, verdict};

const PAD: f32 = 12.0;
/// The room of the button beside the words.
const BESIDE: f32 = 92.0;
const CHOICE: f32 = 28.0;
const BUTTON: f32 = 32.0;
const GAP: f32 = 4.0;

/// Where one chooses what will happen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Choices {
    /// Beneath the question.
    Beneath,
    /// In a menu, where there is no room for that.
    Menu,
}

fn lesson<'a>(panels: &Panels<'a>) -> &'a Lesson {
    &panels.state.document.scenario.lesson
}

/// What is asked, or what is said.
fn text(panels: &Panels, comparing: &Comparing) -> String {
    let lesson = lesson(panels);
    if comparing.revealed {
        return verdict(&comparing.comparison, comparing.summaries());
    }
    match lesson.question.get(LANGUAGE) {
        "" => t!("verdict-question"),
        question => question.to_owned(),
    }
}

/// Whether one may still choose what will happen.
fn is_open(panels: &Panels, comparing: &Comparing) -> bool {
    !comparing.revealed && !lesson(panels).predictions.is_empty()
}

/// How high it is.
pub(super) fn height(
    ui: &Ui,
    panels: &Panels,
    comparing: &Comparing,
    width: f32,
    choices: Choices,
) -> f32 {
    let font = fonts::font_id(Font::Words, 13.5);
    let color = panels.color(Ink::Text);
    let high = |text: String, room: f32| {
        let galley = ui.painter().layout(text, font.clone(), color, room);
        galley.size().y
    };
    let room = width - 2.0 * PAD - BESIDE;
    let mut height = high(text(panels, comparing), room).max(30.0) + 2.0 * PAD;
    if is_open(panels, comparing) && choices == Choices::Menu {
        height = height.max(2.0 * BUTTON + GAP + 2.0 * PAD);
    } else if is_open(panels, comparing) {
        let widths = lesson(panels)
            .predictions
            .iter()
            .map(|prediction| text_width(prediction.get(LANGUAGE), Font::Words, 13.0) + 4.0 * PAD);
        // As many rows as it takes to set them one after the other.
        let (mut rows, mut x) = (1.0, 0.0);
        for width in widths {
            if x > 0.0 && x + width > room {
                (rows, x) = (rows + 1.0, 0.0);
            }
            x += width;
        }
        height += rows * CHOICE + 4.0;
    } else if let Some(told) = prediction_told(panels, comparing) {
        height += high(told, room) + 4.0;
    }
    height
}

/// How the prediction came out, once the verdict is seen.
fn prediction_told(panels: &Panels, comparing: &Comparing) -> Option<String> {
    let chosen = comparing.predicted.filter(|_| comparing.revealed)?;
    let lesson = lesson(panels);
    let text = lesson.predictions.get(chosen)?.get(LANGUAGE);
    Some(match lesson.right {
        Some(right) if right == chosen + 1 => t!("verdict-predicted-right", text = text),
        Some(right) => {
            let right = lesson.predictions.get(right.saturating_sub(1))?;
            t!(
                "verdict-predicted-wrong",
                text = text,
                right = right.get(LANGUAGE)
            )
        }
        None => t!("verdict-predicted", text = text),
    })
}

pub(super) fn show(
    ui: &mut Ui,
    panels: &mut Panels,
    comparing: &Comparing,
    rect: Rect,
    wanted: Choices,
) {
    let (fill, line) = (panels.color(Ink::Canvas), panels.color(Ink::Hairline));
    let stroke = Stroke::new(1.0, line);
    ui.painter()
        .rect(rect, 8.0, fill, stroke, StrokeKind::Inside);
    let inner = rect.shrink(PAD);
    let words = inner.with_max_x(inner.max.x - BESIDE);
    let beside = inner.with_min_x(inner.max.x - BESIDE + 8.0);
    let mut ui = |rect: Rect| {
        let mut child = ui.new_child(UiBuilder::new().max_rect(rect));
        child.set_clip_rect(rect.expand(2.0).intersect(child.clip_rect()));
        child.spacing_mut().item_spacing.y = 4.0;
        child
    };
    let mut left = ui(words);
    said(&mut left, panels, text(panels, comparing), Ink::Text);
    if let Some(told) = prediction_told(panels, comparing) {
        said(&mut left, panels, told, Ink::Soft);
    }
    let asks = is_open(panels, comparing);
    if asks && wanted == Choices::Beneath {
        choices(&mut left, panels, comparing);
    }
    let mut right = ui(beside);
    let (name, revealed) = match comparing.revealed {
        true => (t!("verdict-hide"), false),
        false => (t!("verdict-show"), true),
    };
    let size = vec2(beside.width(), BUTTON);
    if right.add_sized(size, Button::new(name)).clicked() {
        panels.emit(Command::Reveal(revealed));
    }
    if asks && wanted == Choices::Menu {
        right.menu_button(t!("verdict-predict"), |ui| choices(ui, panels, comparing));
    }
}

fn said(ui: &mut Ui, panels: &Panels, text: String, ink: Ink) {
    let text = RichText::new(text).color(panels.color(ink));
    ui.add(egui::Label::new(text).wrap());
}

/// What may be predicted; one of them can be chosen.
fn choices(ui: &mut Ui, panels: &mut Panels, comparing: &Comparing) {
    ui.horizontal_wrapped(|ui| {
        for (place, prediction) in lesson(panels).predictions.iter().enumerate() {
            let chosen = comparing.predicted == Some(place);
            let text = RichText::new(prediction.get(LANGUAGE)).small();
            let button = Button::new(text).selected(chosen);
            if ui.add(button.min_size(vec2(0.0, CHOICE - 4.0))).clicked() {
                panels.emit(Command::Predict(place));
            }
        }
    });
}
