//! The Manager's SSH service: one exec request with commands separated by `;`, or a shell with the prompt `OVM> `.

use super::reply::Reply;
use super::{Manager, Session};
use crate::faults::{Fault, begins};
use crate::hostkey::HostKey;
use crate::ssh::{Hangups, Host, Link};
use crate::switches::{Channels, Charset, ClosingLine, LoginMethod};
use ovm::ovmcli::split_commands;
use russh::keys::{Algorithm, PublicKey};
use russh::server::{Config, Msg};
use russh::{Channel, ChannelMsg, MethodKind, MethodSet, Preferred, cipher, kex, mac};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// Extended data of type 1 is standard error.
const STDERR: u32 = 1;
const PROMPT: &str = "OVM> ";
const USER: &str = "admin";

/// The Manager's host.
pub(crate) struct ManagerHost {
    pub manager: Arc<Manager>,
    pub password: String,
    pub authorized_keys: Vec<PublicKey>,
    pub host_key: Arc<HostKey>,
    /// Users and addresses with a password login since the start: only they may use keys.
    pub known_logins: Mutex<BTreeSet<(String, IpAddr)>>,
    /// Drops idle connections when it changes.
    pub drop_idle: watch::Sender<u64>,
    /// How many commands were answered since the start.
    pub answered: AtomicU64,
}

impl ManagerHost {
    /// A host that nobody has logged in to.
    pub fn new(manager: Arc<Manager>, password: &str, authorized_keys: Vec<PublicKey>, host_key: Arc<HostKey>) -> Self {
        Self {
            manager,
            password: password.to_owned(),
            authorized_keys,
            host_key,
            known_logins: Mutex::default(),
            drop_idle: watch::Sender::new(0),
            answered: AtomicU64::new(0),
        }
    }

    /// Drops every connection on which no command runs, as the end of the idle time does.
    pub fn drop_idle(&self) {
        self.drop_idle.send_modify(|round| *round += 1);
    }

    /// Forgets the password logins, as a restart of the Manager does.
    pub fn forget_logins(&self) {
        self.known_logins.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Host for ManagerHost {
    fn config(&self) -> Arc<Config> {
        let switches = &self.manager.switches;
        Arc::new(Config {
            keys: vec![self.host_key.current()],
            auth_rejection_time: Duration::from_millis(300),
            auth_rejection_time_initial: Some(Duration::ZERO),
            inactivity_timeout: Some(Duration::from_secs(switches.idle_timeout_seconds)),
            preferred: if switches.legacy_algorithms { legacy() } else { modern() },
            methods: match switches.login {
                LoginMethod::Password => MethodSet::from(&[MethodKind::Password, MethodKind::PublicKey][..]),
                LoginMethod::Question => MethodSet::from(&[MethodKind::KeyboardInteractive, MethodKind::PublicKey][..]),
            },
            nodelay: true,
            ..Config::default()
        })
    }

    fn password_login(&self, user: &str, password: &str, peer: IpAddr) -> bool {
        let granted = user == USER && password == self.password;
        if granted {
            let mut known = self.known_logins.lock().unwrap_or_else(PoisonError::into_inner);
            known.insert((user.to_owned(), peer));
        }
        granted
    }

    fn key_login(&self, user: &str, key: &PublicKey, peer: IpAddr) -> bool {
        let known = self.known_logins.lock().unwrap_or_else(PoisonError::into_inner);
        user == USER
            && self
                .authorized_keys
                .iter()
                .any(|known| known.key_data() == key.key_data())
            && (!self.manager.switches.key_needs_password_login || known.contains(&(user.to_owned(), peer)))
    }

    fn asks_for_password(&self) -> bool {
        self.manager.switches.login == LoginMethod::Question
    }

    fn connections(&self) -> usize {
        self.manager.switches.connections
    }

    fn channels(&self) -> usize {
        match self.manager.switches.channels {
            Channels::Many => usize::MAX,
            Channels::OnePerConnection => 1,
        }
    }

    fn hangups(&self) -> Option<Hangups> {
        let switches = &self.manager.switches;
        let limit = Duration::from_secs(switches.idle_timeout_seconds);
        Some(Hangups {
            idle: (!switches.keepalives_are_activity).then_some(limit),
            now: self.drop_idle.subscribe(),
        })
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
                    return self.exec(&line, channel, &link).await;
                }
                ChannelMsg::RequestShell { want_reply } => {
                    if want_reply {
                        link.reply(id, true).await;
                    }
                    let session = Session::new(USER, &self.manager.switches);
                    return self.shell(channel, session, &link).await;
                }
                ChannelMsg::RequestPty { want_reply, .. } if want_reply => link.reply(id, true).await,
                ChannelMsg::RequestSubsystem { want_reply: true, .. } => link.reply(id, false).await,
                // OpenSSH wants no answer to a variable (`SetEnv`), whatever the library says: one would be taken for
                // the answer to its command.
                _ => {}
            }
        }
    }
}

