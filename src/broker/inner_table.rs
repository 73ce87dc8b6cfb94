//! A table within a table.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use super::{Name, Table, Value};

/// The fields of a table that is a field's value, in the order in which they were written. RabbitMQ sorts headers and
/// arguments themselves; what is within them it passes on, and compares, as it came: a key may even come twice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InnerTable(Vec<(Name, Value)>);

impl InnerTable {
    /// The first value of that name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let found = self.0.iter().find(|(its, _)| its.as_str() == name);
        found.map(|(_, value)| value)
    }

    /// All fields, in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Name, &Value)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Appends one.
    pub fn push(&mut self, name: Name, value: Value) {
        self.0.push((name, value));
    }
}

impl<const COUNT: usize> From<[(Name, Value); COUNT]> for InnerTable {
    fn from(fields: [(Name, Value); COUNT]) -> Self {
        Self(fields.into())
    }
}

impl FromIterator<(Name, Value)> for InnerTable {
    fn from_iter<T: IntoIterator<Item = (Name, Value)>>(fields: T) -> Self {
        Self(fields.into_iter().collect())
    }
}

impl From<Table> for InnerTable {
    fn from(table: Table) -> Self {
        table.into_iter().collect()
    }
}

/// By name; of a name that comes twice the first counts.
impl From<InnerTable> for Table {
    fn from(fields: InnerTable) -> Self {
        fields.0.into_iter().rev().collect()
    }
}

impl Serialize for InnerTable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for InnerTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reading;

        impl<'de> Visitor<'de> for Reading {
            type Value = InnerTable;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<InnerTable, A::Error> {
                let mut fields = InnerTable::default();
                while let Some((name, value)) = map.next_entry()? {
                    fields.push(name, value);
                }
                Ok(fields)
            }
        }
        deserializer.deserialize_map(Reading)
    }
}
