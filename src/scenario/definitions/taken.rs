//! What of a document's virtual host becomes part of a world, thing by thing.
//!
//! What does not is kept in the document and told in a notice. What the broker would refuse, and RabbitMQ's own export
//! never has, is a fault.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use rustc_hash::{FxHashMap, FxHashSet};

use serde::de::DeserializeSeed;
use serde_json::{Map, Value as Json};

use super::document::{
    Binding, Document, Entry, Exchange, ExchangeType, Parameter, Permission, Queue, TopicPermission,
};
use super::fault::{Faults, Path};
use super::fields::{Context, EntrySeed};
use super::movers::{MOVING, movers};
use super::notices::Notices;
use super::sections::OperatorPolicy;
use crate::broker::{
    Definitions, Destination, ExchangeKind, ExchangeSpec, Name, PREDECLARED, PermissionsSpec,
    PolicySet, PolicySpec, Profile, QueueKind, QueueSpec, Refusal, Table, Target,
    TopicPermissionSpec, UserSpec, Users, Value, kind_of, validate,
};
use crate::t;
use crate::words::{right, told_mover};
use crate::world::{BindingSetup, MoverSetup};

/// The component of parameters that are operator policies.
pub(super) const OPERATOR_POLICY: &str = "operator_policy";
/// The argument that says a queue's type (Q4).
const QUEUE_TYPE: &str = "x-queue-type";
/// The argument that says which type an exchange wraps that delays (E45).
const DELAYED_TYPE: &str = "x-delayed-type";
/// How the names of the broker's own things begin (E3, Q1).
const RESERVED: &str = "amq.";
/// What names an exchange, among arguments and in policies.
const POINTERS: [&str; 3] = [
    "alternate-exchange",
    "dead-letter-exchange",
    "x-dead-letter-exchange",
];
/// The user every world has, who may do everything.
const GUEST: &str = "guest";

/// For each entry of the document's lists what it is in the world, if it is in it.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub exchanges: Vec<Option<ExchangeSpec>>,
    pub queues: Vec<Option<QueueSpec>>,
    pub bindings: Vec<Option<BindingSetup>>,
    pub policies: Vec<Option<PolicySpec>>,
    pub movers: Vec<MoverSetup>,
    pub operator_policies: Vec<Option<PolicySpec>>,
    pub users: Vec<Option<UserSpec>>,
}

impl Taken {
    pub fn from(
        document: &Document,
        vhost: &Name,
        profile: Profile,
        faults: &Faults,
        notices: &mut Notices,
    ) -> Self {
        let mut taking = Taking {
            document,
            vhost,
            profile,
            faults,
            notices,
            names: Names::default(),
            moving: FxHashSet::default(),
            trial: Definitions::new(vhost.clone(), None),
        };
        let (exchanges, queues) = (taking.exchanges(), taking.queues());
        let movers = movers(document, vhost, profile, (&exchanges, &queues));
        for mover in &movers {
            taking.notices.add(told_mover(mover));
            taking.moving.insert(mover.name.clone());
        }
        Self {
            movers,
            exchanges,
            queues,
            bindings: taking.bindings(),
            policies: taking.policies(),
            operator_policies: taking.operator_policies(),
            users: taking.users(),
        }
    }
}

/// What bindings may name.
#[derive(Default)]
struct Names {
    exchanges: FxHashMap<Name, Option<ExchangeKind>>,
    /// Those that are taken, and those that are in the file and not taken.
    queues: FxHashMap<Name, bool>,
}

struct Taking<'a, 'd> {
    document: &'d Document,
    vhost: &'a Name,
    profile: Profile,
    faults: &'a Faults,
    notices: &'a mut Notices,
    names: Names,
    /// Shovels and upstreams that are told of as what reads something here.
    moving: FxHashSet<Name>,
    /// A broker's definitions, to learn what it refuses.
    trial: Definitions,
}

