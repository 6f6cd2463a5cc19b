//! Accounts, their roles, teams.

use crate::entity::{account, account_role, team};
use crate::error::{changed, taken};
use crate::value::clean;
use crate::{Store, StoreError, Tx};
use domain::actor::{Grant, Role, Scope};
use domain::error::StoredConflict;
use domain::ids::{TeamId, UserId};
use domain::services::Team;
use domain::time::Timestamp;
use sea_orm::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{ExprTrait, Insert, NotSet, QueryOrder, QuerySelect, QueryTrait, Set};
use std::collections::HashMap;

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRow {
    /// Id.
    pub id: UserId,
    /// Login name.
    pub name: String,
    /// Hash of the password, with its parameters.
    pub password_hash: String,
    /// Sessions of another epoch are void.
    pub epoch: i64,
    /// Cannot log in.
    pub disabled: bool,
    /// Roles.
    pub grants: Vec<Grant>,
    /// Last successful login.
    pub last_login: Option<Timestamp>,
}

impl Tx {
    /// Stores a new account, enabled, without roles.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the name is taken.
    pub async fn insert_user(&self, id: &UserId, name: &str, password_hash: &str) -> Result<(), StoreError> {
        let row = account::Model {
            id: id.to_string(),
            name: clean(name),
            password_hash: password_hash.to_owned(),
            epoch: 1,
            disabled: false,
            last_login: None,
        };
        let what = StoredConflict::AccountStored { name: name.to_owned() };
        Insert::one(row)
            .exec_without_returning(&self.db)
            .await
            .map_err(taken(what))?;
        Ok(())
    }

    /// Replaces the roles of an account.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is no such account or team.
    pub async fn set_grants(&self, id: &UserId, grants: &[Grant]) -> Result<(), StoreError> {
        let roles = account_role::Entity::delete_many().filter(account_role::Column::Account.eq(id.as_str()));
        roles.exec(&self.db).await?;
        for grant in grants {
            let row = account_role::ActiveModel {
                id: NotSet,
                account: Set(id.to_string()),
                role: Set(grant.role.key().to_owned()),
                team: Set(match &grant.scope {
                    Scope::All => None,
                    Scope::Team(team) => Some(team.to_string()),
                }),
            };
            Insert::one(row).exec_without_returning(&self.db).await?;
        }
        Ok(())
    }

    /// Disables an account, which ends its sessions, or enables it again.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn set_disabled(&self, id: &UserId, disabled: bool) -> Result<(), StoreError> {
        let raised = Expr::col(account::Column::Epoch).add(i64::from(disabled));
        self.update_account(
            id,
            [
                (account::Column::Disabled, Expr::value(disabled)),
                (account::Column::Epoch, raised),
            ],
        )
        .await
    }

    /// Stores the hash of a new password and ends all sessions of the account.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn set_password(&self, id: &UserId, hash: &str) -> Result<(), StoreError> {
        let raised = Expr::col(account::Column::Epoch).add(1);
        self.update_account(
            id,
            [
                (account::Column::PasswordHash, Expr::value(hash)),
                (account::Column::Epoch, raised),
            ],
        )
        .await
    }

    /// Notes a successful login.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn note_login(&self, id: &UserId, at: Timestamp) -> Result<(), StoreError> {
        self.update_account(id, [(account::Column::LastLogin, Expr::value(at.0))])
            .await
    }

    /// Stores a new team.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the name is taken.
    pub async fn insert_team(&self, team: &Team) -> Result<(), StoreError> {
        let row = team::Model {
            id: team.id.to_string(),
            name: clean(&team.name),
        };
        let what = StoredConflict::TeamStored {
            name: team.name.clone(),
        };
        Insert::one(row)
            .exec_without_returning(&self.db)
            .await
            .map_err(taken(what))?;
        Ok(())
    }

    /// [`Store::user`], as this transaction sees it.
    ///
    /// # Errors
    /// As there.
    pub async fn user(&self, id: &UserId) -> Result<Option<UserRow>, StoreError> {
        user(&self.db, id).await
    }

    /// [`Store::enabled_administrators`], as this transaction sees it.
    ///
    /// # Errors
    /// As there.
    pub async fn enabled_administrators(&self) -> Result<u64, StoreError> {
        enabled_administrators(&self.db).await
    }

    async fn update_account<const N: usize>(
        &self,
        id: &UserId,
        values: [(account::Column, Expr); N],
    ) -> Result<(), StoreError> {
        let mut update = account::Entity::update_many().filter(account::Column::Id.eq(id.as_str()));
        for (column, value) in values {
            update = update.col_expr(column, value);
        }
        changed(update.exec(&self.db).await?.rows_affected, "account", id)
    }
}

