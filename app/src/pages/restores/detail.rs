//! One request: what would run, what would be lost, who must approve, what happened.

use super::votes::{ApproveForm, VetoForm, WithdrawForm};
use crate::components::{
    Alert, Id, PageHead, PlanDuration, PlanFacts, PlanHead, PlanLink, Procedure, Status, Table, Time, Tone, opening,
    page, plan_again, request_status,
};
use crate::context;
use crate::form::Flash;
use crate::format;
use crate::islands::Live;
use crate::link;
use crate::say::say;
use domain::actor::{Actor, Permission};
use domain::ids::RequestId;
use domain::plan::PlanHash;
use domain::request::{Asked, CastVote, Change, Request, RequestState, Vote};
use domain::services::{Answer, Backend, RequestView};
use leptos::prelude::*;

/// A request's page.
#[component]
pub fn RequestPage() -> impl IntoView {
    let id = RequestId::new(context::param("request"));
    page(async move {
        let (actor, backend) = context::caller()?;
        let flash = Flash::read().await;
        let view = backend.restores.get(&actor, &id).await?;
        let (title, asked) = (say(&view.request.asked), what(&actor, &backend, &view).await?);
        let request = &view.request;
        let view = view! {
            <PageHead title flash=flash.clone() above=vec![("/restores".into(), "Restores".into())]/>
            {state(request, again(&actor, &view))}
            {facts(request)}
            {asked.head}
            <section>
                <h2>"Approvals"</h2>
                // Apart from the forms: a vote of somebody else must not take what is being typed.
                <div id="votes" data-live="">{votes(request)}</div>
                <div id="approvers" data-live="">{can_approve(request, &view.approvers)}</div>
                <div id="decide" data-live="">{decide(&actor, &view, &flash)}</div>
            </section>
            {asked.steps}
            <Live run=None/>
        };
        Ok(view.into_any())
    })
}

/// What is asked for, above the votes and below them.
struct What {
    head: AnyView,
    steps: AnyView,
}

async fn what(actor: &Actor, backend: &Backend, view: &RequestView) -> Answer<What> {
    let (Asked::Plan { hash, subject, .. }, Some(plan)) = (&view.request.asked, view.plan.clone()) else {
        return Ok(What {
            head: changes(&view.request),
            steps: ().into_any(),
        });
    };
    let open = view.request.state == RequestState::Pending;
    let experience = match open {
        true => backend.runs.experience(actor, hash).await?,
        false => None,
    };
    let purpose = plan.header.purpose.clone();
    let duration = open.then(|| view! { <PlanDuration experience purpose/> });
    let around = context::surroundings(actor, backend, &subject.at()).await?;
    let files = actor.may(Permission::DownloadArtefacts, around.team.as_ref());
    let head = view! {
        <PlanHead plan=plan.clone() hash=hash.clone() files>{duration}</PlanHead>
        <PlanFacts plan=plan.clone()/>
    };
    let steps = view! {
        <section>
            <h2>"Steps"</h2>
            <p class="note">"An approval applies to exactly these steps, by their hash."</p>
            <Procedure plan servers=around.servers/>
        </section>
    };
    Ok(What {
        head: head.into_any(),
        steps: steps.into_any(),
    })
}

/// What is different once the change is approved.
fn changes(request: &Request) -> AnyView {
    let Asked::Change(change) = &request.asked else {
        return ().into_any();
    };
    let about = match change {
        Change::Policy { from, .. } => {
            view! { <a href=link::policy(&from.id)>{from.rules.name.clone()}</a> }.into_any()
        }
        Change::Assignment { subject, .. } => {
            view! { <a href=link::subject(&subject.at())>{subject.name.clone()}</a> }.into_any()
        }
    };
    let (from, to) = change.gates();
    view! {
        <section id="change">
            <h2>"What changes"</h2>
            <dl class="facts">
                <dt>"About"</dt>
                <dd>{about}</dd>
                <dt>"A restore now"</dt>
                <dd>{from.in_words()}</dd>
                <dt>"A restore afterwards"</dt>
                <dd>{to.in_words()}</dd>
            </dl>
            <p class="prose">{say(change)}</p>
            <p class="note">"An approval applies to exactly this change. It is void if something else changes it first."</p>
        </section>
    }
    .into_any()
}

/// The way on from a request for a plan that came to nothing.
fn again(actor: &Actor, view: &RequestView) -> Option<AnyView> {
    let request = &view.request;
    let in_vain = match request.state {
        RequestState::Pending | RequestState::Approved => false,
        RequestState::Vetoed
        | RequestState::Expired
        | RequestState::Withdrawn
        | RequestState::Void
        | RequestState::Missed => true,
    };
    let plan = view.plan.as_ref().filter(|_| in_vain)?;
    Some(plan_again(actor, request.team.as_ref(), &plan.header))
}

fn state(request: &Request, again: Option<AnyView>) -> AnyView {
    let run = request.run.as_ref().map(|run| {
        view! { <p><a class="button primary" href=link::run(run)>"See the run"</a></p> }
    });
    let sentence = match &request.asked {
        Asked::Plan { .. } => plan_sentence(request),
        Asked::Change(_) => change_sentence(request),
    };
    view! {
        <section id="request-state" class="banner" data-live="" data-announce=request.state.title()>
            <p class="banner-state">{request_status(request.state)}</p>
            <p>{sentence}</p>
            {run}
            {again}
        </section>
    }
    .into_any()
}

