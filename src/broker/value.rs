//! Field tables: headers of messages and arguments of declarations and bindings.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Name;

/// A field table. Order does not matter to AMQP (E11), so it is kept by name.
pub type Table = BTreeMap<Name, Value>;

/// A field's value. The integer widths of AMQP are one type here, as they are in comparisons (E33, Q4).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// No value; in a headers binding it asks only for presence (E32).
    Void,
    /// A boolean.
    Bool(bool),
    /// An integer of any width.
    Int(i64),
    /// A floating-point number.
    Double(f64),
    /// A text.
    Text(Name),
    /// A moment in whole seconds, such as `time` in `x-death` (D7). A file writes it as an integer, and reads it as one.
    Timestamp(u64),
    /// An array.
    Array(Vec<Value>),
    /// A table in the table.
    Table(Table),
}

impl Value {
    /// AMQP's name for its type, as RabbitMQ's error texts say it. Clients send an integer in the least width that holds
    /// it, of those that every broker knows.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Void => "void",
            Self::Bool(_) => "bool",
            Self::Int(value) if i32::try_from(*value).is_ok() => "signedint",
            Self::Int(_) => "long",
            Self::Double(_) => "double",
            Self::Text(_) => "longstr",
            Self::Timestamp(_) => "timestamp",
            Self::Array(_) => "array",
            Self::Table(_) => "table",
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<Name> for Value {
    fn from(text: Name) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

/// As a scenario writes it: text in quotes, no value as `()`.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Void => f.write_str("()"),
            Self::Bool(value) => value.fmt(f),
            Self::Int(value) => value.fmt(f),
            Self::Double(value) => write!(f, "{value:?}"),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Timestamp(seconds) => seconds.fmt(f),
            Self::Array(values) => {
                f.write_str("[")?;
                for (index, value) in values.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    write!(f, "{comma}{value}")?;
                }
                f.write_str("]")
            }
            Self::Table(table) => {
                f.write_str("{")?;
                for (index, (key, value)) in table.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    write!(f, "{comma}{:?}: {value}", key.as_str())?;
                }
                f.write_str("}")
            }
        }
    }
}
