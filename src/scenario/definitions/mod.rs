//! RabbitMQ's definitions.json (O10–O14): read as it is, made a world of, and written again.
//!
//! A [`Document`] is the file: what Leveret knows is typed, all else is kept as it stood. `read` makes one of a text and
//! `write` a text of one. `import` makes a scenario of one virtual host of it: `taken` decides thing by thing, `notices`
//! tells what does not act here, `unlisted` what an import would fail on. `export` puts a scenario's topology into a document, whether it came from one or not.

mod broken;
mod document;
mod export;
mod fault;
mod fields;
mod import;
mod movers;
mod notices;
mod read;
mod sections;
mod shape;
mod taken;
mod unlisted;
mod vhost;
mod write;

pub use document::{
    Binding, Document, Entry, Exchange, ExchangeType, Extra, GlobalParameter, Parameter,
    Permission, Queue, TopicPermission, User, VirtualHost,
};
pub use export::Exported;
pub(super) use import::scenario;
pub use read::read;
pub(super) use shape::{is_definitions, may_be_definitions};
pub use vhost::VhostSize;
pub(super) use vhost::quoted;
