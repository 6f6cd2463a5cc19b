//! Enrolled Managers, how their servers are reached, the estates discovered, and which machine belongs to which team.

use crate::{drop_tables, index, key, refers, table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_pk_auto, boolean, integer, text, text_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let enrolled = table("manager")
            .col(text("id").primary_key())
            .col(text("name").unique_key())
            .col(text("host"))
            .col(integer("port"))
            .col(text("login"))
            .col(text("sealed_password"))
            .col(text("fingerprint"))
            .col(text_null("changed_fingerprint"))
            .col(boolean("legacy_algorithms"))
            .col(text_null("problem"))
            .take();
        let server_access = table("server_access")
            .col(text("manager"))
            .col(text("server"))
            .col(text("name"))
            .col(text("host"))
            .col(integer("port"))
            .col(text("login"))
            .col(text("sealed_password"))
            .col(text("fingerprint"))
            .col(text_null("changed_fingerprint"))
            .primary_key(&mut key(["manager", "server"]))
            .foreign_key(&mut refers("manager", "manager"))
            .take();
        let estate_revision = table("estate_revision")
            .col(big_pk_auto("id"))
            .col(text("manager"))
            .col(big_integer("taken_at"))
            .col(text("estate"))
            .foreign_key(&mut refers("manager", "manager"))
            .take();
        let vm_team = table("vm_team")
            .col(text("manager"))
            .col(text("vm"))
            .col(text("team"))
            .primary_key(&mut key(["manager", "vm"]))
            .foreign_key(&mut refers("manager", "manager"))
            .foreign_key(&mut refers("team", "team"))
            .take();
        for statement in [enrolled, server_access, estate_revision, vm_team] {
            manager.create_table(statement).await?;
        }
        manager
            .create_index(index(
                "estate_revision_of_manager",
                "estate_revision",
                ["manager", "id"],
            ))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, ["vm_team", "estate_revision", "server_access", "manager"]).await
    }
}
