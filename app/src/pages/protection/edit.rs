//! A policy: made, read, changed.

#![expect(
    clippy::too_many_arguments,
    reason = "a server function takes one argument for each field of its form"
)]

use crate::components::{Alert, CheckField, PageHead, PostForm, SelectField, TextArea, TextField, Tone, page};
use crate::context;
use crate::form::{Done, Filled, Flash, Notice, Sent, chosen, finish, number};
use crate::format;
use crate::link;
use domain::actor::{Actor, Permission};
use domain::error::{PolicyFlaw, ServiceError};
use domain::ids::{PolicyId, TargetId, TeamId};
use domain::policy::{BackupMethod, Policy, PolicyRules, RestoreGate};
use domain::services::{Answer, Changed, PolicyView, Team};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Makes a policy.
#[component]
pub fn NewPolicy() -> impl IntoView {
    page(async {
        let (actor, backend) = context::caller()?;
        actor.require_somewhere(Permission::EditPolicies)?;
        let flash = Flash::read().await;
        let teams = backend.accounts.teams(&actor).await.unwrap_or_default();
        let targets = backend.policies.targets(&actor).await?;
        let filled = flash.filled("policy");
        let view = view! {
            <PageHead title="New protection policy" flash above=vec![("/protection".into(), "Protection".into())]/>
            <PolicyForm actor filled teams targets policy=None/>
        };
        Ok(view.into_any())
    })
}

/// Shows a policy, and changes it where the actor may.
#[component]
pub fn EditPolicy() -> impl IntoView {
    let id = PolicyId::new(context::param("policy"));
    page(async move {
        let (actor, backend) = context::caller()?;
        let flash = Flash::read().await;
        let view = backend.policies.get(&actor, &id).await?;
        let teams = backend.accounts.teams(&actor).await.unwrap_or_default();
        let filled = flash.filled("policy");
        let too_few = too_few_approvers(&view);
        let may_edit = actor.may(Permission::EditPolicies, view.policy.team.as_ref());
        let machines: Vec<_> = view
            .subjects
            .into_iter()
            .map(|subject| view! { <li><a href=link::subject(&subject.at())>{subject.name.clone()}</a></li> })
            .collect();
        let rules = if may_edit {
            let targets = backend.policies.targets(&actor).await?;
            view! { <PolicyForm actor filled teams targets policy=Some(view.policy.clone())/> }.into_any()
        } else {
            read_only(view.policy.rules.clone())
        };
        let view = view! {
            <PageHead title=view.policy.rules.name flash above=vec![("/protection".into(), "Protection".into())]/>
            {too_few}
            {rules}
            <section>
                <h2>"VMs with this policy"</h2>
                {(machines.is_empty()).then_some("None yet. Assign this policy on the page of a VM.")}
                <ul class="plain">{machines}</ul>
            </section>
        };
        Ok(view.into_any())
    })
}

/// A warning before the emergency in which nobody can approve.
fn too_few_approvers(view: &PolicyView) -> Option<AnyView> {
    let gate = view.policy.rules.restore_gate;
    let sentence = format!(
        "A restore {}. The role Approver is held by {} here, and nobody may approve their own request. An \
         administrator should grant it to more people.",
        gate.in_words(),
        format::people(view.approvers)
    );
    gate.is_short_of(view.approvers)
        .then(|| view! { <Alert tone=Tone::Attention title="Not enough approvers">{sentence}</Alert> }.into_any())
}

fn read_only(rules: PolicyRules) -> AnyView {
    let unit = |number: u32, noun| format::count(usize::try_from(number).unwrap_or(usize::MAX), noun);
    let kill = if rules.may_kill {
        "powered off"
    } else {
        "left running, and an administrator must look into it: it may still stop later"
    };
    view! {
        <dl class="facts">
            <dt>"Method"</dt>
            <dd>{rules.method.title()}</dd>
            <dt>"Backup target"</dt>
            <dd>{rules.target.to_string()}</dd>
            <dt>"Restore"</dt>
            <dd>{rules.restore_gate.in_words()}</dd>
            <dt>"Commit within"</dt>
            <dd>{unit(rules.commit_within_hours, "hour")}</dd>
            <dt>"Shutdown timeout"</dt>
            <dd>"A VM has " {unit(rules.patience_secs, "second")} " to shut down; after that it is " {kill}</dd>
            <dt>"Minimum free space"</dt>
            <dd>{rules.free_space_floor_percent} " percent of each storage repository"</dd>
        </dl>
    }
    .into_any()
}

