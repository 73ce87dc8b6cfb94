//! Why a message goes where it goes: for each exchange visited, each binding with its reason, matched or not.
//!
//! Written apart from the [router](super::router), binding by binding, so that each can be held against the other.

use std::collections::{BTreeSet, VecDeque};

use super::headers::{HeaderCheck, HeadersMatch, MatchMode};
use super::router::{Matcher, choose};
use super::{
    Binding, Content, Definitions, Destination, Exchange, ExchangeId, ExchangeKind, Keys, Name,
    Passing, QueueId, Table, Via, words,
};

/// The whole way of a message through the exchanges.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The exchanges visited, in order; each once, however many bindings lead to it (E12).
    pub visits: Vec<Visit>,
    /// The queues that get a copy, in order, each once; none means the message is unroutable.
    pub queues: Vec<QueueId>,
}

impl Explanation {
    /// All bindings that matched and the alternate exchanges used, in order, as [`Route::matched`](super::Route::matched)
    /// lists them.
    pub fn matched(&self) -> impl Iterator<Item = Via> + '_ {
        self.visits.iter().flat_map(|visit| {
            let matched = visit.verdicts.iter().filter(|verdict| verdict.matched());
            let alternate = visit.alternate.iter().filter(|alternate| {
                matches!(alternate.used, AlternateUse::Passed | AlternateUse::Already)
            });
            matched
                .map(|verdict| verdict.via)
                .chain(alternate.map(|_| Via::Alternate(visit.exchange)))
        })
    }
}

/// What one exchange made of the message.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    /// The exchange.
    pub exchange: ExchangeId,
    /// All its bindings, in order.
    pub verdicts: Vec<Verdict>,
    /// Its alternate exchange, if it has one, and whether the message went there (E13).
    pub alternate: Option<Alternate>,
    /// What it does with the message beside passing it on (E44, E45, E47).
    pub passing: Option<Passing>,
}

/// An exchange's alternate exchange, and whether a message went there (E13).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alternate {
    /// Its name.
    pub name: Name,
    /// Which it is, if there is one of that name.
    pub exchange: Option<ExchangeId>,
    /// Whether the exchange's own argument names it, rather than a policy.
    pub argued: bool,
    /// Whether the message went there.
    pub used: AlternateUse,
}

/// Whether an alternate exchange was used (E13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlternateUse {
    /// No binding matched, so the message went there.
    Passed,
    /// No binding matched, but it has the message already.
    Already,
    /// A binding matched, whatever came of it.
    NotNeeded,
    /// No binding matched, but there is no exchange of that name.
    Missing,
    /// Nobody can tell whether a binding matched (E47).
    Unknown,
}

/// A binding, whether it matched, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Which binding.
    pub via: Via,
    /// Where it leads.
    pub destination: Destination,
    /// Its key.
    pub key: Name,
    /// What came of it.
    pub effect: Effect,
    /// Why it matched, or did not.
    pub why: Why,
    /// The further key that made it match, if it was not the routing key (E14).
    pub by: Option<Name>,
    /// What of the binding the exchange passes over, whatever the message is.
    pub ignored: Vec<Ignored>,
}

impl Verdict {
    /// Whether the binding matched. That it added nothing, since the queue has its copy already, does not count against it.
    pub fn matched(&self) -> bool {
        matches!(self.effect, Effect::Passed | Effect::Already)
    }
}

/// What of a binding an exchange of its type passes over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ignored {
    /// Arguments: only a headers exchange compares them (E15, E30).
    Arguments(Vec<Name>),
    /// Arguments that begin with `x-`, which `all` and `any` do not compare (E31).
    Headers(Vec<Name>),
    /// The key.
    Key,
    /// That words of the key are wildcards elsewhere: here they are no more than themselves (E15).
    Wildcards,
}

/// What came of a binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It did not match.
    Refused,
    /// It matched, and its destination gets the message.
    Passed,
    /// It matched, but its destination has the message already (E12).
    Already,
    /// Nobody can tell whether it matched (E47).
    Unknown,
}

