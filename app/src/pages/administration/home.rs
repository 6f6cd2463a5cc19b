//! What an administrator keeps: Managers, backup targets, teams, accounts.

use super::grants::user_link;
use super::target::Targets;
use crate::components::{Empty, PageHead, PostForm, Status, Table, TextField, Time, Tone, grant_words, page};
use crate::context;
use crate::form::{Done, Filled, Flash, Notice, Sent, finish};
use crate::link;
use domain::actor::Permission;
use domain::enrolment::ManagerView;
use domain::error::{AccountFlaw, ServiceError};
use domain::services::{Team, UserView};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The administration.
#[component]
pub fn Administration() -> impl IntoView {
    page(async {
        let (actor, backend) = context::caller()?;
        actor.require(Permission::ViewAccounts, None)?;
        let flash = Flash::read().await;
        let administers = actor.may(Permission::Administer, None);
        let managers = backend.estate.managers(&actor).await?;
        let targets = match administers {
            true => Some(Targets::read(&actor, &backend).await?),
            false => None,
        };
        let teams = backend.accounts.teams(&actor).await?;
        let users = backend.accounts.users(&actor).await?;
        let view = view! {
            <PageHead title="Administration" lead=lead(administers) flash=flash.clone()/>
            <section>
                <h2>"Managers"</h2>
                {managers_table(managers)}
                {administers.then(manager_ways)}
            </section>
            {targets.map(|targets| targets.draw())}
            <section>
                <h2>"Accounts"</h2>
                {users_table(users, &teams)}
                {administers.then(|| view! { <p><a class="button" href="/administration/users/new">"New account"</a></p> })}
            </section>
            <section>
                <h2>"Teams"</h2>
                {teams_list(teams)}
                {administers.then(|| view! { <TeamForm filled=flash.filled("team")/> })}
            </section>
        };
        Ok(view.into_any())
    })
}

fn lead(administers: bool) -> &'static str {
    match administers {
        true => "Managers, backup targets, teams, accounts and their roles.",
        false => "Managers, teams, accounts and their roles.",
    }
}

fn manager_ways() -> AnyView {
    view! {
        <p class="ways">
            <a class="button" href="/administration/managers/new">"Enrol a Manager"</a>
            <a class="button" href=link::CONSOLE>"Console"</a>
        </p>
    }
    .into_any()
}

fn managers_table(managers: Vec<ManagerView>) -> AnyView {
    if managers.is_empty() {
        return view! { <Empty><p>"No Manager is enrolled. Enrol one to discover its estate."</p></Empty> }.into_any();
    }
    let rows: Vec<_> = managers
        .into_iter()
        .map(|manager| {
            let state = manager_status(&manager);
            let discovered = manager.revision.map(|(number, at)| view! { {number} ", " <Time at/> });
            view! {
                <tr>
                    <td data-label="Manager"><a href=link::manager(&manager.id)>{manager.name}</a></td>
                    <td data-label="Address"><code>{manager.host} ":" {manager.port}</code></td>
                    <td data-label="State">{state}</td>
                    <td data-label="Estate revision">{discovered}</td>
                </tr>
            }
        })
        .collect();
    let columns = vec!["Manager", "Address", "State", "Estate revision"];
    view! { <Table caption="Enrolled Managers" columns>{rows}</Table> }.into_any()
}

/// Whether a Manager can be worked with.
pub fn manager_status(manager: &ManagerView) -> AnyView {
    let (tone, word) = if manager.changed_fingerprint.is_some() {
        (Tone::Danger, "Host key changed, stopped")
    } else if manager.problem.is_some() {
        (Tone::Attention, "Last discovery failed")
    } else if manager.revision.is_none() {
        (Tone::Unknown, "Not discovered yet")
    } else {
        (Tone::Good, "Discovered")
    };
    view! { <Status tone word/> }.into_any()
}

fn users_table(users: Vec<UserView>, teams: &[Team]) -> AnyView {
    let rows: Vec<_> = users
        .into_iter()
        .map(|user| {
            let roles: Vec<String> = user.grants.iter().map(|grant| grant_words(grant, teams)).collect();
            let (tone, word) = if user.disabled {
                (Tone::Held, "Disabled")
            } else {
                (Tone::Good, "Enabled")
            };
            let login = match user.last_login {
                Some(at) => view! { <Time at/> }.into_any(),
                None => "never".into_any(),
            };
            view! {
                <tr>
                    <td data-label="Name"><a href=user_link(&user.id)>{user.name}</a></td>
                    <td data-label="State"><Status tone word/></td>
                    <td data-label="Roles">{roles.join("; ")}</td>
                    <td data-label="Last login">{login}</td>
                </tr>
            }
        })
        .collect();
    view! { <Table caption="Accounts" columns=vec!["Name", "State", "Roles", "Last login"]>{rows}</Table> }.into_any()
}

fn teams_list(teams: Vec<Team>) -> AnyView {
    if teams.is_empty() {
        return view! { <Empty><p>"No teams yet. A role can be limited to one team; a VM belongs to at most one team."</p></Empty> }
            .into_any();
    }
    let names: Vec<_> = teams.into_iter().map(|team| view! { <li>{team.name}</li> }).collect();
    view! { <ul class="plain">{names}</ul> }.into_any()
}

#[component]
fn TeamForm(filled: Filled) -> impl IntoView {
    view! {
        <PostForm to=CreateTeam::url()>
            <TextField filled name="name" label="Name of the new team"/>
            <button type="submit" class="button">"Create team"</button>
        </PostForm>
    }
}

/// Creates a team.
#[server(prefix = "/fn", endpoint = "teams/create")]
pub async fn create_team(#[server(default)] name: String) -> Result<(), ServerFnError> {
    finish(Sent::new("team", "/administration").with("name", &name), async {
        let (actor, backend) = context::caller()?;
        if name.trim().is_empty() {
            return Err(ServiceError::invalid("name", AccountFlaw::NoTeamName));
        }
        backend.accounts.create_team(&actor, name.trim()).await?;
        Ok(Done::to("/administration").saying(Notice::TeamCreated))
    })
    .await
}
