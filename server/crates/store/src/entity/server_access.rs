//! How Oracle VM Servers are reached.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "server_access")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub manager: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub server: String,
    pub name: String,
    pub host: String,
    pub port: i32,
    pub login: String,
    pub sealed_password: String,
    pub fingerprint: String,
    pub changed_fingerprint: Option<String>,
    pub legacy_algorithms: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