/// Why a binding matched, or did not.
#[derive(Clone, Debug, PartialEq)]
pub enum Why {
    /// The default exchange: the key is, or is not, the queue's name (E2).
    QueueName,
    /// Direct: the keys are, or are not, equal (E15).
    Key,
    /// Fanout: every binding matches (E15).
    Always,
    /// `x-recent-history`: every binding matches (E44).
    History,
    /// `x-local-random` and `x-random`: one binding is taken by chance (E16, E43).
    Chance {
        /// Whether this one was.
        chosen: bool,
    },
    /// `x-modulus-hash`: one binding is taken by the hash of the keys (E16).
    Hash {
        /// Whether this one was.
        chosen: bool,
    },
    /// `x-consistent-hash`: one binding is taken by a hash and by weights (E41, E42).
    Weighed {
        /// Whether this one was.
        chosen: bool,
        /// Of all buckets, how many it has; none if another binding has those of its destination.
        buckets: u64,
        /// How many there are.
        all: u64,
    },
    /// `x-delayed-message`: the message waits, and nothing is compared before it goes on (E45).
    Later,
    /// A plugin's type that is not known here (E47).
    Unknown,
    /// Topic: what each word of the pattern took, and the first that took nothing (E20–E24).
    Topic {
        /// The pattern's words, in order.
        words: Vec<WordMatch>,
        /// Why not, if it did not match.
        miss: Option<TopicMiss>,
    },
    /// Headers: each argument held against the message (E30–E34).
    Headers {
        /// What `x-match` says.
        mode: MatchMode,
        /// The arguments that count, in order.
        checks: Vec<HeaderCheck>,
        /// Which of them decided; none where all, or none, of them did.
        decisive: Option<usize>,
    },
}

/// A word of a topic pattern and the words of the key it took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordMatch {
    /// The pattern's word.
    pub pattern: Name,
    /// What it took: one word, or for `#` any number (E21, E22).
    pub took: Vec<Name>,
}

/// Why a topic pattern did not match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TopicMiss {
    /// A word of the key is not what the pattern says.
    Differs {
        /// The place in the pattern.
        at: usize,
        /// The key's word there.
        word: Name,
    },
    /// The key has no more words, but the pattern asks for one.
    TooShort {
        /// The place in the pattern.
        at: usize,
    },
    /// The pattern has ended, but the key has more words.
    TooLong {
        /// The first word left over.
        word: Name,
    },
}

