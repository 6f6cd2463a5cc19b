//! What stands around every page: the ways in on the left (on a phone in a fold), who is logged in, the page itself.

use super::alert::NoticeAlert;
use super::nav::Nav;
use super::page::ErrorPage;
use crate::context;
use crate::islands::Progressive;
use crate::link;
use crate::theme::{SetTheme, Theme};
use domain::actor::Actor;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::components::Outlet;

/// The layout as the parent of all routes but the login.
#[component]
pub fn Layout() -> impl IntoView {
    match context::current_actor() {
        Ok(actor) => view! { <Frame actor><Outlet/></Frame> }.into_any(),
        Err(error) => view! { <main id="main"><ErrorPage error/></main> }.into_any(),
    }
}

/// The layout around some content.
#[component]
pub fn Frame(actor: Actor, children: Children) -> impl IntoView {
    view! {
            <div class="frame">
                <header class="side">
    <div class="side-inner">
                    <a class="brand" href="/">
                        <Mark/>
                        <span>"Holdfast"</span>
                    </a>
                    <FindAnything/>
                    <nav class="side-nav" aria-label="Main">
                        <Nav actor=actor.clone()/>
                    </nav>
                    <details class="menu">
                        <summary>"Menu"</summary>
                        <nav aria-label="Main">
                            <Nav actor=actor.clone()/>
                        </nav>
                        <Account name=actor.name.clone() id="menu"/>
                    </details>
                    <Account name=actor.name id="side"/>
    </div>
                </header>
                <main id="main" tabindex="-1">
                    <NoticeAlert/>
                    {children().into_any()}
                </main>
            </div>
            <Progressive/>
        }
}

/// The search over everything.
#[component]
fn FindAnything() -> impl IntoView {
    // On the search's own page it shows what was searched for.
    let query = (context::path() == link::SEARCH).then(|| context::query("q")).flatten();
    view! {
        <form class="find" method="get" action=link::SEARCH role="search" aria-label="Everything">
            <label class="visually-hidden" for="find">"Find anything: name, id, MAC address, WWID, ticket"</label>
            <input
                type="search"
                id="find"
                name="q"
                value=query.unwrap_or_default()
                placeholder="Find anything"
                minlength="2"
                maxlength="200"
                required
            />
            <button type="submit" class="visually-hidden">"Find"</button>
        </form>
    }
}

/// The mark: two jaws that hold a disk.
#[component]
fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d="M9 3H4v18h5M15 3h5v18h-5"></path>
            <circle cx="12" cy="12" r="3.5"></circle>
        </svg>
    }
}

/// Who is logged in, colours, the way out.
#[component]
fn Account(name: String, id: &'static str) -> impl IntoView {
    let current = Theme::current();
    let themes: Vec<_> = Theme::ALL
        .into_iter()
        .map(|theme| {
            let pressed = if theme == current { "true" } else { "false" };
            view! {
                <button type="submit" name="theme" value=theme.key() aria-pressed=pressed>
                    {theme.title()}
                </button>
            }
        })
        .collect();
    let label = format!("{id}-colours");
    let labelled_by = label.clone();
    view! {
        <div class="account" data-place=id>
            <p class="account-name">"Logged in as " <a href="/account">{name}</a></p>
            <form method="post" action=SetTheme::url() class="themes" aria-labelledby=labelled_by>
                <span id=label class="account-label">"Theme"</span>
                <input type="hidden" name="page" value=context::requested()/>
                {themes}
            </form>
            <form method="post" action="/logout">
                <button type="submit" class="button quiet">"Log out"</button>
            </form>
        </div>
    }
}
