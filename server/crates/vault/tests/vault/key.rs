//! The key file of a backup target, gone or damaged while the target is open, and before it is.

use super::{PASSWORD, new_vault, restic, sealed_point};
use std::{fs, path::Path};
use vault::{Vault, VaultError};

/// The ways in which a key file is lost.
const LOSSES: [fn(&Path); 3] = [
    |file| fs::remove_file(file).unwrap(),
    |file| fs::remove_dir_all(file.parent().unwrap()).unwrap(),
    |file| {
        let mut bytes = fs::read(file).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(file, bytes).unwrap();
    },
];

#[test]
fn a_lost_key_file_is_noticed_and_put_back_by_whoever_has_the_target_open() {
    let (folder, vault) = new_vault();
    let target = folder.path();
    sealed_point(&vault, "p");
    let file = target.join("keys").join(&vault.key_file().name);
    assert!(!vault.put_key_back().unwrap());
    for lose in LOSSES {
        lose(&file);
        assert!(
            !vault.list_points().unwrap().is_empty(),
            "this process needs no key file"
        );
        for refused in [
            vault.look(),
            vault.open_again(),
            Vault::open(target, PASSWORD).map(drop),
        ] {
            let refused = refused.unwrap_err();
            assert!(refused.is_key_loss() && !refused.is_loss(), "{refused}");
            assert!(refused.to_string().contains("key file"), "{refused}");
        }
        assert!(vault.put_key_back().unwrap());
        vault.look().unwrap();
        vault.open_again().unwrap();
        restic(target, &["snapshots"]);
    }
    let wrong = Vault::open(target, "another password").err().unwrap();
    assert!(matches!(wrong, VaultError::WrongPassword { .. }), "{wrong}");
}

#[test]
fn a_copy_of_the_key_file_opens_a_target_that_has_lost_it() {
    let (folder, vault) = new_vault();
    let (_other_folder, other) = new_vault();
    let (target, copy) = (folder.path(), vault.key_file().clone());
    let file = target.join("keys").join(&copy.name);
    drop(vault);
    for lose in LOSSES {
        lose(&file);
        let refused = Vault::rescue(target, PASSWORD, other.key_file());
        assert!(refused.is_err(), "the key of another target");
        assert!(!target.join("keys").join(&other.key_file().name).exists());
        assert!(Vault::rescue(target, "another password", &copy).is_err());
        let rescued = Vault::rescue(target, PASSWORD, &copy).unwrap();
        assert_eq!(*rescued.key_file(), copy);
        restic(target, &["snapshots"]);
    }
}
