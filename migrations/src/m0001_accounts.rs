//! Teams, accounts, their roles, web sessions.

use crate::{drop_tables, index, refers, table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, big_pk_auto, boolean, text, text_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let team = table("team")
            .col(text("id").primary_key())
            .col(text("name").unique_key())
            .take();
        // `epoch` is raised to make all sessions of the account void.
        let account = table("account")
            .col(text("id").primary_key())
            .col(text("name").unique_key())
            .col(text("password_hash"))
            .col(big_integer("epoch"))
            .col(boolean("disabled"))
            .col(big_integer_null("last_login"))
            .take();
        // A role without a team holds for everything.
        let account_role = table("account_role")
            .col(big_pk_auto("id"))
            .col(text("account"))
            .col(text("role"))
            .col(text_null("team"))
            .foreign_key(&mut refers("account", "account"))
            .foreign_key(&mut refers("team", "team"))
            .take();
        // `id` is the SHA-256 of the session's id: whoever reads the database cannot take a session over.
        let session = table("session")
            .col(text("id").primary_key())
            .col(text("data"))
            .col(big_integer("expires_at"))
            .take();
        for statement in [team, account, account_role, session] {
            manager.create_table(statement).await?;
        }
        manager
            .create_index(index("account_role_of_account", "account_role", ["account"]))
            .await?;
        manager
            .create_index(index("session_by_expiry", "session", ["expires_at"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, ["session", "account_role", "account", "team"]).await
    }
}
