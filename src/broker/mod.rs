//! The AMQP 0-9-1 model as RabbitMQ has it, without clock, thread, socket, file or random number.

mod exchange;
mod id;
mod message;
mod name;
mod time;
mod value;

pub use exchange::{ExchangeKind, PREDECLARED};
pub use id::{BindingId, ChannelId, ConsumerId, CopyId, ExchangeId, MessageId, QueueId};
pub use message::{Body, Message, Properties, Publication};
pub use name::Name;
pub use time::Micros;
pub use value::{Table, Value};
