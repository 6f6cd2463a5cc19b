//! What the Manager and the servers have in common as SSH servers: accepting connections, login, and one task for
//! each session channel.

use crate::error::LabError;
use russh::keys::PublicKey;
use russh::server::{Auth, ChannelOpenHandle, Config, Handle, Handler, Msg, Response, Session, VerifiedPublicKey};
use russh::{Channel, ChannelId, ChannelOpenFailure};
use std::future::Future;
use std::net::{IpAddr, Shutdown, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A simulated machine.
pub(crate) trait Host: Send + Sync + 'static {
    /// Configuration of a new connection; asked for each time, because the host key can change.
    fn config(&self) -> Arc<Config>;
    /// Whether the password is right.
    fn password_login(&self, user: &str, password: &str, peer: IpAddr) -> bool;
    /// Whether the key may log in.
    fn key_login(&self, user: &str, key: &PublicKey, peer: IpAddr) -> bool;
    /// Whether the password is the answer to a question (`keyboard-interactive`) instead of a login of its own.
    fn asks_for_password(&self) -> bool {
        false
    }
    /// How many connections there may be at the same time; what is beyond is closed at once.
    fn connections(&self) -> usize {
        usize::MAX
    }
    /// How many session channels one connection may open.
    fn channels(&self) -> usize {
        usize::MAX
    }
    /// When a connection without work is dropped.
    fn hangups(&self) -> Option<Hangups> {
        None
    }
    /// Serves one session channel until it ends.
    fn serve(self: Arc<Self>, channel: Channel<Msg>, link: Link) -> impl Future<Output = ()> + Send;
}

/// When a connection on which no command runs is dropped.
pub(crate) struct Hangups {
    /// After so long without one; `None` leaves that to the SSH library, for which a keepalive is activity.
    pub idle: Option<Duration>,
    /// Whenever this changes.
    pub now: watch::Receiver<u64>,
}

/// What goes on in a connection.
pub(crate) struct Activity {
    commands: AtomicUsize,
    last: Mutex<Instant>,
    closed: watch::Sender<bool>,
}

impl Activity {
    fn new() -> Self {
        Self {
            commands: AtomicUsize::new(0),
            last: Mutex::new(Instant::now()),
            closed: watch::Sender::new(false),
        }
    }

    /// How long no command has run; nothing while one does.
    fn idle(&self) -> Option<Duration> {
        let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        (self.commands.load(Ordering::SeqCst) == 0).then(|| last.elapsed())
    }

    fn change(&self, change: impl FnOnce(&AtomicUsize)) {
        change(&self.commands);
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }
}

/// A command that runs.
pub(crate) struct Running(Arc<Activity>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.change(|commands| {
            commands.fetch_sub(1, Ordering::SeqCst);
        });
    }
}

/// The connection below a channel.
#[derive(Clone)]
pub(crate) struct Link {
    session: Handle,
    socket: Arc<std::net::TcpStream>,
    activity: Arc<Activity>,
}

impl Link {
    /// Keeps the connection from being idle until the result is dropped.
    pub fn running(&self) -> Running {
        self.activity.change(|commands| {
            commands.fetch_add(1, Ordering::SeqCst);
        });
        Running(self.activity.clone())
    }

    /// Returns when the connection has ended.
    pub async fn closed(&self) {
        // The sender lives in the activity that this holds.
        let _ = self.activity.closed.subscribe().wait_for(|closed| *closed).await;
    }

    /// Answers a request of the channel.
    pub async fn reply(&self, channel: ChannelId, granted: bool) {
        let sent = if granted {
            self.session.channel_success(channel).await
        } else {
            self.session.channel_failure(channel).await
        };
        if sent.is_err() {
            tracing::debug!("the client left before its request was answered");
        }
    }

    /// Reports a process that a signal ended.
    pub async fn exit_signal(&self, channel: ChannelId, signal: russh::Sig) {
        let nothing = String::new;
        // The client may have left; then nobody wants to know.
        let _ = self
            .session
            .exit_signal_request(channel, signal, false, nothing(), nothing())
            .await;
    }

    /// Cuts the connection as a broken network does: without a word.
    pub fn cut(&self) {
        // Fails only when the connection is gone already.
        let _ = self.socket.shutdown(Shutdown::Both);
    }
}

/// Listens, and accepts connections until `stop` changes; gives the port.
pub(crate) async fn listen<H: Host>(
    host: Arc<H>,
    address: SocketAddr,
    stop: &watch::Receiver<bool>,
    tasks: &mut Vec<JoinHandle<()>>,
) -> Result<u16, LabError> {
    let failed = |source| LabError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let port = listener.local_addr().map_err(failed)?.port();
    tasks.push(tokio::spawn(accept(host, listener, stop.clone())));
    Ok(port)
}

