//! One run: which step, since when, how much, and what now if it stops. The plan's view, filled while it runs.

use super::actions::Actions;
use crate::components::{
    Alert, PageHead, PlanFacts, PlanHead, Procedure, Sentences, Time, Tone, begins, page, plan_again, run_status,
    waits_for,
};
use crate::context;
use crate::form::Flash;
use crate::format;
use crate::islands::Live;
use crate::link;
use crate::say;
use domain::actor::{Actor, Permission};
use domain::ids::{RunId, TeamId};
use domain::plan::Plan;
use domain::request::Request;
use domain::run::{JournalEntry, Phase, RunDetail, RunState};
use leptos::prelude::*;

/// A run's page.
#[component]
pub fn RunPage() -> impl IntoView {
    let id = RunId::new(context::param("run"));
    page(async move {
        let (actor, backend) = context::caller()?;
        let flash = Flash::read().await;
        let run = backend.runs.get(&actor, &id).await?;
        let around = context::surroundings(&actor, &backend, &run.summary.subject.at()).await?;
        let files = actor.may(Permission::DownloadArtefacts, around.team.as_ref());
        let summary = &run.summary;
        let view = view! {
            <PageHead
                title=format!("{} of {}", say::say(&summary.kind), summary.subject.name)
                flash=flash.clone()
                above=vec![("/runs".into(), "Runs".into())]
            />
            {refresh_without_scripts(summary.state)}
            {banner(&run, again(&actor, around.team.as_ref(), &run))}
            <div id="run-actions" data-live="">
                <Actions actor team=around.team run=run.clone() flash/>
            </div>
            {leftovers(&run)}
            <section>
                <h2>"Steps"</h2>
                <Procedure plan=run.plan.clone() servers=around.servers run=run.clone()/>
            </section>
            <section>
                <h2>"The plan"</h2>
                <PlanHead plan=run.plan.clone() hash=summary.plan_hash.clone() files/>
                <PlanFacts plan=run.plan.clone()/>
            </section>
            <Live run=Some(id.to_string())/>
        };
        Ok(view.into_any())
    })
}

/// Without scripts the page loads itself anew while steps are being done.
fn refresh_without_scripts(state: RunState) -> Option<AnyView> {
    let moving = matches!(state, RunState::Queued | RunState::Running | RunState::RollingBack);
    moving.then(|| view! { <noscript><meta http-equiv="refresh" content="5"/></noscript> }.into_any())
}

/// The way on from a run that was in vain.
fn again(actor: &Actor, team: Option<&TeamId>, run: &RunDetail) -> Option<AnyView> {
    let state = run.summary.state;
    let in_vain = state.is_over() && state != RunState::Succeeded;
    in_vain.then(|| plan_again(actor, team, &run.plan.header))
}

/// Who has asked for a restore, and who agreed.
fn asked(request: &Request) -> AnyView {
    let who = &request.requested_by_name;
    let sentence = match request.approvals_needed {
        0 => format!("Requested by {who}; no approval was needed: "),
        _ => {
            let approvals = format::count(request.approvals(), "approval");
            format!("Requested by {who}, with {approvals}: ")
        }
    };
    view! { <p>{sentence} <a href=link::request(&request.id)>"see the request"</a> "."</p> }.into_any()
}

fn banner(run: &RunDetail, again: Option<AnyView>) -> AnyView {
    let summary = &run.summary;
    let position = position(&run.plan, &run.journal);
    let announced = match &position {
        Some(step) if !summary.state.is_over() => format!("{}. {step}", summary.state.title()),
        _ => summary.state.title().to_owned(),
    };
    let took = summary.ended_at.map(|end| {
        let took = format::duration(end.0.saturating_sub(summary.queued_at.0));
        view! { <p>"Duration: " {took} "."</p> }
    });
    let deadline = run
        .decide_before
        .filter(|_| summary.state == RunState::Waiting)
        .map(|at| {
            view! {
                <p>"Unless it is committed before " {at.display()} " (" <Time at/> "), it is rolled back \
                    automatically."</p>
            }
        });
    let cancelling = (run.cancelling && !summary.state.is_over())
        .then(|| view! { <p>"Cancellation was requested; the run stops at the next safe point."</p> });
    let point = run.point.as_ref().map(|point| {
        view! { <p><a class="button primary" href=link::point(point)>"See the recovery point"</a></p> }
    });
    view! {
        <section id="run-state" class="banner" data-live="" data-state=summary.state.key() data-announce=announced>
            <p class="banner-state">{run_status(summary.state)}</p>
            {(!summary.message.is_empty()).then(|| view! { <p>{say::together(&summary.message)}</p> })}
            {waits_for(summary).map(|whom| view! { <p>{whom}</p> })}
            {begins(summary).map(|when| view! { <p>{when}</p> })}
            {(!summary.state.is_over()).then(|| position.map(|step| view! { <p>{step}</p> }))}
            {deadline}
            {cancelling}
            <p class="note">
                "Started by " {summary.started_by.clone()} " at " {summary.queued_at.display()} "."
            </p>
            {took}
            {run.request.as_ref().map(asked)}
            {point}
            {again}
        </section>
    }
    .into_any()
}

/// Where the run is, in words: `Step 4 of 12: Copy disk 0`.
fn position(plan: &Plan, journal: &[JournalEntry]) -> Option<String> {
    let entry = journal.last()?;
    let at = plan.position(&entry.step)?;
    let title = say::say(&plan.steps.get(at)?.title);
    Some(match entry.phase {
        Phase::Forward => format!("Step {} of {}: {title}", at + 1, plan.steps.len()),
        Phase::Undo => format!("Undoing step {} of {}: {title}", at + 1, plan.steps.len()),
    })
}

/// What could not be removed: shown until it is.
fn leftovers(run: &RunDetail) -> AnyView {
    let sentences = say::each(&run.leftovers);
    let content = (!sentences.is_empty()).then(|| {
        view! {
            <Alert tone=Tone::Danger title="Left behind in the estate">
                <p>"This run could not remove these objects yet. Holdfast keeps trying."</p>
                <Sentences sentences/>
            </Alert>
        }
    });
    view! { <div id="leftovers" data-live="">{content}</div> }.into_any()
}
