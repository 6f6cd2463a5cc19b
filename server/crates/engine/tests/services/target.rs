//! Which backup target a database takes for its own.

use crate::house::{BLUE, House, TARGET_PASSWORD, of_all, point};
use domain::actor::Role;
use domain::audit::AuditSubject;
use domain::error::ServiceError;
use domain::ids::{PointId, TargetId};
use domain::say::{Language, Say, together};
use domain::services::NotReady;
use engine::core::SystemClock;
use engine::{Engine, EngineError, EngineOptions, SealKey, adopt_target};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use store::Store;
use tempfile::TempDir;
use vault::{PointTag, Vault, VaultError, VaultOptions};

/// A database without an engine.
async fn database() -> (TempDir, Store, PathBuf) {
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
    store.target(&TargetId::first()).await.unwrap().unwrap().repository
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
    let (_dir, store, target) = database().await;
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
    let known = store.target(&TargetId::first()).await.unwrap().unwrap();
    assert_eq!(
        (known.repository, known.location.to_string()),
        (id, mounted.display().to_string())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_before_takes_the_target_that_is_there_and_gets_no_new_one() {
    let (_dir, store, target) = database().await;
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
    let (dir, store, target) = database().await;
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
        event.subject == AuditSubject::Target(other.clone()) && event.detail.say(Language::En).contains(&own),
        "{event:?}"
    );
    start(&store, &elsewhere).await.unwrap();
    says(start(&store, &target).await, &[&other[..8]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_target_is_adopted_only_when_it_is_asked_for() {
    let (_dir, store, target) = database().await;
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
    assert_eq!(store.target(&TargetId::first()).await.unwrap(), None);
    let made = adopt(true).await.unwrap();
    assert_eq!((recorded(&store).await, made.instead_of), (made.id, None));
    start(&store, &target).await.unwrap();
}

/// The point is not in the target that is open, and it is not said to be damaged.
async fn is_not_damaged(house: &House, id: &str, why: &str) {
    let (operator, id) = (of_all(Role::BackupOperator), PointId::new(id));
    let refused = house.backend.catalogue.verify(&operator, &id).await.unwrap_err();
    assert_eq!(refused.code(), "conflict.not-checked");
    assert!(refused.to_string().contains(why), "{refused}");
    let kept = house.backend.catalogue.point(&operator, &id).await.unwrap();
    assert_eq!(kept.damage(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_point_is_not_damaged_because_it_is_not_in_another_target() {
    let house = House::furnished().await;
    house.insert(&point("elsewhere", BLUE, &"0".repeat(64), "00")).await;
    let aside = house.target().with_extension("away");
    std::fs::rename(house.target(), &aside).unwrap();
    std::fs::create_dir(house.target()).unwrap();
    is_not_damaged(&house, "elsewhere", "There is no backup target in").await;
    make(&house.target());
    is_not_damaged(&house, "elsewhere", "The backup target").await;
    std::fs::remove_dir_all(house.target()).unwrap();
    std::fs::rename(&aside, house.target()).unwrap();

    let other = house.target().with_extension("other");
    adopt_target(&house.store, &SystemClock, &other, TARGET_PASSWORD, true)
        .await
        .unwrap();
    is_not_damaged(&house, "elsewhere", "has been adopted since").await;
    let old = house.target();
    adopt_target(&house.store, &SystemClock, &old, TARGET_PASSWORD, false)
        .await
        .unwrap();
    let (operator, id) = (of_all(Role::BackupOperator), PointId::new("elsewhere"));
    let lost = house.backend.catalogue.verify(&operator, &id).await.unwrap();
    assert!(lost.damage().is_some(), "now it is the one that it was in");
}

/// Removes the key files of a backup target.
fn lose_keys(target: &Path) {
    std::fs::remove_dir_all(target.join("keys")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_key_file_is_put_back_at_the_start_from_the_copy_in_the_database() {
    let (dir, store, target) = database().await;
    start(&store, &target).await.unwrap();
    lose_keys(&target);
    start(&store, &target).await.unwrap();
    Vault::open(&target, TARGET_PASSWORD).unwrap();
    let trail = store.audit_all().await.unwrap();
    assert_eq!(trail.len(), 1, "{trail:#?}");
    assert_eq!(trail[0].event.event, "target.key_put_back.v1");

    // Another target that has lost its key gets none that is not its own; it is not the password that is wrong.
    let elsewhere = dir.path().join("elsewhere");
    make(&elsewhere);
    lose_keys(&elsewhere);
    says(start(&store, &elsewhere).await, &["cannot be opened"]);
    assert_eq!(elsewhere.join("keys").read_dir().unwrap().count(), 0);
    let adopted = adopt_target(&store, &SystemClock, &elsewhere, TARGET_PASSWORD, false).await;
    let refused = adopted.unwrap_err().to_string();
    assert!(refused.contains("there is no key file in"), "{refused}");
}

/// What everybody reads of the backup targets that nobody could open.
pub async fn faults(house: &House) -> String {
    let faults = house.backend.catalogue.target_faults(&of_all(Role::Viewer)).await;
    together(&faults.unwrap(), Language::En)
}

async fn is_verified(house: &House) -> Result<(), ServiceError> {
    let (operator, id) = (of_all(Role::BackupOperator), PointId::new("p"));
    let point = house.backend.catalogue.verify(&operator, &id).await?;
    assert_eq!(point.damage(), None);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_called_good_while_nobody_could_open_the_target() {
    let house = House::furnished().await;
    let vault = Vault::open(&house.target(), TARGET_PASSWORD).unwrap();
    let tag = PointTag::new("p");
    vault
        .store_files(&tag, vec![("disks/0.img".into(), b"bytes".to_vec())])
        .unwrap();
    let snapshot = vault.seal(&tag).unwrap().snapshot_id;
    let sha256 = hex::encode(Sha256::digest(b"bytes"));
    house.insert(&point("p", BLUE, &snapshot, &sha256)).await;
    is_verified(&house).await.unwrap();
    house.backend.health.ready().await.unwrap();

    // Where it can be put back, it is.
    lose_keys(&house.target());
    let ready = house.backend.health.ready().await;
    assert!(
        matches!(&ready, Err(NotReady::BackupTarget(why)) if why.contains("key file")),
        "{ready:?}"
    );
    is_verified(&house).await.unwrap();
    assert_eq!(house.trail("target.key_put_back.v1").await.len(), 1);
    house.backend.health.ready().await.unwrap();

    lose_keys(&house.target());
    std::fs::write(house.target().join("keys"), "no folder").unwrap();
    let refused = is_verified(&house).await.unwrap_err().to_string();
    assert!(refused.contains("The integrity check was not made"), "{refused}");
    assert!(faults(&house).await.contains("key file"));
    let ready = house.backend.health.ready().await;
    assert!(matches!(ready, Err(NotReady::BackupTarget(_))), "{ready:?}");
}
