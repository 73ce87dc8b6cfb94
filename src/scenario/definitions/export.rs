//! From a scenario to a document: the topology into the file it came from, or into a new one.
//!
//! What has not changed since it was read stays as it stood, with all fields and in its place; so does all that never
//! became part of the world. What is new comes last.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use serde_json::{Map, Value as Json, json};

use super::document::{
    Binding, Document, Entry, Exchange, ExchangeType, Extra, Parameter, Permission, Queue,
    TopicPermission, User, VirtualHost,
};
use super::fault::Faults;
use super::notices::Notices;
use super::taken::{OPERATOR_POLICY, Taken, in_pairs};
use crate::broker::{ExchangeSpec, Name, PolicySpec, QueueSpec, Target, UserSpec, Value};
use crate::scenario::Scenario;
use crate::t;
use crate::world::{BindingSetup, Setup};

/// A scenario's topology as RabbitMQ takes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Exported {
    /// The definitions.
    pub document: Document,
    /// What of the scenario is not in them.
    pub notices: Vec<String>,
}

impl Scenario {
    /// The topology as RabbitMQ's definitions. Messages and actors are not among them (O11).
    pub fn to_definitions(&self) -> Exported {
        let setup = &self.setup;
        let mut base = match &self.definitions {
            Some(document) => Document::clone(document),
            None => new_document(setup),
        };
        for entry in &mut base.parameters {
            if let (Some(mended), Some(extra)) = (in_pairs(entry), &mut entry.extra) {
                extra.insert("value".to_owned(), mended);
            }
        }
        let (faults, mut unheard) = (Faults::default(), Notices::default());
        let was = Taken::from(&base, &setup.vhost, setup.profile, &faults, &mut unheard);
        let vhost = (!base.is_of_one_vhost()).then_some(&setup.vhost);
        let mut exporting = Exporting::default();
        let exchanges = exporting.exchanges(setup, &was);
        let queues = exporting.queues(setup);
        let bindings = exporting.bindings(setup, &exchanges, &queues);
        exporting.new_users(setup, &was);
        let (own, operator) = (policies(setup, false), policies(setup, true));
        let document = Document {
            permissions: permissions(vhost, base.permissions, &was, setup),
            topic_permissions: topic_permissions(vhost, base.topic_permissions, &was, setup),
            users: renew(None, base.users, &was.users, &setup.users),
            parameters: renew(vhost, base.parameters, &was.operator_policies, &operator),
            policies: renew(vhost, base.policies, &was.policies, &own),
            exchanges: renew(vhost, base.exchanges, &was.exchanges, &exchanges),
            queues: renew(vhost, base.queues, &was.queues, &queues),
            bindings: renew(vhost, base.bindings, &was.bindings, &bindings),
            head: base.head,
            vhosts: base.vhosts,
            global_parameters: base.global_parameters,
        };
        Exported {
            document,
            notices: exporting.notices,
        }
    }
}

/// A document of nothing but a virtual host.
fn new_document(setup: &Setup) -> Document {
    let release = Json::from(setup.profile.as_str());
    Document {
        head: Map::from_iter([("rabbitmq_version".to_owned(), release)]),
        vhosts: vec![Entry {
            vhost: None,
            item: VirtualHost {
                name: setup.vhost.clone(),
                default_queue_type: None,
            },
            extra: None,
        }],
        ..Document::default()
    }
}

/// A thing of the world that stands in a list of the document.
trait Thing<Item>: PartialEq + Clone {
    /// What it is known by among its like.
    type Key: Ord;
    fn key(&self) -> Self::Key;
    /// As the document has it; `was` is what stood in its place.
    fn item(&self, was: Option<&Item>) -> Item;
    /// Its other fields; `was` are those that stood in its place.
    fn extra(&self, was: Extra) -> Extra {
        was
    }
}

/// A list with what is there now: `was` is what the world was made from, entry by entry.
fn renew<Item, T: Thing<Item>>(
    vhost: Option<&Name>,
    entries: Vec<Entry<Item>>,
    was: &[Option<T>],
    now: &[T],
) -> Vec<Entry<Item>> {
    // Most often nothing has changed, or only towards the end.
    let before = was.iter().flatten();
    let same = before.zip(now).take_while(|(was, is)| was == is).count();
    let mut unplaced: BTreeMap<T::Key, (usize, &T)> = BTreeMap::new();
    for (number, thing) in now.iter().enumerate().skip(same) {
        unplaced.entry(thing.key()).or_insert((number, thing));
    }
    let mut renewed = Vec::with_capacity(entries.len());
    let mut seen = 0;
    for (number, mut entry) in entries.into_iter().enumerate() {
        let Some(was) = was.get(number).and_then(Option::as_ref) else {
            renewed.push(entry);
            continue;
        };
        seen += 1;
        if seen <= same {
            renewed.push(entry);
        } else if let Some((_, is)) = unplaced.remove(&was.key()) {
            if is != was {
                entry.item = is.item(Some(&entry.item));
                entry.extra = is.extra(entry.extra);
            }
            renewed.push(entry);
        }
        // What is gone from the world goes from the file.
    }
    let mut new: Vec<_> = unplaced.into_values().collect();
    new.sort_by_key(|(number, _)| *number);
    renewed.extend(new.into_iter().map(|(_, thing)| Entry {
        vhost: vhost.cloned(),
        item: thing.item(None),
        extra: thing.extra(None),
    }));
    renewed
}

