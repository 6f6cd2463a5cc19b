//! Roles of an account: in words, and given or taken one at a time.

use crate::components::{PostForm, SelectField, grant_words};
use crate::context;
use crate::form::{Done, Filled, Notice, Sent, chosen, finish};
use crate::link;
use domain::actor::{Grant, Role, Scope};
use domain::error::{AccountFlaw, ServiceError, Thing};
use domain::ids::{TeamId, UserId};
use domain::services::{Answer, Team, UserView};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Address of an account.
pub fn user_link(id: &UserId) -> String {
    format!("/administration/users/{}", link::part(id.as_str()))
}

/// The choice of a role and where it holds.
#[component]
pub fn GrantFields(filled: Filled, teams: Vec<Team>) -> impl IntoView {
    let roles = Role::ALL
        .map(|role| (role.key().to_owned(), role.title().to_owned()))
        .into();
    let scopes = std::iter::once((String::new(), "Everything".to_owned()))
        .chain(
            teams
                .into_iter()
                .map(|team| (team.id.to_string(), format!("Team {}", team.name))),
        )
        .collect();
    view! {
        <SelectField
            filled=filled.clone() name="role" label="Role" options=roles help="Every role includes what a Viewer can \
                see."
        />
        {role_meanings()}
        <SelectField filled name="scope" label="Applies to" options=scopes/>
    }
}

fn role_meanings() -> AnyView {
    let meanings = Role::ALL.into_iter().map(|role| {
        view! {
            <dt>{role.title()}</dt>
            <dd>{role.meaning()}</dd>
        }
    });
    view! { <dl class="facts">{meanings.collect_view()}</dl> }.into_any()
}

/// Reads [`GrantFields`].
///
/// # Errors
/// [`ServiceError::Invalid`] when there is no such role.
pub fn read_grant(role: &str, scope: &str) -> Answer<Grant> {
    Ok(Grant {
        role: Role::from_key(role).ok_or_else(|| ServiceError::invalid("role", AccountFlaw::NoRole))?,
        scope: chosen(scope).map_or(Scope::All, |team| Scope::Team(TeamId::new(team))),
    })
}

/// The roles of an account, each with a button that takes it away, and a form that gives one.
#[component]
pub fn Grants(user: UserView, teams: Vec<Team>, filled: Filled) -> impl IntoView {
    let (id, grants) = (user.id.to_string(), user.grants);
    let rows: Vec<_> = grants
        .iter()
        .map(|grant| {
            let words = grant_words(grant, &teams);
            let label = format!("Remove {words}");
            let scope = match &grant.scope {
                Scope::All => String::new(),
                Scope::Team(team) => team.to_string(),
            };
            let hidden = vec![
                ("user", id.clone()),
                ("role", grant.role.key().to_owned()),
                ("scope", scope),
            ];
            view! {
                <li>
                    {words}
                    <PostForm to=Revoke::url() class="inline" hidden>
                        <button type="submit" class="button quiet" aria-label=label>"Remove"</button>
                    </PostForm>
                </li>
            }
        })
        .collect();
    let nothing = rows
        .is_empty()
        .then(|| view! { <p class="note">"No roles: this account can log in but sees nothing."</p> });
    view! {
        {nothing}
        <ul class="plain">{rows}</ul>
        <PostForm to=GrantRole::url() hidden=vec![("user", id)]>
            <GrantFields filled teams/>
            <button type="submit" class="button">"Grant role"</button>
        </PostForm>
    }
}

/// Gives an account one more role.
#[server(prefix = "/fn", endpoint = "accounts/grant")]
pub async fn grant_role(
    #[server(default)] user: String,
    #[server(default)] role: String,
    #[server(default)] scope: String,
) -> Result<(), ServerFnError> {
    change("grant", user, role, scope, |grants, grant| {
        if !grants.contains(&grant) {
            grants.push(grant);
        }
    })
    .await
}

/// Takes a role away from an account.
#[server(prefix = "/fn", endpoint = "accounts/revoke")]
pub async fn revoke(
    #[server(default)] user: String,
    #[server(default)] role: String,
    #[server(default)] scope: String,
) -> Result<(), ServerFnError> {
    change("revoke", user, role, scope, |grants, grant| {
        grants.retain(|own| *own != grant)
    })
    .await
}

async fn change(
    form: &'static str,
    user: String,
    role: String,
    scope: String,
    apply: impl FnOnce(&mut Vec<Grant>, Grant),
) -> Result<(), ServerFnError> {
    let id = UserId::new(user);
    let page = user_link(&id);
    let sent = Sent::new(form, &page).with("role", &role).with("scope", &scope);
    finish(sent, async {
        let (actor, backend) = context::caller()?;
        let grant = read_grant(&role, &scope)?;
        let users = backend.accounts.users(&actor).await?;
        let user = users.into_iter().find(|user| user.id == id);
        let mut grants = user.ok_or_else(|| ServiceError::not_found(Thing::Account, &id))?.grants;
        apply(&mut grants, grant);
        backend.accounts.set_grants(&actor, &id, grants).await?;
        Ok(Done::to(&page).saying(Notice::RolesChanged))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_is_read_from_its_fields() {
        let (role, team) = (Role::Approver, Scope::Team(TeamId::new("t1")));
        assert_eq!(read_grant("approver", "t1"), Ok(Grant { role, scope: team }));
        let (role, scope) = (Role::Viewer, Scope::All);
        assert_eq!(read_grant("viewer", ""), Ok(Grant { role, scope }));
        assert!(read_grant("emperor", "").is_err());
    }
}
