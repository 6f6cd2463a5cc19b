//! Job runs, their journals, and what they left in the estate.

use crate::{drop_tables, index, key, refers, table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, big_pk_auto, boolean, text, text_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(run()).await?;
        manager.create_table(journal()).await?;
        manager.create_table(leftover()).await?;
        // One run at a time for each machine: whatever is not over holds the machine.
        let not_over = ["queued", "running", "waiting", "rolling_back", "needs_operator"];
        let mut one_per_vm = index("run_one_per_vm", "run", ["manager", "vm"]);
        manager
            .create_index(one_per_vm.unique().and_where(Expr::col("state").is_in(not_over)).take())
            .await?;
        manager
            .create_index(index("run_by_state", "run", ["state", "queued_at"]))
            .await?;
        manager
            .create_index(index("run_of_vm", "run", ["manager", "vm", "queued_at"]))
            .await?;
        manager
            .create_index(index("leftover_of_run", "leftover", ["run"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, ["leftover", "journal", "run"]).await
    }
}

fn run() -> TableCreateStatement {
    table("run")
        .col(text("id").primary_key())
        .col(text("plan_hash"))
        .col(text("kind"))
        .col(text("state"))
        .col(text("manager"))
        .col(text("vm"))
        .col(text("vm_name"))
        .col(text("started_by"))
        .col(big_integer("queued_at"))
        .col(big_integer_null("ended_at"))
        .col(text_null("message"))
        .col(text_null("lease_owner"))
        .col(big_integer_null("lease_until"))
        .col(big_integer("fence"))
        .col(boolean("cancel_requested"))
        .col(text_null("decision"))
        .col(big_integer_null("decide_before"))
        .col(text_null("request"))
        .col(text_null("point"))
        .foreign_key(ForeignKey::create().from_col("plan_hash").to_tbl("plan").to_col("hash"))
        .foreign_key(&mut refers("request", "restore_request"))
        .take()
}

fn journal() -> TableCreateStatement {
    table("journal")
        .col(text("run"))
        .col(big_integer("seq"))
        .col(text("step"))
        .col(text("phase"))
        .col(big_integer("started_at"))
        .col(big_integer_null("ended_at"))
        .col(text_null("outcome"))
        .col(text("observed"))
        .col(big_integer_null("bytes"))
        .col(text("learned"))
        .primary_key(&mut key(["run", "seq"]))
        .foreign_key(&mut refers("run", "run"))
        .take()
}

fn leftover() -> TableCreateStatement {
    table("leftover")
        .col(big_pk_auto("id"))
        .col(text("run"))
        .col(text("sentence"))
        .col(text("undo"))
        .col(big_integer("since"))
        .col(big_integer_null("removed_at"))
        .foreign_key(&mut refers("run", "run"))
        .take()
}
