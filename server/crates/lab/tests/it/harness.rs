//! Starts labs and talks to them as a client does.

use lab::{HostKeyKind, Lab, LabOptions, Mode, Switches};
use ovm::ovmcli::{Answer, Status, parse_answers};
use russh::client::{self, Handle};
use russh::keys::{HashAlg, PublicKeyOrCertificate};
use russh::{ChannelMsg, Disconnect};
use std::sync::Arc;
use tempfile::TempDir;

/// Faster than any test needs.
pub const SPEED: f64 = 500.0;

/// A lab in a directory that goes when the test ends.
pub struct TestLab {
    pub lab: Arc<Lab>,
    pub dir: TempDir,
}

/// Options of a small, fast lab.
pub fn options(dir: &TempDir) -> LabOptions {
    LabOptions {
        mode: Mode::Auto { speed: SPEED },
        repository_size: 1 << 30,
        // Quicker to make than the RSA key of a real Manager.
        switches: Switches {
            manager_host_key: HostKeyKind::Ed25519,
            ..Switches::default()
        },
        ..LabOptions::new(dir.path())
    }
}

impl TestLab {
    pub async fn start() -> Self {
        Self::with(|_| ()).await
    }

    pub async fn with(change: impl FnOnce(&mut LabOptions)) -> Self {
        let dir = TempDir::new().unwrap();
        let mut options = options(&dir);
        change(&mut options);
        let lab = Lab::start(options).await.unwrap();
        Self { lab, dir }
    }

    /// The answer to a command that works.
    pub async fn ok(&self, line: &str) -> Answer {
        let answer = self.answer(line).await;
        assert_eq!(answer.status, Status::Success, "{line}: {}", answer.raw);
        answer
    }

    /// The error text of a command that does not.
    pub async fn error(&self, line: &str) -> String {
        let answer = self.answer(line).await;
        assert_eq!(answer.status, Status::Failure, "{line}: {}", answer.raw);
        answer.error.unwrap().message
    }

    pub async fn answer(&self, line: &str) -> Answer {
        parse_answers(self.lab.execute(line).await.as_bytes()).remove(0)
    }

    /// Id of the object that a command makes.
    pub async fn made(&self, line: &str) -> String {
        self.ok(line).await.items.remove(0).id
    }

    /// A property of an object.
    pub async fn property(&self, object: &str, key: &str) -> String {
        let answer = self.ok(&format!("show {object}")).await;
        let found = answer.properties.into_iter().find(|property| property.key == key);
        found.unwrap_or_else(|| panic!("{object} has no {key}")).value
    }

    /// Runs a command on the first or second server.
    pub async fn on_server(&self, number: usize, line: &str) -> Ran {
        let server = &self.lab.description().servers[number];
        let session = Ssh::password(server.port, &server.user, &server.password)
            .await
            .unwrap();
        session.run(line, &[]).await
    }

    /// The output of a command on the first server that works.
    pub async fn shell(&self, line: &str) -> String {
        let ran = self.on_server(0, line).await;
        assert_eq!(ran.status, Some(0), "{line}: {}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8(ran.stdout).unwrap()
    }
}

/// What a command over SSH gave.
#[derive(Debug, Default)]
pub struct Ran {
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    pub status: Option<u32>,
    /// The channel was closed in order.
    pub closed: bool,
}

/// An SSH connection.
pub struct Ssh {
    pub session: Handle<Client>,
    pub fingerprint: String,
}

#[derive(Clone, Default)]
pub struct Client(Arc<std::sync::Mutex<String>>);

impl client::Handler for Client {
    type Error = russh::Error;

    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        if let PublicKeyOrCertificate::PublicKey { key, .. } = key {
            *self.0.lock().unwrap() = key.fingerprint(HashAlg::Sha256).to_string();
        }
        Ok(true)
    }
}

impl Ssh {
    pub async fn connect(port: u16) -> Self {
        let client = Client::default();
        let fingerprint = client.0.clone();
        let session = client::connect(Arc::default(), ("127.0.0.1", port), client)
            .await
            .unwrap();
        let fingerprint = fingerprint.lock().unwrap().clone();
        Self { session, fingerprint }
    }

    pub async fn password(port: u16, user: &str, password: &str) -> Option<Self> {
        let mut ssh = Self::connect(port).await;
        let granted = ssh.session.authenticate_password(user, password).await.unwrap();
        granted.success().then_some(ssh)
    }

    pub async fn run(&self, line: &str, input: &[u8]) -> Ran {
        let mut channel = self.session.channel_open_session().await.unwrap();
        channel.exec(true, line).await.unwrap();
        if !input.is_empty() {
            channel.data(input).await.unwrap();
        }
        channel.eof().await.unwrap();
        let mut ran = Ran::default();
        while let Some(message) = channel.wait().await {
            match message {
                ChannelMsg::Data { data } => ran.stdout.extend_from_slice(&data),
                ChannelMsg::ExtendedData { data, .. } => ran.stderr.extend_from_slice(&data),
                ChannelMsg::ExitStatus { exit_status } => ran.status = Some(exit_status),
                ChannelMsg::Close => ran.closed = true,
                _ => {}
            }
        }
        ran
    }

    pub async fn leave(self) {
        self.session
            .disconnect(Disconnect::ByApplication, "", "")
            .await
            .unwrap();
    }
}
