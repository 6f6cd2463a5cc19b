//! Indexes for lists from new to old, and for the request of a plan.

use crate::index;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Name, table and column of each.
const INDEXES: [(&str, &str, &str); 3] = [
    ("run_by_age", "run", "queued_at"),
    ("restore_request_by_age", "restore_request", "requested_at"),
    ("restore_request_of_plan", "restore_request", "plan_hash"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, table, column) in INDEXES {
            manager.create_index(index(name, table, [column])).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, table, _) in INDEXES {
            manager
                .drop_index(Index::drop().name(name).table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}
