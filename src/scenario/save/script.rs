//! The script, and what stands in it as it stands elsewhere: policies and users.

use super::actors::content;
use super::text::{Fields, duration, quoted, table};
use super::topology::Known;
use crate::broker::{
    Alarm, ApplyTo, Hangup, Method, Name, Operation, PolicySpec, Target, UserSpec,
};
use crate::scenario::arguments::OF_CONSUMERS;
use crate::world::{Act, Deed};

pub(super) fn act(act: &Act, known: &Known<'_>) -> String {
    let mut fields = Fields::default();
    fields.add("at", duration(act.at));
    match &act.deed {
        // A comparison says it as a fault, and no other file has services.
        Deed::Change { .. } => {}
        Deed::Operate(operation) => operate(operation, known, &mut fields),
        Deed::Call { connection, method } => {
            fields.add("by", quoted(connection));
            call(method, known, &mut fields);
        }
        Deed::Disconnect { connection, how } => {
            let deed = match how {
                Hangup::ByClient => "close",
                Hangup::Lost => "lose",
                Hangup::ByOperator => "kill",
            };
            fields.add(deed, quoted(connection));
        }
        Deed::Connect { connection, user } => {
            fields.add("connect", quoted(connection));
            if let Some(user) = user {
                fields.add("user", quoted(user));
            }
        }
    }
    fields.in_brackets()
}

fn operate(operation: &Operation, known: &Known<'_>, fields: &mut Fields) {
    let mut inner = Fields::default();
    match operation {
        Operation::DeclareExchange(spec) => {
            inner.add("name", quoted(&spec.name));
            known.exchange_fields(spec, &mut inner);
            fields.add("declare_exchange", inner.in_brackets());
        }
        Operation::DeleteExchange(name) => fields.add("delete_exchange", quoted(name)),
        Operation::DeclareQueue(spec) => {
            inner.add("name", quoted(&spec.name));
            known.queue_fields(spec, &mut inner);
            fields.add("declare_queue", inner.in_brackets());
        }
        Operation::DeleteQueue(name) => fields.add("delete_queue", quoted(name)),
        Operation::PurgeQueue(name) => fields.add("purge", quoted(name)),
        Operation::Bind {
            source,
            destination,
            key,
            arguments,
        } => {
            known.ends(source, destination, key, arguments, &mut inner);
            fields.add("bind", inner.in_brackets());
        }
        Operation::Unbind {
            source,
            destination,
            key,
            arguments,
        } => {
            known.ends(source, destination, key, arguments, &mut inner);
            fields.add("unbind", inner.in_brackets());
        }
        Operation::SetPolicy(spec) => {
            inner.add("name", quoted(&spec.name));
            inner.add_flag("operator", spec.operator);
            policy_fields(spec, &mut inner);
            fields.add("set_policy", inner.in_brackets());
        }
        Operation::ClearPolicy { name, operator } => {
            inner.add("name", quoted(name));
            inner.add_flag("operator", *operator);
            fields.add("clear_policy", inner.in_brackets());
        }
        Operation::SetUser(spec) => {
            inner.add("name", quoted(&spec.name));
            user_fields(spec, &mut inner);
            fields.add("set_user", inner.in_brackets());
        }
        Operation::RaiseAlarm(alarm) => fields.add("alarm", resource(*alarm)),
        Operation::ClearAlarm(alarm) => fields.add("clear_alarm", resource(*alarm)),
        Operation::Stop { clean } => fields.add("stop", if *clean { "clean" } else { "crash" }),
        Operation::Start => fields.add("start", "()"),
    }
}

fn resource(alarm: Alarm) -> &'static str {
    match alarm {
        Alarm::Memory => "memory",
        Alarm::Disk => "disk",
    }
}

