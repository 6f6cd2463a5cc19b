//! The backup targets: all of them, and one with what it is, how it is and what uses it.

use crate::components::{Alert, Code, PageHead, PostForm, Status, Table, Time, Tone, page};
use crate::context;
use crate::form::{Done, Flash, Notice, Sent, finish};
use crate::format;
use crate::link;
use crate::say;
use domain::actor::{Actor, Permission};
use domain::error::{ServiceError, Thing};
use domain::fault::TargetFault;
use domain::ids::TargetId;
use domain::policy::Policy;
use domain::services::{Answer, Backend};
use domain::target::{Location, TargetView};
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Backup targets with what uses them.
pub(super) struct Targets {
    targets: Vec<TargetView>,
    policies: Vec<Policy>,
}

impl Targets {
    pub(super) async fn read(actor: &Actor, backend: &Backend) -> Answer<Self> {
        let policies = backend.policies.list(actor).await?.into_iter();
        Ok(Self {
            targets: backend.targets.list(actor).await?,
            policies: policies.map(|view| view.policy).collect(),
        })
    }

    fn using(&self, id: &TargetId) -> impl Iterator<Item = &Policy> {
        let policies = self.policies.iter();
        policies.filter(move |policy| policy.rules.target == *id)
    }

    /// All of them, and the way to one more.
    pub(super) fn draw(&self) -> AnyView {
        let rows: Vec<_> = self.targets.iter().map(|target| self.row(target)).collect();
        let columns = vec!["Backup target", "Place", "State", "Used by", "Last checked"];
        view! {
            <section>
                <h2>"Backup targets"</h2>
                <Table caption="Backup targets" columns>{rows}</Table>
                <p><a class="button" href=link::NEW_TARGET>"Add a backup target"</a></p>
            </section>
        }
        .into_any()
    }

    fn row(&self, target: &TargetView) -> AnyView {
        let used = match self.using(&target.id).count() {
            0 => "no policy".into(),
            policies => format::count(policies, "policy"),
        };
        view! {
            <tr>
                <td data-label="Backup target"><a href=link::target(&target.id)>{target.id.to_string()}</a></td>
                <td data-label="Place"><code class="break">{target.location.to_string()}</code></td>
                <td data-label="State">{state(target)}</td>
                <td data-label="Used by">{used}</td>
                <td data-label="Last checked">{last_look(target.looked_at)}</td>
            </tr>
        }
        .into_any()
    }
}

/// Whether it can be used, as far as that is known.
fn state(target: &TargetView) -> AnyView {
    let (tone, word) = match (&target.fault, target.looked_at) {
        (Some(_), _) => (Tone::Danger, "Cannot be used"),
        (None, None) => (Tone::Unknown, "Not checked yet"),
        (None, Some(_)) => (Tone::Good, "Can be used"),
    };
    view! { <Status tone word/> }.into_any()
}

fn last_look(at: Option<Timestamp>) -> AnyView {
    match at {
        Some(at) => view! { <Time at/> }.into_any(),
        None => "not since Holdfast was started".into_any(),
    }
}

/// The page of one backup target.
#[component]
pub fn TargetPage() -> impl IntoView {
    let id = TargetId::new(context::param("target"));
    page(async move {
        let (actor, backend) = context::caller()?;
        actor.require(Permission::Administer, None)?;
        let flash = Flash::read().await;
        let all = Targets::read(&actor, &backend).await?;
        let target = all.targets.iter().find(|target| target.id == id);
        let target = target.ok_or_else(|| ServiceError::not_found(Thing::BackupTarget, &id))?;
        let policies: Vec<_> = all
            .using(&id)
            .map(|policy| view! { <li><a href=link::policy(&policy.id)>{policy.rules.name.clone()}</a></li> })
            .collect();
        let view = view! {
            <PageHead
                title=format!("Backup target {id}")
                flash
                above=vec![("/administration".into(), "Administration".into())]
            />
            {target.fault.as_ref().map(unusable)}
            {facts(target)}
            <PostForm to=CheckTarget::url() hidden=vec![("target", id.to_string())]>
                <p class="field-help">
                    "Opens the backup target with nothing but its password, as after a disaster. The audit trail records \
                     the result."
                </p>
                <button type="submit" class="button">"Check now"</button>
            </PostForm>
            {target.fault.as_ref().filter(|fault| id.is_first() && may_be_lost(fault)).map(|_| adopt())}
            <section>
                <h2>"Policies with this backup target"</h2>
                {policies.is_empty().then_some("None. Choose it in a protection policy, and backups go there.")}
                <ul class="plain">{policies}</ul>
            </section>
        };
        Ok(view.into_any())
    })
}

