//! The AMQP 0-9-1 model as RabbitMQ has it, without clock, thread, socket, file or random number.
//!
//! [`Broker::handle`] takes a [`Command`] and changes the state. What that brings about is told to an [`Outlet`]:
//! deliveries to consumers, and [`Event`]s that name the message, its copy and the event that caused them. Routing is
//! done by [`Definitions::route`] and told, binding by binding, by [`Definitions::explain`].

mod argument;
mod audit;
mod channel;
mod death;
mod declaration;
mod definitions;
mod event;
mod exchange;
mod explain;
mod headers;
mod id;
mod machine;
mod message;
mod name;
mod pattern;
mod permission;
mod policy;
mod profile;
mod queue;
mod refusal;
mod router;
mod settings;
mod spec;
mod time;
mod value;

pub use audit::Broken;
pub use channel::Consumer;
pub use death::{Death, DeathReason, DeathRecord, closes_cycle, dead_letter, deaths};
pub use declaration::{check_transient, inequivalence, kind_of, validate};
pub use definitions::{Binding, Definitions, Destination, Exchange};
pub use event::{Command, Delivery, Event, Outlet, Queued, Reply, RoutedCopy, Transit};
pub use exchange::{ExchangeKind, PREDECLARED};
pub use explain::{Effect, Explanation, TopicMiss, Verdict, Visit, Why, WordMatch};
pub use headers::{HeaderCheck, HeadersMatch, MatchMode};
pub use id::{BindingId, ChannelId, ConsumerId, CopyId, EventId, ExchangeId, MessageId, QueueId};
pub use machine::{Broker, Totals};
pub use message::{Body, Message, Properties, Publication, expiration};
pub use name::Name;
pub use permission::{
    Permission, PermissionsSpec, Resource, TopicPermissionSpec, User, UserSpec, Users,
};
pub use policy::{ApplyTo, PolicySet, PolicySpec};
pub use profile::{Profile, QuorumPriorities, Switches};
pub use queue::{Entry, Queue};
pub use refusal::{Refusal, ReplyCode, Scope};
pub use router::{Route, Via, words};
pub use settings::{DelayedRetry, Origin, Overflow, RetryKind, Settings};
pub use spec::{ExchangeSpec, QueueKind, QueueSpec};
pub use time::Micros;
pub use value::{Table, Value};
