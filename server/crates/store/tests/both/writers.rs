//! Many writers at once: nobody is turned away, nothing is lost, nothing half done stays.

use crate::harness::{Fixture, on_both};
use crate::samples::event;
use domain::audit::first_break;
use domain::ids::UserId;
use store::Store;
use tokio::task::JoinSet;

on_both!(
    writers_take_turns_across_connections,
    a_decision_rests_on_what_was_read,
    readers_are_not_held_up_by_a_writer,
    what_is_not_committed_is_not_there,
);

async fn write(store: Store, subject: String) {
    let tx = store.begin().await.unwrap();
    tx.audit(&event(&subject)).await.unwrap();
    tx.commit().await.unwrap();
}

async fn writers_take_turns_across_connections(fixture: &Fixture) {
    let other = Store::connect(&fixture.url).await.unwrap();
    let mut writers = JoinSet::new();
    for number in 0..40 {
        let store = if number % 2 == 0 {
            fixture.store.clone()
        } else {
            other.clone()
        };
        writers.spawn(write(store, format!("vm {number}")));
    }
    while let Some(written) = writers.join_next().await {
        written.unwrap();
    }
    let trail = fixture.store.audit_all().await.unwrap();
    assert_eq!(trail.len(), 40);
    assert_eq!(first_break(&trail), None);
}

/// Each adds an account only if it is the first; whoever comes second must see the first one's.
async fn a_decision_rests_on_what_was_read(fixture: &Fixture) {
    let other = Store::connect(&fixture.url).await.unwrap();
    let first_only = async |store: &Store, name: &str| {
        let tx = store.begin().await.unwrap();
        let somebody = tx
            .user(&UserId::new("here"))
            .await
            .unwrap()
            .or(tx.user(&UserId::new("there")).await.unwrap());
        if somebody.is_none() {
            tx.insert_user(&UserId::new(name), name, "hash").await.unwrap();
        }
        tx.commit().await.unwrap();
    };
    tokio::join!(first_only(&fixture.store, "here"), first_only(&other, "there"));
    assert_eq!(fixture.store.users().await.unwrap().len(), 1);
}

async fn readers_are_not_held_up_by_a_writer(fixture: &Fixture) {
    let tx = fixture.store.begin().await.unwrap();
    tx.audit(&event("vm 1")).await.unwrap();
    assert!(fixture.store.audit_all().await.unwrap().is_empty());
    tx.commit().await.unwrap();
    assert_eq!(fixture.store.audit_all().await.unwrap().len(), 1);
}

async fn what_is_not_committed_is_not_there(fixture: &Fixture) {
    let tx = fixture.store.begin().await.unwrap();
    tx.insert_user(&UserId::new("u1"), "olga", "hash").await.unwrap();
    drop(tx);
    let tx = fixture.store.begin().await.unwrap();
    assert_eq!(tx.user(&UserId::new("u1")).await.unwrap(), None);
}
