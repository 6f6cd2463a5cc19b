//! A plan before anybody has decided on it: every command, and the one thing to do next.

use crate::components::{
    Alert, PageHead, PlanDuration, PlanFacts, PlanHead, PostForm, Procedure, TextArea, TextField, TimeField, Tone,
    page, somebody_can,
};
use crate::context;
use crate::form::{Done, Filled, Flash, Notice, Sent, chosen, confirmed, finish, time};
use crate::link;
use crate::say;
use domain::actor::{Actor, Permission};
use domain::error::ServiceError;
use domain::ids::{RequestId, RunId, TeamId};
use domain::plan::{PlanHash, Purpose};
use domain::request::{Window, checked_reason};
use domain::services::{Answer, Backend, Draft};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// A plan's page.
#[component]
pub fn PlanPage() -> impl IntoView {
    let hash = PlanHash::new(context::param("hash"));
    page(async move {
        let (actor, backend) = context::caller()?;
        let flash = Flash::read().await;
        let draft = backend.runs.plan(&actor, &hash).await?;
        let header = &draft.plan.header;
        let subject = header.subject.clone();
        let above = vec![(link::subject(&subject.at()), subject.name.clone())];
        let title = format!(
            "Plan: {} of {}",
            say::say(&header.purpose.kind()).to_lowercase(),
            subject.name
        );
        let around = context::surroundings(&actor, &backend, &subject.at()).await?;
        let stage = Stage::of(&actor, &backend, &draft).await?;
        let next = stage.next(&actor, &draft, around.team.as_ref(), &flash);
        let experience = backend.runs.experience(&actor, &draft.hash).await?;
        let files = actor.may(Permission::DownloadArtefacts, around.team.as_ref());
        let Draft { hash, plan } = draft;
        let purpose = plan.header.purpose.clone();
        let view = view! {
            <PageHead title lead=stage.lead() flash above/>
            <PlanHead plan=plan.clone() hash files>
                <PlanDuration experience purpose/>
            </PlanHead>
            <PlanFacts plan=plan.clone()/>
            <section class="next">
                <h2>"Next step"</h2>
                {next}
            </section>
            <section>
                <h2>"Steps"</h2>
                <Procedure plan servers=around.servers/>
            </section>
        };
        Ok(view.into_any())
    })
}

/// What became of a plan.
enum Stage {
    Draft,
    Requested(RequestId),
    Started(RunId),
}

impl Stage {
    async fn of(actor: &Actor, backend: &Backend, draft: &Draft) -> Answer<Self> {
        let run = &draft.plan.header.run;
        match backend.runs.get(actor, run).await {
            Ok(_) => return Ok(Self::Started(run.clone())),
            Err(ServiceError::NotFound { .. }) => {}
            // A page that took this for "not started" would offer to start it once more.
            Err(other) => return Err(other),
        }
        let request = backend.restores.of_plan(actor, &draft.hash).await?;
        Ok(request.map_or(Self::Draft, Self::Requested))
    }

    fn lead(&self) -> &'static str {
        match self {
            Self::Draft => "This is everything that would run. Nothing has happened yet.",
            Self::Requested(_) => "This is everything that will run once it is approved.",
            Self::Started(_) => "This is everything that runs or has run.",
        }
    }

    /// The one thing that can be done with the plan now.
    fn next(&self, actor: &Actor, draft: &Draft, team: Option<&TeamId>, flash: &Flash) -> AnyView {
        match (self, &draft.plan.header.purpose) {
            (Self::Started(run), _) => pointer("This plan has been started. ", link::run(run), "See its run"),
            (Self::Requested(request), _) => pointer(
                "This plan has been requested. ",
                link::request(request),
                "See the request",
            ),
            (Self::Draft, Purpose::Backup { .. }) => backup_button(actor, team, draft),
            (Self::Draft, Purpose::RestoreInPlace { .. }) => request_form(actor, team, draft, flash.filled("request")),
        }
    }
}

