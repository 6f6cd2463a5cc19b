//! A running remote command: its output, its input, its end.

use crate::{Request, SshError, inbox::Inbox, session::Facts};
use bytes::{Bytes, BytesMut};
use russh::{Channel, ChannelReadHalf, ChannelWriteHalf, client::Msg};
use std::{
    io,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, ready},
};
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};

/// Output that may pile up while input is being sent.
const QUEUE_LIMIT: usize = 16 * 1024 * 1024;

/// Size of the pieces in which input is sent.
const INPUT_PIECE: usize = 256 * 1024;

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecStatus {
    /// Exit status; `None` when the server sent none or a signal ended the command. OVMCLI's means nothing.
    pub exit_status: Option<u32>,
    /// Name of the signal that ended the command, without `SIG`.
    pub signal: Option<String>,
    /// Error output, its first 64 KiB.
    pub stderr: Vec<u8>,
}

impl ExecStatus {
    /// Whether the command reported success.
    pub fn success(&self) -> bool {
        self.exit_status == Some(0)
    }
}

/// All that a command printed, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecOutput {
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Error output, its first 64 KiB.
    pub stderr: Vec<u8>,
    /// Exit status; `None` when the server sent none or a signal ended the command.
    pub exit_status: Option<u32>,
    /// Name of the signal that ended the command, without `SIG`.
    pub signal: Option<String>,
}

impl ExecOutput {
    /// Whether the command reported success.
    pub fn success(&self) -> bool {
        self.exit_status == Some(0)
    }
}

/// A command that runs. Standard output is read with [`ExecStream::read_chunk`] or as [`AsyncRead`]; error output is
/// collected. Dropping it closes the channel, which ends the command at its next read or write.
///
/// The end of the output alone does not mean success: [`ExecStream::finish`] tells.
pub struct ExecStream {
    host: String,
    read: ChannelReadHalf,
    write: Option<ChannelWriteHalf<Msg>>,
    inbox: Inbox,
    facts: Arc<Facts>,
}

impl ExecStream {
    pub(crate) fn new(host: String, channel: Channel<Msg>, facts: Arc<Facts>) -> Self {
        let (read, write) = channel.split();
        Self {
            host,
            read,
            write: Some(write),
            inbox: Inbox::default(),
            facts,
        }
    }

    /// The next piece of standard output; `None` at its end.
    pub async fn read_chunk(&mut self) -> Result<Option<Bytes>, SshError> {
        std::future::poll_fn(|cx| self.poll_chunk(cx)).await
    }

    /// Writes to the command's standard input. Waits while the command is not reading, and notices when it ends.
    pub async fn send(&mut self, data: impl Into<Bytes>) -> Result<(), SshError> {
        let (Some(write), false) = (&self.write, self.inbox.is_closed()) else {
            return Err(self.input_not_taken());
        };
        let mut sending = pin!(write.data_bytes(data.into()));
        loop {
            tokio::select! {
                biased;
                sent = &mut sending => return sent.map_err(|_| lost(&self.host, &self.facts)),
                message = self.read.wait() => self.inbox.take(message),
            }
            if self.inbox.is_lost() {
                return Err(lost(&self.host, &self.facts));
            }
            if self.inbox.is_closed() || self.inbox.refused {
                return Err(self.input_not_taken());
            }
            if self.inbox.queued() > QUEUE_LIMIT {
                return Err(self.too_large(QUEUE_LIMIT));
            }
        }
    }

    /// Writes everything from `input` to the command.
    pub async fn send_all(&mut self, mut input: impl AsyncRead + Unpin) -> Result<(), SshError> {
        loop {
            let mut piece = BytesMut::with_capacity(INPUT_PIECE);
            let read = input.read_buf(&mut piece).await;
            let read = read.map_err(|source| SshError::Input {
                host: self.host.clone(),
                source,
            })?;
            if read == 0 {
                return Ok(());
            }
            self.send(piece.freeze()).await?;
        }
    }

    /// Tells the command that no more input comes.
    pub async fn close_input(&mut self) -> Result<(), SshError> {
        match &self.write {
            Some(write) => write.eof().await.map_err(|_| lost(&self.host, &self.facts)),
            None => Ok(()),
        }
    }

    /// Waits for the end of the command and tells how it ended. Output that was not read is dropped.
    pub async fn finish(mut self) -> Result<ExecStatus, SshError> {
        self.wait_for_end().await?;
        Ok(ExecStatus {
            exit_status: self.inbox.exit_status,
            signal: self.inbox.signal.take(),
            stderr: std::mem::take(&mut self.inbox.stderr),
        })
    }

    /// Reads everything; `limit` as in [`crate::Session::exec`].
    pub(crate) async fn collect(mut self, limit: usize) -> Result<ExecOutput, SshError> {
        let mut stdout = Vec::new();
        while let Some(chunk) = self.read_chunk().await? {
            if stdout.len() + chunk.len() > limit {
                return Err(self.too_large(limit));
            }
            stdout.extend_from_slice(&chunk);
        }
        let status = self.finish().await?;
        Ok(ExecOutput {
            stdout,
            stderr: status.stderr,
            exit_status: status.exit_status,
            signal: status.signal,
        })
    }

    async fn wait_for_end(&mut self) -> Result<(), SshError> {
        while !self.inbox.is_closed() {
            while self.inbox.next_output().is_some() {}
            if self.inbox.refused {
                return Err(self.refused());
            }
            if self.inbox.is_lost() {
                return Err(lost(&self.host, &self.facts));
            }
            let message = self.read.wait().await;
            self.inbox.take(message);
        }
        Ok(())
    }

    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, SshError>> {
        loop {
            if let Some(chunk) = self.inbox.next_output() {
                return Poll::Ready(Ok(Some(chunk)));
            }
            if self.inbox.refused {
                return Poll::Ready(Err(self.refused()));
            }
            if self.inbox.is_output_over() {
                return Poll::Ready(Ok(None));
            }
            if self.inbox.is_lost() {
                return Poll::Ready(Err(lost(&self.host, &self.facts)));
            }
            let message = ready!(pin!(self.read.wait()).poll(cx));
            self.inbox.take(message);
        }
    }

    fn refused(&self) -> SshError {
        SshError::Refused {
            host: self.host.clone(),
            what: Request::StartCommand,
        }
    }

    fn input_not_taken(&self) -> SshError {
        SshError::InputNotTaken {
            host: self.host.clone(),
        }
    }

    fn too_large(&self, limit: usize) -> SshError {
        SshError::OutputTooLarge {
            host: self.host.clone(),
            limit,
        }
    }
}

/// The command had been sent when the connection broke.
fn lost(host: &str, facts: &Facts) -> SshError {
    SshError::ConnectionLost {
        host: host.to_owned(),
        sent: true,
        reason: facts.end(),
    }
}

impl AsyncRead for ExecStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if let Some(mut chunk) = ready!(self.poll_chunk(cx))? {
            let taken = chunk.split_to(chunk.len().min(buffer.remaining()));
            buffer.put_slice(&taken);
            if !chunk.is_empty() {
                self.inbox.put_back(chunk);
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl Drop for ExecStream {
    fn drop(&mut self) {
        if self.inbox.is_closed() || self.inbox.is_lost() {
            return;
        }
        if let (Some(write), Ok(runtime)) = (self.write.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(async move { write.close().await.ok() });
        }
    }
}