/// The rules as fields.
#[component]
fn PolicyForm(
    actor: Actor,
    filled: Filled,
    teams: Vec<Team>,
    targets: Vec<TargetId>,
    policy: Option<Policy>,
) -> impl IntoView {
    let rules = policy
        .as_ref()
        .map_or_else(PolicyRules::usual, |policy| policy.rules.clone());
    let (gate, approvers) = match rules.restore_gate {
        RestoreGate::Free => ("free", 1),
        RestoreGate::Approval { approvers } => ("approval", approvers),
    };
    let team = policy
        .as_ref()
        .and_then(|policy| policy.team.as_ref())
        .map(ToString::to_string);
    let methods = BackupMethod::ALL
        .map(|method| (method.key().to_owned(), method.title().to_owned()))
        .into();
    let gates = [
        ("approval", "Four-eyes approval"),
        ("free", "No approval (not for production)"),
    ];
    let gates = gates.map(|(key, word)| (key.to_owned(), word.to_owned())).into();
    let gate_note = policy.as_ref().and_then(|_| needs_approval(rules.restore_gate));
    let reason_field = gate_note.is_some().then(|| {
        view! {
            <TextArea
                filled=filled.clone() name="reason" label="Reason (only if fewer people would have to approve a restore)"
                help="Whoever approves the change, and later an auditor, reads it."
            />
        }
    });
    let hidden = vec![("policy", policy.map(|policy| policy.id.to_string()).unwrap_or_default())];
    view! {
        <PostForm to=SavePolicy::url() hidden>
            <TextField filled=filled.clone() name="name" label="Name" initial=rules.name/>
            <SelectField
                filled=filled.clone() name="team" label="Team" options=team_options(&actor, teams)
                initial=team.unwrap_or_default()
                help="The policy belongs to this team; only its Policy Owners can change it."
            />
            <SelectField
                filled=filled.clone() name="method" label="Backup method" options=methods
                initial=rules.method.key()
                help="The first two need a storage repository on OCFS2. Elsewhere the VM is stopped, and the plan \
                    says so."
            />
            {gate_note.map(|note| view! { <p class="note" id="gate-note">{note}</p> })}
            <SelectField filled=filled.clone() name="gate" label="In-place restores" options=gates initial=gate/>
            <TextField
                filled=filled.clone() name="approvers" label="Approvers" kind="number" range=(1, 5)
                initial=approvers.to_string()
                help="How many people other than the requester must approve. Not used when no approval is needed."
            />
            {reason_field}
            <TextField
                filled=filled.clone() name="commit_within_hours" label="Commit within (hours)" kind="number" range=(1, 720)
                initial=rules.commit_within_hours.to_string()
                help="A restore that is not committed within this time is rolled back."
            />
            <TextField
                filled=filled.clone() name="patience_secs" label="Shutdown timeout (seconds)" kind="number" range=(10, 3600)
                initial=rules.patience_secs.to_string() help="How long a VM may take to shut down."
            />
            <CheckField
                filled=filled.clone() name="may_kill" label="Power the VM off if it does not shut down in time"
                initial=rules.may_kill
            />
            {target_field(filled.clone(), &targets, &rules.target)}
            <TextField
                filled name="free_space_floor_percent" label="Minimum free space (percent)" kind="number" range=(1, 90)
                initial=rules.free_space_floor_percent.to_string()
                help="A backup starts only if every storage repository involved has this much free space."
            />
            <button type="submit" class="button primary">"Save policy"</button>
        </PostForm>
    }
}

/// What it takes to make restores easier than under this gate.
fn needs_approval(gate: RestoreGate) -> Option<String> {
    let approvals = gate.approvals();
    (approvals > 0).then(|| {
        format!(
            "At present a restore {}. A change to fewer approvals must first be approved by {}.",
            gate.in_words(),
            format::people(approvals.into())
        )
    })
}

