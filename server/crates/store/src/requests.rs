//! Restore requests and the votes on them.

use crate::asked::asked;
use crate::entity::{restore_request, vote};
use crate::error::{broken_rule, changed};
use crate::listing::{List, Wanted};
use crate::older::from_new_to_old;
use crate::value::{clean, from_word, number, subject_at, to_word};
use crate::{Store, StoreError, Tx};
use domain::ids::{PointId, RequestId, RunId, TeamId, UserId};
use domain::plan::PlanHash;
use domain::request::{CastVote, RequestState, RestoreRequest};
use domain::subject::SubjectRef;
use domain::time::Timestamp;
use restore_request::Column as C;
use sea_orm::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::sqlx::error::ErrorKind;
use sea_orm::{Insert, QueryOrder, QuerySelect, QueryTrait};
use std::collections::HashMap;

/// The list of requests. Each has words of its own, its ids among them.
pub(crate) const REQUESTS: List<restore_request::Entity> = List {
    name: "restore_request",
    at: C::RequestedAt,
    id: C::Id,
    topic: C::Topic,
    ids: &[],
};

impl Tx {
    /// Stores a request; its votes are not stored, for it can have none yet.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is no such recovery point, plan, team or account.
    pub async fn insert_request(&self, request: &RestoreRequest) -> Result<(), StoreError> {
        let words = [
            request.requested_by_name.as_str(),
            &request.reason,
            request.ticket.as_deref().unwrap_or_default(),
            request.id.as_str(),
            request.plan_hash.as_str(),
        ];
        let row = restore_request::Model {
            topic: self.topic(REQUESTS.name, &request.subject, &words).await?,
            id: request.id.to_string(),
            state: request.state.key().to_owned(),
            manager: request.subject.manager.to_string(),
            subject: request.subject.object.key(),
            subject_name: clean(&request.subject.name),
            team: request.team.as_ref().map(ToString::to_string),
            point: request.point.to_string(),
            plan_hash: request.plan_hash.to_string(),
            requested_by: request.requested_by.to_string(),
            requested_by_name: request.requested_by_name.clone(),
            requested_at: request.requested_at.0,
            reason: clean(&request.reason),
            ticket: request.ticket.as_deref().map(clean),
            approvals_needed: request.approvals_needed.into(),
            expires_at: request.expires_at.0,
            run: request.run.as_ref().map(ToString::to_string),
        };
        Insert::one(row).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// The request for a plan, if it was requested.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn request_of_plan(&self, plan: &PlanHash) -> Result<Option<RequestId>, StoreError> {
        request_of_plan(&self.db, plan).await
    }

    /// Stores a vote. `requested_by` is the one who asked for the restore.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the voter has voted already or has asked for the restore himself, or when
    /// `requested_by` is somebody else than the request says.
    pub async fn insert_vote(
        &self,
        request: &RequestId,
        requested_by: &UserId,
        cast: &CastVote,
    ) -> Result<(), StoreError> {
        let row = vote::Model {
            request: request.to_string(),
            requested_by: requested_by.to_string(),
            voter: cast.user.to_string(),
            voter_name: cast.user_name.clone(),
            vote: to_word("vote", cast.vote)?,
            reason: clean(&cast.reason),
            at: cast.at.0,
            plan_hash: cast.plan_hash.to_string(),
        };
        let refusal = |error: DbErr| match broken_rule(&error) {
            Some(ErrorKind::UniqueViolation) => {
                StoreError::conflict(format!("{} has voted on this request already.", cast.user_name))
            }
            Some(ErrorKind::CheckViolation) => StoreError::conflict("Nobody decides on his own request."),
            _ => error.into(),
        };
        Insert::one(row)
            .exec_without_returning(&self.db)
            .await
            .map_err(refusal)?;
        Ok(())
    }

    /// Changes the state of a request. `run` is the run that it led to; none leaves what is stored.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn set_request_state(
        &self,
        id: &RequestId,
        state: RequestState,
        run: Option<&RunId>,
    ) -> Result<(), StoreError> {
        let update = restore_request::Entity::update_many()
            .col_expr(C::State, Expr::value(state.key()))
            .apply_if(run, |update, run| update.col_expr(C::Run, Expr::value(run.as_str())))
            .filter(C::Id.eq(id.as_str()));
        changed(update.exec(&self.db).await?.rows_affected, "request", id)
    }

    /// Closes a request that nobody has decided in time. The answer is whether it still waited.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn expire_request(&self, id: &RequestId) -> Result<bool, StoreError> {
        let update = restore_request::Entity::update_many()
            .col_expr(C::State, Expr::value(RequestState::Expired.key()))
            .filter(C::Id.eq(id.as_str()))
            .filter(C::State.eq(RequestState::Pending.key()));
        Ok(update.exec(&self.db).await?.rows_affected > 0)
    }

    /// [`Store::request`], as this transaction sees it.
    ///
    /// # Errors
    /// As there.
    pub async fn request(&self, id: &RequestId) -> Result<Option<RestoreRequest>, StoreError> {
        request(&self.db, id).await
    }
}

