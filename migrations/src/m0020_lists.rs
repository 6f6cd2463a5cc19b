//! What lists need in order to answer from indexes, however many rows there are: the topics of their rows, by which they
//! are searched and limited to teams, how many usable recovery points each object has, and how long runs have worked.

use crate::{drop_tables, index, key, table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, big_pk_auto, text};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbErr, QueryResult};
use serde_json::Value;
use sha2::{Digest, Sha256};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Lists: their tables, the columns beside the object by whose words a row is found, and the one that they are ordered by.
const LISTS: [(&str, &[&str], &str); 3] = [
    ("recovery_point", &["policy_name"], "taken_at"),
    ("run", &["kind", "started_by"], "queued_at"),
    (
        "restore_request",
        &["requested_by_name", "reason", "ticket", "id", "plan_hash"],
        "requested_at",
    ),
];

/// Indexes that are replaced: name, table, the columns before and afterwards.
const WIDER: [(&str, &str, &[&str], &[&str]); 4] = [
    (
        "recovery_point_by_age",
        "recovery_point",
        &["taken_at", "id"],
        &["taken_at", "id", "topic"],
    ),
    ("run_by_age", "run", &["queued_at", "id"], &["queued_at", "id", "topic"]),
    (
        "run_by_state",
        "run",
        &["state", "queued_at", "id"],
        &["state", "queued_at", "id", "topic"],
    ),
    (
        "restore_request_by_age",
        "restore_request",
        &["requested_at", "id"],
        &["requested_at", "id", "topic"],
    ),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let topic = table("topic")
            .col(big_pk_auto("id"))
            .col(text("list"))
            .col(text("manager"))
            .col(text("subject"))
            .col(text("words"))
            .col(text("digest").unique_key())
            .take();
        manager.create_table(topic).await?;
        let of_subject = index("topic_of_subject", "topic", ["list", "manager", "subject"]);
        manager.create_index(of_subject).await?;
        for (list, texts, at) in LISTS {
            let topic = big_integer("topic").default(0).take();
            manager
                .alter_table(Table::alter().table(list).add_column(topic).take())
                .await?;
            give_topics(manager.get_connection(), list, texts).await?;
            manager
                .create_index(index(of_topic(list), list, ["topic", at, "id"]))
                .await?;
        }
        for (name, table, _, columns) in WIDER {
            replace(manager, name, table, columns).await?;
        }
        manager.create_index(index("run_of_plan", "run", ["plan_hash"])).await?;
        count_points(manager).await?;
        let worked = Table::alter()
            .table("run")
            .add_column(big_integer_null("worked_ms"))
            .take();
        manager.alter_table(worked).await?;
        give_times(manager.get_connection()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, table, columns, _) in WIDER {
            replace(manager, name, table, columns).await?;
        }
        drop_index(manager, "run_of_plan", "run").await?;
        for (list, ..) in LISTS {
            drop_index(manager, of_topic(list), list).await?;
            drop_column(manager, list, "topic").await?;
        }
        drop_column(manager, "run", "worked_ms").await?;
        drop_tables(manager, ["topic", "subject_points"]).await
    }
}

fn of_topic(list: &str) -> &'static str {
    match list {
        "recovery_point" => "recovery_point_of_topic",
        "run" => "run_of_topic",
        _ => "restore_request_of_topic",
    }
}

async fn drop_index(manager: &SchemaManager<'_>, name: &'static str, table: &'static str) -> Result<(), DbErr> {
    manager
        .drop_index(Index::drop().name(name).table(table).to_owned())
        .await
}

async fn drop_column(manager: &SchemaManager<'_>, table: &'static str, column: &'static str) -> Result<(), DbErr> {
    manager
        .alter_table(Table::alter().table(table).drop_column(column).take())
        .await
}

async fn replace(
    manager: &SchemaManager<'_>,
    name: &'static str,
    table: &'static str,
    columns: &'static [&'static str],
) -> Result<(), DbErr> {
    drop_index(manager, name, table).await?;
    let new = columns
        .iter()
        .fold(index(name, table, []), |mut index, column| index.col(*column).take());
    manager.create_index(new).await
}

/// Gives each row of a list its topic. Rows with the same texts share one.
async fn give_topics(
    db: &impl ConnectionTrait,
    list: &'static str,
    texts: &'static [&'static str],
) -> Result<(), DbErr> {
    let columns = ["manager", "subject", "subject_name"].iter().chain(texts);
    let mut different = Query::select();
    different.distinct().columns(columns.clone().copied()).from(list);
    for row in db.query_all(&different).await? {
        let values = columns
            .clone()
            .map(|column| row.try_get::<Option<String>>("", column))
            .collect::<Result<Vec<_>, _>>()?;
        let id = topic(db, list, &values).await?;
        let of_these = columns.clone().zip(values).map(|(column, value)| match value {
            Some(value) => Expr::col(*column).eq(value),
            None => Expr::col(*column).is_null(),
        });
        let mut update = Query::update();
        update.table(list).value("topic", id);
        of_these.for_each(|is| {
            update.and_where(is);
        });
        db.execute(&update).await?;
    }
    Ok(())
}

