//! Access to one Oracle VM Server: its key is compared first, as for a Manager.

#![expect(
    clippy::too_many_arguments,
    reason = "a server function takes one argument for each field of its form"
)]

use super::enrol::{FINGERPRINT_HELP, OldAlgorithms, ShownKey, show_key, shown_key};
use super::manager::{algorithms, changed_key};
use crate::components::{PageHead, PostForm, TextField, page};
use crate::context;
use crate::form::{Done, Filled, Flash, Notice, Sent, finish, number};
use crate::link;
use domain::actor::Permission;
use domain::enrolment::{HostKey, NewServerAccess, ServerAccess};
use domain::error::{ServiceError, Thing};
use domain::ids::ManagerId;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use ovm::estate::Server;
use ovm::ids::ServerId;

/// The page of a server's access.
#[component]
pub fn ServerAccessPage() -> impl IntoView {
    let (manager, id) = (
        ManagerId::new(context::param("manager")),
        ServerId::new(context::param("server")),
    );
    page(async move {
        let (actor, backend) = context::caller()?;
        actor.require(Permission::Administer, None)?;
        let flash = Flash::read().await;
        let estate = backend.estate.estate(&actor, &manager).await?;
        let server = estate.estate.server(&id).cloned();
        let server = server.ok_or_else(|| ServiceError::not_found(Thing::Server, &id))?;
        let known = backend.estate.servers(&actor, &manager).await?;
        let known = known.into_iter().find(|known| known.server == id);
        let filled = flash.filled("access");
        let second = shown_key(&filled).map(|shown| {
            let (manager, server, known) = (manager.clone(), id.clone(), known.clone());
            view! { <AccessForm manager server filled=filled.clone() shown known/> }
        });
        let facts = known.as_ref().map(facts);
        let changed = known
            .as_ref()
            .and_then(|known| changed_key(&known.host, &known.fingerprint, known.changed_fingerprint.clone()));
        let above = vec![
            ("/administration".into(), "Administration".into()),
            (link::manager(&manager), estate.manager.name),
        ];
        let view = view! {
            <PageHead title=format!("Access to {}", server.name) flash above/>
            {changed}
            {facts}
            <section>
                <h2>"1. Read the host key"</h2>
                <ProbeForm manager server known filled/>
            </section>
            {second}
        };
        Ok(view.into_any())
    })
}

/// How the server is reached now.
fn facts(known: &ServerAccess) -> AnyView {
    let address = format!("{}@{}:{}", known.user, known.host, known.port);
    view! {
        <dl class="facts">
            <dt>"Address"</dt>
            <dd><code>{address}</code></dd>
            <dt>"Pinned host key"</dt>
            <dd><code class="break">{known.fingerprint.clone()}</code></dd>
            <dt>"Algorithms"</dt>
            <dd>{algorithms(known.legacy_algorithms)}</dd>
        </dl>
    }
    .into_any()
}

#[component]
fn ProbeForm(manager: ManagerId, server: Server, known: Option<ServerAccess>, filled: Filled) -> impl IntoView {
    let host = known
        .as_ref()
        .map(|known| known.host.clone())
        .or(server.ip_address)
        .unwrap_or_default();
    let port = known.map_or_else(|| "22".into(), |known| known.port.to_string());
    view! {
        <PostForm to=ProbeServer::url() hidden=vec![("manager", manager.to_string()), ("server", server.id.to_string())]>
            <TextField
                filled=filled.clone() name="host" label="Host name or address for SSH" initial=host
                help="Only the host key is read. No password is sent."
            />
            <TextField filled name="port" label="Port for SSH" kind="number" range=(1, 65535) initial=port/>
            <button type="submit" class="button">"Show the host key"</button>
        </PostForm>
    }
}

#[component]
fn AccessForm(
    manager: ManagerId,
    server: ServerId,
    filled: Filled,
    shown: HostKey,
    known: Option<ServerAccess>,
) -> impl IntoView {
    let mut hidden = vec![("manager", manager.to_string()), ("server", server.to_string())];
    hidden.extend(["host", "port"].map(|field| (field, filled.or(field, ""))));
    hidden.push(("shown", shown.to_string()));
    let (user, legacy) = known.map_or_else(|| ("root".into(), false), |known| (known.user, known.legacy_algorithms));
    let command = shown.read_on_server();
    view! {
        <section>
            <h2>"2. Compare, then grant access"</h2>
            <ShownKey fingerprint=shown.fingerprint place="On the console of the server:" command/>
            <PostForm to=SetServerAccess::url() hidden>
                <TextField
                    filled=filled.clone() name="fingerprint" label="Fingerprint as read on the server"
                    help=FINGERPRINT_HELP
                />
                <TextField filled=filled.clone() name="user" label="Account" initial=user/>
                <TextField
                    filled=filled.clone() name="password" label="Password" kind="password" autocomplete="new-password"
                    help="Encrypted before it is stored."
                />
                <OldAlgorithms filled initial=legacy/>
                <button type="submit" class="button primary">"Connect and save"</button>
            </PostForm>
        </section>
    }
}

/// Asks a server for its key; nothing is stored.
#[server(prefix = "/fn", endpoint = "servers/probe")]
pub async fn probe_server(
    #[server(default)] manager: String,
    #[server(default)] server: String,
    #[server(default)] host: String,
    #[server(default)] port: String,
) -> Result<(), ServerFnError> {
    let page = link::server_access(&ManagerId::new(manager), &ServerId::new(server));
    show_key("access", page, host, port).await
}

/// Makes a server reachable.
#[server(prefix = "/fn", endpoint = "servers/access")]
pub async fn set_server_access(
    #[server(default)] manager: String,
    #[server(default)] server: String,
    #[server(default)] host: String,
    #[server(default)] port: String,
    #[server(default)] shown: String,
    #[server(default)] fingerprint: String,
    #[server(default)] user: String,
    #[server(default)] password: String,
    #[server(default)] legacy_algorithms: String,
) -> Result<(), ServerFnError> {
    let (manager, server) = (ManagerId::new(manager), ServerId::new(server));
    let sent = Sent::new("access", link::server_access(&manager, &server))
        .with("host", &host)
        .with("port", &port)
        .with("shown", &shown)
        .with("fingerprint", &fingerprint)
        .with("user", &user)
        .with("legacy_algorithms", &legacy_algorithms);
    finish(sent, async {
        let (actor, backend) = context::caller()?;
        let page = link::manager(&manager);
        let new = NewServerAccess {
            manager,
            server,
            host: host.trim().to_owned(),
            port: number("port", &port)?,
            user: user.trim().to_owned(),
            password,
            fingerprint: fingerprint.trim().to_owned(),
            legacy_algorithms: legacy_algorithms == "on",
        };
        backend.estate.set_server_access(&actor, new).await?;
        Ok(Done::to(page).saying(Notice::AccessSet))
    })
    .await
}
