//! Waiting with an end: what does not come fails the test and is named, instead of holding up all others.

use std::time::Duration;
use tokio::time::{sleep, timeout};

/// Far longer than anything takes on a machine that is busy with something else.
const PATIENCE: Duration = Duration::from_secs(300);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// The result of this work; `what` says what it is, or what is so instead.
///
/// # Panics
/// When it takes longer than anybody would wait, with what was waited for.
pub async fn soon<T>(what: impl Fn() -> String, work: impl Future<Output = T>) -> T {
    let done = timeout(PATIENCE, work).await;
    done.unwrap_or_else(|_| panic!("waited {} seconds in vain: {}", PATIENCE.as_secs(), what()))
}

/// Looks until it is so.
///
/// # Panics
/// As [`soon`].
pub async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    soon(|| what.to_owned(), async {
        while !is_so().await {
            sleep(PAUSE).await;
        }
    })
    .await;
}