/// The topic with these texts, the first of them Manager and object: found, or made.
async fn topic(db: &impl ConnectionTrait, list: &str, texts: &[Option<String>]) -> Result<i64, DbErr> {
    let texts: Vec<&str> = texts.iter().map(|text| text.as_deref().unwrap_or_default()).collect();
    let [manager, subject, name, others @ ..] = texts.as_slice() else {
        return Err(DbErr::Custom("a list has no column for its objects".into()));
    };
    // `vm-<id>`: people know the id.
    let id = subject.split_once('-').map_or("", |(_, id)| id);
    let words = [*name, id].into_iter().chain(others.iter().copied());
    let words: Vec<String> = words.map(|text| text.trim().to_lowercase()).collect();
    let words = words.join("\n");
    let digest = hex::encode(Sha256::digest([list, *manager, *subject, words.as_str()].join("\n")));
    let known = Query::select()
        .column("id")
        .from("topic")
        .and_where(Expr::col("digest").eq(&digest))
        .take();
    if let Some(row) = db.query_one(&known).await? {
        return row.try_get("", "id");
    }
    let mut insert = Query::insert();
    insert
        .into_table("topic")
        .columns(["list", "manager", "subject", "words", "digest"]);
    insert.values_panic([list, *manager, *subject, words.as_str(), digest.as_str()].map(Expr::value));
    db.execute(&insert).await?;
    let new: Option<QueryResult> = db.query_one(&known).await?;
    new.ok_or_else(|| DbErr::RecordNotFound("topic".into()))?
        .try_get("", "id")
}

/// The usable recovery points of each object, counted.
async fn count_points(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let points = table("subject_points")
        .col(text("manager"))
        .col(text("subject"))
        .col(big_integer("points"))
        .col(big_integer("oldest"))
        .col(big_integer("newest"))
        .primary_key(&mut key(["manager", "subject"]))
        .take();
    manager.create_table(points).await?;
    let counted = Query::select()
        .columns(["manager", "subject"])
        .expr(Expr::col("id").count())
        .expr(Expr::col("taken_at").min())
        .expr(Expr::col("taken_at").max())
        .from("recovery_point")
        .and_where(Expr::col("damaged").is_null())
        .group_by_columns(["manager", "subject"])
        .take();
    let mut insert = Query::insert();
    insert
        .into_table("subject_points")
        .columns(["manager", "subject", "points", "oldest", "newest"]);
    // The number of columns is the same on both sides, which is all that can be wrong here.
    let _same_number = insert.select_from(counted);
    manager.get_connection().execute(&insert).await.map(drop)
}

/// Notes how long the runs that have succeeded worked: the time of their steps, without those in which a person decided.
async fn give_times(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let succeeded = Query::select()
        .columns(["id", "plan_hash"])
        .from("run")
        .and_where(Expr::col("state").eq("succeeded"))
        .take();
    for row in db.query_all(&succeeded).await? {
        let (run, plan): (String, String) = (row.try_get("", "id")?, row.try_get("", "plan_hash")?);
        let worked = worked(db, &run, &persons_steps(db, &plan).await?).await?;
        let update = Query::update()
            .table("run")
            .value("worked_ms", worked)
            .and_where(Expr::col("id").eq(run))
            .take();
        db.execute(&update).await?;
    }
    Ok(())
}

async fn worked(db: &impl ConnectionTrait, run: &str, without: &[String]) -> Result<i64, DbErr> {
    let entries = Query::select()
        .columns(["step", "started_at", "ended_at"])
        .from("journal")
        .and_where(Expr::col("run").eq(run))
        .and_where(Expr::col("phase").eq("forward"))
        .and_where(Expr::col("ended_at").is_not_null())
        .take();
    let mut sum = 0;
    for entry in db.query_all(&entries).await? {
        let step: String = entry.try_get("", "step")?;
        if !without.contains(&step) {
            let (from, to): (i64, i64) = (entry.try_get("", "started_at")?, entry.try_get("", "ended_at")?);
            sum += to - from;
        }
    }
    Ok(sum)
}

/// The steps of a plan that are for a person. A plan that cannot be read has none; its own page says what is wrong.
async fn persons_steps(db: &impl ConnectionTrait, plan: &str) -> Result<Vec<String>, DbErr> {
    let stored = Query::select()
        .column("canonical")
        .from("plan")
        .and_where(Expr::col("hash").eq(plan))
        .take();
    let Some(row) = db.query_one(&stored).await? else {
        return Ok(Vec::new());
    };
    let plan: String = row.try_get("", "canonical")?;
    let plan: Value = serde_json::from_str(&plan).unwrap_or_default();
    let steps = plan["steps"].as_array().map(Vec::as_slice).unwrap_or_default();
    let of_person = steps.iter().filter(|step| step["place"] == "person");
    Ok(of_person
        .filter_map(|step| step["id"].as_str().map(str::to_owned))
        .collect())
}