impl Definitions {
    /// Tells, for every binding of every exchange the message visits, whether it matches and why.
    ///
    /// Agrees with [`route`](Self::route) in what it visits and in the queues and their order.
    ///
    /// Of a message that an exchange keeps for a while (E45) it tells what comes of it at once.
    pub fn explain<'a>(
        &self,
        exchange: ExchangeId,
        keys: Keys<'_>,
        content: impl Into<Content<'a>>,
        chance: u64,
    ) -> Explanation {
        let content = content.into();
        let mut visits = Vec::new();
        let mut queues = Vec::new();
        let mut seen = BTreeSet::from([Destination::Exchange(exchange)]);
        let mut waiting = VecDeque::from([exchange]);
        while let Some(at) = waiting.pop_front() {
            let mut verdicts = if at == Self::DEFAULT_EXCHANGE {
                self.explain_default(keys)
            } else {
                self.exchange(at).map_or(Vec::new(), |exchange| {
                    self.explain_exchange(exchange, keys, content, chance)
                })
            };
            for verdict in verdicts.iter_mut().filter(|verdict| verdict.matched()) {
                if !seen.insert(verdict.destination) {
                    verdict.effect = Effect::Already;
                    continue;
                }
                match verdict.destination {
                    Destination::Queue(queue) => queues.push(queue),
                    Destination::Exchange(exchange) => waiting.push_back(exchange),
                }
            }
            let of = self.exchange(at).filter(|_| at != Self::DEFAULT_EXCHANGE);
            let passing = of.and_then(|exchange| exchange.passing(content));
            let alternate = self.explain_alternate(at, &verdicts, &seen);
            if let Some(alternate) = &alternate
                && alternate.used == AlternateUse::Passed
                && let Some(next) = alternate.exchange
            {
                seen.insert(Destination::Exchange(next));
                waiting.push_back(next);
            }
            visits.push(Visit {
                exchange: at,
                verdicts,
                alternate,
                passing,
            });
        }
        Explanation { visits, queues }
    }

    /// The default exchange's bindings are implicit, one for each queue (E2).
    fn explain_default(&self, keys: Keys<'_>) -> Vec<Verdict> {
        let there = self.queues().iter().filter(|queue| !queue.deleted);
        there
            .map(|queue| {
                let (matched, by) = first(keys, |key| (*key == queue.name, ()));
                Verdict {
                    via: Via::Implicit(queue.id),
                    destination: Destination::Queue(queue.id),
                    key: queue.name.clone(),
                    effect: if matched.0 {
                        Effect::Passed
                    } else {
                        Effect::Refused
                    },
                    why: Why::QueueName,
                    by,
                    ignored: Vec::new(),
                }
            })
            .collect()
    }

    fn explain_exchange(
        &self,
        exchange: &Exchange,
        keys: Keys<'_>,
        content: Content<'_>,
        chance: u64,
    ) -> Vec<Verdict> {
        let waits = matches!(exchange.passing(content), Some(Passing::Delays(..)));
        let bindings = exchange.bindings.iter().filter_map(|&id| self.binding(id));
        let count = exchange.bindings.len();
        let chosen = match (exchange.rule, &exchange.matcher) {
            (ExchangeKind::LocalRandom | ExchangeKind::ModulusHash | ExchangeKind::Random, _) => {
                let place = choose(exchange.rule, exchange.id, count, keys, chance);
                place.and_then(|place| exchange.bindings.get(place).copied())
            }
            (_, Matcher::Ring(ring)) => ring.choose(keys, content),
            _ => None,
        };
        bindings
            .map(|binding| {
                let chosen = chosen == Some(binding.id);
                let ((matched, why), by) = match exchange.rule {
                    _ if waits => ((false, Why::Later), None),
                    ExchangeKind::ConsistentHash => {
                        let (buckets, all) = exchange.buckets(binding.id).unwrap_or_default();
                        let why = Why::Weighed {
                            chosen,
                            buckets,
                            all,
                        };
                        ((chosen, why), None)
                    }
                    rule => explain_binding(rule, binding, keys, content.headers, chosen),
                };
                Verdict {
                    via: Via::Binding(binding.id),
                    destination: binding.destination,
                    key: binding.key.clone(),
                    effect: if matched {
                        Effect::Passed
                    } else if why == Why::Unknown {
                        Effect::Unknown
                    } else {
                        Effect::Refused
                    },
                    why,
                    by,
                    ignored: ignored(exchange.rule, binding),
                }
            })
            .collect()
    }

    fn explain_alternate(
        &self,
        at: ExchangeId,
        verdicts: &[Verdict],
        seen: &BTreeSet<Destination>,
    ) -> Option<Alternate> {
        // The default exchange has none, whatever a policy says (E2).
        let exchange = self.exchange(at).filter(|_| at != Self::DEFAULT_EXCHANGE)?;
        let name = exchange.alternate.clone()?;
        let to = self.exchange_named(&name).map(|exchange| exchange.id);
        let used = if exchange.rule == ExchangeKind::Unknown {
            AlternateUse::Unknown
        } else if verdicts.iter().any(Verdict::matched) {
            AlternateUse::NotNeeded
        } else {
            match to {
                None => AlternateUse::Missing,
                Some(to) if seen.contains(&Destination::Exchange(to)) => AlternateUse::Already,
                Some(_) => AlternateUse::Passed,
            }
        };
        Some(Alternate {
            name,
            exchange: to,
            argued: exchange.argued_alternate().is_some(),
            used,
        })
    }
}

