//! A request asks for a plan or for a change, and a run may have a window in which it is to begin.
//!
//! What only a plan has may be empty from now on. SQLite cannot alter that: there the table is made anew. The votes and the
//! runs that refer to it stay, and are compared with it again when its rows are back.

use crate::{index, key, refers, table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, integer, text, text_null};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, TransactionTrait};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const REQUEST: &str = "restore_request";
/// Its rows meanwhile.
const ASIDE: &str = "restore_request_before";
/// The ends of a window.
const WINDOW: [&str; 2] = ["not_before", "not_after"];
/// What a change does not have, or need not have.
const OF_PLANS: [&str; 5] = ["manager", "subject", "subject_name", "point", "plan_hash"];
/// The columns that there were.
const KEPT: &str = "id, state, manager, subject, subject_name, team, point, plan_hash, requested_by, requested_by_name, \
                    requested_at, reason, ticket, approvals_needed, expires_at, run";
const INDEXES: [(&str, &[&str]); 5] = [
    ("restore_request_by_state", &["state", "expires_at"]),
    ("restore_request_of_subject", &["manager", "subject"]),
    ("restore_request_by_age", &["requested_at", "id"]),
    ("restore_request_of_plan", &["plan_hash"]),
    ("restore_request_in_state", &["state", "requested_at", "id"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rename_seen(manager, "plan_hash", "seen").await?;
        match manager.get_database_backend() {
            DbBackend::Postgres => {
                for column in OF_PLANS {
                    run(
                        manager,
                        &format!("ALTER TABLE {REQUEST} ALTER COLUMN {column} DROP NOT NULL"),
                    )
                    .await?;
                }
                let changed = Table::alter().table(REQUEST).add_column(text_null("change")).take();
                manager.alter_table(changed).await?;
                add_window(manager, REQUEST).await?;
                run(
                    manager,
                    &format!("ALTER TABLE {REQUEST} ADD CONSTRAINT asks_for_one_thing CHECK ({ONE_THING})"),
                )
                .await?;
            }
            _ => made_anew(manager, with_changes()).await?,
        }
        add_window(manager, "run").await?;
        let mut windows = index("run_by_window", "run", ["state", "not_before"]);
        manager
            .create_index(windows.and_where(Expr::col("not_before").is_not_null()).take())
            .await
    }

    /// Only for a database in which nothing but plans was asked for.
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, "UPDATE run_hold SET hold = 'wanted' WHERE hold = 'later'").await?;
        let windows = Index::drop().name("run_by_window").table("run").to_owned();
        manager.drop_index(windows).await?;
        drop_columns(manager, "run", &WINDOW).await?;
        match manager.get_database_backend() {
            DbBackend::Postgres => {
                run(
                    manager,
                    &format!("ALTER TABLE {REQUEST} DROP CONSTRAINT asks_for_one_thing"),
                )
                .await?;
                drop_columns(manager, REQUEST, &["change", "not_before", "not_after"]).await?;
                for column in OF_PLANS {
                    run(
                        manager,
                        &format!("ALTER TABLE {REQUEST} ALTER COLUMN {column} SET NOT NULL"),
                    )
                    .await?;
                }
            }
            _ => made_anew(manager, of_plans_only()).await?,
        }
        rename_seen(manager, "seen", "plan_hash").await
    }
}

/// A plan of a recovery point of an object, or a change.
const ONE_THING: &str = "(plan_hash IS NULL) <> (change IS NULL) AND (plan_hash IS NULL OR (point IS NOT NULL AND \
                         manager IS NOT NULL AND subject IS NOT NULL AND subject_name IS NOT NULL))";

/// Makes the table anew, with the same rows and indexes.
async fn made_anew(manager: &SchemaManager<'_>, table: TableCreateStatement) -> Result<(), DbErr> {
    // The rows that refer to the table are compared at the end of the transaction only, and are right again by then.
    let tx = manager.get_connection().begin().await?;
    let inner = SchemaManager::new(&tx);
    run(&inner, "PRAGMA defer_foreign_keys = ON").await?;
    run(&inner, &format!("CREATE TABLE {ASIDE} AS SELECT {KEPT} FROM {REQUEST}")).await?;
    run(&inner, &format!("DROP TABLE {REQUEST}")).await?;
    inner.create_table(table).await?;
    for (name, columns) in INDEXES {
        let all = columns.iter();
        let named = all.fold(index(name, REQUEST, []), |mut index, column| index.col(*column).take());
        inner.create_index(named).await?;
    }
    run(
        &inner,
        &format!("INSERT INTO {REQUEST} ({KEPT}) SELECT {KEPT} FROM {ASIDE}"),
    )
    .await?;
    run(&inner, &format!("DROP TABLE {ASIDE}")).await?;
    run(&inner, "PRAGMA defer_foreign_keys = OFF").await?;
    tx.commit().await
}

fn with_changes() -> TableCreateStatement {
    request(text_null)
        .col(text_null("change"))
        .col(big_integer_null("not_before"))
        .col(big_integer_null("not_after"))
        .check(("asks_for_one_thing", Expr::cust(ONE_THING)))
        .take()
}

fn of_plans_only() -> TableCreateStatement {
    request(text)
}

/// `of_plan` makes a column of what only a plan has.
fn request(of_plan: fn(&'static str) -> ColumnDef) -> TableCreateStatement {
    table(REQUEST)
        .col(text("id").primary_key())
        .col(text("state"))
        .col(of_plan("manager"))
        .col(of_plan("subject"))
        .col(of_plan("subject_name"))
        .col(text_null("team"))
        .col(of_plan("point"))
        .col(of_plan("plan_hash"))
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

async fn add_window(manager: &SchemaManager<'_>, table: &'static str) -> Result<(), DbErr> {
    for end in WINDOW {
        let alter = Table::alter().table(table).add_column(big_integer_null(end)).take();
        manager.alter_table(alter).await?;
    }
    Ok(())
}

async fn drop_columns(manager: &SchemaManager<'_>, table: &'static str, columns: &[&'static str]) -> Result<(), DbErr> {
    for column in columns {
        let alter = Table::alter().table(table).drop_column(*column).take();
        manager.alter_table(alter).await?;
    }
    Ok(())
}

async fn rename_seen(manager: &SchemaManager<'_>, from: &'static str, to: &'static str) -> Result<(), DbErr> {
    let alter = Table::alter().table("vote").rename_column(from, to).take();
    manager.alter_table(alter).await
}

async fn run(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    manager.get_connection().execute_unprepared(sql).await.map(drop)
}
