//! Why a binding matched, or did not, in a few exact words.

use crate::broker::{
    Definitions, Destination, Effect, HeaderCheck, MatchMode, TopicMiss, Value, Verdict, Why,
    WordMatch,
};
use crate::t;

use super::names::list;

/// The reason of a verdict on a message with the routing key `key`.
pub fn why(verdict: &Verdict, key: &str, definitions: &Definitions) -> String {
    if verdict.effect == Effect::Already {
        let name = definitions.destination_name(verdict.destination);
        return match verdict.destination {
            Destination::Queue(_) => t!("why-already-queue", queue = name),
            Destination::Exchange(_) => t!("why-already-exchange", exchange = name),
        };
    }
    let why = reason(verdict, key);
    match &verdict.by {
        Some(by) => t!("why-by", why = why, key = quoted(by)),
        None => why,
    }
}

fn reason(verdict: &Verdict, key: &str) -> String {
    match &verdict.why {
        Why::QueueName if verdict.matched() => t!("why-name-equal"),
        Why::QueueName => t!("why-name-differs"),
        Why::Key if verdict.matched() => t!("why-keys-equal"),
        Why::Key => differs(&verdict.key, key),
        Why::Always => t!("why-always"),
        Why::Chance { chosen: true } => t!("why-chance-taken"),
        Why::Chance { chosen: false } => t!("why-chance-passed"),
        Why::Hash { chosen: true } => t!("why-hash-taken"),
        Why::Hash { chosen: false } => t!("why-hash-passed"),
        Why::Topic { words, miss } => match miss {
            Some(miss) => topic_miss(words, miss),
            None => topic_match(words),
        },
        Why::Headers {
            mode,
            checks,
            decisive,
        } => headers(
            *mode,
            checks,
            decisive.and_then(|decisive| checks.get(decisive)),
        ),
    }
}

fn differs(wanted: &str, found: &str) -> String {
    t!(
        "why-word-differs",
        wanted = quoted(wanted),
        found = quoted(found)
    )
}

fn topic_match(words: &[WordMatch]) -> String {
    let has = |wildcard| words.iter().any(|word| word.pattern == wildcard);
    match (has("*"), has("#")) {
        (true, true) => t!("why-topic-both"),
        (true, false) => t!("why-topic-star"),
        (false, true) => t!("why-topic-hash"),
        (false, false) if words.is_empty() => t!("why-topic-empty"),
        (false, false) => t!("why-topic-words"),
    }
}

fn topic_miss(words: &[WordMatch], miss: &TopicMiss) -> String {
    let pattern = |at: usize| words.get(at).map_or("", |word| word.pattern.as_str());
    match miss {
        TopicMiss::Differs { at, word } => differs(pattern(*at), word),
        TopicMiss::TooShort { at } => {
            let wanted = match pattern(*at) {
                wildcard @ ("*" | "#") => wildcard.to_owned(),
                word => quoted(word),
            };
            t!("why-topic-short", wanted = wanted)
        }
        TopicMiss::TooLong { word } => t!("why-topic-long", found = quoted(word)),
    }
}

fn headers(mode: MatchMode, checks: &[HeaderCheck], decisive: Option<&HeaderCheck>) -> String {
    let all = mode.wants_all();
    let mode = mode.as_str();
    let every = || list(&checks.iter().map(header).collect::<Vec<_>>());
    match (all, decisive) {
        (true, None) if checks.is_empty() => t!("why-headers-nothing-all", mode = mode),
        (false, None) if checks.is_empty() => t!("why-headers-nothing-any", mode = mode),
        (true, None) => t!("why-headers-every", mode = mode, headers = every()),
        (false, None) => t!("why-headers-none", mode = mode, headers = every()),
        (true, Some(check)) => t!("why-headers-not-every", mode = mode, header = header(check)),
        (false, Some(check)) => t!("why-headers-one", mode = mode, header = header(check)),
    }
}

fn header(check: &HeaderCheck) -> String {
    let name = check.name.as_str();
    match &check.got {
        None => t!("why-header-missing", name = name),
        // E32
        Some(_) if check.wanted == Value::Void => t!("why-header-there", name = name),
        Some(got) if check.agrees => t!("why-header-is", name = name, value = value(got)),
        Some(got) => t!(
            "why-header-is-not",
            name = name,
            value = value(got),
            wanted = value(&check.wanted)
        ),
    }
}

/// Text stands in quotes, so that it cannot be taken for the number or the truth value it may look like (E33).
fn value(value: &Value) -> String {
    match value {
        Value::Text(text) => quoted(text),
        other => other.to_string(),
    }
}

fn quoted(text: &str) -> String {
    t!("quoted", text = text)
}
