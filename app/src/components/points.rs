//! Recovery points as rows.

use super::{Id, Status, Time, consistency_tone, point_status};
use crate::format;
use crate::link;
use crate::listing::{Column, plain, row_link};
use domain::point::PointSummary;
use leptos::prelude::*;

/// A few recovery points, newest first.
#[component]
pub fn PointTable(
    /// What they are.
    #[prop(into)]
    caption: String,
    /// The points.
    points: Vec<PointSummary>,
    /// Show which machine each is of.
    #[prop(default = true)]
    machine: bool,
) -> impl IntoView {
    let skipped = usize::from(!machine);
    let columns = point_columns().into_iter().skip(skipped).collect();
    plain(caption, columns, &points)
}

/// What a table says of a recovery point; first of which machine it is.
pub fn point_columns() -> Vec<Column<'static, PointSummary>> {
    let size = |point: &PointSummary| format::bytes(point.size_bytes).into_any();
    let stored = |point: &PointSummary| format::bytes(point.stored_bytes).into_any();
    vec![
        Column::new("machine", "VM", machine).by(|point: &PointSummary| point.subject.name.clone()),
        Column::new("taken", "Taken", taken).by(|point: &PointSummary| point.taken_at),
        Column::new("disks", "Disks", |point: &PointSummary| point.disks.into_any())
            .by(|point| point.disks)
            .number(),
        Column::new("size", "Size", size).by(|point| point.size_bytes).number(),
        Column::new("stored", "Stored", stored)
            .by(|point| point.stored_bytes)
            .number(),
        Column::new("consistency", "Consistency", consistency).by(|point| point.consistency.title()),
        Column::new("checked", "Integrity check", |point: &PointSummary| {
            point_status(point.damaged.is_some())
        })
        .by(|point| point.verified_at),
        Column::new("policy", "Policy", |point: &PointSummary| {
            point.policy.clone().into_any()
        })
        .by(|point| point.policy.clone()),
        Column::new("id", "ID", |point: &PointSummary| {
            view! { <Id id=point.point.as_str()/> }.into_any()
        })
        .by(|point| point.point.to_string()),
    ]
}

fn machine(point: &PointSummary) -> AnyView {
    view! { <a href=link::subject(&point.subject.at())>{point.subject.name.clone()}</a> }.into_any()
}

fn taken(point: &PointSummary) -> AnyView {
    let at = point.taken_at;
    let time = row_link(link::point(&point.point), view! { <Time at/> });
    view! { {time} <span class="under">{at.display()}</span> }.into_any()
}

fn consistency(point: &PointSummary) -> AnyView {
    let consistency = point.consistency;
    view! { <Status tone=consistency_tone(consistency) word=consistency.title()/> }.into_any()
}
