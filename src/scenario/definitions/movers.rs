//! Which queues and exchanges of a document's virtual host shovels and links of federation read (E48).

use serde_json::{Map, Value as Json};

use super::document::Document;
use crate::broker::{
    ApplyTo, ExchangeSpec, Name, PolicySet, PolicySpec, Profile, QueueKind, QueueSpec, Table,
    Target, Value, kind_of,
};
use crate::t;
use crate::words::exchange_name;
use crate::world::{MoverKind, MoverSetup};

/// A shovel's component.
const SHOVEL: &str = "shovel";
/// That of an upstream, which is another broker whose messages come here.
const UPSTREAM: &str = "federation-upstream";
/// That of several of them under one name.
const UPSTREAM_SET: &str = "federation-upstream-set";
/// Components that are looked at here.
pub(super) const MOVING: [&str; 3] = [SHOVEL, UPSTREAM, UPSTREAM_SET];

/// What there is of a virtual host.
type There<'t> = (&'t [Option<ExchangeSpec>], &'t [Option<QueueSpec>]);

/// All that reads something of the virtual host.
pub(super) fn movers(
    document: &Document,
    vhost: &Name,
    profile: Profile,
    (exchanges, queues): (&Vec<Option<ExchangeSpec>>, &Vec<Option<QueueSpec>>),
) -> Vec<MoverSetup> {
    let there = (&exchanges[..], &queues[..]);
    let mut movers = shovels(document, vhost, there);
    movers.extend(federated(document, vhost, profile, there));
    movers.extend(upstreams_of_others(document, vhost, profile, there));
    movers
}

/// A parameter of a component, with its virtual host, its name and its value.
fn parameters<'d>(
    document: &'d Document,
    component: &'static str,
) -> impl Iterator<Item = (Option<&'d Name>, &'d Name, &'d Map<String, Json>)> {
    let entries = document.parameters.iter();
    entries
        .filter(move |entry| entry.item.component == component)
        .filter_map(|entry| {
            let value = entry.extra.as_ref()?.get("value")?.as_object()?;
            Some((entry.vhost.as_ref(), &entry.item.name, value))
        })
}

fn text<'v>(value: &'v Map<String, Json>, key: &str) -> &'v str {
    value.get(key).and_then(Json::as_str).unwrap_or_default()
}

fn is_there((exchanges, queues): There<'_>, thing: &Target) -> bool {
    match thing {
        Target::Queue(name) => queues.iter().flatten().any(|it| it.name == *name),
        Target::Exchange(name) => {
            let declared = exchanges.iter().flatten().any(|it| it.name == *name);
            declared || name.starts_with("amq.")
        }
    }
}

/// The shovels whose source is in the virtual host, or may be.
fn shovels(document: &Document, vhost: &Name, there: There<'_>) -> Vec<MoverSetup> {
    let mut found = Vec::new();
    for (of, name, value) in parameters(document, SHOVEL) {
        let source = place(value, "src");
        let Some(thing) = source.filter(|thing| is_there(there, thing)) else {
            continue;
        };
        let at_home = of.is_none_or(|of| of == vhost);
        let sources = uris(value.get("src-uri"));
        let can_be = |uri: &&str| can_be_here(uri, vhost, at_home);
        // What is encrypted may be anything.
        if !sources.is_empty() && !sources.iter().any(can_be) {
            continue;
        }
        let to = place(value, "dest");
        let targets = uris(value.get("dest-uri"));
        // A shovel from a queue to one of the same name here comes from somewhere else.
        let returns = to.as_ref() == Some(&thing)
            && targets.iter().any(|uri| is_local(uri))
            && !sources.iter().any(|uri| is_local(uri));
        if returns {
            continue;
        }
        found.push(MoverSetup {
            kind: MoverKind::Shovel,
            name: name.clone(),
            key: text(value, "src-exchange-key").into(),
            reads: thing,
            to: destination(to.as_ref(), targets.first().copied()).into(),
        });
    }
    found
}