impl<'d> Taking<'_, 'd> {
    fn is_here<T>(&self, entry: &Entry<T>) -> bool {
        entry.vhost.as_ref().is_none_or(|vhost| vhost == self.vhost)
    }

    fn exchanges(&mut self) -> Vec<Option<ExchangeSpec>> {
        for (name, kind) in PREDECLARED {
            self.names.exchanges.insert(name.into(), Some(kind));
        }
        let entries = self.document.exchanges.iter().enumerate();
        entries
            .map(|(index, entry)| self.exchange(index, entry))
            .collect()
    }

    fn exchange(&mut self, index: usize, entry: &'d Entry<Exchange>) -> Option<ExchangeSpec> {
        let exchange = &entry.item;
        let name = exchange.name.without_breaks(); // C17
        // O12: what is there stays as it is, and the broker's own are skipped.
        if !self.is_here(entry) || self.names.exchanges.contains_key(&name) {
            return None;
        }
        if name.starts_with(RESERVED) {
            let told = t!("definitions-reserved-exchange", name = name.as_str());
            self.notices.add(told);
            self.names.exchanges.insert(name, None);
            return None;
        }
        let kind = self.kind(exchange);
        let is_unknown = kind == ExchangeKind::Unknown;
        let spec = ExchangeSpec {
            name,
            kind,
            plugin: is_unknown.then(|| exchange.kind.as_str().into()),
            durable: exchange.durable,
            auto_delete: exchange.auto_delete,
            internal: exchange.internal,
            arguments: pointing(exchange.arguments.clone()),
        };
        let rule = spec.rule();
        self.names.exchanges.insert(spec.name.clone(), Some(rule));
        let switches = self.profile.switches();
        let declared = self.trial.declare_exchange(&spec, switches);
        if declared.is_err() {
            // It is there all the same, so that its bindings are looked at for what they are.
            let plain = match rule {
                ExchangeKind::Unknown => ExchangeKind::Fanout,
                rule => rule,
            };
            let plain = ExchangeSpec::new(spec.name.clone(), plain);
            let plain = self.trial.declare_exchange(&plain, switches);
            self.hold("exchanges", index, "arguments", plain.and(declared));
        }
        Some(spec)
    }

    /// Notes what the broker refuses.
    fn hold<T>(
        &self,
        section: &'static str,
        index: usize,
        field: &'static str,
        answer: Result<T, Refusal>,
    ) {
        if let Err(refusal) = answer {
            let path = Path {
                section,
                index: Some(index),
                field,
            };
            let what = t!("definitions-refused", refusal = refusal.to_string());
            let hint = right(&refusal).unwrap_or_default();
            self.faults.report_at(path, what, hint);
        }
    }

    /// Notes a permission whose pattern is no regular expression.
    fn hold_patterns(
        &self,
        section: &'static str,
        index: usize,
        user: UserSpec,
        trial: &mut Users,
    ) {
        let set = trial.set(user.clone());
        if set.is_err() {
            self.hold(section, index, wrong_pattern(&user, trial), set);
        }
    }

    /// The type of an exchange, as far as it is known here (E47).
    fn kind(&mut self, exchange: &Exchange) -> ExchangeKind {
        let wraps_known = || {
            let wrapped = exchange.arguments.get(DELAYED_TYPE).and_then(Value::text);
            let wrapped = wrapped.map(|name| ExchangeType::from(name.clone()));
            // One that wraps nothing RabbitMQ refuses as well.
            !matches!(wrapped, Some(ExchangeType::Plugin(_)))
        };
        if let ExchangeType::Known(kind) = exchange.kind
            && kind.require(self.profile.switches()).is_ok()
            && (kind != ExchangeKind::Delayed || wraps_known())
        {
            return kind;
        }
        let (name, kind) = (exchange.name.as_str(), exchange.kind.as_str());
        let told = t!("definitions-plugin-exchange", name = name, kind = kind);
        self.notices.add(told);
        ExchangeKind::Unknown
    }

    fn queues(&mut self) -> Vec<Option<QueueSpec>> {
        let default = self.document.default_queue_type(self.vhost);
        if let Some(unread) = self.document.unread_queue_type(self.vhost) {
            let (name, kind) = (self.vhost.as_str(), unread.as_str());
            self.notices
                .add(t!("definitions-default-beside", name = name, kind = kind));
        }
        let entries = self.document.queues.iter().enumerate();
        entries
            .map(|(index, entry)| self.queue(index, entry, default.as_deref()))
            .collect()
    }

    fn queue(
        &mut self,
        index: usize,
        entry: &'d Entry<Queue>,
        default: Option<&str>,
    ) -> Option<QueueSpec> {
        let queue = &entry.item;
        let name = queue.name.without_breaks(); // C17
        let known = self.names.queues.contains_key(&name);
        if !self.is_here(entry) || known || name.is_empty() {
            return None;
        }
        self.names.queues.insert(name.clone(), false);
        if name.starts_with(RESERVED) {
            // O12
            let told = t!("definitions-reserved-queue", name = name.as_str());
            self.notices.add(told);
            return None;
        }
        let mut arguments = pointing(queue.arguments.clone());
        // Q4: a queue whose arguments do not say its type has the virtual host's, if it can be of it.
        let default = default.filter(|_| queue.durable && !queue.auto_delete);
        if let Some(kind) = default
            && !arguments.contains_key(QUEUE_TYPE)
        {
            arguments.insert(QUEUE_TYPE.into(), kind.into());
        }
        self.hold_type(queue, arguments.get(QUEUE_TYPE));
        if let Some(Value::Text(kind)) = arguments.get(QUEUE_TYPE)
            && !QueueKind::ALL.iter().any(|known| *kind == known.as_str())
        {
            let (name, kind) = (name.as_str(), kind.as_str());
            self.notices
                .add(t!("definitions-plugin-queue", name = name, kind = kind));
            return None;
        }
        let spec = QueueSpec {
            name,
            durable: queue.durable,
            exclusive: false,
            auto_delete: queue.auto_delete,
            arguments,
        };
        let switches = self.profile.switches();
        let kind = kind_of(&spec, QueueKind::Classic, self.vhost);
        let of = kind.as_ref().map_or(QueueKind::Classic, |kind| *kind);
        let try_it = |spec: &QueueSpec| {
            let kind = kind_of(spec, QueueKind::Classic, self.vhost)?;
            validate(spec, kind, switches, self.vhost)
        };
        let valid = try_it(&spec);
        if valid.is_err() {
            self.hold("queues", index, wrong_field(&spec, try_it), valid);
        }
        self.names.queues.insert(spec.name.clone(), true);
        // Bindings ask for its type alone.
        self.trial.add_queue(&QueueSpec::new(spec.name.clone()), of);
        Some(spec)
    }

    /// Tells of a type that stands beside the arguments, where RabbitMQ writes it and does not read it.
    fn hold_type(&mut self, queue: &Queue, argued: Option<&Value>) {
        let kind = match argued {
            None => QueueKind::Classic.as_str(),
            Some(Value::Text(kind)) => kind,
            Some(_) => return,
        };
        if let Some(beside) = queue.kind.as_deref().filter(|beside| *beside != kind) {
            let name = queue.name.as_str();
            self.notices.add(t!(
                "definitions-type-beside",
                name = name,
                beside = beside,
                kind = kind
            ));
        }
    }

    fn bindings(&mut self) -> Vec<Option<BindingSetup>> {
        let entries = self.document.bindings.iter().enumerate();
        entries
            .map(|(index, entry)| self.binding(index, entry))
            .collect()
    }

    fn binding(&mut self, index: usize, entry: &Entry<Binding>) -> Option<BindingSetup> {
        // O11: the default exchange's bindings are nobody's to make.
        if !self.is_here(entry) || entry.item.source.is_empty() {
            return None;
        }
        let binding = BindingSetup {
            // C17
            source: entry.item.source.without_breaks(),
            destination: match &entry.item.destination {
                Target::Queue(name) => Target::Queue(name.without_breaks()),
                Target::Exchange(name) => Target::Exchange(name.without_breaks()),
            },
            key: entry.item.key.clone(),
            arguments: entry.item.arguments.clone(),
            latency: None,
        };
        let at = |field| Path {
            section: "bindings",
            index: Some(index),
            field,
        };
        let kind = match self.names.exchanges.get(binding.source.as_str()) {
            Some(Some(kind)) => *kind,
            Some(None) => {
                self.notices.left_out(&binding.source);
                return None;
            }
            None => {
                self.notices
                    .missing(at("source"), "exchange", &binding.source);
                return None;
            }
        };
        let (what, destination, taken) = match &binding.destination {
            Target::Queue(name) => ("queue", name, self.names.queues.get(name.as_str()).copied()),
            Target::Exchange(name) => {
                let known = self.names.exchanges.get(name.as_str());
                ("exchange", name, known.map(Option::is_some))
            }
        };
        match taken {
            Some(true) => {}
            Some(false) => {
                self.notices.left_out(destination);
                return None;
            }
            None => {
                self.notices.missing(at("destination"), what, destination);
                return None;
            }
        }
        self.try_binding(index, kind, &binding);
        Some(binding)
    }

    /// Makes the binding for trial, where a binding can be refused.
    fn try_binding(&mut self, index: usize, kind: ExchangeKind, binding: &BindingSetup) {
        let field = match kind {
            ExchangeKind::Headers => "arguments",
            // E25: few patterns have so many.
            ExchangeKind::Topic if binding.key.matches('#').nth(2).is_some() => "routing_key",
            ExchangeKind::LocalRandom | ExchangeKind::ConsistentHash => "routing_key",
            _ => return,
        };
        let destination = match &binding.destination {
            Target::Queue(name) => self.trial.queue_named(name).map(Destination::Queue),
            Target::Exchange(name) => {
                let exchange = self.trial.exchange_named(name);
                exchange.map(|exchange| Destination::Exchange(exchange.id))
            }
        };
        if let Some(destination) = destination {
            let BindingSetup {
                source,
                key,
                arguments,
                ..
            } = binding;
            let switches = self.profile.switches();
            let bound = self
                .trial
                .bind(source, destination, key, arguments, switches);
            self.hold("bindings", index, field, bound);
        }
    }

    fn policies(&mut self) -> Vec<Option<PolicySpec>> {
        let entries = self.document.policies.iter().enumerate();
        entries
            .map(|(index, entry)| {
                let policy = self.is_here(entry).then(|| entry.item.clone())?;
                self.policy(("policies", index, "definition"), policy)
            })
            .collect()
    }

    fn operator_policies(&mut self) -> Vec<Option<PolicySpec>> {
        let entries = self.document.parameters.iter().enumerate();
        entries
            .map(|(index, entry)| {
                if !self.is_here(entry) {
                    return None;
                }
                if entry.item.component != OPERATOR_POLICY {
                    let moves = MOVING.contains(&entry.item.component.as_str())
                        && self.moving.contains(&entry.item.name);
                    if !moves {
                        self.notices.parameter(&entry.item.component);
                    }
                    return None;
                }
                if in_pairs(entry).is_some() {
                    let name = entry.item.name.as_str();
                    self.notices.add(t!("definitions-pairs", name = name));
                }
                let policy = operator_policy(index, entry, self.faults)?;
                self.policy(("parameters", index, "value"), policy)
            })
            .collect()
    }

    /// A policy with those keys only that a broker of this release accepts; none if none is left.
    fn policy(
        &mut self,
        (section, index, field): (&'static str, usize, &'static str),
        mut policy: PolicySpec,
    ) -> Option<PolicySpec> {
        let switches = self.profile.switches();
        let (name, operator) = (policy.name.clone(), policy.operator);
        let was_empty = policy.definition.is_empty();
        policy.definition.retain(|key, _| {
            let allowed = PolicySpec::may_have(key, operator, switches);
            let (name, key) = (name.as_str(), key.as_str());
            if !acts(key) {
                self.notices
                    .add(t!("definitions-inert-key", name = name, key = key));
            } else if !allowed && PolicySpec::may_have(key, false, switches) {
                self.notices
                    .add(t!("definitions-operator-key", name = name, key = key));
            } else if !allowed {
                let release = self.profile.as_str();
                self.notices.add(t!(
                    "definitions-later-key",
                    name = name,
                    key = key,
                    release = release
                ));
            }
            allowed
        });
        if policy.definition.is_empty() && !was_empty {
            return None;
        }
        policy.definition = pointing(policy.definition);
        let set = PolicySet::default().set(policy.clone(), switches);
        let any = PolicySpec {
            pattern: Name::default(),
            ..policy.clone()
        };
        // What another pattern changes is the pattern's. An operator policy's stands within the value.
        let of_pattern = || set != PolicySet::default().set(any, switches);
        let field = match section {
            "policies" if set.is_err() && of_pattern() => "pattern",
            _ => field,
        };
        self.hold(section, index, field, set);
        Some(policy)
    }

    fn users(&mut self) -> Vec<Option<UserSpec>> {
        // The patterns of each are tried alone, so that it is known where a wrong one stands.
        let mut trial = Users::new(self.vhost.clone());
        let mut permissions: BTreeMap<&Name, PermissionsSpec> = BTreeMap::new();
        for (index, entry) in self.document.permissions.iter().enumerate() {
            if self.is_here(entry) {
                let spec = entry.item.spec();
                let user = UserSpec {
                    permissions: Some(spec.clone()),
                    ..UserSpec::new(entry.item.user.clone())
                };
                self.hold_patterns("permissions", index, user, &mut trial);
                permissions.insert(&entry.item.user, spec);
            }
        }
        let mut topics: BTreeMap<&Name, Vec<TopicPermissionSpec>> = BTreeMap::new();
        for (index, entry) in self.document.topic_permissions.iter().enumerate() {
            if self.is_here(entry) {
                let spec = entry.item.spec();
                let user = UserSpec {
                    topic_permissions: vec![spec.clone()],
                    ..UserSpec::new(entry.item.user.clone())
                };
                self.hold_patterns("topic_permissions", index, user, &mut trial);
                topics.entry(&entry.item.user).or_default().push(spec);
            }
        }
        let mut seen = FxHashSet::default();
        let entries = self.document.users.iter();
        entries
            .map(|entry| {
                let user = &entry.item;
                let is_new = user.name != GUEST && seen.insert(&user.name);
                is_new.then(|| UserSpec {
                    name: user.name.clone(),
                    tags: user.tags.clone(),
                    permissions: permissions.remove(&user.name),
                    topic_permissions: topics.remove(&user.name).unwrap_or_default(),
                })
            })
            .collect()
    }
}