impl Store {
    /// One request with its votes.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn request(&self, id: &RequestId) -> Result<Option<RestoreRequest>, StoreError> {
        request(&self.db, id).await
    }

    /// The request for a plan, if it was requested.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn request_of_plan(&self, plan: &PlanHash) -> Result<Option<RequestId>, StoreError> {
        request_of_plan(&self.db, plan).await
    }

    /// Requests with their votes, newest first, of those that are wanted: all, or those in one state, or of one person.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn requests(
        &self,
        state: Option<RequestState>,
        requested_by: Option<&UserId>,
        wanted: &Wanted<'_>,
    ) -> Result<Vec<RestoreRequest>, StoreError> {
        let rows = restore_request::Entity::find()
            .apply_if(state, |all, state| all.filter(C::State.eq(state.key())))
            .apply_if(requested_by, |all, by| all.filter(C::RequestedBy.eq(by.as_str())));
        let found = asked(REQUESTS.find(&self.db, rows, wanted)).await?;
        newest(&self.db, restore_request::Entity::find().filter(C::Id.is_in(found))).await
    }

    /// Requests for one subject with their votes, newest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn requests_of(&self, subject: &SubjectRef, limit: u64) -> Result<Vec<RestoreRequest>, StoreError> {
        let of_subject = restore_request::Entity::find()
            .filter(C::Manager.eq(subject.manager.as_str()))
            .filter(C::Subject.eq(subject.object.key()));
        newest(&self.db, of_subject.limit(limit)).await
    }

    /// Requests that still wait although their time is over.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn pending_expired(&self, now: Timestamp) -> Result<Vec<RestoreRequest>, StoreError> {
        let expired = restore_request::Entity::find()
            .filter(C::State.eq(RequestState::Pending.key()))
            .filter(C::ExpiresAt.lte(now.0));
        newest(&self.db, expired).await
    }
}

async fn request(db: &impl ConnectionTrait, id: &RequestId) -> Result<Option<RestoreRequest>, StoreError> {
    let found = restore_request::Entity::find_by_id(id.as_str());
    Ok(newest(db, found).await?.pop())
}

async fn request_of_plan(db: &impl ConnectionTrait, plan: &PlanHash) -> Result<Option<RequestId>, StoreError> {
    let asked = restore_request::Entity::find().filter(C::PlanHash.eq(plan.as_str()));
    Ok(asked.one(db).await?.map(|row| RequestId::new(row.id)))
}

async fn newest(
    db: &impl ConnectionTrait,
    requests: Select<restore_request::Entity>,
) -> Result<Vec<RestoreRequest>, StoreError> {
    let rows = from_new_to_old(requests, C::RequestedAt, C::Id, None).all(db).await?;
    let votes = vote::Entity::find()
        .filter(vote::Column::Request.is_in(rows.iter().map(|row| row.id.as_str())))
        .order_by_asc(vote::Column::At)
        .order_by_asc(vote::Column::Voter)
        .all(db)
        .await?;
    let mut votes_of: HashMap<String, Vec<CastVote>> = HashMap::new();
    for vote in votes {
        votes_of.entry(vote.request.clone()).or_default().push(cast_vote(vote)?);
    }
    rows.into_iter()
        .map(|row| restore_request(votes_of.remove(&row.id).unwrap_or_default(), row))
        .collect()
}

fn restore_request(votes: Vec<CastVote>, row: restore_request::Model) -> Result<RestoreRequest, StoreError> {
    Ok(RestoreRequest {
        id: RequestId::new(row.id),
        state: RequestState::from_key(&row.state).ok_or_else(|| StoreError::unreadable("request state", &row.state))?,
        subject: subject_at(row.manager, &row.subject)?.named(row.subject_name),
        team: row.team.map(TeamId::new),
        point: PointId::new(row.point),
        plan_hash: PlanHash::new(row.plan_hash),
        requested_by: UserId::new(row.requested_by),
        requested_by_name: row.requested_by_name,
        requested_at: Timestamp(row.requested_at),
        reason: row.reason,
        ticket: row.ticket,
        approvals_needed: number("number of approvals", row.approvals_needed)?,
        votes,
        expires_at: Timestamp(row.expires_at),
        run: row.run.map(RunId::new),
    })
}

fn cast_vote(row: vote::Model) -> Result<CastVote, StoreError> {
    Ok(CastVote {
        user: UserId::new(row.voter),
        user_name: row.voter_name,
        vote: from_word("vote", row.vote)?,
        reason: row.reason,
        at: Timestamp(row.at),
        plan_hash: PlanHash::new(row.plan_hash),
    })
}
