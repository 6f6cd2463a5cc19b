//! Protection policies and the machines under them.

use crate::{drop_tables, key, refers, table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{text, text_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let policy = table("policy")
            .col(text("id").primary_key())
            .col(text_null("team"))
            .col(text("name").unique_key())
            .col(text("rules"))
            .foreign_key(&mut refers("team", "team"))
            .take();
        let protection = table("protection")
            .col(text("manager"))
            .col(text("vm"))
            .col(text("policy"))
            .primary_key(&mut key(["manager", "vm"]))
            .foreign_key(&mut refers("manager", "manager"))
            .foreign_key(&mut refers("policy", "policy"))
            .take();
        manager.create_table(policy).await?;
        manager.create_table(protection).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, ["protection", "policy"]).await
    }
}
