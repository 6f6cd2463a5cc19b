//! The catalogue.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recovery_point")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub manager: String,
    pub subject: String,
    pub subject_name: String,
    pub run: String,
    pub policy_name: String,
    pub topic: i64,
    pub taken_at: i64,
    pub consistency: String,
    pub disks: i64,
    pub size_bytes: i64,
    pub stored_bytes: i64,
    pub verified_at: i64,
    pub damaged: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
