//! An authenticated connection: host key check, login, and the start of commands.

use crate::{
    Connecting, Credential, ExecOutput, ExecStream, HostKey, HostKeyFingerprint, Negotiated, Profile, Secret, SshError,
    Target, algorithms,
};
use russh::{
    MethodKind, MethodSet,
    client::{self, AuthResult, DisconnectReason, Handle, Handler, KeyboardInteractiveAuthResponse, Prompt},
    keys::{PrivateKeyWithHashAlg, PublicKeyOrCertificate, decode_secret_key},
};
use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{io::AsyncRead, net::TcpStream, time::timeout};

const TCP_TIMEOUT: Duration = Duration::from_secs(15);
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(30);
/// Long, because a Manager under load takes its time to check a password.
const LOGIN_TIMEOUT: Duration = Duration::from_secs(60);
/// Rounds of questions at a login that are answered.
const QUESTIONS: usize = 4;

/// Which credential opened the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Login {
    /// The private key.
    Key,
    /// The password.
    Password,
}

/// Says whether a command may still be sent.
pub type Gate = Arc<dyn Fn() -> bool + Send + Sync>;

/// A connection to one server. Commands can run on it at the same time, each on a channel of its own.
pub struct Session {
    host: String,
    handle: Handle<Client>,
    facts: Arc<Facts>,
    login: Login,
    gate: Option<Gate>,
}

impl Session {
    /// Connects, checks the host key, and logs in: with the key if there is one, then with the password.
    pub async fn connect(target: &Target, profile: Profile) -> Result<Self, SshError> {
        let host = target.address();
        let config = algorithms::config(profile, target.legacy_algorithms);
        let facts = Arc::new(Facts::default());
        let client = Client {
            expected: Some(target.host_key),
            facts: Arc::clone(&facts),
        };
        let mut handle = match handshake(&target.host, target.port, config, client).await? {
            Ok(handle) => handle,
            Err(seen) => {
                let (expected, seen) = (target.host_key, seen.fingerprint);
                return Err(SshError::HostKeyChanged { host, expected, seen });
            }
        };
        let login = within(
            &host,
            Connecting::Login,
            LOGIN_TIMEOUT,
            log_in(&mut handle, target, &facts),
        )
        .await??;
        Ok(Self {
            host,
            handle,
            facts,
            login,
            gate: None,
        })
    }

    /// Asks a gate at the last moment before each command is sent, when nothing is waited for any more.
    #[must_use]
    pub fn behind(mut self, gate: Gate) -> Self {
        self.gate = Some(gate);
        self
    }

    /// Runs a command to its end. `limit` is the most output, in bytes, that the caller wants to hold.
    ///
    /// There is no time limit: a command may run for hours. Dropping the future closes the channel.
    pub async fn exec(&self, command: &str, limit: usize) -> Result<ExecOutput, SshError> {
        let mut stream = self.exec_stream(command).await?;
        stream.close_input().await?;
        stream.collect(limit).await
    }

    /// Runs a command that reads `input` to its end. The output is limited as in [`Session::exec`]. A command that
    /// ends before it has read everything is no error as such: its exit status tells.
    pub async fn exec_with_input(
        &self,
        command: &str,
        input: impl AsyncRead + Unpin,
        limit: usize,
    ) -> Result<ExecOutput, SshError> {
        let mut stream = self.exec_stream(command).await?;
        match stream.send_all(input).await {
            Ok(()) => stream.close_input().await?,
            Err(SshError::InputNotTaken { .. }) => {}
            Err(error) => return Err(error),
        }
        stream.collect(limit).await
    }

    /// Starts a command whose output is read, and whose input may be written, piece by piece.
    pub async fn exec_stream(&self, command: &str) -> Result<ExecStream, SshError> {
        let lost = |error| self.facts.explain(SshError::before_sending(&self.host, error));
        let channel = self.handle.channel_open_session().await.map_err(lost)?;
        if self.gate.as_ref().is_some_and(|may_be_sent| !may_be_sent()) {
            let host = self.host.clone();
            return Err(SshError::Withheld { host });
        }
        channel.exec(true, command).await.map_err(lost)?;
        Ok(ExecStream::new(self.host.clone(), channel, Arc::clone(&self.facts)))
    }

