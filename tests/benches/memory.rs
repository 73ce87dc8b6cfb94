//! What a million ready messages take: `cargo bench --no-default-features --bench memory`.
//!
//! Counted by the allocator, so it is the same in every run, and fails where it is more than it may be.

use std::alloc::System;
use std::sync::Arc;

use leveret::broker::{
    Body, Broker, Capabilities, Command, Event, EventId, Method, Micros, Operation, Outgoing,
    Outlet, Publication, QueueKind, QueueSpec, Reply,
};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static GLOBAL: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const MESSAGES: usize = 1_000_000;
const BODY: usize = 64;
/// The most octets a ready message may take beside its body.
const BOUND: usize = 300;

struct Nobody;

impl Outlet for Nobody {
    fn event(&mut self, _: EventId, _: impl FnOnce() -> Event) -> EventId {
        EventId(0)
    }

    fn send(&mut self, _: Outgoing) {}
}

fn tell(broker: &mut Broker, command: Command) -> Reply {
    match broker.handle(Micros::ZERO, command, EventId(0), &mut Nobody) {
        Ok(reply) => reply,
        Err(refusal) => panic!("{refusal}"),
    }
}

/// A broker with a million messages in a queue, each with a publication of its own.
fn filled(kind: QueueKind) -> Broker {
    let mut broker = Broker::default();
    let spec = QueueSpec::new("q").with("x-queue-type", kind.as_str());
    tell(&mut broker, Command::Operate(Operation::DeclareQueue(spec)));
    let open = Command::OpenConnection {
        name: "client".into(),
        user: "guest".into(),
        capabilities: Capabilities::default(),
    };
    let Reply::Connection(connection) = tell(&mut broker, open) else {
        panic!("a connection");
    };
    let number = None;
    let Reply::Channel(channel) = tell(&mut broker, Command::OpenChannel { connection, number })
    else {
        panic!("a channel");
    };
    for _ in 0..MESSAGES {
        let publication = Arc::new(Publication {
            routing_key: "q".into(),
            body: Body::from("x".repeat(BODY).as_str()),
            ..Publication::default()
        });
        let message = broker.take(publication);
        let method = Method::Publish {
            message,
            mandatory: false,
            immediate: false,
        };
        tell(&mut broker, Command::Call { channel, method });
    }
    broker
}

fn main() {
    for kind in [QueueKind::Classic, QueueKind::Quorum, QueueKind::Stream] {
        let region = Region::new(GLOBAL);
        let broker = filled(kind);
        let change = region.change();
        let taken = change.bytes_allocated - change.bytes_deallocated;
        let ready: usize = broker.queues().iter().map(|queue| queue.ready_len()).sum();
        assert_eq!(ready, MESSAGES);
        let each = taken / MESSAGES - BODY;
        println!("{kind:?}: {each} bytes for a ready message beside its body");
        assert!(each <= BOUND, "{each} are more than {BOUND}");
    }
}
