//! Where the addresses of new network cards come from.

use serde::{Deserialize, Serialize};

/// A range of MAC addresses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MacRange {
    /// First three octets.
    pub oui: String,
    /// Lowest last three octets.
    pub start: String,
    /// Highest last three octets.
    pub end: String,
}

impl Default for MacRange {
    fn default() -> Self {
        Self {
            oui: "00:21:f6".to_owned(),
            start: "00:00:00".to_owned(),
            end: "ff:ff:ff".to_owned(),
        }
    }
}

impl MacRange {
    /// How many addresses there are.
    pub fn size(&self) -> u64 {
        octets(&self.end).saturating_sub(octets(&self.start)) + 1
    }

    /// The address with this number in an order that follows from the seed: it looks random, and each address of the
    /// range comes once before any comes again.
    pub fn address(&self, seed: u64, number: u64) -> String {
        let size = u128::from(self.size());
        let place = (u128::from(scattered(seed)) + u128::from(number) * u128::from(stride(self.size()))) % size;
        let place = octets(&self.start) + u64::try_from(place).unwrap_or_default();
        let [.., a, b, c] = place.to_be_bytes();
        format!("{}:{a:02x}:{b:02x}:{c:02x}", self.oui)
    }
}

/// Three octets as a number.
fn octets(text: &str) -> u64 {
    u64::from_str_radix(&text.replace(':', ""), 16).unwrap_or_default()
}

/// Neighbouring seeds begin far from each other.
fn scattered(seed: u64) -> u64 {
    seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 16
}

/// A step that meets every place of a circle of this size, since the two have no common divisor; near the golden section,
/// so that neighbours in the order are far from each other.
fn stride(size: u64) -> u64 {
    let golden = size / 1000 * 618 + 1;
    (golden..).find(|step| common_divisor(*step, size) == 1).unwrap_or(1)
}

fn common_divisor(one: u64, other: u64) -> u64 {
    match other {
        0 => one,
        _ => common_divisor(other, one % other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Body, Estate, Vnic};
    use crate::switches::Dialect;
    use std::collections::HashSet;

    #[test]
    fn every_address_of_the_range_comes_once() {
        let range = MacRange::default();
        let mut seen = vec![false; 1 << 24];
        for number in 0..1 << 24 {
            let mac = range.address(1, number);
            let place = octets(mac.strip_prefix("00:21:f6:").unwrap());
            assert!(!std::mem::replace(&mut seen[place as usize], true), "{mac} came twice");
        }
        assert_eq!(range.size(), 1 << 24);
        assert_eq!(range.address(1, 1 << 24), range.address(1, 0));
    }

    #[test]
    fn a_range_of_any_size_is_used_up_before_it_begins_again() {
        for size in [1, 2, 6, 60, 255, 256] {
            let range = MacRange {
                start: "00:00:10".into(),
                end: format!("00:{:02x}:{:02x}", (0x0f + size) >> 8, (0x0f + size) & 0xff),
                ..MacRange::default()
            };
            let all: HashSet<_> = (0..size).map(|number| range.address(7, number)).collect();
            assert_eq!((range.size(), all.len() as u64), (size, size));
        }
    }

    #[test]
    fn seeds_begin_elsewhere() {
        let range = MacRange::default();
        let first: HashSet<_> = (0..100).map(|seed| range.address(seed, 0)).collect();
        assert_eq!(first.len(), 100);
    }

    #[test]
    fn an_address_that_somebody_has_set_is_passed_over() {
        let mut estate = Estate::new(Dialect::V34, 1);
        let taken = estate.mac_range.address(1, 0);
        let card = |mac: &str| {
            Body::Vnic(Vnic {
                vm: None,
                mac: mac.to_owned(),
                network: None,
                order: 0,
            })
        };
        estate.add("a card", card(&taken));
        let new = estate.new_mac();
        assert_eq!(new, estate.mac_range.address(1, 1));
        estate.add("another", card(&new));
        assert_eq!(estate.new_mac(), estate.mac_range.address(1, 2));
    }
}
