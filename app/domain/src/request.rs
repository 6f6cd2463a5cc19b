//! Restore requests: who asked for what and why, who agreed, and the rules of that.

use crate::actor::{Actor, Permission};
use crate::error::ServiceError;
use crate::ids::{PointId, RequestId, RunId, TeamId, UserId};
use crate::list::{Cursor, Listed};
use crate::plan::PlanHash;
use crate::subject::Subject;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How long a request waits for approval, in seconds (4 hours).
pub const APPROVAL_EXPIRY_SECS: i64 = 4 * 3600;

/// State of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestState {
    /// Waits for approval.
    Pending,
    /// Approved, or needs no approval; its run exists.
    Approved,
    /// Somebody vetoed it.
    Vetoed,
    /// Nobody decided in time.
    Expired,
    /// The one who asked has withdrawn it.
    Withdrawn,
    /// It was approved, but when its run was to begin too few of the approvals still counted.
    Void,
}

impl RequestState {
    /// All states.
    pub const ALL: [Self; 6] = [
        Self::Pending,
        Self::Approved,
        Self::Vetoed,
        Self::Expired,
        Self::Withdrawn,
        Self::Void,
    ];

    /// The name in the data base and in links.
    pub fn key(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Vetoed => "vetoed",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
            Self::Void => "void",
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
    /// Hash of the plan that was on the screen.
    pub plan_hash: PlanHash,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoreRequest {
    /// Id.
    pub id: RequestId,
    /// State.
    pub state: RequestState,
    /// What is to be restored.
    pub subject: Subject,
    /// Team of the subject.
    pub team: Option<TeamId>,
    /// The recovery point.
    pub point: PointId,
    /// Hash of the plan that will run.
    pub plan_hash: PlanHash,
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
    /// When it expires.
    pub expires_at: Timestamp,
    /// The run, once approved.
    pub run: Option<RunId>,
}

impl Listed for RestoreRequest {
    fn cursor(&self) -> Cursor {
        Cursor {
            at: self.requested_at,
            id: self.id.to_string(),
        }
    }
}

impl RestoreRequest {
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

    /// The state that a further vote leads to.
    ///
    /// # Errors
    /// [`ServiceError::Conflict`] when the request is not pending any more, has expired, the voter asked for it himself,
    /// has voted already, or has seen another plan.
    pub fn after_vote(
        &self,
        voter: &UserId,
        vote: Vote,
        seen: &PlanHash,
        now: Timestamp,
    ) -> Result<RequestState, ServiceError> {
        if self.state != RequestState::Pending {
            return Err(ServiceError::conflict(
                format!(
                    "The request is not waiting any more, it is: {}.",
                    self.state.title().to_lowercase()
                ),
                "Reload the page to see what happened.",
            ));
        }
        if now >= self.expires_at {
            return Err(ServiceError::conflict(
                format!("The request has expired at {}.", self.expires_at.display()),
                "Ask for a new one.",
            ));
        }
        if *voter == self.requested_by {
            return Err(ServiceError::conflict(
                "You have asked for this restore yourself.",
                "Somebody else with the role Approver has to decide it.",
            ));
        }
        if self.votes.iter().any(|cast| cast.user == *voter) {
            return Err(ServiceError::conflict(
                "You have voted on this request already.",
                "One person counts once.",
            ));
        }
        if *seen != self.plan_hash {
            return Err(ServiceError::conflict(
                "The plan on your screen is not the plan of this request.",
                "Reload the page and read the plan again.",
            ));
        }
        Ok(match vote {
            Vote::Veto => RequestState::Vetoed,
            Vote::Approve if self.approvals_missing() <= 1 => RequestState::Approved,
            Vote::Approve => RequestState::Pending,
        })
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

    /// Why the run of an approved request must not begin: a sentence, when too few of its approvals count now. `accounts`
    /// as in [`Self::counted`].
    pub fn void_because(&self, accounts: &[Actor]) -> Option<String> {
        let counted = self.counted(accounts);
        if counted.approvals_missing() == 0 {
            return None;
        }
        let lost = self.votes.iter().filter(|cast| !counted.votes.contains(cast));
        let names: Vec<&str> = lost.map(|cast| cast.user_name.as_str()).collect();
        Some(format!(
            "The approval is void: {} may not decide requests for {} any more, so {} of {} approvals count. Nothing was begun. Make a new plan from the recovery point and request it.",
            names.join(" and "),
            self.subject.name,
            counted.approvals(),
            self.approvals_needed
        ))
    }
}

/// Checks the reason of a request or a veto.
///
/// # Errors
/// [`ServiceError::Invalid`] when it is too short to tell an auditor anything, or too long.
pub fn checked_reason(reason: &str) -> Result<String, ServiceError> {
    let reason = reason.trim();
    if (10..=1000).contains(&reason.chars().count()) {
        Ok(reason.to_owned())
    } else {
        Err(ServiceError::invalid(
            "reason",
            "Say why in 10 to 1000 characters; an auditor will read it.",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::{Grant, Role, Scope};
    use crate::ids::ManagerId;
    use ovm::ids::VmId;

    fn request(needed: u8, votes: &[(&str, Vote)]) -> RestoreRequest {
        let plan_hash = PlanHash::new("aa");
        RestoreRequest {
            id: RequestId::new("r1"),
            state: RequestState::Pending,
            subject: Subject::vm(&ManagerId::new("m1"), &VmId::new("0004fb"), "slot011"),
            team: None,
            point: PointId::new("p1"),
            plan_hash: plan_hash.clone(),
            requested_by: UserId::new("olga"),
            requested_by_name: "olga".into(),
            requested_at: Timestamp(0),
            reason: "the disk was overwritten".into(),
            ticket: None,
            approvals_needed: needed,
            votes: votes
                .iter()
                .map(|(user, vote)| CastVote {
                    user: UserId::new(*user),
                    user_name: (*user).to_owned(),
                    vote: *vote,
                    reason: String::new(),
                    at: Timestamp(1),
                    plan_hash: plan_hash.clone(),
                })
                .collect(),
            expires_at: Timestamp(1000),
            run: None,
        }
    }

    fn vote(request: &RestoreRequest, user: &str, vote: Vote) -> Result<RequestState, ServiceError> {
        request.after_vote(&UserId::new(user), vote, &PlanHash::new("aa"), Timestamp(10))
    }

    #[test]
    fn approval_needs_as_many_people_as_the_rule_says() {
        assert_eq!(
            vote(&request(1, &[]), "anna", Vote::Approve),
            Ok(RequestState::Approved)
        );
        assert_eq!(vote(&request(2, &[]), "anna", Vote::Approve), Ok(RequestState::Pending));
        assert_eq!(
            vote(&request(2, &[("anna", Vote::Approve)]), "ben", Vote::Approve),
            Ok(RequestState::Approved)
        );
        assert_eq!(
            vote(&request(2, &[("anna", Vote::Approve)]), "ben", Vote::Veto),
            Ok(RequestState::Vetoed)
        );
    }

    #[test]
    fn nobody_decides_his_own_request_and_nobody_twice() {
        assert!(vote(&request(1, &[]), "olga", Vote::Approve).is_err());
        assert!(vote(&request(1, &[]), "olga", Vote::Veto).is_err());
        assert!(vote(&request(2, &[("anna", Vote::Approve)]), "anna", Vote::Approve).is_err());
    }

    #[test]
    fn another_plan_or_a_late_vote_does_not_count() {
        let request = request(1, &[]);
        assert!(
            request
                .after_vote(&UserId::new("anna"), Vote::Approve, &PlanHash::new("bb"), Timestamp(10))
                .is_err()
        );
        assert!(
            request
                .after_vote(
                    &UserId::new("anna"),
                    Vote::Approve,
                    &PlanHash::new("aa"),
                    Timestamp(1000)
                )
                .is_err()
        );
    }

    fn account(name: &str, role: Role, scope: Scope) -> Actor {
        Actor {
            id: UserId::new(name),
            name: name.to_owned(),
            grants: vec![Grant { role, scope }],
        }
    }

    fn approver(name: &str) -> Actor {
        account(name, Role::Approver, Scope::All)
    }

    const TWO: &[(&str, Vote)] = &[("anna", Vote::Approve), ("ben", Vote::Approve)];

    #[test]
    fn only_votes_of_those_count_who_could_cast_them_again() {
        let request = request(2, TWO);
        let counted = |accounts: &[Actor]| request.counted(accounts).approvals();
        assert_eq!(counted(&[approver("anna"), approver("ben"), approver("carl")]), 2);
        assert_eq!(counted(&[approver("anna")]), 1, "ben cannot log in any more");
        let viewer = account("ben", Role::Viewer, Scope::All);
        assert_eq!(counted(&[approver("anna"), viewer]), 1, "ben has another role");
        let own = RestoreRequest {
            requested_by: UserId::new("anna"),
            ..request.clone()
        };
        assert_eq!(own.counted(&[approver("anna"), approver("ben")]).approvals(), 1);
    }

    #[test]
    fn a_vote_counts_for_the_team_that_the_machine_has_now() {
        let (blue, red) = (TeamId::new("blue"), TeamId::new("red"));
        let anna = [account("anna", Role::Approver, Scope::Team(blue.clone()))];
        let of = |team: Option<TeamId>| RestoreRequest {
            team,
            ..request(1, &[("anna", Vote::Approve)])
        };
        assert_eq!(of(Some(blue)).void_because(&anna), None);
        assert!(of(Some(red)).void_because(&anna).is_some());
        assert!(of(None).void_because(&anna).is_some());
    }

    #[test]
    fn a_vote_that_does_not_count_is_replaced_by_another() {
        let counted = request(2, &[("anna", Vote::Approve)]).counted(&[approver("ben")]);
        assert_eq!(vote(&counted, "ben", Vote::Approve), Ok(RequestState::Pending));
        let counted = request(2, TWO).counted(&[approver("ben"), approver("carl")]);
        assert_eq!(vote(&counted, "carl", Vote::Approve), Ok(RequestState::Approved));
    }

    #[test]
    fn an_approval_is_void_when_too_few_are_left_and_says_whose_are_missing() {
        assert_eq!(request(0, &[]).void_because(&[]), None, "it needs none");
        assert_eq!(request(1, TWO).void_because(&[approver("ben")]), None, "one is enough");
        let told = request(2, TWO).void_because(&[approver("ben")]).unwrap();
        assert!(
            told.contains("anna may not decide") && told.contains("1 of 2 approvals") && told.contains("slot011"),
            "{told}"
        );
        assert!(request(2, TWO).void_because(&[]).unwrap().contains("anna and ben"));
    }

    #[test]
    fn keys_name_states_both_ways() {
        for state in RequestState::ALL {
            assert_eq!(RequestState::from_key(state.key()), Some(state));
        }
    }
}
