//! A real OpenSSH server for tests: `sshd -i` behind a listener of our own, so there is no port to race for and no
//! daemon to leave behind.

use russh::keys::ssh_key::LineEnding;
use russh::keys::{Algorithm, PrivateKey};
use ssh::{Credential, HostKeyFingerprint, Secret, Target};
use std::{
    fs,
    net::{SocketAddr, TcpListener},
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};
use tempfile::TempDir;

const SSHD: &str = "/usr/sbin/sshd";

/// A running server. Its files live as long as this value.
pub struct Sshd {
    address: SocketAddr,
    folder: TempDir,
    private_key: Secret,
}

impl Sshd {
    /// Starts one with a host key of the given type and further lines for its configuration.
    pub fn start(host_key_type: &str, settings: &[&str]) -> Self {
        assert!(
            Path::new(SSHD).exists(),
            "{SSHD} is missing: install the package openssh-server"
        );
        fs::create_dir_all("/run/sshd").expect("sshd needs /run/sshd");
        let folder = tempfile::tempdir().unwrap();
        let config = write_config(folder.path(), host_key_type, settings);
        let private_key = write_login_key(folder.path());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || serve(&listener, &config));
        Self {
            address,
            folder,
            private_key,
        }
    }

    /// How to log in, with the right host key pinned.
    pub fn target(&self) -> Target {
        Target {
            host: self.address.ip().to_string(),
            port: self.address.port(),
            user: output("id", &["-un"]),
            host_key: self.host_key(),
            credential: Credential::Key {
                private_openssh: self.private_key.clone(),
                passphrase: None,
                password: Secret::new("not used"),
            },
            legacy_algorithms: false,
        }
    }

    /// The fingerprint as OpenSSH itself computes it.
    pub fn host_key(&self) -> HostKeyFingerprint {
        let file = self.folder.path().join("host_key.pub");
        let line = output("ssh-keygen", &["-l", "-f", &file.display().to_string()]);
        line.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// A folder for the test's own files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

fn write_config(folder: &Path, host_key_type: &str, settings: &[&str]) -> PathBuf {
    let host_key = folder.join("host_key").display().to_string();
    output("ssh-keygen", &["-q", "-t", host_key_type, "-N", "", "-f", &host_key]);
    let mut lines = vec![
        format!("HostKey {host_key}"),
        format!("AuthorizedKeysFile {}", folder.join("authorized_keys").display()),
        "StrictModes no".to_owned(),
        "PermitRootLogin yes".to_owned(),
        "UsePAM no".to_owned(),
    ];
    lines.extend(settings.iter().map(|&line| line.to_owned()));
    let config = folder.join("sshd_config");
    fs::write(&config, lines.join("\n") + "\n").unwrap();
    config
}

fn write_login_key(folder: &Path) -> Secret {
    let key = PrivateKey::random(&mut russh::keys::key::safe_rng(), Algorithm::Ed25519).unwrap();
    fs::write(folder.join("authorized_keys"), key.public_key().to_openssh().unwrap()).unwrap();
    Secret::new(key.to_openssh(LineEnding::LF).unwrap().as_str())
}

fn serve(listener: &TcpListener, config: &Path) {
    for connection in listener.incoming() {
        let socket = OwnedFd::from(connection.unwrap());
        let mut server = Command::new(SSHD)
            .args(["-i", "-e", "-f"])
            .arg(config)
            .stdin(socket.try_clone().unwrap())
            .stdout(socket)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        thread::spawn(move || server.wait());
    }
}

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(
        output.status.success(),
        "{program}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
