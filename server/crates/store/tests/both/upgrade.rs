//! What an upgrade finds: an older database, which is copied aside, and a newer one, which is refused.

use crate::harness::{Fixture, on_both};
use migrations::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, Database};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use store::{Store, StoreError};

on_both!(a_database_from_the_future_is_refused_and_left_alone);

/// Takes the newest migration back, as the release before had it.
async fn made_older(fixture: &Fixture) -> String {
    Migrator::down(&fixture.raw().await, Some(1)).await.unwrap();
    let newest = Migrator::migrations().pop().unwrap();
    newest.name().split_once('_').unwrap().0.to_owned()
}

async fn made_newer(fixture: &Fixture) {
    let migration = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_future', 1)";
    fixture.sql(migration).await.unwrap();
}

/// The files beside the database whose names go on so.
fn beside(fixture: &Fixture, start: &str) -> Vec<String> {
    let entries = std::fs::read_dir(fixture.folder().unwrap()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name.starts_with(start)).collect();
    names.sort();
    names
}

fn in_folder(fixture: &Fixture, name: &str) -> PathBuf {
    fixture.folder().unwrap().join(name)
}

/// How many accounts and migrations there are in a file.
async fn counted(file: &Path) -> (i64, i64) {
    let db = Database::connect(format!("sqlite://{}", file.display())).await.unwrap();
    let count = |table: &str| format!("(SELECT COUNT(*) FROM {table})");
    let both = format!("SELECT {}, {}", count("account"), count("seaql_migrations"));
    let both = sea_orm::Statement::from_string(db.get_database_backend(), both);
    let row = db.query_one_raw(both).await.unwrap().unwrap();
    (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap())
}

async fn a_database_from_the_future_is_refused_and_left_alone(fixture: &Fixture) {
    made_newer(fixture).await;
    let refused = Store::connect(&fixture.url).await.unwrap_err();
    assert!(matches!(&refused, StoreError::Newer { copy: None, .. }), "{refused:?}");
    let says = refused.to_string();
    for part in [
        "written by a newer Holdfast",
        "m9999_future",
        "Nothing was changed",
        "Start the newer program",
    ] {
        assert!(says.contains(part), "{says}");
    }
    let future = "SELECT COUNT(*) FROM seaql_migrations WHERE version = 'm9999_future'";
    assert_eq!(fixture.number(future).await, 1);
}

#[tokio::test]
async fn a_file_is_copied_aside_before_its_schema_is_changed() {
    let fixture = Fixture::sqlite().await;
    crate::samples::people_and_manager(&fixture.store).await;
    Store::connect(&fixture.url).await.unwrap();
    assert_eq!(beside(&fixture, "holdfast.db.").len(), 0, "there was nothing to change");

    let number = made_older(&fixture).await;
    let store = Store::connect(&fixture.url).await.unwrap();
    assert_eq!(store.users().await.unwrap().len(), 2);
    let name = format!("holdfast.db.before-{number}");
    assert_eq!(beside(&fixture, "holdfast.db."), std::slice::from_ref(&name));
    let copy = in_folder(&fixture, &name);
    let all = i64::try_from(Migrator::migrations().len()).unwrap();
    assert_eq!(counted(&copy).await, (2, all - 1));
    let mode = std::fs::metadata(&copy).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "it holds what the database holds");
}

#[tokio::test]
async fn an_earlier_copy_is_never_overwritten() {
    let fixture = Fixture::sqlite().await;
    let number = made_older(&fixture).await;
    let name = format!("holdfast.db.before-{number}");
    std::fs::write(in_folder(&fixture, &name), "of an earlier upgrade").unwrap();
    // As a process has left it that was lost while it copied.
    std::fs::write(in_folder(&fixture, &format!("{name}-2.partial")), "half").unwrap();
    Store::connect(&fixture.url).await.unwrap();
    let second = format!("{name}-2");
    assert_eq!(beside(&fixture, "holdfast.db."), [name.clone(), second.clone()]);
    let earlier = std::fs::read_to_string(in_folder(&fixture, &name)).unwrap();
    assert_eq!(earlier, "of an earlier upgrade");
    assert_eq!(counted(&in_folder(&fixture, &second)).await.0, 0);
}

#[tokio::test]
async fn without_a_copy_nothing_is_changed() {
    let fixture = Fixture::sqlite().await;
    let number = made_older(&fixture).await;
    let copy = in_folder(&fixture, &format!("holdfast.db.before-{number}"));
    // Where the copy is to be written there is a folder.
    let in_the_way = copy.with_extension(format!("before-{number}.partial"));
    std::fs::create_dir(&in_the_way).unwrap();
    let refused = Store::connect(&fixture.url).await.unwrap_err();
    let says = refused.to_string();
    assert!(
        says.contains(copy.to_str().unwrap()) && says.contains("Nothing was changed"),
        "{says}"
    );
    let all = i64::try_from(Migrator::migrations().len()).unwrap();
    assert_eq!(counted(&in_folder(&fixture, "holdfast.db")).await.1, all - 1);
    std::fs::remove_dir(&in_the_way).unwrap();
    Store::connect(&fixture.url).await.unwrap();
}

#[tokio::test]
async fn a_migration_that_fails_leaves_the_database_without_a_heap_of_copies() {
    let fixture = Fixture::sqlite().await;
    let number = made_older(&fixture).await;
    // The newest migration finds its work done by somebody else.
    let undone = "DELETE FROM seaql_migrations WHERE version LIKE 'm0001%'";
    fixture.sql(undone).await.unwrap();
    for _ in 0..2 {
        let failed = Store::connect(&fixture.url).await.unwrap_err();
        assert!(matches!(failed, StoreError::Unavailable { .. }), "{number}: {failed:?}");
        assert_eq!(beside(&fixture, "holdfast.db.").len(), 0);
    }
}

#[tokio::test]
async fn who_goes_back_is_told_which_copy_to_put_in_place_and_it_works() {
    let mut fixture = Fixture::sqlite().await;
    crate::samples::people_and_manager(&fixture.store).await;
    made_older(&fixture).await;
    fixture.store = Store::connect(&fixture.url).await.unwrap();
    made_newer(&fixture).await;
    let refused = Store::connect(&fixture.url).await.unwrap_err();
    let StoreError::Newer { copy: Some(copy), .. } = &refused else {
        panic!("{refused:?}");
    };
    let (file, says) = (in_folder(&fixture, "holdfast.db"), refused.to_string());
    let rename = format!("rename {} to {}.", copy.display(), file.display());
    assert!(says.contains(&rename) && says.contains("holdfast.db-wal"), "{says}");
    for companion in beside(&fixture, "holdfast.db-") {
        std::fs::remove_file(in_folder(&fixture, &companion)).unwrap();
    }
    std::fs::rename(copy, &file).unwrap();
    let back = Store::connect(&fixture.url).await.unwrap();
    assert_eq!(back.users().await.unwrap().len(), 2);
}
