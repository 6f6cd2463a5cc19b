//! Web sessions.

#![expect(clippy::disallowed_methods, reason = "sessions end by the clock of the machine")]

use crate::harness::{Fixture, on_both};
use serde_json::json;
use time::{Duration, OffsetDateTime};
use tower_sessions::session::{Id, Record};
use tower_sessions::{ExpiredDeletion, SessionStore};

on_both!(
    a_session_is_kept_until_it_is_deleted,
    an_id_in_use_is_not_given_twice,
    an_expired_session_is_not_found_and_then_removed,
    a_deleted_session_is_not_saved_back_to_life,
    the_database_does_not_know_the_id,
);

fn record(name: &str, minutes: i64) -> Record {
    // To the millisecond, as it is stored.
    let now = OffsetDateTime::now_utc().replace_nanosecond(7_000_000).unwrap();
    Record {
        id: Id::default(),
        data: [("user".to_owned(), json!({ "name": name }))].into(),
        expiry_date: now + Duration::minutes(minutes),
    }
}

async fn a_session_is_kept_until_it_is_deleted(fixture: &Fixture) {
    let sessions = fixture.store.session_store();
    let mut session = record("olga", 10);
    sessions.create(&mut session).await.unwrap();
    assert_eq!(sessions.load(&session.id).await.unwrap(), Some(session.clone()));
    session.data.insert("theme".into(), json!("dark"));
    session.expiry_date += Duration::minutes(5);
    sessions.save(&session).await.unwrap();
    assert_eq!(sessions.load(&session.id).await.unwrap(), Some(session.clone()));
    sessions.delete(&session.id).await.unwrap();
    assert_eq!(sessions.load(&session.id).await.unwrap(), None);
}

async fn an_id_in_use_is_not_given_twice(fixture: &Fixture) {
    let sessions = fixture.store.session_store();
    let mut first = record("olga", 10);
    sessions.create(&mut first).await.unwrap();
    let mut second = Record {
        id: first.id,
        ..record("anna", 10)
    };
    sessions.create(&mut second).await.unwrap();
    assert_ne!(second.id, first.id);
    assert_eq!(sessions.load(&first.id).await.unwrap(), Some(first));
    assert_eq!(sessions.load(&second.id).await.unwrap(), Some(second));
}

async fn an_expired_session_is_not_found_and_then_removed(fixture: &Fixture) {
    let sessions = fixture.store.session_store();
    let (mut over, mut valid) = (record("olga", -1), record("anna", 10));
    sessions.create(&mut over).await.unwrap();
    sessions.create(&mut valid).await.unwrap();
    assert_eq!(sessions.load(&over.id).await.unwrap(), None);
    assert_eq!(fixture.number("SELECT COUNT(*) FROM session").await, 2);
    sessions.delete_expired().await.unwrap();
    assert_eq!(fixture.number("SELECT COUNT(*) FROM session").await, 1);
    assert_eq!(sessions.load(&valid.id).await.unwrap(), Some(valid));
}

async fn a_deleted_session_is_not_saved_back_to_life(fixture: &Fixture) {
    let sessions = fixture.store.session_store();
    let mut session = record("olga", 10);
    sessions.create(&mut session).await.unwrap();
    sessions.delete(&session.id).await.unwrap();
    sessions.save(&session).await.unwrap();
    assert_eq!(sessions.load(&session.id).await.unwrap(), None);
}

async fn the_database_does_not_know_the_id(fixture: &Fixture) {
    let mut session = record("olga", 10);
    fixture.store.session_store().create(&mut session).await.unwrap();
    let (cookie, number) = (session.id.to_string(), session.id.0);
    let known =
        format!("SELECT COUNT(*) FROM session WHERE (id || data) LIKE '%{cookie}%' OR (id || data) LIKE '%{number}%'");
    assert_eq!(fixture.number(&known).await, 0);
    assert_eq!(
        fixture
            .number("SELECT COUNT(*) FROM session WHERE length(id) = 64")
            .await,
        1
    );
}
