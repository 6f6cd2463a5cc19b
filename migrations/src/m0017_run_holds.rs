//! What runs touch, and which of that each has in hand. Instead of one run per machine any number may be queued, and only
//! one holds a subject.

use crate::{drop_tables, index, key, refers, table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::text;
use sea_orm_migration::sea_orm::ConnectionTrait;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const ONE_PER_SUBJECT: &str = "run_one_per_vm";
/// States in which a run had its machine to itself under the old rule, without those that wait for a worker.
const UNDER_WAY: [&str; 4] = ["running", "waiting", "rolling_back", "needs_operator"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let hold = table("run_hold")
            .col(text("run"))
            .col(text("manager"))
            .col(text("subject"))
            .col(text("hold"))
            .primary_key(&mut key(["run", "manager", "subject"]))
            .foreign_key(&mut refers("run", "run"))
            .take();
        manager.create_table(hold).await?;
        manager.get_connection().execute(&of_known_runs()).await?;
        let mut one_holder = index("run_hold_one_holder", "run_hold", ["manager", "subject"]);
        let one_holder = one_holder.unique().and_where(Expr::col("hold").eq("held")).take();
        manager.create_index(one_holder).await?;
        let of_subject = index("run_hold_of_subject", "run_hold", ["manager", "subject", "hold"]);
        manager.create_index(of_subject).await?;
        let one_per_subject = Index::drop().name(ONE_PER_SUBJECT).table("run").to_owned();
        manager.drop_index(one_per_subject).await
    }

    /// Only for a database in which no two runs for one subject are under way or queued.
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let not_over = UNDER_WAY.into_iter().chain(["queued"]);
        let mut one_per_subject = index(ONE_PER_SUBJECT, "run", ["manager", "subject"]);
        let one_per_subject = one_per_subject
            .unique()
            .and_where(Expr::col("state").is_in(not_over))
            .take();
        manager.create_index(one_per_subject).await?;
        drop_tables(manager, ["run_hold"]).await
    }
}

/// Every run that is known touches its own subject.
fn of_known_runs() -> InsertStatement {
    let hold = CaseStatement::new()
        .case(Expr::col("state").is_in(UNDER_WAY), "held")
        .case(Expr::col("state").eq("queued"), "wanted")
        .finally("past");
    let runs = Query::select()
        .columns(["id", "manager", "subject"])
        .expr(hold)
        .from("run")
        .take();
    let mut insert = Query::insert();
    insert
        .into_table("run_hold")
        .columns(["run", "manager", "subject", "hold"]);
    // The number of columns is the same on both sides, which is all that can be wrong here.
    let _same_number = insert.select_from(runs);
    insert
}