impl ManagerHost {
    async fn exec(&self, line: &str, channel: Channel<Msg>, link: &Link) {
        let switches = &self.manager.switches;
        let mut session = Session::new(USER, switches);
        let mut status = Some(0);
        let parts = if switches.semicolon_splits_quotes {
            line.split(';').map(str::trim).filter(|part| !part.is_empty()).collect()
        } else {
            split_commands(line)
        };
        for part in parts {
            let Some(outcome) = self.command(part, &mut session, &channel, link).await else {
                return;
            };
            status = status.zip(outcome.status).map(|(one, other)| one.max(other));
            if outcome.exit {
                return finish(&channel, status).await;
            }
        }
        if switches.exec_stays_open {
            return self.shell(channel, session, link).await;
        }
        let farewell = || format!("{PROMPT}Connection closed.{}", session.line_end.as_str());
        match switches.closing_line {
            ClosingLine::ConnectionClosed => self.send(&channel, farewell()).await,
            ClosingLine::Prompt => self.send(&channel, PROMPT.to_owned()).await,
            ClosingLine::Nothing => {}
            ClosingLine::OnStandardError => {
                // Fails only when the client has gone.
                let _ = channel.extended_data_bytes(STDERR, farewell().into_bytes()).await;
            }
        }
        finish(&channel, status).await;
    }

    /// Echoes one command, carries it out and prints its answer; nothing when a fault has cut the connection.
    async fn command(&self, line: &str, session: &mut Session, channel: &Channel<Msg>, link: &Link) -> Option<Outcome> {
        self.manager.heard.note(line);
        let cut = self.fire(line);
        match cut {
            Some(Fault::CutBefore { .. }) => {
                link.cut();
                return None;
            }
            Some(Fault::Silent { .. }) => {
                let _running = link.running();
                link.closed().await;
                return None;
            }
            _ => {}
        }
        if self.manager.switches.echo {
            let echo = format!("{PROMPT}{line}{}", session.line_end.as_str());
            self.send(channel, echo).await;
        }
        if let Some(Fault::CutDuring { .. }) = cut {
            self.cut_at_job(line, session, link).await;
            return None;
        }
        let (reply, text) = self.watched(line, session, link).await?;
        match cut {
            Some(Fault::CutMiddle { .. }) => {
                let half = text
                    .char_indices()
                    .nth(text.chars().count() / 2)
                    .map_or(0, |(at, _)| at);
                self.send(channel, text.get(..half).unwrap_or_default().to_owned())
                    .await;
                // Let the half answer reach the client before the wire breaks.
                tokio::time::sleep(Duration::from_millis(100)).await;
                link.cut();
                None
            }
            Some(Fault::CutAfter { .. }) => {
                link.cut();
                None
            }
            other => {
                self.send(channel, text).await;
                let failure = self.manager.switches.exit_status_on_failure;
                Some(Outcome {
                    exit: matches!(reply, Reply::Exit),
                    status: match other {
                        Some(Fault::ExitStatus { status, .. }) => Some(status),
                        Some(Fault::NoExitStatus { .. }) => None,
                        _ if reply.failed() => Some(failure),
                        _ => Some(0),
                    },
                })
            }
        }
    }

