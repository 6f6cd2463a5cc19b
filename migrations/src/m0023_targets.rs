//! Any number of backup targets, and the copies of a recovery point in them. The one of before becomes the first. What a
//! recovery point says of its own state stays with it for lists, as the sum of its copies.

use crate::{drop_tables, index, key, refers, table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, text, text_null, text_uniq};
use sea_orm_migration::sea_orm::ConnectionTrait;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// What plans mean that name no backup target.
const FIRST: &str = "first";
const POINT: &str = "recovery_point";
/// Columns that are called the same before and afterwards.
const KEPT: [&str; 6] = [
    "recorded_at",
    "pruned_at",
    "lease_owner",
    "lease_until",
    "key_name",
    "key_content",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(targets()).await?;
        manager.create_table(copies()).await?;
        manager
            .create_index(index("point_copy_by_target", "point_copy", ["target"]))
            .await?;
        take_over_target(manager).await?;
        let rows = Query::select()
            .column("id")
            .expr(Expr::val(FIRST))
            .columns(["snapshot", "stored_bytes", "verified_at", "damaged"])
            .from(POINT)
            .take();
        let columns = ["point", "target", "snapshot", "stored_bytes", "verified_at", "damaged"];
        copy_rows(manager, "point_copy", columns, rows).await?;
        let alter = Table::alter().table(POINT).drop_column("snapshot").take();
        manager.alter_table(alter).await?;
        drop_tables(manager, ["backup_target"]).await
    }

    /// Only for a database that has no other backup target than the first.
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(one_target()).await?;
        let db = manager.get_connection();
        let select = Query::select().column("location").from("target").take();
        if let Some(row) = db.query_one(&select).await? {
            let location: serde_json::Value = serde_json::from_str(&row.try_get::<String>("", "location")?)
                .map_err(|error| DbErr::Migration(error.to_string()))?;
            let folder = location["folder"].as_str().unwrap_or_default().to_owned();
            let kept = Query::select()
                .exprs([Expr::val(1), Expr::val(folder)])
                .column("repository")
                .columns(KEPT)
                .from("target")
                .take();
            let columns = ["id", "folder", "target"].into_iter().chain(KEPT);
            copy_rows(manager, "backup_target", columns, kept).await?;
        }
        let snapshot = ColumnDef::new("snapshot").text().not_null().default("").take();
        let alter = Table::alter().table(POINT).add_column(snapshot).take();
        manager.alter_table(alter).await?;
        let of_point = "(SELECT snapshot FROM point_copy WHERE point_copy.point = recovery_point.id)";
        let update = Query::update()
            .table(POINT)
            .value("snapshot", Expr::cust(of_point))
            .take();
        db.execute(&update).await?;
        drop_tables(manager, ["point_copy", "target"]).await
    }
}

/// The table of before.
fn one_target() -> TableCreateStatement {
    table("backup_target")
        .col(big_integer("id").primary_key())
        .col(text("target"))
        .col(text("folder"))
        .col(big_integer("recorded_at"))
        .col(big_integer("pruned_at"))
        .col(text_null("lease_owner"))
        .col(big_integer_null("lease_until"))
        .col(text_null("key_name"))
        .col(text_null("key_content"))
        .check(("one_backup_target", Expr::col("id").eq(1)))
        .take()
}

/// Fills a table with what another has.
async fn copy_rows(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: impl IntoIterator<Item = &'static str>,
    rows: SelectStatement,
) -> Result<(), DbErr> {
    let insert = Query::insert()
        .into_table(table)
        .columns(columns)
        .select_from(rows)
        .map_err(|error| DbErr::Migration(error.to_string()))?
        .take();
    manager.get_connection().execute(&insert).await.map(drop)
}

fn targets() -> TableCreateStatement {
    table("target")
        .col(text("id").primary_key())
        .col(text("location"))
        .col(text_uniq("repository"))
        // Sealed; without one the configuration knows it.
        .col(text_null("password"))
        .col(text_null("access_key"))
        .col(text_null("key_name"))
        .col(text_null("key_content"))
        .col(big_integer("recorded_at"))
        .col(big_integer("pruned_at"))
        .col(text_null("lease_owner"))
        .col(big_integer_null("lease_until"))
        .take()
}

fn copies() -> TableCreateStatement {
    table("point_copy")
        .col(text("point"))
        // Refers to no row: a database may know its points before it has seen its target.
        .col(text("target"))
        .col(text("snapshot"))
        .col(big_integer("stored_bytes"))
        .col(big_integer("verified_at"))
        .col(text_null("damaged"))
        .primary_key(&mut key(["point", "target"]))
        .foreign_key(&mut refers("point", POINT))
        .take()
}

/// The location is JSON from now on.
async fn take_over_target(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let select = Query::select().column("folder").from("backup_target").take();
    let Some(row) = db.query_one(&select).await? else {
        return Ok(());
    };
    let folder: String = row.try_get("", "folder")?;
    let location = serde_json::json!({ "kind": "folder", "folder": folder }).to_string();
    let mut kept = Query::select();
    kept.exprs([FIRST, location.as_str()].map(Expr::val))
        .column("target")
        .columns(KEPT)
        .from("backup_target");
    let columns = ["id", "location", "repository"].into_iter().chain(KEPT);
    copy_rows(manager, "target", columns, kept).await
}
