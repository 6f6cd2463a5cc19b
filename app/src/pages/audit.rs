//! The audit trail: who did what, when, to what, under which plan.

use crate::components::{Alert, Empty, PageHead, Search, Table, Time, Tone, page};
use crate::context;
use crate::link;
use domain::audit::AuditRow;
use domain::services::{AuditFilter, AuditPage};
use leptos::prelude::*;

/// A page of the trail, newest first.
#[component]
pub fn Audit() -> impl IntoView {
    let filter = AuditFilter {
        text: context::query("q"),
        before: context::query("before").and_then(|before| before.parse().ok()),
    };
    page(async move {
        let (actor, backend) = context::caller()?;
        let trail = backend.audit.page(&actor, &filter).await?;
        let chain = chain(trail.broken_at);
        let older = older(&filter, &trail);
        let rows: Vec<_> = trail.rows.into_iter().map(row).collect();
        let content = if rows.is_empty() {
            view! { <Empty><p>"No row fits. The trail begins with the first login."</p></Empty> }.into_any()
        } else {
            let columns = vec!["Number#", "When", "Who", "Event", "Subject", "Plan", "Detail", "From"];
            view! { <Table caption="Audit trail, newest first" columns>{rows}</Table> }.into_any()
        };
        let view = view! {
            <PageHead title="Audit" lead="Who did what, when, to what, under which plan. Rows are only ever added."/>
            {chain}
            <Search label="Find in actor, event, subject, plan hash or detail" query=filter.text/>
            {content}
            {older}
        };
        Ok(view.into_any())
    })
}

fn chain(broken_at: Option<i64>) -> AnyView {
    match broken_at {
        None => view! {
            <Alert tone=Tone::Good>"The chain is whole: every row fits the hash of the one before."</Alert>
        }
        .into_any(),
        Some(number) => view! {
            <Alert tone=Tone::Danger title="The trail was changed">
                "Row " {number} " does not fit the row before it. What comes after cannot be relied on; compare with a backup of the data base."
            </Alert>
        }
        .into_any(),
    }
}

fn row(row: AuditRow) -> AnyView {
    let event = row.event;
    let plan = event.plan_hash.map(|hash| {
        let short: String = hash.chars().take(12).collect();
        view! { <code title=hash>{short}</code> }
    });
    view! {
        <tr>
            <td data-label="Number" class="number">{row.seq}</td>
            <td data-label="When"><Time at=event.at/><span class="under">{event.at.display()}</span></td>
            <td data-label="Who">{event.actor}</td>
            <td data-label="Event"><code>{event.event}</code></td>
            <td data-label="Subject">{event.subject}</td>
            <td data-label="Plan">{plan}</td>
            <td data-label="Detail" class="prose">{event.detail}</td>
            <td data-label="From">{event.address}</td>
        </tr>
    }
    .into_any()
}

fn older(filter: &AuditFilter, trail: &AuditPage) -> Option<AnyView> {
    let last = trail.rows.last().filter(|_| trail.more)?;
    let mut address = link::with_query("/audit", "before", &last.seq.to_string());
    if let Some(text) = &filter.text {
        address = link::with_query(&address, "q", text);
    }
    Some(view! { <p><a class="button" href=address>"Older rows"</a></p> }.into_any())
}
