//! Rows are about any object of an estate, not only about virtual machines. What held the id of a machine holds the word
//! for an object from now on: `vm-<id>`.

use crate::index;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Tables with a column for the object, by the names that they have afterwards.
const OBJECTS: [&str; 5] = ["recovery_point", "restore_request", "run", "protection", "subject_team"];

/// Those of them that have its display name, too.
const NAMED: [&str; 3] = ["recovery_point", "restore_request", "run"];

/// Indexes by object: table, the names before and afterwards, and the columns behind the object.
const INDEXES: [(&str, &str, &str, &[&str]); 3] = [
    (
        "recovery_point",
        "recovery_point_of_vm",
        "recovery_point_of_subject",
        &["taken_at", "id"],
    ),
    (
        "restore_request",
        "restore_request_of_vm",
        "restore_request_of_subject",
        &[],
    ),
    ("run", "run_of_vm", "run_of_subject", &["queued_at"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rename_table(manager, "vm_team", "subject_team").await?;
        for table in OBJECTS {
            rename_column(manager, table, "vm", "subject").await?;
            let word = Expr::cust("'vm-' || subject");
            rewrite(manager, table, word).await?;
        }
        for table in NAMED {
            rename_column(manager, table, "vm_name", "subject_name").await?;
        }
        for (table, before, after, last) in INDEXES {
            drop_index(manager, table, before).await?;
            manager.create_index(by_object(after, table, last)).await?;
        }
        Ok(())
    }

    /// Only for a database that has no other objects than virtual machines.
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, before, after, last) in INDEXES {
            drop_index(manager, table, after).await?;
            manager.create_index(by_object(before, table, last)).await?;
        }
        for table in NAMED {
            rename_column(manager, table, "subject_name", "vm_name").await?;
        }
        for table in OBJECTS {
            let id = Expr::cust("substr(subject, 4)");
            rewrite(manager, table, id).await?;
            rename_column(manager, table, "subject", "vm").await?;
        }
        rename_table(manager, "subject_team", "vm_team").await
    }
}

async fn rename_table(manager: &SchemaManager<'_>, from: &'static str, to: &'static str) -> Result<(), DbErr> {
    manager.rename_table(Table::rename().table(from, to).take()).await
}

/// Indexes and primary keys follow by themselves.
async fn rename_column(
    manager: &SchemaManager<'_>,
    table: &'static str,
    from: &'static str,
    to: &'static str,
) -> Result<(), DbErr> {
    let alter = Table::alter().table(table).rename_column(from, to).take();
    manager.alter_table(alter).await
}

async fn drop_index(manager: &SchemaManager<'_>, table: &'static str, name: &'static str) -> Result<(), DbErr> {
    manager
        .drop_index(Index::drop().name(name).table(table).to_owned())
        .await
}

fn by_object(name: &'static str, table: &'static str, last: &'static [&'static str]) -> IndexCreateStatement {
    let by_object = index(name, table, ["manager", "subject"]);
    last.iter()
        .fold(by_object, |mut index, column| index.col(*column).take())
}

async fn rewrite(manager: &SchemaManager<'_>, table: &'static str, value: Expr) -> Result<(), DbErr> {
    let update = Query::update().table(table).value("subject", value).take();
    manager.get_connection().execute(&update).await.map(drop)
}
