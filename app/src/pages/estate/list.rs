//! All of the estate: the machines of every Manager in one table, and below what carries them.

use super::machine_table::{POLICY, machines};
use super::pools::Infrastructure;
use super::{Protected, refresh, unread};
use crate::components::{Alert, Empty, PageHead, Table, Time, Tone, page};
use crate::context;
use crate::form::Flash;
use crate::link;
use crate::listing::Query;
use crate::say;
use domain::actor::Permission;
use domain::enrolment::ManagerView;
use domain::services::EstateView;
use leptos::prelude::*;
use ovm::estate::Estate;

/// The estate.
#[component]
pub fn EstateList() -> impl IntoView {
    let query = Query::of(&context::requested(), &[POLICY]);
    page(async move {
        let (actor, backend) = context::caller()?;
        let flash = Flash::read().await;
        let (mut estates, mut unknown) = (Vec::new(), Vec::new());
        for manager in backend.estate.managers(&actor).await? {
            match Protected::read(&actor, &backend, &manager.id).await {
                Ok(estate) => estates.push(estate),
                Err(error) => {
                    let way_out = refresh(&actor, &manager.id, "/estate".to_owned());
                    unknown.push(unread(manager, "This estate cannot be shown", &error, way_out));
                }
            }
        }
        let head = view! { <PageHead title="Estate" lead="Everything the Managers report." flash/> };
        if estates.is_empty() && unknown.is_empty() {
            return Ok(view! { {head} {nothing(actor.may(Permission::Administer, None))} }.into_any());
        }
        let notes: Vec<_> = estates.iter().map(|estate| note(&estate.view)).collect();
        let machines = (!estates.is_empty()).then(|| machines(&query, &estates));
        let sections: Vec<_> = estates.into_iter().map(|estate| section(estate.view)).collect();
        Ok(view! { {head} {notes} {machines} {unknown} {sections} }.into_any())
    })
}

fn nothing(may_enrol: bool) -> AnyView {
    let how = may_enrol.then(|| {
        view! { <p><a class="button primary" href="/administration/managers/new">"Enrol a Manager"</a></p> }
    });
    view! { <Empty><p>"The pools, servers and VMs of every enrolled Manager will appear here."</p>{how}</Empty> }
        .into_any()
}

/// What is known of a Manager, and since when.
fn note(view: &EstateView) -> AnyView {
    let EstateView {
        manager,
        estate,
        revision,
        taken_at,
        ..
    } = view;
    let ManagerView { id, name, host, .. } = manager;
    let problem = manager.problem.as_ref().map(|problem| {
        let problem = say::say(problem);
        view! { <Alert tone=Tone::Attention title=format!("The last discovery of {name} failed")>{problem}</Alert> }
    });
    view! {
        <p class="note">
            <a href=link::estate(id)>{name.clone()}</a> ", Oracle VM Manager " {estate.version.clone()} " at " {host.clone()}
            ". Revision " {*revision} ", discovered " <Time at=*taken_at/> "."
        </p>
        {problem}
    }
    .into_any()
}

fn section(view: EstateView) -> AnyView {
    let unreadable = unreadable(&view.estate);
    view! {
        <section>
            <h2>{format!("Infrastructure of {}", view.manager.name)}</h2>
            <Infrastructure estate=view.estate/>
            {unreadable}
        </section>
    }
    .into_any()
}

/// Objects that discovery could not read: said, not hidden.
pub(super) fn unreadable(estate: &Estate) -> Option<AnyView> {
    let rows: Vec<_> = estate
        .problems
        .iter()
        .map(|problem| {
            view! {
                <tr>
                    <td data-label="Object">{problem.object_type.clone()} " " {problem.name.clone()}</td>
                    <td data-label="ID"><code>{problem.id.clone()}</code></td>
                    <td data-label="Reason" class="prose">{problem.reason.clone()}</td>
                </tr>
            }
        })
        .collect();
    (!rows.is_empty()).then(|| {
        view! { <Table caption="Objects that could not be read" columns=vec!["Object", "ID", "Reason"]>{rows}</Table> }
            .into_any()
    })
}