fn pointer(fact: &'static str, address: String, label: &'static str) -> AnyView {
    view! { <Alert tone=Tone::Quiet>{fact} <a href=address>{label}</a> "."</Alert> }.into_any()
}

fn backup_button(actor: &Actor, team: Option<&TeamId>, draft: &Draft) -> AnyView {
    if !actor.may(Permission::RunBackup, team) {
        return somebody_can(Permission::RunBackup, "start it");
    }
    let button = format!("Back up {} now", draft.plan.header.subject.name);
    view! {
        <PostForm to=StartBackup::url() hidden=vec![("plan", draft.hash.to_string())]>
            <button type="submit" class="button primary">{button}</button>
        </PostForm>
    }
    .into_any()
}

fn request_form(actor: &Actor, team: Option<&TeamId>, draft: &Draft, filled: Filled) -> AnyView {
    if !actor.may(Permission::RequestRestore, team) {
        return somebody_can(Permission::RequestRestore, "request it");
    }
    let name = draft.plan.header.subject.name.clone();
    view! {
        <PostForm to=SubmitRequest::url() class="danger" hidden=vec![("plan", draft.hash.to_string())]>
            <TextArea
                filled=filled.clone()
                name="reason"
                label="Reason"
                help="Why the disks have to be overwritten. Approvers and auditors will read it."
                required=true
                minlength=10
            />
            <TextField filled=filled.clone() name="ticket" label="Ticket (optional)" required=false/>
            <TimeField
                filled=filled.clone() name="not_before" label="Not before (optional, UTC)"
                help="The restore does not begin earlier, even when it is approved. Until then it does not hold up backups."
            />
            <TimeField
                filled=filled.clone() name="not_after" label="Not after (optional, UTC)"
                help="If it has not begun by then, it does not run at all. It must be approved by then as well."
            />
            <TextField
                filled
                name="confirm"
                label=format!("Type {name} to confirm that its disks are overwritten")
                exactly=name.clone()
            />
            <button type="submit" class="button destructive">{format!("Request overwriting {name}’s disks")}</button>
        </PostForm>
    }
    .into_any()
}

/// Starts a backup.
#[server(prefix = "/fn", endpoint = "backups/start")]
pub async fn start_backup(#[server(default)] plan: String) -> Result<(), ServerFnError> {
    let hash = PlanHash::new(plan);
    finish(Sent::new("backup", link::plan(&hash)), async {
        let (actor, backend) = context::caller()?;
        let run = backend.runs.start_backup(&actor, &hash).await?;
        Ok(Done::to(link::run(&run)).saying(Notice::BackupStarted))
    })
    .await
}

/// Requests a restore.
#[server(prefix = "/fn", endpoint = "restores/submit")]
pub async fn submit_request(
    #[server(default)] plan: String,
    #[server(default)] reason: String,
    #[server(default)] ticket: String,
    #[server(default)] not_before: String,
    #[server(default)] not_after: String,
    #[server(default)] confirm: String,
) -> Result<(), ServerFnError> {
    let hash = PlanHash::new(plan);
    let sent = Sent::new("request", link::plan(&hash))
        .with("reason", &reason)
        .with("ticket", &ticket)
        .with("not_before", &not_before)
        .with("not_after", &not_after)
        .with("confirm", &confirm);
    finish(sent, async {
        let (actor, backend) = context::caller()?;
        let reason = checked_reason(&reason)?;
        let draft = backend.runs.plan(&actor, &hash).await?;
        confirmed(&confirm, &draft.plan.header.subject.name)?;
        let ticket = chosen(&ticket).map(str::to_owned);
        let window = Window {
            not_before: time("not_before", &not_before)?,
            not_after: time("not_after", &not_after)?,
        };
        let id = backend.restores.submit(&actor, &hash, &reason, ticket, window).await?;
        Ok(Done::to(link::request(&id)).saying(Notice::RestoreRequested))
    })
    .await
}
