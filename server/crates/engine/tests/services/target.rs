//! Which backup target a data base takes for its own.

use crate::house::{BLUE, House, TARGET_PASSWORD, of_all, point};
use domain::actor::Role;
use domain::audit::AuditSubject;
use domain::error::ServiceError;
use domain::ids::PointId;
use engine::core::SystemClock;
use engine::{Engine, EngineError, EngineOptions, SealKey, adopt_target};
use std::path::{Path, PathBuf};
use store::Store;
use tempfile::TempDir;
use vault::{Vault, VaultError, VaultOptions};

/// A data base without an engine.
async fn data_base() -> (TempDir, Store, PathBuf) {
    let dir = TempDir::new().unwrap();
    let url = format!("sqlite://{}", dir.path().join("holdfast.db").display());
    let store = Store::connect(&url).await.unwrap();
    let target = dir.path().join("target");
    (dir, store, target)
}

/// Starts an engine and ends it.
async fn start(store: &Store, target: &Path) -> Result<(), EngineError> {
    let options = EngineOptions::new(
        store.clone(),
        target.to_owned(),
        TARGET_PASSWORD.into(),
        SealKey::generate(),
    );
    Engine::start(options).await?.stop().await;
    Ok(())
}

async fn recorded(store: &Store) -> String {
    store.backup_target().await.unwrap().unwrap().id
}

fn make(target: &Path) -> String {
    let made = Vault::init(target, TARGET_PASSWORD, &VaultOptions::default()).unwrap();
    made.id().to_owned()
}

/// The engine has not started, and says all this.
fn says(refused: Result<(), EngineError>, parts: &[&str]) {
    let sentence = refused.unwrap_err().to_string();
    for part in parts {
        assert!(sentence.contains(part), "{part}: {sentence}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_mount_point_is_not_taken_for_the_backup_target() {
    let (_dir, store, target) = data_base().await;
    start(&store, &target).await.unwrap();
    let id = recorded(&store).await;
    let mounted = target.with_extension("away");
    std::fs::rename(&target, &mounted).unwrap();
    std::fs::create_dir(&target).unwrap();
    let folder = target.display().to_string();
    let parts = [
        folder.as_str(),
        &id[..8],
        "None was made",
        "`holdfast target adopt --new`",
    ];
    says(start(&store, &target).await, &parts);
    assert_eq!(target.read_dir().unwrap().count(), 0);

    // It is known wherever it is mounted.
    start(&store, &mounted).await.unwrap();
    let known = store.backup_target().await.unwrap().unwrap();
    assert_eq!((known.id, known.folder), (id, mounted.display().to_string()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_base_of_before_takes_the_target_that_is_there_and_gets_no_new_one() {
    let (_dir, store, target) = data_base().await;
    let tx = store.begin().await.unwrap();
    tx.insert_point(&point("p", BLUE, "none", "00")).await.unwrap();
    tx.commit().await.unwrap();
    says(start(&store, &target).await, &["the recovery points of its catalogue"]);
    assert!(!target.exists());
    let id = make(&target);
    start(&store, &target).await.unwrap();
    assert_eq!(recorded(&store).await, id);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_target_of_another_server_is_taken_only_when_it_is_adopted() {
    let (dir, store, target) = data_base().await;
    start(&store, &target).await.unwrap();
    let own = recorded(&store).await;
    let elsewhere = dir.path().join("elsewhere");
    let other = make(&elsewhere);
    let parts = [&own[..8], &other[..8], "`holdfast target adopt`"];
    says(start(&store, &elsewhere).await, &parts);
    assert_eq!(recorded(&store).await, own);

    let adopt = async || adopt_target(&store, &SystemClock, &elsewhere, TARGET_PASSWORD, false).await;
    let adopted = adopt().await.unwrap();
    assert_eq!(
        (adopted.id.as_str(), adopted.instead_of.as_deref()),
        (&*other, Some(&*own))
    );
    assert_eq!(adopt().await.unwrap().instead_of, None);
    let trail = store.audit_all().await.unwrap();
    assert_eq!(trail.len(), 1, "the second time nothing was changed: {trail:#?}");
    let event = &trail[0].event;
    assert_eq!(
        (event.actor.as_str(), event.event.as_str()),
        ("cli", "target.adopted.v1")
    );
    assert!(
        event.subject == AuditSubject::Target(other.clone()) && event.detail.contains(&own),
        "{event:?}"
    );
    start(&store, &elsewhere).await.unwrap();
    says(start(&store, &target).await, &[&other[..8]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_target_is_adopted_only_when_it_is_asked_for() {
    let (_dir, store, target) = data_base().await;
    let adopt = async |make_new| adopt_target(&store, &SystemClock, &target, TARGET_PASSWORD, make_new).await;
    let refused = adopt(false).await;
    assert!(
        matches!(
            &refused,
            Err(EngineError::BackupTarget {
                source: VaultError::NoTarget { .. },
                ..
            })
        ),
        "{refused:?}"
    );
    assert_eq!(store.backup_target().await.unwrap(), None);
    let made = adopt(true).await.unwrap();
    assert_eq!((recorded(&store).await, made.instead_of), (made.id, None));
    start(&store, &target).await.unwrap();
}

/// The point is not in the target that is open, and it is not said to be damaged.
async fn is_not_damaged(house: &House, id: &str, why: &str) {
    let (operator, id) = (of_all(Role::BackupOperator), PointId::new(id));
    let Err(ServiceError::Conflict { what, .. }) = house.backend.catalogue.verify(&operator, &id).await else {
        panic!("a check was made");
    };
    assert!(what.contains(why), "{what}");
    let kept = house.backend.catalogue.point(&operator, &id).await.unwrap();
    assert_eq!(kept.damaged, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_point_is_not_damaged_because_it_is_not_in_another_target() {
    let house = House::furnished().await;
    house.insert(&point("elsewhere", BLUE, &"0".repeat(64), "00")).await;
    let aside = house.target().with_extension("away");
    std::fs::rename(house.target(), &aside).unwrap();
    std::fs::create_dir(house.target()).unwrap();
    is_not_damaged(&house, "elsewhere", "holds no backup target").await;
    make(&house.target());
    is_not_damaged(&house, "elsewhere", "the backup target").await;
    std::fs::remove_dir_all(house.target()).unwrap();
    std::fs::rename(&aside, house.target()).unwrap();

    let other = house.target().with_extension("other");
    adopt_target(&house.store, &SystemClock, &other, TARGET_PASSWORD, true)
        .await
        .unwrap();
    is_not_damaged(&house, "elsewhere", "was adopted since").await;
    let old = house.target();
    adopt_target(&house.store, &SystemClock, &old, TARGET_PASSWORD, false)
        .await
        .unwrap();
    let (operator, id) = (of_all(Role::BackupOperator), PointId::new("elsewhere"));
    let lost = house.backend.catalogue.verify(&operator, &id).await.unwrap();
    assert!(lost.damaged.is_some(), "now it is the one that it was in");
}
