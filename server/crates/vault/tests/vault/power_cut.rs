//! What is in a backup target after the power of its disk was cut.

use super::{PASSWORD, Unwatched, restic, sparse_image, store};
use crate::cut_disk::CutDisk;
use vault::{PointTag, Vault, VaultOptions};

fn files() -> Vec<(String, Vec<u8>)> {
    vec![("vm.cfg".to_owned(), b"name = 'x'\n".to_vec())]
}

/// At each place where the vault has answered, all that it has answered for is there.
#[test]
fn what_is_stored_outlasts_a_power_cut() {
    let disk = CutDisk::new();
    let target = disk.path().join("target");
    let vault = Vault::init(&target, PASSWORD, &VaultOptions::default()).unwrap();
    let after_a_cut = || {
        let left = disk.cut();
        let vault = Vault::open(&left.path().join("target"), PASSWORD).unwrap();
        (left, vault)
    };
    let (_left, made) = after_a_cut();
    assert_eq!(made.id(), vault.id());

    let point = PointTag::new("p");
    let stored = store(&vault, &point, "disks/0.img", sparse_image(1));
    vault.store_files(&point, files()).unwrap();
    let (_left, with_parts) = after_a_cut();
    assert_eq!(with_parts.list_unfinished().unwrap().len(), 2);
    let sealed = with_parts.seal(&point).unwrap().snapshot_id;
    assert_eq!(
        with_parts
            .snapshot(&sealed)
            .unwrap()
            .read_data("disks/0.img", &Unwatched)
            .unwrap(),
        stored.data
    );

    let sealed = vault.seal(&point).unwrap();
    let (left, with_point) = after_a_cut();
    assert_eq!(with_point.list_points().unwrap(), std::slice::from_ref(&sealed));
    assert_eq!(
        with_point
            .snapshot(&sealed.snapshot_id)
            .unwrap()
            .read_data("disks/0.img", &Unwatched)
            .unwrap(),
        stored.data
    );
    restic(&left.path().join("target"), &["check", "--read-data"]);
}

/// Parts that are gone from their folder, but come back, are gone again when their point is sealed once more.
#[test]
fn sealing_again_after_a_power_cut_changes_nothing() {
    let disk = CutDisk::new();
    let target = disk.path().join("target");
    let vault = Vault::init(&target, PASSWORD, &VaultOptions::default()).unwrap();
    let point = PointTag::new("p");
    vault.store_files(&point, files()).unwrap();
    let sealed = vault.seal(&point).unwrap();
    let left = disk.cut();
    let vault = Vault::open(&left.path().join("target"), PASSWORD).unwrap();
    assert_eq!(vault.seal(&point).unwrap(), sealed);
    assert_eq!(vault.list_unfinished().unwrap(), []);
}
