//! The schema: connecting twice, going back, and what a database must be.

use crate::harness::{Fixture, on_both};
use domain::ids::{PointId, TargetId, UserId};
use domain::plan::{Action, Bindings, Place, SealedPlan, Step, StepTitle};
use domain::run::{Outcome, Phase, RunKind, RunState};
use domain::time::Timestamp;
use migrations::{Migrator, MigratorTrait};
use ovm::ids::ServerId;
use sha2::{Digest, Sha256};
use std::os::unix::fs::PermissionsExt;
use store::{NewRun, ServerAccessRow, Store, StoreError, Wanted};

on_both!(
    connecting_again_changes_nothing,
    all_servers_may_start_at_once,
    every_migration_can_be_taken_back,
    points_of_an_older_schema_are_listed,
    plans_and_manifests_are_packed_and_unpacked_byte_for_byte,
    rows_of_an_older_schema_are_found_and_counted,
    rows_of_an_older_schema_are_about_machines,
    servers_of_an_older_schema_allow_no_old_algorithms,
    requests_of_an_older_schema_keep_their_votes_and_their_runs,
);

async fn connecting_again_changes_nothing(fixture: &Fixture) {
    crate::samples::people_and_manager(&fixture.store).await;
    let again = Store::connect(&fixture.url).await.unwrap();
    assert_eq!(again.users().await.unwrap().len(), 2);
}

async fn all_servers_may_start_at_once(fixture: &Fixture) {
    Migrator::reset(&fixture.raw().await).await.unwrap();
    let (here, there) = tokio::join!(Store::connect(&fixture.url), Store::connect(&fixture.url));
    assert!(here.unwrap().users().await.unwrap().is_empty());
    assert!(there.unwrap().users().await.unwrap().is_empty());
}

async fn every_migration_can_be_taken_back(fixture: &Fixture) {
    let raw = fixture.raw().await;
    Migrator::down(&raw, None).await.unwrap();
    let tables = if fixture.is_postgres().await {
        "SELECT COUNT(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname <> 'seaql_migrations'"
    } else {
        "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name <> 'seaql_migrations' AND name NOT LIKE 'sqlite_%'"
    };
    assert_eq!(fixture.number(tables).await, 0);
    Migrator::up(&raw, None).await.unwrap();
    assert_ne!(fixture.number(tables).await, 0);
}

async fn points_of_an_older_schema_are_listed(fixture: &Fixture) {
    crate::samples::people_and_manager(&fixture.store).await;
    let tx = fixture.store.begin().await.unwrap();
    // That schema knew only manifests of the first format.
    let early = |id: &str, taken_at| {
        let mut point = crate::samples::point(id, taken_at);
        point.manifest.format = 1;
        point.manifest.subject.name.clone_from(&crate::samples::vm().name);
        point
    };
    let point = early("p1", 10);
    tx.insert_point(&point).await.unwrap();
    tx.insert_point(&early("p2", 5)).await.unwrap();
    tx.commit().await.unwrap();
    let raw = fixture.raw().await;
    Migrator::down(&raw, Some(steps_since("m0010_point_summaries")))
        .await
        .unwrap();
    let broken = "UPDATE recovery_point SET manifest = '{' WHERE id = 'p2'";
    fixture.sql(broken).await.unwrap();
    Migrator::up(&raw, None).await.unwrap();
    let listed = fixture.store.points(None, &Wanted::newest(9)).await.unwrap();
    assert_eq!(listed.len(), 2, "one that cannot be read stops nothing");
    assert_eq!(listed[0], point.summary());
}

