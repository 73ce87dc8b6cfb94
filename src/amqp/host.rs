//! What stands behind a server: a world, with or without a record of what happens in it.

use crate::broker::{Micros, Outgoing, Refusal, Reply};
use crate::world::{Event, Input, Said, World};

/// A world that hears clients outside.
pub trait Host {
    /// The world as it is now.
    fn world(&self) -> &World;

    /// Lets everything happen that happens at or before `at`.
    fn run_until(&mut self, at: Micros);

    /// Hears a client, after all that happened before.
    ///
    /// # Errors
    /// What the broker refuses.
    fn hear(&mut self, at: Micros, said: Said) -> Result<Reply, Refusal>;

    /// Takes something else from outside.
    fn apply(&mut self, at: Micros, input: Input);

    /// Takes what the broker has sent to clients, in order.
    fn take_sent(&mut self) -> Vec<Outgoing>;
}

/// A world of which nothing is kept but its present.
#[derive(Clone, Debug)]
pub struct Unrecorded {
    world: World,
    /// Stays empty: such a world tells nothing.
    events: Vec<Event>,
}

impl Unrecorded {
    /// Begins with this world.
    pub fn new(mut world: World) -> Self {
        world.keep_quiet();
        Self {
            world,
            events: Vec::new(),
        }
    }
}

impl Host for Unrecorded {
    fn world(&self) -> &World {
        &self.world
    }

    fn run_until(&mut self, at: Micros) {
        while self.world.next_at().is_some_and(|next| next <= at) {
            self.world.step(&mut self.events);
        }
    }

    fn hear(&mut self, at: Micros, said: Said) -> Result<Reply, Refusal> {
        self.run_until(at);
        let answer = self.world.hear_wire(at, &said, &mut self.events);
        self.run_until(at);
        answer
    }

    fn apply(&mut self, at: Micros, input: Input) {
        self.run_until(at);
        self.world.apply(at, &input, &mut self.events);
        self.run_until(at);
    }

    fn take_sent(&mut self) -> Vec<Outgoing> {
        self.world.take_sent()
    }
}
