//! How a world is built from its setup.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use thiserror::Error;

use crate::broker::{
    Broker, Command, Configuration, Definitions, EventId, Method, Micros, Name, Operation, Refusal,
    ReplyCode, Target, UserSpec,
};

use super::agenda::{Agenda, Due};
use super::circling::Circles;
use super::consumer::Worker;
use super::http::Http;
use super::link::{Link, Opening, Plan};
use super::publisher::Publisher;
use super::random::Dice;
use super::simulation::Owners;
use super::wire::Wire;
use super::{Deed, LinkId, Onward, PublisherId, Setup, WorkerId, World};

/// A setup that no broker would accept.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{what} `{name}`: {fault}")]
pub struct SetupError {
    /// What kind of thing it is: a policy, a user, an exchange, a queue, the source exchange of a binding, a
    /// connection, a publisher, a consumer, or something the script does.
    pub what: &'static str,
    /// Its name.
    pub name: Name,
    /// What is wrong with it.
    pub fault: SetupFault,
}

/// What is wrong with a part of a setup.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SetupFault {
    /// The broker refuses it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The script publishes on this connection. A message has a publisher, who knows it again when it is returned or
    /// confirmed; no broker asks for that.
    #[error("only publishers publish, not the script")]
    NoPublisher,
    /// A service, or the users, call one that is not there, or publish by a publisher that is not there.
    #[error("there is no {what} `{name}`")]
    Missing {
        /// What is missing: a service or a publisher.
        what: &'static str,
        /// Its name.
        name: Name,
    },
    /// A service waits for itself, be it by way of others: nothing would ever be answered once all workers do.
    #[error("it calls itself: {0}")]
    CallsItself(String),
    /// A service without workers never answers.
    #[error("it has no workers")]
    NoWorkers,
}

/// Octets of deliveries that a client outside is sent before it has taken them.
const WINDOW: u64 = 1024 * 1024;

const PUBLISHER_STREAMS: u64 = 1 << 32;
const CONSUMER_STREAMS: u64 = 2 << 32;

/// The pseudo-queue a requester consumes from (S16).
const REPLY_TO: &str = "amq.rabbitmq.reply-to";

impl World {
    /// Builds the world: declares, binds, opens the connections that are open from the start, and puts everybody's
    /// first deed on the agenda. None of that is told: the record begins with the run. What a user may not do is no
    /// mistake of the setup, and is refused in the run (C6, C7, C18).
    ///
    /// # Errors
    /// The first thing the broker refuses, whoever asks; or a connection whose actors log in as different users.
    pub fn new(setup: &Setup) -> Result<Self, SetupError> {
        let mut world = Self::bare(setup);
        world.check_script(setup)?;
        let own = setup.queues.iter().filter(|queue| queue.by.is_some());
        let own: BTreeSet<_> = own.map(|queue| &queue.spec.name).collect();
        world.declare(setup, &own)?;
        let starts = world.people(setup, &own);
        world.build_services(setup)?;
        world.name_users(setup)?;
        world.check_names(setup, &own)?;
        for act in &setup.script {
            let due = Due::Do(Arc::new(act.deed.clone()));
            world.agenda.add(act.at, EventId(0), due);
        }
        world.check_late(&starts, setup)?;
        for (id, start) in (0..).map(LinkId).zip(starts) {
            match start {
                Some(Micros::ZERO) if world.may_open(id) => {
                    world.open(id, true, EventId(0), &mut Vec::new())?;
                }
                Some(at) => world.open_at(id, at),
                None => {}
            }
        }
        for id in 0..setup.publishers.len() as u32 {
            world.pace(PublisherId(id));
        }
        world.await_order();
        world.quiet = false;
        Ok(world)
    }

    /// A world in which there is nothing.
    fn bare(setup: &Setup) -> Self {
        Self {
            now: Micros::ZERO,
            broker: Broker::new(Configuration {
                profile: setup.profile,
                vhost: setup.vhost.clone(),
                seed: setup.seed,
                on_the_way: !setup.live,
                write_delay: setup.latency.write,
                window: setup.live.then_some(WINDOW),
                began: setup.live.then_some(setup.began),
            }),
            latency: setup.latency,
            movers: setup.movers.clone().into(),
            publishers: Vec::new(),
            workers: Vec::new(),
            links: Vec::new(),
            connections: Owners::default(),
            channels: Owners::default(),
            consumers: Owners::default(),
            routes: Arc::default(),
            arrivals: Vec::new(),
            agenda: Agenda::default(),
            http: Http::default(),
            wire: Wire::new(setup.live, setup.outside.clone()),
            until: setup.until,
            last_event: EventId(0),
            circles: Circles::default(),
            quiet: true,
        }
    }

