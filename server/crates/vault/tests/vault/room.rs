//! Room that comes back, and a backup target that is taken away.

#![expect(
    clippy::disallowed_methods,
    reason = "packs get their age from the clock of the machine"
)]

use super::{PASSWORD, Unwatched, new_vault, restic, sealed_point, sparse_image, store};
use crate::small_disk::SmallDisk;
use crate::support::{Image, MIB};
use std::{
    fs, io,
    path::{Path, PathBuf},
    thread,
    time::{Duration, SystemTime},
};
use vault::{Extent, ImageSource, KEEP_UNNEEDED, PointTag, Vault, VaultError, VaultOptions};

/// What the folders and files in a folder take, its own included.
fn room(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    // A file may have got its name meanwhile.
    let sizes = entries.map(|path| match path.is_dir() {
        true => room(&path),
        false => fs::metadata(&path).map_or(0, |file| file.len()),
    });
    sizes.sum()
}

/// Waits until the writer threads of the library have ended, which may take a moment after a backup has failed.
fn settle(target: &Path) {
    let mut before = room(target);
    for _ in 0..100 {
        thread::sleep(Duration::from_millis(500));
        let after = room(target);
        if after == before {
            return;
        }
        before = after;
    }
    panic!("{} is still written to", target.display());
}

fn read(vault: &Vault, snapshot: &str, file: &str) -> Result<(), VaultError> {
    vault.snapshot(snapshot)?.read_data(file, &Unwatched).map(drop)
}

#[test]
fn removed_points_give_their_room_back_two_days_later() {
    let (folder, vault) = new_vault();
    // Stored first, so that the chunk of zeros that both have lies among its data.
    store(&vault, &PointTag::new("new"), "disks/0.img", sparse_image(33));
    let kept = vault.seal(&PointTag::new("new")).unwrap().snapshot_id;
    sealed_point(&vault, "old");
    vault.remove(&PointTag::new("old")).unwrap();
    vault.remove(&PointTag::new("old")).unwrap();
    assert_eq!(vault.list_points().unwrap().len(), 1);

    let now = SystemTime::now();
    let marked = vault.prune(now).unwrap();
    assert!(marked.marked_bytes > 4 * MIB && marked.removed_bytes == 0, "{marked:?}");
    let early = vault.prune(now + KEEP_UNNEEDED / 2).unwrap();
    assert_eq!(early.removed_bytes, 0, "somebody may still refer to it");
    let before = room(folder.path());
    let removed = vault.prune(now + KEEP_UNNEEDED).unwrap().removed_bytes;
    assert!(removed > 4 * MIB, "{removed}");
    assert!(room(folder.path()) < before - 4 * MIB);
    restic(folder.path(), &["check", "--read-data"]);
    read(&vault, &kept, "disks/0.img").unwrap();
}

/// Nothing is copied to take a pack apart, so what is in use is not touched.
#[test]
fn a_pack_of_which_a_point_needs_a_part_stays_whole() {
    let (folder, vault) = new_vault();
    sealed_point(&vault, "old");
    store(&vault, &PointTag::new("new"), "disks/0.img", Image::new(MIB, &[], 0));
    let kept = vault.seal(&PointTag::new("new")).unwrap().snapshot_id;
    vault.remove(&PointTag::new("old")).unwrap();
    let now = SystemTime::now();
    vault.prune(now).unwrap();
    let removed = vault.prune(now + KEEP_UNNEEDED).unwrap().removed_bytes;
    assert!(
        (2 * MIB..4 * MIB).contains(&removed),
        "{removed}: all but the pack with the zeros"
    );
    restic(folder.path(), &["check", "--read-data"]);
    read(&vault, &kept, "disks/0.img").unwrap();
}

