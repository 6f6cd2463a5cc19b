//! The audit trail: who did what, when, to what, under which plan.

use crate::components::{Alert, Empty, PageHead, Time, Tone, page};
use crate::context;
use crate::listing::{Column, Listing, Query};
use domain::audit::AuditRow;
use domain::services::{AuditFilter, AuditPage};
use leptos::prelude::*;

/// A page of the trail, newest first.
#[component]
pub fn Audit() -> impl IntoView {
    let query = Query::of(&context::requested(), &[]);
    let filter = AuditFilter {
        text: query.text.clone(),
        before: query.before.as_ref().and_then(|before| before.parse().ok()),
    };
    page(async move {
        let (actor, backend) = context::caller()?;
        let trail = backend.audit.page(&actor, &filter).await?;
        let chain = chain(trail.broken_at);
        let listing = Listing::new(query, "row", columns())
            .paged_elsewhere()
            .going_on_at(older(&trail));
        let content = if trail.rows.is_empty() {
            view! { <Empty><p>"No row fits. The trail begins with the first login."</p></Empty> }.into_any()
        } else {
            listing.table(trail.rows)
        };
        let view = view! {
            <PageHead title="Audit" lead="Who did what, when, to what, under which plan. Rows are only ever added."/>
            {chain}
            {listing.controls("Find in actor, event, subject, plan hash or detail")}
            {content}
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

fn columns() -> Vec<Column<'static, AuditRow>> {
    vec![
        Column::new("number", "Number", |row: &AuditRow| row.seq.into_any()).number(),
        Column::new("when", "When", |row: &AuditRow| {
            let at = row.event.at;
            view! { <Time at/><span class="under">{at.display()}</span> }.into_any()
        }),
        Column::new("who", "Who", |row: &AuditRow| row.event.actor.clone().into_any()),
        Column::new("event", "Event", |row: &AuditRow| {
            view! { <code class="whole">{row.event.event.clone()}</code> }.into_any()
        }),
        Column::new("subject", "Subject", |row: &AuditRow| {
            row.event.subject.clone().into_any()
        })
        .prose(),
        Column::new("plan", "Plan", plan),
        Column::new("detail", "Detail", |row: &AuditRow| row.event.detail.clone().into_any()).prose(),
        Column::new("from", "From", |row: &AuditRow| row.event.address.clone().into_any()),
        Column::new("hash", "Hash of the row", |row: &AuditRow| {
            view! { <code title=row.hash.clone()>{short(&row.hash)}</code> }.into_any()
        })
        .on_demand(),
    ]
}

fn plan(row: &AuditRow) -> AnyView {
    let hash = row.event.plan_hash.clone();
    hash.map(|hash| view! { <code title=hash.clone()>{short(&hash)}</code> })
        .into_any()
}

fn short(hash: &str) -> String {
    hash.chars().take(12).collect()
}

fn older(trail: &AuditPage) -> Option<String> {
    let last = trail.rows.last().filter(|_| trail.more)?;
    Some(last.seq.to_string())
}
