//! Recovery points.

use crate::harness::{Fixture, on_both};
use crate::samples::{damage, manager_id, point, subject, vm_id};
use domain::fault::{Damage, DamageFound};
use domain::ids::{ManagerId, PointId, TargetId};
use domain::point::{PointCopy, RecoveryPoint};
use domain::subject::{Object, SubjectRef};
use domain::time::Timestamp;
use ovm::ids::VmId;
use store::{PointCount, StoreError, Wanted};

on_both!(
    a_point_comes_back_with_its_manifest,
    a_point_is_damaged_when_all_its_copies_are,
    points_are_listed_newest_first,
    a_list_goes_on_where_a_part_has_ended,
    a_list_says_what_the_manifest_says,
    only_undamaged_points_count,
    a_damaged_point_that_matches_again_is_good,
    a_point_is_published_once,
);

async fn publish(fixture: &Fixture, points: &[RecoveryPoint]) {
    let tx = fixture.store.begin().await.unwrap();
    for point in points {
        tx.insert_point(point).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn listed(fixture: &Fixture, of: Option<&SubjectRef>, before: Option<&str>, limit: u64) -> Vec<String> {
    let before = before.map(|cursor| cursor.parse().unwrap());
    let wanted = Wanted {
        before,
        ..Wanted::newest(limit)
    };
    let points = fixture.store.points(of, &wanted).await.unwrap();
    points.into_iter().map(|point| point.point.to_string()).collect()
}

async fn a_point_comes_back_with_its_manifest(fixture: &Fixture) {
    publish(fixture, &[point("p1", 10)]).await;
    let id = PointId::new("p1");
    assert_eq!(fixture.store.point(&id).await.unwrap(), Some(point("p1", 10)));
    let tx = fixture.store.begin().await.unwrap();
    tx.set_copy_verified(&id, &TargetId::first(), Timestamp(99))
        .await
        .unwrap();
    tx.set_copy_damaged(&id, &TargetId::first(), &damage()).await.unwrap();
    let mut expected = point("p1", 10);
    expected.copies[0].verified_at = Timestamp(99);
    expected.copies[0].damaged = Some(damage().into());
    assert_eq!(tx.point(&id).await.unwrap(), Some(expected));
}

/// What a list says of a point is the sum of its copies.
async fn a_point_is_damaged_when_all_its_copies_are(fixture: &Fixture) {
    let (id, second) = (PointId::new("p1"), TargetId::new("dc2"));
    let mut two = point("p1", 10);
    two.copies.push(PointCopy {
        target: second.clone(),
        snapshot: "5e0f".into(),
        verified_at: Timestamp(5),
        ..two.copies[0].clone()
    });
    publish(fixture, &[two.clone()]).await;
    assert_eq!(fixture.store.point(&id).await.unwrap(), Some(two));
    let said = async || fixture.store.points(None, &Wanted::newest(1)).await.unwrap().remove(0);
    let gone = |slot| Damage::Disk {
        slot,
        name: "system".into(),
        found: DamageFound::Differs,
    };
    let damage = async |target: &TargetId, slot: u32| {
        let tx = fixture.store.begin().await.unwrap();
        tx.set_copy_damaged(&id, target, &gone(slot)).await.unwrap();
        tx.commit().await.unwrap();
    };
    damage(&TargetId::first(), 0).await;
    assert_eq!((said().await.damaged, said().await.verified_at), (None, Timestamp(5)));
    let known = fixture.store.point(&id).await.unwrap().unwrap();
    assert_eq!(known.whole_copy(&TargetId::first()).unwrap().target, second);
    damage(&second, 1).await;
    assert_eq!(said().await.damaged, Some(gone(0).into()));
    let tx = fixture.store.begin().await.unwrap();
    tx.set_copy_verified(&id, &second, Timestamp(50)).await.unwrap();
    let nowhere = tx.set_copy_verified(&id, &TargetId::new("dc3"), Timestamp(60)).await;
    assert!(matches!(nowhere, Err(StoreError::Missing { .. })), "{nowhere:?}");
    tx.commit().await.unwrap();
    assert_eq!((said().await.damaged, said().await.verified_at), (None, Timestamp(50)));
}

async fn points_are_listed_newest_first(fixture: &Fixture) {
    let mut foreign = point("p4", 40);
    foreign.manifest.subject.object = Object::Vm(VmId::new("another"));
    publish(fixture, &[point("p1", 30), point("p2", 10), point("p3", 20), foreign]).await;
    assert_eq!(listed(fixture, None, None, 3).await, ["p4", "p1", "p3"]);
    assert_eq!(listed(fixture, None, Some("20-p3"), 3).await, ["p2"]);
    assert_eq!(
        listed(fixture, Some(&subject().at()), None, 9).await,
        ["p1", "p3", "p2"]
    );
    let elsewhere = SubjectRef::vm(&ManagerId::new("m2"), &vm_id());
    assert_eq!(listed(fixture, Some(&elsewhere), None, 9).await, [""; 0]);
}

async fn a_list_goes_on_where_a_part_has_ended(fixture: &Fixture) {
    publish(
        fixture,
        &[point("p1", 20), point("p2", 20), point("p3", 20), point("p4", 10)],
    )
    .await;
    assert_eq!(listed(fixture, None, None, 2).await, ["p3", "p2"]);
    publish(fixture, &[point("p5", 20), point("p6", 30)]).await;
    assert_eq!(
        listed(fixture, None, Some("20-p2"), 9).await,
        ["p1", "p4"],
        "what came since shifts nothing"
    );
    assert_eq!(
        listed(fixture, None, Some("20-gone"), 9).await,
        ["p4"],
        "the row itself need not be there"
    );
    assert_eq!(listed(fixture, None, Some("10-p4"), 9).await, [""; 0]);
}

async fn a_list_says_what_the_manifest_says(fixture: &Fixture) {
    let whole = point("p1", 10);
    publish(fixture, std::slice::from_ref(&whole)).await;
    assert_eq!(
        fixture.store.points(None, &Wanted::newest(9)).await.unwrap(),
        [whole.summary()]
    );
}

async fn only_undamaged_points_count(fixture: &Fixture) {
    publish(fixture, &[point("p1", 30), point("p2", 10), point("p3", 20)]).await;
    let tx = fixture.store.begin().await.unwrap();
    tx.set_copy_damaged(&PointId::new("p1"), &TargetId::first(), &damage())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let counts = fixture.store.point_counts(&manager_id()).await.unwrap();
    let expected = PointCount {
        points: 2,
        oldest: Timestamp(10),
        newest: Timestamp(20),
    };
    assert_eq!(counts, [(subject().object, expected)].into());
    let newest = fixture.store.newest_point(&subject().at()).await.unwrap();
    assert_eq!(newest, Some(point("p3", 20)));
    assert!(
        fixture
            .store
            .point_counts(&ManagerId::new("m2"))
            .await
            .unwrap()
            .is_empty()
    );
}

async fn a_damaged_point_that_matches_again_is_good(fixture: &Fixture) {
    publish(fixture, &[point("p1", 10)]).await;
    let id = PointId::new("p1");
    let tx = fixture.store.begin().await.unwrap();
    tx.set_copy_damaged(&id, &TargetId::first(), &damage()).await.unwrap();
    tx.set_copy_verified(&id, &TargetId::first(), Timestamp(99))
        .await
        .unwrap();
    let known = tx.point(&id).await.unwrap().unwrap();
    assert_eq!((known.verified_at(), known.damage()), (Timestamp(99), None));
}

async fn a_point_is_published_once(fixture: &Fixture) {
    publish(fixture, &[point("p1", 30)]).await;
    let tx = fixture.store.begin().await.unwrap();
    let refused = tx.insert_point(&point("p1", 31)).await.unwrap_err();
    assert!(matches!(refused, StoreError::Conflict(_)));
}
