//! What is declared of queues. Their messages are the broker's.

use super::{Definitions, Destination, Removed};
use crate::broker::few::Few;
use crate::broker::mix::made_up;
use crate::broker::{BindingId, Name, QueueId, QueueKind, QueueSpec, Table};

/// A queue as it was declared.
#[derive(Clone, Debug)]
pub struct QueueDefinition {
    /// Its number.
    pub id: QueueId,
    /// Its name.
    pub name: Name,
    /// Its type.
    pub kind: QueueKind,
    /// Whether it survives a restart (R1–R3).
    pub durable: bool,
    /// Whether only the connection that declared it may use it (Q5).
    pub exclusive: bool,
    /// Whether it goes when its last consumer goes (Q6).
    pub auto_delete: bool,
    /// What it was declared with.
    pub arguments: Table,
    /// Whether it is gone.
    pub deleted: bool,
    /// The bindings that lead to it.
    pub(super) incoming: Few,
}

impl Definitions {
    /// The queue of that name there is.
    pub fn queue_named(&self, name: &str) -> Option<QueueId> {
        self.queue_names.get(name).copied()
    }

    /// What was declared of the queue with that number, if there ever was one.
    pub fn queue(&self, id: QueueId) -> Option<&QueueDefinition> {
        self.queues.get(id.index())
    }

    /// The name of a queue.
    pub fn queue_name(&self, id: QueueId) -> &str {
        self.queue(id).map_or("", |queue| queue.name.as_str())
    }

    /// The type of a queue.
    pub fn queue_kind(&self, id: QueueId) -> QueueKind {
        self.queue(id)
            .map_or(QueueKind::Classic, |queue| queue.kind)
    }

    /// The bindings that lead to a queue or exchange, in the order they were made.
    pub fn bindings_to(&self, destination: Destination) -> &[BindingId] {
        match destination {
            Destination::Queue(id) => self.queue(id).map(|queue| &queue.incoming),
            Destination::Exchange(id) => self.exchange(id).map(|exchange| &exchange.incoming),
        }
        .map_or(&[], Few::as_slice)
    }

    /// Adds a queue whose name is settled and free.
    pub fn add_queue(&mut self, spec: &QueueSpec, kind: QueueKind) -> QueueId {
        let id = QueueId(self.queues.len() as u32);
        self.queue_names.insert(spec.name.clone(), id);
        self.memory.add(&spec.name, &spec.arguments);
        self.queues.push(QueueDefinition {
            id,
            name: spec.name.clone(),
            kind,
            durable: spec.durable,
            exclusive: spec.exclusive,
            auto_delete: spec.auto_delete,
            arguments: spec.arguments.clone(),
            deleted: false,
            incoming: Few::None,
        });
        self.changed();
        id
    }

    /// Removes a queue, its bindings, and the auto-delete exchanges that are left without one (E9).
    pub fn remove_queue(&mut self, id: QueueId) -> Removed {
        let mut removed = Removed::default();
        if self.queue(id).is_some_and(|queue| !queue.deleted) {
            self.drop_queue(id, &mut removed);
            self.cascade(&mut removed);
            self.changed();
        }
        removed
    }

    /// A name for a queue whose declaration asks for one, which no queue has (Q1).
    pub fn take_server_name(&mut self) -> Name {
        let (number, name) = self.free_server_name();
        self.server_names = number + 1;
        name
    }

    /// The name that the next queue without one will be given.
    pub fn server_name(&self) -> Name {
        self.free_server_name().1
    }

    fn free_server_name(&self) -> (u64, Name) {
        (self.server_names..)
            .map(|number| (number, made_up("amq.gen-", self.seed, number)))
            .find(|(_, name)| self.queue_named(name).is_none())
            .unwrap_or_default()
    }
}
