//! The data of a stored file from its first byte to its last, read ahead by a thread and unpacked by all processors.

use crate::{Extent, ImageSource, VaultError, read::Located};
use bytes::Bytes;
use std::{
    io::{self, Write},
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

/// Chunks that are ready before they are asked for.
const DEPTH: usize = 8;

/// An image that is read once, in order: each call of [`ImageSource::read`] gives the data that follows.
pub struct DataStream {
    size: u64,
    extents: Vec<Extent>,
    chunks: Receiver<Result<Bytes, VaultError>>,
    current: Bytes,
}

impl DataStream {
    pub(crate) fn open(file: Located) -> Result<Self, VaultError> {
        let (size, chunks) = (file.size(), file.chunks()?);
        let (sender, receiver) = sync_channel(DEPTH);
        thread::spawn(move || {
            if let Err(error) = file.dump(chunks.data, &mut Sender(&sender)) {
                // Whoever does not listen any more does not want the error either.
                sender.send(Err(error)).ok();
            }
        });
        Ok(Self {
            size,
            extents: chunks.extents,
            chunks: receiver,
            current: Bytes::new(),
        })
    }
}

impl ImageSource for DataStream {
    fn size(&self) -> u64 {
        self.size
    }

    fn data(&self) -> &[Extent] {
        &self.extents
    }

    fn read(&mut self, _next: u64, buffer: &mut [u8]) -> io::Result<()> {
        let mut rest = buffer;
        while !rest.is_empty() {
            if self.current.is_empty() {
                let next = self.chunks.recv().map_err(|_| io::ErrorKind::UnexpectedEof)?;
                self.current = next.map_err(io::Error::other)?;
            }
            let count = rest.len().min(self.current.len());
            let (now, later) = rest.split_at_mut(count);
            now.copy_from_slice(&self.current.split_to(count));
            rest = later;
        }
        Ok(())
    }
}

/// The end of the stream at which chunks go in.
struct Sender<'a>(&'a SyncSender<Result<Bytes, VaultError>>);

impl Write for Sender<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = self.0.send(Ok(Bytes::copy_from_slice(bytes)));
        sent.map_err(|_| io::ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
