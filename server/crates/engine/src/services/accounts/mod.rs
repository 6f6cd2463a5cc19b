//! Accounts: login, roles, teams. Whatever is refused at the door is written to the audit trail too.

mod attempts;
mod command_line;
mod create;
mod passwords;

pub use command_line::{create_administrator, set_password};

use super::access::{checked_title, commit, record};
use crate::core::{Core, actor_of, from_store, new_id};
use async_trait::async_trait;
use create::NewUser;
use domain::account::check_password;
use domain::actor::{Actor, Grant, Permission, Scope};
use domain::audit::{AuditEvent, AuditSubject, Detail, LoginRefusal};
use domain::error::{AccountConflict, AccountFlaw, ServiceError, Thing};
use domain::ids::{TeamId, UserId};
use domain::services::{AccountService, Answer, Login, Team, UserView};
use std::sync::Arc;
use store::{Store, StoreError, Tx, UserRow};

/// The longest login name that is looked at; longer ones are cut before they reach the audit trail.
const LONGEST_NAME: usize = 60;

pub(crate) struct Accounts {
    core: Arc<Core>,
}

impl Accounts {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }
}

#[async_trait]
impl AccountService for Accounts {
    async fn login(&self, name: &str, password: &str, address: &str) -> Answer<Login> {
        let name: String = name
            .trim()
            .chars()
            .filter(|c| !c.is_control())
            .take(LONGEST_NAME)
            .collect();
        self.begin_attempt(&name, address).await?;
        let row = self.core.store.user_by_name(&name).await.map_err(from_store)?;
        let hash = row.as_ref().map(|row| row.password_hash.clone());
        let matches = passwords::matches(&self.core, password, hash).await?;
        match row {
            Some(row) if matches && !row.disabled => self.let_in(row, address).await,
            row => Err(self.refuse(&name, row.as_ref(), matches, address).await?),
        }
    }

    async fn actor(&self, user: &UserId, epoch: i64) -> Answer<Actor> {
        let row = self.core.store.user(user).await.map_err(from_store)?;
        let valid = row.filter(|row| !row.disabled && row.epoch == epoch);
        Ok(actor_of(valid.ok_or(ServiceError::NotLoggedIn)?))
    }

    async fn logged_out(&self, actor: &Actor) -> Answer<()> {
        self.note(&actor.name, Detail::LoginEnded, None).await
    }

    async fn users(&self, actor: &Actor) -> Answer<Vec<UserView>> {
        actor.require(Permission::ViewAccounts, None)?;
        let rows = self.core.store.users().await.map_err(from_store)?;
        Ok(rows.into_iter().map(view).collect())
    }

    async fn create_user(&self, actor: &Actor, name: &str, password: &str, grants: Vec<Grant>) -> Answer<UserId> {
        actor.require(Permission::Administer, None)?;
        let grants = self.checked_grants(grants).await?;
        create::check_new(&self.core.store, name, password).await?;
        let new = NewUser::new(name, passwords::hash(&self.core, password).await?, grants);
        let event = self.core.event(&actor.name, subject(name), new.created());
        new.insert(&self.core.store, event).await.map_err(from_store)?;
        Ok(new.id)
    }

    async fn set_grants(&self, actor: &Actor, user: &UserId, grants: Vec<Grant>) -> Answer<()> {
        actor.require(Permission::Administer, None)?;
        let row = self.existing(user).await?;
        let grants = self.checked_grants(grants).await?;
        let detail = Detail::RolesChanged {
            was: row.grants,
            is: grants.clone(),
        };
        let tx = self.core.store.begin().await.map_err(from_store)?;
        tx.set_grants(user, &grants).await.map_err(from_store)?;
        keep_an_administrator(&tx).await?;
        let event = self.core.event(&actor.name, subject(&row.name), detail);
        commit(tx, &event).await.map_err(from_store)
    }

    async fn set_disabled(&self, actor: &Actor, user: &UserId, disabled: bool) -> Answer<()> {
        actor.require(Permission::Administer, None)?;
        let row = self.existing(user).await?;
        let tx = self.core.store.begin().await.map_err(from_store)?;
        tx.set_disabled(user, disabled).await.map_err(from_store)?;
        keep_an_administrator(&tx).await?;
        let detail = if disabled {
            Detail::AccountDisabled
        } else {
            Detail::AccountEnabled
        };
        let event = self.core.event(&actor.name, subject(&row.name), detail);
        commit(tx, &event).await.map_err(from_store)
    }

    async fn set_password(&self, actor: &Actor, user: &UserId, password: &str) -> Answer<()> {
        actor.require(Permission::Administer, None)?;
        if actor.id == *user {
            return Err(ServiceError::conflict(AccountConflict::OwnAccount));
        }
        let row = self.existing(user).await?;
        check_password("password", &row.name, password)?;
        let hash = passwords::hash(&self.core, password).await?;
        let event = self.core.event(&actor.name, subject(&row.name), Detail::PasswordSet);
        replace_password(&self.core.store, user, &hash, &event)
            .await
            .map_err(from_store)?;
        // Whoever has forgotten a password has usually guessed at it until he had to wait.
        attempts::forgive(&self.core, &row.name).await.map_err(from_store)
    }

