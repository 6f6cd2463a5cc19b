//! What the Manager and the servers have in common as SSH servers: accepting connections, login, and one task for
//! each session channel.

use russh::keys::PublicKey;
use russh::server::{Auth, ChannelOpenHandle, Config, Handle, Handler, Msg, Session, VerifiedPublicKey};
use russh::{Channel, ChannelId};
use std::future::Future;
use std::net::{IpAddr, Shutdown};
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A simulated machine.
pub(crate) trait Host: Send + Sync + 'static {
    /// Configuration of a new connection; asked for each time, because the host key can change.
    fn config(&self) -> Arc<Config>;
    /// Whether the password is right.
    fn password_login(&self, user: &str, password: &str, peer: IpAddr) -> bool;
    /// Whether the key may log in.
    fn key_login(&self, user: &str, key: &PublicKey, peer: IpAddr) -> bool;
    /// Serves one session channel until it ends.
    fn serve(self: Arc<Self>, channel: Channel<Msg>, link: Link) -> impl Future<Output = ()> + Send;
}

/// The connection below a channel.
#[derive(Clone)]
pub(crate) struct Link {
    session: Handle,
    socket: Arc<std::net::TcpStream>,
}

impl Link {
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

/// Accepts connections for `host` until `stop` changes; ends when every connection has ended.
pub(crate) async fn accept<H: Host>(host: Arc<H>, listener: TcpListener, mut stop: watch::Receiver<bool>) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            _ = stop.changed() => break,
            accepted = listener.accept() => match accepted {
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
    let client = Client {
        config: host.config(),
        host,
        peer,
        socket: Arc::new(socket),
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
        _ = stop.changed() => {
            // Fails only when the connection is gone already.
            let _ = socket.shutdown(Shutdown::Both);
            run.await;
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
}

impl<H: Host> Handler for Client<H> {
    type Error = russh::Error;

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, Self::Error> {
        Ok(verdict(self.host.password_login(user, password, self.peer)))
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
        };
        reply.accept().await;
        tokio::spawn(self.host.clone().serve(channel, link));
        Ok(())
    }
}

fn verdict(granted: bool) -> Auth {
    if granted { Auth::Accept } else { Auth::reject() }
}
