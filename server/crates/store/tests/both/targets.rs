//! The backup targets, and the claims of the servers that prune them.

use crate::harness::{Fixture, on_both};
use crate::processes::{begin, end_lease};
use crate::samples::{new_run, one_queued_run, queue};
use domain::ids::{PointId, RunId, TargetId};
use domain::run::RunState;
use domain::target::Location;
use domain::time::Timestamp;
use ovm::ids::VmId;
use store::{Claim, KeyCopy, Store, StoreError, Target};

on_both!(
    targets_are_told_by_their_names,
    each_target_is_pruned_by_itself,
    a_copy_of_its_key_file_is_kept,
    one_server_prunes_and_not_again_before_its_time,
    a_claim_is_over_when_it_is_given_back_or_not_renewed,
    no_run_is_claimed_while_the_target_is_pruned,
    the_target_is_not_pruned_while_a_run_has_data_on_its_way,
    the_states_of_the_runs_for_a_point_are_known,
);

fn target(repository: &str, folder: &str) -> Target {
    Target {
        id: first(),
        location: Location::Folder { folder: folder.into() },
        repository: repository.into(),
        password: None,
        access_key: None,
        key: None,
    }
}

fn first() -> TargetId {
    TargetId::first()
}

async fn put(store: &Store, target: &Target, at: i64) {
    let tx = store.begin().await.unwrap();
    tx.put_target(target, Timestamp(at)).await.unwrap();
    assert_eq!(tx.target(&target.id).await.unwrap().as_ref(), Some(target));
    tx.commit().await.unwrap();
}

/// Claims for 30 seconds, unless it was claimed after `last`.
async fn prune(store: &Store, owner: &str, last: i64, now: i64) -> bool {
    let tx = store.begin().await.unwrap();
    let claimed = tx
        .claim_pruning(&first(), owner, Timestamp(last), Timestamp(now), 30)
        .await;
    tx.commit().await.unwrap();
    claimed.unwrap()
}

async fn end(store: &Store, owner: &str) -> Result<(), StoreError> {
    let tx = store.begin().await.unwrap();
    let ended = tx.end_pruning(&first(), owner).await;
    tx.commit().await.unwrap();
    ended
}

async fn claim_run(store: &Store, now: i64) -> Option<Claim> {
    let tx = store.begin().await.unwrap();
    let claim = tx.claim_run("worker", &[], Timestamp(now)).await.unwrap();
    tx.commit().await.unwrap();
    claim
}

async fn targets_are_told_by_their_names(fixture: &Fixture) {
    let store = &fixture.store;
    assert_eq!(store.target(&first()).await.unwrap(), None);
    put(store, &target("1a2b", "/srv/backup"), 10).await;
    put(store, &target("3c4d", "/srv/other"), 20).await;
    let adopted = target("3c4d", "/srv/other");
    assert_eq!(store.target(&first()).await.unwrap(), Some(adopted.clone()));
    let elsewhere = Target {
        id: TargetId::new("dc2"),
        location: Location::S3 {
            endpoint: "https://s3.example.com".into(),
            region: "eu-1".into(),
            bucket: "backups".into(),
            prefix: "holdfast".into(),
        },
        password: Some("sealed".into()),
        access_key: Some("sealed, too".into()),
        ..target("5e6f", "")
    };
    put(store, &elsewhere, 30).await;
    assert_eq!(store.targets().await.unwrap(), [adopted.clone(), elsewhere]);
    let tx = store.begin().await.unwrap();
    let twice = Target {
        id: TargetId::new("again"),
        ..adopted
    };
    let refused = tx.put_target(&twice, Timestamp(40)).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
}

async fn a_copy_of_its_key_file_is_kept(fixture: &Fixture) {
    let store = &fixture.store;
    for name in ["a", "b"] {
        let key = KeyCopy {
            name: name.into(),
            content: "{}".into(),
        };
        let with_key = Target {
            key: Some(key),
            ..target("1a2b", "/srv/backup")
        };
        put(store, &with_key, 10).await;
        assert_eq!(store.target(&first()).await.unwrap(), Some(with_key));
    }
}