/// What of a scenario is exported, and what is said of the rest.
#[derive(Default)]
struct Exporting {
    notices: Vec<String>,
}

impl Exporting {
    fn leave_out(&mut self, notice: String) {
        self.notices.push(notice);
    }

    /// O11; what the file had itself stays.
    fn exchanges(&mut self, setup: &Setup, was: &Taken) -> Vec<ExchangeSpec> {
        let mut exchanges = Vec::new();
        for spec in &setup.exchanges {
            let known = || {
                let mut was = was.exchanges.iter().flatten();
                was.any(|was| was.name == spec.name)
            };
            if spec.name.is_empty() || spec.name.starts_with("amq.") {
                continue;
            }
            if spec.internal && !known() {
                self.leave_out(t!("definitions-no-internal", name = spec.name.as_str()));
                continue;
            }
            exchanges.push(spec.clone());
        }
        exchanges
    }

    /// O11
    fn queues(&mut self, setup: &Setup) -> Vec<QueueSpec> {
        let mut queues = Vec::new();
        for queue in &setup.queues {
            let spec = &queue.spec;
            if spec.exclusive || spec.name.is_empty() {
                self.leave_out(t!("definitions-no-exclusive", name = spec.name.as_str()));
                continue;
            }
            queues.push(spec.clone());
        }
        queues
    }

    /// Those between things that are exported too.
    fn bindings(
        &mut self,
        setup: &Setup,
        exchanges: &[ExchangeSpec],
        queues: &[QueueSpec],
    ) -> Vec<BindingSetup> {
        let exchanges = names(exchanges.iter().map(|spec| &spec.name));
        let queues = names(queues.iter().map(|spec| &spec.name));
        let is_exchange =
            |name: &Name| name.starts_with("amq.") || exchanges.contains(name.as_str());
        let mut bindings = Vec::with_capacity(setup.bindings.len());
        let mut left_out = 0_usize;
        for binding in &setup.bindings {
            let is_there = match &binding.destination {
                Target::Queue(name) => queues.contains(name.as_str()),
                Target::Exchange(name) => is_exchange(name),
            };
            if is_there && is_exchange(&binding.source) {
                bindings.push(BindingSetup {
                    latency: None,
                    ..binding.clone()
                });
            } else {
                left_out += 1;
            }
        }
        if left_out > 0 {
            self.leave_out(t!("definitions-no-bindings", count = left_out));
        }
        bindings
    }

    /// Tells of the users that nobody can log in as yet.
    fn new_users(&mut self, setup: &Setup, was: &Taken) {
        for user in &setup.users {
            if known_user(&user.name, was).is_none() {
                self.leave_out(t!("definitions-no-password", name = user.name.as_str()));
            }
        }
    }
}

fn policies(setup: &Setup, operator: bool) -> Vec<PolicySpec> {
    let policies = setup.policies.iter();
    let policies = policies.filter(|policy| policy.operator == operator);
    policies.cloned().collect()
}

fn permissions(
    vhost: Option<&Name>,
    entries: Vec<Entry<Permission>>,
    was: &Taken,
    setup: &Setup,
) -> Vec<Entry<Permission>> {
    let was: Vec<_> = entries
        .iter()
        .map(|entry| {
            let user = known_user(&entry.item.user, was)?;
            // Another virtual host's may be of the same user.
            permission(user).filter(|permission| is_here(entry, vhost) && *permission == entry.item)
        })
        .collect();
    let now: Vec<_> = setup.users.iter().filter_map(permission).collect();
    renew(vhost, entries, &was, &now)
}

fn topic_permissions(
    vhost: Option<&Name>,
    entries: Vec<Entry<TopicPermission>>,
    was: &Taken,
    setup: &Setup,
) -> Vec<Entry<TopicPermission>> {
    let was: Vec<_> = entries
        .iter()
        .map(|entry| {
            let user = known_user(&entry.item.user, was)?;
            let mut permissions = topics(user);
            let taken = TopicPermission {
                exchange: entry.item.exchange.without_breaks(), // C17
                ..entry.item.clone()
            };
            permissions.find(|permission| is_here(entry, vhost) && *permission == taken)
        })
        .collect();
    let now: Vec<_> = setup.users.iter().flat_map(topics).collect();
    renew(vhost, entries, &was, &now)
}

