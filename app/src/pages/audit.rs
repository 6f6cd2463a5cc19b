//! The audit trail: who did what, when, to what, under which plan.

use crate::components::{Alert, Empty, PageHead, PlanLink, Time, Tone, page};
use crate::context;
use crate::link;
use crate::listing::{Column, Listing, Query};
use crate::say;
use domain::audit::AuditRow;
use domain::plan::PlanHash;
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
            view! { <Empty><p>"No matching entries."</p></Empty> }.into_any()
        } else {
            listing.table(trail.rows)
        };
        let view = view! {
            <PageHead title="Audit" lead="Who did what, when, to what, and under which plan. Entries can only be \
                added."/>
            {chain}
            {export()}
            {listing.controls("Search actor, event, subject, plan hash or detail")}
            {content}
        };
        Ok(view.into_any())
    })
}

fn chain(broken_at: Option<i64>) -> AnyView {
    match broken_at {
        None => view! {
            <Alert tone=Tone::Good>"The chain is intact: every entry matches the hash of the one before it."</Alert>
        }
        .into_any(),
        Some(number) => view! {
            <Alert tone=Tone::Danger title="The audit trail has been altered">
                "Entry " {number} " does not match the one before it. Nothing after it can be trusted; compare with a \
                    backup of the database."
            </Alert>
        }
        .into_any(),
    }
}

fn export() -> AnyView {
    view! {
        <p><a class="button" href=link::TRAIL>"Download the whole trail"</a></p>
        <p class="note">
            "One JSON entry per line, oldest first, with everything its hash covers; the README shows how to verify \
             the chain without Holdfast. The download itself is the last entry."
        </p>
    }
    .into_any()
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
        Column::new("subject", "Subject", subject).prose(),
        Column::new("plan", "Plan", plan),
        Column::new("detail", "Detail", |row: &AuditRow| {
            say::say(&row.event.detail).into_any()
        })
        .prose(),
        // Only logins and their failures have it.
        Column::new("from", "Address", |row: &AuditRow| row.event.address.clone().into_any()).on_demand(),
        Column::new("hash", "Entry hash", |row: &AuditRow| {
            view! { <code title=row.hash.clone()>{short(&row.hash)}</code> }.into_any()
        })
        .on_demand(),
    ]
}

fn subject(row: &AuditRow) -> AnyView {
    let words = row.event.subject.to_string();
    match link::audited(&row.event.subject) {
        Some(address) => view! { <a href=address>{words}</a> }.into_any(),
        None => words.into_any(),
    }
}

fn plan(row: &AuditRow) -> AnyView {
    let hash = row.event.plan_hash.clone().map(PlanHash::new);
    hash.map(|hash| view! { <PlanLink hash/> }).into_any()
}

fn short(hash: &str) -> String {
    hash.chars().take(12).collect()
}

fn older(trail: &AuditPage) -> Option<String> {
    let last = trail.rows.last().filter(|_| trail.more)?;
    Some(last.seq.to_string())
}
