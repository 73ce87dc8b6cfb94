//! A line: who publishes, what is bound, who consumes.

use egui::Ui;

use crate::broker::ExchangeKind;
use crate::t;
use crate::topology::{EdgeKey, NodeKey};
use crate::ui::window::Panels;
use crate::words::{exchange_name, shown};

pub(super) fn show(ui: &mut Ui, panels: &mut Panels, key: EdgeKey) {
    let show = &panels.state.run.show;
    let topology = &show.plan.topology;
    let Some(edge) = topology.edges().find(|edge| edge.key == key) else {
        return;
    };
    let name = |node: NodeKey| {
        let name = topology.node(node).map_or("", |node| node.name.as_str());
        match node {
            NodeKey::Exchange(_) => exchange_name(name),
            _ => shown(name).into_owned(),
        }
    };
    let (from, to) = (name(edge.from), name(edge.to));
    let title = t!("edge-title", from = from.as_str(), to = to.as_str());
    let definitions = show.history().head().definitions();
    ui.spacing_mut().item_spacing.y = 6.0;
    match key {
        EdgeKey::Publish { .. } => {
            super::title(ui, panels, &title, &t!("kind-publishing"));
            super::sentence(ui, panels, &t!("edge-publish", from = from, to = to));
        }
        EdgeKey::Onward { .. } => {
            super::title(ui, panels, &title, &t!("kind-publishing"));
            super::sentence(ui, panels, &t!("edge-publish", from = from, to = to));
        }
        EdgeKey::DeadLetter { .. } => {
            super::title(ui, panels, &title, &t!("kind-dead-letter"));
            super::sentence(ui, panels, &t!("edge-dead-letter", from = from, to = to));
        }
        EdgeKey::Call { .. } => {
            super::title(ui, panels, &title, &t!("kind-call"));
            super::sentence(ui, panels, &t!("edge-call", from = from, to = to));
        }
        EdgeKey::Consume(_) => {
            super::title(ui, panels, &title, &t!("kind-consuming"));
            super::sentence(ui, panels, &t!("edge-consume", from = from, to = to));
        }
        EdgeKey::Implicit(_) => {
            super::title(ui, panels, &title, &t!("kind-binding"));
            super::sentence(ui, panels, &t!("edge-implicit", key = shown(&edge.label)));
        }
        EdgeKey::Alternate(_) => {
            super::title(ui, panels, &title, &t!("kind-alternate"));
            super::sentence(ui, panels, &t!("edge-alternate", from = from, to = to));
        }
        EdgeKey::Binding(id) => {
            super::title(ui, panels, &title, &t!("kind-binding"));
            let Some(binding) = definitions.binding(id) else {
                return;
            };
            super::fact(ui, panels, &t!("fact-source"), &from);
            super::fact(ui, panels, &t!("fact-destination"), &to);
            super::fact(ui, panels, &t!("fact-binding-key"), &shown(&binding.key));
            for (name, value) in &binding.arguments {
                super::fact(ui, panels, &shown(name), &value.to_string());
            }
            let kind = definitions
                .exchange(binding.source)
                .map(|exchange| exchange.rule);
            let rule = match kind {
                Some(ExchangeKind::Fanout) => t!("edge-rule-fanout"),
                Some(ExchangeKind::Topic) => t!("edge-rule-topic"),
                Some(ExchangeKind::Headers) => t!("edge-rule-headers"),
                Some(ExchangeKind::LocalRandom) => t!("edge-rule-local-random"),
                Some(ExchangeKind::ModulusHash) => t!("edge-rule-modulus-hash"),
                Some(ExchangeKind::ConsistentHash) => t!("edge-rule-consistent-hash"),
                Some(ExchangeKind::Random) => t!("edge-rule-random"),
                Some(ExchangeKind::RecentHistory) => t!("edge-rule-recent-history"),
                Some(ExchangeKind::Unknown | ExchangeKind::Delayed) => t!("edge-rule-unknown"),
                Some(ExchangeKind::Direct) | None => t!("edge-rule-direct"),
            };
            super::sentence(ui, panels, &rule);
        }
    }
}