/// Which field of a queue is refused: the one without which it would be taken, or refused for something else.
fn wrong_field<T: PartialEq>(spec: &QueueSpec, try_it: impl Fn(&QueueSpec) -> T) -> &'static str {
    let found = try_it(spec);
    let staying = QueueSpec {
        auto_delete: false,
        ..spec.clone()
    };
    let durable = QueueSpec {
        durable: true,
        ..spec.clone()
    };
    if try_it(&staying) != found {
        "auto_delete"
    } else if try_it(&durable) != found {
        "durable"
    } else {
        "arguments"
    }
}

/// Which pattern of a permission is wrong: the first without which the user is accepted.
fn wrong_pattern(user: &UserSpec, trial: &mut Users) -> &'static str {
    let without = |field: &str| {
        let mut user = user.clone();
        if let Some(rights) = &mut user.permissions {
            match field {
                "configure" => rights.configure = Name::default(),
                "write" => rights.write = Name::default(),
                _ => rights.read = Name::default(),
            }
        }
        for rights in &mut user.topic_permissions {
            match field {
                "write" => rights.write = Name::default(),
                "read" => rights.read = Name::default(),
                _ => {}
            }
        }
        user
    };
    let of_user = trial.set(user.clone());
    let mut fields = ["configure", "write", "read"].into_iter();
    fields
        .find(|field| trial.set(without(field)) != of_user)
        .unwrap_or("")
}

