//! Enrolling a Manager: the host shows its key, the administrator compares it with what he read on the host itself,
//! and only then is a password sent.

#![expect(
    clippy::too_many_arguments,
    reason = "a server function takes one argument for each field of its form"
)]

use crate::components::{Alert, CheckField, Code, PageHead, PostForm, TextField, Tone, page};
use crate::context;
use crate::form::{Done, Filled, Flash, Notice, Sent, finish, number};
use crate::link;
use domain::actor::Permission;
use domain::enrolment::{HostKey, ManagerView, NewManager, OLD_ALGORITHMS};
use domain::ids::ManagerId;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Where the form stands.
const PAGE: &str = "/administration/managers/new";

/// The usual port of a Manager's command line.
const PORT: u16 = 10_000;

/// The enrolment page: first the address, then the rest. A Manager is enrolled anew the same way, under its name.
#[component]
pub fn EnrolManager() -> impl IntoView {
    let known = context::query("manager").map(ManagerId::new);
    page(async move {
        let (actor, backend) = context::caller()?;
        actor.require(Permission::Administer, None)?;
        let flash = Flash::read().await;
        let filled = flash.filled("enrol");
        let managers = backend.estate.managers(&actor).await?;
        let known = managers.into_iter().find(|manager| known.as_ref() == Some(&manager.id));
        let title = match &known {
            Some(manager) => format!("Re-enrol {}", manager.name),
            None => "Enrol a Manager".into(),
        };
        let second =
            shown_key(&filled).map(|shown| view! { <EnrolForm filled=filled.clone() known=known.clone() shown/> });
        let view = view! {
            <PageHead title flash above=vec![("/administration".into(), "Administration".into())]/>
            <section>
                <h2>"1. Read the host key"</h2>
                <ProbeForm filled=filled.clone() known/>
            </section>
            {second}
        };
        Ok(view.into_any())
    })
}

/// Where the form stands for a Manager that is enrolled already, or for a new one.
pub fn enrol_link(known: &str) -> String {
    if known.is_empty() {
        PAGE.into()
    } else {
        link::with_query(PAGE, "manager", known)
    }
}

fn id_of(known: Option<&ManagerView>) -> String {
    known.map(|manager| manager.id.to_string()).unwrap_or_default()
}

#[component]
fn ProbeForm(filled: Filled, known: Option<ManagerView>) -> impl IntoView {
    let id = id_of(known.as_ref());
    let (host, port) = known.map_or_else(|| (String::new(), PORT), |manager| (manager.host, manager.port));
    view! {
        <PostForm to=ProbeManager::url() hidden=vec![("manager", id)]>
            <TextField
                filled=filled.clone() name="host" label="Host name or address of the Manager" initial=host
                help="Only the host key is read. No password is sent."
            />
            <TextField
                filled name="port" label="Command line port" kind="number" range=(1, 65535)
                initial=port.to_string()
            />
            <button type="submit" class="button">"Show the host key"</button>
        </PostForm>
    }
}

/// The key that the host has shown in the first step, once it has.
pub fn shown_key(filled: &Filled) -> Option<HostKey> {
    filled.value("shown")?.parse().ok()
}

/// What a host showed, and how to compare it.
#[component]
pub fn ShownKey(
    /// The fingerprint that it showed.
    fingerprint: String,
    /// Where the command is run, before a colon.
    place: &'static str,
    /// The command that prints the fingerprint there.
    command: String,
) -> impl IntoView {
    view! {
        <Alert tone=Tone::Attention title="Compare before you continue">
            <p>
                "The host presents this fingerprint. Log in to the host another way and run the command below there: \
                 it prints the fingerprint of the host’s own key, and the two must match."
            </p>
        </Alert>
        <Code text=fingerprint what="fingerprint"/>
        <p>{place}</p>
        <Code text=command what="command"/>
        <p class="note">
            "The command omits the prefix SHA256: and appends a =; ignore both. OpenSSH older than 6.8, as on these \
             hosts, prints only MD5 with ssh-keygen -l, which cannot be compared."
        </p>
    }
}

/// Help of the field for the fingerprint.
pub const FINGERPRINT_HELP: &str = "As the command printed it, or as SHA256:... The key is pinned: if the host ever \
    presents another one, every job for it stops.";

