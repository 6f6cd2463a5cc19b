//! A disk that is full for a while, under a SQLite file: what was refused is not there, what was acknowledged is.

#![expect(clippy::disallowed_methods, reason = "sessions end by the clock of the machine")]

use crate::harness::Fixture;
use crate::samples::{ANNA, OLGA, event, manager, manager_id, new_run, people_and_manager, plan, point, policy, vm_id};
use crate::small_disk::SmallDisk;
use domain::ids::{ManagerId, RunId, TeamId, UserId};
use domain::plan::Bindings;
use domain::run::{Outcome, Phase, RunState};
use domain::services::Team;
use domain::time::Timestamp;
use ovm::estate::Estate;
use ovm::ids::VmId;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use store::{ManagerRow, Store, StoreError, Tx};
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};

/// Table and what is written to it: a row in a transaction of its own, or with others.
const KINDS: [&str; 11] = [
    "account",
    "team",
    "manager",
    "estate_revision",
    "policy",
    "plan",
    "run",
    "journal",
    "recovery_point",
    "audit",
    "session",
];

/// Writes one more row of a kind. When that is not refused, it has to be there.
async fn write(store: &Store, kind: &str, number: usize) -> Result<(), StoreError> {
    if kind == "session" {
        return log_in(store).await;
    }
    let tx = store.begin().await?;
    write_in(&tx, kind, &format!("{kind}-{number}"), number).await?;
    tx.commit().await
}

async fn write_in(tx: &Tx, kind: &str, id: &str, number: usize) -> Result<(), StoreError> {
    let at = Timestamp(i64::try_from(number).unwrap());
    match kind {
        "account" => tx.insert_user(&UserId::new(id), id, "hash").await,
        "team" => {
            let (id, name) = (TeamId::new(id), id.to_owned());
            tx.insert_team(&Team { id, name }).await
        }
        "manager" => {
            let (id, name) = (ManagerId::new(id), id.to_owned());
            tx.put_manager(&ManagerRow { id, name, ..manager() }).await
        }
        "estate_revision" => tx
            .insert_revision(&manager_id(), at, &Estate::default())
            .await
            .map(drop),
        "policy" => tx.put_policy(&policy(id, id)).await,
        "plan" => tx.insert_plan(&plan(id), &UserId::new(OLGA), at).await,
        "run" => {
            tx.insert_plan(&plan(id), &UserId::new(ANNA), at).await?;
            tx.insert_run(&new_run(id, VmId::new(id), at.0)).await?;
            tx.set_run_state(&RunId::new(id), 0, RunState::Running, &[], None, None)
                .await
        }
        "journal" => {
            let run = RunId::new("r1");
            let seq = tx.begin_entry(&run, 0, id, Phase::Forward, at).await?;
            tx.finish_entry(&run, 0, seq, Outcome::Done, "done", &[], None, &Bindings::default(), at)
                .await
        }
        "recovery_point" => tx.insert_point(&point(id, at.0)).await,
        _ => tx.audit(&event(id)).await.map(drop),
    }
}

async fn log_in(store: &Store) -> Result<(), StoreError> {
    let expiry_date = time::OffsetDateTime::now_utc() + time::Duration::DAY;
    let mut record = Record {
        id: Id::default(),
        data: [("who".to_owned(), "olga".into())].into(),
        expiry_date,
    };
    let created = store.session_store().create(&mut record).await;
    created.map_err(|error| StoreError::Unavailable {
        reason: error.to_string(),
    })
}

/// A file that takes all room of its disk.
struct Filler(PathBuf);

impl Filler {
    fn on(disk: &Path) -> Self {
        let path = disk.join("filler");
        let mut file = File::create(&path).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
        Self(path)
    }
}

impl Drop for Filler {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).unwrap();
    }
}

/// Writes while there is no room, until that is refused and then some more; the answer is how many were not refused.
async fn write_until_refused(store: &Store, kind: &str, numbers: &mut impl Iterator<Item = usize>) -> i64 {
    let (mut acknowledged, mut refused) = (0, 0);
    // What is written first takes the place of what the log of the database holds no more.
    for number in numbers.take(10_000) {
        match write(store, kind, number).await {
            Ok(()) => acknowledged += 1,
            Err(StoreError::Unavailable { .. }) => refused += 1,
            Err(other) => panic!("{kind}: {other}"),
        }
        if refused == 5 {
            return acknowledged;
        }
    }
    panic!("{kind}: the disk is not full");
}

async fn rows(fixture: &Fixture, kind: &str) -> i64 {
    fixture.number(&format!("SELECT COUNT(*) FROM {kind}")).await
}

/// Where the driver's count of transactions and SQLite's own differ, a connection holds the lock for ever, and what is
/// committed on it is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_full_disk_everything_acknowledged_is_there_and_nothing_is_locked() {
    let disk = SmallDisk::mount("24m");
    let fixture = Fixture::sqlite_in(disk.path()).await;
    let store = &fixture.store;
    people_and_manager(store).await;
    let tx = store.begin().await.unwrap();
    write_in(&tx, "plan", "r1", 0).await.unwrap();
    tx.insert_run(&new_run("r1", vm_id(), 0)).await.unwrap();
    tx.commit().await.unwrap();
    let mut numbers = 1..;
    for kind in KINDS {
        let before = rows(&fixture, kind).await;
        let filler = Filler::on(disk.path());
        let mut acknowledged = write_until_refused(store, kind, &mut numbers).await;
        drop(filler);
        for number in numbers.by_ref().take(10) {
            write(store, kind, number).await.unwrap();
            acknowledged += 1;
        }
        assert_eq!(rows(&fixture, kind).await - before, acknowledged, "{kind}");
        fixture.sql("BEGIN IMMEDIATE; ROLLBACK").await.unwrap();
    }
    let again = Store::connect(&fixture.url).await.unwrap();
    let trail = again.audit_all().await.unwrap();
    assert_eq!(domain::audit::first_break(&trail), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_without_room_is_known_by_writing_to_it() {
    let disk = SmallDisk::mount("24m");
    let fixture = Fixture::sqlite_in(disk.path()).await;
    fixture.store.prove_writable().await.unwrap();
    let filler = Filler::on(disk.path());
    write_until_refused(&fixture.store, "team", &mut (1..)).await;
    fixture.store.users().await.unwrap();
    let refused = fixture.store.prove_writable().await;
    assert!(matches!(refused, Err(StoreError::Unavailable { .. })), "{refused:?}");
    drop(filler);
    fixture.store.prove_writable().await.unwrap();
    assert_eq!(rows(&fixture, "session").await, 0, "nothing of it remains");
}
