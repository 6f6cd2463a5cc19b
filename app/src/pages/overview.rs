//! The first page: are we protected, what failed, what waits for me, what is the newest that we could go back to?

use crate::components::{Alert, Empty, PageHead, PointTable, RequestTable, RunTable, Status, Table, Time, Tone, page};
use crate::context;
use crate::format;
use crate::islands::Live;
use crate::link;
use crate::pages::estate::{Protected, of_policy};
use crate::pages::restores::to_decide;
use crate::say;
use domain::actor::{Actor, Permission};
use domain::fault::TargetFault;
use domain::ids::ManagerId;
use domain::request::Request;
use domain::run::{RunState, RunSummary};
use domain::services::{Answer, Backend, PointFilter, Protection, RunFilter};
use domain::time::Timestamp;
use leptos::prelude::*;
use ovm::estate::{Vm, VmState};
use std::cmp::Reverse;

/// How many of each list are shown.
const SHOWN: usize = 5;

/// The overview.
#[component]
pub fn Overview() -> impl IntoView {
    page(async {
        let (actor, backend) = context::caller()?;
        let target_faults = backend.catalogue.target_faults(&actor).await?;
        let coverage = Coverage::of(&actor, &backend).await?;
        let requests = to_decide(&actor, &backend).await?;
        let mut held = runs_in(&actor, &backend, RunState::NeedsOperator).await?;
        held.extend(runs_in(&actor, &backend, RunState::Waiting).await?);
        let mut failed_runs = runs_in(&actor, &backend, RunState::Failed).await?;
        failed_runs.extend(runs_in(&actor, &backend, RunState::Missed).await?);
        let mut points = backend.catalogue.points(&actor, &PointFilter::default()).await?.rows;
        points.truncate(SHOWN);
        let newest = if points.is_empty() {
            view! { <Empty><p>"No recovery points yet. Open a VM, assign a policy and back it up."</p></Empty> }
                .into_any()
        } else {
            view! { <PointTable caption="Newest recovery points" points/> }.into_any()
        };
        let view = view! {
            <PageHead title="Overview" lead="Protection, open decisions and recent failures."/>
            {(!target_faults.is_empty()).then(|| unusable(&target_faults))}
            {coverage.draw()}
            {waiting(held, requests)}
            {failed(failed_runs)}
            <section id="newest" data-live="">
                <h2>"Recovery points"</h2>
                {newest}
            </section>
            <Live run=None/>
        };
        Ok(view.into_any())
    })
}

/// What is stored may be whole, but nobody gets at it.
fn unusable(faults: &[TargetFault]) -> AnyView {
    let title = match faults.len() {
        1 => "A backup target cannot be used".to_owned(),
        several => format!("{several} backup targets cannot be used"),
    };
    let sentences: Vec<_> = faults.iter().map(say::say).collect();
    let sentences: Vec<_> = sentences.into_iter().map(|said| view! { <p>{said}</p> }).collect();
    view! {
        <Alert tone=Tone::Danger title>
            {sentences}
            <p>"Until this is fixed, no recovery point there can be used, and nothing is backed up there."</p>
        </Alert>
    }
    .into_any()
}

/// How much of the estate is protected.
struct Coverage {
    managers: usize,
    protected: usize,
    without_point: usize,
    unprotected: Vec<(ManagerId, Vm)>,
    /// The protected machine whose newest recovery point is the oldest.
    stalest: Option<(Timestamp, ManagerId, Vm)>,
    problems: Vec<String>,
    may_enrol: bool,
}

impl Coverage {
    async fn of(actor: &Actor, backend: &Backend) -> Answer<Self> {
        let managers = backend.estate.managers(actor).await?;
        let mut coverage = Self {
            managers: managers.len(),
            protected: 0,
            without_point: 0,
            unprotected: Vec::new(),
            stalest: None,
            problems: Vec::new(),
            may_enrol: actor.may(Permission::Administer, None),
        };
        for manager in managers {
            if let Some(problem) = manager.problem {
                coverage
                    .problems
                    .push(format!("{}: {}", manager.name, say::say(&problem)));
            }
            match Protected::read(actor, backend, &manager.id).await {
                Ok(estate) => coverage.add(&estate),
                Err(error) => coverage
                    .problems
                    .push(format!("{}: {}", manager.name, say::say(&error))),
            }
        }
        Ok(coverage)
    }

    fn add(&mut self, estate: &Protected) {
        let manager = &estate.view.manager.id;
        let machines = estate.machines_by_name().into_iter();
        for (vm, protection) in machines.filter(|(vm, _)| vm.state != VmState::Template) {
            match protection {
                Protection { policy: None, .. } => self.unprotected.push((manager.clone(), vm.clone())),
                Protection { newest_point: None, .. } => self.without_point += 1,
                Protection {
                    newest_point: Some(newest),
                    ..
                } => {
                    self.protected += 1;
                    if self.stalest.as_ref().is_none_or(|(oldest, ..)| newest < oldest) {
                        self.stalest = Some((*newest, manager.clone(), vm.clone()));
                    }
                }
            }
        }
    }

