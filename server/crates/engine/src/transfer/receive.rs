//! From a server into the backup target.

use super::Meter;
use super::extents::{in_blocks, read_commands};
use crate::core::blocking;
use crate::core::faults::of_ssh;
use crate::estate::{Reach, ReachError, exit_error};
use crate::step::StepError;
use domain::fault::FileFault;
use domain::plan::RemoteFile;
use domain::point::Extent;
use ovm::shell::Shell;
use ssh::{Session, SshError};
use std::io;
use std::sync::Arc;
use tokio::sync::mpsc;
use vault::{ImageSource, PointTag, StoredDisk, Vault};

/// Pieces that wait between the network and the vault.
const PIECES: usize = 64;

/// Copies an image from a server into the backup target.
pub(crate) async fn receive(
    reach: &Reach,
    vault: Arc<Vault>,
    point: PointTag,
    source: &RemoteFile,
    file: &str,
    meter: Meter,
) -> Result<StoredDisk, StepError> {
    let size = size_of(reach, source).await?;
    let ranges = in_blocks(&data_extents(reach, source, size).await?, size);
    meter.expect(ranges.iter().map(|range| range.length).sum());
    let session = reach.bulk(&source.server).await?;
    let (sender, receiver) = mpsc::channel(PIECES);
    let image = RemoteImage {
        size,
        ranges: ranges.iter().map(to_vault).collect(),
        receiver,
        piece: bytes::Bytes::new(),
    };
    let name = file.to_owned();
    let progress = meter.clone();
    let storing = blocking(move || vault.store_disk(&point, &name, Box::new(image), &progress));
    let reading = read_ranges(&session, source, &ranges, sender, &meter);
    // The reader ends early when the vault stops taking; then the vault's error is the one that tells.
    let (read, stored) = tokio::join!(reading, storing);
    match (read, stored) {
        (Err(error), _) if !matches!(error, StepError::Cancelled) => Err(error),
        (_, stored) => Ok(stored?),
    }
}

/// Size of a file in bytes.
pub(super) async fn size_of(reach: &Reach, file: &RemoteFile) -> Result<u64, ReachError> {
    let shell = Shell::one(["stat", "-L", "-c", "%s", file.path.as_str()]);
    let printed = reach.look(&file.server, &shell).await?;
    let size = printed.trim().parse();
    size.map_err(|_| ReachError::Unreadable {
        command: shell.render().unwrap_or_default(),
        reason: format!("{:?} is no size", printed.trim()),
    })
}

/// Extents that hold data, from the file system. Where it cannot tell (NFS), everything is read: what is wrongly taken
/// for a hole would be lost, and no later check would see it.
pub(super) async fn data_extents(reach: &Reach, file: &RemoteFile, size: u64) -> Result<Vec<Extent>, ReachError> {
    match told_extents(reach, file).await? {
        Some(extents) if !extents.is_empty() || is_one_hole(reach, file).await? => Ok(extents),
        _ => Ok(vec![Extent {
            offset: 0,
            length: size,
        }]),
    }
}

/// Nothing where the file system does not tell, or the server has no tool that asks it.
async fn told_extents(reach: &Reach, file: &RemoteFile) -> Result<Option<Vec<Extent>>, ReachError> {
    let shell = Shell::one(["filefrag", "-s", "-v", file.path.as_str()]);
    let output = reach.shell_output(&file.server, &shell).await?;
    if !output.success() {
        return Ok(None);
    }
    let extent = |extent: &vault::Extent| Extent {
        offset: extent.offset,
        length: extent.length,
    };
    match vault::parse_filefrag(&String::from_utf8_lossy(&output.stdout)) {
        Ok(extents) => Ok(Some(extents.iter().map(extent).collect())),
        Err(error) => {
            tracing::info!("all of {} is read: {error}", file.path);
            Ok(None)
        }
    }
}

/// Whether nothing at all is allocated to the file.
async fn is_one_hole(reach: &Reach, file: &RemoteFile) -> Result<bool, ReachError> {
    let shell = Shell::one(["stat", "-L", "-c", "%b", file.path.as_str()]);
    Ok(reach.look(&file.server, &shell).await?.trim() == "0")
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
    let lost = |error: SshError| StepError::of_file(source, FileFault::ReadingBroke(of_ssh(&error)));
    // A server that has fallen silent must not hold up who wants to stop.
    let stream = meter.unless_cancelled(session.exec_stream(&command)).await;
    let mut stream = stream.ok_or(StepError::Cancelled)?.map_err(lost)?;
    let mut received = 0;
    loop {
        let piece = meter.unless_cancelled(stream.read_chunk()).await;
        let Some(piece) = piece.ok_or(StepError::Cancelled)?.map_err(lost)? else {
            break;
        };
        received += piece.len() as u64;
        meter.add(piece.len() as u64);
        if sender.send(Ok(piece)).await.is_err() {
            return Err(StepError::Cancelled);
        }
    }
    let status = stream.finish().await.map_err(lost)?;
    if !status.success() {
        let error = exit_error(&source.server, shell, status.exit_status, &status.stderr);
        return Err(StepError::failed(error.fault()));
    }
    if received != expected {
        let got = received;
        return Err(StepError::of_file(source, FileFault::SizeChanged { got, expected }));
    }
    Ok(())
}

/// The image as the vault reads it: in ascending order, only the data.
struct RemoteImage {
    size: u64,
    ranges: Vec<vault::Extent>,
    receiver: mpsc::Receiver<io::Result<bytes::Bytes>>,
    piece: bytes::Bytes,
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

    fn read(&mut self, _next: u64, buffer: &mut [u8]) -> io::Result<()> {
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
        Ok(())
    }
}

fn to_vault(extent: &Extent) -> vault::Extent {
    vault::Extent {
        offset: extent.offset,
        length: extent.length,
    }
}
