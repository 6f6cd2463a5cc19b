//! Restore requests and the votes on them. That nobody decides on his own request is a rule of the tables too: a vote
//! repeats who asked, the foreign key makes sure that it repeats it rightly, and the check compares.

use crate::{drop_tables, index, key, refers, table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, integer, text, text_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(restore_request()).await?;
        manager.create_table(vote()).await?;
        manager
            .create_index(index(
                "restore_request_by_state",
                "restore_request",
                ["state", "expires_at"],
            ))
            .await?;
        manager
            .create_index(index("restore_request_of_vm", "restore_request", ["manager", "vm"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, ["vote", "restore_request"]).await
    }
}

fn restore_request() -> TableCreateStatement {
    table("restore_request")
        .col(text("id").primary_key())
        .col(text("state"))
        .col(text("manager"))
        .col(text("vm"))
        .col(text("vm_name"))
        .col(text_null("team"))
        .col(text("point"))
        .col(text("plan_hash"))
        .col(text("requested_by"))
        .col(text("requested_by_name"))
        .col(big_integer("requested_at"))
        .col(text("reason"))
        .col(text_null("ticket"))
        .col(integer("approvals_needed"))
        .col(big_integer("expires_at"))
        .col(text_null("run"))
        .index(key(["id", "requested_by"]).unique())
        .foreign_key(&mut refers("team", "team"))
        .foreign_key(&mut refers("point", "recovery_point"))
        .foreign_key(ForeignKey::create().from_col("plan_hash").to_tbl("plan").to_col("hash"))
        .foreign_key(&mut refers("requested_by", "account"))
        .take()
}

fn vote() -> TableCreateStatement {
    let mut own_request = ForeignKey::create();
    own_request.from_col("request").from_col("requested_by");
    own_request
        .to_tbl("restore_request")
        .to_col("id")
        .to_col("requested_by");
    table("vote")
        .col(text("request"))
        .col(text("requested_by"))
        .col(text("voter"))
        .col(text("voter_name"))
        .col(text("vote"))
        .col(text("reason"))
        .col(big_integer("at"))
        .col(text("plan_hash"))
        .primary_key(&mut key(["request", "voter"]))
        .foreign_key(&mut own_request)
        .foreign_key(&mut refers("voter", "account"))
        .check((
            "nobody_votes_on_his_own_request",
            Expr::col("voter").ne(Expr::col("requested_by")),
        ))
        .take()
}
