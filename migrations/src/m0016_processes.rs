//! Any number of processes on one database: who lives, who has a place where only a few may be, and what all of them
//! have to hear of.

use crate::{drop_tables, index, table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, big_pk_auto, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(process()).await?;
        // A run has no lease of its own any more. The name of a process of the past is one of nobody: its runs are free.
        let run = || Table::alter().table("run").take();
        manager
            .alter_table(run().rename_column("lease_owner", "process").take())
            .await?;
        manager.alter_table(run().drop_column("lease_until").take()).await?;
        manager
            .create_index(index("run_of_process", "run", ["process"]))
            .await?;
        manager.create_table(resource_ticket()).await?;
        // A slot is had by one; those who wait have none.
        manager
            .create_index(
                index("ticket_slot", "resource_ticket", ["resource", "slot"])
                    .unique()
                    .take(),
            )
            .await?;
        manager.create_table(login_failure()).await?;
        manager
            .create_index(index("login_failure_of_source", "login_failure", ["source"]))
            .await?;
        manager.create_table(news()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, ["news", "login_failure", "resource_ticket", "process"]).await?;
        manager
            .drop_index(Index::drop().name("run_of_process").table("run").to_owned())
            .await?;
        let run = || Table::alter().table("run").take();
        manager
            .alter_table(run().add_column(big_integer_null("lease_until")).take())
            .await?;
        manager
            .alter_table(run().rename_column("process", "lease_owner").take())
            .await
    }
}

fn process() -> TableCreateStatement {
    table("process")
        .col(text("id").primary_key())
        .col(text("host"))
        .col(big_integer("started_at"))
        .col(big_integer("lease_secs"))
        .col(big_integer("lease_until"))
        .take()
}

/// Numbered in the order of arrival.
fn resource_ticket() -> TableCreateStatement {
    table("resource_ticket")
        .col(big_pk_auto("seq"))
        .col(text("id").unique_key())
        .col(text("resource"))
        .col(big_integer_null("slot"))
        .col(text("process"))
        .col(text("run"))
        .take()
}

fn login_failure() -> TableCreateStatement {
    table("login_failure")
        .col(big_pk_auto("id"))
        .col(text("source"))
        .col(text("name"))
        .col(big_integer("at"))
        .take()
}

fn news() -> TableCreateStatement {
    table("news")
        .col(big_pk_auto("seq"))
        .col(big_integer("at"))
        .col(text("process"))
        .col(text("payload"))
        .take()
}
