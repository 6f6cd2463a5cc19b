//! From a server into the backup target.

use super::Meter;
use super::extents::{NonZero, in_blocks, read_commands};
use crate::estate::{Reach, ReachError, exit_error};
use crate::run::{StepError, blocking};
use domain::plan::RemoteFile;
use domain::point::Extent;
use ovm::shell::Shell;
use ssh::{Session, SshError};
use std::io;
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;
use vault::{ImageSource, PointTag, StoredDisk, Vault};

/// Pieces that wait between the network and the vault.
const PIECES: usize = 64;

/// A disk that is in the backup target now.
pub(crate) struct Received {
    pub stored: StoredDisk,
    /// Stretches that hold something else than zeros.
    pub data: Vec<Extent>,
}

/// Copies an image from a server into the backup target.
pub(crate) async fn receive(
    reach: &Reach,
    vault: Arc<Vault>,
    point: PointTag,
    source: &RemoteFile,
    file: &str,
    meter: Meter,
) -> Result<Received, StepError> {
    let size = size_of(reach, source).await?;
    let ranges = in_blocks(&data_extents(reach, source, size).await?, size);
    meter.expect(ranges.iter().map(|range| range.length).sum());
    let session = reach.bulk(&source.server).await?;
    let (sender, receiver) = mpsc::channel(PIECES);
    let seen = Arc::new(Mutex::new(NonZero::default()));
    let image = RemoteImage {
        size,
        ranges: ranges.iter().map(to_vault).collect(),
        receiver,
        piece: bytes::Bytes::new(),
        seen: seen.clone(),
    };
    let name = file.to_owned();
    let progress = meter.clone();
    let storing = blocking(move || vault.store_disk(&point, &name, Box::new(image), &progress));
    let reading = read_ranges(&session, source, &ranges, sender, &meter);
    // The reader ends early when the vault stops taking; then the vault's error is the one that tells.
    let (read, stored) = tokio::join!(reading, storing);
    let stored = match (read, stored) {
        (Err(error), _) if !matches!(error, StepError::Cancelled) => return Err(error),
        (_, stored) => stored?,
    };
    let data = std::mem::take(&mut *lock(&seen)).into_extents();
    Ok(Received { stored, data })
}

async fn size_of(reach: &Reach, file: &RemoteFile) -> Result<u64, StepError> {
    let printed = reach
        .shell(
            &file.server,
            &Shell::one(["stat", "-L", "-c", "%s", file.path.as_str()]),
        )
        .await?;
    let size = printed.trim().parse();
    size.map_err(|_| {
        StepError::failed(format!(
            "The size of {} cannot be read from {:?}.",
            file.path,
            printed.trim()
        ))
    })
}

/// Extents that hold data, from the file system. Where it cannot tell (NFS), everything is read.
async fn data_extents(reach: &Reach, file: &RemoteFile, size: u64) -> Result<Vec<Extent>, StepError> {
    let everything = vec![Extent {
        offset: 0,
        length: size,
    }];
    let shell = Shell::one(["filefrag", "-s", "-v", file.path.as_str()]);
    let output = reach.shell_output(&file.server, &shell).await?;
    if !output.success() {
        return Ok(everything);
    }
    match vault::parse_filefrag(&String::from_utf8_lossy(&output.stdout)) {
        Ok(extents) => Ok(extents
            .iter()
            .map(|extent| Extent {
                offset: extent.offset,
                length: extent.length,
            })
            .collect()),
        Err(error) => {
            tracing::warn!("all of {} is read: {error}", file.path);
            Ok(everything)
        }
    }
}

async fn read_ranges(
    session: &Session,
    source: &RemoteFile,
    ranges: &[Extent],
    sender: mpsc::Sender<io::Result<bytes::Bytes>>,
    meter: &Meter,
) -> Result<(), StepError> {
    for (shell, expected) in read_commands(&source.path, ranges) {
        let outcome = read_command(session, source, &shell, expected, &sender, meter).await;
        if let Err(error) = outcome {
            // Whoever waits for bytes is told that none come.
            let _vault_is_gone = sender.send(Err(io::Error::other(error.to_string()))).await;
            return Err(error);
        }
    }
    Ok(())
}

async fn read_command(
    session: &Session,
    source: &RemoteFile,
    shell: &Shell,
    expected: u64,
    sender: &mpsc::Sender<io::Result<bytes::Bytes>>,
    meter: &Meter,
) -> Result<(), StepError> {
    let command = shell.render().map_err(ReachError::from)?;
    let lost = |error: SshError| StepError::failed(format!("Reading {} broke off: {error}", source.path));
    let mut stream = session.exec_stream(&command).await.map_err(lost)?;
    let mut received = 0;
    while let Some(piece) = stream.read_chunk().await.map_err(lost)? {
        if meter.is_cancelled() {
            return Err(StepError::Cancelled);
        }
        received += piece.len() as u64;
        meter.add(piece.len() as u64);
        if sender.send(Ok(piece)).await.is_err() {
            return Err(StepError::Cancelled);
        }
    }
    let status = stream.finish().await.map_err(lost)?;
    if !status.success() {
        return Err(StepError::failed(
            exit_error(&source.server, shell, status.exit_status, &status.stderr).to_string(),
        ));
    }
    if received != expected {
        return Err(StepError::failed(format!(
            "{} gave {received} bytes instead of {expected}: it changed its size while it was read.",
            source.path
        )));
    }
    Ok(())
}

/// The image as the vault reads it: in ascending order, only the data.
struct RemoteImage {
    size: u64,
    ranges: Vec<vault::Extent>,
    receiver: mpsc::Receiver<io::Result<bytes::Bytes>>,
    piece: bytes::Bytes,
    seen: Arc<Mutex<NonZero>>,
}

impl ImageSource for RemoteImage {
    fn size(&self) -> u64 {
        self.size
    }

    fn data(&self) -> &[vault::Extent] {
        &self.ranges
    }

    fn unchanged(&self) -> &[vault::Extent] {
        &[]
    }

    fn read(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            if self.piece.is_empty() {
                self.piece = self
                    .receiver
                    .blocking_recv()
                    .unwrap_or_else(|| Err(io::ErrorKind::UnexpectedEof.into()))?;
            }
            let take = rest.len().min(self.piece.len());
            let piece = self.piece.split_to(take);
            rest[..take].copy_from_slice(&piece);
            filled += take;
        }
        lock(&self.seen).look(offset, buffer);
        Ok(())
    }
}

fn to_vault(extent: &Extent) -> vault::Extent {
    vault::Extent {
        offset: extent.offset,
        length: extent.length,
    }
}

/// A poisoned lock still holds good extents: the thread that held it only appends.
fn lock(seen: &Mutex<NonZero>) -> std::sync::MutexGuard<'_, NonZero> {
    seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
