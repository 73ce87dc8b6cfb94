//! The hash of Erlang's terms that `x-consistent-hash` goes by (E41), so that a message goes to the same queue as with
//! RabbitMQ: `erlang:phash2/1`, for the terms that a message's keys, headers and properties are there.

use crate::broker::Value;
use crate::broker::octets::write as octets;

/// The golden ratio's bits, whose multiples keep the kinds of terms apart.
const RATIO: u32 = 0x9e37_79b9;
/// `phash2` gives so many bits.
const BITS: u32 = 27;

/// `erlang:phash2/1` of a binary, which is what texts are there.
pub(super) fn of_text(text: &str) -> u64 {
    let mut hash = Hash(0);
    hash.binary(&octets(text));
    hash.told()
}

/// `erlang:phash2/1` of an atom.
pub(super) fn of_atom(atom: &str) -> u64 {
    let mut hash = Hash(0);
    hash.atom(atom);
    hash.told()
}

/// `erlang:phash2/1` of the empty list.
pub(super) fn of_nothing() -> u64 {
    let mut hash = Hash(0);
    hash.nil();
    hash.told()
}

/// `erlang:phash2/1` of a field's value, without its type.
pub(super) fn of_value(value: &Value) -> u64 {
    let mut hash = Hash(0);
    hash.value(value);
    hash.told()
}

/// `erlang:phash2/1` of an array's entry: its type and its value.
pub(super) fn of_entry(value: &Value) -> u64 {
    let mut hash = Hash(0);
    hash.tuple(2);
    hash.typed(value);
    hash.told()
}

/// `erlang:phash2/1` of a table's field: its name, its type and its value.
pub(super) fn of_field(name: &str, value: &Value) -> u64 {
    let mut hash = Hash(0);
    hash.field(name, value);
    hash.told()
}

/// A term's hash while it is made: each part is mixed into what came before it.
struct Hash(u32);

impl Hash {
    fn told(&self) -> u64 {
        u64::from(self.0 & ((1 << BITS) - 1))
    }

    /// Mixes two numbers in, as parts of a certain kind.
    fn mix(&mut self, first: u32, second: u32, kind: u32) {
        let kind = RATIO.wrapping_mul(kind);
        let (first, second) = (kind.wrapping_add(first), kind.wrapping_add(second));
        (_, _, self.0) = mixed(first, second, self.0);
    }

    fn binary(&mut self, octets: &[u8]) {
        let start = RATIO.wrapping_mul(13).wrapping_add(self.0);
        self.0 = match octets {
            [] => start,
            _ => of_octets(octets, start),
        };
    }

    fn atom(&mut self, name: &str) {
        let mut hash: u32 = 0;
        for &octet in name.as_bytes() {
            hash = (hash << 4).wrapping_add(u32::from(octet));
            let high = hash & 0xf000_0000;
            if high != 0 {
                hash ^= high >> 24;
                hash ^= high;
            }
        }
        if self.0 == 0 {
            self.0 = hash;
        } else {
            self.mix(hash, 0, 3);
        }
    }

    fn nil(&mut self) {
        if self.0 == 0 {
            self.0 = 3_468_870_702;
        } else {
            self.mix(2, 0, 2);
        }
    }

    fn int(&mut self, value: i128) {
        const SMALL: i128 = 1 << 27;
        let size = value.unsigned_abs();
        if (-SMALL..SMALL).contains(&value) {
            if value < 0 {
                self.mix(size as u32, 0, 1);
            }
            self.mix(value as u32, 0, 1);
        } else {
            let kind = if value < 0 { 10 } else { 11 };
            self.mix(size as u32, (size >> 32) as u32, kind);
        }
    }

    fn float(&mut self, value: f64) {
        // A zero is the positive one.
        let bits = if value == 0.0 { 0 } else { value.to_bits() };
        self.mix((bits >> 32) as u32, bits as u32, 12);
    }

    fn tuple(&mut self, arity: u32) {
        self.mix(arity, 0, 9);
    }

    fn field(&mut self, name: &str, value: &Value) {
        self.tuple(3);
        self.binary(&octets(name));
        self.typed(value);
    }