    fn operate(&mut self, operation: Operation) -> Result<crate::broker::Reply, Refusal> {
        self.order(Command::Operate(operation), EventId(0), &mut Vec::new())
    }

    /// Declares what is there from the start.
    fn declare(&mut self, setup: &Setup, own: &BTreeSet<&Name>) -> Result<(), SetupError> {
        let error = |what, name: &Name| {
            let name = name.clone();
            move |refusal| SetupError {
                what,
                name,
                fault: SetupFault::from(refusal),
            }
        };
        for policy in &setup.policies {
            self.operate(Operation::SetPolicy(policy.clone()))
                .map_err(error("policy", &policy.name))?;
        }
        for user in &setup.users {
            self.operate(Operation::SetUser(user.clone()))
                .map_err(error("user", &user.name))?;
        }
        for exchange in &setup.exchanges {
            self.operate(Operation::DeclareExchange(exchange.clone()))
                .map_err(error("exchange", &exchange.name))?;
        }
        for queue in setup.queues.iter().filter(|queue| queue.by.is_none()) {
            self.operate(Operation::DeclareQueue(queue.spec.clone()))
                .map_err(error("queue", &queue.spec.name))?;
        }
        for binding in &setup.bindings {
            if leads_to(&binding.destination, own) {
                continue; // made with the queue
            }
            let bind = Operation::Bind {
                source: binding.source.clone(),
                destination: binding.destination.clone(),
                key: binding.key.clone(),
                arguments: binding.arguments.clone(),
            };
            let reply = self
                .operate(bind)
                .map_err(error("binding", &binding.source))?;
            self.measure(binding, &reply);
        }
        Ok(())
    }

    /// Makes the actors and their connections; answers when each connection is opened first, if it is.
    fn people(&mut self, setup: &Setup, own: &BTreeSet<&Name>) -> Vec<Option<Micros>> {
        let (of_publishers, of_workers) = self.connect_actors(setup);
        for ((publisher, link), id) in setup.publishers.iter().zip(of_publishers).zip(0..) {
            let dice = Dice::new(setup.seed, PUBLISHER_STREAMS + u64::from(id));
            self.links[link.0 as usize].publishers.push(PublisherId(id));
            self.publishers
                .push(Publisher::new(publisher, link, setup.latency.publish, dice));
        }
        let luck = luck(setup);
        for ((consumer, link), id) in setup.consumers.iter().zip(of_workers).zip(0..) {
            let dice = Dice::new(setup.seed, CONSUMER_STREAMS + luck[id as usize]);
            let id = WorkerId(id);
            self.links[link.0 as usize].workers.push(id);
            self.workers.push(Worker::new(
                id,
                consumer,
                link,
                &setup.latency,
                setup.seed,
                dice,
            ));
        }
        for queue in &setup.queues {
            if let Some(name) = &queue.by {
                self.link_or_new(name);
            }
        }
        // Connections that nobody uses but the script are open from the start, unless the script opens them.
        let mut opened_by_script = BTreeSet::new();
        for act in &setup.script {
            match &act.deed {
                Deed::Connect { connection, .. } => {
                    opened_by_script.insert(self.link_or_new(connection));
                }
                Deed::Call { connection, .. } | Deed::Disconnect { connection, .. } => {
                    self.link_or_new(connection);
                }
                Deed::Operate(_) | Deed::Change { .. } => {}
            }
        }
        self.plan_links(setup, own);
        let start = |(link, id): (&Link, LinkId)| {
            let workers = link.workers.iter();
            let first = workers
                .filter_map(|&id| Some(self.worker(id)?.setup.start))
                .min();
            if !link.publishers.is_empty() {
                Some(Micros::ZERO)
            } else if first.is_some() {
                first
            } else {
                (!opened_by_script.contains(&id)).then_some(Micros::ZERO)
            }
        };
        let ids = (0..).map(LinkId);
        self.links.iter().zip(ids).map(start).collect()
    }

