//! The frames of a program's connection, in both directions: by name and field, and octet by octet.

use egui::{
    Align, Align2, Layout, Margin, Rect, RichText, Role, ScrollArea, Sense, Ui, UiBuilder,
    WidgetInfo, vec2,
};

use crate::amqp::{Anatomy, Speaker, channel_of};
use crate::app::{Command, FrameId, Said};
use crate::broker::Value;
use crate::scene::{Font, Ink, Sign};
use crate::t;
use crate::words;
use crate::world::LinkId;

use super::button::{Look, sign_button};
use super::listing::row_ground;
use super::time::seconds;
use super::window::Panels;
use super::{fonts, theme};

const ROW: f32 = 22.0;
/// Where the columns begin: the direction, the channel, the method, its fields.
const WAY: f32 = 64.0;
const CHANNEL: f32 = 88.0;
const METHOD: f32 = 122.0;
const FIELDS: f32 = 300.0;
/// How much of the width what is in a frame has.
const DETAIL: f32 = 0.42;
/// How many octets are in a line, where there is room, and where there is not.
const LINE: usize = 16;
const SHORT_LINE: usize = 8;
/// How wide a letter of them is.
const LETTER: f32 = 7.0;
/// How many octets of a large frame are listed.
const MOST: usize = 4_096;

pub(super) fn show(ui: &mut Ui, panels: &mut Panels, link: LinkId) {
    let inner = Margin {
        left: 20,
        right: 12,
        top: 8,
        bottom: 8,
    };
    egui::Frame::new().inner_margin(inner).show(ui, |ui| {
        head(ui, panels, link);
        let room = ui.available_rect_before_wrap();
        let split = room.max.x - DETAIL * room.width();
        let (left, right) = (room.with_max_x(split - 12.0), room.with_min_x(split));
        let mut within = |rect: Rect, add: &mut dyn FnMut(&mut Ui)| {
            let builder = UiBuilder::new().max_rect(rect);
            let mut ui = ui.new_child(builder);
            ui.set_clip_rect(rect.intersect(ui.clip_rect()));
            add(&mut ui);
        };
        within(left, &mut |ui| list(ui, panels, link));
        within(right, &mut |ui| detail(ui, panels));
        ui.allocate_rect(room, Sense::hover());
    });
}

fn head(ui: &mut Ui, panels: &mut Panels, link: LinkId) {
    ui.horizontal(|ui| {
        let world = panels.state.run.show.history().head();
        let name = world
            .link(link)
            .map(|link| words::shown(&link.name).into_owned());
        let title = t!("frames-title", name = name.unwrap_or_default());
        let title = RichText::new(title).text_style(theme::name());
        ui.label(title.color(panels.color(Ink::Text)));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let close = t!("frames-close");
            if sign_button(ui, Sign::Close, &close, 26.0, Look::Quiet).clicked() {
                panels.emit(Command::ShowFrames(None));
            }
        });
    });
}

