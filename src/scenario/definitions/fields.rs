//! One object of a list: its known fields as values, the others as they stand.

use std::cell::RefCell;
use std::fmt;

use rustc_hash::FxHashSet;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;

use super::document::{Entry, Extra};
use super::fault::Faults;
use crate::broker::{Name, Table, Value};
use crate::scenario::nearest::nearest;
use crate::t;

/// AMQP's short strings have at most as many octets.
const LONGEST_NAME: usize = 255;
/// No kind of thing has more fields.
const MOST_FIELDS: usize = 8;

/// What all readers of one file share.
#[derive(Default)]
pub(super) struct Context {
    pub faults: Faults,
    /// Texts that were read before. A million bindings name the same few exchanges; each name is kept once.
    names: RefCell<FxHashSet<Name>>,
    /// The last text of each field: most often the next one is the same.
    last: RefCell<[Name; MOST_FIELDS]>,
}

impl Context {
    fn name(&self, text: &str) -> Name {
        let mut names = self.names.borrow_mut();
        if let Some(name) = names.get(text) {
            return name.clone();
        }
        let name = Name::from(text);
        names.insert(name.clone());
        name
    }

    /// A field's text.
    fn text(&self, text: &str, field: Field) -> Name {
        let mut last = self.last.borrow_mut();
        let Some(last) = last.get_mut(field.place) else {
            return self.name(text);
        };
        if last != text {
            *last = match field.is_unique {
                true => Name::from(text),
                false => self.name(text),
            };
        }
        last.clone()
    }
}

/// Which field of a thing is read.
#[derive(Clone, Copy)]
struct Field {
    place: usize,
    is_unique: bool,
}

/// What is inside a table or a list.
const INSIDE: Field = Field {
    place: usize::MAX,
    is_unique: false,
};

/// A kind of thing that a list holds.
pub(super) trait Section: Sized {
    /// The fields that are read; all others are kept.
    const FIELDS: &'static [&'static str];
    /// A field that is seldom the same twice.
    const UNIQUE: &'static str = "";
    /// Takes the fields. None where a fault was noted without which there is no such thing.
    fn take(fields: &mut Fields<'_>) -> Option<Self>;
}

/// The fields of one thing.
pub(super) struct Fields<'c> {
    known: &'static [&'static str],
    values: [Option<Value>; MOST_FIELDS],
    context: &'c Context,
}

