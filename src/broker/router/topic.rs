//! The topic exchange's trie (E20–E24).

use rustc_hash::FxHashMap;

use crate::broker::few::Few;
use crate::broker::mix::ByNumber;
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
    /// Nodes that no pattern uses any more, to be used again.
    free: Vec<u32>,
    /// The words that patterns have, so that a word of a key is looked up once for all nodes.
    words: FxHashMap<Name, Word>,
    words_ever: u32,
    /// Where a word leads from a node; see [`step`].
    steps: ByNumber<u32>,
}

/// A word of patterns that is no wildcard.
#[derive(Clone, Copy, Debug)]
struct Word {
    number: u32,
    /// From how many nodes it leads on.
    uses: u32,
}

#[derive(Clone, Debug, Default)]
struct Node {
    /// Ends here: these bindings match.
    bindings: Few,
    star: Option<u32>,
    hash: Option<u32>,
    /// How many nodes follow it.
    children: u32,
    /// Reached by `#`, so any further word may stay here (E22).
    stays: bool,
}

/// Buffers that one match after the other can use.
#[derive(Clone, Debug, Default)]
pub struct TopicScratch {
    here: Vec<u32>,
    next: Vec<u32>,
}

/// A node and a word as one number.
fn step(node: u32, word: u32) -> u64 {
    u64::from(node) << 32 | u64::from(word)
}

impl TopicTrie {
    pub fn new() -> Self {
        Self {
            nodes: vec![Node::default()],
            free: Vec::new(),
            words: FxHashMap::default(),
            words_ever: 0,
            steps: ByNumber::default(),
        }
    }

    pub fn add(&mut self, pattern: &str, binding: BindingId) {
        let mut at = 0;
        for word in words(pattern) {
            at = match self.follow(at, word) {
                Some(next) => next,
                None => self.grow(at, word),
            };
        }
        self.nodes[at as usize].bindings.push(binding);
    }

    pub fn remove(&mut self, pattern: &str, binding: BindingId) {
        let mut way = Vec::new();
        let mut at = 0;
        for word in words(pattern) {
            let Some(next) = self.follow(at, word) else {
                return;
            };
            way.push((at, word));
            at = next;
        }
        self.nodes[at as usize].bindings.remove(binding);
        for (parent, word) in way.into_iter().rev() {
            let node = &self.nodes[at as usize];
            if node.children > 0 || !node.bindings.is_empty() {
                break;
            }
            self.prune(parent, word, at);
            at = parent;
        }
    }

    /// The node after this word of a pattern, if there is one.
    fn follow(&self, at: u32, word: &str) -> Option<u32> {
        let node = &self.nodes[at as usize];
        // E23: only a whole word is a wildcard.
        match word {
            "*" => node.star,
            "#" => node.hash,
            _ => {
                let word = self.words.get(word)?;
                self.steps.get(&step(at, word.number)).copied()
            }
        }
    }

    fn grow(&mut self, at: u32, word: &str) -> u32 {
        let node = Node {
            stays: word == "#",
            ..Node::default()
        };
        let next = match self.free.pop() {
            Some(free) => {
                self.nodes[free as usize] = node;
                free
            }
            None => {
                self.nodes.push(node);
                self.nodes.len() as u32 - 1
            }
        };
        let parent = &mut self.nodes[at as usize];
        parent.children += 1;
        match word {
            "*" => parent.star = Some(next),
            "#" => parent.hash = Some(next),
            _ => {
                let number = self.take_word(word);
                self.steps.insert(step(at, number), next);
            }
        }
        next
    }

    fn prune(&mut self, parent: u32, word: &str, node: u32) {
        let above = &mut self.nodes[parent as usize];
        above.children -= 1;
        match word {
            "*" => above.star = None,
            "#" => above.hash = None,
            _ => {
                if let Some(number) = self.leave_word(word) {
                    self.steps.remove(&step(parent, number));
                }
            }
        }
        self.free.push(node);
    }

    /// The number of a word that leads on from one node more.
    fn take_word(&mut self, word: &str) -> u32 {
        if let Some(word) = self.words.get_mut(word) {
            word.uses += 1;
            return word.number;
        }
        let number = self.words_ever;
        self.words_ever += 1;
        self.words.insert(word.into(), Word { number, uses: 1 });
        number
    }

    /// The number of a word that leads on from one node less.
    fn leave_word(&mut self, word: &str) -> Option<u32> {
        let there = self.words.get_mut(word)?;
        there.uses -= 1;
        let Word { number, uses } = *there;
        if uses == 0 {
            self.words.remove(word);
        }
        Some(number)
    }

    /// Appends the bindings whose pattern matches the key, each once, in no particular order.
    pub fn matches(&self, key: &str, scratch: &mut TopicScratch, found: &mut Vec<BindingId>) {
        let TopicScratch { here, next } = scratch;
        here.clear();
        self.enter(0, here);
        for word in words(key) {
            next.clear();
            let word = self.words.get(word);
            for &at in here.iter() {
                let node = &self.nodes[at as usize];
                if node.stays {
                    self.enter(at, next);
                }
                let by_word = word.and_then(|word| self.steps.get(&step(at, word.number)));
                if let Some(&to) = by_word {
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
            found.extend_from_slice(self.nodes[at as usize].bindings.as_slice());
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

#[cfg(test)]
mod tests {
    use super::*;

    // E11: what was unbound leaves nothing behind.
    #[test]
    fn a_trie_emptied_holds_no_word_and_uses_its_nodes_again() {
        let patterns = ["a.b", "a.*", "a.#.b", "#", "", "a.b", "c.a.b"];
        let mut trie = TopicTrie::new();
        for _ in 0..3 {
            for (pattern, id) in patterns.iter().zip(0..) {
                trie.add(pattern, BindingId(id));
            }
            assert_eq!(trie.nodes.len(), 10, "the root and one for each step");
            for (pattern, id) in patterns.iter().zip(0..) {
                trie.remove(pattern, BindingId(id));
            }
            assert!(trie.words.is_empty() && trie.steps.is_empty());
            assert_eq!(trie.free.len(), 9);
            let mut found = Vec::new();
            trie.matches("a.b", &mut TopicScratch::default(), &mut found);
            assert_eq!(found, []);
        }
    }
}
