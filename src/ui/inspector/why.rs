//! Why a message went where it went: every binding, matched or not, with the reason.

use egui::emath::TSTransform;
use egui::{
    Align, Align2, Frame, Layout, Margin, Rect, RichText, Role, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo, vec2,
};

use crate::app::Routing;
use crate::broker::{
    Alternate, AlternateUse, Definitions, Exchange, ExchangeKind, Publication, TopicMiss, Verdict,
    Via, Visit, Why, WordMatch,
};
use crate::geometry::Point;
use crate::scene::measure::text_width;
use crate::scene::sign::badge_shapes;
use crate::scene::{Font, Ink};
use crate::t;
use crate::ui::window::Panels;
use crate::ui::{fonts, paint};
use crate::words::{binding_label, destination_name, exchange_name, shown, why};

/// More bindings than this are counted, not listed.
const MOST: usize = 60;

pub(super) fn show(ui: &mut Ui, panels: &Panels, routing: &Routing, publication: &Publication) {
    super::section(ui, panels, &t!("why-title"));
    let history = panels.state.run.show.history();
    let definitions = history.head().definitions();
    for visit in &routing.explanation.visits {
        super::sentence(ui, panels, &rule(definitions, visit));
        if visit.verdicts.is_empty() {
            super::sentence(ui, panels, &t!("why-no-bindings"));
        }
        // What matched comes first; within that, the order in which the bindings were made.
        let mut verdicts: Vec<_> = visit.verdicts.iter().collect();
        verdicts.sort_by_key(|verdict| !verdict.matched());
        for verdict in verdicts.iter().take(MOST) {
            binding_card(ui, panels, verdict, publication, definitions);
        }
        if verdicts.len() > MOST {
            super::sentence(ui, panels, &t!("why-more", count = verdicts.len() - MOST));
        }
        if let Some(alternate) = &visit.alternate {
            detour(ui, panels, alternate);
        }
    }
}

/// The alternate exchange: whether the message went there, and why (E13).
fn detour(ui: &mut Ui, panels: &Panels, alternate: &Alternate) {
    let (used, why) = match alternate.used {
        AlternateUse::Passed => (true, t!("why-alternate-passed")),
        AlternateUse::Already => (true, t!("why-alternate-already")),
        AlternateUse::NotNeeded => (false, t!("why-alternate-not-needed")),
        AlternateUse::Missing => (false, t!("why-alternate-missing")),
        AlternateUse::Unknown => (false, t!("why-alternate-unknown")),
    };
    card(ui, panels, |ui| {
        ui.horizontal(|ui| {
            badge(ui, panels, used);
            let origin = match alternate.argued {
                true => t!("origin-argument"),
                false => t!("origin-any-policy"),
            };
            let name = exchange_name(&alternate.name);
            let text = t!("explain-alternate", exchange = name, origin = origin);
            let text = RichText::new(text).small().color(panels.color(Ink::Text));
            ui.add(egui::Label::new(text).truncate());
        });
        super::sentence(ui, panels, &why);
    });
}

/// The exchange and the rule it goes by.
fn rule(definitions: &Definitions, visit: &Visit) -> String {
    let name = exchange_name(definitions.exchange_name(visit.exchange));
    let exchange = definitions.exchange(visit.exchange);
    let type_name = exchange.map_or("", Exchange::type_name);
    let kind = exchange.map(|exchange| exchange.kind);
    match kind {
        _ if visit.exchange == Definitions::DEFAULT_EXCHANGE => t!("visit-default"),
        Some(ExchangeKind::Fanout) => t!("visit-fanout", exchange = name),
        Some(ExchangeKind::Topic) => t!("visit-topic", exchange = name),
        Some(ExchangeKind::Headers) => t!("visit-headers", exchange = name),
        Some(ExchangeKind::LocalRandom) => t!("visit-local-random", exchange = name),
        Some(ExchangeKind::ModulusHash) => t!("visit-modulus-hash", exchange = name),
        Some(ExchangeKind::ConsistentHash) => t!("visit-consistent-hash", exchange = name),
        Some(ExchangeKind::Random) => t!("visit-random", exchange = name),
        Some(ExchangeKind::RecentHistory) => t!("visit-recent-history", exchange = name),
        Some(ExchangeKind::Delayed) => {
            let rule = exchange.map_or(ExchangeKind::Unknown, |exchange| exchange.rule);
            t!("visit-delayed", exchange = name, kind = rule.as_str())
        }
        Some(ExchangeKind::Unknown) => t!("visit-unknown", exchange = name, kind = type_name),
        Some(ExchangeKind::Direct) | None => t!("visit-direct", exchange = name),
    }
}

