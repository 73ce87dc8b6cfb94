//! What a definitions file holds (O10).

use serde_json::{Map, Value as Json};

use crate::broker::{ExchangeKind, Name, PolicySpec, Table, Target};

/// The fields of one thing that are not named by its type, in the file's order.
pub type Extra = Option<Box<Map<String, Json>>>;

/// A definitions file. What Leveret has no use for is kept, so that writing it again loses nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// Versions, names and whatever else is none of the lists below, in the file's order.
    pub head: Map<String, Json>,
    /// Users of the cluster.
    pub users: Vec<Entry<User>>,
    /// Virtual hosts.
    pub vhosts: Vec<Entry<VirtualHost>>,
    /// What users may do.
    pub permissions: Vec<Entry<Permission>>,
    /// What keys users may use.
    pub topic_permissions: Vec<Entry<TopicPermission>>,
    /// Runtime parameters; operator policies, shovels and upstreams are among them.
    pub parameters: Vec<Entry<Parameter>>,
    /// Parameters of the cluster.
    pub global_parameters: Vec<Entry<GlobalParameter>>,
    /// Policies that users set.
    pub policies: Vec<Entry<PolicySpec>>,
    /// Queues.
    pub queues: Vec<Entry<Queue>>,
    /// Exchanges.
    pub exchanges: Vec<Entry<Exchange>>,
    /// Bindings.
    pub bindings: Vec<Entry<Binding>>,
}

/// One thing of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry<T> {
    /// The virtual host it is in; a file of one virtual host does not say (O14), and some things are in none.
    pub vhost: Option<Name>,
    /// The thing.
    pub item: T,
    /// Its other fields.
    pub extra: Extra,
}

/// A user. The password's hash is among the other fields.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// The name it logs in with.
    pub name: Name,
    /// Its tags.
    pub tags: Vec<Name>,
}

/// A virtual host.
#[derive(Clone, Debug, PartialEq)]
pub struct VirtualHost {
    /// Its name.
    pub name: Name,
    /// The type of queues that do not say (Q4).
    pub default_queue_type: Option<Name>,
}

/// What a user may do in a virtual host: regular expressions.
#[derive(Clone, Debug, PartialEq)]
pub struct Permission {
    /// The user.
    pub user: Name,
    /// Declare and delete.
    pub configure: Name,
    /// Publish, and bind to.
    pub write: Name,
    /// Consume, and bind from.
    pub read: Name,
}

/// What keys a user may use at a topic exchange: regular expressions.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicPermission {
    /// The user.
    pub user: Name,
    /// The exchange.
    pub exchange: Name,
    /// Keys to publish with.
    pub write: Name,
    /// Keys to bind with.
    pub read: Name,
}

/// A runtime parameter. Its value is among the other fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// What it belongs to, such as `operator_policy` or `shovel`.
    pub component: Name,
    /// Its name.
    pub name: Name,
}

/// A parameter of the cluster. Its value is among the other fields.
#[derive(Clone, Debug, PartialEq)]
pub struct GlobalParameter {
    /// Its name.
    pub name: Name,
}

/// A queue. The file has no exclusive ones (O11).
#[derive(Clone, Debug, PartialEq)]
pub struct Queue {
    /// Its name.
    pub name: Name,
    /// Its type, where the file says it beside the arguments.
    pub kind: Option<Name>,
    /// Whether it survives a restart.
    pub durable: bool,
    /// Whether it goes when its last consumer goes.
    pub auto_delete: bool,
    /// The arguments.
    pub arguments: Table,
}

/// An exchange.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub kind: ExchangeType,
    /// Whether it survives a restart.
    pub durable: bool,
    /// Whether it goes when its last outgoing binding goes.
    pub auto_delete: bool,
    /// Whether publishers may not publish to it.
    pub internal: bool,
    /// The arguments.
    pub arguments: Table,
}

/// An exchange's type, which may be a plugin's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExchangeType {
    /// One that routes here.
    Known(ExchangeKind),
    /// One that Leveret knows by name at most.
    Plugin(Name),
}

impl ExchangeType {
    /// As the file writes it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Known(kind) => kind.as_str(),
            Self::Plugin(name) => name,
        }
    }
}

impl From<Name> for ExchangeType {
    fn from(name: Name) -> Self {
        let mut known = ExchangeKind::ALL.into_iter();
        match known.find(|kind| name == kind.as_str()) {
            Some(kind) => Self::Known(kind),
            None => Self::Plugin(name),
        }
    }
}

/// A binding.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    /// The exchange it is bound to.
    pub source: Name,
    /// Where it leads.
    pub destination: Target,
    /// The binding key.
    pub key: Name,
    /// The arguments.
    pub arguments: Table,
}

impl Document {
    /// Whether it is of one virtual host, whose name it does not tell (O14).
    pub fn is_of_one_vhost(&self) -> bool {
        fn unnamed<T>(entries: &[Entry<T>]) -> bool {
            entries.iter().all(|entry| entry.vhost.is_none())
        }
        self.vhosts.is_empty()
            && unnamed(&self.parameters)
            && unnamed(&self.policies)
            && unnamed(&self.queues)
            && unnamed(&self.exchanges)
            && unnamed(&self.bindings)
    }

    /// The type of an exchange of the virtual host, as the file writes it, whether it routes here or not.
    pub fn exchange_type(&self, vhost: &Name, name: &str) -> Option<Name> {
        let mut there = self.exchanges.iter().filter(|entry| {
            entry.vhost.as_ref().is_none_or(|of| of == vhost)
                && entry.item.name.without_breaks() == *name
        });
        there.next().map(|entry| entry.item.kind.as_str().into())
    }

    /// Whether it lists nothing at all.
    pub fn is_empty(&self) -> bool {
        self.users.is_empty()
            && self.vhosts.is_empty()
            && self.permissions.is_empty()
            && self.topic_permissions.is_empty()
            && self.parameters.is_empty()
            && self.global_parameters.is_empty()
            && self.policies.is_empty()
            && self.queues.is_empty()
            && self.exchanges.is_empty()
            && self.bindings.is_empty()
    }
}