impl Fields<'_> {
    /// A field's value; `null` is none.
    fn get(&mut self, field: &str) -> Option<Value> {
        let place = self.known.iter().position(|known| *known == field)?;
        let value = self.values.get_mut(place)?.take();
        value.filter(|value| *value != Value::Void)
    }

    pub fn report(&self, field: &'static str, what: String, hint: String) {
        self.context.faults.report(field, what, hint);
    }

    fn wrong_type(&self, field: &'static str, wanted: String, value: &Value) {
        let found = found(value);
        let what = t!("file-expected", wanted = wanted, found = found);
        self.report(field, what, String::new());
    }

    /// A text, if it is there.
    pub fn optional_text(&mut self, field: &'static str) -> Option<Name> {
        match self.get(field)? {
            Value::Text(text) => Some(text),
            other => {
                self.wrong_type(field, t!("file-wanted-text"), &other);
                None
            }
        }
    }

    /// A text that has to be there.
    pub fn text(&mut self, field: &'static str) -> Option<Name> {
        match self.get(field) {
            Some(Value::Text(text)) => Some(text),
            Some(other) => {
                self.wrong_type(field, t!("file-wanted-text"), &other);
                None
            }
            None => {
                let what = t!("definitions-needs");
                self.report(field, what, t!("definitions-needs-hint", field = field));
                None
            }
        }
    }

    /// A text that AMQP would take as a name or a key.
    pub fn name(&mut self, field: &'static str) -> Option<Name> {
        let name = self.text(field)?;
        self.short(field, name)
    }

    /// A routing or binding key; without one, it is empty.
    pub fn key(&mut self, field: &'static str) -> Option<Name> {
        match self.get(field) {
            None => Some(Name::default()),
            Some(Value::Text(key)) => self.short(field, key),
            Some(other) => {
                self.wrong_type(field, t!("file-wanted-text"), &other);
                None
            }
        }
    }

    fn short(&self, field: &'static str, name: Name) -> Option<Name> {
        if name.len() <= LONGEST_NAME {
            return Some(name);
        }
        let what = t!("file-too-long", octets = name.len());
        self.report(field, what, t!("file-too-long-hint", most = LONGEST_NAME));
        None
    }

    /// A truth value (O12).
    pub fn flag(&mut self, field: &'static str, default: bool) -> Option<bool> {
        match self.get(field) {
            None => Some(default),
            Some(Value::Bool(value)) => Some(value),
            Some(other) => {
                self.wrong_type(field, t!("file-wanted-flag"), &other);
                None
            }
        }
    }

    /// A whole number; without one, zero.
    pub fn whole(&mut self, field: &'static str) -> Option<i64> {
        match self.get(field) {
            None => Some(0),
            Some(Value::Int(number)) => Some(number),
            Some(other) => {
                self.wrong_type(field, t!("definitions-wanted-whole"), &other);
                None
            }
        }
    }

    /// A table. Some writers give an empty one as an empty list.
    pub fn table(&mut self, field: &'static str) -> Option<Table> {
        match self.get(field) {
            None => Some(Table::new()),
            Some(Value::Table(table)) => Some(table.into()),
            Some(Value::Array(values)) if values.is_empty() => Some(Table::new()),
            Some(other) => {
                self.wrong_type(field, t!("definitions-wanted-object"), &other);
                None
            }
        }
    }

    /// Several texts; once they were written as one, with commas.
    pub fn texts(&mut self, field: &'static str) -> Option<Vec<Name>> {
        match self.get(field) {
            None => Some(Vec::new()),
            Some(Value::Text(text)) => {
                let parts = text.split(',').map(str::trim);
                Some(
                    parts
                        .filter(|part| !part.is_empty())
                        .map(Name::from)
                        .collect(),
                )
            }
            Some(Value::Array(values)) => {
                let mut texts = Vec::new();
                for value in values {
                    match value {
                        Value::Text(text) => texts.push(text),
                        other => {
                            self.wrong_type(field, t!("file-wanted-text"), &other);
                            return None;
                        }
                    }
                }
                Some(texts)
            }
            Some(other) => {
                self.wrong_type(field, t!("definitions-wanted-texts"), &other);
                None
            }
        }
    }

    /// One of several words.
    pub fn choice<T: Copy>(
        &mut self,
        field: &'static str,
        choices: &[(&'static str, T)],
        default: Option<T>,
    ) -> Option<T> {
        let word = match (self.optional(field)?, default) {
            (Some(word), _) => word,
            (None, Some(default)) => return Some(default),
            (None, None) => self.text(field)?,
        };
        if let Some((_, choice)) = choices.iter().find(|(known, _)| word == *known) {
            return Some(*choice);
        }
        let words = choices.iter().map(|(known, _)| *known);
        let hint = match nearest(&word, words.clone()) {
            Some(near) => t!("file-did-you-mean", name = near),
            None => {
                let names: Vec<_> = words.map(|word| format!("`{word}`")).collect();
                t!("file-there-are", names = names.join(", "))
            }
        };
        let what = t!("definitions-no-choice", found = word.as_str());
        self.report(field, what, hint);
        None
    }

    /// A text that may be missing; nothing at all where something else stands.
    fn optional(&mut self, field: &'static str) -> Option<Option<Name>> {
        match self.get(field) {
            None => Some(None),
            Some(Value::Text(text)) => Some(Some(text)),
            Some(other) => {
                self.wrong_type(field, t!("file-wanted-text"), &other);
                None
            }
        }
    }
}

/// What was found in place of something else.
fn found(value: &Value) -> String {
    match value {
        Value::Void => t!("definitions-found-null"),
        Value::Bool(value) => format!("`{value}`"),
        Value::Int(number) => t!("file-found-number", number = number.to_string()),
        Value::Double(number) => t!("file-found-number", number = number.to_string()),
        Value::Text(_) | Value::Octets(_) => t!("file-found-text"),
        // No JSON is read as one of these.
        Value::Sized(..) | Value::Float(_) | Value::Decimal(..) | Value::Timestamp(_) => {
            t!("file-found-number", number = value.to_string())
        }
        Value::Array(_) => t!("file-found-list"),
        Value::Table(_) => t!("definitions-found-object"),
    }
}

/// Reads one thing of a list.
pub(super) struct EntrySeed<'c, T> {
    pub context: &'c Context,
    pub thing: std::marker::PhantomData<T>,
}