async fn each_target_is_pruned_by_itself(fixture: &Fixture) {
    let store = &fixture.store;
    put(store, &target("1a2b", "/srv/backup"), 0).await;
    let second = Target {
        id: TargetId::new("dc2"),
        ..target("3c4d", "/srv/other")
    };
    put(store, &second, 0).await;
    assert!(prune(store, "here", 0, 100).await);
    let tx = store.begin().await.unwrap();
    let claimed = tx.claim_pruning(&second.id, "there", Timestamp(0), Timestamp(100), 30);
    assert!(claimed.await.unwrap(), "the lease of one is not that of another");
    tx.commit().await.unwrap();
    end(store, "here").await.unwrap();
    let late = end(store, "there").await;
    assert!(matches!(late, Err(StoreError::Fenced)), "{late:?}");
}

async fn one_server_prunes_and_not_again_before_its_time(fixture: &Fixture) {
    let store = &fixture.store;
    assert!(!prune(store, "here", 100, 100).await, "there is no target");
    put(store, &target("1a2b", "/srv/backup"), 100).await;
    assert!(!prune(store, "here", 99, 1000).await, "it is new");
    put(store, &target("1a2b", "/mnt/backup"), 500).await;
    let other = Store::connect(&fixture.url).await.unwrap();
    let (here, there) = tokio::join!(prune(store, "here", 100, 1000), prune(&other, "there", 100, 1000));
    assert!(here != there, "{here} {there}");
    end(store, if here { "here" } else { "there" }).await.unwrap();
    assert!(!prune(store, "here", 999, 2000).await, "it was pruned just now");
    assert!(prune(store, "here", 1000, 2000).await);
}

async fn a_claim_is_over_when_it_is_given_back_or_not_renewed(fixture: &Fixture) {
    let store = &fixture.store;
    put(store, &target("1a2b", "/srv/backup"), 0).await;
    assert!(prune(store, "here", 0, 100).await);
    let tx = store.begin().await.unwrap();
    tx.renew_pruning(&first(), "here", Timestamp(200), 30).await.unwrap();
    let not_own = tx.renew_pruning(&first(), "there", Timestamp(200), 30).await;
    assert!(matches!(not_own, Err(StoreError::Fenced)), "{not_own:?}");
    tx.commit().await.unwrap();
    assert!(!prune(store, "there", 100, 30_199).await);
    fixture.sql("UPDATE target SET lease_until = 0").await.unwrap();
    assert!(prune(store, "there", 100, 60_000).await);
    let late = end(store, "here").await;
    assert!(matches!(late, Err(StoreError::Fenced)), "{late:?}");
    end(store, "there").await.unwrap();
    assert!(prune(store, "here", 60_000, 60_001).await);
}

async fn no_run_is_claimed_while_the_target_is_pruned(fixture: &Fixture) {
    let store = &fixture.store;
    put(store, &target("1a2b", "/srv/backup"), 0).await;
    one_queued_run(store).await;
    assert!(
        prune(store, "here", 0, 100).await,
        "a queued run has nothing on its way"
    );
    assert_eq!(claim_run(store, 101).await, None);
    end(store, "here").await.unwrap();
    assert!(claim_run(store, 102).await.is_some());
}

async fn the_target_is_not_pruned_while_a_run_has_data_on_its_way(fixture: &Fixture) {
    let store = &fixture.store;
    put(store, &target("1a2b", "/srv/backup"), 0).await;
    let id = one_queued_run(store).await;
    begin(store, "worker", 100).await;
    let fence = claim_run(store, 100).await.unwrap().fence;
    assert!(!prune(store, "here", 0, 101).await, "it was claimed just now");
    end_lease(fixture, "worker").await;
    for state in RunState::ALL {
        let tx = store.begin().await.unwrap();
        tx.set_run_state(&id, fence, state, &[], None, None).await.unwrap();
        tx.commit().await.unwrap();
        let moves = matches!(state, RunState::Running | RunState::RollingBack);
        assert_eq!(prune(store, "here", i64::MAX, 1_000_000).await, !moves, "{state:?}");
        if !moves {
            end(store, "here").await.unwrap();
        }
    }
}

async fn the_states_of_the_runs_for_a_point_are_known(fixture: &Fixture) {
    let store = &fixture.store;
    one_queued_run(store).await;
    let tx = store.begin().await.unwrap();
    queue(&tx, &new_run("r2", VmId::new("other"), 20)).await;
    tx.set_run_state(&RunId::new("r2"), 0, RunState::Failed, &[], None, None)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let states = async |point: &str| store.states_of_runs_for(&PointId::new(point)).await.unwrap();
    assert_eq!(states("p-r1").await, [RunState::Queued]);
    assert_eq!(states("p-r2").await, [RunState::Failed]);
    assert!(states("p-r3").await.is_empty());
}
