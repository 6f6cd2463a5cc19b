//! Job runs.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "run")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub plan_hash: String,
    pub kind: String,
    pub state: String,
    pub manager: String,
    pub subject: String,
    pub subject_name: String,
    pub started_by: String,
    pub queued_at: i64,
    pub ended_at: Option<i64>,
    pub message: Option<String>,
    pub process: Option<String>,
    pub fence: i64,
    pub cancel_requested: bool,
    pub decision: Option<String>,
    pub decide_before: Option<i64>,
    pub request: Option<String>,
    pub point: Option<String>,
    pub not_before: Option<i64>,
    pub not_after: Option<i64>,
    pub topic: i64,
    pub worked_ms: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
