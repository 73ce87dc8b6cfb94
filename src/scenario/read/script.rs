//! The script: what is done besides publishing and consuming, and when.

use super::binding::{Ends, Side, ends};
use super::method::{self, CALLS};
use super::names::Names;
use super::{exchange, policy, queue, user};
use crate::broker::{Alarm, ExchangeSpec, Hangup, Method, Name, Operation, QueueSpec};
use crate::scenario::reader::{Fields, Phrase, Reader};
use crate::scenario::source::Span;
use crate::scenario::syntax::{Entry, Node, NodeKind};
use crate::t;
use crate::world::{Act, Deed};

/// What an operator does, and a client too.
const SHARED: [&str; 7] = [
    "declare_exchange",
    "delete_exchange",
    "declare_queue",
    "delete_queue",
    "purge",
    "bind",
    "unbind",
];

/// What only an operator does, and what happens to connections.
const OPERATIONS: [&str; 11] = [
    "set_policy",
    "clear_policy",
    "set_user",
    "alarm",
    "clear_alarm",
    "stop",
    "start",
    "connect",
    "close",
    "lose",
    "kill",
];

/// What only a publisher does, though it is a method.
const PUBLISH: &str = "publish";

pub(super) fn script(node: &Node, names: &Names, reader: &mut Reader<'_>) -> Vec<Act> {
    let acts = reader.list(node, || t!("file-wanted-script")).iter();
    acts.filter_map(|item| act(item, names, reader)).collect()
}

fn act(node: &Node, names: &Names, reader: &mut Reader<'_>) -> Option<Act> {
    let span = Span {
        end: node.span.start + 1,
        ..node.span
    };
    let mut fields = reader.fields(node, || t!("file-owner-act"), span)?;
    let at = reader.required(&mut fields, "at", "\"3s\"");
    let at = at.and_then(|node| reader.duration(node));
    let by = fields.get("by");
    let every = SHARED.iter().chain(&OPERATIONS).chain(&CALLS);
    let every = every.chain(&[PUBLISH]);
    let written: Vec<&Entry> = every.filter_map(|name| fields.entry(name)).collect();
    let deed = match (written.as_slice(), by) {
        ([entry], Some(by)) => {
            let connection = names.connection(by, reader);
            let method = call(entry, names, reader);
            connection
                .zip(method)
                .map(|(connection, method)| Deed::Call { connection, method })
        }
        ([entry], None) if entry.name == "connect" => {
            let user = fields.get("user").map(|node| names.user(node, reader));
            let connection = names.connection(&entry.value, reader);
            match (connection, user) {
                (None, _) | (_, Some(None)) => None,
                (Some(connection), user) => Some(Deed::Connect {
                    connection,
                    user: user.flatten(),
                }),
            }
        }
        ([entry], None) => deed(entry, names, reader),
        // A deed that is misspelt is told as an unknown field.
        ([], _) if fields.has_unknown() => None,
        ([], _) => {
            reader.report(span, t!("file-no-deed"), t!("file-no-deed-hint"));
            None
        }
        ([_, second, ..], _) => {
            reader.report(
                second.name_span,
                t!("file-two-deeds"),
                t!("file-two-deeds-hint"),
            );
            None
        }
    };
    reader.finish(fields);
    Some(Act {
        at: at?,
        deed: deed?,
    })
}

/// A method that a connection calls.
fn call(entry: &Entry, names: &Names, reader: &mut Reader<'_>) -> Option<Method> {
    if entry.name == PUBLISH {
        report_publish(entry, reader);
        return None;
    }
    if OPERATIONS.contains(&entry.name.as_str()) {
        let what = t!("file-not-by-client", deed = entry.name.as_str());
        reader.report(entry.name_span, what, t!("file-not-by-client-hint"));
        return None;
    }
    method::method(entry, names, reader)
}

/// A message belongs to a publisher, who knows it again when it is returned or confirmed.
fn report_publish(entry: &Entry, reader: &mut Reader<'_>) {
    let (what, hint) = (t!("file-script-publish"), t!("file-script-publish-hint"));
    reader.report(entry.name_span, what, hint);
}

/// What is done without a client.
fn deed(entry: &Entry, names: &Names, reader: &mut Reader<'_>) -> Option<Deed> {
    let node = &entry.value;
    let connection = |reader: &mut Reader<'_>| names.connection(node, reader);
    let hangup = |how, reader: &mut Reader<'_>| {
        connection(reader).map(|connection| Deed::Disconnect { connection, how })
    };
    match entry.name.as_str() {
        "close" => hangup(Hangup::ByClient, reader),
        "lose" => hangup(Hangup::Lost, reader),
        "kill" => hangup(Hangup::ByOperator, reader),
        PUBLISH => {
            report_publish(entry, reader);
            None
        }
        name if CALLS.contains(&name) => {
            let what = t!("file-only-by-client", deed = name);
            reader.report(entry.name_span, what, t!("file-only-by-client-hint"));
            None
        }
        _ => operation(entry, names, reader).map(Deed::Operate),
    }
}