    fn typed(&mut self, value: &Value) {
        self.atom(value.type_name());
        self.value(value);
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Void => self.atom("undefined"),
            Value::Bool(true) => self.atom("true"),
            Value::Bool(false) => self.atom("false"),
            Value::Int(value) | Value::Sized(_, value) => self.int(i128::from(*value)),
            Value::Float(value) => self.float(f64::from(*value)),
            Value::Double(value) => self.float(*value),
            Value::Decimal(places, value) => {
                self.tuple(2);
                self.int(i128::from(*places));
                self.int(i128::from(*value));
            }
            Value::Text(text) | Value::Octets(text) => self.binary(&octets(text)),
            Value::Timestamp(seconds) => self.int(i128::from(*seconds)),
            Value::Array(values) => {
                for value in values {
                    self.tuple(2);
                    self.typed(value);
                }
                self.nil();
            }
            Value::Table(fields) => {
                for (name, value) in fields.iter() {
                    self.field(name, value);
                }
                self.nil();
            }
        }
    }
}

/// Bob Jenkins' hash of octets.
fn of_octets(octets: &[u8], start: u32) -> u32 {
    let (mut a, mut b, mut c) = (RATIO, RATIO, start);
    let word = |octets: &[u8]| {
        let places = octets.iter().enumerate();
        places.fold(0u32, |word, (place, &octet)| {
            word | u32::from(octet) << (8 * place)
        })
    };
    let mut blocks = octets.chunks_exact(12);
    for block in &mut blocks {
        a = a.wrapping_add(word(&block[..4]));
        b = b.wrapping_add(word(&block[4..8]));
        c = c.wrapping_add(word(&block[8..]));
        (a, b, c) = mixed(a, b, c);
    }
    let rest = blocks.remainder();
    let part = |from: usize, to: usize| word(&rest[from.min(rest.len())..to.min(rest.len())]);
    a = a.wrapping_add(part(0, 4));
    b = b.wrapping_add(part(4, 8));
    // The last word's first octet is the length's.
    c = c.wrapping_add(octets.len() as u32);
    c = c.wrapping_add(part(8, 11) << 8);
    mixed(a, b, c).2
}

fn mixed(mut a: u32, mut b: u32, mut c: u32) -> (u32, u32, u32) {
    for [first, second, third] in [[13, 8, 13], [12, 16, 5], [3, 10, 15]] {
        a = a.wrapping_sub(b).wrapping_sub(c) ^ (c >> first);
        b = b.wrapping_sub(c).wrapping_sub(a) ^ (a << second);
        c = c.wrapping_sub(a).wrapping_sub(b) ^ (b >> third);
    }
    (a, b, c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::InnerTable;

    // E41: what a live 4.3.6 says of the same terms.
    #[test]
    fn terms_have_the_hash_that_erlang_gives_them() {
        let text = |text: &str| Value::Text(text.into());
        for (told, expected) in [
            (of_atom("undefined"), 45_914_356),
            (of_atom("true"), 506_293),
            (of_atom("false"), 7_111_573),
            (of_text(""), 13_708_901),
            (of_text("a"), 112_802_447),
            (of_text("hello world, this is long"), 86_224_811),
            (of_value(&Value::Double(1.5)), 10_380_315),
            (of_value(&Value::Double(-2.0)), 100_094_775),
            (of_entry(&text("a")), 65_711_459),
            (of_field("k", &text("v")), 37_084_577),
            (of_entry(&Value::Int(5)), 40_839_585),
            (of_entry(&Value::Int(-5)), 39_932_925),
            (of_entry(&Value::Int(1_234_567_890_123)), 118_372_860),
            (of_entry(&Value::Bool(true)), 32_030_443),
            (of_entry(&Value::Table(InnerTable::default())), 80_606_520),
            (of_nothing(), 113_427_502),
            (of_entry(&Value::Array(vec![text("x")])), 134_154_401),
            (of_entry(&Value::Void), 27_077_197),
            (of_value(&Value::Decimal(1, 2)), 91_564_110),
        ] {
            assert_eq!(told, expected);
        }
    }
}
