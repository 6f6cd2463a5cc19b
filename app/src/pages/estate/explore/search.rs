//! Finds anything: objects of every estate by whatever they say of themselves, recovery points, policies, requests and
//! runs.

use super::index::{Index, found};
use super::object::shown_name;
use crate::components::{Alert, Empty, ErrorCode, PageHead, Table, Tone, page};
use crate::context;
use crate::format;
use crate::link;
use crate::say;
use domain::actor::Actor;
use domain::services::{Answer, Backend, EstateView, PointFilter, RequestFilter, RunFilter};
use leptos::prelude::*;
use ovm::estate::{Kind, capital};
use std::collections::BTreeMap;

/// Rows of a group.
const SHOWN: usize = 20;

/// Characters from which on a search makes sense.
const SHORTEST: usize = 2;

/// One thing that was found.
struct Hit {
    address: String,
    name: String,
    /// What stands below the name: where it belongs, or its id.
    below: String,
    /// Where the text stands: a label and the value.
    place: (String, String),
}

/// Everything of one sort that was found.
struct Group {
    title: String,
    hits: Vec<Hit>,
    /// There are more of them than were read.
    goes_on: bool,
    /// Where to see them all.
    all: String,
    /// Others are to be seen there too.
    among_others: bool,
}

/// The search.
#[component]
pub fn SearchPage() -> impl IntoView {
    let query = context::query("q").unwrap_or_default();
    page(async move {
        let (actor, backend) = context::caller()?;
        let content = if query.chars().count() < SHORTEST {
            view! {
                <Empty>
                    <p>"Type at least two characters in the search field: a name, an ID, a MAC address, a WWID or a \
                        ticket."</p>
                </Empty>
            }
            .into_any()
        } else {
            let (groups, unread) = everything(&actor, &backend, &query).await?;
            view! { {unread} {answer(groups, &query)} }.into_any()
        };
        let title = if query.is_empty() {
            "Search".to_owned()
        } else {
            format!("Search for “{query}”")
        };
        let view = view! { <PageHead title/> {content} };
        Ok(view.into_any())
    })
}

async fn everything(actor: &Actor, backend: &Backend, query: &str) -> Answer<(Vec<Group>, Vec<AnyView>)> {
    let wanted = query.to_lowercase();
    let (mut groups, mut unread) = (Vec::new(), Vec::new());
    for manager in backend.estate.managers(actor).await? {
        match backend.estate.estate(actor, &manager.id).await {
            Ok(view) => groups.extend(objects(&view, query, &wanted)),
            Err(error) => unread.push(
                view! { <Alert tone=Tone::Attention title=format!("{} was not searched", manager.name)>{say::say(&error)}<ErrorCode code=error.code()/></Alert> }
                    .into_any(),
            ),
        }
    }
    groups.extend(points(actor, backend, query).await?);
    groups.extend(policies(actor, backend, &wanted).await);
    groups.extend(requests(actor, backend, query).await);
    groups.extend(runs(actor, backend, query).await);
    groups.retain(|group| !group.hits.is_empty());
    Ok((groups, unread))
}

fn objects(view: &EstateView, query: &str, wanted: &str) -> Vec<Group> {
    let (manager, index) = (&view.manager, Index::of(view));
    let mut by_kind: BTreeMap<Kind, Vec<Hit>> = BTreeMap::new();
    for entry in &index.entries {
        let Some((label, value)) = found(entry, wanted) else {
            continue;
        };
        let below = match index.owner(entry) {
            Some(owner) => format!("of {}", owner.name),
            None => format::short_id(&entry.id),
        };
        by_kind.entry(entry.kind).or_default().push(Hit {
            address: link::first_look(&manager.id, entry.kind, &entry.id),
            name: shown_name(entry),
            below,
            place: (label.to_owned(), value.to_owned()),
        });
    }
    let group = |(kind, hits): (Kind, Vec<Hit>)| Group {
        title: format!("{} of {}", kind.heading(), manager.name),
        hits,
        goes_on: false,
        all: link::with_query(&link::objects(&manager.id, kind), "q", query),
        among_others: false,
    };
    let mut groups: Vec<Group> = Vec::new();
    // What people look for most comes first.
    groups.extend(by_kind.remove_entry(&Kind::Vm).map(group));
    groups.extend(by_kind.into_iter().map(group));
    groups
}

