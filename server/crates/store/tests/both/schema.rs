//! The schema: connecting twice, going back, and what a data base must be.

use crate::harness::{Fixture, on_both};
use migrations::{Migrator, MigratorTrait};
use ovm::ids::ServerId;
use std::os::unix::fs::PermissionsExt;
use store::{ServerAccessRow, Store, StoreError, Wanted};

on_both!(
    connecting_again_changes_nothing,
    all_servers_may_start_at_once,
    every_migration_can_be_taken_back,
    points_of_an_older_schema_are_listed,
    rows_of_an_older_schema_are_about_machines,
    servers_of_an_older_schema_allow_no_old_algorithms,
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
async fn only_files_and_postgresql_are_data_bases() {
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
