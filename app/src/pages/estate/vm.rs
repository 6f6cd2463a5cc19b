//! One machine: what it is, how it is protected and why, what can be gone back to, what was done to it.

use super::vm_actions::Actions;
use super::vm_facts::{Attributes, Cards, Definition, Disks};
use crate::components::{
    Alert, Empty, Id, PageHead, PointTable, RequestTable, RunTable, Sentences, Status, Time, Tone, page, vm_status,
};
use crate::context;
use crate::form::Flash;
use crate::format;
use crate::islands::Live;
use crate::link;
use crate::say;
use domain::ids::ManagerId;
use domain::plan::Gap;
use domain::point::PointSummary;
use domain::request::Request;
use domain::run::RunSummary;
use domain::services::{LIST_OF_VM, Protection, Team, VmView};
use leptos::prelude::*;
use ovm::estate::Kind;
use ovm::ids::VmId;
use ovm::script::Scope;

/// A machine's page.
#[component]
pub fn VmPage() -> impl IntoView {
    let (manager, vm) = (
        ManagerId::new(context::param("manager")),
        VmId::new(context::param("vm")),
    );
    page(async move {
        let (actor, backend) = context::caller()?;
        let flash = Flash::read().await;
        let view = backend.estate.vm(&actor, &manager, &vm).await?;
        let policies = backend.policies.list(&actor).await?;
        let teams = backend.accounts.teams(&actor).await?;
        let VmView {
            estate,
            vm,
            protection,
            not_contained,
            points,
            runs,
            requests,
        } = view;
        let head = view! {
            <PageHead title=vm.name.clone() flash=flash.clone() above=super::explore::above(&estate)/>
            <p class="page-facts">
                {vm_status(&vm.state)} <Id id=vm.id.as_str()/> <a href=link::object(&manager, Kind::Vm, vm.id.as_str())>"All attributes"</a>
                <a href=link::script(&manager, &Scope::Vm(vm.id.clone()))>"Rebuild script"</a>
            </p>
        };
        let view = view! {
            {head}
            <Actions actor manager flash vm=vm.clone() protection=protection.clone() policies teams=teams.clone()/>
            <section id="vm-protection" data-live="">
                <h2>"Protection"</h2>
                {missing(&not_contained)}
                {protection_facts(protection, &teams)}
            </section>
            <section id="vm-points" data-live="">
                <h2>"Recovery points"</h2>
                {points_of(&vm.id, points)}
            </section>
            <section id="vm-history" data-live="">
                <h2>"History"</h2>
                {history(&vm.id, runs, requests)}
            </section>
            <section>
                <h2>"Configuration"</h2>
                <Attributes vm=vm.clone() estate=estate.estate.clone()/>
                <Disks vm=vm.clone() estate=estate.estate.clone()/>
                <Cards vm=vm.clone() estate=estate.estate/>
                <Definition vm/>
            </section>
            <Live run=None/>
        };
        Ok(view.into_any())
    })
}

/// What a backup leaves out.
fn missing(gaps: &[Gap]) -> Option<AnyView> {
    let sentences = say::each(gaps);
    (!sentences.is_empty()).then(|| {
        view! { <Alert tone=Tone::Danger title="Not included in backups"><Sentences sentences/></Alert> }.into_any()
    })
}

fn protection_facts(protection: Protection, teams: &[Team]) -> AnyView {
    let team = match &protection.team {
        Some(id) => teams
            .iter()
            .find(|team| team.id == *id)
            .map_or_else(|| id.to_string(), |team| team.name.clone()),
        None => "none; only roles for everything apply to it".into(),
    };
    let policy = match protection.policy {
        None => view! {
            <dd>
                <Status tone=Tone::Danger word="Not protected"/>
                " No policy is assigned, so no backup can be planned."
            </dd>
        }
        .into_any(),
        Some(policy) => view! {
            <dd>
                <a href=link::policy(&policy.id)>{policy.rules.name}</a>
                ", assigned to this VM. "
                {policy.rules.method.title()}
                ", to the backup target "
                {policy.rules.target.to_string()}
                ". A restore "
                {policy.rules.restore_gate.in_words()}
                "."
            </dd>
        }
        .into_any(),
    };
    let newest = match protection.newest_point {
        Some(at) => view! { <Time at/> }.into_any(),
        None => "none yet".into_any(),
    };
    view! {
        <dl class="facts">
            <dt>"Effective policy"</dt>
            {policy}
            <dt>"Team"</dt>
            <dd>{team}</dd>
            <dt>"Recovery points"</dt>
            <dd>{protection.points} " usable, newest: " {newest}</dd>
        </dl>
    }
    .into_any()
}

fn points_of(vm: &VmId, points: Vec<PointSummary>) -> AnyView {
    if points.is_empty() {
        return view! { <Empty><p>"No recovery points yet. A backup creates one; it appears after its integrity check."</p></Empty> }
            .into_any();
    }
    let caption = format::count(points.len(), "recovery point");
    let older = older("/points", vm, points.len());
    view! { <PointTable caption points machine=false/> {older} }.into_any()
}

/// The way to those of a machine that do not stand on its page.
fn older(page: &str, vm: &VmId, shown: usize) -> Option<AnyView> {
    let all = link::with_query(page, "q", vm.as_str());
    (shown >= LIST_OF_VM).then(|| {
        view! { <p class="note">"Only the newest are shown. " <a href=all>"All recovery points of this VM"</a></p> }
            .into_any()
    })
}

fn history(vm: &VmId, runs: Vec<RunSummary>, requests: Vec<Request>) -> AnyView {
    if runs.is_empty() && requests.is_empty() {
        return view! { <Empty><p>"No backups or restores yet."</p></Empty> }.into_any();
    }
    let older_runs = older("/runs", vm, runs.len());
    let older_requests = older("/restores", vm, requests.len());
    view! {
        {(!runs.is_empty()).then(|| view! { <RunTable caption="Job runs" runs/> })}
        {older_runs}
        {(!requests.is_empty()).then(|| view! { <RequestTable caption="Requests" requests/> })}
        {older_requests}
    }
    .into_any()
}