    /// A connection for each actor: its own, or the one it shares.
    fn connect_actors(&mut self, setup: &Setup) -> (Vec<LinkId>, Vec<LinkId>) {
        let publishers = setup.publishers.iter();
        let publishers: Vec<_> = publishers
            .map(|publisher| (&publisher.name, publisher.connection.as_ref()))
            .collect();
        let consumers = setup.consumers.iter();
        let consumers: Vec<_> = consumers
            .map(|consumer| (&consumer.name, consumer.connection.as_ref()))
            .collect();
        // Those of their own first, so that others can share them.
        let mut own = BTreeMap::new();
        for (place, (name, connection)) in publishers.iter().chain(&consumers).enumerate() {
            if connection.is_none() {
                own.insert(place, self.new_link(name));
            }
        }
        let links = publishers.iter().chain(&consumers).enumerate();
        let mut links: Vec<_> = links
            .map(|(place, (name, connection))| match own.get(&place) {
                Some(&link) => link,
                None => self.link_or_new(connection.unwrap_or(name)),
            })
            .collect();
        let of_workers = links.split_off(publishers.len());
        (links, of_workers)
    }

    /// Whom each connection logs in as: whom its actors name, who must agree (C6).
    fn name_users(&mut self, setup: &Setup) -> Result<(), SetupError> {
        let publishers = setup.publishers.iter().map(|publisher| &publisher.user);
        let publishers = publishers.zip(self.publishers.iter().map(|publisher| publisher.link));
        let consumers = setup.consumers.iter().map(|consumer| &consumer.user);
        let consumers = consumers.zip(self.workers.iter().map(|worker| worker.link));
        let mut named = BTreeMap::new();
        for (user, link) in publishers.chain(consumers) {
            let Some(user) = user else { continue };
            let first: &Name = named.entry(link).or_insert(user);
            if first != user {
                let text = format!("one connection cannot log in as '{first}' and as '{user}'");
                return Err(SetupError {
                    what: "connection",
                    name: self.links[link.0 as usize].name.clone(),
                    fault: SetupFault::from(Refusal {
                        code: ReplyCode::NotAllowed,
                        rule: "C6",
                        text,
                    }),
                });
            }
        }
        for (link, user) in named {
            self.links[link.0 as usize].user = user.clone();
        }
        Ok(())
    }

    /// Whether a connection can be opened without being refused anything that others are allowed.
    fn may_open(&self, id: LinkId) -> bool {
        let Some(link) = self.link(id) else {
            return false;
        };
        let user = self.broker.users().get(&link.user);
        let Some(user) = user.filter(|user| user.may_enter().is_ok()) else {
            return false;
        };
        let opens = || self.clone().open(id, true, EventId(0), &mut Vec::new());
        user.is_unrestricted() || link.plan.queues.is_empty() || opens().is_ok()
    }

    fn new_link(&mut self, name: &Name) -> LinkId {
        self.links.push(Link::new(name.clone()));
        LinkId(self.links.len() as u32 - 1)
    }

    fn link_or_new(&mut self, name: &Name) -> LinkId {
        self.link_named(name).unwrap_or_else(|| self.new_link(name))
    }

    /// What each connection does whenever it opens.
    fn plan_links(&mut self, setup: &Setup, own: &BTreeSet<&Name>) {
        let mut plans = vec![Plan::default(); self.links.len()];
        for (publisher, actor) in setup.publishers.iter().zip(&self.publishers) {
            let plan = &mut plans[actor.link.0 as usize];
            plan.confirms |= publisher.confirms;
            plan.transactions |= publisher.transaction > 0;
        }
        for worker in &self.workers {
            let plan = &mut plans[worker.link.0 as usize];
            let reconnect = plan.reconnect.into_iter().chain(worker.setup.reconnect);
            plan.reconnect = reconnect.min();
        }
        let mut declarer = BTreeMap::new();
        for queue in &setup.queues {
            if let Some(link) = queue.by.as_ref().and_then(|name| self.link_named(name)) {
                declarer.insert(&queue.spec.name, link);
                plans[link.0 as usize].queues.push(queue.spec.clone());
            }
        }
        for binding in &setup.bindings {
            if let Target::Queue(queue) = &binding.destination
                && own.contains(queue)
                && let Some(link) = declarer.get(queue)
            {
                plans[link.0 as usize].bindings.push(binding.clone());
            }
        }
        for (link, plan) in self.links.iter_mut().zip(plans) {
            link.plan = Arc::new(plan);
        }
    }

    fn open_at(&mut self, id: LinkId, at: Micros) {
        let everyone = true;
        self.links[id.0 as usize].opening = Some(Opening { at, everyone });
        self.agenda.add(at, EventId(0), Due::Open(id));
    }

