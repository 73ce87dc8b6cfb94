//! A message's whole way: at once, and once exchanges that keep it for a while pass it on (E45); and what of it cannot be
//! told (E47, E48).

use serde::Serialize;

use crate::broker::{
    Content, Definitions, Destination, Exchange, ExchangeId, ExchangeKind, ExchangeSpec,
    Explanation, Keys, Micros, Name, Passing, Publication, QueueId, QueueKind, QueueSpec, Table,
    Target, delayed,
};
use crate::t;
use crate::words::{exchange_name, mover, shown};
use crate::world::{MoverKind, MoverSetup, World};

/// Where a message goes.
pub(in crate::cli) struct Journey {
    /// At once.
    pub now: Explanation,
    /// What happens later: at which exchange the message waited, for how long, and where it goes then.
    pub later: Vec<(ExchangeId, Micros, Explanation)>,
    /// The queues that get a copy, now or later, each once.
    pub queues: Vec<QueueId>,
    /// What cannot be told.
    pub untold: Vec<Untold>,
    /// Exchanges that choose by chance among several, so that another queue may get the message.
    pub by_chance: Vec<Name>,
    /// Whether an exchange on the way fails on the message (E45).
    pub fails: bool,
}

/// Why it cannot be told where a message goes, or whether it stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::cli) struct Untold {
    /// `exchange` or `queue`.
    what: &'static str,
    name: Name,
    /// `type`, `shovel` or `federation`.
    because: &'static str,
    /// The type, or the name of the shovel or the upstream.
    by: Name,
    pub why: String,
}

impl Journey {
    pub(in crate::cli) fn of(exchange: ExchangeId, message: &Publication, world: &World) -> Self {
        let definitions = world.definitions();
        let also: Vec<Name> = message.keys().skip(1).cloned().collect();
        let keys = Keys {
            key: &message.routing_key,
            also: &also,
        };
        // Chance is not asked: of what it may choose, the first stands for all.
        let now = definitions.explain(exchange, keys, &*message.properties, 0);
        let mut later = Vec::new();
        for visit in &now.visits {
            if let Some(Passing::Delays(at, span)) = visit.passing {
                let kept = delayed(message);
                let then = definitions.explain(at, keys, &*kept.properties, 0);
                later.push((at, span, then));
            }
        }
        let mut journey = Self {
            queues: now.queues.clone(),
            untold: Vec::new(),
            by_chance: Vec::new(),
            fails: false,
            now,
            later,
        };
        for (.., then) in &journey.later {
            for queue in &then.queues {
                if !journey.queues.contains(queue) {
                    journey.queues.push(*queue);
                }
            }
        }
        journey.look(keys, (&*message.properties).into(), world);
        journey
    }

    /// Looks for what cannot be told, and for chance.
    fn look(&mut self, keys: Keys<'_>, content: Content<'_>, world: &World) {
        let definitions = world.definitions();
        let later = self.later.iter().map(|(.., then)| then);
        let explanations = std::iter::once(&self.now).chain(later);
        let visits = explanations.flat_map(|explanation| &explanation.visits);
        let (mut untold, mut chance): (Vec<Untold>, Vec<Name>) = (Vec::new(), Vec::new());
        let mut seen = Vec::new();
        for visit in visits {
            self.fails |= matches!(visit.passing, Some(Passing::Fails(_)));
            let Some(exchange) = definitions.exchange(visit.exchange) else {
                continue;
            };
            if seen.contains(&exchange.id) {
                continue;
            }
            seen.push(exchange.id);
            if let Some(Passing::Unknown(_)) = visit.passing {
                let kind = exchange.type_name();
                untold.push(Untold {
                    what: "exchange",
                    name: exchange.name.clone(),
                    because: "type",
                    by: kind.into(),
                    why: t!("untold-type", kind = shown(kind)),
                });
            }
            let by_chance = [ExchangeKind::Random, ExchangeKind::LocalRandom];
            if by_chance.contains(&exchange.rule) && exchange.bindings.len() > 1 {
                chance.push(exchange.name.clone());
            }
            let thing = Target::Exchange(exchange.name.clone());
            let reading = world.movers_of(&thing);
            let reading = reading.filter(|mover| may_get(mover, exchange, keys, content));
            untold.extend(reading.map(Untold::by));
        }
        for &queue in &self.queues {
            let thing = Target::Queue(definitions.queue_name(queue).into());
            untold.extend(world.movers_of(&thing).map(Untold::by));
        }
        (self.untold, self.by_chance) = (untold, chance);
    }
}

impl Untold {
    fn by(reading: &MoverSetup) -> Self {
        let (what, name) = match &reading.reads {
            Target::Queue(name) => ("queue", name),
            Target::Exchange(name) => ("exchange", name),
        };
        Self {
            what,
            name: name.clone(),
            because: match reading.kind {
                MoverKind::Shovel => "shovel",
                MoverKind::Federation => "federation",
            },
            by: reading.name.clone(),
            why: mover(reading),
        }
    }

    pub(super) fn told(&self) -> String {
        let name = match self.what {
            "exchange" => exchange_name(&self.name),
            _ => shown(&self.name).into_owned(),
        };
        t!(
            "untold",
            what = self.what,
            name = name,
            why = self.why.as_str()
        )
    }
}

/// Whether a shovel that reads an exchange may get this message: its own queue is bound with a key, which is compared as
/// the exchange's type does.
fn may_get(mover: &MoverSetup, exchange: &Exchange, keys: Keys<'_>, content: Content<'_>) -> bool {
    let compares = [
        ExchangeKind::Direct,
        ExchangeKind::Topic,
        ExchangeKind::Headers,
    ];
    if mover.kind != MoverKind::Shovel || !compares.contains(&exchange.rule) {
        return true;
    }
    let switches = crate::broker::Profile::V3_13.switches();
    let mut trial = Definitions::new("/".into(), None);
    let spec = ExchangeSpec::new("x", exchange.rule);
    let bound = trial.declare_exchange(&spec, switches).and_then(|(id, _)| {
        let queue = trial.add_queue(&QueueSpec::new("q"), QueueKind::Classic);
        let to = Destination::Queue(queue);
        trial.bind(&spec.name, to, &mover.key, &Table::new(), switches)?;
        Ok(id)
    });
    bound.is_ok_and(|id| !trial.explain(id, keys, content, 0).queues.is_empty())
}
