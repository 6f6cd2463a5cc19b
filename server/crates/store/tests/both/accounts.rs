//! Accounts, roles, teams.

use crate::harness::{Fixture, on_both};
use crate::samples::{ANNA, OLGA, people_and_manager};
use domain::actor::{Grant, Role, Scope};
use domain::error::StoredConflict;
use domain::ids::{TeamId, UserId};
use domain::services::Team;
use domain::time::Timestamp;
use store::StoreError;

on_both!(
    an_account_comes_back_with_its_roles,
    a_name_is_given_once,
    a_new_password_or_a_disabled_account_ends_sessions,
    only_enabled_administrators_of_everything_count,
    an_unknown_account_is_not_changed,
    a_name_with_a_null_character_is_nobodys,
);

fn blue() -> Team {
    Team {
        id: TeamId::new("blue"),
        name: "Blue".into(),
    }
}

fn administrator(scope: Scope) -> Grant {
    Grant {
        role: Role::Administrator,
        scope,
    }
}

async fn an_account_comes_back_with_its_roles(fixture: &Fixture) {
    people_and_manager(&fixture.store).await;
    let olga = UserId::new(OLGA);
    let grants = vec![
        Grant {
            role: Role::Viewer,
            scope: Scope::All,
        },
        Grant {
            role: Role::RestoreOperator,
            scope: Scope::Team(blue().id),
        },
    ];
    let tx = fixture.store.begin().await.unwrap();
    tx.insert_team(&blue()).await.unwrap();
    tx.set_grants(&olga, &[administrator(Scope::All)]).await.unwrap();
    tx.set_grants(&olga, &grants).await.unwrap();
    tx.note_login(&olga, Timestamp(77)).await.unwrap();
    tx.commit().await.unwrap();

    let found = fixture.store.user_by_name("olga").await.unwrap().unwrap();
    assert_eq!(found.id, olga);
    assert_eq!(found.password_hash, "hash");
    assert_eq!(found.grants, grants);
    assert_eq!(found.last_login, Some(Timestamp(77)));
    assert_eq!(fixture.store.user(&olga).await.unwrap(), Some(found.clone()));
    let all = fixture.store.users().await.unwrap();
    assert_eq!(
        all.iter().map(|user| user.name.as_str()).collect::<Vec<_>>(),
        ["anna", "olga"]
    );
    assert_eq!(all[1], found);
    assert!(all[0].grants.is_empty());
    assert_eq!(fixture.store.teams().await.unwrap(), [blue()]);
}

async fn a_name_is_given_once(fixture: &Fixture) {
    people_and_manager(&fixture.store).await;
    let tx = fixture.store.begin().await.unwrap();
    let refused = tx
        .insert_user(&UserId::new("u-other"), "olga", "hash")
        .await
        .unwrap_err();
    assert!(matches!(&refused, StoreError::Conflict(StoredConflict::AccountStored { name }) if name == "olga"));
}

async fn a_new_password_or_a_disabled_account_ends_sessions(fixture: &Fixture) {
    people_and_manager(&fixture.store).await;
    let (store, olga) = (&fixture.store, UserId::new(OLGA));
    let before = store.user(&olga).await.unwrap().unwrap();
    let tx = store.begin().await.unwrap();
    tx.set_password(&olga, "new").await.unwrap();
    tx.commit().await.unwrap();
    let changed = store.user(&olga).await.unwrap().unwrap();
    assert_eq!(changed.password_hash, "new");
    assert!(changed.epoch > before.epoch);

    let tx = store.begin().await.unwrap();
    tx.set_disabled(&olga, true).await.unwrap();
    tx.commit().await.unwrap();
    let disabled = store.user(&olga).await.unwrap().unwrap();
    assert!(disabled.disabled);
    assert!(disabled.epoch > changed.epoch);

    let tx = store.begin().await.unwrap();
    tx.set_disabled(&olga, false).await.unwrap();
    tx.commit().await.unwrap();
    let enabled = store.user(&olga).await.unwrap().unwrap();
    assert!(!enabled.disabled);
    assert_eq!(
        enabled.epoch, disabled.epoch,
        "a session from before must not come to life again"
    );
}

async fn only_enabled_administrators_of_everything_count(fixture: &Fixture) {
    people_and_manager(&fixture.store).await;
    let (olga, anna) = (UserId::new(OLGA), UserId::new(ANNA));
    let tx = fixture.store.begin().await.unwrap();
    tx.insert_team(&blue()).await.unwrap();
    tx.set_grants(&anna, &[administrator(Scope::Team(blue().id))])
        .await
        .unwrap();
    assert_eq!(tx.enabled_administrators().await.unwrap(), 0);
    tx.set_grants(&olga, &[administrator(Scope::All), administrator(Scope::All)])
        .await
        .unwrap();
    assert_eq!(tx.enabled_administrators().await.unwrap(), 1);
    tx.set_disabled(&olga, true).await.unwrap();
    assert_eq!(tx.enabled_administrators().await.unwrap(), 0);
    drop(tx);
    assert_eq!(fixture.store.enabled_administrators().await.unwrap(), 0);
}

async fn an_unknown_account_is_not_changed(fixture: &Fixture) {
    let nobody = UserId::new("nobody");
    let tx = fixture.store.begin().await.unwrap();
    let refused = tx.set_disabled(&nobody, true).await.unwrap_err();
    assert_eq!(refused.to_string(), "There is no account nobody.");
    let refused = tx.set_grants(&nobody, &[administrator(Scope::All)]).await.unwrap_err();
    assert!(matches!(refused, StoreError::Conflict(_)));
}

/// PostgreSQL refuses such text; a login with it must be a wrong name, not a fault.
async fn a_name_with_a_null_character_is_nobodys(fixture: &Fixture) {
    people_and_manager(&fixture.store).await;
    assert_eq!(fixture.store.user_by_name("olga\0").await.unwrap(), None);
}