/// The queue or exchange at one end of a shovel.
fn place(value: &Map<String, Json>, end: &str) -> Option<Target> {
    let field = |what: &str| text(value, &format!("{end}-{what}"));
    let named = |name: &str| Name::from(name).without_breaks();
    if !field("queue").is_empty() {
        return Some(Target::Queue(named(field("queue"))));
    }
    if !field("exchange").is_empty() {
        return Some(Target::Exchange(named(field("exchange"))));
    }
    // AMQP 1.0: `/queues/NAME`, `/exchanges/NAME/KEY`, or a queue's name alone.
    let address = field("address");
    let parts: Vec<&str> = address.trim_start_matches('/').split('/').collect();
    match parts[..] {
        [""] => None,
        ["queues" | "queue" | "amq" | "topic", name, ..] => Some(Target::Queue(named(name))),
        ["exchanges" | "exchange", name, ..] => Some(Target::Exchange(named(name))),
        _ => Some(Target::Queue(named(address))),
    }
}

fn destination(to: Option<&Target>, uri: Option<&str>) -> String {
    let at = uri.map(shown).filter(|uri| !uri.is_empty());
    let to = to.map(|to| match to {
        Target::Queue(name) => t!("mover-thing", kind = "queue", name = name.as_str()),
        Target::Exchange(name) => t!("mover-thing", kind = "exchange", name = exchange_name(name)),
    });
    match (to, at) {
        (Some(to), Some(at)) => t!("mover-at", what = to, uri = at),
        (Some(to), None) => to,
        (None, at) => at.unwrap_or_default(),
    }
}

/// The addresses of a field that has one or several.
fn uris(value: Option<&Json>) -> Vec<&str> {
    let uris: Vec<&str> = match value {
        Some(Json::String(uri)) => vec![uri],
        Some(Json::Array(uris)) => uris.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    };
    let is_plain = |uri: &&str| uri.starts_with("amqp");
    uris.into_iter().filter(is_plain).collect()
}

/// An address without what is nobody's business: user, password and options.
fn shown(uri: &str) -> String {
    let (scheme, rest) = uri.split_once("://").unwrap_or(("amqp", uri));
    let rest = rest.split('?').next().unwrap_or_default();
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    format!("{scheme}://{rest}")
}

/// An address's host and, if it names one, its virtual host.
fn parts(uri: &str) -> (String, Option<String>) {
    let shown = shown(uri);
    let rest = shown.split_once("://").map_or("", |(_, rest)| rest);
    let (host, vhost) = match rest.split_once('/') {
        Some((host, vhost)) => (host, Some(unescaped(vhost))),
        None => (rest, None),
    };
    (host.to_owned(), vhost)
}

/// A virtual host as an address writes it: `%2F` is `/`.
fn unescaped(text: &str) -> String {
    let mut octets = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = (first == b'%')
            .then(|| std::str::from_utf8(after.get(..2)?).ok())
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        rest = match escaped {
            Some(octet) => {
                octets.push(octet);
                &after[2..]
            }
            None => {
                octets.push(first);
                after
            }
        };
    }
    String::from_utf8_lossy(&octets).into_owned()
}

/// Whether an address is this broker's for certain.
fn is_local(uri: &str) -> bool {
    let (host, _) = parts(uri);
    let name = host.split(':').next().unwrap_or_default();
    host.starts_with("[::1]") || ["", "localhost", "127.0.0.1"].contains(&name)
}

/// Whether an address may be that of the virtual host: this broker may have any name. `at_home` says whether whoever
/// connects is of that virtual host, which is meant if none is named.
fn can_be_here(uri: &str, vhost: &Name, at_home: bool) -> bool {
    match parts(uri).1 {
        Some(named) => vhost.as_str() == named,
        None => at_home,
    }
}

