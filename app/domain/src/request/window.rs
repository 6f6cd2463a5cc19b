//! When the run of a request may begin.

use crate::error::{RequestFlaw, ServiceError};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How far ahead a window may lie, in days. What a plan relies on is looked at again when its run begins, but a restore
/// that somebody has forgotten must not begin in a year.
pub const WINDOW_DAYS: i64 = 30;

/// When a run may begin: from `not_before` on, and before `not_after`. It only has to begin in it, not to end in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Window {
    /// It does not begin earlier; none for as soon as it can.
    pub not_before: Option<Timestamp>,
    /// From then on it does not begin any more; none for whenever it can.
    pub not_after: Option<Timestamp>,
}

impl Window {
    /// Checks both ends of a window that is asked for now.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] for the field `not_before` or `not_after`.
    pub fn checked(self, now: Timestamp) -> Result<Self, ServiceError> {
        let last = now.plus_seconds(WINDOW_DAYS * 24 * 3600);
        for (field, end) in [("not_before", self.not_before), ("not_after", self.not_after)] {
            match end {
                Some(end) if end <= now => {
                    return Err(ServiceError::invalid(field, RequestFlaw::TimePast));
                }
                Some(end) if end > last => {
                    return Err(ServiceError::invalid(field, RequestFlaw::TimeFar { days: WINDOW_DAYS }));
                }
                _ => {}
            }
        }
        match (self.not_before, self.not_after) {
            (Some(begin), Some(end)) if end <= begin => {
                Err(ServiceError::invalid("not_after", RequestFlaw::WindowOrder))
            }
            _ => Ok(self),
        }
    }

    /// Whether it is too early to begin.
    pub fn is_ahead(&self, now: Timestamp) -> bool {
        self.not_before.is_some_and(|begin| now < begin)
    }

    /// Whether it is too late to begin.
    pub fn has_closed(&self, now: Timestamp) -> bool {
        self.not_after.is_some_and(|end| now >= end)
    }

    /// Whether it is always open.
    pub fn is_always(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn window(not_before: Option<i64>, not_after: Option<i64>) -> Window {
        let in_seconds = |seconds| NOW.plus_seconds(seconds);
        Window {
            not_before: not_before.map(in_seconds),
            not_after: not_after.map(in_seconds),
        }
    }

    fn refused(window: Window) -> Option<String> {
        match window.checked(NOW) {
            Err(ServiceError::Invalid { field, .. }) => Some(field),
            other => other.map(|_| None).unwrap(),
        }
    }

    #[test]
    fn a_window_lies_ahead_in_order_and_not_too_far() {
        let month = WINDOW_DAYS * 24 * 3600;
        for good in [(None, None), (Some(1), None), (None, Some(month)), (Some(1), Some(2))] {
            assert_eq!(refused(window(good.0, good.1)), None, "{good:?}");
        }
        for (begin, end, field) in [
            (Some(0), None, "not_before"),
            (None, Some(0), "not_after"),
            (Some(2), Some(2), "not_after"),
            (Some(3), Some(2), "not_after"),
            (Some(month + 1), None, "not_before"),
            (None, Some(month + 1), "not_after"),
        ] {
            assert_eq!(refused(window(begin, end)).as_deref(), Some(field), "{begin:?} {end:?}");
        }
    }

    #[test]
    fn a_run_begins_from_the_first_moment_on_and_not_at_the_last() {
        let open = window(Some(10), Some(20));
        let at = |seconds| NOW.plus_seconds(seconds);
        let state = |now| (open.is_ahead(now), open.has_closed(now));
        assert_eq!(state(at(9)), (true, false));
        assert_eq!(state(at(10)), (false, false));
        assert_eq!(state(at(19)), (false, false));
        assert_eq!(state(at(20)), (false, true));
        let always = Window::default();
        assert!(always.is_always() && !always.is_ahead(at(0)) && !always.has_closed(at(1 << 40)));
    }
}
