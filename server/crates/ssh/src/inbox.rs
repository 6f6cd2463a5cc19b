//! What a running command has sent so far. Pure state: takes channel messages, does no I/O.

use bytes::Bytes;
use russh::ChannelMsg;
use std::collections::VecDeque;

/// Error output beyond this is dropped; its beginning tells what went wrong.
const STDERR_KEPT: usize = 64 * 1024;

/// The SSH extended data type of error output.
const STDERR: u32 = 1;

#[derive(Debug, Default)]
pub(crate) struct Inbox {
    output: VecDeque<Bytes>,
    queued: usize,
    pub(crate) stderr: Vec<u8>,
    pub(crate) exit_status: Option<u32>,
    pub(crate) signal: Option<String>,
    pub(crate) refused: bool,
    output_ended: bool,
    closed: bool,
    lost: bool,
}

impl Inbox {
    /// Takes the next message; `None` means that the connection's task is gone.
    pub(crate) fn take(&mut self, message: Option<ChannelMsg>) {
        match message {
            Some(ChannelMsg::Data { data }) => {
                self.queued += data.len();
                self.output.push_back(data);
            }
            Some(ChannelMsg::ExtendedData { data, ext: STDERR }) => {
                let room = STDERR_KEPT.saturating_sub(self.stderr.len()).min(data.len());
                self.stderr.extend_from_slice(&data[..room]);
            }
            Some(ChannelMsg::ExitStatus { exit_status }) => self.exit_status = Some(exit_status),
            Some(ChannelMsg::ExitSignal { signal_name, .. }) => self.signal = Some(format!("{signal_name:?}")),
            Some(ChannelMsg::Failure) => self.refused = true,
            Some(ChannelMsg::Eof) => self.output_ended = true,
            Some(ChannelMsg::Close) => self.closed = true,
            Some(_) => {}
            // OVMCLI may drop the whole connection after its answer; that is no loss once the end has been announced.
            None if self.output_ended || self.exit_status.is_some() => self.closed = true,
            None => self.lost = !self.closed,
        }
    }

    /// The next piece of output.
    pub(crate) fn next_output(&mut self) -> Option<Bytes> {
        let piece = self.output.pop_front()?;
        self.queued -= piece.len();
        Some(piece)
    }

    /// Puts back what the reader had no room for.
    pub(crate) fn put_back(&mut self, rest: Bytes) {
        self.queued += rest.len();
        self.output.push_front(rest);
    }

    /// Bytes of output that wait to be read.
    pub(crate) fn queued(&self) -> usize {
        self.queued
    }

    /// Whether no more output will come.
    pub(crate) fn is_output_over(&self) -> bool {
        self.output_ended || self.closed || self.refused
    }

    /// Whether the command is over in good order.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Whether the connection broke before the command was over.
    pub(crate) fn is_lost(&self) -> bool {
        self.lost
    }
}
