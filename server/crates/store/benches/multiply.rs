//! Makes a large database of a small one, for `cargo xtask bench pages`: `multiply FILE POINTS RUNS`. Every recovery point
//! and every run becomes so many of the same object that there are about as many as asked for.

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, Statement};
use std::error::Error;

/// A column that is another in each copy of a row, and its value there.
type Change = (&'static str, String);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // `cargo bench` adds an option of its own.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|one| one != "--bench").collect();
    let [file, points, runs] = arguments.as_slice() else {
        return Err("multiply FILE POINTS RUNS".into());
    };
    let db = Database::connect(format!("sqlite://{file}?mode=rw")).await?;
    let factor = |wanted: i64, there: i64| wanted / there.max(1) - 1;
    let points = factor(
        points.parse()?,
        number(&db, "SELECT COUNT(*) FROM recovery_point").await?,
    );
    let runs = factor(runs.parse()?, number(&db, "SELECT COUNT(*) FROM run").await?);
    let id = |column| (column, format!("{column} || '-' || n.i"));
    let hourly = |column| (column, format!("{column} - n.i * 3600000"));
    let tables: [(&str, i64, Vec<Change>); 7] = [
        (
            "recovery_point",
            points,
            vec![id("id"), hourly("taken_at"), hourly("verified_at")],
        ),
        ("manifest", points, vec![id("point")]),
        ("point_copy", points, vec![id("point"), hourly("verified_at")]),
        ("plan", runs, vec![id("hash"), hourly("planned_at")]),
        (
            "run",
            runs,
            vec![id("id"), id("plan_hash"), hourly("queued_at"), hourly("ended_at")],
        ),
        ("run_hold", runs, vec![id("run")]),
        (
            "journal",
            runs,
            vec![id("run"), hourly("started_at"), hourly("ended_at")],
        ),
    ];
    // In one script, because a pool may give each statement a connection of its own.
    let mut script = vec!["PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; BEGIN".to_owned()];
    for (table, times, changes) in &tables {
        script.push(multiplied(&db, table, *times, changes).await?);
    }
    let counted = "INSERT OR REPLACE INTO subject_points SELECT manager, subject, COUNT(*), MIN(taken_at), MAX(taken_at) \
                   FROM recovery_point WHERE damaged IS NULL GROUP BY manager, subject; COMMIT";
    script.push(counted.to_owned());
    db.execute_unprepared(&script.join(";\n")).await?;
    db.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await?;
    Ok(())
}

async fn number(db: &DatabaseConnection, sql: &str) -> Result<i64, DbErr> {
    let row = db.query_one_raw(Statement::from_string(DbBackend::Sqlite, sql)).await?;
    row.map_or(Ok(0), |row| row.try_get_by_index(0))
}

/// The statement that inserts each row of a table so many times more.
async fn multiplied(db: &DatabaseConnection, table: &str, times: i64, changes: &[Change]) -> Result<String, DbErr> {
    let columns = format!("SELECT name FROM pragma_table_info('{table}')");
    let columns = db
        .query_all_raw(Statement::from_string(DbBackend::Sqlite, columns))
        .await?;
    let columns = columns.iter().map(|row| row.try_get("", "name"));
    let columns: Vec<String> = columns.collect::<Result<_, _>>()?;
    let value = |column: &String| {
        let changed = changes.iter().find(|(name, _)| name == column);
        changed.map_or_else(|| format!("\"{column}\""), |(_, value)| value.clone())
    };
    let values: Vec<String> = columns.iter().map(value).collect();
    Ok(format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 WHERE {times} > 0 UNION ALL SELECT i + 1 FROM n WHERE i < {times}) \
         INSERT INTO {table} (\"{}\") SELECT {} FROM n CROSS JOIN {table}",
        columns.join("\", \""),
        values.join(", "),
    ))
}