    fn draw(self) -> AnyView {
        if self.managers == 0 {
            return no_manager(self.may_enrol);
        }
        let problems: Vec<_> = self
            .problems
            .into_iter()
            .map(|problem| view! { <Alert tone=Tone::Attention title="The estate is not up to date">{problem}</Alert> })
            .collect();
        view! {
            {problems}
            <section id="coverage" data-live="">
                <h2>"Protection"</h2>
                <ul class="figures">
                    {figure(self.protected, "protected", "A policy and at least one recovery point", Tone::Good)}
                    {figure(self.without_point, "without a recovery point", "A policy, but no recovery point yet", Tone::Attention)}
                    {figure(self.unprotected.len(), "not protected", "No policy", Tone::Danger)}
                </ul>
                {self.stalest.map(stalest)}
                {unprotected(self.unprotected)}
            </section>
        }
        .into_any()
    }
}

fn no_manager(may_enrol: bool) -> AnyView {
    let how = if may_enrol {
        view! { <p><a class="button primary" href="/administration/managers/new">"Enrol a Manager"</a></p> }.into_any()
    } else {
        view! { <p>"Ask an administrator to enrol the first Oracle VM Manager."</p> }.into_any()
    };
    view! {
        <Empty>
            <p>"No Oracle VM Manager is enrolled, so there is nothing to protect yet."</p>
            {how}
        </Empty>
    }
    .into_any()
}

fn figure(number: usize, word: &'static str, meaning: &'static str, tone: Tone) -> AnyView {
    let tone = if number == 0 { Tone::Quiet } else { tone };
    view! {
        <li class="figure" data-tone=tone.key()>
            <strong>{number}</strong>
            <Status tone word/>
            <span class="under">{meaning}</span>
        </li>
    }
    .into_any()
}

/// Nothing else tells when backups have stopped.
fn stalest((newest, manager, vm): (Timestamp, ManagerId, Vm)) -> AnyView {
    view! {
        <p class="note">
            "Longest without a new recovery point: " <a href=link::vm(&manager, &vm.id)>{vm.name.clone()}</a> ", since "
            <Time at=newest/> "."
        </p>
    }
    .into_any()
}

fn unprotected(machines: Vec<(ManagerId, Vm)>) -> AnyView {
    if machines.is_empty() {
        return ().into_any();
    }
    let more = machines.len().saturating_sub(SHOWN);
    let more = (more > 0).then(|| view! { <p><a href=of_policy(None)>{format::thousands(more)} " more"</a></p> });
    let rows: Vec<_> = machines
        .into_iter()
        .take(SHOWN)
        .map(|(manager, vm)| {
            view! {
                <tr>
                    <td data-label="VM"><a href=link::vm(&manager, &vm.id)>{vm.name.clone()}</a></td>
                    <td data-label="Disks" class="number">{vm.mappings.len()}</td>
                    <td data-label="Memory" class="number">{format::megabytes(vm.memory_mb)}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <Table caption="VMs without a policy" columns=vec!["VM", "Disks#", "Memory#"]>{rows}</Table>
        {more}
    }
    .into_any()
}

async fn runs_in(actor: &Actor, backend: &Backend, state: RunState) -> Answer<Vec<RunSummary>> {
    let filter = RunFilter {
        state: Some(state),
        ..RunFilter::default()
    };
    Ok(backend.runs.list(actor, &filter).await?.rows)
}

/// Runs that wait for a person, and requests that this actor can decide.
fn waiting(held: Vec<RunSummary>, requests: Vec<Request>) -> AnyView {
    let nothing = (requests.is_empty() && held.is_empty()).then(|| {
        view! { <Empty><p>"Nothing is waiting. Requests and runs that need you will appear here."</p></Empty> }
    });
    view! {
        <section id="waiting" data-live="">
            <h2>"Waiting for you"</h2>
            {nothing}
            {(!requests.is_empty()).then(|| view! { <RequestTable caption="Requests you can decide" requests/> })}
            {(!held.is_empty()).then(|| view! { <RunTable caption="Runs waiting for a person" runs=held/> })}
        </section>
    }
    .into_any()
}

fn failed(mut runs: Vec<RunSummary>) -> AnyView {
    runs.sort_by_key(|run| Reverse(run.queued_at));
    runs.truncate(SHOWN);
    let content = if runs.is_empty() {
        view! { <Empty><p>"No failed runs."</p></Empty> }.into_any()
    } else {
        view! { <RunTable caption="Latest failed runs" runs/> }.into_any()
    };
    view! {
        <section id="failed" data-live="">
            <h2>"Recent failures"</h2>
            {content}
        </section>
    }
    .into_any()
}
