//! The backup target that belongs to the database, and who keeps house in it.

use crate::{drop_tables, table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, text, text_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let target = table("backup_target")
            .col(big_integer("id").primary_key())
            .col(text("target"))
            .col(text("folder"))
            .col(big_integer("recorded_at"))
            .col(big_integer("pruned_at"))
            .col(text_null("lease_owner"))
            .col(big_integer_null("lease_until"))
            // Its row has this number, so that there is no place for a second one.
            .check(("one_backup_target", Expr::col("id").eq(1)))
            .take();
        manager.create_table(target).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, ["backup_target"]).await
    }
}
