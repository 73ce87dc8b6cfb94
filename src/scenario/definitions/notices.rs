//! What of a document does not act in the world, in words.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Document, Entry};
use super::fault::{Path, locate};
use super::unlisted::unlisted;
use super::vhost::used;
use crate::broker::Name;
use crate::scenario::source::Source;
use crate::t;

/// More of one kind than anyone reads; the rest is only counted.
const MOST: usize = 20;

/// Collects what is said once the whole document has been looked at.
#[derive(Default)]
pub(super) struct Notices {
    told: Vec<String>,
    more: usize,
    missing: Vec<(Path, &'static str, Name)>,
    more_missing: usize,
    left_out: BTreeMap<Name, usize>,
    components: BTreeMap<Name, usize>,
}

impl Notices {
    pub fn add(&mut self, notice: String) {
        if self.told.len() < MOST {
            self.told.push(notice);
        } else {
            self.more += 1;
        }
    }

    /// A binding names what the file has not.
    pub fn missing(&mut self, path: Path, what: &'static str, name: &Name) {
        if self.missing.len() < MOST {
            self.missing.push((path, what, name.clone()));
        } else {
            self.more_missing += 1;
        }
    }

    /// A binding is left out with an exchange or queue that is.
    pub fn left_out(&mut self, with: &Name) {
        *self.left_out.entry(with.clone()).or_default() += 1;
    }

    /// A parameter does not act.
    pub fn parameter(&mut self, component: &Name) {
        *self.components.entry(component.clone()).or_default() += 1;
    }

    /// All of them; `text` is the file's, for places in it.
    pub fn told(mut self, text: &str, document: &Document, vhost: &Name) -> Vec<String> {
        let mut told = std::mem::take(&mut self.told);
        if self.more > 0 {
            told.push(t!("definitions-more", count = self.more));
        }
        for (name, count) in &self.left_out {
            let name = name.as_str();
            told.push(t!("definitions-left-out", name = name, count = *count));
        }
        self.tell_missing(text, document, &mut told);
        told.extend(unlisted(text, document));
        for (component, count) in &self.components {
            let component = component.as_str();
            told.push(t!(
                "definitions-parameters",
                component = component,
                count = *count
            ));
        }
        tell_others(document, vhost, &mut told);
        told
    }

    fn tell_missing(&self, text: &str, document: &Document, told: &mut Vec<String>) {
        if self.missing.is_empty() {
            return;
        }
        let source = Source::new(text);
        let spans = locate(text, self.missing.iter().map(|(path, ..)| *path));
        for (path, what, name) in &self.missing {
            let place = spans.get(path).map(|span| source.place(span.start));
            let place = place.unwrap_or_default();
            let elsewhere = match *what {
                "queue" => has(&document.queues, |queue| queue.name == *name),
                _ => has(&document.exchanges, |exchange| exchange.name == *name),
            };
            told.push(t!(
                "definitions-missing",
                line = place.line,
                column = place.column,
                path = path.to_string(),
                kind = *what,
                name = name.as_str(),
                elsewhere = if elsewhere { "yes" } else { "no" }
            ));
        }
        if self.more_missing > 0 {
            told.push(t!("definitions-more-missing", count = self.more_missing));
        }
    }
}

fn has<T>(entries: &[Entry<T>], is_it: impl Fn(&T) -> bool) -> bool {
    entries.iter().any(|entry| is_it(&entry.item))
}

/// What of the rest of the file does nothing.
fn tell_others(document: &Document, vhost: &Name, told: &mut Vec<String>) {
    let mut others = used(document);
    others.remove(vhost);
    if !others.is_empty() {
        let names: Vec<_> = others.iter().map(|name| format!("`{name}`")).collect();
        told.push(t!("definitions-other-vhosts", names = names.join(", ")));
    }
    let has_password = |extra: &serde_json::Map<_, _>| extra.contains_key("password_hash");
    let extras = document.users.iter().filter_map(|user| user.extra.as_ref());
    if extras.clone().any(|extra| has_password(extra)) {
        told.push(t!("definitions-passwords"));
    }
    let vhosts = document.vhosts.iter();
    let mut extras = extras.chain(vhosts.filter_map(|vhost| vhost.extra.as_ref()));
    if extras.any(|extra| extra.get("limits").is_some_and(is_something)) {
        told.push(t!("definitions-limits"));
    }
    let globals = &document.global_parameters;
    if !globals.is_empty() {
        told.push(t!("definitions-globals", count = globals.len()));
    }
    let unknown = unknown(document);
    if !unknown.is_empty() {
        let names: Vec<_> = unknown.iter().map(|name| format!("`{name}`")).collect();
        told.push(t!("definitions-unknown", names = names.join(", ")));
    }
}

fn is_something(limits: &serde_json::Value) -> bool {
    match limits {
        serde_json::Value::Object(limits) => !limits.is_empty(),
        serde_json::Value::Array(limits) => !limits.is_empty(),
        _ => false,
    }
}

/// The fields that RabbitMQ has not either: most likely slips.
fn unknown(document: &Document) -> BTreeSet<String> {
    let mut unknown = BTreeSet::new();
    let head = [
        "rabbit_version",
        "rabbitmq_version",
        "product_name",
        "product_version",
        "rabbitmq_definition_format",
        "original_cluster_name",
        "original_vhost_name",
        "explanation",
        "metadata",
        "description",
        "default_queue_type",
        "limits",
    ];
    let keys = document.head.keys().map(String::as_str);
    unknown.extend(keys.filter(|key| !head.contains(key)).map(str::to_owned));
    let user = ["password_hash", "password", "hashing_algorithm", "limits"];
    fields("users", &document.users, &user, &mut unknown);
    let vhost = ["description", "tags", "metadata", "limits", "tracing"];
    fields("vhosts", &document.vhosts, &vhost, &mut unknown);
    fields("permissions", &document.permissions, &[], &mut unknown);
    let topics = &document.topic_permissions;
    fields("topic_permissions", topics, &[], &mut unknown);
    fields("parameters", &document.parameters, &["value"], &mut unknown);
    let globals = &document.global_parameters;
    fields("global_parameters", globals, &["value"], &mut unknown);
    fields("policies", &document.policies, &[], &mut unknown);
    fields("queues", &document.queues, &[], &mut unknown);
    fields("exchanges", &document.exchanges, &["policy"], &mut unknown);
    fields(
        "bindings",
        &document.bindings,
        &["properties_key"],
        &mut unknown,
    );
    unknown
}

fn fields<T>(section: &str, entries: &[Entry<T>], known: &[&str], unknown: &mut BTreeSet<String>) {
    for extra in entries.iter().filter_map(|entry| entry.extra.as_ref()) {
        for key in extra.keys().filter(|key| !known.contains(&key.as_str())) {
            if unknown.len() < MOST {
                unknown.insert(format!("{section}[].{key}"));
            }
        }
    }
}
