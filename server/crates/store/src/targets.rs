//! The one backup target that belongs to the database, and the lease of the server that prunes it.

use crate::entity::backup_target::{ActiveModel, Column as C, Entity, Model};
use crate::entity::run;
use crate::error::changed;
use crate::processes::living;
use crate::value::clean;
use crate::{Store, StoreError, Tx};
use domain::run::RunState;
use domain::time::Timestamp;
use sea_orm::prelude::*;
use sea_orm::sea_query::{Expr, OnConflict, Query};
use sea_orm::{Condition, Insert, Set, UpdateMany};

/// Number of the only row.
const ONE: i64 = 1;

/// The backup target in which the recovery points of the catalogue lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupTarget {
    /// Its id, which it keeps wherever it is mounted.
    pub id: String,
    /// The folder in which it was when it was recorded.
    pub folder: String,
}

/// A copy of the key file of the backup target, encrypted with its password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyCopy {
    /// Name of the file.
    pub name: String,
    /// What it holds.
    pub content: String,
}

impl Tx {
    /// Records the backup target, in the place of another one. One that is new to the database counts as just pruned.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn put_backup_target(&self, target: &BackupTarget, at: Timestamp) -> Result<(), StoreError> {
        let row = ActiveModel {
            id: Set(ONE),
            target: Set(clean(&target.id)),
            folder: Set(clean(&target.folder)),
            recorded_at: Set(at.0),
            pruned_at: Set(at.0),
            lease_owner: Set(None),
            lease_until: Set(None),
            key_name: Set(None),
            key_content: Set(None),
        };
        // Not when it was pruned: servers that mount it in different folders would put that off at each of their starts.
        let mut replace = OnConflict::column(C::Id);
        replace.update_columns([C::Target, C::Folder, C::RecordedAt]);
        let insert = Insert::one(row).on_conflict(replace);
        insert.exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// Keeps a copy of the key file of the recorded backup target, in the place of another one.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when no backup target was recorded.
    pub async fn put_key_copy(&self, copy: &KeyCopy) -> Result<(), StoreError> {
        let update = Entity::update_many()
            .col_expr(C::KeyName, Expr::value(copy.name.as_str()))
            .col_expr(C::KeyContent, Expr::value(copy.content.as_str()))
            .filter(C::Id.eq(ONE));
        changed(update.exec(&self.db).await?.rows_affected, "backup target", ONE)
    }

    /// [`Store::backup_target`], as this transaction sees it.
    ///
    /// # Errors
    /// As there.
    pub async fn backup_target(&self) -> Result<Option<BackupTarget>, StoreError> {
        backup_target(&self.db).await
    }

    /// Claims the backup target for pruning it, for `lease_secs` seconds, unless another server has it, it was claimed
    /// after `last`, or data of a run is on its way. As long as the claim lasts, no run is claimed.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn claim_pruning(
        &self,
        owner: &str,
        last: Timestamp,
        clock: Timestamp,
        lease_secs: i64,
    ) -> Result<bool, StoreError> {
        // One writer at a time: between this look and the update nobody claims a run.
        if under_way(self.lease_now(clock)).count(&self.db).await? > 0 {
            return Ok(false);
        }
        let free = Condition::any()
            .add(C::LeaseUntil.is_null())
            .add(is_over(self.lease_now(clock)));
        let claim = leased(Some(owner), self.pruning_until(clock, lease_secs))
            .col_expr(C::PrunedAt, Expr::value(clock.0))
            .filter(C::PrunedAt.lte(last.0))
            .filter(free);
        Ok(claim.exec(&self.db).await?.rows_affected > 0)
    }

    /// Makes the claim last longer.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when another server has claimed it since.
    pub async fn renew_pruning(&self, owner: &str, clock: Timestamp, lease_secs: i64) -> Result<(), StoreError> {
        let until = self.pruning_until(clock, lease_secs);
        self.update_own(owner, leased(Some(owner), until)).await
    }

    /// Gives the claim back, so that runs are claimed again.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when another server has claimed it since.
    pub async fn end_pruning(&self, owner: &str) -> Result<(), StoreError> {
        self.update_own(owner, leased(None, Expr::value(None::<i64>))).await
    }

    fn pruning_until(&self, clock: Timestamp, lease_secs: i64) -> Expr {
        use sea_orm::ExprTrait;
        self.lease_now(clock).add(lease_secs * 1000)
    }

    async fn update_own(&self, owner: &str, update: UpdateMany<Entity>) -> Result<(), StoreError> {
        let own = update.filter(C::LeaseOwner.eq(owner));
        match own.exec(&self.db).await?.rows_affected {
            0 => Err(StoreError::Fenced),
            _ => Ok(()),
        }
    }
}

impl Store {
    /// The backup target that was recorded, if one was.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn backup_target(&self) -> Result<Option<BackupTarget>, StoreError> {
        backup_target(&self.db).await
    }

    /// The copy of its key file, if there is one: a database of before has none until the next start.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn key_copy(&self) -> Result<Option<KeyCopy>, StoreError> {
        let row = Entity::find_by_id(ONE).one(&self.db).await?;
        let copy = row.and_then(|row| row.key_name.zip(row.key_content));
        Ok(copy.map(|(name, content)| KeyCopy { name, content }))
    }
}

/// Nobody prunes the backup target: what runs store meanwhile may rest on data that is about to be taken for unneeded.
pub(crate) fn is_not_being_pruned(now: Expr) -> Expr {
    // Columns have methods of the same names, so that the trait is not for the whole file.
    use sea_orm::ExprTrait;
    let claims = Query::select()
        .expr(Expr::val(1))
        .from(Entity)
        .and_where(Expr::col((Entity, C::LeaseUntil)).gt(now))
        .take();
    Expr::exists(claims).not()
}

fn is_over(now: Expr) -> Expr {
    use sea_orm::ExprTrait;
    Expr::col(C::LeaseUntil).lte(now)
}

/// Runs that may have data on their way. One that waits for a person has none, and may do so for days.
fn under_way(now: Expr) -> Select<run::Entity> {
    let moving = [RunState::Running, RunState::RollingBack].map(RunState::key);
    // A worker claims a run before it writes down that the run is under way.
    let just_claimed = Condition::all()
        .add(run::Column::State.eq(RunState::Queued.key()))
        .add(run::Column::Process.in_subquery(living(now)));
    run::Entity::find().filter(Condition::any().add(run::Column::State.is_in(moving)).add(just_claimed))
}

fn leased(owner: Option<&str>, until: Expr) -> UpdateMany<Entity> {
    Entity::update_many()
        .col_expr(C::LeaseOwner, Expr::value(owner))
        .col_expr(C::LeaseUntil, until)
}

async fn backup_target(db: &impl ConnectionTrait) -> Result<Option<BackupTarget>, StoreError> {
    let row = Entity::find_by_id(ONE).one(db).await?;
    Ok(row.map(|Model { target, folder, .. }| BackupTarget { id: target, folder }))
}
