//! The topic exchange's trie (E20–E24).

use std::collections::HashMap;

use crate::broker::{BindingId, Name};

/// The words of a key or pattern: what stands between the dots. `""` has none, `"a."` two (E20).
pub fn words(key: &str) -> impl Iterator<Item = &str> {
    let parts = if key.is_empty() {
        None
    } else {
        Some(key.split('.'))
    };
    parts.into_iter().flatten()
}

/// Patterns by their words, so that a key is compared with all of them at once.
///
/// A key is matched by walking all nodes it can stand on at the same time, as an automaton does: the cost depends
/// on the words of the key and the patterns that agree so far, not on how many patterns there are, nor on how often
/// `#` could be stretched.
#[derive(Clone, Debug)]
pub struct TopicTrie {
    nodes: Vec<Node>,
}

#[derive(Clone, Debug, Default)]
struct Node {
    /// Ends here: these bindings match.
    bindings: Vec<BindingId>,
    word: HashMap<Name, u32>,
    star: Option<u32>,
    hash: Option<u32>,
    /// Reached by `#`, so any further word may stay here (E22).
    stays: bool,
}

/// Buffers that one match after the other can use.
#[derive(Clone, Debug, Default)]
pub struct TopicScratch {
    here: Vec<u32>,
    next: Vec<u32>,
}

impl TopicTrie {
    pub fn new() -> Self {
        Self {
            nodes: vec![Node::default()],
        }
    }

    pub fn add(&mut self, pattern: &str, binding: BindingId) {
        let mut at = 0;
        for word in words(pattern) {
            let fresh = self.nodes.len() as u32;
            let node = &mut self.nodes[at as usize];
            // E23: only a whole word is a wildcard.
            at = match word {
                "*" => *node.star.get_or_insert(fresh),
                "#" => *node.hash.get_or_insert(fresh),
                _ => *node.word.entry(word.into()).or_insert(fresh),
            };
            if at == fresh {
                self.nodes.push(Node {
                    stays: word == "#",
                    ..Node::default()
                });
            }
        }
        self.nodes[at as usize].bindings.push(binding);
    }

    /// Appends the bindings whose pattern matches the key, each once, in no particular order.
    pub fn matches(&self, key: &str, scratch: &mut TopicScratch, found: &mut Vec<BindingId>) {
        let TopicScratch { here, next } = scratch;
        here.clear();
        self.enter(0, here);
        for word in words(key) {
            next.clear();
            for &at in here.iter() {
                let node = &self.nodes[at as usize];
                if node.stays {
                    self.enter(at, next);
                }
                if let Some(&to) = node.word.get(word) {
                    self.enter(to, next);
                }
                if let Some(to) = node.star {
                    self.enter(to, next); // E21
                }
            }
            // Two ways to one node are one way; a node stands for all patterns through it.
            next.sort_unstable();
            next.dedup();
            std::mem::swap(here, next);
        }
        for &at in here.iter() {
            found.extend_from_slice(&self.nodes[at as usize].bindings);
        }
    }

    /// Stands on a node, and on what can be reached from it without a word: `#` may take none (E22).
    fn enter(&self, mut at: u32, to: &mut Vec<u32>) {
        loop {
            to.push(at);
            match self.nodes[at as usize].hash {
                Some(next) => at = next,
                None => break,
            }
        }
    }
}
