//! What somebody of one team sees.

use crate::house::{BLUE, House, RED, at, manager, now, of_all, of_team, point, rules, team, vm};
use crate::roles::{furnish_further, plan_hash};
use domain::actor::{Actor, Role};
use domain::error::{ServiceError, Thing};
use domain::ids::{ManagerId, PointId, RequestId};
use domain::list::LIST_LIMIT;
use domain::request::Vote;
use domain::say::{Language, Say};
use domain::services::{Backend, PointFilter, RequestFilter};
use domain::time::Timestamp;
use ovm::estate::{Estate, Server};
use ovm::ids::ServerId;
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread")]
async fn the_estate_is_reduced_to_the_machines_of_the_team() {
    let house = House::furnished().await;
    let estates = &house.backend.estate;
    let blue = of_team(Role::Viewer, BLUE);
    let seen = estates.estate(&blue, &manager()).await.unwrap();
    let names: Vec<&str> = seen.estate.vms.iter().map(|vm| vm.name.as_str()).collect();
    assert_eq!(names, ["blue machine"]);
    assert_eq!(seen.estate.disks.len(), 1, "no disks of other machines");
    assert!(
        seen.estate.problems.is_empty(),
        "no names of machines that could not be read"
    );
    let again = estates
        .estate(&of_team(Role::Approver, BLUE), &manager())
        .await
        .unwrap();
    assert!(Arc::ptr_eq(&seen.estate, &again.estate), "it was reduced anew");
    let protection = estates.protection(&blue, &manager()).await.unwrap();
    assert_eq!(protection.keys().collect::<Vec<_>>(), [&vm(BLUE)]);
    assert_eq!(protection[&vm(BLUE)].team, Some(team(BLUE)));

    assert_eq!(estates.vm(&blue, &manager(), &vm(BLUE)).await.unwrap().vm.id, vm(BLUE));
    for hidden in [RED, "free"] {
        let unseen = estates.vm(&blue, &manager(), &vm(hidden)).await.map(|_| ());
        assert_eq!(unseen, Err(ServiceError::not_found(Thing::Vm, vm(hidden))));
    }
    let all = estates.estate(&of_all(Role::Viewer), &manager()).await.unwrap();
    assert_eq!((all.estate.vms.len(), all.estate.problems.len()), (4, 1));
    let again = estates.estate(&of_all(Role::Auditor), &manager()).await.unwrap();
    assert!(Arc::ptr_eq(&all.estate, &again.estate), "it was copied");
    assert_eq!(
        estates
            .protection(&of_all(Role::Viewer), &manager())
            .await
            .unwrap()
            .len(),
        4
    );
    let elsewhere = estates.estate(&blue, &ManagerId::new("m2")).await.map(|_| ());
    assert_eq!(elsewhere, Err(ServiceError::not_found(Thing::Manager, "m2")));
}

