//! What can be done to a machine: back it up, put it under a policy, put it under a team.

use crate::components::{PostForm, SelectField, TextArea, somebody_can};
use crate::context;
use crate::form::{Done, Filled, Flash, Notice, Sent, chosen, finish};
use crate::link;
use domain::actor::{Actor, Permission};
use domain::ids::{ManagerId, PolicyId, TeamId};
use domain::policy::Policy;
use domain::services::{Changed, PolicyView, Protection, Team};
use domain::subject::SubjectRef;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use ovm::estate::{Vm, VmState};
use ovm::ids::VmId;

/// Names and values that tell a form which machine it is about.
type Hidden = Vec<(&'static str, String)>;

/// The actions that the actor may take, and who can back the machine up if he cannot.
#[component]
pub fn Actions(
    actor: Actor,
    manager: ManagerId,
    vm: Vm,
    protection: Protection,
    policies: Vec<PolicyView>,
    teams: Vec<Team>,
    flash: Flash,
) -> impl IntoView {
    let team = protection.team.as_ref();
    let machine = vm.state != VmState::Template;
    let hidden = vec![("manager", manager.to_string()), ("vm", vm.id.to_string())];
    let may_protect = actor.may(Permission::EditPolicies, team);
    let backup = machine.then(|| match &protection.policy {
        Some(_) if actor.may(Permission::RunBackup, team) => Some(backup_form(hidden.clone())),
        Some(_) => Some(somebody_can(Permission::RunBackup, "back it up")),
        // Whoever may put it under one has the form for that.
        None => (!may_protect).then(|| somebody_can(Permission::EditPolicies, "assign a protection policy")),
    });
    let backup = backup.flatten();
    let policy = (machine && may_protect).then(|| {
        let current = protection.policy.as_ref().map(|policy| policy.id.to_string());
        let policies = policies_for(&protection, policies).into_iter();
        let policies = policies.map(|policy| (policy.id.to_string(), policy.rules.name));
        policy_form(
            hidden.clone(),
            options("No policy", policies),
            current,
            flash.filled("policy"),
        )
    });
    let team = actor.may(Permission::Administer, None).then(|| {
        let current = protection.team.as_ref().map(ToString::to_string);
        let teams = teams.into_iter().map(|team| (team.id.to_string(), team.name));
        team_form(hidden, options("No team", teams), current, flash.filled("team"))
    });
    (backup.is_some() || policy.is_some() || team.is_some()).then(|| {
        view! {
            <section class="actions" aria-labelledby="actions">
                <h2 id="actions">"Actions"</h2>
                <div class="action-row">{backup} {policy} {team}</div>
            </section>
        }
    })
}

/// The policies that take the machine. The one that it is under must be what is chosen, even when the actor does not see
/// it among the others.
fn policies_for(protection: &Protection, policies: Vec<PolicyView>) -> Vec<Policy> {
    let team = protection.team.as_ref();
    let policies = policies.into_iter().map(|view| view.policy);
    let mut fitting: Vec<Policy> = policies.filter(|policy| policy.takes(team)).collect();
    let own = protection.policy.clone();
    fitting.extend(own.filter(|own| fitting.iter().all(|policy| policy.id != own.id)));
    fitting
}

/// The choices of a field, the first of them none.
fn options(none: &str, some: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
    std::iter::once((String::new(), none.to_owned())).chain(some).collect()
}

fn backup_form(hidden: Hidden) -> AnyView {
    view! {
        <PostForm to=PlanBackup::url() hidden>
            <p class="field-help">"Creates the plan and shows it. Nothing runs until you start it."</p>
            <button type="submit" class="button primary">"Back up now"</button>
        </PostForm>
    }
    .into_any()
}

fn policy_form(hidden: Hidden, options: Vec<(String, String)>, current: Option<String>, filled: Filled) -> AnyView {
    let initial = current.unwrap_or_default();
    view! {
        <PostForm to=AssignPolicy::url() hidden>
            <SelectField filled=filled.clone() name="policy" label="Protection policy" options initial/>
            <TextArea
                filled name="reason" label="Reason (only if fewer people would have to approve a restore)"
                help="Such a change is made once others have approved it."
            />
            <button type="submit" class="button">"Set policy"</button>
        </PostForm>
    }
    .into_any()
}

fn team_form(hidden: Hidden, options: Vec<(String, String)>, current: Option<String>, filled: Filled) -> AnyView {
    let initial = current.unwrap_or_default();
    view! {
        <PostForm to=SetTeam::url() hidden>
            <SelectField filled name="team" label="Team" options initial/>
            <button type="submit" class="button">"Set team"</button>
        </PostForm>
    }
    .into_any()
}

/// Plans a backup and shows the plan.
#[server(prefix = "/fn", endpoint = "backups/plan")]
pub async fn plan_backup(
    #[server(default)] manager: String,
    #[server(default)] vm: String,
) -> Result<(), ServerFnError> {
    let (manager, vm) = (ManagerId::new(manager), VmId::new(vm));
    finish(Sent::new("backup", link::vm(&manager, &vm)), async {
        let (actor, backend) = context::caller()?;
        let draft = backend.runs.plan_backup(&actor, &SubjectRef::vm(&manager, &vm)).await?;
        Ok(Done::to(link::plan(&draft.hash)))
    })
    .await
}

/// Puts a machine under a policy, or under none.
#[server(prefix = "/fn", endpoint = "policies/assign")]
pub async fn assign_policy(
    #[server(default)] manager: String,
    #[server(default)] vm: String,
    #[server(default)] policy: String,
    #[server(default)] reason: String,
) -> Result<(), ServerFnError> {
    let (manager, vm) = (ManagerId::new(manager), VmId::new(vm));
    let page = link::vm(&manager, &vm);
    let sent = Sent::new("policy", &page)
        .with("policy", &policy)
        .with("reason", &reason);
    finish(sent, async {
        let (actor, backend) = context::caller()?;
        let (policy, subject) = (chosen(&policy).map(PolicyId::new), SubjectRef::vm(&manager, &vm));
        Ok(
            match backend.policies.assign(&actor, &subject, policy, &reason).await? {
                Changed::Now(()) => Done::to(&page).saying(Notice::PolicyAssigned),
                Changed::Requested(request) => Done::to(link::request(&request)).saying(Notice::ChangeRequested),
            },
        )
    })
    .await
}

/// Puts a machine under a team, or under none.
#[server(prefix = "/fn", endpoint = "estate/team")]
pub async fn set_team(
    #[server(default)] manager: String,
    #[server(default)] vm: String,
    #[server(default)] team: String,
) -> Result<(), ServerFnError> {
    let (manager, vm) = (ManagerId::new(manager), VmId::new(vm));
    let page = link::vm(&manager, &vm);
    finish(Sent::new("team", &page).with("team", &team), async {
        let (actor, backend) = context::caller()?;
        let team = chosen(&team).map(TeamId::new);
        backend
            .estate
            .set_team(&actor, &SubjectRef::vm(&manager, &vm), team)
            .await?;
        Ok(Done::to(&page).saying(Notice::TeamSet))
    })
    .await
}
