//! A copy of the key file without which no password opens the backup target. And indexes from which lists go on where a
//! part has ended, and from which the points of machines are counted, without a look at the other rows.

use crate::index;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::text_null;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TARGET: &str = "backup_target";
/// Name of the key file, and what it holds: it is encrypted with the password, which does not lie in the database.
const KEY_FILE: [&str; 2] = ["key_name", "key_content"];

/// Name, table and columns of those that there were; lists are sorted by the id, too, where rows are as old as each other.
const LISTS: [(&str, &str, &[&str]); 5] = [
    ("recovery_point_by_age", "recovery_point", &["taken_at"]),
    ("recovery_point_of_vm", "recovery_point", &["manager", "vm", "taken_at"]),
    ("run_by_age", "run", &["queued_at"]),
    ("run_by_state", "run", &["state", "queued_at"]),
    ("restore_request_by_age", "restore_request", &["requested_at"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in KEY_FILE {
            let alter = Table::alter().table(TARGET).add_column(text_null(column)).take();
            manager.alter_table(alter).await?;
        }
        for (name, table, columns) in LISTS {
            manager.drop_index(gone(name, table)).await?;
            let longer = columns.iter().chain(&["id"]);
            manager.create_index(with(name, table, longer)).await?;
        }
        let in_state = ["state", "requested_at", "id"];
        manager
            .create_index(index("restore_request_in_state", "restore_request", in_state))
            .await?;
        // SQLite reads an index alone only where all that is asked for lies in it, even what is empty in each of its rows.
        let counted = ["manager", "vm", "taken_at", "id", "damaged"];
        let mut undamaged = index("recovery_point_undamaged", "recovery_point", counted);
        undamaged.and_where(Expr::col("damaged").is_null());
        manager.create_index(undamaged).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_index(gone("recovery_point_undamaged", "recovery_point"))
            .await?;
        manager
            .drop_index(gone("restore_request_in_state", "restore_request"))
            .await?;
        for (name, table, columns) in LISTS {
            manager.drop_index(gone(name, table)).await?;
            manager.create_index(with(name, table, columns)).await?;
        }
        for column in KEY_FILE {
            let alter = Table::alter().table(TARGET).drop_column(column).take();
            manager.alter_table(alter).await?;
        }
        Ok(())
    }
}

fn gone(name: &'static str, table: &'static str) -> IndexDropStatement {
    Index::drop().name(name).table(table).to_owned()
}

fn with<'a>(
    name: &'static str,
    table: &'static str,
    columns: impl IntoIterator<Item = &'a &'static str>,
) -> IndexCreateStatement {
    let columns = columns.into_iter();
    columns.fold(index(name, table, []), |mut index, column| index.col(*column).take())
}
