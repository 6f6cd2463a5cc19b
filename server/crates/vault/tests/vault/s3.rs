//! A backup target in a bucket of a real S3 server.

#![expect(
    clippy::disallowed_methods,
    reason = "packs get their age from the clock of the machine"
)]

use super::{PASSWORD, Unwatched, image_data, sealed_point, sha256, sparse_image, store};
use crate::{
    s3_server::S3Server,
    support::{Image, MIB},
};
use std::{
    fs, io,
    process::Command,
    sync::Arc,
    time::{Duration, SystemTime},
};
use vault::{
    AccessKey, Extent, ImageSource, KEEP_UNNEEDED, Location, PointTag, S3Location, Vault, VaultError, VaultOptions,
};

fn new_vault() -> (S3Server, Vault) {
    let server = S3Server::start();
    let vault = Vault::init(server.location(), PASSWORD, &VaultOptions::default()).unwrap();
    (server, vault)
}

/// A recovery point goes through its whole life.
#[test]
fn a_point_in_a_bucket_comes_back_as_it_was() {
    let (server, vault) = new_vault();
    assert_eq!(
        vault.location().to_string(),
        format!("s3:{}/backups/dc1/holdfast", server.place().endpoint)
    );
    let point = PointTag::new("p1");
    let (image, bytes) = (sparse_image(1), sparse_image(1).bytes());
    let stored = store(&vault, &point, "disks/0.img", image);
    assert_eq!(stored.sha256, sha256(&bytes));
    vault
        .store_files(&point, vec![("vm.cfg".to_owned(), b"name = 'x'\n".to_vec())])
        .unwrap();
    assert_eq!(vault.list_unfinished().unwrap().len(), 2);
    let sealed = vault.seal(&point).unwrap();
    assert_eq!(vault.seal(&point).unwrap(), sealed);
    assert_eq!(vault.list_unfinished().unwrap(), []);

    // As another process would.
    let vault = Vault::open(server.location(), PASSWORD).unwrap();
    let snapshot = vault.snapshot(&sealed.snapshot_id).unwrap();
    assert_eq!(snapshot.read_data("disks/0.img", &Unwatched).unwrap(), stored.data);
    assert_eq!(snapshot.read_small_file("vm.cfg").unwrap(), b"name = 'x'\n");
    snapshot.check_files_but(&["disks/0.img"]).unwrap();
    let mut stream = snapshot.stream_data("disks/0.img").unwrap();
    for extent in &stored.data.extents {
        let mut range = vec![0; extent.length as usize];
        stream.read(extent.offset, &mut range).unwrap();
        assert!(range == bytes[extent.offset as usize..extent.end() as usize]);
    }
    let again = store(&vault, &PointTag::new("p2"), "disks/0.img", sparse_image(1));
    assert!(again.added_bytes < 100_000, "equal data is stored once");
    vault.discard(&PointTag::new("p2")).unwrap();
    assert_eq!(vault.list_unfinished().unwrap(), []);
    assert!(!server.bucket().join("config").exists(), "all lies below the prefix");
}

#[test]
fn room_in_a_bucket_comes_back() {
    let (_server, vault) = new_vault();
    store(&vault, &PointTag::new("new"), "disks/0.img", sparse_image(33));
    let kept = vault.seal(&PointTag::new("new")).unwrap().snapshot_id;
    sealed_point(&vault, "old");
    vault.remove(&PointTag::new("old")).unwrap();
    assert_eq!(vault.list_points().unwrap().len(), 1);
    let now = SystemTime::now();
    let marked = vault.prune(now).unwrap();
    assert!(marked.marked_bytes > 4 * MIB && marked.removed_bytes == 0, "{marked:?}");
    let removed = vault.prune(now + KEEP_UNNEEDED).unwrap().removed_bytes;
    assert!(removed > 4 * MIB, "{removed}");
    vault
        .snapshot(&kept)
        .unwrap()
        .read_data("disks/0.img", &Unwatched)
        .unwrap();
}

/// Packs of a backup that was cut off are known to no index; they go, too, once they are old.
#[test]
fn strays_in_a_bucket_are_removed_when_they_are_old() {
    let (server, vault) = new_vault();
    let stray = server.bucket().join("dc1/holdfast/data/aa").join("aa".repeat(32));
    fs::create_dir_all(stray.parent().unwrap()).unwrap();
    fs::write(&stray, b"cut off").unwrap();
    vault.prune(SystemTime::now()).unwrap();
    assert!(stray.exists());
    vault
        .prune(SystemTime::now() + KEEP_UNNEEDED + Duration::from_secs(60))
        .unwrap();
    assert!(!stray.exists());
}

#[test]
fn stock_restic_reads_a_bucket() {
    let (server, vault) = new_vault();
    let snapshot = sealed_point(&vault, "p1");
    let AccessKey { id, secret } = server.place().key;
    let restic = |arguments: &[&str]| {
        let mut command = Command::new("restic");
        command.args(["--no-cache", "-r", &vault.location().to_string()]);
        command.args(arguments).env("RESTIC_PASSWORD", PASSWORD);
        command
            .env("AWS_ACCESS_KEY_ID", &id)
            .env("AWS_SECRET_ACCESS_KEY", &secret);
        let output = command.output().expect("restic is missing: install the package restic");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "restic {arguments:?}: {said}");
        output.stdout
    };
    // Not `check`: restic lists with an empty delimiter, and this server stops at folders then.
    assert!(restic(&["dump", &snapshot, "/disks/0.img"]) == sparse_image(1).bytes());
    assert_eq!(restic(&["dump", &snapshot, "/vm.cfg"]), b"name = 'x'\n");
}

