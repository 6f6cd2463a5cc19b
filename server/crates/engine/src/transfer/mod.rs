//! Disks on their way: from an Oracle VM Server into the backup target ([`receive`]) and back ([`send`]). Both run
//! over one bulk connection, skip holes, and never hold more than a few pieces in memory. What has arrived is compared
//! where it lies ([`difference`]).

mod compare;
mod extents;
mod receive;
mod send;

pub(crate) use compare::{difference, file_sha256};
pub(crate) use receive::receive;
pub(crate) use send::send;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio_util::sync::CancellationToken;

/// Counts bytes and carries the wish to stop, between the thread that moves bytes and the one that watches.
#[derive(Clone, Default)]
pub(crate) struct Meter {
    bytes: Arc<AtomicU64>,
    of: Arc<AtomicU64>,
    cancelled: CancellationToken,
}

impl Meter {
    pub(crate) fn new(cancelled: CancellationToken) -> Self {
        Self {
            cancelled,
            ..Self::default()
        }
    }

    pub(crate) fn expect(&self, bytes: u64) {
        self.of.store(bytes, Ordering::Relaxed);
    }

    pub(crate) fn add(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Bytes expected, when known.
    pub(crate) fn of(&self) -> Option<u64> {
        Some(self.of.load(Ordering::Relaxed)).filter(|of| *of > 0)
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.is_cancelled()
    }

    /// What comes of this, unless the wish to stop comes first.
    pub(crate) async fn unless_cancelled<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        self.cancelled.run_until_cancelled(work).await
    }
}

impl vault::Progress for Meter {
    /// The bytes are counted where they cross the network; what the vault has done with them is no news.
    fn bytes(&self, _read: u64, _of: u64) {}

    fn cancelled(&self) -> bool {
        self.is_cancelled()
    }
}
