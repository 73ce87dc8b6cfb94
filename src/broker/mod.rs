//! The AMQP 0-9-1 model as RabbitMQ has it, without clock, thread, socket, file or random number.
//!
//! [`Broker::handle`] takes a [`Command`] and changes the state. What that brings about is told to an [`Outlet`]:
//! deliveries to consumers, and [`Event`]s that name the message, its copy and the event that caused them. Routing is
//! done by [`Definitions::route`] and told, binding by binding, by [`Definitions::explain`].

mod argument;
mod channel;
mod command;
mod confirms;
mod connection;
mod consumer;
mod death;
mod declaration;
mod definitions;
mod event;
mod exchange;
mod explain;
mod few;
mod headers;
mod held;
mod id;
mod inner_table;
mod limiter;
mod machine;
mod message;
mod mix;
mod name;
pub mod octets;
mod outlet;
mod pattern;
mod permission;
mod policy;
mod profile;
mod queue;
mod refusal;
mod register;
mod router;
mod settings;
mod spec;
mod standing;
mod time;
mod transaction;
mod value;

pub use channel::Channel;
pub use command::{
    Alarm, Capabilities, Command, Hangup, Method, Operation, Reply, Target, Violation,
};
pub use connection::Connection;
pub use consumer::Consumer;
pub use death::{Death, DeathReason, DeathRecord, closes_cycle, dead_letter, deaths};
pub use declaration::{inequivalence, kind_of, validate};
pub use definitions::{Binding, Definitions, Destination, Exchange, QueueDefinition, Removed};
pub use event::{
    Cancellation, Closing, Departure, Deprecation, Event, Fate, Limit, Loss, Place, Queued, Return,
    RoutedCopy, Throttle,
};
pub use exchange::{ExchangeKind, PREDECLARED};
pub use explain::{
    Alternate, AlternateUse, Effect, Explanation, Ignored, TopicMiss, Verdict, Visit, Why,
    WordMatch,
};
pub use headers::{HeaderCheck, HeadersMatch, MatchMode};
pub use held::{Gauge, Held};
pub use id::{
    BindingId, ChannelId, ConnectionId, ConsumerId, CopyId, EventId, ExchangeId, MessageId, QueueId,
};
pub use inner_table::InnerTable;
pub use machine::{Broken, Broker, Configuration, Totals};
pub use message::{Body, Message, Properties, Publication, expiration};
pub use name::Name;
pub use outlet::{Delivery, Letter, Outgoing, Outlet, Transit};
pub use permission::{
    Permission, PermissionsSpec, Resource, TopicPermissionSpec, User, UserSpec, Users,
};
pub use policy::{ApplyTo, PolicySet, PolicySpec};
pub use profile::{FailuresTold, Profile, QuorumPriorities, Switches};
pub use queue::{Entry, Log, LogEntry, Queue, TURNS, two_to_one};
pub use refusal::{Refusal, ReplyCode, Scope};
pub use register::Register;
pub use router::{Content, Keys, Passing, Route, Via, cc_keys, delayed, words};
pub use settings::{DelayedRetry, Origin, Overflow, RetryKind, Settings};
pub use spec::{ExchangeSpec, QueueKind, QueueSpec};
pub use standing::Standing;
pub use time::Micros;
pub use value::{Table, Value, Width};
