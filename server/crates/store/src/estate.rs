//! Estates as they were discovered, and the teams of machines.

use crate::entity::{estate_revision, subject_team};
use crate::put::put;
use crate::value::{from_json, subject_at, to_json};
use crate::{Store, StoreError, Tx};
use domain::ids::{ManagerId, TeamId};
use domain::services::RevisionHead;
use domain::subject::{Object, SubjectRef};
use domain::time::Timestamp;
use ovm::estate::Estate;
use sea_orm::prelude::*;
use sea_orm::{Insert, NotSet, QueryOrder, QuerySelect, Set};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

/// An estate at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Number; a later one is greater.
    pub id: i64,
    /// When it was discovered.
    pub taken_at: Timestamp,
    /// The estate, which never changes: all who need it share it.
    pub estate: Arc<Estate>,
}

impl Tx {
    /// Stores what was discovered and returns its number. An estate that is equal to the newest one is not stored again.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is no such Manager.
    pub async fn insert_revision(
        &self,
        manager: &ManagerId,
        taken_at: Timestamp,
        estate: &Estate,
    ) -> Result<i64, StoreError> {
        let json = to_json("estate", estate)?;
        let hash = hex::encode(Sha256::digest(&json));
        let before = newest(manager).one(&self.db).await?;
        let same = before.filter(|row| row.content_hash.as_ref() == Some(&hash));
        let same_as = same.map(|row| row.same_as.unwrap_or(row.id));
        let row = estate_revision::ActiveModel {
            id: NotSet,
            manager: Set(manager.to_string()),
            taken_at: Set(taken_at.0),
            estate: Set(if same_as.is_none() { json } else { String::new() }),
            content_hash: Set(Some(hash)),
            same_as: Set(same_as),
            counts: Set(Some(to_json("counts of an estate", &estate.counts())?)),
        };
        Ok(Insert::one(row).exec(&self.db).await?.last_insert_id)
    }

    /// Puts an object under a team, or under none.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is no such Manager or team.
    pub async fn set_subject_team(&self, subject: &SubjectRef, team: Option<&TeamId>) -> Result<(), StoreError> {
        let key = (subject.manager.to_string(), subject.object.key());
        let Some(team) = team else {
            subject_team::Entity::delete_by_id(key).exec(&self.db).await?;
            return Ok(());
        };
        let row = subject_team::Model {
            manager: key.0,
            subject: key.1,
            team: team.to_string(),
        };
        Ok(put(&self.db, row).await?)
    }

    /// [`Store::subject_team`], as this transaction sees it.
    ///
    /// # Errors
    /// As there.
    pub async fn subject_team(&self, subject: &SubjectRef) -> Result<Option<TeamId>, StoreError> {
        subject_team(&self.db, subject).await
    }
}

impl Store {
    /// The newest estate of a Manager. It is read from the database once.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn latest_revision(&self, manager: &ManagerId) -> Result<Option<Arc<Revision>>, StoreError> {
        let Some((number, _)) = self.latest_revision_head(manager).await? else {
            return Ok(None);
        };
        let kept = || self.estates.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept().get(manager).filter(|known| known.id == number) {
            return Ok(Some(known.clone()));
        }
        let read = self.revision(manager, number).await?.map(Arc::new);
        if let Some(revision) = &read {
            kept().insert(manager.clone(), revision.clone());
        }
        Ok(read)
    }

    /// The estate of a Manager at the revision with this number.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn revision(&self, manager: &ManagerId, number: i64) -> Result<Option<Revision>, StoreError> {
        let row = estate_revision::Entity::find_by_id(number)
            .filter(estate_revision::Column::Manager.eq(manager.as_str()))
            .one(&self.db);
        self.read(row.await?).await
    }

    async fn read(&self, row: Option<estate_revision::Model>) -> Result<Option<Revision>, StoreError> {
        let Some(row) = row else { return Ok(None) };
        let json = match row.same_as {
            None => row.estate,
            Some(number) => {
                let first = estate_revision::Entity::find_by_id(number).one(&self.db).await?;
                let first = first.ok_or_else(|| StoreError::unreadable("estate", "its content is missing"))?;
                first.estate
            }
        };
        Ok(Some(Revision {
            id: row.id,
            taken_at: Timestamp(row.taken_at),
            estate: Arc::new(from_json("estate", &json)?),
        }))
    }

    /// All revisions of a Manager, newest first, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn revisions(&self, manager: &ManagerId, limit: u64) -> Result<Vec<RevisionHead>, StoreError> {
        let rows: Vec<(i64, i64, Option<i64>, Option<String>)> = newest(manager)
            .select_only()
            .columns([
                estate_revision::Column::Id,
                estate_revision::Column::TakenAt,
                estate_revision::Column::SameAs,
                estate_revision::Column::Counts,
            ])
            .limit(limit)
            .into_tuple()
            .all(&self.db)
            .await?;
        let head = |(number, taken_at, same_as, counts): (i64, i64, Option<i64>, Option<String>)| {
            let counts = counts.map(|counts| from_json("counts of an estate", &counts));
            Ok(RevisionHead {
                number,
                taken_at: Timestamp(taken_at),
                counts: counts.transpose()?.unwrap_or_default(),
                same_as,
            })
        };
        rows.into_iter().map(head).collect()
    }

    /// Number and time of the newest estate of a Manager.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn latest_revision_head(&self, manager: &ManagerId) -> Result<Option<(i64, Timestamp)>, StoreError> {
        let head: Option<(i64, i64)> = newest(manager)
            .select_only()
            .columns([estate_revision::Column::Id, estate_revision::Column::TakenAt])
            .into_tuple()
            .one(&self.db)
            .await?;
        Ok(head.map(|(id, taken_at)| (id, Timestamp(taken_at))))
    }

    /// The teams of all objects of a Manager that have one.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn subject_teams(&self, manager: &ManagerId) -> Result<HashMap<Object, TeamId>, StoreError> {
        let rows = subject_team::Entity::find()
            .filter(subject_team::Column::Manager.eq(manager.as_str()))
            .all(&self.db)
            .await?;
        let team = |row: subject_team::Model| {
            let subject = subject_at(row.manager, &row.subject)?;
            Ok((subject.object, TeamId::new(row.team)))
        };
        rows.into_iter().map(team).collect()
    }

    /// The objects of a Manager that belong to one of these teams.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn subjects_of_teams(&self, manager: &ManagerId, teams: &[TeamId]) -> Result<Vec<Object>, StoreError> {
        let rows = subject_team::Entity::find()
            .filter(subject_team::Column::Manager.eq(manager.as_str()))
            .filter(subject_team::Column::Team.is_in(teams.iter().map(TeamId::as_str)))
            .all(&self.db)
            .await?;
        let object = |row: subject_team::Model| Ok(subject_at(row.manager, &row.subject)?.object);
        rows.into_iter().map(object).collect()
    }

    /// The team of an object.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn subject_team(&self, subject: &SubjectRef) -> Result<Option<TeamId>, StoreError> {
        subject_team(&self.db, subject).await
    }
}

async fn subject_team(db: &impl ConnectionTrait, subject: &SubjectRef) -> Result<Option<TeamId>, StoreError> {
    let key = (subject.manager.to_string(), subject.object.key());
    let row = subject_team::Entity::find_by_id(key).one(db).await?;
    Ok(row.map(|row| TeamId::new(row.team)))
}

fn newest(manager: &ManagerId) -> Select<estate_revision::Entity> {
    estate_revision::Entity::find()
        .filter(estate_revision::Column::Manager.eq(manager.as_str()))
        .order_by_desc(estate_revision::Column::Id)
        .limit(1)
}
