//! One request: what would run, what would be lost, who must agree, what happened.

use super::votes::{VoteForms, WithdrawForm};
use crate::components::{
    Alert, Id, PageHead, PlanDuration, PlanFacts, PlanHead, PlanLink, Procedure, Status, Table, Time, Tone, page,
    plan_again, request_status,
};
use crate::context;
use crate::form::Flash;
use crate::format;
use crate::islands::Live;
use crate::link;
use domain::actor::{Actor, Permission};
use domain::ids::RequestId;
use domain::plan::Plan;
use domain::request::{CastVote, RequestState, RestoreRequest, Vote};
use domain::services::RequestView;
use leptos::prelude::*;

/// A request's page.
#[component]
pub fn RequestPage() -> impl IntoView {
    let id = RequestId::new(context::param("request"));
    page(async move {
        let (actor, backend) = context::caller()?;
        let flash = Flash::read().await;
        let RequestView {
            request,
            plan,
            may_vote,
            approvers,
        } = backend.restores.get(&actor, &id).await?;
        let open = matches!(request.state, RequestState::Pending);
        let experience = match open {
            true => backend.runs.experience(&actor, &request.plan_hash).await?,
            false => None,
        };
        let purpose = plan.header.purpose.clone();
        let duration = open.then(|| view! { <PlanDuration experience purpose/> });
        let around = context::surroundings(&actor, &backend, &request.subject.at()).await?;
        let view = view! {
            <PageHead
                title=format!("Restore of {}", request.subject.name)
                flash=flash.clone()
                above=vec![("/restores".into(), "Restores".into())]
            />
            {state(&request, again(&actor, &request, &plan))}
            {facts(&request)}
            <PlanHead plan=plan.clone() hash=request.plan_hash.clone()>{duration}</PlanHead>
            <PlanFacts plan=plan.clone()/>
            <section>
                <h2>"Who agreed"</h2>
                // Apart from the forms: a vote of somebody else must not take what is being typed.
                <div id="votes" data-live="">{votes(&request)}</div>
                <div id="approvers" data-live="">{can_approve(&request, &approvers)}</div>
                <div id="decide" data-live="">{decide(&actor, &request, may_vote, &flash)}</div>
            </section>
            <section>
                <h2>"Steps"</h2>
                <p class="note">"An approval holds for exactly these steps, by their hash."</p>
                <Procedure plan servers=around.servers/>
            </section>
            <Live run=None/>
        };
        Ok(view.into_any())
    })
}

/// The way on from a request that came to nothing.
fn again(actor: &Actor, request: &RestoreRequest, plan: &Plan) -> Option<AnyView> {
    let in_vain = match request.state {
        RequestState::Pending | RequestState::Approved => false,
        RequestState::Vetoed | RequestState::Expired | RequestState::Withdrawn | RequestState::Void => true,
    };
    in_vain.then(|| plan_again(actor, request.team.as_ref(), &plan.header))
}

fn state(request: &RestoreRequest, again: Option<AnyView>) -> AnyView {
    let run = request.run.as_ref().map(|run| {
        view! { <p><a class="button primary" href=link::run(run)>"See the run"</a></p> }
    });
    let sentence = match request.state {
        RequestState::Pending => {
            format!(
                "{} still needed, none of them by {}.",
                format::count(request.approvals_missing(), "approval"),
                request.requested_by_name
            )
        }
        RequestState::Approved if request.approvals_needed == 0 => "It needed no approval.".into(),
        RequestState::Approved => "Exactly the plan below runs.".into(),
        RequestState::Vetoed => "The plan does not run.".into(),
        RequestState::Expired => "Nobody decided in time. The plan does not run.".into(),
        RequestState::Withdrawn => "The one who asked has withdrawn it.".into(),
        RequestState::Void => {
            "Too few of those who approved it still might when it was to run. The plan does not run.".into()
        }
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

fn facts(request: &RestoreRequest) -> AnyView {
    let ticket = request
        .ticket
        .clone()
        .map(|ticket| view! { <dt>"Ticket"</dt><dd>{ticket}</dd> });
    let expires = request
        .deadline()
        .map(|at| view! { <dt>"Expires"</dt><dd><Time at/></dd> });
    view! {
        <dl class="facts" id="request-facts" data-live="">
            <dt>"Asked by"</dt>
            <dd>{request.requested_by_name.clone()} ", " <Time at=request.requested_at/></dd>
            <dt>"Reason"</dt>
            <dd class="prose">{request.reason.clone()}</dd>
            {ticket}
            {expires}
            <dt>"Request"</dt>
            <dd><Id id=request.id.as_str()/></dd>
        </dl>
    }
    .into_any()
}

fn votes(request: &RestoreRequest) -> AnyView {
    if request.votes.is_empty() {
        return view! { <p class="note">"Nobody has voted yet."</p> }.into_any();
    }
    let rows: Vec<_> = request.votes.iter().map(vote_row).collect();
    view! { <Table caption="Votes" columns=vec!["Who", "Vote", "When", "Reason", "Plan seen"]>{rows}</Table> }
        .into_any()
}

/// Who can give the approvals that are missing, and whether there are enough of them.
fn can_approve(request: &RestoreRequest, approvers: &[String]) -> Option<AnyView> {
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
        "{} still needed, and can be given by: {names}. An administrator must give the role Approver for this machine to \
         somebody else than {}.",
        format::count(missing, "approval"),
        request.requested_by_name
    );
    Some(
        view! { <Alert tone=Tone::Attention title="Too few people hold the role Approver here">{sentence}</Alert> }
            .into_any(),
    )
}

fn vote_row(vote: &CastVote) -> AnyView {
    let (tone, word) = match vote.vote {
        Vote::Approve => (Tone::Good, "Approved"),
        Vote::Veto => (Tone::Danger, "Vetoed"),
    };
    view! {
        <tr>
            <td data-label="Who">{vote.user_name.clone()}</td>
            <td data-label="Vote"><Status tone word/></td>
            <td data-label="When"><Time at=vote.at/></td>
            <td data-label="Reason" class="prose">{vote.reason.clone()}</td>
            <td data-label="Plan seen"><PlanLink hash=vote.plan_hash.clone()/></td>
        </tr>
    }
    .into_any()
}

/// What this actor can do with the request; for an approver who may not vote, why.
fn decide(actor: &Actor, request: &RestoreRequest, may_vote: Result<(), String>, flash: &Flash) -> AnyView {
    if request.state != RequestState::Pending {
        return ().into_any();
    }
    let withdraw = (request.requested_by == actor.id).then(|| view! { <WithdrawForm request=request.id.clone()/> });
    let vote = match may_vote {
        Ok(()) => view! { <VoteForms request=request.clone() flash=flash.clone()/> }.into_any(),
        Err(why) if actor.may_somewhere(Permission::DecideRequests) => {
            view! { <Alert tone=Tone::Quiet title="You cannot vote on it">{why}</Alert> }.into_any()
        }
        Err(_) => ().into_any(),
    };
    view! { {vote} {withdraw} }.into_any()
}
