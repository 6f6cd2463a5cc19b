//! Rehearsals of rebuild scripts.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rehearsal")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub manager: String,
    pub scope: String,
    pub revision: i64,
    pub taken_at: i64,
    pub script_hash: String,
    pub outcome: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
