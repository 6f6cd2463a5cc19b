//! The catalogue of recovery points.

use crate::entity::recovery_point;
use crate::error::{changed, taken};
use crate::value::{clean, from_json, number, to_json};
use crate::{Store, StoreError, Tx};
use domain::ids::{ManagerId, PointId};
use domain::point::RecoveryPoint;
use domain::time::Timestamp;
use ovm::ids::VmId;
use recovery_point::Column as C;
use sea_orm::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{Insert, QueryOrder, QuerySelect, UpdateMany};
use std::collections::HashMap;

impl Tx {
    /// Publishes a recovery point.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is published already.
    pub async fn insert_point(&self, point: &RecoveryPoint) -> Result<(), StoreError> {
        let manifest = &point.manifest;
        let row = recovery_point::Model {
            id: manifest.point.to_string(),
            manager: manifest.manager.to_string(),
            vm: point.vm().to_string(),
            vm_name: clean(&manifest.vm.name),
            run: manifest.run.to_string(),
            policy_name: clean(&manifest.policy),
            taken_at: manifest.taken_at.0,
            snapshot: point.snapshot.clone(),
            verified_at: point.verified_at.0,
            damaged: point.damaged.as_deref().map(clean),
            manifest: to_json("manifest", manifest)?,
        };
        let what = format!("The recovery point {} is published already.", manifest.point);
        Insert::one(row)
            .exec_without_returning(&self.db)
            .await
            .map_err(taken(what))?;
        Ok(())
    }

    /// Notes that the stored disks were read back and matched. A point that was found damaged before is good again: its
    /// storage was repaired, or was away for a while.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn set_point_verified(&self, id: &PointId, at: Timestamp) -> Result<(), StoreError> {
        self.update_point(id, |point| {
            point
                .col_expr(C::VerifiedAt, Expr::value(at.0))
                .col_expr(C::Damaged, Expr::value(None::<String>))
        })
        .await
    }

    /// Notes that the stored copy is damaged: a sentence.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn set_point_damaged(&self, id: &PointId, sentence: &str) -> Result<(), StoreError> {
        self.update_point(id, |point| point.col_expr(C::Damaged, Expr::value(clean(sentence))))
            .await
    }

    async fn update_point(
        &self,
        id: &PointId,
        change: impl FnOnce(UpdateMany<recovery_point::Entity>) -> UpdateMany<recovery_point::Entity>,
    ) -> Result<(), StoreError> {
        let update = change(recovery_point::Entity::update_many()).filter(C::Id.eq(id.as_str()));
        changed(update.exec(&self.db).await?.rows_affected, "recovery point", id)
    }

    /// [`Store::point`], as this transaction sees it.
    ///
    /// # Errors
    /// As there.
    pub async fn point(&self, id: &PointId) -> Result<Option<RecoveryPoint>, StoreError> {
        point(&self.db, id).await
    }
}

impl Store {
    /// One recovery point.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn point(&self, id: &PointId) -> Result<Option<RecoveryPoint>, StoreError> {
        point(&self.db, id).await
    }

    /// Recovery points of all machines, newest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn points(&self, limit: u64) -> Result<Vec<RecoveryPoint>, StoreError> {
        self.newest_points(recovery_point::Entity::find().limit(limit)).await
    }

    /// Recovery points of one machine, newest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn points_of_vm(&self, manager: &ManagerId, vm: &VmId) -> Result<Vec<RecoveryPoint>, StoreError> {
        let of_vm = recovery_point::Entity::find()
            .filter(C::Manager.eq(manager.as_str()))
            .filter(C::Vm.eq(vm.as_str()));
        self.newest_points(of_vm).await
    }

    /// For each machine of a Manager that has any: the number of recovery points that are not damaged, and when the
    /// newest of them was taken.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn point_counts(&self, manager: &ManagerId) -> Result<HashMap<VmId, (u64, Timestamp)>, StoreError> {
        let counts: Vec<(String, i64, i64)> = recovery_point::Entity::find()
            .select_only()
            .column(C::Vm)
            .column_as(C::Id.count(), "points")
            .column_as(C::TakenAt.max(), "newest")
            .filter(C::Manager.eq(manager.as_str()))
            .filter(C::Damaged.is_null())
            .group_by(C::Vm)
            .into_tuple()
            .all(&self.db)
            .await?;
        let count = |(vm, points, newest)| Ok((VmId::new(vm), (number("count", points)?, Timestamp(newest))));
        counts.into_iter().map(|row: (String, i64, i64)| count(row)).collect()
    }

    async fn newest_points(&self, points: Select<recovery_point::Entity>) -> Result<Vec<RecoveryPoint>, StoreError> {
        let newest = points.order_by_desc(C::TakenAt).order_by_desc(C::Id);
        newest.all(&self.db).await?.into_iter().map(from_row).collect()
    }
}

async fn point(db: &impl ConnectionTrait, id: &PointId) -> Result<Option<RecoveryPoint>, StoreError> {
    recovery_point::Entity::find_by_id(id.as_str())
        .one(db)
        .await?
        .map(from_row)
        .transpose()
}

fn from_row(row: recovery_point::Model) -> Result<RecoveryPoint, StoreError> {
    Ok(RecoveryPoint {
        manifest: from_json("manifest", &row.manifest)?,
        snapshot: row.snapshot,
        verified_at: Timestamp(row.verified_at),
        damaged: row.damaged,
    })
}
