//! What the services answer with: objects with everything that a page shows of them.

use crate::enrolment::ManagerView;
use crate::ids::TeamId;
use crate::plan::{Gap, Plan, PlanHash};
use crate::point::PointSummary;
use crate::policy::Policy;
use crate::request::Request;
use crate::run::RunSummary;
use crate::subject::Subject;
use crate::time::Timestamp;
use ovm::estate::{Estate, Kind, Vm};
use ovm::ids::VmId;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// Points, runs and requests that a [`VmView`] has at most of each: the newest.
pub const LIST_OF_VM: usize = 100;

/// A plan before anybody has decided on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Hash under which it is stored.
    pub hash: PlanHash,
    /// The plan.
    pub plan: Plan,
}

/// The estate of one Manager at its newest revision, reduced to what the actor may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EstateView {
    /// The Manager.
    pub manager: ManagerView,
    /// The estate, shared by all who see the same of it: one of thousands of VMs is not copied for a page.
    pub estate: Arc<Estate>,
    /// Number of the revision.
    pub revision: i64,
    /// When it was discovered.
    pub taken_at: Timestamp,
}

/// How a machine is protected, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protection {
    /// Team it belongs to.
    pub team: Option<TeamId>,
    /// Effective policy.
    pub policy: Option<Policy>,
    /// When the newest usable recovery point was taken.
    pub newest_point: Option<Timestamp>,
    /// Number of usable recovery points.
    pub points: u64,
}

/// How the VMs of an estate are protected.
pub type Protections = HashMap<VmId, Protection>;

/// A machine with everything its page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VmView {
    /// Estate it belongs to, for names of networks, repositories, servers.
    pub estate: EstateView,
    /// The machine.
    pub vm: Vm,
    /// Its protection.
    pub protection: Protection,
    /// What no backup of it will contain.
    pub not_contained: Vec<Gap>,
    /// Recovery points, newest first.
    pub points: Vec<PointSummary>,
    /// Runs, newest first.
    pub runs: Vec<RunSummary>,
    /// Requests, newest first.
    pub requests: Vec<Request>,
}

/// One discovery of an estate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevisionHead {
    /// Number; a later one is greater.
    pub number: i64,
    /// When it was discovered.
    pub taken_at: Timestamp,
    /// How many objects of each type there were; empty for revisions of old versions of Holdfast.
    pub counts: Vec<(Kind, u64)>,
    /// The earlier revision that it is equal to in every attribute.
    pub same_as: Option<i64>,
}

/// A policy with what is under it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyView {
    /// The policy.
    pub policy: Policy,
    /// What is under it.
    pub subjects: Vec<Subject>,
    /// How many people can approve a restore over one of these, where they are fewest.
    pub approvers: usize,
}

/// A request with its plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestView {
    /// The request.
    pub request: Request,
    /// The plan that will run, where it asks for one.
    pub plan: Option<Plan>,
    /// Whether the actor may approve it, and if not, why not: a sentence.
    pub may_approve: Result<(), String>,
    /// Whether the actor may veto it.
    pub may_veto: bool,
    /// Whether the actor may withdraw it.
    pub may_withdraw: bool,
    /// Login names of those whose vote it waits for.
    pub approvers: Vec<String>,
}
