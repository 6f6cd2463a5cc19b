//! What becomes of a backup target whose files are changed, lost or withheld.

use super::{PASSWORD, Unwatched, new_vault, restic, sealed_point, sha256, sparse_image, store};
use crate::support::{Image, MIB};
use std::{
    fs,
    path::{Path, PathBuf},
};
use vault::{PointTag, Vault, VaultError};

/// The pack files, largest first: those with disk data.
fn packs(target: &Path) -> Vec<PathBuf> {
    let folders = fs::read_dir(target.join("data"))
        .unwrap()
        .map(|folder| folder.unwrap().path());
    let files = folders
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flatten()
        .map(|file| file.unwrap().path());
    let mut packs: Vec<_> = files.collect();
    packs.sort_by_key(|pack| std::cmp::Reverse(fs::metadata(pack).unwrap().len()));
    packs
}

/// The pack that holds this chunk.
fn pack_of(target: &Path, chunk: &[u8]) -> PathBuf {
    let found = restic(target, &["find", "--show-pack-id", "--blob", &sha256(chunk)]).stdout;
    let found = String::from_utf8(found).unwrap();
    let (_, rest) = found.split_once("belongs to pack ").unwrap();
    let id = &rest[..64];
    target.join("data").join(&id[..2]).join(id)
}

fn flip(pack: &Path, at: usize) {
    let mut bytes = fs::read(pack).unwrap();
    bytes[at] ^= 1;
    fs::write(pack, bytes).unwrap();
}

fn read(vault: &Vault, snapshot: &str, file: &str) -> Result<(), VaultError> {
    vault.snapshot(snapshot)?.read_data(file, &Unwatched).map(drop)
}

#[test]
fn a_flipped_bit_is_noticed() {
    let (folder, vault) = new_vault();
    let snapshot = sealed_point(&vault, "p");
    let pack = packs(folder.path()).remove(0);
    flip(&pack, fs::metadata(&pack).unwrap().len() as usize / 4);
    let Err(VaultError::Damaged { file, .. }) = read(&vault, &snapshot, "disks/0.img") else {
        panic!("the damage was not noticed");
    };
    assert_eq!(file, "disks/0.img");
}

#[test]
fn a_missing_pack_is_noticed() {
    let (folder, vault) = new_vault();
    let snapshot = sealed_point(&vault, "p");
    fs::remove_file(packs(folder.path()).remove(0)).unwrap();
    let read = read(&vault, &snapshot, "disks/0.img");
    assert!(matches!(read, Err(VaultError::Damaged { .. })), "{read:?}");
}

#[test]
fn a_flipped_bit_in_the_zeros_is_noticed() {
    let (folder, vault) = new_vault();
    let point = PointTag::new("p");
    store(&vault, &point, "0.img", Image::new(3 * MIB + 1, &[], 0));
    let snapshot = vault.seal(&point).unwrap().snapshot_id;
    read(&vault, &snapshot, "0.img").unwrap();
    flip(&pack_of(folder.path(), &vec![0; MIB as usize]), 0);
    let read = read(&vault, &snapshot, "0.img");
    assert!(matches!(read, Err(VaultError::Damaged { .. })), "{read:?}");
}

#[test]
fn a_flipped_bit_in_a_small_file_is_noticed() {
    let (folder, vault) = new_vault();
    let snapshot = sealed_point(&vault, "p");
    let disks = ["disks/0.img", "disks/1.img"];
    vault.snapshot(&snapshot).unwrap().check_files_but(&disks).unwrap();
    flip(&pack_of(folder.path(), b"{}"), 0);
    let checked = vault.snapshot(&snapshot).unwrap().check_files_but(&disks);
    assert!(matches!(checked, Err(VaultError::Damaged { .. })), "{checked:?}");
    let everything_else = ["disks/0.img", "disks/1.img", "vm.cfg", "a/manifest.json"];
    vault
        .snapshot(&snapshot)
        .unwrap()
        .check_files_but(&everything_else)
        .unwrap();
}

/// The file of a snapshot, whose id may be short.
fn snapshot_file(target: &Path, id: &str) -> PathBuf {
    let mut files = fs::read_dir(target.join("snapshots"))
        .unwrap()
        .map(|file| file.unwrap());
    files
        .find(|file| file.file_name().to_str().unwrap().starts_with(id))
        .unwrap()
        .path()
}

/// Puts a folder where a file was: the operating system refuses to read it, as a storage does that is ill.
fn withhold(file: &Path) {
    fs::remove_file(file).unwrap();
    fs::create_dir(file).unwrap();
}

#[test]
fn what_cannot_be_read_is_not_called_damaged() {
    let (folder, vault) = new_vault();
    let snapshot = sealed_point(&vault, "p");
    withhold(&packs(folder.path()).remove(0));
    let unread = read(&vault, &snapshot, "disks/0.img").unwrap_err();
    assert!(
        matches!(unread, VaultError::Unreadable { .. }) && !unread.is_loss(),
        "{unread}"
    );
    withhold(&snapshot_file(folder.path(), &snapshot));
    let unread = read(&vault, &snapshot, "disks/0.img").unwrap_err();
    assert!(!unread.is_loss(), "{unread}");
    fs::remove_dir(snapshot_file(folder.path(), &snapshot)).unwrap();
    let gone = read(&vault, &snapshot, "disks/0.img").unwrap_err();
    assert!(matches!(gone, VaultError::NoSnapshot { .. }), "{gone}");
    fs::remove_dir(folder.path().join("snapshots")).unwrap();
    let unlisted = read(&vault, &snapshot, "disks/0.img").unwrap_err();
    assert!(matches!(unlisted, VaultError::Target { .. }), "{unlisted}");
}

/// The way that the error tells, as the restic of this machine knows it.
#[test]
fn damage_is_mended_by_the_told_way() {
    let (folder, vault) = new_vault();
    let target = folder.path();
    let old = sealed_point(&vault, "old");
    let pack = packs(target).remove(0);
    flip(&pack, 5);
    let damaged = |snapshot: &str| {
        ["disks/0.img", "disks/1.img"]
            .iter()
            .any(|disk| read(&vault, snapshot, disk).is_err())
    };
    assert!(damaged(&old));
    assert!(
        damaged(&sealed_point(&vault, "in vain")),
        "equal data is not stored again"
    );

    let told = [read(&vault, &old, "disks/0.img"), read(&vault, &old, "disks/1.img")];
    let told = told.into_iter().find_map(Result::err).unwrap().to_string();
    for word in ["check --read-data", "repair packs", "folder data", "rebuild-index"] {
        assert!(told.contains(word), "{told}");
    }
    fs::rename(&pack, target.join("aside")).unwrap();
    restic(target, &["rebuild-index"]);
    let new = sealed_point(&vault, "new");
    assert!(!damaged(&new) && !damaged(&old), "the same data is whole in all points");
    restic(target, &["check", "--read-data"]);
    let dumped = restic(target, &["dump", &old, "/disks/0.img"]).stdout;
    assert!(dumped == sparse_image(1).bytes());
    Vault::open(target, PASSWORD).unwrap();
}
