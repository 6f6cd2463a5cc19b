//! What people have answered to the questions of runs.

use crate::{drop_tables, key, refers, table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                table("answer")
                    .col(text("run"))
                    .col(text("step"))
                    .col(text("by_name"))
                    .col(text("observed"))
                    .col(big_integer("at"))
                    // The first answer to a question counts.
                    .primary_key(&mut key(["run", "step"]))
                    .foreign_key(&mut refers("run", "run"))
                    .take(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, ["answer"]).await
    }
}
