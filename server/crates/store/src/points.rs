//! The catalogue of recovery points.

use crate::entity::recovery_point;
use crate::error::{changed, taken};
use crate::older::from_new_to_old;
use crate::value::{
    clean, from_json, from_json_or_null, from_word, number, subject_at, to_json, to_json_or_null, to_word,
};
use crate::{Store, StoreError, Tx};
use domain::fault::Damage;
use domain::ids::{ManagerId, PointId};
use domain::list::Cursor;
use domain::point::{PointSummary, RecoveryPoint};
use domain::subject::{Object, SubjectRef};
use domain::time::Timestamp;
use recovery_point::Column as C;
use sea_orm::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{DerivePartialModel, Insert, QuerySelect, UpdateMany};
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
            manager: manifest.subject.manager.to_string(),
            subject: manifest.subject.object.key(),
            subject_name: clean(&manifest.subject.name),
            run: manifest.run.to_string(),
            policy_name: clean(&manifest.policy),
            taken_at: manifest.taken_at.0,
            consistency: to_word("consistency", manifest.machine().consistency)?,
            disks: number("number of disks", manifest.disks().len())?,
            size_bytes: number("size", point.size_bytes())?,
            stored_bytes: number("stored size", point.stored_bytes())?,
            snapshot: point.snapshot.clone(),
            verified_at: point.verified_at.0,
            damaged: to_json_or_null("damage", point.damaged.as_ref())?,
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

    /// Notes that the point lies in another snapshot than before: it was sealed once more.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn set_point_snapshot(&self, id: &PointId, snapshot: &str) -> Result<(), StoreError> {
        self.update_point(id, |point| point.col_expr(C::Snapshot, Expr::value(snapshot)))
            .await
    }

    /// Notes that the stored copy is damaged.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn set_point_damaged(&self, id: &PointId, damage: &Damage) -> Result<(), StoreError> {
        let damage = to_json("damage", damage)?;
        self.update_point(id, |point| point.col_expr(C::Damaged, Expr::value(damage)))
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

    /// The newest undamaged recovery point of a subject.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn newest_point(&self, subject: &SubjectRef) -> Result<Option<RecoveryPoint>, StoreError> {
        let undamaged = of_subject(recovery_point::Entity::find(), subject).filter(C::Damaged.is_null());
        let newest = newest_first(undamaged, None).one(&self.db).await?;
        newest.map(from_row).transpose()
    }

    /// What a list says of recovery points, newest first: of all or of one subject, of those behind the cursor.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn points(
        &self,
        of: Option<&SubjectRef>,
        before: Option<Cursor>,
        limit: u64,
    ) -> Result<Vec<PointSummary>, StoreError> {
        let points = recovery_point::Entity::find();
        let points = match of {
            Some(subject) => of_subject(points, subject),
            None => points,
        };
        let rows: Vec<SummaryRow> = newest_first(points, before)
            .limit(limit)
            .into_partial_model()
            .all(&self.db)
            .await?;
        rows.into_iter().map(SummaryRow::read).collect()
    }

    /// The undamaged recovery points of each subject of a Manager that has any.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn point_counts(&self, manager: &ManagerId) -> Result<HashMap<Object, PointCount>, StoreError> {
        let counts: Vec<(String, i64, i64, i64)> = counts_of(manager).into_tuple().all(&self.db).await?;
        let count = |(subject, points, oldest, newest): (String, i64, i64, i64)| {
            let count = PointCount {
                points: number("count", points)?,
                oldest: Timestamp(oldest),
                newest: Timestamp(newest),
            };
            Ok((subject_at(manager.to_string(), &subject)?.object, count))
        };
        counts.into_iter().map(count).collect()
    }
}

/// How many recovery points a subject has, and from when to when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PointCount {
    /// How many.
    pub points: u64,
    /// When the first was taken.
    pub oldest: Timestamp,
    /// When the last was taken.
    pub newest: Timestamp,
}

/// The columns of a [`PointSummary`].
#[derive(DerivePartialModel)]
#[sea_orm(entity = "recovery_point::Entity")]
struct SummaryRow {
    id: String,
    manager: String,
    subject: String,
    subject_name: String,
    policy_name: String,
    taken_at: i64,
    consistency: String,
    disks: i64,
    size_bytes: i64,
    stored_bytes: i64,
    verified_at: i64,
    damaged: Option<String>,
}

impl SummaryRow {
    fn read(self) -> Result<PointSummary, StoreError> {
        Ok(PointSummary {
            point: PointId::new(self.id),
            subject: subject_at(self.manager, &self.subject)?.named(self.subject_name),
            policy: self.policy_name,
            taken_at: Timestamp(self.taken_at),
            consistency: from_word("consistency", self.consistency)?,
            disks: number("number of disks", self.disks)?,
            size_bytes: number("size", self.size_bytes)?,
            stored_bytes: number("stored size", self.stored_bytes)?,
            verified_at: Timestamp(self.verified_at),
            damaged: from_json_or_null("damage", self.damaged.as_ref())?,
        })
    }
}

/// Subject, count, oldest and newest of the undamaged recovery points, for each subject that has any.
pub(crate) fn counts_of(manager: &ManagerId) -> Select<recovery_point::Entity> {
    recovery_point::Entity::find()
        .select_only()
        .column(C::Subject)
        .column_as(C::Id.count(), "points")
        .column_as(C::TakenAt.min(), "oldest")
        .column_as(C::TakenAt.max(), "newest")
        .filter(C::Manager.eq(manager.as_str()))
        .filter(C::Damaged.is_null())
        .group_by(C::Subject)
}

fn of_subject(points: Select<recovery_point::Entity>, subject: &SubjectRef) -> Select<recovery_point::Entity> {
    points
        .filter(C::Manager.eq(subject.manager.as_str()))
        .filter(C::Subject.eq(subject.object.key()))
}

fn newest_first(points: Select<recovery_point::Entity>, before: Option<Cursor>) -> Select<recovery_point::Entity> {
    from_new_to_old(points, C::TakenAt, C::Id, before)
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
        damaged: from_json_or_null("damage", row.damaged.as_ref())?,
    })
}