    /// `name:port` of the server.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Which credential opened the session.
    pub fn login(&self) -> Login {
        self.login
    }

    /// The algorithms in use.
    pub fn negotiated(&self) -> Negotiated {
        lock(&self.facts.negotiated).clone()
    }

    /// Whether the connection has ended.
    pub fn is_closed(&self) -> bool {
        self.handle.is_closed()
    }
}

/// The host key that a server presents, to show to a person before it is pinned. Ends the connection after that.
pub async fn probe_host_key(host: &str, port: u16, legacy_algorithms: bool) -> Result<HostKey, SshError> {
    let config = algorithms::config(Profile::Control, legacy_algorithms);
    let client = Client {
        expected: None,
        facts: Arc::default(),
    };
    match handshake(host, port, config, client).await? {
        Err(seen) => Ok(seen),
        Ok(_) => Err(SshError::Protocol {
            host: format!("{host}:{port}"),
            detail: "it presented no host key".to_owned(),
        }),
    }
}

/// Connects and exchanges keys. The inner error is a host key that the client does not accept.
async fn handshake(
    name: &str,
    port: u16,
    config: client::Config,
    client: Client,
) -> Result<Result<Handle<Client>, HostKey>, SshError> {
    let host = format!("{name}:{port}");
    let stream = within(&host, Connecting::Tcp, TCP_TIMEOUT, TcpStream::connect((name, port))).await?;
    let stream = stream.map_err(|source| SshError::Unreachable {
        host: host.clone(),
        source,
    })?;
    // Only delays small packets when it fails.
    stream.set_nodelay(true).ok();
    let exchange = client::connect_stream(Arc::new(config), stream, client);
    match within(&host, Connecting::Keys, HANDSHAKE_TIMEOUT, exchange).await? {
        Ok(handle) => Ok(Ok(handle)),
        Err(HandshakeError::NotAccepted(seen)) => Ok(Err(seen)),
        Err(HandshakeError::Russh(error)) => Err(SshError::before_sending(&host, error)),
    }
}

async fn log_in(handle: &mut Handle<Client>, target: &Target, facts: &Facts) -> Result<Login, SshError> {
    let host = target.address();
    let lost = |error| facts.explain(SshError::before_sending(&host, error));
    let password = match &target.credential {
        Credential::Password(password) => password,
        Credential::Key {
            private_openssh,
            passphrase,
            password,
        } => {
            let key = usable_key(handle, target, private_openssh, passphrase.as_ref()).await?;
            let answer = handle.authenticate_publickey(&target.user, key).await;
            if answer.map_err(lost)?.success() {
                return Ok(Login::Key);
            }
            password
        }
    };
    // Asks for nothing but the methods, as OpenSSH does: a password that is refused counts, and is answered late.
    let granted = match handle.authenticate_none(&target.user).await.map_err(lost)? {
        AuthResult::Success => true,
        AuthResult::Failure { remaining_methods, .. } if asks_instead(&remaining_methods) => {
            answered(handle, &target.user, password).await.map_err(lost)?
        }
        AuthResult::Failure { .. } => {
            let answer = handle.authenticate_password(&target.user, password.expose()).await;
            answer.map_err(lost)?.success()
        }
    };
    match granted {
        true => Ok(Login::Password),
        false if handle.is_closed() => Err(lost(russh::Error::Disconnect)),
        false => Err(SshError::AuthenticationFailed {
            host,
            user: target.user.clone(),
        }),
    }
}

/// Whether a server takes no passwords but asks questions, of which the password is the answer.
fn asks_instead(methods: &MethodSet) -> bool {
    methods.contains(&MethodKind::KeyboardInteractive) && !methods.contains(&MethodKind::Password)
}