/// What was hashed, or lies in a backup target, must come back as it was.
async fn plans_and_manifests_are_packed_and_unpacked_byte_for_byte(fixture: &Fixture) {
    use crate::samples::{one_queued_run, plan, point, vm};
    let store = &fixture.store;
    one_queued_run(store).await;
    let mut early = point("p1", 10);
    early.manifest.format = 1;
    early.manifest.subject.name.clone_from(&vm().name);
    // Nothing that the others have: the next ones are packed against this one.
    let mut other = point("p3", 30);
    other.manifest.manager_name = (0..200_u8)
        .map(|number| hex::encode(Sha256::digest([number])))
        .collect();
    let points = [early, point("p2", 20), other, point("p4", 40)];
    let tx = store.begin().await.unwrap();
    for point in &points {
        tx.insert_point(point).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert!(
        fixture
            .number("SELECT COUNT(*) FROM text_base WHERE kind = 'manifest'")
            .await
            > 1
    );
    let raw = fixture.raw().await;
    Migrator::down(&raw, Some(steps_since("m0021_packed_texts")))
        .await
        .unwrap();
    for point in &points {
        let (id, json) = (&point.manifest.point, serde_json::to_string(&point.manifest).unwrap());
        let same = format!("SELECT COUNT(*) FROM recovery_point WHERE id = '{id}' AND manifest = '{json}'");
        assert_eq!(fixture.number(&same).await, 1, "{id}");
    }
    let same = format!(
        "SELECT COUNT(*) FROM plan WHERE canonical = '{}'",
        plan("r1").canonical()
    );
    assert_eq!(fixture.number(&same).await, 1);
    Migrator::up(&raw, None).await.unwrap();
    for point in points {
        assert_eq!(store.point(&point.manifest.point).await.unwrap(), Some(point));
    }
    let known = store.plan(plan("r1").hash()).await.unwrap();
    assert_eq!(known.unwrap().sealed, plan("r1"));
}

/// What lists need is made for the rows that are there.
async fn rows_of_an_older_schema_are_found_and_counted(fixture: &Fixture) {
    use crate::samples::{OLGA, damage, new_run, people_and_manager, plan, point, request, subject, vm_id};
    let store = &fixture.store;
    people_and_manager(store).await;
    let mut with_person = plan("r1").plan().clone();
    let reads = Action::ReadDefinition {
        vm: vm_id(),
        vm_cfg: None,
    };
    with_person.steps = [("work", Place::Manager), ("ask", Place::Person)]
        .map(|(id, place)| Step::new(id, StepTitle::ReadDefinition, place, reads.clone()))
        .to_vec();
    let sealed = SealedPlan::seal(with_person).unwrap();
    let run = NewRun {
        plan_hash: sealed.hash().clone(),
        ..new_run("r1", vm_id(), 10)
    };
    let tx = store.begin().await.unwrap();
    tx.insert_plan(&sealed, &UserId::new(OLGA), Timestamp(1)).await.unwrap();
    tx.insert_run(&run).await.unwrap();
    for (step, millis) in [("work", 70), ("ask", 5000)] {
        let seq = tx
            .begin_entry(&run.id, 0, step, Phase::Forward, Timestamp(100))
            .await
            .unwrap();
        let (outcome, learned, to) = (Outcome::Done, Bindings::default(), Timestamp(100 + millis));
        tx.finish_entry(&run.id, 0, seq, outcome, "", &[], None, &learned, to)
            .await
            .unwrap();
    }
    tx.set_run_state(&run.id, 0, RunState::Succeeded, &[], None, None)
        .await
        .unwrap();
    tx.insert_point(&point("p1", 10)).await.unwrap();
    tx.insert_point(&point("p2", 20)).await.unwrap();
    tx.set_copy_damaged(&PointId::new("p2"), &TargetId::first(), &damage())
        .await
        .unwrap();
    tx.insert_request(&request("q1", sealed.hash(), 10)).await.unwrap();
    tx.commit().await.unwrap();
    let counts = store.point_counts(&subject().manager).await.unwrap();
    let raw = fixture.raw().await;
    Migrator::down(&raw, Some(steps_since("m0020_lists"))).await.unwrap();
    Migrator::up(&raw, None).await.unwrap();
    let text = |text| Wanted {
        text: Some(text),
        ..Wanted::newest(9)
    };
    assert_eq!(store.points(None, &text("GOLD")).await.unwrap().len(), 2);
    assert_eq!(store.points(None, &text("silver")).await.unwrap().len(), 0);
    assert_eq!(store.runs(None, &text("db-prod")).await.unwrap().len(), 1);
    assert_eq!(store.requests(None, None, &text("inc-4711")).await.unwrap().len(), 1);
    assert_eq!(store.point_counts(&subject().manager).await.unwrap(), counts);
    assert_eq!(store.worked(&subject().at(), RunKind::Backup, 9).await.unwrap(), [70]);
    let topics = fixture.number("SELECT COUNT(*) FROM topic").await;
    let tx = store.begin().await.unwrap();
    tx.insert_point(&point("p3", 30)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        fixture.number("SELECT COUNT(*) FROM topic").await,
        topics,
        "new rows share the topics of old ones"
    );
}

/// How many migrations there are from this one on.
fn steps_since(name: &str) -> u32 {
    let all = Migrator::migrations();
    let since = all.iter().position(|migration| migration.name() == name).unwrap();
    u32::try_from(all.len() - since).unwrap()
}

/// The words of the objects are made of the ids of machines, and back.
async fn rows_of_an_older_schema_are_about_machines(fixture: &Fixture) {
    use crate::samples::{one_queued_run, point, policy, subject};
    let store = &fixture.store;
    let run = one_queued_run(store).await;
    let gold = policy("gold", "Gold");
    let tx = store.begin().await.unwrap();
    tx.insert_point(&point("p1", 10)).await.unwrap();
    tx.put_policy(&gold).await.unwrap();
    tx.set_protection(&subject().at(), Some(&gold.id)).await.unwrap();
    tx.commit().await.unwrap();
    let raw = fixture.raw().await;
    Migrator::down(&raw, Some(steps_since("m0015_subjects"))).await.unwrap();
    let id = subject().object.id().unwrap().to_owned();
    for table in ["run", "recovery_point", "protection"] {
        let of_machine = format!("SELECT COUNT(*) FROM {table} WHERE vm = '{id}'");
        assert_eq!(fixture.number(&of_machine).await, 1, "{table}");
    }
    Migrator::up(&raw, None).await.unwrap();
    assert_eq!(store.run(&run).await.unwrap().unwrap().summary.subject, subject());
    assert_eq!(
        store.points_of(&subject().at(), 9).await.unwrap(),
        [point("p1", 10).summary()]
    );
    assert_eq!(store.protections().await.unwrap(), [(subject().at(), gold.id)]);
}

async fn servers_of_an_older_schema_allow_no_old_algorithms(fixture: &Fixture) {
    crate::samples::people_and_manager(&fixture.store).await;
    let access = ServerAccessRow {
        manager: crate::samples::manager_id(),
        server: ServerId::new("00:e0:81"),
        name: "ovs1".into(),
        host: "ovs1.example".into(),
        port: 22,
        user: "root".into(),
        sealed_password: "00".into(),
        fingerprint: "SHA256:one".into(),
        changed_fingerprint: None,
        legacy_algorithms: true,
    };
    let tx = fixture.store.begin().await.unwrap();
    tx.put_server_access(&access).await.unwrap();
    tx.commit().await.unwrap();
    let raw = fixture.raw().await;
    let steps = steps_since("m0012_server_algorithms");
    Migrator::down(&raw, Some(steps)).await.unwrap();
    Migrator::up(&raw, None).await.unwrap();
    let expected = ServerAccessRow {
        legacy_algorithms: false,
        ..access.clone()
    };
    let seen = fixture.store.server_accesses(&access.manager).await.unwrap();
    assert_eq!(seen, [expected]);
}

/// SQLite makes their table anew; all that refers to it must hold as before.
async fn requests_of_an_older_schema_keep_their_votes_and_their_runs(fixture: &Fixture) {
    use crate::samples::{ANNA, OLGA, new_run, one_queued_run, plan, point, queue, request, vm_id, vote};
    use domain::ids::{RequestId, UserId};
    use domain::request::{RequestState, Vote};
    let store = &fixture.store;
    one_queued_run(store).await;
    let hash = plan("r1").hash().clone();
    let tx = store.begin().await.unwrap();
    tx.insert_point(&point("p1", 10)).await.unwrap();
    let of_r2 = store::NewRun {
        request: Some(RequestId::new("q1")),
        ..new_run("r2", vm_id(), 20)
    };
    for id in ["q1", "q2"] {
        tx.insert_request(&request(id, &hash, 10)).await.unwrap();
    }
    queue(&tx, &of_r2).await;
    let (q1, olga) = (RequestId::new("q1"), UserId::new(OLGA));
    tx.insert_vote(&q1, &olga, &vote(ANNA, Vote::Approve, &hash))
        .await
        .unwrap();
    tx.set_request_state(&q1, RequestState::Approved, Some(&of_r2.id))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let before = store.requests(None, None, &Wanted::newest(9)).await.unwrap();
    let raw = fixture.raw().await;
    Migrator::down(&raw, Some(steps_since("m0019_requests"))).await.unwrap();
    let voted = "SELECT COUNT(*) FROM vote JOIN restore_request ON request = id WHERE plan_hash IS NOT NULL";
    if !fixture.is_postgres().await {
        assert_eq!(fixture.number("SELECT COUNT(*) FROM pragma_foreign_key_check").await, 0);
    }
    assert_eq!(fixture.number(&voted.replace("plan_hash", "vote.plan_hash")).await, 1);
    Migrator::up(&raw, None).await.unwrap();
    assert_eq!(store.requests(None, None, &Wanted::newest(9)).await.unwrap(), before);
    assert_eq!(store.run(&of_r2.id).await.unwrap().unwrap().request, Some(q1));
    if !fixture.is_postgres().await {
        assert_eq!(fixture.number("SELECT COUNT(*) FROM pragma_foreign_key_check").await, 0);
        let indexes = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'index' AND tbl_name = 'restore_request' AND sql IS NOT NULL";
        assert_eq!(fixture.number(indexes).await, 6);
    }
    assert!(
        fixture
            .sql("DELETE FROM restore_request WHERE id = 'q1'")
            .await
            .is_err(),
        "its vote refers to it"
    );
    assert_eq!(
        fixture
            .sql("DELETE FROM restore_request WHERE id = 'q2'")
            .await
            .unwrap(),
        1
    );
}

#[tokio::test]
async fn a_sqlite_file_is_for_its_owner_only_and_outlives_a_crash() {
    let fixture = Fixture::sqlite().await;
    crate::samples::people_and_manager(&fixture.store).await;
    for file in std::fs::read_dir(fixture.folder().unwrap()).unwrap() {
        let file = file.unwrap();
        assert_eq!(
            file.metadata().unwrap().permissions().mode() & 0o077,
            0,
            "{:?}",
            file.file_name()
        );
    }
    assert_eq!(
        fixture
            .number("SELECT COUNT(*) FROM pragma_journal_mode WHERE journal_mode = 'wal'")
            .await,
        1
    );
}

#[tokio::test]
async fn only_files_and_postgresql_are_databases() {
    for url in [
        "",
        "mysql://host/name",
        "sqlite::memory:",
        "sqlite://x?mode=memory",
        "/var/lib/holdfast.db",
    ] {
        assert!(matches!(Store::connect(url).await, Err(StoreError::BadUrl)), "{url}");
    }
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/missing/holdfast.db", folder.path().display());
    let refused = Store::connect(&url).await.unwrap_err().to_string();
    assert!(refused.contains("missing/holdfast.db cannot be created"), "{refused}");
}
