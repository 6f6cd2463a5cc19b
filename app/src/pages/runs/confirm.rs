//! The form of a run that waits until a person has done something and says what was seen.

use super::decide::Decide;
use super::named::{ConfirmForm, ConfirmFormProps};
use crate::components::{Code, PostForm, TextField};
use crate::context;
use crate::form::{Done, Flash, Notice, Sent, finish};
use crate::link;
use crate::say::{language, say};
use domain::ids::RunId;
use domain::plan::{Rule, Step};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use plan::render::{self, StepText};

/// What is to be done, what must be seen, and the two ways on: confirm it, or have the run undone. `name` is that of what
/// the run is about.
pub(super) fn confirm_forms(run: &RunId, name: String, step: &Step, expects: &Rule, flash: &Flash) -> AnyView {
    let StepText {
        title,
        place,
        advice,
        command,
        check,
        ..
    } = render::step(step, language());
    let give_up = ConfirmFormProps {
        to: Decide::url(),
        run: run.clone(),
        choice: ("decision", "roll_back"),
        filled: flash.filled("roll-back"),
        meaning: "If it cannot be done, or something else is seen, undo what the run has done so far.",
        button: format!("Undo the run on {name}"),
        name,
        destructive: false,
    };
    let filled = flash.filled("confirm");
    let hidden = vec![("run", run.to_string()), ("step", step.id.clone())];
    let value = expects.wants_value().then(|| {
        view! { <TextField filled name="observed" label="What you saw" help=say(expects)/> }
    });
    view! {
        <section aria-labelledby="task">
            <h2 id="task">{title}</h2>
            <p class="place">{format!("Where: {place}")}</p>
            {(!advice.is_empty()).then(|| view! { <p class="lead">{advice}</p> })}
            <Code text=command what="command"/>
            {check.map(|check| view! { <p>{format!("Expected: {check}")}</p> })}
            <div class="action-row">
                <PostForm to=Confirm::url() hidden>
                    {value}
                    <button type="submit" class="button primary">"Confirm: it is done"</button>
                </PostForm>
                {ConfirmForm(give_up)}
            </div>
        </section>
    }
    .into_any()
}

/// Confirms what a run has asked for.
#[server(prefix = "/fn", endpoint = "runs/confirm")]
pub async fn confirm(
    #[server(default)] run: String,
    #[server(default)] step: String,
    #[server(default)] observed: String,
) -> Result<(), ServerFnError> {
    let id = RunId::new(run);
    let page = link::run(&id);
    finish(Sent::new("confirm", &page).with("observed", &observed), async {
        let (actor, backend) = context::caller()?;
        backend.runs.confirm(&actor, &id, &step, &observed).await?;
        Ok(Done::to(&page).saying(Notice::Confirmed))
    })
    .await
}
