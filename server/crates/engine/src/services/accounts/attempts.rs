//! How often a password may be guessed. Counted for a name from one address, so that nobody can lock a name out from
//! somewhere else, and for an address over all names. Kept in memory, at most [`PER_ADDRESS`] for an address and not
//! longer than [`WINDOW_SECS`]: a restart forgives.

use domain::time::Timestamp;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

/// How long a failure counts.
const WINDOW_SECS: i64 = 15 * 60;
/// Failures in the window for one name from one address.
const PER_NAME: usize = 10;
/// Failures in the window for one address.
const PER_ADDRESS: usize = 30;

/// The failures of the last minutes, by address.
#[derive(Default)]
pub(crate) struct Attempts(Mutex<HashMap<String, Vec<Failure>>>);

struct Failure {
    at: Timestamp,
    name: String,
}

impl Attempts {
    /// Counts an attempt as failed before it is made, so that many at the same time do not slip through together;
    /// [`Attempts::succeeded`] takes it back.
    ///
    /// # Errors
    /// The seconds to wait when there were too many.
    pub(super) fn begin(&self, name: &str, address: &str, now: Timestamp) -> Result<(), u64> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, failures| {
            failures.retain(|failure| failure.at.plus_seconds(WINDOW_SECS) > now);
            !failures.is_empty()
        });
        let failures = all.entry(source(address)).or_default();
        let of_name = failures.iter().filter(|failure| failure.name == name);
        let in_the_way = nth_last(failures.iter(), PER_ADDRESS).max(nth_last(of_name, PER_NAME));
        if let Some(at) = in_the_way {
            let millis = at.plus_seconds(WINDOW_SECS).0 - now.0;
            return Err(u64::try_from(millis).unwrap_or(0).div_ceil(1000));
        }
        failures.push(Failure {
            at: now,
            name: name.to_owned(),
        });
        Ok(())
    }

    /// The right password: forgets the failures of this name from this address.
    pub(super) fn succeeded(&self, name: &str, address: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(failures) = all.get_mut(&source(address)) {
            failures.retain(|failure| failure.name != name);
        }
    }

    /// There is a new password: forgets the failures of this name from everywhere.
    pub(super) fn forgive(&self, name: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for failures in all.values_mut() {
            failures.retain(|failure| failure.name != name);
        }
    }
}

/// When the `limit`-th failure from the end happened: until that one is forgotten, the limit is reached.
fn nth_last<'a>(failures: impl DoubleEndedIterator<Item = &'a Failure>, limit: usize) -> Option<Timestamp> {
    failures.rev().nth(limit - 1).map(|failure| failure.at)
}

/// What counts as one address. Whoever has one IPv6 address usually has 2^64 of them: the first half counts.
fn source(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(v6)) if v6.to_ipv4_mapped().is_none() => {
            Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).to_string()
        }
        _ => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    #[test]
    fn the_eleventh_failure_of_a_name_from_one_address_has_to_wait() {
        let attempts = Attempts::default();
        for second in 0..10 {
            assert_eq!(attempts.begin("olga", "10.0.0.1", NOW.plus_seconds(second)), Ok(()));
        }
        assert_eq!(attempts.begin("olga", "10.0.0.1", NOW.plus_seconds(10)), Err(890));
        assert_eq!(
            attempts.begin("olga", "10.0.0.2", NOW),
            Ok(()),
            "another address is not locked out"
        );
        assert_eq!(
            attempts.begin("anna", "10.0.0.1", NOW),
            Ok(()),
            "another name is not locked out"
        );
        assert_eq!(
            attempts.begin("olga", "10.0.0.1", NOW.plus_seconds(WINDOW_SECS)),
            Ok(()),
            "the first is forgotten"
        );
    }

    #[test]
    fn an_address_cannot_try_one_name_after_the_other() {
        let attempts = Attempts::default();
        for number in 0..30 {
            assert_eq!(attempts.begin(&format!("name{number}"), "2001:db8::1", NOW), Ok(()));
        }
        assert_eq!(
            attempts.begin("another", "2001:db8::2", NOW),
            Err(900),
            "the same network"
        );
        assert_eq!(attempts.begin("another", "2001:db8:0:1::1", NOW), Ok(()));
    }

    #[test]
    fn a_new_password_forgives_this_name_everywhere() {
        let attempts = Attempts::default();
        for address in ["10.0.0.1", "10.0.0.2"] {
            for _ in 0..10 {
                attempts.begin("olga", address, NOW).unwrap();
                attempts.begin("anna", address, NOW).unwrap();
            }
        }
        attempts.forgive("olga");
        for address in ["10.0.0.1", "10.0.0.2"] {
            assert_eq!(attempts.begin("olga", address, NOW), Ok(()));
            assert_eq!(attempts.begin("anna", address, NOW), Err(900));
        }
    }

    #[test]
    fn the_right_password_forgives_this_name_only() {
        let attempts = Attempts::default();
        for _ in 0..9 {
            attempts.begin("olga", "10.0.0.1", NOW).unwrap();
            attempts.begin("anna", "10.0.0.1", NOW).unwrap();
        }
        attempts.begin("olga", "10.0.0.1", NOW).unwrap();
        attempts.begin("anna", "10.0.0.1", NOW).unwrap();
        attempts.succeeded("olga", "10.0.0.1");
        assert_eq!(attempts.begin("olga", "10.0.0.1", NOW), Ok(()));
        assert_eq!(attempts.begin("anna", "10.0.0.1", NOW), Err(900));
    }
}
