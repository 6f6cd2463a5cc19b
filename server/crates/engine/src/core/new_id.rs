//! New ids: short enough to be read out, long enough not to meet.

use rand::Rng;

/// Digits and letters that are not mistaken for each other.
const ALPHABET: &[u8; 32] = b"23456789abcdefghjkmnpqrstuvwxyz0";

/// A random id of `length` characters, five bits each.
pub fn new_id(length: usize) -> String {
    let mut rng = rand::rng();
    (0..length)
        .map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())]))
        .collect()
}