fn call(method: &Method, known: &Known<'_>, fields: &mut Fields) {
    let mut inner = Fields::default();
    let deed = match method {
        Method::Close => return fields.add("close_channel", "()"),
        Method::Flow { active } => return fields.add("flow", active),
        Method::ConfirmSelect => return fields.add("confirm", "select"),
        Method::TxSelect => return fields.add("tx", "select"),
        Method::TxCommit => return fields.add("tx", "commit"),
        Method::TxRollback => return fields.add("tx", "rollback"),
        Method::PurgeQueue { queue } => return fields.add("purge", quoted(queue)),
        Method::Cancel { tag } => return fields.add("cancel", quoted(tag)),
        Method::DeclareExchange { spec, passive } => {
            inner.add("name", quoted(&spec.name));
            inner.add_flag("passive", *passive);
            known.exchange_fields(spec, &mut inner);
            "declare_exchange"
        }
        Method::DeclareQueue { spec, passive } => {
            inner.add("name", quoted(&spec.name));
            inner.add_flag("passive", *passive);
            known.queue_fields(spec, &mut inner);
            "declare_queue"
        }
        Method::DeleteExchange {
            exchange,
            if_unused,
        } => {
            inner.add("name", quoted(exchange));
            inner.add_flag("if_unused", *if_unused);
            "delete_exchange"
        }
        Method::DeleteQueue {
            queue,
            if_unused,
            if_empty,
        } => {
            inner.add("name", quoted(queue));
            inner.add_flag("if_unused", *if_unused);
            inner.add_flag("if_empty", *if_empty);
            "delete_queue"
        }
        Method::BindQueue {
            queue,
            source,
            key,
            arguments,
        } => {
            let target = Target::Queue(queue.clone());
            known.ends(source, &target, key, arguments, &mut inner);
            "bind"
        }
        Method::BindExchange {
            destination,
            source,
            key,
            arguments,
        } => {
            let target = Target::Exchange(destination.clone());
            known.ends(source, &target, key, arguments, &mut inner);
            "bind"
        }
        Method::UnbindQueue {
            queue,
            source,
            key,
            arguments,
        } => {
            let target = Target::Queue(queue.clone());
            known.ends(source, &target, key, arguments, &mut inner);
            "unbind"
        }
        Method::UnbindExchange {
            destination,
            source,
            key,
            arguments,
        } => {
            let target = Target::Exchange(destination.clone());
            known.ends(source, &target, key, arguments, &mut inner);
            "unbind"
        }
        Method::Qos {
            prefetch_size,
            prefetch,
            global,
        } => {
            inner.add("prefetch", prefetch);
            inner.add_flag("global", *global);
            if *prefetch_size != 0 {
                inner.add("size", prefetch_size);
            }
            "qos"
        }
        Method::Consume {
            queue,
            tag,
            no_ack,
            exclusive,
            arguments,
        } => {
            inner.add("queue", quoted(queue));
            if !tag.is_empty() {
                inner.add("tag", quoted(tag));
            }
            add_ack(*no_ack, &mut inner);
            inner.add_flag("exclusive", *exclusive);
            known.arguments(arguments, OF_CONSUMERS, &mut inner);
            "consume"
        }
        Method::Get { queue, no_ack } => {
            inner.add("queue", quoted(queue));
            add_ack(*no_ack, &mut inner);
            "get"
        }
        Method::Ack { tag, multiple } => {
            inner.add("tag", tag);
            inner.add_flag("multiple", *multiple);
            "ack"
        }
        Method::Nack {
            tag,
            multiple,
            requeue,
        } => {
            inner.add("tag", tag);
            inner.add_flag("multiple", *multiple);
            inner.add("requeue", requeue);
            "nack"
        }
        Method::Reject { tag, requeue } => {
            inner.add("tag", tag);
            inner.add("requeue", requeue);
            "reject"
        }
        Method::Recover { requeue } => {
            inner.add("requeue", requeue);
            "recover"
        }
        Method::Publish {
            message,
            mandatory,
            immediate,
        } => {
            let publication = &message.publication;
            inner.add("to", quoted(&publication.exchange));
            inner.add("key", quoted(&publication.routing_key));
            content(&publication.body, &publication.properties, &mut inner);
            inner.add_flag("mandatory", *mandatory);
            inner.add_flag("immediate", *immediate);
            "publish"
        }
    };
    fields.add(deed, inner.in_brackets());
}

fn add_ack(no_ack: bool, fields: &mut Fields) {
    if no_ack {
        fields.add("ack", "auto");
    }
}

pub(super) fn policy(spec: &PolicySpec) -> String {
    let mut fields = Fields::default();
    policy_fields(spec, &mut fields);
    format!("{}: {}", quoted(&spec.name), fields.in_brackets())
}

fn policy_fields(spec: &PolicySpec, fields: &mut Fields) {
    fields.add("pattern", quoted(&spec.pattern));
    if spec.apply_to != ApplyTo::default() {
        fields.add("apply_to", spec.apply_to.as_str());
    }
    if spec.priority != 0 {
        fields.add("priority", spec.priority);
    }
    fields.add("set", table(&spec.definition));
}

pub(super) fn user(spec: &UserSpec) -> String {
    let mut fields = Fields::default();
    user_fields(spec, &mut fields);
    format!("{}: {}", quoted(&spec.name), fields.in_brackets())
}

fn user_fields(spec: &UserSpec, fields: &mut Fields) {
    if !spec.tags.is_empty() {
        let tags: Vec<String> = spec.tags.iter().map(|tag| quoted(tag)).collect();
        fields.add("tags", format_args!("[{}]", tags.join(", ")));
    }
    if let Some(permissions) = &spec.permissions {
        fields.add("configure", quoted(&permissions.configure));
        add_patterns(&permissions.write, &permissions.read, fields);
    }
    if !spec.topic_permissions.is_empty() {
        let topics = spec.topic_permissions.iter().map(|topic| {
            let mut inner = Fields::default();
            add_patterns(&topic.write, &topic.read, &mut inner);
            format!("{}: {}", quoted(&topic.exchange), inner.in_brackets())
        });
        let topics: Vec<String> = topics.collect();
        fields.add("topics", format_args!("{{{}}}", topics.join(", ")));
    }
}

fn add_patterns(write: &Name, read: &Name, fields: &mut Fields) {
    fields.add("write", quoted(write));
    fields.add("read", quoted(read));
}
