//! From the backup target to a server.

use super::Meter;
use crate::core::blocking;
use crate::core::faults::of_ssh;
use crate::estate::{Reach, ReachError, exit_error};
use crate::step::StepError;
use domain::fault::{FileFault, PlanFault, TargetFault};
use domain::plan::{RemoteFile, StoredFile};
use ovm::shell::Shell;
use ssh::SshError;
use std::io::Read;
use std::sync::Arc;
use tokio::sync::mpsc;
use vault::{DataStream, ImageSource, SparseTar, Vault};

/// Bytes handed over at a time.
const PIECE: usize = 256 * 1024;
/// Pieces that wait between the vault and the network.
const PIECES: usize = 32;

/// `tar` reads and writes this many blocks of 512 bytes at a time; by itself it would take 10 KiB.
const RECORD: &str = "2048";

/// Writes a stored disk to a server: sparse, by the server's own `tar`, then flushed.
pub(crate) async fn send(
    reach: &Reach,
    vault: Arc<Vault>,
    from: &StoredFile,
    target: &RemoteFile,
    meter: Meter,
) -> Result<(), StepError> {
    let (folder, name) = target.path.rsplit_once('/').ok_or_else(|| {
        let path = target.path.clone();
        StepError::failed(PlanFault::RelativePath { path })
    })?;
    let stored = {
        let StoredFile { snapshot, file, .. } = from.clone();
        blocking(move || vault.snapshot(&snapshot)?.stream_data(&file)).await?
    };
    meter.expect(stored.data().iter().map(|extent| extent.length).sum());
    // A network share may map all owners to one, and then refuses to set another; where it matters, the plan does it.
    let tar = ["tar", "-b", RECORD, "--no-same-owner", "-xS", "-f", "-", "-C", folder];
    let shell = Shell::one(tar).and(["sync"]);
    let session = reach.bulk(&target.server).await?;
    reach.look_once_more().await?;
    let broke = |error: SshError| StepError::of_file(target, FileFault::WritingBroke(of_ssh(&error)));
    let mut stream = match session.exec_stream(&shell.render().map_err(ReachError::from)?).await {
        Err(error @ SshError::Withheld { .. }) => return Err(ReachError::from(error).into()),
        started => started.map_err(broke)?,
    };
    let (sender, mut pieces) = mpsc::channel(PIECES);
    let name = name.to_owned();
    let reading = blocking(move || read_pieces(stored, &name, &sender));
    let reading = tokio::spawn(reading);
    let mut sent = Ok(());
    while let Some(piece) = pieces.recv().await {
        if meter.is_cancelled() {
            return Err(StepError::Cancelled);
        }
        if !reach.may_go_on() {
            return Err(ReachError::LeaseLost.into());
        }
        let piece: bytes::Bytes = piece;
        let length = piece.len() as u64;
        sent = stream.send(piece).await;
        if sent.is_err() {
            break;
        }
        meter.add(length);
    }
    drop(pieces);
    match reading.await {
        Ok(read) if sent.is_ok() => read?,
        // When sending has failed the reader only says that nobody takes its pieces.
        Ok(_) => {}
        Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
    }
    let closed = stream.close_input().await;
    let status = stream.finish().await.map_err(broke)?;
    if !status.success() {
        let error = exit_error(&target.server, &shell, status.exit_status, &status.stderr);
        let found = FileFault::NotWritten {
            full: is_full(&status.stderr),
            error: error.fault(),
        };
        return Err(StepError::of_file(target, found));
    }
    sent.and(closed).map_err(broke)
}

/// Only for the advice: that it failed is told by the exit status. Commands speak the language of `LC_ALL=C`.
fn is_full(stderr: &[u8]) -> bool {
    String::from_utf8_lossy(stderr).contains("No space left on device")
}

fn read_pieces(stored: DataStream, name: &str, sender: &mpsc::Sender<bytes::Bytes>) -> Result<(), StepError> {
    let mut tar = SparseTar::new(name, 0o600, stored.data().to_vec(), stored)?;
    loop {
        let mut piece = bytes::BytesMut::zeroed(PIECE);
        let read = tar.read(&mut piece).map_err(|error| {
            let reason = error.to_string();
            StepError::failed(TargetFault::ReadingBroke { reason })
        })?;
        if read == 0 {
            return Ok(());
        }
        piece.truncate(read);
        if sender.blocking_send(piece.freeze()).is_err() {
            return Ok(());
        }
    }
}
