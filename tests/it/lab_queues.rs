//! What tests of queues ask of the bench: methods in few words, and what became of messages. Bodies are numbers in the
//! order of publishing, so that a message's number is its body.

use leveret::broker::{
    ApplyTo, ChannelId, DeathReason, Event, Fate, Limit, Method, Operation, PolicySpec, Properties,
    Queue, QueueId, QueueSpec, Reply, Standing, Table,
};

use crate::lab::Lab;

/// A quorum queue to declare.
pub fn quorum(name: &str) -> QueueSpec {
    QueueSpec::new(name).with("x-queue-type", "quorum")
}

/// A stream to declare.
pub fn stream(name: &str) -> QueueSpec {
    QueueSpec::new(name).with("x-queue-type", "stream")
}

pub fn declare(spec: QueueSpec) -> Method {
    let passive = false;
    Method::DeclareQueue { spec, passive }
}

pub fn passive(name: &str) -> Method {
    let (spec, passive) = (QueueSpec::new(name), true);
    Method::DeclareQueue { spec, passive }
}

pub fn delete(queue: &str, if_unused: bool, if_empty: bool) -> Method {
    Method::DeleteQueue {
        queue: queue.into(),
        if_unused,
        if_empty,
    }
}

pub fn purge(queue: &str) -> Method {
    let queue = queue.into();
    Method::PurgeQueue { queue }
}

pub fn get(queue: &str) -> Method {
    Method::Get {
        queue: queue.into(),
        no_ack: false,
    }
}

pub fn ack(tag: u64) -> Method {
    Method::Ack {
        tag,
        multiple: false,
    }
}

/// `basic.nack` that requeues.
pub fn nack(tag: u64) -> Method {
    Method::Nack {
        tag,
        multiple: false,
        requeue: true,
    }
}

/// `basic.nack` that requeues all up to a tag.
pub fn nack_all(tag: u64) -> Method {
    Method::Nack {
        tag,
        multiple: true,
        requeue: true,
    }
}

/// `basic.reject` without requeue: the message dies.
pub fn kill(tag: u64) -> Method {
    let requeue = false;
    Method::Reject { tag, requeue }
}

/// `basic.reject` with requeue.
pub fn reject(tag: u64) -> Method {
    let requeue = true;
    Method::Reject { tag, requeue }
}

pub fn cancel(tag: &str) -> Method {
    let tag = tag.into();
    Method::Cancel { tag }
}

pub fn qos(prefetch: u16) -> Method {
    Method::Qos {
        prefetch_size: 0,
        prefetch,
        global: false,
    }
}

/// `basic.consume` with arguments.
pub fn consume_with(queue: &str, tag: &str, arguments: Table) -> Method {
    Method::Consume {
        queue: queue.into(),
        tag: tag.into(),
        no_ack: false,
        exclusive: false,
        arguments,
    }
}

/// Sets a policy for all queues.
pub fn policy(name: &str, definition: Table) -> Operation {
    Operation::SetPolicy(PolicySpec {
        name: name.into(),
        pattern: ".*".into(),
        apply_to: ApplyTo::Queues,
        priority: 0,
        definition,
        operator: false,
    })
}

/// Properties with that `expiration`.
pub fn expiring(text: &str) -> Properties {
    Properties {
        expiration: Some(text.into()),
        ..Properties::default()
    }
}

/// Properties with that priority, or none.
pub fn prioritized(priority: impl Into<Option<u8>>) -> Properties {
    Properties {
        priority: priority.into(),
        ..Properties::default()
    }
}

/// One death: which message, why, which limit, what became of it.
pub type Died = (u64, DeathReason, Option<Limit>, Fate);

impl Lab {
    pub fn queue_id(&self, name: &str) -> QueueId {
        let id = self.broker.definitions().queue_named(name);
        id.unwrap_or_else(|| panic!("no queue {name}"))
    }

    pub fn queue_named(&self, name: &str) -> &Queue {
        self.broker.queue(self.queue_id(name)).expect("known")
    }

    /// Publishes the numbers from `first` to `last` to a queue.
    pub fn publish_numbers(&mut self, channel: ChannelId, queue: &str, first: u64, last: u64) {
        for number in first..=last {
            self.publish(channel, "", queue, &number.to_string());
        }
    }

    /// What `queue.declare-ok` says to a passive declaration: ready messages and consumers.
    pub fn counts(&mut self, channel: ChannelId, queue: &str) -> (usize, usize) {
        match self.ok(channel, passive(queue)) {
            Reply::Queue {
                ready, consumers, ..
            } => (ready, consumers),
            other => panic!("{other:?}"),
        }
    }

    /// Calls `queue.purge` or `queue.delete`: how many messages went.
    pub fn counted(&mut self, channel: ChannelId, method: Method) -> usize {
        match self.ok(channel, method) {
            Reply::Count(count) => count,
            other => panic!("{other:?}"),
        }
    }

    /// The bodies that `basic.get` takes out, until the queue is empty.
    pub fn drain(&mut self, channel: ChannelId, queue: &str) -> Vec<String> {
        std::iter::from_fn(|| self.get(channel, queue))
            .map(|delivery| delivery.message.publication.body.to_string())
            .collect()
    }

    /// All deaths up to now.
    pub fn died(&self) -> Vec<Died> {
        self.told(|event| match event {
            Event::Died {
                queued,
                reason,
                limit,
                fate,
                ..
            } => Some((queued.message.0, *reason, *limit, fate.clone())),
            _ => None,
        })
    }

    /// The messages a queue did not take, and for which limit.
    pub fn turned_away(&self) -> Vec<(u64, Limit)> {
        self.told(|event| match event {
            Event::TurnedAway { queued, limit } => Some((queued.message.0, *limit)),
            _ => None,
        })
    }

    /// What publishers were told: sequence number, multiple, ack.
    pub fn confirmed(&self) -> Vec<(u64, bool, bool)> {
        self.told(|event| match event {
            Event::Confirmed {
                sequence,
                multiple,
                ack,
                ..
            } => Some((*sequence, *multiple, *ack)),
            _ => None,
        })
    }

    /// Why the message that is served next is not delivered.
    pub fn head_waits(&self, queue: &str) -> Standing {
        let head = self.queue_named(queue).ready().next().expect("a message");
        self.broker.standing(head.copy).expect("it is ready")
    }
}
