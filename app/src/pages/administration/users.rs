//! Accounts: made, given roles, disabled.

use super::grants::{GrantFields, Grants, read_grant, user_link};
use crate::components::{PageHead, PostForm, Status, TextField, Tone, grant_words, page};
use crate::context;
use crate::form::{Done, Filled, Flash, Notice, Sent, finish};
use crate::say::say;
use domain::account;
use domain::actor::Permission;
use domain::error::{AccountFlaw, ServiceError, Thing};
use domain::ids::UserId;
use domain::services::UserView;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

fn above() -> Vec<(String, String)> {
    vec![("/administration".into(), "Administration".into())]
}

/// Makes an account.
#[component]
pub fn NewUser() -> impl IntoView {
    page(async {
        let (actor, backend) = context::caller()?;
        actor.require(Permission::Administer, None)?;
        let flash = Flash::read().await;
        let teams = backend.accounts.teams(&actor).await?;
        let filled = flash.filled("user");
        let view = view! {
            <PageHead title="New account" flash above=above()/>
            <PostForm to=CreateUser::url()>
                <TextField
                    filled=filled.clone() name="name" label="Login name" length=account::NAME_LENGTH
                    help=say(&AccountFlaw::AccountName)
                />
                <FirstPassword filled=filled.clone() label="Initial password"/>
                <GrantFields filled teams/>
                <button type="submit" class="button primary">"Create account"</button>
            </PostForm>
        };
        Ok(view.into_any())
    })
}

/// An account with its roles.
#[component]
pub fn UserPage() -> impl IntoView {
    let id = UserId::new(context::param("user"));
    page(async move {
        let (actor, backend) = context::caller()?;
        let flash = Flash::read().await;
        let users = backend.accounts.users(&actor).await?;
        let user = users.into_iter().find(|user| user.id == id);
        let user = user.ok_or_else(|| ServiceError::not_found(Thing::Account, &id))?;
        let teams = backend.accounts.teams(&actor).await?;
        let administers = actor.may(Permission::Administer, None);
        let (tone, word) = if user.disabled {
            (Tone::Held, "Disabled")
        } else {
            (Tone::Good, "Enabled")
        };
        let grants = if administers {
            view! { <Grants user=user.clone() teams filled=flash.filled("grant")/> }.into_any()
        } else {
            let words = user.grants.iter().map(|grant| grant_words(grant, &teams));
            words.map(|words| view! { <p>{words}</p> }).collect_view().into_any()
        };
        let password = administers.then(|| password(&user, user.id == actor.id, flash.filled("password")));
        let switch = administers.then(|| switch(&user));
        let view = view! {
            <PageHead title=user.name flash above=above()/>
            <p class="page-facts"><Status tone word/></p>
            <section>
                <h2>"Roles"</h2>
                {grants}
            </section>
            {password}
            {switch}
        };
        Ok(view.into_any())
    })
}

/// A password that its owner has from somebody else.
#[component]
fn FirstPassword(filled: Filled, label: &'static str) -> impl IntoView {
    let help = format!(
        "{} Pass it on securely; the user can change it under “My account”.",
        say(&AccountFlaw::PasswordLength)
    );
    view! {
        <TextField
            filled name="password" label kind="password" autocomplete="new-password" length=account::PASSWORD_LENGTH
            help
        />
    }
}

fn password(user: &UserView, own: bool, filled: Filled) -> AnyView {
    let content = if own {
        view! { <p>"This is your own account: change its password under " <a href="/account">"My account"</a> "."</p> }
            .into_any()
    } else {
        let word = format!("Reset the password of {}", user.name);
        view! {
            <PostForm to=SetPassword::url() hidden=vec![("user", user.id.to_string())]>
                <FirstPassword filled label="New password"/>
                <p class="field-help">
                    "For a user who has forgotten the password. All sessions of the account end. Until the user \
                     changes it, two people can act under this name; the audit trail records who reset it, and when."
                </p>
                <button type="submit" class="button">{word}</button>
            </PostForm>
        }
        .into_any()
    };
    view! {
        <section>
            <h2>"Password"</h2>
            {content}
        </section>
    }
    .into_any()
}

fn switch(user: &UserView) -> AnyView {
    let (value, word) = if user.disabled {
        ("false", format!("Enable {}", user.name))
    } else {
        ("true", format!("Disable {}", user.name))
    };
    view! {
        <section>
            <h2>"Access"</h2>
            <PostForm to=SetDisabled::url() hidden=vec![("user", user.id.to_string())]>
                <p class="field-help">"A disabled account cannot log in, and its sessions end at once."</p>
                <button type="submit" name="disabled" value=value class="button">{word}</button>
            </PostForm>
        </section>
    }
    .into_any()
}

/// Creates an account with one role.
#[server(prefix = "/fn", endpoint = "accounts/create")]
pub async fn create_user(
    #[server(default)] name: String,
    #[server(default)] password: String,
    #[server(default)] role: String,
    #[server(default)] scope: String,
) -> Result<(), ServerFnError> {
    let sent = Sent::new("user", "/administration/users/new")
        .with("name", &name)
        .with("role", &role)
        .with("scope", &scope);
    finish(sent, async {
        let (actor, backend) = context::caller()?;
        let grant = read_grant(&role, &scope)?;
        let id = backend
            .accounts
            .create_user(&actor, name.trim(), &password, vec![grant])
            .await?;
        Ok(Done::to(user_link(&id)).saying(Notice::UserCreated))
    })
    .await
}

/// Sets a new first password for somebody who has forgotten his.
#[server(prefix = "/fn", endpoint = "accounts/password")]
pub async fn set_password(
    #[server(default)] user: String,
    #[server(default)] password: String,
) -> Result<(), ServerFnError> {
    let id = UserId::new(user);
    let page = user_link(&id);
    finish(Sent::new("password", &page), async {
        let (actor, backend) = context::caller()?;
        backend.accounts.set_password(&actor, &id, &password).await?;
        Ok(Done::to(&page).saying(Notice::PasswordSet))
    })
    .await
}

/// Disables or enables an account.
#[server(prefix = "/fn", endpoint = "accounts/disable")]
pub async fn set_disabled(
    #[server(default)] user: String,
    #[server(default)] disabled: String,
) -> Result<(), ServerFnError> {
    let id = UserId::new(user);
    let page = user_link(&id);
    finish(Sent::new("disable", &page), async {
        let (actor, backend) = context::caller()?;
        let disabled = disabled == "true";
        backend.accounts.set_disabled(&actor, &id, disabled).await?;
        let notice = if disabled {
            Notice::UserDisabled
        } else {
            Notice::UserEnabled
        };
        Ok(Done::to(&page).saying(notice))
    })
    .await
}
