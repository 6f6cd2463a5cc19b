//! A server's SSH service: `root` runs commands, with their input, output, exit status and end wired to the channel as
//! sshd does it.

use super::ServerRoot;
use crate::faults::{Fault, Faults};
use crate::heard::Heard;
use crate::hostkey::HostKey;
use crate::ssh::{Host, Link};
use russh::keys::{Algorithm, PublicKey};
use russh::server::{Config, Msg};
use russh::{Channel, ChannelId, ChannelMsg, ChannelReadHalf, ChannelWriteHalf, Preferred, Sig, cipher, kex, mac};
use rustix::process::{Pid, Signal, kill_process_group};
use std::borrow::Cow;
use std::net::IpAddr;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin};

/// Extended data of type 1 is standard error.
const STDERR: u32 = 1;
/// Bytes that are read from a process at once.
const CHUNK: usize = 128 * 1024;

/// One Oracle VM Server.
pub(crate) struct OvmServer {
    pub root: ServerRoot,
    pub password: String,
    pub authorized_keys: Vec<PublicKey>,
    pub host_key: Arc<HostKey>,
    /// It offers what the servers of Oracle VM 3.2 and older offer.
    pub legacy_algorithms: bool,
    pub faults: Arc<Faults>,
    pub heard: Arc<Heard>,
}

impl Host for OvmServer {
    fn config(&self) -> Arc<Config> {
        Arc::new(Config {
            keys: vec![self.host_key.current()],
            auth_rejection_time: Duration::from_millis(300),
            auth_rejection_time_initial: Some(Duration::ZERO),
            inactivity_timeout: None,
            preferred: if self.legacy_algorithms {
                openssh_4_3()
            } else {
                Preferred::DEFAULT
            },
            nodelay: true,
            ..Config::default()
        })
    }

    fn password_login(&self, user: &str, password: &str, _peer: IpAddr) -> bool {
        user == "root" && password == self.password
    }

    fn key_login(&self, user: &str, key: &PublicKey, _peer: IpAddr) -> bool {
        user == "root"
            && self
                .authorized_keys
                .iter()
                .any(|known| known.key_data() == key.key_data())
    }

    async fn serve(self: Arc<Self>, mut channel: Channel<Msg>, link: Link) {
        let id = channel.id();
        while let Some(message) = channel.wait().await {
            match message {
                ChannelMsg::Exec { want_reply, command } => {
                    if want_reply {
                        link.reply(id, true).await;
                    }
                    let line = String::from_utf8_lossy(&command).into_owned();
                    return self.run(&line, channel, &link).await;
                }
                ChannelMsg::RequestPty { want_reply, .. }
                | ChannelMsg::RequestShell { want_reply }
                | ChannelMsg::RequestSubsystem { want_reply, .. }
                    if want_reply =>
                {
                    link.reply(id, false).await;
                }
                // OpenSSH wants no answer to a variable (`SetEnv`), whatever the library says: one would be taken for
                // the answer to its command.
                _ => {}
            }
        }
    }
}

impl OvmServer {
    async fn run(&self, line: &str, channel: Channel<Msg>, link: &Link) {
        let id = channel.id();
        self.heard.note(line);
        let (from_client, to_client) = channel.split();
        let fault = self.faults.fire(|fault| match fault {
            Fault::ServerFails { contains, .. }
            | Fault::ServerNoStatus { contains }
            | Fault::ServerSilent { contains }
            | Fault::ServerCut { contains, .. } => line.contains(contains.as_str()),
            _ => false,
        });
        let tells_status = !matches!(fault, Some(Fault::ServerNoStatus { .. }));
        let budget = match fault {
            Some(Fault::ServerFails { status, .. }) => return refuse(&to_client, status).await,
            Some(Fault::ServerSilent { .. }) => return link.closed().await,
            Some(Fault::ServerCut { after_bytes, .. }) => Budget::of(after_bytes),
            _ => Budget::none(),
        };
        let mut command = self.root.shell(line);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        match command.spawn() {
            Ok(child) => {
                let run = Run {
                    link,
                    id,
                    budget,
                    tells_status,
                };
                run.wire(child, from_client, to_client).await;
            }
            Err(error) => {
                tracing::error!(%error, "a command could not be started on a server");
                refuse(&to_client, 255).await;
            }
        }
    }
}

/// A running command and its channel.
struct Run<'a> {
    link: &'a Link,
    id: ChannelId,
    budget: Budget,
    tells_status: bool,
}