/// A box with a line round it.
fn card(ui: &mut Ui, panels: &Panels, contents: impl FnOnce(&mut Ui)) {
    Frame::new()
        .fill(panels.color(Ink::Canvas))
        .stroke(Stroke::new(1.0, panels.color(Ink::Hairline)))
        .corner_radius(8.0)
        .inner_margin(Margin::symmetric(12, 8))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = 6.0;
            contents(ui);
        });
}

/// What one binding says of a message.
fn binding_card(
    ui: &mut Ui,
    panels: &Panels,
    verdict: &Verdict,
    publication: &Publication,
    definitions: &Definitions,
) {
    card(ui, panels, |ui| {
        ui.horizontal(|ui| {
            badge(ui, panels, verdict.matched());
            let key = RichText::new(pattern(verdict, definitions)).monospace();
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let name = destination_name(verdict.destination, definitions);
                ui.label(RichText::new(name).small().color(panels.color(Ink::Soft)));
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let key = egui::Label::new(key.color(panels.color(Ink::Text)));
                    ui.add(key.truncate());
                });
            });
        });
        if let Why::Topic { words, miss } = &verdict.why {
            word_boxes(ui, panels, words, miss.as_ref());
        }
        super::sentence(
            ui,
            panels,
            &why(verdict, &publication.routing_key, definitions),
        );
    });
}

/// What a binding asks for, as its pill says it.
fn pattern(verdict: &Verdict, definitions: &Definitions) -> String {
    let binding = match verdict.via {
        Via::Binding(id) => definitions.binding(id),
        Via::Implicit(_) | Via::Alternate(_) => None,
    };
    let label = binding.and_then(|binding| {
        let kind = definitions.exchange(binding.source)?.rule;
        binding_label(kind, &binding.key, &binding.arguments)
    });
    label.unwrap_or_else(|| shown(&verdict.key).into_owned())
}

fn badge(ui: &mut Ui, panels: &Panels, matched: bool) {
    let (rect, response) = ui.allocate_exact_size(vec2(18.0, 18.0), Sense::hover());
    let label = if matched {
        t!("why-matched")
    } else {
        t!("why-not-matched")
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &label));
    let mut shapes = Vec::new();
    let center = Point::new(rect.center().x, rect.center().y);
    badge_shapes(matched, center, 9.0, &mut shapes);
    paint::paint_shapes(&shapes, ui.painter(), TSTransform::IDENTITY, panels.theme());
}

/// The pattern's words in boxes, and under each the words of the key it took.
fn word_boxes(ui: &mut Ui, panels: &Panels, words: &[WordMatch], miss: Option<&TopicMiss>) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        for (index, word) in words.iter().enumerate() {
            let (took, ink) = match miss {
                Some(TopicMiss::Differs { at, word }) if *at == index => {
                    (word.to_string(), Ink::Warning)
                }
                Some(TopicMiss::TooShort { at }) if *at == index => {
                    (t!("why-no-word"), Ink::Warning)
                }
                Some(TopicMiss::Differs { at, .. } | TopicMiss::TooShort { at }) if *at < index => {
                    (t!("why-not-reached"), Ink::Faint)
                }
                _ => (took(word), Ink::Text),
            };
            column(ui, panels, &shown(&word.pattern), &took, ink);
        }
        if let Some(TopicMiss::TooLong { word }) = miss {
            column(ui, panels, "", &shown(word), Ink::Warning);
        }
    });
}

/// The words a word of the pattern took; an empty word and no word are told apart.
fn took(word: &WordMatch) -> String {
    if word.took.is_empty() {
        t!("why-no-words")
    } else {
        let words: Vec<_> = word.took.iter().map(|word| shown(word)).collect();
        words.join(".")
    }
}

/// A word of the pattern in its box, and under it what it took.
fn column(ui: &mut Ui, panels: &Panels, pattern: &str, took: &str, ink: Ink) {
    const SIZE: f32 = 12.5;
    let wide = |text: &str| text_width(text, Font::Mono, SIZE) + 18.0;
    let size = vec2(wide(pattern).max(wide(took)).max(64.0), 42.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| {
        let label = t!("why-word", pattern = pattern, took = took);
        WidgetInfo::labeled(Role::Label, true, label)
    });
    let painter = ui.painter();
    let (boxed, under) = rect.split_top_bottom_at_y(rect.min.y + 24.0);
    let outline = if pattern.is_empty() {
        Ink::Warning
    } else {
        Ink::Hairline
    };
    let stroke = Stroke::new(1.0, panels.color(outline));
    painter.rect(
        boxed,
        4.0,
        panels.color(Ink::Card),
        stroke,
        StrokeKind::Inside,
    );
    let font = || fonts::font_id(Font::Mono, SIZE);
    let text = |at: Rect, text: &str, ink| {
        painter.text(
            at.center(),
            Align2::CENTER_CENTER,
            text,
            font(),
            panels.color(ink),
        );
    };
    text(boxed, pattern, Ink::Text);
    text(under, took, ink);
}