    /// Tries what connections will declare that are opened later, each as if it were the only one and its user might do
    /// everything.
    fn check_late(&self, starts: &[Option<Micros>], setup: &Setup) -> Result<(), SetupError> {
        let made = made_by_script(setup);
        for (id, start) in (0..).map(LinkId).zip(starts) {
            let declares = |link: &Link| !link.plan.queues.is_empty();
            let Some(link) = self.link(id).filter(|&link| declares(link)) else {
                continue;
            };
            if *start == Some(Micros::ZERO) && self.may_open(id) {
                continue;
            }
            let mut scratch = self.clone();
            let user = UserSpec::new(link.user.clone());
            scratch
                .operate(Operation::SetUser(user))
                .map_err(|refusal| SetupError {
                    what: "user",
                    name: link.user.clone(),
                    fault: SetupFault::from(refusal),
                })?;
            match scratch.open(id, true, EventId(0), &mut Vec::new()) {
                Err(error) if !made.contains(&error.name) => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Tries what the script will declare, each thing as if it were the only one.
    fn check_script(&self, setup: &Setup) -> Result<(), SetupError> {
        for act in &setup.script {
            let (name, answer) = match &act.deed {
                Deed::Operate(operation) => {
                    let name = match operation {
                        Operation::DeclareExchange(spec) => &spec.name,
                        Operation::DeclareQueue(spec) => &spec.name,
                        Operation::SetPolicy(policy) => &policy.name,
                        Operation::SetUser(user) => &user.name,
                        _ => continue,
                    };
                    let answer = self.clone().operate(operation.clone());
                    (name, answer.map(|_| ()).map_err(SetupFault::from))
                }
                Deed::Call {
                    connection,
                    method: Method::Publish { .. },
                } => (connection, Err(SetupFault::NoPublisher)),
                _ => continue,
            };
            answer.map_err(|fault| SetupError {
                what: "script",
                name: name.clone(),
                fault,
            })?;
        }
        Ok(())
    }

    /// Looks up what the actors name. What a connection or the script declares may come later.
    fn check_names(&self, setup: &Setup, own: &BTreeSet<&Name>) -> Result<(), SetupError> {
        let made = made_by_script(setup);
        let definitions: &Definitions = self.definitions();
        let exchange = |what, name: &Name, exchange: &Name| {
            let found = definitions.require_published_to(exchange);
            let refusal = match found {
                Err(refusal) if !made.contains(exchange) => refusal,
                _ => return Ok(()),
            };
            Err(SetupError {
                what,
                name: name.clone(),
                fault: SetupFault::from(refusal),
            })
        };
        for publisher in &setup.publishers {
            let others = publisher.messages.iter();
            let others = others.filter_map(|message| message.exchange.as_ref());
            for other in others.chain([&publisher.exchange]) {
                exchange("publisher", &publisher.name, other)?;
            }
        }
        for consumer in &setup.consumers {
            let queue = &consumer.queue;
            let later = own.contains(queue) || made.contains(queue) || *queue == REPLY_TO;
            if let Err(refusal) = definitions.require_queue(queue)
                && !later
            {
                return Err(SetupError {
                    what: "consumer",
                    name: consumer.name.clone(),
                    fault: SetupFault::from(refusal),
                });
            }
            if let Some(Onward::To { exchange: to, .. }) = &consumer.publishes {
                exchange("consumer", &consumer.name, to)?;
            }
        }
        Ok(())
    }
}

/// Whether a binding leads to a queue that a connection declares.
fn leads_to(destination: &Target, own: &BTreeSet<&Name>) -> bool {
    matches!(destination, Target::Queue(queue) if own.contains(queue))
}

/// The exchanges and queues that the script declares.
fn made_by_script(setup: &Setup) -> BTreeSet<&Name> {
    let made = setup.script.iter().filter_map(|act| match &act.deed {
        Deed::Operate(Operation::DeclareExchange(spec))
        | Deed::Call {
            method: Method::DeclareExchange { spec, .. },
            ..
        } => Some(&spec.name),
        Deed::Operate(Operation::DeclareQueue(spec))
        | Deed::Call {
            method: Method::DeclareQueue { spec, .. },
            ..
        } => Some(&spec.name),
        _ => None,
    });
    made.collect()
}

/// The number of each consumer's stream of random numbers: its place by its start, so that a setup's runs stay what
/// they were when consumers were numbered so.
fn luck(setup: &Setup) -> Vec<u64> {
    let mut by_start: Vec<_> = (0..setup.consumers.len()).collect();
    by_start.sort_by_key(|&place| setup.consumers[place].start);
    let mut luck = vec![0; by_start.len()];
    for (place, rank) in by_start.into_iter().zip(0..) {
        luck[place] = rank;
    }
    luck
}
