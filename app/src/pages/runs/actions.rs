//! What a person can do to a run: cancel it, commit it or roll it back, settle it.

use super::confirm::confirm_forms;
use super::decide::DecisionForms;
use super::named::{ConfirmForm, ConfirmFormProps};
use crate::components::{PostForm, somebody_can};
use crate::context;
use crate::form::{Done, Flash, Notice, Sent, confirmed, finish};
use crate::link;
use domain::actor::{Actor, Permission};
use domain::error::{FormFlaw, ServiceError};
use domain::ids::{RunId, TeamId};
use domain::plan::{Action, Purpose, Question};
use domain::run::{RunDetail, RunState, Settlement};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The buttons that fit the state, for those who may press them; where the run waits for somebody, the others read for
/// whom.
#[component]
pub fn Actions(actor: Actor, team: Option<TeamId>, run: RunDetail, flash: Flash) -> impl IntoView {
    let id = run.summary.id.clone();
    match run.summary.state {
        RunState::Queued | RunState::Running if !run.cancelling => {
            let what = match run.plan.header.purpose {
                Purpose::Backup { .. } => "backup",
                Purpose::RestoreInPlace { .. } => "restore",
            };
            let button = format!("Cancel the {what} of {} and undo it", run.summary.subject.name);
            actor
                .may(run.summary.kind.permission(), team.as_ref())
                .then(|| view! { <CancelForm run=id button/> }.into_any())
        }
        RunState::Waiting => {
            let needed = run.summary.kind.permission();
            let may = actor.may(needed, team.as_ref());
            let name = run.summary.subject.name;
            let asks = run.asks?;
            match (&asks.action, may) {
                (
                    Action::Ask {
                        question: Question::Confirm { expects, .. },
                    },
                    true,
                ) => Some(confirm_forms(&id, name, &asks, expects, &flash)),
                (
                    Action::Ask {
                        question: Question::Confirm { .. },
                    },
                    false,
                ) => Some(somebody_can(needed, "do it and confirm it")),
                (_, true) => Some(view! { <DecisionForms run=id name flash/> }.into_any()),
                (_, false) => Some(somebody_can(needed, "commit it or roll it back")),
            }
        }
        RunState::NeedsOperator => Some(match actor.may(Permission::SettleRuns, team.as_ref()) {
            true => settle_forms(run, &flash),
            false => somebody_can(Permission::SettleRuns, "decide how it continues"),
        }),
        _ => None,
    }
}

#[component]
fn CancelForm(run: RunId, button: String) -> impl IntoView {
    view! {
        <PostForm to=Cancel::url() hidden=vec![("run", run.to_string())]>
            <button type="submit" class="button">{button}</button>
        </PostForm>
    }
}

/// Why the run stands still, and a button for each way that it can go.
fn settle_forms(run: RunDetail, flash: &Flash) -> AnyView {
    let why = match run.settlements.as_slice() {
        [Settlement::GoBack] => "The undo did not finish.",
        [Settlement::GoOn] => "A step failed, and the run is past its point of no return.",
        _ => "The outcome of a step is unknown.",
    };
    let only = run.settlements.len() == 1;
    let form = |settlement| ConfirmForm(settlement_form(&run, settlement, only, flash));
    let forms: Vec<_> = run.settlements.iter().map(|settlement| form(*settlement)).collect();
    view! {
        <section aria-labelledby="settlement">
            <h2 id="settlement">"Decide how to continue"</h2>
            <p class="lead">{why} " Check the estate: the steps below show what was tried and what the answer was."</p>
            <div class="action-row">{forms}</div>
        </section>
    }
    .into_any()
}

/// The form of one way; `only` when there is no other.
fn settlement_form(run: &RunDetail, settlement: Settlement, only: bool, flash: &Flash) -> ConfirmFormProps {
    let name = run.summary.subject.name.clone();
    let (key, form, meaning, button) = match (settlement, only) {
        (Settlement::GoOn, _) => (
            "go_on",
            "go-on",
            "Checks what is already done and resumes where the run stopped.",
            format!("Resume the run on {name}"),
        ),
        (Settlement::GoBack, true) => (
            "go_back",
            "go-back",
            "Retries the undo where it stopped, then undoes the rest.",
            format!("Resume the undo on {name}"),
        ),
        (Settlement::GoBack, false) => (
            "go_back",
            "go-back",
            "Undoes every step that may have had an effect.",
            format!("Undo everything on {name}"),
        ),
    };
    ConfirmFormProps {
        to: Settle::url(),
        run: run.summary.id.clone(),
        choice: ("settlement", key),
        filled: flash.filled(form),
        name,
        meaning,
        button,
        destructive: settlement == Settlement::GoBack && !only,
    }
}

/// Asks a run to stop and undo.
#[server(prefix = "/fn", endpoint = "runs/cancel")]
pub async fn cancel(#[server(default)] run: String) -> Result<(), ServerFnError> {
    let id = RunId::new(run);
    let page = link::run(&id);
    finish(Sent::new("cancel", &page), async {
        let (actor, backend) = context::caller()?;
        backend.runs.cancel(&actor, &id).await?;
        Ok(Done::to(&page).saying(Notice::Cancelling))
    })
    .await
}

/// Settles a run whose outcome is unknown.
#[server(prefix = "/fn", endpoint = "runs/settle")]
pub async fn settle(
    #[server(default)] run: String,
    #[server(default)] settlement: String,
    #[server(default)] confirm: String,
) -> Result<(), ServerFnError> {
    let id = RunId::new(run);
    let page = link::run(&id);
    let form = if settlement == "go_on" { "go-on" } else { "go-back" };
    finish(Sent::new(form, &page).with("confirm", &confirm), async {
        let (actor, backend) = context::caller()?;
        let settlement = match settlement.as_str() {
            "go_on" => Settlement::GoOn,
            "go_back" => Settlement::GoBack,
            _ => {
                return Err(ServiceError::invalid("settlement", FormFlaw::NoSettlement));
            }
        };
        let detail = backend.runs.get(&actor, &id).await?;
        confirmed(&confirm, &detail.summary.subject.name)?;
        backend.runs.settle(&actor, &id, settlement).await?;
        Ok(Done::to(&page).saying(Notice::Settled))
    })
    .await
}
