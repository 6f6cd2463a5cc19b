//! Adding a backup target: where it is, and what opens it. Nothing is stored unless it lets Holdfast in.

#![expect(
    clippy::too_many_arguments,
    reason = "a server function takes one argument for each field of its form"
)]

use crate::components::{CheckField, PageHead, PostForm, TextField, page};
use crate::context;
use crate::form::{Done, Filled, Flash, Notice, Sent, chosen, finish};
use crate::link;
use crate::say;
use domain::actor::Permission;
use domain::error::{Invalid, ServiceError, TargetFlaw};
use domain::services::Answer;
use domain::target::{AccessKey, Location, NAME_LENGTH, NewTarget};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The region that servers take which know none.
const REGION: &str = "us-east-1";

/// What kind of place a form is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Folder,
    S3,
}

impl Kind {
    /// What is not known is a folder.
    fn from_key(key: &str) -> Self {
        match key {
            "s3" => Self::S3,
            _ => Self::Folder,
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::S3 => "s3",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Folder => "Folder",
            Self::S3 => "S3-compatible server",
        }
    }

    /// Where its form is.
    fn page(self) -> String {
        match self {
            Self::Folder => link::NEW_TARGET.into(),
            Self::S3 => link::with_query(link::NEW_TARGET, "kind", self.key()),
        }
    }
}

/// The form, for a folder unless the address asks for another kind of place.
#[component]
pub fn NewTargetPage() -> impl IntoView {
    let kind = Kind::from_key(&context::query("kind").unwrap_or_default());
    page(async move {
        let (actor, _) = context::caller()?;
        actor.require(Permission::Administer, None)?;
        let flash = Flash::read().await;
        let filled = flash.filled("target");
        let name_rule = say::say(&Invalid::from(TargetFlaw::TargetName));
        let place = match kind {
            Kind::Folder => folder(filled.clone()),
            Kind::S3 => s3(filled.clone()),
        };
        let view = view! {
            <PageHead
                title="Add a backup target"
                lead="A further place for recovery points. It is added only if its password opens it, or once it has \
                    been created there."
                flash
                above=vec![("/administration".into(), "Administration".into())]
            />
            {kinds(kind)}
            <PostForm to=AddTarget::url() hidden=vec![("kind", kind.key().into())]>
                <TextField
                    filled=filled.clone() name="name" label="Name" length=NAME_LENGTH
                    help=format!("{name_rule} It cannot be changed: policies and recovery points refer to it.")
                />
                {place}
                <TextField
                    filled=filled.clone() name="password" label="Password of the backup target" kind="password"
                    autocomplete="new-password"
                    help="Encrypted before it is stored. Keep a copy outside Holdfast: without it, nobody can read what \
                        is stored there."
                />
                <CheckField
                    filled name="make_new" label="Create a new backup target if there is none in that place"
                    help="Otherwise only one that is there already is added, for example of another Holdfast."
                />
                <button type="submit" class="button primary">"Add this backup target"</button>
            </PostForm>
        };
        Ok(view.into_any())
    })
}

fn kinds(shown: Kind) -> AnyView {
    let links = [Kind::Folder, Kind::S3].map(|kind| {
        let marked = (kind == shown).then_some("true");
        view! { <li><a href=kind.page() aria-current=marked>{kind.title()}</a></li> }
    });
    view! { <nav aria-label="Kind of place"><ul class="filter">{links.to_vec()}</ul></nav> }.into_any()
}

fn folder(filled: Filled) -> AnyView {
    view! {
        <TextField
            filled name="folder" label="Folder"
            help="Its absolute path on the host that Holdfast runs on, for example the mount point of storage on another \
                site."
        />
    }
    .into_any()
}

fn s3(filled: Filled) -> AnyView {
    view! {
        <TextField
            filled=filled.clone() name="endpoint" label="Address of the server"
            help="With its protocol, for example https://s3.example.com"
        />
        <TextField
            filled=filled.clone() name="region" label="Region" initial=REGION
            help="As the server calls it. One without regions takes us-east-1."
        />
        <TextField filled=filled.clone() name="bucket" label="Bucket" help="It must exist."/>
        <TextField
            filled=filled.clone() name="prefix" label="Prefix (optional)" required=false
            help="What the names of its objects begin with. Leave it empty if the bucket is for Holdfast alone."
        />
        <TextField
            filled=filled.clone() name="access_key" label="Access key ID"
            help="The key must be allowed to list, read, write and delete objects there."
        />
        <TextField
            filled name="secret_key" label="Secret access key" kind="password" autocomplete="new-password"
            help="Encrypted before it is stored."
        />
    }
    .into_any()
}

/// Adds a backup target.
#[server(prefix = "/fn", endpoint = "targets/add")]
pub async fn add_target(
    #[server(default)] kind: String,
    #[server(default)] name: String,
    #[server(default)] folder: String,
    #[server(default)] endpoint: String,
    #[server(default)] region: String,
    #[server(default)] bucket: String,
    #[server(default)] prefix: String,
    #[server(default)] access_key: String,
    #[server(default)] secret_key: String,
    #[server(default)] password: String,
    #[server(default)] make_new: String,
) -> Result<(), ServerFnError> {
    let kind = Kind::from_key(&kind);
    let sent = Sent::new("target", kind.page())
        .with("name", &name)
        .with("folder", &folder)
        .with("endpoint", &endpoint)
        .with("region", &region)
        .with("bucket", &bucket)
        .with("prefix", &prefix)
        .with("access_key", &access_key)
        .with("make_new", &make_new);
    finish(sent, async {
        let (actor, backend) = context::caller()?;
        let location = match kind {
            Kind::Folder => Location::Folder {
                folder: entered("folder", &folder)?,
            },
            Kind::S3 => Location::S3 {
                endpoint: entered("endpoint", &endpoint)?,
                region: entered("region", &region)?,
                bucket: entered("bucket", &bucket)?,
                prefix: prefix.trim().trim_matches('/').to_owned(),
            },
        };
        let access_key = match kind {
            Kind::Folder => None,
            Kind::S3 => Some(AccessKey {
                id: entered("access_key", &access_key)?,
                secret: entered("secret_key", &secret_key)?,
            }),
        };
        let new = NewTarget {
            name,
            location,
            access_key,
            password,
            make_new: make_new == "on",
        };
        let id = backend.targets.add(&actor, new).await?;
        Ok(Done::to(link::target(&id)).saying(Notice::TargetAdded))
    })
    .await
}

/// What was entered in a field that must not be empty.
fn entered(field: &str, text: &str) -> Answer<String> {
    let text = chosen(text).ok_or_else(|| ServiceError::invalid(field, TargetFlaw::PartMissing))?;
    Ok(text.to_owned())
}