impl Store {
    /// The account with this login name, in this very spelling.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn user_by_name(&self, name: &str) -> Result<Option<UserRow>, StoreError> {
        let row = account::Entity::find()
            .filter(account::Column::Name.eq(clean(name)))
            .one(&self.db)
            .await?;
        match row {
            Some(row) => Ok(Some(with_grants(&self.db, row).await?)),
            None => Ok(None),
        }
    }

    /// The account with this id.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn user(&self, id: &UserId) -> Result<Option<UserRow>, StoreError> {
        user(&self.db, id).await
    }

    /// All accounts by name.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn users(&self) -> Result<Vec<UserRow>, StoreError> {
        let rows = account::Entity::find()
            .order_by_asc(account::Column::Name)
            .all(&self.db)
            .await?;
        let roles = account_role::Entity::find()
            .order_by_asc(account_role::Column::Id)
            .all(&self.db)
            .await?;
        let mut grants_of: HashMap<String, Vec<Grant>> = HashMap::new();
        for role in roles {
            let grant = grant(&role)?;
            grants_of.entry(role.account).or_default().push(grant);
        }
        let with_grants = |row: account::Model| user_row(grants_of.remove(&row.id).unwrap_or_default(), row);
        Ok(rows.into_iter().map(with_grants).collect())
    }

    /// How many enabled accounts are administrator of everything.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn enabled_administrators(&self) -> Result<u64, StoreError> {
        enabled_administrators(&self.db).await
    }

    /// All teams by name.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn teams(&self) -> Result<Vec<Team>, StoreError> {
        let rows = team::Entity::find()
            .order_by_asc(team::Column::Name)
            .all(&self.db)
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| Team {
                id: TeamId::new(row.id),
                name: row.name,
            })
            .collect())
    }
}

async fn user(db: &impl ConnectionTrait, id: &UserId) -> Result<Option<UserRow>, StoreError> {
    match account::Entity::find_by_id(id.as_str()).one(db).await? {
        Some(row) => Ok(Some(with_grants(db, row).await?)),
        None => Ok(None),
    }
}

async fn enabled_administrators(db: &impl ConnectionTrait) -> Result<u64, StoreError> {
    let administrators = account_role::Entity::find()
        .select_only()
        .column(account_role::Column::Account)
        .filter(account_role::Column::Role.eq(Role::Administrator.key()))
        .filter(account_role::Column::Team.is_null())
        .into_query();
    let enabled = account::Entity::find()
        .filter(account::Column::Disabled.eq(false))
        .filter(account::Column::Id.in_subquery(administrators));
    Ok(enabled.count(db).await?)
}

async fn with_grants(db: &impl ConnectionTrait, row: account::Model) -> Result<UserRow, StoreError> {
    let roles = account_role::Entity::find().filter(account_role::Column::Account.eq(row.id.as_str()));
    let roles = roles.order_by_asc(account_role::Column::Id).all(db).await?;
    let grants = roles.iter().map(grant).collect::<Result<_, _>>()?;
    Ok(user_row(grants, row))
}

fn user_row(grants: Vec<Grant>, row: account::Model) -> UserRow {
    UserRow {
        id: UserId::new(row.id),
        name: row.name,
        password_hash: row.password_hash,
        epoch: row.epoch,
        disabled: row.disabled,
        grants,
        last_login: row.last_login.map(Timestamp),
    }
}

fn grant(row: &account_role::Model) -> Result<Grant, StoreError> {
    Ok(Grant {
        role: Role::from_key(&row.role).ok_or_else(|| StoreError::unreadable("role", &row.role))?,
        scope: row
            .team
            .as_ref()
            .map_or(Scope::All, |team| Scope::Team(TeamId::new(team))),
    })
}
