//! The database schema, as numbered migrations for SQLite and PostgreSQL alike. The crate `store` applies them when it
//! connects; nothing else does.
//!
//! Conventions: ids and enumerations are text, points in time are milliseconds since 1970 in UTC, structured values are
//! JSON kept as text (what was hashed must come back byte for byte). Tables are named in the singular. An account is
//! not called `user`, because that word means the database's own user in PostgreSQL, in a `CHECK` too.
//!
//! To change the schema: add a migration with the next number. One that was released is never edited.

use sea_orm_migration::prelude::*;

pub use sea_orm_migration::MigratorTrait;

mod m0001_accounts;
mod m0002_estate;
mod m0003_policies;
mod m0004_plans;
mod m0005_catalogue;
mod m0006_requests;
mod m0007_runs;
mod m0008_audit;
mod m0009_documents;
mod m0010_point_summaries;
mod m0011_list_indexes;
mod m0012_server_algorithms;
mod m0013_backup_target;
mod m0014_key_copy;
mod m0015_subjects;
mod m0016_processes;
mod m0017_run_holds;
mod m0019_requests;
mod m0020_lists;
mod m0021_packed_texts;
mod m0022_values;
mod m0023_targets;
mod m0024_answers;

/// All migrations in order.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_accounts::Migration),
            Box::new(m0002_estate::Migration),
            Box::new(m0003_policies::Migration),
            Box::new(m0004_plans::Migration),
            Box::new(m0005_catalogue::Migration),
            Box::new(m0006_requests::Migration),
            Box::new(m0007_runs::Migration),
            Box::new(m0008_audit::Migration),
            Box::new(m0009_documents::Migration),
            Box::new(m0010_point_summaries::Migration),
            Box::new(m0011_list_indexes::Migration),
            Box::new(m0012_server_algorithms::Migration),
            Box::new(m0013_backup_target::Migration),
            Box::new(m0014_key_copy::Migration),
            Box::new(m0015_subjects::Migration),
            Box::new(m0016_processes::Migration),
            Box::new(m0017_run_holds::Migration),
            Box::new(m0019_requests::Migration),
            Box::new(m0020_lists::Migration),
            Box::new(m0021_packed_texts::Migration),
            Box::new(m0022_values::Migration),
            Box::new(m0023_targets::Migration),
            Box::new(m0024_answers::Migration),
        ]
    }
}

/// A new table.
fn table(name: &'static str) -> TableCreateStatement {
    Table::create().table(name).take()
}

/// `column` holds the id of a row in `target`.
fn refers(column: &'static str, target: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().from_col(column).to_tbl(target).to_col("id").take()
}

/// A primary key of several columns.
fn key<const N: usize>(columns: [&'static str; N]) -> IndexCreateStatement {
    columns
        .into_iter()
        .fold(Index::create(), |mut index, column| index.col(column).take())
}

/// An index of its own, for look-ups; with [`IndexCreateStatement::unique`] also a rule.
fn index<const N: usize>(name: &'static str, table: &'static str, columns: [&'static str; N]) -> IndexCreateStatement {
    key(columns).name(name).table(table).take()
}

/// Drops tables in the given order, those that refer to others first.
async fn drop_tables<const N: usize>(manager: &SchemaManager<'_>, names: [&'static str; N]) -> Result<(), DbErr> {
    for name in names {
        manager.drop_table(Table::drop().table(name).take()).await?;
    }
    Ok(())
}
