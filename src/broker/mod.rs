//! The AMQP 0-9-1 model as RabbitMQ has it, without clock, thread, socket, file or random number.
//!
//! [`Broker::handle`] takes a [`Command`] and changes the state. What that brings about is told to an [`Outlet`]:
//! deliveries to consumers, and [`Event`]s that name the message, its copy and the event that caused them. Routing is
//! done by [`Definitions::route`] and told, binding by binding, by [`Definitions::explain`].

mod audit;
mod channel;
mod command;
mod death;
mod definitions;
mod event;
mod exchange;
mod explain;
mod few;
mod headers;
mod id;
mod machine;
mod message;
mod mix;
mod name;
mod outlet;
mod permission;
mod policy;
mod profile;
mod queue;
mod refusal;
mod router;
mod spec;
mod time;
mod value;

pub use audit::Broken;
pub use channel::Consumer;
pub use command::{Alarm, Capabilities, Command, Hangup, Method, Operation, Reply, Target};
pub use death::DeathReason;
pub use definitions::{Binding, Definitions, Destination, Exchange};
pub use event::{
    Cancellation, Closing, Departure, Deprecation, Event, Fate, Limit, Loss, Place, Queued, Return,
    RoutedCopy, Throttle,
};
pub use definitions::{Binding, Definitions, Destination, Exchange, QueueDefinition, Removed};
pub use event::{Command, Delivery, Event, Outlet, Queued, Reply, RoutedCopy, Transit};
pub use exchange::{ExchangeKind, PREDECLARED};
pub use explain::{
    Alternate, AlternateUse, Effect, Explanation, TopicMiss, Verdict, Visit, Why, WordMatch,
};
pub use headers::{HeaderCheck, HeadersMatch, MatchMode};
pub use id::{
    BindingId, ChannelId, ConnectionId, ConsumerId, CopyId, EventId, ExchangeId, MessageId, QueueId,
};
pub use machine::{Broker, Totals};
pub use message::{Body, Message, Properties, Publication};
pub use name::Name;
pub use outlet::{Delivery, Letter, Outgoing, Outlet, Transit};
pub use permission::{PermissionsSpec, TopicPermissionSpec, UserSpec};
pub use policy::{ApplyTo, PolicySpec};
pub use profile::{Profile, QuorumPriorities, Switches};
pub use queue::{Entry, Queue};
pub use refusal::{Refusal, ReplyCode, Scope};
pub use router::{Keys, Route, Via, cc_keys, words};
pub use spec::{ExchangeSpec, QueueKind, QueueSpec};
pub use time::Micros;
pub use value::{Table, Value};
