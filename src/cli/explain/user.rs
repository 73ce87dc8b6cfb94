//! What a user may not publish.

use std::sync::Arc;

use crate::broker::{
    Capabilities, Command, Event, EventId, Method, Micros, Name, Outgoing, Outlet, Publication,
    Refusal, Reply,
};
use crate::world::World;

/// Nobody listens: only the answer counts.
struct Unheard;

impl Outlet for Unheard {
    fn event(&mut self, _: EventId, _: impl FnOnce() -> Event) -> EventId {
        EventId(0)
    }

    fn send(&mut self, _: Outgoing) {}
}

/// Asks a copy of the broker whether this user may log in and publish this.
///
/// # Errors
/// What it refuses: the login (C6, C7), or the message (P1, C18).
pub(super) fn ask(user: &Name, publication: Publication, world: &World) -> Result<(), Refusal> {
    let mut broker = world.broker().clone();
    let mut say = |command| broker.handle(Micros::ZERO, command, EventId(0), &mut Unheard);
    let login = Command::OpenConnection {
        name: "explain".into(),
        user: user.clone(),
        capabilities: Capabilities::default(),
    };
    let Reply::Connection(connection) = say(login)? else {
        return Ok(());
    };
    let number = None;
    let Reply::Channel(channel) = say(Command::OpenChannel { connection, number })? else {
        return Ok(());
    };
    let message = broker.take(Arc::new(publication));
    let method = Method::Publish {
        message,
        mandatory: false,
        immediate: false,
    };
    let publish = Command::Call { channel, method };
    broker
        .handle(Micros::ZERO, publish, EventId(0), &mut Unheard)
        .map(|_| ())
}
