//! A rebuild script: what it does, what it does not bring back, and whether running it made the same again.

use super::explore::above;
use crate::components::{Alert, PageHead, PostForm, Script, Sentences, Status, Time, Tone, page};
use crate::context;
use crate::form::{Done, Flash, Notice, Sent, finish};
use crate::format;
use crate::link;
use domain::actor::{Actor, Permission};
use domain::document::{Rehearsal, ScriptForm, ScriptView};
use domain::error::{ServiceError, Thing};
use domain::ids::{ManagerId, TeamId};
use domain::services::Answer;
use domain::subject::SubjectRef;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use ovm::script::Scope;

/// Differences that are shown.
const SHOWN: usize = 100;

/// A script's page.
#[component]
pub fn ScriptPage() -> impl IntoView {
    let manager = ManagerId::new(context::param("manager"));
    let scope = context::param("scope");
    page(async move {
        let scope = scope_of(&scope)?;
        let (actor, backend) = context::caller()?;
        let flash = Flash::read().await;
        let script = backend.documents.script(&actor, &manager, &scope).await?;
        let view = backend.estate.estate(&actor, &manager).await?;
        let team = match &scope {
            Scope::Vm(vm) => backend.estate.team(&actor, &SubjectRef::vm(&manager, vm)).await?,
            Scope::Estate | Scope::Pool(_) => None,
        };
        let rehearse = may_rehearse(&actor, team.as_ref()).then(|| rehearse_form(&manager, &scope));
        let view = view! {
            <PageHead
                title=format!("Rebuild script of {}", script.name)
                lead="Commands that recreate it on a Manager that has none of it. Disks are recreated empty; a \
                    restore fills them."
                flash
                above=above(&view)
            />
            <section class="next" id="rehearsal">
                <h2>"Rehearsal"</h2>
                {rehearsal(&script)}
                {rehearse}
            </section>
            {notes(script.notes.clone())}
            <section>
                <h2>"Script"</h2>
                {may_download(&actor, team.as_ref()).then(|| downloads(&manager, &scope))}
                {origin(&script)}
                <Script text=script.for_people/>
            </section>
        };
        Ok(view.into_any())
    })
}

fn scope_of(key: &str) -> Answer<Scope> {
    Scope::from_key(key).ok_or_else(|| unknown(key))
}

fn unknown(key: &str) -> ServiceError {
    ServiceError::not_found(Thing::RebuildScript, key)
}

fn may_rehearse(actor: &Actor, team: Option<&TeamId>) -> bool {
    actor.may(Permission::Administer, None) || actor.may(Permission::RunBackup, team)
}

fn may_download(actor: &Actor, team: Option<&TeamId>) -> bool {
    actor.may(Permission::DownloadArtefacts, team)
}

fn rehearse_form(manager: &ManagerId, scope: &Scope) -> AnyView {
    let hidden = vec![("manager", manager.to_string()), ("scope", scope.key())];
    view! {
        <PostForm to=Rehearse::url() hidden>
            <p class="field-help">
                "Runs the script on an empty simulated Manager with the same servers and storage, and compares the \
                 result. The estate is not touched."
            </p>
            <button type="submit" class="button">"Rehearse now"</button>
        </PostForm>
    }
    .into_any()
}

/// What the newest rehearsal says of this script.
fn rehearsal(script: &ScriptView) -> AnyView {
    let Some(rehearsal) = &script.rehearsal else {
        return view! { <p><Status tone=Tone::Unknown word="Never rehearsed"/></p> }.into_any();
    };
    let revision = rehearsal.revision;
    let older = (rehearsal.script_hash != script.hash).then(|| {
        view! {
            <Alert tone=Tone::Attention title="Rehearsal of an older script">
                "The estate has changed since revision " {revision}
                ", and the script with it. The script below has not been rehearsed."
            </Alert>
        }
    });
    view! { {badge(rehearsal)} {older} {found(rehearsal)} }.into_any()
}

fn badge(rehearsal: &Rehearsal) -> AnyView {
    let outcome = &rehearsal.outcome;
    let (tone, word) = match (outcome.failures.len(), outcome.differences.len()) {
        (0, 0) => (Tone::Good, "No differences".to_owned()),
        (0, differences) => (Tone::Danger, format::count(differences, "difference")),
        (failures, _) => (Tone::Danger, format::count(failures, "refused command")),
    };
    let steps = usize::try_from(outcome.steps).unwrap_or(usize::MAX);
    let took = i64::try_from(outcome.milliseconds).unwrap_or(i64::MAX);
    view! {
        <p class="page-facts">
            <Status tone word/>
            <span>"rehearsed " <Time at=rehearsal.at/> ", of revision " {rehearsal.revision}</span>
            <span class="note">{format::count(steps, "step")} " in " {format::duration(took)}</span>
        </p>
    }
    .into_any()
}

fn found(rehearsal: &Rehearsal) -> AnyView {
    let outcome = &rehearsal.outcome;
    let differences = outcome.differences.iter().map(|change| change.sentence.clone());
    let sentences: Vec<String> = outcome.failures.iter().cloned().chain(differences).collect();
    let left = sentences.len().saturating_sub(SHOWN);
    let left = (left > 0).then(|| view! { <p class="note">{format!("… and {left} more.")}</p> });
    let sentences: Vec<String> = sentences.into_iter().take(SHOWN).collect();
    view! { <Sentences sentences/> {left} }.into_any()
}

fn notes(notes: Vec<String>) -> Option<AnyView> {
    (!notes.is_empty()).then(|| {
        view! {
            <section>
                <h2>"Limitations and prerequisites"</h2>
                <Sentences sentences=notes/>
            </section>
        }
        .into_any()
    })
}

fn downloads(manager: &ManagerId, scope: &Scope) -> AnyView {
    let address = |form: ScriptForm| link::script_file(manager, scope, form.file_name());
    view! {
        <p class="ways">
            <a class="button" href=address(ScriptForm::Cli)>"Download for the command line"</a>
            <a class="button" href=address(ScriptForm::People)>"Download with comments"</a>
        </p>
    }
    .into_any()
}

fn origin(script: &ScriptView) -> AnyView {
    view! {
        <p class="note">
            "Generated from revision " {script.revision} ", discovered " <Time at=script.taken_at/>
            ". The command line does not accept comments."
        </p>
    }
    .into_any()
}

/// Rehearses a script.
#[server(prefix = "/fn", endpoint = "scripts/rehearse")]
pub async fn rehearse(
    #[server(default)] manager: String,
    #[server(default)] scope: String,
) -> Result<(), ServerFnError> {
    let manager = ManagerId::new(manager);
    let Some(scope) = Scope::from_key(&scope) else {
        return finish(Sent::new("rehearse", link::estate(&manager)), async {
            Err(unknown(&scope))
        })
        .await;
    };
    let page = link::script(&manager, &scope);
    finish(Sent::new("rehearse", &page), async {
        let (actor, backend) = context::caller()?;
        let rehearsal = backend.documents.rehearse(&actor, &manager, &scope).await?;
        let notice = match rehearsal.outcome.is_equal() {
            true => Notice::RehearsedEqual,
            false => Notice::RehearsedDifferent,
        };
        Ok(Done::to(&page).saying(notice))
    })
    .await
}
