//! The backup target that belongs to the database.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "backup_target")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub target: String,
    pub folder: String,
    pub recorded_at: i64,
    pub pruned_at: i64,
    pub lease_owner: Option<String>,
    pub lease_until: Option<i64>,
    pub key_name: Option<String>,
    pub key_content: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
