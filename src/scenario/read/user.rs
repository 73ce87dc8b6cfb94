//! Users and what they may do (C18).

use super::names::Names;
use crate::broker::{Name, PermissionsSpec, TopicPermissionSpec, UserSpec};
use crate::scenario::reader::{Fields, Reader};
use crate::scenario::syntax::Node;
use crate::t;

/// A pattern that no name matches.
pub(in crate::scenario) const NOTHING: &str = "^$";

/// `{"ann": (configure: "^ann", write: ".*", read: ".*")}`.
pub(super) fn users(node: &Node, names: &mut Names, reader: &mut Reader<'_>) -> Vec<UserSpec> {
    let mut users = Vec::new();
    for (name, entry) in reader.declarations(node, || t!("file-wanted-users")) {
        names.place("user", name.clone(), entry.name_span);
        let owner = || t!("file-owner-user");
        if let Some(mut fields) = reader.fields(&entry.value, owner, entry.name_span) {
            users.push(spec(name, &mut fields, names, reader));
            reader.finish(fields);
        }
    }
    users
}

/// What a user is besides its name.
pub(super) fn spec(
    name: Name,
    fields: &mut Fields<'_>,
    names: &Names,
    reader: &mut Reader<'_>,
) -> UserSpec {
    let tags = fields
        .get("tags")
        .map_or(&[][..], |node| reader.list(node, || t!("file-wanted-tags")));
    let tags = tags.iter();
    let tags = tags.filter_map(|tag| reader.name(tag, || t!("file-wanted-text")));
    let tags = tags.collect();
    let [configure, write, read] = patterns(fields, ["configure", "write", "read"], reader);
    let given = [&configure, &write, &read].into_iter().any(Option::is_some);
    let permissions = given.then(|| PermissionsSpec {
        configure: configure.unwrap_or_else(|| NOTHING.into()),
        write: write.unwrap_or_else(|| NOTHING.into()),
        read: read.unwrap_or_else(|| NOTHING.into()),
    });
    UserSpec {
        name,
        tags,
        permissions,
        topic_permissions: topics(fields, names, reader),
    }
}

/// `topics: {"logs": (write: "^web", read: ".*")}`.
fn topics(
    fields: &mut Fields<'_>,
    names: &Names,
    reader: &mut Reader<'_>,
) -> Vec<TopicPermissionSpec> {
    let mut topics = Vec::new();
    let Some(node) = fields.get("topics") else {
        return topics;
    };
    let wanted = || t!("file-wanted-topics");
    for entry in reader.entries(node, wanted).unwrap_or_default() {
        let exchange = names.exchange_named(&entry.name, entry.name_span, reader);
        let owner = || t!("file-owner-topics");
        let Some(mut fields) = reader.fields(&entry.value, owner, entry.name_span) else {
            continue;
        };
        let [write, read] = patterns(&mut fields, ["write", "read"], reader);
        reader.finish(fields);
        topics.extend(exchange.map(|exchange| TopicPermissionSpec {
            exchange,
            write: write.unwrap_or_else(|| NOTHING.into()),
            read: read.unwrap_or_else(|| NOTHING.into()),
        }));
    }
    topics
}

fn patterns<const N: usize>(
    fields: &mut Fields<'_>,
    which: [&'static str; N],
    reader: &mut Reader<'_>,
) -> [Option<Name>; N] {
    which.map(|name| {
        let node = fields.get(name)?;
        reader.name(node, || t!("file-wanted-pattern"))
    })
}
