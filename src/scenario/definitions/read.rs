//! From a text to the document.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;

use super::broken::broken;
use super::document::{Document, Entry};
use super::fault::{Faults, Path};
use super::fields::{Context, EntrySeed, Section};
use super::shape::{MARKS, SECTIONS};
use crate::scenario::error::LoadError;
use crate::t;

/// Reads a definitions file; `name` is for errors.
///
/// # Errors
/// Where it is no JSON, the first place at which it is none; else everything that is of the wrong type or missing.
pub fn read(name: &str, text: &str) -> Result<Document, LoadError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let context = Context::default();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = DocumentSeed(&context)
        .deserialize(&mut deserializer)
        .and_then(|document| deserializer.end().map(|()| document));
    match read {
        Err(error) => Err(LoadError::Faulty {
            file: name.to_owned(),
            problems: vec![broken(text, &error, context.faults.path())],
            left_out: 0,
        }),
        Ok(document) => {
            check(&document, &context.faults);
            faultless(name, text, context.faults).map(|()| document)
        }
    }
}

/// An error if there are faults.
pub(super) fn faultless(name: &str, text: &str, faults: Faults) -> Result<(), LoadError> {
    if faults.is_empty() {
        return Ok(());
    }
    let (problems, left_out) = faults.into_problems(text);
    Err(LoadError::Faulty {
        file: name.to_owned(),
        problems,
        left_out,
    })
}

/// What only the whole shows.
fn check(document: &Document, faults: &Faults) {
    let is_marked = |key: &String| MARKS.contains(&key.as_str());
    let head = &document.head;
    if faults.is_empty() && document.is_empty() && !head.is_empty() && !head.keys().any(is_marked) {
        let what = t!("definitions-nothing-known");
        let hint = t!("definitions-nothing-known-hint");
        faults.report_at(Path::default(), what, hint);
    }
    if !document.is_of_one_vhost() {
        // O14
        all_named("parameters", &document.parameters, faults);
        all_named("policies", &document.policies, faults);
        all_named("queues", &document.queues, faults);
        all_named("exchanges", &document.exchanges, faults);
        all_named("bindings", &document.bindings, faults);
    }
}

/// Notes the things that do not say in which virtual host they are.
fn all_named<T>(section: &'static str, entries: &[Entry<T>], faults: &Faults) {
    for (index, entry) in entries.iter().enumerate() {
        // What was of the wrong type has been told. Numbers of things hold only where none was left out.
        if entry.vhost.is_none() && faults.is_empty() {
            let path = Path {
                section,
                index: Some(index),
                field: "vhost",
            };
            let what = t!("definitions-no-vhost");
            faults.report_at(path, what, t!("definitions-no-vhost-hint"));
        }
    }
}

struct DocumentSeed<'c>(&'c Context);

impl<'de> DeserializeSeed<'de> for DocumentSeed<'_> {
    type Value = Document;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Document, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for DocumentSeed<'_> {
    type Value = Document;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Document, A::Error> {
        let Self(context) = self;
        let mut document = Document::default();
        while let Some(key) = map.next_key::<String>()? {
            let section = SECTIONS.iter().find(|section| **section == key);
            context.faults.section.set(section.copied().unwrap_or(""));
            let map = &mut map;
            // A list that stands twice counts as it stands last.
            match key.as_str() {
                "users" => document.users = list(context, map)?,
                "vhosts" => document.vhosts = list(context, map)?,
                "permissions" => document.permissions = list(context, map)?,
                "topic_permissions" => document.topic_permissions = list(context, map)?,
                "parameters" => document.parameters = list(context, map)?,
                "global_parameters" => document.global_parameters = list(context, map)?,
                "policies" => document.policies = list(context, map)?,
                "queues" => document.queues = list(context, map)?,
                "exchanges" => document.exchanges = list(context, map)?,
                "bindings" => document.bindings = list(context, map)?,
                _ => {
                    let value: Json = map.next_value()?;
                    document.head.insert(key, value);
                }
            }
            context.faults.section.set("");
        }
        Ok(document)
    }
}

fn list<'de, T: Section, A: MapAccess<'de>>(
    context: &Context,
    map: &mut A,
) -> Result<Vec<Entry<T>>, A::Error> {
    map.next_value_seed(ListSeed(context, PhantomData))
}

/// Reads a list of things.
struct ListSeed<'c, T>(&'c Context, PhantomData<T>);

impl<'de, T: Section> DeserializeSeed<'de> for ListSeed<'_, T> {
    type Value = Vec<Entry<T>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<T> ListSeed<'_, T> {
    /// Notes that there is no list.
    fn instead(&self) -> Vec<Entry<T>> {
        let faults = &self.0.faults;
        let what = t!("definitions-no-list");
        faults.report(
            "",
            what,
            t!("definitions-no-list-hint", section = faults.path().section),
        );
        Vec::new()
    }
}

impl<'de, T: Section> Visitor<'de> for ListSeed<'_, T> {
    type Value = Vec<Entry<T>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let Self(context, thing) = self;
        let mut entries = Vec::new();
        for index in 0.. {
            context.faults.index.set(Some(index));
            let Some(entry) = seq.next_element_seed(EntrySeed { context, thing })? else {
                break;
            };
            entries.extend(entry);
        }
        context.faults.index.set(None);
        Ok(entries)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(self.instead())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(self.instead())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(self.instead())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(self.instead())
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(self.instead())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(self.instead())
    }
}
