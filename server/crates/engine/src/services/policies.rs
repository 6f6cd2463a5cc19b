//! Protection policies, and what is under which.

use super::access::finish;
use super::access::{Sight, accounts, missing, require_for, require_team, teams};
use super::changes::{change, check_policy, saved};
use crate::core::{Core, from_store, new_id};
use async_trait::async_trait;
use domain::actor::{Actor, Permission};
use domain::error::{PolicyConflict, ServiceError, Thing};
use domain::ids::{ManagerId, PolicyId, TargetId, TeamId};
use domain::policy::{Policy, PolicyRules};
use domain::request::Change;
use domain::services::{Answer, Changed, PolicyService, PolicyView};
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

    async fn targets(&self, actor: &Actor) -> Answer<Vec<TargetId>> {
        actor.require_somewhere(Permission::EditPolicies)?;
        let targets = self.0.store.targets().await.map_err(from_store)?;
        Ok(targets.into_iter().map(|target| target.id).collect())
    }

    async fn save(
        &self,
        actor: &Actor,
        id: Option<PolicyId>,
        team: Option<TeamId>,
        rules: PolicyRules,
        reason: &str,
    ) -> Answer<Changed<PolicyId>> {
        let core = &*self.0;
        let tx = core.store.begin().await.map_err(from_store)?;
        let old = match &id {
            Some(id) => Some(seen(&tx, actor, id).await?),
            None => None,
        };
        if let Some(old) = &old {
            actor.require(Permission::EditPolicies, old.team.as_ref())?;
        }
        actor.require(Permission::EditPolicies, team.as_ref())?;
        if let Some(team) = &team {
            require_team(core, team).await?;
        }
        let id = id.unwrap_or_else(|| PolicyId::new(new_id(12)));
        let rules = rules.checked()?;
        let policy = Policy {
            id: id.clone(),
            team,
            rules,
        };
        let Some(old) = old else {
            check_policy(&tx, &policy).await?;
            tx.put_policy(&policy).await.map_err(from_store)?;
            finish(core, tx, &saved(core, &actor.name, None, &policy, None)).await?;
            return Ok(Changed::Now(id));
        };
        let of = old.team.clone();
        let wish = Change::Policy { from: old, to: policy };
        Ok(match change(core, tx, actor, of, wish, reason).await? {
            Changed::Now(()) => Changed::Now(id),
            Changed::Requested(request) => Changed::Requested(request),
        })
    }

    async fn assign(
        &self,
        actor: &Actor,
        subject: &SubjectRef,
        policy: Option<PolicyId>,
        reason: &str,
    ) -> Answer<Changed<()>> {
        let core = &*self.0;
        require_for(core, actor, Permission::EditPolicies, subject).await?;
        let named = self.named(subject).await?;
        if policy.is_some() {
            self.require_machine(subject).await?;
        }
        let tx = core.store.begin().await.map_err(from_store)?;
        let team = tx.subject_team(subject).await.map_err(from_store)?;
        actor.require(Permission::EditPolicies, team.as_ref())?;
        let to = match &policy {
            Some(policy) => Some(seen(&tx, actor, policy).await?),
            None => None,
        };
        let wish = Change::Assignment {
            subject: named,
            from: tx.protection(subject).await.map_err(from_store)?,
            to,
        };
        change(core, tx, actor, team, wish, reason).await
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

    /// The object with the name that it has in the newest estate; with its id where it is not in that.
    async fn named(&self, subject: &SubjectRef) -> Answer<Subject> {
        let newest = self.newest(&subject.manager).await?;
        let known = newest.as_ref().zip(subject.object.vm());
        let known = known.and_then(|(revision, vm)| revision.estate.vm(vm));
        let name = known.map_or_else(|| subject.object.id().unwrap_or_default(), |known| &known.name);
        Ok(subject.clone().named(name))
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
            }) => {
                let name = name.clone();
                Err(ServiceError::conflict(PolicyConflict::TemplateProtected { name }))
            }
            Some(_) => Ok(()),
        }
    }
}

fn visible(actor: &Actor, id: &PolicyId, policy: Option<Policy>) -> Answer<Policy> {
    let seen = policy.filter(|policy| sees(actor, policy));
    seen.ok_or_else(|| ServiceError::not_found(Thing::ProtectionPolicy, id))
}

/// [`Policies::seen`], as the transaction sees it.
async fn seen(tx: &Tx, actor: &Actor, id: &PolicyId) -> Answer<Policy> {
    visible(actor, id, tx.policy(id).await.map_err(from_store)?)
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
