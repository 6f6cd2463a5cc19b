//! What becomes of parts and data in the backup target that no recovery point needs.

use crate::house::{BLUE, House, RED, TARGET_PASSWORD, at, of_all, point};
use crate::roles;
use domain::actor::Role;
use domain::ids::{PointId, RunId, TargetId, UserId};
use domain::plan::SealedPlan;
use domain::point::Content;
use domain::run::RunState;
use domain::say::{Language, Say};
use domain::time::Timestamp;
use sha2::{Digest, Sha256};
use std::path::Path;
use std::time::Duration;
use store::NewRun;
use vault::{PointTag, Vault};

const MIB: u64 = 1024 * 1024;

/// Two megabytes that do not compress, others for each name.
fn bytes(name: &str) -> Vec<u8> {
    let mut digest = Sha256::digest(name);
    let mut bytes = Vec::new();
    while (bytes.len() as u64) < 2 * MIB {
        bytes.extend_from_slice(&digest);
        digest = Sha256::digest(digest);
    }
    bytes
}

/// Stores a disk as a part of each point, and finishes the first of them, whose snapshot is the answer.
fn store(target: &Path, names: &[&str]) -> String {
    let vault = Vault::open(target, TARGET_PASSWORD).unwrap();
    for name in names {
        let files = vec![("disks/0.img".to_owned(), bytes(name))];
        vault.store_files(&PointTag::new(name), files).unwrap();
    }
    vault.seal(&PointTag::new(names[0])).unwrap().snapshot_id
}

fn unfinished(house: &House) -> Vec<String> {
    let vault = Vault::open(&house.target(), TARGET_PASSWORD).unwrap();
    let parts = vault.list_unfinished().unwrap();
    let mut points: Vec<_> = parts.into_iter().map(|part| part.point.to_string()).collect();
    points.sort();
    points
}

/// Bytes of all packs.
fn stored(house: &House) -> u64 {
    let folders = std::fs::read_dir(house.target().join("data")).unwrap();
    let files = folders.flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap());
    files.map(|file| file.unwrap().metadata().unwrap().len()).sum()
}

/// Waits until the trail has so many rows of this event, and returns subject and detail of the last.
async fn row(house: &House, event: &str, number: usize) -> (String, String) {
    for _ in 0..600 {
        let rows = house.trail(event).await;
        if let Some(row) = rows.get(number - 1) {
            assert_eq!(rows.len(), number, "{event}");
            return (row.event.subject.key(), row.event.detail.say(Language::En));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no row {number} of {event}");
}

/// Runs that were to publish a point: one has done so, one has failed, one needs an operator.
async fn runs(house: &House) {
    let sealed = SealedPlan::seal(roles::plan()).unwrap();
    let asker = UserId::new("asker");
    let tx = house.store.begin().await.unwrap();
    tx.insert_user(&asker, "asker", "").await.unwrap();
    tx.insert_plan(&sealed, &asker, Timestamp(0)).await.unwrap();
    for (point, of, state) in [
        ("cut", RED, RunState::Succeeded),
        ("failed", RED, RunState::Failed),
        ("stopped", BLUE, RunState::NeedsOperator),
    ] {
        let id = RunId::new(format!("run-{point}"));
        let run = NewRun {
            id: id.clone(),
            subject: at(of).named(of),
            touches: vec![at(of)],
            point: Some(PointId::new(point)),
            window: domain::request::Window::default(),
            ..roles::run(&sealed)
        };
        tx.insert_run(&run).await.unwrap();
        tx.set_run_state(&id, 0, state, &[], None, None).await.unwrap();
    }
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_backups_have_left_goes_and_its_room_comes_back_in_time() {
    let house = House::furnished().await;
    runs(&house).await;
    let snapshot = store(&house.target(), &["good", "failed", "stopped", "unknown"]);
    let sha256 = hex::encode(Sha256::digest(bytes("good")));
    let mut good = point("good", BLUE, &snapshot, &sha256);
    let Content::Vm(machine) = &mut good.manifest.content;
    machine.disks[0].data[0].length = 2 * MIB;
    house.insert(&good).await;
    let all = stored(&house);
    assert!(all > 8 * MIB, "{all}");

    let house = house.in_hours(1).await;
    let (subject, _) = row(&house, "target.parts_discarded.v1", 1).await;
    assert_eq!(subject, "point/failed");
    assert_eq!(unfinished(&house), ["stopped", "unknown"]);

    let house = house.in_hours(25).await;
    let (_, pruned) = row(&house, "target.pruned.v1", 1).await;
    assert!(pruned.starts_with("0 bytes of unneeded data removed"), "{pruned}");
    let (subject, _) = row(&house, "target.parts_discarded.v1", 2).await;
    assert_eq!(subject, "point/unknown");
    assert_eq!(unfinished(&house), ["stopped"]);
    assert!(stored(&house) >= all, "somebody may still refer to it");

    let house = house.in_hours(25 + 49).await;
    let (subject, pruned) = row(&house, "target.pruned.v1", 2).await;
    let id = house
        .store
        .target(&TargetId::first())
        .await
        .unwrap()
        .unwrap()
        .repository;
    assert_eq!(subject, format!("target/{id}"));
    assert!(!pruned.starts_with("0 bytes"), "{pruned}");
    let left = stored(&house);
    assert!(left < all - 3 * MIB && left > 4 * MIB, "{left} of {all}");
    assert_eq!(unfinished(&house), ["stopped"]);
    let (operator, id) = (of_all(Role::BackupOperator), PointId::new("good"));
    let verified = house.backend.catalogue.verify(&operator, &id).await.unwrap();
    assert_eq!(verified.damage(), None);
}

/// A power cut behind the publishing can take the last changes in the backup target back: the snapshot is gone, and the
/// parts that it was made of are there again.
#[tokio::test(flavor = "multi_thread")]
async fn the_parts_of_a_published_point_are_finished_again_and_read_back() {
    let house = House::furnished().await;
    runs(&house).await;
    store(&house.target(), &["good", "cut"]);
    let sha256 = hex::encode(Sha256::digest(bytes("cut")));
    let mut cut = point("cut", RED, "0badc0de", &sha256);
    let domain::point::Content::Vm(machine) = &mut cut.manifest.content;
    machine.disks[0].data[0].length = 2 * MIB;
    house.insert(&cut).await;

    let house = house.in_hours(1).await;
    let (subject, _) = row(&house, "point.sealed_again.v1", 1).await;
    assert_eq!(subject, "point/cut");
    let (subject, _) = row(&house, "point.verified.v1", 1).await;
    assert_eq!(subject, "point/cut");
    assert!(unfinished(&house).is_empty());
    assert!(house.trail("target.parts_discarded.v1").await.is_empty());
    let (operator, id) = (of_all(Role::BackupOperator), PointId::new("cut"));
    let verified = house.backend.catalogue.verify(&operator, &id).await.unwrap();
    assert_eq!(verified.damage(), None);
    assert_ne!(verified.copies[0].snapshot, cut.copies[0].snapshot);
}
