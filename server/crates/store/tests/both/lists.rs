//! Searches and team limits of lists: the same rows on both databases, however they are found.

use crate::harness::{Fixture, on_both};
use crate::samples::{OLGA, manager_id, new_run, people_and_manager, plan, point, queue, request};
use domain::actor::Reach;
use domain::ids::{TeamId, UserId};
use domain::plan::PlanHash;
use domain::point::RecoveryPoint;
use domain::run::RunState;
use domain::services::Team;
use domain::subject::{Subject, SubjectRef};
use ovm::ids::VmId;
use store::{Store, Wanted};

on_both!(
    points_are_found_by_words_and_by_the_beginning_of_their_id,
    what_stands_for_anything_elsewhere_stands_for_itself,
    a_search_goes_on_where_a_part_has_ended,
    whoever_sees_some_teams_finds_what_is_theirs,
    many_objects_that_fit_are_read_in_the_order_of_the_list,
    runs_are_found_by_words_and_ids,
    requests_are_found_by_words_and_persons,
);

fn named(id: &str, taken_at: i64, vm: &str, name: &str) -> RecoveryPoint {
    let mut point = point(id, taken_at);
    point.manifest.subject = Subject::vm(&manager_id(), &VmId::new(vm), name);
    point
}

async fn publish(store: &Store, points: &[RecoveryPoint]) {
    let tx = store.begin().await.unwrap();
    for point in points {
        tx.insert_point(point).await.unwrap();
    }
    tx.commit().await.unwrap();
}

fn text(text: &str) -> Wanted<'_> {
    Wanted {
        text: Some(text),
        ..Wanted::newest(9)
    }
}

async fn found(store: &Store, wanted: &Wanted<'_>) -> Vec<String> {
    let points = store.points(None, wanted).await.unwrap();
    points.into_iter().map(|point| point.point.to_string()).collect()
}

async fn points_are_found_by_words_and_by_the_beginning_of_their_id(fixture: &Fixture) {
    let store = &fixture.store;
    let mut silver = named("3d8k", 30, "0004fbaa", "Ärzte-DB");
    silver.manifest.policy = "Silver".into();
    publish(
        store,
        &[
            named("7q2kaa", 10, "0004fbbb", "web01"),
            named("7q2kbb", 20, "0004fbbb", "web01"),
            silver,
        ],
    )
    .await;
    assert_eq!(found(store, &text("WEB")).await, ["7q2kbb", "7q2kaa"]);
    assert_eq!(found(store, &text("  silv ")).await, ["3d8k"]);
    assert_eq!(
        found(store, &text("ÄRZTE")).await,
        ["3d8k"],
        "not only of ASCII the case does not matter"
    );
    assert_eq!(found(store, &text("4FBA")).await, ["3d8k"]);
    assert_eq!(found(store, &text("7Q2K")).await, ["7q2kbb", "7q2kaa"]);
    assert_eq!(found(store, &text("7q2kb")).await, ["7q2kbb"]);
    assert_eq!(found(store, &text("q2kb")).await, [""; 0], "the id does not begin so");
    assert_eq!(found(store, &text("7q2")).await, [""; 0], "too short for an id");
    assert_eq!(found(store, &text("silverweb")).await, [""; 0]);
    assert_eq!(found(store, &text(" ")).await.len(), 3);
}

async fn what_stands_for_anything_elsewhere_stands_for_itself(fixture: &Fixture) {
    let store = &fixture.store;
    publish(
        store,
        &[named("p1", 10, "a", "100% of_it!"), named("p2", 20, "b", "1000 offits")],
    )
    .await;
    for wild in ["0%", "f_i", "it!"] {
        assert_eq!(found(store, &text(wild)).await, ["p1"], "{wild}");
    }
}

async fn a_search_goes_on_where_a_part_has_ended(fixture: &Fixture) {
    let store = &fixture.store;
    // Both by their words and by their ids: that makes them no more.
    let both = |id: &str, taken_at| named(id, taken_at, "x", &format!("machine {id}"));
    publish(
        store,
        &[
            both("abcd1", 20),
            both("abcd2", 20),
            both("abcd3", 20),
            both("abcd4", 10),
        ],
    )
    .await;
    let part = |before: Option<&str>| Wanted {
        text: Some("abcd"),
        before: before.map(|cursor| cursor.parse().unwrap()),
        ..Wanted::newest(2)
    };
    assert_eq!(found(store, &part(None)).await, ["abcd3", "abcd2"]);
    assert_eq!(found(store, &part(Some("20-abcd2"))).await, ["abcd1", "abcd4"]);
    assert_eq!(found(store, &part(Some("10-abcd4"))).await, [""; 0]);
}

async fn put_under_team(store: &Store, vm: &str, team: &TeamId) {
    let tx = store.begin().await.unwrap();
    let subject = SubjectRef::vm(&manager_id(), &VmId::new(vm));
    tx.set_subject_team(&subject, Some(team)).await.unwrap();
    tx.commit().await.unwrap();
}

