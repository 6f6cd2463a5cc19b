//! Estates that did not change are stored once; rehearsals of rebuild scripts.

use crate::{drop_tables, index, refers, table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, big_pk_auto, text, text_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const NEW_COLUMNS: [&str; 3] = ["content_hash", "same_as", "counts"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // `same_as` is the number of the revision that holds the estate, when this one is equal to it.
        let columns = [
            text_null("content_hash"),
            big_integer_null("same_as"),
            text_null("counts"),
        ];
        for column in columns {
            let alter = Table::alter().table("estate_revision").add_column(column).take();
            manager.alter_table(alter).await?;
        }
        let rehearsal = table("rehearsal")
            .col(big_pk_auto("id"))
            .col(text("manager"))
            .col(text("scope"))
            .col(big_integer("revision"))
            .col(big_integer("taken_at"))
            .col(text("script_hash"))
            .col(text("outcome"))
            .foreign_key(&mut refers("manager", "manager"))
            .foreign_key(&mut refers("revision", "estate_revision"))
            .take();
        manager.create_table(rehearsal).await?;
        manager
            .create_index(index("rehearsal_of_scope", "rehearsal", ["manager", "scope", "id"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, ["rehearsal"]).await?;
        for column in NEW_COLUMNS {
            let alter = Table::alter().table("estate_revision").drop_column(column).take();
            manager.alter_table(alter).await?;
        }
        Ok(())
    }
}
