//! From a document to a scenario: one virtual host, and somebody who may publish into it.

use std::path::Path as FilePath;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use serde_json::{Map, Value as Json};

use super::document::{Document, Entry};
use super::fault::Faults;
use super::notices::Notices;
use super::read::{faultless, read};
use super::taken::Taken;
use super::vhost::choose;
use crate::broker::{ExchangeSpec, Name, Profile, QueueKind, Target};
use crate::scenario::error::LoadError;
use crate::scenario::given_up;
use crate::scenario::{Lesson, Scenario, VERSION, Words};
use crate::t;
use crate::world::{BindingSetup, Pace, PublisherSetup, QueueSetup, Setup};

/// The key of a virtual host's default queue type.
const DEFAULT_QUEUE_TYPE: &str = "default_queue_type";
/// The one who publishes what the user of the window asks for.
const YOU: &str = "you";

/// Reads a definitions file as a scenario; `name` is for errors and for the title.
///
/// # Errors
/// What is wrong in it, or which virtual hosts there are to choose from.
pub(in crate::scenario) fn scenario(
    name: &str,
    text: &str,
    vhost: Option<&str>,
) -> Result<Scenario, LoadError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let document = read(name, text)?;
    let vhost = choose(name, &document, vhost)?;
    let profile = document.profile();
    let (faults, mut notices) = (Faults::default(), Notices::default());
    let taken = Taken::from(&document, &vhost, profile, &faults, &mut notices);
    faultless(name, text, faults)?;
    let mut notices = notices.told(text, &document, &vhost);
    let exchanges: Vec<_> = taken.exchanges.into_iter().flatten().collect();
    let bindings: Vec<_> = taken.bindings.into_iter().flatten().collect();
    let you = PublisherSetup {
        name: YOU.into(),
        exchange: entrance(&exchanges, &bindings),
        pace: Pace::Script,
        ..PublisherSetup::default()
    };
    let queues = taken.queues.into_iter().flatten();
    let policies = taken.policies.into_iter().chain(taken.operator_policies);
    let file = FilePath::new(name).file_name().unwrap_or_default();
    let about = t!("definitions-about", vhost = vhost.as_str());
    let setup = Setup {
        profile,
        vhost,
        exchanges,
        queues: queues.map(|spec| QueueSetup { spec, by: None }).collect(),
        bindings,
        policies: policies.flatten().collect(),
        movers: taken.movers,
        users: taken.users.into_iter().flatten().collect(),
        publishers: vec![you],
        ..Setup::default()
    };
    notices.extend(given_up(&setup));
    Ok(Scenario {
        version: VERSION,
        title: Words::from(&*file.to_string_lossy()),
        teaches: Words::default(),
        about: Words::from(about.as_str()),
        until: crate::scenario::read::DEFAULT_UNTIL,
        open: true,
        setup,
        comparison: None,
        lesson: Lesson::default(),
        expect: Vec::new(),
        definitions: Some(Arc::new(document)),
        notices,
        traffic: Arc::default(),
    })
}

/// Where a message would go in first: an exchange that leads somewhere and that no other leads to; else any that leads
/// somewhere; else the default exchange.
fn entrance(exchanges: &[ExchangeSpec], bindings: &[BindingSetup]) -> Name {
    let (mut leads, mut is_led_to) = (FxHashSet::default(), FxHashSet::default());
    for binding in bindings {
        leads.insert(&binding.source);
        if let Target::Exchange(name) = &binding.destination {
            is_led_to.insert(name);
        }
    }
    let open = exchanges.iter().filter(|exchange| !exchange.internal);
    let mut leading = open.filter(|exchange| leads.contains(&exchange.name));
    let first = leading.clone().next();
    leading
        .find(|exchange| !is_led_to.contains(&exchange.name))
        .or(first)
        .map_or_else(Name::default, |exchange| exchange.name.clone())
}

impl Document {
    /// The release that comes nearest to the one that wrote the file; the usual one if it does not tell.
    pub fn profile(&self) -> Profile {
        let version = ["rabbitmq_version", "rabbit_version"]
            .iter()
            .find_map(|key| self.head.get(*key).and_then(Json::as_str));
        let mut numbers = version
            .unwrap_or_default()
            .split('.')
            .map(str::parse::<u32>);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(..=3)), _) => Profile::V3_13,
            (Some(Ok(4)), Some(Ok(..=2))) => Profile::V4_2,
            (Some(Ok(4..)), _) => Profile::V4_3,
            _ => Profile::default(),
        }
    }
}

impl Document {
    /// The type of the virtual host's queues that do not say theirs (Q4).
    pub(super) fn default_queue_type(&self, vhost: &Name) -> Option<Name> {
        if self.is_of_one_vhost() {
            // O14: what is said of the virtual host stands beside the lists.
            let own = self.head.get(DEFAULT_QUEUE_TYPE).and_then(Json::as_str);
            return queue_type(own.map(Name::from), Some(&self.head));
        }
        let vhosts = self.vhosts.iter();
        let mut here = vhosts.filter(|entry| entry.item.name == *vhost);
        here.find_map(|Entry { extra, .. }| queue_type(None, extra.as_deref()))
    }

    /// A default type of the virtual host's queues that an import does not read, since it stands beside `metadata`.
    pub(super) fn unread_queue_type(&self, vhost: &Name) -> Option<Name> {
        let vhosts = self.vhosts.iter();
        let mut here = vhosts.filter(|entry| entry.item.name == *vhost);
        let Entry { item, extra, .. } = here.next()?;
        let read = queue_type(None, extra.as_deref());
        let read = read.as_deref().unwrap_or(QueueKind::Classic.as_str());
        let beside = queue_type(item.default_queue_type.clone(), None)?;
        (beside != *read).then_some(beside)
    }
}

/// RabbitMQ writes it in one of two places; of a virtual host in a list it reads that in `metadata`.
fn queue_type(own: Option<Name>, fields: Option<&Map<String, Json>>) -> Option<Name> {
    let of_metadata = || {
        let kind = fields?.get("metadata")?.get(DEFAULT_QUEUE_TYPE)?;
        kind.as_str().map(Name::from)
    };
    let kind = own.or_else(of_metadata)?;
    (kind != "undefined").then_some(kind)
}
