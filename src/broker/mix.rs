//! Mixing numbers: for tables looked up by number, and for choices that must look like chance and be none.

use std::hash::Hasher;

use super::Name;

/// Spreads a number over all bits: neighbours become strangers (the last step of `SplitMix64`).
pub(super) fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// One of `count` things, each as likely as the others, if the number is well mixed.
pub(super) fn below(count: usize, mixed: u64) -> usize {
    ((u128::from(mixed) * count as u128) >> 64) as usize
}

/// A name that the broker makes up: a number or, with a seed, 22 letters that look like chance, as RabbitMQ's are.
pub(super) fn made_up(start: &str, seed: Option<u64>, number: u64) -> Name {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let Some(seed) = seed else {
        return format!("{start}{number}").into();
    };
    let (first, second) = (mix(mix(seed) ^ number), mix(mix(seed ^ number) ^ number));
    let bits = u128::from(first) << 64 | u128::from(second);
    let letters = (0..22).map(|place| LETTERS[(bits >> (6 * place)) as usize % LETTERS.len()]);
    let letters = letters.map(char::from);
    format!("{start}{}", letters.collect::<String>()).into()
}

/// A hash of octets that is the same on every machine and in every run (`FNV-1a`).
#[derive(Clone, Copy, Debug)]
pub(super) struct Fnv(pub u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, octets: &[u8]) {
        for &octet in octets {
            self.0 = (self.0 ^ u64::from(octet)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// A table looked up by number.
pub(super) type ByNumber<V> = rustc_hash::FxHashMap<u64, V>;
