//! Plans, kept as the very bytes that were hashed.

use crate::{drop_tables, refers, table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let plan = table("plan")
            .col(text("hash").primary_key())
            .col(text("canonical"))
            .col(text("planned_by"))
            .col(big_integer("planned_at"))
            .foreign_key(&mut refers("planned_by", "account"))
            .take();
        manager.create_table(plan).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, ["plan"]).await
    }
}
