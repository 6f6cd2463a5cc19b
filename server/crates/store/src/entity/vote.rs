//! Votes on requests.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "vote")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub request: String,
    pub requested_by: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub voter: String,
    pub voter_name: String,
    pub vote: String,
    pub reason: String,
    pub at: i64,
    pub seen: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
