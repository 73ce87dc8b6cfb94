//! Tables, and what is given along with a declaration or a message.

use lapin::BasicProperties;
use lapin::options::QueueDeclareOptions;
use lapin::types::{AMQPValue, FieldArray, FieldTable, LongString, ShortString};

/// What may stand in a table.
pub trait IntoValue {
    /// As AMQP has it.
    fn into_value(self) -> AMQPValue;
}

impl IntoValue for AMQPValue {
    fn into_value(self) -> AMQPValue {
        self
    }
}

impl IntoValue for &str {
    fn into_value(self) -> AMQPValue {
        AMQPValue::LongString(LongString::from(self))
    }
}

impl IntoValue for &String {
    fn into_value(self) -> AMQPValue {
        self.as_str().into_value()
    }
}

impl IntoValue for i32 {
    fn into_value(self) -> AMQPValue {
        AMQPValue::LongInt(self)
    }
}

impl IntoValue for i64 {
    fn into_value(self) -> AMQPValue {
        AMQPValue::LongLongInt(self)
    }
}

impl IntoValue for i8 {
    fn into_value(self) -> AMQPValue {
        AMQPValue::ShortShortInt(self)
    }
}

impl IntoValue for f64 {
    fn into_value(self) -> AMQPValue {
        AMQPValue::Double(self)
    }
}

impl IntoValue for bool {
    fn into_value(self) -> AMQPValue {
        AMQPValue::Boolean(self)
    }
}

impl IntoValue for () {
    fn into_value(self) -> AMQPValue {
        AMQPValue::Void
    }
}

impl IntoValue for FieldTable {
    fn into_value(self) -> AMQPValue {
        AMQPValue::FieldTable(self)
    }
}

impl<T: IntoValue> IntoValue for Vec<T> {
    fn into_value(self) -> AMQPValue {
        let values: Vec<_> = self.into_iter().map(IntoValue::into_value).collect();
        AMQPValue::FieldArray(FieldArray::from(values))
    }
}

/// A table: `table! { "x-max-length" => 3 }`.
#[macro_export]
macro_rules! table {
    ($($name:expr => $value:expr),* $(,)?) => {{
        #[allow(unused_mut)]
        let mut table = lapin::types::FieldTable::default();
        $(table.insert($name.into(), $crate::scene::IntoValue::into_value($value));)*
        table
    }};
}

/// How a queue is declared.
#[derive(Clone, Copy, Debug)]
pub struct Queued(pub QueueDeclareOptions);

impl Queued {
    const NOTHING: QueueDeclareOptions = QueueDeclareOptions {
        passive: false,
        durable: false,
        exclusive: false,
        auto_delete: false,
        nowait: false,
    };
    /// It survives a restart.
    pub const DURABLE: Self = Self(QueueDeclareOptions {
        durable: true,
        ..Self::NOTHING
    });
    /// It does not.
    pub const TRANSIENT: Self = Self(Self::NOTHING);
    /// It is the connection's own.
    pub const EXCLUSIVE: Self = Self(QueueDeclareOptions {
        exclusive: true,
        ..Self::NOTHING
    });
    /// It goes with its last consumer.
    pub const AUTO_DELETE: Self = Self(QueueDeclareOptions {
        auto_delete: true,
        durable: true,
        ..Self::NOTHING
    });
    /// Whether it is there.
    pub const PASSIVE: Self = Self(QueueDeclareOptions {
        passive: true,
        ..Self::NOTHING
    });
}

/// What is published: a body and its properties.
#[derive(Clone, Debug, Default)]
pub struct Published {
    /// The body.
    pub body: String,
    /// The properties.
    pub properties: BasicProperties,
    /// Whether it comes back if no queue takes it.
    pub mandatory: bool,
    /// Whether it comes back if no consumer takes it, which no release does.
    pub immediate: bool,
}

impl From<&str> for Published {
    fn from(body: &str) -> Self {
        Self {
            body: body.to_owned(),
            ..Self::default()
        }
    }
}

impl Published {
    /// With a priority.
    pub fn priority(mut self, priority: u8) -> Self {
        self.properties = self.properties.with_priority(priority);
        self
    }

    /// With a time to live.
    pub fn expiration(mut self, millis: &str) -> Self {
        self.properties = self.properties.with_expiration(ShortString::from(millis));
        self
    }

    /// With headers.
    pub fn headers(mut self, headers: FieldTable) -> Self {
        self.properties = self.properties.with_headers(headers);
        self
    }

    /// To be written to disk.
    pub fn persistent(mut self) -> Self {
        self.properties = self.properties.with_delivery_mode(2);
        self
    }

    /// To come back if no queue takes it.
    pub fn mandatory(mut self) -> Self {
        self.mandatory = true;
        self
    }

    /// To be answered there.
    pub fn reply_to(mut self, address: &str) -> Self {
        self.properties = self.properties.with_reply_to(ShortString::from(address));
        self
    }
}
