//! Managers, servers, estates, teams of machines, policies.

use crate::harness::{Fixture, on_both};
use crate::samples::{manager, manager_id, people_and_manager, policy, subject, vm};
use domain::fault::HostFault;
use domain::ids::{ManagerId, TeamId};
use domain::services::Team;
use domain::subject::SubjectRef;
use domain::time::Timestamp;
use ovm::estate::Estate;
use ovm::ids::{ServerId, VmId};
use store::{ManagerRow, ServerAccessRow, StoreError};

on_both!(
    a_manager_comes_back_as_it_was_stored,
    an_enrolment_anew_replaces_the_first,
    how_a_server_is_reached_is_replaced,
    the_newest_estate_counts,
    an_estate_that_did_not_change_is_stored_once,
    a_machine_is_in_one_team_or_none,
    a_machine_is_under_one_policy_or_none,
    a_policy_is_changed_and_its_name_is_its_own,
);

async fn a_manager_comes_back_as_it_was_stored(fixture: &Fixture) {
    let store = &fixture.store;
    people_and_manager(store).await;
    assert_eq!(store.managers().await.unwrap(), [manager()]);
    let tx = store.begin().await.unwrap();
    tx.set_manager_problem(&manager_id(), Some(&HostFault::NoManager))
        .await
        .unwrap();
    tx.set_manager_changed_fingerprint(&manager_id(), Some("SHA256:two"))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let expected = ManagerRow {
        problem: Some(HostFault::NoManager.into()),
        changed_fingerprint: Some("SHA256:two".into()),
        ..manager()
    };
    assert_eq!(store.manager(&manager_id()).await.unwrap(), Some(expected));
    let tx = store.begin().await.unwrap();
    tx.set_manager_problem(&manager_id(), None).await.unwrap();
    tx.set_manager_changed_fingerprint(&manager_id(), None).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.manager(&manager_id()).await.unwrap(), Some(manager()));
}

async fn an_enrolment_anew_replaces_the_first(fixture: &Fixture) {
    let store = &fixture.store;
    people_and_manager(store).await;
    let anew = ManagerRow {
        port: 65535,
        fingerprint: "SHA256:two".into(),
        legacy_algorithms: false,
        ..manager()
    };
    let tx = store.begin().await.unwrap();
    tx.put_manager(&anew).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.managers().await.unwrap(), [anew]);
    let tx = store.begin().await.unwrap();
    let other = ManagerRow {
        id: domain::ids::ManagerId::new("m2"),
        ..manager()
    };
    assert!(matches!(tx.put_manager(&other).await, Err(StoreError::Conflict(_))));
}

async fn how_a_server_is_reached_is_replaced(fixture: &Fixture) {
    let store = &fixture.store;
    people_and_manager(store).await;
    let first = ServerAccessRow {
        manager: manager_id(),
        server: ServerId::new("00:e0:81"),
        name: "ovs1".into(),
        host: "ovs1.example".into(),
        port: 22,
        user: "root".into(),
        sealed_password: "00".into(),
        fingerprint: "SHA256:one".into(),
        changed_fingerprint: None,
        legacy_algorithms: false,
    };
    let second = ServerAccessRow {
        port: 2222,
        fingerprint: "SHA256:two".into(),
        legacy_algorithms: true,
        ..first.clone()
    };
    let tx = store.begin().await.unwrap();
    tx.put_server_access(&first).await.unwrap();
    tx.set_server_changed_fingerprint(&first.manager, &first.server, Some("SHA256:two"))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let seen = store.server_accesses(&manager_id()).await.unwrap();
    assert_eq!(seen[0].changed_fingerprint.as_deref(), Some("SHA256:two"));
    let tx = store.begin().await.unwrap();
    tx.put_server_access(&second).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.server_accesses(&manager_id()).await.unwrap(), [second]);
}

async fn the_newest_estate_counts(fixture: &Fixture) {
    let store = &fixture.store;
    people_and_manager(store).await;
    assert_eq!(store.latest_revision(&manager_id()).await.unwrap(), None);
    assert_eq!(store.latest_revision_head(&manager_id()).await.unwrap(), None);
    let estate = Estate {
        version: "3.4.6.2105".into(),
        vms: vec![vm()],
        ..Estate::default()
    };
    let tx = store.begin().await.unwrap();
    let first = tx
        .insert_revision(&manager_id(), Timestamp(20), &Estate::default())
        .await
        .unwrap();
    let second = tx.insert_revision(&manager_id(), Timestamp(10), &estate).await.unwrap();
    tx.commit().await.unwrap();
    assert!(second > first);
    let newest = store.latest_revision(&manager_id()).await.unwrap().unwrap();
    assert_eq!(
        (newest.id, newest.taken_at, &*newest.estate),
        (second, Timestamp(10), &estate)
    );
    assert_eq!(
        store.latest_revision_head(&manager_id()).await.unwrap(),
        Some((second, Timestamp(10)))
    );
}

