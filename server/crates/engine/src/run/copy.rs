//! The two steps that move bytes, with their progress.

use super::{Effect, StepError};
use crate::core::Core;
use crate::estate::Reach;
use crate::transfer::{Meter, receive, send};
use domain::ids::RunId;
use domain::note::Note;
use domain::plan::{RemoteFile, StoredFile};
use domain::point::PointDisk;
use domain::run::RunNews;
use std::sync::Arc;
use std::time::Instant;
use vault::{PointTag, StoredDisk, Vault};

/// Copies a disk into the backup target and learns what the recovery point will say of it.
pub(crate) async fn copy_disk(
    core: &Core,
    reach: &Reach,
    (vault, point): (Arc<Vault>, PointTag),
    source: &RemoteFile,
    describe: impl FnOnce(StoredDisk) -> PointDisk,
    file: &str,
    watch: Watch<'_>,
) -> Result<(Effect, PointDisk), StepError> {
    let meter = watch.meter.clone();
    let stored = watch
        .over(core, receive(reach, vault, point, source, file, meter))
        .await?;
    let disk = describe(stored);
    let effect = Effect {
        bytes: Some(disk.read_bytes),
        ..Effect::noting(Note::Copied {
            size: disk.size_bytes,
            read: disk.read_bytes,
            added: disk.stored_bytes,
            sha256: disk.sha256.clone(),
            data_sha256: disk.data_sha256.clone(),
        })
    };
    Ok((effect, disk))
}

/// Writes a disk of a recovery point to a server.
pub(crate) async fn write_disk(
    core: &Core,
    reach: &Reach,
    from: &StoredFile,
    target: &RemoteFile,
    watch: Watch<'_>,
) -> Result<Effect, StepError> {
    let meter = watch.meter.clone();
    let vault = core.target(&from.target).await?;
    let sending = send(reach, vault, from, target, meter.clone());
    watch.over(core, sending).await?;
    let bytes = meter.bytes();
    Ok(Effect {
        bytes: Some(bytes),
        ..Effect::noting(Note::Written { bytes })
    })
}

/// Tells the world about the progress of a transfer while it is under way.
pub(crate) struct Watch<'a> {
    pub run: &'a RunId,
    pub step: &'a str,
    pub meter: Meter,
}

impl Watch<'_> {
    async fn over<T>(&self, core: &Core, transfer: impl Future<Output = T>) -> T {
        let mut transfer = std::pin::pin!(transfer);
        let mut ticks = tokio::time::interval(core.rhythm.progress);
        let (mut before, mut at) = (0, Instant::now());
        loop {
            tokio::select! {
                done = &mut transfer => return done,
                _ = ticks.tick() => {
                    let bytes = self.meter.bytes();
                    let elapsed = at.elapsed().as_millis().max(1) as u64;
                    let rate = bytes.saturating_sub(before) * 1000 / elapsed;
                    (before, at) = (bytes, Instant::now());
                    let news = RunNews::Progress { step: self.step.to_owned(), bytes, of: self.meter.of(), rate };
                    core.tell(self.run, news);
                }
            }
        }
    }
}
