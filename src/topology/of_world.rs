//! The graph of a world.

use std::collections::BTreeSet;

use crate::broker::{Definitions, Destination, ExchangeId, PREDECLARED};
use crate::world::World;

use super::{Edge, EdgeKey, Node, NodeKey, Topology};

impl Topology {
    /// The graph of what is declared and who takes part. Predeclared exchanges (E1) that nobody uses are left out, and
    /// so are the default exchange's implicit bindings unless somebody publishes to it.
    #[must_use]
    pub fn of(world: &World) -> Self {
        let definitions = world.definitions();
        let publishing = publishing(world);
        let bindings = || definitions.bindings().iter().filter(|each| !each.deleted);
        let queues = || definitions.queues().iter().filter(|each| !each.deleted);
        let used: BTreeSet<ExchangeId> = publishing
            .iter()
            .map(|&(_, exchange)| exchange)
            .chain(bindings().map(|binding| binding.source))
            .chain(bindings().filter_map(|binding| match binding.destination {
                Destination::Exchange(exchange) => Some(exchange),
                Destination::Queue(_) => None,
            }))
            .collect();

        let mut topology = Self::new();
        for (publisher, index) in world.publishers().iter().zip(0..) {
            topology.add_node(Node::publisher(index, publisher.name.clone()));
        }
        for exchange in definitions.exchanges().iter().filter(|each| !each.deleted) {
            if exchange.id.index() >= PREDECLARED.len() || used.contains(&exchange.id) {
                let name = exchange.name.clone();
                topology.add_node(Node::exchange(exchange.id, name, exchange.kind));
            }
        }
        for queue in queues() {
            topology.add_node(Node::queue(queue.id, queue.name.clone()));
        }
        for worker in world.workers() {
            topology.add_node(Node::consumer(worker.id, worker.name().clone()));
        }

        for (publisher, exchange) in publishing {
            topology.add_edge(Edge {
                key: EdgeKey::Publish {
                    publisher,
                    exchange,
                },
                from: NodeKey::Publisher(publisher),
                to: NodeKey::Exchange(exchange),
                label: Default::default(),
            });
        }
        if used.contains(&Definitions::DEFAULT_EXCHANGE) {
            // E2
            for queue in queues() {
                topology.add_edge(Edge {
                    key: EdgeKey::Implicit(queue.id),
                    from: NodeKey::Exchange(Definitions::DEFAULT_EXCHANGE),
                    to: NodeKey::Queue(queue.id),
                    label: queue.name.clone(),
                });
            }
        }
        for binding in bindings() {
            topology.add_edge(Edge {
                key: EdgeKey::Binding(binding.id),
                from: NodeKey::Exchange(binding.source),
                to: match binding.destination {
                    Destination::Queue(queue) => NodeKey::Queue(queue),
                    Destination::Exchange(exchange) => NodeKey::Exchange(exchange),
                },
                label: binding.key.clone(),
            });
        }
        for worker in world.workers() {
            if let Some(queue) = definitions.queue_named(&worker.setup.queue) {
                topology.add_edge(Edge {
                    key: EdgeKey::Consume(worker.id),
                    from: NodeKey::Queue(queue),
                    to: NodeKey::Consumer(worker.id),
                    label: Default::default(),
                });
            }
        }
        topology
    }
}

/// Who publishes where, each pair once, in order.
fn publishing(world: &World) -> Vec<(u32, ExchangeId)> {
    let mut pairs = Vec::new();
    for (publisher, index) in world.publishers().iter().zip(0..) {
        for publication in publisher.publications() {
            let exchange = world.definitions().exchange_named(&publication.exchange);
            let pair = exchange.map(|exchange| (index, exchange.id));
            pairs.extend(pair.filter(|pair| !pairs.contains(pair)));
        }
    }
    pairs
}
