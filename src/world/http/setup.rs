//! What there is, before anything happens. Names refer to names; [`World::new`](crate::world::World::new) checks them.

use crate::broker::{Micros, Name};
use crate::world::ServiceTime;

/// The users of a system: they come with orders and wait for answers.
#[derive(Clone, Debug, PartialEq)]
pub struct UsersSetup {
    /// What they are called.
    pub name: Name,
    /// What they ask, as a request line has it: `POST /orders`.
    pub request: Name,
    /// When they come.
    pub workload: Workload,
    /// Whom they call, and how long they wait.
    pub call: Call,
}

/// When orders come.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// Evenly, or by chance.
    pub arrival: Arrival,
    /// Orders a second; more than zero.
    pub rate: f64,
    /// When the first may come.
    pub start: Micros,
    /// None comes then or later.
    pub until: Micros,
    /// How many in all; without it, as many as come.
    pub count: Option<u64>,
    /// How the rate goes up and down.
    pub wave: Option<Wave>,
    /// When more of them come, or fewer.
    pub surges: Vec<Surge>,
    /// The share of orders that are urgent, from 0 to 1.
    pub urgent: f64,
}

/// Whether orders come evenly or by chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// All the same time apart.
    Even,
    /// Independent of one another: a Poisson process.
    Random,
}

/// A rate that goes up and down as in a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wave {
    /// From one height to the next; more than zero.
    pub period: Micros,
    /// How far the rate goes up and down, as a part of it, from 0 to 1. It begins at its mean, and goes up.
    pub swing: f64,
}

/// A time in which more orders come, or fewer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Surge {
    /// From then.
    pub from: Micros,
    /// Until then; without it, for ever.
    pub until: Option<Micros>,
    /// So many times the rate.
    pub factor: f64,
}

/// A service.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceSetup {
    /// Its name.
    pub name: Name,
    /// How many requests it works on at once; more than zero.
    pub workers: u32,
    /// How many more may wait for a worker: the listen backlog. Without it, any number.
    pub backlog: Option<u32>,
    /// What becomes of those for whom there is no room.
    pub when_full: WhenFull,
    /// How many requests it takes in a time, if there is a limit.
    pub limit: Option<RateLimit>,
    /// How long its own work takes. It does that first, and calls others then.
    pub time: ServiceTime,
    /// How often its work fails, from 0 (never) to 1 (always).
    pub failure_rate: f64,
    /// The number of its luck: services of one number, be it in different worlds, have the same with the same orders.
    pub luck: u64,
    /// Whether it knows an order that it worked on before, and does not do it again.
    pub idempotent: bool,
    /// What it calls when its own work is done.
    pub calls: Vec<Call>,
    /// Whether it calls all at once, rather than one after another.
    pub parallel: bool,
    /// What it publishes when its own work is done; it answers 202 as soon as that is confirmed.
    pub hands_over: Option<HandOver>,
}

impl Default for ServiceSetup {
    /// One worker that is done at once, any number may wait.
    fn default() -> Self {
        Self {
            name: Name::default(),
            workers: 1,
            backlog: None,
            when_full: WhenFull::Unavailable,
            limit: None,
            time: ServiceTime::Fixed(Micros::ZERO),
            failure_rate: 0.0,
            luck: 0,
            idempotent: false,
            calls: Vec::new(),
            parallel: false,
            hands_over: None,
        }
    }
}

/// What becomes of a request when a service's backlog is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenFull {
    /// It is answered 503 at once.
    Unavailable,
    /// It is answered 429 at once.
    TooMany,
    /// It is not answered, as by a socket whose listen backlog is full.
    Silent,
}

/// How many requests a service takes in a time; what exceeds it is answered 429.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateLimit {
    /// Requests a second; more than zero.
    pub rate: f64,
    /// How many may come at once, after a time without any; more than zero.
    pub burst: u32,
}

/// How one service, or a user, calls a service.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Whom.
    pub service: Name,
    /// How long it waits for an answer; without it, for ever.
    pub timeout: Option<Micros>,
    /// How often it tries again when that fails.
    pub retries: u32,
    /// How long it waits before it tries again.
    pub back_off: BackOff,
    /// How many of its requests may be under way at once; what exceeds it waits. Without it, any number.
    pub connections: Option<u32>,
    /// When it calls no more for a while.
    pub breaker: Option<BreakerSetup>,
}

impl Call {
    /// A call that waits for ever and never tries again.
    pub fn to(service: impl Into<Name>) -> Self {
        Self {
            service: service.into(),
            timeout: None,
            retries: 0,
            back_off: BackOff::default(),
            connections: None,
            breaker: None,
        }
    }
}

/// How long one waits before a new try: twice as long each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackOff {
    /// Before the first.
    pub first: Micros,
    /// At most.
    pub most: Micros,
    /// Whether it is anything from nothing to that, by chance, so that those who failed together do not come back
    /// together ("full jitter").
    pub jitter: bool,
}

impl Default for BackOff {
    /// 100 ms at first, 10 s at most, with jitter.
    fn default() -> Self {
        Self {
            first: Micros::from_millis(100),
            most: Micros::from_secs(10),
            jitter: true,
        }
    }
}

/// A circuit breaker: after so many failures in a row nobody is called for a while; then one is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerSetup {
    /// So many failures in a row open it; more than zero.
    pub failures: u32,
    /// How long it stays open.
    pub open_for: Micros,
}

/// How a service hands an order over to a broker.
#[derive(Clone, Debug, PartialEq)]
pub struct HandOver {
    /// The publisher of the setup by which it publishes; it asks for confirms.
    pub publisher: Name,
    /// The routing key.
    pub key: Name,
    /// How long it waits for the confirm; without it, for ever.
    pub timeout: Option<Micros>,
    /// Whether the message is written to disk (R6).
    pub persistent: bool,
}
