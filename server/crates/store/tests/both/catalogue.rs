//! Recovery points.

use crate::harness::{Fixture, on_both};
use crate::samples::{damage, manager_id, point, subject, vm_id};
use domain::ids::{ManagerId, PointId};
use domain::point::RecoveryPoint;
use domain::subject::{Object, SubjectRef};
use domain::time::Timestamp;
use ovm::ids::VmId;
use store::{PointCount, StoreError, Wanted};

on_both!(
    a_point_comes_back_with_its_manifest,
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
    tx.set_point_verified(&id, Timestamp(99)).await.unwrap();
    tx.set_point_damaged(&id, &damage()).await.unwrap();
    let expected = RecoveryPoint {
        verified_at: Timestamp(99),
        damaged: Some(damage().into()),
        ..point("p1", 10)
    };
    assert_eq!(tx.point(&id).await.unwrap(), Some(expected));
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
    tx.set_point_damaged(&PointId::new("p1"), &damage()).await.unwrap();
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
    tx.set_point_damaged(&id, &damage()).await.unwrap();
    tx.set_point_verified(&id, Timestamp(99)).await.unwrap();
    let known = tx.point(&id).await.unwrap().unwrap();
    assert_eq!((known.verified_at, known.damaged), (Timestamp(99), None));
}

async fn a_point_is_published_once(fixture: &Fixture) {
    publish(fixture, &[point("p1", 30)]).await;
    let tx = fixture.store.begin().await.unwrap();
    let refused = tx.insert_point(&point("p1", 31)).await.unwrap_err();
    assert!(matches!(refused, StoreError::Conflict { .. }));
}
