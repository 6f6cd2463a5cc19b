//! Approve, veto, withdraw.

use crate::components::{PostForm, TextArea, TextField};
use crate::context;
use crate::form::{Done, Flash, Notice, Sent, confirmed, finish};
use crate::link;
use domain::error::ServiceError;
use domain::ids::RequestId;
use domain::plan::PlanHash;
use domain::request::{RestoreRequest, Vote, checked_reason};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Both votes, each with the hash of the plan that is on the screen.
#[component]
pub fn VoteForms(request: RestoreRequest, flash: Flash) -> impl IntoView {
    let hidden = vec![
        ("request", request.id.to_string()),
        ("seen", request.plan_hash.to_string()),
    ];
    let (approval, veto) = (flash.filled("approve"), flash.filled("veto"));
    let name = request.subject.name;
    let approve = format!("Approve overwriting {name}’s disks");
    view! {
        <div class="action-row">
            <PostForm to=CastVoteOn::url() class="danger" hidden=hidden.clone()>
                <TextArea filled=approval.clone() name="reason" label="Comment (optional)"/>
                <TextField
                    filled=approval
                    name="confirm"
                    label=format!("Type {name} to confirm that its disks are overwritten")
                    exactly=name
                />
                <button type="submit" name="vote" value="approve" class="button destructive">{approve}</button>
            </PostForm>
            <PostForm to=CastVoteOn::url() hidden>
                <TextArea filled=veto name="reason" label="Reason for the veto" required=true minlength=10/>
                <button type="submit" name="vote" value="veto" class="button">"Veto the request"</button>
            </PostForm>
        </div>
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
        let (vote, reason, notice) = match vote.as_str() {
            "approve" => {
                let view = backend.restores.get(&actor, &id).await?;
                confirmed(&confirm, &view.request.subject.name)?;
                (Vote::Approve, reason.trim().to_owned(), Notice::Approved)
            }
            "veto" => (Vote::Veto, checked_reason(&reason)?, Notice::Vetoed),
            _ => return Err(ServiceError::invalid("vote", "Approve the request or veto it.")),
        };
        backend
            .restores
            .vote(&actor, &id, &PlanHash::new(seen), vote, &reason)
            .await?;
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