/// Arguments, or what a policy sets, with the exchanges they name as these are called here (C17).
fn pointing(mut table: Table) -> Table {
    for (key, value) in &mut table {
        if let Value::Text(name) = value
            && POINTERS.contains(&key.as_str())
        {
            *name = name.without_breaks();
        }
    }
    table
}

impl Permission {
    fn spec(&self) -> PermissionsSpec {
        PermissionsSpec {
            configure: self.configure.clone(),
            write: self.write.clone(),
            read: self.read.clone(),
        }
    }
}

impl TopicPermission {
    fn spec(&self) -> TopicPermissionSpec {
        TopicPermissionSpec {
            exchange: self.exchange.without_breaks(),
            write: self.write.clone(),
            read: self.read.clone(),
        }
    }
}

/// What a parameter's value has to be whose `definition` is a list of pairs: so `rabbitmqctl export_definitions` writes
/// operator policies up to 4.1.7, and no import takes it.
pub(super) fn in_pairs(entry: &Entry<Parameter>) -> Option<Json> {
    if entry.item.component != OPERATOR_POLICY {
        return None;
    }
    let value = entry.extra.as_ref()?.get("value")?;
    let pairs = value.get("definition")?.as_array()?;
    let pairs = pairs.iter().map(|pair| match pair.as_array()?.as_slice() {
        [Json::String(key), value] => Some((key.clone(), value.clone())),
        _ => None,
    });
    let definition: Map<String, Json> = pairs.collect::<Option<_>>()?;
    let mut value = value.clone();
    let slot = value
        .get_mut("definition")
        .filter(|_| !definition.is_empty())?;
    *slot = Json::Object(definition);
    Some(value)
}

