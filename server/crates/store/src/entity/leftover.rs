//! What runs left in the estate.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "leftover")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub run: String,
    pub what: String,
    pub undo: String,
    pub since: i64,
    pub removed_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
