//! Whom connections log in as.

use std::collections::BTreeMap;

use super::names::{entries, part, text};
use crate::scenario::reader::{Fields, Reader};
use crate::scenario::syntax::{Entry, Node};
use crate::t;

/// Notes actors on one connection that log in as different users: a connection has one (C6).
pub(super) fn check(fields: &mut Fields<'_>, reader: &mut Reader<'_>) {
    let actors = [fields.get("publishers"), fields.get("consumers")].map(entries);
    let actors = actors.into_iter().flatten();
    let connection = |actor: &&Entry| part(&actor.value, "connection").is_some();
    let (sharing, own): (Vec<_>, Vec<_>) = actors.partition(connection);
    // A publisher and a consumer of the same name have a connection each; by that name the first is meant.
    let mut connections: BTreeMap<&str, Option<&Node>> = BTreeMap::new();
    for actor in own {
        connections
            .entry(&actor.name)
            .or_insert_with(|| part(&actor.value, "user"));
    }
    for actor in sharing {
        let name = part(&actor.value, "connection").and_then(text);
        let (Some(name), Some(node)) = (name, part(&actor.value, "user")) else {
            continue;
        };
        let first = *connections.entry(name).or_default().get_or_insert(node);
        let (Some(before), Some(user)) = (text(first), text(node)) else {
            continue;
        };
        if before != user {
            let what = t!(
                "file-two-users",
                connection = name,
                user = user,
                before = before
            );
            let line = reader.source().place(first.span.start).line;
            reader.report(node.span, what, t!("file-two-users-hint", line = line));
        }
    }
}
