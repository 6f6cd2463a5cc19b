//! Values in the place of sentences: what runs, journals, leftovers, damaged points, Managers and the trail say is JSON
//! from here on. A sentence of an earlier release becomes the JSON string of itself and is shown as it was written. Rows of
//! the trail are never changed, so what new ones say has a column of its own.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::text_null;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Titles under which runs were kept, and their words from here on.
const KINDS: [(&str, &str); 2] = [("Backup", "backup"), ("Restore in place", "restore_in_place")];
/// Columns with one sentence.
const SENTENCES: [(&str, &str); 3] = [
    ("leftover", "what"),
    ("recovery_point", "damaged"),
    ("manager", "problem"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let rename = Table::alter()
            .table("leftover")
            .rename_column("sentence", "what")
            .take();
        manager.alter_table(rename).await?;
        for (table, column) in [("journal", "notes"), ("audit", "payload")] {
            let add = Table::alter().table(table).add_column(text_null(column)).take();
            manager.alter_table(add).await?;
        }
        for (title, word) in KINDS {
            set(
                manager,
                &format!("UPDATE run SET kind = '{word}' WHERE kind = '{title}'"),
            )
            .await?;
        }
        let (string, array) = match manager.get_database_backend() {
            DbBackend::Postgres => ("to_json", "json_build_array"),
            _ => ("json_quote", "json_array"),
        };
        let messages = format!(
            "UPDATE run SET message = CAST({array}(message) AS TEXT) WHERE {}",
            is_sentence("message")
        );
        set(manager, &messages).await?;
        for (table, column) in SENTENCES {
            let quoted = format!("CAST({string}({column}) AS TEXT)");
            let update = format!("UPDATE {table} SET {column} = {quoted} WHERE {}", is_sentence(column));
            set(manager, &update).await?;
        }
        Ok(())
    }

    /// What was stored as values stays JSON, which an earlier release shows as it is.
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (title, word) in KINDS {
            set(
                manager,
                &format!("UPDATE run SET kind = '{title}' WHERE kind = '{word}'"),
            )
            .await?;
        }
        for (table, column) in [("audit", "payload"), ("journal", "notes")] {
            let drop = Table::alter().table(table).drop_column(column).take();
            manager.alter_table(drop).await?;
        }
        let rename = Table::alter()
            .table("leftover")
            .rename_column("what", "sentence")
            .take();
        manager.alter_table(rename).await
    }
}

/// What was JSON before the way down stays JSON; no sentence begins like that.
fn is_sentence(column: &str) -> String {
    let json = ["[", "{", "\""].map(|sign| format!("{column} NOT LIKE '{sign}%'"));
    format!("{column} IS NOT NULL AND {}", json.join(" AND "))
}

async fn set(manager: &SchemaManager<'_>, update: &str) -> Result<(), DbErr> {
    manager.get_connection().execute_unprepared(update).await?;
    Ok(())
}
