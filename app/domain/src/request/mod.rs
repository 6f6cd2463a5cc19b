//! Requests: who asked for what and why, who agreed, and the rules of that.

mod asked;
mod window;

pub use asked::{Asked, AskedHash, Change};
pub use window::{WINDOW_DAYS, Window};

use crate::actor::{Actor, Permission};
use crate::error::{RequestConflict, RequestFlaw, ServiceError};
use crate::ids::{RequestId, RunId, TeamId, UserId};
use crate::list::{Cursor, Listed};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// How long a request waits for approval, in seconds (4 hours).
const APPROVAL_EXPIRY_SECS: i64 = 4 * 3600;

/// How many characters a reason has: enough to tell an auditor something.
pub const REASON_LENGTH: RangeInclusive<usize> = 10..=1000;

/// When a request expires that is made now: in a few hours, or when its window closes if that is sooner.
pub fn expiry(now: Timestamp, window: Window) -> Timestamp {
    let usual = now.plus_seconds(APPROVAL_EXPIRY_SECS);
    window.not_after.map_or(usual, |end| end.min(usual))
}

/// State of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestState {
    /// Waits for approval.
    Pending,
    /// Approved, or needs no approval: its run may begin in its window, or the change is done.
    Approved,
    /// Somebody vetoed it.
    Vetoed,
    /// Nobody decided in time.
    Expired,
    /// The one who asked has withdrawn it.
    Withdrawn,
    /// It was approved, but when its run was to begin too few of the approvals still counted, or what was to be changed was
    /// not any more what it had been.
    Void,
    /// Its run could not begin before its window closed.
    Missed,
}

impl RequestState {
    /// All states.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Approved,
        Self::Vetoed,
        Self::Expired,
        Self::Withdrawn,
        Self::Void,
        Self::Missed,
    ];

    /// The name in the database and in links.
    pub fn key(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Vetoed => "vetoed",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
            Self::Void => "void",
            Self::Missed => "missed",
        }
    }

    /// The state with this [`RequestState::key`].
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }

    /// The words a person reads.
    pub fn title(self) -> &'static str {
        match self {
            Self::Pending => "Waiting for approval",
            Self::Approved => "Approved",
            Self::Vetoed => "Vetoed",
            Self::Expired => "Expired",
            Self::Withdrawn => "Withdrawn",
            Self::Void => "Approval void",
            Self::Missed => "Window missed",
        }
    }
}

/// What an approver says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Vote {
    /// Let these bytes run.
    Approve,
    /// Do not.
    Veto,
}

/// A vote that was cast.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CastVote {
    /// Who.
    pub user: UserId,
    /// Login name.
    pub user_name: String,
    /// What.
    pub vote: Vote,
    /// Why; required for a veto.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// Hash of what was on the screen.
    pub seen: AskedHash,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Id.
    pub id: RequestId,
    /// State.
    pub state: RequestState,
    /// What it asks for.
    pub asked: Asked,
    /// Team of what it is about.
    pub team: Option<TeamId>,
    /// Who asked.
    pub requested_by: UserId,
    /// Login name.
    pub requested_by_name: String,
    /// When.
    pub requested_at: Timestamp,
    /// Why.
    pub reason: String,
    /// Ticket, if given.
    pub ticket: Option<String>,
    /// Number of approvals it needs.
    pub approvals_needed: u8,
    /// Votes so far.
    pub votes: Vec<CastVote>,
    /// When it expires unless it is approved before; not later than its window closes.
    pub expires_at: Timestamp,
    /// The run, once a plan is approved.
    pub run: Option<RunId>,
}

/// Too few approvals of a request count when its run is to begin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoidApproval {
    /// Display name of what was to be restored.
    pub subject: String,
    /// Login names of those who have approved it and may no longer.
    pub lost: Vec<String>,
    /// Approvals that count.
    pub counted: usize,
    /// Approvals that it needs.
    pub needed: u8,
}

/// Why nothing comes of a request that was approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Void {
    /// Too few approvals count.
    Approvals(VoidApproval),
    /// What was to be changed was changed otherwise since it was requested.
    ChangedSince,
    /// The name of the policy is taken by now.
    NameTaken,
    /// The policy is one of another team by now.
    OtherTeam,
    /// Who asked for it may no longer do it, or can no longer log in.
    Requester {
        /// Login name.
        name: String,
    },
}

impl Listed for Request {
    fn cursor(&self) -> Cursor {
        Cursor {
            at: self.requested_at,
            id: self.id.to_string(),
        }
    }
}

impl Request {
    /// How many have approved it.
    pub fn approvals(&self) -> usize {
        self.votes.iter().filter(|cast| cast.vote == Vote::Approve).count()
    }

    /// How many approvals are missing.
    pub fn approvals_missing(&self) -> usize {
        usize::from(self.approvals_needed).saturating_sub(self.approvals())
    }

    /// When it expires, as long as it can.
    pub fn deadline(&self) -> Option<Timestamp> {
        (self.state == RequestState::Pending).then_some(self.expires_at)
    }