impl Run<'_> {
    async fn wire(&self, mut child: Child, from_client: ChannelReadHalf, to_client: ChannelWriteHalf<Msg>) {
        let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let work = async {
            let output = self.output(stdout, &to_client, None);
            let errors = self.output(stderr, &to_client, Some(STDERR));
            let (_, _, status) = tokio::join!(output, errors, child.wait());
            status
        };
        let ended = tokio::select! {
            status = work => Some(status),
            () = self.input(from_client, stdin, group) => None,
        };
        match ended {
            Some(Ok(status)) => self.report(status, &to_client).await,
            Some(Err(error)) => tracing::error!(%error, "a command on a server could not be awaited"),
            None => {
                kill(group, Signal::KILL);
                // Only to reap it: nobody is left to hear how it ended.
                let _ = child.wait().await;
            }
        }
    }

    /// Feeds the command; returns when the client has gone.
    async fn input(&self, mut from_client: ChannelReadHalf, mut stdin: Option<ChildStdin>, group: Option<Pid>) {
        while let Some(message) = from_client.wait().await {
            match message {
                ChannelMsg::Data { data } => {
                    let within = self.spend(data.len());
                    if let Some(pipe) = &mut stdin
                        && pipe.write_all(data.get(..within).unwrap_or(&data)).await.is_err()
                    {
                        // The command reads no more; the rest of the input is dropped as a closed pipe does.
                        stdin = None;
                    }
                    self.cut_when_spent();
                }
                ChannelMsg::Eof => stdin = None,
                ChannelMsg::Signal { signal } => kill(group, signal_of(&signal)),
                ChannelMsg::Close => return,
                _ => {}
            }
        }
    }

    async fn output(
        &self,
        source: Option<impl AsyncRead + Unpin>,
        to_client: &ChannelWriteHalf<Msg>,
        ext: Option<u32>,
    ) {
        let Some(mut source) = source else { return };
        let mut buffer = vec![0; CHUNK];
        while let Ok(read @ 1..) = source.read(&mut buffer).await {
            let within = self.spend(read);
            let data = buffer.get(..within).unwrap_or_default().to_vec();
            let sent = match ext {
                None => to_client.data_bytes(data).await,
                Some(ext) => to_client.extended_data_bytes(ext, data).await,
            };
            if within < read {
                // Let what was sent reach the client, then break the wire.
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            self.cut_when_spent();
            if sent.is_err() {
                return;
            }
        }
    }

    async fn report(&self, status: ExitStatus, to_client: &ChannelWriteHalf<Msg>) {
        match status.signal() {
            _ if !self.tells_status => {}
            Some(signal) => self.link.exit_signal(self.id, name_of(signal)).await,
            None => {
                let code = status.code().and_then(|code| u32::try_from(code).ok()).unwrap_or(255);
                // Fails only when the client has gone.
                let _ = to_client.exit_status(code).await;
            }
        }
        finish(to_client).await;
    }

    fn spend(&self, bytes: usize) -> usize {
        self.budget.spend(bytes)
    }

    fn cut_when_spent(&self) {
        if self.budget.is_spent() {
            self.link.cut();
        }
    }
}

/// How many bytes may pass before the connection is cut.
struct Budget(Option<AtomicU64>);

impl Budget {
    fn of(bytes: u64) -> Self {
        Self(Some(AtomicU64::new(bytes)))
    }

    fn none() -> Self {
        Self(None)
    }

    /// Takes up to `bytes` and says how many were left to take.
    fn spend(&self, bytes: usize) -> usize {
        let Some(left) = &self.0 else { return bytes };
        let wanted = bytes as u64;
        let before = left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                Some(left.saturating_sub(wanted))
            })
            .unwrap_or_default();
        usize::try_from(before.min(wanted)).unwrap_or(bytes)
    }

    fn is_spent(&self) -> bool {
        self.0.as_ref().is_some_and(|left| left.load(Ordering::SeqCst) == 0)
    }
}

/// The defaults of OpenSSH 4.3, as far as the SSH library knows them; group exchange is left out.
fn openssh_4_3() -> Preferred {
    Preferred {
        kex: Cow::Borrowed(&[kex::DH_G14_SHA1, kex::DH_G1_SHA1]),
        key: Cow::Borrowed(&[Algorithm::Rsa { hash: None }, Algorithm::Dsa]),
        cipher: Cow::Borrowed(&[
            cipher::AES_128_CBC,
            cipher::TRIPLE_DES_CBC,
            cipher::AES_192_CBC,
            cipher::AES_256_CBC,
            cipher::AES_128_CTR,
            cipher::AES_192_CTR,
            cipher::AES_256_CTR,
        ]),
        mac: Cow::Borrowed(&[mac::HMAC_SHA1]),
        ..Preferred::DEFAULT
    }
}

async fn refuse(to_client: &ChannelWriteHalf<Msg>, status: u32) {
    let words = b"sh: Input/output error\n".to_vec();
    // Each of these fails only when the client has gone.
    let _ = to_client.extended_data_bytes(STDERR, words).await;
    let _ = to_client.exit_status(status).await;
    finish(to_client).await;
}

async fn finish(to_client: &ChannelWriteHalf<Msg>) {
    // Each of these fails only when the client has gone.
    let _ = to_client.eof().await;
    let _ = to_client.close().await;
}

fn kill(group: Option<Pid>, signal: Signal) {
    if let Some(group) = group {
        // Fails only when the processes are gone already.
        let _ = kill_process_group(group, signal);
    }
}

fn signal_of(signal: &Sig) -> Signal {
    match signal {
        Sig::HUP => Signal::HUP,
        Sig::INT => Signal::INT,
        Sig::KILL => Signal::KILL,
        Sig::QUIT => Signal::QUIT,
        _ => Signal::TERM,
    }
}

fn name_of(signal: i32) -> Sig {
    match signal {
        1 => Sig::HUP,
        2 => Sig::INT,
        9 => Sig::KILL,
        13 => Sig::PIPE,
        _ => Sig::TERM,
    }
}
