//! The one lease of this process. Everything that it has claimed hangs on that, so that a process with a thousand runs
//! writes one row.

use crate::core::{Core, Lease};
use std::sync::Arc;
use std::time::Duration;
use store::{NewProcess, StoreError};
use tokio_util::sync::CancellationToken;

/// The longest pause between two renewals.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Before the database is asked once more for a new lease.
const AGAIN: Duration = Duration::from_secs(1);

/// Begins the lease. Whatever was claimed under an earlier one is free.
///
/// # Errors
/// [`StoreError`] when the database does not grant it.
pub(crate) async fn begin(core: &Core) -> Result<(), StoreError> {
    let until = core.lease.end_from_now();
    let new = NewProcess {
        id: core.process.clone(),
        host: host_name(),
        lease_secs: core.lease_secs,
    };
    let tx = core.store.begin().await?;
    tx.begin_process(&new, core.now()).await?;
    tx.commit().await?;
    core.lease.begun(until);
    Ok(())
}

/// Gives everything back that this process holds: nobody has to wait for its lease to run out.
pub(crate) async fn end(core: &Core) {
    core.lease.lose();
    let ended = async {
        let tx = core.store.begin().await?;
        tx.end_process(&core.process).await?;
        tx.commit().await
    };
    if let Err(error) = ended.await {
        tracing::warn!("the lease of this process was not given back: {error}");
    }
}

/// Renews the lease until stopped. When it is lost everything that was claimed stops where it is, and a new one is begun.
pub(crate) async fn heart(core: Arc<Core>, stop: CancellationToken) {
    let renew = || async {
        let tx = core.store.begin().await?;
        tx.renew_process(&core.process, core.now()).await?;
        tx.commit().await
    };
    let beat = (core.lease.length() / 3).min(LONGEST_PAUSE);
    let keep = async {
        loop {
            let why = kept(&core.lease, renew, || tokio::time::sleep(beat)).await;
            core.lease.lose();
            tracing::error!("all runs of this process stop where they are: {why}");
            while let Err(error) = begin(&core).await {
                tracing::warn!("a new lease was not granted: {error}");
                tokio::time::sleep(AGAIN).await;
            }
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = keep => {}
    }
}

/// Renews a lease again and again. Returns only when it is lost, with why: the database says so, or it has run out. From
/// then on another may claim what it holds, whether the database can be asked about it or not.
async fn kept<B, R>(lease: &Lease, renew: impl Fn() -> B, rest: impl Fn() -> R) -> String
where
    B: Future<Output = Result<(), StoreError>>,
    R: Future<Output = ()>,
{
    loop {
        // A wait that is not over in time would let the work go on without a lease.
        let _over = tokio::time::timeout(lease.left(), rest()).await;
        let until = lease.end_from_now();
        match tokio::time::timeout(lease.left(), renew()).await {
            // A renewal that came too late, as after a sleep of the machine, is none: others may have looked meanwhile.
            Ok(Ok(())) if lease.is_held() => lease.renewed(until),
            Ok(Err(StoreError::Fenced)) => return "the lease was over in the database".to_owned(),
            Ok(Err(error)) => tracing::warn!("the lease of this process was not renewed: {error}"),
            Ok(Ok(())) | Err(_) => tracing::warn!("the lease of this process was not renewed in time"),
        }
        if !lease.is_held() {
            return "the lease has run out and could not be renewed".to_owned();
        }
    }
}

/// What this machine is called, for people who look who has a lease.
fn host_name() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    name.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::SystemClock;
    use std::cell::Cell;

    /// Why a lease of one second is lost whose renewals come to this, the first aside.
    async fn lost_when<B: Future<Output = Result<(), StoreError>>>(later: impl Fn() -> B) -> (String, Lease) {
        let lease = Lease::new(Arc::new(SystemClock), 1);
        lease.begun(lease.end_from_now());
        let renewals = Cell::new(0);
        let renew = || {
            renewals.set(renewals.get() + 1);
            let (first, later) = (renewals.get() == 1, later());
            async move { if first { Ok(()) } else { later.await } }
        };
        let kept = kept(&lease, renew, || tokio::time::sleep(Duration::from_millis(100)));
        let why = tokio::time::timeout(Duration::from_secs(30), kept).await.unwrap();
        (why, lease)
    }

    #[tokio::test]
    async fn a_lease_is_lost_when_it_has_run_out() {
        let (refused, lease) = lost_when(|| async { Err(StoreError::Unavailable { reason: "away".into() }) }).await;
        assert!(refused.contains("run out") && !lease.is_held(), "{refused}");
        let (silent, lease) = lost_when(std::future::pending).await;
        assert!(silent.contains("run out") && !lease.is_held(), "{silent}");
    }

    #[tokio::test]
    async fn a_lease_is_lost_as_soon_as_the_database_says_so() {
        let (taken, lease) = lost_when(|| async { Err(StoreError::Fenced) }).await;
        assert!(taken.contains("in the database"), "{taken}");
        assert!(lease.is_held(), "its time was not over");
    }
}
