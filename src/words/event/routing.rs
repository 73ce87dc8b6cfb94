//! An exchange's decision in words.

use std::collections::BTreeSet;

use crate::broker::{
    self, CopyId, Definitions, Destination, ExchangeId, MessageId, QueueId, RoutedCopy, Via,
};
use crate::t;
use crate::world::{Event, EventKind};

use super::super::label::binding_label;
use super::super::names::{copy_name, list, short};
use super::super::shown;
use super::Names;
use super::people::yes_or_no;

/// What was decided on: a message as it was published, or one that died somewhere.
pub(super) struct Decided<'a> {
    pub(super) message: MessageId,
    pub(super) letter: Option<CopyId>,
    pub(super) exchange: ExchangeId,
    pub(super) matched: &'a [Via],
    pub(super) cycles: &'a [QueueId],
}

impl Names<'_> {
    pub(super) fn routed(&self, decided: &Decided<'_>, copies: &[RoutedCopy]) -> String {
        let refused = self.refused(decided.exchange, decided.matched);
        let alternates = self.alternates(decided.matched);
        t!(
            "event-route",
            exchange = self.exchange(decided.exchange),
            letter = yes_or_no(decided.letter.is_some()),
            message = self.decided(decided),
            queues = self.queues(copies.iter().map(|copy| copy.queue)),
            detours = alternates.len(),
            alternates = list(&alternates),
            refusals = refused.len(),
            refused = list(&refused),
            rounds = decided.cycles.len(),
            cycles = self.queues(decided.cycles.iter().copied())
        )
    }

    /// No queue gets it from there at once: it waits, or nobody can tell (E45, E47).
    pub(super) fn routed_to_none(&self, decided: &Decided<'_>) -> String {
        t!(
            "event-route-none",
            exchange = self.exchange(decided.exchange),
            letter = yes_or_no(decided.letter.is_some()),
            message = self.decided(decided)
        )
    }

    /// Whether the queue in which this copy died says, after that event, that it keeps it (D6).
    pub(super) fn is_kept_after(&self, event: &Event, letter: CopyId) -> bool {
        let after = self.history.after(event.id).iter();
        let mut same_time = after.take_while(|next| next.at == event.at);
        same_time.any(|next| {
            next.cause == event.id
                && matches!(&next.kind,
                    EventKind::Broker(broker::Event::Kept { queued, .. }) if queued.copy == letter)
        })
    }

    /// What reached no queue; `kept` says that the queue in which it died keeps it (D6).
    pub(super) fn unroutable(&self, decided: &Decided<'_>, kept: bool) -> String {
        let fate = match kept {
            true => t!("unroutable-kept"),
            false => t!("fate-dropped"),
        };
        let message = self.decided(decided);
        let letter = yes_or_no(decided.letter.is_some());
        let exchange = self.exchange(decided.exchange);
        if !decided.cycles.is_empty() {
            return t!(
                "event-unroutable-cycle",
                exchange = exchange,
                message = message,
                cycles = self.queues(decided.cycles.iter().copied()),
                kept = yes_or_no(kept)
            );
        }
        // What a dead message's key was made is told by its queue, so only a published one's is named.
        if decided.exchange == Definitions::DEFAULT_EXCHANGE && decided.letter.is_none() {
            let publication = self.history.message(decided.message);
            let key = publication.map_or("", |publication| publication.routing_key.as_str());
            return if key.is_empty() {
                t!("event-unroutable-unnamed", message = message)
            } else {
                t!(
                    "event-unroutable-name",
                    key = short(&shown(key)),
                    message = message
                )
            };
        }
        if decided.matched.is_empty() {
            t!(
                "event-unroutable",
                exchange = exchange,
                letter = letter,
                message = message,
                fate = fate
            )
        } else {
            t!(
                "event-unroutable-onward",
                exchange = exchange,
                letter = letter,
                message = message,
                fate = fate
            )
        }
    }

    /// A dead-lettered message goes by the copy that died.
    fn decided(&self, decided: &Decided<'_>) -> String {
        match decided.letter {
            Some(copy) => copy_name(copy, self.history),
            None => self.message(decided.message),
        }
    }

    /// The alternate exchanges that were gone by (E13).
    fn alternates(&self, matched: &[Via]) -> Vec<String> {
        let used = matched.iter().filter_map(|&via| match via {
            Via::Alternate(from) => self.alternate(from),
            _ => None,
        });
        used.map(|exchange| self.exchange(exchange)).collect()
    }

    fn alternate(&self, from: ExchangeId) -> Option<ExchangeId> {
        let name = self.definitions().exchange(from)?.alternate.as_ref()?;
        let exchange = self.definitions().exchange_named(name)?;
        Some(exchange.id)
    }

    /// The bindings that did not match, of all exchanges visited, as the canvas calls them. The default exchange's
    /// implicit ones (E2) are not worth naming.
    fn refused(&self, at: ExchangeId, matched: &[Via]) -> Vec<String> {
        let definitions = self.definitions();
        let mut visited = vec![at];
        for &via in matched {
            let next = match via {
                Via::Implicit(_) => None,
                Via::Alternate(from) => self.alternate(from),
                Via::Binding(id) => {
                    match definitions.binding(id).map(|binding| binding.destination) {
                        Some(Destination::Exchange(next)) => Some(next),
                        _ => None,
                    }
                }
            };
            visited.extend(next.filter(|next| !visited.contains(next)));
        }
        let mut refused = Vec::new();
        for exchange in visited.iter().filter_map(|&id| definitions.exchange(id)) {
            let bindings = exchange.bindings.iter();
            for id in bindings.filter(|&&id| !matched.contains(&Via::Binding(id))) {
                let label = definitions.binding(*id).and_then(|binding| {
                    binding_label(exchange.rule, &binding.key, &binding.arguments)
                });
                refused.extend(label.map(|label| short(&label)));
            }
        }
        let mut seen = BTreeSet::new();
        refused.retain(|label| seen.insert(label.clone()));
        refused
    }
}
