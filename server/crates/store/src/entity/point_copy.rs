//! Where recovery points are stored.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "point_copy")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub point: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub target: String,
    pub snapshot: String,
    pub stored_bytes: i64,
    pub verified_at: i64,
    pub damaged: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