/// Upstreams, each with a virtual host's name for it and what it is.
struct Upstreams<'d> {
    document: &'d Document,
    vhost: Option<&'d Name>,
}

impl<'d> Upstreams<'d> {
    fn of(&self, component: &'static str) -> Vec<(&'d Name, &'d Map<String, Json>)> {
        let all = parameters(self.document, component);
        all.filter(|(of, ..)| *of == self.vhost)
            .map(|(_, name, value)| (name, value))
            .collect()
    }

    /// Those that a policy names: one, all, or a set.
    fn named(&self, policy: &Table) -> Vec<(&'d Name, &'d Map<String, Json>)> {
        let all = self.of(UPSTREAM);
        let value = |key: &str| policy.get(key).and_then(Value::text);
        if let Some(one) = value("federation-upstream") {
            return all.into_iter().filter(|(name, _)| **name == *one).collect();
        }
        match value("federation-upstream-set") {
            Some(set) if *set != "all" => self.in_set(set, &all),
            Some(_) => all,
            // A pattern is taken for all: that one of them is meant is enough.
            None if policy.contains_key("federation-upstream-pattern") => all,
            None => Vec::new(),
        }
    }

    fn in_set(
        &self,
        set: &Name,
        all: &[(&'d Name, &'d Map<String, Json>)],
    ) -> Vec<(&'d Name, &'d Map<String, Json>)> {
        let entries = parameters_of_lists(self.document, UPSTREAM_SET);
        let set = entries
            .filter(|(of, name, _)| *of == self.vhost && *name == set)
            .flat_map(|(.., entries)| entries);
        let names: Vec<&str> = set
            .filter_map(|entry| entry.get("upstream").and_then(Json::as_str))
            .collect();
        let is_in = |name: &Name| names.contains(&name.as_str());
        let named = all.iter().filter(|(name, _)| is_in(name));
        named.copied().collect()
    }
}

/// As [`parameters`], where the value is a list.
fn parameters_of_lists<'d>(
    document: &'d Document,
    component: &'static str,
) -> impl Iterator<Item = (Option<&'d Name>, &'d Name, &'d Vec<Json>)> {
    let entries = document.parameters.iter();
    entries
        .filter(move |entry| entry.item.component == component)
        .filter_map(|entry| {
            let value = entry.extra.as_ref()?.get("value")?.as_array()?;
            Some((entry.vhost.as_ref(), &entry.item.name, value))
        })
}

/// The policies of a virtual host as far as federation goes: which one holds is asked of all of them, whatever they set.
struct Federating<'d> {
    policies: Vec<&'d PolicySpec>,
    set: PolicySet,
}

impl<'d> Federating<'d> {
    fn of(document: &'d Document, vhost: Option<&Name>, profile: Profile) -> Self {
        let entries = document.policies.iter();
        let policies: Vec<_> = entries
            .filter(|entry| entry.vhost.as_ref() == vhost || entry.vhost.is_none())
            .map(|entry| &entry.item)
            .collect();
        let mut set = PolicySet::default();
        for policy in &policies {
            // Something that every broker takes, for things of either kind.
            let key = match policy.apply_to {
                ApplyTo::Exchanges => ("alternate-exchange", Value::from("x")),
                _ => ("max-length", Value::Int(1)),
            };
            let plain = PolicySpec {
                definition: Table::from([(key.0.into(), key.1)]),
                ..(*policy).clone()
            };
            // One that is refused was told as a fault.
            let _ = set.set(plain, profile.switches());
        }
        Self { policies, set }
    }

    fn definition(&self, found: Option<&PolicySpec>) -> Option<&'d Table> {
        let found = found?;
        let mut all = self.policies.iter();
        all.find(|policy| policy.name == found.name)
            .map(|policy| &policy.definition)
    }

    fn for_exchange(&self, name: &str) -> Option<&'d Table> {
        self.definition(self.set.for_exchange(name))
    }

    fn for_queue(&self, name: &str, kind: QueueKind) -> Option<&'d Table> {
        self.definition(self.set.for_queue(name, kind).0)
    }
}