/// The ids of the recovery points in somebody's list.
async fn seen(house: &House, actor: Actor, filter: PointFilter) -> Vec<String> {
    let points = house.backend.catalogue.points(&actor, &filter).await.unwrap();
    points.rows.into_iter().map(|point| point.point.to_string()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn points_are_seen_and_found_within_the_team() {
    let house = House::furnished().await;
    house.insert(&point("blue-1", BLUE, "s1", "00")).await;
    house.insert(&point("red-1", RED, "s2", "00")).await;
    let catalogue = &house.backend.catalogue;
    let ids = |actor: Actor, filter: PointFilter| seen(&house, actor, filter);
    let text = |text: &str| PointFilter {
        text: Some(text.into()),
        ..PointFilter::default()
    };
    let of_vm = |name: &str| PointFilter {
        subject: Some(at(name)),
        ..PointFilter::default()
    };
    let blue = || of_team(Role::Viewer, BLUE);
    assert_eq!(ids(blue(), PointFilter::default()).await, ["blue-1"]);
    assert_eq!(ids(blue(), text("RED")).await, [""; 0]);
    assert_eq!(ids(blue(), of_vm(RED)).await, [""; 0]);
    assert_eq!(ids(of_all(Role::Viewer), PointFilter::default()).await.len(), 2);
    assert_eq!(ids(of_all(Role::Viewer), text("Red Mach")).await, ["red-1"]);
    assert_eq!(ids(of_all(Role::Viewer), text("gold")).await.len(), 2);
    assert_eq!(ids(of_all(Role::Viewer), of_vm(RED)).await, ["red-1"]);
    let unseen = catalogue.point(&blue(), &PointId::new("red-1")).await;
    assert_eq!(unseen, Err(ServiceError::not_found(Thing::RecoveryPoint, "red-1")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_changes_its_team_changes_its_viewers() {
    let house = House::furnished().await;
    let estates = &house.backend.estate;
    let (blue, red) = (of_team(Role::Viewer, BLUE), of_team(Role::Viewer, RED));
    let admin = of_all(Role::Administrator);
    estates.set_team(&admin, &at(BLUE), Some(team(RED))).await.unwrap();
    assert!(estates.vm(&blue, &manager(), &vm(BLUE)).await.is_err());
    assert!(estates.vm(&red, &manager(), &vm(BLUE)).await.is_ok());
    estates.set_team(&admin, &at(BLUE), None).await.unwrap();
    assert!(estates.vm(&red, &manager(), &vm(BLUE)).await.is_err());
    let missing = estates.set_team(&admin, &at("gone"), None).await;
    assert_eq!(missing, Err(ServiceError::not_found(Thing::Vm, vm("gone"))));
    assert_eq!(
        house.trail("vm.team_changed.v1").await[0]
            .event
            .detail
            .say(Language::En),
        "Was: blue. Is: red."
    );
}

/// Whoever decides on a request is of the team that the machine has now.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_goes_with_its_machine() {
    let house = House::furnished().await;
    furnish_further(&house).await;
    let Backend { estate, restores, .. } = &house.backend;
    let (blue, red) = (of_team(Role::Approver, BLUE), of_team(Role::Approver, RED));
    let id = RequestId::new("request");
    let is_listed = async |actor: &Actor| {
        let listed = restores.list(actor, &RequestFilter::default()).await.unwrap();
        listed.rows.iter().any(|request| request.waits_for(actor))
    };
    for (now, before, of) in [(&blue, &red, BLUE), (&red, &blue, RED)] {
        let admin = of_all(Role::Administrator);
        let moved = estate.set_team(&admin, &at("free"), Some(team(of))).await;
        moved.unwrap();
        assert!(is_listed(now).await && !is_listed(before).await);
        assert!(restores.get(now, &id).await.unwrap().may_approve.is_ok());
        let vote = restores
            .vote(before, &id, &(&plan_hash()).into(), Vote::Approve, "")
            .await;
        assert_eq!(vote, Err(ServiceError::not_found(Thing::Request, &id)));
        let requests = estate.vm(now, &manager(), &vm("free")).await.unwrap().requests;
        assert!(requests[0].waits_for(now));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_under_a_policy_of_its_team_stays_in_the_team() {
    let house = House::furnished().await;
    let Backend { estate, policies, .. } = &house.backend;
    let owner = of_all(Role::PolicyOwner);
    let blues = now(policies
        .save(&owner, None, Some(team(BLUE)), rules("Blue's"), "")
        .await
        .unwrap());
    policies.assign(&owner, &at(BLUE), Some(blues), "").await.unwrap();
    let admin = of_all(Role::Administrator);
    for elsewhere in [Some(team(RED)), None] {
        let moved = estate.set_team(&admin, &at(BLUE), elsewhere).await;
        assert!(
            moved
                .unwrap_err()
                .to_string()
                .contains("The policy Blue's belongs to another team")
        );
    }
    policies.assign(&owner, &at(BLUE), None, "").await.unwrap();
    estate.set_team(&admin, &at(BLUE), Some(team(RED))).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_the_estate_has_lost_keeps_its_team() {
    let house = House::furnished().await;
    let estates = &house.backend.estate;
    let view = estates.estate(&of_all(Role::Viewer), &manager()).await.unwrap();
    let mut rest = Estate::clone(&view.estate);
    rest.vms.retain(|known| known.id != vm(BLUE));
    let tx = house.store.begin().await.unwrap();
    tx.insert_revision(&manager(), Timestamp(2000), &rest).await.unwrap();
    tx.commit().await.unwrap();
    let (blue, red) = (of_team(Role::Viewer, BLUE), of_team(Role::Viewer, RED));
    assert_eq!(estates.team(&blue, &at(BLUE)).await, Ok(Some(team(BLUE))));
    let unseen = estates.team(&red, &at(BLUE)).await;
    assert_eq!(unseen, Err(ServiceError::not_found(Thing::Vm, vm(BLUE))));
}

/// Servers and repositories belong to everybody, what they say of machines does not.
#[tokio::test(flavor = "multi_thread")]
async fn shared_objects_do_not_tell_of_other_teams() {
    let house = House::furnished().await;
    let estates = &house.backend.estate;
    let view = estates.estate(&of_all(Role::Viewer), &manager()).await.unwrap();
    let mut estate = Estate::clone(&view.estate);
    let told = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    estate.servers.push(Server {
        id: ServerId::new("s1"),
        name: "ovs1".into(),
        status: "Running".into(),
        ip_address: None,
        pool: None,
        version: None,
        memory_mb: None,
        processors: None,
        other: vec![
            told("Vm 1", "vm-red  [red machine]"),
            told("Vm 2", "vm-blue  [blue machine]"),
            told("Vm 3", "vm-unreadable  [secret project]"),
            told("Virtual Disk 1", "red.img  [red data]"),
            told("Manufacturer", "HP"),
        ],
    });
    let tx = house.store.begin().await.unwrap();
    tx.insert_revision(&manager(), Timestamp(2000), &estate).await.unwrap();
    tx.commit().await.unwrap();
    let blue = of_team(Role::Viewer, BLUE);
    let seen = estates.estate(&blue, &manager()).await.unwrap();
    let other = &seen.estate.servers[0].other;
    assert_eq!(
        *other,
        [told("Vm 2", "vm-blue  [blue machine]"), told("Manufacturer", "HP")]
    );
    let revisions = estates.revisions(&blue, &manager()).await.unwrap();
    assert!(revisions.iter().all(|head| head.counts.is_empty()));
    let all = estates.revisions(&of_all(Role::Viewer), &manager()).await.unwrap();
    assert!(all.iter().all(|head| !head.counts.is_empty()));
}

/// A list goes back as far as it must: the newest rows may all be of machines that somebody does not see.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_team_may_see_is_found_behind_many_newer_rows_of_others() {
    let house = House::furnished().await;
    house.insert(&point("blue-1", BLUE, "s1", "00")).await;
    let tx = house.store.begin().await.unwrap();
    for number in 0..LIST_LIMIT {
        let mut red = point(&format!("red-{number}"), RED, "s2", "00");
        red.manifest.taken_at.0 += 1;
        tx.insert_point(&red).await.unwrap();
    }
    tx.commit().await.unwrap();
    let all = PointFilter::default;
    assert_eq!(seen(&house, of_team(Role::Viewer, BLUE), all()).await, ["blue-1"]);
    let catalogue = &house.backend.catalogue;
    let newest = catalogue.points(&of_all(Role::Viewer), &all()).await.unwrap();
    assert_eq!(newest.rows.len(), LIST_LIMIT);
    assert!(newest.rows.iter().all(|point| point.point.as_str() != "blue-1"));
    let before = newest.older;
    assert!(before.is_some(), "the list goes on");
    let rest = PointFilter { before, ..all() };
    assert_eq!(seen(&house, of_all(Role::Viewer), rest).await, ["blue-1"]);
}
