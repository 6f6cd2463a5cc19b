//! What it costs that a backup target holds many snapshots.

use super::{PASSWORD, Unwatched, new_vault, sealed_point, sparse_image, store};
use std::fs;
use vault::{PointTag, Vault, VaultError};

/// Whoever reads the file of a snapshot once does not read it again, so a backup does not become slower with each that was
/// made before it.
#[test]
fn a_backup_reads_no_snapshot_that_is_known() {
    let (folder, vault) = new_vault();
    let old = sealed_point(&vault, "old");
    assert_eq!(vault.list_unfinished().unwrap(), []);
    // Whoever reads this now fails.
    let file = folder.path().join("snapshots").join(&old);
    fs::write(&file, b"nobody reads this").unwrap();
    sealed_point(&vault, "new");
    store(&vault, &PointTag::new("left"), "disks/0.img", sparse_image(5));
    vault.discard(&PointTag::new("left")).unwrap();
    vault.remove(&PointTag::new("new")).unwrap();
    assert_eq!(vault.list_unfinished().unwrap(), []);
    // A process that has not read it must.
    let vault = Vault::open(folder.path(), PASSWORD).unwrap();
    assert!(vault.list_unfinished().is_err());
}

/// The index is loaded when a snapshot is opened; what is read of it then needs neither the index nor the file again.
#[test]
fn an_open_snapshot_needs_its_index_no_more() {
    let (folder, vault) = new_vault();
    let id = sealed_point(&vault, "p");
    let snapshot = vault.snapshot(&id).unwrap();
    for name in ["index", "snapshots"] {
        fs::remove_dir_all(folder.path().join(name)).unwrap();
    }
    snapshot.read_data("disks/0.img", &Unwatched).unwrap();
    assert_eq!(snapshot.read_small_file("vm.cfg").unwrap(), b"name = 'x'\n");
    assert!(vault.snapshot(&id).is_err());
}

/// Eight digits, as the library shows them, are soon those of another snapshot; what earlier releases kept is still found.
#[test]
fn snapshots_are_named_by_all_digits_and_found_by_the_first() {
    let (folder, vault) = new_vault();
    let id = sealed_point(&vault, "p");
    assert_eq!(id.len(), 64);
    let short = vault.snapshot(&id[..8]).unwrap();
    assert_eq!(short.read_small_file("vm.cfg").unwrap(), b"name = 'x'\n");
    let twin = format!("{}{}", &id[..8], "0".repeat(56));
    fs::write(folder.path().join("snapshots").join(twin), b"").unwrap();
    let either = vault.snapshot(&id[..8]).err().unwrap();
    assert!(
        matches!(&either, VaultError::Target { detail, .. } if detail.contains("more than one")),
        "{either}"
    );
    vault.snapshot(&id).unwrap();
}
