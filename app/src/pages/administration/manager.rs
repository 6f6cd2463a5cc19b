//! One enrolled Manager: its key, its newest discovery, the servers that can be reached.

use super::enrol::enrol_link;
use super::home::manager_status;
use crate::components::{Alert, Code, PageHead, PostForm, Status, Table, Time, Tone, page};
use crate::context;
use crate::form::{Done, Flash, Notice, Sent, finish};
use crate::link;
use crate::say;
use domain::actor::Permission;
use domain::enrolment::{ManagerView, ServerAccess};
use domain::error::{Conflict, EstateConflict, ServiceError, Thing};
use domain::ids::ManagerId;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use ovm::estate::Server;

/// A Manager's page.
#[component]
pub fn ManagerPage() -> impl IntoView {
    let id = ManagerId::new(context::param("manager"));
    page(async move {
        let (actor, backend) = context::caller()?;
        actor.require(Permission::ViewAccounts, None)?;
        let flash = Flash::read().await;
        let managers = backend.estate.managers(&actor).await?;
        let manager = managers.into_iter().find(|manager| manager.id == id);
        let manager = manager.ok_or_else(|| ServiceError::not_found(Thing::Manager, &id))?;
        let administers = actor.may(Permission::Administer, None);
        let servers = match backend.estate.estate(&actor, &id).await {
            Ok(view) => view.estate.servers.clone(),
            // Never discovered: the page offers to do that.
            Err(ServiceError::Conflict(Conflict::Estate(EstateConflict::NeverDiscovered))) => Vec::new(),
            Err(error) => return Err(error),
        };
        let access = backend.estate.servers(&actor, &id).await?;
        let refresh = administers.then(|| {
            let anew = enrol_link(id.as_str());
            view! {
                <RefreshForm manager=id.clone() page=link::manager(&id)/>
                <p><a class="button" href=anew>"Re-enrol"</a></p>
            }
        });
        let view = view! {
            <PageHead
                title=manager.name.clone()
                flash
                above=vec![("/administration".into(), "Administration".into())]
            />
            {changed_key(&manager.host, &manager.fingerprint, manager.changed_fingerprint.clone())}
            {facts(manager)}
            {refresh}
            <section>
                <h2>"Servers"</h2>
                <p class="note">"Disks are copied over SSH from a server, so every server with storage must be \
                    reachable."</p>
                {server_table(&id, servers, access, administers)}
            </section>
        };
        Ok(view.into_any())
    })
}

fn facts(manager: ManagerView) -> AnyView {
    let state = manager_status(&manager);
    let problem = manager
        .problem
        .map(|problem| view! { <dt>"Problem"</dt><dd>{say::say(&problem)}</dd> });
    let revision = match manager.revision {
        Some((number, at)) => view! { {number} ", " <Time at/> }.into_any(),
        None => "none yet".into_any(),
    };
    let algorithms = algorithms(manager.legacy_algorithms);
    view! {
        <dl class="facts">
            <dt>"State"</dt>
            <dd>{state}</dd>
            {problem}
            <dt>"Address"</dt>
            <dd><code>{manager.user} "@" {manager.host} ":" {manager.port}</code></dd>
            <dt>"Pinned host key"</dt>
            <dd><code class="break">{manager.fingerprint}</code></dd>
            <dt>"Algorithms"</dt>
            <dd>{algorithms}</dd>
            <dt>"Estate revision"</dt>
            <dd>{revision}</dd>
        </dl>
    }
    .into_any()
}

/// The setting [`domain::enrolment::OLD_ALGORITHMS`] among the facts of a host.
pub fn algorithms(old_allowed: bool) -> &'static str {
    if old_allowed {
        "old ones allowed"
    } else {
        "current ones only"
    }
}

/// A changed host key, loudly.
pub fn changed_key(host: &str, pinned: &str, changed: Option<String>) -> Option<AnyView> {
    let changed = changed?;
    let (host, pinned) = (host.to_owned(), pinned.to_owned());
    let alert = view! {
        <Alert tone=Tone::Danger title="The host key has changed; every job for this host is stopped">
            <p>
                "The host " {host} " presents a key other than the pinned one. Either the host was reinstalled, or \
                    someone is intercepting the connection. "
                "Find out which before you do anything else. If the new key is genuine, compare and pin it again."
            </p>
            <p>"Pinned:"</p>
            <Code text=pinned what="pinned fingerprint"/>
            <p>"Presented:"</p>
            <Code text=changed what="presented fingerprint"/>
        </Alert>
    };
    Some(alert.into_any())
}

fn server_table(manager: &ManagerId, servers: Vec<Server>, access: Vec<ServerAccess>, administers: bool) -> AnyView {
    let rows: Vec<_> = servers
        .into_iter()
        .map(|server| {
            let known = access.iter().find(|known| known.server == server.id);
            let (tone, word) = match known {
                Some(known) if known.changed_fingerprint.is_some() => (Tone::Danger, "Host key changed, stopped"),
                Some(_) => (Tone::Good, "Reachable, key pinned"),
                None => (Tone::Attention, "No access"),
            };
            let address = known.map(|known| format!("{}@{}:{}", known.user, known.host, known.port));
            let action = administers.then(|| {
                let word = if known.is_some() {
                    "Change access"
                } else {
                    "Grant access"
                };
                let label = format!("{word} to {}", server.name);
                view! { <a href=link::server_access(manager, &server.id) aria-label=label>{word}</a> }
            });
            view! {
                <tr>
                    <td data-label="Server">{server.name.clone()}</td>
                    <td data-label="Access"><Status tone word/></td>
                    <td data-label="SSH"><code>{address}</code></td>
                    <td data-label="Change">{action}</td>
                </tr>
            }
        })
        .collect();
    view! { <Table caption="Servers of this Manager" columns=vec!["Server", "Access", "SSH", "Change"]>{rows}</Table> }
        .into_any()
}

/// Discovers the estate and comes back to the page on which it stands.
#[component]
pub fn RefreshForm(manager: ManagerId, page: String) -> impl IntoView {
    let hidden = vec![("manager", manager.to_string()), ("page", page)];
    view! {
        <PostForm to=Refresh::url() hidden>
            <button type="submit" class="button">"Refresh the estate"</button>
        </PostForm>
    }
}

/// Discovers the estate now.
#[server(prefix = "/fn", endpoint = "managers/refresh")]
pub async fn refresh(#[server(default)] manager: String, #[server(default)] page: String) -> Result<(), ServerFnError> {
    let id = ManagerId::new(manager);
    let page = if link::is_local(&page) { page } else { link::estate(&id) };
    finish(Sent::new("refresh", &page), async {
        let (actor, backend) = context::caller()?;
        backend.estate.refresh(&actor, &id).await?;
        Ok(Done::to(&page).saying(Notice::Refreshed))
    })
    .await
}