#[test]
fn data_that_is_used_again_before_it_is_removed_stays() {
    let (folder, vault) = new_vault();
    sealed_point(&vault, "old");
    let snapshots = folder.path().join("snapshots");
    let old = fs::read_dir(&snapshots).unwrap().next().unwrap().unwrap().path();
    let aside = folder.path().join("aside");
    fs::rename(&old, &aside).unwrap();
    let now = SystemTime::now();
    assert!(vault.prune(now).unwrap().marked_bytes > 4 * MIB);
    // As a backup that had begun before.
    fs::rename(&aside, &old).unwrap();
    vault.prune(now + KEEP_UNNEEDED).unwrap();
    restic(folder.path(), &["check", "--read-data"]);
    let snapshot = old.file_name().unwrap().to_str().unwrap();
    read(&vault, snapshot, "disks/0.img").unwrap();
}

#[test]
fn the_parts_of_a_backup_that_failed_go_and_their_room_comes_back() {
    let disk = SmallDisk::mount("120m");
    let vault = Vault::init(disk.path(), PASSWORD, &VaultOptions::default()).unwrap();
    let good = sealed_point(&vault, "good");
    let failed = PointTag::new("failed");
    store(
        &vault,
        &failed,
        "disks/0.img",
        Image::new(40 * MIB, &[(0, 40 * MIB)], 7),
    );
    let large = |seed| Box::new(Image::new(200 * MIB, &[(0, 200 * MIB)], seed));
    let full = vault.store_disk(&failed, "disks/1.img", large(8), &Unwatched);
    let Err(VaultError::TargetFull { .. }) = full else {
        panic!("{full:?}");
    };
    settle(disk.path());
    let now = SystemTime::now();
    vault.discard(&failed).unwrap();
    vault.prune(now).unwrap();
    let again = PointTag::new("again");
    let still_full = vault.store_disk(&again, "disks/0.img", large(9), &Unwatched);
    assert!(
        matches!(still_full, Err(VaultError::TargetFull { .. })),
        "{still_full:?}"
    );
    settle(disk.path());
    vault.prune(now + 2 * KEEP_UNNEEDED).unwrap();
    assert!(room(disk.path()) < 20 * MIB, "{}", room(disk.path()));
    store(&vault, &again, "disks/0.img", Image::new(80 * MIB, &[(0, 80 * MIB)], 9));
    restic(disk.path(), &["check", "--read-data"]);
    read(&vault, &good, "disks/0.img").unwrap();
}

/// Nothing of such a backup is in any index, and the library has no reason to write the one that there is anew.
#[test]
fn what_a_backup_leaves_that_was_cut_off_in_its_first_disk_goes_too() {
    let disk = SmallDisk::mount("120m");
    let vault = Vault::init(disk.path(), PASSWORD, &VaultOptions::default()).unwrap();
    let good = sealed_point(&vault, "good");
    let now = SystemTime::now();
    vault.prune(now).unwrap();
    vault.prune(now + KEEP_UNNEEDED).unwrap();
    let before = room(disk.path());
    assert_eq!(fs::read_dir(disk.path().join("index")).unwrap().count(), 1);
    let large = Box::new(Image::new(200 * MIB, &[(0, 200 * MIB)], 8));
    let full = vault.store_disk(&PointTag::new("p"), "0.img", large, &Unwatched);
    assert!(matches!(full, Err(VaultError::TargetFull { .. })), "{full:?}");
    settle(disk.path());
    let unfinished = format!("data/00/{}-tmp-", "0".repeat(64));
    fs::write(disk.path().join(unfinished), vec![1; MIB as usize]).unwrap();
    assert!(room(disk.path()) > before + 40 * MIB, "{}", room(disk.path()));
    assert_eq!(vault.list_unfinished().unwrap(), []);

    let now = SystemTime::now();
    assert_eq!(vault.prune(now).unwrap().removed_bytes, 0, "a backup may be under way");
    let removed = vault.prune(now + KEEP_UNNEEDED).unwrap().removed_bytes;
    assert!(removed > 40 * MIB, "{removed}");
    assert!(room(disk.path()) < before + MIB, "{}", room(disk.path()));
    restic(disk.path(), &["check", "--read-data"]);
    read(&vault, &good, "disks/0.img").unwrap();
}

