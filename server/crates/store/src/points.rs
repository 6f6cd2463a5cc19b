//! The catalogue of recovery points.

use crate::asked::asked;
use crate::copies::copies;
use crate::entity::{manifest, recovery_point, subject_points};
use crate::error::taken;
use crate::listing::{List, Wanted};
use crate::older::from_new_to_old;
use crate::packed::{Kind, Packed, unpack};
use crate::put::put;
use crate::value::{
    clean, from_json, from_json_or_null, from_word, number, subject_at, to_json, to_json_or_null, to_word,
};
use crate::{Store, StoreError, Tx};
use domain::error::StoredConflict;
use domain::ids::{ManagerId, PointId};
use domain::point::{Manifest, PointSummary, RecoveryPoint};
use domain::subject::{Object, SubjectRef};
use domain::time::Timestamp;
use recovery_point::Column as C;
use sea_orm::prelude::*;
use sea_orm::{DerivePartialModel, Insert, QuerySelect};
use std::collections::HashMap;

/// The list of recovery points.
pub(crate) const POINTS: List<recovery_point::Entity> = List {
    name: "recovery_point",
    at: C::TakenAt,
    id: C::Id,
    topic: C::Topic,
    ids: &[C::Id],
};

impl Tx {
    /// Publishes a recovery point.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is published already.
    pub async fn insert_point(&self, point: &RecoveryPoint) -> Result<(), StoreError> {
        let manifest = &point.manifest;
        let texts = [manifest.policy.as_str()];
        let row = recovery_point::Model {
            topic: self.topic(POINTS.name, &manifest.subject, &texts).await?,
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
            verified_at: point.verified_at().0,
            damaged: to_json_or_null("damage", point.damage())?,
        };
        let what = StoredConflict::PointStored {
            point: manifest.point.clone(),
        };
        Insert::one(row)
            .exec_without_returning(&self.db)
            .await
            .map_err(taken(what))?;
        let json = to_json("manifest", manifest)?;
        let Packed { base, body } = self.pack(Kind::Manifest, &manifest.subject.at(), &json).await?;
        let row = manifest::Model {
            point: manifest.point.to_string(),
            base,
            body,
        };
        Insert::one(row).exec_without_returning(&self.db).await?;
        for copy in &point.copies {
            self.insert_copy(&manifest.point, copy).await?;
        }
        self.count_points(&manifest.subject.at()).await
    }

    /// Counts the usable recovery points of a subject again: pages ask for thousands of subjects at once.
    pub(crate) async fn count_points(&self, subject: &SubjectRef) -> Result<(), StoreError> {
        let (manager, object) = (subject.manager.to_string(), subject.object.key());
        let counted: Option<(i64, Option<i64>, Option<i64>)> = counted(subject).into_tuple().one(&self.db).await?;
        let Some((points, Some(oldest), Some(newest))) = counted else {
            subject_points::Entity::delete_by_id((manager, object))
                .exec(&self.db)
                .await?;
            return Ok(());
        };
        let row = subject_points::Model {
            manager,
            subject: object,
            points,
            oldest,
            newest,
        };
        Ok(put(&self.db, row).await?)
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
        let newest = newest_first(undamaged).one(&self.db).await?;
        whole(&self.db, newest).await
    }

    /// What a list says of recovery points, newest first, of those that are wanted: of all subjects or of one.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn points(&self, of: Option<&SubjectRef>, wanted: &Wanted<'_>) -> Result<Vec<PointSummary>, StoreError> {
        let points = recovery_point::Entity::find();
        let points = match of {
            Some(subject) => of_subject(points, subject),
            None => points,
        };
        let found = asked(POINTS.find(&self.db, points, wanted)).await?;
        summaries(&self.db, recovery_point::Entity::find().filter(C::Id.is_in(found))).await
    }

    /// What a list says of the newest recovery points of one subject.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn points_of(&self, subject: &SubjectRef, limit: u64) -> Result<Vec<PointSummary>, StoreError> {
        summaries(
            &self.db,
            of_subject(recovery_point::Entity::find(), subject).limit(limit),
        )
        .await
    }

    /// The undamaged recovery points of each subject of a Manager that has any.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn point_counts(&self, manager: &ManagerId) -> Result<HashMap<Object, PointCount>, StoreError> {
        let of_manager = subject_points::Entity::find().filter(subject_points::Column::Manager.eq(manager.as_str()));
        let rows = of_manager.all(&self.db).await?.into_iter();
        rows.map(|row| {
            Ok((
                subject_at(row.manager.clone(), &row.subject)?.object,
                PointCount::read(row)?,
            ))
        })
        .collect()
    }

    /// The undamaged recovery points of a subject, if it has any.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn point_count(&self, subject: &SubjectRef) -> Result<Option<PointCount>, StoreError> {
        let key = (subject.manager.to_string(), subject.object.key());
        let row = subject_points::Entity::find_by_id(key).one(&self.db).await?;
        row.map(PointCount::read).transpose()
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

impl PointCount {
    fn read(row: subject_points::Model) -> Result<Self, StoreError> {
        Ok(Self {
            points: number("count", row.points)?,
            oldest: Timestamp(row.oldest),
            newest: Timestamp(row.newest),
        })
    }
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

/// Count, oldest and newest of the undamaged recovery points of a subject.
pub(crate) fn counted(subject: &SubjectRef) -> Select<recovery_point::Entity> {
    of_subject(recovery_point::Entity::find(), subject)
        .select_only()
        .column_as(C::Id.count(), "points")
        .column_as(C::TakenAt.min(), "oldest")
        .column_as(C::TakenAt.max(), "newest")
        .filter(C::Damaged.is_null())
}

async fn summaries(
    db: &impl ConnectionTrait,
    points: Select<recovery_point::Entity>,
) -> Result<Vec<PointSummary>, StoreError> {
    let rows: Vec<SummaryRow> = newest_first(points).into_partial_model().all(db).await?;
    rows.into_iter().map(SummaryRow::read).collect()
}

fn of_subject(points: Select<recovery_point::Entity>, subject: &SubjectRef) -> Select<recovery_point::Entity> {
    points
        .filter(C::Manager.eq(subject.manager.as_str()))
        .filter(C::Subject.eq(subject.object.key()))
}

fn newest_first(points: Select<recovery_point::Entity>) -> Select<recovery_point::Entity> {
    from_new_to_old(points, C::TakenAt, C::Id, None)
}

async fn point(db: &impl ConnectionTrait, id: &PointId) -> Result<Option<RecoveryPoint>, StoreError> {
    let row = recovery_point::Entity::find_by_id(id.as_str()).one(db).await?;
    whole(db, row).await
}

/// What a recovery point says of itself.
async fn manifest(db: &impl ConnectionTrait, point: &str) -> Result<Manifest, StoreError> {
    let row = manifest::Entity::find_by_id(point).one(db).await?;
    let row = row.ok_or_else(|| StoreError::unreadable("manifest", format!("that of {point} is missing")))?;
    let packed = Packed {
        base: row.base,
        body: row.body,
    };
    from_json("manifest", &unpack(db, Kind::Manifest, &packed).await?)
}

/// The recovery point behind a row.
async fn whole(
    db: &impl ConnectionTrait,
    row: Option<recovery_point::Model>,
) -> Result<Option<RecoveryPoint>, StoreError> {
    let Some(row) = row else { return Ok(None) };
    Ok(Some(RecoveryPoint {
        manifest: manifest(db, &row.id).await?,
        copies: copies(db, &row.id).await?,
    }))
}
