//! Files and checks of recovery points, against a real backup target.

use crate::house::{BLUE, House, RED, TARGET_PASSWORD, of_all, of_team, point};
use domain::actor::Role;
use domain::error::{ServiceError, Thing};
use domain::ids::PointId;
use domain::point::Artefact;
use domain::say::{Language, Say};
use sha2::{Digest, Sha256};
use vault::{PointTag, Vault};

const IMAGE: &[u8] = b"image";

/// Stores a point with one disk and a manifest, and returns its snapshot.
async fn store_point(house: &House, id: &str) -> String {
    let (target, tag) = (house.target(), PointTag::new(id));
    let stored = tokio::task::spawn_blocking(move || {
        let vault = Vault::open(&target, TARGET_PASSWORD).unwrap();
        for (name, bytes) in [("disks/0.img", IMAGE), ("manifest.json", b"{}")] {
            vault
                .store_files(&tag, vec![(name.to_owned(), bytes.to_vec())])
                .unwrap();
        }
        vault.seal(&tag).unwrap().snapshot_id
    });
    stored.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_point_that_matches_is_verified_now() {
    let house = House::furnished().await;
    let snapshot = store_point(&house, "good").await;
    let old = point("good", BLUE, &snapshot, &hex::encode(Sha256::digest(IMAGE)));
    house.insert(&old).await;
    let operator = of_team(Role::BackupOperator, BLUE);
    let verified = house
        .backend
        .catalogue
        .verify(&operator, &PointId::new("good"))
        .await
        .unwrap();
    assert!(verified.verified_at() > old.verified_at());
    assert_eq!(verified.damage(), None);
    assert_eq!(house.trail("point.verified.v1").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_point_that_differs_or_is_gone_is_damaged() {
    let house = House::furnished().await;
    let snapshot = store_point(&house, "changed").await;
    house
        .insert(&point(
            "changed",
            BLUE,
            &snapshot,
            &hex::encode(Sha256::digest(b"other")),
        ))
        .await;
    house.insert(&point("gone", BLUE, &"0".repeat(64), "00")).await;
    for (id, what) in [("changed", "is not what was backed up"), ("gone", "cannot be read")] {
        let operator = of_all(Role::RestoreOperator);
        let found = house
            .backend
            .catalogue
            .verify(&operator, &PointId::new(id))
            .await
            .unwrap();
        let sentence = found.damage().unwrap().say(Language::En);
        assert!(
            sentence.contains("disk system in slot 0") && sentence.contains(what),
            "{sentence}"
        );
    }
    assert_eq!(house.trail("point.damaged.v1").await.len(), 2);
}

/// The pack files of the backup target, oldest first.
fn packs(house: &House) -> Vec<std::path::PathBuf> {
    let folders = std::fs::read_dir(house.target().join("data")).unwrap();
    let files = folders.flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap());
    let mut packs: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    packs.sort_by_key(|pack| std::fs::metadata(pack).unwrap().modified().unwrap());
    packs
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_file_beside_the_disks_is_damage() {
    let house = House::furnished().await;
    let snapshot = store_point(&house, "good").await;
    let good = point("good", BLUE, &snapshot, &hex::encode(Sha256::digest(IMAGE)));
    house.insert(&good).await;
    let packs = packs(&house);
    // Data and folder of the disk, data and folder of the manifest, and the folders of the point.
    assert_eq!(packs.len(), 5, "{packs:?}");
    for pack in &packs[2..4] {
        let mut bytes = std::fs::read(pack).unwrap();
        bytes[0] ^= 1;
        std::fs::write(pack, bytes).unwrap();
    }
    let operator = of_all(Role::RestoreOperator);
    let found = house.backend.catalogue.verify(&operator, &PointId::new("good")).await;
    let sentence = found.unwrap().damage().unwrap().say(Language::En);
    assert!(
        sentence.contains("stored with the disks") && sentence.contains("manifest.json"),
        "{sentence}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_that_cannot_be_read_says_nothing_about_its_point() {
    let house = House::furnished().await;
    let snapshot = store_point(&house, "good").await;
    house
        .insert(&point("good", BLUE, &snapshot, &hex::encode(Sha256::digest(IMAGE))))
        .await;
    let mut files = std::fs::read_dir(house.target().join("snapshots")).unwrap();
    let file = files.next().unwrap().unwrap().path();
    assert!(file.to_str().unwrap().contains(&snapshot) && files.next().is_none());
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    let operator = of_all(Role::BackupOperator);
    let answer = house.backend.catalogue.verify(&operator, &PointId::new("good")).await;
    assert!(matches!(answer, Err(ServiceError::Conflict(_))), "{answer:?}");
    let kept = house.backend.catalogue.point(&operator, &PointId::new("good")).await;
    assert_eq!(kept.unwrap().damage(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_target_that_is_away_says_nothing_about_its_points() {
    let house = House::furnished().await;
    let snapshot = store_point(&house, "good").await;
    house
        .insert(&point("good", BLUE, &snapshot, &hex::encode(Sha256::digest(IMAGE))))
        .await;
    let away = house.target().with_extension("away");
    std::fs::rename(house.target(), &away).unwrap();
    let operator = of_all(Role::BackupOperator);
    let answer = house.backend.catalogue.verify(&operator, &PointId::new("good")).await;
    assert!(matches!(answer, Err(ServiceError::Conflict(_))), "{answer:?}");
    std::fs::rename(&away, house.target()).unwrap();
    let back = house
        .backend
        .catalogue
        .verify(&operator, &PointId::new("good"))
        .await
        .unwrap();
    assert_eq!(back.damage(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_handed_out_to_those_who_may_and_written_down() {
    let house = House::furnished().await;
    let snapshot = store_point(&house, "good").await;
    house.insert(&point("good", BLUE, &snapshot, "00")).await;
    let catalogue = &house.backend.catalogue;
    let id = PointId::new("good");
    let bytes = catalogue
        .artefact(&of_team(Role::RestoreOperator, BLUE), &id, Artefact::Manifest)
        .await;
    assert_eq!(bytes, Ok(b"{}".to_vec()));
    let unseen = catalogue
        .artefact(&of_team(Role::RestoreOperator, RED), &id, Artefact::Manifest)
        .await;
    assert_eq!(unseen, Err(ServiceError::not_found(Thing::RecoveryPoint, &id)));
    let rows = house.trail("artefact.downloaded.v1").await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].event.detail.say(Language::En), "manifest.json of blue machine.");
}