fn operation(entry: &Entry, names: &Names, reader: &mut Reader<'_>) -> Option<Operation> {
    let node = &entry.value;
    match entry.name.as_str() {
        "declare_exchange" => {
            let (spec, _) = declared_exchange(entry, Side::Operator, names, reader)?;
            Some(Operation::DeclareExchange(spec))
        }
        "delete_exchange" => names.exchange(node, reader).map(Operation::DeleteExchange),
        "declare_queue" => {
            let (spec, _) = declared_queue(entry, Side::Operator, names, reader)?;
            Some(Operation::DeclareQueue(spec))
        }
        "delete_queue" => names.queue(node, reader).map(Operation::DeleteQueue),
        "purge" => names.queue(node, reader).map(Operation::PurgeQueue),
        "bind" | "unbind" => {
            let mut fields = reader.fields(node, || t!("file-owner-binding"), entry.name_span)?;
            let ends = ends(&mut fields, Side::Operator, names, reader);
            reader.finish(fields);
            let Ends {
                source,
                destination,
                key,
                arguments,
            } = ends?;
            Some(match entry.name.as_str() {
                "bind" => Operation::Bind {
                    source,
                    destination,
                    key,
                    arguments,
                },
                _ => Operation::Unbind {
                    source,
                    destination,
                    key,
                    arguments,
                },
            })
        }
        "set_policy" => {
            let (name, mut fields) = with_name(entry, || t!("file-owner-policy"), reader)?;
            let operator = reader.flag_in(&mut fields, "operator");
            let spec = policy::spec(name, operator, &mut fields, reader);
            reader.finish(fields);
            spec.map(Operation::SetPolicy)
        }
        "clear_policy" => {
            let (name, fields) = named(entry, || t!("file-owner-policy"), reader)?;
            let mut operator = false;
            if let Some(mut fields) = fields {
                operator = reader.flag_in(&mut fields, "operator");
                reader.finish(fields);
            }
            Some(Operation::ClearPolicy { name, operator })
        }
        "set_user" => {
            let (name, mut fields) = with_name(entry, || t!("file-owner-user"), reader)?;
            let spec = user::spec(name, &mut fields, names, reader);
            reader.finish(fields);
            Some(Operation::SetUser(spec))
        }
        "alarm" => alarm(node, reader).map(Operation::RaiseAlarm),
        "clear_alarm" => alarm(node, reader).map(Operation::ClearAlarm),
        "stop" => {
            let choices = [("clean", true), ("crash", false)];
            let clean =
                reader.choice(node, &choices, |found| t!("file-no-choice", found = found))?;
            Some(Operation::Stop { clean })
        }
        _ => {
            nothing(node, reader);
            Some(Operation::Start)
        }
    }
}

fn alarm(node: &Node, reader: &mut Reader<'_>) -> Option<Alarm> {
    let choices = [("memory", Alarm::Memory), ("disk", Alarm::Disk)];
    reader.choice(node, &choices, |found| t!("file-no-choice", found = found))
}

/// A queue to declare, and whether a client asks only if it exists.
pub(super) fn declared_queue(
    entry: &Entry,
    side: Side,
    names: &Names,
    reader: &mut Reader<'_>,
) -> Option<(QueueSpec, bool)> {
    let (name, fields) = named(entry, || t!("file-owner-queue"), reader)?;
    let Some(mut fields) = fields else {
        return Some((QueueSpec::new(name), false));
    };
    let passive = side == Side::Client && reader.flag_in(&mut fields, "passive");
    let spec = queue::spec(name, &mut fields, names, reader);
    reader.finish(fields);
    Some((spec, passive))
}

/// An exchange to declare, and whether a client asks only if it exists.
pub(super) fn declared_exchange(
    entry: &Entry,
    side: Side,
    names: &Names,
    reader: &mut Reader<'_>,
) -> Option<(ExchangeSpec, bool)> {
    let (name, mut fields) = with_name(entry, || t!("file-owner-exchange"), reader)?;
    let passive = side == Side::Client && reader.flag_in(&mut fields, "passive");
    let spec = exchange::spec(name, &mut fields, names, reader);
    reader.finish(fields);
    spec.map(|spec| (spec, passive))
}

/// The `()` of a deed that needs nothing more said.
pub(super) fn nothing(node: &Node, reader: &mut Reader<'_>) {
    if !matches!(&node.kind, NodeKind::Group(items) if items.is_empty()) {
        reader.wrong_type(node, || "`()`".to_owned());
    }
}

/// `"work"`, or `(name: "work", …)` with the fields that come after the name.
pub(super) fn named<'t>(
    entry: &'t Entry,
    owner: Phrase,
    reader: &mut Reader<'_>,
) -> Option<(Name, Option<Fields<'t>>)> {
    if matches!(entry.value.kind, NodeKind::Text(_)) {
        let name = reader.name(&entry.value, || t!("file-wanted-text"))?;
        return Some((name, None));
    }
    with_name(entry, owner, reader).map(|(name, fields)| (name, Some(fields)))
}

/// `(name: "work", …)`.
pub(super) fn with_name<'t>(
    entry: &'t Entry,
    owner: Phrase,
    reader: &mut Reader<'_>,
) -> Option<(Name, Fields<'t>)> {
    let mut fields = reader.fields(&entry.value, owner, entry.name_span)?;
    let name = reader.required(&mut fields, "name", "\"work\"");
    let name = name.and_then(|node| reader.name(node, || t!("file-wanted-text")));
    Some((name.unwrap_or_default(), fields))
}
