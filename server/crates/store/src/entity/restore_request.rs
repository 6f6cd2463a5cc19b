//! Requests. One asks for a plan or for a change; what only the other has is empty.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "restore_request")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub state: String,
    pub manager: Option<String>,
    pub subject: Option<String>,
    pub subject_name: Option<String>,
    pub team: Option<String>,
    pub point: Option<String>,
    pub plan_hash: Option<String>,
    pub change: Option<String>,
    pub not_before: Option<i64>,
    pub not_after: Option<i64>,
    pub requested_by: String,
    pub requested_by_name: String,
    pub requested_at: i64,
    pub reason: String,
    pub ticket: Option<String>,
    pub approvals_needed: i32,
    pub expires_at: i64,
    pub run: Option<String>,
    pub topic: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