fn unusable(fault: &TargetFault) -> AnyView {
    let sentence = say::say(fault);
    view! { <Alert tone=Tone::Danger title="This backup target cannot be used">{sentence}</Alert> }.into_any()
}

fn facts(target: &TargetView) -> AnyView {
    let (kind, region) = match &target.location {
        Location::Folder { .. } => ("Folder on the host that Holdfast runs on", None),
        Location::S3 { region, .. } => ("Bucket of an S3-compatible server", Some(region.clone())),
    };
    let secrets = match (&target.location, target.id.is_first()) {
        (_, true) => "In the configuration of Holdfast",
        (Location::Folder { .. }, false) => "Stored, encrypted",
        (Location::S3 { .. }, false) => "Stored with the access key, both encrypted",
    };
    let region = region.map(|region| view! { <dt>"Region"</dt><dd>{region}</dd> });
    view! {
        <dl class="facts">
            <dt>"State"</dt>
            <dd>{state(target)}</dd>
            <dt>"Last checked"</dt>
            <dd>{last_look(target.looked_at)}</dd>
            <dt>"Kind"</dt>
            <dd>{kind}</dd>
            <dt>"Place"</dt>
            <dd><code class="break">{target.location.to_string()}</code></dd>
            {region}
            <dt>"Identity"</dt>
            <dd>
                <code class="break">{target.repository.clone()}</code>
                <p class="note">"Tells it from every other, wherever it is. Shown by " <code>"restic cat config"</code> "."</p>
            </dd>
            <dt>"Password"</dt>
            <dd>{secrets}</dd>
        </dl>
    }
    .into_any()
}

/// Whether it may be that nobody will ever open it again.
fn may_be_lost(fault: &TargetFault) -> bool {
    matches!(
        fault,
        TargetFault::Absent { .. }
            | TargetFault::Foreign { .. }
            | TargetFault::NoKeyFile { .. }
            | TargetFault::DamagedKeyFile { .. }
    )
}

/// How another one takes the place of the first. It is not done from here: this process goes on with the one it has opened.
fn adopt() -> AnyView {
    view! {
        <section>
            <h2>"If it is lost for good"</h2>
            <p>
                "Then another backup target has to take its place. Its recovery points are lost with it; their next \
                 integrity check marks them as damaged. Stop Holdfast, run this on its host, and start it again:"
            </p>
            <Code text="holdfast target adopt" what="command"/>
            <p class="note">
                "It adopts the backup target that is in the configured folder; with " <code>"--new"</code>
                ", it creates one if there is none. The audit trail records it."
            </p>
        </section>
    }
    .into_any()
}

/// Opens a backup target with its password and says what came of it.
#[server(prefix = "/fn", endpoint = "targets/check")]
pub async fn check_target(#[server(default)] target: String) -> Result<(), ServerFnError> {
    let id = TargetId::new(target);
    let page = link::target(&id);
    finish(Sent::new("check", &page), async {
        let (actor, backend) = context::caller()?;
        let checked = backend.targets.check(&actor, &id).await?;
        let done = Done::to(&page);
        Ok(match checked.fault {
            None => done.saying(Notice::TargetChecked),
            // The page says it, and when it was seen.
            Some(_) => done,
        })
    })
    .await
}
