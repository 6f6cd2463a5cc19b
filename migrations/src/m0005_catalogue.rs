//! The catalogue of recovery points. It refers to nothing else: a point outlives its Manager's enrolment, and its
//! manifest says everything that is needed to use it.

use crate::{drop_tables, index, table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, text, text_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let point = table("recovery_point")
            .col(text("id").primary_key())
            .col(text("manager"))
            .col(text("vm"))
            .col(text("vm_name"))
            .col(text("run"))
            .col(text("policy_name"))
            .col(big_integer("taken_at"))
            .col(text("snapshot"))
            .col(big_integer("verified_at"))
            .col(text_null("damaged"))
            .col(text("manifest"))
            .take();
        manager.create_table(point).await?;
        manager
            .create_index(index("recovery_point_by_age", "recovery_point", ["taken_at"]))
            .await?;
        manager
            .create_index(index(
                "recovery_point_of_vm",
                "recovery_point",
                ["manager", "vm", "taken_at"],
            ))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, ["recovery_point"]).await
    }
}
