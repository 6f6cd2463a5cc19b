//! Protection policies, and which machine is under which.

use super::access::{Sight, accounts, commit, require_for_vm, require_own, require_team, teams};
use crate::core::{Core, from_store, new_id};
use async_trait::async_trait;
use domain::actor::{Actor, Permission};
use domain::error::ServiceError;
use domain::ids::{ManagerId, PolicyId, TeamId};
use domain::policy::{Policy, PolicyRules, RestoreGate};
use domain::services::{Answer, PolicyService, PolicyView};
use ovm::estate::{Vm, VmState};
use ovm::ids::VmId;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use store::Revision;

pub(crate) struct Policies(pub(crate) Arc<Core>);

#[async_trait]
impl PolicyService for Policies {
    async fn list(&self, actor: &Actor) -> Answer<Vec<PolicyView>> {
        let (machines, approvers) = (self.machines(actor).await?, self.approvers().await?);
        let policies = self.0.store.policies().await.map_err(from_store)?;
        let seen = policies.into_iter().filter(|policy| sees(actor, policy));
        Ok(seen.map(|policy| view(policy, &machines, &approvers)).collect())
    }

    async fn get(&self, actor: &Actor, id: &PolicyId) -> Answer<PolicyView> {
        let (machines, approvers) = (self.machines(actor).await?, self.approvers().await?);
        Ok(view(self.seen(actor, id).await?, &machines, &approvers))
    }

    async fn save(
        &self,
        actor: &Actor,
        id: Option<PolicyId>,
        team: Option<TeamId>,
        rules: PolicyRules,
    ) -> Answer<PolicyId> {
        let old = match &id {
            Some(id) => Some(self.seen(actor, id).await?),
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
        let policy = Policy {
            id,
            team,
            rules: rules.checked()?,
        };
        self.require_free_name(&policy).await?;
        self.require_own_machines(&policy).await?;
        self.store(actor, old.as_ref(), &policy).await?;
        Ok(policy.id)
    }

    async fn assign(&self, actor: &Actor, manager: &ManagerId, vm: &VmId, policy: Option<PolicyId>) -> Answer<()> {
        let team = require_for_vm(&self.0, actor, Permission::EditPolicies, manager, vm).await?;
        let was = self.0.store.protection(manager, vm).await.map_err(from_store)?;
        let is = match &policy {
            Some(policy) => {
                self.require_machine(manager, vm).await?;
                let policy = self.seen(actor, policy).await?;
                let remedy = "Choose one of the machine's team, or one that is everybody's.";
                require_own(&policy, team.as_ref(), remedy)?;
                Some(policy)
            }
            None => None,
        };
        let detail = format!("Was: {}. Is: {}.", name_of(was.as_ref()), name_of(is.as_ref()));
        let event = self
            .0
            .event(&actor.name, "policy.assigned.v1", format!("vm {vm}"), detail);
        let assigned = async {
            let tx = self.0.store.begin().await?;
            tx.set_protection(manager, vm, policy.as_ref()).await?;
            commit(tx, &event).await
        };
        assigned.await.map_err(from_store)
    }
}

/// Machines under a policy, with their display names.
type Machines = HashMap<PolicyId, Vec<(ManagerId, VmId, String)>>;

impl Policies {
    /// The policy, if it is there and the actor may see it.
    async fn seen(&self, actor: &Actor, id: &PolicyId) -> Answer<Policy> {
        let policy = self.0.store.policy(id).await.map_err(from_store)?;
        let seen = policy.filter(|policy| sees(actor, policy));
        seen.ok_or_else(|| ServiceError::not_found("protection policy", id))
    }

    /// The machines under all policies, as far as the actor may see them.
    async fn machines(&self, actor: &Actor) -> Answer<Machines> {
        let sight = Sight::read(&self.0, actor, Permission::ViewEstate).await?;
        let mut estates: HashMap<ManagerId, Option<Arc<Revision>>> = HashMap::new();
        let mut machines = Machines::new();
        for (manager, vm, policy) in self.0.store.protections().await.map_err(from_store)? {
            if !sight.reaches(&manager, &vm) {
                continue;
            }
            if !estates.contains_key(&manager) {
                estates.insert(manager.clone(), self.newest(&manager).await?);
            }
            let known = estates.get(&manager).and_then(Option::as_ref);
            let known = known.and_then(|revision| revision.estate.vm(&vm));
            let name = known.map_or_else(|| vm.to_string(), |known| known.name.clone());
            machines.entry(policy).or_default().push((manager, vm, name));
        }
        Ok(machines)
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

    async fn require_machine(&self, manager: &ManagerId, vm: &VmId) -> Answer<()> {
        let newest = self.newest(manager).await?;
        match newest.as_ref().and_then(|revision| revision.estate.vm(vm)) {
            None => Err(ServiceError::not_found("machine", vm)),
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

    /// All machines under the policy may be under it.
    async fn require_own_machines(&self, policy: &Policy) -> Answer<()> {
        let under = self.0.store.protections().await.map_err(from_store)?;
        let teams = teams(&self.0).await?;
        for (manager, vm, _) in under.into_iter().filter(|(_, _, id)| *id == policy.id) {
            let remedy = "Machines of other teams are under it. Make it everybody's, or take them out first.";
            require_own(policy, teams.get(&(manager, vm)), remedy)?;
        }
        Ok(())
    }

    async fn require_free_name(&self, policy: &Policy) -> Answer<()> {
        let name = &policy.rules.name;
        let all = self.0.store.policies().await.map_err(from_store)?;
        match all
            .iter()
            .any(|other| other.id != policy.id && other.rules.name == *name)
        {
            true => Err(ServiceError::invalid(
                "name",
                format!("There is a protection policy {name} already."),
            )),
            false => Ok(()),
        }
    }

    async fn store(&self, actor: &Actor, old: Option<&Policy>, policy: &Policy) -> Answer<()> {
        let detail = match old {
            None => format!("Is: {}.", in_words(policy)),
            Some(old) => format!("Was: {}. Is: {}.", in_words(old), in_words(policy)),
        };
        let event = self
            .0
            .event(&actor.name, "policy.saved.v1", format!("policy {}", policy.id), detail);
        let stored = async {
            let tx = self.0.store.begin().await?;
            tx.put_policy(policy).await?;
            commit(tx, &event).await
        };
        stored.await.map_err(from_store)
    }
}

/// A policy without a team is everybody's: whoever sees anything sees it.
fn sees(actor: &Actor, policy: &Policy) -> bool {
    match &policy.team {
        None => actor.may_somewhere(Permission::ViewEstate),
        team => actor.may(Permission::ViewEstate, team.as_ref()),
    }
}

fn view(policy: Policy, machines: &Machines, approvers: &Approvers) -> PolicyView {
    let machines = machines.get(&policy.id).cloned().unwrap_or_default();
    PolicyView {
        approvers: approvers.fewest(&policy, &machines),
        policy,
        machines,
    }
}

/// Who can approve restores, and over which machines.
struct Approvers {
    accounts: Vec<Actor>,
    teams: HashMap<(ManagerId, VmId), TeamId>,
}

impl Approvers {
    /// How many there are for that of these machines which has the fewest. Without machines those for the policy's own
    /// team count: its first machine will be of that.
    fn fewest(&self, policy: &Policy, machines: &[(ManagerId, VmId, String)]) -> usize {
        let team_of = |(manager, vm, _): &(ManagerId, VmId, String)| self.teams.get(&(manager.clone(), vm.clone()));
        let teams: HashSet<Option<&TeamId>> = machines.iter().map(team_of).collect();
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