fn missing(request: &Request) -> String {
    format!(
        "{} still needed, from someone other than {}.",
        format::count(request.approvals_missing(), "approval"),
        request.requested_by_name
    )
}

fn plan_sentence(request: &Request) -> String {
    match request.state {
        RequestState::Pending => missing(request),
        RequestState::Approved if request.approvals_needed == 0 => "No approval was needed.".into(),
        RequestState::Approved => "Exactly the plan below runs.".into(),
        RequestState::Vetoed => "The plan will not run.".into(),
        RequestState::Expired => "Nobody decided in time. The plan will not run.".into(),
        RequestState::Withdrawn => "The requester has withdrawn it.".into(),
        RequestState::Void => {
            "When it was due to run, too few of its approvers still had the right to approve. The plan will not run."
                .into()
        }
        RequestState::Missed => "It could not start before its window closed. The plan will not run.".into(),
    }
}

fn change_sentence(request: &Request) -> String {
    match request.state {
        RequestState::Pending => missing(request),
        RequestState::Approved => "The change was made with the last approval.".into(),
        RequestState::Vetoed => "The change is not made.".into(),
        RequestState::Expired => "Nobody decided in time. The change is not made.".into(),
        RequestState::Withdrawn => "The change was withdrawn before it was made.".into(),
        RequestState::Void | RequestState::Missed => {
            "It was approved, but it could no longer be made as requested, so nothing was changed. The audit trail \
             says why. Request it again if it is still needed."
                .into()
        }
    }
}

fn facts(request: &Request) -> AnyView {
    let ticket = request
        .ticket
        .clone()
        .map(|ticket| view! { <dt>"Ticket"</dt><dd>{ticket}</dd> });
    let expires = request
        .deadline()
        .map(|at| view! { <dt>"Expires"</dt><dd><Time at/></dd> });
    let window = Some(request.asked.window()).filter(|window| !window.is_always());
    let window = window.map(|window| view! { <dt>"May start"</dt><dd>{opening(window)}</dd> });
    view! {
        <dl class="facts" id="request-facts" data-live="">
            <dt>"Requested by"</dt>
            <dd>{request.requested_by_name.clone()} ", " <Time at=request.requested_at/></dd>
            <dt>"Reason"</dt>
            <dd class="prose">{request.reason.clone()}</dd>
            {ticket}
            {window}
            {expires}
            <dt>"Request"</dt>
            <dd><Id id=request.id.as_str()/></dd>
        </dl>
    }
    .into_any()
}

fn votes(request: &Request) -> AnyView {
    if request.votes.is_empty() {
        return view! { <p class="note">"No votes yet."</p> }.into_any();
    }
    let rows: Vec<_> = request.votes.iter().map(|cast| vote_row(request, cast)).collect();
    view! { <Table caption="Votes" columns=vec!["Who", "Vote", "When", "Reason", "Seen"]>{rows}</Table> }.into_any()
}

/// Who can give the approvals that are missing, and whether there are enough of them.
fn can_approve(request: &Request, approvers: &[String]) -> Option<AnyView> {
    if request.state != RequestState::Pending {
        return None;
    }
    let names = match approvers {
        [] => "nobody".to_owned(),
        names => names.join(", "),
    };
    let missing = request.approvals_missing();
    if approvers.len() >= missing {
        return Some(view! { <p>"Can be given by: " {names} "."</p> }.into_any());
    }
    let sentence = format!(
        "{} still needed, and can be given by: {names}. An administrator must grant the role Approver for this VM to \
         someone other than {}.",
        format::count(missing, "approval"),
        request.requested_by_name
    );
    Some(view! { <Alert tone=Tone::Attention title="Not enough approvers">{sentence}</Alert> }.into_any())
}

fn vote_row(request: &Request, vote: &CastVote) -> AnyView {
    let (tone, word) = match vote.vote {
        Vote::Approve => (Tone::Good, "Approved"),
        Vote::Veto => (Tone::Danger, "Vetoed"),
    };
    let seen = match request.asked.plan() {
        Some(_) => view! { <PlanLink hash=PlanHash::new(vote.seen.as_str())/> }.into_any(),
        None => view! { <code title=vote.seen.to_string()>{vote.seen.short().to_owned()}</code> }.into_any(),
    };
    view! {
        <tr>
            <td data-label="Who">{vote.user_name.clone()}</td>
            <td data-label="Vote"><Status tone word/></td>
            <td data-label="When"><Time at=vote.at/></td>
            <td data-label="Reason" class="prose">{vote.reason.clone()}</td>
            <td data-label="Seen">{seen}</td>
        </tr>
    }
    .into_any()
}

/// What this actor can do with the request; for an approver who may not approve, why.
fn decide(actor: &Actor, view: &RequestView, flash: &Flash) -> AnyView {
    let request = &view.request;
    let id = request.id.clone();
    let withdraw = view.may_withdraw.then(|| view! { <WithdrawForm request=id/> });
    let approve = match &view.may_approve {
        Ok(()) => view! { <ApproveForm request=request.clone() flash=flash.clone()/> }.into_any(),
        Err(why) if request.state == RequestState::Pending && actor.may_somewhere(Permission::DecideRequests) => {
            let why = why.clone();
            view! { <Alert tone=Tone::Quiet title="You cannot approve this request">{why}</Alert> }.into_any()
        }
        Err(_) => ().into_any(),
    };
    let veto = view
        .may_veto
        .then(|| view! { <VetoForm request=request.clone() flash=flash.clone()/> });
    view! { <div class="action-row">{approve} {veto}</div> {withdraw} }.into_any()
}