impl<'de, T: Section> DeserializeSeed<'de> for EntrySeed<'_, T> {
    type Value = Option<Entry<T>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<T> EntrySeed<'_, T> {
    /// Notes that the thing is no object.
    fn instead<V>(&self, value: &Value) -> Option<V> {
        let (wanted, found) = (t!("definitions-wanted-object"), found(value));
        let what = t!("file-expected", wanted = wanted, found = found);
        self.context.faults.report("", what, String::new());
        None
    }
}

impl<'de, T: Section> Visitor<'de> for EntrySeed<'_, T> {
    type Value = Option<Entry<T>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let context = self.context;
        let mut fields = Fields {
            known: T::FIELDS,
            values: Default::default(),
            context,
        };
        let mut extra: Extra = None;
        while let Some(key) = map.next_key_seed(Key(T::FIELDS))? {
            match key {
                Found::Known(place, name) => {
                    context.faults.field.set(name);
                    let is_unique = name == T::UNIQUE;
                    let field = Field { place, is_unique };
                    let value = map.next_value_seed(ValueSeed(context, field))?;
                    if let Some(slot) = fields.values.get_mut(place) {
                        *slot = Some(value);
                    }
                    context.faults.field.set("");
                }
                Found::Other(name) => {
                    let value: Json = map.next_value()?;
                    extra.get_or_insert_default().insert(name, value);
                }
            }
        }
        let vhost = fields.optional_text("vhost");
        Ok(T::take(&mut fields).map(|item| Entry { vhost, item, extra }))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(self.instead(&Value::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(self.instead(&Value::Int(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(self.instead(&unsigned(value)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(self.instead(&Value::Double(value)))
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(self.instead(&Value::Text(Name::default())))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(self.instead(&Value::Void))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(self.instead(&Value::Array(Vec::new())))
    }
}

/// Reads a key: the number and name of a known field, or else its text.
struct Key(&'static [&'static str]);

enum Found {
    Known(usize, &'static str),
    Other(String),
}

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Found;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Found, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key {
    type Value = Found;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("name")
    }

    fn visit_str<E>(self, text: &str) -> Result<Found, E> {
        let known = self.0.iter().enumerate();
        let mut known = known.filter(|(_, known)| **known == text);
        Ok(match known.next() {
            Some((place, name)) => Found::Known(place, name),
            None => Found::Other(text.to_owned()),
        })
    }
}

/// Reads a value of a field table. Of a name that stands twice, the last counts.
#[derive(Clone, Copy)]
struct ValueSeed<'c>(&'c Context, Field);

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// JSON has larger whole numbers than AMQP.
fn unsigned(value: u64) -> Value {
    i64::try_from(value).map_or(Value::Double(value as f64), Value::Int)
}

impl<'de> Visitor<'de> for ValueSeed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(unsigned(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Double(value))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(self.0.text(text, self.1)))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Void)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element_seed(Self(self.0, INSIDE))? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut table = Table::new();
        let inside = Self(self.0, INSIDE);
        while let Some(name) = map.next_key_seed(inside)? {
            let value = map.next_value_seed(inside)?;
            if let Value::Text(name) = name {
                table.insert(name, value);
            }
        }
        Ok(Value::Table(table.into()))
    }
}