/// Answers the questions of a server (RFC 4256): each that is typed unseen with the password, any other with nothing.
async fn answered(handle: &mut Handle<Client>, user: &str, password: &Secret) -> Result<bool, russh::Error> {
    let mut answer = handle.authenticate_keyboard_interactive_start(user, None).await?;
    for _ in 0..QUESTIONS {
        let KeyboardInteractiveAuthResponse::InfoRequest { prompts, .. } = &answer else {
            break;
        };
        let reply = |prompt: &Prompt| match prompt.echo {
            true => String::new(),
            false => password.expose().to_owned(),
        };
        let replies = prompts.iter().map(reply).collect();
        answer = handle.authenticate_keyboard_interactive_respond(replies).await?;
    }
    Ok(matches!(answer, KeyboardInteractiveAuthResponse::Success))
}

async fn usable_key(
    handle: &Handle<Client>,
    target: &Target,
    private: &Secret,
    passphrase: Option<&Secret>,
) -> Result<PrivateKeyWithHashAlg, SshError> {
    let key = decode_secret_key(private.expose(), passphrase.map(Secret::expose));
    let key = Arc::new(key.map_err(|error| SshError::InvalidKey {
        host: target.address(),
        detail: error.to_string(),
    })?);
    let mut hash = None;
    if key.algorithm().is_rsa() {
        // A server that does not say what it can verify is either very old, and knows SHA-1 only, or it can SHA-256.
        let unknown = (!target.legacy_algorithms).then_some(russh::keys::HashAlg::Sha256);
        let stated = handle.best_supported_rsa_hash().await;
        hash = stated.ok().flatten().unwrap_or(unknown);
    }
    Ok(PrivateKeyWithHashAlg::new(key, hash))
}

async fn within<T>(
    host: &str,
    during: Connecting,
    limit: Duration,
    work: impl Future<Output = T>,
) -> Result<T, SshError> {
    timeout(limit, work).await.map_err(|_| SshError::Timeout {
        host: host.to_owned(),
        during,
        seconds: limit.as_secs(),
    })
}

/// What the connection's task learns and others want to know.
#[derive(Default)]
pub(crate) struct Facts {
    negotiated: Mutex<Negotiated>,
    end: Mutex<Option<String>>,
}

impl Facts {
    /// Why the connection ended.
    pub(crate) fn end(&self) -> String {
        let known = lock(&self.end).clone();
        known.unwrap_or_else(|| "the server closed it".to_owned())
    }

    /// Puts the cause into a loss that was only noticed by its effect.
    fn explain(&self, mut error: SshError) -> SshError {
        if let SshError::ConnectionLost { reason, .. } = &mut error {
            *reason = self.end();
        }
        error
    }
}

/// A poisoned lock still holds a whole value: each is set in one step.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Callbacks of the connection's task.
pub(crate) struct Client {
    /// The pinned key; `None` refuses every key, to see which one comes.
    expected: Option<HostKeyFingerprint>,
    facts: Arc<Facts>,
}

#[derive(Debug)]
pub(crate) enum HandshakeError {
    NotAccepted(HostKey),
    Russh(russh::Error),
}

impl From<russh::Error> for HandshakeError {
    fn from(error: russh::Error) -> Self {
        Self::Russh(error)
    }
}

impl Handler for Client {
    type Error = HandshakeError;

    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        let seen = HostKey::of(&key.public_key());
        match self.expected {
            Some(expected) if expected == seen.fingerprint => Ok(true),
            _ => Err(HandshakeError::NotAccepted(seen)),
        }
    }

    async fn kex_done(
        &mut self,
        _shared_secret: Option<&[u8]>,
        names: &russh::Names,
        _session: &mut client::Session,
    ) -> Result<(), Self::Error> {
        *lock(&self.facts.negotiated) = Negotiated::from(names);
        Ok(())
    }

    async fn disconnected(&mut self, reason: DisconnectReason<Self::Error>) -> Result<(), Self::Error> {
        let (text, result) = match reason {
            DisconnectReason::ReceivedDisconnect(info) => (format!("the server said: {}", info.message), Ok(())),
            DisconnectReason::Error(HandshakeError::Russh(error)) => (error.to_string(), Err(error.into())),
            DisconnectReason::Error(other) => ("the host key changed during the session".to_owned(), Err(other)),
        };
        tracing::debug!(reason = text, "SSH connection ended");
        *lock(&self.facts.end) = Some(text);
        result
    }
}