/// Tries one key after the other until one matches (E14): what came of that one, or else of the routing key, and the
/// key if it was a further one.
fn first<T>(keys: Keys<'_>, explain: impl Fn(&Name) -> (bool, T)) -> ((bool, T), Option<Name>) {
    let told = explain(keys.key);
    if !told.0 {
        for key in keys.also {
            let also = explain(key);
            if also.0 {
                return (also, Some(key.clone()));
            }
        }
    }
    (told, None)
}

fn explain_binding(
    kind: ExchangeKind,
    binding: &Binding,
    keys: Keys<'_>,
    headers: &Table,
    chosen: bool,
) -> ((bool, Why), Option<Name>) {
    match kind {
        ExchangeKind::Direct => first(keys, |key| (binding.key == *key, Why::Key)),
        ExchangeKind::Fanout => ((true, Why::Always), None),
        ExchangeKind::RecentHistory => ((true, Why::History), None),
        // Those that wrap another type have that one's rule, and those of a ring are told by it.
        ExchangeKind::Unknown | ExchangeKind::Delayed | ExchangeKind::ConsistentHash => {
            ((false, Why::Unknown), None)
        }
        ExchangeKind::LocalRandom | ExchangeKind::Random => {
            ((chosen, Why::Chance { chosen }), None)
        }
        ExchangeKind::ModulusHash => ((chosen, Why::Hash { chosen }), None),
        ExchangeKind::Topic => first(keys, |key| {
            let (words, miss) = explain_topic(&binding.key, key);
            (miss.is_none(), Why::Topic { words, miss })
        }),
        ExchangeKind::Headers => {
            let told = match HeadersMatch::new(&binding.arguments) {
                Ok(wanted) => explain_headers(&wanted, headers),
                // Refused when it was bound, so it cannot be here.
                Err(_) => (false, Why::Key),
            };
            (told, None)
        }
    }
}

/// What of a binding an exchange of this type passes over.
fn ignored(kind: ExchangeKind, binding: &Binding) -> Vec<Ignored> {
    if matches!(kind, ExchangeKind::Unknown | ExchangeKind::Delayed) {
        return Vec::new(); // whatever such a type looks at
    }
    let names: Vec<Name> = match kind {
        ExchangeKind::Headers => match HeadersMatch::new(&binding.arguments) {
            Ok(wanted) => wanted.skipped(&binding.arguments),
            Err(_) => Vec::new(),
        },
        _ => binding.arguments.keys().cloned().collect(),
    };
    let mut ignored = Vec::new();
    let looks_at_keys = matches!(
        kind,
        ExchangeKind::Direct | ExchangeKind::Topic | ExchangeKind::ConsistentHash
    );
    let says_so = matches!(kind, ExchangeKind::Fanout | ExchangeKind::RecentHistory);
    // That of a fanout exchange, which is nothing, is its whole reason.
    if !looks_at_keys && !says_so && !binding.key.is_empty() {
        ignored.push(Ignored::Key);
    }
    if kind == ExchangeKind::Direct && words(&binding.key).any(|word| matches!(word, "*" | "#")) {
        ignored.push(Ignored::Wildcards);
    }
    if !names.is_empty() {
        ignored.push(match kind {
            ExchangeKind::Headers => Ignored::Headers(names),
            _ => Ignored::Arguments(names),
        });
    }
    ignored
}

fn explain_headers(wanted: &HeadersMatch, headers: &Table) -> (bool, Why) {
    let checks = wanted.checks(headers);
    // One that disagrees decides against `all`; one that agrees decides for `any`.
    let all = wanted.mode.wants_all();
    let decisive = checks.iter().position(|check| check.agrees != all);
    let matched = decisive.is_some() != all;
    let why = Why::Headers {
        mode: wanted.mode,
        checks,
        decisive,
    };
    (matched, why)
}

