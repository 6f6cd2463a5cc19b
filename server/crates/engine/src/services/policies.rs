//! Protection policies, and what is under which.

use super::access::{Sight, accounts, commit, missing, require_for, require_own, require_team, teams};
use crate::core::{Core, from_store, new_id};
use async_trait::async_trait;
use domain::actor::{Actor, Permission};
use domain::audit::{AuditEvent, AuditSubject};
use domain::error::ServiceError;
use domain::ids::{ManagerId, PolicyId, TeamId};
use domain::policy::{Policy, PolicyRules, RestoreGate};
use domain::services::{Answer, PolicyService, PolicyView};
use domain::subject::{Subject, SubjectRef};
use ovm::estate::{Vm, VmState};
use ovm::ids::VmId;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use store::{Revision, Tx};

pub(crate) struct Policies(pub(crate) Arc<Core>);

#[async_trait]
impl PolicyService for Policies {
    async fn list(&self, actor: &Actor) -> Answer<Vec<PolicyView>> {
        let (subjects, approvers) = (self.subjects(actor).await?, self.approvers().await?);
        let policies = self.0.store.policies().await.map_err(from_store)?;
        let seen = policies.into_iter().filter(|policy| sees(actor, policy));
        Ok(seen.map(|policy| view(policy, &subjects, &approvers)).collect())
    }

    async fn get(&self, actor: &Actor, id: &PolicyId) -> Answer<PolicyView> {
        let (subjects, approvers) = (self.subjects(actor).await?, self.approvers().await?);
        Ok(view(self.seen(actor, id).await?, &subjects, &approvers))
    }

    async fn save(
        &self,
        actor: &Actor,
        id: Option<PolicyId>,
        team: Option<TeamId>,
        rules: PolicyRules,
    ) -> Answer<PolicyId> {
        let tx = self.0.store.begin().await.map_err(from_store)?;
        let old = match &id {
            Some(id) => Some(seen(&tx, actor, id).await?),
            None => None,
        };
        if let Some(old) = &old {
            actor.require(Permission::EditPolicies, old.team.as_ref())?;
        }
        actor.require(Permission::EditPolicies, team.as_ref())?;
        if let Some(team) = &team {
            require_team(&self.0, team).await?;
        }
        let id = id.unwrap_or_else(|| PolicyId::new(new_id(12)));
        let rules = rules.checked()?;
        let policy = Policy { id, team, rules };
        require_free_name(&tx, &policy).await?;
        require_own_subjects(&tx, &policy).await?;
        let event = saved(&self.0, actor, old.as_ref(), &policy);
        let stored = async {
            tx.put_policy(&policy).await?;
            commit(tx, &event).await
        };
        stored.await.map_err(from_store)?;
        Ok(policy.id)
    }

    async fn assign(&self, actor: &Actor, subject: &SubjectRef, policy: Option<PolicyId>) -> Answer<()> {
        require_for(&self.0, actor, Permission::EditPolicies, subject).await?;
        if policy.is_some() {
            self.require_machine(subject).await?;
        }
        let tx = self.0.store.begin().await.map_err(from_store)?;
        let team = tx.subject_team(subject).await.map_err(from_store)?;
        actor.require(Permission::EditPolicies, team.as_ref())?;
        let was = tx.protection(subject).await.map_err(from_store)?;
        let is = match &policy {
            Some(policy) => Some(seen(&tx, actor, policy).await?),
            None => None,
        };
        if let Some(policy) = &is {
            let remedy = "Choose one of the machine's team, or one that is everybody's.";
            require_own(policy, team.as_ref(), remedy)?;
        }
        let detail = format!("Was: {}. Is: {}.", name_of(was.as_ref()), name_of(is.as_ref()));
        let about = AuditSubject::Object(subject.clone());
        let event = self.0.event(&actor.name, "policy.assigned.v1", about, detail);
        let assigned = async {
            tx.set_protection(subject, policy.as_ref()).await?;
            commit(tx, &event).await
        };
        assigned.await.map_err(from_store)
    }
}

/// What is under each policy.
type Subjects = HashMap<PolicyId, Vec<Subject>>;

impl Policies {
    /// The policy, if it is there and the actor may see it.
    async fn seen(&self, actor: &Actor, id: &PolicyId) -> Answer<Policy> {
        visible(actor, id, self.0.store.policy(id).await.map_err(from_store)?)
    }

    /// What is under all policies, as far as the actor may see it.
    async fn subjects(&self, actor: &Actor) -> Answer<Subjects> {
        let sight = Sight::read(&self.0, actor, Permission::ViewEstate).await?;
        let mut estates: HashMap<ManagerId, HashMap<VmId, String>> = HashMap::new();
        let mut subjects = Subjects::new();
        for (subject, policy) in self.0.store.protections().await.map_err(from_store)? {
            if !sight.reaches(&subject) {
                continue;
            }
            if !estates.contains_key(&subject.manager) {
                estates.insert(subject.manager.clone(), self.names(&subject.manager).await?);
            }
            let known = estates.get(&subject.manager).zip(subject.object.vm());
            let known = known.and_then(|(names, vm)| names.get(vm));
            let name = known.map_or_else(|| subject.object.id().unwrap_or_default(), String::as_str);
            let named = subject.clone().named(name);
            subjects.entry(policy).or_default().push(named);
        }
        Ok(subjects)
    }

    async fn approvers(&self) -> Answer<Approvers> {
        Ok(Approvers {
            accounts: accounts(&self.0).await?,
            teams: teams(&self.0).await?,
        })
    }

    async fn newest(&self, manager: &ManagerId) -> Answer<Option<Arc<Revision>>> {
        self.0.store.latest_revision(manager).await.map_err(from_store)
    }

