//! How many usable recovery points each object has.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "subject_points")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub manager: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: String,
    pub points: i64,
    pub oldest: i64,
    pub newest: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
