//! Why a message goes where it goes: for each exchange visited, each binding with its reason, matched or not.
//!
//! Written apart from the [router](super::router), binding by binding, so that each can be held against the other.

use std::collections::BTreeSet;

use super::headers::{HeaderCheck, HeadersMatch, MatchMode};
use super::{
    Binding, Definitions, Destination, ExchangeId, ExchangeKind, Name, QueueId, Table, Via, words,
};

/// The whole way of a message through the exchanges.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The exchanges visited, in order; each once, however many bindings lead to it (E12).
    pub visits: Vec<Visit>,
    /// The queues that get a copy, in order, each once; none means the message is unroutable.
    pub queues: Vec<QueueId>,
}

/// What one exchange made of the message.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    /// The exchange.
    pub exchange: ExchangeId,
    /// All its bindings, in order.
    pub verdicts: Vec<Verdict>,
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
}

impl Verdict {
    /// Whether the binding matched. That it added nothing, since the queue has its copy already, does not count against it.
    pub fn matched(&self) -> bool {
        self.effect != Effect::Refused
    }
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
    pub fn explain(&self, exchange: ExchangeId, key: &str, headers: &Table) -> Explanation {
        let mut visits = Vec::new();
        let mut queues = Vec::new();
        let mut seen = BTreeSet::from([Destination::Exchange(exchange)]);
        let mut waiting = std::collections::VecDeque::from([exchange]);
        while let Some(at) = waiting.pop_front() {
            let candidates = self.candidates(at);
            let mut verdicts = Vec::with_capacity(candidates.len());
            for (via, destination, binding_key, binding) in candidates {
                let (matched, why) = match binding {
                    None => (key == binding_key.as_str(), Why::QueueName),
                    Some((kind, binding)) => explain_binding(kind, binding, key, headers),
                };
                let effect = if !matched {
                    Effect::Refused
                } else if seen.insert(destination) {
                    match destination {
                        Destination::Queue(queue) => queues.push(queue),
                        Destination::Exchange(exchange) => waiting.push_back(exchange),
                    }
                    Effect::Passed
                } else {
                    Effect::Already
                };
                verdicts.push(Verdict {
                    via,
                    destination,
                    key: binding_key,
                    effect,
                    why,
                });
            }
            visits.push(Visit {
                exchange: at,
                verdicts,
            });
        }
        Explanation { visits, queues }
    }

    /// An exchange's bindings; the default exchange's are implicit, one for each queue (E2).
    #[allow(clippy::type_complexity)]
    fn candidates(
        &self,
        at: ExchangeId,
    ) -> Vec<(Via, Destination, Name, Option<(ExchangeKind, &Binding)>)> {
        if at == Self::DEFAULT_EXCHANGE {
            return (0..)
                .map(QueueId)
                .zip(self.queues())
                .map(|(id, name)| {
                    (
                        Via::Implicit(id),
                        Destination::Queue(id),
                        name.clone(),
                        None,
                    )
                })
                .collect();
        }
        let Some(exchange) = self.exchange(at) else {
            return Vec::new();
        };
        exchange
            .bindings
            .iter()
            .filter_map(|&id| self.binding(id))
            .map(|binding| {
                (
                    Via::Binding(binding.id),
                    binding.destination,
                    binding.key.clone(),
                    Some((exchange.kind, binding)),
                )
            })
            .collect()
    }
}

fn explain_binding(
    kind: ExchangeKind,
    binding: &Binding,
    key: &str,
    headers: &Table,
) -> (bool, Why) {
    match kind {
        ExchangeKind::Direct => (binding.key == *key, Why::Key),
        ExchangeKind::Fanout | ExchangeKind::LocalRandom | ExchangeKind::ModulusHash => {
            (true, Why::Always)
        }
        ExchangeKind::Topic => {
            let (words, miss) = explain_topic(&binding.key, key);
            (miss.is_none(), Why::Topic { words, miss })
        }
        ExchangeKind::Headers => match HeadersMatch::new(&binding.arguments) {
            Ok(wanted) => explain_headers(&wanted, headers),
            // Refused when it was bound, so it cannot be here.
            Err(_) => (false, Why::Key),
        },
    }
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
