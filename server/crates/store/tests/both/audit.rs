//! The audit trail.

use crate::harness::{Fixture, on_both};
use crate::samples::event;
use domain::audit::{AuditEvent, Chain, Detail, first_break};
use domain::plan::Said;
use store::Store;

on_both!(
    rows_form_a_chain,
    what_was_not_committed_leaves_no_gap,
    the_trail_is_read_newest_first_and_in_pages,
    the_trail_is_searched_for_the_very_text,
    a_null_character_does_not_stop_the_trail,
    no_row_is_changed_or_removed,
    the_trail_is_followed_from_where_it_was_left,
    a_row_that_was_changed_is_seen_where_it_is_shown,
);

async fn write(store: &Store, events: &[AuditEvent]) {
    let tx = store.begin().await.unwrap();
    for event in events {
        tx.audit(event).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn rows_form_a_chain(fixture: &Fixture) {
    write(&fixture.store, &[event("vm 1"), event("vm 2")]).await;
    write(&fixture.store, &[event("vm 3")]).await;
    let trail = fixture.store.audit_all().await.unwrap();
    assert_eq!(trail.iter().map(|row| row.seq).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(trail[2].event, event("vm 3"));
    assert_eq!(first_break(&trail), None);
}

async fn what_was_not_committed_leaves_no_gap(fixture: &Fixture) {
    write(&fixture.store, &[event("vm 1")]).await;
    let tx = fixture.store.begin().await.unwrap();
    assert_eq!(tx.audit(&event("vm 2")).await.unwrap(), 2);
    drop(tx);
    write(&fixture.store, &[event("vm 3")]).await;
    let trail = fixture.store.audit_all().await.unwrap();
    assert_eq!(
        trail.iter().map(|row| row.event.subject.key()).collect::<Vec<_>>(),
        ["vm 1", "vm 3"]
    );
    assert_eq!(first_break(&trail), None);
}

async fn the_trail_is_read_newest_first_and_in_pages(fixture: &Fixture) {
    let events: Vec<AuditEvent> = (1..=5).map(|number| event(&format!("vm {number}"))).collect();
    write(&fixture.store, &events).await;
    let seqs = |rows: Vec<domain::audit::AuditRow>| rows.iter().map(|row| row.seq).collect::<Vec<_>>();
    assert_eq!(seqs(fixture.store.audit(None, None, 2).await.unwrap()), [5, 4]);
    assert_eq!(seqs(fixture.store.audit(None, Some(4), 2).await.unwrap()), [3, 2]);
    assert_eq!(seqs(fixture.store.audit(Some("vm 4"), None, 2).await.unwrap()), [4]);
    assert!(fixture.store.audit(Some("vm 4"), Some(4), 2).await.unwrap().is_empty());
}

async fn the_trail_is_searched_for_the_very_text(fixture: &Fixture) {
    let plain = AuditEvent {
        plan_hash: None,
        detail: Said::Typed(Detail::TeamCreated {
            name: "50 of GoldX1!".into(),
        }),
        ..event("vm 2")
    };
    let umlaut = AuditEvent {
        actor: "Jürgen".into(),
        ..plain.clone()
    };
    write(&fixture.store, &[event("vm 1"), plain, umlaut]).await;
    for (text, found) in [
        ("OLGA", vec![2, 1]),
        ("started.v1", vec![3, 2, 1]),
        ("C0FFEE", vec![1]),
        ("100%", vec![1]),
        ("gold_1", vec![1]),
        ("x1!", vec![3, 2]),
        ("Jürgen", vec![3]),
        ("192.0.2.7", vec![]),
        ("'", vec![]),
    ] {
        let rows = fixture.store.audit(Some(text), None, 10).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.seq).collect::<Vec<_>>(), found, "{text}");
    }
}

/// A login with such a name must be recorded like any other.
async fn a_null_character_does_not_stop_the_trail(fixture: &Fixture) {
    write(
        &fixture.store,
        &[AuditEvent {
            actor: "ol\0ga".into(),
            ..event("login")
        }],
    )
    .await;
    let trail = fixture.store.audit_all().await.unwrap();
    assert_eq!(trail[0].event.actor, "ol\u{fffd}ga");
    assert_eq!(first_break(&trail), None);
}

async fn no_row_is_changed_or_removed(fixture: &Fixture) {
    write(&fixture.store, &[event("vm 1"), event("vm 2")]).await;
    let before = fixture.store.audit_all().await.unwrap();
    let mut attempts = vec![
        "UPDATE audit SET actor = 'eve' WHERE seq = 1",
        "DELETE FROM audit WHERE seq = 2",
        "DELETE FROM audit",
    ];
    if fixture.is_postgres().await {
        attempts.push("TRUNCATE audit");
        attempts.push("INSERT INTO audit SELECT * FROM audit ON CONFLICT (seq) DO UPDATE SET actor = 'eve'");
    } else {
        attempts.push(
            "INSERT OR REPLACE INTO audit SELECT seq, at, 'eve', event, subject, null, '', null, '', null FROM audit",
        );
    }
    for sql in attempts {
        let refused = fixture.sql(sql).await.unwrap_err().to_string();
        assert!(refused.contains("The audit trail is never"), "{sql}: {refused}");
    }
    assert_eq!(fixture.store.audit_all().await.unwrap(), before);
}

/// What somebody does who owns the database.
async fn tamper(fixture: &Fixture, sql: &str) {
    let guards: &[&str] = if fixture.is_postgres().await {
        &["DROP TRIGGER IF EXISTS audit_only_grows ON audit"]
    } else {
        &[
            "DROP TRIGGER IF EXISTS audit_no_update",
            "DROP TRIGGER IF EXISTS audit_no_delete",
        ]
    };
    for statement in guards.iter().chain([&sql]) {
        fixture.sql(statement).await.unwrap();
    }
}

async fn the_trail_is_followed_from_where_it_was_left(fixture: &Fixture) {
    let store = &fixture.store;
    let mut chain = Chain::default();
    assert_eq!(store.follow_audit(&mut chain).await.unwrap(), None);
    write(store, &[event("vm 1"), event("vm 2")]).await;
    assert_eq!(store.follow_audit(&mut chain).await.unwrap(), None);
    write(store, &[event("vm 3"), event("vm 4"), event("vm 5")]).await;
    tamper(fixture, "UPDATE audit SET actor = 'eve' WHERE seq = 4").await;
    for _ in 0..2 {
        assert_eq!(store.follow_audit(&mut chain).await.unwrap(), Some(4));
    }
    assert_eq!(chain.seq, 3);
    tamper(fixture, "DELETE FROM audit WHERE seq > 2").await;
    write(store, &[event("vm 3, as eve tells it")]).await;
    assert_eq!(
        store.follow_audit(&mut chain).await.unwrap(),
        Some(3),
        "the end was written anew"
    );
    assert_eq!(store.follow_audit(&mut Chain::default()).await.unwrap(), None);
}

async fn a_row_that_was_changed_is_seen_where_it_is_shown(fixture: &Fixture) {
    let store = &fixture.store;
    write(store, &[event("vm 1"), event("vm 2"), event("vm 3"), event("vm 20")]).await;
    tamper(fixture, "UPDATE audit SET detail = 'nothing' WHERE seq = 2").await;
    for (text, misfit) in [
        (None, Some(2)),
        (Some("vm 2"), Some(2)),
        (Some("vm 20"), None),
        (Some("vm 1"), None),
    ] {
        let rows = store.audit(text, None, 10).await.unwrap();
        assert!(!rows.is_empty());
        assert_eq!(store.audit_misfit(&rows).await.unwrap(), misfit, "{text:?}");
    }
}