/// What policies of this virtual host federate: whether the other broker, whose messages come here, takes messages from
/// here in turn, its own definitions say.
fn federated(
    document: &Document,
    vhost: &Name,
    profile: Profile,
    (exchanges, queues): There<'_>,
) -> Vec<MoverSetup> {
    let of = Some(vhost).filter(|_| !document.is_of_one_vhost());
    let upstreams = Upstreams {
        document,
        vhost: of,
    };
    let federating = Federating::of(document, of, profile);
    let mut found = Vec::new();
    let mut add = |thing: Target, policy: Option<&Table>| {
        for (name, value) in policy.map_or_else(Vec::new, |policy| upstreams.named(policy)) {
            let uri = uris(value.get("uri")).first().map(|uri| shown(uri));
            found.push(MoverSetup {
                kind: MoverKind::Federation,
                name: name.clone(),
                reads: thing.clone(),
                key: Name::default(),
                to: uri.unwrap_or_default().into(),
            });
        }
    };
    for exchange in exchanges.iter().flatten() {
        let policy = federating.for_exchange(&exchange.name);
        add(Target::Exchange(exchange.name.clone()), policy);
    }
    for queue in queues.iter().flatten() {
        let kind = kind_of(queue, QueueKind::Classic, vhost).unwrap_or_default();
        let policy = federating.for_queue(&queue.name, kind);
        add(Target::Queue(queue.name.clone()), policy);
    }
    found
}

/// What other virtual hosts of the same file federate from this one.
fn upstreams_of_others(
    document: &Document,
    vhost: &Name,
    profile: Profile,
    there: There<'_>,
) -> Vec<MoverSetup> {
    let mut others: Vec<&Name> = Vec::new();
    for (of, ..) in parameters(document, UPSTREAM) {
        if let Some(of) = of.filter(|of| *of != vhost && !others.contains(of)) {
            others.push(of);
        }
    }
    let mut found = Vec::new();
    for other in others {
        let upstreams = Upstreams {
            document,
            vhost: Some(other),
        };
        let federating = Federating::of(document, Some(other), profile);
        let mut add = |thing: Target, policy: Option<&Table>| {
            for (name, value) in policy.map_or_else(Vec::new, |policy| upstreams.named(policy)) {
                let uris = uris(value.get("uri"));
                let here = uris
                    .iter()
                    .any(|uri| is_local(uri) && can_be_here(uri, vhost, false));
                let (key, own) = match &thing {
                    Target::Queue(name) => ("queue", name),
                    Target::Exchange(name) => ("exchange", name),
                };
                let read = match text(value, key) {
                    "" => own.clone(),
                    named => Name::from(named).without_breaks(),
                };
                let reads = match &thing {
                    Target::Queue(_) => Target::Queue(read),
                    Target::Exchange(_) => Target::Exchange(read),
                };
                if here && is_there(there, &reads) {
                    let to = t!(
                        "mover-in",
                        kind = key,
                        name = own.as_str(),
                        vhost = other.as_str()
                    );
                    found.push(MoverSetup {
                        kind: MoverKind::Federation,
                        name: name.clone(),
                        reads,
                        key: Name::default(),
                        to: to.into(),
                    });
                }
            }
        };
        let is_of = |of: &Option<Name>| of.as_ref() == Some(other);
        for entry in document
            .exchanges
            .iter()
            .filter(|entry| is_of(&entry.vhost))
        {
            let name = &entry.item.name;
            add(
                Target::Exchange(name.clone()),
                federating.for_exchange(name),
            );
        }
        for entry in document.queues.iter().filter(|entry| is_of(&entry.vhost)) {
            let name = &entry.item.name;
            let policy = federating.for_queue(name, QueueKind::Classic);
            add(Target::Queue(name.clone()), policy);
        }
    }
    found
}