/// Accepts connections for `host` until `stop` changes; ends when every connection has ended.
pub(crate) async fn accept<H: Host>(host: Arc<H>, listener: TcpListener, mut stop: watch::Receiver<bool>) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            _ = stop.changed() => break,
            accepted = listener.accept() => match accepted {
                // Dropping the stream closes it.
                Ok(_) if connections.len() >= host.connections() => {}
                Ok((stream, peer)) => {
                    connections.spawn(connection(host.clone(), stream, peer.ip(), stop.clone()));
                }
                Err(error) => tracing::warn!(%error, "the lab could not accept a connection"),
            },
            Some(_) = connections.join_next() => {}
        }
    }
    while connections.join_next().await.is_some() {}
}

async fn connection<H: Host>(host: Arc<H>, stream: TcpStream, peer: IpAddr, mut stop: watch::Receiver<bool>) {
    let Ok((stream, socket)) = with_second_handle(stream) else {
        return;
    };
    let activity = Arc::new(Activity::new());
    let hangups = host.hangups();
    let client = Client {
        config: host.config(),
        host,
        peer,
        socket: Arc::new(socket),
        activity: activity.clone(),
        channels: 0,
    };
    let socket = client.socket.clone();
    let config = client.config.clone();
    let run = async move {
        if let Ok(session) = russh::server::run_stream(config, stream, client).await {
            // How a connection ends is the client's affair.
            let _ = session.await;
        }
    };
    tokio::pin!(run);
    tokio::select! {
        () = &mut run => {}
        () = ended(&activity, hangups, &mut stop) => {
            // Fails only when the connection is gone already.
            let _ = socket.shutdown(Shutdown::Both);
            run.await;
        }
    }
    activity.closed.send_replace(true);
}

/// Returns when the lab stops, or when the host hangs up.
async fn ended(activity: &Activity, hangups: Option<Hangups>, stop: &mut watch::Receiver<bool>) {
    let Some(mut hangups) = hangups else {
        let _ = stop.changed().await;
        return;
    };
    loop {
        let rest = match (hangups.idle, activity.idle()) {
            (Some(limit), Some(idle)) if idle >= limit => return,
            (Some(limit), idle) => limit.saturating_sub(idle.unwrap_or_default()),
            (None, _) => Duration::from_secs(3600),
        };
        tokio::select! {
            _ = stop.changed() => return,
            changed = hangups.now.changed() => if changed.is_err() || activity.idle().is_some() {
                return;
            },
            () = tokio::time::sleep(rest) => {}
        }
    }
}

/// A second handle on the socket makes it possible to cut the connection from outside.
fn with_second_handle(stream: TcpStream) -> std::io::Result<(TcpStream, std::net::TcpStream)> {
    stream.set_nodelay(true)?;
    let stream = stream.into_std()?;
    let second = stream.try_clone()?;
    Ok((TcpStream::from_std(stream)?, second))
}

struct Client<H> {
    host: Arc<H>,
    config: Arc<Config>,
    peer: IpAddr,
    socket: Arc<std::net::TcpStream>,
    activity: Arc<Activity>,
    /// Session channels that were opened.
    channels: usize,
}

impl<H: Host> Handler for Client<H> {
    type Error = russh::Error;

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, Self::Error> {
        if self.host.asks_for_password() {
            return Ok(Auth::UnsupportedMethod);
        }
        Ok(verdict(self.host.password_login(user, password, self.peer)))
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        user: &str,
        _: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, Self::Error> {
        let Some(mut response) = response else {
            return Ok(question());
        };
        let password = response.next().unwrap_or_default();
        let password = String::from_utf8_lossy(&password);
        Ok(verdict(self.host.password_login(user, &password, self.peer)))
    }

    async fn auth_publickey(&mut self, user: &str, key: VerifiedPublicKey<'_>) -> Result<Auth, Self::Error> {
        Ok(verdict(self.host.key_login(user, key.public_key, self.peer)))
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        let link = Link {
            session: session.handle(),
            socket: self.socket.clone(),
            activity: self.activity.clone(),
        };
        if self.channels >= self.host.channels() {
            reply.reject(ChannelOpenFailure::AdministrativelyProhibited).await;
            return Ok(());
        }
        self.channels += 1;
        reply.accept().await;
        tokio::spawn(self.host.clone().serve(channel, link));
        Ok(())
    }
}

fn question() -> Auth {
    Auth::Partial {
        name: "".into(),
        instructions: "".into(),
        prompts: vec![("Password: ".into(), false)].into(),
    }
}

fn verdict(granted: bool) -> Auth {
    if granted { Auth::Accept } else { Auth::reject() }
}
