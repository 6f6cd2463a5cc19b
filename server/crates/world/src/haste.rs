//! What makes tests fast and changes nothing that they are about: a quicker pace, and keys that are not made each time.

use crate::TARGET_PASSWORD;
use aes256ctr_poly1305aes::aead::Aead;
use aes256ctr_poly1305aes::{Aes256CtrPoly1305Aes, Key, Nonce};
use engine::{EngineOptions, Limits, Rhythm};
use rustic_core::repofile::KeyFile;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;
use tempfile::TempDir;
use vault::{Vault, VaultOptions};

/// Lets an engine hurry: ten times the usual pace. The sweeper only comes when an engine starts, so that a test sees what
/// is left behind and says when it is cleared up.
pub fn hurry(options: &mut EngineOptions) {
    options.lease_secs = 2;
    options.rhythm = Rhythm {
        queue: Duration::from_millis(100),
        turn: Duration::from_millis(30),
        news: Duration::from_millis(50),
        sweep: Duration::from_secs(3600),
        retry: Duration::from_millis(200),
        machine: Duration::from_millis(50),
        reconnect: Duration::from_millis(10),
        progress: Duration::from_millis(50),
        ..Rhythm::default()
    };
    options.limits = Limits {
        cancelled_job: Duration::from_secs(3),
        ..Limits::default()
    };
}

/// A file of a backup target with its content, or a folder, by its path in the target.
type Entry = (PathBuf, Option<Vec<u8>>);

/// Puts an empty backup target with [`TARGET_PASSWORD`] into a folder, if nothing is there. All of a process have the same
/// keys, and a password that costs next to nothing to check; that of a usual one is slow to check on purpose.
pub fn lay_target(at: &Path) {
    static EMPTY: OnceLock<Vec<Entry>> = OnceLock::new();
    if at.exists() {
        return;
    }
    fs::create_dir(at).unwrap();
    for (path, content) in EMPTY.get_or_init(empty_target) {
        match content {
            None => fs::create_dir(at.join(path)).unwrap(),
            Some(content) => fs::write(at.join(path), content).unwrap(),
        }
    }
}

/// The folders and files of an empty backup target, in the order in which they are made.
fn empty_target() -> Vec<Entry> {
    let dir = TempDir::new().unwrap();
    Vault::init(dir.path(), TARGET_PASSWORD, &VaultOptions::default()).unwrap();
    let mut found = Vec::new();
    collect(dir.path(), Path::new(""), &mut found);
    for (path, content) in &mut found {
        if let Some(content) = content.as_mut().filter(|_| path.starts_with("keys")) {
            *content = weakened(content);
            path.set_file_name(hex::encode(Sha256::digest(&content)));
        }
    }
    found
}

fn collect(root: &Path, below: &Path, found: &mut Vec<Entry>) {
    for entry in fs::read_dir(root.join(below)).unwrap() {
        let path = below.join(entry.unwrap().file_name());
        if root.join(&path).is_dir() {
            found.push((path.clone(), None));
            collect(root, &path, found);
        } else {
            let content = fs::read(root.join(&path)).unwrap();
            found.push((path, Some(content)));
        }
    }
}

/// The same key of a restic repository behind the same password, without what makes guessing it slow.
fn weakened(file: &[u8]) -> Vec<u8> {
    let mut key: KeyFile = serde_json::from_slice(file).unwrap();
    let (nonce, sealed) = key.data.split_at(16);
    let nonce = *Nonce::from_slice(nonce);
    let opened = cipher(&key).decrypt(&nonce, sealed).unwrap();
    key.n = 2;
    let sealed = cipher(&key).encrypt(&nonce, opened.as_slice()).unwrap();
    key.data = [nonce.as_slice(), &sealed].concat();
    serde_json::to_vec(&key).unwrap()
}

/// What the password opens.
fn cipher(key: &KeyFile) -> Aes256CtrPoly1305Aes {
    let (encrypt, k, r) = key.kdf_key(&TARGET_PASSWORD).unwrap().to_keys();
    Aes256CtrPoly1305Aes::new(Key::from_slice(&[encrypt, k, r].concat()))
}

/// File of the Manager's host key in the folder of a lab.
const HOST_KEY: &str = "manager_host_key";

/// The RSA key of all labs of a process: to make one takes longer than to start the rest of a lab.
static RSA_KEY: OnceLock<Vec<u8>> = OnceLock::new();

/// Gives a lab that is not made yet the host key of an earlier one.
pub(crate) fn lend_host_key(lab: &Path) {
    if let Some(key) = RSA_KEY.get().filter(|_| !lab.exists()) {
        fs::create_dir(lab).unwrap();
        fs::write(lab.join(HOST_KEY), key).unwrap();
    }
}

/// Keeps the host key of a lab for later ones.
pub(crate) fn keep_host_key(lab: &Path) {
    if RSA_KEY.get().is_none() {
        let key = fs::read(lab.join(HOST_KEY)).unwrap();
        // Two labs that were the first at the same time have each their own.
        let _second = RSA_KEY.set(key);
    }
}
