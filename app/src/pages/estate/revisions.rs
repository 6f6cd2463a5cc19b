//! Every discovery of an estate, and what changed between any two of them.

use super::explore::above;
use crate::components::{Empty, PageHead, Table, Time, page};
use crate::context;
use crate::format;
use crate::link;
use domain::error::{FormFlaw, ServiceError};
use domain::ids::ManagerId;
use domain::services::{Answer, RevisionHead};
use leptos::prelude::*;
use ovm::estate::{Change, Kind, Nature};

/// Sentences of a group that are shown.
const SHOWN: usize = 500;

/// The list of revisions, two of which can be chosen.
#[component]
pub fn Revisions() -> impl IntoView {
    let manager = ManagerId::new(context::param("manager"));
    page(async move {
        let (actor, backend) = context::caller()?;
        let view = backend.estate.estate(&actor, &manager).await?;
        let revisions = backend.estate.revisions(&actor, &manager).await?;
        let content = if revisions.len() < 2 {
            view! {
                {table(&manager, &revisions)}
                <Empty><p>"After the next discovery there will be a revision to compare with."</p></Empty>
            }
            .into_any()
        } else {
            view! {
                <form method="get" action=format!("{}/difference", link::revisions(&manager)) class="revisions">
                    {table(&manager, &revisions)}
                    <button type="submit" class="button primary">"Compare"</button>
                </form>
            }
            .into_any()
        };
        let view = view! {
            <PageHead
                title="Revisions"
                lead="Each discovery of the estate is kept. Choose two to see what changed between them."
                above=above(&view)
            />
            {content}
        };
        Ok(view.into_any())
    })
}

fn table(manager: &ManagerId, revisions: &[RevisionHead]) -> AnyView {
    let rows: Vec<_> = revisions
        .iter()
        .enumerate()
        .map(|(place, revision)| row(manager, place, revision, revisions.get(place + 1)))
        .collect();
    let columns = vec!["Revision#", "Discovered", "Inventory", "Content", "From", "To"];
    view! { <Table caption="Discoveries, newest first" columns>{rows}</Table> }.into_any()
}

fn row(manager: &ManagerId, place: usize, revision: &RevisionHead, before: Option<&RevisionHead>) -> AnyView {
    let number = revision.number;
    let choice = |name: &'static str, checked: bool| {
        let label = format!("{name} revision {number}");
        view! { <input type="radio" name=name value=number.to_string() checked=checked aria-label=label/> }
    };
    let content = match (revision.same_as, before) {
        (Some(same), _) => format!("identical to revision {same}").into_any(),
        (None, Some(before)) => {
            let words = format!("changed since revision {}", before.number);
            view! { <a href=link::difference(manager, before.number, number)>{words}</a> }.into_any()
        }
        (None, None) => "the first".into_any(),
    };
    view! {
        <tr>
            <td data-label="Revision" class="number">{number}</td>
            <td data-label="Discovered">
                <Time at=revision.taken_at/> <span class="under">{revision.taken_at.display()}</span>
            </td>
            <td data-label="Inventory" class="prose">{counts(revision)}</td>
            <td data-label="Content">{content}</td>
            <td data-label="From">{choice("from", place == 1)}</td>
            <td data-label="To">{choice("to", place == 0)}</td>
        </tr>
    }
    .into_any()
}

/// The types that people count first.
fn counts(revision: &RevisionHead) -> String {
    let told = [
        Kind::ServerPool,
        Kind::Server,
        Kind::Vm,
        Kind::VirtualDisk,
        Kind::PhysicalDisk,
        Kind::Repository,
    ];
    let count = |kind: Kind| {
        let (_, count) = revision.counts.iter().find(|(own, _)| *own == kind)?;
        Some(kind.count(usize::try_from(*count).ok()?))
    };
    told.into_iter().filter_map(count).collect::<Vec<_>>().join(", ")
}

/// What changed between two revisions.
#[component]
pub fn Difference() -> impl IntoView {
    let manager = ManagerId::new(context::param("manager"));
    let (from, to) = (context::query("from"), context::query("to"));
    page(async move {
        let (actor, backend) = context::caller()?;
        let (from, to) = (number("from", from)?, number("to", to)?);
        let view = backend.estate.estate(&actor, &manager).await?;
        let changes = backend.estate.revision_difference(&actor, &manager, from, to).await?;
        let mut above = above(&view);
        above.push((link::revisions(&manager), "Revisions".into()));
        // Only what is in the newest revision has a page.
        let linked = (to == view.revision).then_some(&manager);
        let view = view! {
            <PageHead title=format!("From revision {from} to {to}") lead=summary(&changes) above/>
            {difference(linked, &changes)}
        };
        Ok(view.into_any())
    })
}

fn number(field: &str, text: Option<String>) -> Answer<i64> {
    let number = text.and_then(|text| text.parse().ok());
    number.ok_or_else(|| ServiceError::invalid(field, FormFlaw::NotARevision))
}

fn summary(changes: &[Change]) -> String {
    let volatile = changes.iter().filter(|change| change.volatile).count();
    match (changes.len() - volatile, volatile) {
        (0, 0) => "The two revisions are identical.".into(),
        (0, _) => "No settings changed, only values that vary in normal operation.".into(),
        (settings, 0) => format!("{}.", format::count(settings, "change")),
        (settings, volatile) => {
            let settings = format::count(settings, "change");
            format!("{settings}, and {volatile} in values that vary in normal operation.")
        }
    }
}

fn difference(linked: Option<&ManagerId>, changes: &[Change]) -> AnyView {
    const GROUPS: [(Nature, &str); 4] = [
        (Nature::Added, "Added"),
        (Nature::Removed, "Removed"),
        (Nature::Changed, "Changed"),
        (Nature::Unreadable, "Not readable this time"),
    ];
    let groups: Vec<_> = GROUPS
        .into_iter()
        .filter_map(|(nature, title)| {
            let of_group = changes
                .iter()
                .filter(|change| change.nature == nature && !change.volatile);
            let sentences = sentences(linked, &of_group.collect::<Vec<_>>())?;
            Some(view! { <section><h2>{title}</h2>{sentences}</section> })
        })
        .collect();
    let volatile: Vec<&Change> = changes.iter().filter(|change| change.volatile).collect();
    let count = volatile.len();
    let volatile = sentences(linked, &volatile).map(|sentences| {
        view! {
            <details class="fold" id="volatile">
                <summary>
                    {format::count(count, "change")} " of running state, location and free space, as in normal \
                        operation"
                </summary>
                {sentences}
            </details>
        }
    });
    view! { {groups} {volatile} }.into_any()
}

fn sentences(linked: Option<&ManagerId>, changes: &[&Change]) -> Option<AnyView> {
    let left = changes.len().saturating_sub(SHOWN);
    let items: Vec<_> = changes
        .iter()
        .take(SHOWN)
        .map(|change| {
            let sentence = change.sentence.clone();
            let there = linked.filter(|_| matches!(change.nature, Nature::Added | Nature::Changed));
            match there {
                Some(manager) => {
                    let address = link::first_look(manager, change.kind, &change.id);
                    view! { <li><a href=address>{sentence}</a></li> }.into_any()
                }
                None => view! { <li>{sentence}</li> }.into_any(),
            }
        })
        .collect();
    let left = (left > 0).then(|| view! { <li class="note">{format!("… and {left} more.")}</li> });
    (!changes.is_empty()).then(|| view! { <ul class="changes">{items} {left}</ul> }.into_any())
}