/// The setting that lets a host use old algorithms.
#[component]
pub fn OldAlgorithms(filled: Filled, initial: bool) -> impl IntoView {
    view! {
        <CheckField
            filled name="legacy_algorithms" label=OLD_ALGORITHMS initial
            help="Only for a host that supports nothing newer: DSA keys, SHA-1, CBC. Holdfast tells you when it is \
                needed."
        />
    }
}

#[component]
fn EnrolForm(filled: Filled, known: Option<ManagerView>, shown: HostKey) -> impl IntoView {
    let mut hidden = vec![("manager", id_of(known.as_ref())), ("shown", shown.to_string())];
    hidden.extend(["host", "port"].map(|field| (field, filled.or(field, ""))));
    let (name, user, legacy) = known.map_or_else(
        || (String::new(), "admin".into(), false),
        |manager| (manager.name, manager.user, manager.legacy_algorithms),
    );
    let command = shown.read_on_manager(filled.or("port", "").trim().parse().unwrap_or(PORT));
    view! {
        <section>
            <h2>"2. Compare, then enrol"</h2>
            <ShownKey
                fingerprint=shown.fingerprint
                place="On the Manager’s host (its command line is not sshd and has no key under /etc/ssh):"
                command
            />
            <PostForm to=Enrol::url() hidden>
                <TextField
                    filled=filled.clone() name="fingerprint" label="Fingerprint as read on the host"
                    help=FINGERPRINT_HELP
                />
                <TextField filled=filled.clone() name="name" label="Display name" initial=name/>
                <TextField filled=filled.clone() name="user" label="Account on the Manager" initial=user/>
                <TextField
                    filled=filled.clone() name="password" label="Password of that account" kind="password"
                    autocomplete="new-password" help="Encrypted before it is stored."
                />
                <OldAlgorithms filled initial=legacy/>
                <button type="submit" class="button primary">"Enrol this Manager"</button>
            </PostForm>
        </section>
    }
}

/// Asks a host for its key; nothing is stored.
#[server(prefix = "/fn", endpoint = "managers/probe")]
pub async fn probe_manager(
    #[server(default)] manager: String,
    #[server(default)] host: String,
    #[server(default)] port: String,
) -> Result<(), ServerFnError> {
    let page = enrol_link(&manager);
    show_key("enrol", page, host, port).await
}

/// Asks a host for its key and shows it in the form that stands on the page.
pub async fn show_key(form: &'static str, page: String, host: String, port: String) -> Result<(), ServerFnError> {
    let sent = Sent::new(form, &page).with("host", &host).with("port", &port);
    finish(sent, async {
        let (actor, backend) = context::caller()?;
        let host = host.trim().to_owned();
        let number = number("port", &port)?;
        let shown = backend.estate.probe_host_key(&actor, &host, number).await?;
        let done = Done::to(&page).saying(Notice::KeyShown);
        Ok(done.showing([("host", host), ("port", port.clone()), ("shown", shown.to_string())]))
    })
    .await
}

/// Enrols a Manager.
#[server(prefix = "/fn", endpoint = "managers/enrol")]
pub async fn enrol(
    #[server(default)] manager: String,
    #[server(default)] host: String,
    #[server(default)] port: String,
    #[server(default)] shown: String,
    #[server(default)] fingerprint: String,
    #[server(default)] name: String,
    #[server(default)] user: String,
    #[server(default)] password: String,
    #[server(default)] legacy_algorithms: String,
) -> Result<(), ServerFnError> {
    let sent = Sent::new("enrol", enrol_link(&manager))
        .with("host", &host)
        .with("port", &port)
        .with("shown", &shown)
        .with("fingerprint", &fingerprint)
        .with("name", &name)
        .with("user", &user)
        .with("legacy_algorithms", &legacy_algorithms);
    finish(sent, async {
        let (actor, backend) = context::caller()?;
        let new = NewManager {
            name: name.trim().to_owned(),
            host: host.trim().to_owned(),
            port: number("port", &port)?,
            user: user.trim().to_owned(),
            password,
            fingerprint: fingerprint.trim().to_owned(),
            legacy_algorithms: legacy_algorithms == "on",
        };
        let id = backend.estate.enrol(&actor, new).await?;
        Ok(Done::to(link::manager(&id)).saying(Notice::Enrolled))
    })
    .await
}
