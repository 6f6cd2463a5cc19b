//! Requests and the votes on them.

use crate::asked::asked;
use crate::entity::{restore_request, vote};
use crate::error::{broken_rule, changed};
use crate::listing::{List, Wanted};
use crate::older::from_new_to_old;
use crate::topics::of_policy;
use crate::value::{clean, from_json, from_word, ms, number, subject_at, to_json, to_word, window};
use crate::{Store, StoreError, Tx};
use domain::error::StoredConflict;
use domain::ids::{PointId, RequestId, RunId, TeamId, UserId};
use domain::plan::PlanHash;
use domain::request::{Asked, AskedHash, CastVote, Change, Request, RequestState, Vote};
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
    pub async fn insert_request(&self, request: &Request) -> Result<(), StoreError> {
        let (subject, window) = (request.asked.subject(), request.asked.window());
        let (point, change) = match &request.asked {
            Asked::Plan { point, .. } => (Some(point.to_string()), None),
            Asked::Change(change) => (None, Some(to_json("change", change)?)),
        };
        let row = restore_request::Model {
            topic: self.topic_of_request(request).await?,
            id: request.id.to_string(),
            state: request.state.key().to_owned(),
            manager: subject.map(|subject| subject.manager.to_string()),
            subject: subject.map(|subject| subject.object.key()),
            subject_name: subject.map(|subject| clean(&subject.name)),
            team: request.team.as_ref().map(ToString::to_string),
            point,
            plan_hash: request.asked.plan().map(ToString::to_string),
            change,
            not_before: ms(window.not_before),
            not_after: ms(window.not_after),
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

    /// By what a request is found, and whose it is: that of its object, or of the policy that it changes.
    async fn topic_of_request(&self, request: &Request) -> Result<i64, StoreError> {
        let plan = request.asked.plan().map(PlanHash::as_str).unwrap_or_default();
        let words = [
            request.requested_by_name.as_str(),
            &request.reason,
            request.ticket.as_deref().unwrap_or_default(),
            request.id.as_str(),
            plan,
        ];
        match &request.asked {
            Asked::Change(Change::Policy { from, .. }) => {
                let named = [&[from.rules.name.as_str()], words.as_slice()].concat();
                self.topic_at(REQUESTS.name, "", &of_policy(&from.id), &named).await
            }
            Asked::Plan { subject, .. } | Asked::Change(Change::Assignment { subject, .. }) => {
                self.topic(REQUESTS.name, subject, &words).await
            }
        }
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
            seen: cast.seen.to_string(),
        };
        let refusal = |error: DbErr| match broken_rule(&error) {
            Some(ErrorKind::UniqueViolation) => StoreError::Conflict(StoredConflict::VoteStored {
                voter: cast.user_name.clone(),
            }),
            Some(ErrorKind::CheckViolation) => StoreError::Conflict(StoredConflict::OwnVote),
            _ => error.into(),
        };
        Insert::one(row)
            .exec_without_returning(&self.db)
            .await
            .map_err(refusal)?;
        Ok(())
    }

    /// Puts the veto of somebody who had approved in the place of his approval.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when he has not approved, or not any more.
    pub async fn replace_approval(&self, request: &RequestId, veto: &CastVote) -> Result<(), StoreError> {
        let update = vote::Entity::update_many()
            .col_expr(vote::Column::Vote, Expr::value(to_word("vote", veto.vote)?))
            .col_expr(vote::Column::Reason, Expr::value(clean(&veto.reason)))
            .col_expr(vote::Column::At, Expr::value(veto.at.0))
            .col_expr(vote::Column::Seen, Expr::value(veto.seen.as_str()))
            .filter(vote::Column::Request.eq(request.as_str()))
            .filter(vote::Column::Voter.eq(veto.user.as_str()))
            .filter(vote::Column::Vote.eq(to_word("vote", Vote::Approve)?));
        match update.exec(&self.db).await?.rows_affected {
            0 => Err(StoreError::Conflict(StoredConflict::VoteStored {
                voter: veto.user_name.clone(),
            })),
            _ => Ok(()),
        }
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
    pub async fn request(&self, id: &RequestId) -> Result<Option<Request>, StoreError> {
        request(&self.db, id).await
    }
}

impl Store {
    /// One request with its votes.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn request(&self, id: &RequestId) -> Result<Option<Request>, StoreError> {
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
    ) -> Result<Vec<Request>, StoreError> {
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
    pub async fn requests_of(&self, subject: &SubjectRef, limit: u64) -> Result<Vec<Request>, StoreError> {
        let of_subject = restore_request::Entity::find()
            .filter(C::Manager.eq(subject.manager.as_str()))
            .filter(C::Subject.eq(subject.object.key()));
        newest(&self.db, of_subject.limit(limit)).await
    }

    /// Requests that still wait although their time is over.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn pending_expired(&self, now: Timestamp) -> Result<Vec<Request>, StoreError> {
        let expired = restore_request::Entity::find()
            .filter(C::State.eq(RequestState::Pending.key()))
            .filter(C::ExpiresAt.lte(now.0));
        newest(&self.db, expired).await
    }
}

async fn request(db: &impl ConnectionTrait, id: &RequestId) -> Result<Option<Request>, StoreError> {
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
) -> Result<Vec<Request>, StoreError> {
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

fn restore_request(votes: Vec<CastVote>, row: restore_request::Model) -> Result<Request, StoreError> {
    Ok(Request {
        id: RequestId::new(&row.id),
        state: RequestState::from_key(&row.state).ok_or_else(|| StoreError::unreadable("request state", &row.state))?,
        asked: what(&row)?,
        team: row.team.map(TeamId::new),
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

/// What is requested in a row.
fn what(row: &restore_request::Model) -> Result<Asked, StoreError> {
    if let Some(change) = &row.change {
        return Ok(Asked::Change(from_json("change", change)?));
    }
    let lacks = |what: &'static str| StoreError::unreadable("request", format!("it has no {what}"));
    let text = |column: &Option<String>, what| column.clone().ok_or_else(|| lacks(what));
    let at = subject_at(text(&row.manager, "Manager")?, &text(&row.subject, "subject")?)?;
    Ok(Asked::Plan {
        hash: PlanHash::new(text(&row.plan_hash, "plan")?),
        point: PointId::new(text(&row.point, "recovery point")?),
        subject: at.named(text(&row.subject_name, "name")?),
        window: window(row.not_before, row.not_after),
    })
}

fn cast_vote(row: vote::Model) -> Result<CastVote, StoreError> {
    Ok(CastVote {
        user: UserId::new(row.voter),
        user_name: row.voter_name,
        vote: from_word("vote", row.vote)?,
        reason: row.reason,
        at: Timestamp(row.at),
        seen: AskedHash::new(row.seen),
    })
}