fn operator_policy(index: usize, entry: &Entry<Parameter>, faults: &Faults) -> Option<PolicySpec> {
    let context = Context::default();
    let thing = PhantomData::<OperatorPolicy>;
    let seed = EntrySeed {
        context: &context,
        thing,
    };
    let value = entry.extra.as_ref().and_then(|extra| extra.get("value"));
    let mended = in_pairs(entry);
    let value = mended.as_ref().or(value);
    // Reading what is JSON already goes wrong only in ways that were noted.
    let read = seed
        .deserialize(value.unwrap_or(&Json::Null))
        .ok()
        .flatten();
    if let Some((what, hint)) = context.faults.into_first() {
        let path = Path {
            section: "parameters",
            index: Some(index),
            field: "value",
        };
        faults.report_at(path, what, hint);
    }
    read.map(|policy| PolicySpec {
        name: entry.item.name.clone(),
        ..policy.item.0
    })
}

/// Whether something is done here because of a policy's key.
fn acts(key: &str) -> bool {
    const ACTING: [&str; 13] = [
        "message-ttl",
        "expires",
        "max-length",
        "max-length-bytes",
        "overflow",
        "dead-letter-exchange",
        "dead-letter-routing-key",
        "dead-letter-strategy",
        "delivery-limit",
        "alternate-exchange",
        "consumer-timeout",
        "max-age",
        "stream-max-segment-size-bytes",
    ];
    ACTING.contains(&key) || key.starts_with("delayed-retry-")
}
