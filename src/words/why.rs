//! Why a binding matched, or did not, in a few exact words.

use crate::broker::{
    Definitions, Destination, Effect, HeaderCheck, Ignored, MatchMode, Name, TopicMiss, Value,
    Verdict, Why, WordMatch,
};
use crate::t;

use super::names::{destination_name, list, list_names};
use super::{quoted, shown};

/// The reason of a verdict on a message with the routing key `key`.
pub fn why(verdict: &Verdict, key: &str, definitions: &Definitions) -> String {
    let name = destination_name(verdict.destination, definitions);
    let why = match (verdict.effect, verdict.destination) {
        (Effect::Already, Destination::Queue(_)) => t!("why-already-queue", queue = name),
        (Effect::Already, Destination::Exchange(_)) => t!("why-already-exchange", exchange = name),
        (Effect::Passed | Effect::Refused | Effect::Unknown, _) => {
            let why = reason(verdict, key);
            match &verdict.by {
                Some(by) => t!("why-by", why = why, key = quoted(by)),
                None => why,
            }
        }
    };
    let asides = asides(verdict, verdict.by.as_deref().unwrap_or(key));
    asides
        .into_iter()
        .fold(why, |why, aside| format!("{why}; {aside}"))
}

/// What is easily overlooked in a binding or in a key.
fn asides(verdict: &Verdict, key: &str) -> Vec<String> {
    let mut asides = Vec::new();
    if let Why::Topic { words, miss } = &verdict.why {
        if miss.is_none() {
            asides.extend(empty_hashes(words));
        }
        asides.extend(empty_word(&verdict.key).map(|place| {
            t!(
                "why-empty-word-pattern",
                pattern = quoted(&verdict.key),
                place = place
            )
        }));
        asides.extend(
            empty_word(key).map(|place| t!("why-empty-word-key", key = quoted(key), place = place)),
        );
        if key.split('.').any(|word| matches!(word, "*" | "#")) {
            asides.push(t!("why-wildcards-key"));
        }
    }
    asides.extend(verdict.ignored.iter().map(|ignored| match ignored {
        Ignored::Arguments(names) => t!(
            "why-ignored-arguments",
            count = names.len(),
            names = named(names)
        ),
        Ignored::Headers(names) => {
            let mode = match &verdict.why {
                Why::Headers { mode, .. } => mode.as_str(),
                _ => MatchMode::All.as_str(),
            };
            let (count, names) = (names.len(), named(names));
            t!(
                "why-ignored-headers",
                mode = mode,
                count = count,
                names = names
            )
        }
        Ignored::Key => t!("why-ignored-key", key = quoted(&verdict.key)),
        Ignored::Wildcards => t!("why-ignored-wildcards"),
    }));
    asides
}

fn named(names: &[Name]) -> String {
    list_names(names)
}

/// The `#`s of a pattern that took no word (E22).
fn empty_hashes(words: &[WordMatch]) -> Option<String> {
    let hashes = words.iter().filter(|word| word.pattern == "#");
    let empty: Vec<usize> = (1..)
        .zip(hashes.clone())
        .filter(|(_, hash)| hash.took.is_empty())
        .map(|(number, _)| number)
        .collect();
    match (empty.as_slice(), hashes.count()) {
        ([], _) => None,
        (all, count) if all.len() == count => Some(t!("why-hash-empty")),
        (some, _) => {
            let numbers: Vec<String> = some.iter().map(usize::to_string).collect();
            Some(t!(
                "why-hash-empty-some",
                count = some.len(),
                numbers = list(&numbers)
            ))
        }
    }
}

/// Where a key or a pattern has an empty word, which counts as a word (E20).
fn empty_word(text: &str) -> Option<&'static str> {
    match text {
        "" => None,
        _ if text.ends_with('.') => Some("last"),
        _ if text.starts_with('.') => Some("first"),
        _ => text.contains("..").then_some("inner"),
    }
}

fn reason(verdict: &Verdict, key: &str) -> String {
    match &verdict.why {
        Why::QueueName if verdict.matched() => t!("why-name-equal"),
        Why::QueueName => t!("why-name-differs"),
        Why::Key if verdict.matched() => t!("why-keys-equal"),
        Why::Key => differs(&verdict.key, key),
        Why::Always => t!("why-always"),
        Why::History => t!("why-history"),
        Why::Weighed { buckets: 0, .. } => t!("why-weighed-none"),
        Why::Weighed {
            chosen,
            buckets,
            all,
        } => {
            let (buckets, all) = (buckets.to_string(), all.to_string());
            match chosen {
                true => t!("why-weighed-taken", buckets = buckets, all = all),
                false => t!("why-weighed-passed", buckets = buckets, all = all),
            }
        }
        Why::Later => t!("why-later"),
        Why::Unknown => t!("why-unknown"),
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
    let name = shown(&check.name);
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