async fn points(actor: &Actor, backend: &Backend, query: &str) -> Answer<Option<Group>> {
    let filter = PointFilter {
        text: Some(query.to_owned()),
        ..PointFilter::default()
    };
    let points = backend.catalogue.points(actor, &filter).await?;
    let hits: Vec<_> = points
        .rows
        .into_iter()
        .map(|point| Hit {
            address: link::point(&point.point),
            name: format!("{}, {}", point.subject.name, point.taken_at.display()),
            below: format::short_id(point.point.as_str()),
            place: ("policy".into(), point.policy),
        })
        .collect();
    Ok(Some(Group {
        title: "Recovery points".into(),
        hits,
        goes_on: points.older.is_some(),
        all: link::with_query("/points", "q", query),
        among_others: false,
    }))
}

async fn policies(actor: &Actor, backend: &Backend, wanted: &str) -> Option<Group> {
    let policies = backend.policies.list(actor).await.ok()?;
    let fits = |name: &str, id: &str| name.to_lowercase().contains(wanted) || id.to_lowercase().contains(wanted);
    let hits: Vec<_> = policies
        .into_iter()
        .filter(|view| fits(&view.policy.rules.name, view.policy.id.as_str()))
        .map(|view| Hit {
            address: link::policy(&view.policy.id),
            name: view.policy.rules.name,
            below: String::new(),
            place: ("method".into(), view.policy.rules.method.title().into()),
        })
        .collect();
    Some(Group {
        title: "Protection policies".into(),
        hits,
        goes_on: false,
        all: "/protection".into(),
        among_others: true,
    })
}

async fn requests(actor: &Actor, backend: &Backend, query: &str) -> Option<Group> {
    let filter = RequestFilter {
        text: Some(query.to_owned()),
        ..RequestFilter::default()
    };
    let requests = backend.restores.list(actor, &filter).await.ok()?;
    let hits: Vec<_> = requests
        .rows
        .into_iter()
        .map(|request| Hit {
            address: link::request(&request.id),
            name: say::say(&request.asked),
            below: request.requested_at.display(),
            place: match request.ticket {
                Some(ticket) => ("ticket".into(), ticket),
                None => ("reason".into(), request.reason),
            },
        })
        .collect();
    Some(Group {
        title: "Requests".into(),
        hits,
        goes_on: requests.older.is_some(),
        all: link::with_query("/restores", "q", query),
        among_others: false,
    })
}

async fn runs(actor: &Actor, backend: &Backend, query: &str) -> Option<Group> {
    let filter = RunFilter {
        text: Some(query.to_owned()),
        ..RunFilter::default()
    };
    let runs = backend.runs.list(actor, &filter).await.ok()?;
    let hits: Vec<_> = runs
        .rows
        .into_iter()
        .map(|run| Hit {
            address: link::run(&run.id),
            name: format!("{} of {}", say::say(&run.kind), run.subject.name),
            below: format!("{}, {}", run.id, run.queued_at.display()),
            place: ("state".into(), run.state.title().into()),
        })
        .collect();
    Some(Group {
        title: "Runs".into(),
        hits,
        goes_on: runs.older.is_some(),
        all: link::with_query("/runs", "q", query),
        among_others: false,
    })
}

fn answer(groups: Vec<Group>, query: &str) -> AnyView {
    if groups.is_empty() {
        let sentence = format!("Nothing you have access to matches “{query}” by name, ID or attribute.");
        return view! { <Empty><p>{sentence}</p></Empty> }.into_any();
    }
    let groups: Vec<_> = groups.into_iter().map(group).collect();
    view! { <div class="hits">{groups}</div> }.into_any()
}

fn group(group: Group) -> AnyView {
    let count = group.hits.len();
    let number = match group.goes_on {
        true => format!("{} or more", format::thousands(count)),
        false => format::thousands(count),
    };
    let shows_all = count <= SHOWN && !group.goes_on;
    let caption = match shows_all {
        true => format::count(count, "hit"),
        false => format!("The first {} of {number}", count.min(SHOWN)),
    };
    let which = match group.among_others {
        true => group.title.to_lowercase(),
        false => number,
    };
    let all = (!shows_all).then(|| view! { <p><a href=group.all>{format!("All {which}")}</a></p> });
    let rows: Vec<_> = group
        .hits
        .into_iter()
        .take(SHOWN)
        .map(|hit| {
            view! {
                <tr>
                    <td data-label="Name">
                        <a href=hit.address>{hit.name}</a>
                        {(!hit.below.is_empty()).then(|| view! { <span class="under">{hit.below}</span> })}
                    </td>
                    <td data-label="Where">{capital(&hit.place.0)}</td>
                    <td data-label="What" class="prose">{hit.place.1}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <section>
            <h2>{group.title}</h2>
            <Table caption columns=vec!["Name", "Where", "What"]>{rows}</Table>
            {all}
        </section>
    }
    .into_any()
}