/// What is wrong with a place tells itself by its type, and in a sentence that says what to do and no secret.
#[test]
fn a_bucket_that_cannot_be_opened_says_why() {
    let (server, _vault) = new_vault();
    let at = |change: fn(&mut S3Location)| {
        let mut place = server.place();
        change(&mut place);
        Location::S3(place)
    };
    let open = |location: Location| Vault::open(location, PASSWORD).err().unwrap();
    let init = |location: Location| Vault::init(location, PASSWORD, &VaultOptions::default()).err().unwrap();

    let wrong = Vault::open(server.location(), "wrong").err().unwrap();
    assert!(matches!(wrong, VaultError::WrongPassword { .. }), "{wrong}");
    let twice = init(server.location());
    assert!(matches!(twice, VaultError::TargetExists { .. }), "{twice}");
    let elsewhere = open(at(|place| place.prefix = "dc2".to_owned()));
    assert!(matches!(elsewhere, VaultError::NoTarget { .. }), "{elsewhere}");
    for missing in [
        open(at(|place| place.bucket = "other".to_owned())),
        init(at(|place| place.bucket = "other".to_owned())),
    ] {
        assert!(matches!(missing, VaultError::NoBucket { .. }), "{missing}");
        assert!(missing.to_string().contains("create it on the S3 server"), "{missing}");
    }
    for refused in [
        open(at(|place| place.key.secret = "not this one".to_owned())),
        open(at(|place| place.key.id = "AKIANOBODY".to_owned())),
    ] {
        assert!(matches!(refused, VaultError::WrongAccessKey { .. }), "{refused}");
        assert!(!refused.to_string().contains("not this one"), "{refused}");
    }
    for endpoint in ["", "s3.example.com", "ftp://s3.example.com"] {
        let mut place = server.place();
        place.endpoint = endpoint.to_owned();
        let invalid = open(Location::S3(place));
        assert!(matches!(invalid, VaultError::InvalidLocation { .. }), "{invalid}");
    }
    for prefix in ["a/../b", "a//b", "."] {
        let mut place = server.place();
        place.prefix = prefix.to_owned();
        let invalid = open(Location::S3(place));
        assert!(matches!(invalid, VaultError::InvalidLocation { .. }), "{invalid}");
    }
    assert!(!format!("{:?}", server.location()).contains(&server.place().key.secret));
}

#[test]
fn what_is_gone_from_a_bucket_is_lost_and_a_lost_key_file_comes_back() {
    let (server, vault) = new_vault();
    let snapshot = sealed_point(&vault, "p");
    let inside = server.bucket().join("dc1/holdfast");
    let key = inside.join("keys").join(&vault.key_file().name);
    fs::remove_file(&key).unwrap();
    let keyless = Vault::open(server.location(), PASSWORD).err().unwrap();
    assert!(keyless.is_key_loss(), "{keyless}");
    assert!(vault.put_key_back().unwrap());
    vault.open_again().unwrap();

    let data = inside.join("data");
    for folder in fs::read_dir(&data).unwrap() {
        fs::remove_dir_all(folder.unwrap().path()).unwrap();
    }
    let read = |file| vault.snapshot(&snapshot).unwrap().read_small_file(file);
    assert!(read("vm.cfg").unwrap_err().is_loss());
    fs::remove_file(inside.join("snapshots").join(&snapshot)).unwrap();
    let gone = vault.snapshot(&snapshot).err().unwrap();
    assert!(matches!(gone, VaultError::NoSnapshot { .. }), "{gone}");
}

/// An image in the middle of which the server goes away.
struct Stopping(Image, Arc<S3Server>, u64);

impl ImageSource for Stopping {
    fn size(&self) -> u64 {
        self.0.size()
    }

    fn data(&self) -> &[Extent] {
        self.0.data()
    }

    fn read(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        if offset >= self.2 {
            self.1.stop();
        }
        self.0.read(offset, buffer)
    }
}

#[test]
fn a_server_that_goes_away_in_the_middle_of_a_backup_is_told_from_damage() {
    let (server, vault) = new_vault();
    let server = Arc::new(server);
    let snapshot = sealed_point(&vault, "whole");
    let opened = vault.snapshot(&snapshot).unwrap();
    let image = Image::new(64 * MIB, &[(0, 64 * MIB)], 1);
    let image = Box::new(Stopping(image, server.clone(), 40 * MIB));
    let gone = vault.store_disk(&PointTag::new("p"), "0.img", image, &Unwatched);
    let gone = gone.unwrap_err();
    assert!(matches!(gone, VaultError::Unreachable { .. }), "{gone}");
    assert!(gone.to_string().contains("does not answer"), "{gone}");

    let unread = opened.read_data("disks/0.img", &Unwatched).unwrap_err();
    assert!(!unread.is_loss(), "{unread}");
    for answer in [
        vault.look(),
        vault.list_points().map(drop),
        vault.prune(SystemTime::now()).map(drop),
        vault.snapshot(&snapshot).map(drop),
    ] {
        let error = answer.unwrap_err();
        assert!(matches!(error, VaultError::Unreachable { .. }), "{error}");
    }
}

#[test]
fn an_empty_image_lies_in_a_bucket_too() {
    let (_server, vault) = new_vault();
    let point = PointTag::new("p");
    store(&vault, &point, "empty.img", Image::new(0, &[], 0));
    let snapshot = vault.seal(&point).unwrap().snapshot_id;
    let read = vault.snapshot(&snapshot).unwrap().read_data("empty.img", &Unwatched);
    assert_eq!(read.unwrap(), image_data(b"", &[]));
}