/// The choice among the backup targets. One that is there no more stays chosen, so that saving another rule does not send
/// backups elsewhere without a word.
fn target_field(filled: Filled, targets: &[TargetId], stored: &TargetId) -> AnyView {
    let mut options: Vec<_> = targets.iter().map(|id| (id.to_string(), id.to_string())).collect();
    let current = filled.or("target", stored.as_str());
    let filled = match options.iter().any(|(id, _)| *id == current) {
        true => filled,
        false => {
            options.push((current.clone(), format!("{current} (does not exist)")));
            let target = TargetId::new(current);
            filled.objecting("target", PolicyFlaw::TargetUnknown { target }.into())
        }
    };
    view! {
        <SelectField
            filled name="target" label="Backup target" options initial=stored.to_string()
            help="Where its recovery points are stored. The one in the configuration is called first."
        />
    }
    .into_any()
}

/// The teams for which the actor may write policies.
fn team_options(actor: &Actor, teams: Vec<Team>) -> Vec<(String, String)> {
    let all = actor
        .may(Permission::EditPolicies, None)
        .then(|| (String::new(), "All teams".to_owned()));
    let own = teams
        .into_iter()
        .filter(|team| actor.may(Permission::EditPolicies, Some(&team.id)))
        .map(|team| (team.id.to_string(), team.name));
    all.into_iter().chain(own).collect()
}

/// Makes or changes a policy.
#[server(prefix = "/fn", endpoint = "policies/save")]
pub async fn save_policy(
    #[server(default)] policy: String,
    #[server(default)] name: String,
    #[server(default)] team: String,
    #[server(default)] method: String,
    #[server(default)] gate: String,
    #[server(default)] approvers: String,
    #[server(default)] commit_within_hours: String,
    #[server(default)] patience_secs: String,
    #[server(default)] may_kill: String,
    #[server(default)] free_space_floor_percent: String,
    #[server(default)] target: String,
    #[server(default)] reason: String,
) -> Result<(), ServerFnError> {
    let id = chosen(&policy).map(PolicyId::new);
    let sent = Sent::new(
        "policy",
        id.as_ref().map_or_else(|| "/protection/new".into(), link::policy),
    )
    .with("name", &name)
    .with("team", &team)
    .with("method", &method)
    .with("gate", &gate)
    .with("approvers", &approvers)
    .with("commit_within_hours", &commit_within_hours)
    .with("patience_secs", &patience_secs)
    .with("may_kill", &may_kill)
    .with("free_space_floor_percent", &free_space_floor_percent)
    .with("target", &target)
    .with("reason", &reason);
    finish(sent, async {
        let (actor, backend) = context::caller()?;
        let rules = PolicyRules {
            name,
            method: BackupMethod::from_key(&method)
                .ok_or_else(|| ServiceError::invalid("method", PolicyFlaw::NoMethod))?,
            patience_secs: number("patience_secs", &patience_secs)?,
            may_kill: may_kill == "on",
            free_space_floor_percent: number("free_space_floor_percent", &free_space_floor_percent)?,
            restore_gate: restore_gate(&gate, &approvers)?,
            commit_within_hours: number("commit_within_hours", &commit_within_hours)?,
            target: chosen(&target).map_or_else(TargetId::first, TargetId::new),
        };
        let team = chosen(&team).map(TeamId::new);
        let saved = backend
            .policies
            .save(&actor, id, team, rules.checked()?, &reason)
            .await?;
        Ok(match saved {
            Changed::Now(id) => Done::to(link::policy(&id)).saying(Notice::PolicySaved),
            Changed::Requested(request) => Done::to(link::request(&request)).saying(Notice::ChangeRequested),
        })
    })
    .await
}

fn restore_gate(gate: &str, approvers: &str) -> Answer<RestoreGate> {
    match gate {
        "free" => Ok(RestoreGate::Free),
        "approval" => Ok(RestoreGate::Approval {
            approvers: number("approvers", approvers)?,
        }),
        _ => Err(ServiceError::invalid("gate", PolicyFlaw::NoGate)),
    }
}
