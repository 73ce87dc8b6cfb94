//! Every word a user can see, through one look-up, so that other languages can follow without touching code.
//!
//! Words stand in `assets/i18n/en.ftl` (Project Fluent). [`t!`](crate::t) looks one up; a test finds keys that are
//! missing or never used, and words that bypass it.

mod compare;
mod condition;
mod counts;
mod death;
mod event;
mod fault;
mod fidelity;
mod given_up;
mod label;
mod legend;
mod mover;
mod names;
mod plain;
mod refusal;
mod settings;
mod shown;
mod span;
mod standing;
mod stop;
mod traits;
mod why;

use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::t;
use crate::world::{SetupError, SetupFault};

pub use compare::{fault, side, verdict};
pub use condition::conditions;
pub use counts::{exchanges, grouped, queues};
pub use death::death_story;
pub use event::{Line, coming, describe, foretold, http_outcome};
pub use fault::{fault_button, fault_name};
pub use fidelity::{Fidelity, Modelled, fidelity};
pub use given_up::given_up;
pub use label::{binding_label, binding_parts, message_label, order_name, shown_name};
pub use legend::Sign;
pub use mover::{mover, told_mover};
pub use names::{copy_name, destination_name, exchange_name, list, list_names};
pub use plain::{acts, plain};
pub use refusal::right;
pub use settings::{Setting, origin, settings};
pub use shown::{quoted, shown};
pub use span::{span, span_rounded};
pub use standing::standing;
pub use stop::{standstill, stopped};
pub use traits::{exchange_traits, queue_traits};
pub use why::why;

/// The language that is spoken, as a language tag. A scenario's own words are taken in it where they are there.
pub const LANGUAGE: &str = "en";

static ENGLISH: OnceLock<FluentBundle<FluentResource>> = OnceLock::new();

fn bundle() -> &'static FluentBundle<FluentResource> {
    ENGLISH.get_or_init(|| {
        let source = include_str!("../../assets/i18n/en.ftl").to_owned();
        // What cannot be read is left out; a test holds that nothing is.
        let resource = FluentResource::try_new(source).unwrap_or_else(|(partial, _)| partial);
        let mut bundle = FluentBundle::new_concurrent(vec![
            LanguageIdentifier::from_bytes(LANGUAGE.as_bytes()).unwrap_or_default(),
        ]);
        // The marks round values are for mixed directions of writing, which no font of ours draws.
        bundle.set_use_isolating(false);
        bundle.add_resource_overriding(resource);
        bundle
    })
}

/// What no broker accepts of a setup, and why; where the broker refuses it, in RabbitMQ's own words.
pub fn refused(error: &SetupError) -> String {
    let name = shown(&error.name);
    match &error.fault {
        SetupFault::Refused(refusal) => t!(
            "refused",
            what = error.what,
            name = name,
            refusal = refusal.to_string()
        ),
        SetupFault::NoPublisher => t!("refused-publish", name = name),
        SetupFault::Missing { what, name: other } => t!(
            "refused-missing",
            name = name,
            what = *what,
            other = shown(other)
        ),
        SetupFault::CallsItself(path) => {
            t!("refused-calls-itself", name = name, path = shown(path))
        }
        SetupFault::NoWorkers => t!("refused-no-workers", name = name),
    }
}

/// What would be right instead; empty where that is not known.
pub fn put_right(error: &SetupError) -> String {
    match &error.fault {
        SetupFault::Refused(refusal) => right(refusal).unwrap_or_default(),
        SetupFault::NoPublisher => t!("file-script-publish-hint"),
        SetupFault::Missing { .. } => t!("refused-missing-hint"),
        SetupFault::CallsItself(_) => t!("refused-calls-itself-hint"),
        SetupFault::NoWorkers => t!("refused-no-workers-hint"),
    }
}

/// Looks a text up and fills in its values. [`t!`](crate::t) is the short way to write it.
///
/// A missing key gives the key itself, so that the window goes on working. A text that is filled in may be anybody's, so
/// nothing in it acts ([`plain`]).
pub fn look_up(key: &str, values: &[(&'static str, FluentValue<'_>)]) -> String {
    let bundle = bundle();
    let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
        return key.to_owned();
    };
    let mut args = FluentArgs::new();
    for (name, value) in values {
        let value = match value {
            FluentValue::String(text) => FluentValue::String(plain(text)),
            other => other.clone(),
        };
        args.set(*name, value);
    }
    let mut errors = Vec::new();
    bundle
        .format_pattern(pattern, Some(&args), &mut errors)
        .into_owned()
}

/// The text of a key of `assets/i18n/en.ftl`, with values: `t!("queue-ready", count = 3)`.
#[macro_export]
macro_rules! t {
    ($key:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::words::look_up($key, &[$((stringify!($name), $value.into())),*])
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::Target;
    use crate::world::{BindingSetup, QueueSetup, Setup, World};

    #[test]
    fn what_the_broker_refuses_is_named() {
        let setup = Setup {
            queues: vec![QueueSetup::new("errors")],
            bindings: vec![BindingSetup {
                source: "logs".into(),
                destination: Target::Queue("errors".into()),
                key: "".into(),
                arguments: [].into(),
                latency: None,
            }],
            ..Setup::default()
        };
        let error = World::new(&setup).unwrap_err();
        assert_eq!(
            refused(&error),
            "binding of `logs`: 404 NOT_FOUND - no exchange 'logs' in vhost '/'"
        );
    }
}
