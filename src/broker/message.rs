//! What a publisher sends.

use std::fmt;
use std::sync::Arc;

use super::{MessageId, Name, Table};

/// A message's body: octets the broker never reads, cheap to copy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body(Arc<[u8]>);

impl Body {
    /// The octets.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<&str> for Body {
    fn from(text: &str) -> Self {
        Self(Arc::from(text.as_bytes()))
    }
}

/// As text; octets that are not UTF-8 show as replacement characters.
impl fmt::Display for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}

/// A message's properties (AMQP's `basic` class). All are optional, and the broker passes them on unchanged.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Properties {
    /// MIME type of the body.
    pub content_type: Option<Name>,
    /// MIME encoding of the body.
    pub content_encoding: Option<Name>,
    /// Application headers; the headers exchange routes by them (E30–E34).
    pub headers: Table,
    /// Persistent (delivery mode 2) rather than transient (1).
    pub persistent: bool,
    /// Priority.
    pub priority: Option<u8>,
    /// What a reply refers to.
    pub correlation_id: Option<Name>,
    /// Where a reply is expected.
    pub reply_to: Option<Name>,
    /// Time to live in milliseconds, as digits (Q20).
    pub expiration: Option<Name>,
    /// The application's own identifier.
    pub message_id: Option<Name>,
    /// When it was made, in seconds since 1970.
    pub timestamp: Option<u64>,
    /// What kind of message it is.
    pub kind: Option<Name>,
    /// The user who says to have published it.
    pub user_id: Option<Name>,
    /// The application that published it.
    pub app_id: Option<Name>,
}

/// What is published: where to, and what.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Publication {
    /// The exchange's name; `""` is the default exchange.
    pub exchange: Name,
    /// The routing key.
    pub routing_key: Name,
    /// The properties, headers among them; shared where several messages have the same.
    pub properties: Arc<Properties>,
    /// The body, opaque to the broker.
    pub body: Body,
}

/// A message the broker has taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Its number, in order of publishing, from 1.
    pub id: MessageId,
    /// What was published. Shared by all copies, so that a copy costs no more than a pointer.
    pub publication: Arc<Publication>,
}

impl Message {
    /// The key it was published with.
    pub fn routing_key(&self) -> &Name {
        &self.publication.routing_key
    }
}
