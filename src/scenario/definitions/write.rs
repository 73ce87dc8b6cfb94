//! From the document to a text, in RabbitMQ's order.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value as Json;

use super::document::{
    Binding, Document, Entry, Exchange, Extra, GlobalParameter, Parameter, Permission, Queue,
    TopicPermission, User, VirtualHost,
};
use crate::broker::{Name, PolicySpec, Target};

impl Document {
    /// The document as a file.
    pub fn to_json(&self) -> String {
        // Neither keys nor values are of a kind that JSON could not hold.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in &self.head {
            map.serialize_entry(key, value)?;
        }
        let of_cluster = !self.is_of_one_vhost();
        // A file of one virtual host has no lists of what is the cluster's (O14).
        if of_cluster || !self.users.is_empty() {
            map.serialize_entry("users", &self.users)?;
        }
        if of_cluster {
            map.serialize_entry("vhosts", &self.vhosts)?;
        }
        if of_cluster || !self.permissions.is_empty() {
            map.serialize_entry("permissions", &self.permissions)?;
        }
        if of_cluster || !self.topic_permissions.is_empty() {
            map.serialize_entry("topic_permissions", &self.topic_permissions)?;
        }
        map.serialize_entry("parameters", &self.parameters)?;
        if of_cluster || !self.global_parameters.is_empty() {
            map.serialize_entry("global_parameters", &self.global_parameters)?;
        }
        map.serialize_entry("policies", &self.policies)?;
        map.serialize_entry("queues", &self.queues)?;
        map.serialize_entry("exchanges", &self.exchanges)?;
        map.serialize_entry("bindings", &self.bindings)?;
        map.end()
    }
}

/// The fields of a thing, in RabbitMQ's order.
trait Fields {
    fn write<M: SerializeMap>(&self, vhost: Option<&Name>, map: &mut M) -> Result<(), M::Error>;
}

impl<T: Fields> Serialize for Entry<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.item.write(self.vhost.as_ref(), &mut map)?;
        for (key, value) in extra(&self.extra) {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

fn extra(extra: &Extra) -> impl Iterator<Item = (&String, &Json)> {
    extra.iter().flat_map(|fields| fields.iter())
}

fn write_vhost<M: SerializeMap>(vhost: Option<&Name>, map: &mut M) -> Result<(), M::Error> {
    match vhost {
        Some(vhost) => map.serialize_entry("vhost", vhost),
        None => Ok(()),
    }
}

impl Fields for User {
    fn write<M: SerializeMap>(&self, _: Option<&Name>, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("name", &self.name)?;
        map.serialize_entry("tags", &self.tags)
    }
}

impl Fields for VirtualHost {
    fn write<M: SerializeMap>(&self, _: Option<&Name>, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("name", &self.name)?;
        match &self.default_queue_type {
            Some(kind) => map.serialize_entry("default_queue_type", kind),
            None => Ok(()),
        }
    }
}

impl Fields for Permission {
    fn write<M: SerializeMap>(&self, vhost: Option<&Name>, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("user", &self.user)?;
        write_vhost(vhost, map)?;
        map.serialize_entry("configure", &self.configure)?;
        map.serialize_entry("write", &self.write)?;
        map.serialize_entry("read", &self.read)
    }
}

impl Fields for TopicPermission {
    fn write<M: SerializeMap>(&self, vhost: Option<&Name>, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("user", &self.user)?;
        write_vhost(vhost, map)?;
        map.serialize_entry("exchange", &self.exchange)?;
        map.serialize_entry("write", &self.write)?;
        map.serialize_entry("read", &self.read)
    }
}

impl Fields for Parameter {
    fn write<M: SerializeMap>(&self, vhost: Option<&Name>, map: &mut M) -> Result<(), M::Error> {
        write_vhost(vhost, map)?;
        map.serialize_entry("component", &self.component)?;
        map.serialize_entry("name", &self.name)
    }
}

impl Fields for GlobalParameter {
    fn write<M: SerializeMap>(&self, _: Option<&Name>, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("name", &self.name)
    }
}

impl Fields for PolicySpec {
    fn write<M: SerializeMap>(&self, vhost: Option<&Name>, map: &mut M) -> Result<(), M::Error> {
        write_vhost(vhost, map)?;
        map.serialize_entry("name", &self.name)?;
        map.serialize_entry("pattern", &self.pattern)?;
        map.serialize_entry("apply-to", self.apply_to.as_str())?;
        map.serialize_entry("priority", &self.priority)?;
        map.serialize_entry("definition", &self.definition)
    }
}

impl Fields for Queue {
    fn write<M: SerializeMap>(&self, vhost: Option<&Name>, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("name", &self.name)?;
        write_vhost(vhost, map)?;
        if let Some(kind) = &self.kind {
            map.serialize_entry("type", kind)?;
        }
        map.serialize_entry("durable", &self.durable)?;
        map.serialize_entry("auto_delete", &self.auto_delete)?;
        map.serialize_entry("arguments", &self.arguments)
    }
}

impl Fields for Exchange {
    fn write<M: SerializeMap>(&self, vhost: Option<&Name>, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("name", &self.name)?;
        write_vhost(vhost, map)?;
        map.serialize_entry("type", self.kind.as_str())?;
        map.serialize_entry("durable", &self.durable)?;
        map.serialize_entry("auto_delete", &self.auto_delete)?;
        map.serialize_entry("internal", &self.internal)?;
        map.serialize_entry("arguments", &self.arguments)
    }
}

impl Fields for Binding {
    fn write<M: SerializeMap>(&self, vhost: Option<&Name>, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("source", &self.source)?;
        write_vhost(vhost, map)?;
        let (destination, kind) = match &self.destination {
            Target::Queue(queue) => (queue, "queue"),
            Target::Exchange(exchange) => (exchange, "exchange"),
        };
        map.serialize_entry("destination", destination)?;
        map.serialize_entry("destination_type", kind)?;
        map.serialize_entry("routing_key", &self.key)?;
        map.serialize_entry("arguments", &self.arguments)
    }
}