async fn whoever_sees_some_teams_finds_what_is_theirs(fixture: &Fixture) {
    let store = &fixture.store;
    people_and_manager(store).await;
    let (blue, red) = (TeamId::new("blue"), TeamId::new("red"));
    let tx = store.begin().await.unwrap();
    for team in [&blue, &red] {
        let team = Team {
            id: team.clone(),
            name: team.to_string(),
        };
        tx.insert_team(&team).await.unwrap();
    }
    tx.commit().await.unwrap();
    put_under_team(store, "b", &blue).await;
    put_under_team(store, "r", &red).await;
    publish(
        store,
        &[
            named("pppp1", 10, "b", "web-b"),
            named("pppp2", 20, "r", "web-r"),
            named("pppp3", 30, "f", "web-f"),
        ],
    )
    .await;
    let seen = async |teams: &[&TeamId], text: Option<&str>| {
        let reach = Reach::Teams(teams.iter().copied().cloned().collect());
        let wanted = Wanted {
            reach: &reach,
            text,
            ..Wanted::newest(9)
        };
        found(store, &wanted).await
    };
    assert_eq!(seen(&[&blue], None).await, ["pppp1"]);
    assert_eq!(seen(&[&blue, &red], None).await, ["pppp2", "pppp1"]);
    assert_eq!(seen(&[], None).await, [""; 0]);
    for everything in ["web", "pppp"] {
        assert_eq!(seen(&[&red], Some(everything)).await, ["pppp2"], "{everything}");
    }
    assert_eq!(seen(&[&blue], Some("pppp2")).await, [""; 0]);
    put_under_team(store, "b", &red).await;
    assert_eq!(seen(&[&blue], None).await, [""; 0], "they go with their object");
}

async fn many_objects_that_fit_are_read_in_the_order_of_the_list(fixture: &Fixture) {
    let store = &fixture.store;
    let points: Vec<_> = (0..40)
        .map(|number| named(&format!("p{number:02}"), number, &format!("v{number}"), "crowd"))
        .collect();
    publish(store, &points).await;
    publish(store, &[named("lone", 100, "l", "lone")]).await;
    let newest: Vec<String> = (31..40).rev().map(|number| format!("p{number}")).collect();
    assert_eq!(found(store, &text("crowd")).await, newest);
}

async fn runs_are_found_by_words_and_ids(fixture: &Fixture) {
    let store = &fixture.store;
    people_and_manager(store).await;
    let tx = store.begin().await.unwrap();
    for (id, queued_at) in [("run1x", 10), ("run2y", 20)] {
        queue(&tx, &new_run(id, VmId::new(format!("vm-of-{id}")), queued_at)).await;
    }
    tx.commit().await.unwrap();
    let found = async |state, wanted: &str| {
        let runs = store.runs(state, &text(wanted)).await.unwrap();
        runs.into_iter().map(|run| run.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(found(None, "BACKUP").await, ["run2y", "run1x"]);
    assert_eq!(found(None, "olga").await, ["run2y", "run1x"]);
    assert_eq!(found(None, "of-run1").await, ["run1x"]);
    assert_eq!(found(None, "run2").await, ["run2y"]);
    let hash = plan("run1x").hash().to_string();
    assert_eq!(found(None, &hash).await, ["run1x"]);
    assert_eq!(found(None, &hash[..12]).await, ["run1x"]);
    assert_eq!(found(Some(RunState::Failed), "olga").await, [""; 0]);
    assert_eq!(found(Some(RunState::Queued), "run2").await, ["run2y"]);
}

async fn requests_are_found_by_words_and_persons(fixture: &Fixture) {
    let store = &fixture.store;
    people_and_manager(store).await;
    publish(store, &[point("p1", 10)]).await;
    let tx = store.begin().await.unwrap();
    let mut hashes: Vec<PlanHash> = Vec::new();
    for (id, at) in [("q1", 10), ("q2", 20)] {
        let sealed = plan(id);
        tx.insert_plan(&sealed, &UserId::new(OLGA), domain::time::Timestamp(1))
            .await
            .unwrap();
        let mut request = request(id, sealed.hash(), at);
        request.reason = format!("The disk of {id} is gone.");
        tx.insert_request(&request).await.unwrap();
        hashes.push(sealed.hash().clone());
    }
    tx.commit().await.unwrap();
    let found = async |by: Option<&str>, wanted: &str| {
        let by = by.map(UserId::new);
        let requests = store.requests(None, by.as_ref(), &text(wanted)).await.unwrap();
        requests
            .into_iter()
            .map(|request| request.id.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(found(None, "inc-4711").await, ["q2", "q1"]);
    assert_eq!(found(None, "DISK OF Q1").await, ["q1"]);
    assert_eq!(found(None, &hashes[1].as_str()[..12]).await, ["q2"]);
    assert_eq!(found(Some(OLGA), "").await, ["q2", "q1"]);
    assert_eq!(found(Some("u-anna"), "").await, [""; 0]);
}
