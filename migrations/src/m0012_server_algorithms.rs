//! Old algorithms can be allowed for a server, as for a Manager. For those that are known they are not.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::boolean;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "server_access";
const COLUMN: &str = "legacy_algorithms";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = boolean(COLUMN).default(false).take();
        let alter = Table::alter().table(TABLE).add_column(column).take();
        manager.alter_table(alter).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let alter = Table::alter().table(TABLE).drop_column(COLUMN).take();
        manager.alter_table(alter).await
    }
}