    /// Carries the command out and cuts the connection when it has become a job, or at its end.
    async fn cut_at_job(&self, line: &str, session: &mut Session, link: &Link) {
        let job = session.job.clone();
        let before = job.load(Ordering::Relaxed);
        let at_job = async {
            while job.load(Ordering::Relaxed) == before {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            link.cut();
        };
        tokio::pin!(at_job);
        let answer = self.watched(line, session, link);
        tokio::pin!(answer);
        tokio::select! {
            _ = &mut answer => link.cut(),
            // What becomes of the job, `watched` decides.
            () = &mut at_job => drop(answer.await),
        }
    }

    /// The answer; nothing when the client left meanwhile. Whether its job then goes on is a switch.
    async fn watched(&self, line: &str, session: &mut Session, link: &Link) -> Option<(Reply, String)> {
        let _running = link.running();
        if !self.manager.switches.disconnect_aborts_jobs {
            return Some(self.answer(line, session).await);
        }
        let job = session.job.clone();
        tokio::select! {
            answer = self.answer(line, session) => Some(answer),
            () = link.closed() => {
                self.manager.abort(job.load(Ordering::Relaxed));
                None
            }
        }
    }

    async fn answer(&self, line: &str, session: &mut Session) -> (Reply, String) {
        let reply = self.manager.execute(session, line).await;
        self.answered.fetch_add(1, Ordering::Relaxed);
        let text = reply.render(session, &self.manager.switches, super::now());
        (reply, text)
    }

    fn fire(&self, line: &str) -> Option<Fault> {
        self.manager.faults.fire(|fault| match fault {
            Fault::CutBefore { command }
            | Fault::CutDuring { command }
            | Fault::CutMiddle { command }
            | Fault::CutAfter { command }
            | Fault::Silent { command }
            | Fault::ExitStatus { command, .. }
            | Fault::NoExitStatus { command } => begins(line, command),
            _ => false,
        })
    }

    /// The interactive session: every byte is echoed, Enter carries out the line.
    async fn shell(&self, mut channel: Channel<Msg>, mut session: Session, link: &Link) {
        let mut line = Vec::new();
        let mut after_cr = false;
        self.send(&channel, PROMPT.to_owned()).await;
        while let Some(message) = channel.wait().await {
            let data = match message {
                ChannelMsg::Data { data } => data,
                ChannelMsg::Eof | ChannelMsg::Close => break,
                _ => continue,
            };
            for &byte in data.iter() {
                let enter = byte == b'\r' || (byte == b'\n' && !after_cr);
                after_cr = byte == b'\r';
                match byte {
                    _ if enter => {
                        let typed = String::from_utf8_lossy(&std::mem::take(&mut line)).trim().to_owned();
                        if !self.typed(&typed, &mut session, &channel, link).await {
                            return;
                        }
                    }
                    b'\n' => {}
                    0x7f | 0x08 => {
                        if line.pop().is_some() {
                            self.send(&channel, "\u{8} \u{8}".to_owned()).await;
                        }
                    }
                    // End of transmission on an empty line ends the session, as in any shell.
                    0x04 if line.is_empty() => return finish(&channel, Some(0)).await,
                    _ => {
                        line.push(byte);
                        // Fails only when the client has gone.
                        let _ = channel.data_bytes(vec![byte]).await;
                    }
                }
            }
        }
        finish(&channel, Some(0)).await;
    }

    /// Carries out a typed line; false when the session has ended.
    async fn typed(&self, line: &str, session: &mut Session, channel: &Channel<Msg>, link: &Link) -> bool {
        self.send(channel, session.line_end.as_str().to_owned()).await;
        if !line.is_empty() {
            if self.fire(line).is_some() {
                link.cut();
                return false;
            }
            let Some((reply, text)) = self.watched(line, session, link).await else {
                return false;
            };
            self.send(channel, text).await;
            if matches!(reply, Reply::Exit) {
                finish(channel, Some(0)).await;
                return false;
            }
        }
        self.send(channel, PROMPT.to_owned()).await;
        true
    }

    async fn send(&self, channel: &Channel<Msg>, text: String) {
        let bytes = match self.manager.switches.charset {
            Charset::Utf8 => text.into_bytes(),
            Charset::Latin1 => text
                .chars()
                .map(|it| u8::try_from(u32::from(it)).unwrap_or(b'?'))
                .collect(),
        };
        // Fails only when the client has gone; the work of its commands goes on.
        let _ = channel.data_bytes(bytes).await;
    }
}

/// What became of a command of an exec request.
struct Outcome {
    exit: bool,
    /// Exit status of the request, unless it ends without one.
    status: Option<u32>,
}

async fn finish(channel: &Channel<Msg>, status: Option<u32>) {
    // Each of these fails only when the client has gone.
    if let Some(status) = status {
        let _ = channel.exit_status(status).await;
    }
    let _ = channel.eof().await;
    let _ = channel.close().await;
}

/// Today's algorithms, and DSA host keys, which a server may always present.
fn modern() -> Preferred {
    let mut keys = Preferred::DEFAULT.key.to_vec();
    keys.push(Algorithm::Dsa);
    Preferred {
        key: Cow::Owned(keys),
        ..Preferred::DEFAULT
    }
}

/// What a Java SSH server of 2013 offers.
fn legacy() -> Preferred {
    Preferred {
        kex: Cow::Borrowed(&[kex::DH_G14_SHA1, kex::DH_G1_SHA1]),
        key: Cow::Borrowed(&[Algorithm::Dsa, Algorithm::Rsa { hash: None }]),
        cipher: Cow::Borrowed(&[cipher::AES_128_CBC, cipher::TRIPLE_DES_CBC]),
        mac: Cow::Borrowed(&[mac::HMAC_SHA1]),
        ..Preferred::DEFAULT
    }
}
