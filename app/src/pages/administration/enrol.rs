//! Enrolling a Manager: the host shows its key, the administrator compares it with what he read on the host itself,
//! and only then is a password sent.

use crate::components::{Alert, CheckField, Code, PageHead, PostForm, TextField, Tone, page};
use crate::context;
use crate::form::{Done, Filled, Flash, Notice, Sent, finish, number};
use crate::link;
use domain::actor::Permission;
use domain::services::NewManager;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Where the form stands.
const PAGE: &str = "/administration/managers/new";

/// The enrolment page: first the address, then the rest.
#[component]
pub fn EnrolManager() -> impl IntoView {
    page(async {
        let (actor, _) = context::caller()?;
        actor.require_somewhere(Permission::Administer)?;
        let flash = Flash::read().await;
        let filled = flash.filled("enrol");
        let shown = filled
            .value("shown")
            .filter(|shown| !shown.is_empty())
            .map(str::to_owned);
        let second = shown.map(|shown| view! { <EnrolForm filled=filled.clone() shown/> });
        let view = view! {
            <PageHead title="Enrol a Manager" flash above=vec![("/administration".into(), "Administration".into())]/>
            <section>
                <h2>"1. Ask the host for its key"</h2>
                <ProbeForm filled=filled.clone()/>
            </section>
            {second}
        };
        Ok(view.into_any())
    })
}

#[component]
fn ProbeForm(filled: Filled) -> impl IntoView {
    view! {
        <PostForm to=ProbeManager::url()>
            <TextField
                filled=filled.clone() name="host" label="Host name or address of the Manager"
                help="Only the key is asked for. No password is sent."
            />
            <TextField filled name="port" label="Port of its command line" kind="number" range=(1, 65535) initial="10000"/>
            <button type="submit" class="button">"Show the host key"</button>
        </PostForm>
    }
}

/// What a host showed, and how to compare it.
#[component]
pub fn ShownKey(shown: String) -> impl IntoView {
    view! {
        <Alert tone=Tone::Attention title="Compare before you go on">
            <p>"The host shows this key. Log in to the host by another way and read the fingerprint there; the two must be equal."</p>
        </Alert>
        <Code text=shown what="fingerprint"/>
    }
}

#[component]
fn EnrolForm(filled: Filled, shown: String) -> impl IntoView {
    let (host, port) = (filled.or("host", ""), filled.or("port", ""));
    view! {
        <section>
            <h2>"2. Compare, then enrol"</h2>
            <ShownKey shown=shown.clone()/>
            <PostForm to=Enrol::url() hidden=vec![("host", host), ("port", port), ("shown", shown)]>
                <TextField
                    filled=filled.clone() name="fingerprint" label="Fingerprint as read on the host"
                    help="Begins with SHA256: and is pinned: if the host ever shows another key, every job for it stops."
                />
                <TextField filled=filled.clone() name="name" label="Display name"/>
                <TextField filled=filled.clone() name="user" label="Account on the Manager" initial="admin"/>
                <TextField
                    filled=filled.clone() name="password" label="Password of that account" kind="password"
                    autocomplete="new-password" help="Sealed before it is stored."
                />
                <CheckField
                    filled name="legacy" label="Allow old algorithms"
                    help="Only for a Manager that offers nothing newer: DSA keys, SHA-1, CBC."
                />
                <button type="submit" class="button primary">"Enrol this Manager"</button>
            </PostForm>
        </section>
    }
}

/// Asks a host for its key; nothing is stored.
#[server(prefix = "/fn", endpoint = "managers/probe")]
pub async fn probe_manager(
    #[server(default)] host: String,
    #[server(default)] port: String,
) -> Result<(), ServerFnError> {
    let sent = Sent::new("enrol", PAGE).with("host", &host).with("port", &port);
    finish(sent, async {
        let (actor, backend) = context::caller()?;
        let host = host.trim().to_owned();
        let shown = backend
            .estate
            .probe_host_key(&actor, &host, number("port", &port)?)
            .await?;
        let done = Done::to(PAGE).saying(Notice::KeyShown);
        Ok(done.showing([("host", host), ("port", port.clone()), ("shown", shown)]))
    })
    .await
}

/// Enrols a Manager.
#[server(prefix = "/fn", endpoint = "managers/enrol")]
#[expect(clippy::too_many_arguments, reason = "one per field of the form")]
pub async fn enrol(
    #[server(default)] host: String,
    #[server(default)] port: String,
    #[server(default)] shown: String,
    #[server(default)] fingerprint: String,
    #[server(default)] name: String,
    #[server(default)] user: String,
    #[server(default)] password: String,
    #[server(default)] legacy: String,
) -> Result<(), ServerFnError> {
    let sent = Sent::new("enrol", PAGE)
        .with("host", &host)
        .with("port", &port)
        .with("shown", &shown)
        .with("fingerprint", &fingerprint)
        .with("name", &name)
        .with("user", &user)
        .with("legacy", &legacy);
    finish(sent, async {
        let (actor, backend) = context::caller()?;
        let new = NewManager {
            name: name.trim().to_owned(),
            host: host.trim().to_owned(),
            port: number("port", &port)?,
            user: user.trim().to_owned(),
            password,
            fingerprint: fingerprint.trim().to_owned(),
            legacy_algorithms: legacy == "on",
        };
        let id = backend.estate.enrol(&actor, new).await?;
        Ok(Done::to(link::manager(&id)).saying(Notice::Enrolled))
    })
    .await
}