/// All frames, the newest last.
fn list(ui: &mut Ui, panels: &mut Panels, link: LinkId) {
    let state = panels.state;
    let world = state.run.show.history().head();
    let mut ids = Vec::new();
    for (session, conversation) in state.run.traffic.of_link(link, world) {
        let frames = &conversation.frames;
        // Of the run only what is shown is told.
        let shown = frames.partition_point(|frame| frame.at <= state.run.moment.at);
        let places = frames.first()..shown;
        ids.extend(places.map(|place| FrameId { session, place }));
    }
    if ids.is_empty() {
        ui.label(RichText::new(t!("frames-none")).color(panels.color(Ink::Soft)));
        return;
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut area = ScrollArea::vertical().id_salt("frames").auto_shrink(false);
    let selected = state.session.frame;
    let known = ui.scope_id().with("selected");
    let before = ui.data(|data| data.get_temp::<Option<FrameId>>(known));
    let place = selected.and_then(|id| ids.binary_search(&id).ok());
    match place {
        Some(place) if before != Some(selected) => {
            let middle = place as f32 * ROW - ui.available_height() / 2.0;
            area = area.vertical_scroll_offset(middle.max(0.0));
        }
        Some(_) => {}
        None => area = area.stick_to_bottom(true),
    }
    ui.data_mut(|data| data.insert_temp(known, selected));
    area.show_rows(ui, ROW, ids.len(), |ui, rows| {
        for id in ids.get(rows).unwrap_or_default() {
            if let Some(frame) = panels.state.run.traffic.frame(*id) {
                row(ui, panels, *id, frame);
            }
        }
    });
}

fn row(ui: &mut Ui, panels: &mut Panels, id: FrameId, frame: &Said) {
    let anatomy = Anatomy::of(&frame.octets);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let selected = panels.state.session.frame == Some(id);
    let (way, spoken) = match frame.by {
        Speaker::Client => ("\u{2192}", t!("frames-by-client")),
        Speaker::Server => ("\u{2190}", t!("frames-by-server")),
    };
    let name = anatomy.name();
    response.widget_info(|| {
        WidgetInfo::selected(Role::Button, true, selected, format!("{spoken} {name}"))
    });
    if response.clicked() {
        panels.emit(Command::SelectFrame(id));
    }
    if !ui.is_rect_visible(rect) {
        return;
    }
    let painter = ui.painter_at(rect);
    row_ground(&painter, rect, panels, selected, &response);
    let middle = rect.center().y;
    let text = |x: f32, text: &str, font, ink| {
        let at = egui::pos2(rect.min.x + x, middle);
        painter.text(at, Align2::LEFT_CENTER, text, font, panels.color(ink));
    };
    let mono = |size| fonts::font_id(Font::Mono, size);
    text(8.0, &seconds(frame.at), mono(12.0), Ink::Soft);
    let ink = match frame.by {
        Speaker::Client => Ink::Accent,
        Speaker::Server => Ink::Good,
    };
    text(WAY, way, fonts::font_id(Font::WordsStrong, 14.0), ink);
    let channel = channel_of(&frame.octets).to_string();
    text(CHANNEL, &channel, mono(12.0), Ink::Soft);
    text(
        METHOD,
        name,
        fonts::font_id(Font::WordsStrong, 13.0),
        Ink::Text,
    );
    text(FIELDS, &summary(&anatomy), mono(12.0), Ink::Soft);
}

/// The fields that say most, in a line.
fn summary(anatomy: &Anatomy) -> String {
    let fields = anatomy.fields();
    let told = fields.iter().filter(|(name, value)| {
        let is_dull = name.starts_with("reserved") || *name == "ticket";
        let is_empty = match value {
            Value::Text(text) => text.is_empty(),
            Value::Bool(on) => !on,
            Value::Table(table) => table.is_empty(),
            _ => false,
        };
        !is_dull && !is_empty
    });
    let told = told.map(|(name, value)| format!("{name}={}", shown(value)));
    told.take(6).collect::<Vec<_>>().join("  ")
}

/// A value as it is read.
fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        other => other.to_string(),
    }
}

/// What is in the frame that is selected.
fn detail(ui: &mut Ui, panels: &mut Panels) {
    let frame = panels.state.session.frame;
    let frame = frame.and_then(|id| panels.state.run.traffic.frame(id));
    let Some(frame) = frame else {
        ui.label(RichText::new(t!("frames-select")).color(panels.color(Ink::Soft)));
        return;
    };
    let anatomy = Anatomy::of(&frame.octets);
    let area = ScrollArea::vertical()
        .id_salt(("frame", panels.state.session.frame))
        .auto_shrink(false);
    area.show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        let title = t!(
            "frames-octets",
            name = anatomy.name(),
            count = frame.octets.len()
        );
        ui.label(RichText::new(title).strong().color(panels.color(Ink::Text)));
        let soft = panels.color(Ink::Soft);
        for (name, value) in anatomy.fields() {
            ui.horizontal(|ui| {
                let name = RichText::new(name).monospace().size(12.0).color(soft);
                let width = vec2(128.0, 16.0);
                let place = Layout::left_to_right(Align::Center);
                ui.allocate_ui_with_layout(width, place, |ui| {
                    ui.set_min_width(width.x);
                    ui.label(name);
                });
                let value: String = shown(&value).chars().take(600).collect();
                let value = RichText::new(value).monospace().size(12.0);
                ui.add(egui::Label::new(value.color(panels.color(Ink::Text))).wrap());
            });
        }
        ui.add_space(6.0);
        let listed = frame.octets.get(..MOST).unwrap_or(&frame.octets);
        let length = match ui.available_width() > LETTER * (8 + 4 * LINE) as f32 {
            true => LINE,
            false => SHORT_LINE,
        };
        for (line, octets) in listed.chunks(length).enumerate() {
            let line = RichText::new(dump(line * length, length, octets)).monospace();
            ui.add(egui::Label::new(line.size(11.5).color(soft)).extend());
        }
    });
}

/// A line of octets: where it begins, the octets, and the letters that they are.
fn dump(start: usize, length: usize, octets: &[u8]) -> String {
    let mut numbers = String::new();
    for octet in octets {
        numbers.push_str(&format!("{octet:02x} "));
    }
    let letters = octets.iter().map(|&octet| match octet {
        b' '..=b'~' => char::from(octet),
        _ => '\u{b7}',
    });
    let width = 3 * length;
    format!(
        "{start:04x}  {numbers:<width$} {}",
        letters.collect::<String>()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_octets_says_where_it_begins_and_what_letters_they_are() {
        let line = dump(16, 16, b"AMQP\x00\x00\x09\x01");
        assert!(line.starts_with("0010  41 4d 51 50 00 00 09 01 "), "{line}");
        assert!(line.ends_with(" AMQP\u{b7}\u{b7}\u{b7}\u{b7}"), "{line}");
    }
}
