//! All policies with the machines under them, and the machines under none.

use crate::components::{Empty, PageHead, Status, Table, Tone, page};
use crate::context;
use crate::format;
use crate::link;
use crate::pages::estate::{Protected, of_policy};
use domain::actor::{Actor, Permission};
use domain::error::{Conflict, EstateConflict, ServiceError};
use domain::ids::PolicyId;
use domain::services::{Answer, Backend, PolicyView};
use leptos::prelude::*;
use ovm::estate::VmState;

/// Machines of a policy, and machines without one, that are named; the rest is counted.
const NAMED: usize = 20;

/// The policies.
#[component]
pub fn Policies() -> impl IntoView {
    page(async {
        let (actor, backend) = context::caller()?;
        let policies = backend.policies.list(&actor).await?;
        let bare = unprotected(&actor, &backend).await?;
        let may_edit = actor.may_somewhere(Permission::EditPolicies);
        let new = may_edit.then(|| view! { <p><a class="button primary" href="/protection/new">"New policy"</a></p> });
        let view = view! {
            <PageHead title="Protection" lead="A policy defines how a VM is backed up and whose approval a restore \
                needs. Backups are started by hand."/>
            {new}
            {table(policies)}
            <section id="unprotected">
                <h2>"VMs without a policy"</h2>
                {bare}
            </section>
        };
        Ok(view.into_any())
    })
}

fn table(policies: Vec<PolicyView>) -> AnyView {
    if policies.is_empty() {
        return view! { <Empty><p>"No policies yet. A Policy Owner creates the first one."</p></Empty> }.into_any();
    }
    let rows: Vec<_> = policies.into_iter().map(row).collect();
    let columns = vec!["Policy", "Method", "Backup target", "Restore", "Commit within", "VMs"];
    view! { <Table caption="Protection policies" columns>{rows}</Table> }.into_any()
}

fn row(view: PolicyView) -> AnyView {
    let rules = view.policy.rules;
    let too_few = rules.restore_gate.is_short_of(view.approvers);
    let too_few = too_few.then(|| view! { <Status tone=Tone::Attention word="Not enough approvers"/> });
    let rest = rest(view.subjects.len(), Some(&view.policy.id));
    let machines: Vec<_> = view
        .subjects
        .into_iter()
        .take(NAMED)
        .map(|subject| view! { <li><a href=link::subject(&subject.at())>{subject.name.clone()}</a></li> })
        .collect();
    let machines = if machines.is_empty() {
        view! { <span class="note">"none"</span> }.into_any()
    } else {
        view! { <ul class="words">{machines} {rest}</ul> }.into_any()
    };
    view! {
        <tr>
            <td data-label="Policy"><a href=link::policy(&view.policy.id)>{rules.name}</a></td>
            <td data-label="Method">{rules.method.title()}</td>
            <td data-label="Backup target">{rules.target.to_string()}</td>
            <td data-label="Restore">{rules.restore_gate.in_words()} {too_few}</td>
            <td data-label="Commit within">{rules.commit_within_hours} " h"</td>
            <td data-label="VMs">{machines}</td>
        </tr>
    }
    .into_any()
}

/// The way to those that are too many to be named here.
fn rest(all: usize, policy: Option<&PolicyId>) -> Option<AnyView> {
    let more = all.checked_sub(NAMED).filter(|more| *more > 0)?;
    let words = format!("and {} more", format::thousands(more));
    Some(view! { <li><a href=of_policy(policy)>{words}</a></li> }.into_any())
}

async fn unprotected(actor: &Actor, backend: &Backend) -> Answer<AnyView> {
    let mut bare = Vec::new();
    for manager in backend.estate.managers(actor).await? {
        // A Manager whose estate was never read has nothing to list; the estate page says why.
        let estate = match Protected::read(actor, backend, &manager.id).await {
            Ok(estate) => estate,
            Err(ServiceError::Conflict(Conflict::Estate(EstateConflict::NeverDiscovered))) => continue,
            Err(error) => return Err(error),
        };
        let machines = estate.machines_by_name().into_iter();
        let machines = machines.filter(|(vm, protection)| protection.policy.is_none() && vm.state != VmState::Template);
        bare.extend(machines.map(|(vm, _)| (link::vm(&manager.id, &vm.id), vm.name.clone())));
    }
    if bare.is_empty() {
        let words = "None: every VM you have access to has a policy.";
        return Ok(view! { <Empty><p>{words}</p></Empty> }.into_any());
    }
    let rest = rest(bare.len(), None);
    let machines = bare.into_iter().take(NAMED).map(|(address, name)| {
        view! { <li><a href=address>{name}</a> " " <Status tone=Tone::Danger word="Not protected"/></li> }
    });
    Ok(view! { <ul class="plain">{machines.collect::<Vec<_>>()} {rest}</ul> }.into_any())
}