    async fn change_password(&self, actor: &Actor, old: &str, new: &str) -> Answer<Login> {
        check_password("new", &actor.name, new)?;
        // Whoever sits in front of a session that was left open shall not guess either.
        let place = format!("session of {}", actor.id);
        self.begin_attempt(&actor.name, &place).await?;
        let row = self.existing(&actor.id).await?;
        if !passwords::matches(&self.core, old, Some(row.password_hash)).await? {
            self.note(&actor.name, Detail::PasswordRefused, None).await?;
            return Err(ServiceError::invalid("old", AccountFlaw::OldPassword));
        }
        attempts::succeeded(&self.core, &actor.name, &place)
            .await
            .map_err(from_store)?;
        let hash = passwords::hash(&self.core, new).await?;
        let event = self
            .core
            .event(&actor.name, subject(&actor.name), Detail::PasswordChanged);
        replace_password(&self.core.store, &actor.id, &hash, &event)
            .await
            .map_err(from_store)?;
        let row = self.existing(&actor.id).await?;
        Ok(Login {
            epoch: row.epoch,
            actor: actor_of(row),
        })
    }

    async fn teams(&self, actor: &Actor) -> Answer<Vec<Team>> {
        let mut teams = self.core.store.teams().await.map_err(from_store)?;
        teams.retain(|team| actor.may(Permission::ViewEstate, Some(&team.id)));
        Ok(teams)
    }

    async fn create_team(&self, actor: &Actor, name: &str) -> Answer<TeamId> {
        actor.require(Permission::Administer, None)?;
        let name = checked_title(name)?;
        let teams = self.core.store.teams().await.map_err(from_store)?;
        if teams.iter().any(|team| team.name == name) {
            return Err(ServiceError::invalid("name", AccountFlaw::TeamTaken { name }));
        }
        let team = Team {
            id: TeamId::new(new_id(12)),
            name,
        };
        let detail = Detail::TeamCreated {
            name: team.name.clone(),
        };
        let event = self
            .core
            .event(&actor.name, AuditSubject::Team(team.id.clone()), detail);
        let created = async {
            let tx = self.core.store.begin().await?;
            tx.insert_team(&team).await?;
            commit(tx, &event).await
        };
        created.await.map_err(from_store)?;
        Ok(team.id)
    }
}

impl Accounts {
    async fn begin_attempt(&self, name: &str, address: &str) -> Answer<()> {
        match attempts::begin(&self.core, name, address).await.map_err(from_store)? {
            Some(seconds) => Err(ServiceError::TooMany { seconds }),
            None => Ok(()),
        }
    }

    async fn let_in(&self, row: UserRow, address: &str) -> Answer<Login> {
        attempts::succeeded(&self.core, &row.name, address)
            .await
            .map_err(from_store)?;
        let mut event = self.core.event(&row.name, subject(&row.name), Detail::LoginAccepted);
        event.address = Some(address.to_owned());
        let noted = async {
            let tx = self.core.store.begin().await?;
            tx.note_login(&row.id, event.at).await?;
            commit(tx, &event).await
        };
        noted.await.map_err(from_store)?;
        Ok(Login {
            epoch: row.epoch,
            actor: actor_of(row),
        })
    }

    /// Writes down why, for the auditor; the one at the door hears the same sentence in every case.
    async fn refuse(&self, name: &str, row: Option<&UserRow>, matches: bool, address: &str) -> Answer<ServiceError> {
        let why = match row {
            None => LoginRefusal::NoAccount,
            Some(_) if !matches => LoginRefusal::WrongPassword,
            Some(_) => LoginRefusal::Disabled,
        };
        self.note(name, Detail::LoginRefused(why), Some(address)).await?;
        Ok(ServiceError::invalid("password", AccountFlaw::Login))
    }

    /// Writes down what happened at the door, to the account of this name.
    async fn note(&self, name: &str, detail: Detail, address: Option<&str>) -> Answer<()> {
        let mut event = self.core.event(name, subject(name), detail);
        event.address = address.map(str::to_owned);
        record(&self.core, &event).await
    }

    async fn existing(&self, user: &UserId) -> Answer<UserRow> {
        let row = self.core.store.user(user).await.map_err(from_store)?;
        row.ok_or_else(|| ServiceError::not_found(Thing::Account, user))
    }

    async fn checked_grants(&self, mut grants: Vec<Grant>) -> Answer<Vec<Grant>> {
        let teams = self.core.store.teams().await.map_err(from_store)?;
        for grant in &grants {
            if let Scope::Team(id) = &grant.scope
                && !teams.iter().any(|team| team.id == *id)
            {
                let team = id.clone();
                return Err(ServiceError::invalid("grants", AccountFlaw::TeamUnknown { team }));
            }
        }
        grants.sort_by_key(|grant| (grant.role, team_of(grant).map(|team| team.as_str().to_owned())));
        grants.dedup();
        Ok(grants)
    }
}

/// Stores the hash of a new password, which ends all sessions of the account, together with the row in the trail.
async fn replace_password(store: &Store, user: &UserId, hash: &str, event: &AuditEvent) -> Result<(), StoreError> {
    let tx = store.begin().await?;
    tx.set_password(user, hash).await?;
    commit(tx, event).await
}

/// Asked inside the transaction, so that two administrators cannot remove each other at the same time.
async fn keep_an_administrator(tx: &Tx) -> Answer<()> {
    match tx.enabled_administrators().await.map_err(from_store)? {
        0 => Err(ServiceError::conflict(AccountConflict::LastAdministrator)),
        _ => Ok(()),
    }
}

fn view(row: UserRow) -> UserView {
    UserView {
        id: row.id,
        name: row.name,
        grants: row.grants,
        disabled: row.disabled,
        last_login: row.last_login,
    }
}

fn subject(name: &str) -> AuditSubject {
    AuditSubject::Account(name.to_owned())
}

fn team_of(grant: &Grant) -> Option<&TeamId> {
    match &grant.scope {
        Scope::All => None,
        Scope::Team(team) => Some(team),
    }
}
