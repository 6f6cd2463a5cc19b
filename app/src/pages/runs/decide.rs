//! The forms of a run that waits until somebody commits it or rolls it back.

use super::named::{ConfirmForm, ConfirmFormProps};
use crate::context;
use crate::form::{Done, Flash, Notice, Sent, confirmed, finish};
use crate::link;
use domain::error::{FormFlaw, ServiceError};
use domain::ids::RunId;
use domain::run::Decision;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The two ways on.
#[component]
pub fn DecisionForms(run: RunId, name: String, flash: Flash) -> impl IntoView {
    let commit = ConfirmFormProps {
        to: Decide::url(),
        run: run.clone(),
        choice: ("decision", "commit"),
        filled: flash.filled("commit"),
        name: name.clone(),
        meaning: "Keeps the restored disks and removes the replaced files. This cannot be undone.",
        button: format!("Commit: remove {name}’s replaced disks"),
        destructive: true,
    };
    let roll_back = ConfirmFormProps {
        to: Decide::url(),
        run,
        choice: ("decision", "roll_back"),
        filled: flash.filled("roll-back"),
        meaning: "Stops the VM and puts the replaced disks back. Everything written since the restore is lost.",
        button: format!("Roll back {name}’s disks"),
        name,
        destructive: false,
    };
    view! {
        <section aria-labelledby="decision">
            <h2 id="decision">"Commit or roll back"</h2>
            <p class="lead">"Check the VM first: make sure that it is running and its data is what you expect."</p>
            <div class="action-row">{ConfirmForm(commit)} {ConfirmForm(roll_back)}</div>
        </section>
    }
}

/// Commits a restore or rolls it back.
#[server(prefix = "/fn", endpoint = "runs/decide")]
pub async fn decide(
    #[server(default)] run: String,
    #[server(default)] decision: String,
    #[server(default)] confirm: String,
) -> Result<(), ServerFnError> {
    let id = RunId::new(run);
    let page = link::run(&id);
    let form = if decision == "commit" { "commit" } else { "roll-back" };
    finish(Sent::new(form, &page).with("confirm", &confirm), async {
        let (actor, backend) = context::caller()?;
        let (decision, notice) = match decision.as_str() {
            "commit" => (Decision::Commit, Notice::Committing),
            "roll_back" => (Decision::RollBack, Notice::RollingBack),
            _ => return Err(ServiceError::invalid("decision", FormFlaw::NoDecision)),
        };
        let detail = backend.runs.get(&actor, &id).await?;
        confirmed(&confirm, &detail.summary.subject.name)?;
        backend.runs.decide(&actor, &id, decision).await?;
        Ok(Done::to(&page).saying(notice))
    })
    .await
}
