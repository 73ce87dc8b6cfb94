//! An event that is a refusal: what RabbitMQ would say, what it closes, and what would be right.

use egui::{Frame, Margin, RichText, Stroke, Ui};

use crate::broker::{self, Closing, Refusal, Scope};
use crate::scene::Ink;
use crate::t;
use crate::ui::theme;
use crate::ui::window::Panels;
use crate::words::right;
use crate::world::EventKind;

/// Tells of the selected event, if it is a refusal or what one closed.
pub(super) fn show(ui: &mut Ui, panels: &Panels) {
    let event = panels.state.session.event;
    let event = event.and_then(|id| panels.state.run.show.history().event(id));
    let (refusal, method, closes) = match event.map(|event| &event.kind) {
        Some(EventKind::Broker(broker::Event::Refused {
            refusal,
            method,
            channel,
            ..
        })) => {
            // What is refused on no channel closes the connection, whatever the code (C2).
            let closes = channel.map_or(Scope::Connection, |_| refusal.scope());
            (refusal, *method, closes)
        }
        Some(EventKind::Broker(broker::Event::ConnectionClosed {
            why: Closing::Refused(refusal),
            ..
        })) => (refusal, None, Scope::Connection),
        Some(EventKind::Broker(broker::Event::ChannelClosed {
            why: Closing::Refused(refusal),
            ..
        })) => (refusal, None, Scope::Channel),
        _ => return,
    };
    Frame::new()
        .fill(panels.color(Ink::Canvas))
        .stroke(Stroke::new(1.0, panels.color(Ink::Warning)))
        .corner_radius(8.0)
        .inner_margin(Margin::symmetric(12, 8))
        .show(ui, |ui| card(ui, panels, refusal, method, closes));
    ui.add_space(8.0);
}

fn card(ui: &mut Ui, panels: &Panels, refusal: &Refusal, method: Option<&str>, closes: Scope) {
    ui.set_width(ui.available_width());
    ui.spacing_mut().item_spacing.y = 4.0;
    let code = RichText::new(refusal.code.to_string()).text_style(theme::label());
    ui.label(code.color(panels.color(Ink::Warning)));
    if let Some(method) = method {
        super::fact(ui, panels, &t!("refusal-method"), method);
    }
    let scope = match closes {
        Scope::Channel => t!("refusal-channel"),
        Scope::Connection => t!("refusal-connection"),
    };
    super::fact(ui, panels, &t!("refusal-closes"), &scope);
    super::fact(ui, panels, &t!("refusal-text"), &refusal.text);
    super::fact(ui, panels, &t!("refusal-rule"), refusal.rule);
    if let Some(right) = right(refusal) {
        super::sentence(ui, panels, &right);
    }
}
