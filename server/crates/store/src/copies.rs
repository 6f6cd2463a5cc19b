//! The copies of recovery points in the backup targets. What a list says of a point is the sum of its copies, and is
//! written anew with each change of one.

use crate::entity::{point_copy, recovery_point};
use crate::error::{changed, taken};
use crate::value::{from_json_or_null, number, subject_at, to_json, to_json_or_null};
use crate::{StoreError, Tx};
use domain::error::StoredConflict;
use domain::fault::Damage;
use domain::ids::{PointId, TargetId};
use domain::point::{PointCopy, damage, verified_at};
use domain::time::Timestamp;
use point_copy::Column as C;
use sea_orm::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{Insert, QueryOrder, QuerySelect, UpdateMany};

impl Tx {
    /// Notes that what is stored there was read back and matched. A copy that was found damaged before is good again: its
    /// storage was repaired, or was away for a while.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn set_copy_verified(&self, point: &PointId, target: &TargetId, at: Timestamp) -> Result<(), StoreError> {
        self.update_copy(point, target, |copy| {
            copy.col_expr(C::VerifiedAt, Expr::value(at.0))
                .col_expr(C::Damaged, Expr::value(None::<String>))
        })
        .await
    }

    /// Notes that the copy lies in another snapshot than before: it was sealed once more.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn set_copy_snapshot(
        &self,
        point: &PointId,
        target: &TargetId,
        snapshot: &str,
    ) -> Result<(), StoreError> {
        self.update_copy(point, target, |copy| copy.col_expr(C::Snapshot, Expr::value(snapshot)))
            .await
    }

    /// Notes that the copy is damaged.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn set_copy_damaged(
        &self,
        point: &PointId,
        target: &TargetId,
        damage: &Damage,
    ) -> Result<(), StoreError> {
        let damage = to_json("damage", damage)?;
        self.update_copy(point, target, |copy| copy.col_expr(C::Damaged, Expr::value(damage)))
            .await
    }

    pub(crate) async fn insert_copy(&self, point: &PointId, copy: &PointCopy) -> Result<(), StoreError> {
        let row = point_copy::Model {
            point: point.to_string(),
            target: copy.target.to_string(),
            snapshot: copy.snapshot.clone(),
            stored_bytes: number("stored size", copy.stored_bytes)?,
            verified_at: copy.verified_at.0,
            damaged: to_json_or_null("damage", copy.damaged.as_ref())?,
        };
        let what = StoredConflict::CopyStored {
            point: point.clone(),
            target: copy.target.clone(),
        };
        Insert::one(row)
            .exec_without_returning(&self.db)
            .await
            .map_err(taken(what))?;
        Ok(())
    }

    async fn update_copy(
        &self,
        point: &PointId,
        target: &TargetId,
        change: impl FnOnce(UpdateMany<point_copy::Entity>) -> UpdateMany<point_copy::Entity>,
    ) -> Result<(), StoreError> {
        let update = change(point_copy::Entity::update_many())
            .filter(C::Point.eq(point.as_str()))
            .filter(C::Target.eq(target.as_str()));
        changed(
            update.exec(&self.db).await?.rows_affected,
            "copy of recovery point",
            point,
        )?;
        let copies = copies(&self.db, point.as_str()).await?;
        let damaged = to_json_or_null("damage", damage(&copies))?;
        let sum = recovery_point::Entity::update_many()
            .col_expr(recovery_point::Column::VerifiedAt, Expr::value(verified_at(&copies).0))
            .col_expr(recovery_point::Column::Damaged, Expr::value(damaged))
            .filter(recovery_point::Column::Id.eq(point.as_str()));
        changed(sum.exec(&self.db).await?.rows_affected, "recovery point", point)?;
        let of = recovery_point::Entity::find_by_id(point.as_str()).select_only();
        let columns = [recovery_point::Column::Manager, recovery_point::Column::Subject];
        let of: Option<(String, String)> = of.columns(columns).into_tuple().one(&self.db).await?;
        match of {
            Some((manager, subject)) => self.count_points(&subject_at(manager, &subject)?).await,
            None => Ok(()),
        }
    }
}

/// The copies of a recovery point, that in the first backup target before the others.
pub(crate) async fn copies(db: &impl ConnectionTrait, point: &str) -> Result<Vec<PointCopy>, StoreError> {
    let rows = point_copy::Entity::find()
        .filter(C::Point.eq(point))
        .order_by_asc(C::Target)
        .all(db)
        .await?;
    let mut copies = rows.into_iter().map(from_row).collect::<Result<Vec<_>, _>>()?;
    copies.sort_by_key(|copy| !copy.target.is_first());
    Ok(copies)
}

fn from_row(row: point_copy::Model) -> Result<PointCopy, StoreError> {
    Ok(PointCopy {
        target: TargetId::new(row.target),
        snapshot: row.snapshot,
        stored_bytes: number("stored size", row.stored_bytes)?,
        verified_at: Timestamp(row.verified_at),
        damaged: from_json_or_null("damage", row.damaged.as_ref())?,
    })
}
