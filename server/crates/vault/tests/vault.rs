//! Recovery points in a backup target, with stock restic as the witness.

#![cfg(test)]

#[path = "support/cut_disk.rs"]
mod cut_disk;
#[path = "vault/damage.rs"]
mod damage;
#[path = "vault/key.rs"]
mod key;
#[path = "vault/power_cut.rs"]
mod power_cut;
#[path = "vault/room.rs"]
mod room;
#[path = "vault/s3.rs"]
mod s3;
#[path = "support/s3_server.rs"]
mod s3_server;
#[path = "support/small_disk.rs"]
mod small_disk;
#[path = "vault/snapshots.rs"]
mod snapshots;
mod support;

use sha2::{Digest, Sha256};
use small_disk::SmallDisk;
use std::{
    cell::Cell,
    fs,
    path::Path,
    process::{Command, Output},
    thread,
};
use support::{Image, MIB};
use tempfile::TempDir;
use vault::{Extent, ImageData, ImageSource, PointTag, Progress, StoredDisk, Vault, VaultError, VaultOptions};

const PASSWORD: &str = "correct horse";

fn new_vault() -> (TempDir, Vault) {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::init(folder.path(), PASSWORD, &VaultOptions::default()).unwrap();
    (folder, vault)
}

fn sparse_image(seed: u64) -> Image {
    Image::new(
        20 * MIB + 77,
        &[(0, 3 * MIB + 5), (7 * MIB - 3, 9), (19 * MIB, MIB + 77)],
        seed,
    )
}

fn store(vault: &Vault, point: &PointTag, name: &str, image: Image) -> StoredDisk {
    vault.store_disk(point, name, Box::new(image), &Unwatched).unwrap()
}

