//! How often a password may be guessed. Counted for a name from one address, so that nobody can lock a name out from
//! somewhere else, and for an address over all names; counted in the database, for all processes together.

use crate::core::Core;
use domain::time::Timestamp;
use std::net::{IpAddr, Ipv6Addr};
use store::{LoginFailure, StoreError};

/// How long a failure counts.
const WINDOW_SECS: i64 = 15 * 60;
/// Failures in the window for one name from one address.
const PER_NAME: usize = 10;
/// Failures in the window for one address.
const PER_ADDRESS: usize = 30;

/// Counts an attempt as failed before it is made, so that many at the same time do not slip through together;
/// [`succeeded`] takes it back. The answer is the seconds to wait when there were too many.
///
/// # Errors
/// [`StoreError`] when they cannot be counted.
pub(super) async fn begin(core: &Core, name: &str, address: &str) -> Result<Option<u64>, StoreError> {
    let now = core.now();
    let forgotten = now.plus_seconds(-WINDOW_SECS);
    let source = source(address);
    // Whoever goes on at the door when it is closed shall not hold up those who write.
    let seen = core.store.login_failures(&source, forgotten).await?;
    if let Some(wait) = to_wait(&seen, name, now) {
        return Ok(Some(wait));
    }
    let tx = core.store.begin().await?;
    let failures = tx.login_failures(&source, forgotten).await?;
    if let Some(wait) = to_wait(&failures, name, now) {
        return Ok(Some(wait));
    }
    let failure = LoginFailure {
        source,
        name: name.to_owned(),
        at: now,
    };
    tx.put_login_failure(&failure, forgotten).await?;
    tx.commit().await?;
    Ok(None)
}

/// The right password: forgets the failures of this name from this address.
///
/// # Errors
/// [`StoreError`] when that cannot be written.
pub(super) async fn succeeded(core: &Core, name: &str, address: &str) -> Result<(), StoreError> {
    forget(core, name, Some(&source(address))).await
}

/// There is a new password: forgets the failures of this name from everywhere.
///
/// # Errors
/// [`StoreError`] when that cannot be written.
pub(super) async fn forgive(core: &Core, name: &str) -> Result<(), StoreError> {
    forget(core, name, None).await
}

async fn forget(core: &Core, name: &str, source: Option<&str>) -> Result<(), StoreError> {
    let tx = core.store.begin().await?;
    tx.forget_login_failures(name, source).await?;
    tx.commit().await
}

/// The seconds that this name has to wait after these failures from its address.
fn to_wait(failures: &[LoginFailure], name: &str, now: Timestamp) -> Option<u64> {
    let of_name = failures.iter().filter(|failure| failure.name == name);
    let in_the_way = nth_last(failures.iter(), PER_ADDRESS).max(nth_last(of_name, PER_NAME))?;
    let millis = in_the_way.plus_seconds(WINDOW_SECS).0 - now.0;
    Some(u64::try_from(millis).unwrap_or(0).div_ceil(1000))
}

/// When the `limit`-th failure from the end happened: until that one is forgotten, the limit is reached.
fn nth_last<'a>(failures: impl DoubleEndedIterator<Item = &'a LoginFailure>, limit: usize) -> Option<Timestamp> {
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

    /// So many failures of a name, one a second until now.
    fn failures(name: &str, many: i64) -> Vec<LoginFailure> {
        let failure = |before: i64| LoginFailure {
            source: source("10.0.0.1"),
            name: name.into(),
            at: NOW.plus_seconds(-before),
        };
        (0..many).rev().map(failure).collect()
    }

    #[test]
    fn the_eleventh_failure_of_a_name_from_one_address_has_to_wait() {
        assert_eq!(to_wait(&failures("olga", 9), "olga", NOW), None);
        let ten = failures("olga", 10);
        assert_eq!(to_wait(&ten, "olga", NOW), Some(891), "until the first is forgotten");
        assert_eq!(to_wait(&ten, "anna", NOW), None, "another name is not locked out");
    }

    #[test]
    fn an_address_cannot_try_one_name_after_the_other() {
        let mut all: Vec<LoginFailure> = (0..30).flat_map(|name| failures(&name.to_string(), 1)).collect();
        assert_eq!(to_wait(&all, "another", NOW), Some(900));
        all.pop();
        assert_eq!(to_wait(&all, "another", NOW), None);
    }

    #[test]
    fn the_first_half_of_an_ipv6_address_counts() {
        assert_eq!(source("2001:db8::1"), source("2001:db8::2"));
        assert_ne!(source("2001:db8::1"), source("2001:db8:0:1::1"));
        assert_ne!(source("10.0.0.1"), source("10.0.0.2"));
    }
}