    /// Whether this actor is one of those whose vote it waits for.
    pub fn waits_for(&self, actor: &Actor) -> bool {
        self.state == RequestState::Pending
            && self.requested_by != actor.id
            && actor.may(Permission::DecideRequests, self.team.as_ref())
            && !self.votes.iter().any(|vote| vote.user == actor.id)
    }

    /// The state that a further vote leads to. Before its run has begun an approved plan can still be vetoed; whether it
    /// has is not known here. Whoever has approved may veto later, because he has seen something; nobody votes otherwise a
    /// second time.
    ///
    /// # Errors
    /// [`ServiceError::Conflict`] when the request is not pending any more, has expired, the voter asked for it himself,
    /// has voted already, or has seen something else.
    pub fn after_vote(
        &self,
        voter: &UserId,
        vote: Vote,
        seen: &AskedHash,
        now: Timestamp,
    ) -> Result<RequestState, ServiceError> {
        let stops = vote == Vote::Veto && self.may_be_stopped();
        if self.state != RequestState::Pending && !stops {
            return Err(self.not_waiting());
        }
        if self.state == RequestState::Pending && now >= self.expires_at {
            return Err(ServiceError::conflict(RequestConflict::RequestExpired {
                at: self.expires_at,
            }));
        }
        if *voter == self.requested_by {
            return Err(ServiceError::conflict(RequestConflict::OwnRequest));
        }
        let own = self.votes.iter().find(|cast| cast.user == *voter).map(|cast| cast.vote);
        if own.is_some_and(|before| (before, vote) != (Vote::Approve, Vote::Veto)) {
            return Err(ServiceError::conflict(RequestConflict::AlreadyVoted));
        }
        if *seen != self.asked.hash() {
            return Err(ServiceError::conflict(RequestConflict::OtherThanSeen));
        }
        Ok(match vote {
            Vote::Veto => RequestState::Vetoed,
            Vote::Approve if self.approvals_missing() <= 1 => RequestState::Approved,
            Vote::Approve => RequestState::Pending,
        })
    }

    /// The state when it is withdrawn. An approved plan can be withdrawn before its run has begun, which is not known here.
    ///
    /// # Errors
    /// [`ServiceError::Conflict`] when somebody else has asked for it, or it is decided.
    pub fn after_withdrawal(&self, by: &UserId) -> Result<RequestState, ServiceError> {
        if self.requested_by != *by {
            return Err(ServiceError::conflict(RequestConflict::NotRequester));
        }
        match self.state == RequestState::Pending || self.may_be_stopped() {
            true => Ok(RequestState::Withdrawn),
            false => Err(self.not_waiting()),
        }
    }

    /// Whether it is an approved plan: its run is stopped with it, if it has not begun.
    fn may_be_stopped(&self) -> bool {
        self.state == RequestState::Approved && self.run.is_some()
    }

    fn not_waiting(&self) -> ServiceError {
        ServiceError::conflict(RequestConflict::RequestDecided { state: self.state })
    }

    /// The request with only those votes that count now: a vote counts as long as the voter can log in and may decide
    /// requests for the team of the subject. `accounts` are those that can log in, as they are now; [`Self::team`] must be
    /// the team that the subject has now.
    #[must_use]
    pub fn counted(&self, accounts: &[Actor]) -> Self {
        let may_decide = |voter: &UserId| {
            let mut of_voter = accounts.iter().filter(|account| account.id == *voter);
            of_voter.any(|account| account.may(Permission::DecideRequests, self.team.as_ref()))
        };
        let counts = |cast: &&CastVote| cast.user != self.requested_by && may_decide(&cast.user);
        Self {
            votes: self.votes.iter().filter(counts).cloned().collect(),
            ..self.clone()
        }
    }

    /// Why the run of an approved request must not begin, when too few of its approvals count now. `accounts` as in
    /// [`Self::counted`].
    pub fn void_because(&self, accounts: &[Actor]) -> Option<VoidApproval> {
        let counted = self.counted(accounts);
        if counted.approvals_missing() == 0 {
            return None;
        }
        let lost = self.votes.iter().filter(|cast| !counted.votes.contains(cast));
        Some(VoidApproval {
            subject: self.asked.name().to_owned(),
            lost: lost.map(|cast| cast.user_name.clone()).collect(),
            counted: counted.approvals(),
            needed: self.approvals_needed,
        })
    }
}

/// Checks the reason of a request or a veto.
///
/// # Errors
/// [`ServiceError::Invalid`] when it is too short to tell an auditor anything, or too long.
pub fn checked_reason(reason: &str) -> Result<String, ServiceError> {
    let reason = reason.trim();
    if REASON_LENGTH.contains(&reason.chars().count()) {
        Ok(reason.to_owned())
    } else {
        Err(ServiceError::invalid("reason", RequestFlaw::ReasonLength))
    }
}

#[cfg(test)]
mod tests;
