//! From the tree to the scenario.

mod arguments;
mod binding;
pub(super) mod compare;
mod consumer;
mod exchange;
mod expect;
mod lesson;
mod login;
mod measured;
mod message;
mod method;
mod mover;
mod names;
mod policy;
mod publisher;
mod queue;
mod scalar;
mod script;
mod user;

pub(super) use consumer::DEFAULT_SERVICE;
pub(super) use expect::{DEATH_REASONS, STATES};
pub(super) use measured::SIDES;
pub(super) use scalar::LONGEST_NAME;

use self::names::Names;
use super::reader::{Fields, Reader};
use super::source::Span;
use super::syntax::{Entry, Node, NodeKind};
use super::words::Words;
use super::{Scenario, VERSION};
use std::sync::Arc;

use crate::broker::{Micros, Profile};
use crate::compare::{Comparison, Side};
use crate::world::{Latency, Setup, SetupFault, World};
use crate::{t, words};

/// How long a scenario runs that does not say.
pub(super) const DEFAULT_UNTIL: Micros = Micros::from_secs(60);

/// Reads a whole scenario. What comes back is only of use if the reader has noted no problem.
pub(super) fn scenario(root: &Node, title: &str, reader: &mut Reader<'_>) -> Option<Scenario> {
    // `Scenario( … )` is fine too.
    let root = match &root.kind {
        NodeKind::Call(_, inner) => inner,
        _ => root,
    };
    let start = Span {
        end: root.span.start + 1,
        ..root.span
    };
    let mut fields = reader.fields(root, || t!("file-owner-scenario"), start)?;
    let version = version(&mut fields, reader)?;
    let mut words = |name| fields.get(name).and_then(|node| reader.words(node));
    let title = words("title").unwrap_or_else(|| Words::from(title));
    let (teaches, about) = (words("teaches"), words("about"));
    let end = fields.get("until");
    let until = end.and_then(|node| reader.positive_duration(node));

    let compared = fields.entry("compare");
    let lesson = lesson::lesson(&mut fields, compared.is_some(), reader);
    let what = match compared {
        Some(entry) => compared_sides(&mut fields, entry, until.zip(end), reader)?,
        None => {
            let mut names = Names::of(&mut fields);
            What {
                setup: setup(&mut fields, &mut names, reader),
                until: until.unwrap_or(DEFAULT_UNTIL),
                names,
                comparison: None,
            }
        }
    };
    let What {
        until,
        setup,
        comparison,
        names,
    } = what;
    let expect = fields
        .get("expect")
        .map(|node| expect::expectations(node, &names, until, comparison.as_ref(), reader));
    reader.finish(fields);
    let http = comparison.as_ref().map(|it| it.setup(Side::Http));
    for setup in [Some(&setup), http.as_ref()].into_iter().flatten() {
        if reader.is_clean() {
            let start = compared.map_or(start, |entry| entry.name_span);
            report_refusal(setup, &names, start, reader);
        }
    }
    let notices = super::given_up(&setup);
    let open = end.is_none() && comparison.is_none() && !setup.acts_by_itself();
    Some(Scenario {
        version,
        title,
        teaches: teaches.unwrap_or_default(),
        about: about.unwrap_or_default(),
        until,
        open,
        setup,
        comparison,
        lesson,
        expect: expect.unwrap_or_default(),
        definitions: None,
        notices,
        traffic: Arc::default(),
    })
}

/// What a scenario is about.
struct What {
    until: Micros,
    setup: Setup,
    comparison: Option<Comparison>,
    names: Names,
}

/// What a world of its own would be made of, which a comparison makes itself.
const OF_A_WORLD: [&str; 12] = [
    "vhost",
    "latency",
    "exchanges",
    "queues",
    "bindings",
    "policies",
    "operator_policies",
    "movers",
    "users",
    "publishers",
    "consumers",
    "script",
];

/// The same orders both ways; beside them there is nothing else.
fn compared_sides(
    fields: &mut Fields<'_>,
    entry: &Entry,
    until: Option<(Micros, &Node)>,
    reader: &mut Reader<'_>,
) -> Option<What> {
    for name in OF_A_WORLD {
        if let Some(entry) = fields.entry(name) {
            let what = t!("file-beside-comparison", field = name);
            let hint = t!("file-beside-comparison-hint", field = name);
            reader.report(entry.name_span, what, hint);
        }
    }
    let profile = fields.get("profile").and_then(|node| profile(node, reader));
    let outside = compare::Outside {
        profile: profile.unwrap_or_default(),
        seed: seed(fields, reader),
        until,
    };
    let (comparison, names) = compare::comparison(entry, &outside, reader)?;
    Some(What {
        until: comparison.until,
        setup: comparison.setup(Side::Messaging),
        comparison: Some(comparison),
        names,
    })
}

fn seed(fields: &mut Fields<'_>, reader: &mut Reader<'_>) -> u64 {
    let seed = fields.get("seed");
    let seed = seed.and_then(|node| reader.whole(node, 0..=u64::MAX));
    seed.unwrap_or_default()
}