#[test]
fn nothing_is_taken_for_unneeded_when_not_everything_can_be_listed() {
    for folder in ["snapshots", "index"] {
        let (target, vault) = new_vault();
        sealed_point(&vault, "p");
        let file = fs::read_dir(target.path().join(folder)).unwrap().next();
        let file = file.unwrap().unwrap().path();
        let aside = target.path().join("aside");
        fs::rename(&file, &aside).unwrap();
        fs::create_dir(&file).unwrap();
        let before = room(&target.path().join("data"));
        let now = SystemTime::now();
        for now in [now, now + KEEP_UNNEEDED] {
            let refused = vault.prune(now);
            assert!(
                matches!(refused, Err(VaultError::Target { .. })),
                "{folder}: {refused:?}"
            );
        }
        assert_eq!(room(&target.path().join("data")), before);
        fs::remove_dir(&file).unwrap();
        fs::rename(&aside, &file).unwrap();
        restic(target.path(), &["check", "--read-data"]);
    }
}

#[test]
fn a_backup_target_is_told_by_its_id() {
    let (folder, vault) = new_vault();
    let (_other_folder, other) = new_vault();
    assert_ne!(vault.id(), other.id());
    let again = Vault::open(folder.path(), PASSWORD).unwrap();
    assert_eq!(again.id(), vault.id());
    let config = String::from_utf8(restic(folder.path(), &["cat", "config"]).stdout).unwrap();
    let config: serde_json::Value = serde_json::from_str(&config).unwrap();
    assert_eq!(config["id"], vault.id());
}

/// Takes the backup target away when it is read to a place, and leaves an empty folder there, as unmounting does.
struct Unmounting {
    image: Image,
    at: u64,
    target: PathBuf,
}

impl ImageSource for Unmounting {
    fn size(&self) -> u64 {
        self.image.size()
    }

    fn data(&self) -> &[Extent] {
        self.image.data()
    }

    fn read(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        if offset >= self.at && !self.target.with_extension("away").exists() {
            fs::rename(&self.target, self.target.with_extension("away"))?;
            fs::create_dir(&self.target)?;
        }
        self.image.read(offset, buffer)
    }
}

/// A writer thread of the library may still be putting a file into it.
fn remove(folder: &Path) {
    for _ in 0..100 {
        if fs::remove_dir_all(folder).is_ok() {
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
    panic!("{} is still written to", folder.display());
}

#[test]
fn a_target_that_is_unmounted_under_a_backup_is_not_made_anew() {
    for at in [0, 150 * MIB, 199 * MIB] {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("target");
        let vault = Vault::init(&target, PASSWORD, &VaultOptions::default()).unwrap();
        let good = sealed_point(&vault, "good");
        let image = Image::new(200 * MIB, &[(0, 200 * MIB)], 3);
        let source = Unmounting {
            image,
            at,
            target: target.clone(),
        };
        let point = PointTag::new("p");
        let failed = vault.store_disk(&point, "0.img", Box::new(source), &Unwatched);
        assert!(matches!(failed, Err(VaultError::NoTarget { .. })), "{at}: {failed:?}");
        let refused = [
            vault.look(),
            vault.seal(&point).map(drop),
            vault.store_files(&point, vec![("vm.cfg".into(), Vec::new())]),
            vault.prune(SystemTime::now()).map(drop),
        ];
        for refused in refused {
            assert!(matches!(refused, Err(VaultError::NoTarget { .. })), "{at}: {refused:?}");
        }
        assert!(!target.join("config").exists(), "{at}");

        remove(&target);
        let other = Vault::init(&target, PASSWORD, &VaultOptions::default()).unwrap();
        let another = vault.look().unwrap_err();
        assert!(!another.is_loss(), "{another}");
        let unread = read(&vault, &good, "disks/0.img").unwrap_err();
        assert!(!unread.is_loss(), "{unread}");
        let gone = read(&other, &good, "disks/0.img").unwrap_err();
        assert!(gone.is_loss(), "it was never in this one: {gone}");

        remove(&target);
        fs::rename(target.with_extension("away"), &target).unwrap();
        vault.look().unwrap();
        read(&vault, &good, "disks/0.img").unwrap();
    }
}
