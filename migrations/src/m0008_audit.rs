//! The audit trail. Triggers keep rows from being changed or removed; whoever takes the triggers away still breaks the
//! chain of hashes.

use crate::{drop_tables, table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, text, text_null};
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// SQLite: `INSERT OR REPLACE` removes the old row without a delete trigger, so the third one stands in its way.
const SQLITE: [&str; 3] = [
    "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
     BEGIN SELECT RAISE(ABORT, 'The audit trail is never changed.'); END",
    "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
     BEGIN SELECT RAISE(ABORT, 'The audit trail is never shortened.'); END",
    "CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
     WHEN EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq)
     BEGIN SELECT RAISE(ABORT, 'The audit trail is never changed.'); END",
];

const POSTGRES: [&str; 2] = [
    "CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS
     $$ BEGIN RAISE EXCEPTION 'The audit trail is never changed nor shortened.'; END $$",
    "CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
     FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let audit = table("audit")
            .col(big_integer("seq").primary_key())
            .col(big_integer("at"))
            .col(text("actor"))
            .col(text("event"))
            .col(text("subject"))
            .col(text_null("plan_hash"))
            .col(text("detail"))
            .col(text_null("address"))
            .col(text("hash"))
            .take();
        manager.create_table(audit).await?;
        let triggers = match manager.get_database_backend() {
            DbBackend::Postgres => POSTGRES.as_slice(),
            _ => SQLITE.as_slice(),
        };
        for trigger in triggers {
            manager.get_connection().execute_unprepared(trigger).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, ["audit"]).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            manager
                .get_connection()
                .execute_unprepared("DROP FUNCTION audit_only_grows()")
                .await?;
        }
        Ok(())
    }
}