/// None if the file is of a newer version: then nothing else in it can be judged.
fn version(fields: &mut Fields<'_>, reader: &mut Reader<'_>) -> Option<u32> {
    let Some(node) = fields.get("version") else {
        return Some(VERSION);
    };
    let Some(number) = reader.whole(node, 1..=u64::MAX) else {
        return Some(VERSION);
    };
    match u32::try_from(number) {
        Ok(version) if version <= VERSION => Some(version),
        _ => {
            let what = t!("file-newer", version = number.to_string());
            let hint = t!("file-newer-hint", version = VERSION);
            reader.report(node.span, what, hint);
            None
        }
    }
}

/// What only the broker can say of a setup, at the place of what it refuses.
fn report_refusal(setup: &Setup, names: &Names, start: Span, reader: &mut Reader<'_>) {
    if let Err(error) = World::new(setup) {
        let place = names.place_of(error.what, &error.name).unwrap_or(start);
        let what = t!("file-refused", error = words::refused(&error));
        let hint = match &error.fault {
            SetupFault::Refused(refusal) => t!("file-refused-hint", rule = refusal.rule),
            _ => words::put_right(&error),
        };
        reader.report(place, what, hint);
    }
}

fn setup(fields: &mut Fields<'_>, names: &mut Names, reader: &mut Reader<'_>) -> Setup {
    let profile = fields.get("profile").and_then(|node| profile(node, reader));
    let vhost = fields.get("vhost").and_then(|node| {
        let text = reader.text(node, || t!("file-wanted-text"))?;
        reader.declared(text, node.span)
    });
    let seed = seed(fields, reader);
    let latency = fields.get("latency").and_then(|node| latency(node, reader));
    let exchanges = fields
        .get("exchanges")
        .map(|node| exchange::exchanges(node, names, reader));
    let queues = fields
        .get("queues")
        .map(|node| queue::queues(node, names, reader));
    let bindings = fields
        .get("bindings")
        .map(|node| binding::bindings(node, names, reader));
    let mut policies = Vec::new();
    for (field, operator) in [("policies", false), ("operator_policies", true)] {
        if let Some(node) = fields.get(field) {
            policies.extend(policy::policies(node, operator, names, reader));
        }
    }
    let movers = fields
        .get("movers")
        .map(|node| mover::movers(node, names, reader));
    let users = fields
        .get("users")
        .map(|node| user::users(node, names, reader));
    let publishers = fields.get("publishers").map(|node| {
        let declared = reader.declarations(node, || t!("file-wanted-publishers"));
        let declared = declared.into_iter();
        let publishers = declared.filter_map(|(name, entry)| {
            names.place("publisher", name.clone(), entry.name_span);
            publisher::publisher(name, entry, names, reader)
        });
        publishers.collect()
    });
    let consumers = fields.get("consumers").map(|node| {
        let declared = reader.declarations(node, || t!("file-wanted-consumers"));
        let declared = declared.into_iter();
        let consumers = declared.filter_map(|(name, entry)| {
            names.place("consumer", name.clone(), entry.name_span);
            consumer::consumer(name, entry, names, reader)
        });
        consumers.collect()
    });
    login::check(fields, reader);
    let script = fields
        .get("script")
        .map(|node| script::script(node, names, reader));
    Setup {
        profile: profile.unwrap_or_default(),
        vhost: vhost.unwrap_or_else(|| Setup::default().vhost),
        seed,
        latency: latency.unwrap_or_default(),
        exchanges: exchanges.unwrap_or_default(),
        queues: queues.unwrap_or_default(),
        bindings: bindings.unwrap_or_default(),
        policies,
        movers: movers.unwrap_or_default(),
        users: users.unwrap_or_default(),
        publishers: publishers.unwrap_or_default(),
        consumers: consumers.unwrap_or_default(),
        script: script.unwrap_or_default(),
        ..Setup::default()
    }
}

/// `"4.2"`, with or without the quotes.
fn profile(node: &Node, reader: &mut Reader<'_>) -> Option<Profile> {
    let words = Profile::ALL.map(|profile| (profile.as_str(), profile));
    if let NodeKind::Number(number) = &node.kind {
        let found = words.iter().find(|(word, _)| word == number);
        if let Some((_, profile)) = found {
            return Some(*profile);
        }
        let what = t!("file-no-profile", found = number.as_str());
        reader.report_unknown(node.span, what, number, words.iter().map(|(word, _)| *word));
        return None;
    }
    reader.choice(node, &words, |found| t!("file-no-profile", found = found))
}

/// One duration for every hop, or some of them by name.
fn latency(node: &Node, reader: &mut Reader<'_>) -> Option<Latency> {
    if !matches!(node.kind, NodeKind::Map(_)) {
        let hop = reader.duration(node)?;
        return Some(Latency {
            publish: hop,
            route: hop,
            deliver: hop,
            ack: hop,
            confirm: hop,
            dead_letter: hop,
            // That is no hop.
            ..Latency::default()
        });
    }
    let mut fields = reader.fields(node, || t!("file-owner-latency"), node.span)?;
    let mut latency = Latency::default();
    for (name, hop) in [
        ("publish", &mut latency.publish),
        ("route", &mut latency.route),
        ("deliver", &mut latency.deliver),
        ("ack", &mut latency.ack),
        ("confirm", &mut latency.confirm),
        ("dead_letter", &mut latency.dead_letter),
        ("write", &mut latency.write),
    ] {
        if let Some(duration) = fields.get(name).and_then(|node| reader.duration(node)) {
            *hop = duration;
        }
    }
    reader.finish(fields);
    Some(latency)
}
