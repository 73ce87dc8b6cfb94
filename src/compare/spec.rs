//! What is compared.

use crate::broker::{ExchangeSpec, Micros, Name, PolicySpec, Profile, QueueKind};
use crate::world::http::{
    Arrival, BackOff, BreakerSetup, Call, RateLimit, UsersSetup, WhenFull, Workload,
};
use crate::world::{BindingSetup, Latency, QueueSetup, ServiceTime, Setup};

use super::{Fault, Side, http, messaging};

/// Orders, services and faults, and how either side is wired.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Which RabbitMQ is meant.
    pub profile: Profile,
    /// Where all chance comes from.
    pub seed: u64,
    /// What the users are called.
    pub users: Name,
    /// What they ask, as a request line has it: `POST /orders`.
    pub request: Name,
    /// When orders come.
    pub workload: Workload,
    /// How long users wait for what they asked; without it, for ever.
    pub user_timeout: Option<Micros>,
    /// How often users try again.
    pub user_retries: u32,
    /// After how long the result is of no use to anybody, if there is such a time.
    pub deadline: Option<Micros>,
    /// How long anything is on its way from one machine to another.
    pub network: Micros,
    /// How long the broker takes to write a persistent message to disk (R6).
    pub write: Micros,
    /// The services. Users call the first.
    pub services: Vec<ServiceSpec>,
    /// What goes wrong, and when.
    pub faults: Vec<Fault>,
    /// When it is over, whatever is still under way.
    pub until: Micros,
    /// What is HTTP's own.
    pub http: HttpSide,
    /// What is messaging's own.
    pub messaging: MessagingSide,
}

/// A service, whichever way it is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceSpec {
    /// Its name.
    pub name: Name,
    /// How many orders it works on at once; more than zero.
    pub workers: u32,
    /// How long its own work on an order takes.
    pub time: ServiceTime,
    /// How often its work fails, from 0 (never) to 1 (always).
    pub failure_rate: f64,
    /// Whether it knows an order that it worked on before, and does not do it again.
    pub idempotent: bool,
    /// The services that are to work on the order when it has.
    pub calls: Vec<Name>,
}

impl ServiceSpec {
    /// One worker that is done at once.
    pub fn new(name: impl Into<Name>) -> Self {
        Self {
            name: name.into(),
            workers: 1,
            time: ServiceTime::Fixed(Micros::ZERO),
            failure_rate: 0.0,
            idempotent: false,
            calls: Vec::new(),
        }
    }
}

/// What is HTTP's own: how services call and are called.
#[derive(Clone, Debug, PartialEq)]
pub struct HttpSide {
    /// How long a service waits for one that it calls; without it, for ever.
    pub timeout: Option<Micros>,
    /// How often a service tries again.
    pub retries: u32,
    /// How long anybody waits before trying again.
    pub back_off: BackOff,
    /// How many requests of one service may be under way to another.
    pub connections: Option<u32>,
    /// When a service calls another no more for a while.
    pub breaker: Option<BreakerSetup>,
    /// How many requests may wait for a worker.
    pub backlog: Option<u32>,
    /// What becomes of those for whom there is no room.
    pub when_full: WhenFull,
    /// Whether a service calls all at once, rather than one after another.
    pub parallel: bool,
    /// What is different for some services.
    pub changes: Vec<ServiceChange>,
}

impl Default for HttpSide {
    /// Time-outs of two seconds, nobody tries again; 128 may wait.
    fn default() -> Self {
        Self {
            timeout: Some(Micros::from_secs(2)),
            retries: 0,
            back_off: BackOff::default(),
            connections: None,
            breaker: None,
            backlog: Some(128),
            when_full: WhenFull::Unavailable,
            parallel: false,
            changes: Vec::new(),
        }
    }
}

/// What is different for a service on one side. What is not given is as it is for all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServiceChange {
    /// The service's name.
    pub name: Name,
    /// How many orders it works on at once.
    pub workers: Option<u32>,
    /// HTTP: how long it waits for those it calls; nothing in it for ever.
    pub timeout: Option<Option<Micros>>,
    /// HTTP: how often it tries again.
    pub retries: Option<u32>,
    /// HTTP: how many requests may wait for it; nothing in it for any number.
    pub backlog: Option<Option<u32>>,
    /// HTTP: what becomes of those for whom there is no room.
    pub when_full: Option<WhenFull>,
    /// HTTP: how many requests it takes in a time.
    pub limit: Option<RateLimit>,
    /// HTTP: whether it calls all at once.
    pub parallel: Option<bool>,
    /// Messaging: how many deliveries it may hold; 0 is no limit.
    pub prefetch: Option<u16>,
    /// Messaging: how long what it failed on waits; nothing in it for no time at all.
    pub retry_after: Option<Option<Micros>>,
}

