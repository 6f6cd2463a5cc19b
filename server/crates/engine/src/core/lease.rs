//! The lease of this process as the process itself sees it: whatever it has claimed, it has for as long as this lasts.

use domain::time::{Clock, Timestamp};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// A lease that is renewed for as long as the process works. Once lost it is begun anew, and everything that was claimed
/// before is lost with it.
pub(crate) struct Lease {
    clock: Arc<dyn Clock>,
    secs: i64,
    tenure: Mutex<Tenure>,
}

struct Tenure {
    until: End,
    lost: CancellationToken,
}

/// The end of a lease, by two clocks of which the earlier counts. One may be set, and does not stand still while the
/// whole machine sleeps; the other cannot be set.
#[derive(Clone, Copy)]
pub(crate) struct End {
    by_date: Timestamp,
    by_time: Instant,
}

impl Lease {
    /// One that has not begun.
    pub(crate) fn new(clock: Arc<dyn Clock>, secs: i64) -> Self {
        let until = End {
            by_date: clock.now(),
            by_time: Instant::now(),
        };
        let lost = CancellationToken::new();
        lost.cancel();
        let tenure = Mutex::new(Tenure { until, lost });
        Self { clock, secs, tenure }
    }

    /// How long it lasts from a renewal on.
    pub(crate) fn length(&self) -> Duration {
        Duration::from_secs(u64::try_from(self.secs).unwrap_or_default().max(1))
    }

    /// When it will end if it is granted from now on. To be asked before the database is: an answer may take its time.
    pub(crate) fn end_from_now(&self) -> End {
        End {
            by_date: self.clock.now().plus_seconds(self.secs),
            by_time: Instant::now() + self.length(),
        }
    }

    /// The database has granted a new one.
    pub(crate) fn begun(&self, until: End) {
        let lost = CancellationToken::new();
        *self.tenure() = Tenure { until, lost };
    }

    /// The database has renewed it.
    pub(crate) fn renewed(&self, until: End) {
        self.tenure().until = until;
    }

    /// It is over: whatever was claimed under it stops.
    pub(crate) fn lose(&self) {
        self.tenure().lost.cancel();
    }

    /// How long it still lasts; nothing when it is lost.
    pub(crate) fn left(&self) -> Duration {
        let tenure = self.tenure();
        if tenure.lost.is_cancelled() {
            return Duration::ZERO;
        }
        let by_date = tenure.until.by_date.0.saturating_sub(self.clock.now().0);
        let by_date = Duration::from_millis(u64::try_from(by_date).unwrap_or_default());
        by_date.min(tenure.until.by_time.saturating_duration_since(Instant::now()))
    }

    /// Whether it lasts, so that what was claimed may be worked on.
    pub(crate) fn is_held(&self) -> bool {
        !self.left().is_zero()
    }

    /// Cancelled when the present one is lost. One that is begun later has another.
    pub(crate) fn lost(&self) -> CancellationToken {
        self.tenure().lost.clone()
    }

    fn tenure(&self) -> MutexGuard<'_, Tenure> {
        // A poisoned lock still holds a whole value.
        self.tenure.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicI64, Ordering};

    #[derive(Default)]
    struct SetClock(AtomicI64);

    impl Clock for SetClock {
        fn now(&self) -> Timestamp {
            Timestamp(self.0.load(Ordering::Relaxed))
        }
    }

    #[test]
    fn a_lease_is_held_from_its_beginning_until_it_is_lost() {
        let lease = Lease::new(Arc::new(SetClock::default()), 60);
        assert!(!lease.is_held(), "it has not begun");
        lease.begun(lease.end_from_now());
        let lost = lease.lost();
        assert!(lease.is_held() && !lost.is_cancelled());
        lease.lose();
        assert!(!lease.is_held() && lost.is_cancelled());
        lease.begun(lease.end_from_now());
        assert!(lease.is_held() && lost.is_cancelled(), "the new one is another");
    }

    #[test]
    fn a_machine_that_slept_past_the_lease_has_lost_it() {
        let clock = Arc::new(SetClock::default());
        let lease = Lease::new(clock.clone(), 60);
        lease.begun(lease.end_from_now());
        clock.0.store(60_000, Ordering::Relaxed);
        assert!(!lease.is_held());
        lease.renewed(lease.end_from_now());
        assert!(lease.is_held());
    }

    #[test]
    fn a_clock_that_is_set_back_makes_no_lease_longer() {
        let clock = Arc::new(SetClock(AtomicI64::new(3_600_000)));
        let lease = Lease::new(clock.clone(), 60);
        lease.begun(lease.end_from_now());
        clock.0.store(0, Ordering::Relaxed);
        assert!(lease.left() <= lease.length());
    }
}
