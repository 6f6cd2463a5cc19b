//! Which address shows which page.

use crate::components::Layout;
use crate::pages::{
    account, administration, audit, estate, handbook, login, not_found, overview, plans, points, protection, restores,
    runs,
};
use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::any_nested_route::IntoAnyNestedRoute;
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::{MatchNestedRoutes, SsrMode, path};

/// The pages. Each is sent whole and only when all of it is known: it works without scripts, and its status is right.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Routes fallback=not_found::NotFound>
                <Route path=path!("/login") view=login::Login ssr=SsrMode::Async/>
                <ParentRoute path=path!("") view=Layout ssr=SsrMode::Async>
                    <Route path=path!("/") view=overview::Overview/>
                    <EstateRoutes/>
                    <ProtectionRoutes/>
                    <RecoveryRoutes/>
                    <RunRoutes/>
                    <AdministrationRoutes/>
                    <Route path=path!("/search") view=estate::explore::SearchPage/>
                    <Route path=path!("/account") view=account::Account/>
                </ParentRoute>
            </Routes>
        </Router>
    }
}

/// The estate and its machines.
#[component(transparent)]
fn EstateRoutes() -> impl MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("/estate") view=leptos_router::components::Outlet>
            <Route path=path!("") view=estate::list::EstateList/>
            <Route path=path!("/:manager") view=estate::explore::Explorer/>
            <Route path=path!("/:manager/objects/:type") view=estate::explore::ObjectsPage/>
            <Route path=path!("/:manager/objects/:type/:id") view=estate::explore::ObjectPage/>
            <Route path=path!("/:manager/revisions") view=estate::revisions::Revisions/>
            <Route path=path!("/:manager/revisions/difference") view=estate::revisions::Difference/>
            <Route path=path!("/:manager/scripts/:scope") view=estate::script::ScriptPage/>
            <Route path=path!("/:manager/vms/:vm") view=estate::vm::VmPage/>
        </ParentRoute>
    }
    .into_inner()
    .into_any_nested_route()
}

/// Protection policies.
#[component(transparent)]
fn ProtectionRoutes() -> impl MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("/protection") view=leptos_router::components::Outlet>
            <Route path=path!("") view=protection::list::Policies/>
            <Route path=path!("/new") view=protection::edit::NewPolicy/>
            <Route path=path!("/:policy") view=protection::edit::EditPolicy/>
        </ParentRoute>
    }
    .into_inner()
    .into_any_nested_route()
}

/// Recovery points and what can be done with them.
#[component(transparent)]
fn RecoveryRoutes() -> impl MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("") view=leptos_router::components::Outlet>
            <Route path=path!("/points") view=points::list::Points/>
            <Route path=path!("/points/:point") view=points::detail::PointPage/>
            <Route path=path!("/plans/:hash") view=plans::PlanPage/>
            <Route path=path!("/restores") view=restores::list::Restores/>
            <Route path=path!("/restores/:request") view=restores::detail::RequestPage/>
        </ParentRoute>
    }
    .into_inner()
    .into_any_nested_route()
}

/// Job runs, the handbook, and the trail of everything.
#[component(transparent)]
fn RunRoutes() -> impl MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("") view=leptos_router::components::Outlet>
            <Route path=path!("/runs") view=runs::list::Runs/>
            <Route path=path!("/runs/:run") view=runs::detail::RunPage/>
            <Route path=path!("/handbook") view=handbook::HandbookPage/>
            <Route path=path!("/audit") view=audit::Audit/>
        </ParentRoute>
    }
    .into_inner()
    .into_any_nested_route()
}

/// Managers, servers, backup targets, teams, accounts.
#[component(transparent)]
fn AdministrationRoutes() -> impl MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("/administration") view=leptos_router::components::Outlet>
            <Route path=path!("") view=administration::home::Administration/>
            <Route path=path!("/console") view=administration::console::Console/>
            <Route path=path!("/managers/new") view=administration::enrol::EnrolManager/>
            <Route path=path!("/managers/:manager") view=administration::manager::ManagerPage/>
            <Route path=path!("/managers/:manager/servers/:server") view=administration::server::ServerAccessPage/>
            <Route path=path!("/targets/:target") view=administration::target::TargetPage/>
            <Route path=path!("/new-target") view=administration::new_target::NewTargetPage/>
            <Route path=path!("/users/new") view=administration::users::NewUser/>
            <Route path=path!("/users/:user") view=administration::users::UserPage/>
        </ParentRoute>
    }
    .into_inner()
    .into_any_nested_route()
}
