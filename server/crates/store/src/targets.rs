//! The backup targets of the database, and the leases of the servers that prune them.

use crate::entity::run;
use crate::entity::target::{ActiveModel, Column as C, Entity, Model};
use crate::error::taken;
use crate::processes::living;
use crate::value::{from_json, to_json};
use crate::{Store, StoreError, Tx};
use domain::error::StoredConflict;
use domain::ids::TargetId;
use domain::run::RunState;
use domain::target::Location;
use domain::time::Timestamp;
use sea_orm::prelude::*;
use sea_orm::sea_query::{Expr, OnConflict, Query};
use sea_orm::{Condition, Insert, QueryOrder, Set, UpdateMany};

/// A backup target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its name, which plans and copies refer to.
    pub id: TargetId,
    /// Where it was when it was recorded.
    pub location: Location,
    /// Id of the restic repository in it, which that keeps wherever it is mounted.
    pub repository: String,
    /// Its password, sealed; none for the first one, whose password the configuration has.
    pub password: Option<String>,
    /// The secret of the access key of an S3 server with the name of the key, sealed.
    pub access_key: Option<String>,
    /// A copy of its key file; a database of before has none until the next start.
    pub key: Option<KeyCopy>,
}

/// A copy of the key file of a backup target, encrypted with its password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyCopy {
    /// Name of the file.
    pub name: String,
    /// What it holds.
    pub content: String,
}

impl Tx {
    /// Records a backup target, in the place of one that had its name. One that is new to the database counts as just
    /// pruned.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is recorded under another name.
    pub async fn put_target(&self, target: &Target, at: Timestamp) -> Result<(), StoreError> {
        let (key_name, key_content) = match target.key.clone() {
            Some(KeyCopy { name, content }) => (Some(name), Some(content)),
            None => (None, None),
        };
        let row = ActiveModel {
            id: Set(target.id.to_string()),
            location: Set(to_json("location", &target.location)?),
            repository: Set(target.repository.clone()),
            password: Set(target.password.clone()),
            access_key: Set(target.access_key.clone()),
            key_name: Set(key_name),
            key_content: Set(key_content),
            recorded_at: Set(at.0),
            pruned_at: Set(at.0),
            lease_owner: Set(None),
            lease_until: Set(None),
        };
        // Not when it was pruned: servers that mount it in different folders would put that off at each of their starts.
        let mut replace = OnConflict::column(C::Id);
        replace.update_columns([
            C::Location,
            C::Repository,
            C::Password,
            C::AccessKey,
            C::KeyName,
            C::KeyContent,
            C::RecordedAt,
        ]);
        let insert = Insert::one(row).on_conflict(replace);
        let repository = target.repository.clone();
        let what = StoredConflict::TargetStored { repository };
        insert.exec_without_returning(&self.db).await.map_err(taken(what))?;
        Ok(())
    }

    /// [`Store::target`], as this transaction sees it.
    ///
    /// # Errors
    /// As there.
    pub async fn target(&self, id: &TargetId) -> Result<Option<Target>, StoreError> {
        target(&self.db, id).await
    }

    /// Claims a backup target for pruning it, for `lease_secs` seconds, unless another server has it, it was claimed
    /// after `last`, or data of a run is on its way. As long as the claim lasts, no run is claimed.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn claim_pruning(
        &self,
        target: &TargetId,
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
        let claim = leased(target, Some(owner), self.pruning_until(clock, lease_secs))
            .col_expr(C::PrunedAt, Expr::value(clock.0))
            .filter(C::PrunedAt.lte(last.0))
            .filter(free);
        Ok(claim.exec(&self.db).await?.rows_affected > 0)
    }

    /// Makes the claim last longer.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when another server has claimed it since.
    pub async fn renew_pruning(
        &self,
        target: &TargetId,
        owner: &str,
        clock: Timestamp,
        lease_secs: i64,
    ) -> Result<(), StoreError> {
        let until = self.pruning_until(clock, lease_secs);
        self.update_own(owner, leased(target, Some(owner), until)).await
    }

    /// Gives the claim back, so that runs are claimed again.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when another server has claimed it since.
    pub async fn end_pruning(&self, target: &TargetId, owner: &str) -> Result<(), StoreError> {
        self.update_own(owner, leased(target, None, Expr::value(None::<i64>)))
            .await
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
    /// All backup targets by name, the first before the others.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn targets(&self) -> Result<Vec<Target>, StoreError> {
        let rows = Entity::find().order_by_asc(C::Id).all(&self.db).await?;
        let mut targets = rows.into_iter().map(from_row).collect::<Result<Vec<_>, _>>()?;
        targets.sort_by_key(|target| !target.id.is_first());
        Ok(targets)
    }

    /// A backup target, if it was recorded.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn target(&self, id: &TargetId) -> Result<Option<Target>, StoreError> {
        target(&self.db, id).await
    }
}

/// Nobody prunes a backup target: what runs store meanwhile may rest on data that is about to be taken for unneeded.
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

fn leased(target: &TargetId, owner: Option<&str>, until: Expr) -> UpdateMany<Entity> {
    Entity::update_many()
        .filter(C::Id.eq(target.as_str()))
        .col_expr(C::LeaseOwner, Expr::value(owner))
        .col_expr(C::LeaseUntil, until)
}

async fn target(db: &impl ConnectionTrait, id: &TargetId) -> Result<Option<Target>, StoreError> {
    let row = Entity::find_by_id(id.as_str()).one(db).await?;
    row.map(from_row).transpose()
}

fn from_row(row: Model) -> Result<Target, StoreError> {
    let key = row.key_name.zip(row.key_content);
    Ok(Target {
        id: TargetId::new(row.id),
        location: from_json("location", &row.location)?,
        repository: row.repository,
        password: row.password,
        access_key: row.access_key,
        key: key.map(|(name, content)| KeyCopy { name, content }),
    })
}