    /// The names of the VMs that the newest estate has.
    async fn names(&self, manager: &ManagerId) -> Answer<HashMap<VmId, String>> {
        let newest = self.newest(manager).await?;
        let vms = newest.iter().flat_map(|revision| &revision.estate.vms);
        Ok(vms.map(|vm| (vm.id.clone(), vm.name.clone())).collect())
    }

    async fn require_machine(&self, subject: &SubjectRef) -> Answer<()> {
        let newest = self.newest(&subject.manager).await?;
        let known = newest.as_ref().zip(subject.object.vm());
        match known.and_then(|(revision, vm)| revision.estate.vm(vm)) {
            None => Err(missing(subject)),
            Some(Vm {
                state: VmState::Template,
                name,
                ..
            }) => Err(ServiceError::conflict(
                format!("{name} is a template, and templates are not backed up."),
                "Choose a machine.",
            )),
            Some(_) => Ok(()),
        }
    }
}

fn visible(actor: &Actor, id: &PolicyId, policy: Option<Policy>) -> Answer<Policy> {
    let seen = policy.filter(|policy| sees(actor, policy));
    seen.ok_or_else(|| ServiceError::not_found("protection policy", id))
}

/// [`Policies::seen`], as the transaction sees it.
async fn seen(tx: &Tx, actor: &Actor, id: &PolicyId) -> Answer<Policy> {
    visible(actor, id, tx.policy(id).await.map_err(from_store)?)
}

/// Everything that is under the policy may be under it.
async fn require_own_subjects(tx: &Tx, policy: &Policy) -> Answer<()> {
    let under = tx.protections().await.map_err(from_store)?;
    for (subject, _) in under.into_iter().filter(|(_, id)| *id == policy.id) {
        let team = tx.subject_team(&subject).await.map_err(from_store)?;
        let remedy = "Machines of other teams are under it. Make it everybody's, or take them out first.";
        require_own(policy, team.as_ref(), remedy)?;
    }
    Ok(())
}

async fn require_free_name(tx: &Tx, policy: &Policy) -> Answer<()> {
    let name = &policy.rules.name;
    let all = tx.policies().await.map_err(from_store)?;
    let taken = |other: &Policy| other.id != policy.id && other.rules.name == *name;
    match all.iter().any(taken) {
        true => Err(ServiceError::invalid(
            "name",
            format!("There is a protection policy {name} already."),
        )),
        false => Ok(()),
    }
}

fn saved(core: &Core, actor: &Actor, old: Option<&Policy>, policy: &Policy) -> AuditEvent {
    let detail = match old {
        None => format!("Is: {}.", in_words(policy)),
        Some(old) => format!("Was: {}. Is: {}.", in_words(old), in_words(policy)),
    };
    let about = AuditSubject::Policy(policy.id.clone());
    core.event(&actor.name, "policy.saved.v1", about, detail)
}

/// A policy without a team is everybody's: whoever sees anything sees it.
fn sees(actor: &Actor, policy: &Policy) -> bool {
    match &policy.team {
        None => actor.may_somewhere(Permission::ViewEstate),
        team => actor.may(Permission::ViewEstate, team.as_ref()),
    }
}

fn view(policy: Policy, subjects: &Subjects, approvers: &Approvers) -> PolicyView {
    let subjects = subjects.get(&policy.id).cloned().unwrap_or_default();
    PolicyView {
        approvers: approvers.fewest(&policy, &subjects),
        policy,
        subjects,
    }
}

/// Who can approve restores, and over what.
struct Approvers {
    accounts: Vec<Actor>,
    teams: HashMap<SubjectRef, TeamId>,
}

impl Approvers {
    /// How many there are for that of these subjects which has the fewest. Without subjects those for the policy's own
    /// team count: its first one will be of that.
    fn fewest(&self, policy: &Policy, subjects: &[Subject]) -> usize {
        let team_of = |subject: &Subject| self.teams.get(&subject.at());
        let teams: HashSet<Option<&TeamId>> = subjects.iter().map(team_of).collect();
        let counts = teams.into_iter().map(|team| self.of(team));
        counts.min().unwrap_or_else(|| self.of(policy.team.as_ref()))
    }

    fn of(&self, team: Option<&TeamId>) -> usize {
        let may = |account: &&Actor| account.may(Permission::DecideRequests, team);
        self.accounts.iter().filter(may).count()
    }
}

fn name_of(policy: Option<&Policy>) -> String {
    policy.map_or_else(
        || "no policy".to_owned(),
        |policy| format!("{} ({})", policy.rules.name, policy.id),
    )
}

/// All rules of a policy in one line, for the audit trail.
fn in_words(policy: &Policy) -> String {
    let PolicyRules {
        name,
        method,
        patience_secs,
        may_kill,
        free_space_floor_percent,
        restore_gate,
        commit_within_hours,
    } = &policy.rules;
    let team = policy
        .team
        .as_ref()
        .map_or_else(|| "everybody's".to_owned(), |team| format!("of team {team}"));
    let kill = if *may_kill {
        "then switched off"
    } else {
        "never switched off"
    };
    let gate = match restore_gate {
        RestoreGate::Free => "free".to_owned(),
        RestoreGate::Approval { approvers: 1 } => "after 1 approval".to_owned(),
        RestoreGate::Approval { approvers } => format!("after {approvers} approvals"),
    };
    format!(
        "{name}, {team}, {}, {patience_secs} s to shut down, {kill}, at least {free_space_floor_percent} % free, \
         restore {gate}, commit within {commit_within_hours} h",
        method.title()
    )
}
