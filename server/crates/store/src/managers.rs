//! Enrolled Managers, and how their servers are reached.

use crate::entity::{manager, server_access};
use crate::error::{changed, taken};
use crate::put::put;
use crate::value::{clean, from_json_or_null, number, to_json_or_null};
use crate::{Store, StoreError, Tx};
use domain::error::StoredConflict;
use domain::fault::HostFault;
use domain::ids::ManagerId;
use domain::plan::Said;
use ovm::ids::ServerId;
use sea_orm::QueryOrder;
use sea_orm::prelude::*;
use sea_orm::sea_query::Expr;

/// An enrolled Manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagerRow {
    /// Id.
    pub id: ManagerId,
    /// Display name, unique.
    pub name: String,
    /// Host name or address.
    pub host: String,
    /// Port of the command line.
    pub port: u16,
    /// Account there.
    pub user: String,
    /// Password, sealed.
    pub sealed_password: String,
    /// Pinned host key.
    pub fingerprint: String,
    /// A different key that the host has shown.
    pub changed_fingerprint: Option<String>,
    /// Old algorithms are allowed for it.
    pub legacy_algorithms: bool,
    /// Why the newest discovery failed, if it did.
    pub problem: Option<Said<HostFault>>,
}

/// How an Oracle VM Server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerAccessRow {
    /// Manager that owns it.
    pub manager: ManagerId,
    /// Its id there.
    pub server: ServerId,
    /// Display name.
    pub name: String,
    /// Host name or address.
    pub host: String,
    /// Port for SSH.
    pub port: u16,
    /// Account there.
    pub user: String,
    /// Password, sealed.
    pub sealed_password: String,
    /// Pinned host key.
    pub fingerprint: String,
    /// A different key that the host has shown.
    pub changed_fingerprint: Option<String>,
    /// Old algorithms are allowed for it.
    pub legacy_algorithms: bool,
}

impl Tx {
    /// Stores a Manager, new or enrolled anew.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when another one has its name.
    pub async fn put_manager(&self, new: &ManagerRow) -> Result<(), StoreError> {
        let row = manager::Model {
            id: new.id.to_string(),
            name: clean(&new.name),
            host: clean(&new.host),
            port: new.port.into(),
            login: clean(&new.user),
            sealed_password: new.sealed_password.clone(),
            fingerprint: new.fingerprint.clone(),
            changed_fingerprint: new.changed_fingerprint.clone(),
            legacy_algorithms: new.legacy_algorithms,
            problem: to_json_or_null("problem", new.problem.as_ref())?,
        };
        let what = StoredConflict::ManagerStored { name: new.name.clone() };
        put(&self.db, row).await.map_err(taken(what))
    }

    /// Notes why the discovery failed, or that it succeeded.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn set_manager_problem(&self, id: &ManagerId, problem: Option<&HostFault>) -> Result<(), StoreError> {
        let problem = to_json_or_null("problem", problem)?;
        self.update_manager(id, manager::Column::Problem, problem).await
    }

    /// Notes that the host has shown another key than the pinned one, or that this is settled.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn set_manager_changed_fingerprint(&self, id: &ManagerId, seen: Option<&str>) -> Result<(), StoreError> {
        self.update_manager(id, manager::Column::ChangedFingerprint, seen.map(clean))
            .await
    }

    async fn update_manager(
        &self,
        id: &ManagerId,
        column: manager::Column,
        value: Option<String>,
    ) -> Result<(), StoreError> {
        let update = manager::Entity::update_many()
            .col_expr(column, Expr::value(value))
            .filter(manager::Column::Id.eq(id.as_str()));
        changed(update.exec(&self.db).await?.rows_affected, "Manager", id)
    }

    /// Stores how a server is reached, in place of what was stored before.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is no such Manager.
    pub async fn put_server_access(&self, access: &ServerAccessRow) -> Result<(), StoreError> {
        let row = server_access::Model {
            manager: access.manager.to_string(),
            server: access.server.to_string(),
            name: clean(&access.name),
            host: clean(&access.host),
            port: access.port.into(),
            login: clean(&access.user),
            sealed_password: access.sealed_password.clone(),
            fingerprint: access.fingerprint.clone(),
            changed_fingerprint: access.changed_fingerprint.clone(),
            legacy_algorithms: access.legacy_algorithms,
        };
        Ok(put(&self.db, row).await?)
    }

    /// Notes that a server has shown another key than the pinned one, or that this is settled.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn set_server_changed_fingerprint(
        &self,
        manager: &ManagerId,
        server: &ServerId,
        seen: Option<&str>,
    ) -> Result<(), StoreError> {
        let update = server_access::Entity::update_many()
            .col_expr(server_access::Column::ChangedFingerprint, Expr::value(seen.map(clean)))
            .filter(server_access::Column::Manager.eq(manager.as_str()))
            .filter(server_access::Column::Server.eq(server.as_str()));
        changed(update.exec(&self.db).await?.rows_affected, "server", server)
    }
}

impl Store {
    /// All Managers by name.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn managers(&self) -> Result<Vec<ManagerRow>, StoreError> {
        let rows = manager::Entity::find()
            .order_by_asc(manager::Column::Name)
            .all(&self.db)
            .await?;
        rows.into_iter().map(manager_row).collect()
    }

    /// One Manager.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn manager(&self, id: &ManagerId) -> Result<Option<ManagerRow>, StoreError> {
        let row = manager::Entity::find_by_id(id.as_str()).one(&self.db).await?;
        row.map(manager_row).transpose()
    }

    /// The servers of a Manager that can be reached, by name.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn server_accesses(&self, manager: &ManagerId) -> Result<Vec<ServerAccessRow>, StoreError> {
        let rows = server_access::Entity::find()
            .filter(server_access::Column::Manager.eq(manager.as_str()))
            .order_by_asc(server_access::Column::Name)
            .order_by_asc(server_access::Column::Server)
            .all(&self.db)
            .await?;
        rows.into_iter().map(server_access_row).collect()
    }
}

fn manager_row(row: manager::Model) -> Result<ManagerRow, StoreError> {
    Ok(ManagerRow {
        id: ManagerId::new(row.id),
        name: row.name,
        host: row.host,
        port: number("port of a Manager", row.port)?,
        user: row.login,
        sealed_password: row.sealed_password,
        fingerprint: row.fingerprint,
        changed_fingerprint: row.changed_fingerprint,
        legacy_algorithms: row.legacy_algorithms,
        problem: from_json_or_null("problem", row.problem.as_ref())?,
    })
}

fn server_access_row(row: server_access::Model) -> Result<ServerAccessRow, StoreError> {
    Ok(ServerAccessRow {
        manager: ManagerId::new(row.manager),
        server: ServerId::new(row.server),
        name: row.name,
        host: row.host,
        port: number("port of a server", row.port)?,
        user: row.login,
        sealed_password: row.sealed_password,
        fingerprint: row.fingerprint,
        changed_fingerprint: row.changed_fingerprint,
        legacy_algorithms: row.legacy_algorithms,
    })
}
