//! What a file speaks of and does not list. An import fails on it, unless the broker has it already.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Document, Entry};
use super::fault::{Path, locate};
use super::vhost::DEFAULT;
use crate::broker::{Name, PREDECLARED};
use crate::scenario::source::Source;
use crate::t;
use crate::world::GUEST;

/// More than anyone reads; the rest is only counted.
const MOST: usize = 20;

/// Where a name stands for the first time, and how often it does.
type Found = BTreeMap<(&'static str, Name), (Path, usize)>;

/// Tells of the users, virtual hosts and exchanges that a file speaks of and does not list; `text` is the file's.
pub(super) fn unlisted(text: &str, document: &Document) -> Vec<String> {
    let mut found = Found::new();
    users(document, &mut found);
    if !document.is_of_one_vhost() {
        vhosts(document, &mut found);
    }
    exchanges(document, &mut found);
    let source = Source::new(text);
    let spans = locate(text, found.values().map(|(path, _)| *path));
    let more = found.len().saturating_sub(MOST);
    let mut told: Vec<String> = found
        .iter()
        .take(MOST)
        .map(|((kind, name), (path, count))| {
            let place = spans.get(path).map(|span| source.place(span.start));
            let place = place.unwrap_or_default();
            t!(
                "definitions-unlisted",
                line = place.line,
                column = place.column,
                path = path.to_string(),
                kind = *kind,
                name = name.as_str(),
                more = count.saturating_sub(1)
            )
        })
        .collect();
    if more > 0 {
        told.push(t!("definitions-more", count = more));
    }
    told
}

/// Permissions of users that are not there. Every broker begins with `guest`.
fn users(document: &Document, found: &mut Found) {
    let mut there: BTreeSet<&str> = [GUEST].into();
    there.extend(document.users.iter().map(|user| user.item.name.as_str()));
    let permissions = document.permissions.iter().map(|entry| &entry.item.user);
    let topics = document.topic_permissions.iter();
    let topics = topics.map(|entry| &entry.item.user);
    note(("permissions", "user"), permissions, &there, found);
    note(("topic_permissions", "user"), topics, &there, found);
}

/// Things in virtual hosts that are not there. Every broker begins with `/`.
fn vhosts(document: &Document, found: &mut Found) {
    let mut there: BTreeSet<&str> = [DEFAULT].into();
    there.extend(document.vhosts.iter().map(|vhost| vhost.item.name.as_str()));
    let mut of = |section, names: Vec<&Option<Name>>| {
        let names = names.into_iter().enumerate();
        let named = names.filter_map(|(index, name)| Some((index, name.as_ref()?)));
        for (index, name) in named {
            add((section, "vhost"), index, name, &there, found);
        }
    };
    of("permissions", named(&document.permissions));
    of("topic_permissions", named(&document.topic_permissions));
    of("exchanges", named(&document.exchanges));
    of("policies", named(&document.policies));
    of("parameters", named(&document.parameters));
    of("queues", named(&document.queues));
    of("bindings", named(&document.bindings));
}

fn named<T>(entries: &[Entry<T>]) -> Vec<&Option<Name>> {
    entries.iter().map(|entry| &entry.vhost).collect()
}

/// Topic permissions for exchanges that are not there, which an import does not take from 4.3 on.
fn exchanges(document: &Document, found: &mut Found) {
    let there: BTreeSet<(Option<&Name>, Name)> = document
        .exchanges
        .iter()
        .map(|entry| (entry.vhost.as_ref(), entry.item.name.without_breaks()))
        .collect();
    for (index, entry) in document.topic_permissions.iter().enumerate() {
        let name = entry.item.exchange.without_breaks();
        let is_own = PREDECLARED.iter().any(|(own, _)| name == *own);
        if !is_own && !there.contains(&(entry.vhost.as_ref(), name.clone())) {
            let none = BTreeSet::new();
            let at = ("topic_permissions", "exchange");
            add(at, index, &name, &none, found);
        }
    }
}

fn note<'n>(
    at: (&'static str, &'static str),
    names: impl Iterator<Item = &'n Name>,
    there: &BTreeSet<&str>,
    found: &mut Found,
) {
    for (index, name) in names.enumerate() {
        add(at, index, name, there, found);
    }
}

/// Notes a name that is not there.
fn add(
    (section, field): (&'static str, &'static str),
    index: usize,
    name: &Name,
    there: &BTreeSet<&str>,
    found: &mut Found,
) {
    if there.contains(name.as_str()) {
        return;
    }
    let path = Path {
        section,
        index: Some(index),
        field,
    };
    let first = found.entry((field, name.clone())).or_insert((path, 0));
    first.1 += 1;
}