/// What is messaging's own: how the first service publishes, and the others consume.
#[derive(Clone, Debug, PartialEq)]
pub struct MessagingSide {
    /// How many deliveries a service may hold unacknowledged; without it, as many as it has workers. 0 is no limit.
    pub prefetch: Option<u16>,
    /// Whether the first service waits for the broker's confirm before it answers (P6).
    pub confirms: bool,
    /// How long it waits for that; without it, for ever.
    pub confirm_timeout: Option<Micros>,
    /// Whether messages are written to disk (R6).
    pub persistent: bool,
    /// What type its queues have: classic or quorum, for a stream keeps what was consumed.
    pub queues: QueueKind,
    /// How long what failed waits before it is tried again, by way of a queue of its own from which it dies back (D1);
    /// without it, it returns to its queue at once.
    pub retry_after: Option<Micros>,
    /// How many messages a queue takes.
    pub max_length: Option<u64>,
    /// Whether a full queue refuses what is published, rather than drop its oldest (Q27).
    pub reject_publish: bool,
    /// The highest priority of its queues; urgent orders have it.
    pub max_priority: Option<u8>,
    /// Exchanges besides, or in the place of those of the same name.
    pub exchanges: Vec<ExchangeSpec>,
    /// Queues besides, or in the place of those of the same name.
    pub own_queues: Vec<QueueSetup>,
    /// Bindings besides.
    pub bindings: Vec<BindingSetup>,
    /// Policies.
    pub policies: Vec<PolicySpec>,
    /// What is different for some services.
    pub changes: Vec<ServiceChange>,
}

impl Default for MessagingSide {
    /// Confirms, persistent messages, classic queues; what failed returns to its queue at once.
    fn default() -> Self {
        Self {
            prefetch: None,
            confirms: true,
            confirm_timeout: Some(Micros::from_secs(5)),
            persistent: true,
            queues: QueueKind::Classic,
            retry_after: None,
            max_length: None,
            reject_publish: false,
            max_priority: None,
            exchanges: Vec::new(),
            own_queues: Vec::new(),
            bindings: Vec::new(),
            policies: Vec::new(),
            changes: Vec::new(),
        }
    }
}

impl Comparison {
    /// Orders that come evenly, so many a second for so long, and services; with users who wait half a minute and do not
    /// try again, with the usual network, and nothing goes wrong.
    #[must_use]
    pub fn new(rate: f64, during: Micros, services: Vec<ServiceSpec>) -> Self {
        let workload = Workload {
            arrival: Arrival::Even,
            rate,
            start: Micros::ZERO,
            until: during,
            count: None,
            wave: None,
            surges: Vec::new(),
            urgent: 0.0,
        };
        Self {
            profile: Profile::default(),
            seed: 0,
            users: "users".into(),
            request: "POST /orders".into(),
            user_timeout: Some(Micros::from_secs(30)),
            user_retries: 0,
            deadline: None,
            network: Micros::from_millis(5),
            write: Micros::from_millis(2),
            services,
            faults: Vec::new(),
            until: Self::usual_until(&workload),
            workload,
            http: HttpSide::default(),
            messaging: MessagingSide::default(),
        }
    }

    /// When it is over if nobody says: there is as much time again for what is left when the last order has come, and
    /// half a minute at least.
    #[must_use]
    pub fn usual_until(workload: &Workload) -> Micros {
        let last = workload.until;
        last + last.max(Micros::from_secs(30))
    }

    /// The setup of one side, for [`World::new`](crate::world::World::new).
    #[must_use]
    pub fn setup(&self, side: Side) -> Setup {
        match side {
            Side::Http => http::setup(self),
            Side::Messaging => messaging::setup(self),
        }
    }

    /// The service that users call.
    #[must_use]
    pub fn entry(&self) -> Option<&ServiceSpec> {
        self.services.first()
    }

    /// The service of that name.
    #[must_use]
    pub fn service(&self, name: &str) -> Option<&ServiceSpec> {
        self.services.iter().find(|service| service.name == *name)
    }

    /// The services that an order needs: those that the first one leads to, itself among them, each by its place.
    #[must_use]
    pub fn needed(&self) -> Vec<usize> {
        let mut needed = Vec::new();
        let mut open = vec![0];
        while let Some(place) = open.pop() {
            let Some(service) = self.services.get(place) else {
                continue;
            };
            if needed.contains(&place) {
                continue;
            }
            needed.push(place);
            let calls = service.calls.iter();
            let found =
                calls.filter_map(|name| self.services.iter().position(|it| it.name == *name));
            open.extend(found);
        }
        needed.sort_unstable();
        needed
    }

    /// The exchange a service publishes to when others are to work on what it has worked on: the first one's is called by
    /// what users ask for, those of the others by their own name.
    #[must_use]
    pub fn exchange_of(&self, service: &ServiceSpec) -> Name {
        let is_entry = self.entry().is_some_and(|entry| entry.name == service.name);
        let asked = self.request.rsplit('/').next().unwrap_or_default();
        match is_entry && !asked.is_empty() {
            true => asked.into(),
            false => format!("{}-done", service.name).into(),
        }
    }

    /// What both sides have in common.
    pub(super) fn common(&self) -> Setup {
        let network = self.network;
        let entry = self.entry().map(|entry| entry.name.clone());
        let entry = entry.unwrap_or_default();
        let mut workload = self.workload.clone();
        let surges = self.faults.iter().filter_map(Fault::surge);
        workload.surges.extend(surges);
        Setup {
            profile: self.profile,
            seed: self.seed,
            latency: Latency {
                publish: network,
                route: Micros::ZERO,
                deliver: network,
                ack: network,
                confirm: network,
                dead_letter: Micros::ZERO,
                write: self.write,
                http: network,
            },
            clients: Some(UsersSetup {
                name: self.users.clone(),
                request: self.request.clone(),
                workload,
                call: Call {
                    timeout: self.user_timeout,
                    retries: self.user_retries,
                    back_off: self.http.back_off,
                    ..Call::to(entry)
                },
            }),
            until: Some(self.until),
            ..Setup::default()
        }
    }
}
