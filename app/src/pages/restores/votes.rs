//! Approve, veto, withdraw.

use crate::components::{PostForm, TextArea, TextField};
use crate::context;
use crate::form::{Done, Flash, Notice, Sent, confirmed, finish};
use crate::link;
use domain::error::{FormFlaw, ServiceError};
use domain::ids::RequestId;
use domain::request::{Asked, AskedHash, Request, RequestState, Vote, checked_reason};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

fn hidden(request: &Request) -> Vec<(&'static str, String)> {
    vec![
        ("request", request.id.to_string()),
        ("seen", request.asked.hash().to_string()),
    ]
}

/// Approves it, with the hash of what is on the screen.
#[component]
pub fn ApproveForm(request: Request, flash: Flash) -> impl IntoView {
    let filled = flash.filled("approve");
    let name = request.asked.name().to_owned();
    let (label, button) = match &request.asked {
        Asked::Plan { .. } => (
            format!("Type {name} to confirm that its disks are overwritten"),
            format!("Approve overwriting {name}’s disks"),
        ),
        Asked::Change(_) => (
            format!("Type {name} to confirm that fewer people have to approve a restore"),
            format!("Approve the change of {name}"),
        ),
    };
    view! {
        <PostForm to=CastVoteOn::url() class="danger" hidden=hidden(&request)>
            <TextArea filled=filled.clone() name="reason" label="Comment (optional)"/>
            <TextField filled name="confirm" label exactly=name/>
            <button type="submit" name="vote" value="approve" class="button destructive">{button}</button>
        </PostForm>
    }
}

/// Vetoes it, with the hash of what is on the screen.
#[component]
pub fn VetoForm(request: Request, flash: Flash) -> impl IntoView {
    view! {
        <PostForm to=CastVoteOn::url() hidden=hidden(&request)>
            <TextArea filled=flash.filled("veto") name="reason" label="Reason for the veto" required=true minlength=10/>
            <button type="submit" name="vote" value="veto" class="button">"Veto the request"</button>
        </PostForm>
    }
}

/// Takes one's own request back.
#[component]
pub fn WithdrawForm(request: RequestId) -> impl IntoView {
    view! {
        <PostForm to=Withdraw::url() hidden=vec![("request", request.to_string())]>
            <button type="submit" class="button">"Withdraw my request"</button>
        </PostForm>
    }
}

/// Votes on a request.
#[server(prefix = "/fn", endpoint = "restores/vote")]
pub async fn cast_vote_on(
    #[server(default)] request: String,
    #[server(default)] seen: String,
    #[server(default)] vote: String,
    #[server(default)] reason: String,
    #[server(default)] confirm: String,
) -> Result<(), ServerFnError> {
    let id = RequestId::new(request);
    let page = link::request(&id);
    let form = if vote == "veto" { "veto" } else { "approve" };
    let sent = Sent::new(form, &page).with("reason", &reason).with("confirm", &confirm);
    finish(sent, async {
        let (actor, backend) = context::caller()?;
        let (vote, reason) = match vote.as_str() {
            "approve" => {
                let view = backend.restores.get(&actor, &id).await?;
                confirmed(&confirm, view.request.asked.name())?;
                (Vote::Approve, reason.trim().to_owned())
            }
            "veto" => (Vote::Veto, checked_reason(&reason)?),
            _ => return Err(ServiceError::invalid("vote", FormFlaw::NoVote)),
        };
        let seen = AskedHash::new(seen);
        let state = backend.restores.vote(&actor, &id, &seen, vote, &reason).await?;
        let notice = match (state, vote) {
            (RequestState::Void, _) => Notice::ApprovalVoid,
            (_, Vote::Approve) => Notice::Approved,
            (_, Vote::Veto) => Notice::Vetoed,
        };
        Ok(Done::to(&page).saying(notice))
    })
    .await
}

/// Withdraws one's own request.
#[server(prefix = "/fn", endpoint = "restores/withdraw")]
pub async fn withdraw(#[server(default)] request: String) -> Result<(), ServerFnError> {
    let id = RequestId::new(request);
    let page = link::request(&id);
    finish(Sent::new("withdraw", &page), async {
        let (actor, backend) = context::caller()?;
        backend.restores.withdraw(&actor, &id).await?;
        Ok(Done::to(&page).saying(Notice::Withdrawn))
    })
    .await
}
