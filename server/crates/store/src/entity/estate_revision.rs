//! Estates as they were discovered.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "estate_revision")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub manager: String,
    pub taken_at: i64,
    /// Empty when `same_as` says where the estate is.
    pub estate: String,
    pub content_hash: Option<String>,
    pub same_as: Option<i64>,
    pub counts: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