/// What an image holds in these ranges (offset, length).
fn image_data(bytes: &[u8], ranges: &[(u64, u64)]) -> ImageData {
    let extents: Vec<_> = ranges
        .iter()
        .map(|&(offset, length)| Extent { offset, length })
        .collect();
    let pieces = extents
        .iter()
        .map(|extent| &bytes[extent.offset as usize..extent.end() as usize]);
    ImageData {
        sha256: sha256(&pieces.collect::<Vec<_>>().concat()),
        extents,
    }
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn restic(target: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new("restic");
    command
        .arg("--no-cache")
        .arg("-r")
        .arg(target)
        .args(arguments)
        .env("RESTIC_PASSWORD", PASSWORD);
    let output = command.output().expect("restic is missing: install the package restic");
    assert!(
        output.status.success(),
        "restic {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// A sealed point with two disks and two small files.
fn sealed_point(vault: &Vault, name: &str) -> String {
    let point = PointTag::new(name);
    store(vault, &point, "disks/0.img", sparse_image(1));
    store(vault, &point, "disks/1.img", Image::new(2 * MIB, &[(0, 2 * MIB)], 9));
    let files = vec![
        ("vm.cfg".to_owned(), b"name = 'x'\n".to_vec()),
        ("a/manifest.json".to_owned(), b"{}".to_vec()),
    ];
    vault.store_files(&point, files).unwrap();
    vault.seal(&point).unwrap().snapshot_id
}

#[test]
fn a_point_comes_back_as_it_was() {
    let (_folder, vault) = new_vault();
    let point = PointTag::new("p1");
    let image = sparse_image(1);
    let bytes = image.bytes();
    let stored = store(&vault, &point, "disks/0.img", image);
    assert_eq!(
        (stored.size, stored.read_bytes),
        (20 * MIB + 77, 4 * MIB + 91),
        "holes are not read"
    );
    assert_eq!(stored.sha256, sha256(&bytes));
    let data = [(0, 4 * MIB), (6 * MIB, 2 * MIB), (19 * MIB, MIB + 77)];
    assert_eq!(stored.data, image_data(&bytes, &data), "whole chunks that hold data");
    assert!(
        stored.added_bytes > 4 * MIB && stored.added_bytes < 8 * MIB,
        "{}",
        stored.added_bytes
    );

    vault
        .store_files(&point, vec![("vm.cfg".to_owned(), b"name = 'x'\n".to_vec())])
        .unwrap();
    assert_eq!(vault.list_points().unwrap(), [], "parts are no recovery point");
    let sealed = vault.seal(&point).unwrap();
    assert_eq!(sealed.files, ["/disks/0.img", "/vm.cfg"]);
    assert_eq!(vault.list_points().unwrap(), std::slice::from_ref(&sealed));
    assert_eq!(vault.list_unfinished().unwrap(), []);

    let snapshot = &sealed.snapshot_id;
    assert_eq!(
        vault
            .snapshot(snapshot)
            .unwrap()
            .read_data("disks/0.img", &Unwatched)
            .unwrap(),
        stored.data
    );
    assert_eq!(
        vault.snapshot(snapshot).unwrap().read_small_file("vm.cfg").unwrap(),
        b"name = 'x'\n"
    );
    let file = vault.snapshot(snapshot).unwrap().open_file("disks/0.img").unwrap();
    assert_eq!(file.size(), bytes.len() as u64);
    let mut range = vec![0; 4 * MIB as usize];
    assert_eq!(file.read_at(5 * MIB + 1, &mut range).unwrap(), range.len());
    assert!(range == bytes[5 * MIB as usize + 1..][..range.len()]);
    assert_eq!(file.read_at(20 * MIB + 70, &mut range).unwrap(), 7);
    assert_eq!(file.data(), stored.data.extents);
}

#[test]
fn stock_restic_reads_it_all() {
    let (folder, vault) = new_vault();
    let snapshot = sealed_point(&vault, "p1");
    restic(folder.path(), &["check", "--read-data"]);
    let listed = String::from_utf8(restic(folder.path(), &["ls", &snapshot]).stdout).unwrap();
    for path in ["/a/manifest.json", "/disks/0.img", "/disks/1.img", "/vm.cfg"] {
        assert!(listed.lines().any(|line| line == path), "{path} in {listed}");
    }
    let dumped = restic(folder.path(), &["dump", &snapshot, "/disks/0.img"]).stdout;
    assert!(dumped == sparse_image(1).bytes());
    let snapshots = String::from_utf8(restic(folder.path(), &["snapshots", "--json"]).stdout).unwrap();
    assert!(
        snapshots.contains("holdfast-point") && snapshots.contains("point:p1"),
        "{snapshots}"
    );
    assert!(!snapshots.contains("holdfast-part"), "{snapshots}");
}

#[test]
fn equal_data_is_stored_once() {
    let (_folder, vault) = new_vault();
    sealed_point(&vault, "p1");
    let again = store(&vault, &PointTag::new("p2"), "disks/0.img", sparse_image(1));
    assert!(again.added_bytes < 100_000, "{}", again.added_bytes);
}

#[test]
fn an_empty_image_and_one_without_data_are_images_too() {
    let (_folder, vault) = new_vault();
    let point = PointTag::new("p");
    for (name, size) in [("empty.img", 0), ("hole.img", 3 * MIB + 1)] {
        let stored = store(&vault, &point, name, Image::new(size, &[], 0));
        assert_eq!((stored.size, stored.read_bytes), (size, 0));
        assert_eq!(stored.sha256, sha256(&vec![0; size as usize]));
    }
    let snapshot = vault.seal(&point).unwrap().snapshot_id;
    let hole = vault.snapshot(&snapshot).unwrap().open_file("hole.img").unwrap();
    assert_eq!((hole.size(), hole.data()), (3 * MIB + 1, &[][..]));
    for name in ["empty.img", "hole.img"] {
        let read = vault.snapshot(&snapshot).unwrap().read_data(name, &Unwatched).unwrap();
        assert_eq!(read, image_data(b"", &[]), "{name}");
    }
}

/// Bytes that are all called data.
struct Flat(Vec<u8>, [Extent; 1]);

impl ImageSource for Flat {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn data(&self) -> &[Extent] {
        &self.1
    }

    fn read(&mut self, offset: u64, buffer: &mut [u8]) -> std::io::Result<()> {
        buffer.copy_from_slice(&self.0[offset as usize..][..buffer.len()]);
        Ok(())
    }
}

#[test]
fn zeros_that_were_read_are_not_data() {
    let (_folder, vault) = new_vault();
    let (first, last) = ((0, MIB), (3 * MIB, 2 * MIB));
    let bytes = Image::new(5 * MIB, &[first, last], 3).bytes();
    let everything = Extent {
        offset: 0,
        length: 5 * MIB,
    };
    let image = Box::new(Flat(bytes.clone(), [everything]));
    let stored = vault
        .store_disk(&PointTag::new("p"), "0.img", image, &Unwatched)
        .unwrap();
    assert_eq!(stored.read_bytes, 5 * MIB);
    assert_eq!(stored.sha256, sha256(&bytes));
    assert_eq!(stored.data, image_data(&bytes, &[first, last]));
}

#[test]
fn a_stream_gives_the_data_in_order() {
    let (_folder, vault) = new_vault();
    let snapshot = sealed_point(&vault, "p");
    let mut stream = vault.snapshot(&snapshot).unwrap().stream_data("disks/0.img").unwrap();
    let data = vault
        .snapshot(&snapshot)
        .unwrap()
        .read_data("disks/0.img", &Unwatched)
        .unwrap();
    assert_eq!((stream.size(), stream.data()), (20 * MIB + 77, &data.extents[..]));
    let bytes = sparse_image(1).bytes();
    for extent in data.extents {
        let mut range = vec![0; extent.length as usize];
        stream.read(extent.offset, &mut range).unwrap();
        assert!(range == bytes[extent.offset as usize..extent.end() as usize]);
    }
    assert!(stream.read(20 * MIB + 77, &mut [0]).is_err(), "there is no more");
}

#[test]
fn unfinished_parts_are_found_and_discarded() {
    let (folder, vault) = new_vault();
    sealed_point(&vault, "done");
    let (left, other) = (PointTag::new("left"), PointTag::new("other"));
    store(&vault, &left, "disks/0.img", sparse_image(5));
    store(&vault, &other, "disks/0.img", sparse_image(6));
    // As after a crash: another process opens the target.
    let vault = Vault::open(folder.path(), PASSWORD).unwrap();
    let points: Vec<_> = vault
        .list_unfinished()
        .unwrap()
        .into_iter()
        .map(|part| part.point)
        .collect();
    assert!(
        points.len() == 2 && points.contains(&left) && points.contains(&other),
        "{points:?}"
    );
    vault.discard(&left).unwrap();
    vault.discard(&left).unwrap();
    vault.discard(&PointTag::new("done")).unwrap();
    assert_eq!(vault.list_unfinished().unwrap().len(), 1);
    assert_eq!(vault.list_points().unwrap().len(), 1, "a sealed point is not discarded");
    assert!(matches!(vault.seal(&left), Err(VaultError::NothingStored { .. })));
}

#[test]
fn sealing_again_gives_the_same_point() {
    let (_folder, vault) = new_vault();
    let snapshot = sealed_point(&vault, "p");
    assert_eq!(vault.seal(&PointTag::new("p")).unwrap().snapshot_id, snapshot);
    // A crash between sealing and removing the parts leaves both.
    store(&vault, &PointTag::new("p"), "disks/0.img", sparse_image(1));
    assert_eq!(vault.seal(&PointTag::new("p")).unwrap().snapshot_id, snapshot);
    assert_eq!(vault.list_unfinished().unwrap(), []);
}

/// Never cancels.
struct Unwatched;

impl Progress for Unwatched {
    fn bytes(&self, _done: u64, _of: u64) {}

    fn cancelled(&self) -> bool {
        false
    }
}

/// Cancels after some bytes.
struct Until(u64, Cell<u64>);

impl Progress for Until {
    fn bytes(&self, done: u64, of: u64) {
        assert!(done <= of);
        self.1.set(done);
    }

    fn cancelled(&self) -> bool {
        self.1.get() >= self.0
    }
}

#[test]
fn backups_at_the_same_time_do_not_disturb_each_other() {
    let (folder, _) = new_vault();
    thread::scope(|scope| {
        for seed in 0..4 {
            let vault = Vault::open(folder.path(), PASSWORD).unwrap();
            scope.spawn(move || {
                for round in 0..6 {
                    let point = PointTag::new(&format!("p{seed}-{round}"));
                    store(&vault, &point, "0.img", Image::new(MIB, &[(0, MIB)], 10 * seed + round));
                    store(&vault, &point, "1.img", Image::new(MIB, &[(0, 5)], seed));
                    let snapshot = vault.seal(&point).unwrap().snapshot_id;
                    assert!(vault.list_points().unwrap().iter().any(|sealed| sealed.point == point));
                    vault
                        .snapshot(&snapshot)
                        .unwrap()
                        .read_data("0.img", &Unwatched)
                        .unwrap();
                }
            });
        }
    });
    let vault = Vault::open(folder.path(), PASSWORD).unwrap();
    assert_eq!(vault.list_points().unwrap().len(), 24);
    assert_eq!(vault.list_unfinished().unwrap(), []);
}

#[test]
fn cancelling_leaves_nothing() {
    let (_folder, vault) = new_vault();
    let cancelled = vault.store_disk(
        &PointTag::new("p"),
        "0.img",
        Box::new(sparse_image(1)),
        &Until(2 * MIB, Cell::new(0)),
    );
    assert!(matches!(cancelled, Err(VaultError::Cancelled)), "{cancelled:?}");
    assert_eq!(vault.list_unfinished().unwrap(), []);

    let snapshot = sealed_point(&vault, "p");
    let cancelled = vault
        .snapshot(&snapshot)
        .unwrap()
        .read_data("disks/0.img", &Until(2 * MIB, Cell::new(0)));
    assert!(matches!(cancelled, Err(VaultError::Cancelled)), "{cancelled:?}");
}

#[test]
fn a_source_that_fails_leaves_nothing() {
    let (_folder, vault) = new_vault();
    for broken_at in [0, 2 * MIB, 20 * MIB + 70] {
        let mut image = sparse_image(1);
        image.broken_at = Some(broken_at);
        let failed = vault.store_disk(&PointTag::new("p"), "0.img", Box::new(image), &Unwatched);
        let Err(VaultError::Source { file, source }) = failed else {
            panic!("{failed:?}")
        };
        assert_eq!(
            (file.as_str(), source.to_string().as_str()),
            ("0.img", "the line broke")
        );
        assert_eq!(vault.list_unfinished().unwrap(), []);
    }
}

#[test]
fn wrong_ranges_and_names_are_refused() {
    let (_folder, vault) = new_vault();
    for ranges in [&[(0, 10), (5, 10)][..], &[(50, 51)], &[(20, 1), (10, 1)]] {
        let refused = vault.store_disk(
            &PointTag::new("p"),
            "0.img",
            Box::new(Image::new(100, ranges, 1)),
            &Unwatched,
        );
        assert!(matches!(refused, Err(VaultError::InvalidExtents { .. })), "{refused:?}");
    }
    for name in ["", "..", "../x", "a/../b", "./x", "/"] {
        let refused = vault.store_files(&PointTag::new("p"), vec![(name.to_owned(), Vec::new())]);
        assert!(
            matches!(refused, Err(VaultError::InvalidName { .. })),
            "{name:?}: {refused:?}"
        );
    }
    assert_eq!(vault.list_unfinished().unwrap(), []);
}

#[test]
fn opening_tells_what_is_wrong() {
    let (folder, vault) = new_vault();
    let target = folder.path();
    assert!(matches!(
        Vault::open(target, "wrong"),
        Err(VaultError::WrongPassword { .. })
    ));
    assert!(matches!(Vault::open(target, ""), Err(VaultError::EmptyPassword { .. })));
    assert!(matches!(
        Vault::init(target, "x", &VaultOptions::default()),
        Err(VaultError::TargetExists { .. })
    ));
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(
        Vault::open(empty.path(), PASSWORD),
        Err(VaultError::NoTarget { .. })
    ));
    let init = |password| Vault::init(empty.path(), password, &VaultOptions::default());
    assert!(matches!(init(""), Err(VaultError::EmptyPassword { .. })));
    assert!(matches!(init("1234567"), Err(VaultError::ShortPassword { .. })));
    assert_eq!(empty.path().read_dir().unwrap().count(), 0);
    restic(empty.path(), &["init"]);
    let foreign = Vault::open(empty.path(), PASSWORD).err().unwrap();
    assert!(matches!(foreign, VaultError::ForeignTarget { .. }), "{foreign}");
    assert!(foreign.to_string().contains("enter an empty folder"), "{foreign}");
    let missing = empty.path().join("made");
    Vault::init(&missing, PASSWORD, &VaultOptions::default()).unwrap();
    Vault::open(&missing, PASSWORD).unwrap();

    let snapshot = sealed_point(&vault, "p");
    assert!(matches!(
        vault.snapshot(&snapshot).unwrap().open_file("disks/7.img"),
        Err(VaultError::NoFile { .. })
    ));
    assert!(matches!(
        vault.snapshot(&snapshot).unwrap().open_file("disks"),
        Err(VaultError::NoFile { .. })
    ));
    assert!(matches!(
        vault.snapshot(&"0".repeat(64)),
        Err(VaultError::NoSnapshot { .. })
    ));
    fs::rename(target.join("config"), target.join("gone")).unwrap();
    assert!(
        matches!(vault.list_points(), Err(VaultError::NoTarget { .. })),
        "as when a file system is not mounted"
    );
}

#[test]
fn a_full_target_is_said_so() {
    let disk = SmallDisk::mount("80m");
    let vault = Vault::init(disk.path(), PASSWORD, &VaultOptions::default()).unwrap();
    let image = Image::new(200 * MIB, &[(0, 200 * MIB)], 1);
    let full = vault.store_disk(&PointTag::new("p"), "0.img", Box::new(image), &Unwatched);
    assert!(matches!(full, Err(VaultError::TargetFull { .. })), "{full:?}");
    assert_eq!(vault.list_unfinished().unwrap(), []);
}
