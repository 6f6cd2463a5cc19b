//! One's own account: roles and password.

use crate::components::{PageHead, PostForm, TextField, grant_words, page};
use crate::context;
use crate::form::{Done, Flash, Notice, Sent, finish};
use crate::say::say;
use domain::account;
use domain::error::{AccountFlaw, ServiceError};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The account page.
#[component]
pub fn Account() -> impl IntoView {
    page(async {
        let (actor, backend) = context::caller()?;
        let flash = Flash::read().await;
        let teams = backend.accounts.teams(&actor).await.unwrap_or_default();
        let roles: Vec<_> = actor
            .grants
            .iter()
            .map(|grant| {
                let meaning = grant.role.meaning();
                view! { <li>{grant_words(grant, &teams)} <span class="under">{meaning}</span></li> }
            })
            .collect();
        let nothing = roles.is_empty().then(
            || view! { <p class="note">"You have no role yet, so there is nothing to see. Ask an administrator."</p> },
        );
        let filled = flash.filled("password");
        let view = view! {
            <PageHead title="My account" lead=format!("You are logged in as {}.", actor.name) flash/>
            <section>
                <h2>"Roles"</h2>
                {nothing}
                <ul class="plain">{roles}</ul>
            </section>
            <section>
                <h2>"Change password"</h2>
                <PostForm to=ChangePassword::url()>
                    <TextField
                        filled=filled.clone() name="old" label="Current password" kind="password"
                        autocomplete="current-password"
                    />
                    <TextField
                        filled=filled.clone() name="new" label="New password" kind="password" autocomplete="new-password"
                        length=account::PASSWORD_LENGTH help=say(&AccountFlaw::PasswordLength)
                    />
                    <TextField
                        filled name="again" label="Repeat the new password" kind="password" autocomplete="new-password"
                        length=account::PASSWORD_LENGTH
                    />
                    <p class="field-help">"Ends all your other sessions."</p>
                    <button type="submit" class="button primary">"Change password"</button>
                </PostForm>
            </section>
        };
        Ok(view.into_any())
    })
}

/// Changes one's own password.
#[server(prefix = "/fn", endpoint = "account/password")]
pub async fn change_password(
    #[server(default)] old: String,
    #[server(default)] new: String,
    #[server(default)] again: String,
) -> Result<(), ServerFnError> {
    finish(Sent::new("password", "/account"), async {
        let (actor, backend) = context::caller()?;
        if new != again {
            return Err(ServiceError::invalid("again", AccountFlaw::PasswordsDiffer));
        }
        context::go_on_as(backend.accounts.change_password(&actor, &old, &new).await?);
        Ok(Done::to("/account").saying(Notice::PasswordChanged))
    })
    .await
}