/// Lays a pattern beside a key, word by word. Where they do not match, as far as they do.
fn explain_topic(pattern: &str, key: &str) -> (Vec<WordMatch>, Option<TopicMiss>) {
    let pattern: Vec<&str> = words(pattern).collect();
    let key: Vec<&str> = words(key).collect();
    // steps[i][j]: how many words the pattern's i-th word took, if its first i + 1 words can take the key's first j.
    let mut reached = vec![false; key.len() + 1];
    reached[0] = true;
    let mut steps: Vec<Vec<Option<usize>>> = Vec::with_capacity(pattern.len());
    for &word in &pattern {
        let mut row = vec![None; key.len() + 1];
        for from in (0..=key.len()).filter(|&from| reached[from]) {
            let most = match word {
                "#" => key.len() - from, // E22
                _ => usize::from(
                    key.get(from)
                        .is_some_and(|&next| word == "*" || word == next),
                ),
            };
            let least = usize::from(word != "#");
            for took in least..=most {
                row[from + took].get_or_insert(took);
            }
        }
        if row.iter().all(Option::is_none) {
            break;
        }
        reached = row.iter().map(Option::is_some).collect();
        steps.push(row);
    }

    let done = steps.len();
    let (end, miss) = if done == pattern.len() && reached[key.len()] {
        (key.len(), None)
    } else {
        // The furthest it got, preferring a word that differs to one that is not there.
        let ends = |&at: &usize| reached[at];
        let end = (0..key.len())
            .rev()
            .find(ends)
            .or_else(|| (0..=key.len()).rev().find(ends))
            .unwrap_or(0);
        let miss = match (pattern.get(done), key.get(end)) {
            (Some(_), Some(&word)) => TopicMiss::Differs {
                at: done,
                word: word.into(),
            },
            (Some(_), None) => TopicMiss::TooShort { at: done },
            (None, word) => TopicMiss::TooLong {
                word: word.copied().unwrap_or_default().into(),
            },
        };
        (end, Some(miss))
    };

    let mut takes = vec![0; done];
    let mut to = end;
    for at in (0..done).rev() {
        takes[at] = steps[at][to].unwrap_or(0);
        to -= takes[at];
    }
    let mut from = 0;
    let words = pattern
        .iter()
        .enumerate()
        .map(|(at, &word)| {
            let took = takes.get(at).copied().unwrap_or(0);
            let words = key[from..from + took].iter().map(|&word| word.into());
            from += took;
            WordMatch {
                pattern: word.into(),
                took: words.collect(),
            }
        })
        .collect();
    (words, miss)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aligned(pattern: &str, key: &str) -> String {
        let (words, miss) = explain_topic(pattern, key);
        let words: Vec<_> = words
            .iter()
            .map(|word| format!("{}={}", word.pattern, word.took.join("+")))
            .collect();
        match miss {
            None => format!("{} ✓", words.join(" ")),
            Some(TopicMiss::Differs { at, word }) => {
                format!("{} ✗ {at}:{word}", words.join(" "))
            }
            Some(TopicMiss::TooShort { at }) => format!("{} ✗ {at}:-", words.join(" ")),
            Some(TopicMiss::TooLong { word }) => format!("{} ✗ +{word}", words.join(" ")),
        }
    }

    // E20–E24
    #[test]
    fn a_topic_explanation_says_which_word_took_which_or_where_it_failed() {
        for (pattern, key, expected) in [
            ("*.error", "kern.error", "*=kern error=error ✓"),
            ("#", "kern.error", "#=kern+error ✓"),
            ("#", "", "#= ✓"),
            ("a.#", "a", "a=a #= ✓"),
            ("#.b.#", "a.b.c", "#=a b=b #=c ✓"),
            ("auth.#", "kern.error", "auth= #= ✗ 0:kern"),
            ("kern.*", "kern", "kern=kern *= ✗ 1:-"),
            ("kern.*", "kern.a.b", "kern=kern *=a ✗ +b"),
            ("#.error", "a.b", "#=a error= ✗ 1:b"),
            ("*", "", "*= ✗ 0:-"),
            ("", "a", " ✗ +a"),
            ("a.*.b", "a..b", "a=a *= b=b ✓"),
        ] {
            assert_eq!(aligned(pattern, key), expected, "{pattern} / {key}");
        }
    }
}
