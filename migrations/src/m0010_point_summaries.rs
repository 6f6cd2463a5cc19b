//! What lists say of recovery points stands in columns, so that no manifest is read for them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, text};
use sea_orm_migration::sea_orm::ConnectionTrait;
use serde_json::Value;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "recovery_point";
const NEW_COLUMNS: [&str; 4] = ["consistency", "disks", "size_bytes", "stored_bytes"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let [consistency, numbers @ ..] = NEW_COLUMNS;
        let mut columns = vec![text(consistency).default("crash_consistent").take()];
        columns.extend(numbers.map(|number| big_integer(number).default(0).take()));
        for column in columns {
            let alter = Table::alter().table(TABLE).add_column(column).take();
            manager.alter_table(alter).await?;
        }
        fill(manager.get_connection()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in NEW_COLUMNS {
            let alter = Table::alter().table(TABLE).drop_column(column).take();
            manager.alter_table(alter).await?;
        }
        Ok(())
    }
}

/// Reads the columns off the manifests that are there already, one at a time, since all together may be large. A point
/// whose manifest cannot be read keeps the defaults; its own page says what is wrong with it.
async fn fill(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let all = Query::select().column("id").from(TABLE).take();
    for row in db.query_all(&all).await? {
        let id: String = row.try_get("", "id")?;
        let of_point = Query::select()
            .column("manifest")
            .from(TABLE)
            .and_where(Expr::col("id").eq(&id))
            .take();
        let Some(row) = db.query_one(&of_point).await? else {
            continue;
        };
        let manifest: String = row.try_get("", "manifest")?;
        if let Ok(manifest) = serde_json::from_str(&manifest) {
            db.execute(&summary(&id, &manifest)).await?;
        }
    }
    Ok(())
}

fn summary(id: &str, manifest: &Value) -> UpdateStatement {
    let disks = manifest["disks"].as_array().map(Vec::as_slice).unwrap_or_default();
    let sum = |of: &str| disks.iter().filter_map(|disk| disk[of].as_i64()).sum::<i64>();
    let count: i64 = disks.iter().map(|_| 1).sum();
    let mut update = Query::update().table(TABLE).and_where(Expr::col("id").eq(id)).take();
    update.values([
        ("disks", count.into()),
        ("size_bytes", sum("size_bytes").into()),
        ("stored_bytes", sum("stored_bytes").into()),
    ]);
    if let Some(consistency) = manifest["consistency"].as_str() {
        update.value("consistency", consistency);
    }
    update
}