async fn an_estate_that_did_not_change_is_stored_once(fixture: &Fixture) {
    let store = &fixture.store;
    people_and_manager(store).await;
    let estate = Estate {
        version: "3.4".into(),
        vms: vec![vm()],
        ..Estate::default()
    };
    let mut numbers = Vec::new();
    for (at, estate) in [
        (1, &estate),
        (2, &estate),
        (3, &estate),
        (4, &Estate::default()),
        (5, &estate),
    ] {
        let tx = store.begin().await.unwrap();
        numbers.push(tx.insert_revision(&manager_id(), Timestamp(at), estate).await.unwrap());
        tx.commit().await.unwrap();
    }
    let heads = store.revisions(&manager_id(), 10).await.unwrap();
    assert_eq!(
        heads
            .iter()
            .map(|head| (head.taken_at.0, head.same_as))
            .collect::<Vec<_>>(),
        [
            (5, None),
            (4, None),
            (3, Some(numbers[0])),
            (2, Some(numbers[0])),
            (1, None)
        ]
    );
    assert!(heads[0].counts.contains(&(ovm::estate::Kind::Vm, 1)));
    let contents = "SELECT COUNT(*) FROM estate_revision WHERE estate <> ''";
    assert_eq!(fixture.number(contents).await, 3);
    let third = store.revision(&manager_id(), numbers[2]).await.unwrap().unwrap();
    assert_eq!(
        (third.id, third.taken_at, &*third.estate),
        (numbers[2], Timestamp(3), &estate)
    );
    assert_eq!(
        store.revision(&ManagerId::new("other"), numbers[2]).await.unwrap(),
        None
    );
    assert_eq!(store.revisions(&manager_id(), 2).await.unwrap().len(), 2);
}

async fn a_machine_is_in_one_team_or_none(fixture: &Fixture) {
    let store = &fixture.store;
    people_and_manager(store).await;
    let (blue, red) = (TeamId::new("blue"), TeamId::new("red"));
    let tx = store.begin().await.unwrap();
    for team in [&blue, &red] {
        tx.insert_team(&Team {
            id: team.clone(),
            name: team.to_string(),
        })
        .await
        .unwrap();
        tx.set_subject_team(&subject().at(), Some(team)).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(store.subject_team(&subject().at()).await.unwrap(), Some(red.clone()));
    assert_eq!(
        store.subject_teams(&manager_id()).await.unwrap(),
        [(subject().object, red)].into()
    );
    let tx = store.begin().await.unwrap();
    tx.set_subject_team(&subject().at(), None).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.subject_team(&subject().at()).await.unwrap(), None);
}

async fn a_machine_is_under_one_policy_or_none(fixture: &Fixture) {
    let store = &fixture.store;
    people_and_manager(store).await;
    let (gold, tin) = (policy("gold", "Gold"), policy("tin", "Tin"));
    let tx = store.begin().await.unwrap();
    for policy in [&tin, &gold] {
        tx.put_policy(policy).await.unwrap();
        tx.set_protection(&subject().at(), Some(&policy.id)).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(store.protection(&subject().at()).await.unwrap(), Some(gold.clone()));
    assert_eq!(
        store
            .protection(&SubjectRef::vm(&manager_id(), &VmId::new("other")))
            .await
            .unwrap(),
        None
    );
    assert_eq!(store.protections().await.unwrap(), [(subject().at(), gold.id)]);
    let tx = store.begin().await.unwrap();
    tx.set_protection(&subject().at(), None).await.unwrap();
    tx.commit().await.unwrap();
    assert!(store.protections().await.unwrap().is_empty());
}

async fn a_policy_is_changed_and_its_name_is_its_own(fixture: &Fixture) {
    let store = &fixture.store;
    let (gold, renamed) = (policy("gold", "Gold"), policy("gold", "Gold and silver"));
    let tx = store.begin().await.unwrap();
    tx.put_policy(&gold).await.unwrap();
    tx.put_policy(&renamed).await.unwrap();
    tx.put_policy(&policy("tin", "Tin")).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.policies().await.unwrap(), [renamed.clone(), policy("tin", "Tin")]);
    assert_eq!(store.policy(&gold.id).await.unwrap(), Some(renamed));
    let tx = store.begin().await.unwrap();
    let refused = tx.put_policy(&policy("tin", "Gold and silver")).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "There is a protection policy Gold and silver already."
    );
}
