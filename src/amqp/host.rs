//! What stands behind a server: a world, with or without a record of what happens in it.

use crate::broker::{Micros, Outgoing, Refusal, Reply};
use crate::world::{Event, Input, Said, World};

use super::server::Spoken;

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

    /// Forgets connections that are over, and all that is theirs.
    fn forget_gone(&mut self);
}

/// What was heard up to a time, in order.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// All that came from outside up to then is here, or was taken before.
    pub until: Micros,
    /// What the broker heard.
    pub inputs: Vec<(Micros, Input)>,
    /// What was said on the connections.
    pub traffic: Vec<Spoken>,
}

/// A world of which nothing is kept but its present and, if anybody wants to know, what came from outside.
#[derive(Clone, Debug)]
pub struct Unrecorded {
    world: World,
    /// Stays empty: such a world tells nothing.
    events: Vec<Event>,
    heard: Option<Vec<(Micros, Input)>>,
}

impl Unrecorded {
    /// Begins with this world.
    pub fn new(mut world: World) -> Self {
        world.keep_quiet();
        Self {
            world,
            events: Vec::new(),
            heard: None,
        }
    }

    /// Remembers from now on what comes from outside.
    pub fn keep_heard(&mut self) {
        self.heard = Some(Vec::new());
    }

    /// What came from outside since this was asked for last, in order, if it is remembered.
    pub fn take_heard(&mut self) -> Vec<(Micros, Input)> {
        let heard = self.heard.as_mut();
        heard.map(std::mem::take).unwrap_or_default()
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
        if let Some(heard) = &mut self.heard {
            heard.push((at, Input::Wire(said.uncounted())));
        }
        self.run_until(at);
        let answer = self.world.hear_wire(at, &said, &mut self.events);
        self.run_until(at);
        answer
    }

    fn apply(&mut self, at: Micros, input: Input) {
        if let Some(heard) = &mut self.heard {
            heard.push((at, input.clone()));
        }
        self.run_until(at);
        self.world.apply(at, &input, &mut self.events);
        self.run_until(at);
    }

    fn take_sent(&mut self) -> Vec<Outgoing> {
        self.world.take_sent()
    }

    fn forget_gone(&mut self) {
        self.world.forget_gone();
    }
}