fn is_here<T>(entry: &Entry<T>, vhost: Option<&Name>) -> bool {
    entry.vhost.is_none() || entry.vhost.as_ref() == vhost
}

fn known_user<'w>(name: &Name, was: &'w Taken) -> Option<&'w UserSpec> {
    let mut users = was.users.iter().flatten();
    users.find(|user| user.name == *name)
}

fn permission(user: &UserSpec) -> Option<Permission> {
    let spec = user.permissions.clone()?;
    Some(Permission {
        user: user.name.clone(),
        configure: spec.configure,
        write: spec.write,
        read: spec.read,
    })
}

fn topics(user: &UserSpec) -> impl Iterator<Item = TopicPermission> {
    user.topic_permissions.iter().map(|spec| TopicPermission {
        user: user.name.clone(),
        exchange: spec.exchange.clone(),
        write: spec.write.clone(),
        read: spec.read.clone(),
    })
}

fn names<'n>(names: impl Iterator<Item = &'n Name>) -> FxHashSet<&'n str> {
    names.map(Name::as_str).collect()
}

impl Thing<Exchange> for ExchangeSpec {
    type Key = Name;

    fn key(&self) -> Name {
        self.name.clone()
    }

    fn item(&self, _: Option<&Exchange>) -> Exchange {
        Exchange {
            name: self.name.clone(),
            kind: match &self.plugin {
                Some(plugin) => ExchangeType::Plugin(plugin.clone()),
                None => ExchangeType::Known(self.kind),
            },
            durable: self.durable,
            auto_delete: self.auto_delete,
            internal: self.internal,
            arguments: self.arguments.clone(),
        }
    }
}

impl Thing<Queue> for QueueSpec {
    type Key = Name;

    fn key(&self) -> Name {
        self.name.clone()
    }

    fn item(&self, _: Option<&Queue>) -> Queue {
        Queue {
            name: self.name.clone(),
            kind: None,
            durable: self.durable,
            auto_delete: self.auto_delete,
            arguments: self.arguments.clone(),
        }
    }
}

impl Thing<Binding> for BindingSetup {
    // E11
    type Key = (Name, Target, Name, String);

    fn key(&self) -> Self::Key {
        let (source, destination) = (self.source.clone(), self.destination.clone());
        let arguments = match self.arguments.is_empty() {
            true => String::new(),
            false => Value::Table(self.arguments.clone().into()).to_string(),
        };
        (source, destination, self.key.clone(), arguments)
    }

    fn item(&self, _: Option<&Binding>) -> Binding {
        Binding {
            source: self.source.clone(),
            destination: self.destination.clone(),
            key: self.key.clone(),
            arguments: self.arguments.clone(),
        }
    }
}

impl Thing<PolicySpec> for PolicySpec {
    type Key = Name;

    fn key(&self) -> Name {
        self.name.clone()
    }

    fn item(&self, _: Option<&PolicySpec>) -> PolicySpec {
        self.clone()
    }
}

/// An operator policy is a parameter, and its value is the policy (O10).
impl Thing<Parameter> for PolicySpec {
    type Key = Name;

    fn key(&self) -> Name {
        self.name.clone()
    }

    fn item(&self, _: Option<&Parameter>) -> Parameter {
        Parameter {
            component: OPERATOR_POLICY.into(),
            name: self.name.clone(),
        }
    }

    fn extra(&self, was: Extra) -> Extra {
        let value = json!({
            "pattern": self.pattern,
            "apply-to": self.apply_to.as_str(),
            "priority": self.priority,
            "definition": self.definition,
        });
        let mut extra = was.unwrap_or_default();
        extra.insert("value".to_owned(), value);
        Some(extra)
    }
}

impl Thing<User> for UserSpec {
    type Key = Name;

    fn key(&self) -> Name {
        self.name.clone()
    }

    fn item(&self, _: Option<&User>) -> User {
        User {
            name: self.name.clone(),
            tags: self.tags.clone(),
        }
    }

    /// RabbitMQ takes no user without a hash; nobody can log in with an empty one.
    fn extra(&self, was: Extra) -> Extra {
        was.or_else(|| {
            let algorithm = "rabbit_password_hashing_sha256";
            let fields = [("password_hash", ""), ("hashing_algorithm", algorithm)];
            let fields = fields.map(|(key, value)| (key.to_owned(), Json::from(value)));
            Some(Box::new(Map::from_iter(fields)))
        })
    }
}

impl Thing<Permission> for Permission {
    type Key = Name;

    fn key(&self) -> Name {
        self.user.clone()
    }

    fn item(&self, _: Option<&Permission>) -> Permission {
        self.clone()
    }
}

impl Thing<TopicPermission> for TopicPermission {
    type Key = (Name, Name);

    fn key(&self) -> Self::Key {
        (self.user.clone(), self.exchange.clone())
    }

    fn item(&self, _: Option<&TopicPermission>) -> TopicPermission {
        self.clone()
    }
}
