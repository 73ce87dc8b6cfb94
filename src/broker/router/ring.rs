//! `x-consistent-hash` (E41, E42): buckets, as many for each destination as its weight says, and one of them for each hash.

use crate::broker::mix::ByNumber;
use crate::broker::{BindingId, Destination, Name, Table, Value};

use super::term::{of_atom, of_entry, of_field, of_nothing, of_text, of_value};
use super::{Content, Keys};

/// The argument that names the header to hash.
pub(in crate::broker) const HASH_HEADER: &str = "hash-header";
/// The argument that names the property to hash.
pub(in crate::broker) const HASH_PROPERTY: &str = "hash-property";
/// The properties that can be hashed.
pub(in crate::broker) const PROPERTIES: [&str; 3] = ["correlation_id", "message_id", "timestamp"];

/// An exchange's buckets. A destination has those of the binding that was first; further bindings to it add none, and the
/// first that goes takes them all away (E42).
#[derive(Clone, Debug, Default)]
pub(in crate::broker) struct Ring {
    on: HashOn,
    shares: Vec<Share>,
    buckets: u64,
    bindings: ByNumber<Destination>,
}

#[derive(Clone, Copy, Debug)]
struct Share {
    binding: BindingId,
    destination: Destination,
    buckets: u64,
}

/// What is hashed of a message (E41).
#[derive(Clone, Debug, Default)]
enum HashOn {
    /// The routing key.
    #[default]
    Key,
    Header(Name),
    Property(Name),
}

impl Ring {
    /// The ring of an exchange that was declared so, without any buckets.
    pub fn new(arguments: &Table) -> Self {
        let text = |name| match arguments.get(name) {
            Some(Value::Text(text)) => Some(text.clone()),
            _ => None,
        };
        let header = text(HASH_HEADER).map(HashOn::Header);
        let on = header.or_else(|| text(HASH_PROPERTY).map(HashOn::Property));
        Self {
            on: on.unwrap_or_default(),
            ..Self::default()
        }
    }

    pub fn add(&mut self, binding: BindingId, destination: Destination, weight: u64) {
        self.bindings.insert(u64::from(binding.0), destination);
        let is_same = |share: &Share| share.destination == destination;
        if !self.shares.iter().any(is_same) {
            self.buckets += weight;
            self.shares.push(Share {
                binding,
                destination,
                buckets: weight,
            });
        }
    }

    pub fn remove(&mut self, binding: BindingId) {
        let Some(destination) = self.bindings.remove(&u64::from(binding.0)) else {
            return;
        };
        let gone = |share: &Share| share.destination == destination;
        if let Some(at) = self.shares.iter().position(gone) {
            self.buckets -= self.shares.remove(at).buckets;
        }
    }

    /// The binding whose destination a message goes to; none if there is no bucket.
    pub fn choose(&self, keys: Keys<'_>, content: Content<'_>) -> Option<BindingId> {
        let mut bucket = match self.buckets {
            0 => return None,
            1 => 0,
            buckets => jump(self.hash(keys, content), buckets),
        };
        let its = |share: &&Share| match bucket.checked_sub(share.buckets) {
            Some(rest) => {
                bucket = rest;
                false
            }
            None => true,
        };
        self.shares.iter().find(its).map(|share| share.binding)
    }

    /// How many of how many buckets a binding has.
    pub fn share(&self, binding: BindingId) -> (u64, u64) {
        let is_its = |share: &&Share| share.binding == binding;
        let its = self.shares.iter().find(is_its);
        (its.map_or(0, |share| share.buckets), self.buckets)
    }

    /// What of a message is hashed.
    fn hash(&self, keys: Keys<'_>, content: Content<'_>) -> u64 {
        match &self.on {
            HashOn::Key => of_text(keys.key),
            HashOn::Header(name) => match content.headers.get(name) {
                None => of_atom("undefined"),
                // A number is its own hash.
                Some(Value::Int(value) | Value::Sized(_, value)) => *value as u64,
                // It is counted in milliseconds there.
                Some(Value::Timestamp(seconds)) => seconds.wrapping_mul(1000),
                // Of a list its first entry counts.
                Some(Value::Array(values)) => values.first().map_or_else(of_nothing, of_entry),
                Some(Value::Table(fields)) => match fields.iter().next() {
                    Some((name, value)) => of_field(name, value),
                    None => of_nothing(),
                },
                Some(other) => of_value(other),
            },
            HashOn::Property(name) => {
                let text = match name.as_str() {
                    "correlation_id" => content.correlation_id.cloned(),
                    "message_id" => content.message_id.cloned(),
                    _ => content.timestamp.map(|it| it.to_string().into()),
                };
                text.map_or_else(|| of_atom("undefined"), |text| of_text(&text))
            }
        }
    }
}

/// Which of so many buckets a hash has: Lamping and Veach's jump consistent hash, by the random numbers of Erlang's
/// `exs1024`. Its numbers are floats, of which only what IEEE 754 lays down is used, so that all machines agree.
fn jump(hash: u64, buckets: u64) -> u64 {
    let mut random = Xorshift::new(hash);
    let mut next: f64 = 0.0;
    loop {
        let bucket = next;
        let divisor = random.next() as f64 / 2f64.powi(64);
        next = ((bucket + 1.0) / divisor).trunc();
        if next >= buckets as f64 {
            return bucket as u64;
        }
    }
}

/// Vigna's xorshift1024*.
struct Xorshift {
    state: [u64; 16],
    at: usize,
}

impl Xorshift {
    fn new(seed: u64) -> Self {
        const MASK: u64 = (1 << 21) - 1;
        let part = |prime: u64| (((seed & MASK) + 1) * prime) & MASK;
        let (first, second, third) = (part(2_097_131), part(2_097_133), part(2_097_143));
        let mut seed = first << 43 | second << 22 | third << 1 | 1;
        let mut state = [0; 16];
        // Erlang puts each before the one that came earlier.
        for word in state.iter_mut().rev() {
            seed ^= seed >> 12;
            seed ^= seed << 25;
            seed ^= seed >> 27;
            *word = seed.wrapping_mul(2_685_821_657_736_338_717);
        }
        Self { state, at: 0 }
    }

    fn next(&mut self) -> u64 {
        let first = self.state[self.at];
        self.at = (self.at + 1) % self.state.len();
        let mut second = self.state[self.at];
        second ^= second << 31;
        second ^= second >> 11;
        let new = (first ^ (first >> 30)) ^ second;
        self.state[self.at] = new;
        new.wrapping_mul(1_181_783_497_276_652_981)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // E41: what a live 4.3.6 draws.
    #[test]
    fn the_random_numbers_are_erlangs() {
        for (seed, expected) in [
            (0, 0.294_232_217_744_804_2),
            (1, 0.359_998_330_015_724_73),
            (5, 0.352_440_983_626_264_2),
            (12_345, 0.037_522_836_103_473_42),
            (134_217_727, 0.403_937_041_687_543_9),
        ] {
            let drawn = Xorshift::new(seed).next() as f64 / 2f64.powi(64);
            assert_eq!(drawn.to_bits(), f64::to_bits(expected), "{seed}: {drawn}");
        }
    }
}
